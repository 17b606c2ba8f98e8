#include "ledger/entry_search.h"

#include "ledger/entry_format.h"

// Whatever the bytes are: what is found are entries, one after another, up to the end or to zeros.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto places = ledger::entries_up_to_end(bytes);
  std::size_t next = places.empty() ? size : places.front();
  for (const std::size_t place : places) {
    ledger::StoredEntry entry;
    if (place != next || size - place < ledger::kLengthBytes) {
      __builtin_trap();
    }
    next = place + ledger::kLengthBytes +
           static_cast<std::size_t>(ledger::big_endian(bytes.substr(place), ledger::kLengthBytes));
    if (next > size ||
        !ledger::take_apart(bytes.substr(place + ledger::kLengthBytes, next - place - ledger::kLengthBytes), entry)) {
      __builtin_trap();
    }
  }
  if (bytes.substr(next).find_first_not_of('\0') != std::string_view::npos) {
    __builtin_trap();
  }
  return 0;
}
