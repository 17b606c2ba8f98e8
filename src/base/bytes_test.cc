#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/byte_cursor.h"
#include "base/digest.h"
#include "base/file.h"

namespace base {
namespace {

TEST(ByteCursor, ReadsNumbersOfBothOrdersAndStaysPutOnFailure) {
  ByteCursor in(as_bytes(std::string_view("\x01\x02\x03\x04\x05", 5)), 100);
  EXPECT_EQ(*in.le<std::uint16_t>("a"), 0x0201);
  EXPECT_EQ(*in.be<std::uint16_t>("b"), 0x0304);
  const auto failed = in.le<std::uint32_t>("c");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Errc::truncated);
  EXPECT_EQ(failed.error().offset, 104U);
  EXPECT_EQ(in.remaining(), 1U);
  EXPECT_FALSE(in.expect_end("d"));
  EXPECT_TRUE(in.skip(1, "e"));
  EXPECT_TRUE(in.expect_end("f"));
}

TEST(ByteCursor, RefusesCountsThatCannotFitOrExceedTheirLimit) {
  const std::string huge("\xff\xff\xff\xff\xff\xff\xff\x3f", 8);
  EXPECT_EQ(ByteCursor(as_bytes(huge)).count(1000, 1, "n").error().code, Errc::too_large);
  EXPECT_EQ(ByteCursor(as_bytes(huge)).count(~0ULL, 1, "n").error().code, Errc::truncated);
  EXPECT_EQ(ByteCursor(as_bytes(huge)).text(~0ULL, "n").error().code, Errc::truncated);
  EXPECT_EQ(ByteCursor(as_bytes(huge)).take(~0ULL, "n").error().code, Errc::truncated);
}

TEST(ByteCursor, ReadsLinesWithinTheirLimit) {
  ByteCursor in(as_bytes("ab\ncd"));
  EXPECT_EQ(*in.line(2, "l"), "ab");
  EXPECT_EQ(in.line(2, "l").error().code, Errc::truncated);
  EXPECT_EQ(in.line(1, "l").error().code, Errc::too_large);
}

TEST(Digest, AgreesWithTheStandardsExamples) {  // FIPS 180-2, appendix B
  EXPECT_EQ(sha256("abc").hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256("").hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  Sha256Hasher hasher;
  hasher.update("a");
  hasher.update("bc");
  EXPECT_EQ(hasher.finish(), sha256("abc"));
  EXPECT_EQ(hasher.finish(), sha256(""));
  EXPECT_EQ(*Sha256::from_hex(sha256("abc").hex()), sha256("abc"));
  EXPECT_FALSE(Sha256::from_hex("abc"));
  EXPECT_FALSE(Sha256::from_hex(std::string(64, 'g')));
}

class FileTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("surety-file-test-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_;
};

TEST_F(FileTest, ReadsWhatItWroteAndRefusesWhatIsTooLarge) {
  ASSERT_TRUE(write_file(folder_ / "a", "hello"));
  EXPECT_EQ(*read_file(folder_ / "a", 5), "hello");
  EXPECT_EQ(read_file(folder_ / "a", 4).error().code, Errc::too_large);
  EXPECT_EQ(read_file(folder_ / "b", 4).error().code, Errc::not_found);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);  // no scratch file left
}

TEST_F(FileTest, DoesNotHangOnAFifoNorReadADirectory) {
  ASSERT_EQ(mkfifo((folder_ / "fifo").c_str(), 0600), 0);
  EXPECT_EQ(read_file(folder_ / "fifo", 10).error().code, Errc::io);
  EXPECT_EQ(read_file(folder_, 10).error().code, Errc::io);
}

TEST_F(FileTest, AFileThatShrinksUnderItsMappingReadsAsZeros) {
  const std::string content(3 * 4096, 'x');
  ASSERT_TRUE(write_file(folder_ / "a", content));
  const Descriptor file(::open((folder_ / "a").c_str(), O_RDWR | O_CLOEXEC));
  auto mapped = MappedFile::map(file.get(), content.size());
  ASSERT_TRUE(mapped);
  EXPECT_FALSE(mapped->shrunk());
  ASSERT_EQ(ftruncate(file.get(), 4096), 0);
  std::size_t zeros = 0;
  for (const std::byte byte : mapped->bytes()) {
    zeros += byte == std::byte{0} ? 1 : 0;
  }
  EXPECT_EQ(zeros, 2 * 4096U);
  EXPECT_TRUE(mapped->shrunk());
}

}  // namespace
}  // namespace base
