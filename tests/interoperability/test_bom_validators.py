"""Bills of materials before the judges of their formats: ajv with the official schemas, the validator of
cyclonedx-python-lib, and the bindings of the SPDX model (whose classes are made from its SHACL shapes).

The judges are installed into BOM_VALIDATORS (a folder of the build) at fixed versions, through npm and pip; where they
cannot be had, or ../shared is not here, the tests say "skipped" and why.
"""
import functools
import json
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "end_to_end"))
from surety import PROJECT, Case, surety  # noqa: E402

FOLDER = pathlib.Path(os.environ.get("BOM_VALIDATORS", PROJECT / "build/bom-validators"))
NPM = ("ajv@8.17.1", "ajv-formats@3.0.1")
PYPI = ("cyclonedx-python-lib[json-validation]==11.12.0", "spdx-python-model==0.0.6")
SHARED = PROJECT.parent / "shared"
EXAMPLES = ("fraud-detection", "llm-platform", "open-model", "support-assistant")


def attempt(words, **options):
    """The reason why the command failed, or None."""
    try:
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300, **options)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return None if done.returncode == 0 else f"{words[0]} failed: {done.stdout.decode(errors='replace').strip()[-200:]}"


@functools.lru_cache(maxsize=None)
def node_judges():
    """Why ajv cannot be had, or None."""
    if not shutil.which("npm"):
        return "npm is not installed"
    if all((FOLDER / "node_modules" / name.rsplit("@", 1)[0]).is_dir() for name in NPM):
        return None
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "package.json").write_text('{"private": true}')
    return attempt(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(FOLDER), *NPM])


@functools.lru_cache(maxsize=None)
def python_judges():
    """Why the Python validators cannot be had, or None."""
    python = FOLDER / "venv/bin/python"
    if not python.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        failed = attempt([sys.executable, "-m", "venv", str(FOLDER / "venv")])
        if failed:
            shutil.rmtree(FOLDER / "venv", ignore_errors=True)
            return failed
    if attempt([str(python), "-c", "import cyclonedx.validation.json, spdx_python_model"]) is None:
        return None
    return attempt([str(python), "-m", "pip", "install", "--quiet", *PYPI])


class Validators(Case):
    def documents(self, form):
        """The bill of materials of every example, and of a tree with what the examples lack."""
        for name in EXAMPLES:
            yield self.document(PROJECT / "examples" / name, form, name)
        yield self.document(self.tree(), form, "tree")

    def document(self, folder, form, name):
        path = self.directory / f"{name}.{form}.json"
        run = surety("bom", folder, "--format", form, "-o", path)
        self.assert_code(run, 0)
        return path

    def tree(self):
        tree = self.directory / "tree"
        if tree.exists():
            return tree
        def write(path, content):
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            (tree / path).write_bytes(content if isinstance(content, bytes) else content.encode())
        header = json.dumps({"model.layers.0.self_attn.q_proj.weight": {"dtype": "F16", "shape": [4, 4], "data_offsets": [0, 32]}})
        header = header.encode()
        write("llm/model.safetensors", len(header).to_bytes(8, "little") + header + bytes(32))
        write("llm/config.json", json.dumps({"model_type": "bert", "architectures": ["BertModel"], "torch_dtype": "float32"}))
        write("llm/README.md", "---\nlicense: some-licence-of-our-own\nbase_model: google-bert/bert-base-uncased\n"
                               "datasets: [org/data]\npipeline_tag: text-generation\n---\n# Model details\nWords and words.\n")
        write("llm/tokenizer.json", json.dumps({"model": {"type": "BPE"}, "added_tokens": []}))
        write("llm/chat_template.jinja", "{% for m in messages %}{{ m }}{% endfor %}")
        write("a \"name\" with % and ünïcode.onnx", bytes.fromhex("0808120474657374"))
        write("package-lock.json", json.dumps({"lockfileVersion": 3, "packages": {
            "": {"name": "x"},
            "node_modules/a": {"version": "1.0.0", "resolved": "https://registry.example/a.tgz", "license": "(MIT OR Apache-2.0)",
                               "integrity": "sha512-" + "A" * 86 + "==", "dependencies": {"b": "^1"}},
            "node_modules/b": {"version": "1.2.3", "license": "SEE LICENSE IN x"}}}))
        write("poetry.lock", '[[package]]\nname = "numpy"\nversion = "1.26.4"\nfiles = [\n'
                             f'    {{file = "a.whl", hash = "sha256:{"0" * 64}"}},\n    {{file = "b.whl", hash = "sha256:{"1" * 64}"}},\n]\n')
        write("go.sum", "example.org/m v1.0.0 h1:" + "A" * 43 + "=\n")
        write("agent.py", 'import openai\nclient = openai.OpenAI(base_url="https://api.example.org/v1")\n'
                          'client.chat.completions.create(model="gpt-4o-2024-08-06", messages=[])\n')
        write(".mcp.json", json.dumps({"mcpServers": {"files": {"command": "npx", "args": ["-y", "@x/files@1.2.3"]}}}))
        return tree

    def assert_valid(self, schemas, documents):
        reason = node_judges()
        if reason:
            self.skipTest(reason)
        missing = [path for path in schemas if not path.exists()]
        if missing:
            self.skipTest(f"{missing[0]} is not here")
        script = pathlib.Path(__file__).with_name("validate.mjs")
        done = subprocess.run(["node", script, ",".join(map(str, schemas)), *documents], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, env={**os.environ, "AJV_FOLDER": str(FOLDER / "node_modules")})
        self.assertEqual(done.returncode, 0, done.stdout.decode())

    def cyclonedx_schemas(self, version):
        folder = SHARED / "schemas/cyclonedx"
        others = ["spdx.schema.json", "jsf-0.82.schema.json"] + (["cryptography-defs.schema.json"] if version == "1.7" else [])
        return [folder / f"bom-{version}.schema.json", *(folder / name for name in others)]

    def test_cyclonedx_conforms_to_the_official_schemas(self):
        for version in ("1.6", "1.7"):
            with self.subTest(version):
                self.assert_valid(self.cyclonedx_schemas(version), list(self.documents(f"cyclonedx-{version}")))

    def test_the_judge_refuses_what_is_wrong(self):
        path = self.document(self.tree(), "cyclonedx-1.6", "tree")
        document = json.loads(path.read_text())
        document["components"][0]["type"] = "no-such-type"
        path.write_text(json.dumps(document))
        with self.assertRaises(AssertionError):
            self.assert_valid(self.cyclonedx_schemas("1.6"), [path])

    def test_spdx_conforms_to_the_official_schema(self):
        self.assert_valid([SHARED / "schemas/spdx-3.0.1/spdx-json-schema.json"], list(self.documents("spdx-3.0.1")))

    def python(self, program, documents):
        reason = python_judges()
        if reason:
            self.skipTest(reason)
        done = subprocess.run([FOLDER / "venv/bin/python", "-c", program, *documents], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, 0, done.stdout.decode())

    def test_cyclonedx_passes_the_strict_validator_of_its_python_library(self):
        for version in ("1.6", "1.7"):
            with self.subTest(version):
                self.python("import sys\n"
                            "from cyclonedx.schema import SchemaVersion\n"
                            "from cyclonedx.validation.json import JsonStrictValidator\n"
                            f"validator = JsonStrictValidator(SchemaVersion.V{version.replace('.', '_')})\n"
                            "for path in sys.argv[1:]:\n"
                            "    wrong = validator.validate_str(open(path, encoding='utf-8').read())\n"
                            "    if wrong: sys.exit(f'{path}: {wrong}')\n", list(self.documents(f"cyclonedx-{version}")))

    def test_spdx_is_read_and_written_by_the_bindings_of_its_model(self):
        self.python("import io, sys\n"
                    "from spdx_python_model import v3_0_1 as spdx\n"
                    "for path in sys.argv[1:]:\n"
                    "    objects = spdx.SHACLObjectSet()\n"
                    "    with open(path, 'rb') as file: spdx.JSONLDDeserializer().read(file, objects)\n"
                    "    missing = [one for one in objects.missing_ids if not one.startswith('https://spdx.org/rdf/3.0.1/terms/')]\n"
                    "    if missing: sys.exit(f'{path}: refers to {missing[:3]}')\n"
                    "    spdx.JSONLDSerializer().write(objects, io.BytesIO())\n"
                    "    if not any(isinstance(one, spdx.SpdxDocument) for one in objects.objects): sys.exit('no document')\n",
                    list(self.documents("spdx-3.0.1")))


if __name__ == "__main__":
    unittest.main()
