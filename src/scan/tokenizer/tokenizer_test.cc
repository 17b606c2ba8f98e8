#include "scan/tokenizer/tokenizer.h"

#include <gtest/gtest.h>

namespace scan {
namespace {

TEST(Regex, NestedAndAmbiguousRepetitionsAreCatastrophic) {
  for (const char* pattern :
       {"(a+)+$", "([a-z]+)*x", "(?:\\w*)*", "((a+))+", "(a|aa)+", "(x+|y)*z", "(a{2,})+", "(.*)*"}) {
    EXPECT_TRUE(is_catastrophic(pattern)) << pattern;
  }
}

TEST(Regex, PatternsOfRealTokenizersAreNot) {
  for (
      const char* pattern :
      {R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)",
       R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
       R"([a-zA-Z]+(?:'[a-z]+)*)", R"((?:[0-9]{1,3},)*[0-9]+)", R"(.*\.(q|k|v|o)_proj)", R"((a+)?b)", R"((?:a++)+)",
       R"(\d{1,3}(?=(?:\d{3})*\b))", R"(model\.layers\.(\d+)\.(self_attn|mlp)\..*)", "[+*]+", "(ab|cd)*", ""}) {
    EXPECT_FALSE(is_catastrophic(pattern)) << pattern;
  }
}

}  // namespace
}  // namespace scan
