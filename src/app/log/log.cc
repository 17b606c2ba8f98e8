#include "app/log/log.h"

#include <charconv>

#include "base/file.h"
#include "base/text.h"
#include "ledger/log_key.h"

namespace app {

base::Result<ledger::Ledger> open_log(const Arguments& arguments, std::size_t place) {
  const Workplace found = TRY(workplace(arguments, arguments.positional(place, ".")));
  return ledger::Ledger::open(found.state, ledger::Ledger::Mode::read);
}

base::Result<ledger::Ledger> open_log_to_sign(const Arguments& arguments, std::size_t place) {
  const Workplace found = TRY(workplace(arguments, arguments.positional(place, ".")));
  TRY(ledger::Ledger::open(found.state, ledger::Ledger::Mode::read));  // writing would make one
  return ledger::Ledger::open(found.state, ledger::Ledger::Mode::write);
}

base::Result<std::string> signed_now(const Arguments& arguments, const ledger::Ledger& log) {
  std::optional<std::filesystem::path> file;
  if (arguments.has("key")) {
    file = arguments.get("key");
  }
  return ledger::sign_checkpoint(log, TRY(ledger::open_log_key(log, file, base::now())));
}

base::Result<ledger::Trust> trust_of(const Arguments& arguments) {
  ledger::Trust trust;
  for (const bool of_witness : {false, true}) {
    for (const std::string& word : arguments.all(of_witness ? "witness-key" : "key")) {
      std::error_code ignored;
      const bool is_file = std::filesystem::exists(word, ignored) || word.find('+') == std::string::npos;
      const std::string text = is_file ? TRY(base::read_file(word, ledger::kMaxKeyListBytes)) : word;
      auto list = ledger::Trust::parse(!is_file && of_witness ? "witness " + text : text);
      if (!list && of_witness && is_file) {
        list = ledger::Trust::parse("witness " + text);  // a file with nothing but the key
      }
      if (!list) {
        return std::move(list).error().in_file(base::printable(is_file ? word : "--key"));
      }
      if (!of_witness) {
        trust.keys.insert(trust.keys.end(), list->keys.begin(), list->keys.end());
      }
      trust.witnesses.insert(trust.witnesses.end(), list->witnesses.begin(), list->witnesses.end());
    }
  }
  if (trust.keys.empty()) {
    return base::Error{base::Errc::usage,
                       "say whose word counts: --key with the verifier key of the log, or a key list"};
  }
  if (arguments.has("quorum")) {
    const std::string word = arguments.get("quorum");
    const auto [end, failure] = std::from_chars(word.data(), word.data() + word.size(), trust.quorum);
    if (failure != std::errc() || end != word.data() + word.size()) {
      return base::Error{base::Errc::usage, "--quorum: not a number"};
    }
  }
  return trust;
}

base::Result<void> deliver(const Arguments& arguments, std::string_view content, Console& console) {
  if (arguments.has("output") && arguments.get("output") != "-") {
    return base::write_file(arguments.get("output"), content);
  }
  console.out << content;
  return {};
}

base::Result<ledger::Checkpoint> kept_checkpoint(const std::string& file) {
  const std::string text = TRY(base::read_file(file, ledger::kMaxNoteBytes));
  auto parsed = ledger::Checkpoint::parse(text);
  if (!parsed) {
    if (auto note = ledger::unverified_checkpoint(text)) {  // one that was signed
      return note;
    }
    return std::move(parsed).error().in_file(base::printable(file));
  }
  return parsed;
}

Exit report_log_error(const base::Error& error, Console& console) {
  const Exit code = report_error(error, console);
  return error.code == base::Errc::malformed ? Exit::integrity : code;
}

}  // namespace app
