import site, sysconfig
print(sysconfig.get_paths(), site.getsitepackages())
