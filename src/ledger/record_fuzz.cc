#include "ledger/ledger.h"

// A record with its content, taken apart and put together, is the record.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto record = ledger::parse_record(bytes);
  if (record && record->entry.record == 1 && ledger::record_of(record->entry) != bytes) {
    __builtin_trap();
  }
  return 0;
}
