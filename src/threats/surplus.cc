#include <algorithm>
#include <cstdlib>

#include "threats/elements.h"

namespace threats {

using base::Result;
using evidence::Surplus;

namespace {

// Columns: kind, name, element, path, line, reason, declared. Nothing is superfluous where nobody declared what is
// used.
constexpr std::string_view kSurplus = R"(
WITH users(id) AS (SELECT id FROM declared_interfaces UNION SELECT id FROM declared_components),
used(id) AS (SELECT used FROM threat_uses UNION SELECT source FROM declared_flows UNION SELECT target FROM declared_flows),
file(path) AS (SELECT value FROM system WHERE name = 'path')
SELECT 'tool', t.id, t.id, (SELECT path FROM file), t.line,
       'no interface, component or flow uses this tool', 1
FROM declared_tools t WHERE EXISTS (SELECT 1 FROM users) AND t.id NOT IN (SELECT id FROM used)
UNION ALL
SELECT 'model', m.id, m.id, (SELECT path FROM file), m.line,
       'no interface, component or flow uses this model, and no other model derives from it', 1
FROM declared_models m WHERE EXISTS (SELECT 1 FROM users) AND m.id NOT IN (SELECT id FROM used)
  AND coalesce(m.released, 0) = 0
  AND NOT EXISTS (SELECT 1 FROM declared_lists l WHERE l.kind = 'model' AND l.field = 'derived_from' AND l.value = m.id)
UNION ALL
SELECT 'data', d.id, d.id, (SELECT path FROM file), d.line,
       CASE WHEN d.purpose IN ('training', 'fine-tuning') THEN 'no model says that it was trained on this data'
            ELSE 'no interface, component, tool or flow uses this data' END, 1
FROM declared_data d
WHERE EXISTS (SELECT 1 FROM users) AND d.id NOT IN (SELECT id FROM used) AND d.purpose IN ('training', 'fine-tuning', 'retrieval', 'operation')
  AND EXISTS (SELECT 1 FROM declared_models)
  AND NOT EXISTS (SELECT 1 FROM declared_lists l WHERE l.value = d.id
                  AND (l.kind = 'model' AND l.field = 'trained_on' OR l.kind = 'tool' AND l.field = 'reaches'))
UNION ALL
SELECT 'endpoint', i.id, i.id, (SELECT path FROM file), i.line,
       'this interface uses no model, data or tool, and no flow touches it', 1
FROM declared_interfaces i
WHERE NOT EXISTS (SELECT 1 FROM declared_lists l WHERE l.kind = 'interface' AND l.field = 'uses' AND l.id = i.id)
  AND NOT EXISTS (SELECT 1 FROM declared_flows f WHERE f.source = i.id OR f.target = i.id)
  AND EXISTS (SELECT 1 FROM declared_lists l WHERE l.kind = 'interface' AND l.field = 'uses')
UNION ALL
SELECT 'modality', l.value, m.id, (SELECT path FROM file), m.line,
       'the model supports ' || l.value || ', and nothing uses that', 1
FROM declared_models m
JOIN declared_lists l ON l.kind = 'model' AND l.id = m.id AND l.field = 'modalities.supported'
WHERE NOT EXISTS (SELECT 1 FROM declared_lists u WHERE u.kind = 'model' AND u.id = m.id AND u.field = 'modalities.used'
                                                  AND lower(u.value) = lower(l.value))
UNION ALL
SELECT 'permission', t.scope, t.id, (SELECT path FROM file), t.line,
       'its scope is everything (' || t.scope || '), wider than its purpose needs', 1
FROM declared_tools t WHERE t.scope IN ('/', '*', 'all', 'everything', 'any', '~', 'full access')
UNION ALL
SELECT 'tool', e.id, e.id, e.path, e.line,
       'the code has this tool for models (' || e.path || ', line ' || e.line || '), and ai-system.yaml does not name it', 0
FROM threat_elements e
WHERE e.kind = 'tool' AND e.declared = 0 AND EXISTS (SELECT 1 FROM system WHERE name = 'declared' AND value = '1')
UNION ALL
SELECT 'model', e.id, e.id, e.path, e.line, 'nothing in ai-system.yaml names this model or uses it', 0
FROM threat_elements e
WHERE e.kind = 'model' AND e.declared = 0 AND EXISTS (SELECT 1 FROM declared_models)
ORDER BY 1, 2, 3)";

}  // namespace

Result<std::vector<Surplus>> find_surplus(const FactTables& facts) {
  std::vector<Surplus> out;
  const Rows rows = TRY(facts.query(kSurplus));
  for (const auto& row : rows.rows) {
    Surplus surplus;
    surplus.kind = cell(row, 0);
    surplus.name = cell(row, 1);
    surplus.element = cell(row, 2);
    surplus.path = cell(row, 3);
    surplus.line = static_cast<std::uint32_t>(std::strtoul(cell(row, 4).c_str(), nullptr, 10));
    surplus.reason = cell(row, 5);
    surplus.declared = cell(row, 6) == "1";
    out.push_back(std::move(surplus));
  }
  return out;
}

}  // namespace threats
