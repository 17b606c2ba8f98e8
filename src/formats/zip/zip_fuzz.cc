#include "formats/tar/tar.h"
#include "formats/zip/zip.h"

// Members lie within the file and unpack within the limit; so do those of a tar archive of the same bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes bytes(reinterpret_cast<const std::byte*>(data), size);
  constexpr std::uint64_t kMost = 100'000;
  const formats::zip::Archive archive = formats::zip::read(bytes);
  int extracted = 0;
  for (const formats::zip::Entry& entry : archive.entries) {
    if (++extracted > 20) {
      break;
    }
    const formats::zip::Member member = formats::zip::extract(bytes, entry, kMost);
    if (member.unpacked.data.size() > kMost || (member.is_stored && member.stored.size() > size)) {
      __builtin_trap();
    }
  }
  for (const formats::tar::Entry& entry : formats::tar::read(bytes).entries) {
    if (entry.data_offset > size) {
      __builtin_trap();
    }
  }
  for (const auto codec : {formats::compressed::Codec::gzip, formats::compressed::Codec::bzip2,
                           formats::compressed::Codec::xz, formats::compressed::Codec::lz4}) {
    if (formats::compressed::unpack(codec, bytes, kMost).data.size() > kMost) {
      __builtin_trap();
    }
  }
  return 0;
}
