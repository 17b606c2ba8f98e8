from torch import load
state = load(path)
