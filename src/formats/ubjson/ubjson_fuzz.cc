#include "formats/ubjson/ubjson.h"

// Views lie within the input, and what was read ends where it says.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const char* begin = reinterpret_cast<const char*>(data);
  formats::ubjson::Limits limits;
  limits.max_values = 100'000;
  const auto document = formats::ubjson::parse({reinterpret_cast<const std::byte*>(data), size}, limits);
  if (!document) {
    return 0;
  }
  if (document->length > size) {
    __builtin_trap();
  }
  std::vector<const formats::ubjson::Value*> open{&document->root};
  while (!open.empty()) {
    const auto* one = open.back();
    open.pop_back();
    if (!one->text.empty() && (one->text.data() < begin || one->text.data() + one->text.size() > begin + size)) {
      __builtin_trap();
    }
    for (std::uint64_t i = 0; i < one->size() && i < 100; ++i) {
      (void)one->integer_at(i);
    }
    for (const auto& inner : one->list) {
      open.push_back(&inner);
    }
    for (const auto& [key, inner] : one->map) {
      open.push_back(&inner);
    }
  }
  return 0;
}
