#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "control/drive.h"
#include "control/self_test.h"
#include "traffic/coverage.h"

/// Exchanges that the self-test drives.
namespace control {

/// Which message of an exchange holds the text.
enum class Direction : std::uint8_t { request, answer, stream };

/// Where a text can stand.
struct Place {
  traffic::Route route = traffic::Route::other;
  Block block = Block::prompt;
  Direction direction = Direction::request;
  const traffic::Coverage* row = nullptr;  ///< Null where the message holds no text.
};

inline constexpr traffic::Route kTestedRoutes[] = {
    traffic::Route::chat_completions, traffic::Route::responses,    traffic::Route::embeddings, traffic::Route::models,
    traffic::Route::messages,         traffic::Route::count_tokens, traffic::Route::mcp};

/// Every place of a route and block that can hold text.
[[nodiscard]] std::vector<Place> places(traffic::Route route, Block block);
/// One place of them, or a message without text where the protocol has one in that direction; none where it has not.
[[nodiscard]] std::optional<Place> any_place(traffic::Route route, Block block);

/// Whether requests of the route name a model.
[[nodiscard]] bool names_model(traffic::Route route);

/// What exchanges are made of.
struct SceneNames {
  std::string model = "surety-self-test";
  std::string answering_model;  ///< Empty: the model.
  std::string mcp_path = "/mcp";
};

/// A harmless exchange of that route; streamed where `streams`.
[[nodiscard]] DrivenExchange plain_exchange(traffic::Route route, bool streams, const SceneNames& names);
/// The same with `text` at the place. `as_written` gets the text as JSON has it there.
[[nodiscard]] DrivenExchange exchange_with(const Place& place, std::string_view text, const SceneNames& names,
                                           std::string* as_written = nullptr);

/// A tool as a request or an MCP server declares it; the member "tools" of a body.
[[nodiscard]] std::string tool_declaration(traffic::Route route, std::string_view tool, std::string_view description);
/// An exchange whose request offers the tool; in MCP, whose answer lists it.
[[nodiscard]] DrivenExchange offering(traffic::Route route, std::string_view tool, std::string_view description,
                                      const SceneNames& names);
/// An exchange in which the tool is called: by the client in MCP, by the model elsewhere. `after_result`: the request
/// holds the result of a tool before it (not in MCP).
[[nodiscard]] DrivenExchange calling(traffic::Route route, bool streams, std::string_view tool,
                                     std::string_view arguments, bool after_result, const SceneNames& names);
/// An exchange with that system prompt; only of routes that have one.
[[nodiscard]] DrivenExchange prompted(traffic::Route route, std::string_view system, const SceneNames& names);
[[nodiscard]] bool has_system_prompt(traffic::Route route);

/// A text that `detector` is to find, or why there is none.
struct ForbiddenText {
  std::string text;
  std::string name;           ///< Of the finding.
  std::string missing;        ///< Why there is no text; empty where there is one.
  bool applicable = true;     ///< False where the policy leaves nothing to find.
  std::string needle = text;  ///< The part of it that must not pass.
};
/// Texts that the policy's rule for `detector` must find in texts of `origin`: one, or one for each pattern and canary.
/// Chosen by the detectors themselves under an open policy, and by what the given one ignores. `samples`: texts that
/// patterns find, by their names.
[[nodiscard]] std::vector<ForbiddenText> forbidden_texts(const traffic::Policy& policy,
                                                         const std::map<std::string, std::string>& samples,
                                                         traffic::Detector detector, traffic::Origin origin);
/// Whether the detector looks at texts of that origin at all, as docs/formats/gateway-test.md says.
[[nodiscard]] bool concerns(traffic::Detector detector, traffic::Origin origin);

/// A name that the pattern fits.
[[nodiscard]] std::string instance_of(std::string_view pattern);

/// JSON that `schema` allows, where a simple one can be made: objects, lists, texts, numbers, choices. `{}` without
/// a schema.
[[nodiscard]] std::optional<std::string> arguments_for(const base::Schema* schema);

}  // namespace control
