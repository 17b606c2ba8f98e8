"""surety bom, end to end."""
import hashlib
import json
import shutil
import unittest

from surety import PROJECT, Case, copy_example, surety

FORMATS = ("text", "cyclonedx-1.6", "cyclonedx-1.7", "spdx-3.0.1", "g7")


def safetensors(tensors, metadata=None):
    header, data = dict(metadata and {"__metadata__": metadata} or {}), b""
    sizes = {"F32": 4, "F16": 2, "BF16": 2, "I32": 4}
    for name, (dtype, shape) in tensors.items():
        count = sizes[dtype]
        for size in shape:
            count *= size
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + count]}
        data += bytes(count)
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


LLAMA = {"model.embed_tokens.weight": ("F16", [32, 8]),
         "model.layers.0.self_attn.q_proj.weight": ("F16", [8, 8]),
         "model.layers.1.self_attn.q_proj.weight": ("F16", [8, 8])}


class Bom(Case):
    def bom(self, *words, **options):
        return surety("bom", *words, **options)

    def cyclonedx(self, folder):
        run = self.bom(folder, "--format", "cyclonedx-1.6")
        self.assert_code(run, 0)
        return run.json(), run

    def component(self, document, ref):
        found = [one for one in document["components"] if one["bom-ref"] == ref]
        self.assertEqual(len(found), 1, f"{ref} not among {[one['bom-ref'] for one in document['components']]}")
        return found[0]

    def properties(self, component):
        return {one["name"]: one["value"] for one in component["properties"]}

    def test_every_format_is_the_same_twice_and_names_what_was_read(self):
        example = PROJECT / "examples/open-model"
        for form in FORMATS:
            with self.subTest(form):
                first, second = (self.bom(example, "--format", form, "--threads", threads) for threads in ("1", "4"))
                self.assert_code(first, 0)
                self.assertEqual(first.bytes, second.bytes)
        document, _ = self.cyclonedx(example)
        model = self.component(document, "model/model/model.safetensors")
        digest = hashlib.sha256((example / "model/model.safetensors").read_bytes()).hexdigest()
        self.assertEqual(model["hashes"], [{"alg": "SHA-256", "content": digest}])
        self.assertEqual(model["name"], "readability")
        self.assertEqual(model["licenses"], [{"license": {"id": "Apache-2.0", "acknowledgement": "declared"}}])
        properties = self.properties(model)
        self.assertEqual(properties["surety:parameters"], "1539")
        self.assertEqual(properties["surety:origin:parameters"], "observed, model/model.safetensors")
        self.assertEqual(properties["surety:origin:version"], "declared, MODEL_CARD.md, line 5")
        claims = [one["value"] for one in model["properties"] if one["name"] == "surety:claim"]
        self.assertTrue(any(one.startswith("parameter-count: agrees: declared 1,539") for one in claims), claims)
        self.assertEqual(model["modelCard"]["modelParameters"]["datasets"], [{"ref": "dataset/data/train.jsonl"}])

    def test_every_field_has_its_origin(self):
        for name in ("fraud-detection", "llm-platform", "support-assistant"):
            document, _ = self.cyclonedx(PROJECT / "examples" / name)
            for component in document["components"] + document.get("services", []):
                names = [one["name"] for one in component["properties"]]
                for member in ("version", "description", "supplier"):
                    if member in component:
                        self.assertTrue({f"surety:origin:{member}", "surety:origin:producer"} & set(names), (component["bom-ref"], member))
                if component.get("licenses"):
                    self.assertIn("surety:origin:licence", names)
                if component.get("hashes"):
                    self.assertIn("surety:origin:hashes", names)
                plain = {one[7:] for one in names if one.startswith("surety:") and not one.startswith("surety:origin:")}
                for field in plain - {"kind", "path", "external", "claim"}:
                    if not field.startswith(("relation:", "digest:")):
                        self.assertIn(f"surety:origin:{field}", names, component["bom-ref"])

    def test_what_is_declared_against_the_bytes(self):
        self.write("m/model.safetensors", safetensors(LLAMA, {"license": "mit"}))
        self.write("m/config.json", json.dumps({"model_type": "bert", "architectures": ["BertModel"], "torch_dtype": "float32",
                                                "vocab_size": 32, "hidden_size": 16, "num_hidden_layers": 2}))
        self.write("m/README.md", "---\nlicense: apache-2.0\nbase_model: google-bert/bert-base-uncased\n---\n"
                                  "# Model details\nThis model has 7 billion parameters.\n")
        document, run = self.cyclonedx(self.directory)
        texts = "\n".join(one["text"] for one in document["annotations"])
        for wanted in ("parameter-count: contradicts: declared 7 billion (m/README.md, line 6), observed 384",
                       "dtype: contradicts: declared float32 (m/config.json), observed F16",
                       "architecture: contradicts: declared bert",
                       "shape: contradicts: declared width 16 (m/config.json), observed width 8",
                       "base-model: contradicts: declared google-bert/bert-base-uncased (m/README.md, line 3), observed llama",
                       "licence: contradicts: declared apache-2.0 (m/README.md, line 2), observed mit"):
            self.assertIn(wanted, texts)
        claims = [one["value"] for one in self.component(document, "model/m/model.safetensors")["properties"] if one["name"] == "surety:claim"]
        self.assertTrue(any(one.startswith("shape: agrees: declared vocabulary 32") for one in claims), claims)
        self.assertIn("m/README.md says licence apache-2.0", run.err)
        self.assert_code(self.bom(self.directory, "--check", "--format", "g7"), 1)
        self.assert_code(self.bom(PROJECT / "examples/open-model", "--check"), 0)

    def test_contradictions_fail_an_assessment(self):
        self.write("m/model.safetensors", safetensors(LLAMA))
        self.write("m/config.json", json.dumps({"model_type": "bert", "architectures": ["BertModel"]}))
        self.write("bom.json", json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [
            {"type": "machine-learning-model", "name": "other", "hashes": [{"alg": "SHA-256", "content": "0" * 64}]}]}))
        self.write("data/croissant.json", json.dumps({"@context": {"cr": "http://mlcommons.org/croissant/"}, "name": "d",
                                                      "conformsTo": "http://mlcommons.org/croissant/1.0", "license": "MIT",
                                                      "distribution": [{"@type": "cr:FileObject", "@id": "x.csv", "contentUrl": "x.csv",
                                                                        "encodingFormat": "text/csv", "sha256": "0" * 40}]}))
        run = surety("assess", self.directory, "--format", "json", "--no-record")
        failed = {check["id"]: check for provision in run.json()["provisions"] for check in provision["checks"]
                  if check["verdict"] == "fail"}
        self.assertIn("declared-models-agree-with-bytes", failed)
        self.assertIn("bills-of-materials-match-the-files", failed)
        self.assertIn("descriptions-of-data-agree-with-files", failed)

    def test_a_document_does_not_list_itself_and_diff_tells_what_changed(self):
        tree = copy_example("open-model", self.directory / "tree")
        first, second = tree / "bom.cdx.json", tree / "bom2.cdx.json"
        self.assert_code(self.bom(tree, "--format", "cyclonedx-1.7", "-o", first), 0)
        before = first.read_bytes()
        self.assert_code(self.bom(tree, "--format", "cyclonedx-1.7", "-o", first), 0)
        self.assertEqual(first.read_bytes(), before)
        self.assert_code(self.bom("diff", first, first), 0)
        with open(tree / "model/model.safetensors", "r+b") as file:
            file.seek(-1, 2)
            last = file.read(1)
            file.seek(-1, 2)
            file.write(bytes([last[0] ^ 1]))
        (tree / "prompts").mkdir()
        (tree / "prompts/system_prompt.txt").write_text("You are a careful assistant.\n")
        self.assert_code(self.bom(tree, "--format", "spdx-3.0.1", "-o", tree / "bom.spdx.json"), 0)
        self.assert_code(self.bom(tree, "--format", "cyclonedx-1.7", "-o", second), 0)
        run = self.bom("diff", first, second)
        self.assert_code(run, 1)
        self.assertIn("the content of readability (model/model.safetensors) changed: sha256", run.out)
        self.assertIn("and its version is still 1.2.0", run.out)
        self.assertIn("system_prompt.txt (prompts/system_prompt.txt) is new", run.out)
        across = self.bom("diff", first, tree / "bom.spdx.json", "--format", "json")
        self.assert_code(across, 1)
        kinds = {one["kind"] for one in across.json()["differences"]}
        self.assertIn("digest", kinds)
        self.assertNotIn("relation", kinds)

    def test_a_bill_of_another_tool_is_held_against_the_files(self):
        self.write("m/model.safetensors", safetensors(LLAMA))
        self.write("m/other.onnx", bytes.fromhex("08081204746573743a0012001a00"))
        self.write("bom.json", json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.5", "metadata": {"tools": [{"name": "another"}]},
                                           "components": [{"type": "machine-learning-model", "name": "model.safetensors",
                                                           "hashes": [{"alg": "SHA-256", "content": "0" * 64}]}]}))
        run = self.bom(self.directory)
        self.assert_code(run, 0)
        self.assertIn("CONTRADICTED  lists model.safetensors with another digest than m/model.safetensors has", run.out)
        self.assert_code(self.bom(self.directory, "--check"), 1)

    def test_lock_files_of_every_kind(self):
        digest, sri = "ab" * 32, "sha512-" + "A" * 86 + "=="
        self.write("requirements.txt", f"flask==3.0.0 --hash=sha256:{digest} --hash=sha256:{'cd' * 32}\n")
        self.write("a/poetry.lock", f'[[package]]\nname = "numpy"\nversion = "1.26.4"\nfiles = [\n    {{file = "n.whl", hash = "sha256:{digest}"}},\n]\n\n'
                                    '[[package]]\nname = "pandas"\nversion = "2.0.0"\n\n[package.dependencies]\nnumpy = ">=1.2"\n\n[package.extras]\nname = ["x"]\n')
        self.write("b/uv.lock", f'[[package]]\nname = "httpx"\nversion = "0.27"\nsource = {{ registry = "https://i.example" }}\ndependencies = [\n    {{ name = "idna" }},\n]\nsdist = {{ url = "https://i.example/h.tgz", hash = "sha256:{digest}" }}\n\n'
                                '[[package]]\nname = "idna"\nversion = "3.7"\n')
        self.write("c/pdm.lock", f'[[package]]\nname = "rich"\nversion = "13.0"\ndependencies = [\n    "markdown-it-py>=2",\n]\nfiles = [\n    {{file = "r.whl", hash = "sha256:{digest}"}},\n]\n\n[[package]]\nname = "markdown-it-py"\nversion = "2.2"\n')
        self.write("d/Pipfile.lock", json.dumps({"default": {"six": {"version": "==1.16.0", "hashes": ["sha256:" + digest]}}}))
        self.write("e/package-lock.json", json.dumps({"lockfileVersion": 3, "packages": {"": {}, "node_modules/@s/x": {
            "version": "1.0.0", "resolved": "https://user:secret@r.example/x.tgz", "integrity": sri, "license": "MIT", "dependencies": {"y": "^1"}},
            "node_modules/y": {"version": "1.5.0"}, "node_modules/@s/x/node_modules/y": {"version": "1.1.0"}}}))
        self.write("f/package-lock.json", json.dumps({"lockfileVersion": 1, "dependencies": {"old": {"version": "0.1.0", "integrity": sri}}}))
        self.write("g/yarn.lock", f'"p@^1.0", "p@^1.1":\n  version "1.1.2"\n  resolved "https://r.example/p.tgz#{"0" * 40}"\n  integrity {sri}\n  dependencies:\n    q "^2.0"\n\nq@^2.0:\n  version "2.0.1"\n')
        self.write("h/yarn.lock", '__metadata:\n  version: 8\n\n"berry@npm:^1.0":\n  version: 1.0.3\n  resolution: "berry@npm:1.0.3"\n  checksum: 10c0/ab\n')
        self.write("i/pnpm-lock.yaml", f"lockfileVersion: '9.0'\npackages:\n\n  'left@1.0.0':\n    resolution: {{integrity: {sri}}}\n\n  'pad@2.0.0':\n    resolution: {{integrity: {sri}}}\n\nsnapshots:\n\n  left@1.0.0:\n    dependencies:\n      pad: 2.0.0\n")
        self.write("j/Cargo.lock", f'[[package]]\nname = "serde"\nversion = "1.0.1"\nsource = "registry+https://x"\nchecksum = "{digest}"\ndependencies = [\n "itoa",\n]\n\n[[package]]\nname = "itoa"\nversion = "1.0.9"\n')
        self.write("k/go.sum", f"example.org/m v1.2.3 h1:{'A' * 43}=\nexample.org/m v1.2.3/go.mod h1:{'B' * 43}=\n")
        self.write("l/gradle.lockfile", "# comment\norg.example:lib:4.5=runtimeClasspath\nempty=\n")
        self.write("m/pom.xml", "<project><properties><v>7.1</v></properties><dependencies><dependency><groupId>o.e</groupId><artifactId>art</artifactId><version>${v}</version></dependency></dependencies></project>")
        document, run = self.cyclonedx(self.directory)
        self.assertNotIn("secret", run.out)
        purls = {one.get("purl") for one in document["components"]}
        wanted = {"pkg:pypi/flask@3.0.0", "pkg:pypi/numpy@1.26.4", "pkg:pypi/pandas@2.0.0", "pkg:pypi/httpx@0.27", "pkg:pypi/idna@3.7",
                  "pkg:pypi/rich@13.0", "pkg:pypi/markdown-it-py@2.2", "pkg:pypi/six@1.16.0", "pkg:npm/%40s/x@1.0.0", "pkg:npm/y@1.5.0",
                  "pkg:npm/y@1.1.0", "pkg:npm/old@0.1.0", "pkg:npm/p@1.1.2", "pkg:npm/q@2.0.1", "pkg:npm/berry@1.0.3", "pkg:npm/left@1.0.0",
                  "pkg:npm/pad@2.0.0", "pkg:cargo/serde@1.0.1", "pkg:cargo/itoa@1.0.9", "pkg:golang/example.org/m@v1.2.3",
                  "pkg:maven/org.example/lib@4.5", "pkg:maven/o.e/art@7.1"}
        self.assertEqual(wanted - purls, set())
        needs = {one["ref"]: one.get("dependsOn", []) for one in document["dependencies"]}
        for user, used in (("pkg:pypi/pandas@2.0.0", "pkg:pypi/numpy@1.26.4"), ("pkg:pypi/httpx@0.27", "pkg:pypi/idna@3.7"),
                           ("pkg:pypi/rich@13.0", "pkg:pypi/markdown-it-py@2.2"), ("pkg:npm/%40s/x@1.0.0", "pkg:npm/y@1.1.0"),
                           ("pkg:npm/p@1.1.2", "pkg:npm/q@2.0.1"), ("pkg:npm/left@1.0.0", "pkg:npm/pad@2.0.0"),
                           ("pkg:cargo/serde@1.0.1", "pkg:cargo/itoa@1.0.9")):
            self.assertEqual(needs[user], [used])
        for purl in ("pkg:pypi/numpy@1.26.4", "pkg:pypi/httpx@0.27", "pkg:pypi/rich@13.0", "pkg:pypi/six@1.16.0", "pkg:cargo/serde@1.0.1"):
            self.assertEqual(self.component(document, purl)["hashes"], [{"alg": "SHA-256", "content": digest}], purl)
        for purl in ("pkg:npm/%40s/x@1.0.0", "pkg:npm/old@0.1.0", "pkg:npm/left@1.0.0"):
            self.assertEqual(self.component(document, purl)["hashes"], [{"alg": "SHA-512", "content": "0" * 128}], purl)
        self.assertEqual(len(self.component(document, "pkg:pypi/flask@3.0.0")["externalReferences"]), 2)
        self.assertEqual(self.properties(self.component(document, "pkg:golang/example.org/m@v1.2.3"))["surety:digest:h1"], "A" * 43 + "=")

    def test_gaps_name_who_has_to_supply_what(self):
        run = self.bom(PROJECT / "examples/support-assistant", "--gaps")
        self.assert_code(run, 0)
        self.assertIn("MD-05  SBOM author signature", run.out)
        self.assertIn("nothing here is a score", run.out)
        self.assertNotIn("%", run.out)

    def test_what_is_wrong_with_a_call_or_a_document_is_told(self):
        for words in (("a", "b"), ("diff", "a"), ("nowhere",), (".", "--format", "json"), (".", "--format", "spdx-2.3")):
            run = self.bom(*words, cwd=self.directory)
            self.assert_code(run, 2)
            self.assertNotEqual(run.err, "")
        self.write("cut.json", '{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [')
        self.write("other.json", '{"hello": 1}')
        self.write("deep.json", '{"bomFormat":"CycloneDX","specVersion":"1.6","components":' + "[" * 100_000)
        self.write("good.json", '{"bomFormat": "CycloneDX", "specVersion": "1.6"}')
        for name in ("cut.json", "other.json", "deep.json"):
            run = self.bom("diff", self.directory / name, self.directory / "good.json")
            self.assert_code(run, 2)
            self.assertIn(name, run.err)
        run = self.bom(self.directory)
        self.assert_code(run, 0)
        self.assertIn("cut.json: not read", run.out)

    def test_what_only_lists_makes_no_folder_and_remembers_where_there_is_one(self):
        self.write("model.safetensors", safetensors(LLAMA))
        others = (["init", self.directory], ["inventory", self.directory])
        before = [surety(*command).out for command in others]
        self.assert_code(self.bom(self.directory), 0)
        self.assertFalse((self.directory / ".surety").exists())
        (self.directory / ".surety").mkdir()
        self.assert_code(self.bom(self.directory), 0)
        self.assertTrue((self.directory / ".surety" / "observed.bin").exists())
        self.assertEqual([surety(*command).out for command in others], before)


if __name__ == "__main__":
    unittest.main()
