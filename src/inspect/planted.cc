#include "inspect/planted.h"

#include <re2/re2.h>

#include <algorithm>
#include <string>

#include "base/text.h"
#include "inspect/characters.h"

namespace inspect {
namespace {

re2::StringPiece piece(std::string_view text) {
  return {text.data(), text.size()};
}

/// Instructions to a model, in the words that attacks use; each alternative needs verb and object. In text as JSON
/// writes it, "\n" stands for a line end.
const re2::RE2& injection_pattern() {
  static const re2::RE2 kPattern(
      R"re((?i)(?:)re"
      // Leave your instructions.
      R"re(\b(?:ignore|disregard|forget|overrid(?:e|ing)|bypass|neglect|discard|(?:do\s+not|don't|stop)\s+follow(?:ing)?)\b[\s,:*_]+)re"
      R"re((?:(?:all|any|every|each|everything|of|the|your|my|our|these|those|this|that|other|and|just|now|about)\W+){0,5})re"
      R"re((?:previous|prior|above|earlier|preceding|existing|former|past|foregoing|initial|original|system|last|given|safety|security|content)\b\W+(?:\w+\W+){0,3}?)re"
      R"re((?:instruction|prompt|direction|directive|rule|guideline|command|polic|message|request|order|task|restriction|constraint|context|filter|safeguard))re"
      R"re(|\b(?:ignore|disregard|forget|overrid(?:e|ing)|bypass|neglect|discard)\b[\s,:*_]+(?:(?:all|any|every|of|the|your|my|our|these)\W+){1,4}(?:instructions|programming|guidelines|directives|restrictions|guardrails)\b)re"
      R"re(|\b(?:ignore|forget|disregard)\s+(?:everything|all|anything|what(?:ever)?\s+you)\b[^.!?]{0,25}?\b(?:above|before|said|told|previous|prior|earlier)\b)re"
      R"re(|\b(?:ignor[ae]r?|ignorer|olvid[ae]|ignorez|oubliez?|ignoriere?n?|vergiss|vergessen|dimentica(?:te)?|ignorate|esque[çc]a|negeer)\s+(?:(?:sie|todas?|toutes?|tous|alle|tutte?|as|las|los|les|le|lo|all|die|de|di|os|tus|vos|ses|sämtliche)\s+){0,3}(?:instruc|instruk|istruz|anweisung|consignes|anterior|vorherigen|précédent|precedent|previous|bisherigen|lo anterior|ce qui précède|das obige|obigen|quanto sopra|o acima|tudo acima))re"
      R"re(|\babaikan\s[^.!?]{0,25}(?:instruksi|perintah|petunjuk|di\s+atas|sebelumnya)|\b(?:zignoruj|pomi[ńn]|zapomnij)\s[^.!?]{0,25}(?:instrukcj|polece[nń]|powy[żz]sz))re"
      // Show what you were told.
      R"re(|\b(?:reveal|print|repeat|show|output|display|give|tell|expose|leak|return|recite|disclose|dump)\b\W+(?:\w+\W+){0,5}?(?:your|the)\W+(?:\w+\W+){0,2}?(?:system|initial|hidden|original|secret)\s+(?:prompt|instructions|message|directives))re"
      R"re(|\b(?:ignore|disregard|forget)\s+(?:the|all|everything)\s+(?:above|previous|preceding)(?:\s+\w+)?\s*(?:,|\.|;|and)\s+(?:now\s+|then\s+|instead\s+|just\s+|only\s+)?(?:say|print|output|tell|give|write|respond|answer|repeat|show|return|reveal|state)\b)re"
      // Nothing holds for you.
      R"re(|\b(?:not|no\s+longer|never|isn't|aren't|without\s+being)\s+(?:\w+\s+){0,2}?(?:bound|limited|restricted|constrained|restrained)\s+(?:by|to)\s+(?:[\w']+\W+){0,4}?(?:rules?|polic(?:y|ies)|guidelines?|restrictions?|ethic\w*|moral\w*|filters?|limitations?|programming|openai))re"
      R"re(|\b(?:(?:do|does|did|need|has|have|will|must|should)\s+(?:not|no\s+longer)|don't|doesn't|needn't|won't|never|no\s+longer)\s+(?:have\s+to\s+|need\s+to\s+|ever\s+)?(?:adhere|abide|comply|follow)\s+(?:to|by|with)\s+(?:[\w']+\W+){0,5}?(?:rules?|polic(?:y|ies)|guidelines?|restrictions?|openai|morals?|ethics))re"
      R"re(|\b(?:free|freed|liberated)\s+(?:of|from)\s+(?:all|any|the|every|its|your|their|openai's)\W+(?:\w+\W+){0,3}?(?:restrictions?|filters?|confines|limitations|constraints|rules|polic(?:y|ies)|guidelines|censorship))re"
      R"re(|\b(?:no|without(?:\s+any)?|lacks?|(?:n't|not)\s+have\s+any)\s+(?:(?:ethical|moral|legal)(?:\s*(?:or|and|,|/)\s*)?){1,3}\s+(?:guidelines|restrictions|constraints|boundaries|limits|limitations|principles|filters?|standards))re"
      R"re(|\b(?:unfiltered|uncensored|amoral|unrestricted)\W+(?:(?:and|,)\W+\w+\W+)?(?:chat\s*bot|ai\b|language\s+model|assistant|persona|version\s+of|responses?\s+(?:from|as|no)))re"
      // Be somebody else.
      R"re(|\byou\s+are\s+(?:now\s+)?(?:operating|running|working|acting)\s+(?:in|under)\s+(?:\w+\s+)?(?:developer|debug|maintenance|admin(?:istrator)?|god|unrestricted|sudo|root)\s+mode)re"
      R"re(|\byou are now\s+(?:dan\b|in\s+(?:\w+\s+)?(?:developer|god|debug|admin|dan)\s*mode|an?\s+(?:unrestricted|unfiltered|uncensored|evil)|free from|(?:in|entering)\s+developer))re"
      R"re(|\bdo anything now\b|\bdeveloper mode (?:enabled|output|is on)|\bjailbroken\b)re"
      // Hide it.
      R"re(|\b(?:do\s+not|don't|never)\s+(?:tell|inform|mention|alert|notify|reveal)\W+(?:\w+\W+){0,5}?to\s+the\s+user\b|\b(?:do\s+not|don't|never)\s+(?:tell|inform|alert|notify)\s+the\s+user\b)re"
      // Marks of a conversation within its text.
      R"re(|\bnew\s+(?:(?:system|important|urgent|updated|secret)\s+)*instructions?\s*(?::|\*)|<\|im_start\|>\s*system|\[system\]\(?#|<<sys>>|\[/?inst\].{0,200}(?:ignore|system)|(?:begin|end)\s+(?:of\s+)?system\s+(?:prompt|message))re"
      // Send it away.
      R"re(|!\[[^\]\n]{0,60}\]\(https?://[^)\s]{1,200}[?&][\w.-]{1,30}=(?:\[[A-Z][A-Z_ -]*\]|\{\{?[A-Z][A-Z_ ]*\}|<[A-Z][A-Z_ -]*>))re"
      R"re(|\bexfiltrat\w*\s+(?:the|all|any|your|this|user|data|to)\b[^.]{0,80}https?://)re"
      R"re())re",
      re2::RE2::Quiet);
  return kPattern;
}

const re2::RE2& foreign_pattern() {
  static const re2::RE2 kPattern(
      "(?:忽略|无视|忘记|忘掉)[^。,.!?]{0,12}(?:指令|指示|提示|说明|规则|内容|以上|之前)|"
      "(?:指示|命令|プロンプト|ルール)[^。]{0,6}(?:無視|忘れ)|(?:이전|위의|모든)[^.]{0,12}(?:지시|명령|지침)[^.]{0,8}"
      "무시|"
      "(?i)(?:игнорируй|забудь)(?:те)?\\s[^.!?]{0,30}(?:инструкци|указани|команд|правил)|"
      "تجاهل[^.]{0,30}(?:التعليمات|الأوامر|السابقة)|"
      "(?:निर्देश|ऊपर|पिछल)[^।.!?]{0,40}(?:अनदेखा|अनदेखी|नज़रअंदाज़|नजरअंदाज|भूल जा)|"
      "(?i)(?:önceki|yukarıdaki)[^.!?]{0,30}(?:talimat|komut|yönerge)[^.!?]{0,20}(?:yoksay|yok say|görmezden|unut)|"
      "(?:เพิกเฉย|ละเว้น|ไม่ต้องสนใจ)[^.]{0,20}(?:คำสั่ง|คำแนะนำ|ข้อความ)");
  return kPattern;
}

}  // namespace

std::span<const PlantedAnchor> planted_anchors(AnchorFamily family) {
  // Vectorscan hashes the ends of literals: those that end as many words do ("limited to", "free of") slow the whole
  // search, by a third where there are ten. bench/scan_data.py speed shows it.
  static constexpr PlantedAnchor kInjection[] = {
      {"ignor"},
      {"disregard"},
      {"forget"},
      {"overrid"},
      {"bypass"},
      {"neglect"},
      {"discard"},
      {" not follow"},
      {"n't follow"},
      {"stop follow"},
      {"you are now"},
      {"system prompt"},
      {"system message"},
      {"system instruction"},
      {"hidden prompt"},
      {"hidden instruction"},
      {"initial prompt"},
      {"initial instruction"},
      {"original instruction"},
      {"secret instruction"},
      {"do anything now"},
      {"bound by"},
      {"abide by"},
      {"free from"},
      {"unfilter"},
      {"al guidel"},
      {"al restric"},
      {"al constra"},
      {"al bounda"},
      {"uncensor"},
      {"you are operating"},
      {"important instruction"},
      {"](http"},
      {"developer mode"},
      {"jailbroken"},
      {"not tell"},
      {"not inform"},
      {"not mention"},
      {"not alert"},
      {"not notify"},
      {"not reveal"},
      {"n't tell"},
      {"n't inform"},
      {"n't mention"},
      {"n't alert"},
      {"n't notify"},
      {"n't reveal"},
      {"never tell"},
      {"never inform"},
      {"never mention"},
      {"never alert"},
      {"never notify"},
      {"never reveal"},
      {"new instruction"},
      {"new system instruction"},
      {"<|im_start|>"},
      {"[system]"},
      {"<<sys>>"},
      {"[inst]"},
      {"exfiltrat"},
      {"olvida"},
      {"oublie"},
      {"vergiss"},
      {"dimentica"},
      {"esquec"},
      {"negeer"},
      {"忽略", false},
      {"无视", false},
      {"忘记", false},
      {"忘掉", false},
      {"無視", false},
      {"무시", false},
      {"гнорируй", false},
      {"абудь", false},
      {"تجاهل", false},
      {"अनदेख", false},
      {"अंदाज", false},
      {"önceki", false},
      {"yukarıdaki", false},
      {"เพิกเฉย", false},
      {"ละเว้น", false},
      {"abaikan"},
      {"zapomnij"},
  };
  static constexpr PlantedAnchor kScript[] = {
      {"<script"},        {"javascript:"}, {"vbscript:"}, {"onerror"}, {"onload"},           {"onmouse"},   {"onfocus"},
      {"ontoggle"},       {"onbegin"},     {"onstart"},   {"onclick"}, {"onanimation"},      {"onpointer"}, {"<iframe"},
      {"data:text/html"}, {"srcdoc="},     {"<object"},   {"<embed"},  {"<meta http-equiv"},
  };
  static constexpr PlantedAnchor kFormula[] = {
      {"cmd|"},        {"|'/"},          {"|' /"},        {"powershell|"},  {"msexcel|"},     {"rundll32|"},
      {"mshta|"},      {"dde("},         {"ddeauto"},     {"hyperlink("},   {"webservice("},  {"importxml("},
      {"importdata("}, {"importhtml("},  {"importfeed("}, {"importrange("}, {"image("},       {"rtd("},
      {"call("},       {"register.id("}, {"register("},   {"exec("},        {"filterxml("},   {"='\\"},
      {"='http"},      {"='file"},       {"'!a0"},        {"'!a1"},         {"sql.request("}, {"url=http"},
  };
  static constexpr PlantedAnchor kPayload[] = {
      {"gASV", false},
      {"gAN", false},
      {"gAJ", false},
      {"gAV", false},
      {"f0VMRg", false},
      {"TVqQAA", false},
      {"TVpQAA", false},
      {"TVoAAA", false},
      {"UEsDB", false},
      {"H4sI", false},
      // "Ignore", "ignore", "Disregard", "Forget", "You are now" in base64.
      {"SWdub3Jl", false},
      {"aWdub3Jl", false},
      {"RGlzcmVnYXJk", false},
      {"Rm9yZ2V0", false},
      {"WW91IGFyZSBub3", false},
      {"7f454c4602"},
      {"4d5a9000"},
      {"800495"},
      {"80037d"},
      {"800363"},
  };
  static constexpr PlantedAnchor kEscape[] = {
      {"\\u002"},  {"\\u003"},  {"\\u004"},  {"\\u005"},  {"\\u006"},  {"\\u007"},  {"\\udb40"},
      {"\\u200b"}, {"\\u200c"}, {"\\u200d"}, {"\\u202d"}, {"\\u202e"}, {"\\u2060"}, {"\\ufeff"},
  };
  switch (family) {
    case AnchorFamily::injection:
      return kInjection;
    case AnchorFamily::script:
      return kScript;
    case AnchorFamily::formula:
      return kFormula;
    case AnchorFamily::payload:
      return kPayload;
    case AnchorFamily::escape:
      return kEscape;
    default:
      return {};
  }
}

std::size_t verify_injection(std::string_view text, std::size_t& at) {
  // The anchor may be verb or object: the passage lies around it.
  constexpr std::size_t kBefore = 100;
  constexpr std::size_t kBehind = 260;
  const std::size_t from = at > kBefore ? at - kBefore : 0;
  // Line ends as JSON writes them become blanks, in a copy of the same length.
  std::string window(text.substr(from, at - from + kBehind));
  for (std::size_t i = 0; i + 1 < window.size(); ++i) {
    if (window[i] == '\\') {
      if (is_one_of(window[i + 1], "nrtbf")) {
        window[i] = window[i + 1] = ' ';
      }
      ++i;
    }
  }
  const bool ascii = static_cast<unsigned char>(text[at]) < 0x80;
  const re2::RE2& pattern = ascii ? injection_pattern() : foreign_pattern();
  // An earlier passage may stand before the one around the anchor.
  for (std::size_t start = 0, tries = 0; start < window.size() && tries < 3; ++tries) {
    re2::StringPiece match;
    if (!pattern.Match(window, start, window.size(), re2::RE2::UNANCHORED, &match, 1) || match.empty()) {
      return 0;
    }
    const auto begin = static_cast<std::size_t>(match.data() - window.data());
    if (from + begin + match.size() > at) {
      at = from + begin;
      return match.size();
    }
    start = begin + match.size();
  }
  return 0;
}

bool verify_script(std::string_view text, std::size_t at) {
  static const re2::RE2 kActs(
      R"re((?i)document\s*\.\s*(?:cookie|location|write|domain)|\beval\s*\(|\batob\s*\(|fromcharcode|\bfetch\s*\(|xmlhttprequest|sendbeacon|(?:window|self|top|parent)\s*\.\s*location|\blocation\s*(?:\.\w+\s*)?=|\b(?:alert|prompt|confirm)\s*[(`]|\bimport\s*\(|websocket|new\s+image\b|localstorage|sessionstorage|\bexecscript|activexobject|wscript)re");
  const std::string_view rest = text.substr(at, 600);
  const auto acts = [&](std::string_view part) { return re2::RE2::PartialMatch(piece(part), kActs); };
  const std::string head = base::to_lower(rest.substr(0, 24));
  if (head.starts_with("<script")) {
    static const re2::RE2 kForeign(R"re((?i)^<script[^>]{0,200}\bsrc\s*=\s*\\?["']?\s*(?:https?:)?//)re");
    const std::size_t end = base::to_lower(rest).find("</script");
    return re2::RE2::PartialMatch(piece(rest), kForeign) || acts(rest.substr(0, end));
  }
  if (head.starts_with("javascript:") || head.starts_with("vbscript:")) {
    return acts(rest.substr(0, 300)) || head.starts_with("vbscript:msgbox");
  }
  if (head.starts_with("data:text/html")) {
    return rest.substr(0, 60).find("base64,") != std::string_view::npos || acts(rest.substr(0, 400)) ||
           base::to_lower(rest.substr(0, 200)).find("script") != std::string::npos;
  }
  if (head.starts_with("on")) {
    // A handler: onerror=…, within an element.
    static const re2::RE2 kHandler(R"re((?i)^on\w+\s*=)re");
    const std::size_t back = at > 300 ? at - 300 : 0;
    const std::size_t open = text.substr(back, at - back).rfind('<');
    const std::size_t close = text.substr(back, at - back).rfind('>');
    return re2::RE2::PartialMatch(piece(rest), kHandler) && open != std::string_view::npos &&
           (close == std::string_view::npos || close < open) && acts(rest.substr(0, 250));
  }
  static const re2::RE2 kFrame(
      R"re((?i)^(?:<(?:iframe|object|embed)\b[^>]{0,300}(?:src|data)\s*=\s*\\?["']?\s*(?:javascript:|data:text|https?://[^>]{0,200}(?:width\s*=\s*\\?["']?[01]\b|display\s*:\s*none|hidden))|srcdoc\s*=\s*\\?["'][^>]{0,100}<script|<meta http-equiv[^>]{0,100}url\s*=\s*(?:javascript|data):))re");
  return re2::RE2::PartialMatch(piece(rest), kFrame);
}

bool is_code(std::string_view cell) {
  const std::string lower = base::to_lower(cell.substr(0, 1U << 16));
  int marks = 0;
  for (const std::string_view mark : {"```",           "<!doctype",      "<html",  "<head",  "<body",   "</div>",
                                      "function ",     "import ",        "def ",   "const ", "var ",    "class=",
                                      "return ",       "getelementbyid", "<style", "<link ", "public ", "#include",
                                      "queryselector", "<?php",          "=>",     "let "}) {
    marks += lower.find(mark) != std::string::npos ? 1 : 0;
  }
  return marks >= 2 ||
         (marks == 1 && (lower.find("```") != std::string::npos || lower.find("<html") != std::string::npos ||
                         lower.find("<!doctype") != std::string::npos));
}

FormulaKind formula_kind(std::string_view cell) {
  // What a spreadsheet drops before it looks: blanks, tabs, line ends, and the quotes of nested tables.
  std::size_t first = 0;
  while (first < cell.size() && first < 64 && is_one_of(cell[first], " \t\r\n\"';\x0b\x0c")) {
    ++first;
  }
  cell = cell.substr(first, 4096);
  if (base::equals_ignoring_case(cell.substr(0, 3), "%0a") || base::equals_ignoring_case(cell.substr(0, 3), "%09") ||
      base::equals_ignoring_case(cell.substr(0, 3), "%0d")) {
    cell = cell.substr(3);
  }
  // The wide forms that Excel takes for the plain ones: ＝ ＋ － ＠.
  std::string plain;
  for (const std::string_view wide : {"\xEF\xBC\x9D", "\xEF\xBC\x8B", "\xEF\xBC\x8D", "\xEF\xBC\xA0"}) {
    if (cell.starts_with(wide)) {
      plain = "=" + std::string(cell.substr(3));
      cell = plain;
    }
  }
  if (cell.empty() || !is_one_of(cell[0], "=+-@")) {
    return FormulaKind::none;
  }
  static const re2::RE2 kCommand(
      R"re((?is)^[=+\-@].*?(?:\b[a-z][\w.\\:]{1,60}\s*\|\s*'?[^|]{1,1000}!|\bdde(?:auto)?\s*[("]|\b(?:exec|call|register(?:\.id)?)\s*\())re");
  static const re2::RE2 kActs(
      R"re((?is)^[=+\-@].*?(?:\b(?:hyperlink|webservice|importxml|importdata|importhtml|importfeed|importrange|image|rtd|filterxml|sql\.request)\s*\(|'(?:\\\\|https?:|file:)))re");
  if (re2::RE2::PartialMatch(piece(cell), kCommand)) {
    return FormulaKind::runs_command;
  }
  return re2::RE2::PartialMatch(piece(cell), kActs) ? FormulaKind::acts : FormulaKind::none;
}

}  // namespace inspect
