#include "sign/declared.h"

#include <algorithm>
#include <optional>

#include "base/file.h"
#include "base/text.h"
#include "sign/bundle.h"

namespace sign {
namespace {

namespace fs = std::filesystem;
using base::Errc;
using base::Result;
using base::Value;

// Somebody whose signature counts, and how ai-system.yaml names him.
struct NamedTrust {
  std::string name;
  Bundle::Material material = Bundle::Material::public_key;
  Trust trust;
};

struct Declared {
  std::vector<NamedTrust> trusts;
  std::vector<std::string> faults;  ///< Files that could not be read as what they are declared to be.
};

Declared declared_trusts(const fs::path& root, const Value& signing) {
  Declared declared;
  const auto fault = [&](const base::Error& error, std::string_view file) {
    declared.faults.push_back(base::Error(error).in_file(base::printable(file)).text());
  };
  for (const Value& entry : signing["public_keys"].as_list()) {
    const std::string file(entry.as_text());
    const auto pem = base::read_file(root / file, 1U << 20);
    auto key = pem ? base::PublicKey::from_pem(*pem) : Result<base::PublicKey>(pem.error());
    if (!key) {
      fault(key.error(), file);
    } else {
      declared.trusts.push_back({"key " + file, Bundle::Material::public_key, KeyTrust{std::move(*key)}});
    }
  }
  std::vector<Certificate> certificates;
  for (const Value& entry : signing["certificates"].as_list()) {
    const std::string file(entry.as_text());
    const auto pem = base::read_file(root / file, 1U << 20);
    const auto read = pem ? Certificate::from_pem(*pem) : Result<std::vector<Certificate>>(pem.error());
    if (!read) {
      fault(read.error(), file);
    } else {
      certificates.insert(certificates.end(), read->begin(), read->end());
    }
  }
  if (!certificates.empty()) {
    declared.trusts.push_back(
        {"certificates", Bundle::Material::certificate_chain, certificate_trust(std::move(certificates))});
  }
  if (const std::string file(signing["trusted_root"].as_text()); !file.empty()) {
    const auto text = base::read_file(root / file, kMaxTrustedRootBytes);
    const auto instance = text ? TrustedRoot::parse(*text) : Result<TrustedRoot>(text.error());
    if (!instance) {
      fault(instance.error(), file);
    } else {
      for (const Value& entry : signing["identities"].as_list()) {
        SignerIdentity identity{std::string(entry["identity"].as_text()), std::string(entry["issuer"].as_text())};
        declared.trusts.push_back({"identity " + identity.subject, Bundle::Material::certificate,
                                   SigstoreTrust{*instance, std::move(identity)}});
      }
    }
  }
  return declared;
}

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

std::string joined(const std::string& folder, const std::string& name) {
  return folder.empty() || folder == "." ? name : folder + "/" + name;
}

// How many of the first files of the manifest are there; -1 where the candidate is not.
int files_there(const fs::path& root, const std::string& candidate, const Manifest& manifest) {
  constexpr std::size_t kMostLooked = 100;
  std::error_code error;
  const fs::path place = candidate.empty() ? root : root / candidate;
  const fs::file_status status = fs::status(place, error);
  const bool one = !manifest.resources.empty() &&
                   std::all_of(manifest.resources.begin(), manifest.resources.end(), [&](const Resource& resource) {
                     return resource.path == manifest.resources.front().path;
                   });
  if (fs::is_regular_file(status)) {
    const std::string& path = manifest.resources.empty() ? candidate : manifest.resources.front().path;
    return one && (path == "." || path == fs::path(candidate).filename()) ? 1 : -1;
  }
  if (!fs::is_directory(status)) {
    return -1;
  }
  int there = 0;
  for (std::size_t i = 0; i < manifest.resources.size() && i < kMostLooked; ++i) {
    there +=
        manifest.resources[i].path != "." && fs::is_regular_file(place / manifest.resources[i].path, error) ? 1 : 0;
  }
  return there == 0 ? -1 : there;
}

// What the bundle signs, relative to the root; nothing where no candidate has any of its files.
std::optional<std::string> model_of(const fs::path& root, const Value& signing, const std::string& bundle,
                                    const Manifest& manifest) {
  for (const Value& entry : signing["bundles"].as_list()) {
    if (entry["bundle"].as_text() == bundle) {
      std::string model(entry["model"].as_text());
      while (model.size() > 1 && model.ends_with('/')) {
        model.pop_back();
      }
      return model == "." ? "" : model;
    }
  }
  const std::string folder = parent_of(bundle);
  std::string stem = bundle.substr(folder.empty() ? 0 : folder.size() + 1);
  std::vector<std::string> candidates = {folder, joined(folder, manifest.model_name)};
  for (std::size_t dot = stem.rfind('.'); dot != std::string::npos && dot != 0; dot = stem.rfind('.')) {
    stem.resize(dot);
    candidates.push_back(joined(folder, stem));
  }
  if (!manifest.resources.empty() && manifest.resources.front().path != ".") {
    candidates.push_back(joined(folder, manifest.resources.front().path));
  }
  int best = 0;
  std::optional<std::string> found;
  for (const std::string& candidate : candidates) {
    if (const int there = files_there(root, candidate, manifest); there > best) {
      best = there;
      found = candidate;
    }
  }
  return found;
}

evidence::Signature failed(const FoundBundle& bundle, std::string code, std::string message) {
  evidence::Signature signature;
  signature.bundle = bundle.path;
  signature.sha256 = bundle.sha256;
  signature.problems.push_back({std::move(code), {}, std::move(message), false});
  return signature;
}

std::optional<evidence::Signature> verify_one(const fs::path& root, const Value& signing, const Declared& declared,
                                              const FoundBundle& found, unsigned threads, DigestCache* cache) {
  const auto text = base::read_file(root / found.path, kMaxBundleBytes);
  if (!text) {
    return failed(found, "unreadable", text.error().text());
  }
  const auto bundle = Bundle::parse(*text);
  if (!bundle) {
    return failed(found, "unreadable", bundle.error().text());
  }
  if (!bundle->envelope) {
    return std::nullopt;  // over the bytes of a file
  }
  const auto manifest = Manifest::parse(bundle->envelope->payload);
  if (!manifest) {
    return manifest.error().code == Errc::unsupported
               ? std::nullopt  // an in-toto statement of another kind
               : std::optional(failed(found, "unreadable", "the signed statement: " + manifest.error().text()));
  }
  VerifyOptions options;
  options.threads = threads;
  options.cache = cache;
  const NamedTrust* chosen = nullptr;
  std::optional<Verification> rejected;
  std::string rejected_by;
  bool any = false;
  for (const NamedTrust& trust : declared.trusts) {
    if (trust.material != bundle->material) {
      continue;
    }
    any = true;
    Verification attempt;
    if (verify_envelope(*bundle, trust.trust, options, attempt) && attempt.signature_verified) {
      chosen = &trust;
      break;
    }
    if (!rejected || attempt.problems.size() < rejected->problems.size()) {
      rejected = std::move(attempt);
      rejected_by = trust.name;
    }
  }
  const auto model = model_of(root, signing, found.path, *manifest);
  if (!any) {
    std::string message = "ai-system.yaml names nobody under signing whose signature of this kind would count";
    for (const std::string& fault : declared.faults) {
      message += "; " + fault;
    }
    evidence::Signature signature = failed(found, "no-trust", message);
    signature.model = model.value_or("").empty() && model ? "." : model.value_or("");
    return signature;
  }
  if (chosen == nullptr) {
    return evidence_of(*rejected, found, model ? *model : "", rejected_by);
  }
  if (!model) {
    evidence::Signature signature =
        failed(found, "model-not-found", "none of the files that it signs was found (say where under signing.bundles)");
    signature.trust = chosen->name;
    return signature;
  }
  const fs::path place = model->empty() ? root : root / *model;
  if (model->empty()) {
    options.bundle_place = found.path;
  } else if (found.path.starts_with(*model + "/")) {
    options.bundle_place = found.path.substr(model->size() + 1);
  }
  const auto verification = verify_model(place, *bundle, chosen->trust, options);
  if (!verification) {
    evidence::Signature signature = failed(found, "not-verified", verification.error().text());
    signature.model = model->empty() ? "." : *model;
    signature.trust = chosen->name;
    return signature;
  }
  return evidence_of(*verification, found, model->empty() ? "." : *model, chosen->name);
}

}  // namespace

evidence::Signature evidence_of(const Verification& verification, const FoundBundle& bundle, const std::string& model,
                                const std::string& trust) {
  evidence::Signature signature;
  signature.bundle = bundle.path;
  signature.sha256 = bundle.sha256;
  signature.model = model;
  signature.trust = trust;
  signature.method = verification.signer.method;
  signature.key = verification.signer.key;
  signature.signer = verification.signer.subject;
  signature.issuer = verification.signer.issuer;
  signature.verified = verification.verified;
  signature.partial = verification.partial;
  signature.signed_files = verification.signed_files;
  signature.verified_files = verification.verified_files.size();
  if (verification.manifest) {
    signature.algorithm = base::to_string(verification.manifest->algorithm);
    signature.root = base::to_hex(base::as_bytes(verification.manifest->root_digest));
  }
  const auto in_directory = [&](const std::string& file) {
    return file.empty() || verification.single_file ? model : joined(model, file);
  };
  for (const std::string& file : verification.verified_files) {
    if (signature.files.size() < evidence::kMaxSignatureFiles) {
      signature.files.push_back(in_directory(file));
    }
  }
  for (const Problem& problem : verification.problems) {
    if (signature.problems.size() < evidence::kMaxSignatureProblems) {
      signature.problems.push_back({problem.code, problem.path.empty() ? "" : in_directory(problem.path),
                                    problem.message, problem.reference_accepts});
    }
  }
  signature.notes = verification.notes;
  return signature;
}

std::vector<evidence::Signature> verify_declared(const fs::path& root, const Value& signing,
                                                 std::span<const FoundBundle> bundles, unsigned threads,
                                                 DigestCache* cache) {
  std::vector<evidence::Signature> signatures;
  if (bundles.empty()) {
    return signatures;
  }
  const Declared declared = declared_trusts(root, signing);
  for (const FoundBundle& bundle : bundles) {
    if (auto signature = verify_one(root, signing, declared, bundle, threads, cache)) {
      signatures.push_back(std::move(*signature));
    }
  }
  return signatures;
}

}  // namespace sign
