#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace base {

/// Seconds since 1970-01-01T00:00:00Z.
struct UnixTime {
  std::int64_t seconds = 0;
  auto operator<=>(const UnixTime&) const = default;
};

/// The present, or SOURCE_DATE_EPOCH where that is set, so that output can be reproduced.
[[nodiscard]] UnixTime now();
/// "2026-11-23T16:00:00Z".
[[nodiscard]] std::string to_iso8601(UnixTime time);
/// "2026-11-23".
[[nodiscard]] std::string to_iso_date(UnixTime time);
/// A date ("2026-11-23", midnight UTC) or a date and time of RFC 3339 with Z or an offset. Fails on dates that do not
/// exist.
Result<UnixTime> parse_time(std::string_view text);

}  // namespace base
