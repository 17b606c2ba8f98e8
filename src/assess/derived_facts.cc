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

std::string approvals_sql() {
  // What is in force is what the files hold; where the subject is no file, what the log says.
  constexpr std::string_view kNewest =
      "WITH today(day) AS (SELECT max(value) FROM parameters WHERE name = 'today'), "
      "newest AS (SELECT a.*, e.kind AS meant_kind, e.subject AS meant_subject, e.after_sha256 AS meant_sha256, "
      "e.version AS meant_version, e.actor AS made_by, row_number() OVER (PARTITION BY CASE e.kind WHEN 'training-run' "
      "THEN 'model-version' ELSE e.kind END, e.subject ORDER BY a.effective DESC, a.entry DESC) AS place "
      "FROM events a JOIN events e ON e.entry = a.refers_to "
      "WHERE a.kind = 'approval' AND substr(a.effective, 1, 10) <= (SELECT day FROM today)), "
      "held AS (SELECT s.kind, s.subject, n.entry, n.refers_to, n.actor AS approver, n.made_by, n.effective, "
      "n.outcome, "
      "n.valid_until, n.meant_sha256, coalesce((SELECT max(x.sha256) FROM assets x WHERE x.path = s.subject), "
      "s.sha256) "
      "AS now_sha256, CASE WHEN n.meant_sha256 IS NULL AND s.sha256 IS NULL AND n.meant_version IS NOT NULL "
      "THEN n.meant_version = s.version END AS same_version "
      "FROM newest n JOIN states s ON s.subject = n.meant_subject AND s.removed = 0 AND "
      "s.kind = CASE n.meant_kind WHEN 'training-run' THEN 'model-version' ELSE n.meant_kind END "
      "WHERE n.place = 1), "
      "judged AS (SELECT h.*, CASE WHEN coalesce(same_version, lower(meant_sha256) = lower(now_sha256)) IS NULL THEN "
      "'unknown' WHEN NOT coalesce(same_version, lower(meant_sha256) = lower(now_sha256)) THEN 'other-state' "
      "WHEN outcome = 'rejected' THEN 'rejected' "
      "WHEN substr(valid_until, 1, 10) < (SELECT day FROM today) THEN 'ran-out' WHEN approver IS NULL THEN 'unnamed' "
      "WHEN lower(trim(approver)) = lower(trim(made_by)) THEN 'own' ELSE 'approved' END AS standing FROM held h) ";
  constexpr std::string_view kTold =
      "INSERT INTO approvals SELECT kind, subject, entry, refers_to, approver, made_by, effective, standing, "
      "CASE standing WHEN 'rejected' THEN coalesce(approver, 'somebody') || ' rejected it on ' || substr(effective, 1, "
      "10) || ', and it is in force all the same' WHEN 'other-state' THEN 'what ' || CASE outcome WHEN 'rejected' THEN "
      "'was rejected' ELSE 'was approved' END || ' on ' || substr(effective, 1, 10) || ' is not what is in force' || "
      "CASE WHEN meant_sha256 IS NOT NULL AND now_sha256 IS NOT NULL THEN ': SHA-256 then ' || substr(meant_sha256, 1, "
      "12) || '…, now ' || substr(now_sha256, 1, 12) || '…' ELSE '' END "
      "WHEN 'ran-out' THEN 'the approval of ' || substr(effective, 1, 10) || ' ran out on ' || substr(valid_until, 1, "
      "10) "
      "WHEN 'unnamed' THEN 'who gave the approval of ' || substr(effective, 1, 10) || ' is not told' "
      "WHEN 'own' THEN approver || ' approved the own change: nobody else did' "
      "WHEN 'unknown' THEN 'the content that was approved on ' || substr(effective, 1, 10) || ' is not known, so it "
      "cannot be held against what is in force' END FROM judged;";
  return std::string(kNewest) + std::string(kTold);
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
