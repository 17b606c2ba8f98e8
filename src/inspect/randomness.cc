#include "inspect/randomness.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "inspect/characters.h"

namespace inspect {
namespace {

/// Bits of a letter (column) behind another (row) in words, in steps of 0.4 (0 to 9, a to z): counted over the distinct
/// words of the sources of Python's standard library and of free licences, each with the logarithm of its frequency.
constexpr std::string_view kPairs =
    "mcablidlcqg8a9ocp7a6fghhfp"
    "8ede8ikk9cm6fg9eoaaf9opock"
    "8oeh8jl8csaagi6imbe8cjmrgw"
    "9fgc4fil6llchg9imcafbiklhp"
    "bia8edfkipkbc8idg779kfgcip"
    "akfe88jn5rqaih7hn9ccankofv"
    "akgh4jda9pobeachz99ebikrlk"
    "5khf5jnk8ziffg6lvcfbdomzgo"
    "cdaccdcsmrlab59epc99odtgvd"
    "8tdg5htkatchjl7ftgbk6tltht"
    "aiee4gde7mkakcefke7eemcyhy"
    "8jgc5hlm6ql9kh8gsjccdjnraq"
    "6ckf5joo8sjfci98zkbfcnpviq"
    "9la98d7kbnffjfbgmj97eemqjr"
    "gebakfemgqfba6dax7bbaecimn"
    "7kgg7gjfazj9ki8bn7cadmitdx"
    "fjgghkmojmuekehkddbi1lluuu"
    "8jdd5hem8tgfce8gwc9aehjqev"
    "clbh6hhb8pgeghcbkh96akines"
    "8keg5hoa6soegiafp8acdkincl"
    "cacfbdfpcvm9a6fat898lprmtq"
    "6hgo3ijl7zpjgicirhhjlhknnn"
    "6jfd8gla7omdka9hl9ahklghzp"
    "be9d8ajf9ypddie7yfe6hilcel"
    "eedeaegjaypca9c6qd88jfekgh"
    "8mgh2gmg8vvghiagvigglvlvhj";
static_assert(kPairs.size() == 26 * 26);
constexpr double kStep = 0.4;
constexpr double kMostBits = 9;  ///< A pair that words never have is no proof by itself.

// Bits that a written text takes for what is no pair of letters of one word.
constexpr double kDigitBehindDigit = 3.8;
constexpr double kDigitBehindLetter = 8.3;
constexpr double kLetterBehindDigit = 7.7;
constexpr double kNextWord = 7.5;  ///< An upper case letter behind a lower case one.
constexpr double kSameWord = 0.3;

double bits_of_pair(char a, char b) {
  const char code = kPairs[static_cast<std::size_t>(upper(a) - 'A') * 26 + static_cast<std::size_t>(upper(b) - 'A')];
  const int steps = is_digit(code) ? code - '0' : code - 'a' + 10;
  return std::min(steps * kStep, kMostBits) + kSameWord;
}

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

}  // namespace

double bits_for_random(std::string_view value) {
  bool digits = false;
  bool lower = false;
  bool capital = false;
  bool hex = true;
  for (const char c : value) {
    digits = digits || is_digit(c);
    lower = lower || is_lower(c);
    capital = capital || (is_alpha(c) && !is_lower(c));
    hex = hex && (is_hex(c) || c == '-');
  }
  const int alphabet = hex ? 16 : (digits ? 10 : 0) + (lower ? 26 : 0) + (capital ? 26 : 0);
  if (alphabet == 0) {
    return 0;
  }
  const double drawn = std::log2(alphabet);
  double bits = 0;
  for (std::size_t i = 1; i < value.size(); ++i) {
    const char a = value[i - 1];
    const char b = value[i];
    if (!is_alnum(a) || !is_alnum(b)) {
      continue;
    }
    const double written = is_digit(a)                   ? is_digit(b) ? kDigitBehindDigit : kLetterBehindDigit
                           : is_digit(b)                 ? kDigitBehindLetter
                           : is_lower(a) && !is_lower(b) ? kNextWord
                                                         : bits_of_pair(a, b);
    bits += written - drawn;
  }
  return bits;
}

}  // namespace inspect
