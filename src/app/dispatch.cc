#include <algorithm>

#include "app/command.h"
#include "base/text.h"

namespace app {

Exit report_error(const base::Error& error, Console& console) {
  console.err << "surety: " << base::printable(error.text()) << "\n";
  switch (error.code) {
    case base::Errc::untrusted:
      return Exit::integrity;
    case base::Errc::io:
      return Exit::environment;
    default:
      return Exit::usage;
  }
}

Exit exit_of(const base::Result<void>& done, Console& console) {
  return done ? Exit::passed : report_error(done.error(), console);
}

namespace {

// What to say of a word that names no subcommand, or of none.
std::string no_subcommand(const Command& command, std::string_view word) {
  std::vector<std::string_view> names;
  std::string list;
  for (const Command& sub : command.subcommands()) {
    names.push_back(last_word(sub.name));
    list += (list.empty() ? "" : ", ") + std::string(names.back());
  }
  const std::string name(command.name);
  if (word.empty()) {
    return "say what to do: surety " + name + " " + list;
  }
  std::string message = "no command " + name + " " + base::printable(word);
  if (const auto meant = base::closest(word, names)) {
    message += "; did you mean " + std::string(*meant) + "?";
  }
  return message + " (there are: " + list + ")";
}

}  // namespace

Exit dispatch(const std::vector<std::string>& words, Console& console) {
  if (words.empty()) {
    console.err << help_text();
    return Exit::usage;
  }
  if (words[0] == "--help" || words[0] == "-h") {
    console.out << help_text();
    return Exit::passed;
  }
  if (words[0] == "--version" || words[0] == "-V") {
    console.out << "surety " << kVersion << "\n";
    return Exit::passed;
  }
  const Command* command = find_command(words[0]);
  if (command == nullptr) {
    std::vector<std::string_view> names;
    for (const Command& known : commands()) {
      names.push_back(known.name);
    }
    std::string message = "no command " + base::printable(words[0]);
    if (const auto meant = base::closest(words[0], names)) {
      message += "; did you mean " + std::string(*meant) + "?";
    }
    return report_error({base::Errc::usage, message + " (surety --help lists them)"}, console);
  }
  std::size_t named = 1;
  if (command->subcommands != nullptr) {
    const std::string word = words.size() > 1 ? words[1] : std::string();
    const Command* sub = find_subcommand(*command, word);
    if (sub != nullptr) {
      command = sub;
      named = 2;
    } else if (word == "--help" || word == "-h") {
      console.out << help_text(*command);
      return Exit::passed;
    } else if (command->run == nullptr || (!word.empty() && !word.starts_with('-') && command->most_positional == 0)) {
      return report_error({base::Errc::usage, no_subcommand(*command, word)}, console);
    }
  }
  const std::vector<std::string> rest(words.begin() + static_cast<std::ptrdiff_t>(named), words.end());
  const auto options_end = std::find(rest.begin(), rest.end(), "--");
  if (std::any_of(rest.begin(), options_end, [](const auto& word) { return word == "--help" || word == "-h"; })) {
    console.out << help_text(*command);
    return Exit::passed;
  }
  const auto arguments = parse_arguments(*command, rest);
  if (!arguments) {
    const Exit code = report_error(arguments.error(), console);
    console.err << "surety " << command->name << " --help tells more.\n";
    return code;
  }
  return command->run(*arguments, console);
}

}  // namespace app
