#include "assess/record_rows.h"

#include <algorithm>
#include <set>

#include "assess/facts_schema.h"
#include "base/json.h"
#include "base/text.h"
#include "records/kinds.h"

namespace assess {
namespace {

using Cell = std::pair<std::string, std::optional<std::string>>;

std::optional<std::string> text_or_null(std::string_view text) {
  return text.empty() ? std::nullopt : std::optional(base::printable(text));
}

std::optional<std::string> digest_or_null(const base::Sha256& sha256) {
  return sha256.is_set() ? std::optional(sha256.hex()) : std::nullopt;
}

// Of a field that records use for paths and digests of all kinds.
std::optional<std::string> cell(const base::Value& value) {
  if (value.is_null()) {
    return std::nullopt;
  }
  if (value.is_string()) {
    std::string_view text = value.as_text();
    while (text.starts_with("./") && text.size() > 2) {
      text.remove_prefix(2);
    }
    return base::printable(text);
  }
  return value.is_bool() ? std::string(value.as_bool() ? "1" : "0") : base::to_json(value);
}

struct Attestation {
  std::string strength;  ///< "attested", "attested for 1.1, 1.2", or "documented".
  std::string by;        ///< Empty where nobody signed.
};

// Who signed the file, and for which provisions that counts.
Attestation attestation_of(const evidence::RecordFile* file) {
  if (file == nullptr || file->signers.empty()) {
    return {"documented", {}};
  }
  Attestation out;
  bool all = false;
  std::set<std::string> provisions;
  for (const evidence::RecordSigner& signer : file->signers) {
    all = all || signer.provisions.empty();
    provisions.insert(signer.provisions.begin(), signer.provisions.end());
    out.by += (out.by.empty() ? "" : "; ") + base::printable(signer.name) + ", " + base::printable(signer.role) +
              " (signed " + base::printable(file->path) +
              (signer.provisions.empty() ? "" : " for " + base::join(signer.provisions, ", ")) + ")";
  }
  out.strength = all ? std::string("attested")
                     : std::string(kAttestedFor) +
                           base::join(std::vector<std::string>(provisions.begin(), provisions.end()), ", ");
  return out;
}

// Takes the document of a record apart: scalars become columns, lists rows of other tables.
class Flattened {
 public:
  Flattened(const evidence::Record& record, std::vector<Row>& rows) : record_(record), rows_(rows) {}

  std::vector<Cell> columns(const base::Value& map, const std::string& prefix, const std::string& field) {
    std::vector<Cell> cells;
    for (const auto& [name, value] : map.as_map()) {
      if (value.is_map()) {
        cells.emplace_back("has_" + prefix + name, "1");
        for (Cell& inner : columns(value, prefix + name + "_", field + name + ".")) {
          cells.push_back(std::move(inner));
        }
      } else if (value.is_list()) {
        add_list(name, field + name, value.as_list());
      } else {
        cells.emplace_back(prefix + name, cell(value));
        rows_.push_back(
            {"record_fields",
             {{"kind", record_.kind}, {"record", record_.id}, {"name", field + name}, {"value", cell(value)}}});
      }
    }
    return cells;
  }

 private:
  void add_list(const std::string& name, const std::string& field, const base::Value::List& list) {
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (!list[i].is_map()) {
        rows_.push_back({"record_lists",
                         {{"kind", record_.kind}, {"record", record_.id}, {"field", field}, {"value", cell(list[i])}}});
        continue;
      }
      Row row{record_table(record_.kind) + "_" + name, {{"record", record_.id}, {"position", std::to_string(i)}}};
      for (Cell& inner : columns(list[i], "", field + ".")) {
        row.cells.push_back(std::move(inner));
      }
      rows_.push_back(std::move(row));
    }
  }

  const evidence::Record& record_;
  std::vector<Row>& rows_;
};

}  // namespace

std::vector<Row> rows_of(const LoadedRecord& loaded, const evidence::RecordFile* file, std::uint32_t line) {
  const evidence::Record& record = loaded.record;
  const std::string effective = base::to_iso_date(record.effective);
  const Attestation attestation = attestation_of(file);
  const std::vector<Cell> common = {
      {"id", record.id},
      {"file", base::printable(record.file)},
      {"line", line == 0 ? std::nullopt : std::optional(std::to_string(line))},
      {"effective", effective},
      {"received", loaded.received ? std::optional(base::to_iso_date(*loaded.received)) : std::nullopt},
      {"valid_until", record.valid_until ? std::optional(base::to_iso_date(*record.valid_until)) : std::nullopt},
      {"owner", text_or_null(record.owner)},
      {"made_by", text_or_null(record.made_by)},
      {"strength", attestation.strength},
      {"attested_by", !attestation.by.empty()
                          ? attestation.by
                          : (record.made_by.empty() ? std::string() : base::printable(record.made_by) + " on ") +
                                effective + " (not signed)"}};
  std::vector<Row> rows;
  rows.push_back({"records", common});
  rows.front().cells.emplace_back("kind", record.kind);
  Row own{record_table(record.kind), common};
  for (Cell& column : Flattened(record, rows).columns(record.document, "", "")) {
    own.cells.push_back(std::move(column));
  }
  rows.push_back(std::move(own));
  return rows;
}

std::vector<Row> rows_of(const evidence::RecordFile& file) {
  std::vector<Row> rows;
  rows.push_back({"record_files",
                  {{"file", base::printable(file.path)},
                   {"kind", file.kind},
                   {"sha256", digest_or_null(file.sha256)},
                   {"records", std::to_string(file.places.size())},
                   {"signers", std::to_string(file.signers.size())}}});
  for (const evidence::RecordSigner& signer : file.signers) {
    rows.push_back({"record_signers",
                    {{"file", base::printable(file.path)},
                     {"signer", base::printable(signer.id)},
                     {"name", text_or_null(signer.name)},
                     {"role", text_or_null(signer.role)},
                     {"key", text_or_null(signer.key)},
                     {"provisions", text_or_null(base::join(signer.provisions, ", "))}}});
  }
  for (const evidence::RecordReference& reference : file.references) {
    rows.push_back({"record_references",
                    {{"kind", file.kind},
                     {"record", reference.record},
                     {"field", reference.field},
                     {"path", base::printable(reference.path)},
                     {"found", reference.found ? "1" : "0"},
                     {"sha256", digest_or_null(reference.sha256)}}});
  }
  return rows;
}

std::vector<Row> rows_of(const evidence::Control& control) {
  std::vector<Row> rows;
  const std::string name = base::printable(control.name);
  const std::string source = base::printable(control.source);
  rows.push_back({"controls",
                  {{"name", name},
                   {"source", source},
                   {"enabled", control.enabled ? "1" : "0"},
                   {"mode", text_or_null(control.mode)},
                   {"configuration_sha256", digest_or_null(control.configuration)},
                   {"file", text_or_null(base::printable(control.file))},
                   {"file_sha256", digest_or_null(control.file_sha256)},
                   {"self_test", text_or_null(control.self_test)},
                   {"self_tested", base::to_iso8601(control.self_tested)},
                   {"since", base::to_iso8601(control.since)},
                   {"until", base::to_iso8601(control.until)}}});
  for (const std::string& provision : control.provisions) {
    rows.push_back(
        {"control_provisions", {{"name", name}, {"source", source}, {"provision", base::printable(provision)}}});
  }
  for (const evidence::Control::Count& count : control.counts) {
    rows.push_back({"control_counts",
                    {{"name", name},
                     {"source", source},
                     {"count_name", base::printable(count.name)},
                     {"value", std::to_string(count.value)}}});
  }
  return rows;
}

std::vector<Row> rows_of(const evidence::Monitor& monitor) {
  std::vector<Row> rows;
  const std::string name = base::printable(monitor.name);
  const std::string source = base::printable(monitor.source);
  rows.push_back({"monitors",
                  {{"name", name},
                   {"source", source},
                   {"configuration_sha256", digest_or_null(monitor.configuration)},
                   {"since", base::to_iso8601(monitor.since)},
                   {"until", base::to_iso8601(monitor.until)},
                   {"alerts", std::to_string(monitor.alerts)},
                   {"alerts_closed", std::to_string(monitor.alerts_closed)}}});
  const auto add_list = [&](const char* field, const std::vector<std::string>& values) {
    for (const std::string& value : values) {
      rows.push_back(
          {"monitor_lists", {{"name", name}, {"source", source}, {"field", field}, {"value", base::printable(value)}}});
    }
  };
  add_list("covers", monitor.covers);
  add_list("subjects", monitor.subjects);
  for (const evidence::Monitor::Signal& signal : monitor.signals) {
    rows.push_back({"monitor_signals",
                    {{"monitor", name},
                     {"source", source},
                     {"name", base::printable(signal.name)},
                     {"baseline", text_or_null(signal.baseline)},
                     {"observed", text_or_null(signal.observed)},
                     {"result", base::printable(signal.result)}}});
  }
  return rows;
}

std::string complete_records_sql() {
  std::string sql;
  const auto complete = [&](const std::string& table) {
    sql += "UPDATE " + table +
           " SET in_force = coalesce(in_force, CASE WHEN valid_until < (SELECT max(value) FROM parameters WHERE "
           "name = 'today') THEN 0 ELSE 1 END), strength = coalesce(strength, 'documented'), "
           "attested_by = coalesce(attested_by, coalesce(made_by || ' on ', '') || effective);";
  };
  complete("records");
  for (const records::Kind& kind : records::kinds()) {
    complete(record_table(kind.name));
  }
  return sql +
         "CREATE INDEX records_kind ON records(kind, id);"
         "CREATE INDEX record_lists_field ON record_lists(kind, field, record);"
         "CREATE INDEX record_lists_value ON record_lists(kind, field, value);"
         "CREATE INDEX record_references_record ON record_references(kind, record);"
         "CREATE INDEX record_training_person ON record_training(person, module);"
         "CREATE INDEX record_threat_briefing_read ON record_threat_briefing_read_by(person, record);";
}

}  // namespace assess
