#include "ledger/entry_batch.h"

#include <algorithm>
#include <utility>

#include "ledger/record.h"
#include "ledger/tiles.h"

namespace ledger {

using base::Sha256;

EntryBatch::EntryBatch(const Marker& marker, std::uint64_t place, std::uint64_t first, std::string buffer)
    : marker_(marker), place_(place), first_(first), bytes_(std::move(buffer)) {
  bytes_.assign(kFrameHeaderBytes, '\0');
}

EntryBatch::Added EntryBatch::add(base::UnixTime received, std::string_view key, std::string_view content,
                                  std::uint8_t record) {
  const std::size_t start = bytes_.size();
  const std::size_t length = kRecordHeadBytes + key.size() + (record == 1 ? 0 : kContentDigestBytes) + content.size();
  put_big_endian(bytes_, static_cast<std::uint32_t>(length));
  put_record_head(bytes_, received, key.size(), record);
  bytes_ += key;
  Sha256 leaf;
  if (record == 1) {
    bytes_ += content;
    leaf = QuickHasher::digest_of(std::string_view(bytes_).substr(start + kLengthBytes));
  } else {
    put_big_endian(bytes_, static_cast<std::uint64_t>(content.size()));
    bytes_ += as_text(base::sha256(content));
    leaf = QuickHasher::digest_of(std::string_view(bytes_).substr(start + kLengthBytes));
    bytes_ += content;
  }
  leaves_.push_back(leaf);
  return {leaf, place_ + start};
}

void EntryBatch::seal() {
  std::string header(kLengthBytes, static_cast<char>(0xFF));
  header.append(marker_.data(), marker_.size());
  put_big_endian(header, first_);
  put_big_endian(header, static_cast<std::uint64_t>(bytes_.size() - kFrameHeaderBytes));
  put_big_endian(header, static_cast<std::uint32_t>(leaves_.size()));
  QuickHasher hasher;
  hasher.update(header);
  for (const Sha256& leaf : leaves_) {
    hasher.update(as_text(leaf));
  }
  header += as_text(hasher.finish());
  std::copy(header.begin(), header.end(), bytes_.begin());
}

std::optional<StoredEntry> EntryBatch::at(std::uint64_t place, std::uint64_t index) const {
  if (place < place_ + kFrameHeaderBytes || place - place_ + kLengthBytes > bytes_.size()) {
    return std::nullopt;
  }
  const std::string_view rest = bytes().substr(static_cast<std::size_t>(place - place_));
  const auto length = static_cast<std::size_t>(big_endian(rest, kLengthBytes));
  StoredEntry out;
  out.index = index;
  out.place = place;
  if (length > rest.size() - kLengthBytes || !take_apart(rest.substr(kLengthBytes, length), out)) {
    return std::nullopt;
  }
  return out;
}

}  // namespace ledger
