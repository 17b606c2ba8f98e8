import os

MODEL = 'small'
API_KEY = "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"
