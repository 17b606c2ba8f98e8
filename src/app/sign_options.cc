#include "app/sign_options.h"

#include <charconv>
#include <chrono>

#include "base/file.h"
#include "base/text.h"

namespace app {

using base::Errc;
using base::Error;
using base::Result;

Result<std::string> passphrase_of(const Arguments& arguments) {
  if (!arguments.has("passphrase-file")) {
    return std::string();
  }
  const std::string text = TRY(base::read_file(arguments.get("passphrase-file"), 4096));
  std::string line = text.substr(0, text.find('\n'));
  if (line.ends_with('\r')) {
    line.pop_back();
  }
  if (line.empty()) {
    return Error{Errc::usage, "its first line is empty: no passphrase", 0,
                 base::printable(arguments.get("passphrase-file"))};
  }
  return line;
}

Result<std::vector<sign::Certificate>> read_certificates(const std::vector<std::string>& files) {
  std::vector<sign::Certificate> all;
  for (const std::string& file : files) {
    const std::string text = TRY(base::read_file(file, 1U << 20));
    auto certificates = sign::Certificate::from_pem(text);
    if (!certificates) {
      return std::move(certificates).error().in_file(base::printable(file));
    }
    all.insert(all.end(), certificates->begin(), certificates->end());
  }
  return all;
}

Result<std::uint64_t> number_of(const Arguments& arguments, std::string_view option, std::uint64_t least,
                                std::uint64_t most) {
  const std::string text = arguments.get(option);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < least || number > most) {
    return Error{Errc::usage, "--" + std::string(option) + ": a number from " + std::to_string(least) + " to " +
                                  std::to_string(most) + ", not \"" + base::printable(text) + "\""};
  }
  return number;
}

Result<unsigned> threads_of(const Arguments& arguments) {
  if (!arguments.has("threads")) {
    return 0U;
  }
  return static_cast<unsigned>(TRY(number_of(arguments, "threads", 1, 256)));
}

base::UnixTime present() {
  return {
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count()};
}

}  // namespace app
