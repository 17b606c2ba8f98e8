// The subcommands of `surety threats`, in the order of help.
#include <array>

#include "app/threats/threats.h"

namespace app {
namespace {

constexpr Option kState = {"state", 0, "DIR", "The ledger is here instead of in DIR/.surety.", "", false};
constexpr Option kOutput = {"output", 'o', "FILE", "Write to FILE instead of standard output.", "", false};
constexpr Option kDirectory = {"directory", 'C',  "DIR", "The system's directory (default: the current one).",
                               "",          false};
constexpr Option kKey = {"key", 0, "FILE", "The private key that signs (surety keygen).", "", false};
constexpr Option kPassphrase = {"passphrase-file", 0, "FILE", "The passphrase of that key.", "", false};

constexpr std::array kDiffOptions = {
    Option{"since", 0, "TIME", "Compare with what the ledger held then (a date, or date and time).", "", false},
    Option{"fail", 0, "", "Exit with 1 where a threat is new and open, or met no longer.", "", false}, kOutput,
    kDirectory, kState};
constexpr std::array kReviewOptions = {Option{"by", 0, "NAME", "Who went through the threat model.", "", false},
                                       Option{"note", 0, "TEXT", "What came of it.", "", false}, kState};
constexpr std::array kNoticeOptions = {
    Option{"to", 0, "NAME", "Who runs the system and is told.", "", false},
    Option{"from", 0, "NAME", "Who tells (default: system.owner of ai-system.yaml).", "", false},
    Option{"due", 0, "DAYS", "To be acknowledged within so many days (default: 30).", "", false},
    kKey,
    kPassphrase,
    kOutput,
    kState};
constexpr std::array kImportOptions = {
    Option{"trust", 0, "FILE", "Public key (PEM) of whoever sent it; may be repeated.", "", true}, kDirectory, kState};
constexpr std::array kAcknowledgeOptions = {
    Option{"by", 0, "NAME", "Who acknowledges.", "", false},
    Option{"notice", 0, "ID", "Of which notice, where several fit.", "", false},
    Option{"action", 0, "WORD", "What is done about them: mitigate, accept or monitor (default: monitor).",
           "mitigate,accept,monitor", false},
    Option{"told-in", 0, "FILE", "Document in DIR in which End-users are told.", "", false},
    kKey,
    kPassphrase,
    kOutput,
    kDirectory,
    kState};

constexpr std::array kCommands = {
    Command{"threats diff", "compare two threat models, as a comment for a pull request", "[OLD NEW]", 2,
            "Compares two results of surety threats --format json, or without them the last two threat models that the "
            "ledger holds.",
            "surety threats diff before.json after.json\nsurety threats diff --since 2026-11-01 --fail", kDiffOptions,
            run_threats_diff},
    Command{"threats review", "record that somebody went through the threat model", "[DIR]", 1,
            "Derives the model and records who reviewed it, with the digest of every file that it covers. From then on "
            "provision 3.1.1 names each file that is no longer as it was.",
            "surety threats review --by \"A. Engineer\"", kReviewOptions, run_threats_review},
    Command{
        "threats notice", "tell operators which threats stay unresolved", "[DIR]", 1,
        "Writes a signed notice (DSSE) of every threat that is open or accepted in the last assessment, with what it "
        "may lead to and what to do, and records that it was sent.",
        "surety threats notice --to \"City of Example\" --key notice.key -o notice.json", kNoticeOptions,
        run_threats_notice},
    Command{"threats import", "take in a notice of threats, or the answer to one", "FILE...", 1000,
            "Verifies the signature against the keys given and records what it says. Exit code 4 where it does not "
            "verify.",
            "surety threats import notice.json --trust supplier.pub", kImportOptions, run_threats_import},
    Command{
        "threats acknowledge", "answer a notice, or say how End-users are told", "[ID...]", 1000,
        "Without ids, all threats of the notice. The answer is signed and goes back to whoever sent the notice, who "
        "imports it. Ids of the system's own threats record where its End-users are told of them.",
        "surety threats acknowledge --by ops@example.org --key ops.key -o answer.json\n"
        "surety threats acknowledge T-JAILBREAK@chat --by ops --told-in docs/limits.md",
        kAcknowledgeOptions, run_threats_acknowledge},
};

}  // namespace

std::span<const Command> threats_commands() {
  return kCommands;
}

}  // namespace app
