#pragma once

#include <string>
#include <string_view>

#include "base/byte_cursor.h"
#include "scan/collector.h"

namespace scan {

void judge_safetensors(base::Bytes bytes, const std::string& path, Collector& out);
void judge_gguf(base::Bytes bytes, const std::string& path, Collector& out);
void judge_numpy(base::Bytes bytes, const std::string& path, std::uint32_t depth, Collector& out);
void judge_onnx(base::Bytes bytes, const std::string& path, Collector& out);
/// HDF5: the text of a Keras model's configuration; the rest is said not to be covered.
void judge_hdf5(base::Bytes bytes, const std::string& path, bool keras, Collector& out);
/// The configuration of a Keras model, or code of TorchScript.
void judge_model_text(std::string_view text, const std::string& path, Collector& out);
/// A Jinja template of a tokenizer or a GGUF file.
void judge_template(std::string_view text, const std::string& path, std::uint64_t offset, std::uint32_t line,
                    Collector& out);
/// Whether the head of a member is of a format that some rule reads.
[[nodiscard]] bool interests(base::Bytes bytes, std::string_view name);

}  // namespace scan
