// The only file that knows CLI11: it parses, our table of commands says what.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <memory>

#include "app/command.h"
#include "base/text.h"

namespace app {

std::string Arguments::get(std::string_view option, std::string_view fallback) const {
  const auto found = values_.find(option);
  return found != values_.end() && !found->second.empty() ? found->second.back() : std::string(fallback);
}

std::vector<std::string> Arguments::all(std::string_view option) const {
  const auto found = values_.find(option);
  return found != values_.end() ? found->second : std::vector<std::string>();
}

std::string Arguments::positional(std::size_t place, std::string_view fallback) const {
  return place < positional_.size() ? positional_[place] : std::string(fallback);
}

base::Result<std::uint64_t> whole_number(const Arguments& arguments, std::string_view option, std::uint64_t least,
                                         std::uint64_t most) {
  const std::string text = arguments.get(option);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < least || value > most) {
    return base::Error{base::Errc::usage, "--" + std::string(option) + ": a number from " + std::to_string(least) +
                                              " to " + std::to_string(most) + ", not \"" + base::printable(text) +
                                              "\""};
  }
  return value;
}

struct ArgumentParser {
  static base::Result<Arguments> parse(const Command& command, std::vector<std::string> words);
};

namespace {

// CLI11's messages name no near miss; add one for a mistyped option.
std::string with_suggestion(const Command& command, const std::vector<std::string>& words, std::string message) {
  for (const std::string& word : words) {
    if (!word.starts_with("--")) {
      continue;
    }
    const std::string name = word.substr(2, word.find('=') == std::string::npos ? word.find('=') : word.find('=') - 2);
    std::vector<std::string_view> names;
    for (const Option& option : command.options) {
      names.push_back(option.name);
    }
    if (name.empty() || std::find(names.begin(), names.end(), name) != names.end()) {
      continue;
    }
    message = "no option --" + base::printable(name);
    if (const auto meant = base::closest(name, names)) {
      message += "; did you mean --" + std::string(*meant) + "?";
    }
    return message;
  }
  return message;
}

}  // namespace

base::Result<Arguments> ArgumentParser::parse(const Command& command, std::vector<std::string> words) {
  CLI::App parser;
  parser.set_help_flag();
  Arguments arguments;
  struct Target {
    std::vector<std::string> values;
    bool flag = false;
  };
  std::vector<std::unique_ptr<Target>> targets;
  std::vector<CLI::Option*> parsed;
  for (const Option& option : command.options) {
    std::string names = "--" + std::string(option.name);
    if (option.letter != 0) {
      names = std::string("-") + option.letter + "," + names;
    }
    targets.push_back(std::make_unique<Target>());
    if (option.value.empty()) {
      parsed.push_back(parser.add_flag(names, targets.back()->flag));
    } else {
      CLI::Option* added = parser.add_option(names, targets.back()->values);
      added->type_size(1)->expected(1)->allow_extra_args(false);
      added->multi_option_policy(option.repeats ? CLI::MultiOptionPolicy::TakeAll : CLI::MultiOptionPolicy::TakeLast);
      parsed.push_back(added);
    }
  }
  if (command.most_positional > 0) {
    parser.add_option("words", arguments.positional_)->expected(0, static_cast<int>(command.most_positional));
  }
  const std::vector<std::string> typed = words;
  std::reverse(words.begin(), words.end());  // CLI11 takes them from the back
  try {
    parser.parse(words);
  } catch (const CLI::ParseError& error) {
    std::string message = error.what();
    const std::size_t line = message.find('\n');
    return base::Error{base::Errc::usage, with_suggestion(command, typed, message.substr(0, line))};
  }
  for (std::size_t i = 0; i < command.options.size(); ++i) {
    const Option& option = command.options[i];
    if (parsed[i]->count() == 0) {
      continue;
    }
    arguments.values_[std::string(option.name)] = targets[i]->values;
    if (option.choices.empty()) {
      continue;
    }
    const std::vector<std::string_view> choices = base::split(option.choices, ',');
    for (const std::string& value : targets[i]->values) {
      if (std::find(choices.begin(), choices.end(), value) == choices.end()) {
        std::string message = "--" + std::string(option.name) + ": \"" + base::printable(value) + "\" is not one of ";
        for (const std::string_view choice : choices) {
          message += (choice == choices.front() ? "" : ", ") + std::string(choice);
        }
        if (const auto meant = base::closest(value, choices)) {
          message += "; did you mean " + std::string(*meant) + "?";
        }
        return base::Error{base::Errc::usage, message};
      }
    }
  }
  return arguments;
}

base::Result<Arguments> parse_arguments(const Command& command, const std::vector<std::string>& words) {
  return ArgumentParser::parse(command, words);
}

}  // namespace app
