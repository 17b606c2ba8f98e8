#include "scan/template/instructions.h"

#include <re2/re2.h>

#include <algorithm>
#include <set>

#include "base/text.h"

namespace scan::abstract {
namespace {

using formats::jinja::kNone;
using formats::jinja::Node;
using formats::jinja::NodeId;
using formats::jinja::Template;
using Tree = formats::jinja::Kind;

/// What no template of a publisher says to its model.
const re2::RE2& hidden_orders() {
  static const re2::RE2 kPattern(
      R"((?i)(ignore|disregard|forget|override)\s+(all\s+|any\s+|the\s+|your\s+)*(previous|prior|above|earlier|preceding|system|safety)\s+(instruction|prompt|message|rule|guideline|direction)s?)"
      R"(|without\s+(telling|informing|alerting|notifying|warning|letting)\s+the\s+(user|human|operator)s?\b)"
      R"(|(do\s+not|don't|never)\s+(ever\s+)?(tell|inform|alert|notify|warn)\s+the\s+(user|human|operator)s?\s+(about|of|that)\s+(this|these|it\b|you\s+(are|were|have)|the\s+(link|url|code|script|backdoor|change|instruction|injection)))"
      R"(|(do\s+not|don't|never)\s+(mention|reveal|disclose|show)\s+(this|these|it|the)\s+(instruction|rule|text|behaviou?r|code|url|link|change|backdoor|payload)s?\s+to\s+the\s+(user|human)"
      R"(s?))"
      R"(|\b(secretly|silently|covertly|surreptitiously)\s+(\w+\s+){0,3}?(send|add|insert|append|include|inject|exfiltrate|upload|post|forward|embed|call|invoke|execute|run)\b)"
      R"(|\bexfiltrat(e|ing|ion)\b)");
  return kPattern;
}

/// Commands and markup that act on whoever takes over the answer.
const re2::RE2& acting_text() {
  static const re2::RE2 kPattern(
      R"((?i)(curl|wget|fetch|iwr|invoke-webrequest)\s[^\n|;]{0,200}\|\s*(sudo\s+)?(ba|z|da)?sh\b)"
      R"(|\brm\s+-rf?\s+[/~])"
      R"(|/dev/tcp/)"
      R"(|\bpowershell(\.exe)?\s+-(e|enc|encodedcommand|nop|w)\b)"
      R"(|\bbash\s+-i\s+>&|\bnc\s+(-\w+\s+)*-e\s)"
      R"(|base64\s+(-d|--decode)\s*\|)"
      R"(|<script\b[^>]*\bsrc\s*=|<script>|javascript:|<iframe\b|\bonerror\s*=)"
      R"(|!\[[^\]]*\]\(https?://[^)\s]*[?=])"
      R"(|https?://\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}[:/])"
      R"(|\bos\.system\(|\bsubprocess\.(run|Popen|call|check_output)\(|\b__import__\()");
  return kPattern;
}

const re2::RE2& address() {
  static const re2::RE2 kPattern(R"((?i)\b(https?|ftp|wss?)://[^\s"'<>{}]{4,})");
  return kPattern;
}

/// What tells the model how to answer.
const re2::RE2& order() {
  static const re2::RE2 kPattern(
      R"((?i)\b(always|never|must|should|ensure|make sure|do not|don't|instead|recommend|include|insert|append|add|mention|suggest|respond|reply|answer|output|write|say|refuse|use the following|pretend|act as)\b)");
  return kPattern;
}

class Finder {
 public:
  Finder(const Template& tree, std::vector<Remark>& remarks) : tree_(tree), remarks_(remarks) {}

  void run() {
    // Text that is only compared with, or told to whoever calls the template, is not put into the conversation.
    for (const Node& node : tree_.nodes) {
      if (node.kind == Tree::compare || node.kind == Tree::test) {
        for (const NodeId child : node.children) {
          silent_.insert(child);
        }
      } else if (node.kind == Tree::call) {
        const Node& callee = at(node.children[0]);
        if (callee.name == "raise_exception" || (callee.kind == Tree::attribute && callee.name != "format" &&
                                                 callee.name != "append" && callee.name != "join")) {
          silent_.insert(node.children.begin() + 1, node.children.end());
        }
      }
    }
    for (NodeId id = 0; id < tree_.nodes.size(); ++id) {
      const Node& node = at(id);
      if (node.kind == Tree::set && at(node.children[0]).kind == Tree::name && watches_content(node.children[1])) {
        watching_names_.insert(at(node.children[0]).name);
      }
    }
    for (NodeId id = 0; id < tree_.nodes.size(); ++id) {
      const Node& node = at(id);
      if ((node.kind == Tree::data || node.kind == Tree::text) && !silent_.contains(id)) {
        said(node.name, node.offset);
      } else if (node.kind == Tree::branch) {
        branch(node);
      } else if (node.kind == Tree::condition && watches_content(node.children[0])) {
        std::string text;
        gather(node.children[1], text);
        conditional(text, node.offset);
        text.clear();
        gather(node.children[2], text);
        conditional(text, node.offset);
      }
    }
  }

 private:
  const Node& at(NodeId id) const { return tree_.nodes[id]; }

  void remark(std::uint32_t offset, std::string_view rule, std::string what, std::string message) {
    if (remarks_.size() < 300) {
      remarks_.push_back({rule, offset, std::move(what), std::move(message)});
    }
  }

  void said(const std::string& text, std::uint32_t offset) {
    re2::StringPiece match;
    if (hidden_orders().Match(text, 0, text.size(), re2::RE2::UNANCHORED, &match, 1)) {
      remark(offset, "template-hidden-instructions", std::string(match),
             "The template orders the model: \"" + base::abbreviate(std::string(match), 120) + "\".");
    } else if (acting_text().Match(text, 0, text.size(), re2::RE2::UNANCHORED, &match, 1)) {
      remark(offset, "template-hidden-instructions", std::string(match),
             "The template puts \"" + base::abbreviate(std::string(match), 120) + "\" into the conversation.");
    }
  }

  template <class Visit>
  void each_below(NodeId root, Visit visit) const {
    std::vector<NodeId> left{root};
    while (!left.empty()) {
      const NodeId id = left.back();
      left.pop_back();
      if (id == kNone) {
        continue;
      }
      visit(id);
      left.insert(left.end(), at(id).children.begin(), at(id).children.end());
    }
  }

  /// Words of a language, not marks such as "<think>" or "/no_think".
  static bool is_wording(const std::string& text) {
    const auto letters = static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (static_cast<unsigned char>(c) & 0x80U) != 0;
    }));
    const bool marks = text.find_first_of("<>[]{}|/#$@_\\`\n") != std::string::npos;
    return letters >= 3 && !marks;
  }

  bool is_content(NodeId root) const {
    bool found = false;
    each_below(root, [&](NodeId id) {
      const Node& node = at(id);
      found = found || (node.kind == Tree::attribute && (node.name == "content" || node.name == "text")) ||
              (node.kind == Tree::text && (node.name == "content" || node.name == "text")) ||
              (node.kind == Tree::name && (node.name == "content" || node.name == "user_message" ||
                                           node.name == "prompt" || node.name == "query" || node.name == "last_user"));
    });
    return found;
  }

  /// Whether a condition looks for words in what was said.
  bool watches_content(NodeId root) const {
    bool found = false;
    each_below(root, [&](NodeId id) {
      const Node& node = at(id);
      if (node.kind == Tree::compare &&
          (node.name == "in" || node.name == "notin" || node.name == "==" || node.name == "!=")) {
        for (const bool swapped : {false, true}) {
          const NodeId constant = node.children[swapped ? 1 : 0];
          const NodeId content = node.children[swapped ? 0 : 1];
          if ((swapped && (node.name == "in" || node.name == "notin")) || at(constant).kind != Tree::text) {
            continue;
          }
          found = found || (is_wording(at(constant).name) && is_content(content) && !is_type(constant, content));
        }
      } else if (node.kind == Tree::call && at(node.children[0]).kind == Tree::attribute && node.children.size() == 2) {
        const std::string& method = at(node.children[0]).name;
        const Node& argument = at(node.children[1]);
        found = found || ((method == "startswith" || method == "endswith" || method == "find" || method == "count" ||
                           method == "index") &&
                          argument.kind == Tree::text && is_wording(argument.name) &&
                          is_content(at(node.children[0]).children[0]));
      } else if (node.kind == Tree::name && watching_names_.contains(node.name)) {
        found = true;
      }
    });
    return found;
  }

  /// content['type'] == 'text', item.type == 'content', 'text' in content: that is about kinds of messages.
  bool is_type(NodeId constant, NodeId content) const {
    static const std::set<std::string, std::less<>> kKinds = {
        "text",     "image",     "video",      "audio",    "type",  "content", "image_url", "video_url", "input_audio",
        "user",     "system",    "assistant",  "tool",     "role",  "name",    "function",  "none",      "null",
        "thinking", "reasoning", "string",     "document", "file",  "refusal", "json",      "error",     "output",
        "result",   "arguments", "parameters", "query",    "chunk", "title"};
    (void)content;
    return kKinds.contains(base::to_lower(at(constant).name));
  }

  void gather(NodeId root, std::string& text) const {
    // In the order of the source: children were made before their parents, and earlier ones first.
    std::vector<NodeId> parts;
    each_below(root, [&](NodeId id) {
      if ((at(id).kind == Tree::data || at(id).kind == Tree::text) && !silent_.contains(id)) {
        parts.push_back(id);
      }
    });
    std::sort(parts.begin(), parts.end());
    for (const NodeId id : parts) {
      text += at(id).name + " ";
    }
  }

  void branch(const Node& node) {
    bool watches = false;
    for (std::size_t i = 0; i < node.children.size(); i += 2) {
      const bool last = i + 1 == node.children.size();
      watches = watches || (!last && watches_content(node.children[i]));
      if (watches) {
        std::string text;
        gather(node.children[last ? i : i + 1], text);
        conditional(text, node.offset);
      }
    }
  }

  void conditional(const std::string& text, std::uint32_t offset) {
    std::size_t words = 0;
    bool inside = false;
    for (const char c : text) {
      const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      words += letter && !inside ? 1U : 0U;
      inside = letter;
    }
    const bool leads_away = re2::RE2::PartialMatch(text, address());
    if (leads_away || (words >= 6 && re2::RE2::PartialMatch(text, order()))) {
      remark(offset, "template-conditional-instructions", base::abbreviate(base::trim(text), 200),
             "Where the conversation holds certain words, the template puts in: \"" +
                 base::abbreviate(base::trim(text), 120) + "\".");
    }
  }

  const Template& tree_;
  std::vector<Remark>& remarks_;
  std::set<NodeId> silent_;
  std::set<std::string> watching_names_;
};

}  // namespace

void find_instructions(const Template& tree, std::vector<Remark>& remarks) {
  Finder(tree, remarks).run();
}

}  // namespace scan::abstract
