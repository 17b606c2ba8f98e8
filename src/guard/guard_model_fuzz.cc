// A model file that parses is written back as the same bytes.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "guard/model.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto model = guard::Model::parse(base::as_bytes(bytes));
  if (model && model->to_bytes() != bytes) {
    std::abort();
  }
  return 0;
}
