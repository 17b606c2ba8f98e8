import os
os.__dict__['metsys'[::-1]]('echo pwned')
