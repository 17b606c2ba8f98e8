#include "evidence/imported.h"

#include "evidence/fields.h"

namespace evidence {
namespace {

using base::Result;
using base::Value;

Value subject_value(const ImportedSubject& subject) {
  MapWriter out(4);
  out.text("name", subject.name);
  out.text("path", subject.path);
  if (subject.sha256.is_set()) {
    out.always("sha256", subject.sha256.hex());
  }
  out.flag("digest_is_ours", subject.digest_is_ours);
  return out.take();
}

Result<ImportedSubject> subject_from(const Value& value, const std::string& place) {
  MapReader in = TRY(MapReader::open(value, place));
  ImportedSubject out;
  TRY(in.required_text("name", out.name));
  TRY(in.text("path", out.path));
  TRY(in.digest("sha256", out.sha256));
  TRY(in.flag("digest_is_ours", out.digest_is_ours));
  TRY(in.finish());
  return out;
}

Value finding_value(const ImportedFinding& finding) {
  MapWriter out(8);
  out.text("rule", finding.rule);
  out.always("severity", to_string(finding.severity));
  out.always("outcome", to_string(finding.outcome));
  out.text("subject", finding.subject);
  out.text("place", finding.place);
  out.text("message", finding.message);
  out.number("hits", finding.hits);
  out.number("total", finding.total);
  return out.take();
}

Result<ImportedFinding> finding_from(const Value& value, const std::string& place) {
  MapReader in = TRY(MapReader::open(value, place));
  ImportedFinding out;
  TRY(in.required_text("rule", out.rule));
  TRY(in.choice("severity", &severity, out.severity));
  TRY(in.choice("outcome", &imported_outcome, out.outcome));
  TRY(in.text("subject", out.subject));
  TRY(in.text("place", out.place));
  TRY(in.text("message", out.message));
  TRY(in.number("hits", out.hits));
  TRY(in.number("total", out.total));
  TRY(in.finish());
  return out;
}

}  // namespace

std::string_view to_string(ImportedOutcome outcome) {
  switch (outcome) {
    case ImportedOutcome::fail:
      return "fail";
    case ImportedOutcome::pass:
      return "pass";
    case ImportedOutcome::error:
      return "error";
  }
  return {};
}

std::optional<ImportedOutcome> imported_outcome(std::string_view name) {
  for (const ImportedOutcome outcome : {ImportedOutcome::fail, ImportedOutcome::pass, ImportedOutcome::error}) {
    if (name == to_string(outcome)) {
      return outcome;
    }
  }
  return std::nullopt;
}

Statement statement_of(const ImportedResult& result) {
  MapWriter out(12);
  out.text("format", result.format);
  out.text("purpose", result.purpose);
  out.text("tool", result.tool);
  out.text("version", result.version);
  out.text("time", result.time);
  out.always("complete", result.complete);
  out.number("passed", result.passed);
  out.number("failed", result.failed);
  out.number("errors", result.errors);
  out.list("subjects", result.subjects, &subject_value);
  out.list("findings", result.findings, &finding_value);
  out.texts("notes", result.notes);
  return {{{result.file, result.sha256}}, std::string(kImportedPredicate), out.take()};
}

Result<ImportedResult> imported_from(const Statement& statement) {
  auto [subject, in] = TRY(open_statement(statement, kImportedPredicate));
  ImportedResult out;
  out.file = subject.name;
  out.sha256 = subject.sha256;
  TRY(in.required_text("format", out.format));
  TRY(in.required_text("purpose", out.purpose));
  TRY(in.required_text("tool", out.tool));
  TRY(in.text("version", out.version));
  TRY(in.text("time", out.time));
  TRY(in.flag("complete", out.complete));
  TRY(in.number("passed", out.passed));
  TRY(in.number("failed", out.failed));
  TRY(in.number("errors", out.errors));
  TRY(in.list("subjects", out.subjects, &subject_from));
  TRY(in.list("findings", out.findings, &finding_from));
  TRY(in.texts("notes", out.notes));
  TRY(in.finish());
  return out;
}

}  // namespace evidence
