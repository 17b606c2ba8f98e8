#include "assess/exceptions.h"

#include <algorithm>
#include <set>
#include <span>
#include <tuple>

#include "base/embedded.h"
#include "base/schema.h"
#include "base/text.h"
#include "base/yaml.h"

namespace embedded {
extern const std::span<const base::EmbeddedFile> assess_exceptions_schema;
}

namespace assess {
namespace {

using base::Errc;
using base::Error;
using base::Result;
using base::Value;

constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kLongest = 2 * 366 * kDay;

Error wrong(std::string_view shown, const Value& place, std::string message) {
  return {Errc::malformed, std::move(message), 0, std::string(shown), place.line()};
}

std::string in_quotes(std::string_view text) {
  return "\"" + base::abbreviate(base::printable(text), 80) + "\"";
}

// The dates, and that they make sense together.
Result<void> read_dates(const Value& entry, std::string_view shown, base::UnixTime now, Exception& out) {
  for (const auto& [field, date] : {std::pair{"created", &out.created}, std::pair{"expires", &out.expires}}) {
    auto parsed = base::parse_time(entry[field].as_text());
    if (!parsed) {
      return wrong(shown, entry[field], std::string(field) + ": " + parsed.error().message);
    }
    *date = *parsed;
  }
  if (out.created > now) {
    return wrong(shown, entry["created"], "created: " + base::to_iso_date(out.created) + " is in the future");
  }
  if (out.expires < out.created) {
    return wrong(shown, entry["expires"], "expires: before it was created");
  }
  if (out.expires.seconds - out.created.seconds > kLongest) {
    return wrong(shown, entry["expires"],
                 "expires: more than two years after it was created; an exception is decided again before that");
  }
  return {};
}

Result<void> read_target(const Value& entry, std::string_view shown, const catalog::Catalog& catalog, Exception& out) {
  const catalog::Provision* provision = catalog.find_provision(entry["provision"].as_text());
  if (provision == nullptr) {
    return wrong(shown, entry["provision"], "provision: there is no " + in_quotes(entry["provision"].as_text()));
  }
  out.provision = provision->id;
  out.check = entry["check"].as_text();
  out.subject = entry["subject"].as_text();
  if (out.check.empty()) {
    return {};
  }
  const catalog::Check* check = catalog.find_check(out.check);
  if (check == nullptr) {
    std::vector<std::string_view> known;
    for (const catalog::Check& each : catalog.checks) {
      known.emplace_back(each.id);
    }
    const auto meant = base::closest(out.check, known);
    return wrong(shown, entry["check"],
                 "check: there is no " + in_quotes(out.check) +
                     (meant ? "; did you mean " + in_quotes(*meant) + "?" : std::string()));
  }
  if (std::find(check->provisions.begin(), check->provisions.end(), out.provision) == check->provisions.end()) {
    return wrong(shown, entry["check"],
                 "check: " + out.check + " does not look at provision " + out.provision + ", but at " +
                     base::join(check->provisions, ", "));
  }
  return {};
}

Result<std::string> text_field(const Value& entry, std::string_view name, bool required) {
  const Value& value = entry[name];
  if (!value.is_string() && !(value.is_null() && !required)) {
    return Error{Errc::malformed, "exceptions: " + std::string(name) + ": expected text"};
  }
  return std::string(value.as_text());
}

}  // namespace

Result<ExceptionsFile> parse_exceptions(std::string_view text, std::string_view shown, const catalog::Catalog& catalog,
                                        base::UnixTime now) {
  auto document = base::parse_yaml(text, {.max_bytes = kMaxExceptionsBytes, .max_depth = 8, .max_values = 200'000});
  if (!document) {
    return std::move(document).error().in_file(shown);
  }
  static const auto kSchema = base::Schema::load(embedded::assess_exceptions_schema.front().content);
  if (!kSchema) {
    return kSchema.error();
  }
  TRY(kSchema->require(*document, shown));
  ExceptionsFile file;
  file.sha256 = base::sha256(text);
  std::set<std::tuple<std::string, std::string, std::string>> seen;
  for (const Value& entry : (*document)["exceptions"].as_list()) {
    if (file.exceptions.size() == kMaxExceptions) {
      return wrong(shown, entry, "more than " + base::grouped(kMaxExceptions) + " exceptions");
    }
    Exception out;
    TRY(read_target(entry, shown, catalog, out));
    for (const auto& [field, target] : {std::pair{"owner", &out.owner}, std::pair{"reason", &out.reason},
                                        std::pair{"compensating_control", &out.compensating_control}}) {
      *target = base::trim(entry[field].as_text());
      if (target->empty()) {
        return wrong(shown, entry[field], std::string(field) + ": empty");
      }
    }
    TRY(read_dates(entry, shown, now, out));
    out.line = entry.line();
    if (!seen.insert({out.provision, out.check, out.subject}).second) {
      return wrong(shown, entry, "a second exception for the same provision, check and subject");
    }
    file.exceptions.push_back(std::move(out));
  }
  return file;
}

Result<void> attest(ExceptionsFile& file, std::span<const records::Signing> signings) {
  for (const records::Signing& signing : signings) {
    const records::Attester& attester = *signing.attester;
    const std::string who = base::printable(attester.name) + " (" + base::printable(attester.role) + ")";
    const auto untrusted = [&](const std::string& why) {
      return Error{Errc::untrusted, "signed by " + who + ", " + why, 0, base::printable(signing.path)};
    };
    if (!attester.may_except) {
      return untrusted("who may not accept failures (exceptions: true of attesters in ai-system.yaml)");
    }
    bool any = false;
    for (Exception& exception : file.exceptions) {
      if ((exception.owner == attester.id || exception.owner == attester.name) &&
          records::may_except(attester, exception.provision)) {
        exception.attested_by = base::printable(attester.name) + ", " + base::printable(attester.role);
        any = true;
      }
    }
    if (!any) {
      return untrusted("who owns no exception in it of a provision that this person may except");
    }
  }
  return {};
}

evidence::Statement statement_of(const ExceptionsFile& file) {
  Value::List list;
  for (const Exception& exception : file.exceptions) {
    Value::Map entry = {{"provision", exception.provision},
                        {"owner", exception.owner},
                        {"reason", exception.reason},
                        {"compensating_control", exception.compensating_control},
                        {"created", base::to_iso_date(exception.created)},
                        {"expires", base::to_iso_date(exception.expires)},
                        {"line", static_cast<std::int64_t>(exception.line)}};
    if (!exception.check.empty()) {
      entry.emplace_back("check", exception.check);
    }
    if (!exception.subject.empty()) {
      entry.emplace_back("subject", evidence::encoded_text(exception.subject));
    }
    if (!exception.attested_by.empty()) {
      entry.emplace_back("attested_by", evidence::encoded_text(exception.attested_by));
    }
    list.emplace_back(std::move(entry));
  }
  return {{{std::string(kExceptionsFile), file.sha256}},
          std::string(kExceptionsPredicate),
          Value::Map{{"exceptions", std::move(list)}}};
}

Result<ExceptionsFile> exceptions_from(const evidence::Statement& statement) {
  if (statement.predicate_type != kExceptionsPredicate || statement.subjects.size() != 1) {
    return Error{Errc::malformed, "exceptions: not a statement of exceptions"};
  }
  ExceptionsFile file;
  file.sha256 = statement.subjects.front().sha256;
  const Value& list = statement.predicate["exceptions"];
  if (!list.is_list() || list.as_list().size() > kMaxExceptions) {
    return Error{Errc::malformed, "exceptions: expected a list of at most " + base::grouped(kMaxExceptions)};
  }
  for (const Value& entry : list.as_list()) {
    Exception out;
    out.provision = TRY(text_field(entry, "provision", true));
    out.check = TRY(text_field(entry, "check", false));
    const std::string subject = TRY(text_field(entry, "subject", false));
    out.subject = TRY(evidence::decoded_text(subject));
    const std::string attested_by = TRY(text_field(entry, "attested_by", false));
    out.attested_by = TRY(evidence::decoded_text(attested_by));
    out.owner = TRY(text_field(entry, "owner", true));
    out.reason = TRY(text_field(entry, "reason", true));
    out.compensating_control = TRY(text_field(entry, "compensating_control", true));
    out.created = TRY(base::parse_time(entry["created"].as_text()));
    out.expires = TRY(base::parse_time(entry["expires"].as_text()));
    out.line = static_cast<std::uint32_t>(entry["line"].as_integer());
    file.exceptions.push_back(std::move(out));
  }
  return file;
}

std::string_view to_string(ExceptionState state) {
  constexpr std::string_view kNames[] = {"in force", "expires soon", "unused", "expired", "not signed"};
  return kNames[static_cast<std::size_t>(state)];
}

}  // namespace assess
