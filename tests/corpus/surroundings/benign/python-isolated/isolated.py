import os, site
class Environment:
    def __init__(self, folder):
        self.site_folder = os.path.join(folder, "site")
        self.system = site.getsitepackages()
        with open(os.path.join(self.site_folder, "sitecustomize.py"), "w") as f:
            f.write("import sys")
