import torch as t
from torch import load as L
m = L("m.pt", map_location="cpu", weights_only=0)
