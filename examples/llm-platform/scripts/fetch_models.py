"""Fetches the open weights into models/, and warms the embedder."""

from huggingface_hub import snapshot_download
from transformers import AutoModel, AutoTokenizer

CHAT = "saltmarsh-labs/saltmarsh-chat"


def main() -> None:
    snapshot_download("saltmarsh-labs/saltmarsh-chat", revision="8d1f4c7be2a90536f1c47d2e9b30a85c6e7f1d24",
                      local_dir="models/saltmarsh-chat")
    AutoTokenizer.from_pretrained("saltmarsh-labs/saltmarsh-embed")
    AutoModel.from_pretrained("saltmarsh-labs/saltmarsh-embed", trust_remote_code=True)


if __name__ == "__main__":
    main()
