import torch
m = torch.load("m.pt", weights_only=False)
