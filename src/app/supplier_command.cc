#include <algorithm>
#include <array>

#include "app/event_projection.h"
#include "app/evidence_bundle.h"
#include "app/pipeline.h"
#include "assess/inherited.h"
#include "base/json.h"
#include "base/text.h"
#include "ledger/ledger.h"

namespace app {
namespace {

using base::Errc;
using base::Error;
using base::Result;
using base::Value;

constexpr std::array kImportOptions = {
    Option{"as", 0, "PROVIDER", "The supplier's id under providers in ai-system.yaml.", "", false},
    Option{"public-key", 0, "FILE", "The supplier's key (PEM), which must have signed; may be repeated.", "", true},
    Option{"directory", 'C', "DIR", "The system that relies on the supplier (default: the current directory).", "",
           false},
    Option{"state", 0, "DIR", "The ledger is here instead of in DIR/.surety.", "", false},
    Option{"own-catalogue", 0, "", "Compute with the catalogue in the bundle where it is another than the one here.",
           "", false},
    Option{"catalog", 0, "DIR", "The Code in this folder is known too.", "", false},
    Option{"checks", 0, "DIR", "With the checks (*.yaml) of this folder added.", "", true}};

constexpr std::array kListOptions = {
    Option{"format", 'f', "FORMAT", "What to print: text or json (default: text).", "text,json", false},
    Option{"directory", 'C', "DIR", "The system (default: the current directory).", "", false},
    Option{"state", 0, "DIR", "The ledger is here instead of in DIR/.surety.", "", false}};

// Refuses what would rest on itself: a supplier whose evidence is this system's, or in part inherited from it.
Result<void> check_cycle(const assess::Inherited& inherited, const std::string& origin) {
  if (inherited.origin == origin) {
    return Error{Errc::usage, "the bundle is of this very log (" + base::printable(origin) +
                                  "): a system cannot be its own supplier"};
  }
  if (std::find(inherited.chain.begin(), inherited.chain.end(), origin) != inherited.chain.end()) {
    return Error{Errc::usage, "inheritance would be cyclic: " + base::printable(inherited.provider) +
                                  " itself inherits from this system's log (" + base::printable(origin) + ")"};
  }
  return {};
}

Result<void> import(const Arguments& arguments, Console& console) {
  const std::string file = arguments.positional(0, "");
  if (file.empty() || !arguments.has("as")) {
    return Error{Errc::usage, "which bundle, and of whom? surety supplier import FILE.surety --as PROVIDER"};
  }
  if (!arguments.has("public-key")) {
    return Error{Errc::usage, "whose signature counts? --public-key FILE is needed: the supplier's key"};
  }
  const bundle::Verified verified = TRY(read_bundle(arguments, file));
  const assess::Inherited inherited = bundle::inherit(verified, arguments.get("as"));
  const Workplace place = TRY(workplace(arguments, arguments.get("directory", ".")));
  TRY(make_state(place.state));
  ledger::Ledger log = TRY(ledger::Ledger::open(place.state, ledger::Ledger::Mode::write));
  const std::string origin = TRY(log.checkpoint()).origin;
  TRY(check_cycle(inherited, origin));
  const evidence::Statement statement = assess::statement_of(inherited);
  const ledger::NewEntry entry{statement.key(), statement.canonical()};
  const std::uint64_t appended = TRY(log.append({&entry, 1}));
  const auto count = [&](std::string_view verdict) {
    return std::count_if(inherited.provisions.begin(), inherited.provisions.end(),
                         [&](const assess::InheritedProvision& each) { return each.verdict == verdict; });
  };
  console.out << (appended == 0 ? "Nothing new: " : "Imported ") << base::printable(verified.header.system) << " of "
              << base::printable(inherited.provider) << ", assessed on " << base::to_iso8601(inherited.time) << ": "
              << count("pass") << " pass, " << count("fail") << " fail, " << count("inconclusive") << " inconclusive, "
              << count("not applicable") << " not applicable; " << inherited.adherence << "\n";
  return {};
}

Result<void> list(const Arguments& arguments, Console& console) {
  const Workplace place = TRY(workplace(arguments, arguments.get("directory", ".")));
  const ledger::Ledger log = TRY(ledger::Ledger::open(place.state, ledger::Ledger::Mode::read));
  Value out{Value::List{}};
  const auto visit = [&](const ledger::Entry& entry) -> Result<void> {
    if (entry.key.find(assess::kInheritedPredicate) == std::string::npos) {
      return {};
    }
    const evidence::Statement statement = TRY(evidence::Statement::parse(entry.content));
    if (statement.predicate_type != assess::kInheritedPredicate) {
      return {};
    }
    const assess::Inherited inherited = TRY(assess::inherited_from(statement));
    if (arguments.get("format", "text") == "json") {
      Value value = statement.predicate;
      value.set("provider", inherited.provider).set("sha256", inherited.bundle.hex());
      out.push(std::move(value));
    } else {
      console.out << base::printable(inherited.provider) << "  " << base::printable(inherited.system) << ", "
                  << base::to_iso8601(inherited.time) << ", " << inherited.adherence << ", signed by "
                  << inherited.signer.substr(0, 16) << "…\n";
    }
    return {};
  };
  TRY(for_each_statement(log, visit));
  if (arguments.get("format", "text") == "json") {
    console.out << base::to_json(out, 2) << "\n";
  }
  return {};
}

Exit run_import(const Arguments& arguments, Console& console) {
  return exit_of(import(arguments, console), console);
}
Exit run_list(const Arguments& arguments, Console& console) {
  return exit_of(list(arguments, console), console);
}

constexpr std::array kCommands = {
    Command{"supplier import", "take a supplier's bundle as evidence", "FILE", 1,
            "Verifies the bundle as surety verify does and records what it shows, provision by provision. Checks read "
            "it in the tables inherited and inherited_reports; what the supplier's program tested counts as imported "
            "here. Refused where the supplier inherits from this system, also by way of others. Exit code 4 where the "
            "bundle does not verify.",
            "surety supplier import embed.surety --as embed-vendor \\\n    --public-key embed-vendor.pub",
            kImportOptions, run_import},
    Command{"supplier list", "list the suppliers whose bundles were imported", "", 0, "",
            "surety supplier list\nsurety supplier list -C app --format json", kListOptions, run_list},
};

}  // namespace

std::span<const Command> supplier_commands() {
  return kCommands;
}

}  // namespace app
