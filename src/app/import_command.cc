#include <algorithm>
#include <map>
#include <system_error>
#include <vector>

#include "app/known_good.h"
#include "app/pipeline.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "imports/imports.h"

namespace app {
namespace {

namespace fs = std::filesystem;
using base::Value;
using evidence::ImportedResult;

// Discovered assets by path, with their digests; empty where nothing was assessed yet.
using KnownAssets = std::map<std::string, base::Sha256, std::less<>>;

base::Result<KnownAssets> known_assets(const Workplace& place) {
  KnownAssets out;
  const auto facts = recorded_facts(place);
  if (!facts) {
    return facts.error().code == base::Errc::not_found ? base::Result<KnownAssets>(std::move(out)) : facts.error();
  }
  for (const evidence::Asset& asset : facts->assets()) {
    if (!asset.is_part && asset.sha256.is_set()) {
      out.emplace(asset.path, asset.sha256);
    }
  }
  return out;
}

// The asset that a tool means, which may have run in another folder: the path itself, what follows the directory's own
// path, or the one path that ends like it. Containers are named "model.pt:data.pkl" or "model.pt!data.pkl".
KnownAssets::const_iterator asset_named(const KnownAssets& assets, std::string name, const std::string& directory) {
  std::replace(name.begin(), name.end(), '\\', '/');
  if (name.starts_with(directory + "/")) {
    name.erase(0, directory.size() + 1);
  }
  while (name.starts_with("./")) {
    name.erase(0, 2);
  }
  for (const std::string_view mark : {"", "!", ":"}) {
    const std::string stem = mark.empty() ? name : name.substr(0, name.rfind(mark));
    if (const auto found = assets.find(stem); found != assets.end()) {
      return found;
    }
    auto match = assets.end();
    for (auto each = assets.begin(); each != assets.end() && !stem.empty(); ++each) {
      if (each->first.ends_with("/" + stem) || std::string_view(stem).ends_with("/" + each->first)) {
        if (match != assets.end()) {
          return assets.end();  // two may be meant
        }
        match = each;
      }
    }
    if (match != assets.end()) {
      return match;
    }
  }
  return assets.end();
}

void find_subjects(ImportedResult& result, const KnownAssets& assets, const fs::path& directory) {
  std::error_code error;
  const fs::path whole = fs::canonical(directory, error);
  for (evidence::ImportedSubject& subject : result.subjects) {
    const auto asset = asset_named(assets, subject.name, error ? directory.native() : whole.native());
    if (asset == assets.end()) {
      continue;
    }
    subject.path = asset->first;
    if (!subject.sha256.is_set()) {
      subject.sha256 = asset->second;
      subject.digest_is_ours = true;
    } else if (subject.sha256 != asset->second && result.notes.size() < 100) {
      result.notes.push_back(base::printable(subject.path) + " has another digest now than the tool saw");
    }
  }
}

base::Result<ImportedResult> read_file(const std::string& file, const Workplace& place,
                                       std::optional<imports::Format> as) {
  const std::string content = TRY(base::read_file(file, imports::kMaxResultBytes));
  auto result = imports::read_result(content, as);
  if (!result) {
    return std::move(result).error().in_file(base::printable(file));
  }
  std::error_code error;
  const fs::path relative = fs::proximate(file, place.directory, error);
  result->file = error || relative.native().starts_with("..") ? fs::path(file).filename().native() : relative.native();
  result->sha256 = base::sha256(content);
  return result;
}

Value result_value(const ImportedResult& result) {
  Value::List subjects;
  for (const evidence::ImportedSubject& subject : result.subjects) {
    subjects.emplace_back(Value::Map{{"name", subject.name},
                                     {"path", subject.path.empty() ? Value() : Value(subject.path)},
                                     {"sha256", subject.sha256.is_set() ? Value(subject.sha256.hex()) : Value()},
                                     {"digest_is_ours", subject.digest_is_ours}});
  }
  Value::List findings;
  for (const evidence::ImportedFinding& finding : result.findings) {
    findings.emplace_back(Value::Map{{"rule", finding.rule},
                                     {"severity", evidence::to_string(finding.severity)},
                                     {"outcome", evidence::to_string(finding.outcome)},
                                     {"subject", finding.subject},
                                     {"place", finding.place},
                                     {"message", finding.message},
                                     {"hits", finding.hits},
                                     {"total", finding.total}});
  }
  Value::List notes;
  for (const std::string& note : result.notes) {
    notes.emplace_back(note);
  }
  return Value::Map{{"file", result.file},
                    {"sha256", result.sha256.hex()},
                    {"format", result.format},
                    {"purpose", result.purpose},
                    {"tool", result.tool},
                    {"version", result.version.empty() ? Value() : Value(result.version)},
                    {"time", result.time.empty() ? Value() : Value(result.time)},
                    {"complete", result.complete},
                    {"passed", result.passed},
                    {"failed", result.failed},
                    {"errors", result.errors},
                    {"subjects", std::move(subjects)},
                    {"findings", std::move(findings)},
                    {"notes", std::move(notes)}};
}

void print_text(const std::vector<ImportedResult>& results, bool recorded, Console& console) {
  for (const ImportedResult& result : results) {
    console.out << base::printable(result.file) << ": " << result.tool
                << (result.version.empty() ? "" : " " + result.version) << " (" << result.format << ")"
                << (result.time.empty() ? ", no time given" : ", " + result.time) << "\n  "
                << base::counted(result.subjects.size(), "subject") << "; " << result.failed << " failed, "
                << result.passed << " passed, " << base::counted(result.errors, "error") << "\n";
    const auto bound = std::count_if(result.subjects.begin(), result.subjects.end(),
                                     [](const auto& subject) { return subject.sha256.is_set(); });
    console.out << "  bound to the digest of " << bound << " of them\n";
    for (const std::string& note : result.notes) {
      console.out << "  note: " << base::printable(note) << "\n";
    }
  }
  console.out << (recorded ? "Recorded; surety assess counts it.\n" : "Nothing was recorded (--no-record).\n");
}

base::Result<void> import(const Arguments& arguments, Console& console) {
  if (arguments.positional().empty()) {
    return base::Error{base::Errc::usage, "no result file given"};
  }
  const Workplace place = TRY(workplace(arguments, arguments.get("directory", ".")));
  const auto as = arguments.has("tool") ? imports::format(arguments.get("tool")) : std::nullopt;
  const KnownAssets assets = TRY(known_assets(place));
  if (assets.empty()) {
    console.err << "surety: nothing was assessed here yet: the results are not bound to digests of files (run surety "
                   "assess first)\n";
  }
  std::vector<ImportedResult> results;
  for (const std::string& file : arguments.positional()) {
    results.push_back(TRY(read_file(file, place, as)));
    find_subjects(results.back(), assets, place.directory);
  }
  if (place.record) {
    TRY(make_state(place.state));
    for (const ImportedResult& result : results) {
      TRY(record(place, evidence::statement_of(result)));
    }
  }
  if (arguments.get("format") == "json") {
    Value::List list;
    for (const ImportedResult& result : results) {
      list.push_back(result_value(result));
    }
    console.out << base::to_json(Value(std::move(list)), 1) << "\n";
    return {};
  }
  print_text(results, place.record, console);
  return {};
}

}  // namespace

Exit run_import(const Arguments& arguments, Console& console) {
  if (const auto done = import(arguments, console); !done) {
    return report_error(done.error(), console);
  }
  return Exit::passed;
}

}  // namespace app
