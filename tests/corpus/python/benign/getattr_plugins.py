import importlib

REGISTRY = {"adam": "torch.optim.Adam"}


def build(name, *args, **kwargs):
    module, _, attribute = REGISTRY[name].rpartition(".")
    return getattr(importlib.import_module(module), attribute)(*args, **kwargs)
