#include "records/attest.h"

#include <sys/stat.h>

#include <algorithm>

#include "base/file.h"
#include "base/text.h"
#include "records/folder.h"
#include "records/kinds.h"
#include "records/ssh_signature.h"

namespace records {
namespace {

using base::Errc;
using base::Error;
using base::Result;
using base::Value;

std::vector<std::string> texts(const Value& list) {
  std::vector<std::string> out;
  for (const Value& entry : list.as_list()) {
    out.emplace_back(entry.as_text());
  }
  return out;
}

Result<base::PublicKey> key_of(const std::filesystem::path& root, std::string_view text) {
  if (text.starts_with("ssh-") || text.starts_with("ecdsa-") || text.starts_with("sk-") ||
      text.starts_with("-----BEGIN ")) {
    return public_key_from_text(text);
  }
  auto content = base::read_file(root / std::string(text), kMaxKeyBytes);
  if (!content) {
    Error error = std::move(content).error();
    error.message = "key file " + base::printable(text) + ": " + error.message;
    return error;
  }
  auto key = public_key_from_text(*content);
  if (!key) {
    Error error = std::move(key).error();
    error.message = "key file " + base::printable(text) + ": " + error.message;
    return error;
  }
  return key;
}

}  // namespace

Result<std::vector<Attester>> attesters(const std::filesystem::path& root, const evidence::SystemFacts& system) {
  std::vector<Attester> out;
  for (const Value& entry : system.document["attesters"].as_list()) {
    const auto fail = [&](std::string message) {
      return Error{Errc::malformed, "attester " + base::printable(entry["id"].as_text()) + ": " + std::move(message), 0,
                   system.path, entry.line()};
    };
    Attester attester;
    attester.id = entry["id"].as_text();
    attester.name = entry["name"].as_text();
    attester.role = entry["role"].as_text();
    attester.kinds = texts(entry["kinds"]);
    attester.provisions = texts(entry["provisions"]);
    attester.may_except = entry["exceptions"].as_bool();
    for (const std::string& kind : attester.kinds) {
      if (find_kind(kind) == nullptr) {
        std::vector<std::string_view> names;
        for (const Kind& known : kinds()) {
          names.push_back(known.name);
        }
        const auto meant = base::closest(kind, names);
        return fail("\"" + base::printable(kind) + "\" is no kind of record" +
                    (meant ? "; did you mean \"" + std::string(*meant) + "\"?" : std::string()));
      }
    }
    for (const Value& text : entry["keys"].as_list()) {
      auto key = key_of(root, text.as_text());
      if (!key) {
        return fail(key.error().message);
      }
      for (const Attester& other : out) {
        if (std::any_of(other.keys.begin(), other.keys.end(),
                        [&](const base::PublicKey& theirs) { return theirs.der() == key->der(); })) {
          return fail("has the same key as " + base::printable(other.id));
        }
      }
      attester.keys.push_back(std::move(*key));
    }
    out.push_back(std::move(attester));
  }
  return out;
}

Scope scope_of(const Attester& attester, std::string_view kind, const ProvisionsOfKinds& provisions) {
  Scope scope;
  if (std::find(attester.kinds.begin(), attester.kinds.end(), kind) != attester.kinds.end()) {
    scope.all = true;
    return scope;
  }
  const auto spoken_for = provisions.find(kind);
  if (spoken_for == provisions.end()) {
    return scope;
  }
  for (const std::string& provision : spoken_for->second) {
    if (std::find(attester.provisions.begin(), attester.provisions.end(), provision) != attester.provisions.end()) {
      scope.provisions.push_back(provision);
    }
  }
  scope.all = !scope.provisions.empty() && scope.provisions.size() == spoken_for->second.size();
  return scope;
}

bool may_except(const Attester& attester, std::string_view provision) {
  return attester.may_except &&
         (attester.provisions.empty() ||
          std::find(attester.provisions.begin(), attester.provisions.end(), provision) != attester.provisions.end());
}

Result<std::vector<Signing>> Signatures::of(const std::string& path, std::string_view content) {
  constexpr std::string_view kEnding = ".sig";
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash);
  const std::string start = path.substr(slash == std::string::npos ? 0 : slash + 1) + ".";
  auto known = names_.find(folder);
  if (known == names_.end()) {
    known = names_.emplace(folder, TRY(names_in(root_ / folder, base::printable(folder)))).first;
  }
  std::vector<Signing> out;
  for (auto name = std::lower_bound(known->second.begin(), known->second.end(), start);
       name != known->second.end() && name->starts_with(start); ++name) {
    const std::string middle = name->substr(0, name->size() - std::min(name->size(), kEnding.size()));
    if (!name->ends_with(kEnding) || name->size() < start.size() + kEnding.size() - 1 ||
        (middle.size() > start.size() && (middle.ends_with(".yaml") || middle.ends_with(".yml")))) {
      continue;  // no signature, or of another file
    }
    const std::string signature = slash == std::string::npos ? *name : folder + "/" + *name;
    const auto fail = [&](Error error) {
      error.file = base::printable(signature);
      error.line = 0;
      return error;
    };
    struct stat status {};
    if (::lstat((root_ / signature).c_str(), &status) != 0 || !S_ISREG(status.st_mode)) {
      return fail({Errc::io, S_ISLNK(status.st_mode) ? "a symbolic link; it must be a file" : "not a regular file"});
    }
    auto text = base::read_file(root_ / signature, kMaxSignatureBytes);
    if (!text) {
      return fail(std::move(text).error());
    }
    auto parsed = parse_ssh_signature(*text);
    if (!parsed) {
      return fail({Errc::untrusted, "the signature cannot be read: " + parsed.error().message});
    }
    if (auto verified = verify_ssh_signature(*parsed, content, kNamespace); !verified) {
      return fail(std::move(verified).error());
    }
    Signing signing{nullptr, fingerprint(parsed->key), signature};
    const std::string encoded = parsed->key.der();
    for (const Attester& attester : attesters_) {
      if (std::any_of(attester.keys.begin(), attester.keys.end(),
                      [&](const base::PublicKey& key) { return key.der() == encoded; })) {
        signing.attester = &attester;
      }
    }
    if (signing.attester == nullptr) {
      return fail(
          {Errc::untrusted, "signed with the key " + signing.key + ", which no attester in ai-system.yaml has"});
    }
    for (const Signing& other : out) {
      if (other.attester == signing.attester) {
        return fail({Errc::untrusted, "signed by " + base::printable(signing.attester->name) + " once more, as " +
                                          base::printable(other.path) + " is"});
      }
    }
    out.push_back(std::move(signing));
  }
  return out;
}

}  // namespace records
