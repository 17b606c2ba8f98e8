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
  const auto text = catalog::explain(*catalog, base::join(arguments.positional(), " "), console.columns);
  if (!text) {
    return report_error(text.error(), console);
  }
  console.out << *text;
  return Exit::passed;
}

}  // namespace app
