import codecs, marshal
def load(code):
    return marshal.loads(codecs.decode(code.encode("ascii"), "base64"))
