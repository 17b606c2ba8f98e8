#include <charconv>

#include "base/byte_cursor.h"
#include "base/text.h"
#include "ledger/ledger.h"
#include "ledger/merkle.h"

namespace ledger {

using base::Errc;
using base::Error;
using base::Result;

namespace {

constexpr std::uint64_t kMaxOriginBytes = 255;

Result<std::string_view> take_line(std::string_view& text, std::string_view name) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) {
    return Error{Errc::truncated, "checkpoint: " + std::string(name) + " does not end in a line feed"};
  }
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

}  // namespace

std::string Checkpoint::to_text() const {
  return origin + "\n" + std::to_string(size) + "\n" + base::to_base64(std::as_bytes(std::span(root.bytes))) + "\n";
}

namespace {

// The three lines; leaves in `text` what follows them.
Result<Checkpoint> take_checkpoint(std::string_view& text) {
  Checkpoint out;
  const std::string_view origin = TRY(take_line(text, "origin"));
  if (origin.empty() || origin.size() > kMaxOriginBytes || base::printable(origin) != origin) {
    return Error{Errc::malformed, "checkpoint: origin is not a line of printable text"};
  }
  out.origin = origin;
  const std::string_view size = TRY(take_line(text, "size"));
  const auto [end, failure] = std::from_chars(size.data(), size.data() + size.size(), out.size);
  if (failure != std::errc() || std::to_string(out.size) != size) {
    return Error{Errc::malformed, "checkpoint: size is not a decimal number without leading zeros"};
  }
  const std::string_view root = TRY(take_line(text, "root"));
  const auto bytes = base::from_base64(root);
  if (!bytes || bytes->size() != out.root.bytes.size()) {
    return Error{Errc::malformed, "checkpoint: root is not 32 bytes in base64"};
  }
  std::copy(bytes->begin(), bytes->end(), out.root.bytes.begin());
  if (out.size == 0 && out.root != empty_root()) {
    return Error{Errc::malformed, "checkpoint: root is not that of the empty tree"};
  }
  return out;
}

}  // namespace

Result<Checkpoint> Checkpoint::parse(std::string_view text) {
  Checkpoint out = TRY(take_checkpoint(text));
  if (!text.empty()) {
    return Error{Errc::malformed, "checkpoint: text after the root"};
  }
  return out;
}

Result<Checkpoint> Checkpoint::parse_extended(std::string_view text) {
  Checkpoint out = TRY(take_checkpoint(text));
  while (!text.empty()) {
    if (TRY(take_line(text, "extension")).empty()) {
      return Error{Errc::malformed, "checkpoint: an extension line is empty"};
    }
  }
  return out;
}

}  // namespace ledger
