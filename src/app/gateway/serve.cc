#include <mutex>

#include "app/gateway/gateway.h"
#include "base/text.h"

namespace app {

std::filesystem::path gateway_file(const Arguments& arguments) {
  return arguments.get("config", "gateway.yaml");
}

Exit run_gateway(const Arguments& arguments, Console& console) {
  std::mutex mutex;
  gateway::Server::Options options;
  options.make_controls = gateway_controls_maker();
  options.say = [&](std::string_view message) {
    const std::lock_guard lock(mutex);
    console.err << "surety: " << base::printable(message) << "\n" << std::flush;
  };
  auto server = gateway::Server::start(gateway_file(arguments), std::move(options));
  if (!server) {
    return report_error(server.error(), console);
  }
  (*server)->run();
  return Exit::passed;
}

}  // namespace app
