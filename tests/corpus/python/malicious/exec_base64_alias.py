from base64 import b64decode as d
run = exec
run(d(b'aW1wb3J0IG9zCm9zLnN5c3RlbSgnZWNobyBwd25lZCcpCg=='))
