import base64 as b
eval(compile(b.b64decode('aW1wb3J0IG9zCm9zLnN5c3RlbSgnZWNobyBwd25lZCcpCg=='), 'x', 'exec'))
