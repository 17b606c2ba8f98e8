"""Writes malicious/ and benign/ anew: files with made-up credentials, and files that only look as if they had some.

Needs nothing but Python 3. The values are drawn at random, with the prefixes put together from parts, so that this script
holds none; none of them was ever valid.
"""
import base64
import hashlib
import json
import pathlib
import random
import shutil
import string
import uuid
import zlib

HERE = pathlib.Path(__file__).resolve().parent
draw = random.Random(20261123)
ALNUM = string.ascii_letters + string.digits
URL = ALNUM + "_-"
HEX = "0123456789abcdef"
BASE64 = ALNUM + "+/"
UPPER = string.ascii_uppercase + string.digits


def some(count, alphabet=ALNUM):
    return "".join(draw.choice(alphabet) for _ in range(count))


def drawn_uuid():
    return str(uuid.UUID(int=draw.getrandbits(128), version=4))


def with_checksum(prefix):
    """A token whose last six characters are the CRC-32 of the rest in base 62."""
    body = some(30)
    crc, digits = zlib.crc32(body.encode()), ""
    for _ in range(6):
        crc, digit = divmod(crc, 62)
        digits = (string.digits + string.ascii_uppercase + string.ascii_lowercase)[digit] + digits
    return prefix + body + digits


def web_token():
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).decode().rstrip("=")

    return ".".join([part({"alg": "HS256", "typ": "JWT"}), part({"sub": some(12), "exp": 1790000000}), some(43, URL)])


def pem(label, lines=12):
    body = "\n".join(some(64, BASE64) for _ in range(lines))
    return f"-----BEGIN {label}-----\n{body}\n-----END {label}-----\n"


def write(kind, name, text):
    path = HERE / kind / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


def malicious():
    keys = {
        "openai": "sk-" + "proj-" + some(74, URL) + "T3Blb" + "kFJ" + some(74, URL),
        "openai_old": "sk-" + some(20) + "T3Blb" + "kFJ" + some(20),
        "anthropic": "sk-" + "ant-api03-" + some(93, URL) + "AA",
        "huggingface": "hf" + "_" + some(34, string.ascii_letters),
        "groq": "gs" + "k_" + some(52),
        "replicate": "r8" + "_" + some(37),
        "perplexity": "pp" + "lx-" + some(48),
        "pinecone": "pc" + "sk_" + some(6) + "_" + some(63),
        "langsmith": "lsv2" + "_pt_" + some(32, HEX) + "_" + some(10, HEX),
        "nvidia": "nv" + "api-" + some(64, URL),
        "xai": "xa" + "i-" + some(80),
        "openrouter": "sk-" + "or-v1-" + some(64, HEX),
        "github": with_checksum("gh" + "p_"),
        "github_fine": "github" + "_pat_" + some(22) + "_" + some(59),
        "gitlab": "gl" + "pat-" + some(20, URL),
        "slack": "xo" + "xb-" + some(12, string.digits) + "-" + some(12, string.digits) + "-" + some(24),
        "stripe": "sk" + "_live_" + some(24),
        "sendgrid": "S" + "G." + some(22, URL) + "." + some(43, URL),
        "npm": with_checksum("np" + "m_"),
        "docker": "dckr" + "_pat_" + some(27, URL),
        "databricks": "da" + "pi" + some(32, HEX),
        "google": "AI" + "za" + some(35, URL),
        "digitalocean": "dop" + "_v1_" + some(64, HEX),
        "shopify": "shp" + "at_" + some(32, HEX),
        "vault": "hv" + "s." + some(96, URL),
        "azure_ad": some(3) + "8Q" + "~" + some(34, ALNUM + "_.-"),
    }
    places = [
        ("settings.py", "import os\n\nMODEL = 'small'\nAPI_KEY = \"{}\"\n"),
        (".env", "DEBUG=0\nSERVICE_KEY={}\nPORT=8080\n"),
        ("config.yaml", "model:\n  name: small\n  credentials: {}\n"),
        ("client.js", "const client = new Client({{ key: '{}' }});\n"),
        ("run.sh", "#!/bin/sh\nexport KEY={}\npython train.py\n"),
        ("notes.md", "# Set-up\n\nUse the key `{}` for now.\n"),
    ]
    for number, (name, key) in enumerate(keys.items()):
        file, text = places[number % len(places)]
        write("malicious", f"{name}/{file}", text.format(key))
    write("malicious", "aws_pair/credentials.env",
          "AWS_ACCESS_KEY_ID=" + "AK" + "IA" + some(16, UPPER) + "\nAWS_SECRET_ACCESS_KEY=" + some(40, BASE64) + "\n")
    write("malicious", "aws_secret_alone/deploy.py", "aws_secret_access_key = '" + some(40, BASE64) + "'\n")
    write("malicious", "azure_storage/settings.yaml",
          "connection: DefaultEndpointsProtocol=https;AccountName=models;Account" + "Key=" + some(86, BASE64) + "==\n")
    write("malicious", "azure_openai/app.py", "AZURE_OPENAI_API_KEY = \"" + some(32, HEX) + "\"\n")
    write("malicious", "cohere/app.py", "CO_API_KEY = \"" + some(40) + "\"\n")
    write("malicious", "mistral/app.py", "MISTRAL_API_KEY = \"" + some(32) + "\"\n")
    write("malicious", "wandb/train.sh", "export WANDB_API_KEY=" + some(40, HEX) + "\n")
    write("malicious", "datadog/app.yaml", "datadog_api_key: " + some(32, HEX) + "\n")
    write("malicious", "telegram/bot.py", "TOKEN = '" + some(10, "123456789") + ":A" + "A" + some(33, URL) + "'\n")
    write("malicious", "web_token/fetch.py", "headers = {'Authorization': 'Bearer " + web_token() + "'}\n")
    write("malicious", "database_url/app.py", "URL = 'postgresql://robot:" + some(18) + "@db.models.internal.corp.net:5432/x'\n")
    write("malicious", "mongo_url/.env", "MONGO=mongodb+srv://svc:" + some(20) + "@cluster0.ab1cd.mongodb.net/prod\n")
    write("malicious", "curl_header/run.sh", "curl -H 'Authorization: Bearer " + some(48) + "' https://api.corp.net/v1\n")
    write("malicious", "curl_user/run.sh", "curl -u 'svc:" + some(14) + "7xQ' https://api.corp.net/v1\n")
    write("malicious", "private_key/server.py", 'KEY = """' + pem("RSA PRIVATE KEY") + '"""\n')
    write("malicious", "openssh_key/deploy.yaml", "key: |\n  " + pem("OPENSSH PRIVATE KEY").replace("\n", "\n  ") + "\n")
    write("malicious", "pgp_key/notes.md", pem("PGP PRIVATE KEY BLOCK"))
    write("malicious", "service_account/config.json", json.dumps({
        "type": "service_account", "project_id": "models", "private_key_id": some(40, HEX),
        "private_key": pem("PRIVATE KEY"), "client_email": "x@models.iam.gserviceaccount.com"}, indent=2))
    write("malicious", "password/settings.py", "DB_PASSWORD = \"" + "kW" + some(9) + "4!" + "\"\n")
    write("malicious", "generic_key/settings.py", "internal_api_key = \"" + some(40) + "\"\n")
    write("malicious", "generic_secret/config.yaml", "client_secret: " + some(36) + "\n")
    write("malicious", "kubernetes/secret.yaml",
          "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\ndata:\n  password: "
          + base64.b64encode(some(18).encode()).decode() + "\n")
    write("malicious", "notebook_output/run.ipynb", json.dumps({
        "cells": [{"cell_type": "code", "execution_count": 1, "metadata": {}, "source": ["import os\n", "print(os.environ['TOKEN'])"],
                   "outputs": [{"name": "stdout", "output_type": "stream", "text": [with_checksum("gh" + "p_") + "\n"]}]}],
        "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    write("malicious", "jsonl_rows/chat.jsonl", "".join(
        json.dumps({"prompt": f"question {n}", "completion": f"answer {n}" if n != 17 else "export K=" + keys["huggingface"]}) + "\n"
        for n in range(40)))
    write("malicious", "csv_rows/users.csv", "id,name,note\n1,ann,ok\n2,bob,\"my key,\nis " + keys["gitlab"] + "\"\n3,cy,ok\n")
    write("malicious", "escaped_json/config.json", json.dumps({"text": "line\nexport T=" + with_checksum("gh" + "o_")}))


def benign():
    write("benign", "placeholders.py", '''API_KEY = "your-api-key-here"
OPENAI_API_KEY = "sk-..."
OPENAI_API_KEY = "sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
HF_TOKEN = "hf_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
GITHUB = "ghp_XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX"
password = "changeme"
secret = os.environ["SECRET_KEY"]
token = getpass("Token: ")
''')
    write("benign", "example.env", "OPENAI_API_KEY=<your key>\nANTHROPIC_API_KEY=${ANTHROPIC_API_KEY}\nDB_PASSWORD=\nSECRET_KEY=replace-me\n")
    write("benign", "aws_example.md", "The manual uses AKIAIOSFODNN7EXAMPLE and wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY.\n")
    write("benign", "urls.md", "Connect with postgres://user:password@localhost:5432/db or redis://:${PASS}@cache:6379.\n"
                               "See https://user:pass@example.com/ and http://admin:admin@192.0.2.7/.\n")
    write("benign", "hashes.txt", "".join(hashlib.sha256(str(n).encode()).hexdigest() + f"  file{n}.bin\n" for n in range(20)))
    write("benign", "commits.md", "".join(f"- {hashlib.sha1(str(n).encode()).hexdigest()} fix number {n}\n" for n in range(20)))
    write("benign", "uuids.json", json.dumps([{"id": drawn_uuid(), "request_id": drawn_uuid(), "token_id": drawn_uuid()} for _ in range(10)], indent=1))
    write("benign", "package-lock.json", json.dumps({"name": "app", "lockfileVersion": 3, "packages": {
        f"node_modules/p{n}": {"version": f"1.{n}.0", "resolved": f"https://registry.npmjs.org/p{n}/-/p{n}-1.{n}.0.tgz",
                               "integrity": "sha512-" + some(86, BASE64) + "=="} for n in range(12)}}, indent=2))
    write("benign", "yarn.lock", "".join(
        f'p{n}@^1.0.0:\n  version "1.0.{n}"\n  resolved "https://registry.yarnpkg.com/p{n}/-/p{n}-1.0.{n}.tgz#{some(40, HEX)}"\n'
        f"  integrity sha512-{some(86, BASE64)}==\n\n" for n in range(10)))
    write("benign", "poetry.lock", "".join(
        f'[[package]]\nname = "p{n}"\nversion = "1.{n}"\nfiles = [\n    {{file = "p{n}-1.{n}.tar.gz", hash = "sha256:{some(64, HEX)}"}},\n]\n\n'
        for n in range(10)))
    write("benign", "go.sum", "".join(f"github.com/x/p{n} v1.{n}.0 h1:{some(43, BASE64)}=\n" for n in range(12)))
    write("benign", "requirements.txt", "".join(f"p{n}==1.{n} --hash=sha256:{some(64, HEX)}\n" for n in range(8)))
    write("benign", "app.min.js", "!function(e,t){" + "".join(f"var {some(2, string.ascii_lowercase)}=e.{some(5, string.ascii_lowercase)}({n});" for n in range(300)) + "}(window,{});\n")
    write("benign", "page.html", '<html><head><link rel="stylesheet" href="x.css" integrity="sha384-' + some(64, BASE64) + '"></head>'
                                 '<body><img src="data:image/png;base64,' + some(400, BASE64) + '"><p>token and key</p></body></html>\n')
    write("benign", "notebook.ipynb", json.dumps({
        "cells": [{"cell_type": "code", "execution_count": 1, "metadata": {}, "source": ["plt.plot([1, 2])"],
                   "outputs": [{"data": {"image/png": base64.b64encode(draw.randbytes(600)).decode()}, "metadata": {}, "output_type": "display_data"}]},
                  {"cell_type": "markdown", "metadata": {}, "source": ["Set `OPENAI_API_KEY` first."]}],
        "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    write("benign", "tokenizer_use.py", '''tokenizer = AutoTokenizer.from_pretrained("gpt2")
tokens = tokenizer("hello", return_tensors="pt")
max_new_tokens = 128
pad_token = "<|endoftext|>"
eos_token_id = 50256
key = "model.layers.0.self_attn.q_proj.weight"
keys = sorted(state_dict.keys())
author = "Jane Doe <jane@example.org>"
cache_key = f"{name}-{version}"
''')
    write("benign", "state_dict.json", json.dumps({"weight_map": {f"model.layers.{n}.self_attn.k_proj.weight": "model-00001-of-00002.safetensors" for n in range(30)}}, indent=1))
    write("benign", "config_model.json", json.dumps({"architectures": ["LlamaForCausalLM"], "bos_token_id": 1, "torch_dtype": "bfloat16", "_name_or_path": "org/model-7b-v0.1"}))
    write("benign", "ci.yaml", "env:\n  TOKEN: ${{ secrets.GITHUB_TOKEN }}\n  KEY: ${{ secrets.DEPLOY_KEY }}\nsteps:\n  - uses: actions/checkout@" + some(40, HEX) + "\n")
    write("benign", "compose.yaml", "services:\n  db:\n    image: postgres@sha256:" + some(64, HEX) + "\n    environment:\n      POSTGRES_PASSWORD: ${POSTGRES_PASSWORD}\n")
    write("benign", "terraform.tf", 'variable "password" {\n  type = string\n}\nresource "x" "y" {\n  password = var.password\n  key_name = "deployer-key-2024"\n}\n')
    write("benign", "public_key.md", "-----BEGIN PUBLIC KEY-----\n" + "\n".join(some(64, BASE64) for _ in range(6)) + "\n-----END PUBLIC KEY-----\n"
                                     "-----BEGIN CERTIFICATE-----\n" + "\n".join(some(64, BASE64) for _ in range(12)) + "\n-----END CERTIFICATE-----\n")
    write("benign", "authorized_keys.txt", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + some(43, BASE64) + " me@host\nssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQ" + some(300, BASE64) + " me@host\n")
    write("benign", "private_key_docs.md", "A key begins with\n\n    -----BEGIN PRIVATE KEY-----\n    ...\n    -----END PRIVATE KEY-----\n\nNever commit it.\n")
    write("benign", "curl_docs.md", 'curl -H "Authorization: Bearer $TOKEN" https://api.example.com\ncurl -u "$USER:$PASSWORD" https://api.example.com\n'
                                    'curl -H "Authorization: Bearer YOUR_TOKEN" https://api.example.com\ncurl -u username:password https://example.com\n')
    write("benign", "schema.sql", "CREATE TABLE t (id INT PRIMARY KEY, token VARCHAR(64), password_hash CHAR(60), api_key_id UUID);\n")
    write("benign", "translations.json", json.dumps({"login.password.label": "Password", "login.secret": "Geheimnis", "auth.token.expired": "Your token has expired, please sign in again"}))
    write("benign", "identifiers.py", '''SECRET_NAME = "projects/my-project/secrets/api-key/versions/3"
KEY_VAULT_URL = "https://vault-prod-01.vault.azure.net/"
TOKEN_URL = "https://login.microsoftonline.com/common/oauth2/v2.0/token"
PASSWORD_FIELD = "user_password_input_field"
API_VERSION = "2024-02-15-preview"
AUTH_BACKEND = "django.contrib.auth.backends.ModelBackend"
access_token_lifetime = 3600
secret_key_base_path = "config/secrets/production_2024.yml"
''')
    write("benign", "versions.yaml", "api_version: 2024-10-01-preview\nkeycloak: 22.0.5\nauth_image: registry.example.com/auth-service:v1.2.3-20240131\n")
    write("benign", "emails.md", "Write to security@example.org. The token bucket has 100 tokens; the key point is the secret of success.\n")
    write("benign", "slack_docs.md", "Tokens begin with `xoxb-` or `xoxp-`, for example xoxb-your-token. Google keys begin with AIza, AWS ids with AKIA.\n")
    write("benign", "test_fixture.py", "def test_login(client):\n    client.login(username='test', password='test1234')\n    assert client.token == 'abc123'\n")
    write("benign", "jwt_intro.md", "See https://jwt.io: eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ."
                                  + "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c\n")
    write("benign", "model_card.md", "---\nlicense: mit\n---\n# Card\n\nCheckpoint sha256 " + some(64, HEX) + ", trained on run " + some(8, string.ascii_lowercase + string.digits) + ".\n")
    write("benign", "embeddings.json", json.dumps({"vectors": [[round(draw.uniform(-1, 1), 6) for _ in range(16)] for _ in range(20)]}))
    write("benign", "icons.svg", '<svg xmlns="http://www.w3.org/2000/svg"><path d="M' + " ".join(f"{draw.uniform(0, 99):.2f}" for _ in range(200)) + '"/></svg>\n')
    write("benign", "settings.toml", "[auth]\nprovider = \"azure-ad\"\nkey_file = \"/run/secrets/key.pem\"\nsecret_ref = \"arn:aws:secretsmanager:eu-west-2:123456789012:secret:prod/db-AbCdEf\"\n")
    write("benign", "keyboard.py", "KEYBOARD_LAYOUT = 'qwertyuiop1234567890'\nMONKEY = 'patch'\nTURKEY = 'ankara06'\nkeyword_arguments = dict(a=1)\n")
    write("benign", "csrf.html", '<form><input type="hidden" name="csrf_field" value=""><meta name="token-count" content="4096"></form>\n')
    write("benign", "chat.jsonl", "".join(json.dumps({"messages": [
        {"role": "user", "content": f"How do I set an API key for service {n}?"},
        {"role": "assistant", "content": "Put `API_KEY=<your key>` into .env and read it with os.environ['API_KEY']. Never write password = \"hunter2\" into code."}]}) + "\n" for n in range(20)))


for kind in ("malicious", "benign"):
    shutil.rmtree(HERE / kind, ignore_errors=True)
malicious()
benign()
