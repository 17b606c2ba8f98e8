#include "formats/hdf5/hdf5.h"

// Every view lies within the file, every index is one of an object, and paths end.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes content{reinterpret_cast<const std::byte*>(data), size};
  formats::hdf5::Limits limits;
  limits.max_steps = 100'000;
  limits.max_objects = 10'000;
  limits.max_values = 10'000;
  const auto file = formats::hdf5::parse(content, limits);
  if (!file) {
    return 0;
  }
  const auto inside = [&](const void* begin, std::size_t bytes) {
    const auto* from = static_cast<const std::byte*>(begin);
    return bytes == 0 || (from >= content.data() && from + bytes <= content.data() + content.size());
  };
  bool good = !file->objects.empty() || !file->unread.empty();
  for (const auto& attribute : file->attributes) {
    good = good && attribute.object < file->objects.size() && inside(attribute.data.data(), attribute.data.size());
    for (const std::string_view value : attribute.values) {
      good = good && inside(value.data(), value.size());
    }
  }
  for (std::uint32_t i = 0; i < file->objects.size(); ++i) {
    const auto& object = file->objects[i];
    good = good && object.parent <= i && inside(object.data.data(), object.data.size());
    for (const std::string_view value : object.values) {
      good = good && inside(value.data(), value.size());
    }
    good = good && file->path_of(i).size() < 6000;
  }
  for (const auto& link : file->links) {
    good = good && link.group < file->objects.size();
  }
  for (const base::Bytes value : file->heap_values) {
    good = good && inside(value.data(), value.size());
  }
  if (!good) {
    __builtin_trap();
  }
  return 0;
}
