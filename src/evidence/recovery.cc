#include "evidence/recovery.h"

#include "evidence/fields.h"

namespace evidence {

using base::Result;
using base::Value;

namespace {

Value difference_value(const Difference& difference) {
  MapWriter out(2);
  out.text("path", difference.path);
  out.text("change", difference.change);
  return out.take();
}
Result<Difference> difference_from(const Value& value, const std::string& place) {
  MapReader in = TRY(MapReader::open(value, place));
  Difference out;
  TRY(in.text("path", out.path));
  TRY(in.required_text("change", out.change));
  TRY(in.finish());
  return out;
}

Value released_value(const ReleasedFile& file) {
  MapWriter out(3);
  out.text("role", file.role);
  out.text("path", file.path);
  out.always("sha256", file.sha256.hex());
  return out.take();
}
Result<ReleasedFile> released_from(const Value& value, const std::string& place) {
  MapReader in = TRY(MapReader::open(value, place));
  ReleasedFile out;
  TRY(in.required_text("role", out.role));
  TRY(in.required_text("path", out.path));
  TRY(in.digest("sha256", out.sha256));
  if (!out.sha256.is_set()) {
    return malformed(in.at("sha256"), "is missing");
  }
  TRY(in.finish());
  return out;
}

}  // namespace

Statement statement_of(const Snapshot& snapshot) {
  MapWriter out(6);
  out.always("bundle", snapshot.bundle.hex());
  out.text("public_key", snapshot.public_key);
  out.always("files", number_value(snapshot.files));
  out.always("bytes", number_value(snapshot.bytes));
  out.texts("places", snapshot.places);
  out.always("time", base::to_iso8601(snapshot.time));
  return {{{".", snapshot.root}}, std::string(kSnapshotPredicate), out.take()};
}

Statement statement_of(const Drift& drift) {
  MapWriter out(4);
  out.always("signature_verified", drift.signature_verified);
  out.always("files", number_value(drift.files));
  out.always("differences", number_value(drift.differences));
  out.list("listed", drift.listed, &difference_value);
  return {{{".", drift.root}}, std::string(kDriftPredicate), out.take()};
}

Statement statement_of(const RestoreDrill& drill) {
  MapWriter out(8);
  out.text("place", drill.place);
  out.always("restored", drill.restored);
  out.always("files", number_value(drill.files));
  out.always("bytes", number_value(drill.bytes));
  out.always("milliseconds", number_value(drill.milliseconds));
  out.always("problems", number_value(drill.problems));
  out.texts("listed", drill.listed);
  out.always("time", base::to_iso8601(drill.time));
  return {{{".", drill.root}}, std::string(kRestoreDrillPredicate), out.take()};
}

Statement statement_of(const Release& release) {
  MapWriter out(4);
  out.text("name", release.name);
  out.list("files", release.files, &released_value);
  out.texts("missing", release.missing);
  out.always("time", base::to_iso8601(release.time));
  return {{{".", release.root}}, std::string(kReleasePredicate), out.take()};
}

Result<Snapshot> snapshot_from(const Statement& statement) {
  auto [subject, in] = TRY(open_statement(statement, kSnapshotPredicate));
  Snapshot out;
  out.root = subject.sha256;
  TRY(in.digest("bundle", out.bundle));
  if (!out.bundle.is_set()) {
    return malformed(in.at("bundle"), "is missing");
  }
  TRY(in.required_text("public_key", out.public_key));
  TRY(in.number("files", out.files));
  TRY(in.number("bytes", out.bytes));
  TRY(in.texts("places", out.places));
  TRY(in.time("time", out.time));
  TRY(in.finish());
  return out;
}

Result<Drift> drift_from(const Statement& statement) {
  auto [subject, in] = TRY(open_statement(statement, kDriftPredicate));
  Drift out;
  out.root = subject.sha256;
  TRY(in.flag("signature_verified", out.signature_verified));
  TRY(in.number("files", out.files));
  TRY(in.number("differences", out.differences));
  TRY(in.list("listed", out.listed, &difference_from));
  if (out.listed.size() > kMaxListedDifferences || out.listed.size() > out.differences) {
    return malformed(in.at("listed"), "lists more than there are, or more than 1000");
  }
  TRY(in.finish());
  return out;
}

Result<RestoreDrill> restore_drill_from(const Statement& statement) {
  auto [subject, in] = TRY(open_statement(statement, kRestoreDrillPredicate));
  RestoreDrill out;
  out.root = subject.sha256;
  TRY(in.required_text("place", out.place));
  TRY(in.flag("restored", out.restored));
  TRY(in.number("files", out.files));
  TRY(in.number("bytes", out.bytes));
  TRY(in.number("milliseconds", out.milliseconds));
  TRY(in.number("problems", out.problems));
  TRY(in.texts("listed", out.listed));
  TRY(in.time("time", out.time));
  TRY(in.finish());
  if (out.restored && out.problems != 0) {
    return malformed(in.at("restored"), "is true although there are problems");
  }
  return out;
}

Result<Release> release_from(const Statement& statement) {
  auto [subject, in] = TRY(open_statement(statement, kReleasePredicate));
  Release out;
  out.root = subject.sha256;
  TRY(in.required_text("name", out.name));
  TRY(in.list("files", out.files, &released_from));
  TRY(in.texts("missing", out.missing));
  TRY(in.time("time", out.time));
  TRY(in.finish());
  return out;
}

}  // namespace evidence
