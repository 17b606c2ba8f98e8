#include "assess/inherited.h"

#include "base/text.h"

namespace assess {
namespace {

using base::Errc;
using base::Error;
using base::Result;
using base::Value;

constexpr std::size_t kMaxProvisions = 10'000;

Value texts(const std::vector<std::string>& list) {
  Value::List out;
  for (const std::string& text : list) {
    out.emplace_back(evidence::encoded_text(text));
  }
  return out;
}

Result<std::string> text_of(const Value& map, std::string_view field) {
  if (!map[field].is_string()) {
    return Error{Errc::malformed, "inherited: " + std::string(field) + ": expected text"};
  }
  return evidence::decoded_text(map[field].as_text());
}

Result<std::vector<std::string>> texts_of(const Value& map, std::string_view field) {
  std::vector<std::string> out;
  if (!map[field].is_list() || map[field].as_list().size() > kMaxProvisions) {
    return Error{Errc::malformed, "inherited: " + std::string(field) + ": expected a list"};
  }
  for (const Value& item : map[field].as_list()) {
    out.push_back(TRY(evidence::decoded_text(item.as_text())));
  }
  return out;
}

}  // namespace

evidence::Statement statement_of(const Inherited& inherited) {
  Value::List provisions;
  for (const InheritedProvision& provision : inherited.provisions) {
    provisions.emplace_back(Value::Map{{"id", evidence::encoded_text(provision.id)},
                                       {"verb", provision.verb},
                                       {"verdict", provision.verdict},
                                       {"strength", provision.strength},
                                       {"stale", provision.stale},
                                       {"excepted", provision.excepted},
                                       {"attested_by", evidence::encoded_text(provision.attested_by)}});
  }
  return {{{inherited.provider, inherited.bundle}},
          std::string(kInheritedPredicate),
          Value::Map{{"system", evidence::encoded_text(inherited.system)},
                     {"origin", evidence::encoded_text(inherited.origin)},
                     {"signer", inherited.signer},
                     {"time", base::to_iso8601(inherited.time)},
                     {"catalogue", evidence::encoded_text(inherited.catalogue)},
                     {"catalogue_digest", inherited.catalogue_digest},
                     {"adherence", inherited.adherence},
                     {"roles", texts(inherited.roles)},
                     {"chain", texts(inherited.chain)},
                     {"provisions", std::move(provisions)}}};
}

Result<Inherited> inherited_from(const evidence::Statement& statement) {
  if (statement.predicate_type != kInheritedPredicate || statement.subjects.size() != 1) {
    return Error{Errc::malformed, "inherited: not a statement of what is inherited"};
  }
  const Value& predicate = statement.predicate;
  Inherited out;
  out.provider = statement.subjects.front().name;
  out.bundle = statement.subjects.front().sha256;
  out.system = TRY(text_of(predicate, "system"));
  out.origin = TRY(text_of(predicate, "origin"));
  out.signer = TRY(text_of(predicate, "signer"));
  out.time = TRY(base::parse_time(predicate["time"].as_text()));
  out.catalogue = TRY(text_of(predicate, "catalogue"));
  out.catalogue_digest = TRY(text_of(predicate, "catalogue_digest"));
  out.adherence = TRY(text_of(predicate, "adherence"));
  out.roles = TRY(texts_of(predicate, "roles"));
  out.chain = TRY(texts_of(predicate, "chain"));
  const Value& provisions = predicate["provisions"];
  if (!provisions.is_list() || provisions.as_list().size() > kMaxProvisions) {
    return Error{Errc::malformed, "inherited: provisions: expected a list"};
  }
  for (const Value& entry : provisions.as_list()) {
    InheritedProvision provision;
    provision.id = TRY(text_of(entry, "id"));
    provision.verb = TRY(text_of(entry, "verb"));
    provision.verdict = TRY(text_of(entry, "verdict"));
    provision.strength = TRY(text_of(entry, "strength"));
    provision.stale = entry["stale"].as_bool();
    provision.excepted = entry["excepted"].as_bool();
    provision.attested_by = TRY(text_of(entry, "attested_by"));
    out.provisions.push_back(std::move(provision));
  }
  return out;
}

}  // namespace assess
