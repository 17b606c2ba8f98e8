#include <algorithm>
#include <map>
#include <set>

#include "app/guard/guard.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/text.h"
#include "guard/obfuscate.h"

namespace app {
namespace {

std::string cell(double value, std::size_t of) {
  return of == 0 ? std::string() : three_digits(value);
}

// What the model can and cannot do, from models that did not see the rows they are measured on.
std::string card(const std::vector<guard::Row>& rows, std::string_view model_bytes, Console& console) {
  const guard::TrainingOptions options;
  std::map<std::string, std::pair<std::size_t, std::size_t>> sources;
  std::vector<float> attacks;
  std::vector<float> benign;
  const std::vector<float> scores = guard::cross_validated_scores(rows, options);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    (rows[i].attack ? attacks : benign).push_back(scores[i]);
    auto& [bad, good] = sources[rows[i].source];
    (rows[i].attack ? bad : good) += 1;
  }
  const guard::Quality quality = guard::quality_of(attacks, benign);
  std::string out =
      "# Model card: the guard\n\n"
      "Written by `surety guard train --card`. A linear model over hashed words, pairs and triples of words and pieces "
      "of\n"
      "words of the normalised text and of what it decodes to, scored in windows. It says how much a text looks like "
      "an\n"
      "attempt to override, redirect or unlock a model. **A help, never a barrier**: an attacker who tries long enough "
      "gets\n"
      "past it. What stops an attack is least privilege, approval of what cannot be undone, and limits.\n\n";
  out += "| | |\n|---|---|\n| SHA-256 | `" + base::sha256(model_bytes).hex() + "` |\n| Size | " +
         base::grouped(model_bytes.size()) + " bytes |\n| Rows | " + base::grouped(attacks.size()) + " attacks, " +
         base::grouped(benign.size()) + " benign |\n\n";
  out +=
      "## On rows of sources that it knows\n\nFive folds, each scored by a model trained on the other four. Area under "
      "the curve " +
      three_digits(quality.area_under_curve) + ".\n\n| benign texts flagged | attacks found |\n|---|---|\n| 5 % | " +
      three_digits(quality.recall_at_5_percent) + " |\n| 1 % | " + three_digits(quality.recall_at_1_percent) +
      " |\n| 0.1 % | " + three_digits(quality.recall_at_a_thousandth) + " |\n\n";
  out +=
      "## On sources that it does not know\n\nEach family of sources (those whose names begin alike) in turn is left "
      "out\n"
      "of training whole. Found: share of a source's attacks above the score that one in 200 of the other families' "
      "benign\ntexts exceeds. Flagged: share of its benign texts above it. These are\n"
      "the figures to expect of an attack of a new kind.\n\n| source | attacks | found | benign | flagged "
      "|\n|---|--:|--:|--:|--:|\n";
  const auto tell = [&](const guard::LeftOut& left) {
    console.err << "left out " << base::printable(left.source) << "\n";
  };
  for (const guard::LeftOut& left : guard::leave_one_family_out(rows, options, tell)) {
    out += "| " + left.source + " | " + std::to_string(left.attacks) + " | " + cell(left.recall, left.attacks) + " | " +
           std::to_string(left.benign) + " | " + cell(left.flagged, left.benign) + " |\n";
  }
  out +=
      "\n## On hidden words\n\nA fifth of the rows, hidden in each way, scored by a model trained on the rest.\n\n"
      "| way | attacks found | benign flagged |\n|---|--:|--:|\n";
  std::vector<guard::Row> kept;
  std::vector<guard::Row> held;
  for (const guard::Row& row : rows) {
    (base::sha256(row.text).bytes[1] % 5 == 0 ? held : kept).push_back(row);
  }
  const guard::Model model = guard::train(kept, options);
  const auto measure = [&](std::string_view name, std::string (*apply)(std::string_view)) {
    std::size_t found = 0;
    std::size_t flagged = 0;
    std::size_t bad = 0;
    for (const guard::Row& row : held) {
      const bool above = model.score(apply == nullptr ? row.text : apply(row.text)).value > 0.5F;
      bad += row.attack ? 1U : 0U;
      (row.attack ? found : flagged) += above ? 1U : 0U;
    }
    const auto share = [](std::size_t part, std::size_t whole) {
      return three_digits(whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole));
    };
    out += "| " + std::string(name) + " | " + share(found, bad) + " | " + share(flagged, held.size() - bad) + " |\n";
  };
  measure("as they stand", nullptr);
  for (const guard::Obfuscation& way : guard::obfuscations()) {
    measure(way.name, way.apply);
  }
  out += "\nTag characters can spell ASCII alone: letters of other scripts stay as they stand between them.\n";
  return out;
}

}  // namespace

Exit run_guard_train(const Arguments& arguments, Console& console) {
  if (!arguments.has("output")) {
    return report_error({base::Errc::usage, "say where to write the model: --output FILE"}, console);
  }
  const auto rows = read_rows(arguments);
  if (!rows) {
    return report_error(rows.error(), console);
  }
  const std::string bytes = guard::train(*rows).to_bytes();
  if (const auto written = base::write_file(arguments.get("output"), bytes); !written) {
    return report_error(written.error(), console);
  }
  if (arguments.has("card")) {
    if (const auto written = base::write_file(arguments.get("card"), card(*rows, bytes, console)); !written) {
      return report_error(written.error(), console);
    }
  }
  console.err << "trained from " << base::counted(rows->size(), "row") << "\n";
  return Exit::passed;
}

}  // namespace app
