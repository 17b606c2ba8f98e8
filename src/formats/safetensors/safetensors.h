#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/byte_cursor.h"

/// The header of a safetensors file. Source: huggingface/safetensors, README "Format" and safetensors/src/tensor.rs.
namespace formats::safetensors {

inline constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;  ///< The reference implementation's own limit.
inline constexpr std::uint64_t kMaxTensors = 1'000'000;        ///< Ours; the largest models have some ten thousand.

struct Tensor {
  std::string name;
  std::string dtype;
  std::vector<std::uint64_t> shape;
  std::uint64_t begin = 0;  ///< In the data section.
  std::uint64_t end = 0;
};

/// Where the file departs from the format; every reader must refuse it, some do not.
struct Defect {
  std::string text;          ///< "tensor \"a\": overlaps \"b\"".
  std::uint64_t offset = 0;  ///< In the file.
};

struct Header {
  std::uint64_t header_bytes = 0;
  std::vector<Tensor> tensors;  ///< In the header's order.
  std::vector<std::pair<std::string, std::string>> metadata;
  std::uint64_t parameters = 0;  ///< Elements of all tensors; stops counting at 2^64 - 1.
  std::vector<Defect> defects;   ///< At most 100.
};

/// Reads the header and compares it with the file's size. Fails with truncated, malformed or too_large where there is
/// no header to speak of; what is wrong within one is a defect.
base::Result<Header> parse(base::Bytes content);

/// Bits of one element, 0 where the type is not known.
[[nodiscard]] std::uint32_t dtype_bits(std::string_view dtype);

}  // namespace formats::safetensors
