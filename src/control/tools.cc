#include "control/tools.h"

#include <algorithm>
#include <set>

#include "base/json.h"
#include "base/text.h"
#include "base/time.h"

namespace control {

using base::Value;

namespace {

constexpr base::DocumentLimits kArgumentLimits{.max_bytes = 4U << 20, .max_depth = 64, .max_values = 200'000};

const ToolRule* rule_for(const ToolSettings& settings, const Caller* caller, std::string_view model,
                         std::string_view tool) {
  const auto fits_rule = [&](const ToolRule& rule) {
    if (!fits(rule.tool, tool) || !allows(rule.models, model)) {
      return false;
    }
    return !rule.roles ||
           (caller != nullptr && std::any_of(caller->roles.begin(), caller->roles.end(),
                                             [&](const auto& role) { return allows(rule.roles, role); }));
  };
  const auto found = std::find_if(settings.rules.begin(), settings.rules.end(), fits_rule);
  return found == settings.rules.end() ? nullptr : &*found;
}

}  // namespace

ToolVerdict judge_call(const ToolSettings& settings, const Caller* caller, std::string_view model,
                       std::string_view tool, std::string_view arguments, bool tainted) {
  ToolVerdict verdict;
  const ToolRule* rule = rule_for(settings, caller, model, tool);
  if (rule == nullptr) {
    verdict.decision = settings.allow_unlisted ? Decision::allow : Decision::refuse;
    verdict.reason = "no rule is for it";
    return verdict;
  }
  verdict.decision = tainted ? rule->after_untrusted : rule->decision;
  verdict.approvals = rule->approvals;
  verdict.reason = "rule \"" + rule->tool + "\"" +
                   (tainted && rule->after_untrusted != rule->decision ? " after untrusted content" : "");
  if (verdict.decision == Decision::refuse) {
    return verdict;
  }
  const auto value = base::parse_json(arguments.empty() ? "{}" : arguments, kArgumentLimits);
  if (!value) {
    verdict.decision = Decision::refuse;
    verdict.reason = "arguments: " + value.error().message;
    return verdict;
  }
  if (rule->arguments != nullptr) {
    if (const auto problems = rule->arguments->check(*value); !problems.empty()) {
      verdict.decision = Decision::refuse;
      // Names the place and the rule; what was sent is not repeated in full.
      verdict.reason = base::abbreviate("arguments: " + problems.front().place + ": " + problems.front().message, 300);
    }
  }
  return verdict;
}

bool may_be_offered(const ToolSettings& settings, const Caller* caller, std::string_view model, std::string_view tool) {
  const ToolRule* rule = rule_for(settings, caller, model, tool);
  return rule == nullptr ? settings.allow_unlisted : rule->decision != Decision::refuse;
}

PinState check_pin(const ToolSettings& settings, Observed& observed, std::string_view tool,
                   const base::Sha256& digest) {
  if (const auto pinned = settings.pins.find(std::string(tool)); pinned != settings.pins.end()) {
    const auto& digests = pinned->second;
    return std::find(digests.begin(), digests.end(), digest) != digests.end() ? PinState::same : PinState::changed;
  }
  if (!settings.learn_pins) {
    return PinState::not_pinned;
  }
  if (const auto known = observed.tool(tool)) {
    return *known == digest ? PinState::same : PinState::changed;
  }
  return observed.learn_tool(tool, digest) == digest ? PinState::learned : PinState::changed;
}

base::Sha256 arguments_digest(std::string_view arguments) {
  const auto value = base::parse_json(arguments.empty() ? "{}" : arguments, kArgumentLimits);
  return base::sha256(value ? base::to_canonical_json(*value) : std::string(arguments));
}

bool brings_untrusted(const traffic::Request& request) {
  return request.continues_elsewhere ||
         std::any_of(request.blocks.begin(), request.blocks.end(), [](const auto& block) {
           return block.origin == traffic::Origin::tool_result || block.origin == traffic::Origin::retrieved;
         });
}

void TaintBook::taint(std::string_view session, std::int64_t now) {
  const std::lock_guard lock(mutex_);
  if (const auto found = sessions_.find(session); found != sessions_.end()) {
    found->second = now;
    return;
  }
  if (sessions_.size() >= kMaxSessions) {
    sessions_.clear();
    all_since_ = now;
  }
  sessions_.emplace(session, now);
}

bool TaintBook::is_tainted(std::string_view session, std::int64_t now, std::uint64_t seconds) const {
  const std::lock_guard lock(mutex_);
  const auto lasts = [&](std::int64_t since) { return now < since + static_cast<std::int64_t>(seconds); };
  if (all_since_ >= 0 && lasts(all_since_)) {
    return true;
  }
  const auto found = sessions_.find(session);
  return found != sessions_.end() && lasts(found->second);
}

Value permissions_report(const ToolSettings& settings, const Authenticator* identity, const Observed& observed) {
  struct Row {
    std::string subject;
    std::set<std::string> granted;
    std::map<std::string, Observed::ToolUse> used;
  };
  std::map<std::string, Row> rows;
  if (identity != nullptr) {
    for (const auto& caller : identity->known_callers()) {
      Row& row = rows[caller->id];
      row.subject = caller->subject;
      for (const ToolRule& rule : settings.rules) {
        if (rule.decision != Decision::refuse && identity->may_use_tool(*caller, rule.tool) &&
            rule_for(settings, caller.get(), rule.models && !rule.models->empty() ? rule.models->front() : "",
                     rule.tool) == &rule) {
          row.granted.insert(rule.tool);
        }
      }
    }
  }
  for (const Observed::ToolUse& use : observed.tool_uses()) {
    rows[use.caller].used.emplace(use.tool, use);
  }
  Value out{Value::List{}};
  for (const auto& [id, row] : rows) {
    Value granted{Value::List{}};
    Value unused{Value::List{}};
    for (const std::string& pattern : row.granted) {
      granted.push(pattern);
      if (std::none_of(row.used.begin(), row.used.end(), [&](const auto& use) { return fits(pattern, use.first); })) {
        unused.push(pattern);
      }
    }
    Value used{Value::List{}};
    for (const auto& [tool, use] : row.used) {
      Value one;
      one.set("tool", tool).set("count", use.count).set("last", base::to_iso8601({use.last}));
      used.push(std::move(one));
    }
    Value line;
    line.set("caller", id).set("subject", row.subject).set("granted", std::move(granted));
    line.set("used", std::move(used)).set("unused", std::move(unused));
    out.push(std::move(line));
  }
  return out;
}

}  // namespace control
