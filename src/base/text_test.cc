#include "base/text.h"

#include <gtest/gtest.h>

namespace base {
namespace {

TEST(Text, PrintableNeutralisesWhatATerminalWouldObey) {
  EXPECT_EQ(printable("plain é ü"), "plain é ü");
  EXPECT_EQ(printable("a\x1b[31mb"), "a\\x1b[31mb");
  EXPECT_EQ(printable("\xff"), "\\xff");
  EXPECT_EQ(printable("a\u202Eb"), "a\\u{202e}b");
  EXPECT_EQ(printable("a\\b"), "a\\b");
  EXPECT_EQ(printable("a\\b\n"), "a\\\\b\\x0a");
}

TEST(Text, PrintableGivesDifferentTextsForDifferentNames) {
  EXPECT_NE(printable("\\xff\xff"), printable("\xff\xff"));
}

TEST(Text, RecognisesUtf8) {
  EXPECT_TRUE(is_utf8("aé€😀"));
  EXPECT_FALSE(is_utf8("\xc0\x80"));          // overlong
  EXPECT_FALSE(is_utf8("\xed\xa0\x80"));      // surrogate
  EXPECT_FALSE(is_utf8("\xf4\x90\x80\x80"));  // above U+10FFFF
  EXPECT_FALSE(is_utf8("\xe2\x82"));          // cut
}

TEST(Text, Base64GoesThereAndBack) {
  for (const std::string text : {"", "f", "fo", "foo", "foob", "fooba", "foobar"}) {
    const auto back = from_base64(to_base64(as_bytes(text)));
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, text);
  }
  EXPECT_EQ(to_base64(as_bytes("fooba")), "Zm9vYmE=");
  EXPECT_FALSE(from_base64("Zg="));
  EXPECT_FALSE(from_base64("Zh=="));  // stray bits
  EXPECT_FALSE(from_base64("Z=g="));
  EXPECT_FALSE(from_base64("Zm9v!A=="));
}

TEST(Text, WrapKeepsEveryLineWithinTheColumns) {
  const std::string text = "some words and /a/very/long/path/that/does/not/fit/on/one/line.txt and éèà more words";
  for (std::size_t columns = 8; columns < 60; ++columns) {
    for (const std::string& line : wrap(text, columns)) {
      EXPECT_LE(display_width(line), columns) << line;
    }
  }
  EXPECT_EQ(wrap("a b\nc", 20), (std::vector<std::string>{"a b", "c"}));
}

TEST(Text, ClosestFindsAMistypedWordAndNothingElse) {
  const std::string_view names[] = {"classification", "custodian", "path"};
  EXPECT_EQ(closest("clasification", names), "classification");
  EXPECT_EQ(closest("pth", names), "path");
  EXPECT_FALSE(closest("zebra", names));
}

TEST(Text, AbbreviateCutsAtACharacter) {
  EXPECT_EQ(abbreviate("aéb", 2), "a…");
  EXPECT_EQ(abbreviate("abc", 3), "abc");
}

TEST(Text, NumbersForPeople) {
  EXPECT_EQ(human_bytes(0), "0 B");
  EXPECT_EQ(human_bytes(1536), "1.5 KiB");
  EXPECT_EQ(human_bytes(1ULL << 40), "1.0 TiB");
  EXPECT_EQ(grouped(1234567), "1,234,567");
  EXPECT_EQ(counted(1, "entry", "entries"), "1 entry");
  EXPECT_EQ(counted(2, "entry", "entries"), "2 entries");
}

}  // namespace
}  // namespace base
