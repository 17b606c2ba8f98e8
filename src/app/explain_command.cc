#include "app/pipeline.h"
#include "base/text.h"
#include "catalog/explain.h"

namespace app {

Exit run_explain(const Arguments& arguments, Console& console) {
  const auto catalog = load_catalog(arguments);
  if (!catalog) {
    return report_error(catalog.error(), console);
  }
  const auto text = catalog::explain(*catalog, base::join(arguments.positional(), " "), console.columns);
  if (!text) {
    return report_error(text.error(), console);
  }
  console.out << *text;
  return Exit::passed;
}

}  // namespace app
