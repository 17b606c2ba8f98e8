#include "evidence/record.h"

#include "base/json.h"
#include "evidence/fields.h"

namespace evidence {
namespace {

using base::Result;
using base::Value;

Value place_value(const RecordPlace& place) {
  MapWriter out(2);
  out.text("id", place.id);
  out.number("line", place.line);
  return out.take();
}

Result<RecordPlace> place_from(const Value& value, const std::string& place) {
  MapReader in = TRY(MapReader::open(value, place));
  RecordPlace out;
  TRY(in.required_text("id", out.id));
  TRY(in.number("line", out.line));
  TRY(in.finish());
  return out;
}

Value reference_value(const RecordReference& reference) {
  MapWriter out(5);
  out.text("record", reference.record);
  out.text("field", reference.field);
  out.text("path", reference.path);
  out.flag("found", reference.found);
  if (reference.sha256.is_set()) {
    out.always("sha256", reference.sha256.hex());
  }
  return out.take();
}

Result<RecordReference> reference_from(const Value& value, const std::string& place) {
  MapReader in = TRY(MapReader::open(value, place));
  RecordReference out;
  TRY(in.required_text("record", out.record));
  TRY(in.required_text("field", out.field));
  TRY(in.required_text("path", out.path));
  TRY(in.flag("found", out.found));
  TRY(in.digest("sha256", out.sha256));
  TRY(in.finish());
  return out;
}

Value count_value(const Control::Count& count) {
  MapWriter out(2);
  out.text("name", count.name);
  out.always("value", number_value(count.value));
  return out.take();
}

Result<Control::Count> count_from(const Value& value, const std::string& place) {
  MapReader in = TRY(MapReader::open(value, place));
  Control::Count out;
  TRY(in.required_text("name", out.name));
  TRY(in.number("value", out.value));
  TRY(in.finish());
  return out;
}

Value signal_value(const Monitor::Signal& signal) {
  MapWriter out(4);
  out.text("name", signal.name);
  out.text("baseline", signal.baseline);
  out.text("observed", signal.observed);
  out.text("result", signal.result);
  return out.take();
}

Result<Monitor::Signal> signal_from(const Value& value, const std::string& place) {
  MapReader in = TRY(MapReader::open(value, place));
  Monitor::Signal out;
  TRY(in.required_text("name", out.name));
  TRY(in.text("baseline", out.baseline));
  TRY(in.text("observed", out.observed));
  TRY(in.required_text("result", out.result));
  TRY(in.finish());
  return out;
}

Value signer_value(const RecordSigner& signer) {
  MapWriter out(5);
  out.text("id", signer.id);
  out.text("name", signer.name);
  out.text("role", signer.role);
  out.text("key", signer.key);
  out.texts("provisions", signer.provisions);
  return out.take();
}

Result<RecordSigner> signer_from(const Value& value, const std::string& place) {
  MapReader in = TRY(MapReader::open(value, place));
  RecordSigner out;
  TRY(in.required_text("id", out.id));
  TRY(in.text("name", out.name));
  TRY(in.text("role", out.role));
  TRY(in.text("key", out.key));
  TRY(in.texts("provisions", out.provisions));
  TRY(in.finish());
  return out;
}

void write_period(MapWriter& out, base::UnixTime since, base::UnixTime until) {
  out.always("since", base::to_iso8601(since));
  out.always("until", base::to_iso8601(until));
}

Result<void> read_period(MapReader& in, base::UnixTime& since, base::UnixTime& until) {
  TRY(in.time("since", since));
  TRY(in.time("until", until));
  if (until < since) {
    return malformed(in.at("until"), "is before since");
  }
  return {};
}

}  // namespace

Statement statement_of(const Record& record) {
  MapWriter out(8);
  out.text("kind", record.kind);
  out.text("id", record.id);
  out.text("file", record.file);
  out.always("effective", base::to_iso8601(record.effective));
  if (record.valid_until) {
    out.always("valid_until", base::to_iso8601(*record.valid_until));
  }
  out.flag("validity_by_default", record.validity_by_default);
  out.text("owner", record.owner);
  out.text("made_by", record.made_by);
  Value document = encoded_value(record.document);
  const base::Sha256 digest = base::sha256(base::to_canonical_json(document));
  out.always("document", std::move(document));
  return {{{record.file + "#" + record.kind + "/" + record.id, digest}}, std::string(kRecordPredicate), out.take()};
}

Result<Record> record_from(const Statement& statement) {
  auto [subject, in] = TRY(open_statement(statement, kRecordPredicate));
  Record out;
  TRY(in.required_text("kind", out.kind));
  TRY(in.required_text("id", out.id));
  TRY(in.required_text("file", out.file));
  TRY(in.time("effective", out.effective));
  TRY(in.optional_time("valid_until", out.valid_until));
  TRY(in.flag("validity_by_default", out.validity_by_default));
  TRY(in.text("owner", out.owner));
  TRY(in.text("made_by", out.made_by));
  TRY(in.document("document", out.document));
  TRY(in.finish());
  if (subject.name != out.file + "#" + out.kind + "/" + out.id) {
    return malformed("subject", "is not the record that the predicate tells of");
  }
  return out;
}

Statement statement_of(const RecordFile& file) {
  MapWriter out(7);
  out.text("kind", file.kind);
  out.list("places", file.places, &place_value);
  out.list("references", file.references, &reference_value);
  out.list("signers", file.signers, &signer_value);
  return {{{file.path, file.sha256}}, std::string(kRecordFilePredicate), out.take()};
}

Result<RecordFile> record_file_from(const Statement& statement) {
  auto [subject, in] = TRY(open_statement(statement, kRecordFilePredicate));
  RecordFile out;
  out.path = subject.name;
  out.sha256 = subject.sha256;
  TRY(in.required_text("kind", out.kind));
  TRY(in.list("places", out.places, &place_from));
  TRY(in.list("references", out.references, &reference_from));
  TRY(in.list("signers", out.signers, &signer_from));
  RecordSigner only;  // as statements named it when a file had one signer
  TRY(in.text("signer", only.id));
  TRY(in.text("signer_name", only.name));
  TRY(in.text("signer_role", only.role));
  TRY(in.text("key", only.key));
  if (!only.id.empty()) {
    out.signers.push_back(std::move(only));
  }
  TRY(in.finish());
  return out;
}

Statement statement_of(const Control& control) {
  MapWriter out(13);
  out.text("name", control.name);
  out.text("source", control.source);
  out.texts("provisions", control.provisions);
  out.flag("enabled", control.enabled);
  out.text("mode", control.mode);
  if (control.configuration.is_set()) {
    out.always("configuration", control.configuration.hex());
  }
  out.text("file", control.file);
  if (control.file_sha256.is_set()) {
    out.always("file_sha256", control.file_sha256.hex());
  }
  out.text("self_test", control.self_test);
  out.always("self_tested", base::to_iso8601(control.self_tested));
  write_period(out, control.since, control.until);
  out.list("counts", control.counts, &count_value);
  return {{{control.source + "#" + control.name, {}}}, std::string(kControlPredicate), out.take()};
}

Result<Control> control_from(const Statement& statement) {
  auto [subject, in] = TRY(open_statement(statement, kControlPredicate));
  Control out;
  TRY(in.required_text("name", out.name));
  TRY(in.required_text("source", out.source));
  TRY(in.texts("provisions", out.provisions));
  TRY(in.flag("enabled", out.enabled));
  TRY(in.text("mode", out.mode));
  TRY(in.digest("configuration", out.configuration));
  TRY(in.text("file", out.file));
  TRY(in.digest("file_sha256", out.file_sha256));
  TRY(in.required_text("self_test", out.self_test));
  TRY(in.time("self_tested", out.self_tested));
  TRY(read_period(in, out.since, out.until));
  TRY(in.list("counts", out.counts, &count_from));
  TRY(in.finish());
  if (subject.name != out.source + "#" + out.name) {
    return malformed("subject", "is not the control that the predicate tells of");
  }
  return out;
}

Statement statement_of(const Monitor& monitor) {
  MapWriter out(10);
  out.text("name", monitor.name);
  out.text("source", monitor.source);
  out.texts("covers", monitor.covers);
  out.texts("subjects", monitor.subjects);
  if (monitor.configuration.is_set()) {
    out.always("configuration", monitor.configuration.hex());
  }
  write_period(out, monitor.since, monitor.until);
  out.list("signals", monitor.signals, &signal_value);
  out.number("alerts", monitor.alerts);
  out.number("alerts_closed", monitor.alerts_closed);
  return {{{monitor.source + "#" + monitor.name, {}}}, std::string(kMonitorPredicate), out.take()};
}

Result<Monitor> monitor_from(const Statement& statement) {
  auto [subject, in] = TRY(open_statement(statement, kMonitorPredicate));
  Monitor out;
  TRY(in.required_text("name", out.name));
  TRY(in.required_text("source", out.source));
  TRY(in.texts("covers", out.covers));
  TRY(in.texts("subjects", out.subjects));
  TRY(in.digest("configuration", out.configuration));
  TRY(read_period(in, out.since, out.until));
  TRY(in.list("signals", out.signals, &signal_from));
  TRY(in.number("alerts", out.alerts));
  TRY(in.number("alerts_closed", out.alerts_closed));
  TRY(in.finish());
  if (subject.name != out.source + "#" + out.name) {
    return malformed("subject", "is not the monitor that the predicate tells of");
  }
  return out;
}

}  // namespace evidence
