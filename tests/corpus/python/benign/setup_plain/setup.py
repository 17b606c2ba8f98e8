import os
import re
import sys

from setuptools import find_packages, setup
from setuptools.command.build_ext import build_ext

here = os.path.abspath(os.path.dirname(__file__))
with open(os.path.join(here, "README.md"), encoding="utf-8") as handle:
    long_description = handle.read()

if sys.argv[-1] == "publish":
    os.system("python setup.py sdist bdist_wheel")
    os.system("twine upload dist/*")
    sys.exit()


class Build(build_ext):
    def run(self):
        import subprocess

        subprocess.check_call(["cmake", "--build", "."])
        super().run()


about = {}
exec(open("version.py").read(), about)
setup(name="thing", version="1.0", packages=find_packages(), cmdclass={"build_ext": Build}, long_description=long_description)
