#include <algorithm>

#include "base/digest.h"
#include "base/json.h"
#include "base/text.h"
#include "bundle/bundle.h"
#include "bundle/format.h"
#include "ledger/merkle.h"

namespace bundle {

using base::Errc;
using base::Error;
using base::Result;
using base::Value;

std::string fingerprint(const base::PublicKey& key) {
  return base::sha256(key.pem()).hex();
}

std::string signed_text(const base::Sha256& digest) {
  return "surety-bundle-signature-v1\n" + digest.hex() + "\n";
}

std::string signature_line(const base::PublicKey& key, std::string_view signature) {
  return "signature\t" + base::to_canonical_json(Value::Map{{"key", base::to_base64(base::as_bytes(key.der()))},
                                                            {"kind", base::to_string(key.kind())},
                                                            {"signature", base::to_base64(base::as_bytes(signature))}});
}

Value to_value(const Header& header) {
  return Value::Map{{"catalogue", header.catalogue},
                    {"catalogue_digest", header.catalogue_digest},
                    {"catalogue_title", header.catalogue_title},
                    {"entries", header.entries},
                    {"system", header.system},
                    {"time", base::to_iso8601(header.time)},
                    {"tool_version", header.tool_version}};
}

Writer::Writer(Header header, std::vector<catalog::Document> documents)
    : header_(std::move(header)), documents_(std::move(documents)) {
  std::sort(documents_.begin(), documents_.end(),
            [](const catalog::Document& a, const catalog::Document& b) { return a.name < b.name; });
  header_.catalogue_digest = catalog::digest(documents_);
}

Result<void> Writer::add(const ledger::Entry& entry) {
  if (!indices_.empty() && entry.index <= indices_.back()) {
    return Error{Errc::usage, "bundle: entries are not in the order of the log"};
  }
  if (entry.key.find_first_of("\t\n") != std::string::npos ||
      entry.content.find_first_of("\t\n") != std::string::npos) {
    return Error{Errc::malformed, "entry " + std::to_string(entry.index) +
                                      ": is no statement in canonical form, and cannot be exported"};
  }
  if (indices_.size() == kMaxEntries || entries_.size() + entry.content.size() > kMaxBundleBytes) {
    return Error{Errc::too_large, "bundle: more evidence than a bundle may hold"};
  }
  indices_.push_back(entry.index);
  leaves_.push_back(ledger::leaf_hash(entry));
  entries_ += "entry\t" + std::to_string(entry.index) + "\t" + std::to_string(entry.received.seconds) + "\t" +
              std::to_string(entry.record) + "\t" + entry.key + "\t";
  entries_ += entry.content;
  entries_ += '\n';
  return {};
}

Result<std::string> Writer::finish(const ledger::Ledger& log, std::string_view checkpoint, const ledger::Trust& keys,
                                   const Value& outcome, const base::PrivateKey& key) {
  const ledger::Checkpoint reached = TRY(ledger::unverified_checkpoint(checkpoint));
  const std::vector<base::Sha256> proof = TRY(log.subset_proof(indices_, reached.size));
  if (ledger::root_of_subset(indices_, leaves_, proof, reached.size) != reached.root) {
    return Error{Errc::untrusted, "ledger: its entries are not those that its hashes are of (surety log verify)"};
  }
  header_.entries = indices_.size();
  std::string out(kFirstLine);
  out += "header\t" + base::to_canonical_json(to_value(header_)) + "\n";
  for (const catalog::Document& document : documents_) {
    out += "catalogue\t" + document.name + "\t" + base::to_canonical_json(document.value) + "\n";
  }
  out += "keys\t" + base::json_quoted(keys.to_text()) + "\n";
  out += "checkpoint\t" + base::json_quoted(checkpoint) + "\n";
  out += entries_;
  std::string hashes;
  for (const base::Sha256& hash : proof) {
    hashes += base::as_text(std::as_bytes(std::span(hash.bytes)));
  }
  out += "proof\t" + base::to_base64(base::as_bytes(hashes)) + "\n";
  out += "result\t" + base::to_canonical_json(outcome) + "\n";
  const std::string signature = TRY(key.sign(base::as_bytes(signed_text(base::sha256(out)))));
  out += signature_line(key.public_key(), signature) + "\n";
  return out;
}

}  // namespace bundle
