#include "inspect/identity.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>

#include "inspect/characters.h"

namespace inspect {
namespace {

int digit(std::string_view text, std::size_t at) {
  return text[at] - '0';
}

int number(std::string_view text, std::size_t at, std::size_t count) {
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    value = value * 10 + digit(text, i);
  }
  return value;
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

int weighted(std::string_view text, std::initializer_list<int> weights) {
  int sum = 0;
  std::size_t at = 0;
  for (const int weight : weights) {
    sum += weight * digit(text, at++);
  }
  return sum;
}

bool passes_luhn(std::string_view text) {
  int sum = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int value = digit(text, text.size() - 1 - i) * (i % 2 == 0 ? 1 : 2);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 == 0;
}

/// Source: Verhoeff 1969 (the dihedral group of ten).
bool passes_verhoeff(std::string_view text) {
  const auto times = [](int a, int b) {
    return a < 5 ? (b < 5 ? (a + b) % 5 : 5 + (a + b) % 5) : (b < 5 ? 5 + (a - b + 5) % 5 : (a - b + 5) % 5);
  };
  constexpr std::array<int, 10> kTurn = {1, 5, 7, 6, 2, 8, 3, 0, 9, 4};
  int check = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    int value = digit(text, text.size() - 1 - i);
    for (std::size_t k = 0; k < i % 8; ++k) {
      value = kTurn[static_cast<std::size_t>(value)];
    }
    check = times(check, value);
  }
  return check == 0;
}

/// Source: ISO/IEC 7064, MOD 11,10.
bool passes_mod11_10(std::string_view text) {
  int rest = 10;
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    rest = (rest + digit(text, i)) % 10;
    rest = (rest == 0 ? 10 : rest) * 2 % 11;
  }
  return (rest == 1 ? 0 : 11 - rest) == digit(text, text.size() - 1);
}

bool is_date(int month, int day) {
  return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/// Six digits, year first.
bool starts_with_year(std::string_view d) {
  return is_date(number(d, 2, 2), number(d, 4, 2));
}
/// Six digits, day first.
bool starts_with_day(std::string_view d) {
  return is_date(number(d, 2, 2), number(d, 0, 2));
}

struct Written {
  std::string plain;  ///< Letters in upper case and digits.
  std::string shape;  ///< D, L, and the signs between.
};

using Check = bool (*)(const Written&);

bool polish(const Written& w) {
  int month = number(w.plain, 2, 2) % 20;
  return is_date(month, number(w.plain, 4, 2)) && weighted(w.plain, {1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1}) % 10 == 0;
}
bool turkish(const Written& w) {
  const std::string& d = w.plain;
  const int odd = digit(d, 0) + digit(d, 2) + digit(d, 4) + digit(d, 6) + digit(d, 8);
  const int even = digit(d, 1) + digit(d, 3) + digit(d, 5) + digit(d, 7);
  return d[0] != '0' && (odd * 7 - even + 100) % 10 == digit(d, 9) && (odd + even + digit(d, 9)) % 10 == digit(d, 10);
}
bool german_tax(const Written& w) {
  // Of the first ten digits one at most stands twice or three times, the others once.
  std::array<int, 10> counts{};
  for (std::size_t i = 0; i < 10; ++i) {
    ++counts[static_cast<std::size_t>(digit(w.plain, i))];
  }
  const auto repeated = std::count_if(counts.begin(), counts.end(), [](int count) { return count > 1; });
  return w.plain[0] != '0' && repeated <= 1 && *std::max_element(counts.begin(), counts.end()) <= 3 &&
         passes_mod11_10(w.plain);
}
bool german_insurance(const Written& w) {
  const std::string& d = w.plain;
  const int letter = d[8] - 'A' + 1;
  const std::array<int, 12> weights = {2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1};
  const std::array<int, 12> values = {digit(d, 0), digit(d, 1), digit(d, 2), digit(d, 3), digit(d, 4), digit(d, 5),
                                      digit(d, 6), digit(d, 7), letter / 10, letter % 10, digit(d, 9), digit(d, 10)};
  int sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const int product = values[i] * weights[i];
    sum += product / 10 + product % 10;
  }
  return is_date(number(d, 4, 2), (number(d, 2, 2) - 1) % 50 + 1) && sum % 10 == digit(d, 11);
}
bool belgian(const Written& w) {
  const long first = std::stol(w.plain.substr(0, 9));
  const int check = number(w.plain, 9, 2);
  return (number(w.plain, 2, 2) % 20 <= 12) &&
         (97 - first % 97 == check || 97 - (2'000'000'000L + first) % 97 == check);
}
bool norwegian(const Written& w) {
  const std::string& d = w.plain;
  const int day = number(d, 0, 2) % 40;
  return is_date(number(d, 2, 2) % 40, day) && weighted(d, {3, 7, 6, 1, 8, 9, 4, 5, 2, 1}) % 11 == 0 &&
         weighted(d, {5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1}) % 11 == 0;
}
bool baltic(const Written& w) {
  const std::string& d = w.plain;
  int check = weighted(d, {1, 2, 3, 4, 5, 6, 7, 8, 9, 1}) % 11;
  if (check == 10) {
    check = weighted(d, {3, 4, 5, 6, 7, 8, 9, 1, 2, 3}) % 11 % 10;
  }
  return d[0] >= '1' && d[0] <= '6' && is_date(number(d, 3, 2), number(d, 5, 2)) && check == digit(d, 10);
}
bool croatian(const Written& w) {
  return passes_mod11_10(w.plain);
}
bool nigerian(const Written& w) {
  return passes_verhoeff(w.plain);
}
bool french(const Written& w) {
  const long long first = std::stoll(w.plain.substr(0, 13));
  const int month = number(w.plain, 3, 2);
  return (w.plain[0] == '1' || w.plain[0] == '2') && (month <= 12 || (month >= 20 && month <= 42)) &&
         97 - first % 97 == number(w.plain, 13, 2);
}
bool romanian(const Written& w) {
  const std::string& d = w.plain;
  const int check = weighted(d, {2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9}) % 11;
  return d[0] != '0' && is_date(number(d, 3, 2), number(d, 5, 2)) && (check == 10 ? 1 : check) == digit(d, 12);
}
bool thai(const Written& w) {
  const int sum = weighted(w.plain, {13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2});
  return w.plain[0] >= '1' && w.plain[0] <= '8' && (11 - sum % 11) % 10 == digit(w.plain, 12);
}
bool south_african(const Written& w) {
  return starts_with_year(w.plain) && w.plain[10] <= '2' && passes_luhn(w.plain);
}
bool korean(const Written& w) {
  return starts_with_year(w.plain) && w.plain[6] >= '1' && w.plain[6] <= '8';
}
bool indian(const Written& w) {
  return w.plain[0] >= '2' && passes_verhoeff(w.plain);
}
bool swiss(const Written& w) {
  int sum = 0;
  for (std::size_t i = 0; i < 12; ++i) {
    sum += digit(w.plain, i) * (i % 2 == 0 ? 1 : 3);
  }
  return w.plain.starts_with("756") && (10 - sum % 10) % 10 == digit(w.plain, 12);
}
bool swedish(const Written& w) {
  const std::string d = w.plain.size() == 12 ? w.plain.substr(2) : w.plain;
  const int day = number(d, 4, 2);
  return (w.plain.size() == 10 || w.plain.starts_with("18") || w.plain.starts_with("19") ||
          w.plain.starts_with("20")) &&
         is_date(number(d, 2, 2), day > 60 ? day - 60 : day) && passes_luhn(d);
}
bool danish(const Written& w) {
  return starts_with_day(w.plain);
}
bool bulgarian(const Written& w) {
  return is_date(number(w.plain, 2, 2) % 20, number(w.plain, 4, 2)) &&
         weighted(w.plain, {2, 4, 8, 5, 10, 9, 7, 3, 6}) % 11 % 10 == digit(w.plain, 9);
}
bool austrian(const Written& w) {
  const std::string& d = w.plain;
  return is_date(number(d, 6, 2) % 13, number(d, 4, 2)) && d[0] != '0' &&
         (weighted(d, {3, 7, 9, 0, 5, 8, 4, 2, 1, 6})) % 11 == digit(d, 3);
}
bool australian_medicare(const Written& w) {
  return w.plain[0] >= '2' && w.plain[0] <= '6' &&
         weighted(w.plain, {1, 3, 7, 9, 1, 3, 7, 9}) % 10 == digit(w.plain, 8);
}
bool canadian(const Written& w) {
  return w.plain[0] != '0' && w.plain[0] != '8' && passes_luhn(w.plain);
}
bool australian_tax(const Written& w) {
  return weighted(w.plain, {1, 4, 3, 7, 5, 8, 6, 9, 10}) % 11 == 0;
}
bool dutch(const Written& w) {
  return weighted(w.plain, {9, 8, 7, 6, 5, 4, 3, 2, -1}) % 11 == 0;
}
bool portuguese(const Written& w) {
  const int check = 11 - weighted(w.plain, {9, 8, 7, 6, 5, 4, 3, 2}) % 11;
  return is_one_of(w.plain[0], "123") && (check > 9 ? 0 : check) == digit(w.plain, 8);
}
bool american_taxpayer(const Written& w) {
  const int group = number(w.plain, 3, 2);
  return w.plain[0] == '9' &&
         ((group >= 50 && group <= 65) || (group >= 70 && group <= 99 && group != 89 && group != 93));
}
bool finnish(const Written& w) {
  constexpr std::string_view kChecks = "0123456789ABCDEFHJKLMNPRSTUVWXY";
  const int value = number(w.plain, 0, 6) * 1000 + number(w.plain, w.plain.size() - 4, 3);
  return starts_with_day(w.plain) && kChecks[static_cast<std::size_t>(value % 31)] == w.plain.back();
}
bool spanish(const Written& w) {
  constexpr std::string_view kLetters = "TRWAGMYFPDXBNJZSQVHLCKE";
  std::string d = w.plain;
  if (!is_digit(d[0])) {
    d[0] = static_cast<char>('0' + (d[0] - 'X'));
    if (w.plain[0] < 'X') {
      return false;
    }
  }
  return kLetters[static_cast<std::size_t>(number(d, 0, d.size() - 1) % 23)] == d.back();
}
bool irish(const Written& w) {
  constexpr std::string_view kLetters = "WABCDEFGHIJKLMNOPQRSTUV";
  int sum = weighted(w.plain, {8, 7, 6, 5, 4, 3, 2});
  if (w.plain.size() == 9) {
    sum += 9 * (w.plain[8] == 'W' ? 0 : w.plain[8] - 'A' + 1);
  }
  return kLetters[static_cast<std::size_t>(sum % 23)] == w.plain[7];
}
bool singaporean(const Written& w) {
  int sum = 0;
  constexpr std::array<int, 7> kWeights = {2, 7, 6, 5, 4, 3, 2};
  for (std::size_t i = 0; i < 7; ++i) {
    sum += kWeights[i] * digit(w.plain, i + 1);
  }
  const char kind = w.plain[0];
  const bool citizen = kind == 'S' || kind == 'T';
  if (!citizen && kind != 'F' && kind != 'G' && kind != 'M') {
    return false;
  }
  sum += kind == 'T' || kind == 'G' ? 4 : kind == 'M' ? 3 : 0;
  const std::size_t place = static_cast<std::size_t>(sum % 11);
  const std::string_view letters = citizen ? "JZIHGFEDCBA" : kind == 'M' ? "XWUTRQPNJLK" : "XWUTRQPNMLK";
  return letters[kind == 'M' ? 10 - place : place] == w.plain[8] || letters[place] == w.plain[8];
}
bool indian_tax(const Written& w) {
  return is_one_of(w.plain[3], "ABCFGHJLPT");
}
bool italian(const Written& w) {
  constexpr std::string_view kMonths = "ABCDEHLMPRST";
  constexpr std::array<int, 36> kOdd = {1,  0,  5, 7, 9,  13, 15, 17, 19, 21, 1,  0,  5,  7,  9,  13, 15, 17,
                                        19, 21, 2, 4, 18, 20, 11, 3,  6,  8,  12, 14, 16, 10, 22, 25, 24, 23};
  int sum = 0;
  for (std::size_t i = 0; i < 15; ++i) {
    const char c = w.plain[i];
    const int value = is_digit(c) ? c - '0' : c - 'A';
    sum += i % 2 == 1 ? value : kOdd[static_cast<std::size_t>(is_digit(c) ? value : value + 10)];
  }
  return is_one_of(w.plain[8], kMonths) && 'A' + sum % 26 == w.plain[15];
}
/// The forms alone, as samples have them whose check letter or kind of holder is invented.
bool italian_form(const Written& w) {
  return is_one_of(w.plain[8], "ABCDEHLMPRST");
}
bool any(const Written&) {
  return true;
}
bool american_medicare(const Written& w) {
  const auto letter = [&](std::size_t at) { return !is_digit(w.plain[at]) && !is_one_of(w.plain[at], "SLOIBZ"); };
  return w.plain[0] != '0' && letter(1) && letter(4) && letter(7) && letter(8);
}

struct Form {
  std::string_view shape;  ///< D digit, L letter, A either; signs as they are.
  Check check;
  bool telling;
  bool signed_too;  ///< There is a shape with signs.
  std::string_view name;
  std::string_view words;
};

// A shape without signs fits digits however they are grouped; one with signs only as it stands.
constexpr Form kForms[] = {
    {"LLLLLLDDLDDLDDDL", italian, true, false, "Italian codice fiscale", "codice fiscale|fiscal code|tax code"},
    {"LLLLLLDDLDDLDDDL", italian_form, false, false, "Form of an Italian codice fiscale",
     "codice fiscale|fiscal code|tax code"},
    {"DDDDDDDDLDDD", german_insurance, true, false, "German insurance number",
     "versicherung|rvnr|social security|insurance"},
    {"DDDDDD-DDDA", finnish, true, true, "Finnish personal code", "henkilötunnus|hetu|personal identity"},
    {"DDDDDD+DDDA", finnish, true, true, "Finnish personal code", "henkilötunnus|hetu|personal identity"},
    {"DDDDDDLDDDA", finnish, true, true, "Finnish personal code", "henkilötunnus|hetu|personal identity"},
    {"DDDDDDDDL", spanish, true, true, "Spanish DNI or NIE", "dni|nie|nif|identidad"},
    {"DDDDDDDD-L", spanish, true, true, "Spanish DNI or NIE", "dni|nie|nif|identidad"},
    {"LDDDDDDDL", spanish, true, true, "Spanish DNI or NIE", "dni|nie|nif|identidad"},
    {"L-DDDDDDD-L", spanish, true, true, "Spanish DNI or NIE", "dni|nie|nif|identidad"},
    {"LDDDDDDD-L", spanish, true, true, "Spanish DNI or NIE", "dni|nie|nif|identidad"},
    {"DDDDDDDL", spanish, false, true, "Spanish DNI or NIE", "dni|nie|nif|identidad"},
    {"DD.DDD.DDD-L", spanish, true, true, "Spanish DNI or NIE", "dni|nie|nif|identidad"},
    {"LDDDDDDDL", singaporean, true, false, "Singaporean NRIC", "nric|fin|identity"},
    {"DDDDDDDL", irish, true, false, "Irish PPS number", "pps|ppsn|personal public"},
    {"DDDDDDDLL", irish, true, false, "Irish PPS number", "pps|ppsn|personal public"},
    {"LLLLLDDDDL", indian_tax, true, false, "Indian PAN", "pan|permanent account|income tax"},
    {"LLLLLDDDDL", any, false, false, "Form of an Indian PAN", "pan|permanent account|income tax"},
    {"DLADLADLLDD", american_medicare, true, true, "US Medicare number", "medicare|mbi|beneficiary"},
    {"DLAD-LAD-LLDD", american_medicare, true, true, "US Medicare number", "medicare|mbi|beneficiary"},
    {"DDD.DDDD.DDDD.DD", swiss, true, true, "Swiss AHV number", "ahv|avs|sozialversicherung|social security"},
    {"DDDDDDDDDDDDD", swiss, true, true, "Swiss AHV number", "ahv|avs|sozialversicherung|social security"},
    {"DDDDDDDDDDDDDDD", french, true, false, "French NIR", "nir|insee|sécurité sociale|social security|vitale"},
    {"DDDDDD-DDDDDDD", korean, true, true, "Korean registration number",
     "주민|외국인|resident registration|rrn|frn|registration number|korean"},
    {"DDDDDD-DDDD", swedish, true, true, "Swedish personal number",
     "personnummer|personal number|personal identity|samordning|pnr|swedish"},
    {"DDDDDD+DDDD", swedish, true, true, "Swedish personal number",
     "personnummer|personal number|personal identity|samordning|pnr|swedish"},
    {"DDDDDDDD-DDDD", swedish, true, true, "Swedish personal number",
     "personnummer|personal number|personal identity|samordning|pnr|swedish"},
    {"DDD-DD-DDDD", american_taxpayer, true, true, "US ITIN", "itin|taxpayer"},
    {"DDDDDDDDDDD", polish, false, false, "Polish PESEL", "pesel"},
    {"DDDDDDDDDDD", turkish, true, false, "Turkish identity number", "kimlik|tckn|tc no|t.c.|turkish"},
    {"DDDDDDDDDDD", norwegian, true, false, "Norwegian national identity number",
     "fødselsnummer|fnr|personnummer|national id"},
    {"DDDDDDDDDDD", german_tax, true, false, "German tax number", "steuer|tax id|tin|idnr"},
    {"DDDDDDDDDDD", baltic, false, false, "Estonian or Lithuanian personal code", "isikukood|asmens|personal code"},
    {"DDDDDDDDDDD", belgian, false, false, "Belgian national number",
     "rijksregister|registre national|national number|niss|insz"},
    {"DDDDDDDDDDD", croatian, false, false, "Croatian OIB", "oib"},
    {"DDDDDDDDDDD", nigerian, false, false, "Nigerian NIN", "nin|national identification|national identity"},
    {"DDDDDDDDDDDDD", south_african, false, false, "South African identity number",
     "south african|id number|identity|rsa id|sa id|resident|refugee|citizen"},
    {"DDDDDDDDDDDDD", thai, false, false, "Thai identity number",
     "thai|tnin|บัตรประชาชน|ประจำตัว|national id|id card|identification|citizen"},
    {"DDDDDDDDDDDDD", romanian, false, false, "Romanian CNP", "cnp|cod numeric"},
    {"DDDDDDDDDDDDD", korean, false, false, "Korean registration number",
     "주민|외국인|resident registration|rrn|frn|registration number|korean"},
    {"DDDDDDDDDDDD", indian, false, false, "Indian Aadhaar number", "aadhaar|aadhar|uidai|uid"},
    {"DDDDDDDDDDDD", swedish, false, false, "Swedish personal number",
     "personnummer|personal number|personal identity|samordning|pnr|swedish"},
    {"DDDDDDDDDD", swedish, false, false, "Swedish personal number",
     "personnummer|personal number|personal identity|samordning|pnr|swedish"},
    {"DDDDDD-DDDD", danish, false, true, "Danish CPR number", "cpr|personnummer"},
    {"DDDDDDDDDD", danish, false, true, "Danish CPR number", "cpr|personnummer"},
    {"DDDDDDDDDD", bulgarian, false, false, "Bulgarian EGN", "egn|егн"},
    {"DDDDDDDDDD", austrian, false, false, "Austrian insurance number", "svnr|sozialversicherung|versicherung"},
    {"DDDDDDDDDD", australian_medicare, false, false, "Australian Medicare number", "medicare"},
    {"DDD-DDD-DDD", canadian, false, true, "Canadian social insurance number",
     "sin|social insurance|sins|nas|assurance sociale"},
    {"DDDDDDDDD", canadian, false, false, "Canadian social insurance number",
     "sin|social insurance|sins|nas|assurance sociale"},
    {"DDDDDDDDD", australian_tax, false, false, "Australian tax file number", "tfn|tax file"},
    {"DDDDDDDDD", dutch, false, false, "Dutch BSN", "bsn|burgerservice|sofi"},
    {"DDDDDDDDD", portuguese, false, false, "Portuguese NIF", "nif|contribuinte|fiscal"},
    {"DDDDDDDDD", american_taxpayer, false, false, "US ITIN", "itin|taxpayer"},
};

bool has_shape(std::string_view shape, std::string_view wanted) {
  return shape.size() == wanted.size() && std::equal(shape.begin(), shape.end(), wanted.begin(), [](char a, char b) {
           return a == b || (b == 'A' && (a == 'D' || a == 'L'));
         });
}

bool says_one(std::string_view text, std::string_view words) {
  while (!words.empty()) {
    const std::size_t bar = words.find('|');
    const std::string_view word = words.substr(0, bar);
    for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
      const std::size_t end = at + word.size();
      if (word.size() > 4 || ((at == 0 || !is_alpha(text[at - 1])) && (end >= text.size() || !is_alpha(text[end])))) {
        return true;
      }
    }
    words = bar == std::string_view::npos ? std::string_view() : words.substr(bar + 1);
  }
  return false;
}

}  // namespace

std::optional<Identity> identity_of(std::string_view written, std::string_view near) {
  if (written.size() < 8 || written.size() > 24) {
    return std::nullopt;
  }
  Written w;
  std::string bare;  // the shape without signs
  for (const char c : written) {
    const char kind = is_digit(c) ? 'D' : is_alpha(c) ? 'L' : c;
    w.shape.push_back(kind);
    if (kind == 'D' || kind == 'L') {
      w.plain.push_back(upper(c));
      bare.push_back(kind);
    }
  }
  if (w.plain.size() < 8 || std::all_of(w.plain.begin(), w.plain.end(), [&](char c) { return c == w.plain[0]; })) {
    return std::nullopt;
  }
  const bool signs = w.shape.size() != bare.size();
  const bool digits_only = all_digits(w.plain);
  const Form* best = nullptr;
  bool best_named = false;
  for (const Form& form : kForms) {
    if (form.shape.size() != w.shape.size() && form.shape.size() != bare.size()) {
      continue;
    }
    const bool plain = form.shape.find_first_of("-+.") == std::string_view::npos;
    if (!has_shape(plain && digits_only ? bare : w.shape, form.shape) || !form.check(w)) {
      continue;
    }
    const bool named = says_one(near, form.words);
    if (best == nullptr || (named && !best_named) || (named == best_named && form.telling && !best->telling)) {
      best = &form;
      best_named = named;
    }
  }
  if (best == nullptr) {
    return std::nullopt;
  }
  // Digits grouped by signs that are not those of the form are something else, unless their name stands near.
  if (!best_named && digits_only && w.shape.find_first_of("-+") != std::string::npos &&
      best->shape.find_first_of("-+") == std::string_view::npos) {
    return std::nullopt;
  }
  return Identity{best->name, best_named, best->telling && (!signs || best->signed_too)};
}

}  // namespace inspect
