#include "traffic/stream.h"

#include <algorithm>
#include <list>
#include <map>

#include "base/json.h"
#include "base/text.h"
#include "traffic/channel.h"
#include "traffic/collect.h"
#include "traffic/recycled.h"
#include "traffic/sse.h"

namespace traffic {
namespace {

using Kind = JsonNode::Kind;
using base::Errc;
using base::Error;

constexpr std::size_t kMaxArgumentBytes = 1U << 20;  // of one call that are kept
constexpr std::size_t kMaxFindings = 1000;           // that are told of one answer
constexpr std::size_t kMostSpare = 4;                // events that are kept for the next ones
constexpr std::size_t kMostSpareBytes = 2048;        // of each

/// Part of a channel's text within an event.
struct Piece {
  std::size_t channel;
  std::uint64_t begin;  ///< Of the channel's text.
  std::string text;
  std::uint32_t node_begin;  ///< The JSON text in the event's data.
  std::uint32_t node_end;
};

/// An event that waits.
struct Held {
  std::string raw;
  std::vector<Piece> pieces;
  std::vector<BodyEdit> edits;                                         ///< Of texts that were whole in it.
  std::vector<BodyEdit> names;                                         ///< Of the model.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> probabilities;  ///< Of tokens: they spell the text once more.
  std::string notes;                                                   ///< Comments that go before it.
  std::optional<std::size_t> call;

  void clear() {
    raw.clear();
    pieces.clear();
    edits.clear();
    names.clear();
    probabilities.clear();
    notes.clear();
    call.reset();
  }
};

}  // namespace

AnswerForm answer_form(std::string_view content_type) {
  constexpr std::string_view kJsonSuffix = "+json";
  const std::string_view type = base::trim(content_type.substr(0, content_type.find(';')));
  if (base::equals_ignoring_case(type, "text/event-stream")) {
    return AnswerForm::events;
  }
  const std::string_view suffix = type.substr(type.size() - std::min(type.size(), kJsonSuffix.size()));
  return base::equals_ignoring_case(type, "application/json") || base::equals_ignoring_case(suffix, kJsonSuffix)
             ? AnswerForm::json
             : AnswerForm::other;
}

struct AnswerInspector::State final : Recycled<AnswerInspector::State> {
  State(Route wanted_route, AnswerForm wanted_form, std::shared_ptr<const Inspection> wanted,
        StreamLimits wanted_limits)
      : route(wanted_route),
        form(wanted_form),
        inspection(std::move(wanted)),
        limits(wanted_limits),
        reader(wanted_limits.max_event_bytes) {
    answer.route = route;
  }

  Route route;
  AnswerForm form;
  std::shared_ptr<const Inspection> inspection;
  StreamLimits limits;
  ServerEventReader reader;
  Answer answer;
  std::vector<BlockFinding> findings;
  std::map<std::string, std::size_t, std::less<>> channel_by_key;
  std::vector<std::unique_ptr<TextChannel>> channels;
  std::list<Held> queue;
  std::list<Held> spare;  ///< Some that have left, for those to come.
  std::uint64_t held_bytes = 0;
  std::uint64_t text_bytes = 0;
  std::uint64_t estimated_tokens = 0;
  std::optional<Action> action;
  std::string body;  ///< Of an answer in JSON.
  bool hold_calls = false;
  bool ended = false;
  bool stopped = false;
  std::map<std::string, std::size_t, std::less<>> call_by_key;
  std::vector<bool> decided;
  std::size_t pending = 0;  ///< Call that waits.
  std::optional<std::size_t> call_of_event;
  std::string channel_key;  ///< Of the channel in hand.
  std::size_t most_opening = 0;
  std::string opening;                          ///< Of what the assistant says.
  std::function<bool(std::string_view)> hides;  ///< Is a tool of that name not to be shown?
  std::string model_name;                       ///< To be said for the model; empty: as it comes.
  /// Could something be left out, so that what cannot be read must not leave?
  bool protects() const { return inspection->may_change() || hold_calls || hides; }
  bool buffers() const { return protects() || !model_name.empty(); }

  // ---- What an event holds.

  base::Result<void> on_event(const ServerEvent& event, std::string& out) {
    if (spare.empty()) {
      spare.emplace_back();
    }
    Held& held = spare.front();
    held.clear();
    call_of_event.reset();
    const std::size_t first_finding = findings.size();
    if (event.data == "[DONE]") {
      finish_all();
    } else if (event.has_data && !base::trim(event.data).empty() && route != Route::other) {
      auto json = JsonIndex::parse(event.data, {static_cast<std::uint32_t>(limits.max_event_bytes)});
      if (!json) {
        if (protects()) {
          return Error{json.error().code, "stream: event: " + json.error().message, json.error().offset};
        }
      } else {
        TRY(read_event(*json, held));
        name_model(*json, held.names);
      }
    }
    if (findings.size() > first_finding) {
      note(held, first_finding);
    }
    if (!buffers()) {
      return {};
    }
    if (queue.empty() && !call_of_event && is_settled(held)) {
      write(held, event.raw, out);  // nothing to wait for
      return {};
    }
    held.call = call_of_event;
    held.raw = event.raw;
    held_bytes += held.raw.size();
    if (held_bytes > limits.max_held_bytes) {
      return Error{Errc::too_large, "stream: more than " + base::human_bytes(limits.max_held_bytes) +
                                        " of events wait for what decides on them"};
    }
    queue.splice(queue.end(), spare, spare.begin());
    return {};
  }

  /// Edits that put the name of the model where the answer, or what an event tells of it, has one.
  void name_model(const JsonIndex& json, std::vector<BodyEdit>& edits) const {
    if (model_name.empty() || json.root().kind != Kind::map) {
      return;
    }
    for (const std::string_view part : {"", "response", "message"}) {
      const JsonNode* const holder = part.empty() ? &json.root() : json.find(json.root(), part);
      const JsonNode* const name =
          holder != nullptr && holder->kind == Kind::map ? json.find(*holder, "model") : nullptr;
      if (name != nullptr && name->kind == Kind::text) {
        edits.push_back({name->begin, name->end, base::json_quoted(model_name)});
      }
    }
  }

  /// Takes account of findings that came with an event.
  void note(Held& held, std::size_t first) {
    for (std::size_t i = first; i < findings.size(); ++i) {
      action = std::max(action.value_or(Action::observe), findings[i].action);
      if (findings[i].action == Action::annotate) {
        held.notes += ": surety: " + redaction_mark(findings[i]).substr(11);
        held.notes.back() = '\n';
      }
    }
    if (findings.size() > kMaxFindings) {
      findings.resize(kMaxFindings);
    }
  }

  base::Result<void> read_event(const JsonIndex& json, Held& held) {
    if (json.root().kind != Kind::map) {
      return read_whole(json, held);
    }
    switch (route) {
      case Route::chat_completions:
        return read_chunk(json, held);
      case Route::responses:
        return read_typed(json, held);
      case Route::messages:
        return read_block_event(json, held);
      default:
        return read_whole(json, held);
    }
  }

  /// An event that is read as an answer by itself.
  base::Result<void> read_whole(const JsonIndex& json, Held& held) {
    Answer one;
    std::vector<TextBlock> blocks;
    Collector out(json, blocks, one.calls, one.opaque, one.tools);
    switch (route) {
      case Route::chat_completions:
        read_chat_answer(out, one);
        break;
      case Route::responses:
        read_responses_answer(out, one);
        break;
      case Route::messages:
        read_messages_answer(out, one);
        break;
      case Route::mcp:
        read_mcp_answer(out, one);
        break;
      default:
        out.unknown(json.root(), Origin::assistant);
    }
    answer.is_error = answer.is_error || one.is_error;
    for (Tool& tool : one.tools) {
      answer_tool_names.emplace_back(tool.name);
      answer.tools.push_back({answer_tool_names.back(), tool.digest, 0});
    }
    inspect_whole(json, blocks, held, true);
    cut_tools(json, held.edits);
    return {};
  }

  /// Edits that take the hidden tools out of lists of tools, each with the comma that parts it from the others.
  void cut_tools(const JsonIndex& json, std::vector<BodyEdit>& edits) const {
    if (!hides || route != Route::mcp) {
      return;
    }
    const auto cut = [&](const JsonNode& message) {
      const JsonNode* result = json.find(message, "result");
      const JsonNode* tools = result == nullptr ? nullptr : json.find(*result, "tools");
      if (tools == nullptr || tools->kind != Kind::list) {
        return;
      }
      std::vector<const JsonNode*> list;
      json.for_each(*tools, [&](const JsonNode& tool) { list.push_back(&tool); });
      const JsonNode* kept = nullptr;
      for (std::size_t i = 0; i < list.size(); ++i) {
        if (!hides(json.text_of(*list[i], "name"))) {
          kept = list[i];
          continue;
        }
        std::size_t last = i;
        while (last + 1 < list.size() && hides(json.text_of(*list[last + 1], "name"))) {
          ++last;
        }
        if (last + 1 < list.size()) {
          edits.push_back({list[i]->begin, list[last + 1]->begin, ""});
        } else {
          edits.push_back({kept == nullptr ? list[i]->begin : kept->end, list[last]->end, ""});
        }
        i = last;
      }
    };
    if (json.root().kind == Kind::list) {
      json.for_each(json.root(), cut);
    } else {
      cut(json.root());
    }
    std::stable_sort(edits.begin(), edits.end(),
                     [](const BodyEdit& a, const BodyEdit& b) { return a.begin < b.begin; });
  }

  std::list<std::string> answer_tool_names;  ///< What the names of the answer's tools point into.

  void inspect_whole(const JsonIndex& json, const std::vector<TextBlock>& blocks, Held& held, bool counts) {
    if (blocks.empty()) {
      return;
    }
    std::vector<BlockFinding> found;
    const auto strongest_here = inspect_blocks(*inspection, json, blocks, found, held.edits);
    if (strongest_here) {
      action = std::max(action.value_or(Action::observe), *strongest_here);
    }
    for (const TextBlock& block : blocks) {
      if (counts) {
        count(block.text);
      }
    }
    for (BlockFinding& one : found) {
      // What a stream says twice is told once.
      const bool known = !counts && std::any_of(findings.begin(), findings.end(), [&](const BlockFinding& other) {
        return other.detector == one.detector && other.name == one.name;
      });
      if (!known) {
        findings.push_back(std::move(one));
      }
    }
  }

  void count(std::string_view text) {
    text_bytes += text.size();
    estimated_tokens += estimate_tokens(text);
  }

  void open_with(std::string_view text, Origin origin) {
    if (origin == Origin::assistant && opening.size() < most_opening) {
      opening += text.substr(0, most_opening - opening.size());
    }
  }

  base::Result<std::size_t> channel(std::string_view key, Origin origin, bool is_json, bool may_change) {
    if (const auto found = channel_by_key.find(key); found != channel_by_key.end()) {
      return found->second;
    }
    if (channels.size() >= limits.max_channels) {
      return Error{Errc::too_large, "stream: more than " + std::to_string(limits.max_channels) + " texts at once"};
    }
    channels.push_back(std::make_unique<TextChannel>(*inspection, origin, is_json, may_change, std::string(key)));
    channel_by_key.emplace(key, channels.size() - 1);
    return channels.size() - 1;
  }

  /// A piece of a text that goes on in other events.
  base::Result<void> piece(const JsonNode* node, std::string_view key, Origin origin, bool is_json, bool may_change,
                           Held& held) {
    if (node == nullptr || node->kind != Kind::text || node->text.empty()) {
      return {};
    }
    count(node->text);
    open_with(node->text, origin);
    if (!inspection->is_on()) {
      return {};
    }
    const std::size_t at = TRY(channel(key, origin, is_json, may_change));
    held.pieces.push_back({at, channels[at]->size(), std::string(node->text), node->begin, node->end});
    channels[at]->feed(node->text, findings);
    return {};
  }

  void finish(std::string_view prefix) {
    for (auto one = channel_by_key.lower_bound(prefix); one != channel_by_key.end() && one->first.starts_with(prefix);
         ++one) {
      finish_channel(one->second);
    }
  }
  void finish_channel(std::size_t at) {
    const std::size_t first = findings.size();
    channels[at]->finish(findings);
    for (std::size_t i = first; i < findings.size(); ++i) {
      action = std::max(action.value_or(Action::observe), findings[i].action);
    }
  }
  void finish_all() {
    for (std::size_t i = 0; i < channels.size(); ++i) {
      finish_channel(i);
    }
    complete_calls("");
  }

  // ---- Calls of tools.

  base::Result<ToolCall*> call(const std::string& key) {
    auto found = call_by_key.find(key);
    if (found == call_by_key.end()) {
      if (answer.calls.size() >= limits.max_calls) {
        return Error{Errc::too_large, "stream: more than " + std::to_string(limits.max_calls) + " calls of tools"};
      }
      answer.calls.push_back({});
      answer.calls.back().complete = false;
      decided.push_back(false);
      found = call_by_key.emplace(key, answer.calls.size() - 1).first;
    }
    call_of_event = found->second;
    return &answer.calls[found->second];
  }
  static void add_arguments(ToolCall& call, std::string_view text) {
    if (call.arguments.size() + text.size() <= kMaxArgumentBytes) {
      call.arguments += text;
    }
  }
  void complete_calls(std::string_view prefix) {
    for (auto one = call_by_key.lower_bound(prefix); one != call_by_key.end() && one->first.starts_with(prefix);
         ++one) {
      answer.calls[one->second].complete = true;
    }
  }

  // ---- OpenAI chat completions.

  base::Result<void> read_chunk(const JsonIndex& json, Held& held) {
    const JsonNode& root = json.root();
    std::vector<TextBlock> blocks;
    Answer ignored;
    Collector out(json, blocks, ignored.calls, ignored.opaque, ignored.tools);
    for (std::uint32_t at = 1; at < root.next; at = json.node(at).next) {
      const JsonNode& member = json.node(at);
      if (member.key == "choices") {
        for (std::uint32_t i = at + 1; i < member.next; i = json.node(i).next) {
          TRY(read_choice(json, json.node(i), out, held));
        }
      } else if (member.key == "usage") {
        read_openai_usage(json, &member, answer.usage);
      } else if (member.key == "error" && member.kind != Kind::null) {
        answer.is_error = true;
        read_error(out, member);
      } else if (member.key == "id") {
        answer.id = member.text;
      } else if (member.key == "model") {
        answer.model = member.text;
      } else if (member.key == "system_fingerprint" && member.kind == Kind::text) {
        answer.fingerprint = member.text;
      } else if (member.key != "object" && member.key != "service_tier" && member.key != "obfuscation") {
        out.unknown(member, Origin::assistant);
      }
    }
    inspect_whole(json, blocks, held, true);
    return {};
  }

  base::Result<void> read_choice(const JsonIndex& json, const JsonNode& choice, Collector& out, Held& held) {
    const std::uint64_t index = json.number_of(choice, "index");
    const std::string base = "choice " + std::to_string(index) + " ";
    for (std::uint32_t at = json.index_of(choice) + 1; at < choice.next; at = json.node(at).next) {
      const JsonNode& member = json.node(at);
      if (member.key == "delta" && member.kind == Kind::map) {
        for (std::uint32_t i = at + 1; i < member.next; i = json.node(i).next) {
          TRY(read_delta(json, json.node(i), base, out, held));
        }
      } else if (member.key == "logprobs") {
        held.probabilities.emplace_back(member.begin, member.end);
      } else if (member.key == "finish_reason" && member.kind == Kind::text) {
        if (answer.finish_reasons.size() <= index && index < 1024) {
          answer.finish_reasons.resize(static_cast<std::size_t>(index) + 1);
        }
        if (index < answer.finish_reasons.size()) {
          answer.finish_reasons[static_cast<std::size_t>(index)] = member.text;
        }
      } else if (member.key == "text") {
        TRY(piece(&member, base + "text", Origin::assistant, false, true, held));
      } else if (member.key != "index" && member.key != "finish_reason") {
        out.unknown(member, Origin::assistant);
      }
    }
    const JsonNode* reason = json.find(choice, "finish_reason");
    if (reason != nullptr && reason->kind == Kind::text) {
      finish(base);
      complete_calls(base);
    }
    return {};
  }

  base::Result<void> read_delta(const JsonIndex& json, const JsonNode& member, const std::string& base, Collector& out,
                                Held& held) {
    if (member.key == "role" || member.key == "id" || member.key == "type") {
      return {};
    }
    if (member.kind == Kind::text) {
      const bool reasoning = member.key.find("reasoning") != std::string_view::npos || member.key == "thinking";
      channel_key.assign(base);
      channel_key += member.key;
      return piece(&member, channel_key, reasoning ? Origin::reasoning : Origin::assistant, false, true, held);
    }
    if (member.key == "content" && member.kind == Kind::list) {  // some servers send parts
      for (std::uint32_t i = json.index_of(member) + 1; i < member.next; i = json.node(i).next) {
        TRY(piece(json.find(json.node(i), "text"), base + "content", Origin::assistant, false, true, held));
      }
      return {};
    }
    if (member.key == "tool_calls" && member.kind == Kind::list) {
      for (std::uint32_t i = json.index_of(member) + 1; i < member.next; i = json.node(i).next) {
        TRY(read_call_delta(json, json.node(i), base, out, held));
      }
      return {};
    }
    if (member.key == "function_call" && member.kind == Kind::map) {
      ToolCall* const one = TRY(call(base + "function_call"));
      if (const std::string_view name = json.text_of(member, "name"); !name.empty()) {
        one->name = name;
      }
      add_arguments(*one, json.text_of(member, "arguments"));
      return piece(json.find(member, "arguments"), base + "function_call arguments", Origin::tool_arguments, true, true,
                   held);
    }
    if (member.key == "audio" && member.kind == Kind::map) {
      return piece(json.find(member, "transcript"), base + "audio transcript", Origin::assistant, false, true, held);
    }
    out.unknown(member, Origin::assistant);
    return {};
  }

  base::Result<void> read_call_delta(const JsonIndex& json, const JsonNode& delta, const std::string& base,
                                     Collector& out, Held& held) {
    const std::uint64_t index = json.number_of(delta, "index");
    const std::string key = base + "call " + std::to_string(index) + " ";
    // The calls before it have ended.
    if (const auto found = call_by_key.find(key); found == call_by_key.end()) {
      complete_calls(base + "call ");
      finish(base + "call ");
    }
    ToolCall* const one = TRY(call(key));
    if (const std::string_view id = json.text_of(delta, "id"); !id.empty()) {
      one->id = id;
    }
    for (std::uint32_t i = json.index_of(delta) + 1; i < delta.next; i = json.node(i).next) {
      const JsonNode& member = json.node(i);
      if ((member.key == "function" || member.key == "custom") && member.kind == Kind::map) {
        const bool custom = member.key == "custom";
        const std::string_view what = custom ? "input" : "arguments";
        if (const std::string_view name = json.text_of(member, "name"); !name.empty()) {
          one->name += name;
        }
        add_arguments(*one, json.text_of(member, what));
        TRY(piece(json.find(member, what), key + "arguments", Origin::tool_arguments, !custom, true, held));
      } else if (member.kind == Kind::map || member.kind == Kind::list) {
        out.unknown(member, Origin::tool_arguments);
      }
    }
    return {};
  }

  // ---- OpenAI responses.

  base::Result<void> read_typed(const JsonIndex& json, Held& held) {
    const JsonNode& root = json.root();
    const std::string_view type = json.text_of(root, "type");
    // Texts of one item go on under its id and place.
    const JsonNode* output = json.find(root, "output_index");
    const std::string item = "item " + std::string(json.text_of(root, "item_id")) + " " +
                             (output != nullptr ? std::string(output->text) : "") + " ";
    const auto place = [&] {
      std::string key;
      for (const std::string_view part : {"content_index", "summary_index"}) {
        const JsonNode* node = json.find(root, part);
        key += node != nullptr ? std::string(node->text) + " " : "";
      }
      return key;
    };
    if (const JsonNode* delta = json.find(root, "delta"); delta != nullptr && type.ends_with(".delta")) {
      if (type.find("audio.delta") != std::string_view::npos) {
        return {};  // sound in base64
      }
      const bool calls = type.find("call") != std::string_view::npos;
      const bool arguments = type.find("arguments") != std::string_view::npos;
      const bool reasoning = type.find("reasoning") != std::string_view::npos;
      if (calls) {
        ToolCall* const one = TRY(call(item));
        add_arguments(*one, delta->text);
      }
      if (const JsonNode* logprobs = json.find(root, "logprobs"); logprobs != nullptr) {
        held.probabilities.emplace_back(logprobs->begin, logprobs->end);
      }
      if (delta->kind == Kind::text) {
        return piece(delta, item + std::string(type.substr(0, type.size() - 6)) + " " + place(),
                     calls       ? Origin::tool_arguments
                     : reasoning ? Origin::reasoning
                                 : Origin::assistant,
                     calls && arguments, !reasoning, held);
      }
    }
    std::vector<TextBlock> blocks;
    Answer one;
    Collector out(json, blocks, one.calls, one.opaque, one.tools);
    const bool done = type.ends_with(".done");
    if (type == "response.output_item.added" || type == "response.output_item.done") {
      const JsonNode* node = json.find(root, "item");
      if (node != nullptr) {
        const std::string key = "item " + std::string(json.text_of(*node, "id")) + " " +
                                (output != nullptr ? std::string(output->text) : "") + " ";
        if (done) {
          finish(key);
        }
        read_responses_item(out, *node, Origin::assistant);
        if (!one.calls.empty()) {
          ToolCall* const known = TRY(call(key));
          const bool partial = !done && one.calls.front().arguments.empty();
          std::string arguments = std::move(known->arguments);
          *known = std::move(one.calls.front());
          if (!done && known->arguments.empty()) {
            known->arguments = std::move(arguments);
          }
          known->complete = done && !partial;
        }
      }
    } else if (type == "response.content_part.added" || type == "response.content_part.done") {
      if (done) {
        finish(item);
      }
      if (const JsonNode* part = json.find(root, "part"); part != nullptr) {
        read_openai_part(out, *part, Origin::assistant);
      }
    } else if (const JsonNode* response = json.find(root, "response"); response != nullptr) {
      if (type == "response.completed" || type == "response.failed" || type == "response.incomplete") {
        finish_all();
      }
      read_responses_answer(out, one);
      answer.id = one.id.empty() ? answer.id : one.id;
      answer.model = one.model.empty() ? answer.model : one.model;
      answer.finish_reasons = one.finish_reasons;
      answer.is_error = answer.is_error || one.is_error;
      answer.usage = one.usage.known ? one.usage : answer.usage;
    } else {
      const bool reasoning = type.find("reasoning") != std::string_view::npos;
      const bool calls = type.find("call") != std::string_view::npos;
      const Origin origin = reasoning ? Origin::reasoning : calls ? Origin::tool_arguments : Origin::assistant;
      if (done) {
        finish(item + std::string(type.substr(0, type.size() - 5)));
      }
      if (type == "error") {
        answer.is_error = true;
      }
      json.for_each(root, [&](const JsonNode& member) {
        if (member.key == "arguments") {
          out.json_text(&member, origin);
        } else if (member.key == "logprobs") {
          held.probabilities.emplace_back(member.begin, member.end);
        } else if (member.key == "partial_image_b64" || member.key == "type" || member.key == "item_id" ||
                   member.key == "obfuscation") {
          return;
        } else if (reasoning) {
          out.sealed_text(member.kind == Kind::map ? json.find(member, "text") : &member, origin);
        } else {
          out.unknown(member, origin);
        }
      });
    }
    inspect_whole(json, blocks, held, channels.empty());
    return {};
  }

  // ---- Anthropic messages.

  base::Result<void> read_block_event(const JsonIndex& json, Held& held) {
    const JsonNode& root = json.root();
    const std::string_view type = json.text_of(root, "type");
    const std::string key = "block " + std::to_string(json.number_of(root, "index")) + " ";
    std::vector<TextBlock> blocks;
    Answer one;
    Collector out(json, blocks, one.calls, one.opaque, one.tools);
    if (type == "content_block_delta") {
      const JsonNode* delta = json.find(root, "delta");
      if (delta == nullptr) {
        return {};
      }
      const std::string_view kind = json.text_of(*delta, "type");
      if (kind == "text_delta") {
        return piece(json.find(*delta, "text"), key + "text", Origin::assistant, false, true, held);
      }
      if (kind == "input_json_delta") {
        if (const auto found = call_by_key.find(key); found != call_by_key.end()) {
          call_of_event = found->second;
          add_arguments(answer.calls[found->second], json.text_of(*delta, "partial_json"));
        }
        return piece(json.find(*delta, "partial_json"), key + "input", Origin::tool_arguments, true, true, held);
      }
      if (kind == "thinking_delta") {
        return piece(json.find(*delta, "thinking"), key + "thinking", Origin::reasoning, false, false, held);
      }
      if (kind == "signature_delta") {
        return {};
      }
      if (kind == "citations_delta") {
        json.for_each(*delta, [&](const JsonNode& member) {
          json.for_each(member, [&](const JsonNode& part) {
            if (part.key != "type" && part.key != "encrypted_index") {
              out.sealed_text(&part, Origin::retrieved);
            }
          });
        });
      } else {
        for (std::uint32_t i = json.index_of(*delta) + 1; i < delta->next; i = json.node(i).next) {
          const JsonNode& member = json.node(i);
          if (member.key != "type" && member.kind == Kind::text) {
            TRY(piece(&member, key + std::string(kind) + " " + std::string(member.key), Origin::assistant, false, true,
                      held));
          } else if (member.kind == Kind::map || member.kind == Kind::list) {
            out.unknown(member, Origin::assistant);
          }
        }
      }
    } else if (type == "content_block_start") {
      if (const JsonNode* block = json.find(root, "content_block"); block != nullptr) {
        const std::string_view kind = json.text_of(*block, "type");
        if (kind == "text") {
          TRY(piece(json.find(*block, "text"), key + "text", Origin::assistant, false, true, held));
        } else if (kind == "thinking") {
          TRY(piece(json.find(*block, "thinking"), key + "thinking", Origin::reasoning, false, false, held));
        } else {
          read_content_block(out, *block, Origin::assistant);
          if (!one.calls.empty()) {
            ToolCall* const known = TRY(call(key));
            *known = std::move(one.calls.front());
            known->arguments = known->arguments == "{}" ? "" : known->arguments;
            known->complete = false;
          }
        }
      }
    } else if (type == "content_block_stop") {
      finish(key);
      if (const auto found = call_by_key.find(key); found != call_by_key.end()) {
        call_of_event = found->second;
        answer.calls[found->second].complete = true;
      }
    } else if (type == "message_delta") {
      read_anthropic_usage(json, json.find(root, "usage"), answer.usage);
      json.for_each(root, [&](const JsonNode& member) {
        if (member.key == "delta") {
          if (const std::string_view reason = json.text_of(member, "stop_reason"); !reason.empty()) {
            answer.finish_reasons = {std::string(reason)};
          }
          json.for_each(member, [&](const JsonNode& part) {
            if (part.key != "stop_reason" && part.key != "container") {
              out.unknown(part, Origin::assistant);
            }
          });
        } else if (member.key != "type" && member.key != "usage") {
          out.unknown(member, Origin::assistant);
        }
      });
    } else if (type == "message_stop") {
      finish_all();
    } else {
      read_messages_answer(out, one);
      answer.id = one.id.empty() ? answer.id : one.id;
      answer.model = one.model.empty() ? answer.model : one.model;
      answer.usage = one.usage.known ? one.usage : answer.usage;
      answer.is_error = answer.is_error || one.is_error;
    }
    inspect_whole(json, blocks, held, true);
    return {};
  }

  // ---- What leaves.

  Outcome stop(Outcome outcome) {
    stopped = true;
    queue.clear();
    body.clear();
    held_bytes = 0;
    return outcome;
  }

  [[nodiscard]] std::optional<Outcome> refused() {
    if (action && *action >= Action::ask) {
      return stop(*action == Action::ask ? Outcome::asks : Outcome::blocked);
    }
    return std::nullopt;
  }

  [[nodiscard]] bool is_settled(const Held& held) const {
    return std::all_of(held.pieces.begin(), held.pieces.end(), [&](const Piece& one) {
      return channels[one.channel]->settled() >= one.begin + one.text.size();
    });
  }

  void write(Held& held, std::string_view raw, std::string& out) {
    bool changed = !held.edits.empty();
    for (const Piece& one : held.pieces) {
      TextChannel& channel = *channels[one.channel];
      if (channel.is_edited(one.begin, one.begin + one.text.size())) {
        changed = true;
        held.edits.push_back({one.node_begin, one.node_end, base::json_quoted(channel.edited(one.begin, one.text))});
      }
      channel.forget(one.begin + one.text.size());
    }
    out += held.notes;
    if (!changed && held.names.empty()) {
      out += raw;
      return;
    }
    if (changed) {
      for (const auto& [begin, end] : held.probabilities) {
        held.edits.push_back({begin, end, route == Route::responses ? "[]" : "null"});
      }
    }
    held.edits.insert(held.edits.end(), held.names.begin(), held.names.end());
    in_order(held.edits);
    ServerEventReader again;
    // The second half of the line end before it may stand at its beginning.
    again.feed(raw.substr(raw.starts_with('\n') ? 1 : 0));
    again.end();
    ServerEvent event;
    if (const auto read = again.next(event); read && *read) {
      append_with_data(raw, apply_edits(event.data, held.edits), out);
    }
  }

  Outcome drain(std::string& out) {
    if (const auto outcome = refused()) {
      return *outcome;
    }
    while (!queue.empty()) {
      Held& held = queue.front();
      if (hold_calls && held.call && !decided[*held.call]) {
        if (!answer.calls[*held.call].complete) {
          break;
        }
        pending = *held.call;
        return Outcome::tool_call;
      }
      if (!is_settled(held)) {
        break;
      }
      held_bytes -= held.raw.size();
      write(held, held.raw, out);
      if (spare.size() < kMostSpare && held.raw.capacity() <= kMostSpareBytes) {
        spare.splice(spare.end(), queue, queue.begin());
      } else {
        queue.pop_front();
      }
    }
    return Outcome::go_on;
  }

  base::Result<Outcome> feed_events(std::string_view bytes, bool last, std::string& out) {
    const std::size_t before = out.size();
    const auto read = read_events(bytes, last, out);
    if (!read || (action && *action >= Action::ask)) {
      out.resize(before);  // where something stops the answer, nothing of what came with it leaves
    }
    TRY(read);
    if (!buffers()) {
      out += bytes;
      return Outcome::go_on;
    }
    return drain(out);
  }

  /// What leaves at once is appended to `out`.
  base::Result<void> read_events(std::string_view bytes, bool last, std::string& out) {
    reader.feed(bytes);
    if (last) {
      reader.end();
    }
    ServerEvent event;
    while (TRY(reader.next(event))) {
      TRY(on_event(event, out));
    }
    if (last) {
      finish_all();
      ended = true;
    }
    return {};
  }

  base::Result<Outcome> feed_json(std::string_view bytes, bool last, std::string& out) {
    if (body.size() + bytes.size() > limits.max_body_bytes) {
      if (protects()) {
        return Error{Errc::too_large, "answer: above " + base::human_bytes(limits.max_body_bytes)};
      }
      form = AnswerForm::other;  // too long to be looked at; it passes, and the record says nothing of its text
      if (buffers()) {
        out += body;
      }
      out += bytes;
      return Outcome::go_on;
    }
    if (!buffers()) {
      out += bytes;
    }
    if (!last || !body.empty()) {
      body += bytes;
      bytes = body;
    }
    if (!last) {
      return Outcome::go_on;
    }
    ended = true;
    auto read = read_answer(route, bytes, {static_cast<std::uint32_t>(limits.max_body_bytes)});
    if (!read) {
      if (protects()) {
        return Error{read.error().code, "answer: " + read.error().message, read.error().offset};
      }
      if (buffers()) {
        out += bytes;
      }
      return Outcome::go_on;
    }
    answer = std::move(*read);
    decided.assign(answer.calls.size(), false);
    for (const TextBlock& block : answer.blocks) {
      count(block.text);
      open_with(block.text, block.origin);
    }
    std::vector<BodyEdit> edits;
    action = inspect_blocks(*inspection, answer.json, answer.blocks, findings, edits);
    if (const auto outcome = refused()) {
      return *outcome;
    }
    if (!buffers()) {
      return Outcome::go_on;
    }
    cut_tools(answer.json, edits);
    if (!edits.empty()) {
      forget_probabilities(edits);
    }
    name_model(answer.json, edits);
    if (!edits.empty()) {
      in_order(edits);
      body = apply_edits(bytes, edits);
    } else if (hold_calls && !answer.calls.empty()) {
      if (body.empty()) {
        body = bytes;
      }
    } else if (body.empty()) {
      out += bytes;  // it came in one piece and leaves as it came
      return Outcome::go_on;
    }
    return leave(out);
  }

  /// Probabilities of tokens spell the text once more.
  void forget_probabilities(std::vector<BodyEdit>& edits) const {
    for (std::uint32_t i = 1; i < answer.json.size(); ++i) {
      const JsonNode& node = answer.json.node(i);
      if (node.key == "logprobs" && (node.kind == Kind::map || node.kind == Kind::list)) {
        edits.push_back({node.begin, node.end, node.kind == Kind::map ? "null" : "[]"});
        i = node.next - 1;
      }
    }
  }

  static void in_order(std::vector<BodyEdit>& edits) {
    std::sort(edits.begin(), edits.end(), [](const BodyEdit& a, const BodyEdit& b) { return a.begin < b.begin; });
  }

  Outcome leave(std::string& out) {
    if (hold_calls) {
      for (std::size_t i = 0; i < answer.calls.size(); ++i) {
        if (!decided[i]) {
          pending = i;
          return Outcome::tool_call;
        }
      }
    }
    out += body;
    body.clear();
    return Outcome::go_on;
  }
};

AnswerInspector::AnswerInspector(Route route, AnswerForm form, std::shared_ptr<const Inspection> inspection,
                                 StreamLimits limits)
    : state_(std::make_unique<State>(route, form, std::move(inspection), limits)) {}
AnswerInspector::~AnswerInspector() = default;
AnswerInspector::AnswerInspector(AnswerInspector&&) noexcept = default;
AnswerInspector& AnswerInspector::operator=(AnswerInspector&&) noexcept = default;

void AnswerInspector::hold_tool_calls(bool hold) {
  state_->hold_calls = hold;
}

void AnswerInspector::keep_opening(std::size_t bytes) {
  state_->most_opening = bytes;
}

std::string_view AnswerInspector::opening() const {
  return state_->opening;
}

void AnswerInspector::hide_tools(std::function<bool(std::string_view name)> hidden) {
  state_->hides = std::move(hidden);
}
void AnswerInspector::call_model(std::string_view name) {
  state_->model_name = name;
}

base::Result<AnswerInspector::Outcome> AnswerInspector::feed(std::string_view bytes, bool last, std::string& out) {
  State& state = *state_;
  if (state.stopped) {
    return Outcome::blocked;
  }
  if (state.form == AnswerForm::other || (state.form == AnswerForm::json && state.route == Route::other)) {
    out += bytes;
    return Outcome::go_on;
  }
  auto outcome =
      state.form == AnswerForm::events ? state.feed_events(bytes, last, out) : state.feed_json(bytes, last, out);
  if (!outcome) {
    state.stop(Outcome::blocked);
  }
  return outcome;
}

const ToolCall& AnswerInspector::pending_call() const {
  return state_->answer.calls[state_->pending];
}

base::Result<AnswerInspector::Outcome> AnswerInspector::decide_call(bool allowed, std::string& out) {
  State& state = *state_;
  if (!allowed) {
    return state.stop(Outcome::blocked);
  }
  state.decided[state.pending] = true;
  return state.form == AnswerForm::json ? state.leave(out) : state.drain(out);
}

const Answer& AnswerInspector::answer() const {
  return state_->answer;
}
const std::vector<BlockFinding>& AnswerInspector::findings() const {
  return state_->findings;
}
std::uint64_t AnswerInspector::text_bytes() const {
  return state_->text_bytes;
}
std::uint64_t AnswerInspector::estimated_output_tokens() const {
  return state_->estimated_tokens;
}
std::uint64_t AnswerInspector::held_bytes() const {
  return state_->held_bytes + state_->body.size() + state_->reader.pending();
}

std::string refusal(Route route, AnswerForm form, std::string_view code, std::string_view message) {
  const auto object = [](base::Value::Map members) { return base::Value(std::move(members)); };
  std::string out;
  if (route == Route::messages || route == Route::count_tokens) {
    const std::string error = base::to_json(object(
        {{"type", "error"}, {"error", object({{"type", "permission_error"}, {"message", message}, {"code", code}})}}));
    if (form != AnswerForm::events) {
      return error;
    }
    append_event("error", error, out);
    return out;
  }
  if (route == Route::mcp) {
    const std::string error = base::to_json(
        object({{"jsonrpc", "2.0"},
                {"id", nullptr},
                {"error", object({{"code", -32001}, {"message", message}, {"data", object({{"reason", code}})}})}}));
    if (form != AnswerForm::events) {
      return error;
    }
    append_event("message", error, out);
    return out;
  }
  const base::Value inner =
      object({{"message", message}, {"type", "invalid_request_error"}, {"param", nullptr}, {"code", code}});
  if (form != AnswerForm::events) {
    return base::to_json(object({{"error", inner}}));
  }
  if (route == Route::responses) {
    append_event("error",
                 base::to_json(object({{"type", "error"}, {"code", code}, {"message", message}, {"param", nullptr}})),
                 out);
    return out;
  }
  append_event("", base::to_json(object({{"error", inner}})), out);
  append_event("", "[DONE]", out);
  return out;
}

}  // namespace traffic
