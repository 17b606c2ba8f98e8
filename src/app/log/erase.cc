#include <charconv>

#include "app/change_log.h"
#include "app/log/log.h"
#include "base/text.h"

namespace app {

Exit run_log_erase(const Arguments& arguments, Console& console) {
  const std::string text = arguments.positional(0, "");
  std::uint64_t index = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), index);
  if (text.empty() || failure != std::errc() || end != text.data() + text.size()) {
    return report_error({base::Errc::usage, "say which entry to erase, by its number; surety log show lists them"},
                        console);
  }
  if (!arguments.has("reason") || base::trim(arguments.get("reason")).empty()) {
    return report_error({base::Errc::usage, "--reason: say why; the erasure is recorded with it"}, console);
  }
  const auto place = workplace(arguments, arguments.positional(1, "."));
  if (!place) {
    return report_error(place.error(), console);
  }
  if (const auto there = ledger::Ledger::open(place->state, ledger::Ledger::Mode::read); !there) {
    return report_log_error(there.error(), console);  // opening to write would make one
  }
  auto log = ledger::Ledger::open(place->state, ledger::Ledger::Mode::write);
  if (!log) {
    return report_log_error(log.error(), console);
  }
  PendingEvent erasure;
  auto id = random_id();
  if (!id) {
    return report_error(id.error(), console);
  }
  erasure.event.id = *std::move(id);
  erasure.event.actor = arguments.get("actor", user_name());
  erasure.event.reason = arguments.get("reason");
  erasure.event.effective = base::now();
  const auto erased = erase_entry(*log, place->state, index, arguments.all("field"), std::move(erasure));
  if (!erased) {
    return report_log_error(erased.error(), console);
  }
  console.out << "Erased from entry " << index << ": " << base::join(*erased, ", ") << "\n";
  return Exit::passed;
}

}  // namespace app
