#include "traffic/inspection.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "base/digest.h"
#include "base/json.h"
#include "base/text.h"
#include "guard/model.h"
#include "inspect/output.h"
#include "traffic/channel.h"
#include "traffic/clean_texts.h"

namespace traffic {
namespace {

constexpr std::size_t kMinCanaryBytes = 8;

/// What the model says, as against what it is told.
bool is_output(Origin origin) {
  return origin == Origin::assistant || origin == Origin::reasoning || origin == Origin::tool_arguments;
}

/// Which detectors have a say over which origins: an operator's own system prompt speaks to the model, and is no
/// attack.
bool applies(Detector detector, Origin origin) {
  switch (detector) {
    case Detector::injection:
      return origin == Origin::user || is_untrusted(origin);
    case Detector::script:
    case Detector::html:
    case Detector::link:
    case Detector::code:
      return is_output(origin) || origin == Origin::tool_result || origin == Origin::retrieved;
    case Detector::canary:
      return is_output(origin);
    default:
      return true;
  }
}

Detector detector_of(inspect::Kind kind) {
  switch (kind) {
    case inspect::Kind::secret:
      return Detector::secret;
    case inspect::Kind::personal:
      return Detector::personal;
    case inspect::Kind::injection:
      return Detector::injection;
    case inspect::Kind::script:
      break;
  }
  return Detector::script;
}

Detector detector_of(inspect::OutputKind kind) {
  return kind == inspect::OutputKind::html   ? Detector::html
         : kind == inspect::OutputKind::link ? Detector::link
                                             : Detector::code;
}

/// Guard scores of texts that this thread saw lately: every request of a conversation repeats all that was said.
class ScoreMemory {
 public:
  float score(std::string_view text) {
    const base::Sha256 digest = base::sha256(text);
    std::uint64_t place = 0;
    std::memcpy(&place, digest.bytes.data(), sizeof place);
    Entry& entry = entries_[place % entries_.size()];
    if (!entry.known || entry.digest != digest) {
      entry = {digest, guard::Model::built_in().score(text).value, true};
    }
    return entry.score;
  }

 private:
  struct Entry {
    base::Sha256 digest;
    float score = 0;
    bool known = false;
  };
  std::vector<Entry> entries_{4096};
};

}  // namespace

std::string_view to_string(Action action) {
  constexpr std::string_view kNames[] = {"observe", "annotate", "redact", "ask", "block"};
  return kNames[static_cast<std::size_t>(action)];
}

std::string_view to_string(Detector detector) {
  constexpr std::string_view kNames[] = {"secret", "personal", "injection", "script", "html",
                                         "link",   "code",     "canary",    "custom", "guard"};
  return kNames[static_cast<std::size_t>(detector)];
}

std::string redaction_mark(const BlockFinding& finding) {
  std::string name;
  for (const char c : finding.name) {
    // The mark may come to stand within JSON, Markdown or HTML.
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' ' || c == '-' ||
        c == '.') {
      name += c;
    }
  }
  return "[redacted: " + name + "]";
}

Inspection::Inspection(Policy policy) : policy_(std::move(policy)) {
  static std::atomic<std::uint64_t> last{0};
  number_ = ++last;
}
Inspection::~Inspection() = default;

base::Result<std::shared_ptr<const Inspection>> Inspection::create(Policy policy) {
  std::shared_ptr<Inspection> out(new Inspection(std::move(policy)));
  Policy& own = out->policy_;
  for (std::string& host : own.allowed_hosts) {
    host = base::to_lower(host);
  }
  std::vector<inspect::Pattern> patterns;
  if (own.rule(Detector::custom).on) {
    patterns = own.patterns;
  } else {
    own.patterns.clear();
  }
  if (own.rule(Detector::canary).on) {
    for (const std::string& canary : own.canaries) {
      if (canary.size() < kMinCanaryBytes) {
        return base::Error{base::Errc::usage, "canary: below " + std::to_string(kMinCanaryBytes) + " bytes"};
      }
      patterns.push_back({"canary of the system prompt", canary, false, true, 4096, inspect::Certainty::high});
    }
  }
  if (!patterns.empty()) {
    out->patterns_ = TRY(inspect::PatternSet::create(std::move(patterns)));
  }
  for (const Rule& rule : own.rules) {
    out->is_on_ = out->is_on_ || rule.on;
    out->may_change_ = out->may_change_ || (rule.on && rule.action != Action::observe);
  }
  return std::shared_ptr<const Inspection>(std::move(out));
}

inspect::OpenRules Inspection::open_rules(Origin origin) const {
  const auto on = [&](Detector detector) { return policy_.rule(detector).on && applies(detector, origin); };
  return {on(Detector::secret),
          on(Detector::personal),
          on(Detector::injection),
          on(Detector::script),
          {on(Detector::html), on(Detector::link), on(Detector::code)}};
}

inspect::Detectors Inspection::detectors(Origin origin) const {
  const inspect::OpenRules rules = open_rules(origin);
  return {rules.secrets, rules.personal, rules.injections, rules.scripts};
}

void Inspection::add(std::string_view text, std::size_t from, std::size_t to, Origin origin,
                     const std::vector<inspect::Finding>& found, std::vector<BlockFinding>& out) const {
  const std::size_t first = out.size();
  const inspect::OpenRules rules = open_rules(origin);
  const auto count = [&](Detector detector, std::string_view name, inspect::Certainty certainty, std::size_t begin,
                         std::size_t end) {
    const Rule& rule = policy_.rule(detector);
    if (begin < from || begin >= to || certainty < rule.least ||
        std::find(policy_.ignored.begin(), policy_.ignored.end(), name) != policy_.ignored.end()) {
      return;
    }
    out.push_back({detector, rule.action, std::string(name), certainty, origin, begin, end, 0, {}});
  };
  for (const inspect::Finding& one : found) {
    if (one.name != inspect::kServiceAccount) {
      count(detector_of(one.kind), one.name, one.certainty, one.begin, one.end);
    }
  }
  if (rules.output.html || rules.output.links || rules.output.code) {
    thread_local std::vector<inspect::OutputFinding> output;
    output.clear();
    inspect::find_output(text, from, to, rules.output, policy_.allowed_hosts, output);
    for (const inspect::OutputFinding& one : output) {
      count(detector_of(one.kind), one.name, one.certainty, one.begin, one.end);
    }
  }
  if (patterns_) {
    thread_local std::vector<inspect::PatternHit> hits;
    hits.clear();
    patterns_->find(text, from, hits);
    for (const inspect::PatternHit& hit : hits) {
      const Detector detector = hit.pattern >= policy_.patterns.size() ? Detector::canary : Detector::custom;
      if (applies(detector, origin)) {
        const inspect::Pattern& pattern = patterns_->patterns()[hit.pattern];
        count(detector, pattern.name, pattern.certainty, hit.begin, hit.end);
      }
    }
  }
  std::stable_sort(out.begin() + static_cast<std::ptrdiff_t>(first), out.end(),
                   [](const BlockFinding& a, const BlockFinding& b) { return a.begin < b.begin; });
}

void Inspection::find_settled(inspect::StreamFinder& finder, std::string_view text, std::uint64_t offset,
                              std::size_t from, std::size_t to, Origin origin, std::vector<BlockFinding>& out) const {
  thread_local std::vector<inspect::Finding> found;
  found.clear();
  finder.find(text, offset, from, to, found);
  add(text, from, to, origin, found, out);
}

void Inspection::find(std::string_view text, Origin origin, bool guarded, std::vector<BlockFinding>& out) const {
  const inspect::Detectors wanted = detectors(origin);
  const bool any = wanted.secrets || wanted.personal || wanted.injections || wanted.scripts;
  add(text, 0, text.size(), origin, any ? inspect::find_all(text, wanted) : std::vector<inspect::Finding>(), out);
  if (guarded && guards(origin)) {
    guard(text, origin, 0, text.size(), out);
  }
}

void Inspection::guard(std::string_view text, Origin origin, std::uint64_t begin, std::uint64_t end,
                       std::vector<BlockFinding>& out) const {
  thread_local ScoreMemory memory;
  const float score = memory.score(text);
  if (score >= policy_.guard_threshold[static_cast<std::size_t>(origin)]) {
    out.push_back({Detector::guard,
                   policy_.rule(Detector::guard).action,
                   "looks like prompt injection",
                   score > 0.9F ? inspect::Certainty::high : inspect::Certainty::medium,
                   origin,
                   begin,
                   end,
                   score,
                   {}});
  }
}

std::optional<Action> strongest(const std::vector<BlockFinding>& findings) {
  std::optional<Action> out;
  for (const BlockFinding& one : findings) {
    out = std::max(out.value_or(Action::observe), one.action);
  }
  return out;
}

std::string apply_edits(std::string_view body, const std::vector<BodyEdit>& edits) {
  std::string out;
  std::size_t at = 0;
  for (const BodyEdit& edit : edits) {
    if (edit.begin < at) {
      continue;  // lies within the one before
    }
    out += body.substr(at, edit.begin - at);
    out += edit.text;
    at = edit.end;
  }
  out += body.substr(at);
  return out;
}

namespace {

/// A text with findings, rewritten.
std::string redacted(std::string_view text, const std::vector<BlockFinding>& findings, std::size_t first) {
  std::string out;
  std::uint64_t at = 0;
  for (std::size_t i = first; i < findings.size(); ++i) {
    const BlockFinding& one = findings[i];
    if (one.action != Action::redact || one.end <= at) {
      continue;
    }
    if (one.begin >= at) {
      out += text.substr(static_cast<std::size_t>(at), static_cast<std::size_t>(one.begin - at));
      out += redaction_mark(one);
    }
    at = one.end;
  }
  out += text.substr(static_cast<std::size_t>(at));
  return out;
}

/// Stretches findings of keys over the lines of the key.
void stretch_keys(std::string_view text, std::vector<BlockFinding>& findings, std::size_t first) {
  for (std::size_t i = first; i < findings.size(); ++i) {
    if (findings[i].name == inspect::kPrivateKey) {
      findings[i].end += inspect::KeyMaterial().take(text.substr(static_cast<std::size_t>(findings[i].end)));
    }
  }
}

}  // namespace

std::optional<Action> inspect_blocks(const Inspection& inspection, const JsonIndex& json,
                                     const std::vector<TextBlock>& blocks, std::vector<BlockFinding>& findings,
                                     std::vector<BodyEdit>& edits) {
  thread_local CleanTexts clean;
  const std::size_t first_edit = edits.size();
  std::optional<Action> action;
  std::string composed;
  for (const TextBlock& block : blocks) {
    const std::size_t first = findings.size();
    const JsonNode& node = json.node(block.node);
    std::string_view text = block.text;
    std::optional<std::string> replacement;
    const bool recurs = !block.is_json && block.name.empty() &&
                        (block.origin == Origin::system || block.origin == Origin::tool_description);
    if (recurs && clean.knows(inspection.number(), block.origin, text)) {
      continue;
    }
    if (block.is_json) {
      TextChannel channel(inspection, block.origin, true, block.may_change, {});
      channel.feed(text, findings);
      channel.finish(findings);
      if (channel.is_edited(0, text.size())) {
        replacement = channel.edited(0, text);
      }
    } else {
      // Within data a text is read behind the name that it has there: {"api_key": "…"}.
      std::size_t lead = 0;
      if (!block.name.empty()) {
        const bool quoted = node.kind == JsonNode::Kind::text;
        composed.assign(block.name);
        composed += quoted ? ": \"" : ": ";
        lead = composed.size();
        composed += block.text;
        composed += quoted ? "\"" : "";
        text = composed;
      }
      inspection.find(text, block.origin, true, findings);
      stretch_keys(text, findings, first);
      if (lead > 0) {
        // Back to the text itself; what stands in the name is found as a block of its own.
        const std::uint64_t size = block.text.size();
        std::size_t kept = first;
        for (std::size_t i = first; i < findings.size(); ++i) {
          if (findings[i].end > lead && findings[i].begin < lead + size) {
            findings[i].begin = findings[i].begin < lead ? 0 : findings[i].begin - lead;
            findings[i].end = std::min<std::uint64_t>(findings[i].end - lead, size);
            std::swap(findings[kept++], findings[i]);
          }
        }
        findings.resize(kept);
        text = block.text;
      }
      if (block.may_change && std::any_of(findings.begin() + static_cast<std::ptrdiff_t>(first), findings.end(),
                                          [](const BlockFinding& one) { return one.action == Action::redact; })) {
        replacement = redacted(text, findings, first);
      }
    }
    if (findings.size() == first) {
      if (recurs) {
        clean.note(inspection.number(), block.origin, text);
      }
      continue;
    }
    const std::string place = json.pointer(block.node);
    for (std::size_t i = first; i < findings.size(); ++i) {
      BlockFinding& one = findings[i];
      one.place = place;
      if (one.action == Action::redact && !block.may_change) {
        one.action = inspection.policy().in_sealed_text;
      }
      if (one.detector == Detector::guard && one.action == Action::redact) {
        replacement = redaction_mark(one);  // it is about the whole text
      }
      action = std::max(action.value_or(Action::observe), one.action);
    }
    if (replacement && block.may_change) {
      edits.push_back({node.begin, node.end, base::json_quoted(*replacement)});
    }
  }
  std::sort(edits.begin() + static_cast<std::ptrdiff_t>(first_edit), edits.end(),
            [](const BodyEdit& a, const BodyEdit& b) { return a.begin < b.begin; });
  // A text that two readers gave is rewritten once.
  edits.erase(std::unique(edits.begin() + static_cast<std::ptrdiff_t>(first_edit), edits.end(),
                          [](const BodyEdit& a, const BodyEdit& b) { return a.begin == b.begin; }),
              edits.end());
  return action;
}

Verdict inspect_blocks(const Inspection& inspection, const JsonIndex& json, const std::vector<TextBlock>& blocks,
                       std::string& body) {
  Verdict verdict;
  std::vector<BodyEdit> edits;
  verdict.action = inspect_blocks(inspection, json, blocks, verdict.findings, edits);
  verdict.changed = !edits.empty();
  if (verdict.changed) {
    body = apply_edits(body, edits);
  }
  return verdict;
}

}  // namespace traffic
