#include "scan/pickle/cost.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <span>

#include "scan/pickle/callables.h"

namespace scan {
namespace {

using formats::pickle::Global;
using formats::pickle::Kind;
using formats::pickle::Machine;
using formats::pickle::Value;

constexpr std::uint64_t kEndless = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t kDearElements = 100'000'000;
constexpr std::uint64_t kDearBytes = 1ULL << 30;
constexpr std::uint64_t kDearExponent = 1'000'000;
constexpr std::size_t kDearDigits = 100'000;
constexpr int kMaxDepth = 16;

bool is_any(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::uint64_t times(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? kEndless : product;
}
std::uint64_t plus(std::uint64_t a, std::uint64_t b) {
  return a > kEndless - b ? kEndless : a + b;
}

bool is_integer(Value value) {
  return value.kind() == Kind::integer;
}
/// A number of things; those beyond 64 bits count as without end, those below 0 as none.
std::uint64_t count_of(const Machine& machine, Value value) {
  const auto number = machine.integer(value);
  return number ? static_cast<std::uint64_t>(std::max<std::int64_t>(*number, 0)) : kEndless;
}

std::uint64_t length_of_range(const Machine& machine, std::span<const Value> given) {
  if (given.empty() || !std::all_of(given.begin(), given.end(), is_integer)) {
    return 0;
  }
  const auto number = [&](std::size_t at) {
    return static_cast<__int128>(machine.integer(given[at]).value_or(std::numeric_limits<std::int64_t>::max()));
  };
  const __int128 begin = given.size() > 1 ? number(0) : 0;
  const __int128 end = number(given.size() > 1 ? 1 : 0);
  const __int128 step = given.size() > 2 ? number(2) : 1;
  const __int128 length = step == 0 ? 0 : (end - begin) / step;
  return static_cast<std::uint64_t>(std::clamp<__int128>(length, 0, kEndless));
}

/// Of n things, how many arrangements of r: n (n - 1) … over r factors, divided by r! where their order does not count.
std::uint64_t arrangements(std::uint64_t n, std::uint64_t r, bool ordered) {
  std::uint64_t out = 1;
  for (std::uint64_t i = 0; i < r && i < n && out < kDearElements; ++i) {
    out = times(out, n - i) / (ordered ? 1 : i + 1);
  }
  return r > n ? 0 : out;
}

std::uint64_t addresses_in(std::string_view network) {
  const unsigned bits = network.find(':') == std::string_view::npos ? 32 : 128;
  const std::size_t slash = network.find('/');
  unsigned prefix = bits;
  if (slash != std::string_view::npos) {
    std::from_chars(network.data() + slash + 1, network.data() + network.size(), prefix);
  }
  const unsigned free_bits = bits - std::min(prefix, bits);
  return free_bits >= 64 ? kEndless : 1ULL << free_bits;
}

/// How many elements going over a value gives, as far as constants tell; 0 where they do not.
std::uint64_t elements(const Machine& machine, Value value, int depth = 0) {
  if (value.kind() != Kind::call && value.kind() != Kind::object) {
    return value.kind() >= Kind::list && value.kind() <= Kind::frozen_set ? machine.size(value) : 0;
  }
  const Global* maker = machine.maker(value);
  const std::span<const Value> given = machine.items(machine.arguments(value));
  if (maker == nullptr || given.empty() || depth > kMaxDepth) {
    return maker != nullptr && maker->module == "itertools" && maker->name == "count" ? kEndless : 0;
  }
  const std::string module = canonical_module(maker->module);
  const std::string_view name = maker->name;
  const auto of = [&](std::size_t at) { return at < given.size() ? elements(machine, given[at], depth + 1) : 0; };
  if (module == "builtins" && name == "range") {
    return length_of_range(machine, given);
  }
  if (module == "ipaddress" && is_any(name, {"ip_network", "IPv4Network", "IPv6Network"})) {
    return addresses_in(machine.text(given[0]).value_or(""));
  }
  if (module == "itertools") {
    if (name == "count" || name == "cycle") {
      return kEndless;
    }
    if (name == "repeat") {
      return given.size() > 1 ? count_of(machine, given[1]) : kEndless;
    }
    if (name == "islice" && given.size() > 1) {
      const Value stop = given[given.size() == 2 ? 1 : 2];
      return is_integer(stop) ? std::min(of(0), count_of(machine, stop)) : of(0);
    }
    if (is_any(name, {"permutations", "combinations", "combinations_with_replacement"})) {
      return arrangements(of(0), given.size() > 1 ? count_of(machine, given[1]) : of(0), name == "permutations");
    }
    if (name == "product" || name == "chain" || name == "zip_longest" || name == "izip_longest") {
      std::uint64_t out = name == "product" ? 1 : 0;
      for (std::size_t i = 0; i < given.size(); ++i) {
        out = name == "product" ? times(out, of(i)) : name == "chain" ? plus(out, of(i)) : std::max(out, of(i));
      }
      return out;
    }
    return of(0);
  }
  if (module == "builtins" && name == "zip") {
    std::uint64_t out = kEndless;
    for (std::size_t i = 0; i < given.size(); ++i) {
      out = std::min(out, of(i));
    }
    return out;
  }
  const bool passes_on =
      module == "builtins" && is_any(name, {"iter", "enumerate", "reversed", "list", "tuple", "set", "frozenset"});
  return passes_on ? of(0) : 0;
}

/// The exponent of a decimal number in text: that of "1e999" is 999.
std::uint64_t exponent_in(std::string_view text) {
  const std::size_t at = text.find_first_of("eE");
  if (at == std::string_view::npos) {
    return 0;
  }
  const char* begin = text.data() + at + 1;
  const char* end = text.data() + text.size();
  begin += begin < end && (*begin == '+' || *begin == '-') ? 1 : 0;
  std::uint64_t out = 0;
  return std::from_chars(begin, end, out).ec == std::errc::result_out_of_range ? kEndless : out;
}

/// A number that is written in a few digits and has millions: int(Decimal("1e999999999")).
bool is_dear_number(const Machine& machine, bool whole_number, Value value) {
  const Global* maker = value.kind() == Kind::call ? machine.maker(value) : nullptr;
  if (maker != nullptr && maker->name == "Decimal") {
    const std::span<const Value> given = machine.items(machine.arguments(value));
    return given.size() == 1 && exponent_in(machine.text(given[0]).value_or("")) > kDearExponent;
  }
  if (value.kind() != Kind::text) {
    return false;
  }
  return whole_number ? machine.raw(value).size() > kDearDigits
                      : exponent_in(machine.text(value).value_or("")) > kDearExponent;
}

}  // namespace

std::optional<std::string> dear_call(const Machine& machine, std::string_view module, std::string_view name,
                                     Value arguments) {
  const std::span<const Value> given = machine.items(arguments);
  if (given.empty()) {
    return std::nullopt;
  }
  const Value first = given[module == "array" && given.size() > 1 ? 1 : 0];
  const bool builtin = module == "builtins";
  if ((builtin && name == "int") || (module == "fractions" && name == "Fraction")) {
    return is_dear_number(machine, builtin, first)
               ? std::optional(std::string(name) + " of a number of a great many digits")
               : std::nullopt;
  }
  if (builtin && (name == "bytes" || name == "bytearray") && is_integer(first)) {
    return count_of(machine, first) > kDearBytes ? std::optional(std::string(name) + " of more than 1 GiB of zeros")
                                                 : std::nullopt;
  }
  const bool takes_all =
      (builtin && is_any(name, {"list", "tuple", "set", "frozenset", "dict", "bytes", "bytearray"})) ||
      ((module == "collections" || module == "_collections") && is_any(name, {"deque", "Counter", "OrderedDict"})) ||
      module == "array";
  if (!takes_all || (first.kind() != Kind::call && first.kind() != Kind::object)) {
    return std::nullopt;
  }
  const std::uint64_t count = elements(machine, first);
  if (count <= kDearElements) {
    return std::nullopt;
  }
  return std::string(name) + (count == kEndless ? " of something without end" : " of more than 100 million elements");
}

}  // namespace scan
