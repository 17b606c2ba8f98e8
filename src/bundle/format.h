#pragma once

#include <string>
#include <string_view>

#include "base/value.h"
#include "bundle/bundle.h"

/// Shared by writer and reader. Private to this room.
namespace bundle {

/// What is signed: a prefix that keeps the signature from meaning anything else, and the digest of all lines before.
[[nodiscard]] std::string signed_text(const base::Sha256& digest);
/// The last line, without its line feed.
[[nodiscard]] std::string signature_line(const base::PublicKey& key, std::string_view signature);
[[nodiscard]] base::Value to_value(const Header& header);
/// Fails with malformed, naming the field.
base::Result<Header> header_from(const base::Value& value);
/// All of verify() but the signature: of the lines between the first and the last.
base::Result<Verified> verify_lines(std::string_view text, const VerifyOptions& options);

}  // namespace bundle
