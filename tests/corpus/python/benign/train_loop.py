"""A training loop of the usual kind."""
import argparse
import os

import torch
from torch import nn
from torch.utils.data import DataLoader


class Net(nn.Module):
    def __init__(self, width: int = 128):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(784, width), nn.ReLU(), nn.Linear(width, 10))

    def forward(self, x):
        return self.layers(x.flatten(1))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=3)
    args = parser.parse_args()
    model = Net()
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3)
    for epoch in range(args.epochs):
        model.train()
        optimiser.zero_grad()
    model.eval()
    torch.save(model.state_dict(), os.path.join("out", "model.pt"))
    model.load_state_dict(torch.load("out/model.pt", weights_only=True))


if __name__ == "__main__":
    main()
