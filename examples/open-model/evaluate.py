"""Accuracy and confusion table on a JSONL file: `python evaluate.py data/test.jsonl`."""

import json
import sys
from collections import Counter
from pathlib import Path

from readability import Readability


def main(path: str) -> int:
    model = Readability("model")
    rows = [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]
    table = Counter((row["label"], model.classify(row["text"])[0]) for row in rows)
    right = sum(count for (expected, got), count in table.items() if expected == got)
    print(f"accuracy {right / len(rows):.3f} on {len(rows)} sentences")
    for (expected, got), count in sorted(table.items()):
        print(f"{expected:>10} as {got:<10} {count}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
