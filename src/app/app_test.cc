#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "app/command.h"
#include "app/table.h"
#include "base/json.h"
#include "base/text.h"

namespace app {
namespace {

Arguments parsed(const char* command, const std::vector<std::string>& words) {
  auto arguments = parse_arguments(*find_command(command), words);
  EXPECT_TRUE(arguments) << arguments.error().text();
  return arguments ? *arguments : Arguments();
}

std::string refused(const char* command, const std::vector<std::string>& words) {
  const auto arguments = parse_arguments(*find_command(command), words);
  EXPECT_FALSE(arguments);
  return arguments ? "" : arguments.error().message;
}

TEST(Arguments, TakeValuesInEveryUsualForm) {
  const Arguments arguments = parsed("assess", {"--format=json", "-o", "a.html", "-o", "b.json", "-v", "dir"});
  EXPECT_EQ(arguments.get("format"), "json");
  EXPECT_EQ(arguments.all("output"), (std::vector<std::string>{"a.html", "b.json"}));
  EXPECT_TRUE(arguments.has("verbose"));
  EXPECT_FALSE(arguments.has("quiet"));
  EXPECT_EQ(arguments.positional(0, "."), "dir");
  EXPECT_EQ(parsed("assess", {}).positional(0, "."), ".");
  const Arguments before = parsed("scan", {"--format", "json", "one", "two"});  // a value ends an option
  EXPECT_EQ(before.get("format"), "json");
  EXPECT_EQ(before.positional(), (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(parsed("assess", {"--", "--odd"}).positional(0, "."), "--odd");
}

TEST(Arguments, RefuseWhatIsUnknownAndSayWhatWasMeant) {
  EXPECT_NE(refused("assess", {"--fromat", "json"}).find("did you mean --format?"), std::string::npos);
  EXPECT_NE(refused("assess", {"--format", "jsn"}).find("did you mean json?"), std::string::npos);
  EXPECT_EQ(refused("assess", {"one", "two"}), "one word too many: \"two\"; assess takes [DIR]");
  EXPECT_EQ(refused("keygen", {"--private-key", "key", "x"}), "one word too many: \"x\"; keygen takes options only");
  EXPECT_EQ(refused("assess", {"--format"}), "--format needs FORMAT");
  EXPECT_EQ(refused("assess", {"-x"}), "no option -x");
  EXPECT_EQ(refused("assess", {"--quite=yes"}), "no option --quite; did you mean --quiet?");
  EXPECT_EQ(refused("assess", {"--quiet=false"}), "--quiet takes no value");
}

TEST(Commands, HaveUniqueNamesAndOptions) {
  std::set<std::string_view> names;
  for (const Command& command : commands()) {
    EXPECT_TRUE(names.insert(command.name).second);
    std::set<std::string_view> options;
    std::set<char> letters;
    for (const Option& option : command.options) {
      EXPECT_TRUE(options.insert(option.name).second) << command.name << " " << option.name;
      EXPECT_TRUE(option.letter == 0 || letters.insert(option.letter).second) << command.name << " " << option.letter;
      EXPECT_FALSE(option.help.empty());
    }
  }
}

TEST(Help, FitsEightyColumns) {
  std::vector<std::string> texts = {help_text()};
  for (const Command& command : commands()) {
    texts.push_back(help_text(command));
  }
  for (const std::string& text : texts) {
    for (const std::string_view line : base::split(text, '\n')) {
      EXPECT_LE(base::display_width(line), 80U) << line;
    }
  }
}

TEST(Help, CompletionsAndManualNameEveryCommandAndOption) {
  for (const std::string& text : {completions("bash"), completions("zsh"), completions("fish"), manual_page()}) {
    for (const Command& command : commands()) {
      EXPECT_NE(text.find(command.name), std::string::npos) << command.name;
    }
  }
  EXPECT_NE(completions("fish").find("-l fail-on"), std::string::npos);
  EXPECT_EQ(completions("tcsh"), "");
}

TEST(Dispatch, KeepsDataAndMessagesApart) {
  std::ostringstream out;
  std::ostringstream err;
  Console console{out, err};
  EXPECT_EQ(dispatch({"--version"}, console), Exit::passed);
  EXPECT_EQ(out.str(), "surety " + std::string(kVersion) + "\n");
  out.str("");
  EXPECT_EQ(dispatch({"nonsense"}, console), Exit::usage);
  EXPECT_EQ(out.str(), "");
  EXPECT_NE(err.str().find("no command nonsense"), std::string::npos);
}

TEST(Table, TextKeepsWithinTheWidth) {
  const std::vector<Row> rows = {{"short", std::string(200, 'x') + " y", "tail"}, {std::nullopt, "é", "\x1b[31m"}};
  const std::string text = render_table({"a", "b", "c"}, rows, "text", 80);
  for (const std::string_view line : base::split(text, '\n')) {
    EXPECT_LE(base::display_width(line), 80U) << line;
  }
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

TEST(Table, CsvQuotesAndDefusesFormulas) {
  EXPECT_EQ(render_table({"a", "b"}, {{"=1+1", "x,\"y\"\n"}}, "csv", 80), "a,b\r\n'=1+1,\"x,\"\"y\"\"\n\"\r\n");
}

TEST(Table, JsonTellsNothingFromEmpty) {
  const auto value = base::parse_json(render_table({"a", "b"}, {{std::nullopt, ""}}, "json", 80));
  ASSERT_TRUE(value);
  EXPECT_TRUE(value->as_list()[0]["a"].is_null());
  EXPECT_TRUE(value->as_list()[0]["b"].is_string());
}

}  // namespace
}  // namespace app
