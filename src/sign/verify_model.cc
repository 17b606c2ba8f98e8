#include "sign/verify_model.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "base/text.h"
#include "sign/dsse.h"
#include "sign/names.h"
#include "sign/sign_model.h"

namespace sign {
namespace {

namespace fs = std::filesystem;
using base::Errc;
using base::Error;
using base::Result;

constexpr std::size_t kMostNamed = 1000;  // problems of one kind that are listed one by one

base::UnixTime present() {
  // Not base::now(): a build's SOURCE_DATE_EPOCH must not bring an expired certificate back to life.
  return {
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count()};
}

bool is_ecdsa(const base::PublicKey& key) {
  return key.kind() == base::KeyKind::ecdsa_p256 || key.kind() == base::KeyKind::ecdsa_p384 ||
         key.kind() == base::KeyKind::ecdsa_p521;
}

std::string_view name_of(Bundle::Material material) {
  switch (material) {
    case Bundle::Material::public_key:
      return "a public key (give --public-key)";
    case Bundle::Material::certificate_chain:
      return "a certificate chain (give --certificate-chain)";
    case Bundle::Material::certificate:
      return "a Sigstore certificate (give --trusted-root, --identity and --issuer)";
  }
  return "";
}

// Does the key's signature over the envelope verify, in today's encoding or in that of old releases?
bool check_bytes(const Envelope& envelope, const base::PublicKey& key, Verification& verification) {
  const auto signature = base::as_bytes(envelope.signature);
  if (key.verifies(base::as_bytes(dsse_signed_bytes(envelope.payload_type, envelope.payload)), signature)) {
    return true;
  }
  const std::string old = old_signed_bytes(envelope.payload_type, envelope.payload);
  for (const auto hash : {base::SignatureHash::of_key, base::SignatureHash::sha256}) {
    if (key.verifies(base::as_bytes(old), signature, hash)) {
      verification.notes.emplace_back("signed in the encoding of model_signing before 1.0 (DSSEV1)");
      return true;
    }
  }
  return false;
}

Result<void> check_key(const Bundle& bundle, const KeyTrust& trust, Verification& verification) {
  if (!is_ecdsa(trust.key)) {
    return Error{Errc::usage, "the public key is of the kind " + std::string(base::to_string(trust.key.kind())) +
                                  "; models are signed with ecdsa-p256, ecdsa-p384 or ecdsa-p521"};
  }
  const std::string hint = key_hint(trust.key);
  const bool good = check_bytes(*bundle.envelope, trust.key, verification);
  bool other_key = !bundle.key_hint.empty() && base::to_lower(bundle.key_hint) != hint;
  if (!bundle.key_pem.empty()) {
    const auto named = base::PublicKey::from_pem(bundle.key_pem);
    other_key = other_key || !named || named->der() != trust.key.der();
  }
  if (other_key) {
    verification.problems.push_back(
        {"other-key", "",
         "the bundle names the key " + base::printable(base::abbreviate(bundle.key_hint, 80)) + ", this is " + hint,
         false});
  } else if (bundle.key_hint.empty() && bundle.key_pem.empty()) {
    verification.notes.emplace_back("the bundle does not name its key");
  }
  if (!good) {
    verification.problems.push_back({"signature", "", "the signature is not this key's over this statement", false});
    return {};
  }
  verification.signature_verified = !other_key;
  verification.signer = {"key", hint, {}, {}, {}};
  return {};
}

Result<void> check_certificate(const Bundle& bundle, const CertificateTrust& trust, const VerifyOptions& options,
                               Verification& verification) {
  std::vector<Certificate> chain;
  for (const std::string& der : bundle.certificates) {
    auto certificate = Certificate::from_der(der);
    if (!certificate) {
      return std::move(certificate).error();
    }
    chain.push_back(std::move(*certificate));
  }
  const Certificate& leaf = chain.front();
  std::vector<Certificate> between(chain.begin() + 1, chain.end());
  between.insert(between.end(), trust.intermediates.begin(), trust.intermediates.end());
  const base::UnixTime time = options.time.value_or(present());
  const auto path = verify_chain(leaf, between, trust.anchors, time, CertificateUse::model_signing);
  if (!path) {
    // The reference (to 1.1.1) checks the chain at the moment the leaf became valid.
    const auto then = verify_chain(leaf, between, trust.anchors, leaf.not_before(), CertificateUse::model_signing);
    if (!then) {
      verification.problems.push_back({"certificate", "", path.error().message, false});
      return {};
    }
    verification.problems.push_back(
        {"certificate-not-valid", "", path.error().message + "; it was when the certificate began to be valid", true});
  }
  const auto key = leaf.key();
  if (!key || !is_ecdsa(*key)) {
    verification.problems.push_back(
        {"certificate", "", "the leaf's key is no ECDSA key of P-256, P-384 or P-521", false});
    return {};
  }
  if (!check_bytes(*bundle.envelope, *key, verification)) {
    verification.problems.push_back(
        {"signature", "", "the signature is not that of the certificate's key over this statement", false});
    return {};
  }
  verification.signature_verified = true;
  verification.signer = {"certificate", key_hint(*key), leaf.subject(), leaf.issuer(),
                         base::to_iso8601(leaf.not_after())};
  return {};
}

Result<void> check_sigstore(const Bundle& bundle, const SigstoreTrust& trust, Verification& verification) {
  const auto done = verify_sigstore(bundle, trust.root, trust.identity);
  if (!done) {
    if (done.error().code != Errc::untrusted) {
      return done.error();
    }
    verification.problems.push_back({"sigstore", "", done.error().message, false});
    return {};
  }
  const base::PublicKey key = TRY(done->chain.front().key());
  verification.signature_verified = true;
  verification.signer = {"sigstore", key_hint(key), done->identity.subject, done->identity.issuer,
                         base::to_iso8601(done->chain.front().not_after())};
  for (const VerifiedTime& time : done->times) {
    verification.notes.push_back("signed by " + base::to_iso8601(time.time) + ", says " + time.source);
  }
  verification.notes.insert(verification.notes.end(), done->notes.begin(), done->notes.end());
  return {};
}

// Compares the files with the manifest.
class Comparison {
 public:
  Comparison(const fs::path& model, const VerifyOptions& options, Verification& verification)
      : model_(model), options_(options), verification_(verification), manifest_(*verification.manifest) {}

  Result<void> run() {
    check_manifest();
    TreeOptions tree_options;
    tree_options.algorithms = {manifest_.algorithm};
    tree_options.shard_bytes = manifest_.shard_bytes;
    tree_options.follow_links = options_.allow_symlinks;
    tree_options.threads = options_.threads;
    tree_options.cache = options_.cache;
    const std::vector<std::string>& signed_ignores =
        manifest_.records_ignored ? manifest_.ignore_paths : default_ignore_paths();
    tree_options.ignore_paths = signed_ignores;
    tree_options.ignore_paths.insert(tree_options.ignore_paths.end(), options_.ignore_paths.begin(),
                                     options_.ignore_paths.end());
    TRY(match_single_file(tree_options));
    choose();
    for (const std::string& path : chosen_) {
      tree_options.only.insert(on_disk(path));
    }
    // One listing for everything: what came or went since would be seen by hash_tree().
    const Tree tree =
        tree_options.only.empty() ? TRY(list_tree(model_, tree_options)) : TRY(hash_tree(model_, tree_options));
    if (tree.single_file != !single_name_.empty()) {
      return Error{Errc::io, "changed while it was read", 0, base::printable(model_.native())};
    }
    verification_.cached_files = tree.cached_files;
    verification_.single_file = tree.single_file;
    check_listing(tree);
    compare(tree);
    check_ignored(tree);
    return {};
  }

 private:
  void problem(std::string code, std::string path, std::string message, bool reference_accepts = false) {
    std::uint64_t& count = counts_[code];
    if (++count <= kMostNamed) {
      verification_.problems.push_back({std::move(code), std::move(path), std::move(message), reference_accepts});
    } else if (count == kMostNamed + 1) {
      verification_.notes.push_back("more than " + base::grouped(kMostNamed) + " problems of the kind " + code +
                                    "; the rest is not listed");
    }
  }

  void check_manifest() {
    for (const Resource& resource : manifest_.resources) {
      files_[resource.path].push_back(&resource);
    }
    verification_.signed_files = files_.size();
    if (manifest_.resources.empty()) {
      problem("nothing-signed", "", "the signature names no file: it says nothing of any model", true);
    }
    if (manifest_.computed_root() != manifest_.root_digest) {
      problem("root-digest", "", "the digest of the model is not that over the digests of its files");
    }
    std::vector<std::string_view> names;
    for (const auto& [path, resources] : files_) {
      names.emplace_back(path);
    }
    for (const NameFault& fault : name_faults(names)) {
      std::string message = "the name is dangerous: " + std::string(to_string(fault.kind));
      if (!fault.other.empty()) {
        message += ", it can be taken for \"" + base::printable(fault.other) + "\"";
      }
      problem("name-" + std::string(to_string(fault.kind)), fault.name, message, true);
    }
    for (const auto& [path, resources] : files_) {
      if (const std::string why = unportable(path); !why.empty() && path != ".") {
        verification_.notes.push_back("\"" + base::printable(path) + "\" cannot exist on every system: " + why);
        break;
      }
    }
    for (const std::string& what : manifest_.tolerated) {
      verification_.notes.push_back("not as OMS 1.0 has it: " + what);
    }
  }

  // A single file is signed under its basename, or as "." by the reference implementation.
  Result<void> match_single_file(const TreeOptions& tree_options) {
    std::error_code error;
    if (!fs::is_regular_file(model_, error)) {
      return {};
    }
    const Tree listed = TRY(list_tree(model_, tree_options));
    const std::string& name = listed.files.at(0).name;
    if (files_.empty()) {
      single_name_ = name;
      return {};
    }
    if (files_.size() == 1 && files_.begin()->first == ".") {
      single_name_ = name;
      return {};
    }
    if (files_.size() == 1) {
      if (files_.begin()->first != name) {
        problem("file-renamed", name, "was signed under the name \"" + base::printable(files_.begin()->first) + "\"");
      }
      single_name_ = name;
      return {};
    }
    return Error{Errc::usage,
                 "the signature is over a directory of " + base::counted(files_.size(), "file") +
                     ": give that directory (and --only FILE to verify one file of it)",
                 0, base::printable(model_.native())};
  }

  // The name under which the file of the manifest lies on disk, and the opposite.
  [[nodiscard]] const std::string& on_disk(const std::string& path) const {
    return single_name_.empty() ? path : single_name_;
  }
  [[nodiscard]] const std::string& in_manifest(const std::string& name) const {
    return single_name_.empty() || files_.empty() ? name : files_.begin()->first;
  }

  void choose() {
    std::set<std::string> wanted;
    if (!options_.only.empty()) {
      wanted = options_.only;
      for (const std::string& path : wanted) {
        if (!files_.contains(path)) {
          problem("file-not-signed", path, "the signature does not name this file");
        }
      }
    } else if (options_.subset == Subset::loader) {
      std::vector<std::string_view> names;
      for (const auto& [path, resources] : files_) {
        names.emplace_back(path);
      }
      for (const std::string_view name : files_of_loader(names)) {
        wanted.insert(std::string(name));
      }
    } else {
      for (const auto& [path, resources] : files_) {
        wanted.insert(path);
      }
    }
    for (const std::string& path : wanted) {
      if (files_.contains(path)) {
        chosen_.insert(path);
      }
    }
    verification_.partial = chosen_.size() < files_.size();
    if (verification_.partial && chosen_.empty()) {
      problem("nothing-verified", "", "none of the signed files was asked for");
    }
  }

  static bool is_irregular(const Tree& listed, const std::string& name) {
    return std::any_of(listed.irregular.begin(), listed.irregular.end(),
                       [&](const Irregular& entry) { return entry.name == name; });
  }

  void check_listing(const Tree& listed) {
    for (const TreeFile& file : listed.files) {
      if (files_.contains(in_manifest(file.name)) || file.name == options_.bundle_place) {
        continue;
      }
      if (manifest_.shard_bytes != 0 && file.state.size_bytes == 0) {
        ++empty_files_;
      } else if (!options_.ignore_unsigned_files) {
        problem("file-added", file.name, "is there, and is not signed");
      } else {
        ++unsigned_files_;
      }
    }
    for (const Irregular& entry : listed.irregular) {
      const bool link = entry.what.starts_with("a symbolic link");
      problem(
          link ? "symbolic-link" : "not-a-file", entry.name,
          "is " + entry.what + (link && !options_.allow_symlinks ? " (--allow-symlinks follows those to files)" : ""));
    }
    if (empty_files_ > 0) {
      verification_.notes.push_back(base::counted(empty_files_, "empty file") +
                                    ", which a signature in shards leaves out");
    }
    if (unsigned_files_ > 0) {
      verification_.notes.push_back(base::counted(unsigned_files_, "file") +
                                    " not signed, and not looked at, as asked");
    }
  }

  void compare(const Tree& tree) {
    std::set<std::string> missing = chosen_;
    for (const TreeFile& file : tree.files) {
      const std::string& path = in_manifest(file.name);
      if (missing.erase(path) == 0) {
        continue;
      }
      if (const std::string fault = difference(file, files_.at(path)); !fault.empty()) {
        problem("file-changed", file.name, fault);
      } else {
        verification_.verified_files.push_back(file.name);
        verification_.bytes += file.state.size_bytes;
      }
    }
    for (const std::string& path : missing) {
      if (!is_irregular(tree, on_disk(path))) {
        problem("file-missing", path, "is signed, and is not there");
      }
    }
  }

  // What differs between a file and its resources; empty where nothing does.
  std::string difference(const TreeFile& file, const std::vector<const Resource*>& resources) const {
    if (manifest_.shard_bytes == 0) {
      return file.shards.size() == 1 && file.shards.front().digests.front() == resources.front()->digest
                 ? ""
                 : "its bytes are not those that were signed";
    }
    std::map<std::uint64_t, const Resource*> by_begin;
    for (const Resource* resource : resources) {
      by_begin.emplace(resource->begin, resource);
    }
    const std::uint64_t signed_size = by_begin.rbegin()->second->end;
    if (by_begin.size() != resources.size() || file.state.size_bytes != signed_size ||
        file.shards.size() != by_begin.size()) {
      return "has " + base::grouped(file.state.size_bytes) + " bytes; " + base::grouped(signed_size) + " were signed";
    }
    for (const Shard& shard : file.shards) {
      const auto found = by_begin.find(shard.begin);
      if (found == by_begin.end() || found->second->end != shard.end ||
          found->second->digest != shard.digests.front()) {
        return "bytes " + std::to_string(shard.begin) + " to " + std::to_string(shard.end) +
               " are not those that were signed";
      }
    }
    return {};
  }

  void check_ignored(const Tree& listed) {
    std::uint64_t count = 0;
    std::string example;
    for (const TreeFile& file : listed.ignored) {
      if (file.name == options_.bundle_place || is_ignored(file.name, options_.ignore_paths)) {
        continue;  // the verifier says so, not the signature
      }
      ++count;
      example = example.empty() ? file.name : example;
      if (is_loadable(file.name)) {
        problem("ignored-loadable", file.name,
                "can be loaded, lies where the signature ignores files, and so is not covered by it (--ignore-paths "
                "accepts it)",
                true);
      }
    }
    if (count > 0) {
      verification_.notes.push_back(base::counted(count, "file") + " where the signature ignores files, such as \"" +
                                    base::printable(example) + "\": not covered by it");
    }
  }

  const fs::path& model_;
  const VerifyOptions& options_;
  Verification& verification_;
  const Manifest& manifest_;
  std::map<std::string, std::vector<const Resource*>> files_;
  std::set<std::string> chosen_;  ///< Names of the manifest that are hashed.
  std::string single_name_;       ///< The file's name on disk, where the model is one file.
  std::uint64_t unsigned_files_ = 0;
  std::uint64_t empty_files_ = 0;
  std::map<std::string, std::uint64_t> counts_;
};

}  // namespace

CertificateTrust certificate_trust(std::vector<Certificate> certificates) {
  CertificateTrust trust;
  for (Certificate& certificate : certificates) {
    (certificate.self_signed() ? trust.anchors : trust.intermediates).push_back(std::move(certificate));
  }
  if (trust.anchors.empty()) {
    trust.anchors.swap(trust.intermediates);
  }
  return trust;
}

Result<void> verify_envelope(const Bundle& bundle, const Trust& trust, const VerifyOptions& options,
                             Verification& verification) {
  if (!bundle.envelope) {
    return Error{Errc::unsupported, "the bundle holds a signature over a file's bytes, not over a model's manifest"};
  }
  if (bundle.envelope->payload_type != kInTotoPayloadType) {
    return Error{Errc::unsupported, "payloadType: \"" +
                                        base::printable(base::abbreviate(bundle.envelope->payload_type, 100)) +
                                        "\" is not " + std::string(kInTotoPayloadType)};
  }
  const auto wanted = std::holds_alternative<KeyTrust>(trust)           ? Bundle::Material::public_key
                      : std::holds_alternative<CertificateTrust>(trust) ? Bundle::Material::certificate_chain
                                                                        : Bundle::Material::certificate;
  if (bundle.material != wanted) {
    return Error{Errc::usage, "the bundle is signed by " + std::string(name_of(bundle.material))};
  }
  if (const auto* key = std::get_if<KeyTrust>(&trust)) {
    return check_key(bundle, *key, verification);
  }
  if (const auto* certificates = std::get_if<CertificateTrust>(&trust)) {
    return check_certificate(bundle, *certificates, options, verification);
  }
  return check_sigstore(bundle, std::get<SigstoreTrust>(trust), verification);
}

Result<Verification> verify_model(const fs::path& model, const Bundle& bundle, const Trust& trust,
                                  const VerifyOptions& options) {
  Verification verification;
  TRY(verify_envelope(bundle, trust, options, verification));
  if (verification.signature_verified) {
    verification.manifest = TRY(Manifest::parse(bundle.envelope->payload));
    TRY(Comparison(model, options, verification).run());
  }
  std::sort(verification.problems.begin(), verification.problems.end(), [](const Problem& a, const Problem& b) {
    return std::tie(a.path, a.code, a.message) < std::tie(b.path, b.code, b.message);
  });
  verification.verified =
      verification.signature_verified &&
      std::none_of(verification.problems.begin(), verification.problems.end(),
                   [&](const Problem& problem) { return !(options.as_reference && problem.reference_accepts); });
  return verification;
}

}  // namespace sign
