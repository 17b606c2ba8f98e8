#include "formats/xml/xml.h"

namespace {
// Elements end in the order in which they began.
struct Balance final : formats::xml::Visitor {
  void element(std::string_view /*space*/, std::string_view name,
               const std::vector<formats::xml::Attribute>& /*attributes*/, std::uint64_t /*offset*/) override {
    open.emplace_back(name);
  }
  void end(std::string_view name) override {
    if (open.empty() || open.back() != name) {
      __builtin_trap();
    }
    open.pop_back();
  }
  std::vector<std::string> open;
};
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes bytes(reinterpret_cast<const std::byte*>(data), size);
  Balance balance;
  const auto document = formats::xml::read(bytes, balance);
  if (document.problems.empty() && !balance.open.empty()) {
    __builtin_trap();
  }
  (void)formats::xml::root(bytes);
  return 0;
}
