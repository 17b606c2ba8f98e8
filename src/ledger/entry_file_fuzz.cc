#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ledger/entry_file.h"

// What follows the marker of a file of entries, whatever it is: the reader stays inside of it, reads every entry of a
// frame that it takes for whole, and ends.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const base::Descriptor file(::memfd_create("entries", MFD_CLOEXEC));
  if (!file.is_open() || ::ftruncate(file.get(), 0) != 0 ||
      ::pwrite(file.get(), data, size, 0) != static_cast<ssize_t>(size)) {
    return 0;
  }
  constexpr ledger::Marker kMarker = {'m', 'a', 'r', 'k', 'm', 'a', 'r', 'k', 'm', 'a', 'r', 'k'};
  ledger::EntryReader reader(file.get(), kMarker, 0, 0);
  ledger::FrameCheck check;
  bool in_frame = false;
  for (;;) {
    const std::uint64_t place = reader.place();
    const auto item = reader.next();
    if (!item) {
      __builtin_trap();  // the file can be read
    }
    if (*item == ledger::EntryReader::Item::end) {
      return 0;
    }
    if (*item == ledger::EntryReader::Item::broken) {
      const auto found = reader.go_past_damage(size % 5);
      if (!found || (*found && reader.place() < place) ||
          (reader.skipped() && reader.skipped()->key.size() + reader.skipped()->content.size() > size)) {
        __builtin_trap();
      }
      if (!*found) {
        return 0;
      }
      in_frame = false;
    } else if (*item == ledger::EntryReader::Item::frame) {
      check.begin(reader.frame());
      in_frame = true;
    } else {
      const auto& entry = reader.entry();
      if (reader.place() > size || entry.key.size() + entry.content.size() > size || entry.place != place) {
        __builtin_trap();
      }
      const auto leaf = ledger::leaf_hash_of(entry);
      if (in_frame) {
        check.add(leaf);
        if (check.is_complete()) {
          (void)check.holds();
          in_frame = false;
        }
      }
    }
  }
}
