#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_cursor.h"

/// The objects of an HDF5 file: groups, links, attributes and the headers of datasets; no chunk is read.
/// Source: HDF5 File Format Specification, version 3.0 (superblocks 0 to 3).
namespace formats::hdf5 {

struct Limits {
  std::uint64_t max_objects = 1'000'000;         ///< Files of nothing but groups; also attributes and links.
  std::uint64_t max_text_bytes = 256ULL << 20U;  ///< Of names, paths and files: blocks that many headers share.
  std::uint64_t max_steps = 50'000'000;          ///< Nodes, messages and records read, and no more than bytes and some.
  std::uint64_t max_values = 2'000'000;          ///< Text values of attributes and small datasets.
  std::uint64_t max_defects = 100;               ///< More are not listed.
  std::uint64_t max_heap_search = 512ULL << 20U;  ///< Bytes searched for collections of the global heap.
};

/// Class of a datatype, as the format numbers them.
enum class TypeClass : std::uint8_t {
  fixed = 0,
  floating = 1,
  time = 2,
  string = 3,
  bitfield = 4,
  opaque = 5,
  compound = 6,
  reference = 7,
  enumeration = 8,
  variable = 9,
  array = 10,
  complex = 11,
  unknown = 255,
};

struct DataType {
  TypeClass kind = TypeClass::unknown;
  TypeClass base = TypeClass::unknown;  ///< Of elements, for variable, array and enumeration.
  std::uint32_t bytes = 0;              ///< Of one element as stored.
  std::uint32_t base_bytes = 0;
  bool variable_text = false;  ///< A variable-length string.

  /// Text, whether of fixed or of variable length.
  [[nodiscard]] bool is_text() const { return kind == TypeClass::string || variable_text; }
  /// Single bytes or opaque ones, in which serialised objects are kept.
  [[nodiscard]] bool is_bytes() const {
    return kind == TypeClass::opaque || (kind == TypeClass::fixed && bytes == 1) ||
           (kind == TypeClass::variable && !variable_text && base_bytes == 1);
  }
};

struct Attribute {
  std::uint32_t object = 0;  ///< Index of the object that has it.
  std::string name;
  DataType type;
  std::vector<std::uint64_t> shape;      ///< Empty for a scalar.
  base::Bytes data;                      ///< As stored.
  std::vector<std::string_view> values;  ///< Elements of text and of variable length, without padding.
  std::uint64_t offset = 0;              ///< Of the data, in the file.
};

enum class LinkKind : std::uint8_t { hard, soft, external, user_defined };

struct Link {
  std::uint32_t group = 0;  ///< Index of the group that holds it.
  std::string name;
  LinkKind kind = LinkKind::hard;
  std::string file;    ///< Of external links.
  std::string target;  ///< Path of soft and external links.
  std::uint8_t type = 0;
  std::uint64_t offset = 0;
};

enum class ObjectKind : std::uint8_t { group, dataset, type, unknown };
enum class Layout : std::uint8_t { none, compact, contiguous, chunked, virtual_sources };

struct Object {
  std::uint32_t parent = 0;  ///< Index; the root is its own parent.
  std::string name;          ///< The first link that led here.
  ObjectKind kind = ObjectKind::unknown;
  std::uint64_t offset = 0;  ///< Of the header, in the file.
  // Datasets only:
  DataType type;
  std::vector<std::uint64_t> shape;
  Layout layout = Layout::none;
  base::Bytes data;                         ///< Compact and contiguous ones.
  std::vector<std::string_view> values;     ///< Elements of text in compact and contiguous ones, the first 100,000.
  std::vector<std::uint16_t> filters;       ///< Ids.
  std::vector<std::string> external_files;  ///< Where the raw data lies outside of this file.
  std::vector<std::string> virtual_files;   ///< Files that a virtual dataset reads; "." is this one.
};

/// Where the file departs from the format.
struct Defect {
  std::string text;
  std::uint64_t offset = 0;
};

struct File {
  std::uint64_t superblock_offset = 0;
  std::uint8_t superblock_version = 0;
  bool at_most_one_superblock = true;
  std::string driver;           ///< Of a file that is spread over several.
  std::vector<Object> objects;  ///< The root first; each object once, however many links lead to it.
  std::vector<Attribute> attributes;
  std::vector<Link> links;  ///< All that are not hard.
  /// Objects of the global heap, found by a search where datasets of variable length keep bytes in chunks.
  std::vector<base::Bytes> heap_values;
  std::vector<Defect> defects;
  std::vector<std::string> unread;  ///< What was not read, and why: limits and features.

  /// "/model_weights/dense"; at most some 4,000 bytes.
  [[nodiscard]] std::string path_of(std::uint32_t object) const;
};

/// Offsets at which the format allows a superblock: 0, 512, 1024, 2048 …
[[nodiscard]] bool has_signature(base::Bytes content);

/// Reads all that hangs from the root. Fails with malformed, truncated or unsupported where there is no superblock to
/// go by; what is wrong behind it is a defect.
base::Result<File> parse(base::Bytes content, const Limits& limits = {});

}  // namespace formats::hdf5
