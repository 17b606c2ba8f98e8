#pragma once

#include <span>

#include "scan/scan.h"

/// The rule table, family by family; rules.cc puts them together.
namespace scan {

[[nodiscard]] std::span<const Rule> pickle_rules();
[[nodiscard]] std::span<const Rule> archive_rules();
[[nodiscard]] std::span<const Rule> weights_rules();
[[nodiscard]] std::span<const Rule> graph_rules();
[[nodiscard]] std::span<const Rule> keras_rules();
[[nodiscard]] std::span<const Rule> xml_rules();
[[nodiscard]] std::span<const Rule> r_rules();
[[nodiscard]] std::span<const Rule> columnar_rules();
[[nodiscard]] std::span<const Rule> tokenizer_rules();
[[nodiscard]] std::span<const Rule> tree_rules();
[[nodiscard]] std::span<const Rule> package_rules();
[[nodiscard]] std::span<const Rule> template_rules();
[[nodiscard]] std::span<const Rule> code_rules();
[[nodiscard]] std::span<const Rule> text_rules();
[[nodiscard]] std::span<const Rule> agent_rules();
[[nodiscard]] std::span<const Rule> dependency_rules();
[[nodiscard]] std::span<const Rule> data_rules();
[[nodiscard]] std::span<const Rule> general_rules();

}  // namespace scan
