#include "formats/compressed/compressed.h"

// The first byte chooses the codec. A decoder keeps its limit, uses no more than it was given, gives the same twice,
// and with a lower limit gives a beginning of the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using formats::compressed::Codec;
  constexpr Codec kCodecs[] = {Codec::gzip,       Codec::zlib, Codec::deflate,     Codec::bzip2,
                               Codec::xz,         Codec::lzip, Codec::lzma,        Codec::lz4,
                               Codec::lz4_legacy, Codec::zstd, Codec::joblib_zfile};
  if (size < 1) {
    return 0;
  }
  const Codec codec = kCodecs[data[0] % std::size(kCodecs)];
  const base::Bytes packed(reinterpret_cast<const std::byte*>(data) + 1, size - 1);
  constexpr std::uint64_t kMost = 1U << 20;
  const formats::compressed::Unpacked whole = formats::compressed::unpack(codec, packed, kMost);
  const formats::compressed::Unpacked part = formats::compressed::unpack(codec, packed, 100);
  if (whole.data.size() > kMost || part.data.size() > 100 || whole.consumed > packed.size() ||
      !whole.data.starts_with(part.data) || (whole.data.size() > 100 && !part.problem)) {
    __builtin_trap();
  }
  (void)formats::compressed::gzip_name(packed);
  return 0;
}
