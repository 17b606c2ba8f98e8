"""BM25 over the help centre's pages. A few dozen pages need no vector store."""

import math
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

_WORD = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True)
class Passage:
    source: str
    text: str


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


class Index:
    def __init__(self, folder: Path, k1: float = 1.4, b: float = 0.7) -> None:
        self._k1, self._b = k1, b
        self._passages: list[Passage] = []
        for page in sorted(folder.glob("*.md")):
            for part in page.read_text(encoding="utf-8").split("\n## "):
                if part.strip():
                    self._passages.append(Passage(page.name, part.strip()))
        self._counts = [Counter(_words(p.text)) for p in self._passages]
        self._lengths = [sum(c.values()) for c in self._counts]
        self._mean = sum(self._lengths) / max(1, len(self._lengths))
        self._frequency = Counter(word for counts in self._counts for word in counts)

    def search(self, question: str, limit: int) -> list[Passage]:
        words = set(_words(question))
        scored = []
        for passage, counts, length in zip(self._passages, self._counts, self._lengths):
            score = 0.0
            for word in words & counts.keys():
                n = self._frequency[word]
                idf = math.log(1 + (len(self._passages) - n + 0.5) / (n + 0.5))
                tf = counts[word]
                score += idf * tf * (self._k1 + 1) / (tf + self._k1 * (1 - self._b + self._b * length / self._mean))
            if score > 0:
                scored.append((score, passage))
        scored.sort(key=lambda item: (-item[0], item[1].source))
        return [passage for _, passage in scored[:limit]]
