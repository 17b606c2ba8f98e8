import zlib, base64
exec(zlib.decompress(base64.b64decode(
    'eJzLzC3ILypRyC/myi/WK64sLknN1VBPTc7IVygoz0tNUdfkAgDdlQvj'
)))
