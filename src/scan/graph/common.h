#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "formats/protobuf/wire.h"
#include "scan/collector.h"
#include "scan/content.h"

/// What all formats of graphs are judged by.
namespace scan {

/// Why opening `file`, said to lie beside the model, would open something else; empty where it would not.
[[nodiscard]] std::string_view path_risk(std::string_view file);
/// Why a file of that name is no business of a model's, wherever it lies; empty where nothing speaks against it.
[[nodiscard]] std::string_view sensitive_file(std::string_view file);

/// Where some text stands, for a finding.
struct Where {
  const std::string& path;
  std::string place;  ///< "doc_string", "node a, attribute b".
  std::uint64_t offset = 0;
  std::uint32_t depth = 0;
};

/// Looks for pickles, archives, executables and program text in a constant or in documentation. `binary_only` leaves
/// text alone, as vocabularies hold any.
enum class Probe : std::uint8_t { all, binary };
void judge_payload(std::string_view text, const Where& where, Probe probe, Collector& out);

/// Damage, encodings that no writer makes and fields given twice.
void judge_wire(const formats::protobuf::Report& report, const std::string& path, std::string_view format,
                Collector& out);

/// Functions that call functions: `calls[i]` lists the callees of i, as often as they are called. Says whether one
/// reaches itself, and how many nodes the dearest comes to when all calls are inlined (`own[i]` of its own).
struct Expansion {
  bool recursive = false;
  double nodes = 0;
};
[[nodiscard]] Expansion expand(const std::vector<std::vector<std::uint32_t>>& calls,
                               const std::vector<std::uint64_t>& own);

/// A graph whose functions come to more than this many nodes is made to exhaust memory.
inline constexpr double kMaxExpandedNodes = 1e8;

/// Text of a file for a message.
[[nodiscard]] std::string shown(std::string_view text, std::size_t max_bytes = 120);

}  // namespace scan
