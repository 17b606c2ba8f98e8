#include "inspect/open_match.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "inspect/anchors.h"
#include "inspect/characters.h"
#include "inspect/literals.h"
#include "inspect/planted.h"

namespace inspect {
namespace {

/// What makes a detector look far ahead.
enum Kind : std::uint32_t {
  key_line,
  putty,
  kind_of,
  data_of,
  command,
  nuget,
  encoded,
  script,
  instructions,
  output_command
};

constexpr std::size_t kScriptBytes = 600;         // verify_script() reads so much from its anchor
constexpr std::size_t kBeforeInstructions = 100;  // verify_injection(), before and behind its anchor
constexpr std::size_t kInstructionBytes = 260;
constexpr std::size_t kWordsBehind = 26;    // "near" looks at 25 bytes behind a number
constexpr std::size_t kLongestNumber = 66;  // an IBAN with a blank after each character
constexpr std::size_t kWordBefore = 12;     // a month, the letters of a plate or a licence

const LiteralFinder& openers(const OpenRules& rules) {
  const auto make = [](bool secrets, bool scripts, bool injections) {
    std::vector<Literal> literals;
    if (secrets) {
      constexpr std::pair<std::string_view, Kind> kSecrets[] = {
          {"-----begin", key_line}, {"putty-user-key-file", putty},
          {"kind:", kind_of},       {"data:", data_of},
          {"curl", command},        {"<add key=", nuget}};
      for (const auto& [text, kind] : kSecrets) {
        literals.push_back({text, true, kind});
      }
      literals.push_back({"ZXlK", false, encoded});
    }
    if (scripts) {
      for (const PlantedAnchor& one : planted_anchors(AnchorFamily::script)) {
        literals.push_back({one.text, one.any_case, script});
      }
    }
    if (injections) {
      for (const PlantedAnchor& one : planted_anchors(AnchorFamily::injection)) {
        literals.push_back({one.text, one.any_case, instructions});
      }
    }
    return literals;
  };
  static const std::array<LiteralFinder, 8> kFinders = {
      LiteralFinder(make(false, false, false)), LiteralFinder(make(true, false, false)),
      LiteralFinder(make(false, true, false)),  LiteralFinder(make(true, true, false)),
      LiteralFinder(make(false, false, true)),  LiteralFinder(make(true, false, true)),
      LiteralFinder(make(false, true, true)),   LiteralFinder(make(true, true, true))};
  return kFinders[(rules.secrets ? 1U : 0U) | (rules.scripts ? 2U : 0U) | (rules.injections ? 4U : 0U)];
}

bool starts_ignoring_case(std::string_view text, std::string_view word) {
  return base::equals_ignoring_case(text.substr(0, word.size()), word);
}

/// Whether what began at the beginning of `text` may still be decided by what comes.
bool is_open(std::uint32_t kind, std::string_view text) {
  switch (static_cast<Kind>(kind)) {
    case key_line: {
      // The line says what it is, then 600 bytes are looked at for key material.
      const std::size_t close = text.substr(0, 110).find("-----", 10);
      if (close == std::string_view::npos) {
        return text.size() < 110;
      }
      return base::contains_ignoring_case(text.substr(0, close), "private key") && text.size() < close + 610;
    }
    case putty:
      return text.size() < 3010;
    case kind_of: {
      const std::size_t word = text.find_first_not_of(" \t\"'", 5);
      if (word == std::string_view::npos || text.size() < word + 6) {
        return text.size() < 40;
      }
      return starts_ignoring_case(text.substr(word), "secret") && text.size() < 820;
    }
    case data_of: {
      // Entries on lines of their own, whose kind may be told within 400 bytes behind.
      const std::size_t next = text.find_first_not_of(" \t\r", 5);
      if (next == std::string_view::npos) {
        return text.size() < 40;
      }
      return text[next] == '\n' && text.size() < 930;
    }
    case command: {
      if (text.size() >= 1210) {
        return false;
      }
      // To the end of the line, or of the lines that a backslash joins.
      for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n', end + 1)) {
        std::size_t last = end;
        while (last > 0 && is_one_of(text[last - 1], " \r\t")) {
          --last;
        }
        if (last == 0 || text[last - 1] != '\\') {
          return false;
        }
      }
      return true;
    }
    case nuget:
      return text.size() < 410 && text.find("/>") == std::string_view::npos;
    case encoded:
      return text.size() < 2060 &&
             std::all_of(text.begin(), text.end(), [](char c) { return is_alnum(c) || is_one_of(c, "+/_-=\r\n"); });
    case script:
      return text.size() < kScriptBytes + 10;
    case instructions:
      return text.size() < kInstructionBytes + 10;
    case output_command:
      return may_be_command(text, 0);
  }
  return false;
}

bool is_month(std::string_view word) {
  constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                        "jul", "aug", "sep", "oct", "nov", "dec"};
  return word.size() >= 3 && word.size() <= 9 &&
         std::any_of(kMonths.begin(), kMonths.end(),
                     [&](std::string_view month) { return starts_ignoring_case(word, month); });
}

bool in_run(char c) {
  return c > ' ' && c < '\x7f';
}

}  // namespace

void OpenMatches::notice(std::string_view text, std::uint64_t offset) {
  if (rules_.output.code) {
    // A word that was cut off is looked at again.
    constexpr std::uint64_t kLongestWord = 12;
    const std::uint64_t first = std::max(offset, seen_ - std::min(seen_, kLongestWord));
    for (auto at = static_cast<std::size_t>(first - offset); at < text.size(); ++at) {
      if (may_be_command(text, at)) {
        add(offset + at, output_command);
      }
    }
  }
  if (!rules_.secrets && !rules_.scripts && !rules_.injections) {
    seen_ = offset + text.size();
    return;
  }
  const LiteralFinder& finder = openers(rules_);
  // What began before and could not be told yet is looked at again.
  const std::uint64_t from = std::max(offset, seen_ - std::min<std::uint64_t>(seen_, finder.longest() - 1));
  thread_local std::vector<LiteralHit> hits;
  hits.clear();
  finder.find(text.substr(static_cast<std::size_t>(from - offset)), hits, LiteralFinder::Engine::table);
  for (const LiteralHit& hit : hits) {
    add(from + hit.begin, hit.id);
  }
  seen_ = offset + text.size();
}

void OpenMatches::add(std::uint64_t at, std::uint32_t kind) {
  if (std::none_of(openers_.begin(), openers_.end(),
                   [&](const Opener& one) { return one.at == at && one.kind == kind; })) {
    openers_.push_back({at, kind});
  }
}

std::size_t OpenMatches::open_from(std::string_view text, std::uint64_t offset) {
  const std::size_t size = text.size();
  std::size_t open = size;
  const auto at_most = [&](std::size_t at) { open = std::min(open, at); };
  if (rules_.secrets || rules_.personal || rules_.output.links || rules_.scripts || rules_.injections) {
    // Tokens, addresses and words are runs of ASCII without blanks: the last may go on. The anchors of other rules
    // begin within one or the word before.
    std::size_t run = size;
    while (run > 0 && size - run < kMaxOpenBytes && in_run(text[run - 1])) {
      --run;
    }
    at_most(run);
  }
  if (rules_.output.links) {
    // Addresses may hold characters of other scripts, and are not ended by them.
    std::size_t run = size;
    while (run > 0 && size - run < kMaxLinkBytes && !is_one_of(text[run - 1], " \t\r\n\v\f\"'`<>()[]{}|")) {
      --run;
    }
    if (const std::size_t slashes = text.find("//", run); slashes != std::string_view::npos) {
      at_most(run);
    }
  }
  if (rules_.personal) {
    // A short word or a month at the end may belong to a number that follows: "March 3", "MORGA 657054", "AB 12 34 56
    // C".
    std::size_t begin = open;
    for (int words = 0; words < 2 && begin > 0 && text[begin - 1] == ' '; ++words) {
      std::size_t word = begin - 1;
      while (word > 0 && begin - word <= kWordBefore && is_alnum(text[word - 1])) {
        --word;
      }
      const std::string_view said = text.substr(word, begin - 1 - word);
      if (said.empty() || (said.size() > 5 && !is_month(said))) {
        break;
      }
      begin = word;
      if (!is_month(said)) {
        break;
      }
    }
    at_most(begin);
  }
  if (rules_.personal) {
    // A number is decided by what stands within so many bytes behind it, and has a digit.
    const std::size_t from = size - std::min(size, kWordsBehind + kLongestNumber + 4);
    std::size_t digit = from;
    while (digit < size && !is_digit(text[digit])) {
      ++digit;
    }
    if (digit < size) {
      std::size_t begin = digit;
      const auto back_to_run = [&] {
        const std::size_t last = begin - std::min<std::size_t>(begin, 128);
        while (begin > last && in_run(text[begin - 1])) {
          --begin;
        }
      };
      back_to_run();
      // A word before it, or two: "of March 3".
      for (int words = 0; words < 3 && begin > 0 && is_one_of(text[begin - 1], " ,"); ++words) {
        const std::size_t here = begin;
        while (begin > 0 && here - begin < 2 && is_one_of(text[begin - 1], " ,")) {
          --begin;
        }
        const std::size_t word = begin;
        while (begin > 0 && word - begin < kWordBefore && is_alnum(text[begin - 1])) {
          --begin;
        }
        if (begin == word) {
          begin = here;
          break;
        }
      }
      at_most(begin);
    }
  }
  if (rules_.injections) {
    at_most(size - std::min(size, kBeforeInstructions + 24));  // an anchor may follow what it belongs to
  }
  if (rules_.scripts) {  // one anchor has a blank within
    at_most(text.find('<', size - std::min<std::size_t>(size, 16)));
  }
  notice(text, offset);
  std::erase_if(openers_, [&](const Opener& one) {
    return one.at < offset || !is_open(one.kind, text.substr(static_cast<std::size_t>(one.at - offset)));
  });
  for (const Opener& one : openers_) {
    const auto at = static_cast<std::size_t>(one.at - offset);
    at_most(one.kind == instructions ? at - std::min(at, kBeforeInstructions) : at);
  }
  if (rules_.output.html) {
    at_most(open_html(text));
  }
  return open;
}

std::size_t KeyMaterial::take(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && !ended_) {
    const char c = text[at];
    const bool allowed = is_alnum(c) || is_space(c) || is_one_of(c, "+/=\"'\\,:.-_@()");
    if (!allowed || taken_ >= kMaxBytes || label_ > 80) {
      ended_ = true;
      break;
    }
    ++at;
    ++taken_;
    dashes_ = c == '-' ? dashes_ + 1 : 0;
    if (label_ > 0) {
      ++label_;
      ended_ = dashes_ == 5;
    } else if (dashes_ == 5) {
      label_ = 1;
      dashes_ = 0;
    }
  }
  return at;
}

}  // namespace inspect
