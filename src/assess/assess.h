#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "assess/exceptions.h"
#include "base/digest.h"
#include "base/result.h"
#include "base/time.h"
#include "catalog/catalog.h"
#include "evidence/event.h"
#include "evidence/statement.h"
#include "evidence/threats.h"

/// Verdicts from evidence. The one place where they are computed; renderers print what stands here.
namespace assess {

/// After the draft ETSI TS 104 216, plus what is counted apart.
enum class Verdict : std::uint8_t { pass, fail, inconclusive, not_applicable };
[[nodiscard]] std::string_view to_string(Verdict verdict);

/// One subject that a check looked at and objected to, or could not tell about.
struct Observation {
  std::string subject;  ///< "models/intent.pkl".
  std::string place;    ///< "byte 28"; may be empty.
  std::string reason;
  std::string id{};  ///< Of a violation: violation_id().
};

/// "V-" and 16 hexadecimal digits from check, subject and reason, and from how often the same was said before. The
/// place is left out, so that a violation keeps its id while lines are added above it.
[[nodiscard]] std::string violation_id(std::string_view check, std::string_view subject, std::string_view reason,
                                       std::uint64_t before);

/// What one check came to.
struct CheckResult {
  std::string check;  ///< Id.
  std::string title;
  bool settles = true;
  Verdict verdict = Verdict::inconclusive;
  evidence::Strength strength = evidence::Strength::executed;
  std::string severity;
  std::uint64_t subjects = 0;
  std::vector<std::string> examined;    ///< The first 20 subjects.
  std::vector<Observation> violations;  ///< At most 200, all counted in `violation_count`.
  std::uint64_t violation_count = 0;
  std::vector<std::string> violation_ids;  ///< Of all of them, at most 100,000.
  bool lacks_evidence = false;             ///< Inconclusive because the evidence it requires is not there.
  bool stale = false;                      ///< Inconclusive because its evidence speaks of what was there before.
  std::vector<Observation> unknown;        ///< Subjects it could not tell about, at most 200.
  std::size_t stale_count = 0;             ///< How many of them, the first, are stale.
  std::uint64_t excepted_count = 0;        ///< How many violations an exception for this provision covers.
  std::string attested_by;                 ///< Who stated what a pass rests on, where the check knows.
  std::string reason;                      ///< Why this verdict, in a sentence.
  std::string remedy;
  std::string proves;
  std::string limits;
};

/// What one supplier's bundle shows of a provision that is its part.
struct InheritedFrom {
  std::string provider;   ///< Id under providers in ai-system.yaml.
  std::string role;       ///< In which the supplier meets it.
  std::string side;       ///< "provider" or "shared".
  std::string component;  ///< For which; empty: the whole system.
  std::string stated_in;  ///< "security/contracts.yaml, line 9": what says that it is the supplier's.
  std::string stated_by;
  std::string system;    ///< The supplier's name of it; empty with what follows where no bundle was imported.
  std::string bundle;    ///< Hexadecimal SHA-256.
  std::string date;      ///< Of the supplier's assessment.
  std::string verdict;   ///< There.
  std::string strength;  ///< There, where it passes.
};

struct ProvisionResult {
  const catalog::Provision* provision = nullptr;  ///< Lives as long as the catalogue.
  Verdict verdict = Verdict::inconclusive;
  std::string reason;             ///< One sentence.
  bool awaits_statement = false;  ///< Inconclusive only because there is no ai-system.yaml that states what it asks.
  bool stale = false;             ///< Inconclusive, and evidence of it speaks of what was there before.
  bool excepted = false;          ///< Fails, and exceptions in force cover all that is objected to. Still a fail.
  bool in_baseline =
      false;  ///< Fails, and the baseline holds all that is objected to. Still a fail, and counted as one.
  std::vector<std::size_t> exceptions;         ///< Places in Assessment::exceptions of those that cover any of it.
  std::vector<Observation> changes;            ///< Where stale: what changed, and from what, at most 200.
  std::string rule;                            ///< Id of the applicability rule, where not applicable.
  std::string next_step;                       ///< Where something is open.
  std::optional<evidence::Strength> strength;  ///< Of the weakest evidence a pass rests on.
  std::string attested_by;  ///< "ops@example.org on 2026-10-01", where a pass rests on what a person stated.
  std::vector<InheritedFrom> inherited;  ///< From suppliers; each has a check among `checks`.
  std::vector<CheckResult> checks;
};

enum class Adherence : std::uint8_t { adheres, does_not_adhere, cannot_tell };
[[nodiscard]] std::string_view to_string(Adherence adherence);

struct Counts {
  std::uint64_t pass = 0;           ///< All passes …
  std::uint64_t pass_attested = 0;  ///< … of which rest on attested or documented evidence.
  std::uint64_t fail = 0;           ///< Without those that are excepted, which are counted apart.
  std::uint64_t inconclusive = 0;   ///< All …
  std::uint64_t stale = 0;          ///< … of which are so because evidence speaks of what was there before.
  std::uint64_t not_applicable = 0;
  std::uint64_t excepted = 0;
};

/// A complete result. Everything a renderer needs, nothing it must decide.
struct Assessment {
  std::string tool_version;
  std::string directory;  ///< As the user named it.
  std::string system_name;
  base::UnixTime time;
  const catalog::Catalog* catalog = nullptr;
  bool declared = false;  ///< Was there an ai-system.yaml?
  std::vector<std::string> assumptions;
  std::vector<std::string> roles;
  std::vector<std::string> notes;                     ///< From discovery.
  std::map<std::string, std::uint64_t> asset_counts;  ///< By kind name.
  std::vector<evidence::Asset> assets;                ///< For the inventory page.
  std::vector<evidence::Finding> findings;            ///< Most severe first.
  std::vector<ProvisionResult> provisions;            ///< In the order of the Code.
  std::vector<ExceptionUse> exceptions;               ///< All of security/exceptions.yaml, in its order.
  std::map<catalog::Verb, Counts> counts;             ///< By verb.
  Adherence adherence = Adherence::cannot_tell;
  std::string adherence_reason;                  ///< "4 shall provisions not met".
  std::vector<std::size_t> cheapest;             ///< Places in `provisions` of at most three open ones, cheapest first.
  std::optional<evidence::ThreatModel> threats;  ///< Absent where none could be derived.
  std::string checkpoint;                        ///< The ledger's, as text; empty without a ledger.
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  double seconds = 0;  ///< 0 when SOURCE_DATE_EPOCH asks for reproducible output.
};

/// Fact tables in memory, loaded from evidence. Not thread-safe.
class Facts {
 public:
  static base::Result<Facts> create();
  /// Starts with the events that write_events() of another Facts wrote. The file is read once, and what was read is
  /// held against `sha256` before anything is made of it. Fails with not_found, io, untrusted (another content) or
  /// malformed.
  static base::Result<Facts> with_events(const std::filesystem::path& file, const base::Sha256& sha256);
  ~Facts();
  Facts(Facts&&) noexcept;
  Facts& operator=(Facts&&) noexcept;

  /// Adds what the statement says to the tables; unknown predicate types are kept in `statements` only. `received` is
  /// when the ledger took it in, where there is one: records are shown with it.
  base::Result<void> load(const evidence::Statement& statement, std::optional<base::UnixTime> received = {});
  /// Adds an event of the change log to the tables, or replaces that of the same entry.
  base::Result<void> load_event(const evidence::LoggedEvent& event);
  /// Takes it out again.
  base::Result<void> forget_event(std::uint64_t entry);
  /// The entries of the events of this kind, subject and id.
  [[nodiscard]] base::Result<std::vector<std::uint64_t>> entries_of(const evidence::Event& event) const;
  /// The entries of events with private fields, in order: those of with_events() included.
  [[nodiscard]] base::Result<std::vector<std::uint64_t>> private_events() const;
  /// Writes the tables of events and their indexes to a new file, an SQLite database. To be called before finish().
  /// Private fields that were loaded are in it. Fails with io.
  base::Result<void> write_events(const std::filesystem::path& file);
  /// Says which tables and columns write_events() writes: what another version wrote cannot be loaded.
  [[nodiscard]] static std::string events_version();
  /// Adds one row to a table; a column left out is NULL. For importers and tests.
  base::Result<void> add_row(std::string_view table, const base::Value& row);
  /// Makes the indexes and tells checks which day it is; call once after the last row.
  base::Result<void> finish(base::UnixTime today);
  /// Counts the rows that were added after finish(), so that queries are planned for as many.
  base::Result<void> count_anew();

  /// What was loaded, for those who need more than tables.
  [[nodiscard]] const std::vector<evidence::Asset>& assets() const;
  [[nodiscard]] const std::vector<evidence::Finding>& findings() const;
  [[nodiscard]] const evidence::SystemFacts& system() const;
  [[nodiscard]] const std::vector<Exception>& exceptions() const;

  /// Rows as text under column names. For queries of users: read-only under an authorizer, at most `max_rows`, stopped
  /// after a step limit. Fails with usage (bad SQL, with SQLite's message) or too_large.
  struct Table {
    std::vector<std::string> columns;
    std::vector<std::vector<std::optional<std::string>>> rows;
  };
  [[nodiscard]] base::Result<Table> query(std::string_view sql, std::uint64_t max_rows = 100'000) const;

 private:
  struct State;
  explicit Facts(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// The fact tables, column by column, as a Markdown page: docs/facts.md is this text.
[[nodiscard]] std::string schema_page();

/// Runs every check and computes every verdict. Fails with malformed (file, line) on a check whose SQL does not work.
/// Exceptions name provisions of the Code that the directory is assessed against first; for another Code they are not
/// counted.
enum class Exceptions : std::uint8_t { counted, ignored };
base::Result<Assessment> assess(const Facts& facts, const catalog::Catalog& catalog,
                                Exceptions exceptions = Exceptions::counted);

/// The gate. Computed once, before anything is rendered. What is excepted does not close it, and is no pass either.
struct Gate {
  bool fail_on_should = false;
  bool never_fail = false;  ///< --fail-on never
  bool strict = false;      ///< Inconclusive shall: 3.
};
[[nodiscard]] int exit_code(const Assessment& assessment, const Gate& gate);

}  // namespace assess
