#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/file.h"
#include "base/result.h"
#include "ledger/entry_batch.h"
#include "ledger/record.h"

/// The file of entries (`ledger.entries`): the log itself, appended to with one write and one sync for each batch.
/// docs/formats/ledger.md has every byte. Private to this room.
namespace ledger {

/// What stands before the entries of a batch.
struct Frame {
  std::uint64_t place = 0;  ///< Byte of the file where it begins.
  std::uint64_t first = 0;  ///< Index of the first entry.
  std::uint64_t bytes = 0;  ///< Of the entries.
  std::uint32_t count = 0;  ///< Entries.
  base::Sha256 digest;      ///< Over the fields above and the leaf hashes.
  std::string_view fields;  ///< What the digest begins with.
  [[nodiscard]] std::uint64_t end() const { return place + kFrameHeaderBytes + bytes; }
};

/// Reads a file of entries front to back, from a frame or from any entry. Memory does not grow with the file, but for
/// one entry. Does not check digests.
class EntryReader {
 public:
  /// Borrows the descriptor. Begins at `place`, where a frame begins, or entry `index` of the frame at hand.
  EntryReader(int descriptor, const Marker& marker, std::uint64_t place, std::uint64_t index)
      : descriptor_(descriptor), marker_(marker), at_(place), index_(index) {}

  enum class Item : std::uint8_t {
    frame,   ///< A frame begins: frame().
    entry,   ///< entry().
    end,     ///< Nothing more: the end of the file, or the zeros that a writer keeps ahead.
    broken,  ///< What stands here is neither: damage, or a batch that was not written to its end.
  };
  /// The next item. Fails with io.
  base::Result<Item> next();
  [[nodiscard]] const StoredEntry& entry() const { return entry_; }
  [[nodiscard]] const Frame& frame() const { return frame_; }
  /// Byte of the file that is read next.
  [[nodiscard]] std::uint64_t place() const { return at_; }
  /// Entries of the frame at hand that are still to come; unknown, and then 0, before the first frame was met.
  [[nodiscard]] std::uint64_t left_in_frame() const { return left_; }
  /// What comes is a batch, or nothing: an entry would be damage.
  void expect_frame() { at_frame_ = true; }
  /// Whether a batch ended here, as its header says.
  [[nodiscard]] bool is_between_batches() const { return !in_frame_ || (left_ == 0 && at_ == frame_end_); }
  /// Goes to `place`, as in the constructor.
  void seek(std::uint64_t place, std::uint64_t index);
  /// Goes to the first frame that begins at or after `place`; false where there is none. Fails with io.
  base::Result<bool> seek_frame(std::uint64_t place);
  /// After `broken`: goes to the next entry of the batch at hand from which on all others can be read, or to the next
  /// frame; false where there is neither. Of the last batch it must be known how many entries the log has. Where only
  /// the length of one entry is damaged, skipped() is that entry then. Takes memory for one batch. Fails with io.
  base::Result<bool> go_past_damage(std::uint64_t log_size);
  [[nodiscard]] const std::optional<StoredEntry>& skipped() const { return skipped_; }

 private:
  /// Makes `count` bytes from at_ on available; false where the file is shorter.
  base::Result<bool> have(std::uint64_t count);
  [[nodiscard]] std::string_view bytes(std::uint64_t count) const {
    return std::string_view(buffer_).substr(static_cast<std::size_t>(at_ - base_), static_cast<std::size_t>(count));
  }

  int descriptor_;
  Marker marker_;
  std::string buffer_;
  std::uint64_t base_ = 0;  ///< Where the buffer begins in the file.
  std::uint64_t at_;
  std::uint64_t index_;
  std::uint64_t left_ = 0;
  std::uint64_t frame_end_ = 0;
  bool in_frame_ = false;
  std::size_t chunk_ = 0;
  bool at_frame_ = false;  ///< What comes is a batch, or nothing.
  StoredEntry entry_;
  Frame frame_;
  std::optional<StoredEntry> skipped_;
  std::string around_damage_;  ///< What the search looked at.
};

/// Checks frames against their digests as their entries come by.
class FrameCheck {
 public:
  void begin(const Frame& frame);
  void add(const base::Sha256& leaf);
  /// Whether all entries came by that the frame announced.
  [[nodiscard]] bool is_complete() const { return left_ == 0; }
  /// Whether they are those of the digest. After the last only, once.
  [[nodiscard]] bool holds();

 private:
  std::optional<QuickHasher> hasher_;
  base::Sha256 digest_;
  std::uint64_t left_ = 0;
};

/// An open file of entries. Not thread-safe.
class EntryFile {
 public:
  /// Makes the file, or makes it anew, and syncs it. Fails with io.
  static base::Result<EntryFile> create(const std::filesystem::path& path, std::string_view origin);
  /// The origin of the log whose entries the file holds. Fails with io, not_found or malformed.
  static base::Result<std::string> origin_of(const std::filesystem::path& path);
  /// Opens the file of the log `origin`. Fails with io, not_found, malformed, or untrusted (of another log).
  static base::Result<EntryFile> open(const std::filesystem::path& path, std::string_view origin, bool for_writing);
  ~EntryFile();
  EntryFile(EntryFile&&) noexcept;
  EntryFile& operator=(EntryFile&&) noexcept;

  [[nodiscard]] std::uint64_t first_frame() const { return header_bytes_; }
  [[nodiscard]] EntryReader reader(std::uint64_t place, std::uint64_t index) const {
    EntryReader out(file_.get(), marker_, place, index);
    if (place == header_bytes_) {
      out.expect_frame();
    }
    return out;
  }
  /// The entry that begins at `place`; none where there is no entry. Fails with io.
  base::Result<std::optional<StoredEntry>> at(std::uint64_t place, std::uint64_t index);
  /// at() reads the file anew: there is more in it than before.
  void forget() { single_.reset(); }
  /// Bytes of the file now. Fails with io.
  [[nodiscard]] base::Result<std::uint64_t> size() const;
  /// What was read so far is on the disk from now on. Fails with io.
  [[nodiscard]] base::Result<void> sync() const;

  /// For writers: the end of the last batch, where the next goes. What stands behind it is cut off. Fails with io.
  base::Result<void> continue_at(std::uint64_t end);
  [[nodiscard]] std::uint64_t end() const { return end_; }
  /// A batch that goes behind the last one that was written.
  [[nodiscard]] EntryBatch batch(std::uint64_t first) const { return {marker_, end_, first}; }
  /// Writes and syncs a sealed batch that begins at end(). While one thread writes, another may use at() and readers,
  /// but not end(). Fails with io, and then nothing is recorded: what was written is cut off again; where that fails
  /// too, every later call fails until the file is opened anew.
  base::Result<void> write(const EntryBatch& batch);
  [[nodiscard]] const Marker& marker() const { return marker_; }

 private:
  static base::Result<EntryFile> open_any(const std::filesystem::path& path, bool for_writing, std::string& origin);
  EntryFile(std::filesystem::path path, base::Descriptor file) : path_(std::move(path)), file_(std::move(file)) {}
  base::Result<void> write_at(std::string_view bytes, std::size_t zeros, std::uint64_t place);

  std::filesystem::path path_;
  base::Descriptor file_;
  Marker marker_{};
  std::uint64_t header_bytes_ = 0;
  std::uint64_t end_ = 0;              ///< Of the last batch.
  std::uint64_t allocated_ = 0;        ///< Of the file.
  bool is_writer_ = false;             ///< Only then end_ says where the file may be cut.
  bool is_stuck_ = false;              ///< What stands behind end_ could not be cut off.
  std::optional<EntryReader> single_;  ///< For at().
};

}  // namespace ledger
