// The subcommands of `surety monitor`. One file each; in the order of help.
#include <array>

#include "app/monitor/monitor.h"

namespace app {
namespace {

constexpr Option kInput = {"input",
                           0,
                           "FORMAT",
                           "What the logs are (default: each line tells): openai, otlp, langfuse or litellm.",
                           "openai,otlp,langfuse,litellm",
                           false};
constexpr Option kInspect = {"inspect", 0,    "", "Also run guard and inspection over the texts, some 0.1 ms each.",
                             "",        false};
constexpr Option kPublicKey = {"public-key", 0, "FILE", "The public key of the baseline's signer.", "", false};
constexpr Option kDays = {
    "days", 0, "DAYS", "One false alarm in so many days for each key, all tests together (default: 30).", "", false};
constexpr Option kTextOrJson = {"format",    'f',  "FORMAT", "What to print: text or json (default: text).",
                                "text,json", false};

constexpr std::array kBaselineOptions = {
    Option{"private-key", 0, "FILE", "The private key that signs the baseline. Needed.", "", false},
    Option{"passphrase-file", 0, "FILE", "Passphrase of the private key: the first line of FILE.", "", false},
    Option{"output", 'o', "FILE", "Where to write the baseline. Needed.", "", false}, kInput, kInspect};

constexpr std::array kCheckOptions = {kPublicKey, kDays, kTextOrJson};

constexpr std::array kReplayOptions = {
    Option{"baseline", 0, "FILE", "Hold the logs against this baseline (surety monitor baseline).", "", false},
    kPublicKey,
    kDays,
    Option{"fail-on", 0, "SEVERITY", "Exit with 1 on an alarm from this severity on, or never (default: never).",
           "low,medium,high,never", false},
    kInput,
    kInspect,
    Option{"max-keys", 0, "N", "Watch at most so many keys and models at a time (default: 10000).", "", false},
    Option{"record", 0, "DIR", "Record what was watched as evidence about the AI system in DIR.", "", false},
    Option{"state", 0, "DIR", "Its ledger is here instead of in DIR/.surety.", "", false},
    Option{"metrics", 0, "FILE", "Write metrics in Prometheus' text format.", "", false},
    Option{"otlp", 0, "URL", "Send metrics and alarms to this OpenTelemetry collector (OTLP/HTTP, JSON).", "", false},
    Option{"webhook", 0, "URL", "Post each alarm here, when it is raised and when it is over.", "", false},
    Option{"webhook-secret", 0, "FILE", "Sign what is posted with this secret (HMAC-SHA-256).", "", false},
    kTextOrJson};

constexpr std::array kMonitorCommands = {
    Command{
        "monitor replay", "hold logs of a model API against a baseline", "[LOG...]", 1'000'000,
        "Reads logs of exchanges as lines of JSON: requests and responses in pairs (OpenAI, Anthropic), GenAI spans "
        "of OpenTelemetry (OTLP), exports of Langfuse and LiteLLM, and feedback of users. Watches each key and model "
        "as the gateway would, in the order of the lines, and prints the alarms: drift, signs of extraction, "
        "bursts, another build of the model, poisoned feedback. Standard input where no log is named. "
        "docs/guides/monitoring.md",
        "surety monitor replay week.jsonl --baseline usual.baseline \\\n"
        "    --public-key ops.key.pub --fail-on high\n"
        "zcat spans.jsonl.gz | surety monitor replay --input otlp",
        kReplayOptions, run_monitor_replay},
    Command{"monitor baseline", "learn what is usual from logs, and sign it", "[LOG...]", 1'000'000,
            "Learns how each key uses each model from logs of a time when all was well, at least a week and a thousand "
            "exchanges a key. Keys with less are held against all keys of their model. The file is signed, since "
            "whoever can change it can hide an attack.",
            "surety keygen --private-key ops.key\n"
            "surety monitor baseline october.jsonl --private-key ops.key \\\n"
            "    -o usual.baseline",
            kBaselineOptions, run_monitor_baseline},
    Command{"monitor check", "verify a baseline and list the tests it allows", "FILE", 1,
            "Verifies the signature and prints, for each key and model, which tests run, how seldom each is wrong, and "
            "which do not run and why.",
            "surety monitor check usual.baseline --public-key ops.key.pub", kCheckOptions, run_monitor_check},
};

}  // namespace

std::span<const Command> monitor_commands() {
  return kMonitorCommands;
}

}  // namespace app
