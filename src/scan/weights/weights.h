#pragma once

#include <span>
#include <string>
#include <string_view>

#include "scan/content.h"

namespace scan {

/// safetensors, GGUF and its forerunners, NumPy arrays.
[[nodiscard]] std::span<const Reading> weights_readings();

/// Checkpoints of TensorFlow, parameters of PaddlePaddle, fastText, word2vec, FAISS: tables, and files they open.
bool judge_checkpoint(const Content& content, Collector& out);
/// Numbers without any structure that a loader follows: data of TensorFlow checkpoints, indexes of Annoy.
bool judge_plain_numbers(const Content& content, Collector& out);

/// model.safetensors.index.json and its like: where the tensors of a model in several files lie.
void judge_weight_index(std::string_view text, const std::string& path, Collector& out);

}  // namespace scan
