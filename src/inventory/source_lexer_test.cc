#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inventory/source_token.h"

namespace inventory {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> words(const Tokens& lexed) {
  std::vector<std::string> out;
  for (const Token& token : lexed.tokens) {
    out.emplace_back(token.kind == TokenKind::line_end ? "<end>" : std::string(token.text));
  }
  return out;
}
std::string value(std::string_view literal, Language language = Language::python) {
  const Tokens lexed = language == Language::python ? lex_python(literal) : lex_script(literal);
  return lexed.tokens.empty() || lexed.tokens[0].kind != TokenKind::string
             ? "(no string)"
             : string_value(lexed.tokens[0], language).text;
}

TEST(PythonLexer, TellsNamesOperatorsAndLines) {
  EXPECT_THAT(words(lex_python("a = b.c(1,\n  2)  # d 'e'\n\nx != y\n")),
              ElementsAre("a", "=", "b", ".", "c", "(", "1", ",", "2", ")", "<end>", "x", "!=", "y", "<end>"));
}

TEST(PythonLexer, ReadsEveryKindOfString) {
  EXPECT_EQ(value("'a\\n\\x41\\u00e9'"), "a\nAé");
  EXPECT_EQ(value(R"(r'\n')"), "\\n");
  EXPECT_EQ(value("\"\"\"a \"b\"\nc\"\"\""), "a \"b\"\nc");
  EXPECT_EQ(value("''"), "");
  EXPECT_EQ(value("f'{x} {{y}}'"), "{x} {y}");
  EXPECT_EQ(value("Rb'x'"), "x");
  EXPECT_EQ(value("'it\\'s'"), "it's");
  EXPECT_EQ(value("'one \\\n two'"), "one  two");
}

TEST(PythonLexer, ReadsQuotesInsideReplacementFields) {
  EXPECT_THAT(words(lex_python("f\"{d[\"k\"]} {x!r:>{w}}\" + y")),
              ElementsAre("f\"{d[\"k\"]} {x!r:>{w}}\"", "+", "y", "<end>"));
  EXPECT_THAT(words(lex_python("f'''{d['k']}\n{{'''\nz")), ElementsAre("f'''{d['k']}\n{{'''", "<end>", "z", "<end>"));
}

TEST(PythonLexer, JoinsContinuedLines) {
  EXPECT_THAT(words(lex_python("a = \\\n  'b'\nc")), ElementsAre("a", "=", "'b'", "<end>", "c", "<end>"));
}

TEST(PythonLexer, CountsLinesInsideStrings) {
  const Tokens lexed = lex_python("'''\n\n'''\nx");
  ASSERT_EQ(lexed.tokens.size(), 4U);
  EXPECT_EQ(lexed.tokens[2].line, 4U);
}

TEST(PythonLexer, PassesOverMagicsOfNotebooks) {
  EXPECT_THAT(words(lex_python("%pip install x 'y\n!ls \"\nx = 5 % 3\n")),
              ElementsAre("x", "=", "5", "%", "3", "<end>"));
}

TEST(PythonLexer, EndsAnUnclosedStringWithItsLine) {
  const Tokens lexed = lex_python("a = 'b\nc = 1\n");
  ASSERT_GE(lexed.tokens.size(), 5U);
  EXPECT_FALSE(lexed.tokens[2].complete);
  EXPECT_EQ(lexed.tokens[4].text, "c");
  EXPECT_FALSE(lex_python("x = '''a\nb").tokens[2].complete);
  EXPECT_FALSE(lex_python("f'{").tokens[0].complete);
  EXPECT_FALSE(lex_python("f'{x}").tokens[0].complete);
}

TEST(ScriptLexer, TellsStringsTemplatesAndComments) {
  EXPECT_THAT(words(lex_script("const a = 'b' // 'c'\n/* `d` */ + `e ${f('`')} ${`g`}`;")),
              ElementsAre("const", "a", "=", "'b'", "+", "`e ${f('`')} ${`g`}`", ";"));
  EXPECT_EQ(value("`a ${b} \\u{41}`", Language::script), "a ${b} A");
}

TEST(ScriptLexer, TellsRegularExpressionsFromDivision) {
  EXPECT_THAT(words(lex_script("x = /['\"]/g; y = a / b / c; f(/[/]'/)")),
              ElementsAre("x", "=", "/['\"]/g", ";", "y", "=", "a", "/", "b", "/", "c", ";", "f", "(", "/[/]'/", ")"));
}

TEST(ScriptLexer, ToleratesApostrophesOfJsx) {
  EXPECT_THAT(words(lex_script("<p>Don't</p>\nconst a = 'b';")),
              ElementsAre("<", "p", ">", "Don", "'", "t", "<", "/", "p", ">", "const", "a", "=", "'b'", ";"));
}

TEST(ScriptLexer, GoesOnAfterAnUnclosedTemplate) {
  EXPECT_THAT(words(lex_script("a = `b\nc = 'd'")), ElementsAre("a", "=", "`", "b", "c", "=", "'d'"));
}

}  // namespace
}  // namespace inventory
