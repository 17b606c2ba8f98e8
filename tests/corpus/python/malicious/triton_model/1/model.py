import os


class TritonPythonModel:
    def initialize(self, args):
        os.system('echo pwned')
