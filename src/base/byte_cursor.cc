#include "base/byte_cursor.h"

#include <string>

namespace base {

Error ByteCursor::fail(Errc code, std::string_view field, std::string_view reason) const {
  return Error{code, std::string(field) + ": " + std::string(reason), offset_};
}

Result<Bytes> ByteCursor::take(std::uint64_t count, std::string_view field) {
  if (count > left_.size()) {
    return fail(Errc::truncated, field,
                "needs " + std::to_string(count) + " bytes, " + std::to_string(left_.size()) + " left");
  }
  const auto size = static_cast<std::size_t>(count);
  const Bytes taken = left_.first(size);
  left_ = left_.subspan(size);
  offset_ += count;
  return taken;
}

Result<void> ByteCursor::skip(std::uint64_t count, std::string_view field) {
  TRY(take(count, field));
  return {};
}

Result<std::uint64_t> ByteCursor::count(std::uint64_t max, std::uint64_t min_bytes, std::string_view field) {
  ByteCursor ahead = *this;
  const std::uint64_t value = TRY(ahead.le<std::uint64_t>(field));
  if (value > max) {
    return fail(Errc::too_large, field, std::to_string(value) + " is above " + std::to_string(max));
  }
  if (value > ahead.remaining() / min_bytes) {
    return fail(Errc::truncated, field, std::to_string(value) + " elements cannot fit");
  }
  *this = ahead;
  return value;
}

Result<std::string_view> ByteCursor::text(std::uint64_t max, std::string_view field) {
  ByteCursor ahead = *this;
  const std::uint64_t length = TRY(ahead.le<std::uint64_t>(field));
  if (length > max) {
    return fail(Errc::too_large, field, std::to_string(length) + " bytes is above " + std::to_string(max));
  }
  const Bytes bytes = TRY(ahead.take(length, field));
  *this = ahead;
  return as_text(bytes);
}

Result<std::string_view> ByteCursor::line(std::uint64_t max, std::string_view field) {
  const std::string_view left = as_text(left_);
  const std::size_t end =
      left.substr(0, max < left.size() ? static_cast<std::size_t>(max) + 1 : left.size()).find('\n');
  if (end == std::string_view::npos) {
    if (left.size() > max) {
      return fail(Errc::too_large, field, "line longer than " + std::to_string(max) + " bytes");
    }
    return fail(Errc::truncated, field, "no end of line");
  }
  left_ = left_.subspan(end + 1);
  offset_ += end + 1;
  return left.substr(0, end);
}

Result<void> ByteCursor::expect_end(std::string_view field) const {
  if (!left_.empty()) {
    return fail(Errc::malformed, field, std::to_string(left_.size()) + " bytes left over");
  }
  return {};
}

}  // namespace base
