#include "app/record_provisions.h"

#include <algorithm>

#include "assess/facts_schema.h"
#include "records/kinds.h"

namespace app {
namespace {

bool is_part_of_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Does the SQL name this table?
bool reads(std::string_view sql, std::string_view table) {
  for (std::size_t at = sql.find(table); at != std::string_view::npos; at = sql.find(table, at + 1)) {
    const std::size_t end = at + table.size();
    if ((at == 0 || !is_part_of_name(sql[at - 1])) && (end == sql.size() || !is_part_of_name(sql[end]))) {
      return true;
    }
  }
  return false;
}

}  // namespace

records::ProvisionsOfKinds provisions_of_records(const catalog::Catalog& catalog) {
  records::ProvisionsOfKinds out;
  for (const records::Kind& kind : records::kinds()) {
    const std::string table = assess::record_table(kind.name);
    std::vector<std::string>& provisions = out[std::string(kind.name)];
    for (const catalog::Check& check : catalog.checks) {
      if (!reads(check.subjects_sql, table)) {
        continue;
      }
      for (const std::string& provision : check.provisions) {
        if (std::find(provisions.begin(), provisions.end(), provision) == provisions.end()) {
          provisions.push_back(provision);
        }
      }
    }
  }
  return out;
}

}  // namespace app
