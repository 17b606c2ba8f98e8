#include "formats/compressed/compressed.h"

#include <bzlib.h>
#include <lz4.h>
#include <lz4frame.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstddef>

namespace formats::compressed {
namespace {

using base::Bytes;
using base::Errc;
using base::Error;

constexpr std::size_t kChunk = 1U << 16;
constexpr std::uint64_t kDecoderMemory = 256U << 20;  // dictionary of xz and lzma streams

/// Beyond this size, a stream that unpacks to more than this many times its own is a bomb and not data.
constexpr std::uint64_t kBombBytes = 64U << 20;
constexpr std::uint64_t kBombRatio = 500;

/// A frame without content, of Zstandard and LZ4 alike.
bool is_skippable(Bytes in) {
  return in.size() >= 8 && (in[0] & std::byte{0xF0}) == std::byte{0x50} && in[1] == std::byte{0x2A} &&
         in[2] == std::byte{0x4D} && in[3] == std::byte{0x18};
}

/// What one step of a decoder did.
enum class Step : std::uint8_t { more, end, failed, starved };

/// Feeds a decoder until its stream ends; `again` says whether another may follow. The decoder reads from `in` and
/// writes to `out`, and advances both.
template <class Decode, class Restart>
Unpacked drive(Bytes bytes, std::uint64_t max_bytes, Decode decode, Restart restart) {
  Unpacked result;
  std::array<char, kChunk> buffer;  // filled by the decoder
  Bytes left = bytes;
  while (true) {
    const std::size_t before = left.size();
    std::size_t written = 0;
    const Step step = decode(left, buffer.data(), buffer.size(), written);
    result.consumed += before - left.size();
    if (result.data.size() + written > max_bytes) {
      result.data.append(buffer.data(), static_cast<std::size_t>(max_bytes - result.data.size()));
      result.problem = Error{Errc::too_large, "unpacked size: above the limit", result.consumed};
      return result;
    }
    result.data.append(buffer.data(), written);
    if (result.data.size() > kBombBytes && result.data.size() / kBombRatio > result.consumed) {
      result.problem = Error{Errc::too_large, "unpacked size: far above what the stream can hold", result.consumed};
      return result;
    }
    if (step == Step::end) {
      const std::size_t behind = left.size();
      const bool again = !left.empty() && restart(left);
      result.consumed += behind - left.size();
      if (!again) {
        return result;
      }
    } else if (step == Step::failed) {
      result.problem = Error{Errc::malformed, "compressed stream: damaged", result.consumed};
      return result;
    } else if (step == Step::starved || (written == 0 && before == left.size())) {
      result.problem = Error{Errc::truncated, "compressed stream: ends early", result.consumed};
      return result;
    }
  }
}

Unpacked unpack_zlib(Bytes bytes, std::uint64_t max_bytes, int window_bits, bool members) {
  z_stream stream{};
  if (inflateInit2(&stream, window_bits) != Z_OK) {
    Unpacked failed;
    failed.problem = Error{Errc::io, "zlib: no memory"};
    return failed;
  }
  Unpacked result = drive(
      bytes, max_bytes,
      [&](Bytes& in, char* out, std::size_t room, std::size_t& written) {
        const auto given = static_cast<uInt>(std::min<std::size_t>(in.size(), 1U << 30));
        stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(in.data()));  // zlib's own signature
        stream.avail_in = given;
        stream.next_out = reinterpret_cast<Bytef*>(out);
        stream.avail_out = static_cast<uInt>(room);
        const int code = inflate(&stream, Z_NO_FLUSH);
        in = in.subspan(given - stream.avail_in);
        written = room - stream.avail_out;
        return code == Z_STREAM_END                          ? Step::end
               : code == Z_OK                                ? Step::more
               : code == Z_BUF_ERROR && stream.avail_in == 0 ? Step::starved
                                                             : Step::failed;
      },
      [&](Bytes& in) {
        Bytes next = in;
        while (members && !next.empty() && next[0] == std::byte{0}) {
          next = next.subspan(1);  // Python's gzip goes over zeros between members
        }
        if (!members || next.size() < 2 || next[0] != std::byte{0x1F} || next[1] != std::byte{0x8B}) {
          return false;
        }
        in = next;
        return inflateReset(&stream) == Z_OK;
      });
  inflateEnd(&stream);
  return result;
}

Unpacked unpack_bzip2(Bytes bytes, std::uint64_t max_bytes) {
  bz_stream stream{};
  if (BZ2_bzDecompressInit(&stream, 0, 0) != BZ_OK) {
    Unpacked failed;
    failed.problem = Error{Errc::io, "bzip2: no memory"};
    return failed;
  }
  Unpacked result = drive(
      bytes, max_bytes,
      [&](Bytes& in, char* out, std::size_t room, std::size_t& written) {
        const auto given = static_cast<unsigned>(std::min<std::size_t>(in.size(), 1U << 30));
        stream.next_in = const_cast<char*>(reinterpret_cast<const char*>(in.data()));  // bzip2's own signature
        stream.avail_in = given;
        stream.next_out = out;
        stream.avail_out = static_cast<unsigned>(room);
        const int code = BZ2_bzDecompress(&stream);
        in = in.subspan(given - stream.avail_in);
        written = room - stream.avail_out;
        return code == BZ_STREAM_END ? Step::end : code == BZ_OK ? Step::more : Step::failed;
      },
      [&](Bytes& in) {
        if (in.size() < 4 || in[0] != std::byte{'B'} || in[1] != std::byte{'Z'}) {
          return false;
        }
        BZ2_bzDecompressEnd(&stream);
        stream = {};
        return BZ2_bzDecompressInit(&stream, 0, 0) == BZ_OK;
      });
  BZ2_bzDecompressEnd(&stream);
  return result;
}

Unpacked unpack_lzma(Bytes bytes, std::uint64_t max_bytes, Codec codec) {
  lzma_stream stream = LZMA_STREAM_INIT;
  const auto start = [&] {
    const lzma_ret code = codec == Codec::lzma   ? lzma_alone_decoder(&stream, kDecoderMemory)
                          : codec == Codec::lzip ? lzma_lzip_decoder(&stream, kDecoderMemory, LZMA_CONCATENATED)
                                                 : lzma_stream_decoder(&stream, kDecoderMemory, 0);
    return code == LZMA_OK;
  };
  if (!start()) {
    Unpacked failed;
    failed.problem = Error{Errc::io, "lzma: no memory"};
    return failed;
  }
  bool memory = false;
  Unpacked result = drive(
      bytes, max_bytes,
      [&](Bytes& in, char* out, std::size_t room, std::size_t& written) {
        stream.next_in = reinterpret_cast<const std::uint8_t*>(in.data());
        stream.avail_in = in.size();
        stream.next_out = reinterpret_cast<std::uint8_t*>(out);
        stream.avail_out = room;
        const lzma_ret code = lzma_code(&stream, codec == Codec::lzip ? LZMA_FINISH : LZMA_RUN);
        in = in.subspan(in.size() - stream.avail_in);
        written = room - stream.avail_out;
        memory = code == LZMA_MEMLIMIT_ERROR;
        return code == LZMA_STREAM_END  ? Step::end
               : code == LZMA_OK        ? Step::more
               : code == LZMA_BUF_ERROR ? Step::starved
                                        : Step::failed;
      },
      [&](Bytes& in) {
        if (codec != Codec::xz) {
          return false;
        }
        Bytes next = in;
        while (next.size() >= 4 && base::as_text(next.first(4)) == std::string_view("\0\0\0\0", 4)) {
          next = next.subspan(4);  // stream padding
        }
        if (next.size() < 6 || next[0] != std::byte{0xFD} || next[1] != std::byte{'7'}) {
          return false;
        }
        in = next;
        return start();
      });
  lzma_end(&stream);
  if (memory) {
    result.problem = Error{Errc::too_large, "dictionary of the stream: above 256 MiB", result.consumed};
  }
  return result;
}

Unpacked unpack_lz4(Bytes bytes, std::uint64_t max_bytes) {
  LZ4F_dctx* context = nullptr;
  if (LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION)) != 0) {
    Unpacked failed;
    failed.problem = Error{Errc::io, "lz4: no memory"};
    return failed;
  }
  Unpacked result = drive(
      bytes, max_bytes,
      [&](Bytes& in, char* out, std::size_t room, std::size_t& written) {
        std::size_t taken = in.size();
        written = room;
        const std::size_t code = LZ4F_decompress(context, out, &written, in.data(), &taken, nullptr);
        if (LZ4F_isError(code) != 0) {
          written = 0;
          return Step::failed;
        }
        in = in.subspan(taken);
        return code == 0 ? Step::end : Step::more;
      },
      [&](Bytes& in) {
        return in.size() >= 7 && ((in[0] == std::byte{0x04} && in[1] == std::byte{0x22}) || is_skippable(in));
      });
  LZ4F_freeDecompressionContext(context);
  return result;
}

Unpacked unpack_zstd(Bytes bytes, std::uint64_t max_bytes) {
  ZSTD_DStream* stream = ZSTD_createDStream();
  if (stream == nullptr) {
    Unpacked failed;
    failed.problem = Error{Errc::io, "zstd: no memory"};
    return failed;
  }
  Unpacked result = drive(
      bytes, max_bytes,
      [&](Bytes& in, char* out, std::size_t room, std::size_t& written) {
        ZSTD_inBuffer input{in.data(), in.size(), 0};
        ZSTD_outBuffer output{out, room, 0};
        const std::size_t code = ZSTD_decompressStream(stream, &output, &input);
        in = in.subspan(input.pos);
        written = output.pos;
        return ZSTD_isError(code) != 0 ? Step::failed : code == 0 ? Step::end : Step::more;
      },
      [&](Bytes& in) {
        return in.size() >= 4 && ((in[0] == std::byte{0x28} && in[1] == std::byte{0xB5}) || is_skippable(in));
      });
  ZSTD_freeDStream(stream);
  return result;
}

/// Magic number, then blocks of at most 8 MiB with their packed size before each; the file's end or the magic number of
/// another frame ends it. Source: LZ4 frame format, "Legacy frame".
Unpacked unpack_lz4_legacy(Bytes bytes, std::uint64_t max_bytes) {
  constexpr std::uint32_t kMagic = 0x184C2102;
  constexpr std::size_t kBlock = 8U << 20;
  Unpacked result;
  base::ByteCursor in(bytes);
  std::string block;
  while (in.remaining() >= 4) {
    const base::ByteCursor before = in;
    const auto size = in.le<std::uint32_t>("block size");
    if (size && *size == kMagic) {
      continue;
    }
    if (!size || *size > static_cast<std::uint32_t>(LZ4_compressBound(kBlock))) {
      in = before;
      break;
    }
    const auto packed = in.take(*size, "block");
    if (!packed) {
      result.problem = packed.error();
      break;
    }
    block.resize(kBlock);
    const int written = LZ4_decompress_safe(reinterpret_cast<const char*>(packed->data()), block.data(),
                                            static_cast<int>(packed->size()), static_cast<int>(kBlock));
    if (written < 0) {
      result.problem = Error{Errc::malformed, "compressed stream: damaged", before.offset()};
      break;
    }
    const auto room = static_cast<std::size_t>(max_bytes - result.data.size());
    result.data.append(block.data(), std::min(static_cast<std::size_t>(written), room));
    if (static_cast<std::size_t>(written) > room) {
      result.problem = Error{Errc::too_large, "unpacked size: above the limit", before.offset()};
      break;
    }
  }
  result.consumed = in.offset();
  return result;
}

/// "ZF", then the length as Python's hex() writes it, padded with spaces to 19 characters; early files have one more.
Unpacked unpack_joblib_zfile(Bytes bytes, std::uint64_t max_bytes) {
  constexpr std::size_t kHeader = 2 + 19;
  const std::size_t begin =
      bytes.size() > kHeader && bytes[kHeader] == std::byte{' '} ? kHeader + 1 : std::min(kHeader, bytes.size());
  Unpacked result = unpack_zlib(bytes.subspan(begin), max_bytes, MAX_WBITS, false);
  result.consumed += begin;
  return result;
}

}  // namespace

std::string_view gzip_name(base::Bytes bytes) {
  base::ByteCursor in(bytes);
  const auto fixed = in.take(10, "gzip header");
  if (!fixed) {
    return {};
  }
  const auto flags = std::to_integer<unsigned>((*fixed)[3]);
  if ((flags & 4U) != 0) {
    const auto extra = in.le<std::uint16_t>("extra length");
    if (!extra || !in.skip(*extra, "extra")) {
      return {};
    }
  }
  if ((flags & 8U) == 0) {
    return {};
  }
  const std::string_view rest = base::as_text(in.rest()).substr(0, 4096);
  return rest.substr(0, rest.find('\0'));
}

std::optional<Codec> codec(std::string_view format) {
  constexpr std::pair<std::string_view, Codec> kNames[] = {
      {"gzip", Codec::gzip},   {"zlib", Codec::zlib},
      {"bzip2", Codec::bzip2}, {"xz", Codec::xz},
      {"lzip", Codec::lzip},   {"lzma", Codec::lzma},
      {"lz4", Codec::lz4},     {"lz4-legacy", Codec::lz4_legacy},
      {"zstd", Codec::zstd},   {"joblib-zfile", Codec::joblib_zfile}};
  for (const auto& [name, value] : kNames) {
    if (name == format) {
      return value;
    }
  }
  return std::nullopt;
}

Unpacked unpack(Codec codec, base::Bytes bytes, std::uint64_t max_bytes) {
  switch (codec) {
    case Codec::gzip:
      return unpack_zlib(bytes, max_bytes, 16 + MAX_WBITS, true);
    case Codec::zlib:
      return unpack_zlib(bytes, max_bytes, MAX_WBITS, false);
    case Codec::deflate:
      return unpack_zlib(bytes, max_bytes, -MAX_WBITS, false);
    case Codec::bzip2:
      return unpack_bzip2(bytes, max_bytes);
    case Codec::xz:
    case Codec::lzip:
    case Codec::lzma:
      return unpack_lzma(bytes, max_bytes, codec);
    case Codec::lz4:
      return unpack_lz4(bytes, max_bytes);
    case Codec::lz4_legacy:
      return unpack_lz4_legacy(bytes, max_bytes);
    case Codec::joblib_zfile:
      return unpack_joblib_zfile(bytes, max_bytes);
    case Codec::zstd:
      return unpack_zstd(bytes, max_bytes);
  }
  return {};
}

}  // namespace formats::compressed
