#pragma once

#include <string_view>

/// The operators that frameworks themselves have.
namespace scan {

[[nodiscard]] bool is_onnx_operator(std::string_view name);        ///< Of ai.onnx, in any version.
[[nodiscard]] bool is_onnx_extra_operator(std::string_view name);  ///< Or of ai.onnx.ml and the preview sets.
[[nodiscard]] bool is_tensorflow_operator(std::string_view name);

}  // namespace scan
