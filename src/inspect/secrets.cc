#include "inspect/secrets.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

#include "base/text.h"
#include "inspect/byte_masks.h"
#include "inspect/characters.h"
#include "inspect/randomness.h"
#include "inspect/secret_table.h"

namespace inspect {
namespace {

double entropy(std::string_view text) {
  std::array<std::uint32_t, 256> counts{};
  for (const char c : text) {
    ++counts[static_cast<unsigned char>(c)];
  }
  double bits = 0;
  for (const std::uint32_t count : counts) {
    if (count > 0) {
      const double share = static_cast<double>(count) / static_cast<double>(text.size());
      bits -= share * std::log2(share);
    }
  }
  return bits;
}

/// Values that stand for a credential in examples. A long value may hold short words by chance.
bool is_placeholder(std::string_view value) {
  const std::string lower = base::to_lower(value);
  constexpr std::string_view kWords[] = {
      "xxxx",     "example",  "your_",     "your-",     "yourapi",    "placeholder", "dummy",
      "redacted", "changeme", "change_me", "change-me", "_here",      "-here",       "abcdefgh",
      "12345678", "insert_",  "insert-",   "replace",   "not-a-real", "notreal",     "foobar",
      "deadbeef", "****",     "....",      "sample_",   "secret_key", "my_api",      "my-api"};
  if (std::any_of(std::begin(kWords), std::end(kWords),
                  [&](std::string_view word) { return lower.find(word) != std::string::npos; })) {
    return true;
  }
  std::size_t run = 1;
  std::size_t rising = 1;  // "klmnopqr", "23456789"
  for (std::size_t i = 1; i < value.size(); ++i) {
    run = value[i] == value[i - 1] ? run + 1 : 1;
    rising = lower[i] == lower[i - 1] + 1 ? rising + 1 : 1;
    if ((run >= 6 && value[i] != 'A') || (rising >= 8 && value.size() < 64)) {  // base64 of zeros is a run of A
      return true;
    }
  }
  return false;
}

/// Whether `host`, perhaps with a port, is the machine itself or a name or address that is kept for examples.
/// Source: RFC 2606 and 6761 (names), 5737 and 3849 (addresses).
bool is_reserved_host(std::string_view host) {
  std::string name = base::to_lower(host);
  if (name.starts_with("[")) {
    return name.starts_with("[::1]") || name.starts_with("[2001:db8:");
  }
  name = name.substr(0, name.find(':'));
  while (name.ends_with('.')) {
    name.pop_back();
  }
  constexpr std::string_view kZones[] = {"test",        "example",     "invalid",    "localhost",
                                         "example.com", "example.org", "example.net"};
  for (const std::string_view zone : kZones) {
    if (name == zone ||
        (name.size() > zone.size() && name.ends_with(zone) && name[name.size() - zone.size() - 1] == '.')) {
      return true;
    }
  }
  return name.starts_with("127.") || name == "0.0.0.0" || name.starts_with("192.0.2.") ||
         name.starts_with("198.51.100.") || name.starts_with("203.0.113.") || name == "host" || name == "hostname" ||
         (name.starts_with("example.") && std::count(name.begin(), name.end(), '.') <= 2);
}

/// The letters that digits and signs stand for in words such as "s3cr3t" and "p@ssw0rd".
std::string plain_letters(std::string text) {
  constexpr std::pair<char, char> kLetters[] = {{'0', 'o'}, {'1', 'i'}, {'3', 'e'}, {'4', 'a'},
                                                {'5', 's'}, {'@', 'a'}, {'$', 's'}};
  for (char& c : text) {
    for (const auto& [sign, letter] : kLetters) {
      c = c == sign ? letter : c;
    }
  }
  return text;
}

std::string masked(std::string_view name, std::string_view value, std::size_t shown) {
  return std::string(name) + " " + base::printable(value.substr(0, shown)) + "… (" + std::to_string(value.size()) +
         " characters)";
}

/// Whether all of 32 digits or more is hexadecimal in both cases: machines write it in one, and a value of letters and
/// digits has others among so many.
bool is_of_both_cases_of_hex(std::string_view value) {
  return value.size() >= 32 && std::all_of(value.begin(), value.end(), is_hex) &&
         std::any_of(value.begin(), value.end(), [](char c) { return c >= 'a' && c <= 'f'; }) &&
         std::any_of(value.begin(), value.end(), [](char c) { return c >= 'A' && c <= 'F'; });
}

bool is_uuid(std::string_view value) {
  if (value.size() != 36) {
    return false;
  }
  for (std::size_t i = 0; i < 36; ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? value[i] != '-' : !is_hex(value[i])) {
      return false;
    }
  }
  return true;
}

/// Whether a word may begin at `at`: no letter, digit or underscore before it, escapes such as "\n" and "%3D" apart.
bool begins_word(std::string_view text, std::size_t at) {
  if (at == 0 || !is_word(text[at - 1])) {
    return true;
  }
  if (at >= 2 && text[at - 2] == '\\' && is_one_of(text[at - 1], "nrt")) {
    return true;
  }
  return at >= 3 && text[at - 3] == '%' && is_hex(text[at - 2]) && is_hex(text[at - 1]);
}

/// Whether `at` stands within a long run of base64, where a sign such as "/" is a digit and begins no word, or at the
/// beginning of a digest in it ("sha256=…", as the lists of files in packages of Python have).
bool is_within_base64(std::string_view text, std::size_t at) {
  constexpr std::string_view kDigest = "sha256=";
  if (at >= kDigest.size() && text.substr(at - kDigest.size(), kDigest.size()) == kDigest) {
    return true;
  }
  if (at == 0 || !is_one_of(text[at - 1], "+/\n")) {
    return false;
  }
  const bool next_line = text[at - 1] == '\n';
  const std::size_t longest = next_line ? 60 : 40;  // lines of base64 have 64 or 76
  std::size_t last = at - (next_line ? 1 : 0);
  last -= last > 0 && text[last - 1] == '\r' ? 1 : 0;
  std::size_t begin = last;
  while (begin > 0 && last - begin < longest && (is_alnum(text[begin - 1]) || is_one_of(text[begin - 1], "+/"))) {
    --begin;
  }
  return last - begin == longest;
}

bool ends_word(std::string_view text, std::size_t at) {
  return at >= text.size() || !is_word(text[at]);
}

/// Whether the last six of the 36 characters behind the underscore are the CRC-32 of the others in base 62.
/// Source: "Behind GitHub's new authentication token formats", GitHub, 2021.
bool has_checksum(std::string_view token) {
  const std::size_t mark = token.find('_');
  if (mark == std::string_view::npos || token.size() != mark + 37) {
    return false;
  }
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char c : token.substr(mark + 1, 30)) {
    crc ^= static_cast<unsigned char>(c);
    for (int i = 0; i < 8; ++i) {
      crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xEDB88320U : 0U);
    }
  }
  crc = ~crc;
  constexpr std::string_view kDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  for (std::size_t i = token.size(); i-- > token.size() - 6;) {
    if (token[i] != kDigits[crc % 62]) {
      return false;
    }
    crc /= 62;
  }
  return true;
}

/// Keys that Google's samples, the RFCs of OAuth (6749, 6750, 7636) and AWS's manuals show to everybody, by their
/// FNV-1a hash, so that they do not stand here for other scanners to find.
bool is_published(std::string_view value) {
  constexpr std::uint64_t kPublished[] = {
      0x273F5E023867BA98ULL, 0x846B2A1E2FAD7FCBULL, 0xBB65956C4B8B34BFULL, 0xDC8D8CA0645472E9ULL, 0x55E6407FD6EEA643ULL,
      0x58633E2FFE8CD27ULL,  0xECC1A4474851BC28ULL, 0x30AA8188BB023E35ULL, 0x7699C294BEEBAD32ULL, 0xD9AD86AD3724159BULL,
      0xE18E8033637768EAULL, 0x89DA46F58AFD03E1ULL, 0xC800BF2100A21C67ULL, 0x6ACBD824BD32BBD4ULL, 0x29A336C7244F48DDULL,
      0x8B545962ADC7D8BULL,  0xE7666DBB286C6C2EULL, 0x99B2726346A1E92AULL, 0x12113C2E6979F447ULL, 0x828818F833257868ULL,
      0x6835E0F288832A40ULL, 0x816CD10FDB11EAD0ULL, 0xADBD04E3FE1B6D49ULL, 0xDB9422F1DD332DCCULL, 0x515CB771A4238032ULL,
      0xE754678EA2B14EF1ULL, 0xC73F1E61952E6987ULL, 0x294C63F8344D5DF1ULL};
  std::uint64_t hash = 0xCBF29CE484222325ULL;
  for (const char c : value) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  }
  return std::find(std::begin(kPublished), std::end(kPublished), hash) != std::end(kPublished);
}

/// Least bits_for_random() of a value, by what names it; a value of random letters and digits is below in one of 200.
constexpr double kProviderNamed = 3;  ///< A provider and its alphabet and length.
constexpr double kSecretNamed = 6;    ///< "api_key", "token".
constexpr double kVaguelyNamed = 12;  ///< "key", "auth".

constexpr std::size_t kLongest = 2048;  ///< Bytes of a credential that are looked at.

const re2::RE2& pattern_of(std::size_t index) {
  struct Slot {
    std::once_flag once;
    std::unique_ptr<re2::RE2> pattern;
  };
  static std::vector<Slot> slots(token_forms().size());
  Slot& slot = slots[index];
  std::call_once(slot.once, [&] {
    re2::RE2::Options options(re2::RE2::Quiet);
    options.set_encoding(re2::RE2::Options::EncodingLatin1);
    const std::string_view pattern = token_forms()[index].pattern;
    slot.pattern = std::make_unique<re2::RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
  });
  return *slot.pattern;
}

void verify_token(std::string_view text, std::size_t index, std::size_t at, std::vector<Secret>& out) {
  const TokenForm& form = token_forms()[index];
  if (form.back == 0) {
    // Most anchors are the beginnings of words that go on otherwise.
    if (!begins_word(text, at) || is_within_base64(text, at)) {
      return;
    }
    std::size_t run = 0;
    while (run < 13 && at + run < text.size() && (is_word(text[at + run]) || is_one_of(text[at + run], "-=./+:%~$@"))) {
      ++run;
    }
    if (run < 13) {
      return;
    }
  }
  const re2::RE2& pattern = pattern_of(index);
  for (std::size_t from = at - std::min<std::size_t>(at, form.back); from <= at; ++from) {
    if (form.back != 0 && (!begins_word(text, from) || is_space(text[from]))) {
      continue;
    }
    const std::string_view window = text.substr(from, kLongest);
    re2::StringPiece match;
    if (!pattern.Match({window.data(), window.size()}, 0, window.size(), re2::RE2::ANCHOR_START, &match, 1) ||
        !ends_word(text, from + match.size()) || from + match.size() < at + form.anchor.size()) {
      continue;
    }
    const std::string_view value = window.substr(0, match.size());
    if (form.entropy == 0) {  // a mark such as that of a service account, which needs its key beside it
      if (text.substr(from > 3000 ? from - 3000 : 0, 6000).find("PRIVATE KEY-----") == std::string_view::npos) {
        return;
      }
      out.push_back({from, from + value.size(), form.name, std::string(form.name), Certainty::high, true});
      return;
    }
    const std::string_view body = form.back == 0 ? value.substr(form.anchor.size()) : value;
    if (entropy(body) < form.entropy || is_placeholder(body) || is_published(value)) {
      return;
    }
    // Letters only may be words: a name and no key.
    const bool letters = form.anchor == "sk-" && std::none_of(body.begin(), body.end(), is_digit);
    if ((form.drawn || letters) && bits_for_random(body) < (letters ? kVaguelyNamed : kProviderNamed)) {
      return;
    }
    const bool sure = form.checksum == Checksum::none || has_checksum(value);
    const bool test = form.name.find("test") != std::string_view::npos;
    out.push_back({from, from + value.size(), form.name,
                   masked(form.name, value, form.back == 0 ? form.anchor.size() + 4 : 4),
                   sure && !test ? Certainty::high : Certainty::medium, true});
    return;
  }
}

constexpr char kNextCell = '\t';  ///< For a sign: the value stands in the next cell of a table.

/// Behind the type and the sign of a declaration, "key: string = "; `at` where there is none.
std::size_t behind_type(std::string_view text, std::size_t at) {
  const auto skip_blanks = [&](std::size_t i) {
    while (i < text.size() && text[i] == ' ') {
      ++i;
    }
    return i;
  };
  const std::size_t type = skip_blanks(at);
  std::size_t end = type;
  while (end < text.size() && end < type + 24 && (is_word(text[end]) || is_one_of(text[end], "&?<>"))) {
    ++end;
  }
  const std::size_t sign = skip_blanks(end);
  return end > type && text.substr(sign, 2) == "= " ? sign + 1 : at;
}

/// Behind what languages and protocols put before a text that is assigned: String::from("…"), b"…", N'…', @"…",
/// "Bearer …", "base64:…". `quoted` becomes true behind a quote, `named` behind a word that says what follows.
std::size_t behind_marks(std::string_view text, std::size_t at, bool& quoted, bool& named) {
  for (const std::string_view mark : {"String::from(\"", "<![CDATA[", ">-\n", "|-\n", "|\n", "b\"", "b'", "N'", "u'",
                                      "u\"", "r'", "r\"", "@\"", "L\""}) {
    if (!quoted && text.substr(at, mark.size()) == mark) {
      quoted = true;
      at = std::min(text.find_first_not_of(' ', at + mark.size()), text.size());
      break;
    }
  }
  for (const std::string_view mark : {"Bearer ", "Token ", "token ", "base64:"}) {
    if (text.substr(at, mark.size()) == mark) {
      named = true;
      return at + mark.size();
    }
  }
  return at;
}

/// What stands between a name and the value assigned to it: blanks, quotes and one of = : := => > || , ?=. `at` is
/// behind the name's known part; the rest of the name is passed over. Returns where the value begins.
struct Assignment {
  std::size_t name_end = 0;
  std::size_t value = 0;
  char sign = '=';
  bool quoted = false;
  bool beside = false;  ///< Nothing but a blank stands between the two.
  bool named = false;   ///< A word before the value says that it is a credential.
};
std::optional<Assignment> assignment(std::string_view text, std::size_t at) {
  constexpr int kBlanks = 12;
  std::size_t i = at;
  while (i < text.size() && i < at + 24 && (is_word(text[i]) || is_one_of(text[i], " \t.-"))) {
    ++i;
  }
  Assignment out;
  out.name_end = i;
  for (int n = 0; n < kBlanks && i < text.size() && (is_space(text[i]) || is_one_of(text[i], "'\"\\])")); ++n) {
    ++i;
  }
  if (text.substr(i, 2) == "</") {  // "<b>Password</b>: "
    const std::size_t close = text.substr(i, 12).find('>');
    i += close == std::string_view::npos ? 0 : close + 1;
  }
  if (i >= text.size()) {
    return std::nullopt;
  }
  constexpr std::string_view kWideColon = "\uff1a";
  out.sign = text[i];
  if (text[i] == ':') {
    while (i < text.size() && text[i] == ':') {
      ++i;
    }
    i += i < text.size() && text[i] == '=' ? 1 : 0;
    i = behind_type(text, i);
  } else if (text.substr(i, kWideColon.size()) == kWideColon) {
    out.sign = ':';
    i += kWideColon.size();
  } else if (text[i] == '=') {
    i += i + 1 < text.size() && text[i + 1] == '>' ? 2 : 1;
  } else if (text.substr(i, 2) == ",=" || text.substr(i, 2) == "<-") {
    out.sign = '=';
    i += 2;
  } else if (text[i] == '>' || text[i] == ',' || text[i] == '(') {
    ++i;
  } else if (text.substr(i, 2) == "||" || text.substr(i, 2) == "?=") {
    i += 2;
  } else if (base::equals_ignoring_case(text.substr(i, 3), "%3d")) {
    out.sign = '=';
    i += 3;
  } else if (text.substr(i, 2) == "| ") {
    out.sign = kNextCell;
    ++i;
  } else {
    return std::nullopt;
  }
  for (int n = 0; n < kBlanks && i < text.size() && is_one_of(text[i], "`'\" \t\r\n=\\"); ++n) {
    // "\n" written as an escape is a blank too.
    if (text[i] == '\\' && i + 1 < text.size() && is_one_of(text[i + 1], "nrt")) {
      ++i;
    }
    out.quoted = out.quoted || is_one_of(text[i], "`'\"");
    ++i;
  }
  out.value = behind_marks(text, i, out.quoted, out.named);
  return out;
}

/// A value that a blank parts from its name in a command that sets it: "aws configure set NAME VALUE".
std::optional<Assignment> configured(std::string_view text, std::size_t at) {
  while (at < text.size() && is_word(text[at])) {
    ++at;
  }
  Assignment out;
  out.name_end = at;
  out.value = at + 1;
  out.sign = ' ';
  return at + 1 < text.size() && text[at] == ' ' && is_alnum(text[at + 1]) ? std::optional(out) : std::nullopt;
}

/// What may follow a value that is assigned.
bool ends_value(std::string_view text, std::size_t at) {
  return at >= text.size() || is_space(text[at]) || is_one_of(text[at], "`'\";,)}]<&|\\#");
}

bool fits(char c, char alphabet) {
  switch (alphabet) {
    case 'h':
      return is_hex(c);
    case 'a':
    case 'l':
      return is_alnum(c);
    case 'u':
      return is_alnum(c) || is_one_of(c, "_-=");
    case 'd':
      return is_digit(c);
    case 'b':
      return is_alnum(c) || is_one_of(c, "+/=_-");
    case 'p':
      return c > ' ' && c < '\x7f';
    default:
      return false;
  }
}

/// The length of what `form` ("'su'a12") makes of the beginning of `text`; 0 where it does not fit.
std::size_t fit(std::string_view text, std::string_view form) {
  std::size_t at = 0;
  for (std::size_t i = 0; i < form.size();) {
    if (form[i] == '\'') {
      const std::size_t close = form.find('\'', i + 1);
      const std::string_view fixed = form.substr(i + 1, close - i - 1);
      if (!base::equals_ignoring_case(text.substr(std::min(at, text.size()), fixed.size()), fixed)) {
        return 0;
      }
      at += fixed.size();
      i = close + 1;
    } else if (form[i] == 'U') {
      if (at > text.size() || !is_uuid(text.substr(at, 36))) {
        return 0;
      }
      at += 36;
      ++i;
    } else if (form[i] == ':' || form[i] == '-' || form[i] == '.') {
      if (at >= text.size() || text[at] != form[i]) {
        return 0;
      }
      ++at;
      ++i;
    } else {
      const char alphabet = form[i++];
      const auto number = [&] {
        std::size_t value = 0;
        while (i < form.size() && is_digit(form[i])) {
          value = value * 10 + static_cast<std::size_t>(form[i++] - '0');
        }
        return value;
      };
      const std::size_t least = number();
      std::size_t most = least;
      if (i + 1 < form.size() && form[i] == '-' && is_digit(form[i + 1])) {
        ++i;
        most = number();
      }
      std::size_t run = 0;
      while (run < most && at + run < text.size() && fits(text[at + run], alphabet)) {
        ++run;
      }
      if (run < least) {
        return 0;
      }
      at += run;
    }
  }
  return at;
}

void verify_assigned(std::string_view text, std::size_t index, std::size_t at, std::vector<Secret>& out) {
  const AssignedForm& form = assigned_forms()[index];
  // "okta", "Okta" or "OKTA", but not the middle of "rookTable".
  if (form.keyword.find('_') == std::string_view::npos) {
    std::size_t upper = 0;
    std::size_t letters = 0;
    for (const char c : text.substr(at + 1, form.keyword.size() - 1)) {
      upper += c >= 'A' && c <= 'Z' ? 1 : 0;
      letters += is_alnum(c) && !is_digit(c) ? 1 : 0;
    }
    if (upper != 0 && upper != letters) {
      return;
    }
  }
  if (form.keyword[0] == '/' && (at == 0 || !is_alnum(text[at - 1]))) {
    return;  // the registry's address is missing
  }
  auto place = assignment(text, at + form.keyword.size());
  if (!place && form.keyword.find_first_of("_:") != std::string_view::npos) {
    place = configured(text, at + form.keyword.size());
  }
  if (!place || place->sign == '(') {
    return;
  }
  const std::string_view rest = text.substr(place->value, kLongest);
  std::string_view forms = form.values;
  while (!forms.empty()) {
    const std::size_t blank = forms.find(' ');
    const std::string_view one = forms.substr(0, blank);
    forms = blank == std::string_view::npos ? std::string_view() : forms.substr(blank + 1);
    const std::size_t size = fit(rest, one);
    if (size == 0 || !ends_value(rest, size)) {
      continue;
    }
    const std::string_view value = rest.substr(0, size);
    const bool digits = std::any_of(value.begin(), value.end(), is_digit);
    const bool letters = std::any_of(value.begin(), value.end(), [](char c) { return is_alnum(c) && !is_digit(c); });
    if (one[0] == 'h' && is_of_both_cases_of_hex(value)) {
      continue;
    }
    const bool number = one[0] == 'd' && one.find_first_of("abhlu:") == std::string_view::npos;
    if (is_placeholder(value) || (one[0] != '\'' && !number && one != "U" && (!digits || (!letters && size < 30)))) {
      continue;
    }
    if (one[0] == '\'' && size < 20 &&
        std::all_of(value.begin(), value.end(), [](char c) { return c >= 'a' && c <= 'z'; })) {
      continue;
    }
    const double least = size < 17 ? 2.3 : number ? 2.0 : size < 26 ? 2.6 : 2.9;
    // A form of several parts says enough by itself.
    const bool parts =
        one[0] == '\'' || one[0] == 'd' || one == "U" || one.find_first_of(":.") != std::string_view::npos;
    if (entropy(value) < least || (!parts && bits_for_random(value) < (size < 18 ? 0 : kProviderNamed))) {
      continue;
    }
    out.push_back({place->value, place->value + size, form.name, masked(form.name, value, 2),
                   size < 20 || number ? Certainty::medium : Certainty::high, false});
    return;
  }
}

/// Names whose values are no secrets although they hold the word of one: "public_key", "token_count", "author".
bool harmless_name(std::string_view before, std::string_view word, std::string_view after) {
  const std::string front = base::to_lower(before);
  const std::string back = base::to_lower(after);
  constexpr std::string_view kBefore[] = {
      "public",       "pub",          "foreign",      "primary",    "sort",        "partition", "cache",
      "csrf",         "xsrf",         "next",         "page",       "prev",        "mon",       "tur",
      "don",          "hot",          "key",          "pad_",       "eos_",        "bos_",      "unk_",
      "cls_",         "sep_",         "mask_",        "max_",       "num_",        "special",   "short",
      "idempotency",  "translation",  "object",       "s3_",        "blob",        "dict",      "lookup",
      "hash",         "group",        "unique",       "map",        "storage_key", "index",     "join",
      "row",          "answer",       "route",        "site",       "ssh_host",    "host",      "license_",
      "continuation", "authenticity", "verification", "pagination", "cursor",      "starting",  "change",
      "work-unit",    "work_unit"};
  if (word == "key" || word == "token") {
    const std::string_view trimmed = std::string_view(front).substr(0, front.find_last_not_of("_-. ") + 1);
    for (const std::string_view one : kBefore) {
      if (trimmed.ends_with(one) || front.ends_with(one)) {
        return true;
      }
    }
  }
  if (front.find("public") != std::string::npos || front.ends_with("hashed_")) {
    return true;
  }
  // An access point, an endpoint's access: parts of names in CapWords.
  const auto is_cap_word = [](std::string_view part) {
    return part.size() > 2 && part[0] >= 'A' && part[0] <= 'Z' && part[1] >= 'a' && part[1] <= 'z';
  };
  if (word == "access" && ((is_cap_word(after) && !after.starts_with("Key") && !after.starts_with("Token") &&
                            !after.starts_with("Secret") && !after.starts_with("Code")) ||
                           (is_cap_word(before) && after.find_first_not_of(" \t'\"\\") == std::string_view::npos))) {
    return true;
  }
  if ((word == "access" && (back.starts_with("or") || back.starts_with("ib"))) ||
      (word == "api" && !front.empty() && is_alpha(front.back()) && !back.empty() && is_alpha(back[0]))) {
    return true;  // accessor, capital
  }
  if (word == "auth" && (back.starts_with("or") || back.starts_with("entic") || back.starts_with("ority"))) {
    return true;
  }
  if (word == "key" && (back.starts_with("w") || back.starts_with("board") || back.starts_with("frame") ||
                        back.starts_with("s ") || back.starts_with("note"))) {
    return true;
  }
  if (word == "secret" && back.starts_with("s") && (back.size() == 1 || !is_word(back[1]))) {
    return true;
  }
  if ((word == "token" && (back.starts_with("iz") || back.starts_with("s_") || back.starts_with("_ids"))) ||
      (word == "secret" && back.starts_with("ar"))) {
    return true;
  }
  std::string_view tail = back;
  while (!tail.empty() && is_one_of(tail.back(), " \t'\"\\_-.")) {
    tail.remove_suffix(1);
  }
  constexpr std::string_view kAfter[] = {
      "id",       "ids",         "name",      "path",   "file",        "url",         "uri",      "type",
      "version",  "size",        "length",    "len",    "count",       "format",      "sha",      "hash",
      "digest",   "arn",         "label",     "field",  "column",      "index",       "prefix",   "suffix",
      "expires",  "expiry",      "ttl",       "date",   "host",        "port",        "endpoint", "user",
      "username", "email",       "policy",    "mode",   "class",       "alias",       "ref",      "provider",
      "method",   "fingerprint", "algorithm", "server", "domain",      "resource",    "kind",     "at",
      "in",       "results",     "title",     "text",   "description", "message",     "env",      "var",
      "variable", "rotation",    "sha256",    "sha512", "sha1",        "certificate", "cert",     "chain"};
  for (const std::string_view one : kAfter) {
    if (tail == one || (tail.size() > one.size() && tail.ends_with(one) &&
                        (is_one_of(tail[tail.size() - one.size() - 1], "_-. ") ||
                         (one.size() == 2 && after.size() >= 2 &&
                          is_one_of(after.substr(0, tail.size())[tail.size() - one.size()], "IA"))))) {
      return true;
    }
  }
  return false;
}

/// Whether eight letters or digits in a row of the name stand in the value too: "BlindKeySignatures =
/// Ed25519.BlindKey…".
bool repeats_name(std::string_view name, std::string_view value) {
  const auto plain = [](std::string_view text) {
    std::string out;
    for (const char c : text) {
      if (is_alnum(c)) {
        out.push_back(c);
      }
    }
    return base::to_lower(out);
  };
  const std::string a = plain(name);
  const std::string b = plain(value);
  for (std::size_t i = 0; i + 8 <= a.size(); ++i) {
    if (b.find(a.substr(i, 8)) != std::string::npos) {
      return true;
    }
  }
  return false;
}

/// Whether all digits stand in a version at the end: "jjwt-jackson-0.11.2".
bool ends_in_version(std::string_view value) {
  const std::size_t last = value.find_last_not_of("0123456789.-");
  return last != std::string_view::npos && last + 1 < value.size() &&
         std::none_of(value.begin(), value.begin() + static_cast<std::ptrdiff_t>(last) + 1, is_digit);
}

/// Whether a value looks drawn at random and not written: `least` bits a character, `bits` for chance, letters and
/// digits mixed.
bool looks_random(std::string_view value, double least, double bits) {
  if (entropy(value) < least || is_placeholder(value) || is_of_both_cases_of_hex(value) ||
      std::none_of(value.begin(), value.end(), is_digit)) {
    return false;
  }
  const auto letters = std::count_if(value.begin(), value.end(), is_alpha);
  const auto others = std::count_if(value.begin(), value.end(), [](char c) { return !is_alnum(c); });
  return letters >= 2 && others * 4 < static_cast<std::ptrdiff_t>(value.size()) && bits_for_random(value) >= bits;
}

/// The value of an entry whose name is a value itself: "name: DB_PASSWORD", and in the next line or member "value: …";
/// or of a declaration: variable "api_token" { default = "…" }, "adminPassword": {"value": "…"}, ApiKey { get; set; } =
/// "…", <key>APIKey</key><string>…</string>.
std::optional<Assignment> entry_value(std::string_view text, std::size_t end_of_name) {
  std::size_t i = end_of_name;
  for (int n = 0; n < 40 && i < text.size() && (is_space(text[i]) || is_one_of(text[i], "'\",{:>")); ++n) {
    ++i;
  }
  if (i == end_of_name && text.substr(i, 1) != "<") {
    return std::nullopt;
  }
  bool found = false;
  for (const std::string_view word : {"value", "default", "get; set; }", "</key>"}) {
    if (i < text.size() && base::equals_ignoring_case(text.substr(i, word.size()), word)) {
      i += word.size();
      found = true;
      break;
    }
  }
  if (!found) {
    return std::nullopt;
  }
  Assignment out;
  out.name_end = end_of_name;
  for (int n = 0; n < 12 && i < text.size() && (is_space(text[i]) || is_one_of(text[i], "'\"")); ++n) {
    ++i;
  }
  constexpr std::string_view kString = "<string>";
  if (text.substr(i, kString.size()) == kString) {
    out.sign = '>';
    out.value = i + kString.size();
    return out;
  }
  if (i >= text.size() || !is_one_of(text[i], ":=")) {
    return std::nullopt;
  }
  out.sign = text[i++];
  while (i < text.size() && is_one_of(text[i], "'\" ")) {
    out.quoted = out.quoted || text[i] != ' ';
    ++i;
  }
  out.value = i;
  return out;
}

/// The field of a password in a row whose columns are named before it: "user,password" and below "bob,…", or
/// "(name, password) VALUES ('bob', '…')". The name stands at [from, end).
std::optional<Assignment> column_value(std::string_view text, std::size_t from, std::size_t end) {
  constexpr std::size_t kMostBytes = 120;  // of the names, and from them to the value
  const std::string_view before = text.substr(from > kMostBytes ? from - kMostBytes : 0, std::min(from, kMostBytes));
  const std::size_t start = before.find_last_of("(\n");
  const std::string_view names = before.substr(start == std::string_view::npos ? 0 : start + 1);
  const bool in_brackets = start != std::string_view::npos && before[start] == '(';
  if (names.empty() ||
      names.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_,;\"` ") !=
          std::string_view::npos) {
    return std::nullopt;
  }
  const char comma = names.find(';') != std::string_view::npos ? ';' : ',';
  const auto place = std::count(names.begin(), names.end(), comma);
  const std::string_view behind = text.substr(end, kMostBytes);
  const std::size_t line = in_brackets ? behind.find(')') : behind.find('\n');
  if (place == 0 || line == std::string_view::npos) {
    return std::nullopt;
  }
  std::size_t i = line + 1;
  if (in_brackets) {
    i = behind.find_first_not_of(" \n", i);
    constexpr std::string_view kValues = "values";
    if (i == std::string_view::npos || !base::equals_ignoring_case(behind.substr(i, kValues.size()), kValues)) {
      return std::nullopt;
    }
    i = behind.find('(', i);
    i += i == std::string_view::npos ? 0 : 1;
  }
  for (std::ptrdiff_t fields = 0; fields < place && i < behind.size(); ++fields) {
    i = behind.find_first_of(in_brackets ? std::string_view(",)") : std::string_view(&comma, 1), i);
    if (i == std::string_view::npos || behind[i] != comma) {
      return std::nullopt;
    }
    ++i;
  }
  Assignment out;
  out.name_end = end;
  while (i < behind.size() && is_one_of(behind[i], " '\"")) {
    ++i;
  }
  out.quoted = true;  // a field can only be a text
  out.value = end + i;
  return i < behind.size() ? std::optional(out) : std::nullopt;
}

/// Where the letters, digits and signs of a name end whose known part ends at `at`.
std::size_t behind_name(std::string_view text, std::size_t at) {
  std::size_t i = at;
  while (i < text.size() && i < at + 24 && (is_word(text[i]) || text[i] == '-')) {
    ++i;
  }
  return i;
}

/// A value that stands behind its name with no sign between: "--token VALUE", "ENV API_TOKEN VALUE", "the password is
/// VALUE", and "login NAME password VALUE" of .netrc. The name begins at `from`; `at` is behind its known part.
std::optional<Assignment> spoken_assignment(std::string_view text, std::size_t from, std::size_t at, bool password) {
  std::size_t i = behind_name(text, at);
  Assignment out;
  out.name_end = i;
  out.sign = ' ';
  const auto skip_blanks = [&] {
    const std::size_t first = i;
    while (i < text.size() && i < first + 4 && is_one_of(text[i], " \t")) {
      ++i;
    }
    return i > first;
  };
  bool said = false;
  for (const std::string_view verb : {"\u662f", "\u306f"}) {  // 是 and は stand beside the word
    if (text.substr(i, verb.size()) == verb) {
      i += verb.size();
      said = true;
    }
  }
  if (!skip_blanks() && !said) {
    return std::nullopt;
  }
  const std::string_view before = text.substr(from > 120 ? from - 120 : 0, std::min<std::size_t>(from, 120));
  const std::string_view name = text.substr(from, out.name_end - from);
  const bool option = name.starts_with("--");
  const bool setting = !before.empty() && before.back() == ' ' &&
                       (before.ends_with("ENV ") || before.ends_with("setx ") || before.ends_with("SETX ")) &&
                       std::none_of(name.begin(), name.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  bool netrc = false;
  if (name == "password") {
    const std::size_t machine = before.rfind("machine ");
    netrc = machine != std::string_view::npos && before.find("login ", machine) != std::string_view::npos;
  }
  const auto skip_one_of = [&](std::span<const std::string_view> words) {
    for (const std::string_view one : words) {
      if (i < text.size() && text[i] == one[0] && text.substr(i, one.size()) == one) {
        i += one.size();
        skip_blanks();
        return true;
      }
    }
    return false;
  };
  constexpr std::string_view kOf[] = {"for ", "of ", "on ", "to ", "f\u00fcr ", "de ", "del ", "do "};
  constexpr std::string_view kVerbs[] = {"is: ", "is now ", "is ", "was ",    "will be ", "lautet ",
                                         "ist ", "est ",    "es ", "\u00e8 ", "\u00e9 ",  "to "};
  const std::size_t first = i;
  said = skip_one_of(kVerbs) || said;
  if (!said && skip_one_of(kOf)) {  // "the key for staging is …", "the password of the new server is …"
    for (int words = 0; words < 4 && !said; ++words) {
      while (i < text.size() && i < first + 60 && (is_word(text[i]) || text[i] == '-')) {
        ++i;
      }
      said = skip_blanks() && skip_one_of(kVerbs);
    }
  }
  const bool quoted = i < text.size() && is_one_of(text[i], "`'\"");
  out.beside = !said && !option && !setting && !netrc;
  if (out.beside && !password && !quoted) {
    return std::nullopt;
  }
  i = out.beside ? first : i;
  while (i < text.size() && is_one_of(text[i], "`'\"") && quoted) {
    out.quoted = true;
    ++i;
  }
  out.value = behind_marks(text, i, out.quoted, out.named);
  return out;
}

/// The length of a long key with signs at the beginning of `rest`, to its closing `quote`: "k#3)f…", as frameworks of
/// web sites make them; 0 where it is none.
std::size_t signed_key(std::string_view rest, char quote) {
  const std::size_t size = std::min(rest.find(quote), rest.find_first_of(" \t\r\n"));
  if (size == std::string_view::npos || rest[size] != quote || size < 40 || size > 100) {
    return 0;
  }
  const std::string_view value = rest.substr(0, size);
  const auto kinds = [&](auto is) { return std::count_if(value.begin(), value.end(), is); };
  const auto signs = kinds([](char c) { return !is_alnum(c); });
  return kinds(is_digit) >= 3 && kinds(is_alpha) >= 10 && signs >= 4 && signs * 2 < static_cast<std::ptrdiff_t>(size) &&
                 value.find("${") == std::string_view::npos && value.find("{{") == std::string_view::npos
             ? size
             : 0;
}

/// "API key", "secret key": two words of prose.
bool follows_kind_of_key(std::string_view before) {
  return std::ranges::any_of(std::to_array<std::string_view>({"api ", "secret ", "access ", "private "}),
                             [&](std::string_view kind) {
                               return before.size() >= kind.size() &&
                                      base::equals_ignoring_case(before.substr(before.size() - kind.size()), kind);
                             });
}

/// Whether three digits or more stand in a row, as in years and not in names of variables, those of algorithms apart.
bool has_number(std::string_view value) {
  for (const std::string_view algorithm : {"sha", "SHA", "Sha", "x509", "X509", "rsa", "RSA", "aes", "AES"}) {
    if (value.find(algorithm) != std::string_view::npos) {
      return false;
    }
  }
  std::size_t run = 0;
  return std::any_of(value.begin(), value.end(), [&](char c) {
    run = is_digit(c) ? run + 1 : 0;
    return run == 3;
  });
}

/// Whether what is assigned without quotes can only be a text: in settings of an environment ("DB_PASSWORD=…", no
/// blanks), options and elements of XML. `from` is where the name begins.
bool is_literal(std::string_view text, std::size_t from, const Assignment& place) {
  const std::string_view name = text.substr(from, place.name_end - from);
  const bool upper_case = std::none_of(name.begin(), name.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  return (upper_case && place.sign == '=' && place.value == place.name_end + 1) || name.starts_with("--") ||
         place.sign == '>';
}

/// Whether a value is letters, the first a capital, and three or four digits at its end: "Willowkestrel4031".
bool is_word_with_number(std::string_view value) {
  const std::size_t letters = value.find_last_not_of("0123456789") + 1;
  const std::size_t digits = value.size() - letters;
  return letters >= 6 && letters <= 20 && (digits == 3 || digits == 4) && value[0] >= 'A' && value[0] <= 'Z' &&
         std::all_of(value.begin(), value.begin() + static_cast<std::ptrdiff_t>(letters), is_alpha);
}

/// Whether a value is three words or more and a number, as programs that make passwords for people join them:
/// "copper-river-stone-57". Names of things look alike but speak of what they are for.
bool is_passphrase(std::string_view value) {
  constexpr std::string_view kNames[] = {"db",   "database", "prod", "dev",  "stage", "staging", "app",  "api",
                                         "key",  "cred",     "svc",  "user", "vault", "service", "name", "cluster",
                                         "file", "path",     "env",  "auth", "oauth", "client",  "sql",  "config"};
  int words = 0;
  int numbers = 0;
  for (const std::string_view part : base::split(value, '-')) {
    const std::string lower = base::to_lower(part);
    const bool word = part.size() >= 3 && part.size() <= 10 && std::all_of(part.begin(), part.end(), is_alpha);
    const bool number = !part.empty() && part.size() <= 4 && std::all_of(part.begin(), part.end(), is_digit);
    if ((!word && !number) || std::find(std::begin(kNames), std::end(kNames), lower) != std::end(kNames)) {
      return false;
    }
    words += word ? 1 : 0;
    numbers += number ? 1 : 0;
  }
  return words >= 3 && numbers == 1;
}

/// Whether a value behind the name of a password is one: drawn, or of words, digits and a sign as people make them. In
/// quotes less has to speak for it than where names of variables may stand, and `beside` its name with no sign between
/// most.
bool is_password(std::string_view value, bool quoted, bool beside) {
  constexpr double kDrawn = -1;  ///< Bits of what has digits; names with a number are below.
  constexpr double kMade = -16;
  const std::string lower = base::to_lower(value);
  const std::string plain = plain_letters(lower);
  const auto has = [&](auto is) { return std::any_of(value.begin(), value.end(), is); };
  constexpr std::string_view kCommon[] = {"pass", "pwd",  "secret",   "admin", "test",  "user",
                                          "qwer", "letm", "changeit", "login", "token", "string"};
  if (value.size() < 8 || value.size() > 64 || is_placeholder(value) || entropy(value) < 2.6 || is_uuid(value) ||
      !has(is_alpha) || value.find('/') != std::string_view::npos || value.find("..") != std::string_view::npos ||
      std::any_of(std::begin(kCommon), std::end(kCommon), [&](std::string_view word) {
        return lower.find(word) != std::string::npos || plain.find(word) != std::string::npos;
      })) {
    return false;
  }
  if (is_passphrase(value)) {
    return true;
  }
  const bool digits = has(is_digit);
  const bool signs = has([](char c) { return is_one_of(c, "!#*@?&^+$"); });
  const std::size_t host = value.find('@');  // "name@host.org"
  const bool address = host != std::string_view::npos && value.find('.', host) != std::string_view::npos;
  const double bits = bits_for_random(value);
  if (digits && signs && !address && value.size() >= 9) {
    return true;
  }
  const bool name = value.find_first_of("._") != std::string_view::npos;
  if ((quoted || has_number(value)) && !name) {
    const bool capital = value.find('-') != std::string_view::npos && has([](char c) { return c >= 'A' && c <= 'Z'; });
    return digits ? bits >= kDrawn ||
                        (!beside && value.size() >= 10 && (bits >= kMade || capital || is_word_with_number(value)))
                  : bits >= kSecretNamed;
  }
  const bool inner = digits && is_alpha(value.back());  // "Http2Client" has one too, but reads as words
  return !name && (signs    ? bits >= 0
                   : digits ? bits >= (inner || value.size() >= 12 ? kDrawn : 2)
                            : bits >= kVaguelyNamed);
}

/// Whether twenty letters or more are drawn: no digit need be among them.
bool is_drawn_of_letters(std::string_view value) {
  return value.size() >= 20 && std::all_of(value.begin(), value.end(), is_alpha) && entropy(value) >= 3.3 &&
         bits_for_random(value) >= kVaguelyNamed && !is_placeholder(value);
}

/// Whether the dollar or per cent sign at `at` begins the name of a variable or says where something is put in.
bool names_variable(std::string_view value, std::size_t at) {
  return at == 0 || (at + 1 < value.size() && is_one_of(value[at + 1], value[at] == '$' ? "{(\"'" : "{(\"'sd"));
}

/// A name in which a word for secrets stands: text[from, end), the word at `at`.
struct Name {
  std::string_view text;  ///< All of it.
  std::size_t from = 0;
  std::size_t at = 0;
  std::size_t end = 0;  ///< Behind the word; more of the name may follow.
  std::string_view word;
  bool password = false;

  [[nodiscard]] std::string_view before(std::size_t most) const {
    return text.substr(at > most ? at - most : 0, std::min(at, most));
  }
  /// Where the letters, digits and signs of the whole name end.
  [[nodiscard]] std::size_t whole_end() const { return behind_name(text, end); }
  /// Whether the word says by itself that its value is secret, which "key" does not.
  [[nodiscard]] bool is_sure() const {
    return (word != "key" && word != "auth" && word != "api" && word != "access") ||
           (word == "key" && follows_kind_of_key(text.substr(0, at)));
  }
};

/// Whether so many letters and digits or more stand in a row, a digit among them or twenty and more letters.
bool holds_run_with_digit(std::string_view text, std::size_t least) {
  std::size_t run = 0;
  bool digit = false;
  for (const char c : text) {
    if (is_alnum(c)) {
      digit = digit || is_digit(c);
      if (++run >= least && (digit || run >= 20)) {
        return true;
      }
    } else if (!is_one_of(c, "_+/=~.-!@#$%^*")) {
      run = 0;
      digit = false;
    }
  }
  return false;
}

/// A value that marks or a few words that say nothing else part from its name: "**API key**: `…`", "token → …",
/// <name>secret</name><value>…, add_argument("--api-key", default="…"), "the token you need is …".
std::optional<Assignment> nearby_value(const Name& name) {
  constexpr std::size_t kMostBytes = 60;
  constexpr int kMostWords = 5;
  constexpr std::string_view kWords[] = {"is",  "value", "default", "you",   "need",   "the",    "for",   "new",
                                         "our", "my",    "name",    "field", "string", "str",    "type",  "td",
                                         "li",  "b",     "em",      "code",  "span",   "strong", "cdata", "this",
                                         "now", "set",   "using",   "with",  "3d",     "server"};
  const std::string_view text = name.text;
  Assignment out;
  out.name_end = name.whole_end();
  if (!holds_run_with_digit(text.substr(std::min(out.name_end, text.size()), kMostBytes + 16),
                            name.password ? 8 : 16)) {
    return std::nullopt;
  }
  const std::string_view whole = text.substr(name.from, out.name_end - name.from);
  // A part of base64 is no name, and neither is the first line of a key.
  if (whole.ends_with("--") || (std::any_of(whole.begin(), whole.end(), is_digit) && bits_for_random(whole) >= 0) ||
      (whole.size() > name.word.size() + 3 && bits_for_random(whole) >= kProviderNamed)) {
    return std::nullopt;
  }
  int words = 0;
  for (std::size_t i = out.name_end; i < text.size() && i < out.name_end + kMostBytes;) {
    const char c = text[i];
    if (is_one_of(c, ";)@#") || (c == '.' && i + 1 < text.size() && is_space(text[i + 1])) || c == '\\') {
      return std::nullopt;
    }
    if (!is_alnum(c)) {
      out.quoted = is_one_of(c, "'\"`");
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < text.size() && end < i + 200 && (is_alnum(text[end]) || is_one_of(text[end], "_+/=~.-"))) {
      ++end;
    }
    const std::string_view run = text.substr(i, end - i);
    const bool is_known =
        std::find(std::begin(kWords), std::end(kWords), base::to_lower(run)) != std::end(kWords) ||
        (run.find_first_of("=") == run.size() - 1 &&
         std::find(std::begin(kWords), std::end(kWords), run.substr(0, run.size() - 1)) != std::end(kWords));
    if (is_known) {
      if (++words > kMostWords) {
        return std::nullopt;
      }
      i = end;
      continue;
    }
    const bool digest = words > 0 && std::all_of(run.begin(), run.end(), is_hex);
    if (run.size() < (name.password ? 8 : 16) || digest || (name.password && words > 0 && !out.quoted) ||
        (!name.password && run.find_first_of(".:") != std::string_view::npos)) {
      return std::nullopt;
    }
    out.value = i;
    out.sign = ' ';
    out.beside = true;
    return out;
  }
  return std::nullopt;
}

/// Where the value of a name begins, if anything says that it has one. `spoken`: it is said rather than assigned.
std::optional<Assignment> place_of_value(const Name& name, char next, bool prose, bool& spoken) {
  auto place = prose ? std::nullopt : assignment(name.text, name.end);
  if (place && place->value < name.text.size() && name.text[place->value] == '{') {
    place = std::nullopt;  // of an object, one of whose members is the value
  }
  if (!place && !(prose && is_alpha(next) && !is_one_of(next, "vVdD"))) {
    const std::size_t end_of_name = name.whole_end();
    place = entry_value(name.text, end_of_name);
    if (!place && name.password) {
      place = column_value(name.text, name.from, end_of_name);
    }
  }
  spoken = !place;
  return spoken ? spoken_assignment(name.text, name.from, name.end, name.password) : place;
}

/// How long the value at `place` is: 0 where it is none. `with_signs`: it is a long key with signs.
std::size_t size_of_value(const Name& name, const Assignment& place, bool& with_signs) {
  constexpr std::size_t kLongestValue = 180;
  const std::string_view rest = name.text.substr(place.value, 220);
  std::size_t size = 0;
  while (size < rest.size() && (is_alnum(rest[size]) || is_one_of(rest[size], "_.=+/-~"))) {
    ++size;
  }
  with_signs = false;
  if (!name.password && name.word != "api" && name.word != "access" && name.word != "auth" && place.quoted &&
      size < rest.size() && !is_one_of(rest[size], "'\"\\`")) {
    size = signed_key(rest, name.text[place.value - 1]);
    with_signs = size > 0;
  }
  if (name.password) {  // passwords hold signs as well
    const std::string_view never = place.quoted ? "`'\"<>{}()[];\\" : "`'\"<>{}()[];\\&,|:";
    while (size < rest.size() && rest[size] > ' ' && rest[size] < '\x7f' && !is_one_of(rest[size], never) &&
           (!is_one_of(rest[size], "$%") || !names_variable(rest, size))) {
      ++size;
    }
  }
  if (!ends_value(rest, size) || size > kLongestValue) {
    return 0;
  }
  if (size > 0 && rest[size - 1] == '.') {  // of the sentence; more of them leave something out
    if (--size > 0 && rest[size - 1] == '.') {
      return 0;
    }
  }
  return size;
}

/// Whether a value says by its beginning or by where it stands that it is something else: a digest, an address, a
/// reference, a key for everybody.
bool is_of_other_kind(const Name& name, const Assignment& place, std::string_view value) {
  // The link to a meeting carries its password for everybody who is invited.
  if (name.word == "pwd" && name.before(80).find("zoom.us/") != std::string_view::npos) {
    return true;
  }
  const std::string lower = base::to_lower(value);
  for (const std::string_view begins :
       {"sha256", "sha512", "sha1", "md5-", "md5:", "sha384", "http", "arn:", "ssh-", "secrets.", "process.", "xox",
        "os.", "self.", "this.", "config.", "env.", "vault:", "projects/",
        // "-----BEGIN CERTIFICATE", "-----BEGIN PUBLIC KEY" in base64; public keys of EC and RSA as DER.
        "ls0tls1crudjtibdrvju", "ls0tls1crudjtibqvujm", "mfkwewyhkozizj0caqyi", "miibijanbgkqhkig9w0baqefaaocaq8a"}) {
    if (lower.starts_with(begins)) {
      return true;
    }
  }
  return is_published(value) || repeats_name(name.text.substr(name.from, place.name_end - name.from), value) ||
         (!name.password && ends_in_version(value));
}

bool is_assigned_secret(const Name& name, const Assignment& place, std::string_view value) {
  const bool sure = place.named || name.is_sure();
  const bool all_hex = std::all_of(value.begin(), value.end(), is_hex);
  if (sure && is_drawn_of_letters(value)) {
    return true;
  }
  if (value.size() < 16) {
    return value.size() >= 10 && sure && place.quoted && looks_random(value, 3.1, kVaguelyNamed) &&
           std::none_of(value.begin(), value.end(), [](char c) { return is_one_of(c, "./:-"); });
  }
  if (value.size() == 40 && all_hex && name.word == "key") {
    return false;  // the digest of a commit or of content
  }
  // A lone "key" names the keys of tables; it must be short of doubt.
  const std::string_view rest_of_name = name.text.substr(name.end, place.name_end - name.end);
  const bool lone = !sure && name.from == name.at && rest_of_name.find_first_not_of(' ') == std::string_view::npos;
  const double least = lone ? 3.9 : value.size() < 20 ? 3.3 : all_hex && sure ? 3.0 : 3.5;
  return looks_random(value, least, sure ? kSecretNamed : kVaguelyNamed) &&
         (!lone || value.find('.') == std::string_view::npos) &&
         !(is_uuid(value) && (!sure || base::to_lower(value) == value)) &&
         std::count(value.begin(), value.end(), '/') * 8 <= static_cast<std::ptrdiff_t>(value.size()) &&
         std::count(value.begin(), value.end(), '.') <= 2;
}

/// Of a value that no sign parts from its name.
bool is_spoken_secret(std::string_view value) {
  const bool all_hex = std::all_of(value.begin(), value.end(), is_hex);
  return is_drawn_of_letters(value) ||
         (value.size() >= 16 && looks_random(value, all_hex ? 3.0 : 3.3, kVaguelyNamed) && !is_uuid(value) &&
          value.find_first_of(".:") == std::string_view::npos &&
          std::count(value.begin(), value.end(), '/') * 8 <= static_cast<std::ptrdiff_t>(value.size()));
}

/// Appends the value at `place` if it is secret.
bool judge_named(const Name& name, const Assignment& place, bool spoken, std::vector<Secret>& out) {
  if ((is_one_of(place.sign, "(,") && !place.quoted) || (place.sign == kNextCell && !name.password)) {
    return false;
  }
  bool with_signs = false;
  const std::size_t size = size_of_value(name, place, with_signs);
  const std::string_view value = name.text.substr(place.value, size);
  if (size == 0 || is_of_other_kind(name, place, value)) {
    return false;
  }
  const bool good = with_signs ? !spoken && entropy(value) >= 4.2 && !is_placeholder(value)
                    : name.password
                        ? is_password(value, place.quoted || is_literal(name.text, name.from, place), place.beside)
                    : spoken ? is_spoken_secret(value)
                             : is_assigned_secret(name, place, value);
  if (good) {
    const std::string_view kind = name.password ? "password" : "secret";
    out.push_back(
        {place.value, place.value + size, kind,
         std::string(kind) + " in " +
             base::printable(name.text.substr(name.from, std::min(place.name_end, name.end + 20) - name.from)) + " (" +
             std::to_string(size) + " characters)",
         Certainty::medium, false});
  }
  return good;
}

/// Whether letters go on at `at` to a word of prose, with another behind: "keyboard shortcuts", "tokens that".
bool goes_on_in_prose(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && end < at + 12 && text[end] >= 'a' && text[end] <= 'z') {
    ++end;
  }
  if (end == at || end >= text.size()) {
    return false;
  }
  if (is_one_of(text[end], ",.)")) {
    return end + 1 < text.size() && is_space(text[end + 1]);
  }
  return text[end] == ' ' && end + 1 < text.size() && is_alpha(text[end + 1]) && !is_one_of(text[end + 1], "iwfo");
}

void verify_named(std::string_view text, std::size_t index, std::size_t at, std::vector<Secret>& out) {
  const SecretName& named = secret_names()[index];
  const std::string_view word = named.word;
  const bool with_sign = is_one_of(word.back(), ":=");  // "pw:" is known by its sign
  const std::size_t end = at + word.size() - (with_sign ? 1 : 0);
  if ((named.whole && end < text.size() && is_word(text[end])) || (with_sign && !begins_word(text, at))) {
    return;
  }
  const bool alone = at == 0 || !(is_word(text[at - 1]) || text[at - 1] == '-');
  const bool lower_case = alone && text[at] != upper(text[at]);
  if (lower_case && !named.password && goes_on_in_prose(text, end)) {
    return;
  }
  const bool blank = end < text.size() && is_space(text[end]);
  const char next = blank && end + 1 < text.size() ? text[end + 1] : 'a';
  // Most words of most texts: neither part of a name nor said to be something.
  const char after = end + 2 < text.size() ? text[end + 2] : ' ';
  const bool verb = (next == 'i' && after == 's') || (next == 'w' && (after == 'a' || after == 'i')) ||
                    (next == 'f' && after == 'o') || (next == 'o' && (after == 'f' || after == 'n')) ||
                    (next == 'y' && after == 'o');
  if (blank && is_alpha(next) && !verb && !named.password && lower_case) {
    return;
  }
  const bool prose = blank && (is_alpha(next) || !is_one_of(next, "=:|?"));
  Name name{text, at, at, end, word, named.password};
  while (name.from > 0 && at - name.from < 40 &&
         (is_word(text[name.from - 1]) || is_one_of(text[name.from - 1], ".-"))) {
    --name.from;
  }
  if (name.from >= 2 && text.substr(name.from - 2, 2) == "::") {
    return;  // the last part of a type's name: "AWS::ApiGateway::ApiKey"
  }
  const auto is_harmless = [&](std::size_t name_end) {
    return harmless_name(text.substr(name.from, at - name.from), word, text.substr(end, name_end - end));
  };
  bool spoken = false;
  const auto place = place_of_value(name, next, prose, spoken);
  if (place && with_sign && text.substr(end, place->value - end).find('\n') != std::string_view::npos) {
    return;  // "Before Pass:" heads what stands below
  }
  if (place && (is_harmless(place->name_end) || judge_named(name, *place, spoken, out))) {
    return;
  }
  if (!name.is_sure()) {
    return;
  }
  if (const auto near = nearby_value(name); near && !is_harmless(near->name_end)) {
    judge_named(name, *near, true, out);
  }
}

/// Where a program takes a password: behind which option, and how many words behind that.
struct CommandOption {
  std::string_view program;  ///< How its name begins.
  std::string_view option;
  int words_before = 0;
};
const CommandOption& option_of(std::string_view program) {
  static constexpr CommandOption kOptions[] = {
      {"redis-cli", " -a "}, {"htpasswd", " -b", 3},    {"mysql", " -p"},   {"openssl enc", " -k "},
      {"ldap", " -w "},      {"net user ", " user", 2}, {"smbclient", "%"},

  };
  static constexpr CommandOption kUsual = {"", " -p "};
  const auto* const found = std::find_if(std::begin(kOptions), std::end(kOptions),
                                         [&](const CommandOption& one) { return program.starts_with(one.program); });
  return found == std::end(kOptions) ? kUsual : *found;
}

/// The forms that need code of their own.
class Forms {
 public:
  Forms(std::string_view text, std::vector<Secret>& out) : text_(text), out_(out) {}

  void private_key(std::size_t at) {
    if (base::equals_ignoring_case(text_.substr(at, 9), "putty-use")) {
      if (text_.substr(at, 3000).find("Private-Lines:") != std::string_view::npos) {
        found(at, at + 20, "a private key", "private key (PuTTY)");
      }
      return;
    }
    const std::size_t end_of_line = text_.substr(0, at + 100).find("-----", at + 10);
    if (end_of_line == std::string_view::npos) {
      return;
    }
    const std::string_view label = text_.substr(at, end_of_line - at);
    const bool shared = base::contains_ignoring_case(label, "STATIC KEY");  // of OpenVPN
    if ((!shared && !base::contains_ignoring_case(label, "PRIVATE KEY")) ||
        label.find_first_of("(|[") != std::string_view::npos) {
      return;  // the last: an expression that looks for such labels
    }
    // Key material must follow: quotes, "\n" escapes, headers and blanks apart.
    std::string head;
    std::size_t run = 0;
    std::size_t longest = 0;  // prose about keys has blanks
    for (std::size_t i = end_of_line + 5; i < text_.size() && i < end_of_line + 600 && head.size() < 200; ++i) {
      const char c = text_[i];
      if (c == '-' && text_.substr(i, 4) == "----") {
        break;
      }
      if (c == '\\' && i + 1 < text_.size() && is_one_of(text_[i + 1], "nrt")) {
        ++i;
        run = 0;
      } else if (is_alnum(c) || is_one_of(c, "+/=")) {
        head.push_back(c);
        longest = std::max(longest, ++run);
      } else if (is_one_of(c, "<*") || text_.substr(i, 3) == "...") {
        return;
      } else {
        run = 0;
      }
    }
    const std::string_view sample(head);
    if (sample.size() < 64 || longest < 32 || is_placeholder(sample.substr(0, 64)) || entropy(sample) < 3.5) {
      return;
    }
    found(at, end_of_line + 5, "a private key", "private key (" + base::printable(label.substr(11)) + ")");
  }

  void json_web_token(std::size_t at) {
    if (!begins_word(text_, at) || (at > 0 && text_[at - 1] == '-')) {
      return;
    }
    const auto run = [&](std::size_t from) {
      const std::size_t most = std::min(text_.size(), from + 4 * kLongest);
      while (from < most && (is_word(text_[from]) || text_[from] == '-')) {
        ++from;
      }
      return from;
    };
    const std::size_t first = run(at);
    if (first - at < 17 || first >= text_.size() || text_[first] != '.' || text_.substr(first + 1, 2) != "ey") {
      return;
    }
    const std::size_t second = run(first + 1);
    if (second - first < 17) {
      return;
    }
    const std::size_t third = second < text_.size() && text_[second] == '.' ? run(second + 1) : second;
    const std::string_view whole = text_.substr(at, third - at);
    // A header is JSON: its base64 decodes to {" and names an algorithm or a type.
    const std::string_view head = text_.substr(at, std::min<std::size_t>(first - at, 400));
    const bool real = head.find("hbGci") != std::string_view::npos || head.find("0eXAi") != std::string_view::npos ||
                      head.find("YWxnIj") != std::string_view::npos || head.find("raWQi") != std::string_view::npos ||
                      (second < text_.size() && text_[second] == '.');
    if (!real || entropy(whole) < 3.9 || is_placeholder(whole) || is_shown_everywhere(whole)) {
      return;
    }
    found(at, third, "a JSON web token", masked("JSON web token", whole, 10), Certainty::high);
  }

  /// Two parts that begin as those of JSON web tokens do, with a point between them, though the header cannot be read.
  void token_parts(std::size_t at) {
    const auto fits = [&](std::size_t i) { return is_word(text_[i]) || text_[i] == '-'; };
    std::size_t begin = at;
    while (begin > 0 && at - begin < kLongest && fits(begin - 1)) {
      --begin;
    }
    std::size_t end = at + 1;
    while (end < text_.size() && end - at < kLongest && fits(end)) {
      ++end;
    }
    if (at - begin < 19 || text_.substr(begin, 2) != "ey" || end - at < 20 || end >= text_.size() ||
        text_[end] != '.') {
      return;
    }
    ++end;
    while (end < text_.size() && end - at < kLongest && fits(end)) {
      ++end;
    }
    const std::string_view whole = text_.substr(begin, end - begin);
    if (entropy(whole) >= 3.9 && !is_placeholder(whole) && !is_shown_everywhere(whole) &&
        bits_for_random(whole) >= kProviderNamed) {
      found(begin, end, "a JSON web token", masked("JSON web token", whole, 2), Certainty::medium);
    }
  }

  /// A JSON web token in base64 once more.
  void encoded_token(std::size_t at) {
    if (!begins_word(text_, at)) {
      return;
    }
    std::size_t end = at;
    while (end < text_.size() && end - at < kLongest && (is_alnum(text_[end]) || is_one_of(text_[end], "+/_-=\r\n"))) {
      ++end;
    }
    while (end > at && is_space(text_[end - 1])) {
      --end;
    }
    const std::string_view value = text_.substr(at, end - at);
    if (value.size() >= 44 && entropy(value) >= 3.8) {
      constexpr std::string_view kHeads[] = {
          "aGJHY2lP", "aGNIVWlP",           "aGNIWWlP",          "aGRXUWlP",         "aU5qUWlP",     "amNtbDBJanBi",
          "amRIa2lP", "bGNHc2lPbn",         "bGJtTWlP",          "cWEzVWlP",         "cWQyc2lPb",    "cGMzTWlP",
          "cGRpSTZJ", "cmFXUWlP",           "clpYbGZiM0J6SWpwY", "cmRIa2lP",         "dWIyNWpaU0k2", "d01tTWlP",
          "d01uTWlP", "d2NIUWlP",           "emRXSWlP",          "emRuUWlP",         "MFlXY2lP",     "MGVYQWlP",
          "MWNtd2l",  "MWMyVWlP",           "MlpYSWlP",          "MlpYSnphVzl1SWpv", "NElqb2",       "NE5XTWlP",
          "NE5YUWlP", "NE5YUWpVekkxTmlJNk", "NE5YVWlP",          "NmFYQWlP"};
      for (const std::string_view head : kHeads) {
        if (value.substr(4).starts_with(head)) {
          found(at, end, "a JSON web token in base64", masked("JSON web token in base64", value, 8));
          return;
        }
      }
    }
  }

  /// scheme://user:password@host
  void address(std::size_t at) {
    std::size_t scheme = at;
    while (scheme > 0 && at - scheme < 20 && (is_alnum(text_[scheme - 1]) || text_[scheme - 1] == '+')) {
      --scheme;
    }
    const std::string name = base::to_lower(text_.substr(scheme, at - scheme));
    if (name.size() < 2 || !is_alpha(name[0])) {
      return;
    }
    const std::string_view rest = text_.substr(at + 3, 300);
    const std::size_t end = rest.find_first_of(" \t\r\n\"'`<>(){}[]$,;|\\#?");
    const std::string_view authority = rest.substr(0, std::min(end, rest.find('/')));
    const std::size_t sign = authority.rfind('@');
    const std::size_t colon = authority.find(':');
    if (sign == std::string_view::npos || colon == std::string_view::npos || colon >= sign) {
      return;
    }
    const std::string_view user = authority.substr(0, colon);
    const std::string_view password = authority.substr(colon + 1, sign - colon - 1);
    std::string_view host = authority.substr(sign + 1);
    if (host.empty() && rest.substr(authority.size()).starts_with("[")) {  // an address of IPv6
      host = rest.substr(authority.size());
      host = host.substr(0, host.find(']') + 1);
    }
    const std::string lower = base::to_lower(password);
    const std::string plain = plain_letters(lower);
    const bool common = password.size() < 8 || password.size() > 120 || plain.find("pass") != std::string::npos ||
                        lower.find("pwd") != std::string::npos || plain.find("secret") != std::string::npos ||
                        lower.find("hunter2") != std::string::npos || lower.find("letmein") != std::string::npos ||
                        lower.find("qwerty") != std::string::npos || lower.find("token") != std::string::npos ||
                        lower.find("key") == 0 || lower == base::to_lower(user) ||
                        lower.find("postgres") != std::string::npos || lower.find("user") != std::string::npos ||
                        lower.find('%') == 0 || is_placeholder(password) || entropy(password) < 2.5;
    const bool sidekiq = host.find(".contribsys.com") != std::string_view::npos && fit(authority, "h8:h8") == 17;
    if ((common && !sidekiq) || (user.empty() && bits_for_random(password) < 0) || is_reserved_host(host)) {
      return;
    }
    found(scheme, at + 3 + sign, "a password in an address",
          name + "://" + base::printable(user) + ":…@" + base::printable(base::abbreviate(host, 80)));
  }

  void curl(std::size_t at) {
    std::string_view command = text_.substr(at, 1200);
    // To the end of the line, or of the lines that a backslash joins.
    std::size_t end = 0;
    for (int lines = 0; lines < 8; ++lines) {
      end = command.find('\n', end);
      if (end == std::string_view::npos) {
        end = command.size();
        break;
      }
      std::size_t last = end;
      while (last > 0 && is_one_of(command[last - 1], " \r\t")) {
        --last;
      }
      if (last == 0 || command[last - 1] != '\\') {
        break;
      }
      ++end;
    }
    command = command.substr(0, end);
    command = command.substr(0, command.find("curl ", 4));  // each is looked at by itself
    for (std::size_t i = 4; i + 3 < command.size(); ++i) {
      if (command[i] != '-' || !(is_space(command[i - 1]))) {
        continue;
      }
      const std::string_view rest = command.substr(i);
      std::size_t skip = 0;
      for (const std::string_view option : {"--user", "-u", "--header", "-H"}) {
        if (rest.starts_with(option) && rest.size() > option.size() && is_one_of(rest[option.size()], " =\t")) {
          skip = option.size();
          const bool user = option == "--user" || option == "-u";
          while (skip < rest.size() && is_one_of(rest[skip], " =\t\\")) {
            ++skip;
          }
          if (user) {
            curl_user(at + i + skip, rest.substr(skip));
          } else {
            header_value(rest.substr(skip));
          }
          break;
        }
      }
    }
  }

  void header(std::size_t at) {
    // "Authorization: Bearer …" wherever it stands.
    header_value(text_.substr(at, 400));
  }

  void kubernetes(std::size_t at) {
    std::string_view rest = text_.substr(at + 5, 800);
    const std::size_t word = rest.find_first_not_of(" \t\"'");
    if (word == std::string_view::npos || !base::equals_ignoring_case(rest.substr(word, 6), "secret") ||
        (word + 6 < rest.size() && is_word(rest[word + 6]))) {
      return;
    }
    // The data may stand before the kind as well.
    for (const std::size_t from : {at, at > 400 ? at - 400 : std::size_t{0}}) {
      const std::string_view part = text_.substr(from, from == at ? 800 : at - from);
      const std::size_t data = part.find("data:");
      if (data == std::string_view::npos || (data >= 6 && part.substr(data - 6, 6) == "string")) {
        continue;
      }
      static const re2::RE2 kEntry(
          R"re(\n[ \t]+[\w.-]+:[ \t]*(?:\|[ \t]*\n[ \t]+)?["']?([0-9A-Za-z+/]{10,}={0,2})["']?[ \t]*(?:\r?\n|$))re");
      re2::StringPiece value;
      const std::string_view entries = part.substr(data, 500);
      if (re2::RE2::PartialMatch({entries.data(), entries.size()}, kEntry, &value) &&
          !is_placeholder({value.data(), value.size()}) && entropy({value.data(), value.size()}) > 2.5) {
        const auto begin = static_cast<std::size_t>(value.data() - text_.data());
        found(begin, begin + value.size(), "a Kubernetes secret", "Kubernetes secret", Certainty::high);
        return;
      }
    }
  }

  void nuget(std::size_t at) {
    static const re2::RE2 kEntry(
        R"re((?i)^<add key=\\?"(?:ClearText)?Password\\?"\s*value=\\?"([^"\\]{8,200})\\?"\s*/>)re");
    re2::StringPiece value;
    const std::string_view rest = text_.substr(at, 400);
    if (re2::RE2::PartialMatch({rest.data(), rest.size()}, kEntry, &value)) {
      const std::string_view password(value.data(), value.size());
      if (!is_one_of(password[0], "%$#{<") && !is_placeholder(password) && entropy(password) > 1.5) {
        const auto begin = static_cast<std::size_t>(value.data() - text_.data());
        found(begin, begin + value.size(), "a NuGet password", "NuGet password", Certainty::medium);
      }
    }
  }

  /// "sshpass -p PASSWORD", "docker login -u NAME -p PASSWORD": programs that take one behind a short option.
  void command(std::size_t at, std::string_view program) {
    constexpr std::size_t kMostBefore = 200;
    if (!begins_word(text_, at)) {
      return;
    }
    const std::string_view line = text_.substr(at, kMostBefore).substr(0, text_.substr(at, kMostBefore).find('\n'));
    const CommandOption& known = option_of(program);
    std::size_t value = line.find(known.option);
    if (value == std::string_view::npos) {
      return;
    }
    value += known.option.size();
    for (int words = 0; words < known.words_before; ++words) {
      value = std::min(line.find(' ', value), line.size());
      value = std::min(line.find_first_not_of(' ', value), line.size());
    }
    password(at + value);
  }

  /// "IDENTIFIED BY 'PASSWORD'", "-passin pass:PASSWORD", "NetworkCredential("NAME", "PASSWORD")".
  void argument(std::size_t at, std::string_view what) {
    std::size_t value = at + what.size();
    if (what.back() == '(') {
      // The last of the arguments on the line, all of them texts.
      const std::string_view arguments =
          text_.substr(value, 200).substr(0, text_.substr(value, 200).find_first_of(")\n"));
      const std::size_t comma = arguments.rfind(',');
      if (comma == std::string_view::npos) {
        return;
      }
      value += comma + 1;
    } else if (what == " pass:" &&
               (at < 3 || !base::contains_ignoring_case(text_.substr(at > 12 ? at - 12 : 0, 12), "-pass"))) {
      return;
    }
    if (what == ":thin:") {  // user/password@host, of Oracle
      const std::size_t slash = text_.substr(value, 40).find('/');
      const std::size_t sign = text_.substr(value, 100).find('@');
      if (slash == 0 || slash == std::string_view::npos || sign == std::string_view::npos || sign < slash) {
        return;
      }
      const std::string_view word = text_.substr(value + slash + 1, sign - slash - 1);
      if (is_password(word, true, false)) {
        found(value + slash + 1, value + sign, "password", "password in an address of Oracle", Certainty::medium);
      }
      return;
    }
    if (what == ":5432:") {  // of .pgpass: database, user, password
      for (int fields = 0; fields < 2 && value != std::string_view::npos; ++fields) {
        value = text_.substr(0, std::min(text_.size(), at + 120)).find(':', value);
        value += value == std::string_view::npos ? 0 : 1;
      }
      if (value != std::string_view::npos &&
          text_.substr(at, value - at).find_first_of(" /\n\"'") == std::string_view::npos) {
        password(value);
      }
      return;
    }
    while (value < text_.size() && text_[value] == ' ') {
      ++value;
    }
    constexpr std::string_view kSome = "Some(";  // of Rust
    if (text_.substr(value, kSome.size()) == kSome) {
      value += kSome.size();
    }
    if (what != " pass:" && (value >= text_.size() || !is_one_of(text_[value], "'\""))) {
      return;
    }
    password(value);
  }

  /// "Cookie: …; session=VALUE": who has the value is taken for who logged in.
  void cookie(std::size_t at) {
    static const re2::RE2 kSession(
        R"re((?i)^cookie:[^\r\n]{0,300}?\b(?:[\w.-]*sess(?:ion)?(?:_?id)?|connect\.sid|sid|[\w-]*auth[\w-]*|[\w-]*token|jwt|remember_\w+)=([\w%.+/~-]{16,200}))re");
    re2::StringPiece value;
    const std::string_view rest = text_.substr(at, 500);
    if (!re2::RE2::PartialMatch({rest.data(), rest.size()}, kSession, &value)) {
      return;
    }
    const std::string_view session(value.data(), value.size());
    if (looks_random(session, 3.0, kSecretNamed)) {
      const auto begin = static_cast<std::size_t>(value.data() - text_.data());
      found(begin, begin + session.size(), "a session",
            "session in a cookie (" + std::to_string(session.size()) + " characters)", Certainty::medium);
    }
  }

  /// The private part of a JSON Web Key: 32, 48 or 66 bytes of a curve's or 256 and more of RSA's, or any of a shared
  /// one that "kty" names before. Source: RFC 7518, 6.
  void json_web_key(std::size_t at) {
    constexpr std::size_t kName = 4;
    std::size_t begin = at + kName;
    while (begin < text_.size() && begin < at + kName + 2 && text_[begin] == ' ') {
      ++begin;
    }
    if (begin >= text_.size() || text_[begin] != '"') {
      return;
    }
    ++begin;
    std::size_t end = begin;
    while (end < text_.size() && end - begin < 1400 && (is_word(text_[end]) || text_[end] == '-')) {
      ++end;
    }
    const std::string_view value = text_.substr(begin, end - begin);
    if (end >= text_.size() || text_[end] != '"' || entropy(value) < 4 || bits_for_random(value) < kSecretNamed) {
      return;
    }
    const bool shared = text_[at + 1] == 'k';
    const bool fits = shared
                          ? value.size() >= 22 &&
                                text_.substr(at > 200 ? at - 200 : 0, std::min<std::size_t>(at, 200)).find("\"oct\"") !=
                                    std::string_view::npos
                          : value.size() == 43 || value.size() == 64 || value.size() == 88 || value.size() >= 340;
    if (fits) {
      found(begin, end, "a private key", "private part of a JSON web key");
    }
  }

  /// A text in base64 in which a credential stands: a key's file, settings of an environment.
  void encoded_text(std::size_t at) {
    constexpr std::size_t kMost = 2000;  // to either side of what was seen
    const auto fits = [&](std::size_t i) { return is_alnum(text_[i]) || is_one_of(text_[i], "+/"); };
    std::size_t begin = at;
    while (begin > 0 && at - begin < kMost && fits(begin - 1)) {
      --begin;
    }
    std::size_t end = at;
    while (end < text_.size() && end - at < kMost && fits(end)) {
      ++end;
    }
    if (at - begin == kMost || end - begin < 40 || is_decoding()) {
      return;
    }
    // Once for each run, at the first of what is looked for in it.
    const std::string_view before = text_.substr(begin, at - begin);
    for (const std::string_view sign :
         {"UEFTU1dPUk", "BBU1NXT1JE", "QQVNTV09SR", "cGFzc3dvcm", "Bhc3N3b3Jk", "wYXNzd29yZ", "cHJpdmF0ZV9rZX",
          "ByaXZhdGVfa2V5", "wcml2YXRlX2tle", "LS0tLS1CRUdJT", "0tLS0tQkVHSU", "tLS0tLUJFR0lO"}) {
      if (before.find(sign) != std::string_view::npos) {
        return;
      }
    }
    const auto decoded = base::from_base64(std::string(text_.substr(begin, (end - begin) / 4 * 4)));
    if (!decoded || std::any_of(decoded->begin(), decoded->end(),
                                [](char c) { return static_cast<unsigned char>(c) < 0x20 && !is_space(c); })) {
      return;
    }
    is_decoding() = true;
    const std::vector<Secret> within = find_secrets(*decoded);
    is_decoding() = false;
    for (const Secret& one : within) {
      if (one.certainty >= Certainty::medium) {
        found(begin, end, "a credential in base64", one.subject + ", in base64", one.certainty);
        return;
      }
    }
  }

  /// Base64 within base64 is not followed: what is nested often would be looked at as often as its parts multiplied.
  static bool& is_decoding() {
    thread_local bool decoding = false;
    return decoding;
  }

  void twilio(std::size_t at) {
    const std::size_t size = fit(text_.substr(at, 40), "'SK'h32");
    if (size == 34 && begins_word(text_, at) && ends_word(text_, at + 34) && entropy(text_.substr(at + 2, 32)) >= 3) {
      found(at, at + 34, "Twilio key", masked("Twilio key", text_.substr(at, 34), 6));
    }
  }

  void artifactory(std::size_t at) {
    std::size_t end = at + 3;
    while (end < text_.size() && is_alnum(text_[end])) {
      ++end;
    }
    const std::string_view value = text_.substr(at, end - at);
    // A line of base64, as certificates have them, begins with anything.
    const bool wrapped = (at >= 2 && is_space(text_[at - 1]) && is_alnum(text_[at - 2])) ||
                         text_.substr(at > 7 ? at - 7 : 0, 7) == "sha256=";  // digests in a wheel's list of files
    if (!begins_word(text_, at) || is_placeholder(value) || (end < text_.size() && is_one_of(text_[end], "_.([+/"))) {
      return;
    }
    if (value.size() >= 60 && value.size() <= 90 && entropy(value) > 4) {
      found(at, end, "JFrog credential", masked("JFrog credential", value, 5));
    } else if (!wrapped && value.size() >= 20 && value.size() < 60 && bits_for_random(value) >= kVaguelyNamed &&
               std::any_of(value.begin() + 3, value.end(), is_digit) &&
               std::any_of(value.begin(), value.end(), [](char c) { return c >= 'a' && c <= 'z'; })) {
      found(at, end, "JFrog credential", masked("JFrog credential", value, 5), Certainty::medium);
    }
  }

 private:
  void found(std::size_t begin, std::size_t end, std::string_view name, std::string subject,
             Certainty certainty = Certainty::high) {
    out_.push_back({begin, end, name, std::move(subject), certainty, true});
  }

  /// The tokens that every introduction to JWT shows.
  static bool is_shown_everywhere(std::string_view token) {
    return token.find("SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c") != std::string_view::npos ||
           token.find(".eyJzb21lIjoicGF5bG9hZCJ9") != std::string_view::npos;
  }

  /// A password that a program or a function is given at `begin`, perhaps in quotes.
  void password(std::size_t begin) {
    const bool quoted = begin < text_.size() && is_one_of(text_[begin], "'\"");
    begin += quoted ? 1 : 0;
    std::size_t end = begin;
    while (end < text_.size() && end < begin + 65 && text_[end] > ' ' && text_[end] < '\x7f' &&
           !is_one_of(text_[end], "`'\"<>{}()[];\\|") &&
           (!is_one_of(text_[end], "$%") || !names_variable(text_.substr(begin), end - begin))) {
      ++end;
    }
    const std::string_view value = text_.substr(begin, end - begin);
    if (ends_value(text_, end) && is_password(value, quoted, false)) {
      found(begin, end, "password", "password of a command (" + std::to_string(value.size()) + " characters)",
            Certainty::medium);
    }
  }

  /// name:password of curl, perhaps in quotes.
  void curl_user(std::size_t at, std::string_view rest) {
    const bool quoted = !rest.empty() && is_one_of(rest[0], "'\"");
    const char quote = quoted ? rest[0] : ' ';
    std::size_t end = quoted ? 1 : 0;
    if (quoted) {
      end = rest.find(quote, 1);
      if (end == std::string_view::npos) {
        return;
      }
      // "name":"password"
      if (rest.substr(end + 1, 2) == ":\"" || rest.substr(end + 1, 2) == ":'") {
        const std::size_t last = rest.find(rest[end + 2], end + 3);
        end = last == std::string_view::npos ? end : last;
      }
    } else {
      while (end < rest.size() && !is_space(rest[end])) {
        ++end;
      }
    }
    const std::string_view pair = rest.substr(quoted ? 1 : 0, end - (quoted ? 1 : 0));
    const std::size_t colon = pair.find(':');
    if (colon == std::string_view::npos || pair.size() > 300) {
      return;
    }
    std::string_view user = pair.substr(0, colon);
    std::string_view password = pair.substr(colon + 1);
    while (!password.empty() && is_one_of(password.front(), "'\"")) {
      password.remove_prefix(1);
    }
    const std::string_view value = password.empty() ? user : password;
    const std::string lower = base::to_lower(value);
    const bool plain = std::all_of(value.begin(), value.end(), is_alpha);
    if (value.size() < 4 || is_one_of(value[0], "$<[%*") || value.find("${") != std::string_view::npos ||
        value.find("{{") != std::string_view::npos || value.find("$(") != std::string_view::npos ||
        is_placeholder(value) || lower.find("pass") != std::string::npos || lower == "pwd" ||
        lower.find("change") == 0 || lower.find("test") == 0 || lower.find("token") != std::string::npos ||
        lower.find("secret") != std::string::npos || lower.find_first_not_of('x') == std::string::npos ||
        (plain && bits_for_random(value) < 0) || (password.empty() && value.size() < 8)) {
      return;
    }
    found(at, at + end, "a password of curl", "password of curl (" + std::to_string(value.size()) + " characters)",
          Certainty::medium);
  }

  /// Whether the base64 is of "user:password" or the like.
  static bool is_example_login(std::string_view value) {
    const auto decoded = base::from_base64(value);
    if (!decoded) {
      return false;
    }
    const std::string pair = plain_letters(base::to_lower(*decoded));
    const std::size_t colon = pair.find(':');
    return colon != std::string::npos &&
           (pair.find("pass", colon) != std::string::npos || pair.find("secret", colon) != std::string::npos ||
            pair.substr(0, colon) == pair.substr(colon + 1));
  }

  /// "Name: value" of HTTP, perhaps in quotes.
  void header_value(std::string_view rest) {
    const auto start = static_cast<std::size_t>(rest.data() - text_.data());
    if (start > 0 && is_alnum(text_[start - 1])) {
      return;  // the end of a longer name: "AggregationAuthorization"
    }
    static const re2::RE2 kHeader(
        R"re((?i)^["']?(?:authorization["'\]]{0,2}[ \t]*[:=][ \t]*["']?(?:(basic|bearer|token|api-token|apikey|bot)[ \t]+)?|(?:x-(?:[a-z]+-)?)?(?:api-?)?(?:key|token):[ \t]*)([\w=~@.+/-]{8,600}))re");
    re2::StringPiece scheme;
    re2::StringPiece match;
    if (!re2::RE2::PartialMatch({rest.data(), rest.size()}, kHeader, &scheme, &match)) {
      return;
    }
    const std::string_view value(match.data(), match.size());
    const std::size_t after = static_cast<std::size_t>(match.data() - text_.data()) + match.size();
    if (after < text_.size() && is_one_of(text_[after], "({[<$")) {
      return;
    }
    const std::string lower = base::to_lower(value);
    const bool digits = std::any_of(value.begin(), value.end(), is_digit);
    const bool mixed = digits || bits_for_random(value) >= 0;
    if (base::equals_ignoring_case({scheme.data(), scheme.size()}, "basic") &&
        value.find('.') != std::string_view::npos) {
      return;  // no base64
    }
    if (base::equals_ignoring_case({scheme.data(), scheme.size()}, "basic") && is_example_login(value)) {
      return;
    }
    if (!mixed || is_published(value) || is_placeholder(value) || entropy(value) < (value.size() < 20 ? 2.75 : 3.0) ||
        lower.find("token") != std::string::npos || lower.starts_with("application/") || value.starts_with("$")) {
      return;
    }
    const auto begin = static_cast<std::size_t>(match.data() - text_.data());
    found(begin, begin + value.size(), "a credential in a header",
          "credential in a header (" + std::to_string(value.size()) + " characters)",
          value.size() >= 20 ? Certainty::high : Certainty::medium);
  }

  std::string_view text_;
  std::vector<Secret>& out_;
};

// Secrets without a fixed text of three bytes, by the sign within them.

std::size_t end_of_run(std::string_view text, std::size_t at, std::size_t most) {
  const std::size_t last = std::min(text.size(), at + most);
  while (at < last && (is_word(text[at]) || text[at] == '-')) {
    ++at;
  }
  return at;
}

/// An application's number, a bar (or %7C) at `at`, its key.
void facebook_token(std::string_view text, std::size_t at, std::vector<Secret>& out) {
  std::size_t begin = at;
  while (begin > 0 && at - begin < 17 && is_digit(text[begin - 1])) {
    --begin;
  }
  const std::size_t end = end_of_run(text, at + 1, 44);
  const std::size_t key = end - at - 1 - (text.substr(at, 3) == "%7C" ? 2 : 0);
  if ((at - begin == 15 || at - begin == 16) && begins_word(text, begin) && key >= 27 && key <= 40 &&
      bits_for_random(text.substr(at + 1, end - at - 1)) >= kProviderNamed) {
    out.push_back({begin, end, "Facebook app token", "Facebook app token", Certainty::high, true});
  }
}

/// s. and 24 letters and digits: a token of Vault before version 1.10. `at` is the point.
void vault_token(std::string_view text, std::size_t at, std::vector<Secret>& out) {
  const std::size_t end = end_of_run(text, at + 1, 26);
  const std::string_view value = text.substr(at + 1, end - at - 1);
  const bool member = end < text.size() && is_one_of(text[end], "(.=[:");
  if (value.size() == 24 && begins_word(text, at - 1) && (at < 2 || text[at - 2] != '.') && !member &&
      std::all_of(value.begin(), value.end(), is_alnum) && std::any_of(value.begin(), value.end(), is_digit) &&
      !is_placeholder(value) && bits_for_random(value) >= kSecretNamed) {
    const std::string_view token = text.substr(at - 1, end - at + 1);
    out.push_back(
        {at - 1, end, "Vault service token", masked("Vault service token", token, 4), Certainty::medium, true});
  }
}

/// 32 hexadecimal digits, a point at `at`, and 16 to 24 letters and digits: a key of Zhipu or of Ollama's cloud.
void two_part_key(std::string_view text, std::size_t at, std::vector<Secret>& out) {
  constexpr std::size_t kHead = 32;
  const std::string_view head = text.substr(at - kHead, kHead);
  const std::size_t end = end_of_run(text, at + 1, 25);
  const std::string_view tail = text.substr(at + 1, end - at - 1);
  if (tail.size() >= 16 && tail.size() <= 24 && begins_word(text, at - kHead) &&
      std::all_of(head.begin(), head.end(), is_hex) && entropy(head) >= 3 &&
      std::any_of(tail.begin(), tail.end(), is_digit) && bits_for_random(tail) >= kSecretNamed) {
    out.push_back({at - kHead, end, "a key of two parts", masked("key", text.substr(at - kHead, end - at + kHead), 4),
                   Certainty::medium, true});
  }
}

/// 0., a UUID, and two more parts: an access token of Bitwarden; st. and parts of hexadecimal digits: a token of
/// Infisical. `at` is the first point.
void token_of_safe(std::string_view text, std::size_t at, std::vector<Secret>& out) {
  static const re2::RE2 kRest(
      R"re(^\.[0-9a-f-]{24,36}\.(?:[0-9A-Za-z]{30}:[0-9A-Za-z+/]{22}==|[0-9a-f]{32}\.[0-9a-f]{32}))re");
  const std::size_t begin = at - (text[at - 1] == '0' ? 1 : 2);
  const std::string_view rest = text.substr(at, 140);
  re2::StringPiece match;
  if (begins_word(text, begin) &&
      kRest.Match({rest.data(), rest.size()}, 0, rest.size(), re2::RE2::ANCHOR_START, &match, 1)) {
    out.push_back({begin, at + match.size(), "a token of Bitwarden or Infisical", "token of Bitwarden or Infisical",
                   Certainty::high, true});
  }
}

/// A Discord bot's token: the account's number in base64, the time, the key. `at` is the first point.
void discord_token(std::string_view text, std::size_t at, std::vector<Secret>& out) {
  std::size_t begin = at;
  while (begin > 0 && at - begin < 27 && (is_word(text[begin - 1]) || text[begin - 1] == '-')) {
    --begin;
  }
  const std::size_t time = end_of_run(text, at + 1, 8);
  const std::size_t end = end_of_run(text, at + 8, 40);
  // Base64 of decimal digits begins with M, N or O.
  if (at - begin < 24 || at - begin > 26 || !is_one_of(text[begin], "MNO") || time != at + 7 || end - at - 8 < 27 ||
      end - at - 8 > 38 || bits_for_random(text.substr(begin, end - begin)) < kSecretNamed) {
    return;
  }
  out.push_back({begin, end, "Discord bot token", masked("Discord bot token", text.substr(begin, end - begin), 4),
                 Certainty::high, true});
}

/// pat, 14 letters and digits, a point at `at`, 64 hexadecimal digits: a token of Airtable.
void airtable_token(std::string_view text, std::size_t at, std::vector<Secret>& out) {
  const std::string_view head = text.substr(at - 14, 14);
  const std::string_view key = text.substr(at + 1, 64);
  if (key.size() == 64 && begins_word(text, at - 17) && ends_word(text, at + 65) &&
      std::all_of(head.begin(), head.end(), is_alnum) && std::all_of(key.begin(), key.end(), is_hex) &&
      entropy(key) >= 3.2) {
    const std::string_view token = text.substr(at - 17, 82);
    out.push_back({at - 17, at + 65, "Airtable token", masked("Airtable token", token, 7), Certainty::high, true});
  }
}

}  // namespace

void verify_secret(std::string_view text, const Anchor& anchor, std::size_t at, std::vector<Secret>& out) {
  switch (anchor.family) {
    case AnchorFamily::token:
      return verify_token(text, anchor.index, at, out);
    case AnchorFamily::assigned:
      return verify_assigned(text, anchor.index, at, out);
    case AnchorFamily::secret_name:
      return verify_named(text, anchor.index, at, out);
    case AnchorFamily::secret_form: {
      Forms forms(text, out);
      switch (static_cast<SecretForm>(anchor.index)) {
        case SecretForm::private_key:
          return forms.private_key(at);
        case SecretForm::json_web_token:
          return forms.json_web_token(at);
        case SecretForm::encoded_token:
          return forms.encoded_token(at);
        case SecretForm::address:
          return forms.address(at);
        case SecretForm::curl:
          return forms.curl(at);
        case SecretForm::header:
          return forms.header(at);
        case SecretForm::kubernetes:
          return forms.kubernetes(at);
        case SecretForm::nuget:
          return forms.nuget(at);
        case SecretForm::twilio:
          return forms.twilio(at);
        case SecretForm::artifactory:
          return forms.artifactory(at);
        case SecretForm::token_parts:
          return forms.token_parts(at);
        case SecretForm::command:
          return forms.command(at, anchor.text);
        case SecretForm::argument:
          return forms.argument(at, anchor.text);
        case SecretForm::cookie:
          return forms.cookie(at);
        case SecretForm::json_web_key:
          return forms.json_web_key(at);
        case SecretForm::encoded_text:
          return forms.encoded_text(at);
      }
      return;
    }
    default:
      return;
  }
}

void verify_shaped_secret(std::string_view text, std::size_t at, std::vector<Secret>& out) {
  if (at == 0 || at + 1 >= text.size()) {
    return;
  }
  if (text[at] != '.') {
    if (is_digit(text[at - 1])) {
      facebook_token(text, at, out);
    }
  } else if (at >= 17 && text.substr(at - 17, 3) == "pat") {
    airtable_token(text, at, out);
  } else if (at >= 32 && is_hex(text[at - 1]) && is_hex(text[at - 32]) && is_hex(text[at - 17])) {
    two_part_key(text, at, out);
  } else if (at >= 2 && at + 24 < text.size() && is_hex(text[at + 1]) && is_hex(text[at + 8]) &&
             (text[at - 1] == '0' || text.substr(at - 2, 2) == "st")) {
    token_of_safe(text, at, out);
  } else if (text[at - 1] == 's') {
    vault_token(text, at, out);
  } else if (at + 7 < text.size() && text[at + 7] == '.') {
    discord_token(text, at, out);
  }
}

void find_shaped_secrets(std::string_view text, std::size_t from, std::size_t to, std::vector<Secret>& out) {
  const std::size_t start = from - std::min<std::size_t>(from, 4);
  const std::string_view part = text.substr(start, std::min(text.size(), to + 8) - start);
  for_each_window(part, [&](const Bytes64& bytes, std::ptrdiff_t window, std::size_t first, std::size_t last) {
    for (std::uint64_t wanted = shaped_secrets(bytes) & bits_between(first, last); wanted != 0; wanted &= wanted - 1) {
      const std::size_t at = start + static_cast<std::size_t>(window + std::countr_zero(wanted));
      if (at >= from && at < to) {
        verify_shaped_secret(text, at, out);
      }
    }
  });
}

void settle_secrets(std::vector<Secret>& secrets) {
  std::stable_sort(secrets.begin(), secrets.end(), [](const Secret& a, const Secret& b) { return a.begin < b.begin; });
  std::vector<Secret> kept;
  for (Secret& one : secrets) {
    if (!kept.empty() && one.begin < kept.back().end) {
      const bool surer = one.by_form != kept.back().by_form ? one.by_form : one.certainty > kept.back().certainty;
      if (surer) {
        kept.back() = std::move(one);
      }
    } else {
      kept.push_back(std::move(one));
    }
  }
  secrets = std::move(kept);
}

std::vector<Secret> find_secrets(std::string_view text) {
  constexpr std::size_t kBlock = 1U << 18;
  std::vector<Secret> out;
  std::vector<LiteralHit> hits;
  const LiteralFinder& finder = secret_anchors();
  for (std::size_t from = 0; from < text.size() && out.size() < 10000; from += kBlock) {
    hits.clear();
    finder.find(text.substr(from, kBlock + finder.longest()), hits);
    for (const LiteralHit& hit : hits) {
      if (hit.begin < kBlock) {
        verify_secret(text, anchor(hit.id), from + hit.begin, out);
      }
    }
    find_shaped_secrets(text, from, std::min(text.size(), from + kBlock), out);
  }
  settle_secrets(out);
  return out;
}

}  // namespace inspect
