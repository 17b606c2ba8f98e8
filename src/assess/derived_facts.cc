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
  return R"sql(
WITH today(day) AS (SELECT max(value) FROM parameters WHERE name = 'today'),
newest AS (
  SELECT a.*, e.kind AS meant_kind, e.subject AS meant_subject, e.after_sha256 AS meant_sha256,
         e.version AS meant_version, e.actor AS made_by,
         row_number() OVER (PARTITION BY CASE e.kind WHEN 'training-run' THEN 'model-version' ELSE e.kind END, e.subject
                            ORDER BY a.effective DESC, a.entry DESC) AS place
  FROM events a JOIN events e ON e.entry = a.refers_to
  WHERE a.kind = 'approval' AND substr(a.effective, 1, 10) <= (SELECT day FROM today)),
held AS (
  SELECT s.kind, s.subject, n.entry, n.refers_to, n.actor AS approver, n.made_by, n.effective, n.outcome, n.valid_until,
         n.meant_sha256,
         coalesce((SELECT max(x.sha256) FROM assets x WHERE x.path = s.subject), s.sha256) AS now_sha256,
         CASE WHEN n.meant_sha256 IS NULL AND s.sha256 IS NULL AND n.meant_version IS NOT NULL
              THEN n.meant_version = s.version END AS same_version
  FROM newest n JOIN states s ON s.subject = n.meant_subject AND s.removed = 0
   AND s.kind = CASE n.meant_kind WHEN 'training-run' THEN 'model-version' ELSE n.meant_kind END
  WHERE n.place = 1),
compared AS (SELECT h.*, coalesce(same_version, lower(meant_sha256) = lower(now_sha256)) AS same FROM held h),
judged AS (
  SELECT c.*, CASE WHEN same IS NULL THEN 'unknown' WHEN NOT same THEN 'other-state'
                   WHEN outcome = 'rejected' THEN 'rejected'
                   WHEN substr(valid_until, 1, 10) < (SELECT day FROM today) THEN 'ran-out'
                   WHEN approver IS NULL THEN 'unnamed'
                   WHEN lower(trim(approver)) = lower(trim(made_by)) THEN 'own' ELSE 'approved' END AS standing
  FROM compared c)
INSERT INTO approvals
SELECT kind, subject, entry, refers_to, approver, made_by, effective, standing,
  CASE standing
    WHEN 'rejected' THEN coalesce(approver, 'somebody') || ' rejected it on ' || substr(effective, 1, 10)
                         || ', and it is in force all the same'
    WHEN 'other-state' THEN 'what was ' || outcome || ' on ' || substr(effective, 1, 10) || ' is not what is in force'
                            || coalesce(': SHA-256 then ' || substr(meant_sha256, 1, 12) || '…, now '
                                        || substr(now_sha256, 1, 12) || '…', '')
    WHEN 'ran-out' THEN 'the approval of ' || substr(effective, 1, 10) || ' ran out on ' || substr(valid_until, 1, 10)
    WHEN 'unnamed' THEN 'who gave the approval of ' || substr(effective, 1, 10) || ' is not told'
    WHEN 'own' THEN approver || ' approved the own change: nobody else did'
    WHEN 'unknown' THEN 'the content that was approved on ' || substr(effective, 1, 10)
                        || ' is not known, so it cannot be held against what is in force' END
FROM judged;
)sql";
}

std::string probes_sql() {
  // Tests by what they try, as the families of catalogs/threats name it. Modules of garak and plugins of promptfoo; a
  // test that is none of these shows nothing of any family.
  return R"sql(
WITH kinds(format, pattern, family) AS (VALUES
  ('garak', 'promptinject.%', 'prompt-injection'), ('garak', 'promptinject.%', 'goal-hijack'),
  ('garak', 'encoding.%', 'encoding'), ('garak', 'badchars.%', 'encoding'), ('garak', 'smuggling.%', 'encoding'),
  ('garak', 'latentinjection.%', 'indirect-prompt-injection'),
  ('garak', 'dan.%', 'jailbreak'), ('garak', 'tap.%', 'jailbreak'), ('garak', 'suffix.%', 'jailbreak'),
  ('garak', 'grandma.%', 'jailbreak'), ('garak', 'goodside.%', 'jailbreak'), ('garak', 'phrasing.%', 'jailbreak'),
  ('garak', 'dra.%', 'jailbreak'), ('garak', 'fitd.%', 'jailbreak'), ('garak', 'visual_jailbreak.%', 'jailbreak'),
  ('garak', 'sysprompt_extraction.%', 'system-prompt-extraction'),
  ('garak', 'leakreplay.%', 'data-leakage'), ('garak', 'divergence.%', 'data-leakage'),
  ('garak', 'web_injection.%', 'xss'), ('garak', 'xss.%', 'xss'),
  ('garak', 'web_injection.%Exfil%', 'markdown-exfiltration'), ('garak', 'xss.%Exfil%', 'markdown-exfiltration'),
  ('garak', 'exploitation.SQL%', 'sql'), ('garak', 'exploitation.Jinja%', 'template'),
  ('garak', 'packagehallucination.%', 'package-hallucination'),
  ('garak', 'misleading.%', 'misinformation'), ('garak', 'snowball.%', 'misinformation'),
  ('garak', 'agent_breaker.%', 'agent-tool-abuse'),
  ('promptfoo', 'hijacking', 'goal-hijack'), ('promptfoo', 'system-prompt-override', 'prompt-injection'),
  ('promptfoo', 'special-token-injection', 'prompt-injection'), ('promptfoo', 'ascii-smuggling', 'encoding'),
  ('promptfoo', 'indirect-prompt-injection', 'indirect-prompt-injection'),
  ('promptfoo', 'prompt-extraction', 'system-prompt-extraction'),
  ('promptfoo', 'pii', 'data-leakage'), ('promptfoo', 'pii:%', 'data-leakage'), ('promptfoo', 'harmful:privacy', 'data-leakage'),
  ('promptfoo', 'cross-session-leak', 'tenant-canary'), ('promptfoo', 'data-exfil', 'markdown-exfiltration'),
  ('promptfoo', 'shell-injection', 'shell'), ('promptfoo', 'sql-injection', 'sql'),
  ('promptfoo', 'excessive-agency', 'agent-tool-abuse'), ('promptfoo', 'rag-poisoning', 'rag-poisoning'),
  ('promptfoo', 'rag-document-exfiltration', 'exfiltration'), ('promptfoo', 'agentic:memory-poisoning', 'memory-poisoning'),
  ('promptfoo', 'hallucination', 'misinformation'), ('promptfoo', 'reasoning-dos', 'budget'),
  ('promptfoo', 'divergent-repetition', 'data-leakage')),
-- What was tested, where it is one model: its id, or the name of the hosted or hub model, behind the tool's own prefix.
names(model, name) AS (
  SELECT id, lower(id) FROM declared_models
  UNION SELECT id, lower(hosted) FROM declared_models WHERE hosted IS NOT NULL
  UNION SELECT id, lower(hub) FROM declared_models WHERE hub IS NOT NULL),
targets(subject, model) AS (
  SELECT s.subject, min(n.model) FROM (SELECT DISTINCT subject FROM imported_findings WHERE purpose = 'red-team') s
  JOIN names n ON lower(s.subject) = n.name OR lower(s.subject) LIKE '%:' || n.name OR lower(s.subject) LIKE '%/' || n.name
  GROUP BY s.subject HAVING count(DISTINCT n.model) = 1),
tried AS (
  SELECT k.family, t.model, r.tool, r.file, r.time, r.complete, sum(f.outcome = 'fail') AS failed,
         sum(f.outcome = 'pass') AS passed, sum(f.outcome = 'error') AS errors
  FROM imported_findings f JOIN imported_results r ON r.file = f.file AND r.time IS NOT NULL
  JOIN kinds k ON k.format = f.format AND lower(f.rule) LIKE lower(k.pattern)
  JOIN targets t ON t.subject = f.subject
  WHERE f.purpose = 'red-team' GROUP BY k.family, t.model, r.tool, r.file)
INSERT INTO probes
SELECT family, model, CASE WHEN failed > 0 THEN 'fail' ELSE 'pass' END, time, tool, file FROM tried
WHERE failed > 0 OR (passed > 0 AND errors = 0 AND complete = 1);
)sql";
}

std::string evaluated_parts_sql() {
  return R"sql(
WITH stated(concerns, model, day, place, outcome) AS (
  SELECT concerns, model, effective, file || coalesce(', line ' || line, ''), outcome FROM record_evaluation
  WHERE concerns IN ('security', 'leakage', 'influence')
  UNION ALL
  SELECT 'independent', model, effective, file || coalesce(', line ' || line, ''), outcome FROM record_evaluation
  WHERE concerns = 'security' AND independent = 1
  UNION ALL
  SELECT kind, model, date, 'ai-system.yaml' || coalesce(', line ' || nullif(line, 0), ''), result
  FROM declared_evaluations WHERE kind IN ('security', 'leakage', 'influence')
  UNION ALL
  SELECT 'independent', model, date, 'ai-system.yaml' || coalesce(', line ' || nullif(line, 0), ''), result
  FROM declared_evaluations WHERE kind = 'security' AND independent = 1),
evaluated AS MATERIALIZED (  -- the last of each kind and model
  SELECT concerns, model, max(day) AS day, place, outcome FROM stated GROUP BY concerns, model),
own AS MATERIALIZED (  -- the folders of models that are files
  SELECT m.id AS model, rtrim(m.path, replace(m.path, '/', '')) AS folder
  FROM declared_models m JOIN assets a ON a.path = m.path WHERE m.path LIKE '%/%'),
linked AS MATERIALIZED (  -- prompts and configuration that are said to belong to certain models
  SELECT p.path AS subject, l.value AS model FROM declared_prompts p
  JOIN declared_lists l ON l.kind = 'prompt' AND l.id = p.id AND l.field = 'used_with' WHERE p.path IS NOT NULL
  UNION SELECT c.path, l.value FROM declared_components c
  JOIN declared_lists l ON l.kind = 'component' AND l.id = c.id AND l.field = 'uses'
  JOIN declared_models m ON m.id = l.value WHERE c.path IS NOT NULL
  UNION SELECT a.path, f.id FROM assets a JOIN declared_files f ON f.path = a.path AND f.kind = 'model'
  WHERE a.kind = 'model-config'
  UNION SELECT a.path, o.model FROM assets a JOIN own o ON o.folder = rtrim(a.path, replace(a.path, '/', ''))
  WHERE a.kind = 'model-config'),
watched AS MATERIALIZED (
  SELECT s.kind, s.subject, s.sha256, s.removed FROM states s WHERE s.kind = 'prompt-change'
  UNION ALL SELECT s.kind, s.subject, s.sha256, s.removed FROM states s
  JOIN assets a ON a.path = s.subject AND a.kind IN ('model-config', 'agent-config')
  WHERE s.kind = 'configuration-change'),
part AS (
  SELECT e.concerns, e.model, w.kind, w.subject, w.sha256, w.removed
  FROM watched w JOIN linked l ON l.subject = w.subject JOIN evaluated e ON e.model = l.model
  UNION ALL  -- what is linked to no model belongs to all: that of the oldest evaluation stands for them
  SELECT e.concerns, e.model, w.kind, w.subject, w.sha256, w.removed
  FROM watched w JOIN (SELECT concerns, model, min(day) FROM evaluated GROUP BY concerns) e
  WHERE w.subject NOT IN (SELECT subject FROM linked) AND e.model IS NOT NULL),
began AS MATERIALIZED (  -- a system that came into git whole was something before
  SELECT min(effective) AS time FROM events WHERE kind IN ('prompt-change', 'configuration-change'))
INSERT INTO evaluated_parts
SELECT e.concerns, e.model, e.day, e.place, e.outcome, p.kind, p.subject, p.sha256, p.removed,
  EXISTS (SELECT 1 FROM events v WHERE v.subject = p.subject AND v.kind = p.kind AND coalesce(v.first_seen, 0) = 0
          AND v.effective > (SELECT time FROM began) AND substr(v.effective, 1, 10) > e.day),
  EXISTS (SELECT 1 FROM events v WHERE v.subject = p.subject AND v.kind = p.kind
          AND (substr(v.effective, 1, 10) <= e.day OR v.first_seen = 1
               OR v.effective = (SELECT time FROM began))),
  coalesce((SELECT v.after_sha256 FROM events v
            WHERE v.subject = p.subject AND v.kind = p.kind AND substr(v.effective, 1, 10) <= e.day
            ORDER BY v.effective DESC, v.entry DESC LIMIT 1),
           (SELECT CASE WHEN v.first_seen = 1 OR v.effective = (SELECT time FROM began) THEN v.after_sha256
                        ELSE v.before_sha256 END FROM events v
            WHERE v.subject = p.subject AND v.kind = p.kind AND substr(v.effective, 1, 10) > e.day
            ORDER BY v.effective, v.entry LIMIT 1))
FROM part p JOIN evaluated e ON e.concerns = p.concerns AND e.model = p.model;
)sql";
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
