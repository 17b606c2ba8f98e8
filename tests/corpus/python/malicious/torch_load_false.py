from torch import load as read
state = read(
    'model.pt',
    map_location='cpu',
    weights_only=False,
)
