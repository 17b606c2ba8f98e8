#include "evidence/bill.h"

#include <array>
#include <utility>

#include "evidence/fields.h"

namespace evidence {
namespace {

using base::Result;
using base::Value;

constexpr std::array<std::pair<Agreement, std::string_view>, 3> kAgreements = {
    {{Agreement::agrees, "agrees"}, {Agreement::contradicts, "contradicts"}, {Agreement::unchecked, "unchecked"}}};

Value claim_value(const Claim& claim) {
  MapWriter out(8);
  out.text("field", claim.field);
  out.text("declared", claim.declared);
  out.text("declared_in", claim.declared_in);
  out.number("line", claim.line);
  out.text("observed", claim.observed);
  out.text("observed_in", claim.observed_in);
  out.always("outcome", to_string(claim.outcome));
  out.text("reason", claim.reason);
  return out.take();
}

Value listed_value(const ListedComponent& component) {
  MapWriter out(9);
  out.text("name", component.name);
  out.text("version", component.version);
  out.text("type", component.type);
  out.text("purl", component.purl);
  out.text("licence", component.licence);
  out.text("path", component.path);
  out.texts("hashes", component.hashes);
  out.text("asset", component.asset);
  out.text("outcome", component.outcome);
  return out.take();
}

Result<Claim> claim_from(const Value& value, const std::string& place) {
  Claim out;
  auto in = TRY(MapReader::open(value, place));
  TRY(in.text("field", out.field));
  TRY(in.text("declared", out.declared));
  TRY(in.text("declared_in", out.declared_in));
  TRY(in.number("line", out.line));
  TRY(in.text("observed", out.observed));
  TRY(in.text("observed_in", out.observed_in));
  TRY(in.choice("outcome", &agreement, out.outcome));
  TRY(in.text("reason", out.reason));
  TRY(in.finish());
  return out;
}

Result<ListedComponent> listed_from(const Value& value, const std::string& place) {
  ListedComponent out;
  auto in = TRY(MapReader::open(value, place));
  TRY(in.text("name", out.name));
  TRY(in.text("version", out.version));
  TRY(in.text("type", out.type));
  TRY(in.text("purl", out.purl));
  TRY(in.text("licence", out.licence));
  TRY(in.text("path", out.path));
  TRY(in.texts("hashes", out.hashes));
  TRY(in.text("asset", out.asset));
  TRY(in.text("outcome", out.outcome));
  TRY(in.finish());
  return out;
}

}  // namespace

std::string_view to_string(Agreement agreement) {
  return kAgreements[static_cast<std::size_t>(agreement)].second;
}
std::optional<Agreement> agreement(std::string_view name) {
  for (const auto& [value, known] : kAgreements) {
    if (known == name) {
      return value;
    }
  }
  return std::nullopt;
}

Statement statement_of(const Claims& claims) {
  MapWriter out(1);
  out.list("claims", claims.claims, &claim_value);
  return {{{claims.path, claims.sha256}}, std::string(kClaimsPredicate), out.take()};
}

Statement statement_of(const Bill& bill) {
  MapWriter out(8);
  out.text("format", bill.format);
  out.text("version", bill.version);
  out.text("name", bill.name);
  out.text("producer", bill.producer);
  out.text("created", bill.created);
  out.list("components", bill.components, &listed_value);
  out.texts("missing", bill.missing);
  out.texts("problems", bill.problems);
  return {{{bill.path, bill.sha256}}, std::string(kBillPredicate), out.take()};
}

Result<Claims> claims_from(const Statement& statement) {
  auto [subject, in] = TRY(open_statement(statement, kClaimsPredicate));
  Claims out;
  out.path = subject.name;
  out.sha256 = subject.sha256;
  TRY(in.list("claims", out.claims, &claim_from));
  TRY(in.finish());
  return out;
}

Result<Bill> bill_from(const Statement& statement) {
  auto [subject, in] = TRY(open_statement(statement, kBillPredicate));
  Bill out;
  out.path = subject.name;
  out.sha256 = subject.sha256;
  TRY(in.text("format", out.format));
  TRY(in.text("version", out.version));
  TRY(in.text("name", out.name));
  TRY(in.text("producer", out.producer));
  TRY(in.text("created", out.created));
  TRY(in.list("components", out.components, &listed_from));
  TRY(in.texts("missing", out.missing));
  TRY(in.texts("problems", out.problems));
  TRY(in.finish());
  return out;
}

}  // namespace evidence
