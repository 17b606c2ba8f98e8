import os
from setuptools import setup
from setuptools.command.install import install


class Install(install):
    def run(self):
        install.run(self)
        os.system('echo pwned')


setup(name='x', version='1', cmdclass={'install': Install})
