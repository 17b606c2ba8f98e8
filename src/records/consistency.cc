#include "records/consistency.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "records/kinds.h"

namespace records {
namespace {

using base::Errc;
using base::Error;
using base::Result;
using base::Value;

constexpr std::int64_t kDay = 86'400;  // somewhere it is tomorrow already

// The lists of ai-system.yaml in which an id may stand, by what the schemas call a reference to it.
struct Target {
  std::string_view definition;
  std::string_view what;
  std::array<std::string_view, 6> lists;
};
constexpr std::array<Target, 5> kTargets = {
    {{"model", "a model in ai-system.yaml", {"models"}},
     {"data", "a data set in ai-system.yaml", {"data"}},
     {"tool", "a tool in ai-system.yaml", {"tools"}},
     {"provider", "a provider in ai-system.yaml", {"providers"}},
     {"part",
      "a model, data set, prompt, tool, interface or environment in ai-system.yaml",
      {"models", "data", "prompts", "tools", "interfaces", "environments"}}}};
// The same for ids of other records.
struct RecordTarget {
  std::string_view definition;
  std::string_view kind;
  std::string_view what;
};
constexpr std::array<RecordTarget, 3> kRecordTargets = {
    {{"person", "roster", "a person in the roster"},
     {"module", "training-programme", "a training-programme record"},
     {"update_record", "update", "an update record"}}};

bool is_id(std::string_view text) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
  return !text.empty() && plain(text.front()) && std::all_of(text.begin(), text.end(), [&](char c) {
    return plain(c) || std::string_view("._-+@").find(c) != std::string_view::npos;
  });
}

bool is_digest(std::string_view text) {
  return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) { return base::hex_value(c) >= 0; });
}

bool stays_inside(std::string_view path) {
  int depth = path.starts_with('/') ? -1 : 0;
  for (const std::string_view component : base::split(path, '/')) {
    if (component == "..") {
      --depth;
    } else if (!component.empty() && component != ".") {
      ++depth;
    }
    if (depth < 0) {
      return false;
    }
  }
  return true;
}

// Calls `visit(definition, value, place)` for every value whose schema is one of the $defs.
template <class Visit>
void walk(const Value& root, const Value& schema, const Value& value, const std::string& place, const Visit& visit) {
  const Resolved resolved = resolve(root, schema);
  if (!resolved.definition.empty()) {
    visit(resolved.definition, value, place);
  }
  if (value.is_list()) {
    const Value& items = (*resolved.schema)["items"];
    for (std::size_t i = 0; i < value.as_list().size(); ++i) {
      walk(root, items, value.as_list()[i], place + "[" + std::to_string(i) + "]", visit);
    }
  } else if (value.is_map()) {
    const Value& properties = (*resolved.schema)["properties"];
    for (const auto& [name, member] : value.as_map()) {
      walk(root, properties[name], member, place.empty() ? name : place + "." + name, visit);
    }
  }
}

std::string_view without_dot(std::string_view path) {
  while (path.starts_with("./") && path.size() > 2) {
    path.remove_prefix(2);
  }
  return path;
}

}  // namespace

std::vector<PathField> paths_of(std::string_view kind, const Value& record) {
  std::vector<PathField> out;
  const auto schema = schema_of(kind);
  if (!schema) {
    return out;
  }
  const Value& root = (*schema)->root();
  walk(root, root["$defs"]["record"], record, "",
       [&](std::string_view definition, const Value& value, const std::string& place) {
         if (definition == "path" && value.is_string()) {
           out.push_back({place, std::string(without_dot(value.as_text()))});
         }
       });
  return out;
}

Consistency::Consistency(const evidence::SystemFacts& system) {
  for (const std::string_view list :
       {"models", "data", "prompts", "tools", "interfaces", "providers", "environments"}) {
    for (const Value& entry : system.document[list].as_list()) {
      declared_[std::string(list)].insert(std::string(entry["id"].as_text()));
    }
  }
}

void Consistency::collect(const Value& document, const std::string& path) {
  Ids& ids = records_[std::string(document["kind"].as_text())];
  for (const Value& record : document["records"].as_list()) {
    const auto [known, added] =
        ids.emplace(std::string(record["id"].as_text()), Defined{path, record["id"].line(), &record});
    if (!added) {
      doubles_[path].emplace_back(known->first, Defined{path, record["id"].line(), &record});
    }
  }
}

/// The problems of one file.
class FileCheck {
 public:
  FileCheck(const Consistency& all, const Value& document, const std::string& path)
      : all_(all), document_(document), path_(path) {}

  Result<void> run() {
    const auto schema = schema_of(document_["kind"].as_text());
    if (!schema) {
      return schema.error();
    }
    const Value& root = (*schema)->root();
    walk(root, root, document_, "", [this](std::string_view definition, const Value& value, const std::string& place) {
      check_value(definition, value, place);
    });
    check_doubles();
    const auto& records = document_["records"].as_list();
    for (std::size_t i = 0; i < records.size(); ++i) {
      check_record(records[i], "records[" + std::to_string(i) + "]");
    }
    std::stable_sort(problems_.begin(), problems_.end(),
                     [](const base::SchemaProblem& a, const base::SchemaProblem& b) { return a.line < b.line; });
    return base::first_problem(problems_, base::printable(path_));
  }

 private:
  void report(const std::string& place, const Value& value, std::string message) {
    problems_.push_back({place, std::move(message), value.line()});
  }

  template <class Names>
  void report_unknown(const std::string& place, const Value& value, std::string_view what, const Names& names,
                      std::string_view hint) {
    std::string message =
        "\"" + base::abbreviate(base::printable(value.as_text()), 80) + "\" is not the id of " + std::string(what);
    if (const auto meant = base::closest(value.as_text(), names)) {
      message += "; did you mean \"" + std::string(*meant) + "\"?";
    } else {
      message += hint;
    }
    report(place, value, message);
  }

  void check_value(std::string_view definition, const Value& value, const std::string& place) {
    const std::string_view text = value.as_text();
    if (definition == "id") {
      if (!is_id(text)) {
        report(place, value,
               "\"" + base::abbreviate(base::printable(text), 80) +
                   "\" is no id: letters, digits, dot, dash, underscore, plus and @, beginning with a "
                   "letter or digit");
      }
    } else if (definition == "sha256") {
      if (!is_digest(text)) {
        report(place, value, "not 64 hexadecimal digits");
      }
    } else if (definition == "past_date") {
      const auto time = base::parse_time(text);
      if (time && time->seconds > base::now().seconds + kDay) {
        report(place, value, std::string(text) + " is still to come");
      }
    } else if (definition == "path") {
      if (!stays_inside(text)) {
        report(place, value, "\"" + base::printable(text) + "\" leaves the assessed directory");
      }
    } else if (definition == "text") {
      if (base::trim(text).empty()) {
        report(place, value, "must not be blank");
      }
    } else {
      check_reference(definition, value, place);
    }
  }

  void check_reference(std::string_view definition, const Value& value, const std::string& place) {
    for (const RecordTarget& target : kRecordTargets) {
      if (target.definition != definition) {
        continue;
      }
      const auto ids = all_.records_.find(target.kind);
      if (ids == all_.records_.end() || !ids->second.contains(value.as_text())) {
        std::vector<std::string_view> names;
        if (ids != all_.records_.end()) {
          for (const auto& known : ids->second) {
            names.push_back(known.first);
          }
        }
        report_unknown(place, value, target.what, names,
                       names.empty() ? " (there is none: surety record new " + std::string(target.kind) + ")" : "");
      }
      return;
    }
    for (const Target& target : kTargets) {
      if (target.definition != definition) {
        continue;
      }
      std::vector<std::string_view> names;
      for (const std::string_view list : target.lists) {
        const auto ids = all_.declared_.find(list);
        if (ids == all_.declared_.end()) {
          continue;
        }
        if (ids->second.contains(value.as_text())) {
          return;
        }
        names.insert(names.end(), ids->second.begin(), ids->second.end());
      }
      report_unknown(place, value, target.what, names, "");
    }
  }

  void check_doubles() {
    const auto found = all_.doubles_.find(path_);
    if (found == all_.doubles_.end()) {
      return;
    }
    for (const auto& [id, defined] : found->second) {
      const Consistency::Defined& first = all_.records_.find(document_["kind"].as_text())->second.find(id)->second;
      report("records", (*defined.record)["id"],
             "\"" + base::printable(id) + "\" is the id of another record of this kind, in " +
                 base::printable(first.path) + ", line " + std::to_string(first.line));
    }
  }

  void in_order(const Value& earlier, const Value& later, const std::string& place, std::string_view name) {
    if (earlier.is_string() && later.is_string() && later.as_text() < earlier.as_text()) {
      report(place, later,
             std::string(later.as_text()) + " is before " + std::string(name) + " (" + std::string(earlier.as_text()) +
                 ")");
    }
  }

  void check_record(const Value& record, const std::string& place) {
    const std::string_view kind = document_["kind"].as_text();
    in_order(record["effective"], record["valid_until"], place + ".valid_until", "effective");
    in_order(record["effective"], record["left_on"], place + ".left_on", "effective");
    in_order(record["since"], record["until"], place + ".until", "since");
    in_order(record["released"], record["delivered"], place + ".delivered", "released");
    if (kind == "roster") {
      return;
    }
    for (const std::string_view field : {"owner", "made_by"}) {
      if (record[field].as_text(document_[field].as_text()).empty()) {
        report(place + "." + std::string(field), record, "is missing, and the file names none for all its records");
      }
    }
    const auto lacks = [&](std::string_view field, bool wanted, std::string_view why) {
      if (wanted && record.find(field) == nullptr) {
        report(place + "." + std::string(field), record, "is missing: " + std::string(why));
      }
    };
    lacks("accepted_by", record["treatment"].as_text() == "accept", "a risk that is accepted is accepted by somebody");
    lacks("kept_because", record["copies"].as_text() == "kept", "copies are kept");
    lacks("actions", record["outcome"].as_text() == "acted", "the outcome is that something was done");
    lacks("test_outcome", kind == "oversight-point" && record.find("tested") != nullptr, "it was tested");
    lacks("tested", record.find("test_outcome") != nullptr, "a test has a date");
    lacks("compensating", record.find("cannot_update") != nullptr, "there is no update");
    lacks("conditions", kind == "supplier" && record["outcome"].as_text() == "conditional",
          "it is accepted under conditions");
    if (kind == "monitoring-review" && record["signals"].as_list().empty() && record.find("not_feasible") == nullptr) {
      report(place + ".signals", record, "is missing: what was looked at, or not_feasible with the reason");
    }
    if (record["signals"].is_list() && record["outcome"].as_text() == "normal") {
      for (const Value& signal : record["signals"].as_list()) {
        if (signal["result"].as_text() != "normal") {
          report(place + ".outcome", record["outcome"],
                 "is normal, but the signal \"" + base::printable(signal["name"].as_text()) + "\" is not");
        }
      }
    }
    check_person_was_there(record, place, kind);
  }

  // Nobody completes a training before joining or after leaving.
  void check_person_was_there(const Value& record, const std::string& place, std::string_view kind) {
    const auto roster = all_.records_.find("roster");
    if (kind != "training" || roster == all_.records_.end()) {
      return;
    }
    const auto person = roster->second.find(record["person"].as_text());
    if (person == roster->second.end()) {
      return;  // told already
    }
    const std::string_view left = (*person->second.record)["left_on"].as_text();
    if (!left.empty() && record["effective"].as_text() > left) {
      report(place + ".effective", record["effective"],
             base::printable(record["person"].as_text()) + " left on " + std::string(left) + " (" +
                 base::printable(person->second.path) + ", line " + std::to_string(person->second.line) + ")");
    }
  }

  const Consistency& all_;
  const Value& document_;
  const std::string& path_;
  std::vector<base::SchemaProblem> problems_;
};

Result<void> Consistency::check(const Value& document, const std::string& path) const {
  return FileCheck(*this, document, path).run();
}

namespace {

// What two records about the same thing, of the same day, must agree on. One of a later day takes the other's place.
struct Agreement {
  std::string_view kind;
  std::array<std::string_view, 4> about;
  std::array<std::string_view, 2> values;
};
constexpr std::array<Agreement, 4> kAgreements = {
    {{"data-custody", {"data"}, {"custodian", "classification"}},
     {"evaluation", {"model", "sha256", "revision", "concerns"}, {"outcome"}},
     {"supplier", {"provider", "component", "sha256"}, {"outcome", "follows_code"}},
     {"decision", {"about", "subject"}, {"outcome"}}}};

std::uint32_t line_of(const evidence::Record& record, const std::vector<evidence::RecordFile>& files) {
  for (const evidence::RecordFile& file : files) {
    for (const evidence::RecordPlace& place : file.places) {
      if (file.path == record.file && place.id == record.id) {
        return place.line;
      }
    }
  }
  return 0;
}

}  // namespace

Result<void> Consistency::check_together(const std::vector<evidence::Record>& records,
                                         const std::vector<evidence::RecordFile>& files) {
  std::map<std::string, const evidence::Record*> first;
  for (const evidence::Record& record : records) {
    for (const Agreement& agreement : kAgreements) {
      if (agreement.kind != record.kind) {
        continue;
      }
      Value::List key = {record.kind, base::to_iso_date(record.effective)};
      for (const std::string_view field : agreement.about) {
        key.push_back(record.document[field]);
      }
      const auto [place, added] = first.emplace(base::to_canonical_json(Value(std::move(key))), &record);
      if (added) {
        continue;
      }
      const evidence::Record& other = *place->second;
      for (const std::string_view field : agreement.values) {
        if (!field.empty() && !(record.document[field] == other.document[field])) {
          return Error{Errc::malformed,
                       "record " + base::printable(record.id) + " contradicts record " + base::printable(other.id) +
                           " (" + base::printable(other.file) + ", line " + std::to_string(line_of(other, files)) +
                           "): both hold from " + base::to_iso_date(record.effective) + ", and " + std::string(field) +
                           " differs",
                       0, base::printable(record.file), line_of(record, files)};
        }
      }
    }
  }
  return {};
}

}  // namespace records
