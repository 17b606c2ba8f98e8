#include "ledger/entry_file.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/text.h"
#include "ledger/ledger.h"
#include "ledger/tiles.h"

namespace ledger {

using base::Errc;
using base::Error;
using base::Result;
using base::Sha256;

namespace {

constexpr std::string_view kMagic = "SrtyEnt1";
constexpr std::uint32_t kFrameMark = 0xFFFFFFFF;  // where the length of an entry would stand
constexpr std::size_t kLengthBytes = 4;
constexpr std::size_t kRecordHeadBytes = 18;  // 0x00, version, received, length of the key
constexpr std::size_t kDigestBytes = 40;      // length and digest of the content, in version 2
constexpr std::uint64_t kMaxEntryBytes = kRecordHeadBytes + kMaxKeyBytes + kDigestBytes + kMaxContentBytes;
constexpr std::size_t kMaxHeaderBytes = kMagic.size() + 12 + 2 + 255 + kHashBytes;
constexpr std::size_t kSmallRead = 8U << 10;
constexpr std::size_t kLargeRead = 256U << 10;
// Small batches are written over zeros that are there already, so that a sync need not record a longer file too.
constexpr std::uint64_t kSmallBatch = 32U << 10;
constexpr std::uint64_t kZerosAhead = 256U << 10;

template <class Number>
void put_big_endian(std::string& out, Number number) {
  std::array<char, sizeof(Number)> bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<char>(number >> (8 * (bytes.size() - 1 - i)) & 0xFFU);
  }
  out.append(bytes.data(), bytes.size());
}

std::uint64_t big_endian(std::string_view bytes, std::size_t count) {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < count; ++i) {
    out = out << 8U | static_cast<std::uint8_t>(bytes[i]);
  }
  return out;
}

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

// Takes what follows the length of an entry apart. False where that is not how an entry looks.
bool take_apart(std::string_view bytes, StoredEntry& out) {
  if (bytes.size() < kRecordHeadBytes || bytes[0] != '\0' || (bytes[1] != 1 && bytes[1] != 2)) {
    return false;
  }
  out.record = static_cast<std::uint8_t>(bytes[1]);
  out.received = {static_cast<std::int64_t>(big_endian(bytes.substr(2), 8))};
  const std::uint64_t key_bytes = big_endian(bytes.substr(10), 8);
  const std::size_t between = out.record == 1 ? 0 : kDigestBytes;
  if (key_bytes > bytes.size() - kRecordHeadBytes || bytes.size() - kRecordHeadBytes - key_bytes < between) {
    return false;
  }
  out.key = bytes.substr(kRecordHeadBytes, key_bytes);
  out.content = bytes.substr(kRecordHeadBytes + key_bytes + between);
  out.leaf = out.record == 1 ? bytes : std::string_view();
  return true;
}

}  // namespace

Sha256 leaf_hash_of(const StoredEntry& entry) {
  return entry.leaf.empty() ? leaf_hash_of(entry.received, entry.key, entry.content, entry.record)
                            : QuickHasher::digest_of(entry.leaf);
}

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
    frame_.fields = header.substr(0, 36);
    frame_.digest = hash_at(header.substr(36));
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
    return Item::frame;
  }
  if (length == 0) {
    return in_frame_ ? Item::broken : Item::end;
  }
  if (length > kMaxEntryBytes || (in_frame_ && at_ + kLengthBytes + length > frame_end_) ||
      !TRY(have(kLengthBytes + length))) {
    return Item::broken;
  }
  entry_ = StoredEntry();
  entry_.index = index_;
  entry_.place = at_;
  const std::string_view whole = bytes(kLengthBytes + length).substr(kLengthBytes);
  if (!take_apart(whole, entry_)) {
    entry_.key = {};
    entry_.content = {};
    entry_.leaf = whole;  // its hash shows what it is not
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
  TRY(out.write_at(header, 0));
  if (::fsync(out.file_.get()) != 0) {
    return disk_error(path);
  }
  out.header_bytes_ = out.end_ = out.allocated_ = header.size();
  out.is_writer_ = true;
  return out;
}

Result<EntryFile> EntryFile::open(const std::filesystem::path& path, std::string_view origin, bool for_writing) {
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
  if (header.substr(before, origin_bytes) != origin) {
    return Error{Errc::untrusted,
                 "ledger: the entries are of another log (" + base::printable(header.substr(before, origin_bytes)) +
                     "): they were exchanged",
                 0, base::printable(path.native())};
  }
  std::copy_n(header.begin() + kMagic.size(), out.marker_.size(), out.marker_.begin());
  out.header_bytes_ = before + origin_bytes + kHashBytes;
  out.end_ = out.header_bytes_;
  out.allocated_ = static_cast<std::uint64_t>(status.st_size);
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
  if (is_writer_ && place >= end_ && !batch_.empty()) {
    const std::uint64_t offset = place - end_;
    if (offset + kLengthBytes > batch_.size()) {
      return std::optional<StoredEntry>();
    }
    const std::string_view rest = std::string_view(batch_).substr(static_cast<std::size_t>(offset));
    const auto length = static_cast<std::size_t>(big_endian(rest, kLengthBytes));
    StoredEntry out;
    out.index = index;
    out.place = place;
    if (length > rest.size() - kLengthBytes || !take_apart(rest.substr(kLengthBytes, length), out)) {
      return std::optional<StoredEntry>();
    }
    return std::optional<StoredEntry>(out);
  }
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

Result<void> EntryFile::write_at(std::string_view bytes, std::uint64_t place) {
  while (!bytes.empty()) {
    const ssize_t wrote = ::pwrite(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(place));
    if (wrote < 0 && errno == EINTR) {
      continue;
    }
    if (wrote < 0) {
      return disk_error(path_);
    }
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
    place += static_cast<std::uint64_t>(wrote);
  }
  return {};
}

void EntryFile::begin(std::uint64_t first) {
  batch_.assign(kFrameHeaderBytes, '\0');
  first_ = first;
  count_ = 0;
  leaves_.clear();
}

EntryFile::Added EntryFile::add(base::UnixTime received, std::string_view key, std::string_view content,
                                std::uint8_t record) {
  const std::size_t start = batch_.size();
  const std::size_t length = kRecordHeadBytes + key.size() + (record == 1 ? 0 : kDigestBytes) + content.size();
  put_big_endian(batch_, static_cast<std::uint32_t>(length));
  batch_ += '\0';
  batch_ += static_cast<char>(record);
  put_big_endian(batch_, static_cast<std::uint64_t>(received.seconds));
  put_big_endian(batch_, static_cast<std::uint64_t>(key.size()));
  batch_ += key;
  Sha256 leaf;
  if (record == 1) {
    batch_ += content;
    leaf = QuickHasher::digest_of(std::string_view(batch_).substr(start + kLengthBytes));
  } else {
    put_big_endian(batch_, static_cast<std::uint64_t>(content.size()));
    batch_ += as_text(base::sha256(content));
    leaf = QuickHasher::digest_of(std::string_view(batch_).substr(start + kLengthBytes));
    batch_ += content;
  }
  ++count_;
  leaves_.push_back(leaf);
  return {leaf, end_ + start};
}

Result<void> EntryFile::commit() {
  if (is_stuck_) {
    return Error{Errc::io, "ledger: a batch that failed before could not be taken back; open the log anew", 0,
                 base::printable(path_.native())};
  }
  std::string header(kLengthBytes, static_cast<char>(0xFF));
  header.append(marker_.data(), marker_.size());
  put_big_endian(header, first_);
  put_big_endian(header, static_cast<std::uint64_t>(batch_.size() - kFrameHeaderBytes));
  put_big_endian(header, count_);
  QuickHasher hasher;
  hasher.update(header);
  for (const Sha256& leaf : leaves_) {
    hasher.update(as_text(leaf));
  }
  header += as_text(hasher.finish());
  std::copy(header.begin(), header.end(), batch_.begin());
  forget();
  const std::size_t bytes = batch_.size();
  const bool reaches_further = end_ + bytes > allocated_;
  if (reaches_further && bytes < kSmallBatch) {
    batch_.resize(bytes + kZerosAhead, '\0');
  }
  Result<void> written = write_at(batch_, end_);
  if (!written && batch_.size() != bytes) {  // there may be room without the zeros
    batch_.resize(bytes);
    written = write_at(batch_, end_);
  }
  if (written && ::fdatasync(file_.get()) != 0) {
    written = disk_error(path_);
  }
  if (!written) {
    is_stuck_ = ::ftruncate(file_.get(), static_cast<off_t>(end_)) != 0;
    allocated_ = end_;
    batch_.clear();
    return written;
  }
  allocated_ = std::max(allocated_, end_ + batch_.size());
  end_ += bytes;
  if (batch_.capacity() > (8U << 20)) {
    batch_ = std::string();
  }
  batch_.clear();
  return written;
}

}  // namespace ledger
