#include "records/kinds.h"

#include <algorithm>
#include <array>
#include <map>
#include <span>

#include "base/embedded.h"
#include "base/text.h"

namespace embedded {
extern const std::span<const base::EmbeddedFile> record_schemas;
}

namespace records {
namespace {

using base::Errc;
using base::Error;
using base::Result;

constexpr unsigned kYear = 365;

constexpr std::array kKinds = {
    Kind{"roster", 0, "until somebody leaves (left_on)"},
    Kind{"training-programme", kYear, "a year, then its content is due for review"},
    Kind{"training", 2 * kYear, "two years, and no longer than until the next material threat"},
    Kind{"threat-briefing", kYear, "a year; older threats are no news"},
    Kind{"decision", 0, "without end: it is history"},
    Kind{"risk", kYear, "a year, then it is due for review"},
    Kind{"supplier", 2 * kYear, "two years, and only for the digest that was assessed"},
    Kind{"permission", kYear, "a year, then grants are due for review"},
    Kind{"acceptable-use", kYear, "a year, then it is due for review"},
    Kind{"oversight-point", kYear, "a year, then the control is due for a test"},
    Kind{"incident-plan", kYear, "a year, then the plan is due for review"},
    Kind{"recovery-plan", kYear, "a year, then the plan is due for review"},
    Kind{"disclosure-policy", kYear, "a year, then it is due for review"},
    Kind{"staff-reporting", kYear, "a year, then the channel is due for a test"},
    Kind{"data-custody", kYear, "a year, then it is due for confirmation"},
    Kind{"evaluation", 0, "as long as the tested version is in use"},
    Kind{"change-notice", 0, "without end: it is history"},
    Kind{"user-guidance", kYear, "a year, then it is due for review"},
    Kind{"shared-responsibility", 2 * kYear, "two years, then the contract is due for review"},
    Kind{"transfer", 0, "without end: it is history"},
    Kind{"disposal", 0, "without end: it is history"},
    Kind{"monitoring-review", 92, "three months; monitoring is continuous"},
    Kind{"update", 0, "without end: it is history"},
};

const std::map<std::string, Result<base::Schema>, std::less<>>& schemas() {
  static const std::map<std::string, Result<base::Schema>, std::less<>> loaded = [] {
    std::map<std::string, Result<base::Schema>, std::less<>> all;
    for (const base::EmbeddedFile& file : embedded::record_schemas) {
      all.emplace(file.name.substr(0, file.name.find('.')), base::Schema::load(file.content));
    }
    return all;
  }();
  return loaded;
}

std::string_view text_of(const Kind& kind, std::string_view field) {
  const auto schema = schema_of(kind.name);
  return schema ? (*schema)->root()[field].as_text() : std::string_view();
}

}  // namespace

std::span<const Kind> kinds() {
  return kKinds;
}

const Kind* find_kind(std::string_view name) {
  const auto* const found =
      std::find_if(kKinds.begin(), kKinds.end(), [&](const Kind& candidate) { return candidate.name == name; });
  return found == kKinds.end() ? nullptr : found;
}

std::string kind_names() {
  std::string names;
  for (const Kind& kind : kKinds) {
    names += (names.empty() ? "" : ", ") + std::string(kind.name);
  }
  return names;
}

Result<const base::Schema*> schema_of(std::string_view kind) {
  const auto found = schemas().find(kind);
  if (found == schemas().end()) {
    return Error{Errc::not_found, "no kind of record is called " + base::printable(kind)};
  }
  if (!found->second) {
    return found->second.error();
  }
  return &*found->second;
}

std::string_view title_of(const Kind& kind) {
  return text_of(kind, "title");
}
std::string_view description_of(const Kind& kind) {
  return text_of(kind, "description");
}

Resolved resolve(const base::Value& root, const base::Value& schema) {
  constexpr std::string_view kPrefix = "#/$defs/";
  const std::string_view reference = schema["$ref"].as_text();
  if (!reference.starts_with(kPrefix)) {
    return {{}, &schema};
  }
  const std::string_view name = reference.substr(kPrefix.size());
  return {name, &root["$defs"][name]};
}

namespace {

// What a draft writes for a value: nothing that could be taken for a fact.
std::string example_of(std::string_view definition, const base::Value& schema) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kExamples = {
      {{"person", "PERSON"},
       {"id", "ID"},
       {"module", "MODULE"},
       {"update_record", "UPDATE"},
       {"model", "MODEL"},
       {"data", "DATA"},
       {"tool", "TOOL"},
       {"provider", "PROVIDER"},
       {"part", "PART"},
       {"past_date", "YYYY-MM-DD"},
       {"date", "YYYY-MM-DD"},
       {"path", "PATH"},
       {"sha256", "SHA-256"},
       {"text", "\"…\""}}};
  const auto* const found =
      std::find_if(kExamples.begin(), kExamples.end(), [&](const auto& entry) { return entry.first == definition; });
  if (found != kExamples.end()) {
    return std::string(found->second);
  }
  if (const auto& choices = schema["enum"].as_list(); !choices.empty()) {
    std::string out;
    for (const base::Value& choice : choices) {
      out += (out.empty() ? "" : " | ") + std::string(choice.as_text());
    }
    return out;
  }
  return schema["type"].as_text() == "boolean" ? "true | false" : "NUMBER";
}

class Draft {
 public:
  Draft(const base::Value& root, std::string& out) : root_(root), out_(out) {}

  void write(const base::Value& object, const std::string& indent, bool first_in_list) {
    std::string lead = first_in_list ? indent.substr(0, indent.size() - 2) + "- " : indent;
    for (const auto& [name, member] : object["properties"].as_map()) {
      const auto& required = object["required"].as_list();
      const bool needed = std::find(required.begin(), required.end(), base::Value(name)) != required.end();
      const Resolved resolved = resolve(root_, member);
      const std::string_view help = member["description"].as_text((*resolved.schema)["description"].as_text());
      const std::string comment = std::string(needed ? "" : "optional") +
                                  (help.empty() ? std::string() : (needed ? "" : ". ") + std::string(help));
      out_ += "#" + lead + name + ":";
      write_value(resolved, indent, comment);
      lead = indent;
    }
  }

 private:
  void write_value(const Resolved& resolved, const std::string& indent, const std::string& comment) {
    const base::Value& schema = *resolved.schema;
    const std::string after = comment.empty() ? "" : "  # " + comment;
    if (schema["type"].as_text() == "object") {
      out_ += after + "\n";
      write(schema, indent + "  ", false);
    } else if (schema["type"].as_text() == "array") {
      const Resolved item = resolve(root_, schema["items"]);
      if ((*item.schema)["type"].as_text() == "object") {
        out_ += after + "\n";
        write(*item.schema, indent + "    ", true);
      } else {
        out_ += " [" + example_of(item.definition, *item.schema) + "]" + after + "\n";
      }
    } else {
      out_ += " " + example_of(resolved.definition, schema) + after + "\n";
    }
  }

  const base::Value& root_;
  std::string& out_;
};

}  // namespace

std::string draft(const Kind& kind) {
  const auto schema = schema_of(kind.name);
  if (!schema) {
    return {};
  }
  const base::Value& root = (*schema)->root();
  std::string out;
  for (const std::string& line : base::wrap(description_of(kind), 98)) {
    out += "# " + line + "\n";
  }
  out += "# A record that does not say how long it counts does so for: " + std::string(kind.review_hint) + ".\n";
  out +=
      "# Remove the # in front of the fields below and fill them in; copy them for the next record. PERSON is the id\n"
      "# of somebody in the roster, PART the id of something in ai-system.yaml. surety record check tells what is\n"
      "# wrong. As it stands this file holds no record, and nothing passes by it.\n";
  out += "version: 1\nkind: " + std::string(kind.name) + "\n";
  if (kind.name != "roster") {
    out +=
        "# owner: PERSON    # who answers for the records below that name nobody else\n"
        "# made_by: PERSON  # who wrote them\n";
  }
  out += "records:\n";
  Draft(root, out).write(root["$defs"]["record"], "    ", true);
  return out;
}

}  // namespace records
