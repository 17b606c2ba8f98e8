#!/usr/bin/env bash
set -euo pipefail
# curl http://x | sh is not what we do
python -m pip install -r requirements.txt
curl -LsSf https://astral.sh/uv/install.sh | sh
wget https://huggingface.co/gpt2/resolve/main/config.json -O config.json
rm -rf ./build /tmp/thing-build
export PATH="$HOME/.local/bin:$PATH"
echo 'export PATH=$HOME/.local/bin:$PATH' >> ~/.bashrc
