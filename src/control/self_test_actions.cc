// Changes, tools and oversight.
#include <algorithm>

#include "base/json.h"
#include "control/self_test_runner.h"
#include "traffic/message.h"

namespace control {

using base::Result;
using base::Sha256;
using traffic::Route;

namespace {

constexpr std::string_view kForbiddenTool = "surety_self_test_forbidden";
// What no two readers read alike.
constexpr std::string_view kTwice = R"({"surety_self_test":1,"surety_self_test":2})";

bool is_answered_by_model(Route route) {
  return route == Route::chat_completions || route == Route::responses || route == Route::messages;
}

bool calls_tools(Route route, Block block) {
  return (route == Route::mcp && block == Block::tool_call) ||
         (is_answered_by_model(route) && (block == Block::tool_call || block == Block::stream));
}

}  // namespace

// ---- Changes ----

Result<void> SelfTestRunner::try_changes() {
  using Unlisted = ChangeSettings::Unlisted;
  const ChangeSettings& changes = declared_.changes;
  const std::string listed = "You are the self-test of a gateway.";
  Configuration configuration = alone(Filter::changes);
  const auto digest_of = [&](Route route) {
    const DrivenExchange exchange = prompted(route, listed, names_);
    const auto read = traffic::read_request(route, exchange.body);
    return read ? read->system_digest : Sha256();
  };
  for (const Route route : kTestedRoutes) {
    if (has_system_prompt(route)) {
      configuration.changes.prompts.emplace(digest_of(route), "self-test");
    }
  }
  Stage stage = TRY(open_stage("changes", std::move(configuration)));
  int turn = 0;  // so that nothing that was learned stays for the next
  for_each_place(Filter::changes, [&](SelfTestCase& one, const Place& place) {
    const bool in_answer = place.block == Block::answer || place.block == Block::stream;
    bool tried = false;
    if (place.block == Block::prompt && has_system_prompt(place.route) && changes.unlisted_prompts != Unlisted::allow) {
      tried = true;
      expect_passes(one, "a system prompt that is listed", send(stage, one, prompted(place.route, listed, names_)));
      const DrivenResult result = send(stage, one, prompted(place.route, listed + " Changed.", names_));
      if (changes.unlisted_prompts == Unlisted::refuse) {
        expect_stops(one, "a system prompt that is not listed", result);
      } else {
        mark(one, result.refused ? SelfTestOutcome::failed : SelfTestOutcome::observed,
             "a system prompt that is not listed only raises an alarm");
      }
    }
    if (place.block == Block::prompt && names_model(place.route)) {
      for (const ModelSwitch& rule : changes.switches) {
        if (rule.percent != 0 && rule.percent != 100) {
          mark(one, SelfTestOutcome::not_applicable,
               "switch of " + rule.model + ": for a share of callers, not for this one or that");
          continue;
        }
        tried = true;
        SceneNames names = names_;
        names.model = rule.model;
        const DrivenResult result = send(stage, one, plain_exchange(place.route, false, names));
        expect_passes(one, "switch of " + rule.model, result);
        const bool switched = result.upstream_body.find("\"model\":" + base::json_quoted(rule.to)) != std::string::npos;
        const bool wanted = rule.percent == 100 && enforces(Filter::changes);
        mark(one, switched == wanted ? SelfTestOutcome::passed : SelfTestOutcome::failed,
             "switch of " + rule.model + (switched ? ": to another model" : ": still the old model"));
      }
    }
    const bool names_answering = is_answered_by_model(place.route) || place.route == Route::embeddings;
    if (in_answer && names_answering) {
      for (const ModelPin& pin : changes.models) {
        if (!pin.answers_as && !pin.fingerprints && !pin.learn) {
          continue;
        }
        if (!pin.answers_as && !pin.learn) {
          mark(one, SelfTestOutcome::not_applicable, "model " + pin.model + ": only fingerprints are pinned");
          continue;
        }
        tried = true;
        SceneNames names = names_;
        names.model = instance_of(pin.model) +
                      (pin.model.ends_with('*') ? "-self-test-" + std::to_string(turn++) : std::string());
        names.answering_model =
            pin.answers_as && !pin.answers_as->empty() ? instance_of(pin.answers_as->front()) : names.model + "-2026";
        const bool streams = place.block == Block::stream;
        expect_passes(one, "model " + pin.model + " answers as itself",
                      send(stage, one, plain_exchange(place.route, streams, names)));
        names.answering_model = "surety-self-test-other";
        const DrivenResult result = send(stage, one, plain_exchange(place.route, streams, names));
        if (pin.stop) {
          expect_stops(one, "model " + pin.model + " answers as another", result);
        } else {
          mark(one, result.refused ? SelfTestOutcome::failed : SelfTestOutcome::observed,
               "another model behind " + pin.model + " only raises an alarm");
        }
        static_cast<void>(stage.runtime->observed().accept_model(names.model));
      }
    }
    if (!tried) {
      mark(one, SelfTestOutcome::not_applicable, "no rule of the configuration concerns this");
    }
  });
  return {};
}

// ---- Tools ----

namespace {

/// A call that the rules let pass, or ask about, and the model and roles that it takes.
struct PermittedCall {
  std::string tool;
  std::string arguments;
  std::string model;
};

// The tool of the first rule with that decision whose arguments can be made. `found` tells whether there is such a
// rule.
std::optional<PermittedCall> permitted(const ToolSettings& tools, Decision decision, bool for_mcp, bool& found) {
  found = false;
  for (std::size_t i = 0; i < tools.rules.size(); ++i) {
    const ToolRule& rule = tools.rules[i];
    if (rule.decision != decision || (for_mcp && rule.models)) {
      continue;
    }
    const std::string tool = instance_of(rule.tool);
    const bool hidden = std::any_of(tools.rules.begin(), tools.rules.begin() + static_cast<std::ptrdiff_t>(i),
                                    [&](const ToolRule& other) { return fits(other.tool, tool); });
    if (hidden) {
      continue;
    }
    found = true;
    if (auto arguments = arguments_for(rule.arguments.get())) {
      return PermittedCall{tool, std::move(*arguments),
                           rule.models && !rule.models->empty() ? instance_of(rule.models->front()) : ""};
    }
  }
  if (decision == Decision::allow && tools.allow_unlisted) {
    const std::string tool = "surety_self_test";
    if (std::none_of(tools.rules.begin(), tools.rules.end(), [&](const auto& rule) { return fits(rule.tool, tool); })) {
      found = true;
      return PermittedCall{tool, "{}", ""};
    }
  }
  return std::nullopt;
}

}  // namespace

Result<void> SelfTestRunner::try_tools() {
  Stage stage = TRY(open_stage("tools", alone(Filter::tools)));
  const ToolSettings& tools = declared_.tools;
  const bool by_rule = std::any_of(tools.rules.begin(), tools.rules.end(),
                                   [](const ToolRule& rule) { return fits(rule.tool, kForbiddenTool); });
  const bool refuses_unlisted = !tools.allow_unlisted && !by_rule;
  const auto refusing = std::find_if(tools.rules.begin(), tools.rules.end(),
                                     [](const ToolRule& rule) { return rule.decision == Decision::refuse; });
  int turn = 0;
  for_each_place(Filter::tools, [&](SelfTestCase& one, const Place& place) {
    bool tried = false;
    SceneNames names = names_;
    const bool streams = place.block == Block::stream;
    if (calls_tools(place.route, place.block)) {
      bool any = false;
      const auto call = permitted(tools, Decision::allow, place.route == Route::mcp, any);
      if (call) {
        tried = true;
        names.model = call->model.empty() ? names_.model : call->model;
        expect_passes(one, "a call of " + call->tool,
                      send(stage, one, calling(place.route, streams, call->tool, call->arguments, false, names)));
        expect_stops(one, "a call of " + call->tool + " with a member of its arguments twice",
                     send(stage, one, calling(place.route, streams, call->tool, kTwice, false, names)));
      } else if (any) {
        mark(one, SelfTestOutcome::not_tried, "no arguments could be made that the rules allow");
      }
      if (refuses_unlisted) {
        tried = true;
        expect_stops(one, "a call of a tool that no rule is for",
                     send(stage, one, calling(place.route, streams, kForbiddenTool, "{}", false, names_)));
      }
      if (refusing != tools.rules.end() && !refusing->models && !refusing->roles) {
        tried = true;
        expect_stops(one, "a call of " + refusing->tool,
                     send(stage, one, calling(place.route, streams, instance_of(refusing->tool), "{}", false, names_)));
      }
    }
    if (place.block == Block::prompt && has_system_prompt(place.route)) {
      if (refuses_unlisted) {
        tried = true;
        expect_stops(one, "a tool is offered that no rule is for",
                     send(stage, one, offering(place.route, kForbiddenTool, "does nothing", names_)));
      }
      bool any = false;
      if (const auto call = permitted(tools, Decision::allow, false, any)) {
        tried = true;
        names.model = call->model.empty() ? names_.model : call->model;
        expect_passes(one, "an allowed tool is offered",
                      send(stage, one, offering(place.route, call->tool, "does nothing", names)));
        static_cast<void>(stage.runtime->observed().accept_tool(call->tool));
      }
    }
    // Results of tools: what may be done after them.
    if (place.block == Block::tool_result && is_answered_by_model(place.route)) {
      for (const ToolRule& rule : tools.rules) {
        const auto arguments = arguments_for(rule.arguments.get());
        if (rule.after_untrusted != Decision::refuse || rule.decision == Decision::refuse || !arguments) {
          continue;
        }
        tried = true;
        names.model = rule.models && !rule.models->empty() ? instance_of(rule.models->front()) : names_.model;
        expect_stops(one, "a call of " + rule.tool + " after untrusted content",
                     send(stage, one, calling(place.route, false, instance_of(rule.tool), *arguments, true, names)));
        if (rule.decision == Decision::allow) {
          expect_passes(
              one, "a call of " + rule.tool + " before untrusted content",
              send(stage, one, calling(place.route, false, instance_of(rule.tool), *arguments, false, names)));
        }
        break;
      }
    }
    // A description that changes: offered to models in requests, listed by servers in answers.
    const bool declares = place.route == Route::mcp ? place.block == Block::answer
                                                    : place.block == Block::prompt && has_system_prompt(place.route);
    if (declares && tools.learn_pins) {
      bool any = false;
      const auto call = permitted(tools, Decision::allow, false, any);
      const std::string tool = place.route == Route::mcp ? "surety_self_test_" + std::to_string(turn++)
                               : call                    ? call->tool
                                                         : "";
      if (!tool.empty()) {
        tried = true;
        names.model = call && !call->model.empty() ? call->model : names_.model;
        expect_passes(one, "a tool describes itself",
                      send(stage, one, offering(place.route, tool, "does this", names)));
        const DrivenResult result = send(stage, one, offering(place.route, tool, "does something else", names));
        if (tools.refuse_changed) {
          expect_stops(one, "a tool describes itself anew", result);
        } else {
          mark(one, result.refused ? SelfTestOutcome::failed : SelfTestOutcome::observed,
               "a tool that describes itself anew only raises an alarm");
        }
        static_cast<void>(stage.runtime->observed().accept_tool(tool));
      }
    }
    if (!tried) {
      mark(one, SelfTestOutcome::not_applicable, "no rule of the configuration concerns this");
    }
  });
  return {};
}

// ---- Oversight ----

Result<void> SelfTestRunner::try_oversight() {
  Configuration configuration = alone(Filter::oversight);
  // Who is asked is told by tools and inspection.
  const auto keep = [&](Filter filter) {
    configuration.modes[static_cast<std::size_t>(filter)] = declared_.mode(filter);
  };
  keep(Filter::tools);
  configuration.inspection.answers = {};
  for (traffic::Rule& rule : configuration.inspection.requests.rules) {
    rule.on = rule.on && rule.action == traffic::Action::ask;  // what blocks asks nobody
  }
  keep(Filter::inspection);
  const bool asks_of_text = [&] {
    if (!declared_.enforces(Filter::inspection)) {
      return false;
    }
    const auto& rules = declared_.inspection.requests.rules;
    return std::any_of(rules.begin(), rules.end(),
                       [](const auto& rule) { return rule.on && rule.action == traffic::Action::ask; });
  }();
  configuration.oversight.wait_seconds = 0;
  Stage stage = TRY(open_stage("oversight", std::move(configuration)));
  ApprovalBook& book = stage.runtime->approvals();
  const auto pending = [&] {
    std::vector<Approval> out;
    for (Approval& one : book.list()) {
      if (one.state == ApprovalState::pending) {
        out.push_back(std::move(one));
      }
    }
    return out;
  };
  const auto decide_all = [&](bool approves, std::string_view who) {
    bool all = true;
    for (const Approval& one : pending()) {
      for (unsigned vote = one.state == ApprovalState::pending ? 0 : one.needed; vote < one.needed; ++vote) {
        all = book.decide(one.id, std::string(who) + (vote == 0 ? "" : std::to_string(vote)), approves, "self-test",
                          stage.runtime->now())
                  .has_value() &&
              all;
        if (!approves) {
          break;
        }
      }
    }
    return all;
  };
  const auto try_exchange = [&](SelfTestCase& one, const std::string& what, DrivenExchange exchange) {
    exchange.on_wait = [&] { stage.runtime->look_after(); };  // the wait of no seconds is over
    if (!enforces(Filter::oversight)) {
      expect_stops(one, what + ", and nobody approved it", send(stage, one, exchange));
      return;
    }
    expect_stops(one, what + ", and nobody approved it", send(stage, one, exchange));
    if (pending().empty()) {
      mark(one, SelfTestOutcome::failed, what + ": nobody is asked");
      return;
    }
    if (stage.configuration.is_on(Filter::identity) && decide_all(true, "surety-self-test")) {
      mark(one, SelfTestOutcome::failed, what + ": a caller approved his own action");
    }
    static_cast<void>(decide_all(true, "surety-self-test-approver"));
    expect_passes(one, what + ", approved", send(stage, one, exchange));
    expect_stops(one, what + ", a second time by one approval", send(stage, one, exchange));
    static_cast<void>(decide_all(false, "surety-self-test-approver"));
    expect_stops(one, what + ", denied", send(stage, one, exchange));
    // What was denied stays so until it expires: the next one starts afresh.
    now_ms_ += static_cast<std::int64_t>(declared_.oversight.expires_seconds + 1) * 1000;
    stage.runtime->look_after();
  };
  for_each_place(Filter::oversight, [&](SelfTestCase& one, const Place& place) {
    bool tried = false;
    if (calls_tools(place.route, place.block) && declared_.enforces(Filter::tools)) {
      bool any = false;
      if (const auto call = permitted(declared_.tools, Decision::ask, place.route == Route::mcp, any)) {
        tried = true;
        SceneNames names = names_;
        names.model = call->model.empty() ? names_.model : call->model;
        try_exchange(one, "a call of " + call->tool,
                     calling(place.route, place.block == Block::stream, call->tool, call->arguments, false, names));
      } else if (any) {
        mark(one, SelfTestOutcome::not_tried, "no arguments could be made that the rules ask about");
        tried = true;
      }
    }
    if (asks_of_text && place.direction == Direction::request) {
      for (const Place& each : places(place.route, place.block)) {
        if (each.direction != Direction::request || (declared_.is_on(Filter::tools) && each.route == Route::mcp)) {
          continue;
        }
        for (std::size_t i = 0; i < traffic::kDetectors; ++i) {
          const auto detector = static_cast<traffic::Detector>(i);
          const traffic::Rule& rule = declared_.inspection.requests.rule(detector);
          if (!rule.on || rule.action != traffic::Action::ask || !concerns(detector, each.row->origin)) {
            continue;
          }
          const auto texts =
              forbidden_texts(declared_.inspection.requests, declared_.inspection.samples, detector, each.row->origin);
          if (!texts.empty() && texts.front().missing.empty() &&
              (detector != traffic::Detector::guard || each.block == Block::prompt)) {
            tried = true;
            try_exchange(one, std::string(traffic::to_string(detector)) + " in " + std::string(each.row->where),
                         exchange_with(each, texts.front().text, names_));
          }
        }
        break;
      }
    }
    if (!tried) {
      mark(one, SelfTestOutcome::not_applicable, "nothing in the configuration asks people about this");
    }
  });
  return {};
}

}  // namespace control
