#include "bundle/requirements.h"

#include <algorithm>
#include <span>

#include "base/embedded.h"
#include "base/schema.h"
#include "base/text.h"
#include "base/yaml.h"

namespace embedded {
extern const std::span<const base::EmbeddedFile> bundle_schemas;
}

namespace bundle {
namespace {

using base::Errc;
using base::Error;
using base::Result;
using base::Value;
using evidence::Strength;

// What one provision lacks; empty where it will do.
std::string gap_of(const Requirement& requirement, const Value& provision, bool exceptions) {
  const std::string_view verdict = provision["verdict"].as_text();
  const std::string reason = base::abbreviate(base::printable(provision["reason"].as_text()), 300);
  if (verdict == "not applicable") {
    return requirement.not_applicable ? std::string() : "does not apply: " + reason;
  }
  if (verdict == "fail") {
    if (provision["excepted"].as_bool()) {
      return exceptions ? std::string() : "fails and is excepted: " + reason;
    }
    return "fails: " + reason;
  }
  if (verdict != "pass") {
    return std::string(provision["stale"].as_bool() ? "is inconclusive and stale: " : "is inconclusive: ") + reason;
  }
  if (!requirement.inherited && !provision["inherited"].as_list().empty()) {
    return "passes by what it inherits from " +
           base::printable(provision["inherited"].as_list().front()["provider"].as_text());
  }
  const auto strength = evidence::strength(provision["strength"].as_text());
  if (!strength || *strength > requirement.strength) {
    return "passes on evidence that is " + std::string(provision["strength"].as_text("of unknown strength")) +
           ", asked for is " + std::string(evidence::to_string(requirement.strength));
  }
  return {};
}

}  // namespace

Result<Requirements> parse_requirements(std::string_view text, std::string_view shown,
                                        const catalog::Catalog& catalog) {
  auto document = base::parse_yaml(text, {.max_bytes = kMaxRequirementsBytes, .max_depth = 8, .max_values = 50'000});
  if (!document) {
    return std::move(document).error().in_file(shown);
  }
  static const auto kSchema = base::Schema::load(embedded::bundle_schemas.front().content);
  if (!kSchema) {
    return kSchema.error();
  }
  TRY(kSchema->require(*document, shown));
  Requirements out;
  for (const Value& entry : (*document)["provisions"].as_list()) {
    const auto wrong = [&](std::string message) {
      return Error{Errc::malformed, std::move(message), 0, std::string(shown), entry.line()};
    };
    Requirement requirement;
    const std::string_view id = entry["id"].as_text();
    requirement.verb = entry["verb"].as_text();
    if (id.empty() == requirement.verb.empty()) {
      return wrong("an entry names either an id or a verb");
    }
    if (!id.empty()) {
      const catalog::Provision* provision = catalog.find_provision(id);
      if (provision == nullptr) {
        return wrong("there is no provision \"" + base::printable(id) + "\"");
      }
      requirement.provision = provision->id;
    }
    requirement.strength = evidence::strength(entry["strength"].as_text("documented")).value_or(Strength::executed);
    requirement.inherited = entry["inherited"].as_bool(true);
    requirement.not_applicable = entry["not_applicable"].as_bool(true);
    out.provisions.push_back(std::move(requirement));
  }
  out.adheres = (*document)["adheres"].as_bool();
  out.max_age_days = (*document)["max_age_days"].as_integer();
  out.exceptions = (*document)["exceptions"].as_bool();
  out.witnesses = static_cast<std::size_t>((*document)["witnesses"].as_integer());
  for (const Value& signer : (*document)["signers"].as_list()) {
    out.signers.emplace_back(signer.as_text());
  }
  return out;
}

std::vector<std::string> gaps(const Requirements& requirements, const Verified& verified, base::UnixTime now) {
  constexpr std::int64_t kDay = 86'400;
  std::vector<std::string> out;
  const std::int64_t age = now.seconds - verified.header.time.seconds;
  if (requirements.max_age_days > 0 && age > requirements.max_age_days * kDay) {
    out.push_back("the assessment is of " + base::to_iso_date(verified.header.time) + ", " +
                  base::counted(static_cast<std::uint64_t>(age / kDay), "day") + " ago; asked for are at most " +
                  std::to_string(requirements.max_age_days));
  }
  if (age < -kDay) {
    out.push_back("the assessment is dated " + base::to_iso_date(verified.header.time) + ", in the future");
  }
  if (!requirements.signers.empty() && std::find(requirements.signers.begin(), requirements.signers.end(),
                                                 verified.signer) == requirements.signers.end()) {
    out.push_back("signed by key " + verified.signer + ", which is none of the signers asked for");
  }
  if (verified.witnesses.size() < requirements.witnesses) {
    out.push_back(base::counted(verified.witnesses.size(), "witness", "witnesses") +
                  " cosigned the log; asked for are " + std::to_string(requirements.witnesses));
  }
  if (requirements.adheres && verified.outcome["adherence"].as_text() != "adheres") {
    out.push_back("the system " +
                  std::string(verified.outcome["adherence"].as_text() == "cannot tell"
                                  ? "cannot be told to adhere"
                                  : verified.outcome["adherence"].as_text()) +
                  ": " + base::printable(verified.outcome["adherence_reason"].as_text()));
  }
  for (const Requirement& requirement : requirements.provisions) {
    bool met_any = false;
    for (const Value& provision : verified.outcome["provisions"].as_list()) {
      if (requirement.provision.empty() ? provision["verb"].as_text() != requirement.verb
                                        : provision["id"].as_text() != requirement.provision) {
        continue;
      }
      met_any = true;
      std::string gap = gap_of(requirement, provision, requirements.exceptions);
      if (!gap.empty()) {
        gap = "provision " + base::printable(provision["id"].as_text()) + " (" +
              base::printable(provision["title"].as_text()) + ") " + gap;
        if (std::find(out.begin(), out.end(), gap) == out.end()) {
          out.push_back(std::move(gap));
        }
      }
    }
    if (!met_any) {
      out.push_back("the bundle says nothing of " + (requirement.provision.empty()
                                                         ? "provisions with \"" + requirement.verb + "\""
                                                         : "provision " + requirement.provision));
    }
  }
  return out;
}

}  // namespace bundle
