#include "sign/names.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <memory>
#include <set>
#include <unordered_map>

#include "base/text.h"

namespace sign {
namespace {

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char byte) { return static_cast<unsigned char>(byte) < 0x80; });
}

std::string mapped(std::string_view text, int options) {
  utf8proc_uint8_t* out = nullptr;
  const auto size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()),
                   &out, static_cast<utf8proc_option_t>(options | UTF8PROC_STABLE));
  const std::unique_ptr<utf8proc_uint8_t, void (*)(void*)> owner(out, std::free);
  if (size < 0) {
    return std::string(text);  // no UTF-8
  }
  return {reinterpret_cast<const char*>(out), static_cast<std::size_t>(size)};
}

std::string composed(std::string_view text) {
  return is_ascii(text) ? std::string(text) : mapped(text, UTF8PROC_COMPOSE);
}

// What a file system that ignores case and Unicode form would compare.
std::string folded(std::string_view text) {
  return is_ascii(text) ? base::to_lower(text) : mapped(text, UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD);
}

template <class Predicate>
bool any_character(std::string_view text, Predicate predicate) {
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  for (std::size_t at = 0; at < text.size();) {
    utf8proc_int32_t character = 0;
    const auto used = utf8proc_iterate(bytes + at, static_cast<utf8proc_ssize_t>(text.size() - at), &character);
    if (used > 0 && predicate(character)) {
      return true;
    }
    at += used > 0 ? static_cast<std::size_t>(used) : 1;
  }
  return false;
}

bool turns_direction(utf8proc_int32_t character) {
  return character == 0x61c || character == 0x200e || character == 0x200f ||
         (character >= 0x202a && character <= 0x202e) || (character >= 0x2066 && character <= 0x2069);
}

bool is_control(utf8proc_int32_t character) {
  return character < 0x20 || (character >= 0x7f && character < 0xa0);
}

std::string_view last_part(std::string_view name) {
  const std::size_t slash = name.rfind('/');
  return slash == std::string_view::npos ? name : name.substr(slash + 1);
}

std::string_view folder_of(std::string_view name) {
  const std::size_t slash = name.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : name.substr(0, slash);
}

// The ending in lower case, with its dot.
std::string ending_of(std::string_view name) {
  const std::string_view last = last_part(name);
  const std::size_t dot = last.rfind('.');
  return dot == std::string_view::npos ? "" : base::to_lower(last.substr(dot));
}

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

constexpr std::array<std::string_view, 50> kLoadable = {
    ".safetensors", ".gguf",   ".ggml",  ".ggjt",    ".bin",   ".pt",      ".pth",   ".pte",   ".ckpt",      ".pkl",
    ".pickle",      ".joblib", ".dill",  ".npy",     ".npz",   ".h5",      ".hdf5",  ".keras", ".pb",        ".onnx",
    ".ort",         ".tflite", ".lite",  ".mlmodel", ".pmml",  ".msgpack", ".ot",    ".t7",    ".engine",    ".plan",
    ".nemo",        ".mar",    ".skops", ".cbm",     ".ubj",   ".rds",     ".rda",   ".rdata", ".llamafile", ".py",
    ".pyc",         ".pyd",    ".so",    ".dll",     ".dylib", ".jar",     ".ipynb", ".jinja", ".j2",        ".whl"};
constexpr std::array<std::string_view, 8> kConfiguration = {".json",  ".yaml",     ".yml",  ".txt",
                                                            ".model", ".tiktoken", ".toml", ".jsonl"};
constexpr std::array<std::string_view, 7> kOtherWeights = {".bin", ".pt", ".pth", ".h5", ".msgpack", ".ckpt", ".ot"};

}  // namespace

std::string_view to_string(NameFaultKind kind) {
  switch (kind) {
    case NameFaultKind::case_only:
      return "case-only";
    case NameFaultKind::unicode_form:
      return "unicode-form";
    case NameFaultKind::bidirectional:
      return "bidirectional";
    case NameFaultKind::control:
      return "control-character";
  }
  return "";
}

std::vector<NameFault> name_faults(const std::vector<std::string_view>& files) {
  std::set<std::string_view> names(files.begin(), files.end());
  for (std::string_view name : files) {
    for (name = folder_of(name); !name.empty() && names.insert(name).second; name = folder_of(name)) {
    }
  }
  std::vector<NameFault> faults;
  std::unordered_map<std::string, std::string_view> by_fold;
  for (const std::string_view name : names) {
    const auto [first, fresh] = by_fold.try_emplace(folded(name), name);
    if (!fresh) {
      const bool form = composed(first->second) == composed(name);
      faults.push_back({form ? NameFaultKind::unicode_form : NameFaultKind::case_only, std::string(name),
                        std::string(first->second)});
    }
    if (any_character(last_part(name), turns_direction)) {
      faults.push_back({NameFaultKind::bidirectional, std::string(name), {}});
    }
    if (any_character(last_part(name), is_control)) {
      faults.push_back({NameFaultKind::control, std::string(name), {}});
    }
  }
  return faults;
}

std::string unportable(std::string_view name) {
  static constexpr std::array<std::string_view, 22> kReserved = {
      "con",  "prn",  "aux",  "nul",  "com1", "com2", "com3", "com4", "com5", "com6", "com7",
      "com8", "com9", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9"};
  for (const std::string_view part : base::split(name, '/')) {
    if (part.size() > 255) {
      return "a part of more than 255 bytes";
    }
    if (part.find_first_of("<>:\"\\|?*") != std::string_view::npos) {
      return "a character that Windows reserves";
    }
    if (part.ends_with('.') || part.ends_with(' ')) {
      return "a dot or a space at the end of a part";
    }
    if (is_one_of(base::to_lower(part.substr(0, part.find('.'))), kReserved)) {
      return "a name that Windows reserves";
    }
  }
  return {};
}

bool is_loadable(std::string_view name) {
  const std::string ending = ending_of(name);
  return is_one_of(ending, kLoadable) || last_part(name).find(".so.") != std::string_view::npos;
}

std::vector<std::string_view> files_of_loader(const std::vector<std::string_view>& files) {
  std::set<std::string_view> with_safetensors;
  for (const std::string_view name : files) {
    if (ending_of(name) == ".safetensors") {
      with_safetensors.insert(folder_of(name));
    }
  }
  std::vector<std::string_view> wanted;
  for (const std::string_view name : files) {
    const std::string ending = ending_of(name);
    const bool other_weights = is_one_of(ending, kOtherWeights) && with_safetensors.contains(folder_of(name));
    if ((is_loadable(name) || is_one_of(ending, kConfiguration)) && !other_weights) {
      wanted.push_back(name);
    }
  }
  return wanted;
}

}  // namespace sign
