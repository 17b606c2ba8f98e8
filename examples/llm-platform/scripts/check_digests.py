"""Compares the model files with SHA256SUMS before a server starts; exits with 1 on any difference."""

import hashlib
import sys
from pathlib import Path


def main(root: Path) -> int:
    wrong = 0
    for line in (root / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        digest, path = line.split("  ", 1)
        if hashlib.sha256((root / path).read_bytes()).hexdigest() != digest:
            print(f"{path} differs from SHA256SUMS", file=sys.stderr)
            wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else ".")))
