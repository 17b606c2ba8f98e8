#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "inspect/characters.h"

/// Detectors over text: what a text holds that should perhaps not be there. They look at bytes and say where something
/// stands; what follows from it is for others to decide. A help and no barrier: who wants to pass unseen, can.
namespace inspect {

enum class Kind : std::uint8_t {
  secret,     ///< A credential.
  personal,   ///< Something that says who somebody is.
  injection,  ///< A passage that addresses a model with instructions.
  script,     ///< A script that acts when a browser shows it.
};
[[nodiscard]] std::string_view to_string(Kind kind);
[[nodiscard]] std::string_view to_string(Certainty certainty);

/// One thing found. The text itself is kept nowhere.
struct Finding {
  std::size_t begin = 0;  ///< Bytes of the text that hold it.
  std::size_t end = 0;
  Kind kind = Kind::secret;
  std::string_view name;  ///< "GitHub personal token", "nhs-number", "instructions to a model"; lives for ever.
  Certainty certainty = Certainty::medium;
};

/// Which detectors run.
struct Detectors {
  bool secrets = true;
  bool personal = true;
  bool injections = true;
  bool scripts = true;
};

/// All that the detectors find in `text` (UTF-8, or any bytes), by place; findings of one kind do not overlap. One pass
/// for the anchors of all detectors; linear in the text. Thread-safe.
[[nodiscard]] std::vector<Finding> find_all(std::string_view text, const Detectors& detectors = {});

/// Makes ready what find_all() otherwise makes while it works, when it has read some megabytes: takes some 60 ms. For
/// programs that wait for requests. Thread-safe.
void prepare();

}  // namespace inspect
