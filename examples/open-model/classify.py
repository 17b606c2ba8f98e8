"""Classifies each line of standard input: `python classify.py < text.txt`."""

import sys

from readability import Readability, UnsuitableText


def main() -> int:
    model = Readability("model")
    for line in sys.stdin:
        try:
            label, probability = model.classify(line.strip())
        except UnsuitableText as why:
            print(f"skipped: {why}", file=sys.stderr)
            continue
        print(f"{label}\t{probability:.2f}\t{line.strip()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
