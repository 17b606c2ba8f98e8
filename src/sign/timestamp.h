#pragma once

#include <span>
#include <string_view>

#include "sign/trusted_root.h"

namespace sign {

/// Checks a signed timestamp (RFC 3161, a TimeStampResp in DER) over `signed_bytes`: granted; its imprint, SHA-256,
/// -384 or -512, is of these bytes; the token is signed by an authority of the list, whose whole chain was valid at the
/// time it states, with a certificate for time stamping alone that the token itself names (RFC 5035); that time is
/// within the authority's validity. Where an authority's chain starts with its signing certificate, no other will do.
/// Certificates in the token are used to build the path and never trusted. Returns the time. Fails with untrusted,
/// malformed or too_large, naming the reason.
base::Result<base::UnixTime> verify_timestamp(std::string_view response, std::string_view signed_bytes,
                                              std::span<const TrustedAuthority> authorities);

}  // namespace sign
