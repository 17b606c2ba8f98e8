#include "formats/compressed/compressed.h"

#include <gtest/gtest.h>
#include <lz4.h>
#include <zlib.h>
#include <zstd.h>

namespace formats::compressed {
namespace {

using namespace std::string_literals;

std::string le32(std::uint32_t value) {
  std::string out;
  for (int i = 0; i < 4; ++i) {
    out.push_back(static_cast<char>(value >> (8 * i)));
  }
  return out;
}

std::string deflated(const std::string& data, int window) {
  std::string out(data.size() + 200, '\0');
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}
std::string gzip(const std::string& data) {
  return deflated(data, 16 + MAX_WBITS);
}
std::string zstd(const std::string& data) {
  std::string out(ZSTD_compressBound(data.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), data.data(), data.size(), 3));
  return out;
}
std::string lz4_block(const std::string& data) {
  std::string out(static_cast<std::size_t>(LZ4_compressBound(static_cast<int>(data.size()))), '\0');
  out.resize(static_cast<std::size_t>(
      LZ4_compress_default(data.data(), out.data(), static_cast<int>(data.size()), static_cast<int>(out.size()))));
  return le32(static_cast<std::uint32_t>(out.size())) + out;
}
Unpacked open(Codec codec, const std::string& bytes, std::uint64_t limit = 1U << 20) {
  return unpack(codec, base::as_bytes(bytes), limit);
}

TEST(Compressed, ReadsMembersAndFramesOneAfterTheOther) {
  EXPECT_EQ(open(Codec::gzip, gzip("one") + gzip("two")).data, "onetwo");
  EXPECT_EQ(open(Codec::gzip, gzip("one") + std::string(700, '\0') + gzip("two")).data, "onetwo");
  const std::string skip = le32(0x184D2A5F) + le32(3) + "abc";
  EXPECT_EQ(open(Codec::zstd, skip + zstd("one") + skip + zstd("two")).data, "onetwo");
  const std::string magic = le32(0x184C2102);
  EXPECT_EQ(open(Codec::lz4_legacy, magic + lz4_block("one") + magic + lz4_block("two")).data, "onetwo");
}

TEST(Compressed, SaysWhatFollowsTheStream) {
  const std::string stream = gzip("one");
  const Unpacked out = open(Codec::gzip, stream + "rest");
  EXPECT_EQ(out.data, "one");
  EXPECT_EQ(out.consumed, stream.size());
  EXPECT_FALSE(out.problem);
}

TEST(Compressed, ReadsTheOldFilesOfJoblib) {
  const std::string header = "ZF0x3" + std::string(16, ' ');
  EXPECT_EQ(open(Codec::joblib_zfile, header + deflated("one", MAX_WBITS)).data, "one");
  EXPECT_EQ(open(Codec::joblib_zfile, header + " " + deflated("one", MAX_WBITS)).data, "one");
}

TEST(Compressed, StopsAtItsLimits) {
  const Unpacked out = open(Codec::gzip, gzip(std::string(5000, 'x')), 100);
  EXPECT_EQ(out.data.size(), 100U);
  ASSERT_TRUE(out.problem);
  EXPECT_EQ(out.problem->code, base::Errc::too_large);
  EXPECT_EQ(open(Codec::lz4_legacy, le32(0x184C2102) + lz4_block(std::string(5000, 'x')), 100).data.size(), 100U);
}

TEST(Compressed, GivesWhatCameBeforeATruncation) {
  std::string data;
  for (int i = 0; i < 3000; ++i) {
    data += std::to_string(i * i);
  }
  const std::string whole = gzip(data);
  for (std::size_t kept = 0; kept < whole.size(); kept += 7) {
    const Unpacked out = open(Codec::gzip, whole.substr(0, kept));
    EXPECT_TRUE(out.problem) << kept;
    EXPECT_TRUE(data.starts_with(out.data)) << kept;
  }
}

TEST(Compressed, TellsTheNameInAGzipHeader) {
  EXPECT_EQ(gzip_name(base::as_bytes("\x1f\x8b\x08\x08\0\0\0\0\2\xff../x\0rest"s)), "../x");
  EXPECT_EQ(gzip_name(base::as_bytes("\x1f\x8b\x08\x0c\0\0\0\0\2\xff\2\0ab..\0"s)), "..");
  EXPECT_EQ(gzip_name(base::as_bytes(gzip("x"))), "");
  EXPECT_EQ(gzip_name(base::as_bytes("\x1f\x8b"s)), "");
}

}  // namespace
}  // namespace formats::compressed
