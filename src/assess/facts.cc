#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <utility>

#include "assess/assess.h"
#include "assess/derived_facts.h"
#include "assess/facts_schema.h"
#include "assess/inherited.h"
#include "assess/organisation.h"
#include "assess/record_rows.h"
#include "assess/threat_facts.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/json.h"
#include "base/read_write.h"
#include "base/text.h"
#include "evidence/bill.h"
#include "evidence/event.h"
#include "evidence/imported.h"
#include "evidence/record.h"
#include "evidence/recovery.h"
#include "evidence/signature.h"

namespace assess {
namespace {

constexpr std::uint64_t kMaxSteps = 100'000'000;  ///< Virtual machine steps of one query: a few seconds.
constexpr int kStepsPerCall = 100'000;

// Where nobody declared this system, the organisation's roles stand in for those that would be assumed.
constexpr const char* kOrganisationRolesSql =
    "DELETE FROM roles WHERE EXISTS (SELECT 1 FROM organisation WHERE field = 'role') AND NOT EXISTS (SELECT 1 FROM "
    "system WHERE name = 'declared' AND value = '1');"
    "DELETE FROM assumptions WHERE text LIKE 'roles:%' AND EXISTS (SELECT 1 FROM organisation WHERE field = 'role');"
    "INSERT INTO roles SELECT name FROM organisation WHERE field = 'role' AND NOT EXISTS (SELECT 1 FROM system WHERE "
    "name = 'declared' AND value = '1');";

struct StatementCloser {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Prepared = std::unique_ptr<sqlite3_stmt, StatementCloser>;

// Lets a query read the fact tables and call SQLite's pure functions, and nothing else.
int authorise_reading(void* /*context*/, int action, const char* first, const char* second, const char* /*database*/,
                      const char* /*trigger*/) {
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_RECURSIVE:
      return SQLITE_OK;
    case SQLITE_READ:
      return first != nullptr && std::string_view(first).starts_with("sqlite_") ? SQLITE_DENY : SQLITE_OK;
    case SQLITE_FUNCTION: {
      const std::string_view name = second != nullptr ? second : "";
      return name == "load_extension" || name == "fts3_tokenizer" || name == "randomblob" || name == "zeroblob" ||
                     name == "readfile" || name == "writefile"
                 ? SQLITE_DENY
                 : SQLITE_OK;
    }
    default:
      return SQLITE_DENY;
  }
}

int count_steps(void* context) {
  auto& left = *static_cast<std::uint64_t*>(context);
  left -= std::min<std::uint64_t>(left, kStepsPerCall);
  return left == 0 ? 1 : 0;
}

// "2026-11-23" for dates, text as it is, 1 and 0 for truth values.
std::optional<std::string> cell(const base::Value& value) {
  if (value.is_null()) {
    return std::nullopt;
  }
  if (value.is_string()) {
    // "./models/x" is declared, "models/x" is found: one name for both.
    std::string_view text = value.as_text();
    while (text.starts_with("./") && text.size() > 2) {
      text.remove_prefix(2);
    }
    return base::printable(text);
  }
  if (value.is_bool()) {
    return value.as_bool() ? "1" : "0";
  }
  return base::to_json(value);
}

}  // namespace

struct Facts::State {
  sqlite3* database = nullptr;
  bool has_events_before = false;  ///< Events were loaded from a file, or written to one.
  struct Insert {
    Prepared statement;
    const FactTable* table;
  };
  std::map<std::string, Insert, std::less<>> inserts;
  std::vector<evidence::Asset> assets;
  std::vector<evidence::Finding> findings;
  evidence::SystemFacts system;
  std::vector<Exception> exceptions;
  std::vector<LoadedRecord> records;               ///< Until finish(): their files say who signed them.
  std::vector<evidence::RecordFile> record_files;  ///< Likewise.

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    inserts.clear();
    sqlite3_close_v2(database);
  }

  [[nodiscard]] base::Error sqlite_error(std::string_view what) const {
    return {base::Errc::usage, std::string(what) + ": " + sqlite3_errmsg(database)};
  }

  base::Result<void> execute(const std::string& sql) const {
    if (sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
      return sqlite_error("facts");
    }
    return {};
  }

  [[nodiscard]] base::Result<std::uint64_t> count(const std::string& table) const {
    sqlite3_stmt* raw = nullptr;
    const int code = sqlite3_prepare_v2(database, ("SELECT count(*) FROM " + table).c_str(), -1, &raw, nullptr);
    const Prepared statement(raw);
    if (code != SQLITE_OK || sqlite3_step(raw) != SQLITE_ROW) {
      return sqlite_error("facts");
    }
    return static_cast<std::uint64_t>(sqlite3_column_int64(raw, 0));
  }

  static base::Result<std::unique_ptr<State>> open();
  base::Result<void> create_tables() const;
  /// Makes the content of such a file the attached database.
  base::Result<void> read_events(const std::filesystem::path& file, const base::Sha256& sha256);

  [[nodiscard]] base::Result<std::vector<std::uint64_t>> numbers(const char* sql,
                                                                 const std::vector<std::string>& arguments) const {
    sqlite3_stmt* raw = nullptr;
    const int code = sqlite3_prepare_v2(database, sql, -1, &raw, nullptr);
    const Prepared statement(raw);
    if (code != SQLITE_OK) {
      return sqlite_error("facts");
    }
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      sqlite3_bind_text(raw, static_cast<int>(i) + 1, arguments[i].data(), static_cast<int>(arguments[i].size()),
                        SQLITE_STATIC);
    }
    std::vector<std::uint64_t> out;
    int step = 0;
    while ((step = sqlite3_step(raw)) == SQLITE_ROW) {
      out.push_back(static_cast<std::uint64_t>(sqlite3_column_int64(raw, 0)));
    }
    if (step != SQLITE_DONE) {
      return sqlite_error("facts");
    }
    return out;
  }

  using Cells = std::vector<std::pair<std::string_view, std::optional<std::string>>>;
  // The cells must be those of the table's columns; those left out are NULL.
  base::Result<void> insert(std::string_view table, const Cells& cells);
  base::Result<void> insert_flat(std::string_view asset_id, const std::string& path, const std::string& name,
                                 const base::Value& value, int depth);
  base::Result<void> load_asset(const evidence::Asset& asset);
  base::Result<void> load_scan(const evidence::FileScan& scan);
  base::Result<void> load_claims(const evidence::Claims& claims);
  base::Result<void> load_bill(const evidence::Bill& bill);
  base::Result<void> load_system(const evidence::SystemFacts& facts);
  base::Result<void> load_snapshot(const evidence::Snapshot& snapshot);
  base::Result<void> load_drift(const evidence::Drift& drift);
  base::Result<void> load_drill(const evidence::RestoreDrill& drill);
  base::Result<void> load_release(const evidence::Release& release);
  base::Result<void> load_signature(const evidence::Signature& signature);
  base::Result<void> load_imported(const evidence::ImportedResult& result);
  base::Result<void> load_exceptions(ExceptionsFile file);
  base::Result<void> load_organisation(const Organisation& organisation);
  base::Result<void> load_inherited(const Inherited& inherited);
  base::Result<void> load_declared(const DeclaredList& list, const base::Value& entry);
  base::Result<void> insert_rows(const std::vector<Row>& rows);
  base::Result<void> insert_records();
};

namespace {

const FactTable* find_table(std::string_view name) {
  for (const FactTable& table : fact_tables()) {
    if (table.name == name) {
      return &table;
    }
  }
  return nullptr;
}

std::string number(std::uint64_t value) {
  return std::to_string(value);
}
std::optional<std::string> text_or_null(std::string_view text) {
  return text.empty() ? std::nullopt : std::optional(base::printable(text));
}

}  // namespace

base::Result<void> Facts::State::insert(std::string_view table_name, const Cells& cells) {
  auto found = inserts.find(table_name);
  if (found == inserts.end()) {
    const FactTable* table = find_table(table_name);
    if (table == nullptr) {
      return base::Error{base::Errc::usage, "facts: no table " + std::string(table_name)};
    }
    std::string sql = "INSERT OR REPLACE INTO " + table->name + " VALUES (";
    for (std::size_t i = 0; i < table->columns.size(); ++i) {
      sql += i == 0 ? "?" : ",?";
    }
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(database, (sql + ")").c_str(), -1, &statement, nullptr) != SQLITE_OK) {
      return sqlite_error("facts");
    }
    found = inserts.emplace(std::string(table_name), Insert{Prepared(statement), table}).first;
  }
  sqlite3_stmt* statement = found->second.statement.get();
  const std::vector<Column>& columns = found->second.table->columns;
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
  std::size_t next = 0;  // cells mostly stand in the order of the columns
  for (const auto& [name, value] : cells) {
    std::size_t column = next;
    while (column < columns.size() && columns[column].name != name) {
      ++column;
    }
    if (column == columns.size()) {
      for (column = 0; column < next && columns[column].name != name;) {
        ++column;
      }
      if (column == next) {
        return base::Error{base::Errc::usage,
                           "facts: table " + found->second.table->name + " has no column " + std::string(name)};
      }
    }
    next = column + 1;
    if (value) {  // the cells live until the statement is reset
      sqlite3_bind_text(statement, static_cast<int>(column) + 1, value->data(), static_cast<int>(value->size()),
                        SQLITE_STATIC);
    }
  }
  const int code = sqlite3_step(statement);
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
  if (code != SQLITE_DONE) {
    return sqlite_error("facts");
  }
  return {};
}

base::Result<void> Facts::State::insert_rows(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    TRY(insert(row.table, Cells(row.cells.begin(), row.cells.end())));
  }
  return {};
}

base::Result<void> Facts::State::insert_records() {
  struct Known {
    const evidence::RecordFile* file = nullptr;
    std::map<std::string_view, std::uint32_t> lines;
  };
  std::map<std::string_view, Known> files;
  for (const evidence::RecordFile& file : record_files) {
    Known& known = files[file.path];
    known.file = &file;
    for (const evidence::RecordPlace& place : file.places) {
      known.lines.emplace(place.id, place.line);
    }
    TRY(insert_rows(rows_of(file)));
  }
  for (const LoadedRecord& loaded : records) {
    const Known& known = files[loaded.record.file];
    const auto line = known.lines.find(loaded.record.id);
    TRY(insert_rows(rows_of(loaded, known.file, line == known.lines.end() ? 0 : line->second)));
  }
  records.clear();
  record_files.clear();
  return {};
}

base::Result<void> Facts::State::insert_flat(std::string_view asset_id, const std::string& path,
                                             const std::string& name, const base::Value& value, int depth) {
  if (value.is_map() && depth < 8) {
    for (const auto& [key, member] : value.as_map()) {
      if (name.empty() && key == "locked") {  // what packages.hashed tells, thousands of times
        continue;
      }
      TRY(insert_flat(asset_id, path, name.empty() ? key : name + "." + key, member, depth + 1));
    }
    return {};
  }
  if (value.is_list() && depth < 8) {
    for (const base::Value& element : value.as_list()) {
      TRY(insert_flat(asset_id, path, name, element, depth + 8));
    }
    return {};
  }
  return insert(
      "attributes",
      {{"asset_id", std::string(asset_id)}, {"path", path}, {"name", base::printable(name)}, {"value", cell(value)}});
}

base::Result<void> Facts::State::load_snapshot(const evidence::Snapshot& snapshot) {
  TRY(insert("snapshots", {{"root", snapshot.root.hex()},
                           {"files", std::to_string(snapshot.files)},
                           {"bytes", std::to_string(snapshot.bytes)},
                           {"time", base::to_iso8601(snapshot.time)}}));
  for (const std::string& place : snapshot.places) {
    TRY(insert("snapshot_places", {{"place", base::printable(place)}}));
  }
  return {};
}

base::Result<void> Facts::State::load_exceptions(ExceptionsFile file) {
  for (const Exception& exception : file.exceptions) {
    TRY(insert("exceptions", {{"provision", exception.provision},
                              {"check_id", text_or_null(exception.check)},
                              {"subject", text_or_null(exception.subject)},
                              {"owner", base::printable(exception.owner)},
                              {"reason", base::printable(exception.reason)},
                              {"compensating_control", base::printable(exception.compensating_control)},
                              {"created", base::to_iso_date(exception.created)},
                              {"expires", base::to_iso_date(exception.expires)},
                              {"attested_by", text_or_null(exception.attested_by)},
                              {"line", number(exception.line)}}));
  }
  exceptions = std::move(file.exceptions);
  return {};
}

base::Result<void> Facts::State::load_organisation(const Organisation& organisation) {
  for (const Declaration& declaration : organisation.declarations) {
    TRY(insert("organisation", {{"file", base::printable(organisation.path)},
                                {"field", declaration.field},
                                {"name", base::printable(declaration.name)},
                                {"holds", declaration.holds ? "1" : "0"},
                                {"line", number(declaration.line)}}));
  }
  return {};
}

base::Result<void> Facts::State::load_inherited(const Inherited& inherited) {
  const std::string provider = base::printable(inherited.provider);
  const std::string time = base::to_iso8601(inherited.time);
  TRY(insert("inherited_reports", {{"provider", provider},
                                   {"system", text_or_null(inherited.system)},
                                   {"origin", base::printable(inherited.origin)},
                                   {"signer", inherited.signer},
                                   {"sha256", inherited.bundle.hex()},
                                   {"time", time},
                                   {"catalogue", base::printable(inherited.catalogue)},
                                   {"roles", base::printable(base::join(inherited.roles, ", "))},
                                   {"adherence", inherited.adherence}}));
  for (const InheritedProvision& provision : inherited.provisions) {
    // What somebody else's program looked at is imported here, whatever it is there.
    const std::string strength = provision.strength == "executed" ? "imported" : provision.strength;
    TRY(insert("inherited", {{"provider", provider},
                             {"provision", base::printable(provision.id)},
                             {"verb", provision.verb},
                             {"verdict", provision.verdict},
                             {"strength", text_or_null(strength)},
                             {"stale", provision.stale ? "1" : "0"},
                             {"excepted", provision.excepted ? "1" : "0"},
                             {"attested_by", text_or_null(provision.attested_by)},
                             {"time", time}}));
  }
  return {};
}

base::Result<void> Facts::State::load_drift(const evidence::Drift& drift) {
  TRY(insert("drift", {{"root", drift.root.hex()},
                       {"verified", drift.signature_verified ? "1" : "0"},
                       {"files", std::to_string(drift.files)},
                       {"differences", std::to_string(drift.differences)}}));
  for (const evidence::Difference& difference : drift.listed) {
    TRY(insert("drift_files", {{"path", base::printable(difference.path)}, {"change", difference.change}}));
  }
  return {};
}

base::Result<void> Facts::State::load_drill(const evidence::RestoreDrill& drill) {
  return insert("restore_drills", {{"root", drill.root.hex()},
                                   {"place", base::printable(drill.place)},
                                   {"restored", drill.restored ? "1" : "0"},
                                   {"files", std::to_string(drill.files)},
                                   {"bytes", std::to_string(drill.bytes)},
                                   {"milliseconds", std::to_string(drill.milliseconds)},
                                   {"problems", std::to_string(drill.problems)},
                                   {"time", base::to_iso8601(drill.time)}});
}

base::Result<void> Facts::State::load_release(const evidence::Release& release) {
  TRY(insert("releases", {{"name", base::printable(release.name)},
                          {"root", release.root.hex()},
                          {"time", base::to_iso8601(release.time)}}));
  for (const evidence::ReleasedFile& file : release.files) {
    TRY(insert("release_files",
               {{"role", file.role}, {"path", base::printable(file.path)}, {"sha256", file.sha256.hex()}}));
  }
  for (const std::string& missing : release.missing) {
    const std::size_t colon = missing.find(": ");
    TRY(insert("release_files",
               {{"role", missing.substr(0, colon)},
                {"reason", base::printable(colon == std::string::npos ? missing : missing.substr(colon + 2))}}));
  }
  return {};
}

base::Result<void> Facts::State::load_asset(const evidence::Asset& asset) {
  const std::string path = base::printable(asset.path);
  const std::size_t hash = asset.is_part ? path.rfind('#') : std::string::npos;
  TRY(insert("assets", {{"id", asset.id},
                        {"kind", std::string(to_string(asset.kind))},
                        {"path", path},
                        {"size_bytes", number(asset.size_bytes)},
                        {"sha256", asset.sha256.is_set() ? std::optional(asset.sha256.hex()) : std::nullopt},
                        {"format", text_or_null(asset.format)},
                        {"recognised_by", text_or_null(asset.recognised_by)},
                        {"confidence", std::string(to_string(asset.confidence))},
                        {"line", number(asset.line)},
                        {"mode", number(asset.mode)},
                        {"part", hash != std::string::npos ? "1" : "0"},
                        {"file", path.substr(0, hash)}}));
  for (const std::string& note : asset.notes) {
    TRY(insert("asset_notes", {{"asset_id", asset.id}, {"path", path}, {"note", base::printable(note)}}));
  }
  TRY(insert_flat(asset.id, path, "", asset.attributes, 0));
  for (const evidence::Usage& usage : asset.usages) {
    TRY(insert("usages", {{"path", path},
                          {"line", number(usage.line)},
                          {"kind", usage.kind},
                          {"name", base::printable(usage.name)},
                          {"revision", text_or_null(usage.revision)},
                          {"detail", text_or_null(usage.detail)}}));
  }
  for (const evidence::Package& package : asset.packages) {
    TRY(insert("packages", {{"path", path},
                            {"line", number(package.line)},
                            {"ecosystem", package.ecosystem},
                            {"name", base::printable(package.name)},
                            {"requirement", text_or_null(package.requirement)},
                            {"pinned", package.pinned ? "1" : "0"},
                            {"hashed", package.hashed ? "1" : "0"},
                            {"direct_url", package.direct_url ? "1" : "0"}}));
  }
  for (const evidence::Section& section : asset.sections) {
    TRY(insert("sections", {{"path", path},
                            {"line", number(section.line)},
                            {"heading", base::printable(section.heading)},
                            {"words", number(section.words)},
                            {"excerpt", text_or_null(section.excerpt)}}));
  }
  for (const evidence::DigestEntry& entry : asset.digests) {
    TRY(insert("digests", {{"manifest", path},
                           {"line", number(entry.line)},
                           {"path", base::printable(entry.path)},
                           {"algorithm", entry.algorithm},
                           {"digest", entry.digest}}));
  }
  assets.push_back(asset);
  return {};
}

base::Result<void> Facts::State::load_scan(const evidence::FileScan& scan) {
  TRY(insert("scans", {{"path", base::printable(scan.path)},
                       {"sha256", scan.sha256.is_set() ? std::optional(scan.sha256.hex()) : std::nullopt},
                       {"formats", base::join(scan.formats, ",")},
                       {"coverage", std::string(to_string(scan.coverage))},
                       {"verdict", std::string(to_string(scan.verdict))},
                       {"not_covered", text_or_null(base::join(scan.not_covered, "; "))}}));
  for (const evidence::Finding& finding : scan.findings) {
    const std::string path = base::printable(finding.path);
    TRY(insert("findings", {{"id", finding.id},
                            {"rule", finding.rule},
                            {"severity", std::string(to_string(finding.severity))},
                            {"class", std::string(to_string(finding.finding_class))},
                            {"path", path},
                            {"file", base::printable(scan.path)},
                            {"place", text_or_null(finding.place)},
                            {"line", number(finding.line)},
                            {"subject", text_or_null(finding.subject)},
                            {"message", base::printable(finding.message)},
                            {"remedy", base::printable(finding.remedy)}}));
    const auto add_ids = [&](const char* scheme, const std::vector<std::string>& ids) -> base::Result<void> {
      for (const std::string& id : ids) {
        TRY(insert("finding_ids", {{"finding_id", finding.id}, {"scheme", scheme}, {"value", id}}));
      }
      return {};
    };
    TRY(add_ids("cwe", finding.cwe));
    TRY(add_ids("atlas", finding.atlas));
    TRY(add_ids("owasp", finding.owasp));
    findings.push_back(finding);
  }
  return {};
}

base::Result<void> Facts::State::load_declared(const DeclaredList& list, const base::Value& entry) {
  const FactTable* table = find_table(list.table);
  const std::string id = cell(entry["id"]).value_or("");
  Cells cells = {{"line", number(entry.line())}};
  std::vector<std::pair<std::string, std::string>> names;  // keeps the column names alive
  const auto add_lists = [&](const std::string& field, const base::Value& values) -> base::Result<void> {
    for (const base::Value& value : values.as_list()) {
      if (!value.is_map()) {
        TRY(insert("declared_lists",
                   {{"kind", std::string(list.kind)}, {"id", id}, {"field", field}, {"value", cell(value)}}));
      }
    }
    return {};
  };
  // A work list of (column prefix, field prefix, mapping) instead of recursion.
  std::vector<std::tuple<std::string, std::string, const base::Value*>> open = {{"", "", &entry}};
  std::vector<std::pair<std::string, std::optional<std::string>>> values;
  while (!open.empty()) {
    const auto [prefix, field, map] = open.back();
    open.pop_back();
    for (const auto& [name, value] : map->as_map()) {
      if (value.is_map()) {
        values.emplace_back("has_" + prefix + name, "1");
        open.emplace_back(prefix + name + "_", field + name + ".", &value);
      } else if (value.is_list()) {
        TRY(add_lists(field + name, value));
      } else {
        values.emplace_back(prefix + name, cell(value));
      }
    }
  }
  for (const auto& [name, value] : values) {
    cells.emplace_back(name, value);
  }
  for (const Column& column : table->columns) {
    if (column.name.starts_with("has_") &&
        std::none_of(values.begin(), values.end(), [&](const auto& value) { return value.first == column.name; })) {
      cells.emplace_back(column.name, "0");
    }
  }
  TRY(insert(list.table, cells));
  for (const base::Value& evaluation : entry["evaluations"].as_list()) {
    Cells row = {{"model", id}, {"line", number(evaluation.line())}};
    for (const auto& [name, value] : evaluation.as_map()) {
      row.emplace_back(name, cell(value));
    }
    TRY(insert("declared_evaluations", row));
  }
  return {};
}

base::Result<void> Facts::State::load_claims(const evidence::Claims& claims) {
  for (const evidence::Claim& claim : claims.claims) {
    TRY(insert("claims", {{"path", base::printable(claims.path)},
                          {"field", claim.field},
                          {"declared", text_or_null(claim.declared)},
                          {"declared_in", text_or_null(claim.declared_in)},
                          {"line", number(claim.line)},
                          {"observed", text_or_null(claim.observed)},
                          {"observed_in", text_or_null(claim.observed_in)},
                          {"outcome", std::string(to_string(claim.outcome))},
                          {"reason", text_or_null(claim.reason)}}));
  }
  return {};
}

base::Result<void> Facts::State::load_bill(const evidence::Bill& bill) {
  const std::string path = base::printable(bill.path);
  TRY(insert("bills", {{"path", path},
                       {"format", text_or_null(bill.format)},
                       {"version", text_or_null(bill.version)},
                       {"name", text_or_null(bill.name)},
                       {"producer", text_or_null(bill.producer)},
                       {"created", text_or_null(bill.created)},
                       {"components", number(bill.components.size())}}));
  for (const evidence::ListedComponent& component : bill.components) {
    constexpr std::string_view kSha256 = "sha256:";
    const auto digest = std::find_if(component.hashes.begin(), component.hashes.end(),
                                     [&](const std::string& hash) { return hash.starts_with(kSha256); });
    TRY(insert(
        "bill_components",
        {{"bill", path},
         {"name", text_or_null(component.name)},
         {"version", text_or_null(component.version)},
         {"type", text_or_null(component.type)},
         {"purl", text_or_null(component.purl)},
         {"licence", text_or_null(component.licence)},
         {"listed_path", text_or_null(component.path)},
         {"path", text_or_null(component.asset)},
         {"sha256", digest == component.hashes.end() ? std::nullopt : text_or_null(digest->substr(kSha256.size()))},
         {"outcome", component.outcome}}));
  }
  for (const std::string& missing : bill.missing) {
    TRY(insert("bill_missing", {{"bill", path}, {"path", base::printable(missing)}}));
  }
  for (const std::string& problem : bill.problems) {
    TRY(insert("bill_problems", {{"bill", path}, {"problem", base::printable(problem)}}));
  }
  return {};
}

base::Result<void> Facts::State::load_imported(const evidence::ImportedResult& result) {
  const std::string file = base::printable(result.file);
  TRY(insert("imported_results", {{"file", file},
                                  {"format", result.format},
                                  {"purpose", result.purpose},
                                  {"tool", base::printable(result.tool)},
                                  {"version", text_or_null(result.version)},
                                  {"time", text_or_null(result.time)},
                                  {"complete", result.complete ? "1" : "0"},
                                  {"passed", number(result.passed)},
                                  {"failed", number(result.failed)},
                                  {"errors", number(result.errors)}}));
  std::map<std::string_view, const evidence::ImportedSubject*> subjects;
  const auto digest_of = [](const evidence::ImportedSubject* subject) {
    return subject != nullptr && subject->sha256.is_set() ? std::optional(subject->sha256.hex()) : std::nullopt;
  };
  for (const evidence::ImportedSubject& subject : result.subjects) {
    subjects.emplace(subject.name, &subject);
    TRY(insert("imported_subjects", {{"file", file},
                                     {"tool", base::printable(result.tool)},
                                     {"name", base::printable(subject.name)},
                                     {"path", text_or_null(subject.path)},
                                     {"sha256", digest_of(&subject)},
                                     {"digest_is_ours", subject.digest_is_ours ? "1" : "0"}}));
  }
  for (const evidence::ImportedFinding& finding : result.findings) {
    const auto found = subjects.find(finding.subject);
    const evidence::ImportedSubject* subject = found == subjects.end() ? nullptr : found->second;
    TRY(insert("imported_findings", {{"file", file},
                                     {"format", result.format},
                                     {"purpose", result.purpose},
                                     {"tool", base::printable(result.tool)},
                                     {"rule", base::printable(finding.rule)},
                                     {"severity", std::string(to_string(finding.severity))},
                                     {"outcome", std::string(to_string(finding.outcome))},
                                     {"subject", text_or_null(finding.subject)},
                                     {"path", subject == nullptr ? std::nullopt : text_or_null(subject->path)},
                                     {"sha256", digest_of(subject)},
                                     {"place", text_or_null(finding.place)},
                                     {"message", text_or_null(finding.message)},
                                     {"hits", number(finding.hits)},
                                     {"total", number(finding.total)}}));
  }
  return {};
}

base::Result<void> Facts::State::load_signature(const evidence::Signature& signature) {
  const std::string bundle = base::printable(signature.bundle);
  TRY(insert("signatures", {{"bundle", bundle},
                            {"sha256", signature.sha256.is_set() ? text_or_null(signature.sha256.hex()) : std::nullopt},
                            {"model", text_or_null(base::printable(signature.model))},
                            {"trust", text_or_null(base::printable(signature.trust))},
                            {"method", text_or_null(signature.method)},
                            {"key", text_or_null(signature.key)},
                            {"signer", text_or_null(base::printable(signature.signer))},
                            {"issuer", text_or_null(base::printable(signature.issuer))},
                            {"algorithm", text_or_null(signature.algorithm)},
                            {"root_sha256", text_or_null(signature.root)},
                            {"verified", signature.verified ? "1" : "0"},
                            {"partial", signature.partial ? "1" : "0"},
                            {"signed_files", std::to_string(signature.signed_files)},
                            {"verified_files", std::to_string(signature.verified_files)}}));
  if (signature.verified) {  // else, as of an expired certificate, what it says of single files counts for nothing
    for (const std::string& file : signature.files) {
      TRY(insert("signed_files", {{"path", base::printable(file)}, {"bundle", bundle}}));
    }
  }
  for (const evidence::SignatureProblem& problem : signature.problems) {
    TRY(insert("signature_problems", {{"bundle", bundle},
                                      {"code", problem.code},
                                      {"path", text_or_null(base::printable(problem.path))},
                                      {"message", base::printable(problem.message)},
                                      {"reference_accepts", problem.reference_accepts ? "1" : "0"}}));
  }
  return {};
}

base::Result<void> Facts::State::load_system(const evidence::SystemFacts& facts) {
  const base::Value& document = facts.document;
  const auto add = [&](const char* name, const std::optional<std::string>& value) {
    return value ? insert("system", {{"name", name}, {"value", value}}) : base::Result<void>();
  };
  TRY(add("declared", facts.declared ? "1" : "0"));
  TRY(add("path", text_or_null(facts.path)));
  for (const auto& [name, value] : document["system"].as_map()) {
    for (const auto& [part, level] : value.as_map()) {  // impact.confidentiality
      TRY(insert("system", {{"name", name + "." + part}, {"value", cell(level)}}));
    }
    if (!value.is_list() && !value.is_map()) {
      TRY(insert("system", {{"name", name}, {"value", cell(value)}}));
    }
  }
  for (const base::Value& role : document["system"]["roles"].as_list()) {
    TRY(insert("roles", {{"role", cell(role)}}));
  }
  if (document["system"]["roles"].as_list().empty()) {  // whoever assesses builds or runs the system
    TRY(insert("roles", {{"role", "developer"}}));
    TRY(insert("roles", {{"role", "system-operator"}}));
  }
  for (const std::string& text : facts.assumed) {
    TRY(insert("assumptions", {{"text", base::printable(text)}}));
  }
  for (const DeclaredList& list : declared_lists()) {
    for (const base::Value& entry : document[list.field].as_list()) {
      TRY(load_declared(list, entry));
    }
  }
  for (const auto& [name, value] : document["contacts"].as_map()) {
    TRY(insert("declared_contacts", {{"name", name}, {"value", cell(value)}}));
  }
  for (const auto& [name, value] : document["documents"].as_map()) {
    TRY(insert("declared_documents", {{"name", name}, {"path", cell(value)}}));
  }
  if (const base::Value& signing = document["signing"]; signing.find("public_keys") != nullptr ||
                                                        signing.find("certificates") != nullptr ||
                                                        signing.find("trusted_root") != nullptr) {
    TRY(add("signing", "1"));
  }
  if (const base::Value& model = document["threat_model"]; model.is_map()) {
    TRY(insert("threat_model", {{"path", cell(model["path"])}, {"reviewed", cell(model["reviewed"])}}));
    for (const base::Value& topic : model["covers"].as_list()) {
      TRY(insert("declared_lists",
                 {{"kind", "threat_model"}, {"id", ""}, {"field", "covers"}, {"value", cell(topic)}}));
    }
  }
  system = facts;
  return {};
}

Facts::Facts(std::unique_ptr<State> state) : state_(std::move(state)) {}
Facts::~Facts() = default;
Facts::Facts(Facts&&) noexcept = default;
Facts& Facts::operator=(Facts&&) noexcept = default;

base::Result<Facts> Facts::create() {
  auto state = TRY(State::open());
  TRY(state->execute(event_tables_sql()));
  TRY(state->create_tables());
  return Facts(std::move(state));
}

base::Result<Facts> Facts::with_events(const std::filesystem::path& file, const base::Sha256& sha256) {
  auto state = TRY(State::open());
  TRY(state->read_events(file, sha256));
  TRY(state->create_tables());
  return Facts(std::move(state));
}

base::Result<std::unique_ptr<Facts::State>> Facts::State::open() {
  auto state = std::make_unique<State>();
  if (sqlite3_open_v2(
          ":memory:", &state->database,
          SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,  // MEMORY would be for VACUUM too
          nullptr) != SQLITE_OK) {
    return state->sqlite_error("facts");
  }
  TRY(state->execute("ATTACH ':memory:' AS log;"));
  return state;
}

base::Result<void> Facts::State::read_events(const std::filesystem::path& file, const base::Sha256& sha256) {
  const std::string shown = base::printable(file.native());
  const base::Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat status {};
  if (!descriptor.is_open() || ::fstat(descriptor.get(), &status) != 0) {
    return base::system_error("open", file);
  }
  if (!S_ISREG(status.st_mode) || status.st_size <= 0) {
    return base::Error{base::Errc::untrusted, "is not what was recorded", 0, shown};
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  struct Freer {
    void operator()(void* memory) const { sqlite3_free(memory); }
  };
  std::unique_ptr<unsigned char, Freer> content(static_cast<unsigned char*>(sqlite3_malloc64(size)));
  if (content == nullptr) {
    return base::Error{base::Errc::too_large, "no memory for it", 0, shown};
  }
  std::size_t done = 0;
  while (done < size) {
    const std::span<unsigned char> place(content.get() + done, size - done);
    const std::size_t count = TRY(base::read_some(descriptor.get(), std::as_writable_bytes(place), file));
    if (count == 0) {
      break;
    }
    done += count;
  }
  if (done < size || base::sha256(std::string_view(reinterpret_cast<const char*>(content.get()), size)) != sha256) {
    return base::Error{base::Errc::untrusted, "is not what was recorded", 0, shown};
  }
  const auto length = static_cast<sqlite3_int64>(size);
  if (sqlite3_deserialize(database, "log", content.release(), length, length,
                          SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE) != SQLITE_OK) {
    return sqlite_error("facts");
  }
  sqlite3_int64 most = std::int64_t{16} << 30;
  sqlite3_file_control(database, "log", SQLITE_FCNTL_SIZE_LIMIT, &most);
  has_events_before = true;
  for (const std::string_view table : kEventTables) {
    if (!count("log." + std::string(table))) {
      return base::Error{base::Errc::malformed, "holds no events", 0, shown};
    }
  }
  return execute("PRAGMA log.journal_mode = OFF; PRAGMA log.cache_size = -16384;");
}

base::Result<void> Facts::State::create_tables() const {
  std::string sql = "BEGIN;";
  for (const FactTable& table : fact_tables()) {
    if (!is_about_events(table.name)) {
      sql += create_table_sql(table, {});
    }
  }
  return execute(sql);
}

base::Result<void> Facts::add_row(std::string_view table, const base::Value& row) {
  State::Cells cells;
  for (const auto& [name, value] : row.as_map()) {
    cells.emplace_back(name, cell(value));
  }
  return state_->insert(table, cells);
}

base::Result<void> Facts::load(const evidence::Statement& statement, std::optional<base::UnixTime> received) {
  if (statement.predicate_type == evidence::kRecordPredicate) {
    state_->records.push_back({TRY(evidence::record_from(statement)), received});
    return {};
  }
  if (statement.predicate_type == evidence::kRecordFilePredicate) {
    state_->record_files.push_back(TRY(evidence::record_file_from(statement)));
    return {};
  }
  if (statement.predicate_type == evidence::kControlPredicate) {
    return state_->insert_rows(rows_of(TRY(evidence::control_from(statement))));
  }
  if (statement.predicate_type == evidence::kMonitorPredicate) {
    return state_->insert_rows(rows_of(TRY(evidence::monitor_from(statement))));
  }
  if (statement.predicate_type == evidence::kAssetPredicate) {
    return state_->load_asset(TRY(evidence::asset_from(statement)));
  }
  if (statement.predicate_type == evidence::kScanPredicate) {
    return state_->load_scan(TRY(evidence::scan_from(statement)));
  }
  if (statement.predicate_type == evidence::kClaimsPredicate) {
    return state_->load_claims(TRY(evidence::claims_from(statement)));
  }
  if (statement.predicate_type == evidence::kBillPredicate) {
    return state_->load_bill(TRY(evidence::bill_from(statement)));
  }
  if (statement.predicate_type == evidence::kImportedPredicate) {
    return state_->load_imported(TRY(evidence::imported_from(statement)));
  }
  if (statement.predicate_type == evidence::kSignaturePredicate) {
    return state_->load_signature(TRY(evidence::signature_from(statement)));
  }
  if (statement.predicate_type == evidence::kSystemPredicate) {
    return state_->load_system(TRY(evidence::system_from(statement)));
  }
  if (statement.predicate_type == evidence::kRepositoryPredicate) {
    const evidence::Repository repository = TRY(evidence::repository_from(statement));
    TRY(state_->insert("repository", {{"present", repository.present ? "1" : "0"},
                                      {"head", text_or_null(repository.head)},
                                      {"head_time", text_or_null(repository.head_time)},
                                      {"root", text_or_null(repository.root)}}));
    for (const evidence::VersionedFile& file : repository.files) {
      TRY(state_->insert("versioned_files", {{"path", base::printable(file.path)}, {"state", file.state}}));
    }
  }
  if (statement.predicate_type == kExceptionsPredicate) {
    return state_->load_exceptions(TRY(exceptions_from(statement)));
  }
  if (statement.predicate_type == kOrganisationPredicate) {
    return state_->load_organisation(TRY(organisation_from(statement)));
  }
  if (statement.predicate_type == kInheritedPredicate) {
    return state_->load_inherited(TRY(inherited_from(statement)));
  }
  if (statement.predicate_type == evidence::kSnapshotPredicate) {
    return state_->load_snapshot(TRY(evidence::snapshot_from(statement)));
  }
  if (statement.predicate_type == evidence::kDriftPredicate) {
    return state_->load_drift(TRY(evidence::drift_from(statement)));
  }
  if (statement.predicate_type == evidence::kRestoreDrillPredicate) {
    return state_->load_drill(TRY(evidence::restore_drill_from(statement)));
  }
  if (statement.predicate_type == evidence::kReleasePredicate) {
    return state_->load_release(TRY(evidence::release_from(statement)));
  }
  if (is_about_threats(statement.predicate_type)) {
    if (statement.predicate_type == evidence::kThreatsPredicate) {  // rules may have filled its tables already
      TRY(state_->execute(
          "DELETE FROM threat_elements; DELETE FROM threat_flows; DELETE FROM threat_covers; DELETE FROM "
          "threat_surplus; DELETE FROM threat_reach; DELETE FROM threat_uses; DELETE FROM threat_evaluations;"));
    }
    TRY(state_->execute("SAVEPOINT threats;"));
    TRY(load_threats(statement,
                     [this](std::string_view table, const FactCells& cells) { return state_->insert(table, cells); }));
    return state_->execute("RELEASE threats;");
  }
  if (statement.predicate_type == evidence::kWatchPredicate) {
    const evidence::Watch watch = TRY(evidence::watch_from(statement));
    TRY(state_->insert("watches", {{"head", text_or_null(watch.head)}, {"complete", watch.complete ? "1" : "0"}}));
  }
  return {};
}

base::Result<void> Facts::load_event(const evidence::LoggedEvent& logged) {
  const evidence::Event& event = logged.event;
  const auto digest = [](const base::Sha256& sha256) {
    return sha256.is_set() ? std::optional(sha256.hex()) : std::nullopt;
  };
  const auto time = [](const std::optional<base::UnixTime>& at) {
    return at ? std::optional(base::to_iso8601(*at)) : std::nullopt;
  };
  const std::string entry = number(logged.entry);
  if (state_->has_events_before) {
    TRY(state_->execute("DELETE FROM event_links WHERE entry = " + entry));
  }
  if (!event.commitments.empty()) {
    TRY(state_->execute("INSERT OR IGNORE INTO log.private_events VALUES (" + entry + ")"));
  }
  TRY(state_->insert("events", {{"entry", entry},
                                {"id", event.id},
                                {"kind", std::string(to_string(event.kind))},
                                {"subject", base::printable(event.subject)},
                                {"effective", base::to_iso8601(event.effective)},
                                {"received", base::to_iso8601(logged.received)},
                                {"late_seconds", std::to_string(logged.received.seconds - event.effective.seconds)},
                                {"before_sha256", digest(event.before)},
                                {"after_sha256", digest(event.after)},
                                {"removed", event.removed ? "1" : "0"},
                                {"first_seen", event.first_seen ? "1" : "0"},
                                {"actor", text_or_null(event.actor)},
                                {"approver", text_or_null(event.approver)},
                                {"reason", text_or_null(event.reason)},
                                {"source", std::string(to_string(event.source))},
                                {"commit_id", text_or_null(event.commit)},
                                {"merge_id", text_or_null(event.merge)},
                                {"erased", text_or_null(base::join(logged.erased, ","))},
                                {"version", text_or_null(event.version)},
                                {"licence", text_or_null(event.licence)},
                                {"source_url", text_or_null(event.source_url)},
                                {"collected", time(event.collected)},
                                {"method", text_or_null(event.method)},
                                {"sanitisation", text_or_null(event.sanitisation)},
                                {"records", event.records != 0 ? std::optional(number(event.records)) : std::nullopt},
                                {"code", text_or_null(event.code)},
                                {"decision", text_or_null(event.decision)},
                                {"valid_until", time(event.valid_until)},
                                {"refers_to", event.entry ? std::optional(number(*event.entry)) : std::nullopt},
                                {"outcome", text_or_null(event.outcome)},
                                {"operation", text_or_null(event.operation)},
                                {"witness", text_or_null(event.witness)}}));
  const auto link = [&](const char* relation, const std::string& name, const base::Sha256& sha256) {
    return state_->insert(
        "event_links",
        {{"entry", entry}, {"relation", relation}, {"name", base::printable(name)}, {"sha256", digest(sha256)}});
  };
  for (const evidence::Reference& input : event.inputs) {
    TRY(link("inputs", input.name, input.sha256));
  }
  for (const evidence::Reference& base_model : event.derived_from) {
    TRY(link("derived_from", base_model.name, base_model.sha256));
  }
  for (const std::string& concern : event.concerns) {
    TRY(link("concerns", concern, {}));
  }
  return {};
}

base::Result<void> Facts::forget_event(std::uint64_t entry) {
  const std::string number = std::to_string(entry);
  return state_->execute("DELETE FROM events WHERE entry = " + number + "; DELETE FROM event_links WHERE entry = " +
                         number + "; DELETE FROM log.private_events WHERE entry = " + number);
}

base::Result<std::vector<std::uint64_t>> Facts::entries_of(const evidence::Event& event) const {
  return state_->numbers("SELECT entry FROM events WHERE subject = ?1 AND kind = ?2 AND id = ?3 ORDER BY entry",
                         {base::printable(event.subject), std::string(to_string(event.kind)), event.id});
}

base::Result<std::vector<std::uint64_t>> Facts::private_events() const {
  return state_->numbers("SELECT entry FROM log.private_events ORDER BY entry", {});
}

base::Result<void> Facts::write_events(const std::filesystem::path& file) {
  // Where a log is long, accesses are most of it, and what is asked for are the others: SQLite, which counts rows per
  // kind on average, would read all of them each time.
  TRY(state_->execute(event_indexes_sql() +
                      "COMMIT; ANALYZE log; UPDATE log.sqlite_stat1 SET stat = substr(stat, 1, instr(stat, ' ')) || "
                      "'1000' WHERE idx = 'events_kind';"));
  state_->inserts.clear();
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v2(state_->database, "VACUUM log INTO ?1", -1, &raw, nullptr);
  const Prepared statement(raw);
  const std::string& name = file.native();
  if (code != SQLITE_OK ||
      sqlite3_bind_text(raw, 1, name.data(), static_cast<int>(name.size()), SQLITE_STATIC) != SQLITE_OK ||
      sqlite3_step(raw) != SQLITE_DONE) {
    return base::Error{base::Errc::io, std::string("cannot be written: ") + sqlite3_errmsg(state_->database), 0,
                       base::printable(name)};
  }
  state_->has_events_before = true;
  return state_->execute("BEGIN;");
}

std::string Facts::events_version() {
  return "2-" + base::sha256(event_tables_sql() + event_indexes_sql()).hex().substr(0, 16);
}

base::Result<void> Facts::count_anew() {
  return state_->execute("ANALYZE main;");
}

base::Result<void> Facts::finish(base::UnixTime today) {
  TRY(state_->insert("parameters", {{"name", "today"}, {"value", base::to_iso_date(today)}}));
  TRY(state_->insert_records());
  TRY(state_->execute(complete_records_sql() + kOrganisationRolesSql));
  TRY(state_->execute(asset_indexes_sql()));
  for (const std::string& sql : declared_files_sql()) {
    TRY(state_->execute(sql));
    if (TRY(state_->count("declared_files")) > kMaxDeclaredFiles) {
      return base::Error{base::Errc::too_large,
                         "the paths of its entries stand for more than " + base::grouped(kMaxDeclaredFiles) +
                             " files together, most of them several times",
                         0, base::printable(state_->system.path.empty() ? "ai-system.yaml" : state_->system.path)};
    }
  }
  TRY(state_->execute(event_indexes_sql() + model_versions_sql() + states_sql() + indexes_sql() + approvals_sql() +
                      evaluated_parts_sql() + probes_sql() + "COMMIT;" +
                      (state_->has_events_before ? "ANALYZE main;" : "ANALYZE;")));
  state_->inserts.clear();
  return {};
}

const std::vector<evidence::Asset>& Facts::assets() const {
  return state_->assets;
}
const std::vector<evidence::Finding>& Facts::findings() const {
  return state_->findings;
}
const evidence::SystemFacts& Facts::system() const {
  return state_->system;
}

const std::vector<Exception>& Facts::exceptions() const {
  return state_->exceptions;
}

base::Result<Facts::Table> Facts::query(std::string_view sql, std::uint64_t max_rows) const {
  sqlite3* database = state_->database;
  std::uint64_t steps_left = kMaxSteps;
  sqlite3_set_authorizer(database, authorise_reading, nullptr);
  sqlite3_progress_handler(database, kStepsPerCall, count_steps, &steps_left);
  sqlite3_limit(database, SQLITE_LIMIT_LENGTH, 64 << 20);
  const auto release = [&] {
    sqlite3_set_authorizer(database, nullptr, nullptr);
    sqlite3_progress_handler(database, 0, nullptr, nullptr);
  };
  sqlite3_stmt* raw = nullptr;
  const char* rest = nullptr;
  const int code = sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), &raw, &rest);
  const Prepared statement(raw);
  if (code != SQLITE_OK) {
    base::Error error = code == SQLITE_AUTH ? base::Error{base::Errc::usage, "SQL: only reading is allowed"}
                                            : state_->sqlite_error("SQL");
    release();
    return error;
  }
  if (raw == nullptr) {
    release();
    return base::Error{base::Errc::usage, "SQL: empty"};
  }
  const std::string_view left = base::trim(sql.substr(static_cast<std::size_t>(rest - sql.data())));
  if (!left.empty() && left != ";") {
    release();
    return base::Error{base::Errc::usage, "SQL: more than one statement"};
  }
  Table table;
  for (int i = 0; i < sqlite3_column_count(raw); ++i) {
    table.columns.emplace_back(sqlite3_column_name(raw, i));
  }
  for (;;) {
    const int step = sqlite3_step(raw);
    if (step == SQLITE_DONE) {
      break;
    }
    if (step != SQLITE_ROW) {
      base::Error error = step == SQLITE_INTERRUPT
                              ? base::Error{base::Errc::too_large, "SQL: stopped, it takes too many steps"}
                              : state_->sqlite_error("SQL");
      release();
      return error;
    }
    if (table.rows.size() == max_rows) {
      release();
      return base::Error{base::Errc::too_large, "SQL: more than " + base::grouped(max_rows) + " rows; add LIMIT"};
    }
    auto& row = table.rows.emplace_back();
    for (int i = 0; i < sqlite3_column_count(raw); ++i) {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(raw, i));
      row.push_back(text == nullptr
                        ? std::nullopt
                        : std::optional(std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(raw, i)))));
    }
  }
  release();
  return table;
}

}  // namespace assess
