import os

MODEL = 'small'
API_KEY = "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"
