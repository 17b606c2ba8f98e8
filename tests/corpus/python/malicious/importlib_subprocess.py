import importlib
importlib.import_module('subpro' + 'cess').call(['echo', 'pwned'])
