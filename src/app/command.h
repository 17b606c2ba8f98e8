#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/console.h"
#include "base/result.h"

namespace app {

/// One option of a command. Help, manual page and completions are made from it.
struct Option {
  std::string_view name;   ///< "format": --format.
  char letter = 0;         ///< 'f': -f; 0 for none.
  std::string_view value;  ///< "FORMAT"; empty for a switch.
  std::string_view help;
  std::string_view
      choices;  ///< "text,json": what it may be; empty for anything. "FILE" and "DIR" values complete as paths.
  bool repeats = false;
};

/// What the user typed after the command's name.
class Arguments {
 public:
  [[nodiscard]] bool has(std::string_view option) const { return values_.contains(option); }
  /// The last value given, or the fallback.
  [[nodiscard]] std::string get(std::string_view option, std::string_view fallback = {}) const;
  [[nodiscard]] std::vector<std::string> all(std::string_view option) const;
  [[nodiscard]] const std::vector<std::string>& positional() const { return positional_; }
  [[nodiscard]] std::string positional(std::size_t place, std::string_view fallback) const;

 private:
  friend struct ArgumentParser;
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
  std::vector<std::string> positional_;
};

/// One command of the program.
struct Command {
  std::string_view name;
  std::string_view summary;      ///< One line.
  std::string_view positional;   ///< "[DIR]", "PATH...", "" …
  std::size_t most_positional;   ///< How many there may be.
  std::string_view description;  ///< Paragraphs for --help and the manual.
  std::string_view examples;     ///< Lines "command # what it does".
  std::span<const Option> options;
  Exit (*run)(const Arguments&, Console&);              ///< Null where there are subcommands only.
  std::span<const Command> (*subcommands)() = nullptr;  ///< Named "log verify", of the command "log".
};

/// All commands, in the order of help.
std::span<const Command> commands();
const Command* find_command(std::string_view name);
/// The subcommand of `command` that `word` names; null where there is none.
const Command* find_subcommand(const Command& command, std::string_view word);
/// "verify" of "log verify".
std::string_view last_word(std::string_view name);
inline constexpr std::string_view kVersion = SURETY_VERSION;

/// The value of an option that takes a whole number. Fails with usage where it is none from `least` to `most`.
base::Result<std::uint64_t> whole_number(const Arguments& arguments, std::string_view option, std::uint64_t least,
                                         std::uint64_t most);

/// Parses what follows the command's name. Fails with usage, naming what is wrong and what was probably meant.
base::Result<Arguments> parse_arguments(const Command& command, const std::vector<std::string>& words);

std::string help_text();                          ///< Of the program.
std::string help_text(const Command& command);    ///< Of one command.
std::string manual_page();                        ///< roff, man(7) macros.
std::string completions(std::string_view shell);  ///< For bash, zsh or fish; empty for another.

/// Runs `argv` (without the program's name).
Exit dispatch(const std::vector<std::string>& words, Console& console);

/// Says the error on `err` and gives the exit code it stands for.
Exit report_error(const base::Error& error, Console& console);
/// Exit::passed, or the error reported as above.
Exit exit_of(const base::Result<void>& done, Console& console);

// One function a command, each in its own file.
Exit run_assess(const Arguments& arguments, Console& console);
Exit run_report(const Arguments& arguments, Console& console);
Exit run_next(const Arguments& arguments, Console& console);
Exit run_plan(const Arguments& arguments, Console& console);
Exit run_applicable(const Arguments& arguments, Console& console);
Exit run_import(const Arguments& arguments, Console& console);
Exit run_init(const Arguments& arguments, Console& console);
Exit run_explain(const Arguments& arguments, Console& console);
Exit run_inventory(const Arguments& arguments, Console& console);
Exit run_bom(const Arguments& arguments, Console& console);
Exit run_scan(const Arguments& arguments, Console& console);
Exit run_inspect(const Arguments& arguments, Console& console);
Exit run_snapshot(const Arguments& arguments, Console& console);
Exit run_restore(const Arguments& arguments, Console& console);
Exit run_release(const Arguments& arguments, Console& console);
Exit run_diff(const Arguments& arguments, Console& console);
Exit run_query(const Arguments& arguments, Console& console);
Exit run_keygen(const Arguments& arguments, Console& console);
Exit run_sign(const Arguments& arguments, Console& console);
Exit run_threats(const Arguments& arguments, Console& console);
Exit run_verify(const Arguments& arguments, Console& console);
Exit run_gateway(const Arguments& arguments, Console& console);
Exit run_help(const Arguments& arguments, Console& console);

// Subcommands, each table in its own file.
std::span<const Command> log_commands();
std::span<const Command> supplier_commands();
std::span<const Command> baseline_commands();
std::span<const Command> guard_commands();
std::span<const Command> monitor_commands();
std::span<const Command> gateway_commands();
std::span<const Command> threats_commands();
std::span<const Command> record_commands();

}  // namespace app
