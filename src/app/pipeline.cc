#include "app/pipeline.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <initializer_list>
#include <iterator>
#include <set>
#include <system_error>
#include <thread>

#include "app/bom_documents.h"
#include "app/event_projection.h"
#include "app/judge_handler.h"
#include "app/known_good.h"
#include "app/organisation_file.h"
#include "app/record_provisions.h"
#include "app/threats/threats.h"
#include "app/watch.h"
#include "base/file.h"
#include "base/text.h"
#include "bom/document.h"
#include "evidence/event.h"
#include "evidence/record.h"
#include "evidence/signature.h"
#include "evidence/statement.h"
#include "ledger/ledger.h"
#include "records/attest.h"
#include "records/read.h"
#include "sandbox/sandbox.h"
#include "scan/scan.h"
#include "sign/declared.h"
#include "sign/digest_cache.h"

namespace app {
namespace {

namespace fs = std::filesystem;
using evidence::Statement;

base::Result<std::uint64_t> record_count(const assess::Facts& facts) {
  const assess::Facts::Table table = TRY(facts.query("SELECT count(*) FROM records"));
  return static_cast<std::uint64_t>(std::strtoull(table.rows.at(0).at(0).value_or("0").c_str(), nullptr, 10));
}

std::vector<Statement> statements_of(const inventory::Inventory& found, const fs::path& directory,
                                     sandbox::Pool& readers) {
  std::vector<Statement> statements;
  statements.reserve(found.assets.size() + found.scans.size() + 2);
  for (const evidence::Asset& asset : found.assets) {
    statements.push_back(evidence::statement_of(asset));
  }
  for (const evidence::FileScan& scan : found.scans) {
    statements.push_back(evidence::statement_of(scan));
  }
  for (const evidence::Claims& claims : bom::compare_claims(found.assets, &found.system)) {
    statements.push_back(evidence::statement_of(claims));
  }
  for (const evidence::Bill& bill : read_bills(directory, found, readers)) {
    statements.push_back(evidence::statement_of(bill));
  }
  statements.push_back(evidence::statement_of(found.system));
  statements.push_back(evidence::statement_of(found.repository));
  return statements;
}

// What security/exceptions.yaml accepts; none where there is no such file. It is read anew on every run.
struct ReadExceptions {
  std::string text;
  assess::ExceptionsFile file;
};
base::Result<std::optional<ReadExceptions>> read_exceptions(const fs::path& directory,
                                                            const catalog::Catalog& catalog) {
  const fs::path file = directory / assess::kExceptionsFile;
  const std::string shown = base::printable(file.native());
  auto text = base::read_file(file, assess::kMaxExceptionsBytes);
  if (!text) {
    if (text.error().code == base::Errc::not_found) {
      return std::optional<ReadExceptions>();
    }
    return std::move(text).error().in_file(shown);
  }
  auto parsed = TRY(assess::parse_exceptions(*text, shown, catalog, base::now()));
  return std::optional(ReadExceptions{*std::move(text), std::move(parsed)});
}

// With those who signed the file.
base::Result<Statement> exceptions_statement(ReadExceptions exceptions, const fs::path& directory,
                                             const evidence::SystemFacts& system) {
  const std::vector<records::Attester> attesters = TRY(records::attesters(directory, system));
  records::Signatures signatures(directory, attesters);
  const auto signings = TRY(signatures.of(std::string(assess::kExceptionsFile), exceptions.text));
  TRY(assess::attest(exceptions.file, signings));
  return assess::statement_of(exceptions.file);
}

bool is_one_of(std::string_view type, std::initializer_list<std::string_view> types) {
  return std::find(types.begin(), types.end(), type) != types.end();
}

// Statements about single files, which each run makes anew. One that it does not make no longer holds: a model that was
// signed once is not signed now because the ledger remembers it.
bool is_about_a_file(std::string_view type) {
  return is_one_of(type, {evidence::kAssetPredicate, evidence::kScanPredicate, evidence::kClaimsPredicate,
                          evidence::kBillPredicate, evidence::kSignaturePredicate, assess::kExceptionsPredicate,
                          evidence::kRecordPredicate, evidence::kRecordFilePredicate, assess::kOrganisationPredicate});
}

// The predicate type that a statement's key begins with; that of a removal is the type of what it removed.
std::string_view type_of(std::string_view key) {
  constexpr std::string_view kOpening = "[\"";
  return key.starts_with(kOpening) ? key.substr(kOpening.size(), key.find('"', kOpening.size()) - kOpening.size())
                                   : std::string_view();
}

// All that a run makes anew; the rest was recorded by other commands.
bool is_made_anew(std::string_view type) {
  return is_about_a_file(type) ||
         is_one_of(type, {evidence::kSystemPredicate, evidence::kRepositoryPredicate, evidence::kTreePredicate,
                          evidence::kRunPredicate, evidence::kDriftPredicate, evidence::kThreatsPredicate});
}

// What is in the ledger as current, but was not seen this time.
base::Result<std::vector<ledger::NewEntry>> removals(const ledger::Ledger& log, const std::set<std::string>& seen) {
  std::vector<ledger::NewEntry> gone;
  const auto visit = [&](const ledger::Entry& entry) -> base::Result<void> {
    if (seen.contains(entry.key)) {
      return {};
    }
    const Statement old = TRY(Statement::parse(entry.content));
    if (!is_about_a_file(old.predicate_type)) {
      return {};  // what other commands recorded stays
    }
    gone.push_back({entry.key, evidence::removal_of(old).canonical()});
    return {};
  };
  TRY(for_each_statement(log, visit));
  return gone;
}

// What an assessment is called where ai-system.yaml gives no name.
std::string name_of(const fs::path& directory) {
  std::error_code error;
  const fs::path whole = fs::canonical(directory, error);
  return base::printable(error ? directory.native() : whole.filename().native());
}

Statement tree_statement(const inventory::Inventory& found) {
  return evidence::statement_of(evidence::Tree{found.tree, found.files, found.directories, found.bytes});
}

constexpr std::size_t kMaxRecordedViolations = 5000;  // of one run; surety diff compares them

Statement run_statement(const inventory::Inventory& found, const assess::Assessment& assessment) {
  evidence::Run run;
  run.version = kVersion;
  run.rules = scan::version();
  run.catalog = assessment.catalog->id;
  run.catalog_version = assessment.catalog->version;
  run.time = assessment.time;
  run.tree = found.tree;
  run.adherence = to_string(assessment.adherence);
  for (const assess::ProvisionResult& result : assessment.provisions) {
    run.verdicts[result.provision->id] = to_string(result.verdict);
    if (result.stale || result.excepted) {
      run.shown_as[result.provision->id] = result.stale ? "stale" : "excepted";
    }
    for (const assess::CheckResult& check : result.checks) {
      for (const assess::Observation& violation : check.violations) {
        if (run.violations.size() < kMaxRecordedViolations && result.verdict == assess::Verdict::fail) {
          run.violations.emplace(violation.id, check.check + "\n" + violation.subject);
        }
      }
    }
  }
  return evidence::statement_of(run);
}

// Verifies the bundles that were found against what ai-system.yaml says under signing.
base::Result<std::vector<evidence::Signature>> verify_signatures(const Workplace& place,
                                                                 const inventory::Inventory& found) {
  std::vector<sign::FoundBundle> bundles;
  for (const evidence::Asset& asset : found.assets) {
    if (asset.kind == evidence::AssetKind::signature && asset.format == "sigstore-bundle" && !asset.is_part) {
      bundles.push_back({asset.path, asset.sha256});
    }
  }
  std::unique_ptr<sign::SignedDigestCache> cache;
  const base::UnixTime present{
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count()};
  if (place.cache && !bundles.empty()) {
    cache = TRY(sign::SignedDigestCache::open(place.state / "signed-digests", present));
  }
  std::vector<evidence::Signature> signatures =
      sign::verify_declared(place.directory, found.system.document["signing"], bundles, place.threads, cache.get());
  if (cache) {
    TRY(cache->save());
  }
  return signatures;
}

}  // namespace

base::Result<void> make_state(const fs::path& state) {
  std::error_code error;
  const bool created = fs::create_directories(state, error);
  if (error) {
    return base::Error{base::Errc::io,
                       "cannot be made: " + error.message() + " (use --state DIR, or --no-record to write nothing)", 0,
                       base::printable(state.native())};
  }
  if (created) {
    TRY(base::write_file(state / ".gitignore", "*\n"));
  }
  return {};
}

base::Result<Workplace> workplace(const Arguments& arguments, std::string_view directory) {
  Workplace place;
  place.directory = fs::path(std::string(directory));
  std::error_code error;
  const fs::file_status status = fs::status(place.directory, error);
  if (!fs::exists(status)) {
    return base::Error{base::Errc::usage,
                       error && status.type() == fs::file_type::none ? error.message() : "no such directory", 0,
                       base::printable(directory)};
  }
  if (!fs::is_directory(status)) {
    return base::Error{base::Errc::usage, "not a directory", 0, base::printable(directory)};
  }
  place.state = arguments.has("state") ? fs::path(arguments.get("state")) : place.directory / ".surety";
  if (arguments.has("organisation")) {
    place.organisation = arguments.get("organisation");
  }
  place.record = !arguments.has("no-record");
  place.watch = !arguments.has("no-watch");
  place.cache = place.record && !arguments.has("no-cache");
  if (arguments.has("threads")) {
    place.threads = static_cast<unsigned>(TRY(whole_number(arguments, "threads", 1, 256)));
  }
  place.sandboxed = !arguments.has("no-sandbox");
  if (arguments.has("time-limit")) {
    place.time_limit = std::chrono::seconds(TRY(whole_number(arguments, "time-limit", 1, 86'400)));
  }
  return place;
}

base::Result<catalog::Catalog> load_catalog(const Arguments& arguments) {
  if (arguments.has("catalog") && arguments.has("code")) {
    return base::Error{base::Errc::usage, "either --code or --catalog, not both"};
  }
  const std::vector<std::string> codes = arguments.all("code");
  catalog::Catalog loaded = arguments.has("catalog")
                                ? TRY(catalog::load(fs::path(arguments.get("catalog"))))
                                : TRY(catalog::load_built_in(codes.empty() ? "uk-ai-code" : codes.front()));
  for (const std::string& folder : arguments.all("checks")) {
    TRY(catalog::add_checks(loaded, folder));
  }
  return loaded;
}

namespace {

// Where readers remember: what they saw together with the scanner's verdicts, or without. Who only lists makes no
// folder.
fs::path cache_file(const Workplace& place, bool judged) {
  std::error_code error;
  if (!place.cache || place.state.empty() || (!judged && !fs::is_directory(place.state, error))) {
    return {};
  }
  return place.state / (judged ? "cache.bin" : "observed.bin");
}

base::Result<Readers> start(const Workplace& place, sandbox::Handler handler, bool judge) {
  sandbox::Limits limits;
  limits.time = place.time_limit;
  const unsigned threads =
      place.threads != 0 ? place.threads : std::clamp(std::thread::hardware_concurrency(), 1U, 16U);
  if (!place.sandboxed) {
    return Readers{sandbox::Pool::in_process(threads, handler, limits), judge};
  }
  return Readers{TRY(sandbox::Pool::start(threads, handler, limits)), judge};
}

}  // namespace

base::Result<Readers> start_readers(const Workplace& place) {
  return start(place, read_handler, true);
}

base::Result<Readers> start_observers(const Workplace& place) {
  std::error_code error;
  const bool remembers = fs::exists(cache_file(place, true), error);
  return remembers ? start_readers(place) : start(place, observe_handler, false);
}

base::Result<inventory::Inventory> discover(const Workplace& place, const Readers& readers) {
  inventory::Options options;
  options.root = place.directory;
  options.threads = place.threads;
  options.cache_file = cache_file(place, readers.judge);
  inventory::Inventory found =
      TRY(readers.judge ? inventory::discover(options, {*readers.pool, not_judged}, scan::version())
                        : inventory::discover(options, {*readers.pool, nullptr}, ""));
  if (place.sandboxed && found.cached_files < found.files) {
    if (const sandbox::Protections granted = readers.pool->protections(); !granted.complete()) {
      found.notes.push_back("the system grants only some protections to the reading processes: " + granted.text());
    }
  }
  return found;
}

base::Result<inventory::Inventory> discover(const Workplace& place) {
  const Readers readers = TRY(start_observers(place));
  return discover(place, readers);
}

namespace {

// Loads what other commands recorded, besides events.
base::Result<void> load_recorded(assess::Facts& facts, const ledger::Ledger& log) {
  return for_each_statement(log, [&](const ledger::Entry& entry) -> base::Result<void> {
    const std::string_view type = type_of(entry.key);
    if (is_made_anew(type) && type != evidence::kRecordPredicate) {
      return {};  // without parsing it: there may be many
    }
    const Statement statement = TRY(Statement::parse(entry.content));
    return facts.load(statement, entry.received);
  });
}

}  // namespace

base::Result<Outcome> run_pipeline(const Workplace& place, catalog::Catalog catalog,
                                   std::vector<catalog::Catalog> further) {
  const auto start = std::chrono::steady_clock::now();
  const Readers readers = TRY(start_readers(place));
  std::optional<ledger::Ledger> log;
  if (place.record) {
    TRY(make_state(place.state));
    log = TRY(ledger::Ledger::open(place.state, ledger::Ledger::Mode::write));
  }
  // Before anything is read: a file of exceptions that is wrong stops the run at once.
  std::optional<ReadExceptions> exceptions = TRY(read_exceptions(place.directory, catalog));
  const inventory::Inventory found = TRY(discover(place, readers));
  std::vector<Statement> statements = statements_of(found, place.directory, *readers.pool);
  if (exceptions) {
    statements.push_back(TRY(exceptions_statement(*std::move(exceptions), place.directory, found.system)));
  }
  if (const auto organisation = TRY(read_organisation(place, found.system))) {
    statements.push_back(assess::statement_of(*organisation));
  }
  for (const evidence::Signature& signature : TRY(verify_signatures(place, found))) {
    statements.push_back(evidence::statement_of(signature));
  }
  if (log) {
    if (const auto snapshot = TRY(recorded_snapshot(*log))) {
      statements.push_back(evidence::statement_of(TRY(drift_since(place, *snapshot))));
    }
  }
  const records::Records written = TRY(records::read(place.directory, found.system, provisions_of_records(catalog)));
  for (const evidence::RecordFile& file : written.files) {
    statements.push_back(evidence::statement_of(file));
  }
  for (const evidence::Record& record : written.records) {
    statements.push_back(evidence::statement_of(record));
  }
  Outcome outcome;
  outcome.catalog = std::make_unique<catalog::Catalog>(std::move(catalog));
  if (log) {
    std::vector<ledger::NewEntry> entries;
    std::set<std::string> seen;
    for (const Statement& statement : statements) {
      seen.insert(statement.key());
      entries.push_back({statement.key(), statement.canonical()});
    }
    const Statement tree = tree_statement(found);
    entries.push_back({tree.key(), tree.canonical()});
    for (ledger::NewEntry& gone : TRY(removals(*log, seen))) {
      entries.push_back(std::move(gone));
    }
    outcome.appended = TRY(log->append(entries));
  }
  std::vector<std::string> notes = found.notes;
  notes.insert(notes.end(), written.notes.begin(), written.notes.end());
  // Where nobody declared what belongs to the system, looking through its history is for surety log watch.
  if (log && place.watch && found.system.declared) {
    WatchOutcome watched = TRY(watch(place, found, *log));
    outcome.appended += watched.recorded;
    notes.insert(notes.end(), watched.notes.begin(), watched.notes.end());
  }
  LoadedEvents events = log ? TRY(load_and_project_events(*log, place.state, place.cache))
                            : LoadedEvents{TRY(assess::Facts::create()), false, {}};
  notes.insert(notes.end(), events.notes.begin(), events.notes.end());
  assess::Facts& facts = events.facts;
  for (const Statement& statement : statements) {
    if (!log ||
        statement.predicate_type != evidence::kRecordPredicate) {  // the ledger knows when it first saw a record
      TRY(facts.load(statement));
    }
  }
  if (log) {
    TRY(load_recorded(facts, *log));
  }
  const base::UnixTime now = base::now();
  TRY(facts.finish(now));
  const std::vector<threats::Rule> rules = TRY(threat_rules(place.threat_rules));
  auto model = derive_threats(facts, rules);
  if (!model && model.error().code != base::Errc::too_large) {
    return std::move(model).error();
  }
  outcome.records = TRY(record_count(facts));
  assess::Assessment& assessment = outcome.assessment;
  if (place.judge) {
    assessment = TRY(assess::assess(facts, *outcome.catalog));
  } else {
    assessment.catalog = outcome.catalog.get();
    assessment.system_name = base::printable(facts.system().document["system"]["name"].as_text());
  }
  if (model) {
    assessment.threats = std::move(*model);
  } else {
    notes.push_back("no threat model: " + model.error().text());
  }
  assessment.tool_version = kVersion;
  assessment.directory = base::printable(place.directory.native());
  if (assessment.system_name.empty()) {
    assessment.system_name = name_of(place.directory);
  }
  assessment.time = now;
  assessment.notes.insert(assessment.notes.begin(), std::make_move_iterator(notes.begin()),
                          std::make_move_iterator(notes.end()));
  assessment.files = found.files;
  assessment.bytes = found.bytes;
  if (log) {
    std::vector<ledger::NewEntry> entries;
    if (assessment.threats) {
      const Statement threats = evidence::statement_of(*assessment.threats);
      entries.push_back({threats.key(), threats.canonical()});
    }
    if (place.judge) {
      const Statement run = run_statement(found, assessment);
      entries.push_back({run.key(), run.canonical()});
    }
    outcome.appended += TRY(log->append(entries));
    assessment.checkpoint = TRY(log->checkpoint()).to_text();
  }
  if (std::getenv("SOURCE_DATE_EPOCH") == nullptr) {
    assessment.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }
  for (catalog::Catalog& other : further) {
    auto held = std::make_unique<catalog::Catalog>(std::move(other));
    assess::Assessment result = TRY(assess::assess(facts, *held, assess::Exceptions::ignored));
    result.tool_version = assessment.tool_version;
    result.directory = assessment.directory;
    result.system_name = assessment.system_name;
    result.time = assessment.time;
    std::vector<std::string> own = std::move(result.notes);  // what contradicts the rules of this Code
    result.notes = found.notes;
    result.notes.insert(result.notes.end(), written.notes.begin(), written.notes.end());
    result.notes.insert(result.notes.end(), own.begin(), own.end());
    result.files = assessment.files;
    result.bytes = assessment.bytes;
    result.seconds = assessment.seconds;
    result.checkpoint = assessment.checkpoint;
    outcome.further.push_back({std::move(held), std::move(result)});
  }
  return outcome;
}

namespace {

// What the ledger holds of the last assessment.
struct Recorded {
  assess::Facts facts;
  std::optional<evidence::Run> run;
  evidence::Tree tree;
  base::UnixTime last;  ///< When its newest entry was received.
  std::string checkpoint;
  std::map<std::string, std::uint64_t> entries;  ///< Of assets, by path.
};

base::Result<Recorded> recorded(const Workplace& place) {
  auto log = ledger::Ledger::open(place.state, ledger::Ledger::Mode::read);
  if (!log) {
    base::Error error = std::move(log).error();
    if (error.code == base::Errc::not_found) {
      error.message += " (run surety assess first)";
    }
    return error;
  }
  Recorded out{TRY(load_events(*log, place.state, true)).facts, {}, {}, {}, {}, {}};
  const assess::Facts::Table newest = TRY(out.facts.query("SELECT max(received) FROM events"));
  if (const auto& time = newest.rows.at(0).at(0)) {
    out.last = TRY(base::parse_time(*time));
  }
  const auto visit = [&](const ledger::Entry& entry) -> base::Result<void> {
    out.last = std::max(out.last, entry.received);
    const Statement statement = TRY(Statement::parse(entry.content));
    if (statement.predicate_type == evidence::kRunPredicate) {
      out.run = TRY(evidence::run_from(statement));
    } else if (statement.predicate_type == evidence::kTreePredicate) {
      out.tree = TRY(evidence::tree_from(statement));
    } else if (statement.predicate_type == evidence::kAssetPredicate && !statement.subjects.empty()) {
      out.entries[statement.subjects.front().name] = entry.index;
    }
    return out.facts.load(statement, entry.received);
  };
  TRY(for_each_statement(*log, visit));
  TRY(out.facts.finish(out.last));
  out.checkpoint = TRY(log->checkpoint()).to_text();
  return out;
}

}  // namespace

base::Result<assess::Facts> recorded_facts(const Workplace& place) {
  return TRY(recorded(place)).facts;
}

base::Result<Outcome> recorded_assessment(const Workplace& place, catalog::Catalog catalog) {
  Recorded known = TRY(recorded(place));
  if (!known.run) {
    return base::Error{base::Errc::not_found, "holds no assessment (run surety assess first)", 0,
                       base::printable(place.state.native())};
  }
  Outcome outcome;
  outcome.catalog = std::make_unique<catalog::Catalog>(std::move(catalog));
  outcome.records = TRY(record_count(known.facts));
  assess::Assessment& assessment = outcome.assessment;
  // Exceptions name provisions of the Code that the run assessed.
  assessment = TRY(assess::assess(
      known.facts, *outcome.catalog,
      known.run->catalog == outcome.catalog->id ? assess::Exceptions::counted : assess::Exceptions::ignored));
  assessment.tool_version = kVersion;
  assessment.directory = base::printable(place.directory.native());
  if (assessment.system_name.empty()) {
    assessment.system_name = name_of(place.directory);
  }
  // In the order of discovery, which the ledger does not keep.
  std::stable_sort(assessment.assets.begin(), assessment.assets.end(),
                   [](const evidence::Asset& a, const evidence::Asset& b) { return a.path < b.path; });
  assessment.time = known.last;
  assessment.files = known.tree.files;
  assessment.bytes = known.tree.bytes;
  assessment.checkpoint = std::move(known.checkpoint);
  outcome.entries = std::move(known.entries);
  return outcome;
}

}  // namespace app
