#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/time.h"
#include "base/value.h"
#include "evidence/bill.h"
#include "evidence/observation.h"

/// The bill of materials of an AI system: what it consists of, what of that was read from bytes and what somebody says,
/// and how the parts connect. One model; renderers of several formats; a reader of other people's documents.
namespace bom {

/// Where a statement comes from.
enum class Origin : std::uint8_t {
  observed,  ///< Read from the bytes: a digest, a header, a lock file's own text.
  declared,  ///< Somebody says so: a card, ai-system.yaml, a configuration.
  derived,   ///< Concluded by Surety, from names, places and other fields.
};
[[nodiscard]] std::string_view to_string(Origin origin);

/// What a component is to the system. docs/formats/bom.md maps each to every format.
enum class Kind : std::uint8_t {
  application,  ///< The system itself.
  model,
  weights,  ///< One file of a model that has several.
  adapter,
  tokenizer,
  chat_template,
  model_config,
  prompt,
  dataset,
  agent,
  tool,
  guardrail,
  service,  ///< Endpoint, model at a provider, MCP server, own interface.
  library,
  document,  ///< Card, datasheet, lock file, ai-system.yaml: what fields were declared in.
};
[[nodiscard]] std::string_view to_string(Kind kind);

/// One field of a component with its origin.
struct Field {
  std::string value;
  Origin origin = Origin::observed;
  std::string source;      ///< Path of the file that says so, or whose bytes do.
  std::uint32_t line = 0;  ///< In the source; 0 where lines make no sense.
};

struct Digest {
  std::string algorithm;  ///< "sha256", "sha512", "sha1", "md5", "sha384"; "h1" as go.sum has it.
  std::string value;      ///< Lower-case hexadecimal; base64 for h1.
  Origin origin = Origin::observed;
  std::string source;
};

struct Component {
  std::string ref;  ///< Unique in the document and stable: "model/models/intent.pkl", "pkg:pypi/numpy@1.26.4".
  Kind kind = Kind::library;
  std::string name;
  std::string path;  ///< Of the file; for a part "file#name"; empty where there is none.
  std::string purl;
  bool external = false;                             ///< Not among the files: fetched or called when the system runs.
  std::map<std::string, Field, std::less<>> fields;  ///< By the names in docs/formats/bom.md: "version", "licence" …
  std::vector<Digest> digests;
};

/// How components connect.
enum class Relation : std::uint8_t {
  contains,
  depends_on,     ///< A needs B to run.
  uses,           ///< An agent a tool, code a model.
  trained_on,     ///< A model a dataset.
  derived_from,   ///< A model its base model.
  tokenised_by,   ///< A model its tokenizer.
  configured_by,  ///< A model its prompt, chat template or configuration.
  described_by,   ///< Anything a document.
  provided_by,    ///< A model or server at a provider.
};
[[nodiscard]] std::string_view to_string(Relation relation);

struct Edge {
  std::string from;
  Relation relation = Relation::uses;
  std::string to;
  Origin origin = Origin::derived;
  std::string source;  ///< Path of the file that says so; empty where derived from places.
};

/// A bill of materials. Components are sorted by ref, edges by all fields: equal input gives equal documents.
struct Document {
  Component system;  ///< The application; not among `components`.
  std::vector<Component> components;
  std::vector<Edge> edges;
  std::vector<evidence::Claims> claims;  ///< What was declared of components, held against bytes; sorted by path.
  std::vector<evidence::Bill> bills;     ///< Documents of others that were read.
  std::vector<std::string> notes;        ///< What is not in it, and why.
  base::UnixTime time;
  std::string tool_version;
  std::string serial;  ///< UUIDv5 of everything but the time: "xxxxxxxx-xxxx-5xxx-…".

  [[nodiscard]] const Component* find(std::string_view ref) const;
};

/// What a bill of materials is made from. Borrows.
struct Input {
  std::span<const evidence::Asset> assets;  ///< As inventory::discover returns them.
  const evidence::SystemFacts* system = nullptr;
  std::span<const evidence::Bill> bills;  ///< From read_bill(); may be empty.
  std::string directory_name;             ///< The system's name where ai-system.yaml gives none.
  base::UnixTime time;
  std::string tool_version;
};

/// Makes the bill of materials. Files in tests, documentation and vendored folders are left out, and noted.
/// Deterministic.
[[nodiscard]] Document collect(const Input& input);

/// Holds what cards, configurations, manifests and names say of models and data against what the headers say. Part of
/// collect(); alone for assess, which needs no document.
[[nodiscard]] std::vector<evidence::Claims> compare_claims(std::span<const evidence::Asset> assets,
                                                           const evidence::SystemFacts* system);

/// The contradictions as findings: rule "declared-contradicted", one for each claim that the bytes contradict, and
/// "bill-contradicted" for each digest of `bills` that is not that of the file.
[[nodiscard]] std::vector<evidence::Finding> findings(const Document& document);

// ---- renderers: bytes of a file, ending in a line feed. Equal documents give equal bytes.

enum class CycloneDx : std::uint8_t { v1_6, v1_7 };
[[nodiscard]] std::string to_cyclonedx(const Document& document, CycloneDx version);
[[nodiscard]] std::string to_spdx(const Document& document);  ///< SPDX 3.0.1, JSON-LD.
[[nodiscard]] std::string to_text(const Document& document);  ///< For people.

/// One element of the G7 minimum elements, and what the document has of it.
struct Gap {
  std::string id;         ///< "MDL-07".
  std::string element;    ///< "Model hash value".
  std::string component;  ///< Name of the component that lacks it; empty for the whole.
  std::string supplier;   ///< Who has to supply it: "developer", "provider of gpt-4o", "publisher of the dataset" …
  std::string how;        ///< Where to put it.
};
/// What the 50 elements ask for and the document does not have, in the order of the elements.
[[nodiscard]] std::vector<Gap> gaps(const Document& document);
/// The document by G7 element, as JSON: every element with its values, or the gaps.
[[nodiscard]] std::string to_g7(const Document& document);
[[nodiscard]] std::string gaps_text(const Document& document);

/// Checks what can be checked cheaply of a rendered CycloneDX or SPDX document: required fields, unique refs, no
/// reference that leads nowhere, digests of the right length. Every renderer's output passes; used before writing.
base::Result<void> check_structure(std::string_view json);

}  // namespace bom
