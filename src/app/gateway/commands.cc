// The subcommands of `surety gateway`. One file each; add yours here, in the order of help.
#include <array>

#include "app/gateway/gateway.h"

namespace app {
namespace {

constexpr Option kConfig = {"config", 'c', "FILE", "The configuration (default: gateway.yaml here).", "", false};

constexpr std::array kCheckOptions = {
    kConfig, Option{"files", 0, "", "Also load the certificates, keys and credentials that it names.", "", false}};

constexpr std::array kGatewayCommands = {
    Command{"gateway check", "check a configuration without serving", "", 0,
            "Reads the configuration and says what it would serve. Exit code 2 with file, line and reason where it "
            "cannot be used.",
            "surety gateway check --config gateway.yaml\nsurety gateway check --files", kCheckOptions,
            run_gateway_check},
};

}  // namespace

std::span<const Command> gateway_commands() {
  return kGatewayCommands;
}

}  // namespace app
