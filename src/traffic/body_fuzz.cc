#include "traffic/inspection.h"

namespace {

const traffic::Inspection& inspection() {
  static const auto kInspection = [] {
    traffic::Policy policy;
    for (std::size_t i = 0; i + 1 < traffic::kDetectors; ++i) {
      policy.rules[i] = {true, traffic::Action::redact, inspect::Certainty::low};
    }
    policy.canaries = {"canary-canary"};
    policy.patterns = {{"p", "x[0-9]{2,8}y", true, false, 64, inspect::Certainty::high}};
    return *traffic::Inspection::create(policy);
  }();
  return *kInspection;
}

/// Blocks lie in the body; what was redacted reads as JSON, and keeps all that is no text.
void check(std::string body, const traffic::JsonIndex& json, const std::vector<traffic::TextBlock>& blocks) {
  for (const traffic::TextBlock& block : blocks) {
    if (block.node >= json.size()) {
      __builtin_trap();
    }
    (void)json.pointer(block.node);
  }
  const std::string before = body;
  const traffic::Verdict verdict = traffic::inspect_blocks(inspection(), json, blocks, body);
  if (!verdict.changed && body != before) {
    __builtin_trap();
  }
  const auto again = traffic::JsonIndex::parse(body);
  if (!again || again->size() != json.size()) {
    __builtin_trap();
  }
}

}  // namespace

// The first byte chooses the route and whether it is a request or an answer.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) {
    return 0;
  }
  constexpr traffic::Route kRoutes[] = {traffic::Route::chat_completions, traffic::Route::responses,
                                        traffic::Route::embeddings,       traffic::Route::messages,
                                        traffic::Route::count_tokens,     traffic::Route::mcp};
  const traffic::Route route = kRoutes[data[0] / 2 % 6];
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 2 == 0) {
    if (const auto request = traffic::read_request(route, body)) {
      check(std::string(body), request->json, request->blocks);
    }
  } else if (const auto answer = traffic::read_answer(route, body)) {
    check(std::string(body), answer->json, answer->blocks);
  }
  return 0;
}
