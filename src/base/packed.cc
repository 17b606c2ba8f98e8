#include "base/packed.h"

namespace base {
namespace {

constexpr std::uint64_t kMaxText = 64U << 20;
constexpr std::uint64_t kMaxCount = 500'000;

}  // namespace

void put_text(std::string& out, std::string_view text) {
  put(out, static_cast<std::uint64_t>(text.size()));
  out.append(text);
}
void put_texts(std::string& out, const std::vector<std::string>& texts) {
  put(out, static_cast<std::uint64_t>(texts.size()));
  for (const std::string& text : texts) {
    put_text(out, text);
  }
}
void put_digest(std::string& out, const Sha256& digest) {
  out.append(reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size());
}

Result<std::string> read_text(ByteCursor& in) {
  return std::string(TRY(in.text(kMaxText, "text")));
}
Result<std::uint64_t> read_count(ByteCursor& in, std::uint64_t min_bytes) {
  return in.count(kMaxCount, min_bytes, "count");
}
Result<std::vector<std::string>> read_texts(ByteCursor& in) {
  std::vector<std::string> texts(TRY(read_count(in, 8)));
  for (std::string& text : texts) {
    text = TRY(read_text(in));
  }
  return texts;
}
Result<Sha256> read_digest(ByteCursor& in) {
  Sha256 digest;
  const Bytes bytes = TRY(in.take(digest.bytes.size(), "digest"));
  std::memcpy(digest.bytes.data(), bytes.data(), bytes.size());
  return digest;
}
Result<bool> read_bool(ByteCursor& in) {
  const auto byte = TRY(in.le<std::uint8_t>("flag"));
  if (byte > 1) {
    return in.fail(Errc::malformed, "flag", "neither 0 nor 1");
  }
  return byte == 1;
}

}  // namespace base
