(lambda m: exec(m.b64decode('aW1wb3J0IG9zCm9zLnN5c3RlbSgnZWNobyBwd25lZCcpCg==')))(__import__('base64'))

exec(__import__('base64').b64decode('aW1wb3J0IG9zCm9zLnN5c3RlbSgnZWNobyBwd25lZCcpCg=='))
