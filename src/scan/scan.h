#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_cursor.h"
#include "evidence/observation.h"

/// Rules over what the parsers of formats/ describe.
namespace scan {

/// One rule, as the rule page and `surety scan --explain` print it.
struct Rule {
  std::string_view id;
  std::string_view title;
  evidence::Severity severity;
  evidence::FindingClass finding_class;
  std::string_view explanation;  ///< What it is, why it matters.
  std::string_view remedy;
  std::string_view cwe;  ///< Comma-separated ids.
  std::string_view atlas;
  std::string_view owasp;
};
[[nodiscard]] std::span<const Rule> rules();
[[nodiscard]] const Rule* find_rule(std::string_view id);
/// Changes whenever a rule or a parser does; part of every cache key.
[[nodiscard]] std::string_view version();

struct Limits {
  std::uint64_t max_unpacked_bytes = 1ULL << 30;  ///< Over all members of a container together.
  std::uint32_t max_depth = 8;                    ///< Containers within containers.
  std::uint64_t max_opcodes = 200'000'000;        ///< In one pickle.
  std::uint64_t max_findings = 1000;              ///< In one file; more is said, not listed.
};

/// Judges one file by its content; `path` and `kind` only help with names. Never fails: what could not be read is a
/// finding or a gap in coverage. Nothing where no rule concerns such a file. Thread-safe.
[[nodiscard]] std::optional<evidence::FileScan> judge(const evidence::Asset& asset, base::Bytes content,
                                                      const Limits& limits = {});

/// What is said of a file whose judging was cut short from outside, by `rule_id` ("scan-crashed" and its like).
[[nodiscard]] evidence::FileScan not_judged(std::string_view rule_id, std::string_view path, std::string_view reason);

}  // namespace scan
