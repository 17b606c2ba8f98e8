#include "app/known_good.h"

#include <system_error>

#include "base/file.h"
#include "base/text.h"
#include "sign/digest_cache.h"
#include "sign/sign_model.h"

namespace app {

using base::Errc;
using base::Error;
using base::Result;

namespace {

namespace fs = std::filesystem;

// The present by the clock: an age must not be made younger by SOURCE_DATE_EPOCH.
base::UnixTime clock_time() {
  return {
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count()};
}

}  // namespace

fs::path snapshot_bundle_path(const Workplace& place) {
  return place.state / "snapshot.sigstore.json";
}

Result<std::vector<std::string>> outside_snapshots(const Workplace& place) {
  std::vector<std::string> out;
  if (const auto inside = sign::place_in_model(place.directory, place.state)) {
    out.push_back(*inside);
  }
  return out;
}

Result<std::optional<evidence::Snapshot>> recorded_snapshot(const ledger::Ledger& log) {
  const std::string key = evidence::statement_of(evidence::Snapshot{}).key();
  const std::optional<ledger::Entry> entry = TRY(log.current(key));
  if (!entry) {
    return std::optional<evidence::Snapshot>();
  }
  const evidence::Statement statement = TRY(evidence::Statement::parse(entry->content));
  return std::optional(TRY(evidence::snapshot_from(statement)));
}

Result<sign::Bundle> snapshot_bundle(const Workplace& place, const evidence::Snapshot& snapshot) {
  const fs::path path = snapshot_bundle_path(place);
  const std::string text = TRY(base::read_file(path, sign::kMaxBundleBytes));
  if (base::sha256(text) != snapshot.bundle) {
    return Error{Errc::untrusted, "is not the signature that the ledger has of the last snapshot", 0,
                 base::printable(path.native())};
  }
  auto bundle = sign::Bundle::parse(text);
  if (!bundle) {
    return std::move(bundle).error().in_file(base::printable(path.native()));
  }
  return bundle;
}

Result<evidence::Drift> drift_since(const Workplace& place, const evidence::Snapshot& snapshot) {
  evidence::Drift out;
  out.root = snapshot.root;
  out.files = snapshot.files;
  const auto bundle = snapshot_bundle(place, snapshot);
  const auto key = base::PublicKey::from_pem(snapshot.public_key);
  if (!bundle || !key) {
    return out;  // not verified, which is what a reader is told
  }
  sign::VerifyOptions options;
  options.ignore_paths = TRY(outside_snapshots(place));
  options.threads = place.threads;
  std::unique_ptr<sign::SignedDigestCache> cache;
  if (place.cache) {
    cache = TRY(sign::SignedDigestCache::open(place.state / "signed-digests", clock_time()));
    options.cache = cache.get();
  }
  sign::Verification signature;
  const auto checked = sign::verify_envelope(*bundle, sign::KeyTrust{*key}, options, signature);
  out.signature_verified = checked && signature.signature_verified;
  if (!out.signature_verified) {
    return out;
  }
  const auto verification = sign::verify_model(place.directory, *bundle, sign::KeyTrust{*key}, options);
  if (!verification) {  // a file that is written to all the time, or one that may not be read
    out.differences = 1;
    out.listed.push_back({".", "not-compared"});
    return out;
  }
  if (cache) {
    TRY(cache->save());
  }
  for (const sign::Problem& problem : verification->problems) {
    if (!problem.path.empty()) {
      ++out.differences;
      if (out.listed.size() < evidence::kMaxListedDifferences) {
        out.listed.push_back({problem.path, problem.code});
      }
    }
  }
  return out;
}

Result<void> record(const Workplace& place, const evidence::Statement& statement) {
  TRY(make_state(place.state));
  auto log = TRY(ledger::Ledger::open(place.state, ledger::Ledger::Mode::write));
  const ledger::NewEntry entry{statement.key(), statement.canonical()};
  TRY(log.append({&entry, 1}));
  return {};
}

}  // namespace app
