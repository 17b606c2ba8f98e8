#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "inspect/literals.h"

namespace inspect {

/// What an anchor may be the beginning of.
enum class AnchorFamily : std::uint8_t {
  token,
  assigned,
  secret_name,
  secret_form,
  injection,
  script,
  formula,
  payload,
  escape
};

/// A literal text around which a rule looks further.
struct Anchor {
  AnchorFamily family = AnchorFamily::token;
  std::uint32_t index = 0;  ///< Into the table of the family.
  std::string_view text;
};

/// The forms of secrets that need code of their own.
enum class SecretForm : std::uint8_t {
  private_key,
  json_web_token,
  encoded_token,
  address,
  curl,
  header,
  kubernetes,
  nuget,
  twilio,
  artifactory,
  token_parts,
  command,   ///< A program that takes a password behind a short option.
  argument,  ///< A function or statement that takes one.
  cookie,
  json_web_key,
  encoded_text,
};

/// All anchors of all rules over data, looked for in one pass. Thread-safe; built on first use.
const LiteralFinder& all_anchors();
/// Those of secrets alone, for texts that are no data.
const LiteralFinder& secret_anchors();
[[nodiscard]] const Anchor& anchor(std::uint32_t id);
[[nodiscard]] bool anchor_ignores_case(std::uint32_t id);
[[nodiscard]] std::size_t anchor_count();

}  // namespace inspect
