#include <chrono>
#include <set>
#include <system_error>

#include "app/known_good.h"
#include "app/scratch_directory.h"
#include "app/sign_options.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "recovery/fetch.h"
#include "sign/sign_model.h"

namespace app {
namespace {

namespace fs = std::filesystem;
using base::Errc;
using base::Error;
using base::Result;

// A directory is recorded whole, so that it is found again from anywhere.
Result<std::string> recorded_place(const std::string& text) {
  const recovery::Place place = TRY(recovery::Place::parse(text));
  if (place.kind != recovery::Place::Kind::directory) {
    return text;
  }
  std::error_code error;
  const fs::path whole = fs::absolute(place.location, error);
  return error ? text : whole.lexically_normal().native();
}

Result<void> take_snapshot(const Arguments& arguments, Console& console) {
  const Workplace place = TRY(workplace(arguments, arguments.positional(0, ".")));
  evidence::Snapshot snapshot;
  for (const std::string& text : arguments.all("place")) {
    snapshot.places.push_back(TRY(recorded_place(text)));
  }
  if (snapshot.places.empty()) {
    return Error{Errc::usage, "--place is needed: where the bytes are kept, so that they can be fetched again"};
  }
  if (!arguments.has("private-key")) {
    return Error{Errc::usage, "--private-key FILE is needed"};
  }
  const std::string passphrase = TRY(passphrase_of(arguments));
  base::PrivateKey key = TRY(base::PrivateKey::from_file(arguments.get("private-key"), passphrase));
  snapshot.public_key = key.public_key().pem();
  const sign::Signer signer = TRY(sign::Signer::create(std::move(key), {}, present()));
  sign::SignOptions options;
  options.threads = place.threads;
  options.ignore_paths = TRY(sign::relative_to_model(place.directory, arguments.all("ignore-paths")));
  for (std::string& path : TRY(outside_snapshots(place))) {
    options.ignore_paths.push_back(std::move(path));
  }
  const std::vector<sign::SignedModel> models = TRY(sign::sign_model(place.directory, signer, options));
  const sign::SignedModel& model = models.front();
  std::error_code error;
  for (const sign::Resource& resource : model.manifest.resources) {
    snapshot.bytes += fs::file_size(place.directory / resource.path, error);
    if (error) {
      return Error{Errc::io, "changed while it was read: " + error.message(), 0, base::printable(resource.path)};
    }
  }
  std::copy(model.manifest.root_digest.begin(), model.manifest.root_digest.end(), snapshot.root.bytes.begin());
  snapshot.bundle = base::sha256(model.bundle);
  snapshot.files = model.manifest.resources.size();
  snapshot.time = base::now();
  TRY(make_state(place.state));
  TRY(base::write_file(snapshot_bundle_path(place), model.bundle));
  TRY(record(place, evidence::statement_of(snapshot)));
  console.out << "Recorded " << base::counted(snapshot.files, "file") << ", " << base::human_bytes(snapshot.bytes)
              << ", root " << snapshot.root.hex() << "\n"
              << "  signed by key " << sign::key_hint(signer.key.public_key()) << ": "
              << base::printable(snapshot_bundle_path(place).native()) << "\n";
  for (const std::string& kept : snapshot.places) {
    console.out << "  kept in " << base::printable(kept) << "\n";
  }
  console.out << "Nothing was fetched from there yet: surety restore --drill tells whether it can be.\n";
  return {};
}

struct Drilled {
  evidence::RestoreDrill drill;
  std::vector<std::string> problems;
  bool lied = false;  ///< Something came that is not what was signed.
};

Result<Drilled> restore(const Workplace& place, const evidence::Snapshot& snapshot, const base::PublicKey& key,
                        const std::string& from, const fs::path& into, const fs::path& clone) {
  const sign::Bundle bundle = TRY(snapshot_bundle(place, snapshot));
  sign::VerifyOptions options;
  options.threads = place.threads;
  sign::Verification signature;
  TRY(sign::verify_envelope(bundle, sign::KeyTrust{key}, options, signature));
  if (!signature.signature_verified) {
    return Error{Errc::untrusted, "the snapshot's signature does not verify: " +
                                      (signature.problems.empty() ? "no reason" : signature.problems.front().message)};
  }
  const sign::Manifest manifest = TRY(sign::Manifest::parse(bundle.envelope->payload));
  std::set<std::string> names;
  for (const sign::Resource& resource : manifest.resources) {
    names.insert(resource.path);
  }
  const std::vector<std::string> wanted(names.begin(), names.end());

  Drilled out;
  out.drill.root = snapshot.root;
  out.drill.place = from;
  const recovery::Place parsed = TRY(recovery::Place::parse(from));
  const auto start = std::chrono::steady_clock::now();
  std::set<std::string> named;
  auto store = recovery::open_store(parsed, clone);
  if (store) {
    const recovery::Fetched fetched = TRY(recovery::fetch_files(**store, wanted, into, snapshot.bytes));
    for (const recovery::FetchProblem& problem : fetched.problems) {
      named.insert(problem.name);
      out.problems.push_back(base::printable(problem.name) + ": " + problem.error.message);
    }
    const sign::Verification verification = TRY(sign::verify_model(into, bundle, sign::KeyTrust{key}, options));
    out.drill.files = verification.verified_files.size();
    out.drill.bytes = verification.bytes;
    for (const sign::Problem& problem : verification.problems) {
      if (!named.contains(problem.path)) {
        out.problems.push_back((problem.path.empty() ? "" : base::printable(problem.path) + ": ") + problem.message);
        out.lied = true;
      }
    }
  } else {
    out.problems.push_back(store.error().text());
  }
  out.drill.milliseconds = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start).count());
  out.drill.problems = out.problems.size();
  out.drill.restored = out.problems.empty();
  out.drill.listed.assign(
      out.problems.begin(),
      out.problems.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(out.problems.size(), 100)));
  out.drill.time = base::now();
  return out;
}

Result<Exit> run(const Arguments& arguments, Console& console) {
  const Workplace place = TRY(workplace(arguments, arguments.positional(0, ".")));
  const bool drill = arguments.has("drill");
  if (drill == arguments.has("into")) {
    return Error{Errc::usage, "say one of --drill (a scratch directory that is removed) and --into DIRECTORY"};
  }
  std::optional<evidence::Snapshot> snapshot;
  {
    const auto log = TRY(ledger::Ledger::open(place.state, ledger::Ledger::Mode::read));
    snapshot = TRY(recorded_snapshot(log));
  }
  if (!snapshot) {
    return Error{Errc::not_found, "no snapshot is on record (run surety snapshot first)"};
  }
  std::string pem = snapshot->public_key;
  if (arguments.has("public-key")) {
    pem = TRY(base::read_file(arguments.get("public-key"), 1U << 20));
  }
  const base::PublicKey key = TRY(base::PublicKey::from_pem(pem));
  std::string from = snapshot->places.empty() ? std::string() : snapshot->places.front();
  if (arguments.has("place")) {
    from = TRY(recorded_place(arguments.get("place")));
  }
  const ScratchDirectory scratch = TRY(ScratchDirectory::create("drill"));
  const fs::path into = drill ? scratch.path() / "files" : fs::path(arguments.get("into"));
  const Drilled done = TRY(restore(place, *snapshot, key, from, into, scratch.path() / "clone"));
  TRY(record(place, evidence::statement_of(done.drill)));
  if (arguments.get("format", "text") == "json") {
    console.out << base::to_json(evidence::statement_of(done.drill).to_value(), 2) << "\n";
  } else {
    for (const std::string& problem : done.problems) {
      console.out << "NOT RESTORED  " << problem << "\n";
    }
    console.out << (done.drill.restored ? "Restored: " : "Not restored: only ") << done.drill.files << " of "
                << base::counted(snapshot->files, "file") << ", " << base::human_bytes(done.drill.bytes) << " in "
                << done.drill.milliseconds << " ms, from " << base::printable(from)
                << (drill ? " (drill; nothing was kept)" : " into " + base::printable(into.native())) << "\n";
  }
  if (done.drill.restored) {
    return Exit::passed;
  }
  return done.lied ? Exit::integrity : Exit::environment;
}

}  // namespace

Exit run_snapshot(const Arguments& arguments, Console& console) {
  return exit_of(take_snapshot(arguments, console), console);
}

Exit run_restore(const Arguments& arguments, Console& console) {
  const auto code = run(arguments, console);
  return code ? *code : report_error(code.error(), console);
}

}  // namespace app
