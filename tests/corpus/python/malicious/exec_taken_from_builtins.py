(lambda run: run('import os'))(__builtins__.exec)
