#include "ledger/note.h"
#include "ledger/signed_checkpoint.h"

// What is read as a note is written as one that reads the same; as a checkpoint likewise.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto note = ledger::Note::parse(bytes);
  if (note) {
    const auto again = ledger::Note::parse(note->to_text());
    if (!again || again->to_text() != note->to_text()) {
      __builtin_trap();
    }
  }
  const auto checkpoint = ledger::unverified_checkpoint(bytes);
  if (checkpoint && (!note || !note->text.starts_with(checkpoint->to_text()))) {
    __builtin_trap();
  }
  return 0;
}
