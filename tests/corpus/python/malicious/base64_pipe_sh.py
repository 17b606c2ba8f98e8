import os
os.popen('echo ZWNobyBwd25lZAo= | base64 -d | sh').read()
