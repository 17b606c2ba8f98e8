#pragma once

#include <string>
#include <string_view>

namespace sign {

/// The bytes that a DSSE signature is over: "DSSEv1 <length> <type> <length> <payload>", lengths in decimal bytes.
/// Source: secure-systems-lab/dsse, protocol.md, "PAE".
[[nodiscard]] std::string dsse_signed_bytes(std::string_view payload_type, std::string_view payload);

/// What the reference implementation signed before its release 1.0: "DSSEV1" with a capital V, and in place of the
/// payload the way Python shows it (b'...'). Only to read such bundles.
[[nodiscard]] std::string old_signed_bytes(std::string_view payload_type, std::string_view payload);

/// The payload type of in-toto statements.
inline constexpr std::string_view kInTotoPayloadType = "application/vnd.in-toto+json";

}  // namespace sign
