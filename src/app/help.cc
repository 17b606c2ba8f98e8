// Help, manual page and completions: all from the table of commands.
#include <sstream>
#include <vector>

#include "app/command.h"
#include "base/text.h"

namespace app {
namespace {

std::string flags_of(const Option& option) {
  std::string out = option.letter != 0 ? std::string("-") + option.letter + ", " : "    ";
  out += "--" + std::string(option.name);
  return option.value.empty() ? out : out + " " + std::string(option.value);
}

void add_wrapped(std::string& out, std::string_view text, std::size_t indent, std::size_t first_column = 0) {
  std::size_t column = first_column;
  for (const std::string& line : base::wrap(text, 80 - indent)) {
    out += std::string(indent > column ? indent - column : 0, ' ') + line + "\n";
    column = 0;
  }
}

constexpr std::string_view kExitCodes =
    "0 passed, 1 gate failed, 2 wrong usage or invalid file, 3 could not tell, 4 integrity failure, 5 environment "
    "failed";

// Text made safe for roff.
std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n')) {
      out += std::string("\\&") + c;
    } else {
      out += c;
    }
  }
  return out;
}

// Single quotes inside a single-quoted shell word.
std::string shell_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    out += c == '\'' ? "'\\''" : std::string(1, c);
  }
  return out + "'";
}

std::string spaced(std::string_view choices) {
  std::string out(choices);
  for (char& c : out) {
    c = c == ',' ? ' ' : c;
  }
  return out;
}

// Every command that can be typed: one with subcommands is followed by them.
std::vector<const Command*> all_commands() {
  std::vector<const Command*> out;
  for (const Command& command : commands()) {
    out.push_back(&command);
    if (command.subcommands != nullptr) {
      for (const Command& sub : command.subcommands()) {
        out.push_back(&sub);
      }
    }
  }
  return out;
}

// "show verify": the last words of a command's subcommands.
std::string words_after(const Command& command) {
  std::string out;
  for (const Command& sub : command.subcommands()) {
    out += (out.empty() ? "" : " ") + std::string(last_word(sub.name));
  }
  return out;
}

// The names of the commands that have subcommands, for a pattern of a shell's case.
std::string parents() {
  std::string out;
  for (const Command& command : commands()) {
    if (command.subcommands != nullptr) {
      out += (out.empty() ? "" : "|") + std::string(command.name);
    }
  }
  return out;
}

std::string bash_completions() {
  std::string words;
  std::string cases;
  std::string values;
  std::string subcommands;
  for (const Command& command : commands()) {
    words += (words.empty() ? "" : " ") + std::string(command.name);
    if (command.subcommands != nullptr) {
      subcommands += "    " + std::string(command.name) + ") COMPREPLY=($(compgen -W '" + words_after(command) +
                     " --help' -- \"$word\")); return ;;\n";
    }
  }
  for (const Command* entry : all_commands()) {
    const Command& command = *entry;
    std::string options = "--help";
    for (const Option& option : command.options) {
      options += " --" + std::string(option.name);
      if (!option.choices.empty()) {
        values += "    '" + std::string(command.name) + "':--" + std::string(option.name) +
                  ") COMPREPLY=($(compgen -W '" + spaced(option.choices) + "' -- \"$word\")); return ;;\n";
      }
    }
    cases += "    '" + std::string(command.name) + "') words='" + options + "' ;;\n";
  }
  return "# bash completions of surety; put it where bash-completion looks, or source it.\n"
         "_surety() {\n  local word=\"${COMP_WORDS[COMP_CWORD]}\" command=\"${COMP_WORDS[1]}\" words=''\n"
         "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n    COMPREPLY=($(compgen -W '" +
         words +
         " --help --version' -- \"$word\")); return\n  fi\n"
         "  if [ \"$COMP_CWORD\" -eq 2 ]; then\n    case \"$command\" in\n" +
         subcommands +
         "    esac\n  fi\n"
         "  case \"$command\" in\n    " +
         parents() +
         ") command=\"$command ${COMP_WORDS[2]}\" ;;\n  esac\n"
         "  case \"$command:${COMP_WORDS[COMP_CWORD-1]}\" in\n" +
         values +
         "  esac\n"
         "  case \"$command\" in\n" +
         cases +
         "  esac\n"
         "  case \"$word\" in\n    -*) COMPREPLY=($(compgen -W \"$words\" -- \"$word\")) ;;\n"
         "    *) COMPREPLY=($(compgen -f -- \"$word\")) ;;\n  esac\n}\ncomplete -o filenames -F _surety surety\n";
}

std::string zsh_completions() {
  std::string list;
  std::string cases;
  std::string subcommands;
  for (const Command& command : commands()) {
    list += "    " + shell_quoted(std::string(command.name) + ":" + std::string(command.summary)) + "\n";
  }
  for (const Command* entry : all_commands()) {
    const Command& command = *entry;
    if (command.subcommands != nullptr) {
      subcommands += "    " + std::string(command.name) + ") compadd " + words_after(command) + "; return ;;\n";
    }
    cases += "    '" + std::string(command.name) + "')\n      _arguments";
    for (const Option& option : command.options) {
      std::string help;
      for (const char c : option.help) {
        help += c == '[' || c == ']' || c == ':' ? std::string("\\") + c : std::string(1, c);
      }
      std::string spec = std::string(option.repeats ? "*" : "") + "--" + std::string(option.name) + "[" + help + "]";
      if (!option.value.empty()) {
        spec += ":" + std::string(option.value) + ":" +
                (option.choices.empty() ? (option.value == "DIR" ? "_files -/" : "_files")
                                        : "(" + spaced(option.choices) + ")");
      }
      cases += " \\\n        " + shell_quoted(spec);
    }
    cases += " \\\n        '*:file:_files' ;;\n";
  }
  return "#compdef surety\n_surety() {\n  local -a commands\n  commands=(\n" + list +
         "  )\n  if (( CURRENT == 2 )); then _describe command commands; return; fi\n"
         "  local command=${words[2]}\n"
         "  if (( CURRENT == 3 )); then\n    case $command in\n" +
         subcommands +
         "    esac\n  fi\n  shift words; (( CURRENT-- ))\n"
         "  case $command in\n    " +
         parents() +
         ") command=\"$command ${words[2]}\"; shift words; (( CURRENT-- )) ;;\n  esac\n"
         "  case $command in\n" +
         cases + "  esac\n}\n_surety \"$@\"\n";
}

std::string fish_completions() {
  std::string out = "complete -c surety -f\n";
  for (const Command& command : commands()) {
    out += "complete -c surety -n __fish_use_subcommand -a " + std::string(command.name) + " -d " +
           shell_quoted(command.summary) + "\n";
  }
  for (const Command* entry : all_commands()) {
    const Command& command = *entry;
    // "log verify" is seen where both words are.
    std::string seen;
    for (const std::string_view word : base::split(command.name, ' ')) {
      seen += (seen.empty() ? "" : "; and ") + ("__fish_seen_subcommand_from " + std::string(word));
    }
    if (command.subcommands != nullptr) {
      for (const Command& sub : command.subcommands()) {
        out += "complete -c surety -n '" + seen + "; and not __fish_seen_subcommand_from " + words_after(command) +
               "' -a " + std::string(last_word(sub.name)) + " -d " + shell_quoted(sub.summary) + "\n";
      }
      continue;
    }
    for (const Option& option : command.options) {
      out += "complete -c surety -n '" + seen + "' -l " + std::string(option.name);
      if (option.letter != 0) {
        out += std::string(" -s ") + option.letter;
      }
      if (!option.value.empty()) {
        out += option.choices.empty() ? " -r -F" : " -x -a " + shell_quoted(spaced(option.choices));
      }
      out += " -d " + shell_quoted(option.help) + "\n";
    }
    out += "complete -c surety -n '" + seen + "' -F\n";
  }
  return out;
}

}  // namespace

std::string help_text() {
  std::string out = "surety " + std::string(kVersion) +
                    "\nTells from evidence whether an AI system meets the UK Code of Practice for the\nCyber Security "
                    "of AI and ETSI EN 304 223.\n"
                    "\nUsage: surety COMMAND [OPTIONS]\n\nCommands:\n";
  for (const Command& command : commands()) {
    const std::string name = "  " + std::string(command.name);
    out += name;
    add_wrapped(out, command.summary, 14, name.size());
  }
  out += "\nStart with: surety assess\nHelp on one: surety COMMAND --help\n\nExit codes: ";
  std::string codes;
  add_wrapped(codes, kExitCodes, 12, 12);
  return out + codes;
}

std::string help_text(const Command& command) {
  std::string out = "surety " + std::string(command.name) + ": " + std::string(command.summary) + "\n\nUsage: surety " +
                    std::string(command.name) + " [OPTIONS] " + std::string(command.positional) + "\n";
  if (!command.description.empty()) {
    out += "\n";
    add_wrapped(out, command.description, 0);
  }
  if (command.subcommands != nullptr) {
    out += "\nCommands:\n";
    for (const Command& sub : command.subcommands()) {
      const std::string name = "  " + std::string(last_word(sub.name));
      out += name;
      add_wrapped(out, sub.summary, 14, name.size());
    }
  }
  out += "\nOptions:\n";
  for (const Option& option : command.options) {
    const std::string flags = "  " + flags_of(option);
    out += flags;
    if (flags.size() > 25) {
      out += "\n";
    }
    add_wrapped(out, option.help, 27, flags.size() > 25 ? 0 : flags.size());
  }
  out += "      --help               Show this.\n";
  if (!command.examples.empty()) {
    out += "\nExamples:\n";
    for (const std::string_view line : base::split(command.examples, '\n')) {
      out += "  " + std::string(line) + "\n";
    }
  }
  out += "\nExit codes: ";
  std::string codes;
  add_wrapped(codes, kExitCodes, 12, 12);
  return out + codes;
}

std::string manual_page() {
  std::ostringstream out;
  out << ".TH SURETY 1 \"2026-11-23\" \"surety " << kVersion << "\" \"User Commands\"\n"
      << ".SH NAME\nsurety \\- assess the security of an AI system from evidence\n"
      << ".SH SYNOPSIS\n.B surety\n.I command\n[options]\n"
      << ".SH DESCRIPTION\nTells, from the files themselves, whether an AI system meets the UK Code of Practice for "
         "the Cyber "
         "Security of AI (January 2025) and its European form ETSI EN 304 223. The network is used only for an address "
         "that is named.\n"
      << ".SH COMMANDS\n";
  for (const Command* entry : all_commands()) {
    const Command& command = *entry;
    out << ".SS \"surety " << command.name << " " << roff(command.positional) << "\"\n"
        << roff(command.description.empty() ? command.summary : command.description) << "\n";
    for (const Option& option : command.options) {
      out << ".TP\n.B " << roff(base::trim(flags_of(option))) << "\n" << roff(option.help) << "\n";
    }
  }
  out << ".SH EXIT STATUS\n"
      << roff(kExitCodes) << ".\n"
      << ".SH FILES\n.TP\n.I ai\\-system.yaml\nFacts about the system that files cannot show.\n"
      << ".TP\n.I .surety/ledger.entries\nEvidence, as a Merkle log.\n.TP\n.I .surety/checkpoint\nThe log's last "
         "checkpoint.\n"
      << ".SH ENVIRONMENT\n.TP\n.B NO_COLOR\nWhen set, text is not coloured.\n.TP\n.B SOURCE_DATE_EPOCH\nThe time to "
         "take for now, "
         "so that output can be reproduced.\n";
  return out.str();
}

std::string completions(std::string_view shell) {
  return shell == "bash"   ? bash_completions()
         : shell == "zsh"  ? zsh_completions()
         : shell == "fish" ? fish_completions()
                           : "";
}

Exit run_help(const Arguments& arguments, Console& console) {
  if (arguments.has("man")) {
    console.out << manual_page();
  } else if (arguments.has("completions")) {
    console.out << completions(arguments.get("completions"));
  } else if (const std::string name = arguments.positional(0, ""); !name.empty()) {
    const Command* command = find_command(name);
    if (const std::string sub = arguments.positional(1, ""); command != nullptr && !sub.empty()) {
      command = find_subcommand(*command, sub);
    }
    if (command == nullptr) {
      return report_error({base::Errc::usage, "no command " + base::printable(name)}, console);
    }
    console.out << help_text(*command);
  } else {
    console.out << help_text();
  }
  return Exit::passed;
}

}  // namespace app
