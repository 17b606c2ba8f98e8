#include "ledger/entry_file.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/text.h"
#include "ledger/entry_search.h"
#include "ledger/ledger.h"
#include "ledger/tiles.h"

namespace ledger {

using base::Errc;
using base::Error;
using base::Result;
using base::Sha256;

namespace {

constexpr std::string_view kMagic = "SrtyEnt1";
constexpr std::size_t kMaxHeaderBytes = kMagic.size() + 12 + 2 + 255 + kHashBytes;
constexpr std::size_t kSmallRead = 8U << 10;
constexpr std::uint64_t kMaxSearched = 128U << 20;  // no batch is larger: see AppenderLimits
constexpr std::size_t kLargeRead = 256U << 10;
// Small batches are written over zeros that are there already, so that a sync need not record a longer file too.
constexpr std::size_t kSmallBatch = 128U << 10;
constexpr std::size_t kZerosFactor = 32;  // ahead of a batch, as a multiple of it
constexpr std::size_t kFewestZerosAhead = 256U << 10;
constexpr std::size_t kMostZerosAhead = 1U << 20;

// As much as there is, up to `count` bytes.
Result<std::size_t> read_at(int descriptor, char* to, std::size_t count, std::uint64_t place) {
  std::size_t got = 0;
  while (got < count) {
    const ssize_t some = ::pread(descriptor, to + got, count - got, static_cast<off_t>(place + got));
    if (some < 0 && errno == EINTR) {
      continue;
    }
    if (some < 0) {
      return base::system_error("ledger: read the entries", {});
    }
    if (some == 0) {
      break;
    }
    got += static_cast<std::size_t>(some);
  }
  return got;
}

Error disk_error(const std::filesystem::path& path) {
  if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG) {
    return Error{Errc::io, "ledger: disk full, nothing was recorded", 0, base::printable(path.native())};
  }
  return base::system_error("ledger: record the entries", path);
}

}  // namespace

// ---------------------------------------------------------------------------------------------------------- reading

Result<bool> EntryReader::have(std::uint64_t count) {
  if (at_ >= base_ && at_ - base_ + count <= buffer_.size()) {
    return true;
  }
  if (count > kLargeRead) {  // a damaged length is not to take memory for what is not there
    struct stat status {};
    if (::fstat(descriptor_, &status) == 0 && at_ + count > static_cast<std::uint64_t>(status.st_size)) {
      return false;
    }
  }
  // What is in the buffer already moves to its front.
  std::size_t kept = 0;
  if (at_ >= base_ && at_ - base_ < buffer_.size()) {
    const auto from = static_cast<std::size_t>(at_ - base_);
    kept = buffer_.size() - from;
    std::memmove(buffer_.data(), buffer_.data() + from, kept);
    chunk_ = std::min(kLargeRead, 2 * chunk_);
  } else {
    chunk_ = at_ == base_ + buffer_.size() && chunk_ != 0 ? std::min(kLargeRead, 2 * chunk_) : kSmallRead;
  }
  const std::size_t wanted = std::max(static_cast<std::size_t>(count), kept + chunk_);
  buffer_.resize(wanted);
  base_ = at_;
  const auto got = read_at(descriptor_, buffer_.data() + kept, wanted - kept, at_ + kept);
  buffer_.resize(kept + (got ? *got : 0));
  TRY(got);
  return buffer_.size() >= count;
}

Result<EntryReader::Item> EntryReader::next() {
  if (in_frame_ && left_ == 0) {
    if (at_ != frame_end_) {
      return Item::broken;
    }
    in_frame_ = false;
    at_frame_ = true;
  }
  if (!TRY(have(kLengthBytes))) {
    return at_ - base_ == buffer_.size() && left_ == 0 ? Item::end : Item::broken;
  }
  const auto length = static_cast<std::uint32_t>(big_endian(bytes(kLengthBytes), kLengthBytes));
  if (length == kFrameMark) {
    if (in_frame_ || !TRY(have(kFrameHeaderBytes))) {
      return Item::broken;
    }
    const std::string_view header = bytes(kFrameHeaderBytes);
    if (header.substr(kLengthBytes, marker_.size()) != std::string_view(marker_.data(), marker_.size())) {
      return Item::broken;
    }
    frame_.place = at_;
    frame_.first = big_endian(header.substr(16), 8);
    frame_.bytes = big_endian(header.substr(24), 8);
    frame_.count = static_cast<std::uint32_t>(big_endian(header.substr(32), 4));
    frame_.fields = header.substr(0, kFrameFieldBytes);
    frame_.digest = hash_at(header.substr(kFrameFieldBytes));
    // Sizes that no file has.
    if (frame_.bytes >> 62U != 0 || frame_.first >> 62U != 0 || frame_.count == 0 ||
        frame_.bytes / kLengthBytes < frame_.count) {
      return Item::broken;
    }
    at_ += kFrameHeaderBytes;
    index_ = frame_.first;
    left_ = frame_.count;
    frame_end_ = frame_.end();
    in_frame_ = true;
    at_frame_ = false;
    return Item::frame;
  }
  if (length == 0) {
    return in_frame_ ? Item::broken : Item::end;
  }
  if (at_frame_ || length > kMaxEntryBytes || (in_frame_ && at_ + kLengthBytes + length > frame_end_) ||
      !TRY(have(kLengthBytes + length))) {
    return Item::broken;
  }
  entry_ = StoredEntry();
  entry_.index = index_;
  entry_.place = at_;
  const std::string_view whole = bytes(kLengthBytes + length).substr(kLengthBytes);
  if (!take_apart(whole, entry_)) {
    return Item::broken;
  }
  at_ += kLengthBytes + length;
  ++index_;
  left_ -= left_ == 0 ? 0 : 1;
  return Item::entry;
}

void EntryReader::seek(std::uint64_t place, std::uint64_t index) {
  at_ = place;
  index_ = index;
  left_ = 0;
  in_frame_ = false;
  at_frame_ = false;
}

Result<bool> EntryReader::seek_frame(std::uint64_t place) {
  seek(place, 0);
  std::string wanted(kLengthBytes, static_cast<char>(0xFF));
  wanted.append(marker_.data(), marker_.size());
  while (TRY(have(wanted.size()))) {
    const std::string_view rest = std::string_view(buffer_).substr(static_cast<std::size_t>(at_ - base_));
    const std::size_t found = rest.find(wanted);
    if (found != std::string_view::npos) {
      at_ += found;
      return true;
    }
    at_ += rest.size() - wanted.size() + 1;
  }
  return false;
}

Result<bool> EntryReader::go_past_damage(std::uint64_t log_size) {
  skipped_.reset();
  const std::uint64_t damage = at_;
  const std::uint64_t expected = index_;
  const bool is_frame_damaged = at_frame_;
  // Where the rest of the batch stands: by its frame, or, where that is not known, up to the next one.
  const std::uint64_t begin = is_frame_damaged ? damage + kFrameHeaderBytes : damage;
  std::uint64_t end = frame_end_;
  std::uint64_t end_index = index_ + left_;
  std::optional<std::uint64_t> next_frame;
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0) {
    return base::system_error("ledger: read the entries", {});
  }
  const auto file_bytes = static_cast<std::uint64_t>(status.st_size);
  if (!in_frame_ || end > file_bytes) {
    end = file_bytes;
    end_index = log_size;
    if (TRY(seek_frame(damage + 1))) {
      next_frame = end = at_;
      end_index = TRY(next()) == Item::frame ? frame_.first : 0;
    }
  }
  if (begin < end && end - begin <= kMaxSearched) {
    around_damage_.resize(static_cast<std::size_t>(end - begin));
    around_damage_.resize(TRY(read_at(descriptor_, around_damage_.data(), around_damage_.size(), begin)));
    const std::string_view all(around_damage_);
    const std::vector<std::size_t> places = entries_up_to_end(all);
    const std::uint64_t first = end_index - std::min<std::uint64_t>(end_index, places.size());
    // Of those that are found, what was read before is none, whatever it looks like.
    const std::uint64_t index = std::max(first, expected);
    const auto offset_of = [&](std::uint64_t entry) {
      return entry - first < places.size() ? places[static_cast<std::size_t>(entry - first)] : all.size();
    };
    // What stands at the damage is the entry that was to come there, if the one behind it is found.
    if (!is_frame_damaged && expected + 1 >= first && expected < end_index) {
      const std::size_t next = offset_of(expected + 1);
      StoredEntry skipped;
      if (next > kLengthBytes && take_apart(all.substr(kLengthBytes, next - kLengthBytes), skipped)) {
        skipped.index = expected;
        skipped.place = damage;
        skipped_ = skipped;
      }
    }
    if (!places.empty() && end_index >= places.size() && index < end_index) {
      seek(begin + offset_of(index), index);
      in_frame_ = true;
      left_ = end_index - index;
      frame_end_ = begin + places.back() + kLengthBytes + big_endian(all.substr(places.back()), kLengthBytes);
      return true;
    }
  }
  // Where only the number of entries is wrong, the next batch begins here.
  return seek_frame(next_frame.value_or(end == damage ? damage : damage + 1));
}

void FrameCheck::begin(const Frame& frame) {
  hasher_.emplace();
  hasher_->update(frame.fields);
  digest_ = frame.digest;
  left_ = frame.count;
}

void FrameCheck::add(const Sha256& leaf) {
  hasher_->update(as_text(leaf));
  --left_;
}

bool FrameCheck::holds() {
  return hasher_->finish() == digest_;
}

// ------------------------------------------------------------------------------------------------------------- files

Result<EntryFile> EntryFile::create(const std::filesystem::path& path, std::string_view origin) {
  EntryFile out(path,
                base::Descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644)));
  if (!out.file_.is_open()) {
    return base::system_error("ledger: make the file of entries", path);
  }
  if (::getrandom(out.marker_.data(), out.marker_.size(), 0) != static_cast<ssize_t>(out.marker_.size())) {
    return base::system_error("ledger: random numbers", {});
  }
  std::string header(kMagic);
  header.append(out.marker_.data(), out.marker_.size());
  put_big_endian(header, static_cast<std::uint16_t>(origin.size()));
  header += origin;
  header += as_text(QuickHasher::digest_of(header));
  TRY(out.write_at(header, 0, 0));
  if (::fsync(out.file_.get()) != 0) {
    return disk_error(path);
  }
  out.header_bytes_ = out.end_ = out.allocated_ = header.size();
  out.is_writer_ = true;
  return out;
}

// Opens the file of whatever log, and says of which.
Result<EntryFile> EntryFile::open_any(const std::filesystem::path& path, bool for_writing, std::string& origin) {
  EntryFile out(path, base::Descriptor(::open(
                          path.c_str(), (for_writing ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)));
  if (!out.file_.is_open()) {
    return base::system_error("ledger: open the file of entries", path);
  }
  struct stat status {};
  if (::fstat(out.file_.get(), &status) != 0) {
    return base::system_error("ledger: open the file of entries", path);
  }
  if (!S_ISREG(status.st_mode)) {
    return Error{Errc::io, "ledger: not a regular file", 0, base::printable(path.native())};
  }
  std::array<char, kMaxHeaderBytes> buffer{};
  const std::size_t got = TRY(read_at(out.file_.get(), buffer.data(), buffer.size(), 0));
  const std::string_view header(buffer.data(), got);
  const auto malformed = [&](const std::string& reason) {
    return Error{Errc::malformed, "ledger: " + reason, 0, base::printable(path.native())};
  };
  const std::size_t before = kMagic.size() + out.marker_.size() + 2;
  if (header.size() < before || !header.starts_with(kMagic)) {
    return malformed("not a file of entries");
  }
  const auto origin_bytes = static_cast<std::size_t>(big_endian(header.substr(before - 2), 2));
  if (header.size() < before + origin_bytes + kHashBytes ||
      hash_at(header.substr(before + origin_bytes)) !=
          QuickHasher::digest_of(header.substr(0, before + origin_bytes))) {
    return malformed("the beginning of the file of entries is damaged");
  }
  origin = header.substr(before, origin_bytes);
  std::copy_n(header.begin() + kMagic.size(), out.marker_.size(), out.marker_.begin());
  out.header_bytes_ = before + origin_bytes + kHashBytes;
  out.end_ = out.header_bytes_;
  out.allocated_ = static_cast<std::uint64_t>(status.st_size);
  return out;
}

Result<std::string> EntryFile::origin_of(const std::filesystem::path& path) {
  std::string origin;
  TRY(open_any(path, false, origin));
  return origin;
}

Result<EntryFile> EntryFile::open(const std::filesystem::path& path, std::string_view origin, bool for_writing) {
  std::string found;
  EntryFile out = TRY(open_any(path, for_writing, found));
  if (found != origin) {
    return Error{Errc::untrusted,
                 "ledger: the entries are of another log (" + base::printable(found) + "): they were exchanged", 0,
                 base::printable(path.native())};
  }
  return out;
}

EntryFile::~EntryFile() {
  if (file_.is_open() && is_writer_ && allocated_ > end_ && !is_stuck_) {
    [[maybe_unused]] const int cut = ::ftruncate(file_.get(), static_cast<off_t>(end_));  // only zeros
  }
}
EntryFile::EntryFile(EntryFile&&) noexcept = default;
EntryFile& EntryFile::operator=(EntryFile&&) noexcept = default;

Result<std::optional<StoredEntry>> EntryFile::at(std::uint64_t place, std::uint64_t index) {
  if (!single_) {
    single_ = reader(place, index);
  }
  single_->seek(place, index);
  if (TRY(single_->next()) != EntryReader::Item::entry) {
    return std::optional<StoredEntry>();
  }
  return std::optional<StoredEntry>(single_->entry());
}

Result<std::uint64_t> EntryFile::size() const {
  struct stat status {};
  if (::fstat(file_.get(), &status) != 0) {
    return base::system_error("ledger: read the entries", path_);
  }
  return static_cast<std::uint64_t>(status.st_size);
}

Result<void> EntryFile::sync() const {
  if (::fdatasync(file_.get()) != 0 && errno != EROFS && errno != EINVAL) {
    return base::system_error("ledger: sync the entries", path_);
  }
  return {};
}

Result<void> EntryFile::continue_at(std::uint64_t end) {
  end_ = end;
  is_writer_ = true;
  if (allocated_ > end) {
    if (::ftruncate(file_.get(), static_cast<off_t>(end)) != 0) {
      return base::system_error("ledger: cut off what was not written to its end", path_);
    }
    allocated_ = end;
  }
  return {};
}

Result<void> EntryFile::write_at(std::string_view bytes, std::size_t zeros, std::uint64_t place) {
  static constexpr std::array<char, kMostZerosAhead> kZeros{};
  while (bytes.size() + zeros != 0) {
    const std::array<iovec, 2> parts = {iovec{const_cast<char*>(bytes.data()), bytes.size()},
                                        iovec{const_cast<char*>(kZeros.data()), zeros}};
    const ssize_t wrote = ::pwritev(file_.get(), parts.data(), zeros == 0 ? 1 : 2, static_cast<off_t>(place));
    if (wrote < 0 && errno == EINTR) {
      continue;
    }
    if (wrote < 0) {
      return disk_error(path_);
    }
    const auto some = static_cast<std::size_t>(wrote);
    place += some;
    zeros -= some - std::min(some, bytes.size());
    bytes.remove_prefix(std::min(some, bytes.size()));
  }
  return {};
}

Result<void> EntryFile::write(const EntryBatch& batch) {
  if (is_stuck_) {
    return Error{Errc::io, "ledger: a batch that failed before could not be taken back; open the log anew", 0,
                 base::printable(path_.native())};
  }
  if (batch.count() == 0) {
    return {};
  }
  const std::string_view bytes = batch.bytes();
  const bool reaches_further = end_ + bytes.size() > allocated_;
  std::size_t zeros = reaches_further && bytes.size() < kSmallBatch
                          ? std::clamp(kZerosFactor * bytes.size(), kFewestZerosAhead, kMostZerosAhead)
                          : 0;
  Result<void> written = write_at(bytes, zeros, end_);
  if (!written && zeros != 0) {  // there may be room without the zeros
    zeros = 0;
    written = write_at(bytes, zeros, end_);
  }
  if (written && ::fdatasync(file_.get()) != 0) {
    written = disk_error(path_);
  }
  if (!written) {
    is_stuck_ = ::ftruncate(file_.get(), static_cast<off_t>(end_)) != 0;
    allocated_ = end_;
    return written;
  }
  allocated_ = std::max(allocated_, end_ + bytes.size() + zeros);
  end_ += bytes.size();
  return {};
}

}  // namespace ledger
