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

// The first word that looks like an option and is none, with what was probably meant; empty where each is one.
std::string unknown_option(const Command& command, const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    if (word == "--") {
      return {};
    }
    const std::string typed = word.substr(0, word.find('='));
    if (typed.size() < 2 || typed[0] != '-') {
      continue;
    }
    const bool known = std::any_of(command.options.begin(), command.options.end(), [&typed](const Option& option) {
      return typed == "--" + std::string(option.name) || (option.letter != 0 && typed[1] == option.letter);
    });
    if (known) {
      continue;
    }
    std::string message = "no option " + base::printable(typed);
    std::vector<std::string_view> names;
    for (const Option& option : command.options) {
      names.push_back(option.name);
    }
    if (const auto meant = base::closest(std::string_view(typed).substr(typed[1] == '-' ? 2 : 1), names)) {
      message += "; did you mean --" + std::string(*meant) + "?";
    }
    return message;
  }
  return {};
}

// The first option that was given a value and takes none; empty where there is none. CLI11 reads "--quiet=false" as an
// option that was given.
std::string needless_value(const Command& command, const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    if (word == "--") {
      break;
    }
    const std::size_t sign = word.find('=');
    for (const Option& option : command.options) {
      const std::string name = "--" + std::string(option.name);
      if (option.value.empty() && sign == name.size() && word.starts_with(name)) {
        return name + " takes no value";
      }
    }
  }
  return {};
}

// What is wrong, in words of ours: CLI11's speak of its own types and name no near miss.
std::string explained(const Command& command, const std::vector<std::string>& words, const CLI::ParseError& error) {
  if (std::string unknown = unknown_option(command, words); !unknown.empty()) {
    return unknown;
  }
  const std::string message = error.what();
  for (const Option& option : command.options) {
    const std::string name = "--" + std::string(option.name);
    if (message.starts_with(name + ":") && !option.value.empty()) {
      return name + " needs " + std::string(option.value);
    }
  }
  return message.substr(0, message.find('\n'));
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
  parser.add_option("words", arguments.positional_)->expected(0, CLI::detail::expected_max_vector_size);
  const std::vector<std::string> typed = words;
  if (std::string needless = needless_value(command, typed); !needless.empty()) {
    return base::Error{base::Errc::usage, std::move(needless)};
  }
  std::reverse(words.begin(), words.end());  // CLI11 takes them from the back
  try {
    parser.parse(words);
  } catch (const CLI::ParseError& error) {
    return base::Error{base::Errc::usage, explained(command, typed, error)};
  }
  if (arguments.positional_.size() > command.most_positional) {
    return base::Error{base::Errc::usage,
                       "one word too many: \"" + base::printable(arguments.positional_[command.most_positional]) +
                           "\"; " + std::string(command.name) + " takes " +
                           (command.most_positional == 0 ? "options only" : std::string(command.positional))};
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
