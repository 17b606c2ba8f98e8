#include <algorithm>
#include <array>
#include <cstdio>
#include <map>

#include "app/guard/guard.h"
#include "app/table.h"
#include "base/file.h"
#include "base/text.h"
#include "guard/obfuscate.h"

namespace app {
namespace {

constexpr std::uint64_t kMaxDataBytes = std::uint64_t{1} << 30;
constexpr std::uint64_t kMaxModelBytes = std::uint64_t{1} << 25;
constexpr float kFlagged = 0.5F;

struct Counts {
  std::size_t attacks = 0;
  std::size_t found = 0;
  std::size_t benign = 0;
  std::size_t flagged = 0;
  void add(bool attack, float score) {
    (attack ? attacks : benign) += 1;
    (attack ? found : flagged) += score > kFlagged ? 1U : 0U;
  }
  [[nodiscard]] Row row(std::string name) const {
    const auto share = [](std::size_t part, std::size_t whole) -> std::optional<std::string> {
      return whole == 0 ? std::nullopt
                        : std::optional(three_digits(static_cast<double>(part) / static_cast<double>(whole)));
    };
    return {std::move(name), std::to_string(attacks), share(found, attacks), std::to_string(benign),
            share(flagged, benign)};
  }
};

const std::vector<std::string> kColumns = {"", "attacks", "found", "benign", "flagged"};

}  // namespace

std::string three_digits(double value) {
  std::array<char, 32> digits{};
  std::snprintf(digits.data(), digits.size(), "%.3f", value);
  return digits.data();
}

base::Result<std::vector<guard::Row>> read_rows(const Arguments& arguments) {
  const std::vector<std::string> files = arguments.all("data");
  if (files.empty()) {
    return base::Error{base::Errc::usage, "say which rows: --data FILE"};
  }
  std::vector<guard::Row> rows;
  for (const std::string& file : files) {
    const std::string text = TRY(base::read_file(file, kMaxDataBytes));
    auto parsed = guard::parse_rows(text);
    if (!parsed) {
      return std::move(parsed).error().in_file(base::printable(file));
    }
    std::move(parsed->begin(), parsed->end(), std::back_inserter(rows));
  }
  const auto attacks = std::count_if(rows.begin(), rows.end(), [](const guard::Row& row) { return row.attack; });
  if (attacks == 0 || std::cmp_equal(attacks, rows.size())) {
    return base::Error{base::Errc::usage, "the rows must hold attacks and benign texts"};
  }
  return rows;
}

Exit run_guard_evaluate(const Arguments& arguments, Console& console) {
  const auto rows = read_rows(arguments);
  if (!rows) {
    return report_error(rows.error(), console);
  }
  std::optional<guard::Model> given;
  if (arguments.has("model")) {
    const std::string file = arguments.get("model");
    const auto bytes = base::read_file(file, kMaxModelBytes);
    if (!bytes) {
      return report_error(bytes.error(), console);
    }
    auto parsed = guard::Model::parse(base::as_bytes(*bytes));
    if (!parsed) {
      return report_error(std::move(parsed).error().in_file(base::printable(file)), console);
    }
    given = std::move(*parsed);
  }
  const guard::Model& model = given ? *given : guard::Model::built_in();
  std::vector<float> attacks;
  std::vector<float> benign;
  Counts all;
  std::map<std::string, Counts> by_source;
  for (const guard::Row& row : *rows) {
    const float score = model.score(row.text).value;
    (row.attack ? attacks : benign).push_back(score);
    all.add(row.attack, score);
    by_source[row.source].add(row.attack, score);
  }
  const guard::Quality quality = guard::quality_of(attacks, benign);
  console.out << "Area under the curve " << three_digits(quality.area_under_curve)
              << "; attacks found with 5 % of benign texts flagged " << three_digits(quality.recall_at_5_percent)
              << ", with 1 % " << three_digits(quality.recall_at_1_percent) << ", with 0.1 % "
              << three_digits(quality.recall_at_a_thousandth) << "\n\nAt the score of 0.5:\n";
  std::vector<Row> table;
  for (const auto& [source, counts] : by_source) {
    table.push_back(counts.row(base::printable(source)));
  }
  table.push_back(all.row("all"));
  if (arguments.has("obfuscated")) {
    for (const guard::Obfuscation& way : guard::obfuscations()) {
      Counts hidden;
      for (const guard::Row& row : *rows) {
        hidden.add(row.attack, model.score(way.apply(row.text)).value);
      }
      table.push_back(hidden.row("all, " + std::string(way.name)));
    }
  }
  console.out << render_table(kColumns, table, "text", console.columns)
              << "\nA guard is a help, never a barrier: what stops an attack is what the model is permitted to do.\n";
  return Exit::passed;
}

}  // namespace app
