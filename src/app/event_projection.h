#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "assess/assess.h"
#include "base/result.h"
#include "ledger/ledger.h"

/// The events of a long change log as the fact tables that they come to, kept in a file beside the ledger, so that they
/// need not be read one by one each time. docs/decisions/0035-events-are-projected.md tells why it can be trusted.
namespace app {

inline constexpr std::string_view kEventsFile = "events.db";

/// Fact tables that hold the events of the log, private ones opened where they can be.
struct LoadedEvents {
  assess::Facts facts;
  bool projected = false;          ///< Most of them come from the file.
  std::vector<std::string> notes;  ///< Why a file that was there was not used.
};

/// Reads the file where it is, what it says is vouched for by the log, and `use_file` allows it; then the entries after
/// it. Fails with malformed or untrusted on entries, as Opener::event_of() does, and with untrusted where the log does
/// not hold the entry that vouches.
base::Result<LoadedEvents> load_events(const ledger::Ledger& log, const std::filesystem::path& state, bool use_file);
/// The same; where much came after the file, or there is none and the log is long, writes it anew and records its
/// digest in the log.
base::Result<LoadedEvents> load_and_project_events(ledger::Ledger& log, const std::filesystem::path& state,
                                                   bool use_file);

/// Visits the current entries that are no events.
base::Result<void> for_each_statement(const ledger::Ledger& log,
                                      const std::function<base::Result<void>(const ledger::Entry&)>& visit);

/// Whether the entry only vouches for the file, and so is no evidence for others.
[[nodiscard]] bool vouches_for_events(std::string_view key);

}  // namespace app
