#include <algorithm>
#include <set>

#include "app/event_projection.h"
#include "app/threats/threats.h"
#include "base/file.h"
#include "base/keys.h"
#include "base/text.h"
#include "ledger/ledger.h"
#include "threats/envelope.h"

namespace app {
namespace {

using base::Result;
using evidence::Statement;
using evidence::ThreatAcknowledgement;
using evidence::ThreatNotice;

constexpr std::uint64_t kMaxFileBytes = 16U << 20;
constexpr std::int64_t kDay = 86'400;

Result<base::PrivateKey> private_key(const Arguments& arguments) {
  std::string passphrase;
  if (arguments.has("passphrase-file")) {
    passphrase = TRY(base::read_file(arguments.get("passphrase-file"), 4096));
    passphrase = base::trim(passphrase);
  }
  auto key = base::PrivateKey::from_file(arguments.get("key"), passphrase);
  if (!key) {
    return std::move(key).error().in_file(base::printable(arguments.get("key")));
  }
  return key;
}

Result<std::vector<ThreatNotice>> notices_in(const Workplace& place) {
  const ledger::Ledger log = TRY(ledger::Ledger::open(place.state, ledger::Ledger::Mode::read));
  std::vector<ThreatNotice> out;
  const auto visit = [&](const ledger::Entry& entry) -> Result<void> {
    if (entry.key.find(evidence::kThreatNoticePredicate) == std::string::npos) {
      return {};
    }
    const Statement statement = TRY(Statement::parse(entry.content));
    if (statement.predicate_type == evidence::kThreatNoticePredicate) {
      out.push_back(TRY(evidence::threat_notice_from(statement)));
    }
    return {};
  };
  TRY(for_each_statement(log, visit));
  return out;
}

Result<void> write_out(const Arguments& arguments, const std::string& text, Console& console) {
  if (arguments.has("output")) {
    return base::write_file(arguments.get("output"), text);
  }
  console.out << text;
  return {};
}

Result<Workplace> place_of(const Arguments& arguments) {
  return workplace(arguments, arguments.get("directory", "."));
}

Result<void> send_notice(const Arguments& arguments, Console& console) {
  if (!arguments.has("to") || !arguments.has("key")) {
    return base::Error{base::Errc::usage, "--to and --key are needed: who is told, and the private key that signs"};
  }
  const Workplace place = TRY(workplace(arguments, arguments.positional(0, ".")));
  const std::uint64_t days = arguments.has("due") ? TRY(whole_number(arguments, "due", 1, 3650)) : 30;
  const evidence::ThreatModel model = TRY(recorded_threats(place));
  const assess::Facts facts = TRY(recorded_facts(place));
  const base::Value& system = facts.system().document["system"];
  const std::string from = arguments.get("from", system["owner"].as_text());
  if (from.empty()) {
    return base::Error{base::Errc::usage,
                       "nobody is named as the sender: give --from, or system.owner in ai-system.yaml"};
  }
  const base::UnixTime now = base::now();
  ThreatNotice notice = threats::notice_of(model, std::string(system["name"].as_text()), from, arguments.get("to"), now,
                                           {now.seconds + static_cast<std::int64_t>(days) * kDay});
  if (notice.threats.empty()) {
    console.err << "surety: no threat is open or accepted, so there is nothing to pass on\n";
    return {};
  }
  const base::PrivateKey key = TRY(private_key(arguments));
  const std::string envelope = TRY(threats::seal(statement_of(notice), key));
  TRY(write_out(arguments, envelope, console));
  notice.key = threats::key_id(key.public_key());
  TRY(record_statement(place, statement_of(notice)));
  console.err << "notice " << notice.id << " of " << base::counted(notice.threats.size(), "threat") << " to "
              << base::printable(notice.to) << ", to be acknowledged by " << base::to_iso_date(notice.due) << "\n";
  return {};
}

Result<std::vector<base::PublicKey>> trusted_keys(const Arguments& arguments) {
  std::vector<base::PublicKey> keys;
  for (const std::string& file : arguments.all("trust")) {
    const std::string pem = TRY(base::read_file(file, 1U << 16));
    auto key = base::PublicKey::from_pem(pem);
    if (!key) {
      return std::move(key).error().in_file(base::printable(file));
    }
    keys.push_back(std::move(*key));
  }
  if (keys.empty()) {
    return base::Error{base::Errc::usage, "--trust is needed: the public key of whoever sent it"};
  }
  return keys;
}

Result<std::string> take_in(const Workplace& place, const threats::Opened& opened) {
  if (opened.statement.predicate_type == evidence::kThreatNoticePredicate) {
    ThreatNotice notice = TRY(evidence::threat_notice_from(opened.statement));
    if (notice.received || !notice.key.empty()) {
      return base::Error{base::Errc::malformed, "is a record of a ledger, not a notice as it was sent"};
    }
    if (notice.id != threats::notice_id(notice)) {
      return base::Error{base::Errc::untrusted, "its id is not that of what it says"};
    }
    notice.received = true;
    notice.key = opened.key;
    TRY(record_statement(place, statement_of(notice)));
    return "notice " + notice.id + " of " + base::counted(notice.threats.size(), "threat") + " from " + notice.from +
           ", to be acknowledged by " + base::to_iso_date(notice.due);
  }
  if (opened.statement.predicate_type == evidence::kThreatAcknowledgementPredicate) {
    ThreatAcknowledgement acknowledgement = TRY(evidence::threat_acknowledgement_from(opened.statement));
    const std::vector<ThreatNotice> known = TRY(notices_in(place));
    const auto notice = std::find_if(known.begin(), known.end(), [&](const ThreatNotice& candidate) {
      return !candidate.received && candidate.id == acknowledgement.notice;
    });
    if (acknowledgement.received || !acknowledgement.key.empty() || notice == known.end()) {
      return base::Error{base::Errc::usage, "acknowledges notice " + acknowledgement.notice +
                                                ", and no notice of that id was sent from here"};
    }
    for (const std::string& id : acknowledgement.threats) {
      if (std::none_of(notice->threats.begin(), notice->threats.end(),
                       [&](const auto& threat) { return threat.id == id; })) {
        return base::Error{base::Errc::malformed,
                           "acknowledges " + base::printable(id) + ", which the notice does not tell of"};
      }
    }
    acknowledgement.received = true;
    acknowledgement.key = opened.key;
    TRY(record_statement(place, statement_of(acknowledgement)));
    return acknowledgement.by + " acknowledges " + base::counted(acknowledgement.threats.size(), "threat") +
           " of notice " + acknowledgement.notice;
  }
  return base::Error{base::Errc::malformed, "is neither a notice of threats nor an acknowledgement: " +
                                                base::abbreviate(base::printable(opened.statement.predicate_type), 80)};
}

Result<void> import_files(const Arguments& arguments, Console& console) {
  if (arguments.positional().empty()) {
    return base::Error{base::Errc::usage, "say which file to import"};
  }
  const Workplace place = TRY(place_of(arguments));
  const std::vector<base::PublicKey> keys = TRY(trusted_keys(arguments));
  for (const std::string& file : arguments.positional()) {
    const std::string name = base::printable(file);
    const std::string text = TRY(base::read_file(file, kMaxFileBytes));
    const auto opened = threats::open_envelope(text, keys);
    if (!opened) {
      return base::Error(opened.error()).in_file(name);
    }
    const auto said = take_in(place, *opened);
    if (!said) {
      return base::Error(said.error()).in_file(name);
    }
    console.err << base::printable(*said) << "\n";
  }
  return {};
}

// The notice that the ids belong to; null for threats of one's own.
Result<const ThreatNotice*> notice_for(const Arguments& arguments, const std::vector<ThreatNotice>& notices,
                                       const std::vector<std::string>& ids) {
  std::vector<const ThreatNotice*> fitting;
  for (const ThreatNotice& notice : notices) {
    const bool named = !arguments.has("notice") || notice.id == arguments.get("notice");
    const bool holds = std::all_of(ids.begin(), ids.end(), [&](const std::string& id) {
      return std::any_of(notice.threats.begin(), notice.threats.end(),
                         [&](const auto& threat) { return threat.id == id; });
    });
    if (notice.received && named && holds) {
      fitting.push_back(&notice);
    }
  }
  if (fitting.size() > 1) {
    std::string names;
    for (const ThreatNotice* notice : fitting) {
      names += (names.empty() ? "" : ", ") + notice->id;
    }
    return base::Error{base::Errc::usage, "several notices fit: name one with --notice (" + names + ")"};
  }
  if (fitting.empty() && (arguments.has("notice") || ids.empty())) {
    return base::Error{base::Errc::usage, "no notice that was received here tells of these threats"};
  }
  return fitting.empty() ? nullptr : fitting.front();
}

Result<void> acknowledge(const Arguments& arguments, Console& console) {
  if (!arguments.has("by")) {
    return base::Error{base::Errc::usage, "--by is needed: who acknowledges"};
  }
  const Workplace place = TRY(place_of(arguments));
  const std::vector<ThreatNotice> notices = TRY(notices_in(place));
  ThreatAcknowledgement out;
  out.threats = arguments.positional();
  std::sort(out.threats.begin(), out.threats.end());
  out.threats.erase(std::unique(out.threats.begin(), out.threats.end()), out.threats.end());
  const ThreatNotice* notice = TRY(notice_for(arguments, notices, out.threats));
  if (notice != nullptr) {
    out.notice = notice->id;
    if (out.threats.empty()) {
      for (const auto& threat : notice->threats) {
        out.threats.push_back(threat.id);
      }
    }
    if (!arguments.has("key")) {
      return base::Error{base::Errc::usage, "--key is needed: the private key that signs the answer to the notice"};
    }
  } else {
    const evidence::ThreatModel model = TRY(recorded_threats(place));
    for (const std::string& id : out.threats) {
      if (std::none_of(model.threats.begin(), model.threats.end(),
                       [&](const auto& threat) { return threat.id == id; })) {
        return base::Error{base::Errc::usage,
                           "no threat of that id: " + base::printable(id) + " (surety threats lists them)"};
      }
    }
  }
  out.by = arguments.get("by");
  out.time = base::now();
  out.action = arguments.get("action", "monitor");
  out.told_in = arguments.get("told-in");
  std::error_code error;
  if (!out.told_in.empty() && (std::filesystem::path(out.told_in).is_absolute() ||
                               !std::filesystem::is_regular_file(place.directory / out.told_in, error))) {
    return base::Error{base::Errc::usage, "--told-in: no such file in " + base::printable(place.directory.native()) +
                                              ": " + base::printable(out.told_in)};
  }
  if (arguments.has("key")) {
    const base::PrivateKey key = TRY(private_key(arguments));
    if (notice != nullptr) {
      const std::string envelope = TRY(threats::seal(statement_of(out), key));
      TRY(write_out(arguments, envelope, console));
    }
    out.key = threats::key_id(key.public_key());
  }
  TRY(record_statement(place, statement_of(out)));
  console.err << base::printable(out.by) << " acknowledges " << base::counted(out.threats.size(), "threat")
              << (notice != nullptr ? " of notice " + out.notice : std::string()) << "\n";
  return {};
}

}  // namespace

Exit run_threats_notice(const Arguments& arguments, Console& console) {
  return exit_of(send_notice(arguments, console), console);
}
Exit run_threats_import(const Arguments& arguments, Console& console) {
  return exit_of(import_files(arguments, console), console);
}
Exit run_threats_acknowledge(const Arguments& arguments, Console& console) {
  return exit_of(acknowledge(arguments, console), console);
}

}  // namespace app
