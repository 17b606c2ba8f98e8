#include "ledger/tile_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "base/file.h"
#include "base/read_write.h"
#include "base/text.h"
#include "ledger/http.h"
#include "ledger/log_key.h"

namespace ledger {

using base::Errc;
using base::Error;
using base::Result;
using base::Sha256;

namespace {

std::string width_suffix(std::uint64_t width) {
  return width == kTileHashes ? "" : ".p/" + std::to_string(width);
}

class DirectorySource : public LogSource {
 public:
  explicit DirectorySource(std::filesystem::path directory) : directory_(std::move(directory)) {}
  Result<std::optional<std::string>> read(const std::string& path, std::uint64_t max_bytes) override {
    auto content = base::read_file(directory_ / path, max_bytes);
    if (content) {
      return std::optional<std::string>(*std::move(content));
    }
    if (content.error().code == Errc::not_found) {
      return std::optional<std::string>();
    }
    return content.error();
  }
  [[nodiscard]] std::string name() const override { return base::printable(directory_.native()); }

 private:
  std::filesystem::path directory_;
};

class UrlSource : public LogSource {
 public:
  explicit UrlSource(std::string url) : url_(std::move(url)) {}
  Result<std::optional<std::string>> read(const std::string& path, std::uint64_t max_bytes) override {
    HttpResponse response = TRY(http_get(url_ + path, max_bytes));
    if (response.status == 404) {
      return std::optional<std::string>();
    }
    if (response.status != 200) {
      return Error{Errc::io, "answered with status " + std::to_string(response.status), 0,
                   base::printable(url_ + path)};
    }
    return std::optional<std::string>(std::move(response.body));
  }
  [[nodiscard]] std::string name() const override { return base::printable(url_); }

 private:
  std::string url_;
};

Result<std::string> read_existing(LogSource& source, const std::string& path, std::uint64_t max_bytes) {
  auto content = TRY(source.read(path, max_bytes));
  if (!content) {
    return Error{Errc::untrusted, "log: " + path + " is missing", 0, source.name()};
  }
  return *std::move(content);
}

}  // namespace

std::string tile_number(std::uint64_t index) {
  std::string digits = std::to_string(index);
  digits.insert(0, (3 - digits.size() % 3) % 3, '0');
  std::string out;
  for (std::size_t i = 0; i < digits.size(); i += 3) {
    out += (i + 3 < digits.size() ? "x" : "") + digits.substr(i, 3) + (i + 3 < digits.size() ? "/" : "");
  }
  return out;
}

std::string tile_path(unsigned level, std::uint64_t index, std::uint64_t width) {
  return "tile/" + std::to_string(level) + "/" + tile_number(index) + width_suffix(width);
}

std::string bundle_path(std::uint64_t index, std::uint64_t width) {
  return "tile/entries/" + tile_number(index) + width_suffix(width);
}

Result<std::vector<std::string_view>> parse_bundle(std::string_view bytes, std::uint64_t width) {
  base::ByteCursor in(base::as_bytes(bytes));
  std::vector<std::string_view> out;
  for (std::uint64_t i = 0; i < width; ++i) {
    const auto size = TRY(in.be<std::uint16_t>("length of entry"));
    out.push_back(base::as_text(TRY(in.take(size, "entry"))));
  }
  TRY(in.expect_end("entry bundle"));
  return out;
}

Result<std::unique_ptr<LogSource>> open_log_source(const std::string& place) {
  if (place.starts_with("http://") || place.starts_with("https://")) {
    return std::unique_ptr<LogSource>(std::make_unique<UrlSource>(place.ends_with('/') ? place : place + "/"));
  }
  std::error_code ignored;
  if (!std::filesystem::is_directory(place, ignored)) {
    return Error{Errc::not_found, "log: neither a directory nor a URL", 0, base::printable(place)};
  }
  return std::unique_ptr<LogSource>(std::make_unique<DirectorySource>(place));
}

Result<void> TileLogWriter::write(const std::string& path, std::string_view content) {
  const std::filesystem::path target = directory_ / path;
  const std::string folder = target.parent_path().native();
  if (folder != last_folder_) {
    std::error_code failure;
    std::filesystem::create_directories(folder, failure);
    if (failure) {
      return Error{Errc::io, "create the directory: " + failure.message(), 0, base::printable(folder)};
    }
    last_folder_ = folder;
  }
  // As base::write_file(), but synced once for all of them, in finish().
  const std::string scratch = target.native() + ".tmp" + std::to_string(::getpid());
  {
    const base::Descriptor file(::open(scratch.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!file.is_open()) {
      return base::system_error("create", target);
    }
    if (auto written = base::write_all(file.get(), content, target); !written) {
      ::unlink(scratch.c_str());
      return std::move(written).error();
    }
  }
  if (::rename(scratch.c_str(), target.c_str()) != 0) {
    Error error = base::system_error("rename", target);
    ::unlink(scratch.c_str());
    return error;
  }
  return {};
}

// The state after the last entry, from the files.
Result<void> TileLogWriter::load(const Checkpoint& checkpoint) {
  DirectorySource source(directory_);
  const std::uint64_t size = checkpoint.size;
  for (unsigned level = 0; level < tiles_.size(); ++level) {
    const std::uint64_t hashes = size >> (kTileHeight * level);
    if (const std::uint64_t last = hashes % kTileHashes; last != 0) {
      const std::string path = tile_path(level, hashes / kTileHashes, last);
      tiles_[level] = TRY(read_existing(source, path, kTileHashes * kHashBytes));
      if (tiles_[level].size() != last * kHashBytes) {
        return Error{Errc::untrusted, "log: " + path + " is not of the right length", 0, source.name()};
      }
    }
  }
  // The complete subtrees that the tree is made of lie in these tiles.
  for (unsigned level = 0; level < 63; ++level) {
    if ((size >> level & 1U) == 0) {
      continue;
    }
    const std::uint64_t first = ((size >> level) - 1) << (level % kTileHeight);
    const std::string& tile = tiles_[level / kTileHeight];
    const auto offset = static_cast<std::size_t>(first % kTileHashes);
    const std::size_t count = std::size_t{1} << (level % kTileHeight);
    std::vector<Sha256> hashes;
    for (std::size_t i = offset; i < offset + count; ++i) {
      hashes.push_back(hash_at(std::string_view(tile).substr(i * kHashBytes)));
    }
    frontier_.restore(level, complete_root(hashes));
  }
  if (frontier_.root() != checkpoint.root) {
    return Error{Errc::untrusted, "log: the tiles do not fit the checkpoint", 0, source.name()};
  }
  if (const std::uint64_t last = size % kTileHashes; last != 0) {
    const std::string path = bundle_path(size / kTileHashes, last);
    bundle_ = TRY(read_existing(source, path, kMaxBundleBytes));
    const auto entries = parse_bundle(bundle_, last);
    if (!entries) {
      return Error{Errc::untrusted, "log: " + path + ": " + entries.error().message, 0, source.name()};
    }
    for (std::size_t i = 0; i < last; ++i) {
      if (leaf_hash_of_record((*entries)[i]) != hash_at(std::string_view(tiles_[0]).substr(i * kHashBytes))) {
        return Error{Errc::untrusted, "log: " + path + " does not fit its tile", 0, source.name()};
      }
    }
  }
  return {};
}

Result<TileLogWriter> TileLogWriter::open(std::filesystem::path directory, const Trust* trust, base::UnixTime now) {
  TileLogWriter out(std::move(directory));
  DirectorySource source(out.directory_);
  const auto text = TRY(source.read("checkpoint", kMaxNoteBytes));
  if (text) {
    const auto checkpoint = unverified_checkpoint(*text);
    if (!checkpoint) {
      return Error{Errc::untrusted, "log: the checkpoint there is damaged: " + checkpoint.error().message, 0,
                   source.name()};
    }
    if (trust != nullptr) {
      const auto opened = open_checkpoint(*text, *trust, now);
      if (!opened) {
        return Error{Errc::untrusted, "log: the checkpoint remembered: " + opened.error().message, 0, source.name()};
      }
    }
    out.start_ = *checkpoint;
    TRY(out.load(*checkpoint));
  }
  return out;
}

Result<void> TileLogWriter::add(std::string_view record) {
  if (record.size() > kMaxRecordBytes) {
    return Error{Errc::too_large, "log: entry " + std::to_string(size()) + " is above " +
                                      std::to_string(kMaxRecordBytes) + " bytes and fits in no entry bundle"};
  }
  const std::uint64_t index = size();
  bundle_ += static_cast<char>(record.size() >> 8U);
  bundle_ += static_cast<char>(record.size() & 0xFFU);
  bundle_ += record;
  Result<void> outcome;
  frontier_.append(leaf_hash_of_record(record), [&](unsigned level, std::uint64_t place, const Sha256& hash) {
    if (level % kTileHeight != 0 || !outcome) {
      return;
    }
    std::string& tile = tiles_[level / kTileHeight];
    tile += as_text(hash);
    if (tile.size() == kTileHashes * kHashBytes) {
      outcome = write(tile_path(level / kTileHeight, place / kTileHashes, kTileHashes), tile);
      tile.clear();
    }
  });
  TRY(outcome);
  if (size() % kTileHashes == 0) {
    TRY(write(bundle_path(index / kTileHashes, kTileHashes), bundle_));
    bundle_.clear();
  }
  return {};
}

Result<void> TileLogWriter::finish(const Checkpoint& checkpoint, std::string_view signed_checkpoint) {
  if (checkpoint.size != size() || checkpoint.root != root()) {
    return Error{Errc::untrusted, "log: the checkpoint is not that of the entries", 0,
                 base::printable(directory_.native())};
  }
  if (!start_ || start_->size != size()) {
    for (unsigned level = 0; level < tiles_.size(); ++level) {
      if (!tiles_[level].empty()) {
        const std::uint64_t hashes = size() >> (kTileHeight * level);
        TRY(write(tile_path(level, hashes / kTileHashes, hashes % kTileHashes), tiles_[level]));
      }
    }
    if (!bundle_.empty()) {
      TRY(write(bundle_path(size() / kTileHashes, size() % kTileHashes), bundle_));
    }
    std::error_code failure;
    std::filesystem::create_directories(directory_, failure);
    const base::Descriptor handle(::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!handle.is_open() || ::syncfs(handle.get()) != 0) {
      return base::system_error("sync", directory_);
    }
  }
  return write_durably(directory_ / "checkpoint", signed_checkpoint);
}

Result<std::uint64_t> export_tiles(const Ledger& log, const std::filesystem::path& directory,
                                   const std::string& signed_checkpoint) {
  const Checkpoint reached = TRY(unverified_checkpoint(signed_checkpoint));
  TileLogWriter writer = TRY(TileLogWriter::open(directory, nullptr, {}));
  const std::string place = base::printable(directory.native());
  if (writer.start() && writer.start()->origin != reached.origin) {
    return Error{Errc::untrusted, "export: there is another log (" + base::printable(writer.start()->origin) + ")", 0,
                 place};
  }
  if (writer.start() && !TRY(log.continues(*writer.start()))) {
    return Error{Errc::untrusted,
                 "export: the log does not continue what was exported before (" +
                     base::counted(writer.start()->size, "entry", "entries") +
                     "): it was cut, rewritten or rolled back",
                 0, place};
  }
  const std::uint64_t before = writer.size();
  const auto visit = [&](const Entry& entry) -> Result<void> {
    if (entry.index >= reached.size) {
      return Error{Errc::not_found, ""};  // appended since: not part of this export
    }
    if (entry.index != writer.size()) {
      return Error{Errc::untrusted, "export: entry " + std::to_string(writer.size()) + " is missing"};
    }
    return writer.add(record_of(entry));
  };
  if (auto done = log.for_each(before, visit);
      !done && !(done.error().code == Errc::not_found && writer.size() == reached.size)) {
    return done.error();
  }
  TRY(writer.finish(reached, signed_checkpoint));
  return writer.size() - before;
}

Result<Followed> follow(LogSource& source, const std::filesystem::path& mirror, const Trust& trust,
                        base::UnixTime now) {
  TileLogWriter writer = TRY(TileLogWriter::open(mirror, &trust, now));
  const std::string text = TRY(read_existing(source, "checkpoint", kMaxNoteBytes));
  auto opened = open_checkpoint(text, trust, now);
  if (!opened) {
    return std::move(opened).error().in_file(source.name());
  }
  const Checkpoint& reached = opened->checkpoint;
  const std::uint64_t before = writer.size();
  const auto untrusted = [&](const std::string& reason) {
    return Error{Errc::untrusted, "log: " + reason, 0, source.name()};
  };
  if (writer.start()) {
    const Checkpoint& start = *writer.start();
    if (start.origin != reached.origin) {
      return untrusted("it is of " + base::printable(reached.origin) + ", the mirror of " +
                       base::printable(start.origin));
    }
    if (reached.size < start.size) {
      return untrusted("it has " + base::counted(reached.size, "entry", "entries") + ", but " +
                       base::grouped(start.size) + " were seen before: it was rolled back");
    }
    if (reached.size == start.size && reached.root != start.root) {
      return untrusted("it shows another root at size " + base::grouped(start.size) +
                       " than was seen before: a split view");
    }
  }
  while (writer.size() < reached.size) {
    const std::uint64_t tile = writer.size() / kTileHashes;
    const std::uint64_t width = std::min(kTileHashes, reached.size - tile * kTileHashes);
    const std::string path = bundle_path(tile, width);
    const std::string bytes = TRY(read_existing(source, path, kMaxBundleBytes));
    const auto entries = parse_bundle(bytes, width);
    if (!entries) {
      return untrusted(path + ": " + entries.error().message);
    }
    for (std::uint64_t i = writer.size() % kTileHashes; i < width; ++i) {
      TRY(writer.add((*entries)[static_cast<std::size_t>(i)]));
    }
  }
  if (writer.root() != reached.root) {
    return untrusted(before == 0
                         ? std::string("its entries do not have the root of its checkpoint")
                         : "its entries from " + std::to_string(before) +
                               " on, after those seen before, do not lead to the root of its checkpoint: it was "
                               "rewritten, or shows others something else");
  }
  TRY(writer.finish(reached, text));
  return Followed{*std::move(opened), before};
}

}  // namespace ledger
