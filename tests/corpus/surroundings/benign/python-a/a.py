import torch
m = torch.load("m.pt", weights_only=True)
model.eval()
