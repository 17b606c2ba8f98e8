#include "app/pipeline.h"
#include "assess/provisions_page.h"
#include "base/text.h"
#include "catalog/explain.h"

namespace app {

Exit run_explain(const Arguments& arguments, Console& console) {
  const auto catalog = load_catalog(arguments);
  if (!catalog) {
    return report_error(catalog.error(), console);
  }
  if (arguments.has("all")) {
    console.out << assess::provisions_page(*catalog);
    return Exit::passed;
  }
  const std::string topic = base::join(arguments.positional(), " ");
  const auto text = arguments.has("crosswalk") ? catalog::explain_relations(*catalog, topic, console.columns)
                                               : catalog::explain(*catalog, topic, console.columns);
  if (!text) {
    return report_error(text.error(), console);
  }
  console.out << *text;
  return Exit::passed;
}

}  // namespace app
