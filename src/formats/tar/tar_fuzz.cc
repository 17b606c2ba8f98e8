#include "formats/tar/sparse.h"
#include "formats/tar/tar.h"

// What the reader tells lies within the file, no header is read twice, and only so much is told as the file can hold.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes content(reinterpret_cast<const std::byte*>(data), size);
  const formats::tar::Archive archive = formats::tar::read(content, 1000);
  for (const formats::tar::Entry& entry : archive.entries) {
    if (entry.header_offset + 512 > size || entry.data_offset > size || entry.bytes > size - entry.data_offset) {
      if (!entry.is_link() && (entry.is_file() || entry.bytes == 0)) {
        __builtin_trap();
      }
    }
    constexpr std::uint64_t kMaxFilled = 1U << 20;
    const auto filled = formats::tar::fill(entry, content, kMaxFilled);
    if (filled && (filled->size() > kMaxFilled || filled->size() != entry.map.file_bytes)) {
      __builtin_trap();
    }
  }
  if (archive.entries.size() > size / 512 || archive.end > size || archive.problem_offset > size) {
    __builtin_trap();
  }
  return 0;
}
