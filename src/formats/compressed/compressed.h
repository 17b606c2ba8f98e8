#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/byte_cursor.h"

/// Single compressed streams: gzip, zlib, raw deflate, bzip2, xz, lzip, lzma, lz4 (frames, and the legacy format),
/// Zstandard, and the file of joblib before 0.10 ("ZF", a length in hexadecimal, a zlib stream).
namespace formats::compressed {

enum class Codec : std::uint8_t { gzip, zlib, deflate, bzip2, xz, lzip, lzma, lz4, lz4_legacy, zstd, joblib_zfile };

/// The codec that identify() calls by this name ("gzip", "zlib" …), or nothing.
[[nodiscard]] std::optional<Codec> codec(std::string_view format);

/// What a decompressor gave before it ended or failed. A loader that reads as it goes sees `data` even then.
struct Unpacked {
  std::string data;
  std::uint64_t consumed = 0;          ///< Bytes of input used; fewer than given where something follows the stream.
  std::optional<base::Error> problem;  ///< truncated, malformed, or too_large when `max_bytes` was reached.
};

/// Decompresses at most `max_bytes`. Several members or frames one after the other are read as one, as the usual tools
/// do; frames that are to be skipped are.
[[nodiscard]] Unpacked unpack(Codec codec, base::Bytes bytes, std::uint64_t max_bytes);

/// The file name in the header of a gzip stream; empty where there is none. Source: RFC 1952, section 2.3.
[[nodiscard]] std::string_view gzip_name(base::Bytes bytes);

}  // namespace formats::compressed
