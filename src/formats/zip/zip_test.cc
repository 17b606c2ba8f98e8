#include "formats/zip/zip.h"

#include <gtest/gtest.h>
#include <zlib.h>

namespace formats::zip {
namespace {

std::string le(std::uint64_t value, int width) {
  std::string out;
  for (int i = 0; i < width; ++i) {
    out.push_back(static_cast<char>(value >> (8 * i)));
  }
  return out;
}

/// A member as both headers are to describe it.
struct Made {
  std::string name;
  std::string data;
  std::string listed_name{};  // where it differs
  std::uint64_t listed_size = UINT64_MAX;
  std::uint16_t listed_flags = 0;
  bool listed = true;
};

std::string archive(const std::vector<Made>& members) {
  std::string out;
  std::string directory;
  std::uint16_t count = 0;
  for (const Made& one : members) {
    const auto crc = static_cast<std::uint32_t>(
        crc32(0, reinterpret_cast<const Bytef*>(one.data.data()), static_cast<uInt>(one.data.size())));
    const std::uint64_t offset = out.size();
    out += "PK\x03\x04" + le(20, 2) + le(0, 2) + le(0, 2) + le(0, 4) + le(crc, 4) + le(one.data.size(), 4) +
           le(one.data.size(), 4) + le(one.name.size(), 2) + le(0, 2) + one.name + one.data;
    if (one.listed) {
      const std::string name = one.listed_name.empty() ? one.name : one.listed_name;
      const std::uint64_t size = one.listed_size == UINT64_MAX ? one.data.size() : one.listed_size;
      directory += "PK\x01\x02" + le(20, 2) + le(20, 2) + le(one.listed_flags, 2) + le(0, 2) + le(0, 4) + le(crc, 4) +
                   le(size, 4) + le(size, 4) + le(name.size(), 2) + le(0, 2) + le(0, 2) + le(0, 4) + le(0, 4) +
                   le(offset, 4) + name;
      ++count;
    }
  }
  const std::uint64_t at = out.size();
  return out + directory + "PK\x05\x06" + le(0, 4) + le(count, 2) + le(count, 2) + le(directory.size(), 4) + le(at, 4) +
         le(0, 2);
}

std::vector<IssueKind> kinds(const std::string& file) {
  std::vector<IssueKind> out;
  for (const Issue& issue : read(base::as_bytes(file)).issues) {
    out.push_back(issue.kind);
  }
  return out;
}
bool has(const std::string& file, IssueKind kind) {
  const auto all = kinds(file);
  return std::find(all.begin(), all.end(), kind) != all.end();
}

TEST(Zip, ReadsAGoodArchiveWithoutIssues) {
  const std::string file = archive({{"a/data.pkl", "hello"}, {"a/data/0", "world"}});
  const Archive out = read(base::as_bytes(file));
  EXPECT_TRUE(out.issues.empty());
  ASSERT_EQ(out.entries.size(), 2U);
  const Member member = extract(base::as_bytes(file), out.entries[1], 100);
  EXPECT_EQ(base::as_text(member.bytes()), "world");
  EXPECT_FALSE(member.unpacked.problem);
}

TEST(Zip, SeesWhereReadersDisagree) {
  EXPECT_TRUE(has(archive({{"a", "1"}, {"A", "2"}}), IssueKind::same_member));
  EXPECT_TRUE(has(archive({{"a", "1", "b"}}), IssueKind::name_differs));
  EXPECT_TRUE(has(archive({{"a", "12345", "", 2}}), IssueKind::size_differs));
  EXPECT_TRUE(has(archive({{"a", "1", "", UINT64_MAX, 1}}), IssueKind::flags_differ));
  EXPECT_TRUE(has(archive({{"x", "1", "", UINT64_MAX, 0, false}, {"a", "1"}}), IssueKind::unlisted_member));
  EXPECT_TRUE(has(archive({{"a", "1"}, {"x", "1", "", UINT64_MAX, 0, false}, {"b", "1"}}), IssueKind::unlisted_member));
  EXPECT_TRUE(has(archive({{"a", "1"}}) + archive({{"b", "1"}}), IssueKind::leading_bytes));
  EXPECT_TRUE(has(archive({{"a", "1"}}) + "junk", IssueKind::trailing_bytes));
  EXPECT_TRUE(has("junk" + archive({{"a", "1"}}), IssueKind::leading_bytes));
  EXPECT_TRUE(has(archive({{"../a", "1"}}), IssueKind::traversal));
  EXPECT_TRUE(has(archive({{"C:\\a", "1"}}), IssueKind::traversal));
}

/// As miniz writes it: a zip64 end record between the directory and the end record, whose numbers agree.
std::string with_zip64(const std::string& file, std::uint64_t wide_entries) {
  const std::size_t end = file.size() - 22;
  const std::string plain = file.substr(end);
  const auto field = [&](std::size_t at) { return base::as_bytes(plain).subspan(at, 4); };
  const auto value = [&](std::size_t at) {
    std::uint64_t out = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      out |= std::to_integer<std::uint64_t>(field(at)[i]) << (8 * i);
    }
    return out;
  };
  return file.substr(0, end) + "PK\x06\x06" + le(44, 8) + le(45, 2) + le(45, 2) + le(0, 8) + le(wide_entries, 8) +
         le(wide_entries, 8) + le(value(12), 8) + le(value(16), 8) + "PK\x06\x07" + le(0, 4) + le(end, 8) + le(1, 4) +
         plain;
}

TEST(Zip, FindsOneDirectoryWhateverTheLengthOfTheFirstName) {
  for (std::size_t length = 1; length < 64; ++length) {  // at 30 the first entry is as long as the zip64 records
    const std::string file = archive({{std::string(length, 'n'), "1"}, {"m", "2"}, {"o", "3"}});
    EXPECT_TRUE(kinds(with_zip64(file, 3)).empty()) << length;
    EXPECT_TRUE(has(with_zip64(file, 2), IssueKind::several_ends)) << length;
  }
}

TEST(Zip, OffersBothReadingsOfAMemberWhoseSizesDiffer) {
  const std::string file = archive({{"a", "12345", "", 2}});
  const Archive out = read(base::as_bytes(file));
  ASSERT_EQ(out.entries.size(), 2U);
  EXPECT_EQ(base::as_text(extract(base::as_bytes(file), out.entries[0], 100, false).bytes()), "12");
  EXPECT_EQ(base::as_text(extract(base::as_bytes(file), out.entries[1], 100, false).bytes()), "12345");
}

TEST(Zip, NoticesAWrongChecksum) {
  std::string file = archive({{"a", "12345"}});
  file[31] = 'X';
  const Archive out = read(base::as_bytes(file));
  const Member member = extract(base::as_bytes(file), out.entries[0], 100);
  ASSERT_TRUE(member.unpacked.problem);
  EXPECT_EQ(member.unpacked.problem->code, base::Errc::untrusted);
}

TEST(Zip, SurvivesEveryTruncation) {
  const std::string file = archive({{"a", "12345"}, {"b", "12"}});
  for (std::size_t kept = 0; kept < file.size(); ++kept) {
    SCOPED_TRACE(kept);
    EXPECT_FALSE(kinds(file.substr(0, kept)).empty());
  }
}

TEST(Compressed, StopsAtTheLimit) {
  const std::string zeros(100000, '\0');
  std::string packed(1000, '\0');
  uLongf size = packed.size();
  ASSERT_EQ(compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(zeros.data()),
                     zeros.size()),
            Z_OK);
  packed.resize(size);
  const auto all = compressed::unpack(compressed::Codec::zlib, base::as_bytes(packed), 1 << 20);
  EXPECT_FALSE(all.problem);
  EXPECT_EQ(all.data.size(), zeros.size());
  EXPECT_EQ(all.consumed, packed.size());
  const auto some = compressed::unpack(compressed::Codec::zlib, base::as_bytes(packed), 1000);
  ASSERT_TRUE(some.problem);
  EXPECT_EQ(some.problem->code, base::Errc::too_large);
  EXPECT_EQ(some.data.size(), 1000U);
  for (std::size_t kept = 0; kept < packed.size(); ++kept) {
    EXPECT_TRUE(compressed::unpack(compressed::Codec::zlib, base::as_bytes(packed.substr(0, kept)), 1 << 20).problem);
  }
}

}  // namespace
}  // namespace formats::zip
