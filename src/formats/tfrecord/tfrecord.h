#pragma once

#include <cstdint>

#include "base/byte_cursor.h"

/// TFRecord files: lengths, data and checksums. Source: TensorFlow, "TFRecord and tf.train.Example", "TFRecords format
/// details".
namespace formats::tfrecord {

struct File {
  std::uint64_t records = 0;
};

/// Walks over the records; lengths are checked by their sums, data is not read. Fails with truncated, malformed or
/// untrusted (a length whose sum does not match).
base::Result<File> parse(base::Bytes content);

/// Whether the first length matches its sum and fits.
[[nodiscard]] bool looks_like_records(base::Bytes content);

}  // namespace formats::tfrecord
