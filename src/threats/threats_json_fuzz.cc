#include <cstdint>
#include <string_view>

#include "threats/render.h"

// What is read as a model is written and read back to the same one, and draws.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto model = threats::model_from_json({reinterpret_cast<const char*>(data), size});
  if (!model) {
    return 0;
  }
  const auto again = threats::model_from_json(threats::render_json(*model, {}));
  if (!again || again->threats != model->threats || again->elements != model->elements) {
    __builtin_trap();
  }
  (void)threats::render_diagram(*model, "x");
  return 0;
}
