#include "app/gateway/gateway.h"
#include "base/text.h"
#include "gateway/routes.h"

namespace app {

Exit run_gateway_check(const Arguments& arguments, Console& console) {
  auto settings = gateway::read_settings(gateway_file(arguments));
  if (!settings) {
    return report_error(settings.error(), console);
  }
  if (const auto checked = check_gateway_controls(*settings); !checked) {
    return report_error(checked.error(), console);
  }
  if (arguments.has("files")) {
    for (const gateway::Settings::Listen& listen : settings->listen) {
      if (listen.tls) {
        const auto context = gateway::TlsContext::server({listen.tls->certificate_file, listen.tls->key_file,
                                                          listen.tls->client_ca_file, listen.tls->client_required});
        if (!context) {
          return report_error(context.error(), console);
        }
      }
    }
    std::vector<std::string> warnings;
    const auto groups = gateway::make_groups(*settings, {}, warnings);
    if (!groups) {
      return report_error(groups.error(), console);
    }
    for (const std::string& warning : warnings) {
      console.err << "surety: warning: " << base::printable(warning) << "\n";
    }
  }
  for (const gateway::Settings::Listen& listen : settings->listen) {
    console.out << "listen " << (listen.tls ? "https" : "http") << "://" << base::printable(listen.address) << ":"
                << listen.port << "\n";
  }
  for (const gateway::Settings::Route& route : gateway::routes_of(*settings)) {
    console.out << "route " << base::printable(route.path) << (route.prefix ? "*" : "");
    for (const std::string& model : route.models) {
      console.out << (&model == route.models.data() ? " for " : ", ") << base::printable(model);
    }
    console.out << " to " << base::printable(route.upstream)
                << (route.model.empty() ? "" : " as " + base::printable(route.model)) << "\n";
  }
  for (const gateway::Settings::Group& group : settings->groups) {
    for (const gateway::Settings::Server& server : group.servers) {
      console.out << "upstream " << base::printable(group.name) << " " << base::printable(server.url()) << " weight "
                  << server.weight << "\n";
    }
  }
  return Exit::passed;
}

}  // namespace app
