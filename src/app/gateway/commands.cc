// The subcommands of `surety gateway`. One file each; add yours here, in the order of help.
#include <array>

#include "app/gateway/gateway.h"

namespace app {
namespace {

constexpr Option kConfig = {"config", 'c', "FILE", "The configuration (default: gateway.yaml here).", "", false};

constexpr std::array kCheckOptions = {
    kConfig, Option{"files", 0, "", "Also load the certificates, keys and credentials that it names.", "", false}};

constexpr std::array kTestOptions = {
    kConfig,
    Option{"format", 'f', "FORMAT", "What to print: text or json (default: text).", "text,json", false},
    Option{"client-certificate", 0, "FILE", "A certificate that listeners which ask for one must take (PEM).", "",
           false},
    Option{"client-key", 0, "FILE", "Its private key (PEM).", "", false},
    Option{"record", 0, "DIR", "Record the result as evidence about the AI system in DIR.", "", false},
    Option{"state", 0, "DIR", "Its ledger is here instead of in DIR/.surety.", "", false}};

constexpr std::array kKeyOptions = {
    kConfig,
    Option{"keys", 0, "FILE", "The file of keys (default: the one that the configuration names).", "", false},
    Option{"subject", 0, "NAME", "Who holds the key.", "", false},
    Option{"tenant", 0, "NAME", "For whom he works.", "", false},
    Option{"role", 0, "NAME", "A role of the configuration.", "", true},
    Option{"model", 0, "PATTERN", "A model it may use (default: all).", "", true},
    Option{"tool", 0, "PATTERN", "A tool it may use (default: all).", "", true},
    Option{"route", 0, "PATTERN", "A route it may use (default: all).", "", true},
    Option{"expires", 0, "DATE", "Last day on which it is good.", "", false}};
constexpr std::array kApprovalsOptions = {kConfig,
                                          Option{"format", 'f', "FORMAT", "How to print.", "text,json", false}};
constexpr std::array kDecideOptions = {kConfig, Option{"reason", 0, "TEXT", "Why.", "", false}};
constexpr std::array kKillOptions = {kConfig, Option{"reason", 0, "TEXT", "Why.", "", false},
                                     Option{"lift", 0, "", "Let it run again.", "", false}};
constexpr std::array kPermissionsOptions = {kConfig};

constexpr std::array kGatewayCommands = {
    Command{"gateway check", "check a configuration without serving", "", 0,
            "Reads the configuration and says what it would serve. Exit code 2 with file, line and reason where it "
            "cannot be used.",
            "surety gateway check --config gateway.yaml\nsurety gateway check --files", kCheckOptions,
            run_gateway_check},
    Command{"gateway test", "try every control, and say what passes", "", 0,
            "Sends allowed and forbidden exchanges through every control, route and kind of block by the code that "
            "serves, without a network, and measures the limits. What the gateway itself keeps is not touched. Exit "
            "code 1 where something forbidden passes or something allowed does not, 3 where something could not be "
            "tried. docs/formats/gateway-test.md",
            "surety gateway test --config gateway.yaml\nsurety gateway test --format json --record .", kTestOptions,
            run_gateway_test},
    Command{"gateway key", "hand out, list and revoke keys", "new|list|revoke [ID]", 2,
            "new prints a key once, to standard output; only a salted digest of it is kept. A running gateway takes "
            "the change up by itself.",
            "surety gateway key new --subject ada --role developer --expires 2026-12-31\nsurety gateway key list\n"
            "surety gateway key revoke 0123456789abcdef",
            kKeyOptions, run_gateway_key},
    Command{"gateway approvals", "show the actions that wait for people", "", 0,
            "Reads the gateway's state directory; the gateway need not run.", "surety gateway approvals --format json",
            kApprovalsOptions, run_gateway_approvals},
    Command{
        "gateway approve", "let an action that waits happen, once", "ID", 1,
        "Good for exactly these arguments. Leaves the decision in the gateway's state directory; who decides is the "
        "user who owns that file.",
        "surety gateway approve 0123456789abcdef --reason \"checked with finance\"", kDecideOptions,
        run_gateway_approve},
    Command{"gateway deny", "refuse an action that waits", "ID", 1,
            "Leaves the decision in the gateway's state directory. Who decides is the user who owns that file.",
            "surety gateway deny 0123456789abcdef", kDecideOptions, run_gateway_deny},
    Command{"gateway kill", "stop models, tools, keys, tenants or prompts", "[KIND [PATTERN]]", 2,
            "Without KIND lists what is stopped. KIND is everything, model, tool, key, tenant or prompt. Open streams "
            "end too. It stays in force until it "
            "is lifted, whether the gateway runs or not.",
            "surety gateway kill model 'gpt-4o*' --reason \"incident 17\"\nsurety gateway kill model 'gpt-4o*' --lift\n"
            "surety gateway kill",
            kKillOptions, run_gateway_kill},
    Command{"gateway permissions", "tools that each key may use and never did", "", 0,
            "Prints JSON: what is granted, what was used and when, and what was never used.",
            "surety gateway permissions", kPermissionsOptions, run_gateway_permissions},
};

}  // namespace

std::span<const Command> gateway_commands() {
  return kGatewayCommands;
}

}  // namespace app
