#include "inspect/personal.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "base/text.h"
#include "inspect/byte_masks.h"
#include "inspect/characters.h"
#include "inspect/identity.h"

namespace inspect {
namespace {

/// Source: ISO/IEC 7812-1, annex B.
bool passes_luhn(std::string_view digits) {
  unsigned sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const auto digit = static_cast<unsigned>(digits[digits.size() - 1 - i] - '0');
    sum += i % 2 == 0 ? digit : digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
  }
  return sum % 10 == 0;
}

bool is_card_issuer(std::string_view d) {
  const auto number = [&](std::size_t count) {
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      value = value * 10 + (d[i] - '0');
    }
    return value;
  };
  const std::size_t n = d.size();
  const int two = number(2);
  const int four = number(4);
  return (d[0] == '4' && (n == 16 || n == 13 || n == 19)) ||
         (n == 16 && ((two >= 51 && two <= 55) || (four >= 2221 && four <= 2720))) ||
         ((n == 15 || n == 16) && (two == 34 || two == 37)) ||
         (n == 16 && (four == 6011 || two == 65 || (four >= 6440 && four <= 6499) || two == 62)) ||
         (n == 14 && (two == 36 || two == 38 || (four / 10 >= 300 && four / 10 <= 305))) ||
         (n == 16 && four >= 3528 && four <= 3589) ||
         (n >= 16 && n <= 19 && (two == 50 || four == 6304 || four == 6759 || four == 6761));
}

/// Modulus 11 over the first nine digits. Source: NHS Data Dictionary, NHS NUMBER.
bool is_nhs_number(std::string_view d) {
  if (d.size() != 10 || d == "0123456789" || d == "9876543210" ||
      std::all_of(d.begin(), d.end(), [&](char c) { return c == d[0]; })) {
    return false;
  }
  int sum = 0;
  for (int i = 0; i < 9; ++i) {
    sum += (d[static_cast<std::size_t>(i)] - '0') * (10 - i);
  }
  const int check = 11 - sum % 11;
  return check != 10 && (check == 11 ? 0 : check) == d[9] - '0';
}

/// Source: HMRC's check of the unique taxpayer reference (the first digit checks the nine others).
bool is_taxpayer_reference(std::string_view d) {
  constexpr int kWeights[] = {6, 7, 8, 9, 10, 5, 4, 3, 2};
  int sum = 0;
  for (std::size_t i = 0; i < 9; ++i) {
    sum += (d[i + 1] - '0') * kWeights[i];
  }
  constexpr std::string_view kCheck = "21987654321";
  return d.size() == 10 && d[0] == kCheck[static_cast<std::size_t>(sum % 11)];
}

/// Source: Social Security Administration, "Social Security Number Randomization" (areas and groups never given).
bool is_social_security(std::string_view d) {
  return d.size() == 9 && d.substr(0, 3) != "000" && d.substr(0, 3) != "666" && d[0] != '9' && d.substr(3, 2) != "00" &&
         d.substr(5) != "0000" && d != "078051120" && d != "219099999" && d != "123456789" &&
         !std::all_of(d.begin(), d.end(), [&](char c) { return c == d[0]; });
}

/// Source: HMRC manual NIM39110.
bool is_insurance_number(std::string_view plain) {
  constexpr std::string_view kFirst = "ABCEGHJKLMNOPRSTWXYZ";
  constexpr std::string_view kSecond = "ABCEGHJKLMNPRSTWXYZ";
  const char first = upper(plain[0]);
  const char second = upper(plain[1]);
  if (plain.size() != 9 || !is_one_of(first, kFirst) || !is_one_of(second, kSecond)) {
    return false;
  }
  const std::string pair{first, second};
  const char last = upper(plain[8]);
  return std::all_of(plain.begin() + 2, plain.begin() + 8, is_digit) && last >= 'A' && last <= 'D' && pair != "BG" &&
         pair != "GB" && pair != "NK" && pair != "KN" && pair != "TN" && pair != "NT" && pair != "ZZ";
}

/// Lengths by country. Source: SWIFT, IBAN registry.
std::size_t iban_length(std::string_view country) {
  constexpr std::string_view kLengths =
      "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29ES24FI18FK18FO18FR27GB22"
      "GE22"
      "GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27"
      "MT31"
      "MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22"
      "VG24"
      "XK20YE30";
  for (std::size_t i = 0; i + 4 <= kLengths.size(); i += 4) {
    if (kLengths.substr(i, 2) == country) {
      return static_cast<std::size_t>((kLengths[i + 2] - '0') * 10 + (kLengths[i + 3] - '0'));
    }
  }
  return 0;
}

/// Source: ISO 13616-1 (check digits: ISO/IEC 7064, MOD 97-10).
bool passes_mod97(std::string_view iban) {
  unsigned rest = 0;
  for (std::size_t i = 0; i < iban.size(); ++i) {
    const char c = iban[(i + 4) % iban.size()];
    rest = is_digit(c) ? (rest * 10 + static_cast<unsigned>(c - '0')) % 97
                       : (rest * 100 + static_cast<unsigned>(upper(c) - 'A') + 10) % 97;
  }
  return rest == 1;
}

/// Source: Royal Mail, Programmers' Guide to PAF; areas of the United Kingdom and the islands.
bool is_postcode_area(std::string_view area) {
  constexpr std::string_view kAreas =
      " AB AL B BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX FK "
      "FY G "
      "GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG NN NP NR "
      "NW OL "
      "OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD "
      "WF "
      "WN WR WS WV YO ZE ";
  return kAreas.find(" " + std::string(area) + " ") != std::string_view::npos;
}

/// Where the outward code before `at` (the inward digit) begins, when both make a postcode.
std::optional<std::size_t> postcode_begin(std::string_view text, std::size_t at, bool& spaced) {
  if (at == 0 || at + 3 > text.size()) {
    return std::nullopt;
  }
  constexpr std::string_view kNever = "CIKMOV";
  if (is_one_of(upper(text[at + 1]), kNever) || is_one_of(upper(text[at + 2]), kNever)) {
    return std::nullopt;
  }
  std::size_t end = at;
  spaced = text[end - 1] == ' ';
  end -= spaced ? 1 : 0;
  std::size_t begin = end;
  while (begin > 0 && end - begin < 5 && is_alnum(text[begin - 1])) {
    --begin;
  }
  const std::string_view outward = text.substr(begin, end - begin);
  if (outward.size() < 2 || outward.size() > 4 || (begin > 0 && is_word(text[begin - 1]))) {
    return std::nullopt;
  }
  std::string code;
  for (const char c : outward) {
    code.push_back(upper(c));
  }
  if (code == "GIR") {
    return begin;
  }
  const std::size_t letters = is_alpha(code[1]) ? 2 : 1;
  if (!is_alpha(code[0]) || code.size() <= letters || !is_digit(code[letters]) || code.size() > letters + 2) {
    return std::nullopt;
  }
  return is_postcode_area(std::string_view(code).substr(0, letters)) ? std::optional(begin) : std::nullopt;
}

constexpr std::string_view kVehicleWords =
    "vehicle|registration|reg|number plate|licence plate|license plate|vrm|vrn|car|van";
constexpr std::string_view kPhoneWords =
    "phone|tel|mobile|call|fax|contact|whatsapp|cell|ring|text|sms|telef|telep|téléph|cep|handy|mobiel|móvil|celular|"
    "cellulare";

class Finder {
 public:
  Finder(std::string_view text, std::size_t from, std::size_t to, std::vector<PersonalSpan>& out)
      : text_(text), from_(from), to_(to), out_(out) {}

  void run() {
    // Windows are taken over the part itself; what is verified may read around it.
    const std::size_t lead = from_ < 4 ? from_ : 4;
    const std::size_t start = from_ - lead;
    const std::string_view part = text_.substr(start, std::min(text_.size(), to_ + 8) - start);
    for_each_window(part, [&](const Bytes64& bytes, std::ptrdiff_t window, std::size_t first, std::size_t last) {
      if (!bytes.holds('@', ':', '0', '9')) {
        return;
      }
      const std::uint64_t mine = bits_between(first, last);
      const std::uint64_t digit = bytes.range('0', '9');
      const std::uint64_t at_sign = bytes.equal('@') & mine;
      std::uint64_t wanted = at_sign;
      if (digit != 0) {
        const std::uint64_t dot = bytes.equal('.');
        const std::uint64_t alpha = bytes.range('a', 'z', 0x20);
        const std::uint64_t alnum = alpha | digit;
        const std::uint64_t space = bytes.equal(' ');
        // Characters that JSON writes as \u0e23 are full of digits; what stands behind "\n" begins a word.
        const std::uint64_t slash = bytes.equal('\\');
        const std::uint64_t escape = slash << 1 & bytes.equal('u');
        // The beginning of three digits or more, unless they are the decimals of a number.
        // A second point before is that of a date.
        const std::uint64_t decimals = (dot << 1) & (digit << 2) & ~(dot << 3) & ~((digit << 3) & (dot << 4));
        // A country code, after which digits may stand in pairs.
        const std::uint64_t country = bytes.equal('+') & (digit >> 1) & (digit >> 2);
        const std::uint64_t run =
            digit & ~(digit << 1) & (digit >> 1) & (digit >> 2) & ~decimals & ~(escape << 1) & ~(escape << 2);
        // Two letters and two digits: insurance numbers, IBANs, vehicles.
        const std::uint64_t pair =
            alpha & (alpha >> 1) & (~(alnum << 1) | slash << 2) & ~escape &
            (((digit >> 2) & (digit >> 3)) | (((space | bytes.equal('-')) >> 2) & (digit >> 3) & (digit >> 4)));
        // Digit, point, digit, and a point soon behind: an address of the internet.
        const std::uint64_t address = digit & (dot >> 1) & (digit >> 2) & ((dot >> 3) | (dot >> 4) | (dot >> 5));
        // Digit and two letters that end a word: the second half of a postcode.
        const std::uint64_t inward = digit & (alpha >> 1) & (alpha >> 2) & ~(alnum >> 3) & ((space | alnum) << 1) &
                                     ~(escape << 1) & ~(escape << 2);
        // Three capitals behind digits, or one: the end of a plate of before 2001.
        const std::uint64_t capital = bytes.range('A', 'Z');
        const std::uint64_t word_end = capital & ~(alnum >> 1);
        const std::uint64_t figure = (digit << 1) | ((space << 1) & (digit << 2));
        const std::uint64_t plate = word_end & ((digit << 1) | ((capital << 1) & (capital << 2) & (figure << 2)));
        // Two letters and two digits at the end of a word, a digit before: a Medicare number of the USA.
        const std::uint64_t tail = alpha & (alpha >> 1) & (digit << 1) & (digit >> 2) & (digit >> 3) & ~(alnum >> 4);
        wanted |= (run | pair | address | inward | plate | country | tail) & mine;
      }
      const std::uint64_t colon = bytes.equal(':');
      // Two colons, or four characters between two: an address of version 6.
      const std::uint64_t wide = colon & ((colon >> 1) | (colon << 1) | ((colon >> 5) & ~(colon >> 3))) & mine;
      if (wide != 0) [[unlikely]] {
        const std::uint64_t hex = digit | bytes.range('a', 'f', 0x20);
        // "::" alone is an address too, that of nobody.
        const std::uint64_t word = hex | bytes.range('g', 'z', 0x20) | bytes.equal('_');
        const std::uint64_t alone = (colon >> 1) & ~(word << 1) & ~(word >> 2) & ~(colon >> 2);
        wanted |= wide & ((hex << 1) | (hex >> 1) | (hex >> 2) | alone) & ~(colon << 1);
      }
      while (wanted != 0) {
        const auto bit = static_cast<std::size_t>(std::countr_zero(wanted));
        wanted &= wanted - 1;
        const std::size_t at = start + static_cast<std::size_t>(window + static_cast<std::ptrdiff_t>(bit));
        if (at < done_) {
          continue;
        }
        if ((at_sign >> bit & 1) != 0) {
          email(at);
        } else if (text_[at] == ':') {
          wide_address(at);
        } else if (text_[at] == '+') {
          figures(at + 1);
        } else if (is_alpha(text_[at])) {
          if (is_alnum_at(at + 1)) {
            letters(at);
          } else {
            old_plate(at);
          }
        } else {
          figures(at);
        }
      }
    });
  }

 private:
  void add(std::size_t begin, std::size_t end, PersonalKind kind, Certainty certainty) {
    if (begin >= from_ && begin < to_) {
      out_.push_back({begin, end, kind, certainty});
    }
    done_ = std::max(done_, end);
  }

  /// Whether one of the words, parted by bars, stands in the 60 bytes before `at` or, where `after` is given, the 25
  /// behind it.
  [[nodiscard]] bool near(std::size_t at, std::string_view words, std::size_t after = 0) const {
    const std::size_t begin = at > 60 ? at - 60 : 0;
    const std::string before = base::to_lower(text_.substr(begin, at - begin));
    const std::string behind = after == 0 ? "" : base::to_lower(text_.substr(after, 25));
    while (!words.empty()) {
      const std::size_t bar = words.find('|');
      const std::string_view word = words.substr(0, bar);
      if (says(before, word) || says(behind, word)) {
        return true;
      }
      words = bar == std::string_view::npos ? std::string_view() : words.substr(bar + 1);
    }
    return false;
  }
  /// Whether `word` stands in `text`; one of four letters or less only by itself: "tel" is not in "tells".
  static bool says(std::string_view text, std::string_view word) {
    for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
      const std::size_t end = at + word.size();
      if (word.size() > 4 || ((at == 0 || !is_alpha(text[at - 1])) && (end >= text.size() || !is_alpha(text[end])))) {
        return true;
      }
    }
    return false;
  }
  [[nodiscard]] bool is_whole(std::size_t begin, std::size_t end) const {
    const auto edge = [&](std::size_t at) { return at >= text_.size() || is_one_of(text_[at], "\"',;\t\r\n|"); };
    return (begin == 0 || edge(begin - 1)) && edge(end);
  }
  /// Whether "\\n" or the like, as JSON writes it, ends at `at`.
  [[nodiscard]] bool escape_before(std::size_t at) const {
    return at >= 2 && text_[at - 2] == '\\' && is_one_of(text_[at - 1], "nrt");
  }
  [[nodiscard]] bool bounded(std::size_t begin, std::size_t end) const {
    return (begin == 0 || !is_word(text_[begin - 1]) || escape_before(begin)) &&
           (end >= text_.size() || !is_word(text_[end]));
  }

  void email(std::size_t at) {
    constexpr std::string_view kLocal = "._%+-'";
    std::size_t begin = at;
    while (begin > 0 && at - begin < 64 && (is_alnum(text_[begin - 1]) || is_one_of(text_[begin - 1], kLocal))) {
      --begin;
    }
    // "\n" before an address, in JSON.
    if (begin > 0 && begin < at && text_[begin - 1] == '\\' && is_one_of(text_[begin], "nrt")) {
      ++begin;
    }
    while (begin < at && !is_alnum(text_[begin])) {
      ++begin;
    }
    std::size_t end = at + 1;
    std::size_t dot = 0;
    while (end < text_.size() && end - at < 255 && (is_alnum(text_[end]) || is_one_of(text_[end], ".-"))) {
      dot = text_[end] == '.' && end + 1 < text_.size() && is_alnum(text_[end + 1]) ? end : dot;
      ++end;
    }
    while (end > at + 1 && !is_alnum(text_[end - 1])) {
      --end;
    }
    if (begin == at || dot <= at + 1 || end <= dot + 2 || text_[at + 1] == '.' || text_[at + 1] == '-' ||
        (begin > 0 && is_one_of(text_[begin - 1], "/:@") && text_.substr(begin > 7 ? begin - 7 : 0, 7) != "mailto:")) {
      return;
    }
    const std::string zone = base::to_lower(text_.substr(dot + 1, end - dot - 1));
    const bool letters_only = std::all_of(zone.begin(), zone.end(), is_alpha);
    if ((!letters_only && !zone.starts_with("xn--")) || zone.size() > 24) {
      return;
    }
    for (const std::string_view suffix : {"png", "jpg", "jpeg", "gif", "svg", "webp", "js", "css", "py", "json", "so",
                                          "html", "md", "txt", "pdf", "internal", "local", "lock", "service"}) {
      if (zone == suffix) {
        return;
      }
    }
    const std::string host = base::to_lower(text_.substr(at + 1, end - at - 1));
    const std::string local = base::to_lower(text_.substr(begin, at - begin));
    const auto within = [&](std::string_view name) {
      return host == name ||
             (host.size() > name.size() && host.ends_with(name) && host[host.size() - name.size() - 1] == '.');
    };
    const bool reserved = within("example.com") || within("example.org") || within("example.net") ||
                          within("example") || within("test") || within("invalid") || within("localhost") ||
                          within("domain.com") || within("users.noreply.github.com");
    const bool nobody = local == "git" || local == "noreply" || local == "no-reply" || local == "user" ||
                        local == "you" || local == "name" || local == "email" || local == "info" || local == "support";
    add(begin, end, PersonalKind::email, reserved || nobody ? Certainty::medium : Certainty::high);
  }

  /// Two letters and two digits begin at `at`.
  void letters(std::size_t at) {
    // An insurance number, with or without blanks.
    std::string plain;
    std::size_t end = at;
    while (end < text_.size() && end - at < 14 && plain.size() < 9 &&
           (is_alnum(text_[end]) || (is_one_of(text_[end], " -") && plain.size() >= 2))) {
      if (is_alnum(text_[end])) {
        plain.push_back(text_[end]);
      }
      ++end;
    }
    if (plain.size() == 9 && bounded(at, end) && is_insurance_number(plain)) {
      const bool named = near(at, "insurance|nino|ni no|ni num|n.i.");
      add(at, end, PersonalKind::national_insurance,
          named || is_alpha(text_[at]) ? (upper(text_[at]) == text_[at] || named ? Certainty::high : Certainty::medium)
                                       : Certainty::medium);
      return;
    }
    // Without its last letter, as temporary records have it.
    if (plain.size() >= 8 && all_digits(std::string_view(plain).substr(2, 6)) && !is_alnum_at(at + 8) &&
        all_digits(text_.substr(at + 2, 6)) && is_insurance_number(plain.substr(0, 8) + "A") &&
        near(at, "insurance|nino|ni no|ni num")) {
      add(at, at + 8, PersonalKind::national_insurance, Certainty::medium);
      return;
    }
    if (iban(at)) {
      return;
    }
    // A vehicle since 2001: AB51 ABC.
    std::size_t i = at + 4;
    if (i < text_.size() && text_[at + 2] != ' ') {
      const int age = (text_[at + 2] - '0') * 10 + (text_[at + 3] - '0');
      const bool sign = is_one_of(text_[i], " -");
      i += sign ? 1 : 0;
      if (i + 3 <= text_.size() && is_alpha(text_[i]) && is_alpha(text_[i + 1]) && is_alpha(text_[i + 2]) &&
          bounded(at, i + 3) && ((age >= 2 && age <= 29) || (age >= 51 && age <= 79)) && !never_on_plates(text_[at]) &&
          !never_on_plates(text_[at + 1]) && !never_on_plates(text_[i]) && !never_on_plates(text_[i + 1]) &&
          !never_on_plates(text_[i + 2])) {
        bool shouted = true;
        for (std::size_t k = at; k < i + 3; ++k) {
          shouted = shouted && text_[k] == upper(text_[k]);
        }
        const bool named = near(at, kVehicleWords, i + 3);
        const bool whole = is_whole(at, i + 3);
        if (named || (shouted && sign) || whole) {
          add(at, i + 3, PersonalKind::vehicle_registration,
              named             ? Certainty::high
              : shouted && sign ? Certainty::medium
                                : Certainty::low);
        }
      }
    }
    if (done_ <= at) {
      identity(at, at);
    }
  }

  /// Source: DVLA, INF104 (letters that registrations since 2001 do not have).
  static bool never_on_plates(char c) { return upper(c) == 'I' || upper(c) == 'Q'; }
  static bool all_digits(std::string_view text) { return std::all_of(text.begin(), text.end(), is_digit); }
  [[nodiscard]] bool is_alnum_at(std::size_t at) const { return at < text_.size() && is_alnum(text_[at]); }

  /// A plate of before 2001 that ends with the letter at `at`: A123 BCD or ABC 123D, each also without the blank.
  bool old_plate(std::size_t at) {
    std::size_t begin = at;
    while (begin > 0 && at - begin < 8 && (is_alnum(text_[begin - 1]) || text_[begin - 1] == ' ')) {
      --begin;
    }
    // From the longest word on: the plate may stand behind other words.
    const std::size_t end = at + 1;
    for (std::size_t from = begin; from + 4 < end; ++from) {
      if (!is_alpha(text_[from]) || (from > 0 && (is_word(text_[from - 1]) || is_one_of(text_[from - 1], "-/.")))) {
        continue;
      }
      std::string plain;
      std::size_t blanks = 0;
      for (const char c : text_.substr(from, end - from)) {
        if (c == ' ') {
          ++blanks;
        } else {
          plain.push_back(c);
        }
      }
      const bool parted = blanks == 0 || (blanks == 1 && ((is_alpha(plain[1]) && text_[from + 3] == ' ') ||
                                                          (!is_alpha(plain[1]) && text_[end - 4] == ' ')));
      if (parted && plain.size() >= 5 && plain.size() <= 7 && is_old_plate(plain) && bounded(from, end)) {
        const bool named = near(from, kVehicleWords, end);
        if (named || is_whole(from, end)) {
          add(from, end, PersonalKind::vehicle_registration, named ? Certainty::high : Certainty::low);
          return true;
        }
      }
    }
    return false;
  }

  bool iban(std::size_t at) {
    const std::string country{upper(text_[at]), upper(text_[at + 1])};
    const std::size_t length = iban_length(country);
    if (length == 0 || !is_digit(text_[at + 2])) {
      return false;
    }
    std::string plain;
    std::size_t end = at;
    while (end < text_.size() && plain.size() < length &&
           (is_alnum(text_[end]) ||
            (is_one_of(text_[end], " -") && plain.size() >= 4 && end > at && is_alnum(text_[end - 1])))) {
      if (is_alnum(text_[end])) {
        plain.push_back(text_[end]);
      }
      ++end;
    }
    if (plain.size() != length || (end < text_.size() && is_alnum(text_[end])) || !passes_mod97(plain)) {
      return false;
    }
    add(at, end, PersonalKind::iban, Certainty::high);
    return true;
  }

  /// Digits begin at `at`, or stand there.
  void figures(std::size_t at) {
    // A digit and two letters: a postcode's second half.
    if (at + 2 < text_.size() && is_alpha(text_[at + 1]) && is_alpha(text_[at + 2])) {
      postcode(at);
      return;
    }
    if (text_.substr(at, 4).find('.') != std::string_view::npos && address(at)) {
      return;
    }
    if (at > 0 && is_alpha(text_[at - 1]) && !escape_before(at)) {
      const std::size_t seen = done_;
      coded(at);
      if (done_ == seen) {
        identity(at, at);
      }
      return;
    }
    // The whole group, with its signs.
    constexpr std::string_view kSigns = " -.()/";
    std::size_t begin = at;
    while (begin > 0 && at - begin < 24 && begin > done_) {
      if (is_digit(text_[begin - 1])) {
        --begin;
      } else if (begin >= 2 && is_one_of(text_[begin - 1], kSigns) && is_digit(text_[begin - 2])) {
        begin -= 2;
      } else if (begin >= 3 && is_one_of(text_[begin - 1], kSigns) && is_one_of(text_[begin - 2], ")(") &&
                 is_digit(text_[begin - 3])) {
        begin -= 3;
      } else if (begin >= 3 && text_[begin - 1] == '(' && text_[begin - 2] == ' ' && is_digit(text_[begin - 3])) {
        begin -= 3;
      } else {
        break;
      }
    }
    std::size_t end = at;
    while (end < text_.size() && end - begin < 40) {
      if (is_digit(text_[end])) {
        ++end;
      } else if (end + 1 < text_.size() && is_one_of(text_[end], kSigns) && is_digit(text_[end + 1])) {
        end += 2;
      } else if (end + 2 < text_.size() && is_one_of(text_[end], ")") && is_one_of(text_[end + 1], " -") &&
                 is_digit(text_[end + 2])) {
        end += 3;
      } else if (end + 2 < text_.size() && text_[end] == ' ' && text_[end + 1] == '(' && is_digit(text_[end + 2])) {
        end += 3;
      } else {
        break;
      }
    }
    const std::size_t before = done_;
    number(begin, end);
    if (done_ == before && end - begin >= 6) {
      identity(begin, end);
    }
    if (done_ != before || text_.substr(begin, end - begin).find(' ') == std::string_view::npos) {
      return;
    }
    // Several numbers with a blank between them.
    for (std::size_t from = begin; from < end;) {
      const std::size_t to = std::min(text_.find(' ', from), end);
      if (to - from >= 8 && is_digit(text_[from])) {
        number(from, to);
      }
      from = to + 1;
    }
  }

  /// A run of digits and signs that is one number.
  void number(std::size_t begin, std::size_t end) {
    bool plus = false;
    std::size_t open = begin;
    if (open > 0 && text_[open - 1] == '(') {
      --open;
    }
    if (open > 0 && text_[open - 1] == '+') {
      --open;
      plus = true;
    }
    if (!plus && open != begin && text_.substr(begin, end - begin).find(')') == std::string_view::npos) {
      open = begin;
    }
    std::string digits;
    std::string groups;  // lengths of the groups, one character each
    for (std::size_t i = begin; i < end; ++i) {
      if (is_digit(text_[i])) {
        if (digits.empty() || !is_digit(text_[i - 1])) {
          groups.push_back('0');
        }
        digits.push_back(text_[i]);
        groups.back() = static_cast<char>(std::min(groups.back() + 1, static_cast<int>('z')));
      }
    }
    const std::size_t n = digits.size();
    if (n == 6 && groups.size() == 1 && spaced_licence(begin)) {
      return;
    }
    // A short name is filled up with nines: KHAN9 657054 SM9IJ.
    if (groups.size() == 2 && groups[1] == '6' && begin > 0 && is_alpha(text_[begin - 1]) && spaced_licence(end - 6)) {
      return;
    }
    if (n == 4 && groups.size() == 1) {
      spelled_birthday(begin);
    }
    if (n >= 6 && n < 8 && groups.size() == 3) {
      birthday(begin, end, text_.substr(begin, end - begin));
    }
    if (n < 8) {
      return;
    }
    const bool spaced = groups.size() > 1;
    // Part of a longer word, a number with decimals, a version, a path.
    if ((end < text_.size() && is_word(text_[end])) ||
        (open > 0 && !escape_before(open) &&
         (is_word(text_[open - 1]) || is_one_of(text_[open - 1], "$#/") ||
          (text_[open - 1] == '-' && open > 1 && is_alpha(text_[open - 2]))))) {
      return;
    }
    const std::string_view body = text_.substr(begin, end - begin);
    if (card(open, begin, end, digits, groups) || birthday(begin, end, body)) {
      return;
    }
    const bool plain_signs = body.find_first_of("/") == std::string_view::npos;
    const bool one_sign = groups.size() < 3 || body[first_sign(body)] == body[body.find_last_of(" -.()/")];
    if (!plus && n == 10 && ((groups == "334" && one_sign && body[3] != '.') || !spaced) && is_nhs_number(digits)) {
      const bool named = near(begin, "nhs|patient|health", end);
      if (named || spaced || is_whole(begin, end)) {
        add(begin, end, PersonalKind::nhs_number,
            named    ? Certainty::high
            : spaced ? Certainty::medium
                     : Certainty::low);
        return;
      }
    }
    if (!plus && n == 10 && (!spaced || groups == "55") && is_taxpayer_reference(digits) &&
        near(begin, "utr|taxpayer|self assessment|self-assessment|tax reference|tax ref", end)) {
      add(begin, end, PersonalKind::taxpayer_reference, Certainty::high);
      return;
    }
    if (!plus && n == 9 && is_social_security(digits)) {
      const bool named = near(begin, "ssn|social security|soc sec", end);
      const bool shaped = groups == "324" && body[3] == body[6];
      if ((shaped && (body[3] == '-' || named || is_whole(begin, end))) ||
          ((named || (body.find('-') != std::string_view::npos && !behind_state(begin))) &&
           (groups == "36" || groups == "54")) ||
          (named && !spaced)) {
        add(begin, end, PersonalKind::social_security,
            named || (shaped && body[3] == '-') ? Certainty::high : Certainty::low);
        return;
      }
    }
    if (!plus && n == 9 && (!spaced || groups == "333") &&
        near(begin, "passport|pasport|pasaporte|passeport|reisepass", end)) {
      add(begin, end, PersonalKind::passport, Certainty::medium);
      return;
    }
    if (bank_account(begin, end, body, digits, groups)) {
      return;
    }
    if (plain_signs) {
      phone(open, end, plus, spaced, one_sign, digits, groups);
    }
  }

  /// A number by which another state knows somebody: the digits in [begin, end) as they are grouped, or what they
  /// belong to without blanks.
  static constexpr std::size_t kBehindIdentity = 24;  ///< Bytes behind a number in which its name may stand.

  void identity(std::size_t begin, std::size_t end) {
    std::size_t from = begin;
    std::size_t to = end;
    const auto inner = [&](std::size_t i) {
      return is_one_of(text_[i], "-+.") && i > 0 && i + 1 < text_.size() && is_alnum(text_[i - 1]) &&
             is_alnum(text_[i + 1]);
    };
    while (from > 0 && begin - from < 24 && (is_alnum(text_[from - 1]) || inner(from - 1)) && !escape_before(from)) {
      --from;
    }
    while (to < text_.size() && to - from < 32 && (is_alnum(text_[to]) || inner(to))) {
      ++to;
    }
    if (to - from > 24 || to - from < 8 || !bounded(from, to) || (from > 0 && is_one_of(text_[from - 1], "$#/=&?%")) ||
        (to + 1 < text_.size() && text_[to] == '/' && is_alnum(text_[to + 1]))) {
      return;
    }
    const std::string near = base::to_lower(text_.substr(from > 60 ? from - 60 : 0, std::min<std::size_t>(from, 60))) +
                             '\n' + base::to_lower(text_.substr(to, kBehindIdentity));
    const std::string_view written = text_.substr(from, to - from);
    const std::optional<Identity> found = identity_of(written, near);
    if (!found) {
      return;
    }
    const bool named = found->named;
    const bool alone = from == 0 && to == text_.size();
    const bool lettered = std::any_of(written.begin(), written.end(), is_capital);
    if (named || alone || (found->telling && (lettered || is_whole(from, to)))) {
      add(from, to, PersonalKind::national_identity,
          named            ? Certainty::high
          : found->telling ? Certainty::medium
                           : Certainty::low);
    } else if (found->telling && written.size() >= 11) {
      add(from, to, PersonalKind::national_identity, Certainty::low);  // nothing but check digits speaks for it
    }
  }
  static bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }

  bool card(std::size_t open, std::size_t begin, std::size_t end, const std::string& digits,
            const std::string& groups) {
    const std::size_t n = digits.size();
    if (n < 13 || n > 19 || open != begin) {
      return false;
    }
    const bool shaped = groups == "4444" || groups == "465" || groups == "464" || groups == "44443";
    if ((groups.size() > 1 && !shaped) || !is_card_issuer(digits) || !passes_luhn(digits) ||
        std::all_of(digits.begin() + 1, digits.end(), [&](char c) { return c == digits[1]; })) {
      return false;
    }
    if (shaped) {
      const std::string_view body = text_.substr(begin, end - begin);
      if (body.find_first_of("./()") != std::string_view::npos) {
        return false;
      }
    }
    const bool named = near(begin, "card|visa|master|amex|american express|payment|credit|debit|pan", end);
    add(begin, end, PersonalKind::payment_card, named ? Certainty::high : shaped ? Certainty::medium : Certainty::low);
    return true;
  }

  /// "3rd March 1987" or "March 3, 1987", whose year begins at `at`, where it is said to be the day of birth.
  void spelled_birthday(std::size_t at) {
    constexpr std::string_view kMonths[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                            "jul", "aug", "sep", "oct", "nov", "dec"};
    if (at < 6 || !is_one_of(text_[at - 1], " ,") || (text_[at] != '1' && text_[at] != '2')) {
      return;
    }
    std::size_t begin = at;
    int words = 0;
    bool month = false;
    bool day = false;
    while (begin > 0 && at - begin < 24 && words < 3) {
      std::size_t end = begin;
      while (end > 0 && is_one_of(text_[end - 1], " ,") && begin - end < 2) {
        --end;
      }
      std::size_t word = end;
      while (word > 0 && end - word < 10 && is_alnum(text_[word - 1])) {
        --word;
      }
      const std::string lower = base::to_lower(text_.substr(word, end - word));
      if (lower.size() >= 3 &&
          std::find(std::begin(kMonths), std::end(kMonths), lower.substr(0, 3)) != std::end(kMonths)) {
        month = true;
      } else if (!lower.empty() && is_digit(lower[0]) && lower.size() <= 4) {
        day = true;
      } else if (lower != "of") {
        break;
      }
      begin = word;
      ++words;
    }
    if (month && day && near(begin, "birth|dob|d.o.b|born")) {
      add(begin, at + 4, PersonalKind::date_of_birth, Certainty::high);
    }
  }

  /// A date that is said to be one of birth.
  bool birthday(std::size_t begin, std::size_t end, std::string_view body) {
    if (body.size() < 8 || body.size() > 10) {
      return false;
    }
    const auto number = [](std::string_view part) {
      int value = 0;
      for (const char c : part) {
        value = is_digit(c) ? value * 10 + (c - '0') : 10000;
      }
      return part.empty() ? 10000 : value;
    };
    const std::size_t first = body.find_first_of("-/.");
    const std::size_t second = first == std::string_view::npos ? first : body.find_first_of("-/.", first + 1);
    if (second == std::string_view::npos) {
      return false;
    }
    const int a = number(body.substr(0, first));
    const int b = number(body.substr(first + 1, second - first - 1));
    const int c = number(body.substr(second + 1));
    const bool date = (a >= 1900 && a <= 2030 && b >= 1 && b <= 12 && c >= 1 && c <= 31) ||
                      (c >= 1900 && c <= 2030 && a >= 1 && a <= 31 && b >= 1 && b <= 31 && (a <= 12 || b <= 12));
    if (!date) {
      return false;
    }
    if (near(begin, "birth|dob|d.o.b|born|geboren|geb|né le|née le|nacido|nacida|nato il|nata il")) {
      add(begin, end, PersonalKind::date_of_birth, Certainty::high);
    }
    return true;  // a date, and no telephone
  }

  bool bank_account(std::size_t begin, std::size_t end, std::string_view body, const std::string& digits,
                    const std::string& groups) {
    // Sort code and account in one group, or an account with its sort code near.
    const bool together = (groups == "2228" || groups == "68") && digits.size() == 14;
    const bool alone = groups == "8" && digits.size() == 8;
    if (!together && !alone) {
      return false;
    }
    const bool named = near(begin, "sort code|sort-code|sortcode|sort_code|account|a/c|acct|acc no|bank", end);
    const bool shaped = groups == "2228" && body[2] == body[5] && body[2] != '.';
    if (!named && !shaped) {
      return false;
    }
    const bool sorted = together || near(begin, "sort|s/c", end);
    add(begin, end, PersonalKind::bank_account, named && sorted ? Certainty::high : Certainty::low);
    return true;
  }

  void phone(std::size_t open, std::size_t end, bool plus, bool spaced, bool one_sign, const std::string& digits,
             const std::string& groups) {
    const std::size_t n = digits.size();
    const bool named = near(open, kPhoneWords, end);
    const bool whole = is_whole(open, end);
    if (plus) {
      if (n >= 8 && n <= 15 && digits[0] != '0') {
        add(open, end, PersonalKind::phone, n >= 10 ? Certainty::high : Certainty::medium);
      }
      return;
    }
    std::string_view national = digits;
    if (national.starts_with("0044") && n >= 13) {
      add(open, end, PersonalKind::phone, Certainty::high);
      return;
    }
    if (n == 11 && digits[0] == '0' && is_one_of(digits[1], "12378") && digits[2] != '0') {
      // 07700 900123, 020 7946 0958, 01632 960001.
      const bool mobile = digits[1] == '7' && digits[2] != '0';
      const bool shaped = groups == "56" || groups == "344" || groups == "434" || groups == "533" || groups == "5222" ||
                          groups == "443" || groups == "3344" || groups == "4333";
      if (shaped || named || (whole && !spaced) || (mobile && !spaced)) {
        add(open, end, PersonalKind::phone, named || (shaped && spaced) ? Certainty::high : Certainty::medium);
        return;
      }
      if (groups != "4322") {
        return;
      }
    }
    if (n == 11 && digits.starts_with("02") && groups == "344") {
      add(open, end, PersonalKind::phone, Certainty::high);
      return;
    }
    // Other countries' own way of writing: 0917 123 4567, 0 (312) 123 45 67.
    if ((n == 10 || n == 11) && digits[0] == '0' && digits[1] != '0') {
      const bool shaped = one_sign && (groups == "434" || groups == "4322" || groups == "443" || groups == "334");
      const bool bracket = groups == "1334" || groups == "13322" || groups == "137";
      if (named || shaped || bracket || (whole && !spaced && n == 11)) {
        add(open, end, PersonalKind::phone, named || bracket ? Certainty::medium : Certainty::low);
      }
      return;
    }
    // North America: (212) 555-1234, 212-555-1234, 212.555.1234, with a 1 before.
    const bool one = n == 11 && digits[0] == '1';
    if ((n == 10 || one) && (groups == "334" || groups == "1334" || groups == "37")) {
      const char area = digits[one ? 1 : 0];
      const char exchange = digits[one ? 4 : 3];
      if (area >= '2' && exchange >= '2') {
        const bool bracket = text_[open] == '(';
        const bool dashes = text_.substr(open, end - open).find(' ') == std::string_view::npos;
        if (bracket || (dashes && one_sign) || named) {
          add(open, end, PersonalKind::phone, named || bracket ? Certainty::high : Certainty::medium);
        }
      }
      return;
    }
    if (named && n >= 9 && n <= 13 && groups != "54" && groups != "45" && (digits[0] == '0' || spaced)) {
      add(open, end, PersonalKind::phone, Certainty::medium);
    } else if (groups == "3322" && one_sign) {
      add(open, end, PersonalKind::phone, Certainty::low);
    }
  }

  /// Whether two capitals stand before `at`, as the state does before a ZIP code of the USA.
  [[nodiscard]] bool behind_state(std::size_t at) const {
    const auto capital = [&](std::size_t i) { return is_alpha(text_[i]) && upper(text_[i]) == text_[i]; };
    return at >= 3 && text_[at - 1] == ' ' && capital(at - 2) && capital(at - 3);
  }
  static std::size_t first_sign(std::string_view body) { return body.find_first_of(" -.()/"); }

  /// MORGA 657054 SM9IJ, whose six digits begin at `at`.
  bool spaced_licence(std::size_t at) {
    if (at < 6 || at + 12 > text_.size() || text_[at - 1] != ' ' || text_[at + 6] != ' ') {
      return false;
    }
    std::string plain(text_.substr(at - 6, 5));
    plain.append(text_.substr(at, 6)).append(text_.substr(at + 7, 5));
    if (!std::all_of(plain.begin(), plain.end(), is_alnum) || !is_driving_licence(plain) || !bounded(at - 6, at + 12)) {
      return false;
    }
    add(at - 6, at + 12, PersonalKind::driving_licence, Certainty::high);
    return true;
  }

  /// Letters stand before the digits: a driving licence or a passport.
  void coded(std::size_t at) {
    std::size_t begin = at;
    while (begin > 0 && at - begin < 17 && is_alnum(text_[begin - 1])) {
      --begin;
    }
    std::size_t end = at;
    while (end < text_.size() && end - begin < 20 && is_alnum(text_[end])) {
      ++end;
    }
    const std::string_view word = text_.substr(begin, end - begin);
    if (!bounded(begin, end)) {
      return;
    }
    if (word.size() == 16 && is_driving_licence(word)) {
      add(begin, end, PersonalKind::driving_licence, Certainty::high);
    } else if (word.size() == 9 && is_alpha(word[0]) && is_alpha(word[1]) &&
               std::all_of(word.begin() + 2, word.end(), is_digit)) {
      const bool named = near(begin, "passport");
      if (named || is_whole(begin, end)) {
        add(begin, end, PersonalKind::passport, named ? Certainty::high : Certainty::low);
      }
    } else if (word.size() >= 5 && word.size() <= 7 && near(begin, kVehicleWords, end)) {
      if (is_old_plate(word)) {
        add(begin, end, PersonalKind::vehicle_registration, Certainty::medium);
      }
    }
  }

  /// Prefix (A123 BCD) and suffix (ABC 123D) plates, without the blank.
  static bool is_old_plate(std::string_view word) {
    const bool capital = std::none_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; });
    const bool small = std::none_of(word.begin(), word.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
    if (!capital && !small) {
      return false;
    }
    std::size_t letters_first = 0;
    while (letters_first < word.size() && is_alpha(word[letters_first])) {
      ++letters_first;
    }
    std::size_t digits = letters_first;
    while (digits < word.size() && is_digit(word[digits])) {
      ++digits;
    }
    const std::size_t letters_last = word.size() - digits;
    const std::size_t count = digits - letters_first;
    const auto never = [](char c) { return is_one_of(upper(c), "IQUZ"); };
    return count >= 1 && count <= 3 &&
           std::all_of(word.begin() + static_cast<std::ptrdiff_t>(digits), word.end(), is_alpha) &&
           ((letters_first == 1 && letters_last == 3 && !never(word[0])) ||
            (letters_first == 3 && letters_last == 1 && !never(word.back())));
  }

  /// Five of the surname padded with nines, birth date with the sex in the month, initials, check. Source: DVLA, format
  /// of the driver number.
  static bool is_driving_licence(std::string_view word) {
    std::size_t letters = 0;
    while (letters < 5 && is_alpha(word[letters])) {
      ++letters;
    }
    for (std::size_t i = letters; i < 5; ++i) {
      if (word[i] != '9') {
        return false;
      }
    }
    if (letters == 0 || !std::all_of(word.begin() + 5, word.begin() + 11, is_digit)) {
      return false;
    }
    const int month = (word[6] - '0') * 10 + (word[7] - '0');
    const int day = (word[8] - '0') * 10 + (word[9] - '0');
    return ((month >= 1 && month <= 12) || (month >= 51 && month <= 62)) && day >= 1 && day <= 31 &&
           is_alpha(word[11]) && (is_alpha(word[12]) || word[12] == '9') && is_alnum(word[13]) && is_alpha(word[14]) &&
           is_alpha(word[15]);
  }

  void postcode(std::size_t at) {
    bool spaced = false;
    const auto begin = postcode_begin(text_, at, spaced);
    const std::size_t end = at + 3;
    if (!begin || (end < text_.size() && is_word(text_[end]))) {
      return;
    }
    bool shouted = true;
    for (std::size_t i = *begin; i < end; ++i) {
      shouted = shouted && text_[i] == upper(text_[i]);
    }
    const bool named =
        near(*begin, "postcode|post code|postal|address|live|street|road|lane|avenue| st |sent to|send to", end);
    const bool said = !shouted && near(*begin, "postcode|post code");
    if (said) {
      add(*begin, end, PersonalKind::postcode, Certainty::medium);
    } else if ((shouted && spaced) || (named && shouted) || is_whole(*begin, end)) {
      add(*begin, end, PersonalKind::postcode,
          named && shouted && spaced ? Certainty::high
          : shouted && spaced        ? Certainty::medium
                                     : Certainty::low);
    }
  }

  /// An address of version 6 around the colon at `at`.
  void wide_address(std::size_t at) {
    const auto is_part = [](char c) {
      return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' || c == '.';
    };
    std::size_t begin = at;
    while (begin > 0 && at - begin < 40 && is_part(text_[begin - 1])) {
      --begin;
    }
    std::size_t end = at;
    while (end < text_.size() && end - begin < 46 && is_part(text_[end])) {
      ++end;
    }
    while (end > begin && text_[end - 1] == '.') {
      --end;
    }
    if (end > begin + 2 && text_[end - 1] == ':' && text_[end - 2] != ':') {
      --end;
    }
    const std::string word(text_.substr(begin, end - begin));
    std::array<unsigned char, 16> parsed{};
    if (word.size() < 2 || !bounded(begin, end) || inet_pton(AF_INET6, word.c_str(), parsed.data()) != 1) {
      return;
    }
    if (word == "::") {  // two colons have other uses
      const bool network = end + 1 < text_.size() && text_[end] == '/' && is_digit(text_[end + 1]);
      const bool value = begin > 0 && text_[begin - 1] == '=' && (end >= text_.size() || is_space(text_[end]));
      if (!network && !value && !is_whole(begin, end)) {
        if ((end < text_.size() && !is_space(text_[end])) || !near(begin, "unspecified|ip|addr|address|listen|bind")) {
          return;
        }
      }
    }
    // One's own network, and what is kept for manuals.
    const bool own = parsed[0] == 0 || parsed[0] >= 0xFC || base::to_lower(word).starts_with("2001:db8");
    add(begin, end, PersonalKind::ip_address, own ? Certainty::low : Certainty::medium);
  }

  /// An address of version 4: `at` is the last digit of a number before a point.
  bool address(std::size_t at) {
    std::size_t begin = at;
    while (begin > 0 && at - begin < 3 && is_digit(text_[begin - 1])) {
      --begin;
    }
    if (begin > 0 && (is_word(text_[begin - 1]) || is_one_of(text_[begin - 1], ".-"))) {
      return false;
    }
    std::size_t i = begin;
    std::array<int, 4> parts{};
    for (std::size_t part = 0; part < 4; ++part) {
      const std::size_t from = i;
      while (i < text_.size() && is_digit(text_[i]) && i - from < 4) {
        parts[part] = parts[part] * 10 + (text_[i++] - '0');
      }
      if (i == from || i - from > 3 || parts[part] > 255 || (i - from > 1 && text_[from] == '0')) {
        return false;
      }
      if (part < 3) {
        if (i >= text_.size() || text_[i] != '.') {
          return false;
        }
        ++i;
      }
    }
    if ((i < text_.size() && (is_word(text_[i]) || text_[i] == '-')) ||
        (i + 1 < text_.size() && text_[i] == '.' && is_digit(text_[i + 1]))) {
      return false;
    }
    // Networks of one's own and addresses that are nobody's say nothing of a person; versions look the same.
    const bool own = parts[0] == 10 || parts[0] == 127 || parts[0] == 0 || parts[0] >= 224 ||
                     (parts[0] == 192 && parts[1] == 168) || (parts[0] == 172 && parts[1] >= 16 && parts[1] <= 31) ||
                     (parts[0] == 169 && parts[1] == 254) || (parts[0] == 255);
    const bool version = near(begin, "version|ver|release|section|clause");
    // Numbers of sections and drawings are small; of addresses one in forty is.
    const bool small = std::all_of(parts.begin(), parts.end(), [](int part) { return part < 100; });
    const bool doubtful = own || version || (small && !near(begin, "ip|addr|address|host|server|client|dns|login", i));
    add(begin, i, PersonalKind::ip_address, doubtful ? Certainty::low : Certainty::medium);
    return true;
  }

  std::string_view text_;
  std::size_t from_;
  std::size_t to_;
  std::vector<PersonalSpan>& out_;
  std::size_t done_ = 0;
};

}  // namespace

std::string_view plural(PersonalKind kind) {
  constexpr std::string_view kNames[] = {"e-mail addresses",
                                         "telephone numbers",
                                         "UK National Insurance numbers",
                                         "NHS numbers",
                                         "UK postcodes",
                                         "UK passport numbers",
                                         "driving licence numbers",
                                         "UK taxpayer references",
                                         "UK bank accounts",
                                         "IBANs",
                                         "payment card numbers",
                                         "US social security numbers",
                                         "IP addresses",
                                         "dates of birth",
                                         "UK vehicle registrations",
                                         "national identity numbers"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string_view to_string(PersonalKind kind) {
  constexpr std::string_view kNames[] = {"email",        "phone",         "national-insurance",   "nhs-number",
                                         "postcode",     "passport",      "driving-licence",      "taxpayer-reference",
                                         "bank-account", "iban",          "payment-card",         "social-security",
                                         "ip-address",   "date-of-birth", "vehicle-registration", "national-identity"};
  return kNames[static_cast<std::size_t>(kind)];
}

void find_personal_data(std::string_view text, std::size_t from, std::size_t to, std::vector<PersonalSpan>& out) {
  const std::size_t first = out.size();
  Finder(text, from, std::min(to, text.size()), out).run();
  std::sort(out.begin() + static_cast<std::ptrdiff_t>(first), out.end(),
            [](const PersonalSpan& a, const PersonalSpan& b) { return a.begin < b.begin; });
  std::size_t kept = first;
  for (std::size_t i = first; i < out.size(); ++i) {
    if (kept == first || out[i].begin >= out[kept - 1].end) {
      out[kept++] = out[i];
    } else if (out[i].certainty > out[kept - 1].certainty) {
      out[kept - 1] = out[i];
    }
  }
  out.resize(kept);
}

std::vector<PersonalSpan> find_personal_data(std::string_view text) {
  std::vector<PersonalSpan> out;
  find_personal_data(text, 0, text.size(), out);
  return out;
}

}  // namespace inspect
