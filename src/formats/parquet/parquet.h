#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/byte_cursor.h"

/// The footer of a Parquet file. Source: apache/parquet-format, README and src/main/thrift/parquet.thrift; Thrift
/// compact protocol specification.
namespace formats::parquet {

inline constexpr std::uint64_t kMaxColumns = 20'000'000;  ///< Column chunks of all row groups together.
inline constexpr std::uint64_t kMaxFields = 400'000'000;  ///< Thrift fields read or passed over.
inline constexpr std::uint32_t kMaxDepth = 32;            ///< Structures within structures.
inline constexpr std::size_t kMaxDefects = 50;

struct Metadata {
  std::string_view key;
  std::string_view value;
  std::uint64_t offset = 0;
};

struct Defect {
  std::string text;
  std::uint64_t offset = 0;
};

/// Views point into the file.
struct Footer {
  std::uint64_t schema_elements = 0;
  std::uint64_t row_groups = 0;
  std::uint64_t columns = 0;
  std::vector<Metadata> metadata;             ///< Of the file and of columns.
  std::vector<std::string_view> other_files;  ///< Files that column chunks are said to lie in.
  std::string_view created_by;
  bool encrypted = false;  ///< The footer is (PARE); nothing else is set.
  bool encrypted_columns = false;
  std::vector<Defect> defects;
};

/// Reads the footer and compares it with the file's size; column data is not touched. Fails with truncated, malformed
/// or too_large.
base::Result<Footer> parse(base::Bytes content);

}  // namespace formats::parquet
