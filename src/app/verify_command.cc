#include <string>
#include <vector>

#include "app/command.h"
#include "app/evidence_bundle.h"
#include "app/sign_options.h"
#include "app/signature_record.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "sign/digest_cache.h"
#include "sign/interoperability.h"
#include "sign/sign_model.h"
#include "sign/verify_model.h"

namespace app {
namespace {

using base::Errc;
using base::Error;
using base::Result;
using base::Value;

struct ReadBundle {
  std::string text;
  sign::Bundle bundle;
};

Result<ReadBundle> read_bundle(const Arguments& arguments) {
  if (!arguments.has("signature")) {
    return Error{Errc::usage, "--signature FILE is needed: the bundle to verify"};
  }
  const std::string file = arguments.get("signature");
  ReadBundle read;
  read.text = TRY(base::read_file(file, sign::kMaxBundleBytes));
  auto bundle = sign::Bundle::parse(read.text);
  if (!bundle) {
    return std::move(bundle).error().in_file(base::printable(file));
  }
  read.bundle = std::move(*bundle);
  return read;
}

Result<sign::Trust> trust_of(const Arguments& arguments) {
  const int ways = (arguments.has("public-key") ? 1 : 0) + (arguments.has("certificate-chain") ? 1 : 0) +
                   (arguments.has("trusted-root") ? 1 : 0);
  if (ways != 1) {
    return Error{Errc::usage, ways == 0
                                  ? "whom to trust? one of --public-key, --certificate-chain, --trusted-root is needed"
                                  : "only one of --public-key, --certificate-chain, --trusted-root can be given"};
  }
  if (!arguments.has("trusted-root") && (arguments.has("identity") || arguments.has("issuer"))) {
    return Error{Errc::usage, "--identity and --issuer belong to --trusted-root"};
  }
  if (arguments.has("public-key")) {
    const std::string file = arguments.get("public-key");
    const std::string pem = TRY(base::read_file(file, 1U << 20));
    auto key = base::PublicKey::from_pem(pem);
    if (!key) {
      return std::move(key).error().in_file(base::printable(file));
    }
    return sign::Trust(sign::KeyTrust{std::move(*key)});
  }
  if (arguments.has("trusted-root")) {
    if (!arguments.has("identity") || !arguments.has("issuer")) {
      return Error{Errc::usage, "--trusted-root needs --identity and --issuer: who must have signed"};
    }
    const std::string file = arguments.get("trusted-root");
    const std::string text = TRY(base::read_file(file, sign::kMaxTrustedRootBytes));
    auto root = sign::TrustedRoot::parse(text);
    if (!root) {
      return std::move(root).error().in_file(base::printable(file));
    }
    return sign::Trust(sign::SigstoreTrust{std::move(*root), {arguments.get("identity"), arguments.get("issuer")}});
  }
  return sign::Trust(sign::certificate_trust(TRY(read_certificates(arguments.all("certificate-chain")))));
}

// What the evidence says that the bundle was held against.
std::string trust_name(const Arguments& arguments) {
  return arguments.has("public-key")          ? "key " + arguments.get("public-key")
         : arguments.has("certificate-chain") ? "certificates"
                                              : "identity " + arguments.get("identity");
}

Value to_value(const sign::Problem& problem) {
  Value value;
  value.set("code", problem.code);
  if (!problem.path.empty()) {
    value.set("path", base::printable(problem.path));
  }
  return value.set("message", base::printable(problem.message)).set("reference_accepts", problem.reference_accepts);
}

Value to_value(const std::vector<sign::Reader>& readers) {
  Value list{Value::List{}};
  for (const sign::Reader& reader : readers) {
    Value reasons{Value::List{}};
    for (const std::string& reason : reader.reasons) {
      reasons.push(reason);
    }
    Value entry;
    entry.set("verifier", reader.verifier).set("reads", reader.reads).set("reasons", std::move(reasons));
    list.push(std::move(entry));
  }
  return list;
}

Value to_value(const sign::Verification& verification) {
  Value signer;
  const auto set = [&](std::string_view field, const std::string& text) {
    if (!text.empty()) {
      signer.set(field, base::printable(text));
    }
  };
  set("method", verification.signer.method);
  set("key", verification.signer.key);
  set("subject", verification.signer.subject);
  set("issuer", verification.signer.issuer);
  set("not_after", verification.signer.not_after);
  Value problems{Value::List{}};
  for (const sign::Problem& problem : verification.problems) {
    problems.push(to_value(problem));
  }
  Value notes{Value::List{}};
  for (const std::string& note : verification.notes) {
    notes.push(base::printable(note));
  }
  Value value;
  value.set("verified", verification.verified)
      .set("partial", verification.partial)
      .set("signature_verified", verification.signature_verified)
      .set("signer", signer.is_null() ? Value(Value::Map{}) : std::move(signer));
  if (verification.manifest) {
    value.set("hash", base::to_string(verification.manifest->algorithm))
        .set("root_sha256", base::to_hex(base::as_bytes(verification.manifest->root_digest)));
  }
  return value.set("signed_files", verification.signed_files)
      .set("verified_files", static_cast<std::uint64_t>(verification.verified_files.size()))
      .set("verified_bytes", verification.bytes)
      .set("files_from_cache", verification.cached_files)
      .set("problems", std::move(problems))
      .set("notes", std::move(notes));
}

void print_readers(const std::vector<sign::Reader>& readers, Console& console) {
  for (const sign::Reader& reader : readers) {
    console.out << (reader.reads ? "Can be read by     " : "CANNOT be read by  ") << reader.verifier << "\n";
    for (const std::string& reason : reader.reasons) {
      console.out << "  " << base::printable(reason) << "\n";
    }
  }
}

void print(const sign::Verification& verification, const std::string& model, bool as_reference, Console& console) {
  for (const sign::Problem& problem : verification.problems) {
    const bool counts = !(as_reference && problem.reference_accepts);
    console.out << (counts ? "PROBLEM  " : "accepted ") << problem.code;
    if (!problem.path.empty()) {
      console.out << "  " << base::printable(problem.path);
    }
    console.out << ": " << base::printable(problem.message);
    if (problem.reference_accepts) {
      console.out << " [model_signing lets this pass]";
    }
    console.out << "\n";
  }
  for (const std::string& note : verification.notes) {
    console.out << "note     " << base::printable(note) << "\n";
  }
  const std::string files = verification.partial ? base::grouped(verification.verified_files.size()) + " of " +
                                                       base::counted(verification.signed_files, "file")
                                                 : base::counted(verification.verified_files.size(), "file");
  if (!verification.verified) {
    console.out << "NOT verified: " << base::printable(model) << ", "
                << base::counted(verification.problems.size(), "problem") << "\n";
    return;
  }
  console.out << (verification.partial ? "Verified IN PART: " : "Verified: ") << base::printable(model) << ", " << files
              << ", " << base::human_bytes(verification.bytes);
  if (verification.cached_files > 0) {
    console.out << " (" << base::grouped(verification.cached_files) << " unchanged since they were last read)";
  }
  console.out << "\n  signed by ";
  if (!verification.signer.subject.empty()) {
    console.out << base::printable(verification.signer.subject) << ", vouched for by "
                << base::printable(verification.signer.issuer) << ", ";
  }
  console.out << "key " << verification.signer.key << "\n";
}

Result<Exit> verify(const Arguments& arguments, Console& console) {
  const ReadBundle read = TRY(read_bundle(arguments));
  const bool json = arguments.get("format", "text") == "json";
  const std::string model = arguments.positional(0, "");
  std::vector<sign::Reader> readers;
  if (arguments.has("interop")) {
    if (!read.bundle.envelope) {
      return Error{Errc::unsupported, "the bundle holds a signature over a file's bytes, not over a model's manifest"};
    }
    readers = sign::readers_of(read.text, read.bundle, TRY(sign::Manifest::parse(read.bundle.envelope->payload)));
    if (model.empty()) {
      if (json) {
        Value result;
        result.set("interoperability", to_value(readers));
        console.out << base::to_json(result, 2) << "\n";
      } else {
        print_readers(readers, console);
      }
      return Exit::passed;
    }
  }
  if (model.empty()) {
    return Error{Errc::usage, "which model? surety verify MODEL --signature FILE --public-key FILE"};
  }
  const sign::Trust trust = TRY(trust_of(arguments));
  sign::VerifyOptions options;
  options.ignore_paths = TRY(sign::relative_to_model(model, arguments.all("ignore-paths")));
  options.ignore_unsigned_files = arguments.has("ignore-unsigned-files");
  options.allow_symlinks = arguments.has("allow-symlinks");
  options.as_reference = arguments.has("as-reference");
  options.subset = arguments.has("partial") ? sign::Subset::loader : sign::Subset::all;
  for (const std::string& path : TRY(sign::relative_to_model(model, arguments.all("only")))) {
    options.only.insert(path);
  }
  if (arguments.has("at")) {
    options.time = TRY(base::parse_time(arguments.get("at")));
  }
  options.bundle_place = sign::place_in_model(model, arguments.get("signature"));
  options.threads = TRY(threads_of(arguments));
  std::unique_ptr<sign::SignedDigestCache> cache;
  if (arguments.has("cache")) {
    cache = TRY(sign::SignedDigestCache::open(arguments.get("cache"), present()));
    options.cache = cache.get();
  }
  sign::Verification verification = TRY(sign::verify_model(model, read.bundle, trust, options));
  if (cache) {
    if (!cache->note().empty()) {
      verification.notes.push_back(cache->note());
    }
    TRY(cache->save());
  }
  TRY(record_signature(arguments, model, arguments.get("signature"), read.text, trust_name(arguments), verification,
                       console));
  if (json) {
    Value result = to_value(verification);
    if (arguments.has("interop")) {
      result.set("interoperability", to_value(readers));
    }
    console.out << base::to_json(result, 2) << "\n";
  } else {
    print(verification, model, options.as_reference, console);
    print_readers(readers, console);
  }
  return verification.verified ? Exit::passed : Exit::integrity;
}

}  // namespace

Exit run_verify(const Arguments& arguments, Console& console) {
  if (const std::string file = arguments.positional(0, "");
      !arguments.has("signature") && (file.ends_with(".surety") || (!file.empty() && is_bundle_file(file)))) {
    return verify_bundle(arguments, console);
  }
  const auto done = verify(arguments, console);
  return done ? *done : report_error(done.error(), console);
}

}  // namespace app
