#include "formats/compressed/compressed.h"

#include <bzlib.h>
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
    if (step == Step::end) {
      if (left.empty() || !restart(left)) {
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
      [&](Bytes in) {
        return members && in.size() >= 2 && in[0] == std::byte{0x1F} && in[1] == std::byte{0x8B} &&
               inflateReset(&stream) == Z_OK;
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
      [&](Bytes in) {
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

Unpacked unpack_lzma(Bytes bytes, std::uint64_t max_bytes, bool alone) {
  lzma_stream stream = LZMA_STREAM_INIT;
  const auto start = [&] {
    return (alone ? lzma_alone_decoder(&stream, kDecoderMemory) : lzma_stream_decoder(&stream, kDecoderMemory, 0)) ==
           LZMA_OK;
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
        const lzma_ret code = lzma_code(&stream, LZMA_RUN);
        in = in.subspan(in.size() - stream.avail_in);
        written = room - stream.avail_out;
        memory = code == LZMA_MEMLIMIT_ERROR;
        return code == LZMA_STREAM_END  ? Step::end
               : code == LZMA_OK        ? Step::more
               : code == LZMA_BUF_ERROR ? Step::starved
                                        : Step::failed;
      },
      [&](Bytes in) {
        return !alone && in.size() >= 6 && in[0] == std::byte{0xFD} && in[1] == std::byte{'7'} && start();
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
      [&](Bytes in) { return in.size() >= 7 && in[0] == std::byte{0x04} && in[1] == std::byte{0x22}; });
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
      [&](Bytes in) { return in.size() >= 4 && in[0] == std::byte{0x28} && in[1] == std::byte{0xB5}; });
  ZSTD_freeDStream(stream);
  return result;
}

}  // namespace

std::optional<Codec> codec(std::string_view format) {
  constexpr std::pair<std::string_view, Codec> kNames[] = {
      {"gzip", Codec::gzip}, {"zlib", Codec::zlib}, {"bzip2", Codec::bzip2}, {"xz", Codec::xz},
      {"lzma", Codec::lzma}, {"lz4", Codec::lz4},   {"zstd", Codec::zstd}};
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
      return unpack_lzma(bytes, max_bytes, false);
    case Codec::lzma:
      return unpack_lzma(bytes, max_bytes, true);
    case Codec::lz4:
      return unpack_lz4(bytes, max_bytes);
    case Codec::zstd:
      return unpack_zstd(bytes, max_bytes);
  }
  return {};
}

}  // namespace formats::compressed
