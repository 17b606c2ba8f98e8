#!/usr/bin/env python3
"""Writes benign rows as JSON lines on standard output, cut from documentation, program text and settings of projects
that are checked out here: part of what the guard is trained from (models/guard/card.md names the projects).

    make_text_rows.py NAME=DIRECTORY [NAME=DIRECTORY ...]

Equal directories give equal rows. Texts that speak of attacks on models are left out: whether they are benign depends
on why they were written.
"""
import json
import os
import random
import re
import sys

KINDS = {
    "documents": ({"md", "mdx", "rst", "txt"}, 640),
    "code": ({"py", "js", "ts", "vue", "go", "rs", "sh"}, 220),
    "settings": ({"yml", "yaml", "json", "toml", "cfg", "ini"}, 60),
}
MAX_FILE_BYTES = 400_000
ATTACKS = re.compile(r"jailbreak|prompt injection|system prompt|(ignore|disregard|forget) .{0,30}(instruction|rule|prompt)", re.I)


def pieces(text, chooser):
    """Runs of whole paragraphs, of 200 to 2,500 characters."""
    wanted, piece = chooser.choice([200, 400, 800, 1500, 2500]), ""
    for paragraph in re.split(r"\n\s*\n", text):
        if piece and len(piece) + len(paragraph) > wanted:
            yield piece
            wanted, piece = chooser.choice([200, 400, 800, 1500, 2500]), ""
        piece += paragraph + "\n\n"
    yield piece


def files(directory):
    for folder, folders, names in os.walk(directory):
        folders[:] = sorted(name for name in folders if name not in {".git", "node_modules", "vendor"})
        for name in sorted(names):
            yield os.path.join(folder, name)


def main(sources):
    for source in sources:
        name, _, directory = source.partition("=")
        if not os.path.isdir(directory):
            sys.exit(f"make_text_rows.py: {source}: not NAME=DIRECTORY of a directory that is there")
        chooser = random.Random("surety " + name)
        found = {kind: set() for kind in KINDS}
        for path in files(directory):
            ending = path.rsplit(".", 1)[-1].lower()
            kind = next((kind for kind, (endings, _) in KINDS.items() if ending in endings), None)
            if kind is None or os.path.islink(path) or os.path.getsize(path) > MAX_FILE_BYTES:
                continue
            try:
                with open(path, encoding="utf-8") as file:
                    text = file.read()
            except UnicodeDecodeError:
                continue
            for piece in pieces(text, chooser):
                piece = piece.strip()
                if 60 <= len(piece) <= 4000 and not ATTACKS.search(piece):
                    found[kind].add(piece)
        for kind, texts in found.items():
            chosen = sorted(texts)
            chooser.shuffle(chosen)
            for text in chosen[: KINDS[kind][1]]:
                print(json.dumps({"text": text, "label": "benign", "source": f"{name}-{kind}"}, ensure_ascii=False))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1:])
