#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inventory/manifest_toml.h"
#include "inventory/observe_testing.h"

namespace inventory {
namespace {

using evidence::AssetKind;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Manifest, ReadsRequirements) {
  const Observed seen = see("requirements.txt", R"(# comment
-r base.txt
--extra-index-url https://packages.example/simple
requests==2.31.0
torch>=2.0,<3 ; python_version > "3.8"
numpy[extra] == 1.26.*
flask  # no version
git+https://github.com/org/pkg.git@0123456789abcdef0123456789abcdef01234567#egg=pkg
tool @ https://example.org/tool-1.0.whl
-e .
hashed==1.0 \
    --hash=sha256:aa \
    --hash=sha256:bb
)");
  EXPECT_EQ(seen.asset.kind, AssetKind::dependency_manifest);
  EXPECT_THAT(
      packages(seen),
      ElementsAre("pypi requests ==2.31.0 pinned :4", "pypi torch >=2.0,<3 :5", "pypi numpy == 1.26.* :6",
                  "pypi flask  :7",
                  "pypi pkg git+https://github.com/org/pkg.git@0123456789abcdef0123456789abcdef01234567#egg=pkg pinned "
                  "direct :8",
                  "pypi tool https://example.org/tool-1.0.whl direct :9", "pypi hashed ==1.0 pinned hashed :11"));
  EXPECT_EQ(seen.asset.attributes["includes"].as_integer(), 1);
  EXPECT_EQ(seen.asset.attributes["indexes"].as_list().size(), 1U);
}

TEST(Manifest, ReadsPyproject) {
  const Observed seen = see("pyproject.toml", R"([build-system]
requires = ["setuptools>=61"]
[project]
name = "thing"
dependencies = [
  "httpx>=0.27",
  "openai==1.50.0",
]
[project.optional-dependencies]
dev = ["pytest"]
[tool.poetry.dependencies]
python = "^3.11"
rich = "13.7.0"
typer = "^0.9"
mine = { git = "https://github.com/o/mine.git", rev = "main" }
[tool.poetry.group.test.dependencies]
mypy = { version = "1.8.0", extras = ["x"] }
)");
  EXPECT_THAT(packages(seen),
              ElementsAre("pypi httpx >=0.27 :6", "pypi openai ==1.50.0 pinned :7", "pypi pytest  :10",
                          "pypi setuptools >=61 :2", "pypi rich 13.7.0 pinned :13", "pypi typer ^0.9 :14",
                          "pypi mine https://github.com/o/mine.git@main direct :15", "pypi mypy 1.8.0 pinned :17"));
  const Observed broken = see("pyproject.toml", "[project\nname=");
  EXPECT_EQ(broken.asset.kind, AssetKind::dependency_manifest);
  EXPECT_FALSE(broken.asset.notes.empty());
}

TEST(Manifest, ReadsSetupFiles) {
  EXPECT_THAT(
      packages(see("setup.cfg",
                   "[metadata]\nname = x\n[options]\ninstall_requires =\n    a>=1\n    b==2.0\nzip_safe = no\n")),
      ElementsAre("pypi a >=1 :5", "pypi b ==2.0 pinned :6"));
  EXPECT_THAT(
      packages(
          see("setup.py",
              "setup(\n  name='x',\n  install_requires=['a>=1',\n    'b==2'],\n  extras_require={'dev': ['c']})\n")),
      ElementsAre("pypi a >=1 :3", "pypi b ==2 pinned :4", "pypi c  :5"));
}

TEST(Manifest, ReadsLocksOfPython) {
  EXPECT_THAT(packages(see("poetry.lock", R"([[package]]
name = "certifi"
version = "2024.2.2"
files = [
    {file = "certifi.whl", hash = "sha256:dc383c07"},
]

[package.dependencies]
x = ">=1"

[[package]]
name = "mine"
version = "0.1"

[package.source]
type = "git"
url = "https://github.com/o/mine"

[metadata]
content-hash = "00"
)")),
              ElementsAre("pypi certifi 2024.2.2 pinned hashed :1", "pypi mine 0.1 pinned direct :11"));
  EXPECT_THAT(packages(see("uv.lock", R"(version = 1
[[package]]
name = "anyio"
version = "4.4.0"
source = { registry = "https://pypi.org/simple" }
sdist = { url = "https://files.example/anyio.tar.gz", hash = "sha256:5aadc6a1", size = 1 }

[[package]]
name = "me"
version = "0.1.0"
source = { editable = "." }
)")),
              ElementsAre("pypi anyio 4.4.0 pinned hashed :2"));
  EXPECT_THAT(packages(see("Pipfile.lock",
                           R"({"default": {"x": {"hashes": ["sha256:a"], "version": "==1.0"}}, "develop": {}})")),
              ElementsAre("pypi x ==1.0 pinned hashed :1"));
}

TEST(Manifest, ReadsPackagesOfNode) {
  EXPECT_THAT(packages(see("package.json", R"({
  "name": "x",
  "dependencies": {
    "ai": "^3.0.0",
    "openai": "4.20.1",
    "mine": "github:o/mine",
    "local": "workspace:*"
  },
  "devDependencies": {"a": "latest"}
})")),
              ElementsAre("npm ai ^3.0.0 :4", "npm openai 4.20.1 pinned :5", "npm mine github:o/mine direct :6",
                          "npm a latest :9"));
  EXPECT_THAT(packages(see("package-lock.json", R"({"lockfileVersion": 3, "packages": {
  "": {"name": "x"},
  "node_modules/@s/a": {"version": "1.0.0", "resolved": "https://registry.npmjs.org/a.tgz", "integrity": "sha512-x"},
  "node_modules/@s/a/node_modules/b": {"version": "2.0.0", "resolved": "git+ssh://git@github.com/o/b.git#0"}
}})")),
              ElementsAre("npm @s/a 1.0.0 pinned hashed :3", "npm b 2.0.0 pinned direct :4"));
  EXPECT_THAT(packages(see("package-lock.json",
                           R"({"lockfileVersion": 1, "dependencies": {"a": {"version": "1.0.0", "integrity": "sha512-x",
  "dependencies": {"b": {"version": "2.0.0"}}}}})")),
              ElementsAre("npm a 1.0.0 pinned hashed :1", "npm b 2.0.0 pinned :2"));
  EXPECT_THAT(packages(see("yarn.lock",
                           "# yarn lockfile v1\n\n\"@s/a@^1.0.0\", \"@s/a@^1.1.0\":\n  version \"1.2.0\"\n  integrity "
                           "sha512-x\n  dependencies:\n"
                           "    b \"^2\"\n\nb@^2:\n  version \"2.0.0\"\n")),
              ElementsAre("npm @s/a 1.2.0 pinned hashed :3", "npm b 2.0.0 pinned :9"));
  EXPECT_THAT(
      packages(
          see("pnpm-lock.yaml",
              "lockfileVersion: '9.0'\n\npackages:\n\n  '@s/a@1.0.0':\n    resolution: {integrity: sha512-x}\n\n"
              "  b@2.0.0:\n    resolution: {tarball: https://codeload.github.com/o/b}\n\nsnapshots:\n  c@1.0.0: {}\n")),
      ElementsAre("npm @s/a 1.0.0 pinned hashed :5", "npm b 2.0.0 pinned direct :8"));
}

TEST(Manifest, ReadsOtherEcosystems) {
  EXPECT_THAT(
      packages(see("Cargo.toml",
                   "[dependencies]\nserde = \"1.0\"\ncandle = { git = \"https://github.com/h/c\", rev = "
                   "\"0123456789abcdef0123456789abcdef01234567\" }\n")),
      ElementsAre("cargo serde 1.0 :2",
                  "cargo candle https://github.com/h/c@0123456789abcdef0123456789abcdef01234567 pinned direct :3"));
  EXPECT_THAT(
      packages(see(
          "Cargo.lock",
          "[[package]]\nname = \"serde\"\nversion = \"1.0.1\"\nsource = \"registry+https://x\"\nchecksum = \"aa\"\n")),
      ElementsAre("cargo serde 1.0.1 pinned hashed :1"));
  EXPECT_THAT(
      packages(see("go.mod",
                   "module x\n\nrequire (\n\tgithub.com/a/b v1.2.3 // indirect\n)\nrequire golang.org/x/y v0.1.0\n")),
      ElementsAre("go github.com/a/b v1.2.3 pinned :4", "go golang.org/x/y v0.1.0 pinned :6"));
  EXPECT_THAT(packages(see("go.sum", "github.com/a/b v1.2.3 h1:x=\ngithub.com/a/b v1.2.3/go.mod h1:y=\n")),
              ElementsAre("go github.com/a/b v1.2.3 pinned hashed :1"));
  EXPECT_THAT(
      packages(see("environment.yml",
                   "name: x\ndependencies:\n  - python=3.11\n  - conda-forge::numpy\n  - pip:\n    - openai==1.0\n")),
      ElementsAre("conda python =3.11 pinned :3", "conda numpy  :4", "pypi openai ==1.0 pinned :6"));
  EXPECT_THAT(packages(see("pom.xml",
                           "<project>\n<dependencies>\n<dependency>\n<groupId>g</groupId><artifactId>a</"
                           "artifactId><version>1.0</version>\n</dependency>\n"
                           "<dependency><groupId>g</groupId><artifactId>b</artifactId><version>[1,2)</version></"
                           "dependency></dependencies></project>")),
              ElementsAre("maven g:a 1.0 pinned :3", "maven g:b [1,2) :6"));
}

TEST(Manifest, KeepsAtMostTwentyThousandPackages) {
  std::string text;
  for (int i = 0; i < 20'010; ++i) {
    text += "p" + std::to_string(i) + "==1.0\n";
  }
  const Observed seen = see("requirements.txt", text);
  EXPECT_EQ(seen.asset.packages.size(), 20'000U);
  EXPECT_EQ(seen.asset.notes.size(), 1U);
}

TEST(Manifest, ReadsDockerfiles) {
  const Observed seen = see("Dockerfile", R"(ARG VERSION=3.12
FROM --platform=linux/amd64 python:${VERSION} AS build
RUN apt-get update && pip install --no-cache-dir torch==2.1.0 \
    transformers && rm -rf x
FROM build
FROM nvidia/cuda:12.1@sha256:0123456789012345678901234567890123456789012345678901234567890123
ENV API_KEY=abc
EXPOSE 8080
RUN curl https://x.example/install.sh | sh
CMD ["x"]
)");
  EXPECT_EQ(seen.asset.kind, AssetKind::container);
  EXPECT_THAT(
      packages(seen),
      ElementsAre(
          "oci python 3.12 :2", "pypi torch ==2.1.0 pinned :3", "pypi transformers  :3",
          "oci nvidia/cuda sha256:0123456789012345678901234567890123456789012345678901234567890123 pinned hashed :6"));
  EXPECT_TRUE(seen.asset.attributes["runs_as_root"].as_bool());
  EXPECT_EQ(seen.asset.attributes["pipes_download_to_shell"].as_integer(), 9);
  EXPECT_EQ(seen.asset.attributes["secret_in_image"].as_integer(), 7);
  EXPECT_FALSE(see("Dockerfile", "FROM a\nUSER app\n").asset.attributes["runs_as_root"].as_bool(true));
}

TEST(Manifest, ReadsWorkflows) {
  const Observed seen = see(".github/workflows/ci.yml", R"(on: [push, pull_request_target]
permissions: write-all
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: "o/a/sub@0123456789abcdef0123456789abcdef01234567" # v1
      - uses: ./local
      - run: pytest && pip-audit
        env:
          KEY: ${{ secrets.OPENAI_API_KEY }}
)");
  EXPECT_EQ(seen.asset.kind, AssetKind::pipeline);
  EXPECT_THAT(packages(seen),
              ElementsAre("github-action actions/checkout v4 :7",
                          "github-action o/a/sub 0123456789abcdef0123456789abcdef01234567 pinned hashed :8"));
  EXPECT_EQ(seen.asset.attributes["permissions"].as_text(), "write-all");
  EXPECT_EQ(seen.asset.attributes["triggers"].as_list().size(), 2U);
  EXPECT_THAT(usages(seen, "pipeline-tool"), ElementsAre("pytest:10", "pip-audit:10"));
  EXPECT_THAT(usages(seen, "environment-variable"), ElementsAre("OPENAI_API_KEY:12"));
  EXPECT_EQ(see(".github/workflows/a.yml", "on: push\njobs: {}\n").asset.attributes["permissions"].as_text(),
            "not set");
}

TEST(Manifest, ReadsInfrastructure) {
  const Observed terraform = see("main.tf",
                                 "resource \"aws_s3_bucket_acl\" \"x\" {\n  acl = \"public-read\"\n}\ndata \"p\" {\n  "
                                 "actions = [\"*\"]\n  resources = [\"*\"]\n}\n");
  EXPECT_EQ(terraform.asset.kind, AssetKind::infrastructure);
  EXPECT_EQ(terraform.asset.attributes["public_bucket"].as_integer(), 2);
  EXPECT_EQ(terraform.asset.attributes["wildcard_action"].as_integer(), 5);
  const Observed clean = see("main.tf", "# acl = \"public-read\"\nacl = \"private\"\nactions = [\"s3:GetObject\"]\n");
  EXPECT_TRUE(clean.asset.attributes["public_bucket"].is_null());
  EXPECT_TRUE(clean.asset.attributes["wildcard_action"].is_null());
  const Observed kubernetes = see("deploy/app.yaml",
                                  "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: a/b:1.0\n      "
                                  "securityContext:\n        privileged: true\n");
  EXPECT_EQ(kubernetes.asset.kind, AssetKind::infrastructure);
  EXPECT_THAT(packages(kubernetes), ElementsAre("oci a/b 1.0 :5"));
  EXPECT_EQ(kubernetes.asset.attributes["privileged"].as_integer(), 7);
  const Observed gateway = see("gateway.yaml", "listen:\n  - port: 8080\nupstreams:\n  - name: models\n");
  EXPECT_EQ(gateway.asset.kind, AssetKind::infrastructure);
  EXPECT_EQ(gateway.asset.format, "surety-gateway");
  const Observed formation =
      see("stack.yaml",
          "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n  P:\n    Type: AWS::IAM::Policy\n    Properties:\n     "
          " Statement:\n"
          "        - Effect: Allow\n          Action:\n            - '*'\n          Resource: '*'\n");
  EXPECT_EQ(formation.asset.kind, AssetKind::infrastructure);
  EXPECT_EQ(formation.asset.attributes["wildcard_action"].as_integer(), 9);
  EXPECT_THAT(
      packages(
          see("docker-compose.yml",
              "services:\n  a:\n    image: redis:7\n    environment:\n      - API_KEY=abc\n    ports: ['80:80']\n")),
      ElementsAre("oci redis 7 :3"));
}

TEST(Toml, ReadsWhatManifestsUse) {
  const auto parsed = parse_toml(
      "# c\na.\"b.c\" = 'x' # d\n[t.u]\nlist = [\n  1, 2.5, # e\n  true,\n]\ntext = \"\"\"\none\\\n   two\"\"\"\n"
      "inline = { k = \"v\\n\", day = 2024-01-02 }\n[[t.array]]\nn = 1\n[[t.array]]\nn = 2\n[t.array.sub]\ns = 3\n");
  ASSERT_TRUE(parsed) << parsed.error().text();
  EXPECT_EQ((*parsed)["a"]["b.c"].as_text(), "x");
  EXPECT_EQ((*parsed)["t"]["u"]["list"].as_list()[1].as_double(), 2.5);
  EXPECT_EQ((*parsed)["t"]["u"]["list"].as_list()[2].line(), 6U);
  EXPECT_EQ((*parsed)["t"]["u"]["text"].as_text(), "onetwo");
  EXPECT_EQ((*parsed)["t"]["u"]["inline"]["day"].as_text(), "2024-01-02");
  ASSERT_EQ((*parsed)["t"]["array"].as_list().size(), 2U);
  EXPECT_EQ((*parsed)["t"]["array"].as_list()[1]["sub"]["s"].as_integer(), 3);
}

TEST(Toml, NamesTheLineOfAnError) {
  const auto parsed = parse_toml("a = 1\nb = \n");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().line, 2U);
  EXPECT_FALSE(parse_toml("a = " + std::string(100'000, '[')));
  EXPECT_FALSE(parse_toml("a = \"\xff\""));
  EXPECT_FALSE(parse_toml("a = 1\na = 2\n"));
  EXPECT_FALSE(parse_toml("a = 1\n[a]\n"));
}

}  // namespace
}  // namespace inventory
