import os

MODEL = 'small'
API_KEY = "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"
