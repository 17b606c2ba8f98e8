import yaml
class L(yaml.SafeLoader): pass
yaml.load(f, Loader=L)
