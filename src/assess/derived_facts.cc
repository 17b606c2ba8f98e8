#include "assess/derived_facts.h"

#include <algorithm>

#include "assess/facts_schema.h"
#include "assess/threat_facts.h"

namespace assess {
namespace {

bool has_column(std::string_view table, std::string_view name) {
  const auto& tables = fact_tables();
  const auto found = std::find_if(tables.begin(), tables.end(), [&](const FactTable& t) { return t.name == table; });
  return found != tables.end() && std::any_of(found->columns.begin(), found->columns.end(),
                                              [&](const Column& column) { return column.name == name; });
}

}  // namespace

bool is_about_events(std::string_view table) {
  return std::find(std::begin(kEventTables), std::end(kEventTables), table) != std::end(kEventTables);
}

std::string create_table_sql(const FactTable& table, std::string_view schema) {
  std::string sql = "CREATE TABLE " + std::string(schema) + (schema.empty() ? "" : ".") + table.name + " (";
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    sql += (i == 0 ? "" : ", ") + table.columns[i].name + " " + table.columns[i].type;
    if (table.name == "events" && table.columns[i].name == "entry") {
      sql += " PRIMARY KEY";  // so that the entry is the row's own number
    }
  }
  return sql + ");";
}

std::string event_tables_sql() {
  std::string sql;
  for (const FactTable& table : fact_tables()) {
    if (is_about_events(table.name)) {
      sql += create_table_sql(table, kEventSchema);
    }
  }
  return sql + "CREATE TABLE log.private_events (entry INTEGER PRIMARY KEY);";
}

std::string event_indexes_sql() {
  return "CREATE INDEX IF NOT EXISTS log.events_subject ON events(subject, kind, id);"
         "CREATE INDEX IF NOT EXISTS log.events_kind ON events(kind);"
         "CREATE INDEX IF NOT EXISTS log.event_links_entry ON event_links(entry);";
}

std::string asset_indexes_sql() {
  return "CREATE INDEX assets_path ON assets(path); CREATE INDEX assets_kind ON assets(kind);"
         "CREATE INDEX assets_file ON assets(file);"
         "CREATE UNIQUE INDEX declared_files_id ON declared_files(kind, id, path);"
         "CREATE INDEX declared_files_path ON declared_files(path, kind);";
}

std::vector<std::string> declared_files_sql() {
  // The ways a path can stand for an asset, each of which an index of assets answers.
  constexpr std::string_view kMatches[] = {
      "a.path = rtrim(d.path, '/') AND d.path NOT IN ('.', './')",
      "a.file = rtrim(d.path, '/') AND d.path NOT IN ('.', './')",
      "a.path >= rtrim(d.path, '/') || '/' AND a.path < rtrim(d.path, '/') || '0' AND d.path NOT IN ('.', './')",
      "d.path IN ('.', './')"};
  std::vector<std::string> out;
  for (const DeclaredList& list : declared_lists()) {
    if (!has_column(list.table, "path")) {
      continue;
    }
    for (const std::string_view match : kMatches) {
      out.push_back("INSERT OR IGNORE INTO declared_files SELECT '" + std::string(list.kind) + "', d.id, a.path FROM " +
                    std::string(list.table) + " d CROSS JOIN assets a WHERE d.path <> '' AND " + std::string(match) +
                    " LIMIT " + std::to_string(kMaxDeclaredFiles + 1) + ";");
    }
  }
  return out;
}

std::string model_versions_sql() {
  return "INSERT INTO model_versions "
         "SELECT f.id, lower(a.sha256) FROM declared_files f JOIN assets a ON a.path = f.path "
         "WHERE f.kind = 'model' AND a.kind = 'model' AND coalesce(a.part, 0) = 0 AND a.sha256 IS NOT NULL "
         "UNION SELECT id, lower(revision) FROM declared_models WHERE revision IS NOT NULL "
         "UNION SELECT id, lower(coalesce(hosted, hub)) FROM declared_models WHERE path IS NULL AND revision IS NULL;"
         "CREATE INDEX model_versions_model ON model_versions(model, version);";
}

std::string states_sql() {
  return "INSERT INTO states(kind, subject, entry, sha256, version, removed, first_seen, effective, source) "
         "SELECT kind, subject, entry, sha256, version, removed, first_seen, effective, source FROM ("
         "SELECT CASE kind WHEN 'training-run' THEN 'model-version' ELSE kind END AS kind, subject, entry, "
         "after_sha256 AS sha256, version, coalesce(removed, 0) AS removed, coalesce(first_seen, 0) AS first_seen, "
         "effective, source, row_number() OVER (PARTITION BY CASE kind WHEN 'training-run' THEN 'model-version' ELSE "
         "kind END, subject ORDER BY effective DESC, entry DESC) AS place FROM events WHERE kind IN ('prompt-change', "
         "'configuration-change', 'policy-change', 'document-change', 'dataset-snapshot', 'model-version', "
         "'training-run') "
         "AND substr(effective, 1, 10) <= (SELECT max(value) FROM parameters WHERE name = 'today')) WHERE place = 1;";
}

std::string indexes_sql() {
  std::string sql =
      "CREATE INDEX states_subject ON states(subject, kind);"
      "CREATE INDEX attributes_path ON attributes(path, name); CREATE INDEX usages_kind ON usages(kind, name);"
      "CREATE INDEX packages_path ON packages(path); CREATE INDEX sections_path ON sections(path);"
      "CREATE INDEX digests_path ON digests(path); CREATE INDEX scans_path ON scans(path);"
      "CREATE INDEX findings_file ON findings(file); CREATE INDEX finding_ids_id ON finding_ids(finding_id);"
      "CREATE INDEX versioned_files_path ON versioned_files(path); CREATE INDEX signed_files_path ON "
      "signed_files(path);"
      "CREATE INDEX declared_lists_kind ON declared_lists(kind, field, id);"
      "CREATE INDEX declared_evaluations_model ON declared_evaluations(model, kind);"
      "CREATE INDEX threat_notice_items_threat ON threat_notice_items(threat);"
      "CREATE INDEX threat_acknowledgements_threat ON threat_acknowledgements(threat);";
  for (const DeclaredList& list : declared_lists()) {
    const std::string table(list.table);
    if (has_column(table, "id")) {
      sql += "CREATE INDEX " + table + "_id ON " + table + "(id);";
    }
  }
  return sql + std::string(kThreatIndexes);
}

}  // namespace assess
