#include <filesystem>

#include "app/pipeline.h"
#include "base/file.h"
#include "base/text.h"
#include "inventory/system_file.h"

namespace app {

Exit run_init(const Arguments& arguments, Console& console) {
  auto place = workplace(arguments, arguments.positional(0, "."));
  if (!place) {
    return report_error(place.error(), console);
  }
  place->cache = false;
  const std::string output = arguments.get("output", (place->directory / "ai-system.yaml").native());
  std::error_code error;
  if (output != "-" && std::filesystem::exists(output, error) && !arguments.has("force")) {
    return report_error({base::Errc::usage, "already there; --force replaces it", 0, base::printable(output)}, console);
  }
  const auto found = discover(*place);
  if (!found) {
    return report_error(found.error(), console);
  }
  const std::string text = inventory::draft_system_file(*found);
  if (output == "-") {
    console.out << text;
    return Exit::passed;
  }
  if (const auto written = base::write_file(output, text); !written) {
    report_error(written.error(), console);
    return Exit::environment;
  }
  console.err << "Wrote " << base::printable(output) << ". Read it, uncomment what applies, then: surety assess\n";
  return Exit::passed;
}

}  // namespace app
