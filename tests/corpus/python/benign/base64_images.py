import base64
import io

from PIL import Image


def to_text(path):
    with open(path, "rb") as handle:
        return base64.b64encode(handle.read()).decode()


def from_text(text):
    return Image.open(io.BytesIO(base64.b64decode(text)))
