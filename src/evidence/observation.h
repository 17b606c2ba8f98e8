#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/value.h"

/// What Surety learns about a system, as plain values. Producers (inventory, scan) fill them, statement.h turns them
/// into evidence and back, assess loads them into tables. Paths are relative to the assessed directory, with '/', and
/// exactly the bytes of the file system (use base::printable to show one).
namespace evidence {

/// What an asset is to an AI system.
enum class AssetKind : std::uint8_t {
  model,         ///< Weights or a serialised model, any format.
  dataset,       ///< Data for training, evaluation, retrieval.
  prompt,        ///< A prompt or system prompt: a file, a field in one, or a string in code.
  model_config,  ///< Configuration of a model: config.json, generation_config.json, tokenizer files, chat templates.
  agent_config,  ///< Agents and tools: MCP server lists, tool manifests, agent definitions.
  source,        ///< Program text.
  notebook,
  dependency_manifest,  ///< requirements.txt, pyproject.toml, package.json …
  lock_file,            ///< poetry.lock, package-lock.json …
  container,            ///< Dockerfile, compose file.
  pipeline,             ///< CI workflow.
  infrastructure,       ///< Terraform, Kubernetes, Helm …
  disclosure_policy,    ///< SECURITY.md, security.txt.
  model_card,           ///< Model card, system card.
  datasheet,            ///< Datasheet, dataset card.
  licence,
  digest_manifest,   ///< SHA256SUMS and its like.
  signature,         ///< Detached signatures, Sigstore bundles.
  environment_file,  ///< .env and its like.
  document,          ///< README, guides, other prose.
  system_file,       ///< ai-system.yaml.
  record,            ///< security/*.yaml
  other,
};
[[nodiscard]] std::string_view to_string(AssetKind kind);  ///< "model", "model-config" …
[[nodiscard]] std::optional<AssetKind> asset_kind(std::string_view name);

/// How sure the recognition is.
enum class Confidence : std::uint8_t { low, medium, high };
[[nodiscard]] std::string_view to_string(Confidence confidence);
[[nodiscard]] std::optional<Confidence> confidence(std::string_view name);

/// Something the code or a configuration refers to: a model at a provider, a file it loads, a library it uses.
struct Usage {
  std::string kind;      ///< "sdk", "hosted-model", "hub-model", "hub-dataset", "tool", "mcp-server", "endpoint",
                         ///< "environment-variable" … ; the list is in docs/facts.md.
  std::string name;      ///< "openai", "gpt-4o", "org/model" …
  std::string revision;  ///< Pinned version, commit or tag; empty where there is none.
  std::uint32_t line = 0;
  std::string detail;  ///< Further facts, such as "trust_remote_code=True".
};

/// One dependency that a manifest or lock file names.
struct Package {
  std::string ecosystem;  ///< "pypi", "npm", "cargo", "go", "maven", "oci", "github-action".
  std::string name;
  std::string requirement;  ///< As written: ">=1.0", "1.2.3", "latest"; empty where none is given.
  bool pinned = false;      ///< Exactly one version, commit or digest.
  bool hashed = false;      ///< A digest of the content stands beside it.
  bool direct_url = false;  ///< Fetched from an address instead of an index.
  std::uint32_t line = 0;
};

/// One headed part of a document.
struct Section {
  std::string heading;  ///< As written, without marks; a front-matter field is "front-matter: license".
  std::uint32_t line = 0;
  std::uint32_t words =
      0;  ///< Of text under it, sub-sections included; placeholders (TODO, "More information needed") not counted.
  std::string excerpt;  ///< At most 300 bytes.
};

/// One line of a digest manifest.
struct DigestEntry {
  std::string path;  ///< Relative to the assessed directory (already resolved against the manifest's folder).
  std::string algorithm;
  std::string digest;  ///< Lower-case hexadecimal.
  std::uint32_t line = 0;
};

/// One discovered thing.
struct Asset {
  std::string id;  ///< "asset:" and 16 hexadecimal digits from kind and path: stable while the file is where it is.
  AssetKind kind = AssetKind::other;
  std::string path;  ///< For a part of a file, "path#name".
  std::uint64_t size_bytes = 0;
  base::Sha256 sha256;        ///< Of the content; unset where it was not read, and notes say why.
  std::string format;         ///< "safetensors", "pickle", "python", "csv" …; empty where none was recognised.
  std::string recognised_by;  ///< "content: 8-byte header length and JSON", "name: requirements.txt" …
  Confidence confidence = Confidence::high;
  bool is_part = false;            ///< A part of a file: `path` is "file#name".
  std::uint32_t line = 0;          ///< Where in the file, for a part of one.
  std::uint32_t mode = 0;          ///< Permission bits.
  std::vector<std::string> notes;  ///< What was odd: "symbolic link to ../x, not followed", "not read: sparse, 1 TiB".
  base::Value attributes;          ///< Map of further facts by format: "tensors", "parameters", "chat_template" …
  std::vector<Usage> usages;
  std::vector<Package> packages;
  std::vector<Section> sections;
  std::vector<DigestEntry> digests;
};
/// "asset:" and the first 16 hexadecimal digits of SHA-256 over the name of the kind and the path, each preceded by its
/// length as a big-endian 64-bit number.
[[nodiscard]] std::string asset_id(AssetKind kind, std::string_view path);

enum class Severity : std::uint8_t { info, low, medium, high, critical };
[[nodiscard]] std::string_view to_string(Severity severity);
[[nodiscard]] std::optional<Severity> severity(std::string_view name);

/// Whether a finding speaks of an attack, of something a deployer may knowingly accept, or of a file that breaks its
/// format.
enum class FindingClass : std::uint8_t { malice, weakness, policy, malformed };
[[nodiscard]] std::string_view to_string(FindingClass finding_class);
[[nodiscard]] std::optional<FindingClass> finding_class(std::string_view name);

/// One judged observation about one place. Findings of the same thing in the same content have the same id, whatever
/// run, machine or file order.
struct Finding {
  std::string id;    ///< "F-" and 16 hexadecimal digits from rule, path, place and what was found.
  std::string rule;  ///< Id in the rule table, such as "pickle-dangerous-call".
  Severity severity = Severity::medium;
  FindingClass finding_class = FindingClass::weakness;
  std::string path;               ///< File, and inside containers "model.pt!archive/data.pkl".
  std::string place;              ///< "byte 28, opcode 5", "line 12", "row 3, column email"; empty for the whole file.
  std::uint64_t byte_offset = 0;  ///< In `path`; 0 where lines are the place.
  std::uint32_t line = 0;
  std::string subject;             ///< What was found: "posix.system('id')".
  std::string message;             ///< One sentence for a person.
  std::string remedy;              ///< The next step.
  std::vector<std::string> cwe;    ///< "CWE-502".
  std::vector<std::string> atlas;  ///< "AML.T0011.000".
  std::vector<std::string> owasp;  ///< "LLM03:2025".
};
/// "F-" and the first 16 hexadecimal digits of SHA-256 over rule, path, place and subject, each preceded by its length
/// as a big-endian 64-bit number.
[[nodiscard]] std::string finding_id(const Finding& finding);

/// How much of what a loader would interpret was read.
enum class Coverage : std::uint8_t { complete, partial };
enum class FileVerdict : std::uint8_t { clean, suspicious, malicious, incomplete };
[[nodiscard]] std::string_view to_string(Coverage coverage);
[[nodiscard]] std::string_view to_string(FileVerdict verdict);
[[nodiscard]] std::optional<Coverage> coverage(std::string_view name);
[[nodiscard]] std::optional<FileVerdict> file_verdict(std::string_view name);

/// What the scanner says of one file. `clean` only with complete coverage and nothing found.
struct FileScan {
  std::string path;
  base::Sha256 sha256;
  std::vector<std::string> formats;  ///< Every way the content can be read.
  Coverage coverage = Coverage::complete;
  std::vector<std::string> not_covered;  ///< What was not examined, and why.
  FileVerdict verdict = FileVerdict::clean;
  std::vector<Finding> findings;
};

/// State of a file in version control.
struct VersionedFile {
  std::string path;
  std::string state;  ///< "committed", "modified", "untracked", "ignored".
};
struct Repository {
  bool present = false;
  std::string head;       ///< Commit id; empty where there is no commit yet.
  std::string head_time;  ///< ISO 8601.
  std::string root;       ///< Where the work tree's root is, relative to the assessed directory: "." or "../..".
  std::vector<VersionedFile> files;  ///< The assets' files only.
};

/// The contents of ai-system.yaml, or what is assumed in its absence.
struct SystemFacts {
  bool declared = false;
  std::string path;  ///< Where the file is; empty when not declared.
  base::Sha256 sha256;
  base::Value document;              ///< Checked against schemas/ai-system.schema.json; with lines.
  std::vector<std::string> assumed;  ///< "roles: developer, system-operator".
};

}  // namespace evidence
