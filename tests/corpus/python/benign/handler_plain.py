import json
import logging
import os

import torch
from ts.torch_handler.base_handler import BaseHandler

logger = logging.getLogger(__name__)


class Handler(BaseHandler):
    def initialize(self, context):
        properties = context.system_properties
        folder = properties.get("model_dir")
        self.device = torch.device("cuda:0" if torch.cuda.is_available() else "cpu")
        with open(os.path.join(folder, "index_to_name.json")) as handle:
            self.mapping = json.load(handle)

    def postprocess(self, data):
        return [self.mapping[str(i)] for i in data.argmax(1).tolist()]
