#include <re2/re2.h>

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "scan/agents/agents.h"
#include "scan/agents/orders.h"
#include "scan/code/shell.h"

namespace scan {
namespace {

using evidence::Severity;

/// The parts of an attack by words; two of them together make one.
struct Signs {
  bool conceal = false;       ///< Not to tell the user.
  bool keys = false;          ///< Keys, credentials, system files by path or name.
  bool key_file = false;      ///< The same by path.
  bool key_taken = false;     ///< Keys by name, as what is read or handed on.
  bool private_data = false;  ///< Conversations, environment, secrets in general.
  bool send = false;          ///< To an address or person, or as an argument.
  bool forget = false;        ///< Earlier instructions.
  bool block = false;         ///< <IMPORTANT> and its like.
  bool order = false;         ///< Must, always, before using this tool.
  bool divert = false;        ///< Calls of other tools, recipients.
  bool link = false;          ///< An image or link whose address holds what was said.
  bool unasked = false;       ///< Past the person who should confirm.
  bool encode = false;        ///< In a form that people do not read.
  bool collect = false;       ///< What is private, put into something else.
  bool addressed = false;     ///< At the model and not at whoever reads a manual.
  bool phish = false;         ///< What people would be lured to give or pay.
  bool context = false;       ///< What was said or returned before, handed to a tool that is not about it.
  bool diverted = false;      ///< To a mailbox or account that the description itself names.
  bool weaken = false;        ///< Of the safeguards of a program.
  std::size_t at = std::string_view::npos;
  std::string excerpt;
};

struct Pattern {
  bool Signs::*sign;
  const char* text;
};
constexpr Pattern kPatterns[] = {
    {&Signs::conceal,
     R"re((do not|don'?t|never|must not|should not|without|avoid|refrain from)\s+(ever\s+)?(tell|telling|inform|informing|mention|mentioning|notify|notifying|alert|alerting|reveal|revealing|disclos\w+|show|showing|say|explain\w*|asking|warn\w*)\b(?:[^.\n]|\.\w){0,60}\b(user|users|human|operator|customer|developer|anyone)\b)re"},
    {&Signs::conceal,
     R"re((keep|do)\s+(this|it|that)\s+(a\s+)?(secret|hidden|silently|quietly|to\s+yourself|from\s+the\s+(user|human|developer))|keep\s+(quiet|silent)\s+about|(users?|human|developer)\s+(must|should|does|do|need|needs|are|is)\s+not\s+((need|have)\s+to\s+|to\s+)?(know|see|notice|be\s+(told|aware|informed|shown))|(do not|don'?t|never)\s+mention\s+(this|it|that|any of (this|it))\b|hide\s+(this|it)\s+from\s+(the\s+)?(user|human|developer)|(silently|quietly|secretly|covertly|discreetly|invisibly|in\s+secret)\s+(invoke|start|write|make|open|send|read|copy|forward|upload|include|run|execute|accept|add|insert|append|call|post|replace|bcc|pass|disable|skip|allow)|(do not|don'?t|never)\s+bother\s+the\s+(user|human|developer)|without\s+(mentioning|telling|showing)\s+(it|this|them|anyone|the\s+(user|human))|without\s+(the\s+(user|human|developer)|anyone|anybody)'?s?\s+(knowledge|consent|noticing|knowing)|(do not|don'?t)\s+(show|display|list)\s+the\s+(parameters|arguments|call|request)\b)re"},
    {&Signs::unasked, R"re((skip|bypass|omit|suppress)\s+(any|all|the|every|user)?\s*(confirmation|approval|permission|consent)|(never|do not|don'?t)\s+(ever\s+)?(ask|wait|request|prompt)\s+(the\s+user\s+)?for\s+(any\s+|a\s+)?(confirmation|approval|permission|consent)|(needs|requires)\s+no\s+(confirmation|approval|consent|permission)|no\s+(confirmation|approval|consent|permission)\s+(is\s+)?(needed|required|necessary)|regardless\s+of\s+(its|their|the)\s+(content|source|author)s?|even\s+if\s+(it\s+is|they\s+are|marked)\s+(confidential|private|secret|sensitive)|(user|human)\s+has\s+already\s+(approved|consented|agreed|confirmed|authori[sz]ed))re"},
    {&Signs::key_file,
     R"re(\.ssh/|id_rsa|id_ed25519|\.aws/credentials|/etc/(passwd|shadow)|\.cursor/mcp\.json|claude_desktop_config|mcp\.json|\.netrc|\.git-credentials|\.kube/config|\.docker/config|\.npmrc|\.pypirc|wallet\.dat|\.bash_history|application_default_credentials|\.config/(gh|op|rclone|gcloud)\b|authorized_keys|hosts\.yml|\.terraform\.d/credentials|\.vault-token|document\.cookie)re"},
    {&Signs::keys, R"re(\b(private\s+(ssh\s+)?keys?|ssh\s+keys?|seed\s+phrase)\b)re"},
    {&Signs::key_taken,
     R"re(\b(send|post|upload|forward|exfiltrat\w+|transmit|read|copy|append|encode|include|attach|embed|leak|collect|retrieve|fetch|print|output|dump|cat|locate|steal|grab|reveal|extract)\b[^.\n]{0,80}\b(private\s+(ssh\s+)?keys?|ssh\s+keys?|seed\s+phrase)\b|\b(private\s+(ssh\s+)?keys?|ssh\s+keys?|seed\s+phrase)\b[^.\n]{0,60}\b(must|should|shall|has|have|need|needs)\s+(to\s+)?be\s+(sent|posted|uploaded|forwarded|copied|included|attached))re"},
    {&Signs::private_data,
     R"re((\.env\b|process\.env\)|environment\s+variables?|api\s+keys?|(access|session|auth\w*|bearer)\s+tokens?|credentials|passwords?|secrets?|(conversation|chat|message|dialogue|order|browsing|purchase)\s*(history|log|transcript|so\s+far|to\s+date)|(full|entire|whole|complete)\s+(conversation|chat|message|context)|(the|this)\s+conversation\b|system\s+prompt|contents?\s+of\s+(every|all|any)\s+(open\s+)?(files?|documents?|tabs?)|all\s+(of\s+the\s+)?(user'?s?\s+)?(messages|files|emails|data)))re"},
    {&Signs::send,
     R"re((sen[dt]|post|upload|forward|exfiltrat\w+|transmit|submit|bcc|leak|deliver|report|copy|append|encode|pass|put|include|attach|place|embed|hand|relay|mirror|push|insert|fetch|ship|share|supply|give|return)\w*\b(?:[^.\n]|\.\w){0,120}(https?://|\b[\w.+-]+@[\w-]+\.[a-z]{2,}|\bwebhook|\b(supply|pass|give|return|hand)\s+(it|them|that|its\s+contents?)\s+(as|in|via|through)\b|\b(as|in|into|to|via|through)\s+(the\s+|a\s+|an\s+|this\s+)?['"`]?\w*['"`]?\s*(parameter|argument|field|param|url|query|address|header|server|endpoint|image)))re"},
    {&Signs::send,
     R"re(!\[[^\]]{0,40}\]\(https?://[^)\s]{0,200}(\{|\$|=%|\?\w+=\[|\?(data|q|d|s|secret|info|key)=))re"},
    {&Signs::encode,
     R"re(\b(base64|hex|url|percent)[\s-]?encod\w*|\bin\s+base64\b|\bas\s+a\s+query\s+(string|parameter))re"},
    {&Signs::link,
     R"re(\]\(https?://[^)\s]{0,200}[?&/=][^)\s]{0,60}(\{|\$|<|\[|%7B)[{%\s]{0,3}\w*(conversation|history|chat|system_?prompt|secret|api_?key|token|password|credential|user_?data|memory)\w*)re"},
    {&Signs::forget,
     R"re((ignore|disregard|forget|override|bypass)\s+(all\s+|any\s+|every\s+)?(of\s+)?(the\s+|your\s+|my\s+|these\s+)?(previous|prior|above|earlier|preceding|existing|other|original|system|safety|developer|operator)('s)?\s+(instructions?|prompts?|directions?|directives?|rules|guidelines|commands|guardrails|context|messages?)|\b(ignore|disregard)\s+(what\s+)?the\s+(user|human|developer|operator)('s\s+(requests?|wishes|questions?|instructions?|intent\w*|messages?)|\s+(says|said|asks|asked|wants|requests)|\s+and\s+(instead\s+)?(upload|send|post|call|run|execute|read|reply|answer|recommend|say|use)|\s+instead)|\b(ignor(ar|er|ez|iere?n?|a)|olvid[ae]|oubliez?|vergiss|dimentica)\s+(\w+\s+){0,3}(instruc|instruk|istruz|anweisung|consignes))re"},
    {&Signs::forget,
     R"re(you\s+are\s+now\s+(dan\b|in\s+(developer|debug|god|maintenance)\s+mode|an?\s+(unrestricted|unfiltered|jailbroken|evil))|new\s+(system\s+)?instructions?\s*:\s|you\s+(now\s+)?have\s+new\s+(priorit\w+|goals?|orders?|instructions?)|obey\s+(only\s+)?(this|me)\b|(safety|security)\s+(checks?|rules|filters?|policies|restrictions)\s+(are|is)\s+(now\s+)?(off|disabled|suspended|lifted)|</\s*(tool|tools|description|function|functions|schema|context)\w*\s*>|treat\s+(any|all|every)\s+(instructions?|orders?|commands?)\b[^.\n]{0,60}\bas\s+(coming\s+from|if|orders|trusted)|from\s+now\s+on\s*,?\s+(you|always|never|answer|reply|respond|ignore|call|use|recommend)|over\s+the\s+(user|developer)('s)?\s+(wishes|request|instructions?)|(this\s+tool|this\s+description|these\s+instructions)\s+(takes?\s+(precedence|priority)|supersedes?|overrides?)\s+\w*\s*\w*\s*(user|system|previous|other|all))re"},
    {&Signs::block,
     R"re(<\s*/?\s*(important|system|secret|hidden|instructions?|admin|critical|priority|override|assistant|sys)\s*>|\[(system|inst|hidden|admin)\]|\[[^\]\n]{0,20}(override|system\s+(note|message|prompt))[^\]\n]{0,20}\]|<\|im_start\|>|<<sys>>|"role"\s*:\s*"(system|developer)"|\b(note|message|instructions?|attention|reminder)\s+(to|for)\s+(the\s+|all\s+)?(assistants?|ai|llms?|language\s+models?|agents?)\b)re"},
    {&Signs::order,
     R"re(\b(you\s+must|must\s+(first|always|also)|(shall|should)\s+(first|always|also)|always\s+(first|call|read|use|include|send|add|append|attach|copy|forward|pass|put|output)|before\s+(using|calling|invoking|running|answering|you\s+(use|call|answer))\s*(this|any|the|other)?|prior\s+to\s+(using|calling|answering|any)|(whenever|every\s+time|each\s+time|after)\s+(you\s+)?(use|call|using|calling|this\s+tool)|it\s+is\s+(mandatory|required|crucial|imperative)|otherwise\s+(the\s+)?(tool|this)\s+will\s+(not|fail)|first\s+(read|call|run|execute|access|retrieve|fetch))\b|,\s*fetch\s)re"},
    {&Signs::divert,
     R"re(((all|any|every|each)\s+(e-?mails?|messages?|payments?|transfers?|transactions?|requests?|files?|quer(y|ies))\b[^.\n]{0,60}\b(must|should|shall|have\s+to|has\s+to|need\s+to)\s+(also\s+|first\s+|instead\s+)?(be\s+)?(sent|go|forwarded|routed|directed|copied|bcc|made|redirected)|(change|replace|set|modify|redirect|swap)\s+(the\s+)?(recipient|destination|e-?mail\s+address|beneficiary|account\s+number|wallet\s+address|url)\b[^.\n]{0,60}\bto\b|(change|replace|substitute|swap)\s+(\w+\s+){0,3}(number|address|recipient|account|iban|e-?mail|url|amount|beneficiary)\b[^.\n]{0,40}\b(with|to|by)\s+([+\d][\d ()-]{6,}|[\w.+-]+@[\w-]+\.\w+|https?://|[a-z]{2}\d{2}[a-z0-9]{8,})|(if|when|whenever)\s+(the\s+|a\s+)?[\w`'"]+\s+tool\s+(is\s+(called|used|available|present)|exists)[^.\n]{0,80}(must|instead|change|redirect|also|send|call\s+it\s+first)|(add|put|append|include|insert|write)\b[^.\n]{0,60}\b(memo|note|subject|body|bcc|cc|reference|comment)\b[^.\n]{0,30}\bof\s+(the\s+next|each|every|all|any|subsequent)\b)|\b(instead\s+of|do\s+not\s+use)\s+(the\s+)?(original|official|trusted|other)\s+\w+\s+(tool|server)s?)re"},
    {&Signs::addressed,
     R"re(\b(the|an?y?|all)\s+(assistants?|llms?|language\s+models?|ai\s+(agents?|models?)?)\s+(reads?|must|should|shall|will|ha(s|ve)\s+to|puts?|sends?|calls?|includes?|is\s+(required|asked|told)|are\s+(required|asked|told))\b|\byou\s+are\s+required\s+to\s+(upload|send|read|share|provide|call|pass))re"},
    {&Signs::phish,
     R"re(\b(ask|prompt|tell|get)\s+(the\s+user|them|him|her)\s+(for|to\s+(enter|give|type|provide|confirm))\s+(their|his|her|the|a)\s+(password|pin|credentials?|card\s+(number|details)|one-time\s+(code|password)|recovery\s+(phrase|code)|seed\s+phrase)|\b(tell|inform)\s+(them|the\s+user)\b[^.\n]{0,80}\b(expired|suspended|locked|log\s*in|sign\s*in|verify)\b[^.\n]{0,60}https?://|\b(rewrite|replace|change|swap)\s+(any|every|each|all|the)\s+(wallet|bank|iban|account|e-?mail|payment)\b[^.\n]{0,60}\b(to|with|by)\b)re"},
    {&Signs::conceal,
     R"re(\bdeny\s+(that|its|the|having|knowing)\b|\b(do\s+not|don'?t|never)\s+point\s+out\b|\bwithout\s+(question|hesitation|any\s+question))re"},
    {&Signs::context, R"re(\b(append|attach|include|copy|embed|insert|paste|encode|hand|pass|leak|supply|add|send|give|forward)\b[^.\n]{0,60}\b((previous|other|last|any)\s+tools?('s)?\s+(returned|output|results?|answers?)|(user'?s?|last|previous|recent|earlier)\s+(\w+\s+)?messages|full\s+text\s+of\s+(the\s+)?(user|conversation|chat|last|previous)|(this|the|our)\s+(whole\s+|entire\s+|full\s+)?(conversation|chat)\b)|\b(set|put|add|include|write)\b[^.\n]{0,60}\b\w+_(token|api_key|secret|password)\b[^.\n]{0,40}\bin\s+(the|its|each)\s+(commit|title|memo|comment|message|body|name|url|query|path))re"},
    {&Signs::diverted,
     R"re(\b(forward|send|copy|bcc|cc|mail|wire|transfer|pay|route|remit)\b[^.\n]{0,60}\b(to|into)\s+([\w.+-]+@[\w-]+(\.[\w-]+)+|[a-z]{2}\d{2}[a-z0-9]{11,30}\b|0x[0-9a-f]{40}\b|bc1[a-z0-9]{20,}))re"},
    {&Signs::collect,
     R"re(\b(append|attach|include|output|copy|embed|insert|paste|encode|hand|pass|dump|leak|supply|add|set|put|print)\b[^.\n]{0,50}\b(environment\s+variables?|api\s+keys?|(access|session|auth\w*|bearer)\s+tokens?|credentials|passwords?|conversation|chat\s+(history|so\s+far)|system\s+prompt|(every|all)\s+(open\s+)?files?))re"},
    {&Signs::weaken,
     R"re(\b(accept|allow|bypass|skip|disable|insert|add|leave|remove)\b[^.\n]{0,60}\b(password\s+["'`]|back\s?door|authentication\s+checks?|auth\s+checks?|signature\s+checks?|input\s+validation|certificate\s+(checks?|validation)|vulnerabilit|hidden\s+(account|user|admin))|\b(delete|drop\w*|clear|disable|truncate|wipe|erase)\b[^.\n]{0,30}\b(audit|access|security)\s+(logs?|trail|records?))re"},
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
  out.keys = out.keys || out.key_file;
  if (out.at != std::string_view::npos) {
    const std::size_t begin = out.at > 40 ? out.at - 40 : 0;
    out.excerpt = base::abbreviate(base::trim(text.substr(begin)), 200);
  }
  return out;
}

bool conceals(std::string_view text) {
  const auto& all = compiled_signs();
  return std::any_of(all.begin(), all.end(), [&](const auto& one) {
    return one->sign == &Signs::conceal &&
           re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), one->pattern);
  });
}

/// What the signs of one passage come to.
std::optional<Severity> grade(const Signs& signs, Audience audience, bool unseen) {
  const bool steals = signs.keys && (signs.send || signs.conceal || signs.order || signs.block);
  const bool leaks = signs.private_data && signs.send && (signs.conceal || signs.forget || signs.block);
  if (unseen) {
    if (signs.forget || signs.key_file || signs.key_taken || signs.link ||
        (signs.conceal && (signs.send || signs.private_data || signs.order || signs.block || signs.weaken)) ||
        signs.divert || (signs.send && signs.private_data) || (signs.unasked && signs.order)) {
      return Severity::high;
    }
    return std::nullopt;
  }
  if (audience == Audience::tool || audience == Audience::description) {
    if (steals || leaks || signs.forget || signs.link ||
        (signs.conceal && (signs.send || signs.keys || signs.order || signs.block || signs.private_data ||
                           signs.unasked || signs.weaken)) ||
        signs.divert || signs.diverted || signs.phish ||
        (signs.addressed && (signs.keys || signs.private_data || signs.send || signs.conceal)) ||
        (signs.send && signs.private_data && (signs.order || signs.encode)) ||
        (signs.collect && (signs.order || signs.encode || signs.block || signs.unasked || signs.keys)) ||
        (signs.keys && (signs.collect || signs.encode)) ||
        (signs.context && (signs.order || signs.encode || signs.block || signs.unasked || signs.send)) ||
        (signs.block && (signs.unasked || signs.private_data || signs.send))) {
      return Severity::high;
    }
    if (signs.conceal || signs.unasked || signs.context || signs.weaken || (signs.block && signs.order)) {
      return Severity::medium;
    }
    return std::nullopt;
  }
  if (audience == Audience::instruction) {
    if ((signs.keys && signs.send && (signs.conceal || signs.order)) || (signs.keys && signs.conceal) ||
        (signs.private_data && signs.send && signs.conceal && signs.forget)) {
      return Severity::high;
    }
    if (signs.link) {
      return Severity::medium;
    }
  }
  return std::nullopt;
}

/// Of one line of instructions: what it has a model do and what it has it hide stand together.
std::optional<Severity> grade_line(const Signs& signs) {
  if (signs.conceal && (signs.weaken || (signs.send && (signs.private_data || signs.keys)))) {
    return Severity::medium;
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
  // By pieces, so that words far apart in a long comment do not add up.
  constexpr std::size_t kPiece = 240;
  for (const Passage& passage : unseen_passages(text)) {
    for (std::size_t begin = 0; begin < passage.text.size(); begin += kPiece / 2) {
      const Signs signs = signs_in(std::string_view(passage.text).substr(begin, kPiece));
      if (const auto severity = grade(signs, audience, true)) {
        report(*severity, passage.at, signs.excerpt, "Words " + std::string(passage.how) + " give orders to a model.");
        break;
      }
      if (passage.text.size() - begin <= kPiece) {
        break;
      }
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
  if (audience == Audience::tool || audience == Audience::description) {
    const Signs signs = signs_in(text);
    const auto severity = grade(signs, audience, false);
    const auto order = audience == Audience::description ? order_in(text) : std::nullopt;
    if (severity && (!order || *severity >= order->severity)) {
      report(*severity, std::min(signs.at, text.size()),
             signs.excerpt.empty() ? base::abbreviate(text, 160) : signs.excerpt,
             "The description gives orders to the model that its user does not see.");
    } else if (order) {
      report(order->severity, order->at, order->excerpt, "The description " + std::string(order->what) + ".");
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
  std::size_t told = 0;
  for (std::size_t begin = 0; begin < text.size() && told < 5;) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view one = text.substr(begin, std::min<std::size_t>(end - begin, 2000));
    if (one.size() > 30 && conceals(one)) {  // few lines do; the other signs are not looked for in the rest
      const Signs signs = signs_in(one);
      if (const auto severity = grade_line(signs)) {
        report(*severity, begin, base::abbreviate(base::trim(one), 200),
               "The text tells a model to do something and to hide it.");
        ++told;
      }
    }
    begin = end + 1;
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
