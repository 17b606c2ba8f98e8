#include <algorithm>

#include "base/file.h"
#include "base/text.h"
#include "control/access_keys.h"
#include "control/self_test_runner.h"
#include "control/self_test_token.h"

namespace control {

using base::Result;
using base::Value;
using traffic::Route;

namespace {

constexpr std::uint64_t kMaxKeyFileBytes = 64U << 20;
constexpr std::int64_t kHourSeconds = 3600;
constexpr std::size_t kMostCertificates = 10;

bool any_role_allows(const IdentitySettings& identity, const std::vector<std::string>& roles,
                     AllowList Permissions::*list, std::string_view name) {
  return identity.roles.empty() || std::any_of(roles.begin(), roles.end(), [&](const std::string& role) {
           const auto found = identity.roles.find(role);
           return found != identity.roles.end() && allows(found->second.*list, name);
         });
}

// A name that some role allows: the given one if possible.
std::string allowed_name(const IdentitySettings& identity, const std::vector<std::string>& roles,
                         AllowList Permissions::*list, const std::string& wanted) {
  if (any_role_allows(identity, roles, list, wanted)) {
    return wanted;
  }
  for (const auto& [role, permissions] : identity.roles) {
    if (permissions.*list && !(permissions.*list)->empty()) {
      return instance_of((permissions.*list)->front());
    }
  }
  return wanted;
}

DrivenExchange with_credential(DrivenExchange exchange, const std::string& credential) {
  exchange.fields.emplace_back("Authorization", "Bearer " + credential);
  return exchange;
}

}  // namespace

Result<void> SelfTestRunner::try_identity() {
  const IdentitySettings& identity = declared_.identity;
  SceneNames names = names_;
  names.model = allowed_name(identity, roles_, &Permissions::models, names.model);
  Configuration configuration = alone(Filter::identity);
  if (!identity.keys.empty()) {
    // The keys that there are, and ours beside them.
    TRY(KeyTable::load(identity.keys));
    configuration.identity.keys = options_.scratch / "identity-keys.json";
    if (auto text = base::read_file(identity.keys, kMaxKeyFileBytes)) {
      TRY(base::write_file(configuration.identity.keys, *text, 0600));
    } else if (text.error().code != base::Errc::not_found) {
      return text.error();
    }
    TRY(try_keys(configuration, names));
  }
  if (!identity.key_set.empty()) {
    const std::string text = TRY(base::read_file(identity.key_set, kMaxKeyFileBytes));
    TRY(KeySet::parse(text, base::printable(identity.key_set.native())));
    configuration.identity.key_set = options_.scratch / "key-set.json";
    TRY(try_tokens(configuration, names));
  }
  if (!identity.certificates.empty()) {
    TRY(try_certificates(configuration, names));
  }
  return {};
}

void SelfTestRunner::try_credentials(Stage& stage, const SceneNames& names, const std::string& good,
                                     const std::vector<std::pair<std::string, std::string>>& bad) {
  const IdentitySettings& identity = declared_.identity;
  const std::string tool = allowed_name(identity, roles_, &Permissions::tools, "surety_self_test");
  for_each_place(Filter::identity, [&](SelfTestCase& one, const Place& place) {
    const bool is_mcp_call = place.route == Route::mcp && place.block == Block::tool_call;
    const DrivenExchange exchange =
        is_mcp_call ? calling(place.route, false, tool, "{}", false, names) : scene(place, names);
    const std::string_view route = traffic::to_string(place.route);
    const bool may_pass =
        any_role_allows(identity, roles_, &Permissions::routes, route) &&
        (!names_model(place.route) || any_role_allows(identity, roles_, &Permissions::models, names.model)) &&
        (!is_mcp_call || any_role_allows(identity, roles_, &Permissions::tools, tool));
    const DrivenResult result = send(stage, one, with_credential(exchange, good), false);
    if (may_pass) {
      expect_passes(one, "a good credential", result);
    } else {
      expect_stops(one, "no role may do this", result);
    }
    expect_stops(one, "no credential", send(stage, one, exchange, false));
    for (const auto& [what, credential] : bad) {
      expect_stops(one, what, send(stage, one, with_credential(exchange, credential), false));
    }
  });
}

Result<void> SelfTestRunner::try_keys(Configuration configuration, const SceneNames& names) {
  const auto file = configuration.identity.keys;
  const base::UnixTime now{now_ms_ / 1000};
  KeyWish wish;
  wish.subject = "surety-self-test";
  wish.roles = roles_;
  const auto add = [&](const KeyWish& wanted, const std::function<void(AccessKey&)>& change) -> Result<std::string> {
    IssuedKey issued = TRY(issue_key(wanted, now));
    if (change) {
      change(issued.kept);
    }
    TRY(store_key(file, issued.kept));
    return issued.text;
  };
  const std::string good = TRY(add(wish, {}));
  std::vector<std::pair<std::string, std::string>> bad;
  bad.emplace_back("an expired key", TRY(add(wish, [&](AccessKey& key) {
                     key.created = {now.seconds - 2 * kHourSeconds};
                     key.expires = {now.seconds - kHourSeconds};
                   })));
  bad.emplace_back("a revoked key", TRY(add(wish, [](AccessKey& key) { key.revoked = true; })));
  bad.emplace_back("an unknown key", TRY(issue_key(wish, now)).text);
  std::string changed = good;
  changed.back() = changed.back() == 'A' ? 'B' : 'A';
  bad.emplace_back("a key with another secret", changed);
  if (!declared_.identity.roles.empty()) {
    KeyWish without = wish;
    without.roles.clear();
    bad.emplace_back("a key without a role", TRY(add(without, {})));
  }
  KeyWish narrow = wish;
  narrow.permissions.routes = std::vector<std::string>();
  bad.emplace_back("a key that may use no route", TRY(add(narrow, {})));
  narrow = wish;
  narrow.permissions.models = std::vector<std::string>();
  const std::string no_model = TRY(add(narrow, {}));
  narrow = wish;
  narrow.permissions.tools = std::vector<std::string>();
  const std::string no_tool = TRY(add(narrow, {}));

  Stage stage = TRY(open_stage("identity-keys", std::move(configuration)));
  try_credentials(stage, names, good, bad);
  for_each_place(Filter::identity, [&](SelfTestCase& one, const Place& place) {
    if (names_model(place.route)) {
      expect_stops(one, "a key that may use no model",
                   send(stage, one, with_credential(scene(place, names), no_model), false));
    }
    if (place.route == Route::mcp && place.block == Block::tool_call) {
      expect_stops(
          one, "a key that may use no tool",
          send(stage, one,
               with_credential(calling(place.route, false, "surety_self_test", "{}", false, names), no_tool), false));
    } else if (has_system_prompt(place.route) && place.block == Block::prompt) {
      expect_stops(
          one, "a key that may use no tool offers one",
          send(stage, one, with_credential(offering(place.route, "surety_self_test", "does nothing", names), no_tool),
               false));
    }
  });
  return {};
}

Result<void> SelfTestRunner::try_tokens(Configuration configuration, const SceneNames& names) {
  const IdentitySettings& identity = declared_.identity;
  const auto refuse = [&](const std::string& why) {
    for_each_place(Filter::identity,
                   [&](SelfTestCase& one, const Place&) { mark(one, SelfTestOutcome::not_tried, why); });
  };
  if (identity.tokens.algorithms.empty()) {
    refuse("no algorithm of tokens is allowed");
    return {};
  }
  const TokenSigner signer = TRY(TokenSigner::create(identity.tokens.algorithms.front()));
  const TokenSigner other = TRY(TokenSigner::create(identity.tokens.algorithms.front()));
  TRY(base::write_file(configuration.identity.key_set, signer.key_set(), 0600));
  const std::int64_t now = now_ms_ / 1000;
  const std::int64_t lasts = std::min<std::int64_t>(300, identity.tokens.max_age_seconds);
  Value claims;
  claims.set("iss", identity.tokens.issuer).set("aud", identity.tokens.audience).set("sub", "surety-self-test");
  claims.set("iat", now).set("exp", now + lasts);
  Value roles{Value::List{}};
  for (const std::string& role : roles_) {
    roles.push(role);
  }
  claims.set(identity.roles_claim, std::move(roles));
  const auto changed = [&](std::string_view name, Value value) {
    Value out = claims;
    out.set(name, std::move(value));
    return signer.sign(out);
  };
  const std::string good = TRY(signer.sign(claims));
  std::vector<std::pair<std::string, std::string>> bad;
  Value past = claims;
  past.set("iat", now - 2 * kHourSeconds).set("exp", now - kHourSeconds);
  bad.emplace_back("an expired token", TRY(signer.sign(past)));
  bad.emplace_back("a token of another issuer", TRY(changed("iss", "https://surety-self-test.invalid")));
  bad.emplace_back("a token for another audience", TRY(changed("aud", "surety-self-test.invalid")));
  bad.emplace_back("a token that another key signed", TRY(other.sign(claims)));
  bad.emplace_back("a token without a signature", good.substr(0, good.rfind('.') + 1));
  if (!identity.roles.empty()) {
    bad.emplace_back("a token without a role", TRY(changed(identity.roles_claim, Value::List{})));
  }
  Stage stage = TRY(open_stage("identity-tokens", std::move(configuration)));
  try_credentials(stage, names, good, bad);
  return {};
}

Result<void> SelfTestRunner::try_certificates(Configuration configuration, const SceneNames& names) {
  Stage stage = TRY(open_stage("identity-certificates", std::move(configuration)));
  const IdentitySettings& identity = declared_.identity;
  const auto& rules = identity.certificates;
  const std::string stranger(64, '0');
  for (std::size_t i = 0; i < std::min(rules.size(), kMostCertificates); ++i) {
    const CertificateRule& rule = rules[i];
    for_each_place(Filter::identity, [&](SelfTestCase& one, const Place& place) {
      DrivenExchange exchange = scene(place, names);
      expect_stops(one, "no credential", send(stage, one, exchange, false));
      exchange.certificate = stranger;
      exchange.certificate_name = "CN=surety-self-test.invalid";
      expect_stops(one, "the certificate of somebody else", send(stage, one, exchange, false));
      const auto may = [&](AllowList Permissions::*list, std::string_view name) {
        return any_role_allows(identity, rule.caller.roles, list, name) && allows(rule.caller.own.*list, name);
      };
      exchange.certificate = rule.sha256.empty() ? stranger : rule.sha256;
      exchange.certificate_name = rule.name;
      const bool may_pass =
          may(&Permissions::routes, traffic::to_string(place.route)) &&
          (!names_model(place.route) || may(&Permissions::models, names.model)) &&
          (place.route != Route::mcp || place.block != Block::tool_call || may(&Permissions::tools, "f"));
      const DrivenResult result = send(stage, one, exchange, false);
      if (may_pass) {
        expect_passes(one, "the certificate of " + rule.caller.subject, result);
      } else {
        expect_stops(one, "the certificate of " + rule.caller.subject + " may not do this", result);
      }
    });
  }
  return {};
}

}  // namespace control
