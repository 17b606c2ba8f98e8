#include "monitor/otel_names.h"

#include <cassert>
#include <map>
#include <span>

#include "base/embedded.h"
#include "base/json.h"

namespace embedded {
extern const std::span<const base::EmbeddedFile> otel_names_table;
}

namespace monitor {
namespace {

using Table = std::map<std::pair<std::string, std::string>, std::vector<std::string>, std::less<>>;

Table read() {
  Table out;
  const auto parsed = base::parse_json(embedded::otel_names_table.front().content);
  assert(parsed);
  for (const auto& [group, fields] : parsed->as_map()) {
    for (const auto& [field, names] : fields.as_map()) {
      std::vector<std::string>& list = out[{group, field}];
      for (const base::Value& name : names.as_list()) {
        list.emplace_back(name.as_text());
      }
    }
  }
  return out;
}

}  // namespace

const std::vector<std::string>& otel_names(std::string_view group, std::string_view field) {
  static const Table table = read();
  const auto found = table.find(std::pair(std::string(group), std::string(field)));
  assert(found != table.end() && !found->second.empty());
  return found->second;
}

}  // namespace monitor
