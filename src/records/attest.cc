#include "records/attest.h"

#include <algorithm>

#include "base/file.h"
#include "base/text.h"
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

bool may_attest(const Attester& attester, std::string_view kind, const ProvisionsOfKinds& provisions) {
  if (std::find(attester.kinds.begin(), attester.kinds.end(), kind) != attester.kinds.end()) {
    return true;
  }
  const auto spoken_for = provisions.find(kind);
  return spoken_for != provisions.end() && !spoken_for->second.empty() &&
         std::all_of(spoken_for->second.begin(), spoken_for->second.end(), [&](const std::string& provision) {
           return std::find(attester.provisions.begin(), attester.provisions.end(), provision) !=
                  attester.provisions.end();
         });
}

Result<const Attester*> attested_by(const std::vector<Attester>& attesters, std::string_view content,
                                    std::string_view signature, std::string_view kind,
                                    const ProvisionsOfKinds& provisions, std::string& fingerprint) {
  auto parsed = parse_ssh_signature(signature);
  if (!parsed) {
    return Error{Errc::untrusted, "the signature cannot be read: " + parsed.error().message};
  }
  TRY(verify_ssh_signature(*parsed, content, kNamespace));
  fingerprint = records::fingerprint(parsed->key);
  const std::string encoded = parsed->key.der();
  for (const Attester& attester : attesters) {
    if (std::none_of(attester.keys.begin(), attester.keys.end(),
                     [&](const base::PublicKey& key) { return key.der() == encoded; })) {
      continue;
    }
    if (!may_attest(attester, kind, provisions)) {
      return Error{Errc::untrusted, "signed by " + base::printable(attester.name) + " (" +
                                        base::printable(attester.role) + "), who may not attest records of kind " +
                                        std::string(kind) + " (attesters in ai-system.yaml)"};
    }
    return &attester;
  }
  return Error{Errc::untrusted, "signed with the key " + fingerprint + ", which no attester in ai-system.yaml has"};
}

}  // namespace records
