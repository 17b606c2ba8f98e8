import marshal, base64
def load(code):
    return marshal.loads(base64.b64decode(code))
