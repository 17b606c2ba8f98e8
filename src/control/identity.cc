#include "control/identity.h"

#include <sys/stat.h>

#include <algorithm>

#include "base/file.h"
#include "base/text.h"

namespace control {

using base::Error;
using base::Result;

namespace {

constexpr std::size_t kMaxCheckedTokens = 10'000;
constexpr std::uint64_t kMaxKeySetBytes = 1U << 20;

Caller caller_of(const AccessKey& key) {
  return {"key:" + key.id, key.subject, key.tenant, key.roles, key.permissions};
}

// The token of "Bearer TOKEN"; empty where it is something else.
std::string_view bearer(std::string_view value) {
  constexpr std::string_view kScheme = "bearer ";
  if (value.size() <= kScheme.size() || !base::equals_ignoring_case(value.substr(0, kScheme.size()), kScheme)) {
    return {};
  }
  return base::trim(value.substr(kScheme.size()));
}

}  // namespace

Result<std::unique_ptr<Authenticator>> Authenticator::open(IdentitySettings settings) {
  std::unique_ptr<Authenticator> out(new Authenticator(std::move(settings)));
  if (!out->settings_.keys.empty()) {
    out->keys_ = TRY(KeyTable::load(out->settings_.keys));
  }
  for (const AccessKey& key : out->keys_.keys()) {
    out->key_callers_.emplace(&key, std::make_shared<const Caller>(caller_of(key)));
  }
  if (!out->settings_.key_set.empty()) {
    const std::string shown = base::printable(out->settings_.key_set.native());
    auto text = base::read_file(out->settings_.key_set, kMaxKeySetBytes);
    if (!text) {
      return std::move(text).error().in_file(shown);
    }
    out->key_set_ = TRY(KeySet::parse(*text, shown));
  }
  return out;
}

std::optional<IdentityRefusal> Authenticator::identify(const RequestHead& request, base::UnixTime now,
                                                       std::shared_ptr<const Caller>& caller) const {
  std::string_view credential;
  bool was_key_field = false;
  bool was_authorization = false;
  for (const Field& field : request.fields) {
    if (base::equals_ignoring_case(field.name, "authorization")) {
      const std::string_view token = bearer(field.value);
      if (token.empty()) {
        return IdentityRefusal{"authorization: not a bearer token"};
      }
      if (was_authorization || (!credential.empty() && credential != token)) {
        return IdentityRefusal{"two credentials in one request"};
      }
      credential = token;
      was_authorization = true;
    } else if (base::equals_ignoring_case(field.name, "x-api-key")) {
      const std::string_view key = base::trim(field.value);
      if (was_key_field || (!credential.empty() && credential != key)) {
        return IdentityRefusal{"two credentials in one request"};
      }
      if (key.empty()) {
        return IdentityRefusal{"x-api-key: empty"};
      }
      credential = key;
      was_key_field = true;
    }
  }
  std::shared_ptr<const Caller> by_certificate;
  for (const CertificateRule& rule : settings_.certificates) {
    const bool by_digest = !rule.sha256.empty() && base::equals_ignoring_case(rule.sha256, request.certificate);
    const bool by_name = !rule.name.empty() && !request.certificate.empty() && rule.name == request.certificate_name;
    if (by_digest || by_name) {
      by_certificate = std::make_shared<const Caller>(rule.caller);
      break;
    }
  }
  if (credential.empty()) {
    if (by_certificate == nullptr) {
      return IdentityRefusal{request.certificate.empty() ? "no credential" : "certificate of nobody known"};
    }
    caller = std::move(by_certificate);
    return std::nullopt;
  }
  const bool looks_like_token = std::count(credential.begin(), credential.end(), '.') == 2;
  auto refusal = looks_like_token ? by_token(credential, now, caller) : by_key(credential, now, caller);
  if (!refusal && by_certificate != nullptr && by_certificate->subject != caller->subject) {
    caller = nullptr;
    return IdentityRefusal{"certificate and credential are of two subjects"};
  }
  return refusal;
}

std::optional<IdentityRefusal> Authenticator::by_key(std::string_view text, base::UnixTime now,
                                                     std::shared_ptr<const Caller>& caller) const {
  const AccessKey* key = keys_.find(text);
  if (key == nullptr) {
    return IdentityRefusal{"unknown key"};
  }
  if (key->revoked) {
    return IdentityRefusal{"key " + key->id + " is revoked"};
  }
  if (key->expires && *key->expires <= now) {
    return IdentityRefusal{"key " + key->id + " has expired"};
  }
  caller = key_callers_.at(key);
  return std::nullopt;
}

std::optional<IdentityRefusal> Authenticator::by_token(std::string_view text, base::UnixTime now,
                                                       std::shared_ptr<const Caller>& caller) const {
  if (!key_set_) {
    return IdentityRefusal{"token: none are taken here"};
  }
  const base::Sha256 digest = base::sha256(text);
  {
    const std::lock_guard lock(tokens_mutex_);
    if (const auto known = tokens_.find(digest); known != tokens_.end()) {
      if (now.seconds < known->second.expires + settings_.tokens.leeway_seconds) {
        caller = known->second.caller;
        return std::nullopt;
      }
      tokens_.erase(known);
    }
  }
  const auto claims = check_token(text, *key_set_, settings_.tokens, now.seconds);
  if (!claims) {
    return IdentityRefusal{claims.error().message};
  }
  Caller made;
  made.id = "token:" + claims->subject;
  made.subject = claims->subject;
  made.tenant = claims->all[settings_.tenant_claim].as_text();
  const base::Value& roles = claims->all[settings_.roles_claim];
  if (roles.is_string()) {
    for (const std::string_view role : base::split(roles.as_text(), ' ')) {
      made.roles.emplace_back(role);
    }
  }
  for (const base::Value& role : roles.as_list()) {
    made.roles.emplace_back(role.as_text());
  }
  caller = std::make_shared<const Caller>(std::move(made));
  const std::lock_guard lock(tokens_mutex_);
  if (tokens_.size() >= kMaxCheckedTokens) {
    tokens_.clear();
  }
  tokens_.emplace(digest, CheckedToken{caller, claims->expires});
  return std::nullopt;
}

bool Authenticator::may(const Caller& caller, AllowList Permissions::*list, std::string_view name) const {
  if (!allows(caller.own.*list, name)) {
    return false;
  }
  return settings_.roles.empty() || std::any_of(caller.roles.begin(), caller.roles.end(), [&](const auto& role) {
           const auto found = settings_.roles.find(role);
           return found != settings_.roles.end() && allows(found->second.*list, name);
         });
}

bool Authenticator::may_use_model(const Caller& caller, std::string_view model) const {
  return may(caller, &Permissions::models, model);
}
bool Authenticator::may_use_tool(const Caller& caller, std::string_view tool) const {
  return may(caller, &Permissions::tools, tool);
}
bool Authenticator::limits_tools(const Caller& caller) const {
  const auto limits = [](const AllowList& list) {
    return list && std::find(list->begin(), list->end(), "*") == list->end();
  };
  if (limits(caller.own.tools)) {
    return true;
  }
  return !settings_.roles.empty() && std::none_of(caller.roles.begin(), caller.roles.end(), [&](const auto& role) {
    const auto found = settings_.roles.find(role);
    return found != settings_.roles.end() && !limits(found->second.tools);
  });
}
bool Authenticator::may_use_route(const Caller& caller, std::string_view route) const {
  return may(caller, &Permissions::routes, route);
}

std::vector<std::shared_ptr<const Caller>> Authenticator::known_callers() const {
  std::vector<std::shared_ptr<const Caller>> out;
  for (const AccessKey& key : keys_.keys()) {
    out.push_back(key_callers_.at(&key));
  }
  return out;
}

Result<std::shared_ptr<IdentitySource>> IdentitySource::open(IdentitySettings settings) {
  std::shared_ptr<IdentitySource> out(new IdentitySource());
  out->settings_ = std::move(settings);
  out->stamp_ = out->stamp();
  out->current_ = TRY(Authenticator::open(out->settings_));
  return out;
}

// What tells one state of the files from another.
std::string IdentitySource::stamp() const {
  std::string out;
  for (const auto& path : {settings_.keys, settings_.key_set}) {
    struct stat status {};
    if (!path.empty() && ::stat(path.c_str(), &status) == 0) {
      out += std::to_string(status.st_ino) + " " + std::to_string(status.st_size) + " " +
             std::to_string(status.st_mtim.tv_sec) + "." + std::to_string(status.st_mtim.tv_nsec);
    }
    out += ";";
  }
  return out;
}

std::shared_ptr<const Authenticator> IdentitySource::get(std::int64_t now_ms, std::string* problem) {
  const std::lock_guard lock(mutex_);
  if (now_ms >= next_look_ms_) {
    next_look_ms_ = now_ms + 1000;
    if (std::string now = stamp(); now != stamp_) {
      stamp_ = std::move(now);
      if (auto opened = Authenticator::open(settings_)) {
        current_ = std::move(*opened);
      } else if (problem != nullptr) {
        *problem = opened.error().text();
      }
    }
  }
  return current_;
}

}  // namespace control
