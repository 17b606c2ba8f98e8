#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/file.h"

/// Changes a file of entries behind the log's back, for tests. Reads the format by itself.
namespace ledger {

struct EntrySpot {
  std::size_t frame = 0;      ///< Where its batch begins,
  std::size_t frame_end = 0;  ///< and ends.
  std::size_t begin = 0;
  std::size_t received = 0;
  std::size_t key = 0;
  std::size_t content = 0;  ///< What follows the key: of records of version 2 first length and digest.
  std::size_t end = 0;
};

inline std::uint64_t number_at(const std::string& bytes, std::size_t place, std::size_t count) {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < count; ++i) {
    out = out << 8U | static_cast<unsigned char>(bytes.at(place + i));
  }
  return out;
}

/// Where every entry of a whole file is.
inline std::vector<EntrySpot> spots_of(const std::string& bytes) {
  std::vector<EntrySpot> out;
  std::size_t at = 22 + number_at(bytes, 20, 2) + 32;
  std::size_t frame = 0;
  std::size_t frame_end = 0;
  while (at + 4 <= bytes.size() && number_at(bytes, at, 4) != 0) {
    if (number_at(bytes, at, 4) == 0xFFFFFFFFU) {
      frame = at;
      frame_end = at + 68 + number_at(bytes, at + 24, 8);
      at += 68;
      continue;
    }
    const std::size_t end = at + 4 + number_at(bytes, at, 4);
    out.push_back({frame, frame_end, at, at + 6, at + 22, at + 22 + number_at(bytes, at + 14, 8), end});
    at = end;
  }
  return out;
}

/// Lets `change` do what it likes to the file of the log in `log`.
inline void edit_entries(const std::filesystem::path& log,
                         const std::function<void(std::string&, const std::vector<EntrySpot>&)>& change) {
  auto bytes = base::read_file(log / "ledger.entries", 1U << 30);
  ASSERT_TRUE(bytes) << bytes.error().text();
  change(*bytes, spots_of(*bytes));
  ASSERT_TRUE(base::write_file(log / "ledger.entries", *bytes));
}

/// Puts a text over the beginning of the content of an entry.
inline void overwrite_content(const std::filesystem::path& log, std::uint64_t index, const std::string& text) {
  edit_entries(log, [&](std::string& bytes, const std::vector<EntrySpot>& spots) {
    ASSERT_LE(spots.at(index).content + text.size(), spots.at(index).end);
    bytes.replace(spots.at(index).content, text.size(), text);
  });
}

/// Puts a text over the beginning of the key of an entry.
inline void overwrite_key(const std::filesystem::path& log, std::uint64_t index, const std::string& text) {
  edit_entries(log, [&](std::string& bytes, const std::vector<EntrySpot>& spots) {
    bytes.replace(spots.at(index).key, text.size(), text);
  });
}

/// Lets the whole batch of an entry go down in zeros.
inline void wipe_batch(const std::filesystem::path& log, std::uint64_t index) {
  edit_entries(log, [&](std::string& bytes, const std::vector<EntrySpot>& spots) {
    const EntrySpot& spot = spots.at(index);
    bytes.replace(spot.frame, spot.frame_end - spot.frame, spot.frame_end - spot.frame, '\0');
  });
}

}  // namespace ledger
