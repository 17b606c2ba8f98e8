#include "ledger/proof_file.h"

#include <algorithm>
#include <charconv>

#include "base/byte_cursor.h"
#include "base/text.h"
#include "ledger/merkle.h"

namespace ledger {

using base::ByteCursor;
using base::Errc;
using base::Error;
using base::Result;
using base::Sha256;

namespace {

constexpr std::string_view kProofHeader = "c2sp.org/tlog-proof@v1";
constexpr std::uint64_t kMaxLineBytes = 1U << 20;

std::string line_of(const Sha256& hash) {
  return base::to_base64(std::as_bytes(std::span(hash.bytes))) + "\n";
}

// "PREFIX NUMBER", the number in decimal without leading zeros.
Result<std::uint64_t> number_after(const ByteCursor& in, std::string_view line, std::string_view prefix) {
  if (!line.starts_with(prefix) || line.size() <= prefix.size() || line[prefix.size()] != ' ') {
    return in.fail(Errc::malformed, prefix, "the line does not start with \"" + std::string(prefix) + " \"");
  }
  line.remove_prefix(prefix.size() + 1);
  std::uint64_t number = 0;
  const auto [end, failure] = std::from_chars(line.data(), line.data() + line.size(), number);
  if (failure != std::errc() || end != line.data() + line.size() || std::to_string(number) != line ||
      number >> 63U != 0) {
    return in.fail(Errc::malformed, prefix, "not a decimal number below 2^63 without leading zeros");
  }
  return number;
}

// Hashes up to an empty line, then the checkpoint.
Result<void> read_rest(ByteCursor& in, std::vector<Sha256>& hashes, std::string& checkpoint) {
  for (;;) {
    const std::string_view line = TRY(in.line(kMaxLineBytes, "hash"));
    if (line.empty()) {
      break;
    }
    if (hashes.size() == kMaxProofHashes) {
      return in.fail(Errc::too_large, "hash", "more than " + std::to_string(kMaxProofHashes) + " hashes");
    }
    const auto bytes = base::from_base64(line);
    Sha256 hash;
    if (!bytes || bytes->size() != hash.bytes.size()) {
      return in.fail(Errc::malformed, "hash", "not 32 bytes in base64");
    }
    std::copy(bytes->begin(), bytes->end(), hash.bytes.begin());
    hashes.push_back(hash);
  }
  if (in.remaining() > kMaxNoteBytes) {
    return in.fail(Errc::too_large, "checkpoint", "above " + base::human_bytes(kMaxNoteBytes));
  }
  if (in.empty()) {
    return in.fail(Errc::truncated, "checkpoint", "missing");
  }
  checkpoint = base::as_text(in.rest());
  return {};
}

}  // namespace

std::string TlogProof::to_text() const {
  std::string out = std::string(kProofHeader) + "\n";
  if (extra) {
    out += "extra " + base::to_base64(base::as_bytes(*extra)) + "\n";
  }
  out += "index " + std::to_string(index) + "\n";
  for (const Sha256& hash : hashes) {
    out += line_of(hash);
  }
  return out + "\n" + checkpoint;
}

Result<TlogProof> TlogProof::parse(std::string_view text) {
  ByteCursor in(base::as_bytes(text));
  if (TRY(in.line(kMaxLineBytes, "header")) != kProofHeader) {
    return in.fail(Errc::malformed, "header", "not \"" + std::string(kProofHeader) + "\"");
  }
  TlogProof out;
  std::string_view line = TRY(in.line(kMaxLineBytes, "index"));
  constexpr std::string_view kExtra = "extra ";
  if (line.starts_with(kExtra)) {
    auto extra = base::from_base64(line.substr(kExtra.size()));
    if (!extra) {
      return in.fail(Errc::malformed, "extra", "not base64");
    }
    out.extra = *std::move(extra);
    line = TRY(in.line(kMaxLineBytes, "index"));
  }
  out.index = TRY(number_after(in, line, "index"));
  TRY(read_rest(in, out.hashes, out.checkpoint));
  return out;
}

std::string AddCheckpoint::to_text() const {
  std::string out = "old " + std::to_string(old_size) + "\n";
  for (const Sha256& hash : hashes) {
    out += line_of(hash);
  }
  return out + "\n" + checkpoint;
}

Result<AddCheckpoint> AddCheckpoint::parse(std::string_view text) {
  ByteCursor in(base::as_bytes(text));
  AddCheckpoint out;
  const std::string_view line = TRY(in.line(kMaxLineBytes, "old"));
  out.old_size = TRY(number_after(in, line, "old"));
  TRY(read_rest(in, out.hashes, out.checkpoint));
  return out;
}

Result<OpenedCheckpoint> check_proof(const TlogProof& proof, std::string_view record, const Trust& trust,
                                     base::UnixTime now) {
  OpenedCheckpoint opened = TRY(open_checkpoint(proof.checkpoint, trust, now));
  if (proof.index >= opened.checkpoint.size) {
    return Error{Errc::untrusted, "proof: entry " + std::to_string(proof.index) + " is not in a log of size " +
                                      std::to_string(opened.checkpoint.size)};
  }
  if (!verify_inclusion(proof.index, opened.checkpoint.size, leaf_hash_of_record(record), proof.hashes,
                        opened.checkpoint.root)) {
    return Error{Errc::untrusted,
                 "proof: this is not entry " + std::to_string(proof.index) + " of the log that the checkpoint is of"};
  }
  return opened;
}

}  // namespace ledger
