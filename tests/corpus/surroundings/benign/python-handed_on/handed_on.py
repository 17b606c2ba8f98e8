import yaml
def read(stream, loader):
    return yaml.load(stream, loader)
