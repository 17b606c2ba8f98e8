#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/entry_format.h"

namespace ledger {

/// Entries that are recorded together, as they will lie in the file of entries: added one by one, then sealed, then
/// given to EntryFile::write(). Private to this room. Not thread-safe; once sealed it may be read in several threads.
class EntryBatch {
 public:
  /// A batch for the file of that marker, at byte `place` of it; `first` is the index of its first entry. `buffer` is
  /// room to be used again.
  EntryBatch(const Marker& marker, std::uint64_t place, std::uint64_t first, std::string buffer = {});

  struct Added {
    base::Sha256 leaf;
    std::uint64_t place;  ///< Byte of the file where the entry begins.
  };
  Added add(base::UnixTime received, std::string_view key, std::string_view content, std::uint8_t record);
  /// Writes what stands before the entries; nothing is added any more.
  void seal();

  [[nodiscard]] std::uint64_t place() const { return place_; }
  /// Byte of the file behind it. A batch without entries is not written.
  [[nodiscard]] std::uint64_t end() const { return count() == 0 ? place_ : place_ + bytes_.size(); }
  [[nodiscard]] std::size_t count() const { return leaves_.size(); }
  [[nodiscard]] std::string_view bytes() const { return bytes_; }
  /// The entry that begins at byte `place` of the file, as entry `index`; none where there is none. The views live
  /// until another is added.
  [[nodiscard]] std::optional<StoredEntry> at(std::uint64_t place, std::uint64_t index) const;
  /// Its room, for another.
  [[nodiscard]] std::string release() && { return std::move(bytes_); }

 private:
  Marker marker_;
  std::uint64_t place_;
  std::uint64_t first_;
  std::string bytes_;
  std::vector<base::Sha256> leaves_;
};

}  // namespace ledger
