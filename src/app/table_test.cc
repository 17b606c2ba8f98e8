#include "app/table.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace app {
namespace {

TEST(Table, WideColumnsGiveWayTogetherAndHeadingsStayWhole) {
  const std::string wide(60, 'w');
  const std::string text = render_table({"kind", "what", "provisions"},
                                        {{"a-kind", wide, "1.1, 1.2, 2.2, 7.3, 9.1, 9.2, 11.2, 9.4"}}, "text", 60);
  for (const std::string_view line : base::split(text, '\n')) {
    EXPECT_LE(base::display_width(line), 60U) << text;
  }
  const auto heading = base::split(text, '\n').front();
  EXPECT_NE(heading.find("provisions"), std::string_view::npos) << text;
  EXPECT_NE(text.find("a-kind"), std::string::npos) << text;
}

TEST(Table, WhatFitsIsLeftAsItIs) {
  EXPECT_EQ(render_table({"a", "b"}, {{"one", std::nullopt}, {"two", "three"}}, "text", 80),
            "a    b\n---  -----\none\ntwo  three\n");
}

TEST(Table, CannotBecomeNarrowerThanItsLeast) {
  const std::string text =
      render_table({"first", "second"}, {{std::string(30, 'x'), std::string(30, 'y')}}, "text", 10);
  EXPECT_NE(text.find("xxxxxxxx  yyyyyyyy"), std::string::npos) << text;
}

}  // namespace
}  // namespace app
