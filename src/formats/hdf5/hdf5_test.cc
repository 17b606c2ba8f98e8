#include "formats/hdf5/hdf5.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.h"

namespace formats::hdf5 {
namespace {

/// Builds a file of superblock version 0 with one old-style root group, as the specification lays it out.
class Builder {
 public:
  Builder() {
    text("\x89HDF\r\n\x1a\n", 8);
    number(0, 5);  // versions
    number(8, 1);
    number(8, 1);
    number(0, 1);
    number(4, 2);
    number(16, 2);
    number(0, 4);
    number(0, 8);
    number(~0ULL, 8);
    end_at_ = bytes_.size();
    number(0, 8);
    number(~0ULL, 8);
    number(0, 8);
    root_at_ = bytes_.size();
    number(0, 8);
    number(0, 24);
  }
  std::size_t place() const { return bytes_.size(); }
  void number(std::uint64_t value, std::size_t width) {
    for (std::size_t i = 0; i < width; ++i) {
      bytes_.push_back(static_cast<char>(i < 8 ? value >> (8 * i) : 0));
    }
  }
  void text(const char* value, std::size_t width) { bytes_.append(value, width); }
  void align() { bytes_.resize((bytes_.size() + 7) / 8 * 8); }
  /// A header of version 1 with these messages: type and body.
  std::size_t header(const std::vector<std::pair<std::uint16_t, std::string>>& messages) {
    align();
    const std::size_t at = place();
    std::size_t total = 0;
    for (const auto& [type, body] : messages) {
      total += 8 + (body.size() + 7) / 8 * 8;
    }
    number(1, 1);
    number(0, 1);
    number(messages.size(), 2);
    number(1, 4);
    number(total, 4);
    number(0, 4);
    for (const auto& [type, body] : messages) {
      number(type, 2);
      number((body.size() + 7) / 8 * 8, 2);
      number(0, 4);
      bytes_ += body;
      align();
    }
    return at;
  }
  void set(std::size_t at, std::uint64_t value) {
    for (std::size_t i = 0; i < 8; ++i) {
      bytes_[at + i] = static_cast<char>(value >> (8 * i));
    }
  }
  std::string finish(std::size_t root) {
    set(root_at_, root);
    set(end_at_, place());
    return bytes_;
  }

 private:
  std::string bytes_;
  std::size_t end_at_ = 0;
  std::size_t root_at_ = 0;
};

std::string le(std::uint64_t value, std::size_t width) {
  std::string out;
  for (std::size_t i = 0; i < width; ++i) {
    out += static_cast<char>(i < 8 ? value >> (8 * i) : 0);
  }
  return out;
}
std::string hard_link(const std::string& name, std::uint64_t address) {
  return le(1, 1) + le(0, 1) + le(name.size(), 1) + name + le(address, 8);
}
std::string external_link(const std::string& name, const std::string& file, const std::string& path) {
  const std::string value = std::string(1, '\0') + file + '\0' + path + '\0';
  return le(1, 1) + le(8, 1) + le(64, 1) + le(name.size(), 1) + name + le(value.size(), 2) + value;
}
std::string text_attribute(const std::string& name, const std::string& value) {
  const std::string type = le(0x13, 1) + le(0, 3) + le(value.size(), 4);
  const std::string space = le(2, 1) + le(0, 3);
  return le(3, 1) + le(0, 1) + le(name.size() + 1, 2) + le(type.size(), 2) + le(space.size(), 2) + le(0, 1) + name +
         '\0' + type + space + value;
}
/// A group with a dataset, an external link, an attribute and a link back to itself.
std::string sample() {
  Builder file;
  const std::size_t data = file.header({{0x01, le(1, 1) + le(1, 1) + le(0, 6) + le(4, 8)},
                                        {0x03, le(0x10, 1) + le(0, 3) + le(1, 4) + le(0, 2) + le(8, 2)},
                                        {0x08, le(3, 1) + le(0, 1) + le(4, 2) + "abcd"}});
  const std::size_t root = file.header({{0x06, hard_link("data", data)},
                                        {0x06, external_link("out", "/etc/hostname", "/x")},
                                        {0x06, hard_link("self", 0)},
                                        {0x0C, text_attribute("note", "hello")}});
  return file.finish(root);
}

TEST(Hdf5, ReadsObjectsLinksAttributesAndCompactData) {
  const std::string file = sample();
  const auto read = parse(base::as_bytes(file));
  ASSERT_TRUE(read);
  ASSERT_GE(read->objects.size(), 2U);
  EXPECT_EQ(read->objects[0].kind, ObjectKind::group);
  EXPECT_EQ(read->path_of(1), "/data");
  EXPECT_EQ(read->objects[1].kind, ObjectKind::dataset);
  EXPECT_EQ(base::as_text(read->objects[1].data), "abcd");
  EXPECT_TRUE(read->objects[1].type.is_bytes());
  ASSERT_EQ(read->links.size(), 1U);
  EXPECT_EQ(read->links[0].kind, LinkKind::external);
  EXPECT_EQ(read->links[0].file, "/etc/hostname");
  EXPECT_EQ(read->links[0].target, "/x");
  ASSERT_EQ(read->attributes.size(), 1U);
  EXPECT_EQ(read->attributes[0].name, "note");
  EXPECT_EQ(read->attributes[0].values, std::vector<std::string_view>{"hello"});
}

TEST(Hdf5, FindsTheSuperblockBehindAUserBlock) {
  for (const std::size_t block : {512U, 1024U, 4096U}) {
    const std::string file = std::string(block, 'u') + sample();
    EXPECT_TRUE(has_signature(base::as_bytes(file)));
    const auto read = parse(base::as_bytes(file));
    ASSERT_TRUE(read) << block;
    EXPECT_EQ(read->superblock_offset, block);
    EXPECT_EQ(read->links.size(), 1U);
  }
  EXPECT_FALSE(has_signature(base::as_bytes(std::string(100, 'u') + sample())));
}

TEST(Hdf5, TellsOfEveryTruncation) {
  const std::string file = sample();
  for (std::size_t kept = 0; kept < file.size(); ++kept) {
    SCOPED_TRACE(kept);
    const auto read = parse(base::as_bytes(std::string_view(file).substr(0, kept)));
    EXPECT_TRUE(!read || !read->defects.empty());
  }
}

TEST(Hdf5, SurvivesEveryChangedByte) {
  const std::string file = sample();
  Limits limits;
  limits.max_steps = 10'000;
  for (std::size_t at = 0; at < file.size(); ++at) {
    for (const char value : {'\0', '\x01', '\x7f', '\xff'}) {
      std::string changed = file;
      changed[at] = value;
      (void)parse(base::as_bytes(changed), limits);
    }
  }
}

TEST(Hdf5, StopsAtItsLimitsAndSaysSo) {
  const std::string file = sample();
  Limits limits;
  limits.max_objects = 1;
  auto read = parse(base::as_bytes(file), limits);
  ASSERT_TRUE(read);
  EXPECT_FALSE(read->unread.empty());
  limits = {};
  limits.max_steps = 3;
  read = parse(base::as_bytes(file), limits);
  ASSERT_TRUE(read);
  EXPECT_FALSE(read->unread.empty());
}

TEST(Hdf5, NoticesAHeaderThatContinuesInItself) {
  Builder file;
  file.align();
  const std::size_t root = file.place();
  (void)file.header({{0x10, le(root + 16, 8) + le(24, 8)}});
  const std::string bytes = file.finish(root);
  const auto read = parse(base::as_bytes(bytes));
  ASSERT_TRUE(read);
  EXPECT_FALSE(read->defects.empty());
}

TEST(Hdf5, RefusesAttributesLargerThanTheyCanBe) {
  Builder file;
  const std::string type = le(0x10, 1) + le(0, 3) + le(0xFFFFFFFF, 4) + le(0, 4);
  const std::string space = le(2, 1) + le(2, 1) + le(0, 1) + le(1, 1) + le(1ULL << 62, 8) + le(1ULL << 62, 8);
  const std::size_t root = file.header({{0x0C, le(3, 1) + le(0, 1) + le(2, 2) + le(type.size(), 2) +
                                                   le(space.size(), 2) + le(0, 1) + "a" + '\0' + type + space}});
  const std::string bytes = file.finish(root);
  const auto read = parse(base::as_bytes(bytes));
  ASSERT_TRUE(read);
  EXPECT_FALSE(read->defects.empty());
  EXPECT_TRUE(read->attributes.empty());
}

TEST(Hdf5, ReadsSharedMessagesOfTypesThatNoTableKnows) {
  // Superblock 2, whose extension names a table of shared messages; the root has a shared message of type 256.
  const std::size_t extension = 48;
  const std::size_t table = extension + 16 + 8 + 16;
  const std::size_t root = table + 32;
  std::string file = std::string("\x89HDF\r\n\x1a\n") + le(2, 1) + le(8, 1) + le(8, 1) + le(0, 1) + le(0, 8) +
                     le(extension, 8) + le(root + 40, 8) + le(root, 8) + le(0, 4);
  file += le(1, 2) + le(1, 2) + le(1, 4) + le(24, 8);
  file += le(0x0F, 2) + le(16, 2) + le(0, 4) + le(0, 1) + le(table, 8) + le(1, 1) + le(0, 6);
  file += "SMTB" + le(0, 2) + le(0xFFFF, 2) + le(0, 10) + le(0, 8) + le(0, 6);
  file += le(1, 2) + le(1, 2) + le(1, 4) + le(24, 8);
  file += le(256, 2) + le(16, 2) + le(2, 4) + le(3, 1) + le(1, 1) + le(0, 14);
  file += le(0, 64);
  const auto read = parse(base::as_bytes(file));
  ASSERT_TRUE(read);
  EXPECT_FALSE(read->defects.empty());
}

TEST(Hdf5, CountsTheChecksumsOfHeadersThatLieWithinOneAnother) {
  Builder file;
  constexpr std::size_t kHeaders = 500;
  constexpr std::uint64_t kBody = 60'000;
  std::vector<std::pair<std::uint16_t, std::string>> links;
  file.align();
  const std::size_t first = file.place();
  const std::string header = "OHDR" + le(2, 1) + le(2, 1) + le(kBody, 4) + le(0, 1) + le(kBody - 4, 2) + le(0, 1);
  std::string all;
  for (std::size_t i = 0; i < kHeaders; ++i) {
    links.emplace_back(0x06, hard_link("a" + std::to_string(i), first + all.size()));
    all += header;
  }
  all += std::string(kBody + 100, '\0');
  file.text(all.data(), all.size());
  const std::string bytes = file.finish(file.header(links));
  // By default, work is in proportion to the size of the file.
  const auto read = parse(base::as_bytes(bytes));
  ASSERT_TRUE(read);
  ASSERT_EQ(read->unread.size(), 1U);
  EXPECT_EQ(read->unread[0], "more than " + base::grouped(100'000 + bytes.size()) + " steps");
}

}  // namespace
}  // namespace formats::hdf5
