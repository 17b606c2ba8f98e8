#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/byte_cursor.h"
#include "base/value.h"

/// GGUF files, versions 1 to 3, either byte order. Source: ggml docs/gguf.md and ggml/include/ggml.h.
namespace formats::gguf {

struct Limits {
  std::uint64_t max_entries = 1'000'000;  ///< Key-value pairs.
  std::uint64_t max_tensors = 1'000'000;
  std::uint64_t max_array = 100'000'000;     ///< Elements of one array; vocabularies have some 300,000.
  std::uint64_t max_text_bytes = 64U << 20;  ///< Of one string.
  std::uint32_t max_depth = 4;               ///< Arrays of arrays.
};

struct Tensor {
  std::string_view name;
  std::array<std::uint64_t, 8> shape{};
  std::uint32_t rank = 0;
  std::uint32_t type = 0;
  std::uint64_t offset = 0;  ///< In the data section.
};

struct Defect {
  std::string text;
  std::uint64_t offset = 0;
};

/// A key with text in it that is a program: a chat template.
struct Template {
  std::string_view key;
  std::string_view text;
  std::uint64_t offset = 0;
};

/// A value that may hold anything: text, or an array of bytes.
struct Blob {
  std::string_view key;
  std::string_view bytes;
  std::uint64_t offset = 0;
  bool text = false;
};

/// Views borrow from the file.
struct File {
  std::uint32_t version = 0;
  bool big_endian = false;
  /// Scalars and text below 4 KiB by key; an array is its number of elements.
  std::vector<std::pair<std::string, base::Value>> entries;
  std::vector<Template> templates;
  std::vector<Blob> blobs;  ///< Of 16 bytes and more, without the templates; at most 10,000.
  std::vector<Tensor> tensors;
  std::vector<std::uint32_t> unknown_types;  ///< Of tensors, so that their extent is not known; each once.
  std::uint64_t parameters = 0;
  std::uint64_t alignment = 32;
  std::uint64_t data_offset = 0;
  std::vector<Defect> defects;  ///< At most 100.

  [[nodiscard]] const base::Value* find(std::string_view key) const;
};

/// Reads header, key-value pairs and tensor table and compares them with the file's size. Fails with truncated,
/// malformed, too_large or unsupported (another version).
base::Result<File> parse(base::Bytes content, const Limits& limits = {});

}  // namespace formats::gguf
