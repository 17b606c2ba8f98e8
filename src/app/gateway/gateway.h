#pragma once

#include "app/command.h"
#include "gateway/server.h"

/// `surety gateway` and its subcommands: one file each, listed in app/gateway/commands.cc.
namespace app {

Exit run_gateway_check(const Arguments& arguments, Console& console);

/// The file of --config.
[[nodiscard]] std::filesystem::path gateway_file(const Arguments& arguments);
/// What makes the controls of a configuration.
[[nodiscard]] base::Result<gateway::Server::Made> make_gateway_controls(const gateway::Settings& settings);

}  // namespace app
