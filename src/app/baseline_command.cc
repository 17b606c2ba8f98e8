#include <array>

#include "app/pipeline.h"
#include "assess/baseline.h"
#include "base/file.h"
#include "base/text.h"

namespace app {
namespace {

using base::Errc;
using base::Error;
using base::Result;

constexpr std::array kWriteOptions = {
    Option{"author", 0, "NAME", "Who writes it.", "", false},
    Option{"reason", 0, "TEXT", "Why: what is to become of these failures.", "", false},
    Option{"extend", 0, "", "Add what is not in it yet; its history then says so.", "", false},
    Option{"file", 0, "FILE", "Write here instead of DIR/security/baseline.json.", "", false},
    Option{"state", 0, "DIR", "Keep ledger and cache here instead of in DIR/.surety.", "", false},
    Option{"no-record", 0, "", "Write no ledger and no cache.", "", false},
    Option{"catalog", 0, "DIR", "Use the Code in this folder instead of the built-in one.", "", false},
    Option{"checks", 0, "DIR", "Add the checks (*.yaml) of this folder.", "", true}};

Result<void> write(const Arguments& arguments, Console& console) {
  const Workplace place = TRY(workplace(arguments, arguments.positional(0, ".")));
  const std::filesystem::path file =
      arguments.has("file") ? std::filesystem::path(arguments.get("file")) : place.directory / assess::kBaselineFile;
  const std::string shown = base::printable(file.native());
  assess::Baseline baseline;
  if (const auto text = base::read_file(file, assess::kMaxBaselineBytes)) {
    baseline = TRY(assess::Baseline::parse(*text, shown));
  } else if (text.error().code != Errc::not_found) {
    return text.error();
  }
  catalog::Catalog catalog = TRY(load_catalog(arguments));
  const Outcome outcome = TRY(run_pipeline(place, std::move(catalog)));
  const auto violations = assess::open_violations(outcome.assessment);
  TRY(assess::update(baseline, violations, arguments.get("author"), base::to_iso_date(base::now()),
                     arguments.get("reason"), arguments.has("extend")));
  std::error_code ignored;
  std::filesystem::create_directories(file.parent_path(), ignored);
  TRY(base::write_file(file, baseline.to_text()));
  console.out << "Wrote " << shown << ": " << base::counted(violations.size(), "violation") << ", "
              << baseline.history.back().action << " by " << base::printable(baseline.history.back().author) << "\n";
  return {};
}

Exit run_write(const Arguments& arguments, Console& console) {
  return exit_of(write(arguments, console), console);
}

constexpr std::array kCommands = {
    Command{"baseline write", "write down what fails now, so that only what is new closes the gate", "[DIR]", 1,
            "Assesses the directory and lists every violation of a failing provision by an id made of its content. "
            "surety assess --baseline FILE then exits with 1 only where something else fails. Written again, the list "
            "may only get shorter; --extend adds to it, and who did that and why stays in the file.",
            "surety baseline write --author \"A. Jones\" --reason \"before the gate was turned on\"\n"
            "surety assess --baseline security/baseline.json",
            kWriteOptions, run_write},
};

}  // namespace

std::span<const Command> baseline_commands() {
  return kCommands;
}

}  // namespace app
