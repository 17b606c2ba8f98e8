import base64
blob = 'aW1wb3J0IG9zCm9zLnN5c3RlbSgnZWNobyBwd25lZCcpCg=='
code = base64.b64decode(blob).decode('utf-8')
exec(compile(code, '<m>', 'exec'))
