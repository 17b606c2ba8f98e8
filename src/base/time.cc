#include "base/time.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace base {
namespace {

// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": days since 1970-01-01 and back.
std::int64_t days_from_civil(std::int64_t year, unsigned month, unsigned day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const auto year_of_era = static_cast<unsigned>(year - era * 400);
  const unsigned day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + static_cast<std::int64_t>(day_of_era) - 719468;
}

struct Civil {
  std::int64_t year;
  unsigned month;
  unsigned day;
};

Civil civil_from_days(std::int64_t days) {
  days += 719468;
  const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const auto day_of_era = static_cast<unsigned>(days - era * 146097);
  const unsigned year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned shifted = (5 * day_of_year + 2) / 153;
  const unsigned month = shifted < 10 ? shifted + 3 : shifted - 9;
  return {static_cast<std::int64_t>(year_of_era) + era * 400 + (month <= 2 ? 1 : 0), month,
          day_of_year - (153 * shifted + 2) / 5 + 1};
}

bool read_number(std::string_view& text, std::size_t digits, unsigned& value) {
  if (text.size() < digits) {
    return false;
  }
  value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') {
      return false;
    }
    value = value * 10 + static_cast<unsigned>(text[i] - '0');
  }
  text.remove_prefix(digits);
  return true;
}

bool read_char(std::string_view& text, char wanted) {
  if (text.empty() || text[0] != wanted) {
    return false;
  }
  text.remove_prefix(1);
  return true;
}

// Without printf, which a log of a million events would feel.
std::string two_digits(unsigned number) {
  return {static_cast<char>('0' + number / 10 % 10), static_cast<char>('0' + number % 10)};
}

}  // namespace

UnixTime now() {
  if (const char* epoch = std::getenv("SOURCE_DATE_EPOCH"); epoch != nullptr && *epoch != '\0') {
    char* end = nullptr;
    const long long seconds = std::strtoll(epoch, &end, 10);
    if (*end == '\0' && seconds >= 0) {
      return {seconds};
    }
  }
  return {std::time(nullptr)};
}

std::string to_iso_date(UnixTime time) {
  const std::int64_t days = time.seconds >= 0 ? time.seconds / 86400 : -((-time.seconds + 86399) / 86400);
  const Civil civil = civil_from_days(days);
  if (civil.year < 0 || civil.year > 9999) {
    return std::to_string(civil.year) + "-" + two_digits(civil.month) + "-" + two_digits(civil.day);
  }
  const auto year = static_cast<unsigned>(civil.year);
  return two_digits(year / 100) + two_digits(year % 100) + "-" + two_digits(civil.month) + "-" + two_digits(civil.day);
}

std::string to_iso8601(UnixTime time) {
  const auto second_of_day = static_cast<unsigned>(((time.seconds % 86400) + 86400) % 86400);
  return to_iso_date(time) + "T" + two_digits(second_of_day / 3600) + ":" + two_digits(second_of_day / 60 % 60) + ":" +
         two_digits(second_of_day % 60) + "Z";
}

Result<UnixTime> parse_time(std::string_view text) {
  const Error bad{Errc::malformed, "date: not a date like 2026-11-23 or a time like 2026-11-23T16:00:00Z"};
  unsigned year = 0;
  unsigned month = 0;
  unsigned day = 0;
  if (!read_number(text, 4, year) || !read_char(text, '-') || !read_number(text, 2, month) || !read_char(text, '-') ||
      !read_number(text, 2, day)) {
    return bad;
  }
  const std::int64_t days = days_from_civil(year, month == 0 ? 1 : month, day);
  const Civil back = civil_from_days(days);
  if (month < 1 || month > 12 || back.month != month || back.day != day) {
    return Error{Errc::malformed, "date: no such day"};
  }
  if (text.empty()) {
    return UnixTime{days * 86400};
  }
  unsigned hour = 0;
  unsigned minute = 0;
  unsigned second = 0;
  if ((text[0] != 'T' && text[0] != 't' && text[0] != ' ')) {
    return bad;
  }
  text.remove_prefix(1);
  if (!read_number(text, 2, hour) || !read_char(text, ':') || !read_number(text, 2, minute) || !read_char(text, ':') ||
      !read_number(text, 2, second) || hour > 23 || minute > 59 || second > 60) {
    return bad;
  }
  if (read_char(text, '.')) {
    std::size_t digits = 0;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
      ++digits;
    }
    if (digits == 0) {
      return bad;
    }
    text.remove_prefix(digits);
  }
  std::int64_t offset_minutes = 0;
  if (text != "Z" && text != "z") {
    const bool west = !text.empty() && text[0] == '-';
    if (!west && !(!text.empty() && text[0] == '+')) {
      return bad;
    }
    text.remove_prefix(1);
    unsigned offset_hour = 0;
    unsigned offset_minute = 0;
    if (!read_number(text, 2, offset_hour) || !read_char(text, ':') || !read_number(text, 2, offset_minute) ||
        !text.empty() || offset_hour > 23 || offset_minute > 59) {
      return bad;
    }
    offset_minutes = (west ? -1 : 1) * static_cast<std::int64_t>(offset_hour * 60 + offset_minute);
  }
  return UnixTime{days * 86400 + static_cast<std::int64_t>(hour) * 3600 + minute * 60 + second - offset_minutes * 60};
}

}  // namespace base
