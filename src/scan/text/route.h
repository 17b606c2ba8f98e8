#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/byte_cursor.h"
#include "evidence/observation.h"
#include "scan/collector.h"

/// What a text is, and who judges it: the one place that decides it, for files and for members of archives.
namespace scan {

enum class TextKind : std::uint8_t {
  unknown,  ///< Text of no known use.
  document,
  prompt,
  instructions,  ///< Rules and skills of coding agents.
  jinja,
  python,
  path_file,  ///< Lines that Python's site module reads.
  json,       ///< Notebooks, configuration, manifests: the parsed content tells them apart.
  yaml,
  python_manifest,  ///< pyproject.toml, setup.cfg, Pipfile, lock files, pip.conf; any TOML.
  requirements,
  npm_text,  ///< .npmrc, yarn.lock.
  triton,
  properties,
  shell,  ///< Scripts, Dockerfiles, recipes of make.
  script,
  environment,
  table,  ///< CSV, TSV, JSON lines.
};

/// By name and beginning; `hint` is what the inventory made of a file.
[[nodiscard]] TextKind text_kind(std::string_view path, std::string_view text,
                                 std::optional<evidence::AssetKind> hint = std::nullopt);
/// Whether bytes are text: no NUL near the beginning, or UTF-16 with its mark.
[[nodiscard]] bool is_text(base::Bytes content);
/// Whether the name says that the content is rows of data.
[[nodiscard]] bool names_a_table(std::string_view path);
/// Whether the name of a member of an archive says what kind of text it would be.
[[nodiscard]] bool names_a_text(std::string_view path);
/// Whether a member of an archive that begins like this is a text that rules concern.
[[nodiscard]] bool is_judged_text(base::Bytes head, std::string_view name);
/// Judges text of any kind. Returns the name of its format.
std::string_view judge_text(base::Bytes content, const std::string& path, std::optional<evidence::AssetKind> hint,
                            Collector& out);

}  // namespace scan
