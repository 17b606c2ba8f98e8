import torch
model = torch.hub.load('someone/repo', 'model', trust_repo=True)
