#include "formats/tar/tar.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "formats/tar/sparse.h"

namespace formats::tar {
namespace {

using namespace std::string_literals;

std::string octal(std::uint64_t value, int digits) {
  std::string out;
  for (int i = digits - 1; i >= 0; --i) {
    out.push_back(static_cast<char>('0' + (value >> (3 * i) & 7)));
  }
  return out;
}

std::string header(std::string_view name, std::uint64_t size, char type = '0', std::string_view link = {},
                   std::string_view size_field = {}) {
  std::string block(512, '\0');
  block.replace(0, name.size(), name);
  block.replace(100, 7, "0000644");
  block.replace(124, 12, size_field.empty() ? octal(size, 11) + '\0' : std::string(size_field));
  block.replace(148, 8, 8, ' ');
  block[156] = type;
  block.replace(157, link.size(), link);
  block.replace(257, 8, "ustar\00000"s);
  std::uint64_t sum = 0;
  for (const char c : block) {
    sum += static_cast<unsigned char>(c);
  }
  block.replace(148, 8, octal(sum, 6) + "\0 "s);
  return block;
}

std::string padded(std::string data) {
  data.resize((data.size() + 511) / 512 * 512);
  return data;
}
std::string file(std::string_view name, const std::string& data) {
  return header(name, data.size()) + padded(data);
}
std::string record(const std::string& key, const std::string& value) {
  const std::string rest = " " + key + "=" + value + "\n";
  std::size_t size = rest.size() + 1;
  while (std::to_string(size).size() + rest.size() != size) {
    size = std::to_string(size).size() + rest.size();
  }
  return std::to_string(size) + rest;
}
const std::string kEnd(1024, '\0');

std::vector<std::string> names(const std::string& bytes) {
  std::vector<std::string> out;
  for (const Entry& entry : read(base::as_bytes(bytes)).entries) {
    out.push_back(entry.name);
  }
  return out;
}
bool sees(const std::string& bytes, std::string_view name) {
  const auto all = names(bytes);
  return std::find(all.begin(), all.end(), name) != all.end();
}

TEST(Tar, ReadsAGoodArchiveWithoutDoubt) {
  const std::string bytes = file("a", "hello") + header("d/", 0, '5') + header("d/l", 0, '2', "../a") + kEnd;
  const Archive out = read(base::as_bytes(bytes));
  ASSERT_EQ(out.entries.size(), 3U);
  EXPECT_EQ(out.entries[0].bytes, 5U);
  EXPECT_EQ(out.entries[0].data_offset, 512U);
  EXPECT_EQ(out.entries[2].link, "../a");
  EXPECT_TRUE(out.ambiguities.empty());
  EXPECT_TRUE(out.problem.empty());
}

TEST(Tar, TakesNamesAndSizesFromPaxRecordsAndLongNames) {
  const std::string pax = record("path", "long/name") + record("size", "5");
  const Archive out = read(base::as_bytes(header("x", pax.size(), 'x') + padded(pax) + file("a", "hello") + kEnd));
  ASSERT_EQ(out.entries.size(), 1U);
  EXPECT_EQ(out.entries[0].name, "long/name");
  EXPECT_TRUE(out.ambiguities.empty());
  EXPECT_TRUE(sees(header("@", 6, 'L') + padded("other\0"s) + file("a", "hello") + kEnd, "other"));
}

TEST(Tar, ReadsOnWhereverSomeReaderWould) {
  const std::string hidden = file("hidden", "x");
  const std::string size = record("size", std::to_string(hidden.size()));
  const std::string none = record("size", "0");
  const std::string cases[] = {
      // The pax record's size jumps over a member, or the header's does.
      header("x", size.size(), 'x') + padded(size) + header("a", 0) + hidden + file("b", "b") + kEnd,
      header("x", none.size(), 'x') + padded(none) + header("a", hidden.size()) + hidden + file("b", "b") + kEnd,
      file("a", "a") + kEnd + hidden + kEnd,
      file("a", "a") + std::string(512, '\0') + hidden + kEnd,
      file("a", "a") + std::string(512, 'x') + hidden + kEnd,
      header("d/", hidden.size(), '5') + hidden + file("b", "b") + kEnd,
  };
  for (const std::string& bytes : cases) {
    EXPECT_TRUE(sees(bytes, "hidden"));
    EXPECT_FALSE(read(base::as_bytes(bytes)).ambiguities.empty());
  }
}

TEST(Tar, KnowsTheNotationsOfNumbers) {
  EXPECT_EQ(
      read(base::as_bytes(header("a", 0, '0', {}, "\x80\0\0\0\0\0\0\0\0\0\0\5"s) + padded("hello"))).entries[0].bytes,
      5U);
  EXPECT_EQ(read(base::as_bytes(header("a", 0, '0', {}, "          5 ") + padded("hello"))).entries[0].bytes, 5U);
  EXPECT_FALSE(
      read(base::as_bytes(header("a", 0, '0', {}, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff") + padded("x")))
          .problem.empty());
  EXPECT_FALSE(read(base::as_bytes(header("a", 0, '0', {}, "0000000000x\0"s) + padded("x"))).problem.empty());
  EXPECT_FALSE(read(base::as_bytes(header("a", 0, '0', {}, "5\0 0000007\0\0"s.substr(0, 12)) + padded("hello")))
                   .ambiguities.empty());
}

TEST(Tar, SurvivesEveryTruncation) {
  const std::string pax = record("path", "long/name");
  const std::string whole =
      header("x", pax.size(), 'x') + padded(pax) + file("a", "hello") + header("s", 3, 'S') + padded("abc") + kEnd;
  for (std::size_t kept = 0; kept < whole.size(); ++kept) {
    const std::string cut = whole.substr(0, kept);
    for (const Entry& entry : read(base::as_bytes(cut)).entries) {
      EXPECT_LE(entry.data_offset, cut.size());
      EXPECT_LE(entry.bytes, cut.size() - entry.data_offset);
    }
  }
}

TEST(Tar, StopsAtTheLimitOfMembers) {
  std::string bytes;
  for (int i = 0; i < 20; ++i) {
    bytes += header("a", 0);
  }
  const Archive out = read(base::as_bytes(bytes), 10);
  EXPECT_EQ(out.entries.size(), 10U);
  EXPECT_FALSE(out.problem.empty());
}

/// "ab" at 3 and "cde" at 8 of a file of 16 bytes, in each way of writing it.
std::vector<std::string> sparse_archives() {
  const std::string data = padded("abcde");
  std::string gnu = header("f", 5, 'S');
  gnu.replace(257, 8, "ustar  \0"s);
  gnu.replace(345, 138, std::string(138, '\0'));
  gnu.replace(386, 48, octal(3, 11) + '\0' + octal(2, 11) + '\0' + octal(8, 11) + '\0' + octal(3, 11) + '\0');
  gnu.replace(483, 12, octal(16, 11) + '\0');
  gnu.replace(148, 8, 8, ' ');
  std::uint64_t sum = 0;
  for (const char c : gnu) {
    sum += static_cast<unsigned char>(c);
  }
  gnu.replace(148, 8, octal(sum, 6) + "\0 "s);
  const auto pax = [](const std::string& records) { return header("x", records.size(), 'x') + padded(records); };
  const std::string pairs = record("GNU.sparse.size", "16") + record("GNU.sparse.offset", "3") +
                            record("GNU.sparse.numbytes", "2") + record("GNU.sparse.offset", "8") +
                            record("GNU.sparse.numbytes", "3");
  const std::string list = record("GNU.sparse.size", "16") + record("GNU.sparse.map", "3,2,8,3");
  const std::string before = record("GNU.sparse.major", "1") + record("GNU.sparse.minor", "0") +
                             record("GNU.sparse.name", "f") + record("GNU.sparse.realsize", "16");
  return {gnu + data + kEnd, pax(pairs) + header("f", 5) + data + kEnd, pax(list) + header("f", 5) + data + kEnd,
          pax(before) + header("p", 517) + padded("2\n3\n2\n8\n3\n") + data + kEnd};
}

TEST(Tar, FillsTheHolesOfSparseFiles) {
  for (const std::string& bytes : sparse_archives()) {
    const Archive out = read(base::as_bytes(bytes));
    ASSERT_EQ(out.entries.size(), 1U);
    EXPECT_TRUE(out.ambiguities.empty());
    EXPECT_EQ(out.entries[0].name, "f");
    EXPECT_EQ(fill(out.entries[0], base::as_bytes(bytes), 16), "\0\0\0ab\0\0\0cde\0\0\0\0\0"s);
    EXPECT_EQ(fill(out.entries[0], base::as_bytes(bytes), 15), std::nullopt);
  }
}

TEST(Tar, DoesNotFollowMapsThatLie) {
  const std::string bytes = sparse_archives()[0];
  const Entry good = read(base::as_bytes(bytes)).entries.at(0);
  const auto filled = [&](std::vector<Extent> extents, std::optional<std::uint64_t> size = 16) {
    Entry entry = good;
    entry.map.extents = std::move(extents);
    entry.map.file_bytes = size;
    return fill(entry, base::as_bytes(bytes), 1U << 20);
  };
  EXPECT_TRUE(filled({{3, 2}, {8, 3}}));
  EXPECT_FALSE(filled({{8, 3}, {3, 2}}));           // backwards
  EXPECT_FALSE(filled({{3, 2}, {4, 3}}));           // one over another
  EXPECT_FALSE(filled({{3, 2}}));                   // data that the map does not have
  EXPECT_FALSE(filled({{3, 2}, {8, 4}}));           // more than the member has
  EXPECT_FALSE(filled({{3, 2}, {14, 3}}));          // beyond the file's size
  EXPECT_FALSE(filled({{3, 2}, {UINT64_MAX, 3}}));  // beyond all sizes
  EXPECT_FALSE(filled({{3, 2}, {8, 3}}, std::nullopt));
}

TEST(Tar, ReadsEveryTruncationOfAMap) {
  const std::string bytes = sparse_archives()[3];
  for (std::size_t kept = 0; kept < bytes.size(); kept += 7) {
    const std::string part = bytes.substr(0, kept);
    for (const Entry& entry : read(base::as_bytes(part)).entries) {
      const auto filled = fill(entry, base::as_bytes(part), 16);
      EXPECT_TRUE(!filled || filled->size() == 16U) << kept;
    }
  }
}

}  // namespace
}  // namespace formats::tar
