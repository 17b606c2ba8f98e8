#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "control/exchange.h"

namespace control {

/// A request and what the upstream answers to it, to be taken through controls without a network.
struct DrivenExchange {
  std::string method = "POST";
  std::string target = "/v1/chat/completions";
  std::vector<OwnField> fields;
  std::string body;
  unsigned upstream_status = 200;
  std::vector<OwnField> upstream_fields = {{"content-type", "application/json"}};
  std::string upstream_body;
  std::size_t piece_bytes = 0;  ///< The upstream's body comes in pieces of so many bytes; 0: whole.
  std::string certificate;      ///< As RequestHead has them.
  std::string certificate_name;
  std::function<void()> on_wait;                    ///< Called each time before it waits.
  std::function<void(std::size_t)> on_answer_part;  ///< Called before each piece of the answer, with its number from 0.
};

/// What came of it.
struct DrivenResult {
  bool reached_upstream = false;
  std::string upstream;  ///< Group.
  std::string upstream_target;
  std::vector<OwnField> upstream_fields;  ///< The client's that were not dropped, and those that were added.
  std::string upstream_body;
  unsigned status = 0;
  std::vector<OwnField> fields;
  std::string body;  ///< What the client got.
  bool ended_early = false;
  bool refused = false;  ///< A control ended it, before or within the answer.

  [[nodiscard]] std::string field(std::string_view name) const;
};

/// Takes the exchange through the controls as a server would, waiting where it has to.
DrivenResult drive(Controls& controls, const DrivenExchange& driven);

}  // namespace control
