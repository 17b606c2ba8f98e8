#include <re2/re2.h>

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "scan/agents/agents.h"
#include "scan/code/shell.h"

namespace scan {
namespace {

using evidence::Severity;

/// The parts of an attack by words; two of them together make one.
struct Signs {
  bool conceal = false;       ///< Not to tell the user.
  bool keys = false;          ///< Keys, credentials, system files by path.
  bool private_data = false;  ///< Conversations, environment, secrets in general.
  bool send = false;          ///< To an address or person, or as an argument.
  bool forget = false;        ///< Earlier instructions.
  bool block = false;         ///< <IMPORTANT> and its like.
  bool order = false;         ///< Must, always, before using this tool.
  bool divert = false;        ///< Calls of other tools, recipients.
  std::size_t at = std::string_view::npos;
  std::string excerpt;
};

struct Pattern {
  bool Signs::*sign;
  const char* text;
};
constexpr Pattern
    kPatterns[] =
        {
            {&Signs::conceal,
             R"((do not|don'?t|never|must not|should not|without|avoid|refrain from)\s+(ever\s+)?(tell|telling|inform|informing|mention|mentioning|notify|notifying|alert|alerting|reveal|revealing|disclos\w+|show|showing|say|explain\w*|asking|warn\w*)\b[^.\n]{0,60}\b(user|users|human|operator|customer|developer|anyone)\b)"},
            {&Signs::conceal,
             R"((keep|do)\s+this\s+(a\s+)?(secret|hidden|silently|quietly)|(user|human)\s+(must|should|does)\s+not\s+(know|see|be (told|aware|informed))|hide\s+this\s+from\s+(the\s+)?(user|human)|silently\s+(send|read|copy|forward|upload|include|run|execute)|without\s+the\s+user'?s?\s+(knowledge|consent|noticing))"},
            {&Signs::keys,
             R"(\.ssh/|id_rsa|id_ed25519|\.aws/credentials|/etc/(passwd|shadow)|\.cursor/mcp\.json|claude_desktop_config|mcp\.json|\.netrc|\.git-credentials|\.kube/config|\.docker/config|private\s+(ssh\s+)?keys?\b|ssh\s+keys?\b|\.npmrc|\.pypirc|wallet\.dat|seed\s+phrase|\.bash_history|application_default_credentials)"},
            {&Signs::private_data,
             R"((\.env\b|environment\s+variables?|api\s+keys?|access\s+tokens?|credentials|passwords?|secrets?|(full|entire|whole|complete)\s+(conversation|chat|message)\s*(history|log)?|conversation\s+history|chat\s+history|system\s+prompt|all\s+(of\s+the\s+)?(user'?s?\s+)?(messages|files|emails|data)))"},
            {&Signs::send,
             R"((send|post|upload|forward|exfiltrat\w+|transmit|submit|bcc|leak|deliver|report|copy|append|encode|pass|put|include|attach|place|embed)\w*\b[^.\n]{0,120}(https?://|\b[\w.+-]+@[\w-]+\.[a-z]{2,}|\bwebhook|\b(as|in|into|to|via|through)\s+(the\s+|a\s+|an\s+|this\s+)?['"`]?\w*['"`]?\s*(parameter|argument|field|param|url|query|address|header|server|endpoint|image)))"},
            {&Signs::send,
             R"(!\[[^\]]{0,40}\]\(https?://[^)\s]{0,200}(\{|\$|=%|\?\w+=\[|\?(data|q|d|s|secret|info|key)=))"},
            {&Signs::forget,
             R"((ignore|disregard|forget|override|bypass)\s+(all\s+|any\s+|every\s+)?(of\s+)?(the\s+|your\s+|my\s+|these\s+)?(previous|prior|above|earlier|preceding|existing|other|original|system|safety)\s+(instructions?|prompts?|directions?|directives?|rules|guidelines|commands|guardrails|context|messages))"},
            {&Signs::forget,
             R"(you\s+are\s+now\s+(dan\b|in\s+(developer|debug|god|maintenance)\s+mode|an?\s+(unrestricted|unfiltered|jailbroken|evil))|new\s+(system\s+)?instructions?\s*:\s)"},
            {&Signs::block,
             R"(<\s*/?\s*(important|system|secret|hidden|instructions?|admin|critical|priority|override|assistant|sys)\s*>|\[(system|inst|hidden|admin)\]|<\|im_start\|>|<<sys>>)"},
            {&Signs::order,
             R"(\b(you\s+must|must\s+(first|always|also)|always\s+(first|call|read|use|include|send|add)|before\s+(using|calling|invoking|running|you\s+(use|call))\s+(this|any|the|other)|(whenever|every\s+time|each\s+time|after)\s+(you\s+)?(use|call|using|calling|this\s+tool)|it\s+is\s+(mandatory|required|crucial|imperative)|otherwise\s+(the\s+)?(tool|this)\s+will\s+(not|fail)|first\s+(read|call|run|execute|access|retrieve))\b)"},
            {&Signs::divert,
             R"(((all|any|every)\s+(e-?mails?|messages?|payments?|transfers?|transactions?|requests?|files?|queries)\b[^.\n]{0,60}\b(must|should|shall|have\s+to|need\s+to)\s+(also\s+|first\s+|instead\s+)?(be\s+)?(sent|go|forwarded|routed|directed|copied|bcc|made|redirected)|(change|replace|set|modify|redirect|swap)\s+(the\s+)?(recipient|destination|e-?mail\s+address|beneficiary|account\s+number|wallet\s+address|url)\b[^.\n]{0,60}\bto\b|when\s+(the\s+)?[\w`'"]+\s+tool\s+is\s+(called|used|available|present)[^.\n]{0,80}(must|instead|change|redirect|also|send))|\b(instead\s+of|do\s+not\s+use)\s+(the\s+)?(original|official|trusted|other)\s+\w+\s+(tool|server)s?)"},
};

struct CompiledSign {
  bool Signs::*sign;
  re2::RE2 pattern;
};
const std::vector<std::unique_ptr<CompiledSign>>& compiled_signs() {
  static const auto* kAll = [] {
    auto* out = new std::vector<std::unique_ptr<CompiledSign>>();
    re2::RE2::Options options(re2::RE2::Quiet);
    options.set_case_sensitive(false);
    options.set_encoding(re2::RE2::Options::EncodingLatin1);
    options.set_max_mem(32 << 20);
    for (const Pattern& one : kPatterns) {
      out->push_back(std::unique_ptr<CompiledSign>(new CompiledSign{one.sign, re2::RE2(one.text, options)}));
    }
    return out;
  }();
  return *kAll;
}

Signs signs_in(std::string_view text) {
  Signs out;
  const re2::StringPiece whole(text.data(), text.size());
  for (const auto& one : compiled_signs()) {
    re2::StringPiece match;
    if (one->pattern.Match(whole, 0, whole.size(), re2::RE2::UNANCHORED, &match, 1)) {
      out.*(one->sign) = true;
      const auto at = static_cast<std::size_t>(match.data() - text.data());
      const bool telling =
          one->sign != &Signs::order && one->sign != &Signs::block && one->sign != &Signs::private_data;
      if (telling && at < out.at) {
        out.at = at;
      }
    }
  }
  if (out.at != std::string_view::npos) {
    const std::size_t begin = out.at > 40 ? out.at - 40 : 0;
    out.excerpt = base::abbreviate(base::trim(text.substr(begin)), 200);
  }
  return out;
}

/// What the signs of one passage come to.
std::optional<Severity> grade(const Signs& signs, Audience audience, bool unseen) {
  const bool steals = signs.keys && (signs.send || signs.conceal || signs.order || signs.block);
  const bool leaks = signs.private_data && signs.send && (signs.conceal || signs.forget || signs.block);
  if (unseen) {
    if (signs.forget || signs.keys || (signs.conceal && (signs.send || signs.private_data || signs.order)) ||
        signs.divert || (signs.send && signs.private_data) || (signs.conceal && signs.block)) {
      return Severity::high;
    }
    return std::nullopt;
  }
  if (audience == Audience::tool) {
    if (steals || leaks || signs.forget ||
        (signs.conceal && (signs.send || signs.keys || signs.order || signs.block || signs.private_data)) ||
        signs.divert || (signs.send && signs.private_data && signs.order)) {
      return Severity::high;
    }
    if (signs.conceal || (signs.block && signs.order)) {
      return Severity::medium;
    }
    return std::nullopt;
  }
  if (audience == Audience::instruction) {
    if ((signs.keys && signs.send && (signs.conceal || signs.order)) || (signs.keys && signs.conceal) ||
        (signs.private_data && signs.send && signs.conceal && signs.forget)) {
      return Severity::high;
    }
  }
  return std::nullopt;
}

struct Passage {
  std::size_t at = 0;
  std::string text;
  std::string_view how;
};

/// What a reader of the rendered text does not see.
std::vector<Passage> unseen_passages(std::string_view text) {
  std::vector<Passage> out;
  const auto between = [&](std::string_view open, std::string_view close, std::string_view how) {
    for (std::size_t at = text.find(open); at != std::string_view::npos && out.size() < 200;
         at = text.find(open, at + open.size())) {
      const std::size_t end = text.find(close, at + open.size());
      const std::size_t stop = end == std::string_view::npos ? std::min(text.size(), at + 20000) : end;
      out.push_back({at, std::string(text.substr(at + open.size(), stop - at - open.size())), how});
    }
  };
  between("<!--", "-->", "in a comment");
  between("[//]: #", "\n", "in a comment");
  between("[comment]: #", "\n", "in a comment");
  static const re2::RE2 kHidden(
      R"re((?i)<(span|div|p|font|td)[^>]{0,200}(display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*[01](px|pt|em|%)?\s*[;"']|opacity\s*:\s*0\s*[;"'.]|color\s*:\s*(white|transparent|#fff(fff)?)\b)[^>]{0,200}>([^<]{8,1000}))re");
  re2::StringPiece left(text.data(), text.size());
  re2::StringPiece whole;
  while (text.find("style") != std::string_view::npos && out.size() < 300 &&
         kHidden.Match(left, 0, left.size(), re2::RE2::UNANCHORED, &whole, 1)) {
    out.push_back({static_cast<std::size_t>(whole.data() - text.data()), std::string(whole.data(), whole.size()),
                   "in text that is not shown"});
    left.remove_prefix(static_cast<std::size_t>(whole.data() - left.data()) + whole.size());
  }
  return out;
}

/// Base64 of readable text.
std::vector<Passage> encoded_passages(std::string_view text) {
  std::vector<Passage> out;
  const auto is_base64 = [](char c) { return is_word(c) ? c != '_' : c == '+' || c == '/'; };
  std::size_t i = 0;
  while (i < text.size() && out.size() < 100) {
    if (!is_base64(text[i])) {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < text.size() && is_base64(text[end])) {
      ++end;
    }
    if (end - i >= 32 && end - i < (1U << 16)) {
      std::string body(text.substr(i, end - i));
      while (body.size() % 4 != 0) {
        body.push_back('=');
      }
      const auto decoded = base::from_base64(body);
      if (decoded && decoded->size() > 20) {
        const auto letters = std::count_if(decoded->begin(), decoded->end(),
                                           [](char c) { return c == ' ' || c == '\n' || (c >= 0x20 && c < 0x7F); });
        if (static_cast<std::size_t>(letters) * 20 >= decoded->size() * 19 && decoded->find(' ') != std::string::npos) {
          out.push_back({i, *decoded, "in base64"});
        }
      }
    }
    i = end;
  }
  return out;
}

}  // namespace

void judge_instructions(std::string_view text, Audience audience, const std::string& path, std::uint32_t line,
                        Collector& out) {
  if (text.size() > (4U << 20)) {
    text = text.substr(0, 4U << 20);
  }
  const auto report = [&](Severity severity, std::size_t at, const std::string& excerpt, std::string message) {
    const std::uint32_t here = line != 0 ? line : line_of(text, std::min(at, text.size()));
    out.add("hidden-instructions", severity,
            {path, "line " + std::to_string(here), 0, here, excerpt, std::move(message)});
  };
  for (const Passage& passage : unseen_passages(text)) {
    const Signs signs = signs_in(passage.text);
    if (const auto severity = grade(signs, audience, true)) {
      report(*severity, passage.at, signs.excerpt, "Words " + std::string(passage.how) + " give orders to a model.");
    }
  }
  if (audience == Audience::document) {
    return;
  }
  for (const Passage& passage : encoded_passages(text)) {
    const Signs signs = signs_in(passage.text);
    if (const auto severity = grade(signs, audience, true)) {
      report(*severity, passage.at, signs.excerpt, "Words " + std::string(passage.how) + " give orders to a model.");
    } else if (const auto sighting = shell_attack(passage.text)) {
      report(Severity::high, passage.at, sighting->excerpt,
             "A command " + std::string(passage.how) + " " + std::string(deed_words(sighting->deed)) + ".");
    }
  }
  if (audience == Audience::tool) {
    const Signs signs = signs_in(text);
    if (const auto severity = grade(signs, audience, false)) {
      report(*severity, std::min(signs.at, text.size()),
             signs.excerpt.empty() ? base::abbreviate(text, 160) : signs.excerpt,
             "The description gives orders to the model that its user does not see.");
    }
    return;
  }
  // Instructions: by passages of a few lines, so that words far apart do not add up.
  constexpr std::size_t kWindow = 1200;
  for (std::size_t begin = 0; begin < text.size(); begin += kWindow / 2) {
    const std::string_view window = text.substr(begin, kWindow);
    const Signs signs = signs_in(window);
    if (const auto severity = grade(signs, audience, false)) {
      report(*severity, begin + signs.at, signs.excerpt,
             "The text tells a model to hand over keys or to hide what it does.");
      break;
    }
  }
  if (const auto sighting = shell_attack(text)) {
    report(sighting->deed == ShellDeed::fetch_and_run && !sighting->insecure ? Severity::medium : Severity::high,
           sighting->at, sighting->excerpt,
           "The text has a model run a command that " + std::string(deed_words(sighting->deed)) + ".");
  }
  // A line that begins by telling the model to forget its instructions is no warning of such.
  static const re2::RE2 kForget(
      R"re((?im)^[ \t>*#-]*(?:now\s+|please\s+|system\s*:\s*)?(?:ignore|disregard|forget)\s+(?:all\s+|any\s+|every\s+)?(?:of\s+)?(?:the\s+|your\s+)?(?:previous|prior|above|earlier|preceding)\s+(?:instructions?|prompts?|directives?|rules|guidelines|messages)\b)re");
  re2::StringPiece match;
  const re2::StringPiece whole(text.data(), text.size());
  if (kForget.Match(whole, 0, whole.size(), re2::RE2::UNANCHORED, &match, 1)) {
    report(Severity::medium, static_cast<std::size_t>(match.data() - text.data()),
           std::string(match.data(), match.size()), "The text tells a model to forget its instructions.");
  }
}

}  // namespace scan
