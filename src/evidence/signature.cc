#include "evidence/signature.h"

#include "evidence/fields.h"

namespace evidence {
namespace {

using base::Result;
using base::Value;

Value problem_value(const SignatureProblem& problem) {
  MapWriter out(4);
  out.text("code", problem.code);
  out.text("path", problem.path);
  out.text("message", problem.message);
  out.flag("reference_accepts", problem.reference_accepts);
  return out.take();
}

Result<SignatureProblem> problem_from(const Value& value, const std::string& place) {
  MapReader in = TRY(MapReader::open(value, place));
  SignatureProblem out;
  TRY(in.required_text("code", out.code));
  TRY(in.text("path", out.path));
  TRY(in.text("message", out.message));
  TRY(in.flag("reference_accepts", out.reference_accepts));
  TRY(in.finish());
  return out;
}

}  // namespace

Statement statement_of(const Signature& signature) {
  MapWriter out(16);
  out.always("verified", signature.verified);
  out.flag("partial", signature.partial);
  out.text("model", signature.model);
  out.text("trust", signature.trust);
  out.text("method", signature.method);
  out.text("key", signature.key);
  out.text("signer", signature.signer);
  out.text("issuer", signature.issuer);
  out.text("algorithm", signature.algorithm);
  out.text("root", signature.root);
  out.number("signed_files", signature.signed_files);
  out.number("verified_files", signature.verified_files);
  out.texts("files", signature.files);
  out.list("problems", signature.problems, &problem_value);
  out.texts("notes", signature.notes);
  return {{{signature.bundle, signature.sha256}}, std::string(kSignaturePredicate), out.take()};
}

Result<Signature> signature_from(const Statement& statement) {
  auto [subject, in] = TRY(open_statement(statement, kSignaturePredicate));
  Signature out;
  out.bundle = subject.name;
  out.sha256 = subject.sha256;
  TRY(in.flag("verified", out.verified));
  TRY(in.flag("partial", out.partial));
  TRY(in.text("model", out.model));
  TRY(in.text("trust", out.trust));
  TRY(in.text("method", out.method));
  TRY(in.text("key", out.key));
  TRY(in.text("signer", out.signer));
  TRY(in.text("issuer", out.issuer));
  TRY(in.text("algorithm", out.algorithm));
  TRY(in.text("root", out.root));
  TRY(in.number("signed_files", out.signed_files));
  TRY(in.number("verified_files", out.verified_files));
  TRY(in.texts("files", out.files));
  TRY(in.list("problems", out.problems, &problem_from));
  TRY(in.texts("notes", out.notes));
  TRY(in.finish());
  return out;
}

}  // namespace evidence
