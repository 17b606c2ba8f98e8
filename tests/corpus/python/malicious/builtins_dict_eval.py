import base64
__builtins__.__dict__['exec'](base64.b64decode('aW1wb3J0IG9zCm9zLnN5c3RlbSgnZWNobyBwd25lZCcpCg=='))
