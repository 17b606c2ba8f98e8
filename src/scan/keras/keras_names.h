#pragma once

#include <cstdint>
#include <string_view>

namespace scan {

/// What is known of something that a configuration of Keras names.
enum class KerasStanding : std::uint8_t {
  part,       ///< A class or function of Keras that models are made of.
  own,        ///< Code of the user's own, which must be there and registered before the model can be loaded.
  foreign,    ///< Of a package that is neither Keras nor dangerous: imported by Keras before 3.9.
  misplaced,  ///< Of Keras, but no part of a model: reads files, loads models, changes settings.
  dangerous,  ///< Runs commands or code, or reaches files and the network.
};

/// A class by the module and name that the configuration gives; both may be empty.
[[nodiscard]] KerasStanding judge_keras_class(std::string_view module, std::string_view name);
/// A function ("class_name": "function").
[[nodiscard]] KerasStanding judge_keras_function(std::string_view module, std::string_view name);
/// Whether a module, whatever is taken from it, is dangerous: any of the standard library, and common packages.
[[nodiscard]] bool is_dangerous_module(std::string_view module);
/// A function by its name alone that no model has use for: "get_file", "keras.config.enable_unsafe_deserialization",
/// "eval".
[[nodiscard]] bool is_gadget_name(std::string_view name);
/// A function of TensorFlow's public interface, as a TFOpLambda layer names it ("math.add").
[[nodiscard]] KerasStanding judge_tensorflow_function(std::string_view name);

}  // namespace scan
