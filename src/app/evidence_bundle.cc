#include "app/evidence_bundle.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <optional>

#include "app/event_projection.h"
#include "app/log/log.h"
#include "app/pipeline.h"
#include "app/sign_options.h"
#include "assess/outcome.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "bundle/requirements.h"
#include "evidence/statement.h"
#include "ledger/log_key.h"

namespace app {
namespace {

using base::Errc;
using base::Error;
using base::Result;
using base::Value;

// The documents of the catalogue that --catalog and --checks name.
Result<std::vector<catalog::Document>> catalogue_documents(const Arguments& arguments) {
  std::vector<catalog::Document> documents = arguments.has("catalog")
                                                 ? TRY(catalog::documents(arguments.get("catalog")))
                                                 : TRY(catalog::built_in_documents("uk-ai-code"));
  for (const std::string& folder : arguments.all("checks")) {
    for (catalog::Document& document : TRY(catalog::check_documents(folder))) {
      documents.push_back(std::move(document));
    }
  }
  return documents;
}

// The digests of the catalogues that are known here.
Result<std::vector<std::string>> known_catalogues(const Arguments& arguments) {
  std::vector<std::string> out;
  for (const std::string& name : catalog::built_in()) {
    out.push_back(catalog::digest(TRY(catalog::built_in_documents(name))));
  }
  if (arguments.has("catalog") || arguments.has("checks")) {
    out.push_back(catalog::digest(TRY(catalogue_documents(arguments))));
  }
  return out;
}

Result<base::PrivateKey> bundle_key(const Arguments& arguments) {
  if (!arguments.has("key")) {
    return Error{Errc::usage, "--sign needs --key FILE: the private key that signs (surety keygen makes one)"};
  }
  const std::string passphrase = TRY(passphrase_of(arguments));
  return base::PrivateKey::from_file(arguments.get("key"), passphrase);
}

// Entries that hold now: what was removed stands in the log as a removal, and is no evidence.
bool is_removal(const ledger::Entry& entry) {
  return entry.content.find("\"predicateType\":\"" + std::string(evidence::kRemovedPredicate) + "\"") !=
         std::string::npos;
}

Value statement_of_outcome(const bundle::Verified& verified) {
  Value::List keys;
  for (const std::string& key : verified.log_keys) {
    keys.emplace_back(key);
  }
  Value::List witnesses;
  for (const std::string& witness : verified.witnesses) {
    witnesses.emplace_back(witness);
  }
  return Value::Map{{"system", verified.header.system},
                    {"time", base::to_iso8601(verified.header.time)},
                    {"tool_version", verified.header.tool_version},
                    {"catalogue", verified.header.catalogue},
                    {"catalogue_digest", verified.header.catalogue_digest},
                    {"sha256", verified.sha256.hex()},
                    {"signer", verified.signer},
                    {"origin", verified.origin},
                    {"log_size", verified.log_size},
                    {"entries", verified.header.entries},
                    {"log_keys", std::move(keys)},
                    {"witnesses", std::move(witnesses)},
                    {"outcome", verified.outcome}};
}

void print(const bundle::Verified& verified, bool trusted, Console& console) {
  const bundle::Header& header = verified.header;
  console.out << "Verified: " << base::printable(header.system.empty() ? "a system without a name" : header.system)
              << ", assessed on " << base::to_iso8601(header.time) << " by Surety "
              << base::printable(header.tool_version) << "\n"
              << "  against " << base::printable(header.catalogue_title) << ", catalogue "
              << base::printable(header.catalogue) << "\n"
              << "  " << base::counted(header.entries, "entry", "entries") << " of evidence, each in the log "
              << base::printable(verified.origin) << " (" << base::grouped(verified.log_size)
              << "); every verdict computed again\n"
              << "  signed by key " << verified.signer
              << (trusted ? "" : ", which is none you named: give --public-key to know whose it is") << "\n";
  for (const std::string& witness : verified.witnesses) {
    console.out << "  log witnessed by " << base::printable(witness) << "\n";
  }
  console.out << "\n";
  for (const auto& [verb, counts] : verified.outcome["counts"].as_map()) {
    const auto number = [&counts = counts](std::string_view name) { return std::to_string(counts[name].as_integer()); };
    const std::int64_t tested = counts["pass"].as_integer() - counts["pass_attested"].as_integer();
    console.out << "  " << verb << std::string(8 - std::min<std::size_t>(verb.size(), 7), ' ') << tested
                << " pass (tested), " << number("pass_attested") << " pass (attested), " << number("fail") << " fail, "
                << number("excepted") << " excepted, " << number("inconclusive") << " inconclusive (" << number("stale")
                << " stale), " << number("not_applicable") << " not applicable\n";
  }
  std::string word(verified.outcome["adherence"].as_text());
  if (!word.empty() && word[0] >= 'a' && word[0] <= 'z') {
    word[0] = static_cast<char>(word[0] - 'a' + 'A');
  }
  console.out << word << ": " << base::printable(verified.outcome["adherence_reason"].as_text()) << "\n";
}

Result<std::vector<std::string>> gaps_of(const Arguments& arguments, const bundle::Verified& verified) {
  const std::string file = arguments.get("requirements");
  const std::string text = TRY(base::read_file(file, bundle::kMaxRequirementsBytes));
  const catalog::Catalog catalog = TRY(load_catalog(arguments));
  const bundle::Requirements requirements = TRY(bundle::parse_requirements(text, base::printable(file), catalog));
  return bundle::gaps(requirements, verified, base::now());
}

}  // namespace

Result<void> write_bundle(const Arguments& arguments, Console& console) {
  if (!arguments.has("output")) {
    return Error{Errc::usage, "--sign needs --output FILE.surety"};
  }
  const base::PrivateKey key = TRY(bundle_key(arguments));
  const Workplace place = TRY(workplace(arguments, arguments.positional(0, ".")));
  catalog::Catalog catalog = TRY(load_catalog(arguments));
  const Outcome known = TRY(recorded_assessment(place, std::move(catalog)));
  const std::vector<catalog::Document> documents = TRY(catalogue_documents(arguments));
  const ledger::Ledger log = TRY(ledger::Ledger::open(place.state, ledger::Ledger::Mode::write));
  const ledger::NoteSigner signer = TRY(ledger::open_log_key(log, std::nullopt, base::now()));
  const std::string checkpoint = TRY(ledger::sign_checkpoint(log, signer));
  const ledger::Trust keys = TRY(ledger::read_key_list(place.state));
  const assess::Assessment& own = known.assessment;
  bundle::Header header;
  header.tool_version = kVersion;
  header.system = own.system_name;
  header.time = own.time;
  header.catalogue = known.catalog->id + " " + known.catalog->version;
  header.catalogue_title = known.catalog->title;
  bundle::Writer writer(header, documents);
  assess::Facts facts = TRY(assess::Facts::create());
  std::vector<ledger::Entry> entries;
  TRY(log.for_each_current([&](const ledger::Entry& entry) -> Result<void> {
    if (!is_removal(entry) && !vouches_for_events(entry.key)) {
      entries.push_back(entry);
    }
    return {};
  }));
  std::sort(entries.begin(), entries.end(),
            [](const ledger::Entry& a, const ledger::Entry& b) { return a.index < b.index; });
  for (const ledger::Entry& entry : entries) {
    TRY(writer.add(entry));
    TRY(bundle::load_entry(facts, entry));
  }
  TRY(facts.finish(header.time));
  const assess::Assessment stranger = TRY(assess::assess(facts, *known.catalog));
  for (std::size_t i = 0; i < stranger.provisions.size(); ++i) {
    if (stranger.provisions[i].verdict != own.provisions[i].verdict) {
      console.err << "surety: provision " << base::printable(stranger.provisions[i].provision->id) << " is "
                  << assess::to_string(own.provisions[i].verdict) << " here and "
                  << assess::to_string(stranger.provisions[i].verdict)
                  << " for who reads the bundle: private fields of the change log are withheld\n";
    }
  }
  const std::string text = TRY(writer.finish(log, checkpoint, keys, assess::outcome_value(stranger), key));
  TRY(base::write_file(arguments.get("output"), text));
  console.out << "Wrote " << base::printable(arguments.get("output")) << ": "
              << base::counted(entries.size(), "entry", "entries") << " of evidence, " << base::human_bytes(text.size())
              << ", signed by key " << bundle::fingerprint(key.public_key()) << "\n";
  return {};
}

bool is_bundle_file(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::string line(bundle::kFirstLine.size(), '\0');
  in.read(line.data(), static_cast<std::streamsize>(line.size()));
  return in.gcount() == static_cast<std::streamsize>(line.size()) && line.starts_with("surety-bundle\t");
}

Result<bundle::Verified> read_bundle(const Arguments& arguments, const std::string& file) {
  const std::string shown = base::printable(file);
  bundle::VerifyOptions options;
  options.now = present();
  options.any_catalogue = arguments.has("own-catalogue");
  options.catalogues = TRY(known_catalogues(arguments));
  for (const std::string& name : arguments.all("public-key")) {
    const std::string pem = TRY(base::read_file(name, 1U << 20));
    auto key = base::PublicKey::from_pem(pem);
    if (!key) {
      return std::move(key).error().in_file(base::printable(name));
    }
    options.signers.push_back(bundle::fingerprint(*key));
  }
  const base::Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (!descriptor.is_open() || ::fstat(descriptor.get(), &status) != 0) {
    return base::system_error("open", file);
  }
  if (!S_ISREG(status.st_mode)) {
    return Error{Errc::usage, "not a regular file", 0, shown};
  }
  if (status.st_size == 0) {
    return Error{Errc::untrusted, "empty, not a bundle", 0, shown};
  }
  const base::MappedFile mapped =
      TRY(base::MappedFile::map(descriptor.get(), static_cast<std::uint64_t>(status.st_size)));
  auto verified = bundle::verify(base::as_text(mapped.bytes()), options);
  if (mapped.shrunk()) {
    return Error{Errc::io, "changed while it was read", 0, shown};
  }
  if (!verified) {
    Error error = std::move(verified).error();
    if (error.code != Errc::io && error.code != Errc::unsupported) {
      error.code = Errc::untrusted;  // a bundle that cannot be read shows nothing
    }
    return std::move(error).in_file(shown);
  }
  return verified;
}

Exit verify_bundle(const Arguments& arguments, Console& console) {
  const auto verified = read_bundle(arguments, arguments.positional(0, ""));
  if (!verified) {
    return report_error(verified.error(), console);
  }
  std::vector<std::string> gaps;
  const bool asked = arguments.has("requirements");
  if (asked) {
    auto found = gaps_of(arguments, *verified);
    if (!found) {
      return report_error(found.error(), console);
    }
    gaps = std::move(*found);
  }
  const bool trusted = arguments.has("public-key");
  if (arguments.get("format", "text") == "json") {
    Value result = statement_of_outcome(*verified);
    result.set("signer_known", trusted);
    if (asked) {
      Value list{Value::List{}};
      for (const std::string& gap : gaps) {
        list.push(gap);
      }
      result.set("gaps", std::move(list));
    }
    console.out << base::to_json(result, 2) << "\n";
  } else {
    print(*verified, trusted, console);
    if (asked) {
      console.out << "\n"
                  << (gaps.empty() ? "Requirements: all met" : "Requirements: " + base::counted(gaps.size(), "gap"))
                  << "\n";
      for (const std::string& gap : gaps) {
        console.out << "  - " << gap << "\n";
      }
    }
  }
  if (!gaps.empty()) {
    return Exit::gate_failed;
  }
  return trusted ? Exit::passed : Exit::unknown;
}

}  // namespace app
