#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/keys.h"
#include "base/time.h"
#include "sign/certificate.h"

namespace sign {

inline constexpr std::uint64_t kMaxTrustedRootBytes = 16U << 20;
inline constexpr std::size_t kMaxTrustedInstances = 256;  ///< Of each kind; the public instance has three at most.

/// `validFor`: a closed interval.
struct TimeRange {
  base::UnixTime start;
  std::optional<base::UnixTime> end;
  [[nodiscard]] bool contains(base::UnixTime time) const { return start <= time && (!end || time <= *end); }
  [[nodiscard]] std::string text() const;  ///< "2022-10-20T00:00:00Z to 2023-…", or "… on".
};

/// A transparency log: Rekor's, or one of Certificate Transparency.
struct TransparencyLog {
  std::string base_url;
  std::string host;               ///< Of base_url, with the port where it has one: the name that signs its checkpoints.
  std::string log_id;             ///< Bytes, as entries and certificate timestamps name it.
  std::string checkpoint_key_id;  ///< Bytes; the first four name the key in a checkpoint.
  std::optional<base::PublicKey> key;  ///< None where it is of a kind that we do not have; then `key_problem` says so.
  std::string key_problem;
  base::SignatureHash hash = base::SignatureHash::of_key;
  TimeRange valid_for;
};

/// A certificate authority or time-stamping authority: its certificates, as in the file (root last).
struct TrustedAuthority {
  std::string uri;
  std::vector<Certificate> chain;
  TimeRange valid_for;
};

/// Sigstore's trusted_root.json (dev.sigstore.trustroot.v1.TrustedRoot), versions 0.1 and 0.2: whom a verifier
/// believes. It must come from somewhere that is trusted itself, such as a TUF client's verified copy.
struct TrustedRoot {
  std::vector<TransparencyLog> logs;
  std::vector<TransparencyLog> certificate_logs;
  std::vector<TrustedAuthority> certificate_authorities;
  std::vector<TrustedAuthority> timestamp_authorities;

  /// Strict as Bundle::parse(). A validity without start is malformed, not unbounded; so is an empty chain. Fails with
  /// malformed, truncated, too_large or unsupported, naming place and line.
  static base::Result<TrustedRoot> parse(std::string_view json);
};

}  // namespace sign
