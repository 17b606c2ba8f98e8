#include <charconv>

#include "app/log/log.h"
#include "base/text.h"
#include "ledger/log_key.h"

namespace app {
namespace {

using base::Errc;
using base::Error;
using base::Result;

Result<std::uint32_t> key_id_of(std::string_view word) {
  std::uint32_t id = 0;
  const auto [end, failure] = std::from_chars(word.data(), word.data() + word.size(), id, 16);
  if (word.size() != 8 || failure != std::errc() || end != word.data() + word.size()) {
    return Error{Errc::usage, "\"" + base::printable(word) + "\" is not a key id: 8 hexadecimal digits"};
  }
  return id;
}

Result<void> run(const Arguments& arguments, Console& console) {
  const ledger::Ledger log = TRY(open_log_to_sign(arguments, 0));
  std::optional<std::filesystem::path> file;
  if (arguments.has("key")) {
    file = arguments.get("key");
  }
  const base::UnixTime now = base::now();
  const base::UnixTime at = arguments.has("at") ? TRY(base::parse_time(arguments.get("at"))) : now;
  if (arguments.has("revoke")) {
    const std::uint32_t id = TRY(key_id_of(arguments.get("revoke")));
    TRY(ledger::revoke_log_key(log, id, at));
  } else if (arguments.has("expire")) {
    if (!arguments.has("at")) {
      return Error{Errc::usage, "say when the key expires: --at TIME"};
    }
    const std::uint32_t id = TRY(key_id_of(arguments.get("expire")));
    TRY(ledger::expire_log_key(log, id, at));
  } else {
    const ledger::NoteSigner signer = TRY(ledger::open_log_key(log, file, now));
    if (arguments.has("rotate")) {
      TRY(ledger::rotate_log_key(log, signer, now));
    }
  }
  console.out << TRY(ledger::read_key_list(log.directory())).to_text();
  return {};
}

}  // namespace

Exit run_log_key(const Arguments& arguments, Console& console) {
  const auto done = run(arguments, console);
  return done ? Exit::passed : report_log_error(done.error(), console);
}

}  // namespace app
