import subprocess
r = client.messages.create(model="m", messages=m)
subprocess.run(["git","commit","-m", r.content[0].text])
