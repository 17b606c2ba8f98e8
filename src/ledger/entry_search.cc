#include "ledger/entry_search.h"

#include "ledger/entry_format.h"

namespace ledger {

std::vector<std::size_t> entries_up_to_end(std::string_view bytes) {
  const std::size_t data_end = bytes.find_last_not_of('\0') + 1;  // 0 where there are only zeros
  // From the back: is there one entry after another from here to the end?
  std::vector<bool> leads_to_end(bytes.size() + 1);
  const auto next_of = [&](std::size_t at) {
    return at + kLengthBytes + static_cast<std::size_t>(big_endian(bytes.substr(at), kLengthBytes));
  };
  std::size_t first = bytes.size();
  for (std::size_t at = bytes.size() + 1; at-- > 0;) {
    if (at >= data_end) {
      leads_to_end[at] = true;
      continue;
    }
    if (bytes.size() - at < kLengthBytes + kRecordHeadBytes || bytes[at + kLengthBytes] != '\0') {
      continue;
    }
    const std::size_t next = next_of(at);
    StoredEntry ignored;
    if (next <= bytes.size() && next - at - kLengthBytes <= kMaxEntryBytes && leads_to_end[next] &&
        take_apart(bytes.substr(at + kLengthBytes, next - at - kLengthBytes), ignored)) {
      leads_to_end[at] = true;
      first = at;
    }
  }
  std::vector<std::size_t> out;
  for (std::size_t at = first; at < data_end; at = next_of(at)) {
    out.push_back(at);
  }
  return out;
}

}  // namespace ledger
