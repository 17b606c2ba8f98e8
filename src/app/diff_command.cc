#include <algorithm>
#include <map>

#include "app/pipeline.h"
#include "assess/outcome.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "evidence/statement.h"
#include "ledger/ledger.h"
#include "report/difference.h"

namespace app {
namespace {

using base::Errc;
using base::Error;
using base::Result;

constexpr std::uint64_t kMaxResultBytes = 512U << 20;

/// The runs in a ledger, and what of the files it held at each.
struct Run {
  std::uint64_t entry = 0;
  evidence::Run run;
  std::map<std::string, std::string> assets;
};

// The last `most` runs, or the one that is entry `wanted`.
Result<std::vector<Run>> runs_of(const ledger::Ledger& log, const std::vector<std::uint64_t>& wanted) {
  std::vector<Run> out;
  std::map<std::string, std::string> assets;
  const std::string asset_key = "[\"" + std::string(evidence::kAssetPredicate) + "\"";
  const std::string run_key = "[\"" + std::string(evidence::kRunPredicate) + "\"]";
  const auto visit = [&](const ledger::Entry& entry) -> Result<void> {
    if (entry.key.starts_with(asset_key)) {
      const evidence::Statement statement = TRY(evidence::Statement::parse(entry.content));
      const evidence::Subject& subject = statement.subjects.front();
      if (statement.predicate_type == evidence::kRemovedPredicate) {
        assets.erase(base::printable(subject.name));
      } else {
        assets[base::printable(subject.name)] = subject.sha256.is_set() ? subject.sha256.hex() : std::string();
      }
    } else if (entry.key == run_key) {
      if (wanted.empty() || std::find(wanted.begin(), wanted.end(), entry.index) != wanted.end()) {
        const evidence::Statement statement = TRY(evidence::Statement::parse(entry.content));
        out.push_back({entry.index, TRY(evidence::run_from(statement)), assets});
        if (wanted.empty() && out.size() > 2) {
          out.erase(out.begin());
        }
      }
    }
    return {};
  };
  TRY(log.for_each(0, visit));
  return out;
}

assess::PastResult result_of(const Run& run, const catalog::Catalog& catalog) {
  assess::PastResult out = assess::past_result(run.run, "run " + std::to_string(run.entry));
  out.assets = run.assets;
  for (assess::PastProvision& provision : out.provisions) {
    if (const catalog::Provision* known = catalog.find_provision(provision.id)) {
      provision.verb = catalog::to_string(known->verb);
      provision.title = known->title;
    }
  }
  for (const auto& [id, text] : run.run.violations) {
    const std::size_t end = text.find('\n');
    const catalog::Check* check = catalog.find_check(text.substr(0, end));
    for (assess::PastProvision& provision : out.provisions) {
      if (check != nullptr && end != std::string::npos && provision.verdict == "fail" &&
          std::find(check->provisions.begin(), check->provisions.end(), provision.id) != check->provisions.end()) {
        const std::string subject = text.substr(end + 1);
        provision.violations[id] = subject + ": " + check->title + " (not so)";
        provision.subjects.push_back(subject);
      }
    }
  }
  // The order of the Code, which a record of a run does not keep.
  const auto place = [&](const assess::PastProvision& provision) {
    return std::find_if(catalog.provisions.begin(), catalog.provisions.end(),
                        [&](const catalog::Provision& known) { return known.id == provision.id; }) -
           catalog.provisions.begin();
  };
  std::stable_sort(out.provisions.begin(), out.provisions.end(),
                   [&](const auto& a, const auto& b) { return place(a) < place(b); });
  return out;
}

Result<assess::PastResult> result_in(const std::string& file) {
  const std::string text = TRY(base::read_file(file, kMaxResultBytes));
  const std::string shown = base::printable(file);
  auto document = base::parse_json(text, {.max_bytes = kMaxResultBytes, .max_depth = 64, .max_values = 40'000'000});
  if (!document) {
    return std::move(document).error().in_file(shown);
  }
  return assess::past_result(*document, shown);
}

Result<assess::Difference> difference(const Arguments& arguments) {
  const std::vector<std::string>& files = arguments.positional();
  if (files.size() == 2) {
    if (arguments.has("run")) {
      return Error{Errc::usage, "either two files or --run, not both"};
    }
    const assess::PastResult before = TRY(result_in(files[0]));
    const assess::PastResult after = TRY(result_in(files[1]));
    return assess::compare(before, after);
  }
  if (files.size() == 1) {
    return Error{Errc::usage,
                 "one file alone cannot be compared: surety diff OLD NEW, or surety diff for the last two "
                 "runs in the ledger"};
  }
  std::vector<std::uint64_t> wanted;
  for (const std::string& text : arguments.all("run")) {
    if (text.empty() || text.size() > 18 || text.find_first_not_of("0123456789") != std::string::npos) {
      return Error{Errc::usage, "--run: \"" + base::printable(text) + "\" is no entry of the ledger (surety log show)"};
    }
    wanted.push_back(std::stoull(text));
  }
  if (!wanted.empty() && wanted.size() != 2) {
    return Error{Errc::usage, "--run is given twice: the older and the newer entry"};
  }
  const Workplace place = TRY(workplace(arguments, arguments.get("directory", ".")));
  const catalog::Catalog catalog = TRY(load_catalog(arguments));
  const ledger::Ledger log = TRY(ledger::Ledger::open(place.state, ledger::Ledger::Mode::read));
  std::vector<Run> runs = TRY(runs_of(log, wanted));
  if (runs.size() < 2) {
    return Error{Errc::usage,
                 wanted.empty() ? "the ledger holds fewer than two runs of surety assess"
                                : "--run: not both entries are runs of surety assess",
                 0, base::printable(place.state.native())};
  }
  return assess::compare(result_of(runs[runs.size() - 2], catalog), result_of(runs.back(), catalog));
}

}  // namespace

Exit run_diff(const Arguments& arguments, Console& console) {
  const auto found = difference(arguments);
  if (!found) {
    return report_error(found.error(), console);
  }
  const std::string format = arguments.get("format", "text");
  const std::string text = format == "json" ? report::difference_json(*found)
                           : format == "md" ? report::difference_markdown(*found)
                                            : report::difference_text(*found, console.columns);
  if (arguments.has("output")) {
    if (const auto written = base::write_file(arguments.get("output"), text); !written) {
      report_error(written.error(), console);
      return Exit::environment;
    }
  } else {
    console.out << text;
  }
  return found->worse() ? Exit::gate_failed : Exit::passed;
}

}  // namespace app
