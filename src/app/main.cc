#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "app/command.h"

int main(int argc, char** argv) {
  static_cast<void>(std::signal(SIGPIPE, SIG_IGN));  // a reader that went away shows as a failed write below
  static_cast<void>(std::signal(SIGXFSZ, SIG_IGN));  // so does a file that may not grow
  std::ios::sync_with_stdio(false);
  app::Console console{std::cout, std::cerr};
  console.terminal = isatty(STDOUT_FILENO) == 1;
  const char* no_color = std::getenv("NO_COLOR");
  const char* terminal_name = std::getenv("TERM");
  console.colour = console.terminal && (no_color == nullptr || *no_color == '\0') &&
                   !(terminal_name != nullptr && std::string_view(terminal_name) == "dumb");
  winsize size{};
  if (console.terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    console.columns = std::clamp<std::size_t>(size.ws_col, 60, 120);
  }
  const std::vector<std::string> words(argv + 1, argv + argc);
  app::Exit code = app::dispatch(words, console);
  std::cout.flush();
  if (!std::cout && code == app::Exit::passed) {
    std::cerr << "surety: writing to standard output failed\n";
    code = app::Exit::environment;
  }
  return static_cast<int>(code);
}
