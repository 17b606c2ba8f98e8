#pragma once

#include <span>
#include <string>

#include "base/byte_cursor.h"
#include "scan/content.h"

namespace scan {

/// Pickles, also those of torch and joblib.
[[nodiscard]] std::span<const Reading> pickle_readings();

/// How a file of pickles is usually read.
enum class PickleUse : std::uint8_t {
  stream,        ///< pickle.load, once or until the end.
  torch_legacy,  ///< Five pickles, then storages.
  member,        ///< One pickle in an archive; nothing behind it is read.
  second,        ///< A file that is something else in the first place, and can be read as a pickle too.
};

/// Judges the pickles in `bytes`, hidden ones and those in constants included. `path` is that of the file or member,
/// `depth` counts the containers around it.
void judge_pickle(base::Bytes bytes, const std::string& path, PickleUse use, std::uint32_t depth, Collector& out);

}  // namespace scan
