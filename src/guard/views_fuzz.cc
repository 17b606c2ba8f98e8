// Any bytes: every byte of every view leads back into the text, and a score lies between 0 and 1 with its place inside.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "guard/model.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const guard::Model& model = guard::Model::built_in();
  for (const guard::View& view : guard::views_of(text, model.bigrams())) {
    if (view.text.size() != view.offsets.size()) {
      std::abort();
    }
    for (const std::uint32_t offset : view.offsets) {
      if (offset >= size) {
        std::abort();
      }
    }
  }
  const guard::Score score = model.score(text);
  if (!(score.value >= 0 && score.value <= 1) || score.begin > score.end || score.end > size) {
    std::abort();
  }
  return 0;
}
