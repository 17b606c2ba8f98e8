#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "control/exchange.h"
#include "control/limits.h"
#include "traffic/message.h"
#include "traffic/stream.h"

namespace control {

/// What is told to a client that is refused, in the words of its protocol: type of the error by status, JSON body.
/// `json_rpc_id` is the id of an MCP request as it was written, or empty.
[[nodiscard]] Answer error_answer(traffic::Route route, unsigned status, std::string_view code,
                                  std::string_view message, std::string_view json_rpc_id = {});
/// How an open stream is ended, or the body of an answer whose head has left.
[[nodiscard]] std::string closing_data(traffic::Route route, traffic::AnswerForm form, std::string_view code,
                                       std::string_view message, std::string_view json_rpc_id = {});
/// The fields that tell a client how its limits stand, as its protocol's own provider names them.
void add_limit_fields(traffic::Route route, const std::optional<LimitState>& requests,
                      const std::optional<LimitState>& tokens, std::int64_t now_seconds, std::vector<OwnField>& fields);

}  // namespace control
