#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_cursor.h"

/// Apache Arrow's interprocess format: files, streams, and Feather 1 and 2. Source: Arrow "Columnar Format", section
/// "Serialization and Interprocess Communication (IPC)", and format/{Message,Schema,File}.fbs.
namespace formats::arrow {

inline constexpr std::uint64_t kMaxFields = 1'000'000;
inline constexpr std::uint32_t kMaxDepth = 64;
inline constexpr std::uint64_t kMaxMessages = 10'000'000;
inline constexpr std::size_t kMaxDefects = 50;

/// A pair of a schema's or field's metadata. Views point into the file.
struct Metadata {
  std::string field;  ///< Name of the field; empty for the schema's own.
  std::string_view key;
  std::string_view value;
  std::uint64_t offset = 0;
};

struct Defect {
  std::string text;
  std::uint64_t offset = 0;
};

struct File {
  std::vector<Metadata> metadata;
  std::uint64_t fields = 0;
  std::uint64_t batches = 0;
  std::vector<Defect> defects;
};

/// Reads schema, footer and the headers of all batches, never their bodies. Fails with truncated, malformed, too_large
/// or unsupported.
base::Result<File> parse(base::Bytes content);
/// A schema alone: a message as it stands in the metadata "ARROW:schema" of Parquet files.
base::Result<File> parse_schema_message(base::Bytes message);
/// Feather, version 1.
base::Result<File> parse_feather(base::Bytes content);

/// Whether the head is that of a stream: a message that holds a schema.
[[nodiscard]] bool looks_like_stream(base::Bytes content);

}  // namespace formats::arrow
