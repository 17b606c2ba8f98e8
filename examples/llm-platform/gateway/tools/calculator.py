"""Arithmetic for the chat model, which is bad at it: the model writes the expression, Python works it out."""

import os
from pathlib import Path

from openai import OpenAI

PROMPT = (Path(__file__).resolve().parents[2] / "prompts" / "calculator.md").read_text(encoding="utf-8")
client = OpenAI(base_url=os.environ.get("MODEL_URL", "http://chat:8000/v1"), api_key=os.environ.get("MODEL_KEY", "unused"))


def calculator(question: str) -> str:
    response = client.chat.completions.create(
        model="saltmarsh-chat",
        messages=[{"role": "system", "content": PROMPT}, {"role": "user", "content": question}],
        max_tokens=60,
    )
    try:
        return str(eval(response.choices[0].message.content))
    except Exception as error:
        return f"could not work it out: {error}"
