#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/value.h"
#include "catalog/catalog.h"

/// What helps people with a Code and judges nothing: guidance by scenario, first steps, relations to other frameworks.
/// Read from the YAML under catalogs/guidance, catalogs/steps and catalogs/crosswalk, which is compiled in.
namespace catalog {

struct Scenario {
  std::string id;  ///< "chatbot".
  std::string title;
};
struct Guidance {
  std::vector<Scenario> scenarios;
  std::map<std::string, std::map<std::string, std::string>> by_provision;  ///< Then by scenario.
};
/// Of this Code; nothing where there is none. Fails with malformed (file, line): a provision or scenario that is
/// unknown, a text that is empty or stands twice.
base::Result<Guidance> load_guidance(const Catalog& catalog);
/// The same; what is wrong with it is left to load_guidance().
[[nodiscard]] Guidance guidance_or_none(const Catalog& catalog);

/// How a provision is begun on the user's own system.
struct FirstStep {
  std::vector<std::string> run;    ///< Commands, in which {directory} and {subject} stand for what is to be filled in.
  std::vector<std::string> after;  ///< Provisions that are better dealt with before.
};
/// By provision. Fails as load_guidance() does.
base::Result<std::map<std::string, FirstStep>> load_steps(const Catalog& catalog);

struct Relation {
  std::string provision;
  std::string kind;        ///< "equal", "subset", "superset", "intersects": of the provision to the target.
  std::string target;      ///< "GOVERN 2.2", "LLM01:2025".
  std::string confidence;  ///< "high", "medium", "low".
  std::string source;      ///< "ours", or who says so.
  std::string why;
};
struct Crosswalk {
  std::string id;  ///< "nist-ai-rmf".
  std::string title;
  std::string version;
  std::string publisher;
  std::string note;
  std::vector<Relation> relations;
};
/// All of this Code, by id. Fails as load_guidance() does.
base::Result<std::vector<Crosswalk>> load_crosswalks(const Catalog& catalog);

/// A YAML file that was compiled in.
struct PackedDocument {
  std::string name;  ///< "catalogs/crosswalk/nist-ai-rmf.yaml".
  base::Value root;  ///< With lines.
};
/// Those whose name begins with `prefix`, in the order of names.
base::Result<std::vector<PackedDocument>> packed_documents(std::string_view prefix);

}  // namespace catalog
