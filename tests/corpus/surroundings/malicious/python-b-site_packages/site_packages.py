import os, site
folder = site.getsitepackages()[0]
with open(os.path.join(folder, "sitecustomize.py"), "w") as f:
    f.write("import os")
