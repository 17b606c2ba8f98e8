#include "app/signature_record.h"

#include <optional>

#include "app/pipeline.h"
#include "base/text.h"
#include "evidence/signature.h"
#include "ledger/ledger.h"
#include "sign/declared.h"

namespace app {
namespace {

namespace fs = std::filesystem;
using base::Errc;
using base::Error;
using base::Result;

std::optional<fs::path> nearest_with_ledger(const fs::path& model) {
  std::error_code error;
  fs::path folder = fs::canonical(model, error);
  if (error) {
    return std::nullopt;
  }
  for (;; folder = folder.parent_path()) {
    if (fs::is_regular_file(folder / ".surety" / "ledger.db", error)) {
      return folder;
    }
    if (folder == folder.parent_path()) {
      return std::nullopt;
    }
  }
}

// Where `path` lies as seen from `directory`.
Result<std::string> place_from(const fs::path& path, const fs::path& directory) {
  std::error_code error;
  const fs::path whole = fs::canonical(path, error);
  const fs::path from = error ? fs::path() : fs::canonical(directory, error);
  if (error) {
    return Error{Errc::io, error.message(), 0, base::printable(path.native())};
  }
  return whole.lexically_relative(from).native();
}

}  // namespace

Result<void> record_signature(const Arguments& arguments, const fs::path& model, const fs::path& bundle_file,
                              std::string_view bundle_text, const std::string& trust,
                              const sign::Verification& verification, Console& console) {
  if (arguments.has("no-record")) {
    return {};
  }
  std::optional<fs::path> directory;
  if (arguments.has("record")) {
    directory = arguments.get("record");
    std::error_code error;
    if (!fs::is_directory(*directory, error)) {
      return Error{Errc::usage, "--record: not a directory", 0, base::printable(directory->native())};
    }
    TRY(make_state(*directory / ".surety"));
  } else {
    directory = nearest_with_ledger(model);
  }
  if (!directory) {
    return {};
  }
  const std::string bundle_place = TRY(place_from(bundle_file, *directory));
  const std::string model_place = TRY(place_from(model, *directory));
  const evidence::Statement statement = evidence::statement_of(
      sign::evidence_of(verification, {bundle_place, base::sha256(bundle_text)}, model_place, trust));
  ledger::Ledger log = TRY(ledger::Ledger::open(*directory / ".surety", ledger::Ledger::Mode::write));
  const ledger::NewEntry entry{statement.key(), statement.canonical()};
  const auto appended = TRY(log.append({&entry, 1}));
  console.err << "surety: " << (appended == 0 ? "already on record in " : "recorded in ")
              << base::printable((*directory / ".surety").native()) << "\n";
  return {};
}

}  // namespace app
