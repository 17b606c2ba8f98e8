// The subcommands of `surety log`. One file each; add yours here, in the order of help.
#include <array>

#include "app/log/log.h"

namespace app {
namespace {

constexpr Option kState = {"state", 0, "DIR", "The ledger is here instead of in DIR/.surety.", "", false};
constexpr Option kTextOrJson = {"format",    'f',  "FORMAT", "What to print: text or json (default: text).",
                                "text,json", false};

constexpr std::array kVerifyOptions = {
    Option{"checkpoint", 0, "FILE", "Hold the log against this checkpoint, kept from an earlier time.", "", false},
    kTextOrJson, kState};

constexpr std::array kShowOptions = {kTextOrJson, kState};

constexpr std::array kLogCommands = {
    Command{"log show", "list the entries", "[DIR]", 1, "Lists the entries of DIR/.surety/ledger.db.",
            "surety log show\nsurety log show --format json", kShowOptions, run_log_show},
    Command{"log verify", "recompute every hash", "[DIR]", 1,
            "Recomputes every hash of DIR/.surety/ledger.db and compares with the last checkpoint; exit code 4 where "
            "anything was edited, deleted, reordered or cut.",
            "surety log verify\nsurety log verify --checkpoint kept.txt", kVerifyOptions, run_log_verify},
};

}  // namespace

std::span<const Command> log_commands() {
  return kLogCommands;
}

}  // namespace app
