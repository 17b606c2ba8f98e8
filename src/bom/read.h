#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "evidence/bill.h"
#include "evidence/observation.h"

/// Documents of others: CycloneDX 1.2 to 1.7, SPDX 2.2, 2.3 and 3.0 in JSON, Croissant 1.0 and 1.1, and our own
/// formats.
namespace bom {

inline constexpr std::uint64_t kMaxDocumentBytes = 256U << 20;

struct ListedItem {
  std::string ref;  ///< As the document names it.
  evidence::ListedComponent component;
  std::set<std::string> relations;  ///< "depends on NAME", "trainedOn NAME": with the names of what they lead to.
};

/// A document as read, in its order.
struct Listed {
  std::string format;   ///< "cyclonedx", "spdx", "croissant".
  std::string version;  ///< Of the format.
  std::string name;
  std::string producer;
  std::string created;
  std::vector<ListedItem> items;
  std::vector<std::string> problems;  ///< What is wrong with it, with its place; at most 1,000.
};

/// Reads one document. `path` is for messages. Fails with malformed, too_large or unsupported (none of the formats, or
/// a version that is not read), naming line or field; what is wrong within a document that can be read is a problem.
base::Result<Listed> read_document(std::string_view json, std::string_view path);

/// Holds a document against the discovered files: which of them it lists, with which digest, and which of them it does
/// not list. `path` is where it lies; files outside of its folder are not expected in it.
[[nodiscard]] evidence::Bill hold_against(const Listed& listed, std::string_view path, const base::Sha256& sha256,
                                          std::span<const evidence::Asset> assets);
/// The same for what could not be read.
[[nodiscard]] evidence::Bill unreadable(std::string_view path, const base::Sha256& sha256, std::string_view reason);

/// One difference of two documents, in words and in parts.
struct Difference {
  std::string kind;       ///< "added", "removed", "version", "digest", "licence", "relation".
  std::string component;  ///< Name, with path or version where it helps.
  std::string before;
  std::string after;
  std::string sentence;
};
/// What changed from `a` to `b`, sorted by component. Relations are compared only where both are of one format; `notes`
/// then says so.
[[nodiscard]] std::vector<Difference> differences(const Listed& a, const Listed& b, std::vector<std::string>& notes);

}  // namespace bom
