#include "scan/weights/weights.h"

#include "formats/gguf/gguf.h"
#include "formats/numpy/numpy.h"
#include "formats/safetensors/safetensors.h"
#include "scan/pickle/judge_pickle.h"
#include "scan/template/template.h"

namespace scan {
namespace {

bool judge_safetensors(const Content& content, Collector& out) {
  out.format(content.format);
  const auto header = formats::safetensors::parse(content.bytes);
  if (!header) {
    out.unreadable("safetensors-defect", header.error(), content.path);
    return true;
  }
  for (const auto& defect : header->defects) {
    out.add("safetensors-defect", {content.path, byte_place(defect.offset), defect.offset, 0, defect.text,
                                   "The header breaks the format: " + defect.text + "."});
  }
  for (const auto& [key, value] : header->metadata) {
    if (key.find("template") != std::string::npos) {
      judge_template(value, content.path, 8, 0, out);
    }
  }
  return true;
}

bool judge_gguf(const Content& content, Collector& out) {
  out.format(content.format);
  const auto file = formats::gguf::parse(content.bytes);
  if (!file) {
    out.unreadable("gguf-defect", file.error(), content.path);
    return true;
  }
  for (const auto& defect : file->defects) {
    out.add("gguf-defect", {content.path, byte_place(defect.offset), defect.offset, 0, defect.text,
                            "The file breaks the format: " + defect.text + "."});
  }
  for (const auto& one : file->templates) {
    judge_template(one.text, content.path, one.offset, 0, out);
  }
  return true;
}

bool judge_numpy(const Content& content, Collector& out) {
  out.format(content.format);
  const auto header = formats::numpy::parse(content.bytes);
  if (!header) {
    out.unreadable("numpy-defect", header.error(), content.path);
    return true;
  }
  const auto data = content.bytes.subspan(static_cast<std::size_t>(header->data_offset));
  if (header->has_objects) {
    out.add("numpy-objects", {content.path, byte_place(header->data_offset), header->data_offset, 0,
                              "array of type " + std::string(header->type), ""});
    judge_pickle(data, content.path + "!objects", PickleUse::stream, content.depth + 1, out);
    return true;
  }
  std::uint64_t size = header->item_bytes;
  bool fits = true;
  for (const std::uint64_t extent : header->shape) {
    fits = fits && !__builtin_mul_overflow(size, extent, &size);
  }
  if (!fits || (header->item_bytes != 0 && size > data.size())) {
    out.add("numpy-defect", {content.path, byte_place(header->data_offset), header->data_offset, 0,
                             "shape and type need more data than there is", ""});
  }
  return true;
}

}  // namespace

std::span<const Reading> weights_readings() {
  static constexpr Reading kReadings[] = {
      {"safetensors", Need::believed, judge_safetensors},
      {"gguf", Need::any, judge_gguf},
      {"numpy", Need::any, judge_numpy},
  };
  return kReadings;
}

}  // namespace scan
