#pragma once

#include "app/command.h"
#include "control/chain.h"
#include "gateway/server.h"

/// `surety gateway` and its subcommands: one file each, listed in app/gateway/commands.cc.
namespace app {

Exit run_gateway_check(const Arguments& arguments, Console& console);
Exit run_gateway_test(const Arguments& arguments, Console& console);
Exit run_gateway_key(const Arguments& arguments, Console& console);
Exit run_gateway_approvals(const Arguments& arguments, Console& console);
Exit run_gateway_approve(const Arguments& arguments, Console& console);
Exit run_gateway_deny(const Arguments& arguments, Console& console);
Exit run_gateway_kill(const Arguments& arguments, Console& console);
Exit run_gateway_permissions(const Arguments& arguments, Console& console);

/// The file of --config.
[[nodiscard]] std::filesystem::path gateway_file(const Arguments& arguments);
/// Checks the section `controls` of a configuration without opening anything. Fails as its parser does.
[[nodiscard]] base::Result<void> check_gateway_controls(const gateway::Settings& settings);
/// Where requests go by the routes of the settings, which are copied.
[[nodiscard]] control::Routing routing_of(const gateway::Settings& settings);
/// What makes the controls of a configuration, one after the other over the same state.
[[nodiscard]] std::function<base::Result<gateway::Server::Made>(const gateway::Settings&)> gateway_controls_maker();

}  // namespace app
