#include "report/read.h"

#include <algorithm>
#include <set>

#include "base/json.h"
#include "base/text.h"
#include "report/words.h"

namespace report {
namespace {

using base::Errc;
using base::Error;
using base::Result;
using base::Value;

constexpr base::DocumentLimits kLimits = {.max_bytes = 512U << 20, .max_depth = 32, .max_values = 20'000'000};

Error malformed(const Value& value, const std::string& place, std::string_view reason) {
  Error error{Errc::malformed, place + ": " + std::string(reason)};
  error.line = value.line();
  return error;
}

// The members of one mapping, by name. The value outlives the reader.
class Fields {
 public:
  static Result<Fields> open(const Value& value, std::string place) {
    if (!value.is_map()) {
      return malformed(value, place, "expected a mapping, found " + std::string(value.kind_name()));
    }
    return Fields(value, std::move(place));
  }
  Result<Fields> map(std::string_view name) const { return open((*value_)[name], at(name)); }

  // A text, or nothing where the member is null and may be.
  Result<std::string> text(std::string_view name) const {
    const Value& value = (*value_)[name];
    if (!value.is_string()) {
      return malformed(value, at(name), "expected text, found " + std::string(value.kind_name()));
    }
    return std::string(value.as_text());
  }
  Result<std::string> text_or_null(std::string_view name) const {
    return (*value_)[name].is_null() ? Result<std::string>(std::string()) : text(name);
  }
  Result<std::uint64_t> number(std::string_view name) const {
    const Value& value = (*value_)[name];
    if (!value.is_integer() || value.as_integer() < 0) {
      return malformed(value, at(name), "expected a whole number from 0");
    }
    return static_cast<std::uint64_t>(value.as_integer());
  }
  Result<std::uint32_t> line(std::string_view name) const {
    const std::uint64_t value = TRY(number(name));
    if (value > UINT32_MAX) {
      return malformed((*value_)[name], at(name), "above " + std::to_string(UINT32_MAX));
    }
    return static_cast<std::uint32_t>(value);
  }
  Result<bool> flag(std::string_view name) const {
    const Value& value = (*value_)[name];
    if (!value.is_bool()) {
      return malformed(value, at(name), "expected true or false, found " + std::string(value.kind_name()));
    }
    return value.as_bool();
  }
  Result<std::vector<std::string>> texts(std::string_view name) const {
    std::vector<std::string> out;
    for (const Value& value : *TRY(list(name))) {
      if (!value.is_string()) {
        return malformed(value, at(name), "expected texts, found " + std::string(value.kind_name()));
      }
      out.emplace_back(value.as_text());
    }
    return out;
  }
  Result<const Value::List*> list(std::string_view name) const {
    const Value& value = (*value_)[name];
    if (!value.is_list()) {
      return malformed(value, at(name), "expected a list, found " + std::string(value.kind_name()));
    }
    return &value.as_list();
  }
  Result<std::map<std::string, std::string>> text_map(std::string_view name) const {
    const Fields fields = TRY(map(name));
    std::map<std::string, std::string> out;
    for (const auto& [key, value] : fields.value_->as_map()) {
      out[key] = TRY(fields.text(key));
    }
    return out;
  }
  // One of the values whose names `name_of` gives.
  template <class Enum>
  Result<Enum> choice(std::string_view name, std::initializer_list<Enum> values) const {
    const std::string found = TRY(text(name));
    for (const Enum value : values) {
      if (found == to_string(value)) {
        return value;
      }
    }
    return malformed((*value_)[name], at(name),
                     "\"" + base::abbreviate(base::printable(found), 60) + "\" is not known");
  }
  template <class Enum>
  Result<Enum> choice(std::string_view name, std::optional<Enum> (*parse)(std::string_view)) const {
    const std::string found = TRY(text(name));
    if (const std::optional<Enum> value = parse(found)) {
      return *value;
    }
    return malformed((*value_)[name], at(name),
                     "\"" + base::abbreviate(base::printable(found), 60) + "\" is not known");
  }

  [[nodiscard]] bool has(std::string_view name) const { return value_->find(name) != nullptr; }
  [[nodiscard]] const Value& operator[](std::string_view name) const { return (*value_)[name]; }
  [[nodiscard]] std::string at(std::string_view name) const {
    return place_.empty() ? std::string(name) : place_ + "." + std::string(name);
  }

 private:
  Fields(const Value& value, std::string place) : value_(&value), place_(std::move(place)) {}
  const Value* value_;
  std::string place_;
};

std::string element(std::string_view list, std::size_t index) {
  return std::string(list) + "[" + std::to_string(index) + "]";
}

using assess::Verdict;
using catalog::Verb;

Result<Verdict> verdict_of(const Fields& fields) {
  return fields.choice<Verdict>("verdict",
                                {Verdict::pass, Verdict::fail, Verdict::inconclusive, Verdict::not_applicable});
}

// Observations; the id of a violation may be left out, as earlier versions did.
Result<std::vector<assess::Observation>> observations_from(const Fields& fields, std::string_view name) {
  std::vector<assess::Observation> out;
  const Value::List& listed = *TRY(fields.list(name));
  for (std::size_t i = 0; i < listed.size(); ++i) {
    const Fields one = TRY(Fields::open(listed[i], element(fields.at(name), i)));
    out.push_back({TRY(one.text("subject")), TRY(one.text_or_null("place")), TRY(one.text("reason")),
                   one.has("id") ? TRY(one.text("id")) : std::string()});
  }
  return out;
}

// Exceptions, as an assessment lists them.
Result<assess::ExceptionUse> exception_from(const Value& value, const std::string& place) {
  using assess::ExceptionState;
  const Fields fields = TRY(Fields::open(value, place));
  assess::ExceptionUse use;
  assess::Exception& exception = use.exception;
  exception.provision = TRY(fields.text("provision"));
  exception.check = TRY(fields.text_or_null("check"));
  exception.subject = TRY(fields.text_or_null("subject"));
  exception.owner = TRY(fields.text("owner"));
  exception.reason = TRY(fields.text("reason"));
  exception.compensating_control = TRY(fields.text("compensating_control"));
  for (const auto& [name, date] :
       {std::pair{"created", &exception.created}, std::pair{"expires", &exception.expires}}) {
    const std::string text = TRY(fields.text(name));
    const auto time = base::parse_time(text);
    if (!time) {
      return malformed(fields[name], fields.at(name), time.error().message);
    }
    *date = *time;
  }
  exception.attested_by = fields.has("attested_by") ? TRY(fields.text_or_null("attested_by")) : std::string();
  exception.line = TRY(fields.line("line"));
  use.state = TRY(fields.choice<ExceptionState>(
      "state", {ExceptionState::in_force, ExceptionState::expires_soon, ExceptionState::unused, ExceptionState::expired,
                ExceptionState::not_signed}));
  use.objections = TRY(fields.number("objections"));
  return use;
}

Result<assess::CheckResult> check_from(const Value& value, const std::string& place) {
  const Fields fields = TRY(Fields::open(value, place));
  assess::CheckResult check;
  check.check = TRY(fields.text("id"));
  check.title = TRY(fields.text("title"));
  check.settles = TRY(fields.flag("settles"));
  check.verdict = TRY(verdict_of(fields));
  check.strength = TRY(fields.choice("strength", evidence::strength));
  check.severity = TRY(fields.text_or_null("severity"));
  check.subjects = TRY(fields.number("subjects"));
  check.examined = TRY(fields.texts("examined"));
  std::vector<assess::Observation>& observations =
      check.verdict == Verdict::inconclusive ? check.unknown : check.violations;
  observations = TRY(observations_from(fields, "observations"));
  const std::uint64_t count = TRY(fields.number("observation_count"));
  if (count < observations.size()) {
    return malformed(fields["observation_count"], fields.at("observation_count"), "below the observations listed");
  }
  if (check.verdict != Verdict::inconclusive) {
    check.violation_count = count;
  }
  if ((check.verdict == Verdict::fail) != (check.violation_count > 0)) {
    return malformed(value, fields.at("verdict"), "a check fails where, and only where, it objects to something");
  }
  check.stale = fields.has("stale") && TRY(fields.flag("stale"));
  check.lacks_evidence = fields.has("lacks_evidence") && TRY(fields.flag("lacks_evidence"));
  if (fields.has("stale_count")) {
    check.stale_count = TRY(fields.number("stale_count"));
  }
  check.excepted_count = fields.has("excepted_count") ? TRY(fields.number("excepted_count")) : 0;
  if (check.excepted_count > check.violation_count || (check.stale && check.verdict != Verdict::inconclusive)) {
    return malformed(value, fields.at("excepted_count"), "more is excepted than objected to, or it is stale and told");
  }
  check.attested_by = TRY(fields.text_or_null("attested_by"));
  check.reason = TRY(fields.text("reason"));
  check.remedy = TRY(fields.text_or_null("remedy"));
  check.proves = TRY(fields.text_or_null("proves"));
  check.limits = TRY(fields.text_or_null("limits"));
  return check;
}

Result<evidence::Finding> finding_from(const Value& value, const std::string& place) {
  const Fields fields = TRY(Fields::open(value, place));
  evidence::Finding finding;
  finding.id = TRY(fields.text("id"));
  finding.rule = TRY(fields.text("rule"));
  finding.severity = TRY(fields.choice("severity", evidence::severity));
  finding.finding_class = TRY(fields.choice("class", evidence::finding_class));
  finding.path = TRY(fields.text("path"));
  finding.place = TRY(fields.text_or_null("place"));
  finding.byte_offset = TRY(fields.number("byte_offset"));
  finding.line = TRY(fields.line("line"));
  finding.subject = TRY(fields.text("subject"));
  finding.message = TRY(fields.text("message"));
  finding.remedy = TRY(fields.text_or_null("remedy"));
  finding.cwe = TRY(fields.texts("cwe"));
  finding.atlas = TRY(fields.texts("atlas"));
  finding.owasp = TRY(fields.texts("owasp"));
  return finding;
}

Result<evidence::Asset> asset_from(const Value& value, const std::string& place) {
  const Fields fields = TRY(Fields::open(value, place));
  evidence::Asset asset;
  asset.id = TRY(fields.text("id"));
  asset.kind = TRY(fields.choice("kind", evidence::asset_kind));
  asset.path = TRY(fields.text("path"));
  asset.size_bytes = TRY(fields.number("size_bytes"));
  if (const std::string digest = TRY(fields.text_or_null("sha256")); !digest.empty()) {
    const auto parsed = base::Sha256::from_hex(digest);
    if (!parsed) {
      return malformed(fields["sha256"], fields.at("sha256"), "not 64 hexadecimal digits");
    }
    asset.sha256 = *parsed;
  }
  asset.format = TRY(fields.text_or_null("format"));
  asset.recognised_by = TRY(fields.text("recognised_by"));
  asset.confidence = TRY(fields.choice("confidence", evidence::confidence));
  asset.line = TRY(fields.line("line"));
  asset.mode = TRY(fields.line("mode"));
  asset.notes = TRY(fields.texts("notes"));
  asset.attributes = fields["attributes"];
  for (const Value& entry : *TRY(fields.list("usages"))) {
    const Fields one = TRY(Fields::open(entry, fields.at("usages")));
    asset.usages.push_back({TRY(one.text("kind")), TRY(one.text("name")), TRY(one.text_or_null("revision")),
                            TRY(one.line("line")), TRY(one.text_or_null("detail"))});
  }
  for (const Value& entry : *TRY(fields.list("packages"))) {
    const Fields one = TRY(Fields::open(entry, fields.at("packages")));
    asset.packages.push_back({TRY(one.text("ecosystem")), TRY(one.text("name")), TRY(one.text_or_null("requirement")),
                              TRY(one.flag("pinned")), TRY(one.flag("hashed")), TRY(one.flag("direct_url")),
                              TRY(one.line("line"))});
  }
  for (const Value& entry : *TRY(fields.list("sections"))) {
    const Fields one = TRY(Fields::open(entry, fields.at("sections")));
    asset.sections.push_back({TRY(one.text("heading")), TRY(one.line("line")), TRY(one.line("words")), {}});
  }
  for (const Value& entry : *TRY(fields.list("digests"))) {
    const Fields one = TRY(Fields::open(entry, fields.at("digests")));
    asset.digests.push_back(
        {TRY(one.text("path")), TRY(one.text("algorithm")), TRY(one.text("digest")), TRY(one.line("line"))});
  }
  return asset;
}

// Principles, roles and what else renderers name, where the result tells of it: results of before 2026-12 do not.
Result<void> read_catalogue(const Fields& fields, catalog::Catalog& out) {
  out.id = TRY(fields.text("id"));
  out.title = TRY(fields.text("title"));
  out.version = TRY(fields.text("version"));
  const Value::List& editions = *TRY(fields.list("editions"));
  for (std::size_t i = 0; i < editions.size(); ++i) {
    const Fields one = TRY(Fields::open(editions[i], element(fields.at("editions"), i)));
    catalog::Edition edition;
    edition.id = TRY(one.text("id"));
    edition.title = TRY(one.text("title"));
    edition.published = TRY(one.text_or_null("published"));
    edition.short_name = one.has("short_name") ? TRY(one.text("short_name")) : edition.title;
    edition.publisher = one.has("publisher") ? TRY(one.text_or_null("publisher")) : std::string();
    out.editions.push_back(std::move(edition));
  }
  if (out.editions.empty()) {
    return malformed(fields["editions"], fields.at("editions"), "names no edition");
  }
  if (fields.has("principles")) {
    for (const Value& entry : *TRY(fields.list("principles"))) {
      const Fields one = TRY(Fields::open(entry, fields.at("principles")));
      catalog::Principle principle;
      principle.id = TRY(one.text("id"));
      principle.ids = TRY(one.text_map("ids"));
      principle.title = TRY(one.text("title"));
      principle.phase = TRY(one.text_or_null("phase"));
      principle.meaning = TRY(one.text_or_null("meaning"));
      out.principles.push_back(std::move(principle));
    }
  }
  if (fields.has("roles")) {
    for (const Value& entry : *TRY(fields.list("roles"))) {
      const Fields one = TRY(Fields::open(entry, fields.at("roles")));
      catalog::Role role;
      role.id = TRY(one.text("id"));
      role.name = TRY(one.text("name"));
      role.definition = TRY(one.text_or_null("definition"));
      out.roles.push_back(std::move(role));
    }
  }
  return {};
}

Result<catalog::Provision> provision_from(const Fields& fields) {
  catalog::Provision provision;
  provision.id = TRY(fields.text("id"));
  provision.ids = TRY(fields.text_map("ids"));
  provision.principle = TRY(fields.text("principle"));
  provision.verb = TRY(fields.choice<Verb>("verb", {Verb::shall, Verb::should, Verb::can}));
  for (const std::string& verb : TRY(fields.texts("also"))) {
    for (const Verb known : kVerbs) {
      if (verb == to_string(known)) {
        provision.also.push_back(known);
      }
    }
  }
  provision.actors = TRY(fields.texts("actors"));
  provision.actors_note = fields.has("actors_note") ? TRY(fields.text_or_null("actors_note")) : std::string();
  provision.phase = TRY(fields.text_or_null("phase"));
  provision.title = TRY(fields.text("title"));
  provision.requirement = TRY(fields.text("requirement"));
  provision.evidence = TRY(fields.text_or_null("evidence_wanted"));
  provision.meaning = fields.has("meaning") ? TRY(fields.text_or_null("meaning")) : std::string();
  provision.note = fields.has("note") ? TRY(fields.text_or_null("note")) : std::string();
  provision.effort = fields.has("effort") ? TRY(fields.line("effort")) : provision.effort;
  return provision;
}

Result<assess::InheritedFrom> inherited_from(const Value& value, const std::string& place) {
  const Fields fields = TRY(Fields::open(value, place));
  assess::InheritedFrom out;
  out.provider = TRY(fields.text("provider"));
  out.role = TRY(fields.text("role"));
  out.side = TRY(fields.text("side"));
  out.stated_in = TRY(fields.text("stated_in"));
  for (const auto& [name, target] :
       {std::pair{"component", &out.component}, std::pair{"stated_by", &out.stated_by},
        std::pair{"system", &out.system}, std::pair{"bundle", &out.bundle}, std::pair{"date", &out.date},
        std::pair{"verdict", &out.verdict}, std::pair{"strength", &out.strength}}) {
    *target = TRY(fields.text_or_null(name));
  }
  return out;
}

Result<assess::ProvisionResult> result_from(const Fields& fields, std::size_t exceptions) {
  assess::ProvisionResult result;
  result.verdict = TRY(verdict_of(fields));
  if (!fields["strength"].is_null()) {
    result.strength = TRY(fields.choice("strength", evidence::strength));
  }
  result.attested_by = TRY(fields.text_or_null("attested_by"));
  result.reason = TRY(fields.text("reason"));
  result.rule = TRY(fields.text_or_null("rule"));
  result.next_step = TRY(fields.text_or_null("next_step"));
  const Value::List& checks = *TRY(fields.list("checks"));
  for (std::size_t i = 0; i < checks.size(); ++i) {
    result.checks.push_back(TRY(check_from(checks[i], element(fields.at("checks"), i))));
  }
  result.stale = fields.has("stale") && TRY(fields.flag("stale"));
  result.in_baseline = fields.has("in_baseline") && TRY(fields.flag("in_baseline"));
  if (fields.has("changes")) {
    result.changes = TRY(observations_from(fields, "changes"));
  }
  if (fields.has("inherited")) {
    const Value::List& inherited = *TRY(fields.list("inherited"));
    for (std::size_t i = 0; i < inherited.size(); ++i) {
      result.inherited.push_back(TRY(inherited_from(inherited[i], element(fields.at("inherited"), i))));
    }
  }
  if (fields.has("exceptions")) {
    for (const Value& place : *TRY(fields.list("exceptions"))) {
      if (!place.is_integer() || place.as_integer() < 0 ||
          static_cast<std::uint64_t>(place.as_integer()) >= exceptions) {
        return malformed(place, fields.at("exceptions"), "no such exception");
      }
      result.exceptions.push_back(static_cast<std::size_t>(place.as_integer()));
    }
  }
  // Excepted is what fails on nothing that no exception covers.
  result.awaits_statement = fields.has("awaits_statement") && TRY(fields.flag("awaits_statement"));
  result.excepted = result.verdict == Verdict::fail && !result.exceptions.empty() &&
                    std::all_of(result.checks.begin(), result.checks.end(), [](const assess::CheckResult& check) {
                      return check.verdict != Verdict::fail || check.excepted_count == check.violation_count;
                    });
  if (result.stale && result.verdict != Verdict::inconclusive) {
    return malformed(fields["stale"], fields.at("stale"), "only what is inconclusive is stale");
  }
  if ((result.verdict == Verdict::pass) != result.strength.has_value()) {
    return malformed(fields["strength"], fields.at("strength"), "a pass has one, and only a pass");
  }
  if (TRY(fields.text("shown_as")) != key(status(result))) {
    return malformed(fields["shown_as"], fields.at("shown_as"), "does not follow from verdict and strength");
  }
  if (result.verdict == Verdict::pass && std::any_of(result.checks.begin(), result.checks.end(), [](const auto& check) {
        return check.verdict == Verdict::fail;
      })) {
    return malformed(fields["verdict"], fields.at("verdict"), "passes although one of its checks fails");
  }
  return result;
}

// The counts that follow from the verdicts, to hold against those in the document.
std::map<Verb, assess::Counts> recounted(const assess::Assessment& assessment) {
  std::map<Verb, assess::Counts> out;
  for (const assess::ProvisionResult& result : assessment.provisions) {
    assess::Counts& counts = out[result.provision->verb];
    counts.pass += result.verdict == Verdict::pass ? 1 : 0;
    counts.pass_attested += status(result) == Status::attested ? 1 : 0;
    counts.fail += result.verdict == Verdict::fail && !result.excepted ? 1 : 0;
    counts.excepted += result.excepted ? 1 : 0;
    counts.stale += result.stale ? 1 : 0;
    counts.inconclusive += result.verdict == Verdict::inconclusive ? 1 : 0;
    counts.not_applicable += result.verdict == Verdict::not_applicable ? 1 : 0;
  }
  return out;
}

Result<void> read_counts(const Fields& fields, assess::Assessment& out) {
  std::map<Verb, assess::Counts> expected = recounted(out);
  for (const Verb verb : kVerbs) {
    const std::string name(to_string(verb));
    if (!fields.has(name)) {
      if (expected.contains(verb)) {
        return malformed(fields[name], fields.at(name), "is missing");
      }
      continue;
    }
    const Fields one = TRY(fields.map(name));
    assess::Counts& counts = out.counts[verb];
    counts = expected[verb];
    for (const auto& [field, value] :
         {std::pair{"pass", counts.pass}, std::pair{"pass_attested", counts.pass_attested},
          std::pair{"pass_tested", counts.pass - counts.pass_attested}, std::pair{"fail", counts.fail},
          std::pair{"inconclusive", counts.inconclusive}, std::pair{"not_applicable", counts.not_applicable},
          std::pair{"excepted", counts.excepted}}) {
      if (TRY(one.number(field)) != value) {
        return malformed(one[field], one.at(field),
                         "does not follow from the verdicts, which give " + std::to_string(value));
      }
    }
  }
  return {};
}

Result<void> read_adherence(const Fields& fields, assess::Assessment& out) {
  using assess::Adherence;
  out.adherence = TRY(
      fields.choice<Adherence>("verdict", {Adherence::adheres, Adherence::does_not_adhere, Adherence::cannot_tell}));
  out.adherence_reason = TRY(fields.text("reason"));
  const assess::Counts& shall = out.counts[Verb::shall];
  const Adherence expected = shall.fail + shall.excepted > 0             ? Adherence::does_not_adhere
                             : shall.inconclusive > 0 || shall.pass == 0 ? Adherence::cannot_tell
                                                                         : Adherence::adheres;
  if (out.adherence != expected) {
    return malformed(fields["verdict"], fields.at("verdict"),
                     "does not follow from the verdicts, which give \"" + std::string(to_string(expected)) + "\"");
  }
  return {};
}

Result<void> read_provisions(const Fields& root, ReadResult& out) {
  const Value::List& provisions = *TRY(root.list("provisions"));
  std::set<std::string> seen;
  out.catalog->provisions.reserve(provisions.size());  // results point at them
  for (std::size_t i = 0; i < provisions.size(); ++i) {
    const Fields fields = TRY(Fields::open(provisions[i], element("provisions", i)));
    catalog::Provision& provision = out.catalog->provisions.emplace_back(TRY(provision_from(fields)));
    if (!seen.insert(provision.id).second) {
      return malformed(provisions[i], fields.at("id"), "provision " + base::printable(provision.id) + " stands twice");
    }
    assess::ProvisionResult result = TRY(result_from(fields, out.assessment.exceptions.size()));
    result.provision = &provision;
    out.assessment.provisions.push_back(std::move(result));
    if (principle(*out.catalog, provision.principle) == nullptr) {
      catalog::Principle unnamed;
      unnamed.id = provision.principle;
      unnamed.title = "Principle " + provision.principle;
      out.catalog->principles.push_back(std::move(unnamed));
    }
  }
  for (const Value& entry : *TRY(root.list("next_steps"))) {
    const Fields fields = TRY(Fields::open(entry, "next_steps"));
    const std::string id = TRY(fields.text("provision"));
    const auto found = std::find_if(out.catalog->provisions.begin(), out.catalog->provisions.end(),
                                    [&](const catalog::Provision& provision) { return provision.id == id; });
    if (found == out.catalog->provisions.end()) {
      return malformed(entry, "next_steps", "no provision " + base::printable(id));
    }
    out.assessment.cheapest.push_back(static_cast<std::size_t>(found - out.catalog->provisions.begin()));
  }
  return {};
}

Result<void> read_head(const Fields& root, ReadResult& out) {
  assess::Assessment& assessment = out.assessment;
  const Fields tool = TRY(root.map("tool"));
  assessment.tool_version = TRY(tool.text("version"));
  const Fields system = TRY(root.map("system"));
  assessment.system_name = TRY(system.text_or_null("name"));
  assessment.directory = TRY(system.text("directory"));
  assessment.declared = TRY(system.flag("declared"));
  assessment.roles = TRY(system.texts("roles"));
  assessment.assumptions = TRY(system.texts("assumptions"));
  const auto time = base::parse_time(TRY(root.text("time")));
  if (!time) {
    return malformed(root["time"], "time", time.error().message);
  }
  assessment.time = *time;
  if (!root["seconds"].is_number() || root["seconds"].as_double() < 0) {
    return malformed(root["seconds"], "seconds", "expected a number from 0");
  }
  assessment.seconds = root["seconds"].as_double();
  assessment.files = TRY(root.number("files"));
  assessment.bytes = TRY(root.number("bytes"));
  const std::uint64_t code = TRY(root.number("exit_code"));
  if (code > 5) {
    return malformed(root["exit_code"], "exit_code", "above 5");
  }
  out.exit_code = static_cast<int>(code);
  assessment.notes = TRY(root.texts("notes"));
  assessment.checkpoint = TRY(root.text_or_null("checkpoint"));
  return {};
}

}  // namespace

Result<ReadResult> read_json(std::string_view json) {
  const Value document = TRY(base::parse_json(json, kLimits));
  const Fields root = TRY(Fields::open(document, ""));
  if (root["format"].as_text() != "surety-assessment") {
    return malformed(document, "format", "not a result of surety assess --format json");
  }
  if (TRY(root.number("format_version")) != 1) {
    return Error{Errc::unsupported, "format_version: only 1 can be read"};
  }
  ReadResult out;
  out.catalog = std::make_unique<catalog::Catalog>();
  out.assessment.catalog = out.catalog.get();
  const Fields catalogue = TRY(root.map("catalogue"));
  const Fields counts = TRY(root.map("counts"));
  const Fields adherence = TRY(root.map("adherence"));
  TRY(read_catalogue(catalogue, *out.catalog));
  TRY(read_head(root, out));
  if (root.has("exceptions")) {
    const Value::List& exceptions = *TRY(root.list("exceptions"));
    for (std::size_t i = 0; i < exceptions.size(); ++i) {
      out.assessment.exceptions.push_back(TRY(exception_from(exceptions[i], element("exceptions", i))));
    }
  }
  TRY(read_provisions(root, out));
  TRY(read_counts(counts, out.assessment));
  TRY(read_adherence(adherence, out.assessment));
  const Value::List& findings = *TRY(root.list("findings"));
  for (std::size_t i = 0; i < findings.size(); ++i) {
    out.assessment.findings.push_back(TRY(finding_from(findings[i], element("findings", i))));
  }
  const Value::List& assets = *TRY(root.list("assets"));
  for (std::size_t i = 0; i < assets.size(); ++i) {
    out.assessment.assets.push_back(TRY(asset_from(assets[i], element("assets", i))));
  }
  const Fields kinds = TRY(root.map("asset_counts"));
  for (const auto& [kind, count] : root["asset_counts"].as_map()) {
    out.assessment.asset_counts[kind] = TRY(kinds.number(kind));
  }
  return out;
}

}  // namespace report
