#include "app/threats/threats.h"
#include "ledger/ledger.h"
#include "threats/derive.h"

namespace app {

base::Result<std::vector<threats::Rule>> threat_rules(const std::vector<std::string>& folders) {
  std::vector<threats::Rule> rules = TRY(threats::built_in_rules());
  for (const std::string& folder : folders) {
    TRY(threats::add_rules(rules, folder));
  }
  return rules;
}

base::Result<evidence::ThreatModel> derive_threats(assess::Facts& facts, std::span<const threats::Rule> rules) {
  threats::FactTables tables;
  tables.query = [&facts](std::string_view sql) -> base::Result<threats::Rows> {
    assess::Facts::Table table = TRY(facts.query(sql));
    return threats::Rows{std::move(table.columns), std::move(table.rows)};
  };
  tables.add_row = [&facts](std::string_view table, const base::Value& row) { return facts.add_row(table, row); };
  tables.filled = [&facts]() { return facts.count_anew(); };
  evidence::ThreatModel model = TRY(threats::derive(tables, rules));
  TRY(facts.load(evidence::statement_of(model)));
  return model;
}

base::Result<evidence::ThreatModel> recorded_threats(const Workplace& place) {
  auto log = ledger::Ledger::open(place.state, ledger::Ledger::Mode::read);
  if (!log) {
    base::Error error = std::move(log).error();
    if (error.code == base::Errc::not_found) {
      error.message += " (run surety assess first)";
    }
    return error;
  }
  const auto entry = TRY(log->current(evidence::statement_of(evidence::ThreatModel()).key()));
  if (!entry) {
    return base::Error{base::Errc::not_found, "the ledger holds no threat model (run surety assess first)", 0,
                       place.state.native()};
  }
  const evidence::Statement statement = TRY(evidence::Statement::parse(entry->content));
  return evidence::threats_from(statement);
}

base::Result<void> record_statement(const Workplace& place, const evidence::Statement& statement) {
  TRY(make_state(place.state));
  ledger::Ledger log = TRY(ledger::Ledger::open(place.state, ledger::Ledger::Mode::write));
  const ledger::NewEntry entry{statement.key(), statement.canonical()};
  TRY(log.append({&entry, 1}));
  return {};
}

}  // namespace app
