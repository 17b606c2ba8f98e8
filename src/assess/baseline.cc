#include "assess/baseline.h"

#include <algorithm>
#include <set>

#include "base/digest.h"
#include "base/json.h"
#include "base/text.h"

namespace assess {
namespace {

using base::Errc;
using base::Error;
using base::Result;
using base::Value;

constexpr std::size_t kMaxHistory = 10'000;

std::string digest_of(const std::map<std::string, std::string>& violations) {
  std::string all;
  for (const auto& entry : violations) {
    all += entry.first + "\n";
  }
  return base::sha256(all).hex();
}

bool is_id(std::string_view id) {
  return id.size() == 18 && id.starts_with("V-") &&
         std::all_of(id.begin() + 2, id.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

Result<std::string> text_of(const Value& map, std::string_view field, std::string_view shown) {
  const Value* value = map.find(field);
  if (value == nullptr || !value->is_string() || base::trim(value->as_text()).empty()) {
    return Error{Errc::malformed, "history: " + std::string(field) + ": is missing or empty", 0, std::string(shown),
                 map.line()};
  }
  return std::string(value->as_text());
}

}  // namespace

std::string Baseline::to_text() const {
  Value::List entries;
  for (const BaselineEntry& entry : history) {
    entries.emplace_back(Value::Map{{"author", entry.author},
                                    {"date", entry.date},
                                    {"reason", entry.reason},
                                    {"action", entry.action},
                                    {"violations", entry.violations},
                                    {"digest", entry.digest}});
  }
  Value::Map list;
  for (const auto& [id, text] : violations) {
    list.emplace_back(id, text);
  }
  return base::to_json(Value(Value::Map{{"format", "surety-baseline"},
                                        {"format_version", 1},
                                        {"history", std::move(entries)},
                                        {"violations", std::move(list)}}),
                       1) +
         "\n";
}

Result<Baseline> Baseline::parse(std::string_view text, std::string_view shown) {
  auto document = base::parse_json(text, {.max_bytes = kMaxBaselineBytes, .max_depth = 8, .max_values = 4'000'000});
  if (!document) {
    return std::move(document).error().in_file(shown);
  }
  const auto wrong = [&](std::string message, const Value& place) {
    return Error{Errc::malformed, std::move(message), 0, std::string(shown), place.line()};
  };
  if ((*document)["format"].as_text() != "surety-baseline") {
    return wrong("not a baseline of Surety", *document);
  }
  if ((*document)["format_version"].as_integer() != 1) {
    return Error{Errc::unsupported, "format_version: this Surety reads 1", 0, std::string(shown)};
  }
  for (const auto& [name, value] : document->as_map()) {
    if (name != "format" && name != "format_version" && name != "history" && name != "violations") {
      return wrong("unknown field \"" + base::printable(name) + "\"", value);
    }
  }
  Baseline out;
  const Value& history = (*document)["history"];
  if (history.as_list().empty() || history.as_list().size() > kMaxHistory) {
    return wrong("history: expected from 1 to " + base::grouped(kMaxHistory) + " entries", history);
  }
  for (const Value& entry : history.as_list()) {
    BaselineEntry read;
    read.author = TRY(text_of(entry, "author", shown));
    read.date = TRY(text_of(entry, "date", shown));
    read.reason = TRY(text_of(entry, "reason", shown));
    read.action = TRY(text_of(entry, "action", shown));
    read.digest = TRY(text_of(entry, "digest", shown));
    read.violations = static_cast<std::uint64_t>(std::max<std::int64_t>(entry["violations"].as_integer(), 0));
    if (const auto date = base::parse_time(read.date); !date) {
      return wrong("history: date: " + date.error().message, entry);
    }
    if (!out.history.empty() && read.action == "shrunk" && read.violations > out.history.back().violations) {
      return wrong("history: an entry that says \"shrunk\" holds more than the one before", entry);
    }
    out.history.push_back(std::move(read));
  }
  const Value& violations = (*document)["violations"];
  if (!violations.is_map()) {
    return wrong("violations: expected a mapping from ids", violations);
  }
  for (const auto& [id, value] : violations.as_map()) {
    if (!is_id(id) || !value.is_string()) {
      return wrong("violations: \"" + base::printable(id) + "\" is no id of a violation", value);
    }
    out.violations.emplace(id, value.as_text());
  }
  const BaselineEntry& last = out.history.back();
  if (last.digest != digest_of(out.violations) || last.violations != out.violations.size()) {
    return wrong("violations: not the list that " + base::printable(last.author) + " wrote on " +
                     base::printable(last.date) + "; it was edited by hand",
                 violations);
  }
  return out;
}

std::map<std::string, std::string> open_violations(const Assessment& assessment) {
  std::map<std::string, std::string> out;
  for (const ProvisionResult& result : assessment.provisions) {
    if (result.verdict != Verdict::fail || result.excepted) {
      continue;
    }
    for (const CheckResult& check : result.checks) {
      for (std::size_t i = 0; i < check.violation_ids.size(); ++i) {
        out.emplace(check.violation_ids[i],
                    check.check + (i < check.violations.size()
                                       ? ": " + check.violations[i].subject + ": " + check.violations[i].reason
                                       : std::string()));
      }
    }
  }
  return out;
}

Result<void> update(Baseline& baseline, const std::map<std::string, std::string>& violations, std::string_view author,
                    std::string_view date, std::string_view reason, bool extend) {
  if (base::trim(author).empty() || base::trim(reason).empty()) {
    return Error{Errc::usage, "a baseline has an author and a reason: --author NAME --reason TEXT"};
  }
  std::vector<std::string> added;
  for (const auto& [id, text] : violations) {
    if (!baseline.violations.contains(id)) {
      added.push_back(text);
    }
  }
  const bool first = baseline.history.empty();
  if (!first && !added.empty() && !extend) {
    return Error{Errc::usage,
                 "a baseline may only shrink, and " + base::counted(added.size(), "violation") +
                     " would be added, the first: " + base::abbreviate(base::printable(added.front()), 200) +
                     " (--extend adds them, which the file's history then says)"};
  }
  baseline.violations = violations;
  baseline.history.push_back({std::string(base::trim(author)), std::string(date), std::string(base::trim(reason)),
                              first           ? "written"
                              : added.empty() ? "shrunk"
                                              : "extended",
                              violations.size(), digest_of(violations)});
  return {};
}

void apply_baseline(const Baseline& baseline, Assessment& assessment) {
  std::set<std::string> met;
  for (ProvisionResult& result : assessment.provisions) {
    if (result.verdict != Verdict::fail) {
      continue;
    }
    bool all = true;
    for (const CheckResult& check : result.checks) {
      if (check.verdict != Verdict::fail) {
        continue;
      }
      // Beyond the ids that a check keeps, nobody can say what is new.
      all = all && check.violation_ids.size() == check.violation_count;
      for (const std::string& id : check.violation_ids) {
        const bool known = baseline.violations.contains(id);
        all = all && known;
        if (known) {
          met.insert(id);
        }
      }
    }
    result.in_baseline = all;
  }
  if (const std::size_t gone = baseline.violations.size() - met.size(); gone > 0) {
    assessment.notes.push_back(base::counted(gone, "violation") + " of the baseline " +
                               (gone == 1 ? "occurs" : "occur") + " no longer: surety baseline write takes them out");
  }
}

}  // namespace assess
