import torch
m = torch.hub.load("u/r", "model", trust_repo=True)
