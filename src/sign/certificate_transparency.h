#pragma once

#include <span>

#include "sign/trusted_root.h"

namespace sign {

/// Checks that a log of `logs` has vouched for the leaf: at least one signed certificate timestamp (RFC 6962, section
/// 3.3) embedded in it, over its TBSCertificate without that extension and the hash of the issuer's key, verifies under
/// the key of the log it names, at a time within the log's validity. Timestamps of logs not in the list do not count.
/// Returns the time. Fails with untrusted, naming the reason.
base::Result<base::UnixTime> verify_certificate_timestamp(const Certificate& leaf, const Certificate& issuer,
                                                          std::span<const TransparencyLog> logs);

}  // namespace sign
