#include "assess/assess.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "assess/record_rows.h"
#include "assess/responsibilities.h"
#include "base/digest.h"
#include "base/text.h"

namespace assess {
namespace {

using evidence::Strength;

constexpr std::size_t kMaxExamined = 20;
constexpr std::size_t kMaxViolations = 200;
constexpr std::size_t kMaxIds = 100'000;
constexpr std::uint64_t kMaxRows = 5'000'000;  ///< Of one part of a check.

// The cell of the named column, or of the place where the column would stand, or empty.
std::string cell(const Facts::Table& table, const std::vector<std::optional<std::string>>& row, std::string_view name,
                 std::size_t place) {
  const auto found = std::find(table.columns.begin(), table.columns.end(), name);
  const auto index = found != table.columns.end() ? static_cast<std::size_t>(found - table.columns.begin()) : place;
  return index < row.size() ? row[index].value_or("") : std::string();
}

base::Error in_check(base::Error error, const std::string& file, std::uint32_t line, const std::string& id,
                     const char* part) {
  error.code = base::Errc::malformed;
  error.message = "check " + id + ", " + part + ": " + error.message;
  error.file = file;
  error.line = line;
  return error;
}

class CheckRunner {
 public:
  /// `uses` are all exceptions; those in force are counted where they cover a violation.
  CheckRunner(const Facts& facts, const catalog::Check& check, std::vector<ExceptionUse>& uses)
      : facts_(facts), check_(check), uses_(uses) {}

  /// By provision: how many violations exceptions cover, and which exceptions.
  struct Covered {
    std::uint64_t violations = 0;
    std::set<std::size_t> exceptions;
  };
  [[nodiscard]] const std::map<std::string, Covered>& covered() const { return covered_; }

  /// What the check shows for one of its provisions: what nobody attested for this one counts as not signed.
  [[nodiscard]] CheckResult for_provision(const CheckResult& result, const std::string& provision) const {
    CheckResult out = result;
    const bool counts = std::all_of(partly_attested_.begin(), partly_attested_.end(), [&](const std::string& strength) {
      return ("," + strength.substr(kAttestedFor.size() - 1) + ",").find(", " + provision + ",") != std::string::npos;
    });
    if (!counts) {
      out.strength = Strength::documented;
      out.attested_by += "; no signature of it counts for " + provision + ": there it is as if not signed";
    }
    return out;
  }

  base::Result<CheckResult> run() {
    CheckResult result;
    result.check = check_.id;
    result.title = check_.title;
    result.settles = check_.settles;
    result.strength = evidence::strength(check_.strength).value_or(Strength::documented);
    result.severity = check_.severity;
    result.proves = check_.proves;
    result.limits = check_.limits;
    result.remedy = check_.remedy;
    if (!check_.requires_sql.empty()) {
      const Facts::Table table = TRY(query(check_.requires_sql, "requires"));
      if (table.rows.empty()) {
        result.verdict = Verdict::inconclusive;
        result.lacks_evidence = true;
        result.reason = check_.missing;
        substitute_subject(result, "");
        return result;
      }
    }
    TRY(look_at_subjects(result));
    TRY(find_violations(result));
    substitute_subject(result, !result.violations.empty() ? result.violations.front().subject
                               : result.stale             ? result.unknown.front().subject
                                                          : "");
    return result;
  }

 private:
  base::Result<Facts::Table> query(const std::string& sql, const char* part) {
    auto table = facts_.query(sql, kMaxRows);
    if (!table) {
      return in_check(std::move(table).error(), check_.file, check_.line, check_.id, part);
    }
    return table;
  }

  base::Result<void> look_at_subjects(CheckResult& result) {
    const Facts::Table subjects = TRY(query(check_.subjects_sql, "subjects"));
    std::set<std::string> names;
    std::set<std::string> people;
    for (const auto& row : subjects.rows) {
      names.insert(cell(subjects, row, "subject", 0));
      if (std::find(subjects.columns.begin(), subjects.columns.end(), "attested_by") != subjects.columns.end()) {
        people.insert(cell(subjects, row, "attested_by", subjects.columns.size()));
      }
      const std::string strength = cell(subjects, row, "strength", subjects.columns.size());
      if (const auto found = evidence::strength(strength)) {
        result.strength = std::max(result.strength, *found);  // no stronger than the weakest it rests on
      } else if (strength.starts_with(kAttestedFor)) {
        result.strength = std::max(result.strength, Strength::attested);
        partly_attested_.insert(strength);
      }
    }
    people.erase("");
    result.subjects = names.size();
    for (const std::string& name : names) {
      if (result.examined.size() < kMaxExamined) {
        result.examined.push_back(name);
      }
    }
    for (const std::string& person : people) {
      result.attested_by += (result.attested_by.empty() ? "" : "; ") + person;
    }
    return {};
  }

  base::Result<void> find_violations(CheckResult& result) {
    const Facts::Table violations = TRY(query(check_.violations_sql, "violations"));
    if (violations.columns.size() < 2) {
      return in_check({base::Errc::malformed, "needs the columns subject, place and reason"}, check_.file, check_.line,
                      check_.id, "violations");
    }
    std::set<std::tuple<std::string, std::string, std::string>> seen;
    std::map<std::pair<std::string, std::string>, std::uint64_t> said;
    for (const auto& row : violations.rows) {
      Observation observation{cell(violations, row, "subject", 0), cell(violations, row, "place", 1),
                              cell(violations, row, "reason", 2)};
      if (seen.insert({observation.subject, observation.place, observation.reason}).second) {
        ++result.violation_count;
        cover(observation);
        observation.id = violation_id(check_.id, observation.subject, observation.reason,
                                      said[{observation.subject, observation.reason}]++);
        if (result.violation_ids.size() < kMaxIds) {
          result.violation_ids.push_back(observation.id);
        }
        if (result.violations.size() < kMaxViolations) {
          result.violations.push_back(std::move(observation));
        }
      }
    }
    if (result.violation_count > 0) {
      result.verdict = Verdict::fail;
      result.reason = result.violations.front().reason;
      return {};
    }
    TRY(find_stale(result));
    if (!check_.inconclusive_sql.empty()) {
      const Facts::Table unknown = TRY(query(check_.inconclusive_sql, "inconclusive"));
      for (const auto& row : unknown.rows) {
        if (result.unknown.size() < kMaxViolations) {
          result.unknown.push_back({cell(unknown, row, "subject", 0), {}, cell(unknown, row, "reason", 1)});
        }
      }
    }
    if (!result.unknown.empty()) {
      result.verdict = Verdict::inconclusive;
      result.reason =
          (result.stale ? "stale: " : "") + result.unknown.front().subject + ": " + result.unknown.front().reason;
      return {};
    }
    if (result.subjects == 0) {
      const bool absent = check_.empty == "not-applicable";
      result.verdict = absent ? Verdict::not_applicable : Verdict::inconclusive;
      result.reason = !check_.empty_reason.empty() ? check_.empty_reason
                      : !check_.missing.empty()    ? check_.missing
                                                   : "nothing was found that it could look at";
      return {};
    }
    result.verdict = Verdict::pass;
    result.reason = base::counted(result.subjects, "subject") + " looked at, none objected to";
    return {};
  }

  void cover(const Observation& violation) {
    for (const std::string& provision : check_.provisions) {
      for (std::size_t i = 0; i < uses_.size(); ++i) {
        ExceptionUse& use = uses_[i];
        if (use.counts() && use.exception.covers(provision, check_.id, violation.subject)) {
          ++use.objections;
          Covered& covered = covered_[provision];
          ++covered.violations;
          covered.exceptions.insert(i);
          break;
        }
      }
    }
  }

  base::Result<void> find_stale(CheckResult& result) {
    if (check_.stale_sql.empty()) {
      return {};
    }
    const Facts::Table stale = TRY(query(check_.stale_sql, "stale"));
    if (stale.columns.size() < 2) {
      return in_check({base::Errc::malformed, "needs the columns subject and reason"}, check_.file, check_.line,
                      check_.id, "stale");
    }
    const std::size_t reason = stale.columns.size() == 2 ? 1 : 2;
    for (const auto& row : stale.rows) {
      result.stale = true;
      if (result.unknown.size() < kMaxViolations) {
        result.unknown.push_back({cell(stale, row, "subject", 0), reason == 1 ? "" : cell(stale, row, "place", 1),
                                  cell(stale, row, "reason", reason)});
      }
    }
    result.stale_count = std::min(result.unknown.size(), stale.rows.size());
    return {};
  }

  static void substitute_subject(CheckResult& result, const std::string& subject) {
    constexpr std::string_view kMark = "{subject}";
    for (std::size_t at = 0; (at = result.remedy.find(kMark, at)) != std::string::npos;) {
      const std::string with = subject.empty() ? "it" : subject;
      result.remedy.replace(at, kMark.size(), with);
      at += with.size();
    }
  }

  const Facts& facts_;
  const catalog::Check& check_;
  std::vector<ExceptionUse>& uses_;
  std::set<std::string> partly_attested_;  ///< Strengths of subjects that are attested for some provisions only.
  std::map<std::string, Covered> covered_;
};

// Which exceptions count today. A file that is re-read on every run needs no other memory.
base::Result<std::vector<ExceptionUse>> exceptions_today(const Facts& facts) {
  constexpr std::int64_t kDay = 86'400;
  constexpr std::int64_t kSoonDays = 30;
  std::vector<ExceptionUse> uses;
  if (facts.exceptions().empty()) {
    return uses;
  }
  const Facts::Table day = TRY(facts.query("SELECT max(value) FROM parameters WHERE name = 'today'"));
  const base::UnixTime today = TRY(base::parse_time(day.rows.at(0).at(0).value_or("")));
  // Where it is said who may accept failures, nobody else does.
  const base::Value::List& attesters = facts.system().document["attesters"].as_list();
  const bool to_be_signed = std::any_of(attesters.begin(), attesters.end(),
                                        [](const base::Value& attester) { return attester["exceptions"].as_bool(); });
  for (const Exception& exception : facts.exceptions()) {
    const std::int64_t left = exception.expires.seconds - today.seconds;
    uses.push_back({exception,
                    left < 0                                        ? ExceptionState::expired
                    : to_be_signed && exception.attested_by.empty() ? ExceptionState::not_signed
                    : left <= kSoonDays * kDay                      ? ExceptionState::expires_soon
                                                                    : ExceptionState::in_force,
                    0});
  }
  return uses;
}

// The reason for which the provision does not apply, and the rule's id.
using NotApplicable = std::map<std::string, std::pair<std::string, std::string>>;

// Decides by the rules of applicability. A rule takes a provision out by what is declared, never by what is missing,
// and not where something was found that contradicts the declaration.
class Applicability {
 public:
  Applicability(const Facts& facts, const catalog::Catalog& catalog) : facts_(facts), catalog_(catalog) {}

  base::Result<void> decide() {
    const Facts::Table held = TRY(facts_.query("SELECT role FROM roles ORDER BY role"));
    for (const auto& row : held.rows) {
      roles_.push_back(row[0].value_or(""));
    }
    // Assumed roles exclude nothing: only who says what it is can say what it is not.
    declared_ = !TRY(facts_.query("SELECT 1 FROM system WHERE name = 'declared' AND value = '1' UNION ALL "
                                  "SELECT 1 FROM organisation WHERE field = 'role'"))
                     .rows.empty();
    for (const catalog::ApplicabilityRule& rule : catalog_.applicability) {
      if (rule.by_actor) {
        for (const catalog::Provision* provision : left_to(rule)) {
          if (declared_ && !catalog_.is_addressed_to(*provision, roles_)) {
            out_[provision->id] = {"addressed to " + catalog_.role_names(provision->actors) +
                                       "; this organisation declares itself " + catalog_.role_names(roles_),
                                   rule.id};
          }
        }
      } else {
        TRY(ask(rule));
      }
    }
    return {};
  }

  [[nodiscard]] const NotApplicable& not_applicable() const { return out_; }
  /// What was found that contradicts a declaration, a sentence each.
  [[nodiscard]] const std::vector<std::string>& contradictions() const { return contradictions_; }

 private:
  static constexpr std::size_t kMaxContradictions = 3;  ///< Of one rule; the rest is counted.

  // The provisions of the rule that no earlier one took out.
  [[nodiscard]] std::vector<const catalog::Provision*> left_to(const catalog::ApplicabilityRule& rule) const {
    std::vector<const catalog::Provision*> left;
    for (const catalog::Provision& provision : catalog_.provisions) {
      const bool named = std::any_of(rule.provisions.begin(), rule.provisions.end(),
                                     [&](const std::string& id) { return id == "*" || id == provision.id; });
      if (named && !out_.contains(provision.id)) {
        left.push_back(&provision);
      }
    }
    return left;
  }

  base::Result<Facts::Table> query(const catalog::ApplicabilityRule& rule, const std::string& sql, const char* part) {
    auto table = facts_.query(sql);
    if (!table) {
      return in_check(std::move(table).error(), rule.file, rule.line, rule.id, part);
    }
    return table;
  }

  base::Result<void> ask(const catalog::ApplicabilityRule& rule) {
    const std::vector<const catalog::Provision*> left = left_to(rule);
    const Facts::Table table = TRY(query(rule, rule.sql, "when"));
    if (left.empty() || table.rows.empty()) {
      return {};
    }
    const std::string given = table.rows[0].empty() ? "" : table.rows[0][0].value_or("");
    const std::string reason = given.size() > 1 ? given : rule.reason;  // "1" only says that the rule fires
    if (!rule.contradicted_sql.empty()) {
      const Facts::Table found = TRY(query(rule, rule.contradicted_sql, "contradicted"));
      if (!found.rows.empty()) {
        tell(rule, reason, found, left);
        return {};
      }
    }
    for (const catalog::Provision* provision : left) {
      out_[provision->id] = {reason, rule.id};
    }
    return {};
  }

  void tell(const catalog::ApplicabilityRule& rule, const std::string& reason, const Facts::Table& found,
            const std::vector<const catalog::Provision*>& kept) {
    std::string text = reason + "; but ";
    for (std::size_t i = 0; i < std::min(found.rows.size(), kMaxContradictions); ++i) {
      text += (i == 0 ? "" : "; ") + base::printable(cell(found, found.rows[i], "subject", 0)) + ": " +
              base::printable(cell(found, found.rows[i], "reason", 1));
    }
    if (found.rows.size() > kMaxContradictions) {
      text += "; and " + std::to_string(found.rows.size() - kMaxContradictions) + " more";
    }
    std::vector<std::string> ids;
    for (const catalog::Provision* provision : kept) {
      ids.push_back(provision->id);
    }
    const bool all = kept.size() == catalog_.provisions.size();
    contradictions_.push_back(text + ". So " + (all ? "the provisions" : base::join(ids, ", ")) +
                              (kept.size() == 1 ? " applies" : " apply") + " (rule " + rule.id + ")");
  }

  const Facts& facts_;
  const catalog::Catalog& catalog_;
  std::vector<std::string> roles_;
  bool declared_ = false;
  NotApplicable out_;
  std::vector<std::string> contradictions_;
};

bool is_by_actor(const catalog::Catalog& catalog, const std::string& rule) {
  return std::any_of(catalog.applicability.begin(), catalog.applicability.end(),
                     [&](const catalog::ApplicabilityRule& each) { return each.by_actor && each.id == rule; });
}

// Adds what suppliers show to the checks of a provision. Where nobody here is addressed by it, theirs are the only
// ones; where the supplier alone has it, own checks that found nothing to look at are not waited for.
void take_over(ProvisionResult& result, std::vector<Responsibility>& from_suppliers, bool addressed_to_others) {
  if (addressed_to_others) {
    result.checks.clear();
  }
  const bool theirs_alone = std::none_of(from_suppliers.begin(), from_suppliers.end(),
                                         [](const Responsibility& each) { return each.ours_too; });
  for (CheckResult& check : result.checks) {
    if (theirs_alone && check.verdict == Verdict::inconclusive && !check.stale &&
        (check.lacks_evidence || check.subjects == 0)) {
      check.verdict = Verdict::not_applicable;
      check.lacks_evidence = false;
      check.reason = "it is the part of " + from_suppliers.front().from.provider + " by " +
                     from_suppliers.front().from.stated_in + "; here: " + check.reason;
    }
  }
  for (Responsibility& each : from_suppliers) {
    result.inherited.push_back(std::move(each.from));
    result.checks.push_back(std::move(each.check));
  }
}

bool is_open(Verdict verdict) {
  return verdict == Verdict::fail || verdict == Verdict::inconclusive;
}

// What changed since the evidence of these checks was collected, each thing once.
void collect_changes(ProvisionResult& result, const std::vector<const CheckResult*>& checks) {
  std::set<std::tuple<std::string, std::string, std::string>> seen;
  for (const CheckResult* check : checks) {
    for (std::size_t i = 0; i < check->stale_count; ++i) {
      const Observation& change = check->unknown[i];
      if (result.changes.size() < kMaxViolations && seen.insert({change.subject, change.place, change.reason}).second) {
        result.changes.push_back(change);
      }
    }
  }
}

void conclude(ProvisionResult& result, const Facts& facts) {
  const catalog::Provision& provision = *result.provision;
  const auto all = [&](Verdict verdict, bool settling_only) {
    std::vector<const CheckResult*> found;
    for (const CheckResult& check : result.checks) {
      if (check.verdict == verdict && (check.settles || !settling_only)) {
        found.push_back(&check);
      }
    }
    return found;
  };
  const auto settling =
      std::count_if(result.checks.begin(), result.checks.end(), [](const CheckResult& check) { return check.settles; });
  result.next_step = provision.next_step;
  if (const auto failing = all(Verdict::fail, false); !failing.empty()) {
    result.verdict = Verdict::fail;
    std::uint64_t objections = 0;
    result.excepted = true;
    for (const CheckResult* check : failing) {
      objections += check->violation_count;
      result.excepted = result.excepted && check->excepted_count == check->violation_count;
    }
    result.reason = failing.front()->violations.front().subject + ": " + failing.front()->violations.front().reason +
                    (objections > 1 ? " (and " + base::counted(objections - 1, "more objection") + ")" : "");
    result.next_step = failing.front()->remedy.empty() ? provision.next_step : failing.front()->remedy;
  } else if (settling == 0) {
    result.verdict = Verdict::inconclusive;
    result.reason = "no check settles this yet; what would: " + provision.evidence;
  } else if (const auto unknown = all(Verdict::inconclusive, true); !unknown.empty()) {
    result.verdict = Verdict::inconclusive;
    const auto stale =
        std::find_if(unknown.begin(), unknown.end(), [](const CheckResult* check) { return check->stale; });
    const CheckResult& first = stale != unknown.end() ? **stale : *unknown.front();
    result.reason = first.reason;
    if (first.stale) {
      result.stale = true;
      result.next_step = first.remedy.empty() ? provision.next_step : first.remedy;
      collect_changes(result, unknown);
    }
    result.awaits_statement =
        !facts.system().declared &&
        std::all_of(unknown.begin(), unknown.end(), [](const CheckResult* check) { return check->lacks_evidence; });
  } else if (const auto passing = all(Verdict::pass, true); !passing.empty()) {
    result.verdict = Verdict::pass;
    result.reason = passing.front()->title + ": " + passing.front()->reason;
    result.next_step.clear();
    for (const CheckResult* check : passing) {
      result.strength = std::max(result.strength.value_or(check->strength), check->strength);
      if (check->strength == Strength::attested || check->strength == Strength::documented) {
        result.attested_by +=
            (result.attested_by.empty() || check->attested_by.empty() ? "" : "; ") + check->attested_by;
      }
    }
    if (result.strength >= Strength::attested && result.attested_by.empty()) {
      const base::Value& owner = facts.system().document["system"]["owner"];
      result.attested_by =
          base::printable(facts.system().path.empty() ? "documents in the directory" : facts.system().path);
      if (owner.is_string()) {
        result.attested_by += ", owner " + base::printable(owner.as_text());
      }
    }
  } else {
    const auto absent = all(Verdict::not_applicable, true);
    result.verdict = Verdict::not_applicable;
    result.reason = absent.front()->reason;
    result.rule = "check " + absent.front()->check;
    result.next_step.clear();
  }
}

// Cheapest first: what a shall asks before what a should asks, known faults before gaps in the evidence, and among the
// gaps ai-system.yaml first, since one file closes many of them.
void find_cheapest(Assessment& assessment) {
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < assessment.provisions.size(); ++i) {
    if (is_open(assessment.provisions[i].verdict) && !assessment.provisions[i].excepted) {
      open.push_back(i);
    }
  }
  const auto cost = [&](std::size_t i) {
    const ProvisionResult& result = assessment.provisions[i];
    return std::tuple(result.provision->verb, result.verdict != Verdict::fail, !result.awaits_statement,
                      result.provision->effort, i);
  };
  std::sort(open.begin(), open.end(), [&](std::size_t a, std::size_t b) { return cost(a) < cost(b); });
  std::set<std::string> steps;  // one step may close several provisions: it is told once
  for (const std::size_t i : open) {
    const ProvisionResult& result = assessment.provisions[i];
    if (assessment.cheapest.size() < 3 && steps.insert(result.awaits_statement ? "" : result.next_step).second) {
      assessment.cheapest.push_back(i);
    }
  }
}

void count(Assessment& assessment) {
  for (const ProvisionResult& result : assessment.provisions) {
    Counts& counts = assessment.counts[result.provision->verb];
    switch (result.verdict) {
      case Verdict::pass:
        ++counts.pass;
        counts.pass_attested += result.strength >= Strength::attested ? 1 : 0;
        break;
      case Verdict::fail:
        ++(result.excepted ? counts.excepted : counts.fail);
        break;
      case Verdict::inconclusive:
        ++counts.inconclusive;
        counts.stale += result.stale ? 1 : 0;
        break;
      case Verdict::not_applicable:
        ++counts.not_applicable;
        break;
    }
  }
  const Counts& shall = assessment.counts[catalog::Verb::shall];
  if (const std::uint64_t unmet = shall.fail + shall.excepted; unmet > 0) {
    assessment.adherence = Adherence::does_not_adhere;
    assessment.adherence_reason =
        base::counted(unmet, "shall provision") + (unmet == 1 ? " is" : " are") + " not met" +
        (shall.excepted > 0 ? ", " + std::to_string(shall.excepted) + " of them excepted" : std::string());
  } else if (shall.inconclusive > 0 || shall.pass == 0) {
    assessment.adherence = Adherence::cannot_tell;
    assessment.adherence_reason = base::counted(shall.inconclusive, "shall provision") +
                                  (shall.inconclusive == 1 ? " lacks" : " lack") + " evidence";
  } else {
    assessment.adherence = Adherence::adheres;
    assessment.adherence_reason = "every shall provision that applies is met" +
                                  (shall.pass_attested > 0 ? ", " + std::to_string(shall.pass_attested) +
                                                                 " of them on what people state, not on tests"
                                                           : std::string());
  }
}

}  // namespace

std::string violation_id(std::string_view check, std::string_view subject, std::string_view reason,
                         std::uint64_t before) {
  base::Sha256Hasher hasher;
  const std::string number = std::to_string(before);
  for (const std::string_view part : {check, subject, reason, std::string_view(number)}) {
    hasher.update(std::to_string(part.size()) + ":");
    hasher.update(part);
  }
  return "V-" + hasher.finish().hex().substr(0, 16);
}

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return "pass";
    case Verdict::fail:
      return "fail";
    case Verdict::inconclusive:
      return "inconclusive";
    case Verdict::not_applicable:
      return "not applicable";
  }
  return {};
}

std::string_view to_string(Adherence adherence) {
  switch (adherence) {
    case Adherence::adheres:
      return "adheres";
    case Adherence::does_not_adhere:
      return "does not adhere";
    case Adherence::cannot_tell:
      return "cannot tell";
  }
  return {};
}

base::Result<Assessment> assess(const Facts& facts, const catalog::Catalog& catalog, Exceptions exceptions) {
  Assessment assessment;
  assessment.catalog = &catalog;
  assessment.declared = facts.system().declared;
  assessment.system_name = base::printable(facts.system().document["system"]["name"].as_text());
  const Facts::Table assumed = TRY(facts.query("SELECT text FROM assumptions ORDER BY rowid"));
  for (const auto& row : assumed.rows) {
    assessment.assumptions.push_back(row[0].value_or(""));
  }
  const Facts::Table roles = TRY(facts.query("SELECT role FROM roles ORDER BY role"));
  for (const auto& row : roles.rows) {
    assessment.roles.push_back(row[0].value_or(""));
  }
  assessment.assets = facts.assets();
  for (const evidence::Asset& asset : assessment.assets) {
    ++assessment.asset_counts[std::string(to_string(asset.kind))];
  }
  assessment.findings = facts.findings();
  std::stable_sort(assessment.findings.begin(), assessment.findings.end(),
                   [](const evidence::Finding& a, const evidence::Finding& b) {
                     return std::tie(b.severity, a.path, a.byte_offset, a.line, a.rule, a.id) <
                            std::tie(a.severity, b.path, b.byte_offset, b.line, b.rule, b.id);
                   });
  Applicability applicability(facts, catalog);
  TRY(applicability.decide());
  const NotApplicable& excluded = applicability.not_applicable();
  assessment.notes = applicability.contradictions();
  std::map<std::string, std::vector<CheckResult>> by_provision;
  std::map<std::string, std::set<std::size_t>> used;  // places of exceptions by provision
  if (exceptions == Exceptions::counted) {
    assessment.exceptions = TRY(exceptions_today(facts));
  }
  for (const catalog::Check& check : catalog.checks) {
    CheckRunner runner(facts, check, assessment.exceptions);
    const CheckResult result = TRY(runner.run());
    for (const std::string& provision : check.provisions) {
      CheckResult& own = by_provision[provision].emplace_back(runner.for_provision(result, provision));
      if (const auto covered = runner.covered().find(provision); covered != runner.covered().end()) {
        own.excepted_count = covered->second.violations;
        used[provision].insert(covered->second.exceptions.begin(), covered->second.exceptions.end());
      }
    }
  }
  // Records name provisions of the Code that the directory is assessed against first, as exceptions do.
  auto inherited = exceptions == Exceptions::counted ? TRY(responsibilities(facts, catalog, assessment.roles))
                                                     : std::map<std::string, std::vector<Responsibility>>();
  for (const catalog::Provision& provision : catalog.provisions) {
    ProvisionResult& result = assessment.provisions.emplace_back();
    result.provision = &provision;
    result.checks = std::move(by_provision[provision.id]);
    const auto from_suppliers = inherited.find(provision.id);
    if (const auto rule = excluded.find(provision.id);
        rule != excluded.end() && (from_suppliers == inherited.end() || !is_by_actor(catalog, rule->second.second))) {
      result.verdict = Verdict::not_applicable;
      std::tie(result.reason, result.rule) = rule->second;
      continue;
    }
    if (from_suppliers != inherited.end()) {
      take_over(result, from_suppliers->second, excluded.contains(provision.id));
    }
    conclude(result, facts);
    if (result.verdict == Verdict::fail) {
      result.exceptions.assign(used[provision.id].begin(), used[provision.id].end());
    }
  }
  for (ExceptionUse& use : assessment.exceptions) {
    const auto in_use =
        std::find_if(assessment.provisions.begin(), assessment.provisions.end(), [&](const auto& result) {
          return result.verdict == Verdict::fail && result.provision->id == use.exception.provision;
        });
    if (use.counts() && (use.objections == 0 || in_use == assessment.provisions.end())) {
      use.state = ExceptionState::unused;
    }
  }
  count(assessment);
  find_cheapest(assessment);
  return assessment;
}

int exit_code(const Assessment& assessment, const Gate& gate) {
  const auto any = [&](Verdict verdict, bool shoulds) {
    return std::any_of(assessment.provisions.begin(), assessment.provisions.end(), [&](const ProvisionResult& result) {
      return result.verdict == verdict && !result.excepted && !result.in_baseline &&
             (shoulds || result.provision->verb == catalog::Verb::shall);
    });
  };
  if (!gate.never_fail && any(Verdict::fail, gate.fail_on_should)) {
    return 1;
  }
  if (gate.strict && any(Verdict::inconclusive, gate.fail_on_should)) {
    return 3;
  }
  return 0;
}

}  // namespace assess
