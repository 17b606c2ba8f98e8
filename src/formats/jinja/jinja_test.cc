#include "formats/jinja/jinja.h"

#include <gtest/gtest.h>

namespace formats::jinja {
namespace {

const char* name_of(Kind kind) {
  switch (kind) {
    case Kind::text:
      return "text";
    case Kind::integer:
      return "integer";
    case Kind::name:
      return "name";
    case Kind::attribute:
      return "attribute";
    case Kind::item:
      return "item";
    case Kind::slice:
      return "slice";
    case Kind::call:
      return "call";
    case Kind::keyword:
      return "keyword";
    case Kind::filter:
      return "filter";
    case Kind::test:
      return "test";
    case Kind::condition:
      return "condition";
    case Kind::binary:
      return "binary";
    case Kind::compare:
      return "compare";
    case Kind::concat:
      return "concat";
    case Kind::tuple:
      return "tuple";
    case Kind::negative:
      return "negative";
    case Kind::logical_not:
      return "not";
    case Kind::output:
      return "output";
    case Kind::data:
      return "data";
    case Kind::body:
      return "body";
    default:
      return "other";
  }
}

/// "binary(+ integer 1, …)", for comparisons.
std::string show(const Template& tree, NodeId id) {
  if (id == kNone) {
    return "-";
  }
  const Node& node = tree.at(id);
  std::string out = name_of(node.kind);
  out += node.name.empty() ? "" : ":" + node.name;
  out += node.kind == Kind::integer ? ":" + std::to_string(node.number) : "";
  if (!node.children.empty()) {
    out += "(";
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      out += (i > 0 ? " " : "") + show(tree, node.children[i]);
    }
    out += ")";
  }
  return out;
}
std::string shown(std::string_view expression) {
  const auto tree = parse("{{ " + std::string(expression) + " }}");
  if (!tree) {
    return tree.error().message;
  }
  return show(*tree, tree->at(tree->at(tree->root).children[0]).children[0]);
}

TEST(Jinja, BindsOperatorsAsJinjaDoes) {
  EXPECT_EQ(shown("a + b ~ c * d"), "binary:+(name:a concat(name:b binary:*(name:c name:d)))");
  EXPECT_EQ(shown("2 ** 3 ** 2"), "binary:**(binary:**(integer:2 integer:3) integer:2)");
  EXPECT_EQ(shown("-a.b|c"), "filter:c(negative(attribute:b(name:a)))");
  EXPECT_EQ(shown("not a in b"), "not(compare:in(name:a name:b))");
  EXPECT_EQ(shown("a < b == c"), "compare:< ==(name:a name:b name:c)");
  EXPECT_EQ(shown("a if b else c"), "condition(name:b name:a name:c)");
  EXPECT_EQ(shown("a is not divisibleby 3"), "not(test:divisibleby(name:a integer:3))");
  EXPECT_EQ(shown("a[1:, ::2]"), "item(name:a tuple(slice(integer:1 - -) slice(- - integer:2)))");
  EXPECT_EQ(shown("f(x, y=1)|map('a').b"), "'}}' expected");
  EXPECT_EQ(shown("(f(x, y=1)|map('a')).b"),
            "attribute:b(filter:map(call(name:f name:x keyword:y(integer:1)) text:a))");
}

TEST(Jinja, UndoesEscapesAndJoinsAdjoiningConstants) {
  EXPECT_EQ(shown(R"('\x5f\u005f' "\137" '\N{LOW LINE}')"), "text:____");
  EXPECT_EQ(shown(R"('a\'b')"), "text:a'b");
  EXPECT_EQ(shown(R"('\x5')"), "text constant: an escape that Python refuses");
  EXPECT_EQ(shown("1_000"), "integer:1000");
  EXPECT_EQ(shown("0x1F"), "integer:31");
}

TEST(Jinja, TellsCodeFromDataCommentsAndRawBlocks) {
  const auto tree = parse("a {#- {{ b }} #} {%- raw -%} {{ c }} {%- endraw %}{{ {'}}': d}['}}'] }}");
  ASSERT_TRUE(tree) << tree.error().text();
  EXPECT_EQ(show(*tree, tree->root), "body(data:a data:{{ c }} output(item(other(text:}} name:d) text:}})))");
}

TEST(Jinja, ReadsEveryStatement) {
  for (const std::string_view source : {"{% set a, b = 1, 2 %}",
                                        "{% set n.x = 1 %}",
                                        "{% set a | upper %}x{% endset %}",
                                        "{% for a, (b, c) in d if e recursive %}{{ loop(b) }}{% else %}x{% endfor %}",
                                        "{% if a %}b{% elif c %}d{% else %}e{% endif %}",
                                        "{% with a = 1, b = 2 %}{% endwith %}",
                                        "{% macro m(a, b=1) %}{% endmacro %}{% call(x) m(1) %}{% endcall %}",
                                        "{% filter a | b(1) %}{% endfilter %}",
                                        "{% block a scoped %}{% endblock a %}",
                                        "{% extends 'a' %}",
                                        "{% include ['a'] ignore missing with context %}",
                                        "{% import 'a' as b without context %}",
                                        "{% from 'a' import b as c, d with context %}",
                                        "{% autoescape true %}{% endautoescape %}",
                                        "{% do a.append(1) %}",
                                        "{% generation %}{% endgeneration %}",
                                        "{% trans a=1 %}x{% pluralize %}y{% endtrans %}",
                                        "{% for a in b %}{% break %}{% continue %}{% endfor %}",
                                        "{% print a, b %}",
                                        "{%+ if a -%}{%- endif +%}"}) {
    const auto tree = parse(source);
    EXPECT_TRUE(tree) << source << ": " << tree.error().text();
  }
  for (const std::string_view source : {"{% if a %}", "{% endif %}", "{{ a", "{{ a b }}", "{% unknown %}", "{{ (a] }}",
                                        "{# a", "{% for a %}{% endfor %}", "{{ }}", "{% call a %}{% endcall %}"}) {
    EXPECT_FALSE(parse(source)) << source;
  }
}

TEST(Jinja, RefusesWhatIsNestedOrSizedBeyondItsLimits) {
  const auto nested = [](std::string_view open, std::string_view close, int times) {
    std::string out = "{{ ";
    for (int i = 0; i < times; ++i) {
      out += open;
    }
    out += "1";
    for (int i = 0; i < times; ++i) {
      out += close;
    }
    return parse(out + " }}");
  };
  EXPECT_TRUE(nested("(", ")", 60));
  for (const auto& [open, close] :
       std::initializer_list<std::pair<std::string_view, std::string_view>>{{"(", ")"},
                                                                            {"[", "]"},
                                                                            {"not ", ""},
                                                                            {"-", ""},
                                                                            {"f(", ")"},
                                                                            {"a[", "]"},
                                                                            {"", ".a"},
                                                                            {"1 + ", ""},
                                                                            {"{1:", "}"},
                                                                            {"1 if 1 else ", ""}}) {
    const auto tree = nested(open, close, 100'000);
    ASSERT_FALSE(tree) << open;
    EXPECT_EQ(tree.error().code, base::Errc::too_large) << open;
  }
  std::string blocks;
  for (int i = 0; i < 10'000; ++i) {
    blocks += "{% if a %}";
  }
  EXPECT_EQ(parse(blocks).error().code, base::Errc::too_large);
  // A loop in a test in a loop, with parentheses inside: the frames add up.
  std::string mixed;
  for (int i = 0; i < 190; ++i) {
    mixed += i % 2 == 0 ? "{% for a in b %}" : "{% if a %}";
  }
  EXPECT_EQ(parse(mixed + "{{ " + std::string(10'000, '(') + '1' + std::string(10'000, ')') + " }}").error().code,
            base::Errc::too_large);
  EXPECT_EQ(parse("12345", {4, 10, 10}).error().code, base::Errc::too_large);
}

TEST(Jinja, RefusesOrReadsEveryTruncation) {
  const std::string source =
      "a{% for m in messages %}{{ m['role'] ~ '\\x5f' if m.x is defined else 1.5e3 }}{% endfor %}{# c #}";
  for (std::size_t kept = 0; kept < source.size(); ++kept) {
    const auto tree = parse(source.substr(0, kept));
    if (!tree) {
      EXPECT_LE(tree.error().offset, kept);
    }
  }
}

TEST(Jinja, GivesTheWordsOfWhatDoesNotParse) {
  const auto all = words("{{ a.__class__ | }} {% if 'x\\x79' %}{{ ' }} {{ b }}");
  std::string text;
  for (const Word& word : all) {
    text += word.text + " ";
  }
  EXPECT_TRUE(text.starts_with("a __class__ if xy ")) << text;
}

}  // namespace
}  // namespace formats::jinja
