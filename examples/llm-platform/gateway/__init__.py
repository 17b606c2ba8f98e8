"""The gateway in front of the model servers."""
