#include "scan/keras/keras.h"

#include <algorithm>

#include "base/text.h"

namespace scan {
namespace {}  // namespace

namespace {

bool judge_hdf5(const Content& content, Collector& out) {
  const bool keras = content.format == "keras-h5";
  if (!keras && !content.is_likeliest()) {
    return false;
  }
  const std::string& path = content.path;
  out.format(content.format);
  if (keras) {
    const std::string_view text = base::as_text(content.bytes);
    for (std::size_t at = text.find("\"class_name\""); at != std::string_view::npos;
         at = text.find("\"class_name\"", at + 12)) {
      const std::string_view near = text.substr(at, 64);
      if (near.find("\"Lambda\"") != std::string_view::npos && near.find("\"Lambda\"") < 24) {
        out.add("keras-lambda", {path, byte_place(at), at, 0, "Lambda layer", ""});
      }
    }
  }
  out.not_covered(path, "HDF5: objects, links and external files are not walked");
  return true;
}

}  // namespace

std::span<const Reading> keras_readings() {
  static constexpr Reading kReadings[] = {
      {"keras-h5", Need::any, judge_hdf5},
      {"hdf5", Need::any, judge_hdf5},
  };
  return kReadings;
}

void judge_keras_config(std::string_view text, const std::string& path, Collector& out) {
  for (std::size_t at = text.find("\"class_name\""); at != std::string_view::npos;
       at = text.find("\"class_name\"", at + 12)) {
    const std::string_view near = text.substr(at + 12, 40);
    const std::size_t value = near.find_first_not_of(" :\t\n");
    if (value != std::string_view::npos && near.substr(value).starts_with("\"Lambda\"")) {
      out.add("keras-lambda",
              {path, "line " + std::to_string(line_of(text, at)), 0, line_of(text, at), "Lambda layer", ""});
    }
  }
  for (std::size_t at = text.find("\"module\""); at != std::string_view::npos; at = text.find("\"module\"", at + 8)) {
    const std::string_view near = text.substr(at + 8, 120);
    const std::size_t open = near.find_first_not_of(" :\t\n");
    if (open == std::string_view::npos || near[open] != '"') {
      continue;
    }
    const std::string_view module = near.substr(open + 1, near.find('"', open + 1) - open - 1);
    const bool known = module == "keras" || module.starts_with("keras.") || module.starts_with("keras_") ||
                       module == "builtins" || module.starts_with("tensorflow.keras") ||
                       module.starts_with("tf_keras") || module.empty();
    const bool builtin = module == "builtins";
    if (!known || builtin) {
      // builtins names plain types and functions of the program; only the latter are dangerous.
      const std::string_view around = text.substr(at > 200 ? at - 200 : 0, 600);
      const bool dangerous = has_word(around, "eval") || has_word(around, "exec") || has_word(around, "__import__");
      if (!builtin || dangerous) {
        out.add("keras-foreign-module",
                builtin || module.find('.') == std::string_view::npos ? evidence::Severity::high
                                                                      : evidence::Severity::medium,
                {path, "line " + std::to_string(line_of(text, at)), 0, line_of(text, at),
                 "module " + std::string(module), ""});
      }
    }
  }
}

}  // namespace scan
