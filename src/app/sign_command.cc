#include <algorithm>
#include <string>
#include <vector>

#include "app/command.h"
#include "app/sign_options.h"
#include "app/signature_record.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "sign/sign_model.h"
#include "sign/verify_model.h"

namespace app {
namespace {

namespace fs = std::filesystem;
using base::Errc;
using base::Error;
using base::Result;

Result<void> make_key(const Arguments& arguments, Console& console) {
  if (!arguments.has("private-key")) {
    return Error{Errc::usage, "--private-key FILE is needed"};
  }
  const std::string name = arguments.get("algorithm", "ecdsa-p256");
  base::KeyKind kind = base::KeyKind::ecdsa_p256;
  for (const auto known : {base::KeyKind::ecdsa_p384, base::KeyKind::ecdsa_p521, base::KeyKind::ed25519}) {
    kind = base::to_string(known) == name ? known : kind;
  }
  const fs::path private_path = arguments.get("private-key");
  const fs::path public_path = arguments.get("public-key", private_path.native() + ".pub");
  std::error_code ignored;
  if (fs::exists(fs::symlink_status(public_path, ignored))) {
    return Error{Errc::usage, "is there already; not replaced", 0, base::printable(public_path.native())};
  }
  const std::string passphrase = TRY(passphrase_of(arguments));
  const base::PrivateKey key = TRY(base::PrivateKey::generate(kind));
  TRY(base::create_file(private_path, key.pem(passphrase), 0600));
  TRY(base::create_file(public_path, key.public_key().pem(), 0644));
  console.out << "Private key: " << base::printable(private_path.native())
              << (passphrase.empty() ? " (not encrypted)" : " (encrypted)") << "\n"
              << "Public key:  " << base::printable(public_path.native()) << "\n"
              << "Fingerprint: " << sign::key_hint(key.public_key()) << "\n";
  return {};
}

Result<sign::Signer> signer_of(const Arguments& arguments) {
  if (!arguments.has("private-key")) {
    return Error{Errc::usage, "--private-key FILE is needed"};
  }
  const std::string passphrase = TRY(passphrase_of(arguments));
  base::PrivateKey key = TRY(base::PrivateKey::from_file(arguments.get("private-key"), passphrase));
  std::vector<sign::Certificate> certificates;
  if (arguments.has("certificate")) {
    certificates = TRY(read_certificates({arguments.get("certificate")}));
    for (sign::Certificate& issuer : TRY(read_certificates(arguments.all("certificate-chain")))) {
      certificates.push_back(std::move(issuer));
    }
  } else if (arguments.has("certificate-chain")) {
    return Error{Errc::usage, "--certificate-chain needs --certificate"};
  }
  return sign::Signer::create(std::move(key), std::move(certificates), present());
}

// What verifying the model right after it was signed says.
sign::Verification signed_now(const sign::SignedModel& model, const sign::Signer& signer) {
  sign::Verification verification;
  verification.verified = true;
  verification.signature_verified = true;
  verification.signer.method = signer.certificates.empty() ? "key" : "certificate";
  verification.signer.key = sign::key_hint(signer.key.public_key());
  if (!signer.certificates.empty()) {
    verification.signer.subject = signer.certificates.front().subject();
    verification.signer.issuer = signer.certificates.front().issuer();
  }
  for (const sign::Resource& resource : model.manifest.resources) {
    if (verification.verified_files.empty() || verification.verified_files.back() != resource.path) {
      verification.verified_files.push_back(resource.path);
    }
  }
  std::sort(verification.verified_files.begin(), verification.verified_files.end());
  verification.verified_files.erase(std::unique(verification.verified_files.begin(), verification.verified_files.end()),
                                    verification.verified_files.end());
  verification.signed_files = verification.verified_files.size();
  verification.single_file = model.single_file;
  verification.manifest = model.manifest;
  return verification;
}

Result<void> sign_and_write(const Arguments& arguments, Console& console) {
  const std::string model = arguments.positional(0, "");
  if (model.empty()) {
    return Error{Errc::usage, "which model? surety sign MODEL --signature FILE --private-key FILE"};
  }
  const std::vector<std::string> signatures = arguments.all("signature");
  sign::SignOptions options;
  if (const std::vector<std::string> names = arguments.all("hash"); !names.empty()) {
    options.algorithms.clear();
    for (const std::string& name : names) {
      options.algorithms.push_back(*base::hash_algorithm(name));
    }
  }
  if (signatures.size() != options.algorithms.size()) {
    return Error{Errc::usage, signatures.empty() ? "--signature FILE is needed: where to write the bundle"
                                                 : base::counted(signatures.size(), "--signature") + " for " +
                                                       base::counted(options.algorithms.size(), "--hash")};
  }
  if (arguments.has("shard-size")) {
    options.shard_bytes = TRY(number_of(arguments, "shard-size", 1'000, 1ULL << 53));
  }
  options.ignore_paths = TRY(sign::relative_to_model(model, arguments.all("ignore-paths")));
  for (const std::string& signature : signatures) {
    if (const auto place = sign::place_in_model(model, signature)) {
      options.ignore_paths.push_back(*place);
    }
  }
  options.allow_symlinks = arguments.has("allow-symlinks");
  options.dot_for_single_file = arguments.has("dot-name");
  options.allow_confusable_names = arguments.has("allow-confusable-names");
  options.threads = TRY(threads_of(arguments));
  const sign::Signer signer = TRY(signer_of(arguments));
  const std::vector<sign::SignedModel> models = TRY(sign::sign_model(model, signer, options));
  base::Value list{base::Value::List{}};
  for (std::size_t i = 0; i < models.size(); ++i) {
    const sign::Manifest& manifest = models[i].manifest;
    TRY(base::write_file(signatures[i], models[i].bundle));
    TRY(record_signature(arguments, model, signatures[i], models[i].bundle,
                         "key " + sign::key_hint(signer.key.public_key()), signed_now(models[i], signer), console));
    const std::string root = base::to_hex(base::as_bytes(manifest.root_digest));
    base::Value entry;
    entry.set("signature", base::printable(signatures[i]))
        .set("model", base::printable(model))
        .set("resources", static_cast<std::uint64_t>(manifest.resources.size()))
        .set("hash", base::to_string(manifest.algorithm))
        .set("root_sha256", root)
        .set("method", signer.certificates.empty() ? "key" : "certificate")
        .set("key", sign::key_hint(signer.key.public_key()));
    list.push(std::move(entry));
    if (arguments.get("format", "text") == "text") {
      console.out << "Signed " << base::printable(model) << ": "
                  << base::counted(manifest.resources.size(), manifest.shard_bytes == 0 ? "file" : "shard") << ", "
                  << base::to_string(manifest.algorithm) << ", root " << root << "\n"
                  << "  " << base::printable(signatures[i]) << ", by key " << sign::key_hint(signer.key.public_key())
                  << "\n";
    }
  }
  if (arguments.get("format", "text") == "json") {
    console.out << base::to_json(list, 2) << "\n";
  }
  return {};
}

}  // namespace

Exit run_keygen(const Arguments& arguments, Console& console) {
  return exit_of(make_key(arguments, console), console);
}

Exit run_sign(const Arguments& arguments, Console& console) {
  return exit_of(sign_and_write(arguments, console), console);
}

}  // namespace app
