#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_cursor.h"

/// Serialised objects of R (`saveRDS`, `save`), versions 2 and 3, in the XDR, native and ASCII forms, uncompressed.
/// Source: R Internals, section 1.8 "Serialization Formats", and R's src/main/serialize.c.
namespace formats::rds {

/// R's SEXPTYPE, and the codes that stand for fixed values in a file.
enum Type : std::uint8_t {
  kNil = 0,
  kSymbol = 1,
  kPairList = 2,
  kClosure = 3,
  kEnvironment = 4,
  kPromise = 5,
  kLanguage = 6,
  kSpecial = 7,
  kBuiltin = 8,
  kChar = 9,
  kLogical = 10,
  kInteger = 13,
  kReal = 14,
  kComplex = 15,
  kString = 16,
  kDots = 17,
  kList = 19,
  kExpression = 20,
  kBytecode = 21,
  kExternalPointer = 22,
  kWeakReference = 23,
  kRaw = 24,
  kS4 = 25,
  kAltrep = 238,
  kBaseEnvironment = 241,
  kEmptyEnvironment = 242,
  kPersistent = 247,
  kPackage = 248,
  kNamespace = 249,
  kBaseNamespace = 250,
  kMissing = 251,
  kUnbound = 252,
  kGlobalEnvironment = 253,
};

using Index = std::uint32_t;  ///< Of a node; 0 is R's NULL.

/// One object. Pair lists, calls, closures and promises use attribute, tag, head and tail as R's cells do: of a closure
/// they are environment (tag), formals (head) and body (tail), of a promise environment (tag), value (head) and
/// expression (tail). An environment has enclosure (tag), frame (head) and hash table (tail).
struct Node {
  Type type = kNil;
  bool object = false;  ///< Has a class.
  bool active = false;  ///< A binding that calls its function (pair lists).
  Index attribute = 0;
  Index tag = 0;
  Index head = 0;
  Index tail = 0;
  Index first_child = 0;  ///< Into Object::children: elements of lists, of constants of bytecode, of names.
  std::uint32_t children = 0;
  std::uint64_t length = 0;
  std::string text;  ///< Of characters and built-in functions; views would not do for the ASCII form.
  std::uint64_t offset = 0;
};

struct Object {
  bool workspace = false;  ///< Written by save(): a pair list of named objects.
  std::uint32_t version = 0;
  char form = 'X';          ///< X (XDR), B (native) or A (ASCII).
  std::vector<Node> nodes;  ///< The first one is NULL.
  std::vector<Index> children;
  Index root = 0;
  std::uint64_t length = 0;  ///< Bytes read.
};

struct Limits {
  std::uint64_t max_nodes = 20'000'000;      ///< Stops memory exhaustion; an object takes 96 bytes.
  std::uint64_t max_text_bytes = 64U << 20;  ///< Of one string.
  std::uint64_t max_open = 4'000'000;        ///< Objects begun and not ended: nesting.
  std::uint64_t kept_strings = 64;           ///< Elements of a vector of strings that are kept; all are read.
};

/// Reads an object. Fails with truncated, malformed, too_large or unsupported; `partial`, where given, receives what
/// was read before that.
base::Result<Object> parse(base::Bytes content, const Limits& limits = {}, Object* partial = nullptr);

/// Whether the head is that of such a file.
[[nodiscard]] bool looks_like_object(base::Bytes content);

}  // namespace formats::rds
