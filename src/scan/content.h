#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/byte_cursor.h"
#include "formats/identify.h"
#include "scan/collector.h"

/// The front door for bytes of any kind: what they can be read as, and who judges each reading. A family of formats has
/// a folder of its own and lists its readings there; content.cc holds the list of the families.
namespace scan {

/// How much the name of what is judged may decide where content is not certain.
enum class Trust : std::uint8_t {
  name,     ///< A file: its name helps.
  content,  ///< A member or constant: only what is certain from content.
};

/// Bytes under judgement, with one of the readings that identify() gave.
struct Content {
  base::Bytes bytes;
  const std::string& path;                        ///< File, and inside containers "model.pt!archive/data.pkl".
  std::span<const formats::Identified> readings;  ///< All of them, the likeliest first.
  std::string_view format;                        ///< The one in question.
  bool certain = true;                            ///< What identify() says of it.
  Trust trust = Trust::name;
  std::uint32_t depth = 0;  ///< Containers around it.

  [[nodiscard]] bool can_be(std::string_view other) const;  ///< Whether `other` is among the readings.
  [[nodiscard]] bool is_likeliest() const { return !readings.empty() && readings.front().format == format; }
};

/// When a judge is asked at all.
enum class Need : std::uint8_t {
  any,       ///< Whenever identify() names the format.
  believed,  ///< When content is certain of it, or the name may be trusted.
};

/// A format, as identify() calls it, and its judge. The judge returns false where the content is not of that format
/// after all; it is asked once, also where it stands for several formats.
struct Reading {
  std::string_view format;
  Need need = Need::believed;
  bool (*judge)(const Content& content, Collector& out) = nullptr;
};

/// Judges content by every format it can be read as. Returns whether any of them is one that rules know.
bool judge_readings(base::Bytes bytes, const std::string& path, Trust trust, std::uint32_t depth, Collector& out);
/// The same for what lies within another file; where no rule knows a format of it and its name says that it is source,
/// configuration or another text that rules know, it is judged as such. What is returned does not count that.
bool judge_content(base::Bytes bytes, const std::string& path, Trust trust, std::uint32_t depth, Collector& out);

/// Judges a text file by those formats that are text and describe models: trees, tokenizers, adapters, XML. Returns
/// whether it is one of them.
bool judge_described(base::Bytes bytes, const std::string& path, Collector& out);

/// Whether some judge wants the whole of what begins so. `name` is a member's.
[[nodiscard]] bool interests(base::Bytes head, std::string_view name);

/// Whether the name says that the file is a pickle.
[[nodiscard]] bool names_a_pickle(std::string_view path);
/// Whether the name says that the file is of a format whose beginning does not tell for certain, as loaders go by the
/// name: protocol buffers of graphs, safetensors with a long header, MessagePack, tables with their footer at the end.
[[nodiscard]] bool names_a_model_format(std::string_view path);
/// What stands behind the last '/' or '!'.
[[nodiscard]] std::string_view last_name(std::string_view path);

}  // namespace scan
