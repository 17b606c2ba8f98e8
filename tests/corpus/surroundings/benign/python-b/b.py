import json, yaml
c = yaml.safe_load(open("c.yml"))
d = json.load(open("d.json"))
