#include "base/markup.h"

#include <gtest/gtest.h>

namespace base {
namespace {

TEST(MarkupTest, TextOfAnElementHoldsNoMarkupAndOnlyCharactersOfXml) {
  EXPECT_EQ(markup_text("a < b & \"c\" > 'd'"), "a &lt; b &amp; &quot;c&quot; &gt; &#39;d&#39;");
  EXPECT_EQ(markup_text("x\xEF\xBF\xBEy\xEF\xBF\xBF"), "x\xEF\xBF\xBDy\xEF\xBF\xBD");
  EXPECT_EQ(markup_text("\xEF\xBF\xBD caf\xC3\xA9"), "\xEF\xBF\xBD caf\xC3\xA9");
  EXPECT_EQ(markup_text("a\x1b[31m").find('\x1b'), std::string::npos);
  EXPECT_EQ(markup_text(""), "");
}

TEST(MarkupTest, MarkdownOfForeignTextIsTheTextItself) {
  EXPECT_EQ(markdown_text("a|b *c* _d_ [e](f) `g` <h> ~i~ !j $k$ \\l & m"),
            "a\\|b \\*c\\* \\_d\\_ \\[e\\](f) \\`g\\` &lt;h&gt; \\~i\\~ \\!j \\$k\\$ \\\\l &amp; m");
}

TEST(MarkupTest, MarkdownOfForeignTextMentionsNobodyAndLinksToNothing) {
  EXPECT_EQ(markdown_text("ask @team"), "ask @<!-- -->team");
  EXPECT_EQ(markdown_text("see #12 in C#"), "see \\#<!-- -->12 in C\\#");
  EXPECT_EQ(markdown_text("https://example.org"), "https:<!-- -->//example.org");
  EXPECT_EQ(markdown_text("line 3: a"), "line 3: a");
}

TEST(MarkupTest, OnALineOfAnElementNothingIsEscapedWithBackslashes) {
  EXPECT_EQ(markdown_element_text("a_b <c> @d #1"), "a_b &lt;c&gt; @<!-- -->d #<!-- -->1");
}

TEST(MarkupTest, WhatIsCutAtTheEndIsRead) {
  for (const char* text : {"@", "#", ":", ":/", "://", "\xEF\xBF", "\xEF"}) {
    EXPECT_FALSE(markdown_text(text).empty()) << text;
    EXPECT_FALSE(markup_text(text).empty()) << text;
  }
}

}  // namespace
}  // namespace base
