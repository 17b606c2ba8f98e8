// Reads templates from standard input, each ended by a NUL byte, and writes what they come to: "=" and the text, "?"
// where it is not followed, or "!" where the template does not parse; each ended by a NUL byte.
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>

#include "formats/jinja/jinja.h"
#include "scan/template/evaluate.h"

int main() {
  const std::string input((std::istreambuf_iterator<char>(std::cin)), std::istreambuf_iterator<char>());
  std::string_view left = input;
  while (!left.empty()) {
    const std::size_t end = left.find('\0');
    const std::string_view one = left.substr(0, end);
    left = end == std::string_view::npos ? std::string_view() : left.substr(end + 1);
    const auto tree = formats::jinja::parse(one);
    std::string text = "!";
    if (tree) {
      const std::string folded = scan::abstract::fold(*tree);
      text = folded == "?" ? folded : "=" + folded;
    }
    std::cout.write(text.data(), static_cast<std::streamsize>(text.size()));
    std::cout.put('\0');
  }
  return 0;
}
