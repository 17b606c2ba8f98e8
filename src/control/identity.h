#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "base/time.h"
#include "control/access_keys.h"
#include "control/exchange.h"
#include "control/pattern.h"
#include "control/token.h"

namespace control {

/// Somebody who is known to us.
struct Caller {
  std::string id;       ///< "key:1f0c…", "token:SUBJECT", "certificate:9a3b…": what limits and records go by.
  std::string subject;  ///< Whom it stands for.
  std::string tenant;
  std::vector<std::string> roles;
  Permissions own;  ///< Of the key or certificate itself.
};

/// A client certificate that is a caller.
struct CertificateRule {
  std::string sha256;  ///< Hexadecimal; empty where it is known by its subject.
  std::string name;    ///< Subject of the certificate as RFC 2253 writes it; empty where it is known by its digest.
  Caller caller;
};

struct IdentitySettings {
  std::filesystem::path keys;     ///< Empty: no keys.
  std::filesystem::path key_set;  ///< Empty: no tokens.
  TokenRules tokens;
  std::string tenant_claim = "tenant";
  std::string roles_claim = "roles";
  std::vector<CertificateRule> certificates;
  std::map<std::string, Permissions> roles;  ///< Where there are some, a caller without one of them may do nothing.
};

/// Why somebody was not let in. The reason is for the record; the client learns no more than that.
struct IdentityRefusal {
  std::string reason;  ///< "key expired", "token: signature does not verify"; never holds what was sent.
};

/// Says who sent a request. Everything is in memory; immutable but for a bounded table of tokens that were checked.
/// Thread-safe.
class Authenticator {
 public:
  /// Reads the keys and the key set. Fails as these do.
  static base::Result<std::unique_ptr<Authenticator>> open(IdentitySettings settings);

  /// By `Authorization: Bearer`, `x-api-key` or the verified client certificate. Two that disagree, two fields of one
  /// name, and anything else are refused.
  [[nodiscard]] std::optional<IdentityRefusal> identify(const RequestHead& request, base::UnixTime now,
                                                        std::shared_ptr<const Caller>& caller) const;

  /// May this caller use it? By its roles (one must allow it) and by its own list (that must too).
  [[nodiscard]] bool may_use_model(const Caller& caller, std::string_view model) const;
  [[nodiscard]] bool may_use_tool(const Caller& caller, std::string_view tool) const;
  /// Is there a tool that it may not use?
  [[nodiscard]] bool limits_tools(const Caller& caller) const;
  [[nodiscard]] bool may_use_route(const Caller& caller, std::string_view route) const;
  [[nodiscard]] const IdentitySettings& settings() const { return settings_; }
  /// Every key as a caller, for reports.
  [[nodiscard]] std::vector<std::shared_ptr<const Caller>> known_callers() const;

 private:
  explicit Authenticator(IdentitySettings settings) : settings_(std::move(settings)) {}
  std::optional<IdentityRefusal> by_key(std::string_view text, base::UnixTime now,
                                        std::shared_ptr<const Caller>& caller) const;
  std::optional<IdentityRefusal> by_token(std::string_view text, base::UnixTime now,
                                          std::shared_ptr<const Caller>& caller) const;
  [[nodiscard]] bool may(const Caller& caller, AllowList Permissions::*list, std::string_view name) const;

  IdentitySettings settings_;
  KeyTable keys_;
  std::unordered_map<const AccessKey*, std::shared_ptr<const Caller>> key_callers_;
  std::optional<KeySet> key_set_;
  struct CheckedToken {
    std::shared_ptr<const Caller> caller;
    std::int64_t expires = 0;
  };
  mutable std::mutex tokens_mutex_;
  mutable std::map<base::Sha256, CheckedToken> tokens_;  ///< By digest, so that no token stays in memory.
};

/// The authenticator of settings whose files may change: a key that was handed out or revoked counts within a second,
/// without a reload. Thread-safe.
class IdentitySource {
 public:
  static base::Result<std::shared_ptr<IdentitySource>> open(IdentitySettings settings);
  /// The newest there is. Looks at the files at most once a second; where they cannot be read the last one stays, and
  /// `problem` says so.
  [[nodiscard]] std::shared_ptr<const Authenticator> get(std::int64_t now_ms, std::string* problem = nullptr);

 private:
  IdentitySource() = default;
  [[nodiscard]] std::string stamp() const;
  IdentitySettings settings_;
  std::atomic<std::int64_t> next_look_ms_{0};
  std::mutex mutex_;
  std::shared_ptr<const Authenticator> current_;
  std::string stamp_;
};

/// Names of the fields that can hold what a caller proves himself with; they never go upstream.
inline constexpr std::string_view kCredentialFields[] = {"authorization",  "x-api-key",           "api-key",
                                                         "x-goog-api-key", "proxy-authorization", "cookie"};

}  // namespace control
