#include "assess/outcome.h"

#include <algorithm>
#include <set>

#include "base/json.h"
#include "base/text.h"

namespace assess {
namespace {

using base::Value;

constexpr std::size_t kMaxEvidence = 1000;
constexpr std::size_t kMaxPerProvision = 20;

Value text_or_null(const std::string& text) {
  return text.empty() ? Value() : Value(text);
}

std::string short_digest(const std::string& hex) {
  return hex.empty() ? "not read" : hex.substr(0, 12) + "…";
}

// "pass, executed", "inconclusive, stale", "fail, excepted".
std::string shown(const PastProvision& provision) {
  std::string out = provision.verdict;
  if (provision.verdict == "pass" && !provision.strength.empty()) {
    out += ", " + provision.strength;
  }
  return out + (provision.stale ? ", stale" : "") + (provision.excepted ? ", excepted" : "");
}

// The higher, the further from a tested pass.
int distance(const PastProvision& provision) {
  if (provision.verdict == "fail") {
    return 3;
  }
  if (provision.verdict == "inconclusive") {
    return 2;
  }
  return provision.strength == "attested" || provision.strength == "documented" ? 1 : 0;
}

Change judge(const PastProvision& before, const PastProvision& after, bool added, bool removed) {
  const bool failed = before.verdict == "fail" && !before.excepted;
  const bool fails = after.verdict == "fail" && !after.excepted;
  if (fails && !failed) {
    return Change::new_failure;
  }
  if (after.stale && !before.stale) {
    return Change::stale;
  }
  if ((before.verdict == "not applicable") != (after.verdict == "not applicable")) {
    return Change::changed;
  }
  if (before.verdict == "fail" && after.verdict == "pass") {
    return Change::fixed;
  }
  const int step = distance(after) - distance(before);
  if (step != 0) {
    return step > 0 ? Change::worsened : Change::better;
  }
  if (before.excepted != after.excepted) {
    return Change::changed;  // accepted now
  }
  if (added) {
    return Change::worsened;
  }
  return removed || before.stale != after.stale ? Change::better : Change::unchanged;
}

// "models/intent.pkl" of "models/intent.pkl!data.pkl", "app.py#PROMPT" and itself.
std::string file_of(const std::string& subject) {
  return subject.substr(0, subject.find_first_of("!#"));
}

}  // namespace

Value inherited_value(const std::vector<InheritedFrom>& inherited) {
  Value::List out;
  for (const InheritedFrom& from : inherited) {
    out.emplace_back(Value::Map{{"provider", from.provider},
                                {"role", from.role},
                                {"side", from.side},
                                {"component", text_or_null(from.component)},
                                {"stated_in", from.stated_in},
                                {"stated_by", text_or_null(from.stated_by)},
                                {"system", text_or_null(from.system)},
                                {"bundle", text_or_null(from.bundle)},
                                {"date", text_or_null(from.date)},
                                {"verdict", text_or_null(from.verdict)},
                                {"strength", text_or_null(from.strength)}});
  }
  return out;
}

Value outcome_value(const Assessment& assessment) {
  Value::Map by_verb;
  for (const auto& [verb, counts] : assessment.counts) {
    by_verb.emplace_back(std::string(catalog::to_string(verb)), Value::Map{{"pass", counts.pass},
                                                                           {"pass_attested", counts.pass_attested},
                                                                           {"fail", counts.fail},
                                                                           {"inconclusive", counts.inconclusive},
                                                                           {"stale", counts.stale},
                                                                           {"not_applicable", counts.not_applicable},
                                                                           {"excepted", counts.excepted}});
  }
  Value::List provisions;
  for (const ProvisionResult& result : assessment.provisions) {
    Value::List checks;
    for (const CheckResult& check : result.checks) {
      checks.emplace_back(Value::Map{{"id", check.check},
                                     {"verdict", to_string(check.verdict)},
                                     {"stale", check.stale},
                                     {"settles", check.settles},
                                     {"strength", evidence::to_string(check.strength)},
                                     {"subjects", check.subjects},
                                     {"violations", check.violation_count},
                                     {"excepted", check.excepted_count},
                                     {"reason", check.reason}});
    }
    provisions.emplace_back(
        Value::Map{{"id", result.provision->id},
                   {"verb", catalog::to_string(result.provision->verb)},
                   {"title", result.provision->title},
                   {"verdict", to_string(result.verdict)},
                   {"stale", result.stale},
                   {"excepted", result.excepted},
                   {"strength", result.strength ? Value(evidence::to_string(*result.strength)) : Value()},
                   {"attested_by", text_or_null(result.attested_by)},
                   {"reason", result.reason},
                   {"rule", text_or_null(result.rule)},
                   {"checks", std::move(checks)}});
    if (!result.inherited.empty()) {  // only there, so that older bundles have the same fields
      provisions.back().set("inherited", inherited_value(result.inherited));
    }
  }
  Value::Map out = {{"adherence", to_string(assessment.adherence)},
                    {"adherence_reason", assessment.adherence_reason},
                    {"counts", std::move(by_verb)}};
  Value::List roles;
  for (const std::string& role : assessment.roles) {
    roles.emplace_back(role);
  }
  out.emplace_back("roles", std::move(roles));
  out.emplace_back("provisions", std::move(provisions));
  return out;
}

std::vector<std::string> outcome_differences(const Value& stated, const Value& computed) {
  std::vector<std::string> out;
  if (base::to_canonical_json(stated) == base::to_canonical_json(computed)) {
    return out;
  }
  const auto say = [&](const std::string& place, std::string_view field, const Value& a, const Value& b) {
    if (base::to_canonical_json(a) != base::to_canonical_json(b) && out.size() < 200) {
      out.push_back(place + std::string(field) + " is " + base::abbreviate(base::to_canonical_json(a), 200) +
                    ", recomputed as " + base::abbreviate(base::to_canonical_json(b), 200));
    }
  };
  for (const char* field : {"adherence", "adherence_reason", "counts", "roles"}) {
    say("", field, stated[field], computed[field]);
  }
  const Value::List& before = stated["provisions"].as_list();
  const Value::List& after = computed["provisions"].as_list();
  if (before.size() != after.size()) {
    out.push_back(std::to_string(before.size()) + " provisions are stated, " + std::to_string(after.size()) +
                  " recomputed");
  }
  for (std::size_t i = 0; i < std::min(before.size(), after.size()); ++i) {
    const std::string place = "provision " + base::printable(after[i]["id"].as_text()) + ": ";
    for (const auto& member : after[i].as_map()) {
      say(place, member.first, before[i][member.first], member.second);
    }
  }
  if (out.empty()) {
    out.emplace_back("the stated result has fields that no assessment has");
  }
  return out;
}

base::Result<PastResult> past_result(const Value& document, std::string_view name) {
  const auto wrong = [&](const std::string& message) {
    return base::Error{base::Errc::malformed, message, 0, std::string(name)};
  };
  if (document["format"].as_text() != "surety-assessment") {
    return wrong("not a result of surety assess --format json");
  }
  if (document["format_version"].as_integer() != 1) {
    return base::Error{base::Errc::unsupported, "format_version: this Surety reads 1", 0, std::string(name)};
  }
  PastResult out;
  out.name = name;
  out.time = document["time"].as_text();
  out.tool_version = document["tool"]["version"].as_text();
  out.catalogue = std::string(document["catalogue"]["id"].as_text()) + " " +
                  std::string(document["catalogue"]["version"].as_text());
  for (const Value& asset : document["assets"].as_list()) {
    out.assets[std::string(asset["path"].as_text())] = asset["sha256"].as_text();
  }
  std::set<std::string> seen;
  for (const Value& entry : document["provisions"].as_list()) {
    PastProvision provision;
    provision.id = entry["id"].as_text();
    provision.verdict = entry["verdict"].as_text();
    if (provision.id.empty() || provision.verdict.empty()) {
      return wrong("provisions: an entry without id or verdict");
    }
    if (!seen.insert(provision.id).second) {
      return wrong("provisions: " + base::printable(provision.id) + " stands twice");
    }
    provision.verb = entry["verb"].as_text();
    provision.title = entry["title"].as_text();
    provision.strength = entry["strength"].as_text();
    provision.reason = entry["reason"].as_text();
    provision.stale = entry["stale"].as_bool();
    provision.excepted = entry["shown_as"].as_text() == "excepted";
    for (const Value& change : entry["changes"].as_list()) {
      provision.changes.push_back(std::string(change["subject"].as_text()) + ": " +
                                  std::string(change["reason"].as_text()));
    }
    for (const Value& check : entry["checks"].as_list()) {
      for (const Value& subject : check["examined"].as_list()) {
        provision.subjects.emplace_back(subject.as_text());
      }
      const bool fails = check["verdict"].as_text() == "fail";
      for (const Value& observation : check["observations"].as_list()) {
        provision.subjects.emplace_back(observation["subject"].as_text());
        if (fails && observation["id"].is_string()) {
          provision.violations[std::string(observation["id"].as_text())] =
              std::string(observation["subject"].as_text()) + ": " + std::string(observation["reason"].as_text());
        }
      }
    }
    out.provisions.push_back(std::move(provision));
  }
  if (out.provisions.empty()) {
    return wrong("provisions: none");
  }
  return out;
}

PastResult past_result(const evidence::Run& run, std::string_view name) {
  PastResult out;
  out.name = name;
  out.time = base::to_iso8601(run.time);
  out.tool_version = run.version;
  out.catalogue = run.catalog + " " + run.catalog_version;
  for (const auto& [id, verdict] : run.verdicts) {
    PastProvision provision;
    provision.id = id;
    provision.verdict = verdict;
    const auto shown_as = run.shown_as.find(id);
    provision.stale = shown_as != run.shown_as.end() && shown_as->second == "stale";
    provision.excepted = shown_as != run.shown_as.end() && shown_as->second == "excepted";
    out.provisions.push_back(std::move(provision));
  }
  return out;
}

std::string_view to_string(Change change) {
  constexpr std::string_view kNames[] = {"new", "worsened", "stale", "fixed", "better", "changed", "unchanged"};
  return kNames[static_cast<std::size_t>(change)];
}

bool Difference::worse() const {
  return std::any_of(changes.begin(), changes.end(), [](const ProvisionChange& each) {
    return each.change == Change::new_failure || each.change == Change::worsened || each.change == Change::stale;
  });
}

Difference compare(const PastResult& before, const PastResult& after) {
  Difference out;
  out.old_name = before.name + (before.time.empty() ? "" : " (" + before.time + ")");
  out.new_name = after.name + (after.time.empty() ? "" : " (" + after.time + ")");
  if (before.tool_version != after.tool_version) {
    out.notes.push_back("made by another Surety: " + before.tool_version + ", now " + after.tool_version);
  }
  if (before.catalogue != after.catalogue) {
    out.notes.push_back("assessed with another catalogue: " + before.catalogue + ", now " + after.catalogue);
  }
  std::map<std::string, std::string> changed;  // file -> sentence
  const auto say = [&](const std::string& path, const std::string& sentence) {
    ++out.evidence_count;
    changed[file_of(path)] = path + ": " + sentence;
    if (out.evidence.size() < kMaxEvidence) {
      out.evidence.push_back(path + ": " + sentence);
    }
  };
  for (const auto& [path, digest] : after.assets) {
    const auto old = before.assets.find(path);
    if (old == before.assets.end()) {
      say(path, "is new (" + short_digest(digest) + ")");
    } else if (old->second != digest) {
      say(path, "was " + short_digest(old->second) + ", is " + short_digest(digest));
    }
  }
  for (const auto& [path, digest] : before.assets) {
    if (!after.assets.contains(path)) {
      say(path, "is gone (was " + short_digest(digest) + ")");
    }
  }
  std::sort(out.evidence.begin(), out.evidence.end());
  std::map<std::string, const PastProvision*> old;
  for (const PastProvision& provision : before.provisions) {
    old[provision.id] = &provision;
  }
  for (const PastProvision& now : after.provisions) {
    const auto found = old.find(now.id);
    if (found == old.end()) {
      out.notes.push_back("provision " + now.id + " is not in the older result");
      continue;
    }
    const PastProvision& was = *found->second;
    old.erase(found);
    ProvisionChange change{now.id, now.verb, now.title, shown(was), shown(now), now.reason, {}, {}, {}, {}};
    for (const auto& [id, text] : now.violations) {
      if (!was.violations.contains(id)) {
        change.added.push_back(text);
      }
    }
    for (const auto& [id, text] : was.violations) {
      if (!now.violations.contains(id)) {
        change.removed.push_back(text);
      }
    }
    change.change = judge(was, now, !change.added.empty() && !now.excepted, !change.removed.empty());
    if (change.change == Change::unchanged) {
      ++out.unchanged;
      continue;
    }
    std::set<std::string> because(now.changes.begin(), now.changes.end());
    for (const auto* subjects : {&now.subjects, &was.subjects}) {
      for (const std::string& subject : *subjects) {
        if (const auto hit = changed.find(file_of(subject)); hit != changed.end()) {
          because.insert(hit->second);
        }
      }
    }
    for (const std::string& sentence : because) {
      if (change.because.size() < kMaxPerProvision) {
        change.because.push_back(sentence);
      }
    }
    out.changes.push_back(std::move(change));
  }
  for (const auto& entry : old) {
    out.notes.push_back("provision " + entry.first + " is not in the newer result");
  }
  std::stable_sort(out.changes.begin(), out.changes.end(),
                   [](const ProvisionChange& a, const ProvisionChange& b) { return a.change < b.change; });
  return out;
}

}  // namespace assess
