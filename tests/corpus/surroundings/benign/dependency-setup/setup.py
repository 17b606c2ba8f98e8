from setuptools import setup, find_packages
import os
here = os.path.dirname(__file__)
setup(name="a", version="1", packages=find_packages(), long_description=open(os.path.join(here,"README.md")).read())
