import base64
g = globals()['__builtins__']
f = getattr(__import__('os'), 'popen')
f('echo pwned')
