import marshal, types
code = marshal.loads(b'\xe3\x00\x00\x00\x00')
types.FunctionType(code, globals())()
