#include "formats/safetensors/safetensors.h"

#include <algorithm>
#include <numeric>

#include "base/json.h"
#include "base/text.h"

namespace formats::safetensors {
namespace {

using base::Errc;
using base::Error;
using base::Value;

void defect(Header& header, std::string text, std::uint64_t offset = 8) {
  if (header.defects.size() < 100) {
    header.defects.push_back({std::move(text), offset});
  }
}

std::string quoted(std::string_view name) {
  return "\"" + base::printable(base::abbreviate(name, 100)) + "\"";
}

void read_tensor(const std::string& name, const Value& value, std::uint64_t data_bytes, Header& header) {
  const std::string label = "tensor " + quoted(name);
  Tensor tensor;
  tensor.name = name;
  if (!value.is_map()) {
    defect(header, label + ": not a mapping");
    return;
  }
  for (const auto& [key, member] : value.as_map()) {
    if (key != "dtype" && key != "shape" && key != "data_offsets") {
      defect(header, label + ": unknown field " + quoted(key));
    }
  }
  tensor.dtype = value["dtype"].as_text();
  const std::uint32_t bits = dtype_bits(tensor.dtype);
  if (bits == 0) {
    defect(header, label + ": unknown type " + quoted(tensor.dtype));
  }
  if (!value["shape"].is_list()) {
    defect(header, label + ": no shape");
    return;
  }
  std::uint64_t elements = 1;
  bool fits = true;
  for (const Value& extent : value["shape"].as_list()) {
    if (!extent.is_integer() || extent.as_integer() < 0) {
      defect(header, label + ": an extent is no whole number");
      return;
    }
    tensor.shape.push_back(static_cast<std::uint64_t>(extent.as_integer()));
    fits = fits && !__builtin_mul_overflow(elements, tensor.shape.back(), &elements);
  }
  const Value& offsets = value["data_offsets"];
  if (!offsets.is_list() || offsets.as_list().size() != 2 || !offsets.as_list()[0].is_integer() ||
      !offsets.as_list()[1].is_integer() || offsets.as_list()[0].as_integer() < 0 ||
      offsets.as_list()[1].as_integer() < 0) {
    defect(header, label + ": data_offsets are not two whole numbers");
    return;
  }
  tensor.begin = static_cast<std::uint64_t>(offsets.as_list()[0].as_integer());
  tensor.end = static_cast<std::uint64_t>(offsets.as_list()[1].as_integer());
  if (tensor.begin > tensor.end) {
    defect(header, label + ": ends before it begins");
  } else if (tensor.end > data_bytes) {
    defect(header, label + ": reaches byte " + std::to_string(tensor.end) + " of " + std::to_string(data_bytes) +
                       " bytes of data");
  }
  std::uint64_t total_bits = 0;
  if (!fits || __builtin_mul_overflow(elements, bits, &total_bits)) {
    defect(header, label + ": the shape's product is above 2^64");
  } else if (bits != 0 && tensor.begin <= tensor.end &&
             (total_bits % 8 != 0 || total_bits / 8 != tensor.end - tensor.begin)) {
    defect(header, label + ": shape and type take " + std::to_string(total_bits / 8) + " bytes, the offsets give " +
                       std::to_string(tensor.end - tensor.begin));
  }
  if (__builtin_add_overflow(header.parameters, fits ? elements : 0, &header.parameters)) {
    header.parameters = UINT64_MAX;
  }
  header.tensors.push_back(std::move(tensor));
}

}  // namespace

std::uint32_t dtype_bits(std::string_view dtype) {
  constexpr std::pair<std::string_view, std::uint32_t> kTypes[] = {
      {"BOOL", 8},    {"F4", 4},      {"F6_E2M3", 6}, {"F6_E3M2", 6},     {"U8", 8},          {"I8", 8},
      {"F8_E5M2", 8}, {"F8_E4M3", 8}, {"F8_E8M0", 8}, {"F8_E4M3FNUZ", 8}, {"F8_E5M2FNUZ", 8}, {"I16", 16},
      {"U16", 16},    {"F16", 16},    {"BF16", 16},   {"I32", 32},        {"U32", 32},        {"F32", 32},
      {"C64", 64},    {"F64", 64},    {"I64", 64},    {"U64", 64}};
  for (const auto& [name, bits] : kTypes) {
    if (name == dtype) {
      return bits;
    }
  }
  return 0;
}

base::Result<Header> parse(base::Bytes content) {
  base::ByteCursor in(content);
  Header header;
  header.header_bytes = TRY(in.le<std::uint64_t>("header length"));
  if (header.header_bytes > kMaxHeaderBytes) {
    return Error{Errc::too_large, "header length: " + std::to_string(header.header_bytes) + ", above 100,000,000", 0};
  }
  const std::string_view text = base::as_text(TRY(in.take(header.header_bytes, "header")));
  if (!text.starts_with('{')) {
    return Error{Errc::malformed, "header: does not begin with '{'", 8};
  }
  base::DocumentLimits limits;
  limits.max_bytes = kMaxHeaderBytes;
  limits.max_depth = 8;
  const base::Document document = TRY(base::parse_json_document(text, limits));
  if (!document.root.is_map()) {
    return Error{Errc::malformed, "header: not a JSON object", 8};
  }
  const std::size_t json_end = text.find_last_of('}');
  if (text.find_first_not_of(' ', json_end + 1) != std::string_view::npos) {
    defect(header, "header: padded with other bytes than spaces", 8 + json_end + 1);
  }
  for (const base::DuplicateKey& duplicate : document.duplicates) {
    defect(header, "key " + quoted(duplicate.key) + ": occurs twice");
  }
  if (document.root.as_map().size() > kMaxTensors) {
    return Error{Errc::too_large, "tensors: more than 1,000,000", 8};
  }
  const std::uint64_t data_bytes = in.remaining();
  for (const auto& [name, value] : document.root.as_map()) {
    if (name == "__metadata__") {
      if (!value.is_map()) {
        defect(header, "__metadata__: not a mapping");
        continue;
      }
      for (const auto& [key, entry] : value.as_map()) {
        if (!entry.is_string()) {
          defect(header, "__metadata__ " + quoted(key) + ": not text");
        }
        header.metadata.emplace_back(key, entry.as_text());
      }
    } else {
      read_tensor(name, value, data_bytes, header);
    }
  }
  // Tensors must tile the data: no hole to hide bytes in, no byte counted twice.
  std::vector<std::size_t> order(header.tensors.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::pair(header.tensors[a].begin, header.tensors[a].end) <
           std::pair(header.tensors[b].begin, header.tensors[b].end);
  });
  std::uint64_t at = 0;
  for (const std::size_t index : order) {
    const Tensor& tensor = header.tensors[index];
    if (tensor.begin > tensor.end) {
      continue;
    }
    if (tensor.begin < at) {
      defect(header, "tensor " + quoted(tensor.name) + ": overlaps another");
    } else if (tensor.begin > at) {
      defect(header,
             std::to_string(tensor.begin - at) + " bytes before tensor " + quoted(tensor.name) + " belong to no tensor",
             8 + header.header_bytes + at);
    }
    at = std::max(at, tensor.end);
  }
  if (at < data_bytes) {
    defect(header, std::to_string(data_bytes - at) + " bytes at the end belong to no tensor",
           8 + header.header_bytes + at);
  }
  return header;
}

}  // namespace formats::safetensors
