#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/byte_cursor.h"

/// XML 1.0 (fifth edition) with namespaces, read by expat as a stream of elements. Nothing outside the file is read,
/// and no entity is expanded in text: declarations are told, not followed.
namespace formats::xml {

inline constexpr std::uint64_t kMaxDepth = 5'000;  ///< Elements within elements; readers that recurse die of more.
inline constexpr std::uint64_t kMaxElements = 50'000'000;   ///< Stops endless documents.
inline constexpr std::size_t kMaxEntities = 10'000;         ///< Declarations kept.
inline constexpr std::uint64_t kMaxPrologBytes = 1U << 20;  ///< How far root() looks for the first element.

/// `<!ENTITY name "value">`, or one that names a file.
struct Entity {
  std::string name;
  std::string value;      ///< Of an internal one.
  std::string system_id;  ///< Of an external one.
  std::string public_id;
  bool parameter = false;  ///< Usable in the document type only (`%name;`).
  bool external = false;
  std::uint64_t offset = 0;
};

/// `<!DOCTYPE root SYSTEM "…">`.
struct Doctype {
  bool present = false;
  std::string root;
  std::string system_id;
  std::string public_id;
  bool internal_subset = false;
  std::uint64_t offset = 0;
};

struct Attribute {
  std::string_view name;   ///< Local name.
  std::string_view space;  ///< Namespace, empty where none.
  std::string_view value;
};

/// What a document is told to. Views live until the call returns.
class Visitor {
 public:
  virtual ~Visitor() = default;
  virtual void element(std::string_view space, std::string_view name, const std::vector<Attribute>& attributes,
                       std::uint64_t offset) = 0;
  virtual void text(std::string_view /*text*/) {}
  virtual void end(std::string_view /*name*/) {}
  virtual void instruction(std::string_view /*target*/, std::string_view /*data*/, std::uint64_t /*offset*/) {}
};

/// What is known of a document once it was read, in full or not.
struct Document {
  Doctype doctype;
  std::vector<Entity> entities;
  std::string declared_encoding;        ///< As written; empty where the declaration names none.
  std::uint64_t references = 0;         ///< Entities used in text.
  std::uint64_t largest_expansion = 0;  ///< Characters that the largest entity stands for; UINT64_MAX where endless.
  std::vector<base::Error> problems;    ///< What stopped the reading: malformed, too_large or unsupported (encoding).
};

/// Reads all of `content`. Never fails: problems are told in the result, and what came before them was visited.
Document read(base::Bytes content, Visitor& visitor);

/// Local name and namespace of the first element, read from the head; empty where this is no XML.
struct Root {
  std::string name;
  std::string space;
  bool unknown_encoding = false;  ///< It is XML, in an encoding that is not read; then there is no name.
};
[[nodiscard]] Root root(base::Bytes content);

}  // namespace formats::xml
