#include "scan/code_words.h"

#include <re2/re2.h>

#include <algorithm>

#include "base/text.h"
#include "formats/pickle/probe.h"
#include "scan/content.h"

namespace scan {
namespace {

struct Sign {
  std::string_view needle;  // lower case
  std::string_view meaning;
  bool at_word = false;  // no word ends where it begins
  bool ends = false;     // no word goes on behind it
};

constexpr Sign kSigns[] = {
    {"__import__", "imports a Python module"},
    {"__globals__", "reaches into Python's functions"},
    {"__subclasses__", "reaches into Python's classes"},
    {"__builtins__", "reaches Python's builtins"},
    {"__reduce__", "makes a pickle run code"},
    {"os.system", "runs a command"},
    {"os.popen", "runs a command"},
    {"os.exec", "runs a program"},
    {"os.spawn", "runs a program"},
    {"posix.system", "runs a command"},
    {"subprocess", "runs a program", true},
    {"eval(", "runs code", true},
    {"exec(", "runs code", true},
    {"execfile(", "runs code", true},
    {"system(", "runs a command", true},
    {"popen(", "runs a command", true},
    {"shell_exec(", "runs a command", true},
    {"pickle.loads", "unpickles"},
    {"marshal.loads", "loads code"},
    {"importlib.", "imports a Python module"},
    {"import os", "imports a Python module", true},
    {"import sys", "imports a Python module", true},
    {"import socket", "imports a Python module", true},
    {"ctypes.", "calls native code", true},
    {"socket.socket", "opens a connection"},
    {"requests.get(", "fetches from the network"},
    {"requests.post(", "sends to the network"},
    {"urlopen(", "fetches from the network"},
    {"urllib.request", "fetches from the network"},
    {"runtime.getruntime", "runs a program"},
    {"processbuilder", "runs a program", true},
    {"java.lang.runtime", "runs a program"},
    {"java.lang.process", "runs a program"},
    {"java.net.url", "fetches from the network"},
    {"scriptengine", "runs a script"},
    {"javax.script", "runs a script"},
    {"class.forname", "loads a Java class"},
    {"${jndi:", "makes Log4j load a class"},
    {"child_process", "runs a program", true},
    {"<script", "holds a script"},
    {"javascript:", "holds a script"},
    {"vbscript:", "holds a script"},
    {"onerror=", "holds a script", true},
    {"powershell", "runs a command", true},
    {"cmd.exe", "runs a command", true},
    {"cmd /c", "runs a command", true},
    {"mshta ", "runs a command", true},
    {"rundll32", "runs a command", true},
    {"regsvr32", "runs a command", true},
    {"certutil -", "runs a command", true},
    {"invoke-expression", "runs code"},
    {"downloadstring(", "fetches from the network"},
    {"/bin/sh", "runs a command"},
    {"/bin/bash", "runs a command"},
    {"bash -", "runs a command", true},
    {"sh -c", "runs a command", true},
    {"sh -i", "runs a command", true},
    {"| sh", "runs a command", false, true},
    {"|sh", "runs a command", false, true},
    {"| bash", "runs a command", false, true},
    {"|bash", "runs a command", false, true},
    {"/dev/tcp/", "opens a connection"},
    {"nc -e", "opens a connection", true},
    {"nc -l", "opens a connection", true},
    {"ncat ", "opens a connection", true},
    {"curl http", "fetches from the network", true},
    {"curl -", "fetches from the network", true},
    {"wget http", "fetches from the network", true},
    {"wget -", "fetches from the network", true},
    {"chmod +", "runs a command", true},
    {"chmod 7", "runs a command", true},
    {"rm -rf", "runs a command", true},
    {"touch /tmp", "runs a command", true},
    {"python -c", "runs code", true},
    {"python3 -c", "runs code", true},
    {"perl -e", "runs code", true},
    {"base64 -d", "runs a command", true},
    {"/etc/passwd", "names a file of the system"},
    {"/etc/shadow", "names a file of the system"},
    {".ssh/id_", "names a private key"},
    {"file:///etc", "names a file of the system"},
    {"169.254.169.254", "names the credentials of the cloud host"},
    {"<!entity", "declares an XML entity"},
    {"!!python/", "makes a YAML reader build Python objects"},
    {"getattr(", "looks a Python function up by name", true},
    {"download.file(", "fetches from the network", true},
};

/// Any of the signs, in one pass.
const re2::RE2& any_sign() {
  static const re2::RE2 kAny(
      [] {
        std::string pattern = "(?i)";
        for (const Sign& sign : kSigns) {
          pattern += (pattern.size() == 4 ? "" : "|") + re2::RE2::QuoteMeta({sign.needle.data(), sign.needle.size()});
        }
        return pattern;
      }(),
      [] {
        re2::RE2::Options options(re2::RE2::Latin1);
        options.set_never_capture(true);
        return options;
      }());
  return kAny;
}

bool is_base64(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '/' ||
         c == '-' || c == '_';
}

void judge_packed_text(std::string_view run, std::string_view what, const std::string& path, std::uint64_t offset,
                       std::uint32_t depth, Collector& out) {
  const std::string inner = path + "!" + std::string(what);
  const bool hex =
      run.size() % 2 == 0 && std::all_of(run.begin(), run.end(), [](char c) { return base::hex_value(c) >= 0; });
  std::string data;
  if (hex) {
    for (std::size_t i = 0; i + 1 < run.size(); i += 2) {
      data.push_back(static_cast<char>(base::hex_value(run[i]) * 16 + base::hex_value(run[i + 1])));
    }
  } else {
    std::string padded(run);
    std::replace(padded.begin(), padded.end(), '-', '+');
    std::replace(padded.begin(), padded.end(), '_', '/');
    while (padded.size() % 4 != 0) {
      padded.push_back('=');
    }
    auto decoded = base::from_base64(padded);
    if (!decoded) {
      return;
    }
    data = std::move(*decoded);
  }
  if (!code_in(data.substr(0, 1U << 16)).empty()) {
    out.add("code-in-model", {path, byte_place(offset), offset, 0, std::string(what) + ": " + data,
                              "Encoded text in " + std::string(what) + " is program text."});
  }
  const std::string_view text = data;
  if (text.starts_with("\x7F"
                       "ELF") ||
      text.starts_with("MZ")) {
    out.add("code-in-model", {path, byte_place(offset), offset, 0, std::string(what) + ": a native program",
                              "Encoded text in " + std::string(what) + " is a native program."});
  }
  if (text.starts_with("\x1F\x8B\x08") || text.starts_with("PK\x03\x04") || text.starts_with("BZh") ||
      text.starts_with("\xFD"
                       "7zXZ") ||
      text.starts_with("\x28\xB5\x2F\xFD") || text.starts_with("\x78\x9C") || text.starts_with("\x78\xDA")) {
    (void)judge_content(base::as_bytes(data), inner, Trust::content, depth + 1, out);
  }
  if (formats::pickle::probe(base::as_bytes(data)).certain) {
    out.add("code-in-model", {path, byte_place(offset), offset, 0, std::string(what) + ": a pickle",
                              "Encoded text in " + std::string(what) + " is a pickle."});
    (void)judge_content(base::as_bytes(data), inner, Trust::content, depth + 1, out);
  }
}

}  // namespace

std::string_view code_in(std::string_view text) {
  if (text.size() < 5 || !re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), any_sign())) {
    return {};
  }
  const std::string lower = base::to_lower(text);
  for (const Sign& sign : kSigns) {
    for (std::size_t at = lower.find(sign.needle); at != std::string::npos; at = lower.find(sign.needle, at + 1)) {
      const std::size_t behind = at + sign.needle.size();
      if ((!sign.at_word || at == 0 || !is_word(lower[at - 1])) &&
          (!sign.ends || behind >= lower.size() || !is_word(lower[behind]))) {
        return sign.meaning;
      }
    }
  }
  return {};
}

void judge_model_text(std::string_view text, std::string_view what, const std::string& path, std::uint64_t offset,
                      std::uint32_t depth, Collector& out) {
  if (const std::string_view meaning = code_in(text); !meaning.empty()) {
    out.add("code-in-model",
            {path, byte_place(offset), offset, 0, std::string(what) + ": " + std::string(text.substr(0, 300)),
             std::string(what) + " holds program text: it " + std::string(meaning) + "."});
  }
  constexpr std::size_t kShortest = 24;
  for (std::size_t at = 0; at < text.size();) {
    if (!is_base64(text[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && is_base64(text[end])) {
      ++end;
    }
    if (end - at >= kShortest) {
      judge_packed_text(text.substr(at, end - at), what, path, offset + at, depth, out);
    }
    at = end;
  }
}

}  // namespace scan
