#include "formats/sentencepiece/sentencepiece.h"

// Texts lie within the input, and those of the map within the map.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes bytes(reinterpret_cast<const std::byte*>(data), size);
  const auto inside = [&](std::string_view text) {
    const char* begin = reinterpret_cast<const char*>(data);
    if (!text.empty() && (text.data() < begin || text.data() + text.size() > begin + size)) {
      __builtin_trap();
    }
  };
  if (const auto model = formats::sentencepiece::parse(bytes)) {
    for (const auto& piece : model->pieces) {
      inside(piece.text);
    }
    inside(model->normalizer.rules);
    (void)formats::sentencepiece::rules_defect(model->normalizer.rules);
    inside(formats::sentencepiece::rules_texts(model->normalizer.rules));
  }
  (void)formats::sentencepiece::looks_like_model(bytes);
  return 0;
}
