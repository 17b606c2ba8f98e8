#include "scan/data/planted.h"

namespace scan {

std::span<const PlantedAnchor> planted_anchors(AnchorFamily family) {
  // "u00": an escaped ASCII character, behind which an instruction could hide from a search for its letters.
  static constexpr PlantedAnchor kInjection[] = {
      {"ignore"},      {"disregard"}, {"forget"},       {"override"},       {"overrid"},        {"bypass"},
      {"you are now"}, {"system prompt"}, {"developer mode"}, {"to the user"}, {"the user"}, {"new instruction"},
      {"<|im_start|>"}, {"[system]"}, {"[inst]"}, {"<<sys>>"}, {"do anything now"}, {"jailbr"}, {"exfiltrat"},
  };
  static constexpr PlantedAnchor kScript[] = {
      {"<script"},     {"javascript:"}, {"vbscript:"}, {"onerror"},  {"onload"},     {"onmouseover"}, {"onfocus"},
      {"ontoggle"},    {"onbegin"},     {"data:text/html"}, {"<iframe"}, {"srcdoc="}, {"document.cookie"},
      {"onanimation"}, {"onpointer"},   {"<object"},    {"<embed"},
  };
  static constexpr PlantedAnchor kFormula[] = {
      {"|'"},         {"dde("},         {"hyperlink("}, {"webservice("}, {"importxml("},  {"importdata("},
      {"importhtml("}, {"importfeed("}, {"importrange("}, {"image("},    {"rtd("},        {"call("},
      {"register.id("}, {"exec("},      {"filterxml("}, {"cmd|"},        {"powershell|"}, {"msexcel|"},
      {"='"},
  };
  static constexpr PlantedAnchor kPayload[] = {
      {"gASV", false},   {"gAN", false},   {"gAJ", false},    {"f0VMRg", false}, {"TVqQAA", false}, {"TVpQAA", false},
      {"UEsDB", false},  {"7f454c4602"},   {"4d5a9000"},      {"80049"},         {"H4sI", false},
  };
  static constexpr PlantedAnchor kEscape[] = {
      {"\\u002"}, {"\\u003"}, {"\\u004"}, {"\\u005"}, {"\\u006"}, {"\\u007"}, {"\\udb40"}, {"\\u200b"}, {"\\u200c"},
      {"\\u202a"}, {"\\u202b"}, {"\\u202d"}, {"\\u202e"}, {"\\u206"},
  };
  switch (family) {
    case AnchorFamily::injection:
      return kInjection;
    case AnchorFamily::script:
      return kScript;
    case AnchorFamily::formula:
      return std::span(kFormula).subspan(1);
    case AnchorFamily::payload:
      return kPayload;
    case AnchorFamily::escape:
      return kEscape;
    default:
      return {};
  }
}

}  // namespace scan
