import yaml
yaml.load(s, Loader=yaml.Loader)
