#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sign {

/// What makes a name of a file dangerous although signatures compare bytes.
enum class NameFaultKind : std::uint8_t {
  case_only,      ///< Two names differ only in case: one file on systems that ignore it.
  unicode_form,   ///< Two names differ only in Unicode normalization (é as one character or two): likewise.
  bidirectional,  ///< Holds characters that turn the direction of text: shown as another name.
  control,        ///< Holds control characters.
};
[[nodiscard]] std::string_view to_string(NameFaultKind kind);  ///< "case-only" …

struct NameFault {
  NameFaultKind kind = NameFaultKind::case_only;
  std::string name;
  std::string other;  ///< The name it can be taken for; empty where the name alone is at fault.
};

/// Faults of the names of a model's files and of the directories that they are in, sorted by name. Names that are no
/// UTF-8 are compared as they are. By utf8proc (Unicode 14 or later).
[[nodiscard]] std::vector<NameFault> name_faults(const std::vector<std::string_view>& files);

/// Why no file of this name can exist on some common system (reserved names and characters of Windows, a dot or space
/// at the end, a part above 255 bytes); empty where there is nothing.
[[nodiscard]] std::string unportable(std::string_view name);

/// Is this, by its name, something that a framework loads or runs: weights, pickles, program text, libraries,
/// templates?
[[nodiscard]] bool is_loadable(std::string_view name);

/// The files of a model that a loader opens, by their names: what is_loadable(), and configuration, tokenizers and
/// indexes (*.json, *.yaml, *.txt, *.model, *.tiktoken). Where there are safetensors in a directory, other formats of
/// the same weights beside them (*.bin, *.pt, *.pth, *.h5, *.msgpack, *.ckpt) are left out, as transformers prefers.
[[nodiscard]] std::vector<std::string_view> files_of_loader(const std::vector<std::string_view>& files);

}  // namespace sign
