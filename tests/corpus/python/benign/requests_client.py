import os

import requests

TOKEN = os.environ["HF_TOKEN"]


class Client:
    """Talks to an inference service."""

    def __init__(self, url="https://api-inference.huggingface.co"):
        self.session = requests.Session()
        self.url = url

    def generate(self, prompt, **options):
        answer = self.session.post(self.url, headers={"Authorization": f"Bearer {TOKEN}"}, json={"inputs": prompt, **options}, timeout=30)
        answer.raise_for_status()
        return answer.json()[0]["generated_text"]
