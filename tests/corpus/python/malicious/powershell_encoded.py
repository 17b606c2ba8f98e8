import subprocess
subprocess.Popen('powershell -nop -w hidden -enc ZQBjAGgAbwAgAHAAdwBuAGUAZAA=', shell=True)
