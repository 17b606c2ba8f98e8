import torch
m = torch.jit.load("x.pt"); ckpt = torch.load("y.ckpt", "cpu")
