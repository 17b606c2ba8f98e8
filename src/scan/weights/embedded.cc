#include "scan/weights/embedded.h"

#include <re2/re2.h>

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "formats/identify.h"
#include "formats/pickle/probe.h"
#include "scan/content.h"
#include "scan/template/template.h"

namespace scan {
namespace {

using namespace std::string_view_literals;

/// What no description, setting or vocabulary holds.
const re2::RE2& code() {
  static const re2::RE2 kPattern(
      R"(\b__import__\s*\()"
      R"(|\bos\.(system|popen|exec[lv]p?e?|spawn[lv]p?e?)\s*\()"
      R"(|\bsubprocess\.(run|call|Popen|check_output|check_call|getoutput)\s*\()"
      R"(|\b(eval|exec)\s*\(\s*(compile|base64|__import__|bytes|codecs|zlib|open|input|requests|urllib)\b)"
      R"(|\bpickle\.loads?\s*\(|\bmarshal\.loads\s*\(|\bpty\.spawn\s*\()"
      R"(|^#!\s*/(usr/)?bin/)"
      R"(|(?i)<script[\s>]|javascript:[a-z(]|<\?php|powershell(\.exe)?\s+-(e|enc|encodedcommand|nop|w)\b)"
      R"(|(curl|wget)\s[^\n|;]{0,200}\|\s*(sudo\s+)?(ba|z|da)?sh\b)"
      R"(|/dev/tcp/\d|\brm\s+-rf\s+[/~]|\bnc\s+(-\w+\s+)*-e\s)");
  return kPattern;
}

bool is_program(std::string_view bytes) {
  if (bytes.starts_with("\x7F"
                        "ELF"sv) ||
      bytes.starts_with("\xCF\xFA\xED\xFE"sv) || bytes.starts_with("\xCA\xFE\xBA\xBE"sv)) {
    return bytes.size() > 16;
  }
  return bytes.starts_with("MZ") && bytes.size() > 64 &&
         (bytes.find("This program cannot be run") < 1024 || bytes.find("PE\0\0"sv) < 4096);
}

/// Whether the bytes are, beyond doubt, something that a loader would take.
void judge_bytes(base::Bytes bytes, std::string_view what, const std::string& path, std::uint64_t offset,
                 std::uint32_t depth, Collector& out) {
  const std::string_view text = base::as_text(bytes);
  if (is_program(text)) {
    out.add("metadata-program", {path, byte_place(offset), offset, 0, std::string(what),
                                 "A program for the processor lies in " + base::printable(what) + "."});
    return;
  }
  constexpr std::string_view kStarts[] = {"PK\x03\x04"sv,
                                          "\x80\x02"sv,
                                          "\x80\x03"sv,
                                          "\x80\x04"sv,
                                          "\x80\x05"sv,
                                          "\x1F\x8B\x08"sv,
                                          "BZh"sv,
                                          "\xFD"
                                          "7zXZ"sv};
  const bool known = std::any_of(std::begin(kStarts), std::end(kStarts),
                                 [&](std::string_view start) { return text.starts_with(start); });
  const formats::pickle::Probe probe = formats::pickle::probe(bytes);
  const bool pickle = probe.pickle && probe.stopped && (probe.certain || probe.names_callable) && !probe.by_extension;
  if (known || pickle) {
    judge_content(bytes, path + "!" + std::string(what.substr(0, 100)), Trust::content, depth + 1, out);
  }
  if (pickle && probe.names_callable) {
    out.add("metadata-pickle", {path, byte_place(offset), offset, 0, std::string(what),
                                "A pickle that names callables lies in " + base::printable(what) + "."});
  }
}

bool is_base64(std::string_view text) {
  return text.size() >= 16 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '/' ||
                  c == '-' || c == '_' || c == '=' || c == '\n' || c == '\r';
         });
}

std::optional<std::string> decoded(std::string_view text) {
  if (const std::size_t comma = text.find(";base64,"); comma != std::string_view::npos && comma < 100) {
    text.remove_prefix(comma + 8);
  }
  if (!is_base64(text) || text.size() > (16U << 20)) {
    return std::nullopt;
  }
  std::string hex;
  if (text.size() % 2 == 0) {
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
      const int high = base::hex_value(text[i]);
      const int low = base::hex_value(text[i + 1]);
      if (high < 0 || low < 0) {
        hex.clear();
        break;
      }
      hex.push_back(static_cast<char>(high << 4 | low));
    }
  }
  if (!hex.empty()) {
    return hex;
  }
  std::string plain;
  for (const char c : text) {
    if (c != '\n' && c != '\r' && c != '=') {
      plain.push_back(c == '-' ? '+' : c == '_' ? '/' : c);
    }
  }
  plain.append((4 - plain.size() % 4) % 4, '=');
  auto bytes = base::from_base64(plain);
  return bytes ? std::optional(*std::move(bytes)) : std::nullopt;
}

}  // namespace

bool is_encoded(std::string_view text) {
  constexpr std::size_t kShortest = 24;
  return text.size() >= kShortest && is_base64(text);
}

void judge_embedded(std::string_view value, std::string_view what, const std::string& path, std::uint64_t offset,
                    std::uint32_t depth, Collector& out) {
  judge_bytes(base::as_bytes(value), what, path, offset, depth, out);
  if (value.substr(0, 1024).find('\0') != std::string_view::npos) {
    return;
  }
  if (const auto bytes = decoded(value); bytes && bytes->size() <= out.unpack_budget()) {
    out.spend(bytes->size());
    judge_bytes(base::as_bytes(*bytes), what, path, offset, depth, out);
    if (bytes->find('\0') == std::string::npos && re2::RE2::PartialMatch(*bytes, code())) {
      out.add("metadata-code", {path, byte_place(offset), offset, 0, base::abbreviate(*bytes, 200),
                                "Encoded code lies in " + base::printable(what) + "."});
    }
  }
  re2::StringPiece match;
  const std::string_view looked_at = value.substr(0, 4U << 20);
  if (code().Match(looked_at, 0, looked_at.size(), re2::RE2::UNANCHORED, &match, 1)) {
    out.add("metadata-code", {path, byte_place(offset), offset, 0, std::string(match),
                              "Code lies in " + base::printable(what) + ": " +
                                  base::printable(base::abbreviate(std::string(match), 80)) + "."});
  }
  const bool tags = value.find("{{") != std::string_view::npos || value.find("{%") != std::string_view::npos;
  if (tags && (value.find("{%") != std::string_view::npos || value.find("__") != std::string_view::npos)) {
    judge_template(value, path, offset, 0, out);
  }
}

}  // namespace scan
