import yaml
c = yaml.load(open("c.yml"), Loader=yaml.UnsafeLoader)
