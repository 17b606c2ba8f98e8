#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "control/exchange.h"

namespace gateway {

/// Does this field concern one connection only (RFC 9110, 7.6.1)? Those never pass the gateway.
[[nodiscard]] bool is_hop_by_hop(std::string_view name);
/// Does a Connection field of `fields` name it?
[[nodiscard]] bool is_named_by_connection(std::string_view name, std::span<const control::Field> fields);

/// "Not Found" of 404; "Status" of one without a name.
[[nodiscard]] std::string_view reason_phrase(unsigned status);

/// Appends "name: value" and a line end. A field that could end the line or the head early is left out.
void append_field(std::string& out, std::string_view name, std::string_view value);

/// The gateway's own answer to what went wrong: JSON that the clients of OpenAI's and of Anthropic's API both read.
[[nodiscard]] control::Answer failure_answer(unsigned status, std::string_view type, std::string_view message);

}  // namespace gateway
