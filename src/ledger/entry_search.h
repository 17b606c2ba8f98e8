#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace ledger {

/// Where entries stand behind a damaged place: from the first offset of `bytes` from which one entry follows another up
/// to the end, or up to where only zeros are left, the offset of each entry. Empty where there is no such offset. What
/// stands there may still be no entry that was ever recorded: the hash of its leaf shows that. Time and memory grow
/// with `bytes` only. Private to this room.
[[nodiscard]] std::vector<std::size_t> entries_up_to_end(std::string_view bytes);

}  // namespace ledger
