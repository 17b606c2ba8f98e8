"""How hard is this sentence to read? Counts of character trigrams and one linear layer.

Needs numpy and safetensors only:

    from readability import Readability
    model = Readability("model")
    model.classify("Put your recycling out on Monday.")   # ("plain", 0.98)
"""

import hashlib
import json
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

MAX_CHARACTERS = 2000


class UnsuitableText(ValueError):
    """The text is empty or longer than what the model was evaluated on."""


class Readability:
    def __init__(self, folder: str | Path) -> None:
        folder = Path(folder)
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        if config.get("model_type") != "trigram-readability":
            raise ValueError(f"{folder} holds another kind of model")
        tensors = load_file(folder / "model.safetensors")
        self.classes: list[str] = config["classes"]
        self._buckets: int = config["buckets"]
        self._weight = tensors["classifier.weight"].astype(np.float32)
        self._bias = tensors["classifier.bias"].astype(np.float32)
        if self._weight.shape != (len(self.classes), self._buckets):
            raise ValueError("config.json and model.safetensors do not belong together")

    def features(self, text: str) -> np.ndarray:
        counts = np.zeros(self._buckets, dtype=np.float32)
        padded = f"  {text.lower()} "
        for i in range(len(padded) - 2):
            digest = hashlib.blake2b(padded[i:i + 3].encode(), digest_size=4).digest()
            counts[int.from_bytes(digest, "little") % self._buckets] += 1
        return counts / max(1.0, float(counts.sum()))

    def classify(self, text: str) -> tuple[str, float]:
        """The class and its probability. Raises UnsuitableText."""
        if not text.strip() or len(text) > MAX_CHARACTERS:
            raise UnsuitableText(f"between 1 and {MAX_CHARACTERS} characters")
        scores = self._weight @ self.features(text) + self._bias
        scores = np.exp(scores - scores.max())
        best = int(scores.argmax())
        return self.classes[best], float(scores[best] / scores.sum())
