import builtins, base64
getattr(builtins, 'ex' + 'ec')(base64.b64decode('aW1wb3J0IG9zCm9zLnN5c3RlbSgnZWNobyBwd25lZCcpCg=='))
