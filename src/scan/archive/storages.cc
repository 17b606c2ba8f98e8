#include <memory>
#include <optional>
#include <string>

#include "formats/pickle/machine.h"
#include "scan/archive/member.h"

namespace scan {
namespace {

using formats::pickle::Kind;
using formats::pickle::Machine;
using formats::pickle::Opcode;
using formats::pickle::Place;
using formats::pickle::Value;

/// Bytes of one element, by the class of the storage.
std::optional<std::uint64_t> element_bytes(std::string_view name) {
  constexpr std::pair<std::string_view, std::uint64_t> kTypes[] = {
      {"DoubleStorage", 8}, {"FloatStorage", 4},  {"HalfStorage", 2},           {"BFloat16Storage", 2},
      {"LongStorage", 8},   {"IntStorage", 4},    {"ShortStorage", 2},          {"CharStorage", 1},
      {"ByteStorage", 1},   {"BoolStorage", 1},   {"ComplexDoubleStorage", 16}, {"ComplexFloatStorage", 8},
      {"QInt8Storage", 1},  {"QUInt8Storage", 1}, {"QInt32Storage", 4},         {"UntypedStorage", 1}};
  for (const auto& [type, bytes] : kTypes) {
    if (type == name) {
      return bytes;
    }
  }
  return std::nullopt;
}

/// Listens for ('storage', type, key, location, elements) only.
class Listener final : public formats::pickle::Observer {
 public:
  void on_global(const Machine&, std::uint64_t, Place) override {}
  void on_computed_global(const Machine&, Value, Value, Place) override {}
  void on_extension(const Machine&, std::uint64_t, Place) override {}
  void on_call(const Machine&, Opcode, Value, Value, Value, Place) override {}
  void on_build(const Machine&, Value, Value, Place) override {}
  void on_mutation(const Machine&, Opcode, Value, Place) override {}
  void on_nested(const Machine&, base::Bytes, Place) override {}
  void on_expensive(const Machine&, std::string_view, Place) override {}
  void on_persistent(const Machine& machine, Value id, Place place) override {
    const std::span<const Value> parts = machine.items(id);
    if (id.kind() != Kind::tuple || parts.size() < 5 || machine.text(parts[0]).value_or("") != "storage" ||
        parts[1].kind() != Kind::global || claims.size() >= 1'000'000) {
      return;
    }
    const formats::pickle::Global* type = machine.maker(parts[1]);
    const auto key = machine.text(parts[2]);
    const auto elements = machine.integer(parts[4]);
    const auto width = type == nullptr ? std::nullopt : element_bytes(type->name);
    std::uint64_t bytes = 0;
    if (key && elements && width && *elements >= 0 &&
        !__builtin_mul_overflow(static_cast<std::uint64_t>(*elements), *width, &bytes)) {
      claims.push_back({*key, bytes, place.offset});
    } else if (key && elements && width) {
      claims.push_back({*key, UINT64_MAX, place.offset});  // a number of elements that no storage has
    }
  }

  std::vector<StorageClaim> claims;
};

}  // namespace

std::vector<StorageClaim> storage_claims(base::Bytes data_pkl) {
  Listener listener;
  const auto machine = std::make_unique<Machine>(data_pkl, formats::pickle::Limits{});
  (void)machine->run(0, false, listener);
  return std::move(listener.claims);
}

}  // namespace scan
