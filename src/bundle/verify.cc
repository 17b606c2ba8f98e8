#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstring>
#include <future>
#include <set>
#include <span>
#include <unordered_set>

#include "assess/outcome.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/text.h"
#include "bundle/bundle.h"
#include "bundle/format.h"
#include "evidence/event.h"
#include "ledger/merkle.h"

namespace bundle {
namespace {

using base::Errc;
using base::Error;
using base::Result;
using base::Value;

constexpr base::DocumentLimits kHeaderLimits = {.max_bytes = kMaxHeaderBytes, .max_depth = 4, .max_values = 1000};
constexpr base::DocumentLimits kDocumentLimits = {.max_bytes = 8U << 20, .max_depth = 24, .max_values = 500'000};
constexpr base::DocumentLimits kResultLimits = {.max_bytes = kMaxResultBytes, .max_depth = 8, .max_values = 2'000'000};
constexpr std::size_t kHashBytes = 32;

Error untrusted(std::string message) {
  return {Errc::untrusted, std::move(message)};
}

/// The lines of a bundle, front to back. Each read names what must stand there.
class Lines {
 public:
  explicit Lines(std::string_view bytes) : left_(bytes) {}

  [[nodiscard]] bool next_is(std::string_view kind) const {
    return left_.size() > kind.size() && left_.starts_with(kind) && left_[kind.size()] == '\t';
  }
  /// What follows the kind and its tab, up to the line feed.
  Result<std::string_view> take(std::string_view kind, std::uint64_t max_bytes) {
    ++line_;
    if (!next_is(kind)) {
      return fail(Errc::malformed, "expected " + std::string(kind));
    }
    const std::size_t end = left_.find('\n');
    if (end == std::string_view::npos) {
      return fail(Errc::truncated, std::string(kind) + ": cut short");
    }
    const std::string_view out = left_.substr(kind.size() + 1, end - kind.size() - 1);
    if (out.size() > max_bytes) {
      return fail(Errc::too_large, std::string(kind) + ": above " + base::human_bytes(max_bytes));
    }
    left_.remove_prefix(end + 1);
    return out;
  }
  [[nodiscard]] bool empty() const { return left_.empty(); }
  [[nodiscard]] Error fail(Errc code, std::string message) const { return {code, std::move(message), 0, {}, line_}; }

 private:
  std::string_view left_;
  std::uint32_t line_ = 1;  // the first line was looked at before
};

// A decimal number as to_string() writes it.
std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size() || std::to_string(value) != text) {
    return std::nullopt;
  }
  return value;
}

Result<std::string> json_text(const Lines& lines, std::string_view kind, std::string_view text) {
  auto value = base::parse_json(text, {.max_bytes = 4U << 20, .max_depth = 1, .max_values = 2});
  if (!value || !value->is_string()) {
    return lines.fail(Errc::malformed, std::string(kind) + ": expected a text");
  }
  return std::string(value->as_text());
}

struct SignedPart {
  std::string_view lines;  ///< All before the signature, without the first line.
  base::PublicKey key;
};

// Finds the last line and verifies it over everything before.
Result<SignedPart> open_signature(std::string_view bytes) {
  if (!is_bundle(bytes)) {
    if (bytes.starts_with("surety-bundle\t")) {
      return Error{Errc::unsupported, "a bundle of another version than this Surety reads (1)"};
    }
    return Error{Errc::malformed, "not a bundle of Surety: its first line is another"};
  }
  if (bytes.size() > kMaxBundleBytes) {
    return Error{Errc::too_large, "above " + base::human_bytes(kMaxBundleBytes)};
  }
  if (bytes.back() != '\n') {
    return Error{Errc::truncated, "the bundle is cut short: its last line does not end"};
  }
  const std::size_t start = bytes.rfind('\n', bytes.size() - 2) + 1;
  constexpr std::string_view kKind = "signature\t";
  const std::string_view line = bytes.substr(start, bytes.size() - start - 1);
  if (!line.starts_with(kKind)) {
    return Error{Errc::truncated, "the bundle is cut short: it does not end in a signature"};
  }
  const auto value =
      base::parse_json(line.substr(kKind.size()), {.max_bytes = 64U << 10, .max_depth = 2, .max_values = 8});
  if (!value) {
    return untrusted("signature: " + value.error().message);
  }
  const auto der = base::from_base64((*value)["key"].as_text());
  const auto signature = base::from_base64((*value)["signature"].as_text());
  if (!der || !signature) {
    return untrusted("signature: not in base64");
  }
  auto key = base::PublicKey::from_der(base::as_bytes(*der));
  if (!key) {
    return untrusted("signature: " + key.error().message);
  }
  // One way to write it, so that no byte of the line can be another.
  if (signature_line(*key, *signature) != line) {
    return untrusted("signature: the line is not written as it must be");
  }
  const std::string_view before = bytes.substr(0, start);
  if (!key->verifies(base::as_bytes(signed_text(base::sha256(before))), base::as_bytes(*signature))) {
    return untrusted("signature: does not verify; the bundle was changed after it was signed");
  }
  return SignedPart{before.substr(kFirstLine.size()), std::move(*key)};
}

Result<std::vector<catalog::Document>> read_documents(Lines& lines, const Header& header) {
  std::vector<catalog::Document> documents;
  while (lines.next_is("catalogue")) {
    const std::string_view text = TRY(lines.take("catalogue", 9U << 20));
    const std::size_t tab = text.find('\t');
    if (tab == std::string_view::npos || tab == 0 || documents.size() == kMaxDocuments) {
      return lines.fail(Errc::malformed,
                        "catalogue: expected a name and a document, at most " + std::to_string(kMaxDocuments));
    }
    auto value = base::parse_json(text.substr(tab + 1), kDocumentLimits);
    if (!value) {
      return lines.fail(value.error().code, "catalogue: " + value.error().message);
    }
    std::string name(text.substr(0, tab));
    if (!documents.empty() && name <= documents.back().name) {
      return lines.fail(Errc::malformed, "catalogue: " + base::printable(name) + " stands twice or out of order");
    }
    documents.push_back({std::move(name), std::move(*value)});
  }
  if (catalog::digest(documents) != header.catalogue_digest) {
    return untrusted("catalogue: its files do not have the digest that the header gives");
  }
  return documents;
}

Result<ledger::Entry> entry_of(const Lines& lines, std::string_view text) {
  const auto field = [&]() -> std::optional<std::string_view> {
    const std::size_t tab = text.find('\t');
    if (tab == std::string_view::npos) {
      return std::nullopt;
    }
    const std::string_view out = text.substr(0, tab);
    text.remove_prefix(tab + 1);
    return out;
  };
  const auto index = field();
  const auto received = field();
  const auto record = field();
  const auto key = field();
  const std::int64_t index_number = index ? number_of(*index).value_or(-1) : -1;
  const auto received_number = received ? number_of(*received) : std::nullopt;
  if (!key || index_number < 0 || !received_number || (*record != "1" && *record != "2") ||
      key->size() > ledger::kMaxKeyBytes || text.find('\t') != std::string_view::npos) {
    return lines.fail(Errc::malformed, "entry: expected index, time, record, key and content");
  }
  ledger::Entry entry;
  entry.index = static_cast<std::uint64_t>(index_number);
  entry.received = {received_number.value_or(0)};
  entry.record = *record == "1" ? 1 : 2;
  entry.key = *key;
  entry.content = text;
  return entry;
}

// An event as a stranger can read it: what stands in commitments is withheld.
Result<evidence::LoggedEvent> event_of(const evidence::Statement& statement, const ledger::Entry& entry) {
  evidence::LoggedEvent event{TRY(evidence::event_from(statement)), entry.index, entry.received, {}};
  for (const auto& commitment : event.event.commitments) {
    event.erased.push_back(commitment.first);
  }
  return event;
}

/// The entries of a bundle, proven and loaded.
struct Evidence {
  std::vector<std::uint64_t> indices;
  std::vector<base::Sha256> leaves;
  std::vector<assess::Inherited> inherited;
};

// Entries that are parsed together, while those before are loaded: so many lines, or so many bytes.
constexpr std::size_t kBatchLines = 4096;
constexpr std::size_t kBatchBytes = 4U << 20;

/// Lines of entries as they stand in the bundle, whose bytes they borrow.
struct Batch {
  std::vector<std::string_view> lines;
  std::vector<Lines> at;  ///< Where each was read, for errors.
};

/// What one line holds.
struct Parsed {
  std::string_view key;  ///< In the bundle.
  ledger::Entry entry;
  base::Sha256 leaf;
  evidence::Statement statement;
  std::optional<evidence::LoggedEvent> event;
};

// The next lines of entries. Fails as Lines::take() does.
Result<Batch> next_batch(Lines& lines) {
  Batch out;
  for (std::size_t bytes = 0; lines.next_is("entry") && out.lines.size() < kBatchLines && bytes < kBatchBytes;) {
    out.lines.push_back(TRY(lines.take("entry", ledger::kMaxContentBytes + ledger::kMaxKeyBytes + 64)));
    out.at.push_back(lines);
    bytes += out.lines.back().size();
  }
  return out;
}

// Reads one line and nothing else, so that lines can be read at the same time.
Result<Parsed> parse_entry(std::string_view text, const Lines& at) {
  ledger::Entry entry = TRY(entry_of(at, text));
  auto statement = evidence::Statement::parse(entry.content);
  if (!statement || statement->key() != entry.key) {
    return at.fail(Errc::malformed,
                   "entry " + std::to_string(entry.index) + ": " +
                       (statement ? "its key is not that of its statement" : statement.error().message));
  }
  Parsed out;
  out.key = text.substr(text.size() - entry.content.size() - 1 - entry.key.size(), entry.key.size());
  out.leaf = ledger::leaf_hash(entry);
  if (evidence::is_event(statement->predicate_type)) {
    auto event = event_of(*statement, entry);
    if (!event) {
      return at.fail(Errc::malformed, "entry " + std::to_string(entry.index) + ": " + event.error().message);
    }
    out.event = *std::move(event);
  }
  out.entry = std::move(entry);
  out.statement = *std::move(statement);
  return out;
}

/// A batch whose lines any number of threads parse, each those that nobody has taken yet.
class BatchParser {
 public:
  explicit BatchParser(const Batch& batch) : batch_(batch), parsed_(batch.lines.size()) {}

  void work() {
    for (std::size_t i = next_.fetch_add(1); i < parsed_.size(); i = next_.fetch_add(1)) {
      parsed_[i].emplace(parse_entry(batch_.lines[i], batch_.at[i]));
    }
  }
  /// Once every thread has left work().
  std::vector<std::optional<Result<Parsed>>>&& results() && { return std::move(parsed_); }

 private:
  const Batch& batch_;
  std::vector<std::optional<Result<Parsed>>> parsed_;
  std::atomic<std::size_t> next_ = 0;
};

// Of strings that somebody else chose, so that none can be made to collide.
struct DigestOf {
  std::size_t operator()(std::string_view text) const {
    const base::Sha256 sha256 = base::sha256(text);
    std::size_t out = 0;
    std::memcpy(&out, sha256.bytes.data(), sizeof out);
    return out;
  }
};

/// Takes parsed entries in their order.
class EntryLoader {
 public:
  explicit EntryLoader(assess::Facts& facts) : facts_(facts) {}

  Result<void> take(Result<Parsed>& parsed, const Lines& at) {
    if (!parsed) {
      return std::move(parsed).error();
    }
    const ledger::Entry& entry = parsed->entry;
    const std::string name = "entry " + std::to_string(entry.index) + ": ";
    if (!out_.indices.empty() && entry.index <= out_.indices.back()) {
      return at.fail(Errc::malformed, name + "stands twice or out of order");
    }
    if (out_.indices.size() == kMaxEntries) {
      return at.fail(Errc::too_large, "more than " + base::grouped(kMaxEntries) + " entries");
    }
    if (!keys_.insert(parsed->key).second) {
      return at.fail(Errc::malformed, name + "a second one for what an earlier entry speaks of");
    }
    out_.indices.push_back(entry.index);
    out_.leaves.push_back(parsed->leaf);
    auto loaded = parsed->event ? facts_.load_event(*parsed->event) : facts_.load(parsed->statement);
    if (!loaded) {
      return at.fail(Errc::malformed, name + loaded.error().message);
    }
    if (parsed->statement.predicate_type == assess::kInheritedPredicate) {
      out_.inherited.push_back(TRY(assess::inherited_from(parsed->statement)));
    }
    return {};
  }
  Evidence&& evidence() && { return std::move(out_); }

 private:
  assess::Facts& facts_;
  Evidence out_;
  std::unordered_set<std::string_view, DigestOf> keys_;
};

// While one batch is loaded into the tables, a second thread parses the next; the first helps with what is left of it.
Result<Evidence> read_entries(Lines& lines, const Header& header, assess::Facts& facts) {
  EntryLoader loader(facts);
  Batch batch = TRY(next_batch(lines));
  std::vector<std::optional<Result<Parsed>>> parsed;
  {
    BatchParser first(batch);
    first.work();
    parsed = std::move(first).results();
  }
  while (!batch.lines.empty()) {
    auto following = next_batch(lines);
    if (!following) {
      for (std::size_t i = 0; i < parsed.size(); ++i) {
        TRY(loader.take(*parsed[i], batch.at[i]));  // what is wrong earlier is said first
      }
      return std::move(following).error();
    }
    BatchParser parser(*following);
    std::future<void> ahead;
    if (!following->lines.empty()) {
      ahead = std::async(std::launch::async, [&] { parser.work(); });
    }
    for (std::size_t i = 0; i < parsed.size(); ++i) {
      TRY(loader.take(*parsed[i], batch.at[i]));  // on failure the future is waited for as it goes
    }
    parser.work();
    if (ahead.valid()) {
      ahead.get();
    }
    parsed = std::move(parser).results();
    batch = *std::move(following);
  }
  Evidence out = std::move(loader).evidence();
  if (out.indices.size() != header.entries) {
    return untrusted("the header says " + base::counted(header.entries, "entry", "entries") + ", there are " +
                     base::grouped(out.indices.size()));
  }
  return out;
}

Result<void> check_proof(Lines& lines, const Evidence& evidence, const ledger::Checkpoint& checkpoint) {
  const std::string_view text = TRY(lines.take("proof", kMaxEntries * kHashBytes * 2));
  const auto bytes = base::from_base64(text);
  if (!bytes || bytes->size() % kHashBytes != 0 || base::to_base64(base::as_bytes(*bytes)) != text) {
    return lines.fail(Errc::malformed, "proof: expected hashes of 32 bytes in base64");
  }
  std::vector<base::Sha256> proof(bytes->size() / kHashBytes);
  for (std::size_t i = 0; i < proof.size(); ++i) {
    std::copy_n(reinterpret_cast<const std::uint8_t*>(bytes->data()) + i * kHashBytes, kHashBytes,
                proof[i].bytes.begin());
  }
  if (!evidence.indices.empty() && evidence.indices.back() >= checkpoint.size) {
    return untrusted("proof: entry " + std::to_string(evidence.indices.back()) + " lies outside the log");
  }
  if (ledger::root_of_subset(evidence.indices, evidence.leaves, proof, checkpoint.size) != checkpoint.root) {
    return untrusted("proof: the entries are not in the log that the checkpoint is of");
  }
  return {};
}

}  // namespace

bool is_bundle(std::string_view bytes) {
  return bytes.starts_with(kFirstLine);
}

Result<Header> header_from(const Value& value) {
  Header out;
  for (const auto& [field, target] :
       {std::pair{"tool_version", &out.tool_version}, std::pair{"system", &out.system},
        std::pair{"catalogue", &out.catalogue}, std::pair{"catalogue_title", &out.catalogue_title},
        std::pair{"catalogue_digest", &out.catalogue_digest}}) {
    if (!value[field].is_string()) {
      return Error{Errc::malformed, "header: " + std::string(field) + ": expected text"};
    }
    *target = value[field].as_text();
  }
  out.time = TRY(base::parse_time(value["time"].as_text()));
  if (!value["entries"].is_integer() || value["entries"].as_integer() < 0) {
    return Error{Errc::malformed, "header: entries: expected a number"};
  }
  out.entries = static_cast<std::uint64_t>(value["entries"].as_integer());
  return out;
}

Result<void> load_entry(assess::Facts& facts, const ledger::Entry& entry) {
  const evidence::Statement statement = TRY(evidence::Statement::parse(entry.content));
  return evidence::is_event(statement.predicate_type) ? facts.load_event(TRY(event_of(statement, entry)))
                                                      : facts.load(statement);
}

Result<Verified> verify(std::string_view bytes, const VerifyOptions& options) {
  const SignedPart part = TRY(open_signature(bytes));
  const std::string signer = fingerprint(part.key);
  if (!options.signers.empty() &&
      std::find(options.signers.begin(), options.signers.end(), signer) == options.signers.end()) {
    return untrusted("signed by key " + signer + ", which is none of those that were given");
  }
  Verified out = TRY(verify_lines(part.lines, options));
  out.signer = signer;
  out.public_key = part.key.pem();
  out.sha256 = base::sha256(bytes);
  return out;
}

Result<Verified> verify_lines(std::string_view text, const VerifyOptions& options) {
  Verified out;
  Lines lines(text);
  const std::string_view head = TRY(lines.take("header", kMaxHeaderBytes));
  auto header = base::parse_json(head, kHeaderLimits);
  if (!header) {
    return lines.fail(header.error().code, "header: " + header.error().message);
  }
  out.header = TRY(header_from(*header));
  const std::vector<catalog::Document> documents = TRY(read_documents(lines, out.header));
  if (!options.any_catalogue && std::find(options.catalogues.begin(), options.catalogues.end(),
                                          out.header.catalogue_digest) == options.catalogues.end()) {
    return untrusted("catalogue: assessed with " + base::printable(out.header.catalogue) + " (digest " +
                     out.header.catalogue_digest.substr(0, 16) +
                     "…), which is not the edition here; give its folder (--catalog, --checks), or --own-catalogue to "
                     "compute with the one in the bundle");
  }
  const std::string_view key_line = TRY(lines.take("keys", ledger::kMaxKeyListBytes * 2));
  const std::string key_text = TRY(json_text(lines, "keys", key_line));
  const ledger::Trust keys = TRY(ledger::Trust::parse(key_text));
  const std::string_view note_line = TRY(lines.take("checkpoint", ledger::kMaxNoteBytes * 2));
  const std::string note = TRY(json_text(lines, "checkpoint", note_line));
  const ledger::OpenedCheckpoint checkpoint = TRY(ledger::open_checkpoint(note, keys, options.now));
  out.origin = checkpoint.checkpoint.origin;
  out.log_size = checkpoint.checkpoint.size;
  out.log_keys = checkpoint.signed_by;
  out.witnesses = checkpoint.witnessed_by;
  assess::Facts facts = TRY(assess::Facts::create());
  Evidence evidence = TRY(read_entries(lines, out.header, facts));
  TRY(check_proof(lines, evidence, checkpoint.checkpoint));
  out.inherited = std::move(evidence.inherited);
  const std::string_view result_line = TRY(lines.take("result", kMaxResultBytes));
  auto stated = base::parse_json(result_line, kResultLimits);
  if (!stated) {
    return lines.fail(stated.error().code, "result: " + stated.error().message);
  }
  if (!lines.empty()) {
    return lines.fail(Errc::malformed, "something follows the result");
  }
  const catalog::Catalog catalogue = TRY(catalog::load(documents, "catalogue of the bundle"));
  TRY(facts.finish(out.header.time));
  const assess::Assessment assessment = TRY(assess::assess(facts, catalogue));
  out.outcome = assess::outcome_value(assessment);
  if (const auto differences = assess::outcome_differences(*stated, out.outcome); !differences.empty()) {
    return untrusted("result: is not what its evidence gives: " + base::join(differences, "; "));
  }
  return out;
}

assess::Inherited inherit(const Verified& verified, std::string_view provider) {
  assess::Inherited out;
  out.provider = provider;
  out.bundle = verified.sha256;
  out.system = verified.header.system;
  out.origin = verified.origin;
  out.signer = verified.signer;
  out.time = verified.header.time;
  out.catalogue = verified.header.catalogue;
  out.catalogue_digest = verified.header.catalogue_digest;
  out.adherence = verified.outcome["adherence"].as_text();
  for (const Value& role : verified.outcome["roles"].as_list()) {
    out.roles.emplace_back(role.as_text());
  }
  for (const Value& entry : verified.outcome["provisions"].as_list()) {
    out.provisions.push_back({std::string(entry["id"].as_text()), std::string(entry["verb"].as_text()),
                              std::string(entry["verdict"].as_text()), std::string(entry["strength"].as_text()),
                              entry["stale"].as_bool(), entry["excepted"].as_bool(),
                              std::string(entry["attested_by"].as_text())});
  }
  std::set<std::string> chain;
  for (const assess::Inherited& further : verified.inherited) {
    chain.insert(further.origin);
    chain.insert(further.chain.begin(), further.chain.end());
  }
  out.chain.assign(chain.begin(), chain.end());
  return out;
}

}  // namespace bundle
