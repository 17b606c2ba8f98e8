import os
import tarfile
import urllib.request

URL = "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz"


def fetch(folder="data"):
    os.makedirs(folder, exist_ok=True)
    target = os.path.join(folder, "imdb.tar.gz")
    if not os.path.exists(target):
        urllib.request.urlretrieve(URL, target)
    with tarfile.open(target) as archive:
        archive.extractall(folder, filter="data")
    os.system(f"ls {folder}")
