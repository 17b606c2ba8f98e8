import json
import pickle

import numpy as np
import torch
import yaml

config = yaml.safe_load(open("config.yaml"))
other = yaml.load(open("other.yaml"), Loader=yaml.SafeLoader)
array = np.load("array.npy")
weights = torch.load("model.pt", map_location="cpu", weights_only=True)
copied = pickle.loads(pickle.dumps(config))
values = json.loads('{"a": 1}')
