#include "sign/sign_model.h"

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "sign/bundle.h"
#include "sign/dsse.h"
#include "sign/names.h"

namespace sign {
namespace {

namespace fs = std::filesystem;
using base::Errc;
using base::Error;
using base::Result;

Result<void> check_signable(const Tree& tree, const fs::path& model, const SignOptions& options) {
  const std::string place = base::printable(model.native());
  if (!tree.irregular.empty()) {
    const Irregular& first = tree.irregular.front();
    return Error{Errc::usage, "is " + first.what + ", which a signature cannot cover", 0,
                 base::printable((model / first.name).native())};
  }
  if (tree.files.empty()) {
    return Error{Errc::usage, "there is no file to sign", 0, place};
  }
  if (options.allow_confusable_names) {
    return {};
  }
  std::vector<std::string_view> names;
  for (const TreeFile& file : tree.files) {
    names.emplace_back(file.name);
  }
  const std::vector<NameFault> faults = name_faults(names);
  if (faults.empty()) {
    return {};
  }
  std::string message =
      "the name \"" + base::printable(faults.front().name) + "\" (" + std::string(to_string(faults.front().kind)) + ")";
  if (!faults.front().other.empty()) {
    message += " can be taken for \"" + base::printable(faults.front().other) + "\"";
  }
  if (faults.size() > 1) {
    message += ", and " + base::counted(faults.size() - 1, "more name") + " like it";
  }
  return Error{Errc::usage, message + " (--allow-confusable-names signs all the same)", 0, place};
}

}  // namespace

std::string key_hint(const base::PublicKey& key) {
  return base::sha256(key.pem()).hex();
}

Result<Signer> Signer::create(base::PrivateKey key, std::vector<Certificate> certificates, base::UnixTime time) {
  if (key.kind() == base::KeyKind::ed25519 || key.kind() == base::KeyKind::rsa) {
    return Error{Errc::usage, "the key is of the kind " + std::string(base::to_string(key.kind())) +
                                  "; models are signed with ecdsa-p256, ecdsa-p384 or ecdsa-p521"};
  }
  if (!certificates.empty()) {
    const base::PublicKey leaf_key = TRY(certificates.front().key());
    if (leaf_key.der() != key.public_key().der()) {
      return Error{Errc::usage, "the certificate \"" + certificates.front().subject() + "\" is not of this key"};
    }
    const std::span<const Certificate> chain = certificates;
    TRY(verify_chain(chain.front(), chain.subspan(1), chain.last(1), time, CertificateUse::model_signing));
    while (certificates.size() > 1 && certificates.back().self_signed()) {
      certificates.pop_back();
    }
  }
  return Signer{std::move(key), std::move(certificates)};
}

Result<std::string> sign_statement(std::string_view statement, const Signer& signer) {
  const std::string text = dsse_signed_bytes(kInTotoPayloadType, statement);
  const std::string signature = TRY(signer.key.sign(base::as_bytes(text)));
  // By hand, since the payload of a large model would be copied several times over.
  std::string bundle = "{\"mediaType\":\"" + std::string(kBundleMediaType) + "\",\"verificationMaterial\":{";
  if (signer.certificates.empty()) {
    bundle += "\"publicKey\":{\"hint\":\"" + key_hint(signer.key.public_key()) + "\"}";
  } else {
    bundle += "\"x509CertificateChain\":{\"certificates\":[";
    for (std::size_t i = 0; i < signer.certificates.size(); ++i) {
      bundle += (i == 0 ? "" : ",");
      bundle += "{\"rawBytes\":\"" + base::to_base64(base::as_bytes(signer.certificates[i].der())) + "\"}";
    }
    bundle += "]}";
  }
  bundle += "},\"dsseEnvelope\":{\"payload\":\"" + base::to_base64(base::as_bytes(statement));
  bundle += "\",\"payloadType\":\"" + std::string(kInTotoPayloadType) + "\",\"signatures\":[{\"sig\":\"";
  bundle += base::to_base64(base::as_bytes(signature)) + "\"}]}}\n";
  return bundle;
}

Result<std::vector<std::string>> relative_to_model(const fs::path& model, const std::vector<std::string>& paths) {
  std::vector<std::string> relative;
  for (const std::string& given : paths) {
    fs::path path = fs::path(given).lexically_normal();
    const fs::path root = path.is_absolute() ? fs::absolute(model).lexically_normal() : model.lexically_normal();
    const fs::path inside = path.lexically_relative(root.has_filename() ? root : root.parent_path());
    if (path.is_absolute() || (root != "." && !inside.empty() && *inside.begin() != "..")) {
      path = inside;
    }
    std::string text = path.native();
    while (text.size() > 1 && text.ends_with('/')) {
      text.pop_back();
    }
    if (text.empty() || text == "." || text.starts_with('/') || text == ".." || text.starts_with("../")) {
      return Error{Errc::usage, "\"" + base::printable(given) + "\" is not a path in the model"};
    }
    relative.push_back(std::move(text));
  }
  std::sort(relative.begin(), relative.end());
  relative.erase(std::unique(relative.begin(), relative.end()), relative.end());
  return relative;
}

std::optional<std::string> place_in_model(const fs::path& model, const fs::path& file) {
  std::error_code error;
  const fs::path root = fs::canonical(model, error);
  if (error) {
    return std::nullopt;
  }
  const fs::path parent = fs::canonical(file.has_parent_path() ? file.parent_path() : fs::path("."), error);
  if (error) {
    return std::nullopt;
  }
  const fs::path place = (parent / file.filename()).lexically_relative(root);
  if (place.empty() || *place.begin() == ".." || place == ".") {
    return std::nullopt;
  }
  return place.native();
}

Result<std::vector<SignedModel>> sign_model(const fs::path& model, const Signer& signer, const SignOptions& options) {
  TreeOptions tree_options;
  tree_options.algorithms = options.algorithms;
  tree_options.shard_bytes = options.shard_bytes;
  tree_options.follow_links = options.allow_symlinks;
  tree_options.threads = options.threads;
  tree_options.ignore_paths = options.ignore_paths;
  for (const std::string& path : default_ignore_paths()) {
    tree_options.ignore_paths.push_back(path);
  }
  std::sort(tree_options.ignore_paths.begin(), tree_options.ignore_paths.end());
  tree_options.ignore_paths.erase(std::unique(tree_options.ignore_paths.begin(), tree_options.ignore_paths.end()),
                                  tree_options.ignore_paths.end());
  const Tree listed = TRY(list_tree(model, tree_options));
  TRY(check_signable(listed, model, options));
  Tree tree = TRY(hash_tree(model, tree_options));
  TRY(check_signable(tree, model, options));
  const fs::path whole = fs::absolute(model).lexically_normal();
  const fs::path name = whole.has_filename() ? whole.filename() : whole.parent_path().filename();
  std::vector<SignedModel> models;
  for (std::size_t i = 0; i < options.algorithms.size(); ++i) {
    if (tree.single_file && options.dot_for_single_file) {
      tree.files.front().name = ".";
    }
    SignedModel done;
    done.single_file = tree.single_file;
    done.manifest = TRY(manifest_of(tree, tree_options, i, name.empty() ? "model" : base::printable(name.native())));
    done.bundle = TRY(sign_statement(done.manifest.statement(), signer));
    models.push_back(std::move(done));
  }
  return models;
}

}  // namespace sign
