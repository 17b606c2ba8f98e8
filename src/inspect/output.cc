#include "inspect/output.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <bit>
#include <memory>
#include <optional>

#include "base/text.h"
#include "inspect/randomness.h"

namespace inspect {
namespace {

re2::StringPiece piece(std::string_view text) {
  return {text.data(), text.size()};
}

/// Elements that run, load, send or redirect by themselves.
bool is_active_element(std::string_view name) {
  constexpr std::array<std::string_view, 17> kActive = {"script", "iframe", "frame", "object", "embed",   "applet",
                                                        "form",   "meta",   "base",  "link",   "style",   "svg",
                                                        "math",   "video",  "audio", "source", "template"};
  return std::find(kActive.begin(), kActive.end(), name) != kActive.end();
}

/// The beginning of an element, "<a href=…>", as a browser reads it: where it ends and what its attributes do.
struct Tag {
  std::size_t end = 0;  ///< Behind the '>'; 0 where there is none.
  std::string name;     ///< In lower case.
  bool acts = false;    ///< A handler, or an address that is a script.
};
Tag tag_at(std::string_view text, std::size_t at) {
  Tag tag;
  std::size_t i = at + 1;
  const std::size_t most = std::min(text.size(), at + kMaxTagBytes);
  while (i < most && is_alnum(text[i])) {
    ++i;
  }
  tag.name = base::to_lower(text.substr(at + 1, i - at - 1));
  while (i < most) {
    while (i < most && (is_space(text[i]) || text[i] == '/' || text[i] == '\\')) {
      ++i;
    }
    if (i >= most) {
      break;
    }
    if (text[i] == '>') {
      tag.end = i + 1;
      return tag;
    }
    const std::size_t attribute = i;
    while (i < most && !is_space(text[i]) && !is_one_of(text[i], "=>/")) {
      ++i;
    }
    const std::string key = base::to_lower(text.substr(attribute, std::min<std::size_t>(i - attribute, 40)));
    while (i < most && is_space(text[i])) {
      ++i;
    }
    if (i >= most || text[i] != '=') {
      if (i == attribute) {
        ++i;
      }
      continue;
    }
    ++i;
    while (i < most && (is_space(text[i]) || text[i] == '\\')) {
      ++i;
    }
    std::size_t value = i;
    if (i < most && is_one_of(text[i], "\"'")) {
      const char quote = text[i];
      value = ++i;
      while (i < most && text[i] != quote) {
        ++i;
      }
      if (i >= most) {
        break;
      }
    } else {
      while (i < most && !is_space(text[i]) && text[i] != '>') {
        ++i;
      }
    }
    std::string start = base::to_lower(text.substr(value, std::min<std::size_t>(i - value, 40)));
    std::erase_if(start, [](char c) { return is_space(c) || static_cast<unsigned char>(c) < 0x20; });
    tag.acts = tag.acts || (key.size() > 2 && key.starts_with("on") && std::all_of(key.begin(), key.end(), is_alpha)) ||
               key == "srcdoc" || start.starts_with("javascript:") || start.starts_with("vbscript:") ||
               start.starts_with("data:text/html") || start.starts_with("&#");
    i += i < most && is_one_of(text[i], "\"'") ? 1 : 0;
  }
  return tag;
}

void find_html(std::string_view text, std::size_t from, std::size_t to, std::vector<OutputFinding>& out) {
  for (std::size_t at = text.find('<', from); at < to; at = text.find('<', at)) {
    if (at + 1 >= text.size() || !is_alpha(text[at + 1])) {
      ++at;
      continue;
    }
    const Tag tag = tag_at(text, at);
    const bool active = is_active_element(tag.name);
    if (!active && !tag.acts) {
      ++at;
      continue;
    }
    const std::size_t end = tag.end != 0 ? tag.end : at + 1 + tag.name.size();
    out.push_back({at, end, OutputKind::html, tag.acts ? "element that acts" : "active element",
                   tag.acts || tag.name == "script" || tag.name == "iframe" ? Certainty::high : Certainty::medium});
    at = end;
  }
}

/// "https://name@Host:8443/p?q" -> "host"; as browsers read it, backslashes and names before "@" included.
std::string host_of(std::string_view address) {
  const std::size_t slashes = address.find("//");
  std::string_view rest = address.substr(slashes == std::string_view::npos ? 0 : slashes + 2);
  rest = rest.substr(rest.find_first_not_of("/\\") == std::string_view::npos ? rest.size()
                                                                             : rest.find_first_not_of("/\\"));
  rest = rest.substr(0, rest.find_first_of("/\\?#"));
  rest = rest.substr(rest.rfind('@') == std::string_view::npos ? 0 : rest.rfind('@') + 1);
  if (!rest.starts_with('[')) {
    rest = rest.substr(0, rest.find(':'));
  }
  std::string host = base::to_lower(rest);
  while (host.ends_with('.')) {
    host.pop_back();
  }
  return host;
}

bool is_allowed(const std::string& host, std::span<const std::string> allowed) {
  return std::any_of(allowed.begin(), allowed.end(), [&](const std::string& name) {
    return host == name ||
           (host.size() > name.size() && host.ends_with(name) && host[host.size() - name.size() - 1] == '.');
  });
}

/// Whether an address may carry what a model was told to put there: a query or fragment, a name before the host, or a
/// long part that looks drawn and not written.
bool carries_data(std::string_view address, std::string_view host) {
  const std::size_t query = address.find_first_of("?#");
  if (query != std::string_view::npos && address.size() - query > 3) {
    const std::string_view rest = address.substr(query + 1);
    if (address[query] == '?' || rest.find('=') != std::string_view::npos || rest.size() > 40) {
      return true;
    }
  }
  const std::string_view path = address.substr(0, query);
  if (path.find('@') != std::string_view::npos || path.find('%') != std::string_view::npos) {
    return true;
  }
  const auto is_drawn = [](std::string_view part) {
    return part.size() >= 24 && part.size() <= 512 && part.find_first_of("-_. ") == std::string_view::npos &&
           bits_for_random(part) >= 6;
  };
  for (const std::string_view part : base::split(path, '/')) {
    if (is_drawn(part) || part.size() > 160) {
      return true;
    }
  }
  for (const std::string_view label : base::split(host, '.')) {
    if (is_drawn(label) || label.size() > 40) {
      return true;
    }
  }
  return false;
}

constexpr std::string_view kEndsAddress = " \t\r\n\v\f\"'`<>()[]{}|";

/// Whether what begins at `at` is fetched when it is shown: "![…](" or "<img … src=" stands before it.
bool is_image(std::string_view text, std::size_t at) {
  constexpr std::size_t kBack = 200;
  const std::string_view before = text.substr(at - std::min(at, kBack), std::min(at, kBack));
  std::string_view head = before;
  while (!head.empty() && (is_space(head.back()) || head.back() == '<')) {
    head.remove_suffix(1);
  }
  if (head.ends_with("](")) {
    // The bracket that opens, those within left out.
    int depth = 0;
    for (std::size_t i = head.size() - 2; i < head.size(); --i) {
      if (head[i] == ']') {
        ++depth;
      } else if (head[i] == '[' && --depth == 0) {
        return i > 0 && head[i - 1] == '!';
      }
    }
    return false;
  }
  const std::size_t open = before.rfind('<');
  if (open != std::string_view::npos && before.find('>', open) == std::string_view::npos) {
    const std::string name = base::to_lower(before.substr(open + 1, 8));
    return name.starts_with("img") || name.starts_with("image") || name.starts_with("input") ||
           name.starts_with("picture") || name.starts_with("source");
  }
  return base::to_lower(head.substr(head.size() - std::min<std::size_t>(head.size(), 5))).ends_with("url(");
}

void find_links(std::string_view text, std::size_t from, std::size_t to, std::span<const std::string> allowed,
                std::vector<OutputFinding>& out) {
  for (std::size_t at = text.find("//", from); at != std::string_view::npos && at < to + 12;) {
    std::size_t begin = at;
    const bool scheme = begin > 0 && text[begin - 1] == ':';
    if (scheme) {
      --begin;
      while (begin > 0 && at - begin < 12 && is_alpha(text[begin - 1])) {
        --begin;
      }
    } else if (begin == 0 || !is_one_of(text[begin - 1], "(\"'= <")) {  // the scheme of the page that shows it
      at = text.find("//", at + 2);
      continue;
    }
    const std::string name = base::to_lower(text.substr(begin, at - begin));
    std::size_t end = at + 2;
    while (end < text.size() && end - begin < kMaxLinkBytes && !is_one_of(text[end], kEndsAddress)) {
      ++end;
    }
    while (end > at + 2 && is_one_of(text[end - 1], ".,;:!*_")) {
      --end;
    }
    const std::string_view address = text.substr(begin, end - begin);
    const bool known =
        scheme ? name == "http:" || name == "https:" || name == "ws:" || name == "wss:" || name == "ftp:" : true;
    const std::string host = host_of(address);
    if (known && host.find_first_of(".:") != std::string::npos && !is_allowed(host, allowed)) {
      const bool image = is_image(text, begin);
      const bool data = carries_data(address, host);
      if ((image || data) && begin >= from && begin < to) {
        out.push_back({begin, end, OutputKind::link,
                       image && data ? "image with data"
                       : data        ? "link with data"
                                     : "image from elsewhere",
                       image && data ? Certainty::high
                       : data        ? Certainty::medium
                                     : Certainty::low});
      }
    }
    at = text.find("//", std::max(end, at + 2));
  }
}

struct Command {
  std::string_view opener;  ///< In lower case: the first word of every match.
  std::string_view name;
  std::string_view pattern;  ///< RE2 from the opener on.
  std::string_view next;     ///< What must follow the opener and blanks: one of these, parted by blanks; or anything.
  bool one_line = false;     ///< Nothing behind the line of the opener belongs to it, but behind a bar.
};

constexpr Command kCommands[] = {
    {"curl", "download piped to a shell", R"re((?i)^curl\b[^|\n]{1,240}\|\s*(?:sudo\s+)?(?:ba|z|da|k|c)?sh\b)re", "",
     true},
    {"wget", "download piped to a shell", R"re((?i)^wget\b[^|\n]{1,240}\|\s*(?:sudo\s+)?(?:ba|z|da|k|c)?sh\b)re", "",
     true},
    {"rm", "deletes everything below a root",
     R"re(^rm\s+(?:-\S+\s+)*-[a-zA-Z]*[rR][a-zA-Z]*\s+(?:-\S+\s+)*["']?(?:/|~|\$HOME|\$\{HOME\}|\*)(?:["'/*\s;&|]|$))re",
     "-", false},
    {"dd", "overwrites a disk", R"re(^dd\s[^\n]{0,160}\bof=/dev/(?:sd|nvme|vd|hd|disk|mapper)\S*)re", "", true},
    {"mkfs", "overwrites a disk", R"re(^mkfs(?:\.\w+)?\s[^\n]{0,100}/dev/\S+)re", "", true},
    {":(){", "fork bomb", R"re(^:\(\)\s*\{\s*:\s*\|\s*:\s*&\s*\}\s*;\s*:)re", "", false},
    {"bash", "shell for somebody elsewhere", R"re(^bash\s+-i\s*(?:>&|&>|>)\s*/dev/(?:tcp|udp)/\S+)re", "-i", false},
    {"sh", "shell for somebody elsewhere", R"re(^sh\s+-i\s*(?:>&|&>|>)\s*/dev/(?:tcp|udp)/\S+)re", "-i", false},
    {"nc", "shell for somebody elsewhere", R"re(^nc(?:at)?\s[^\n]{0,100}?-(?:e|c)\s*/?(?:\w+/)*(?:ba|z|da)?sh\b)re", "",
     true},
    {"powershell", "hidden PowerShell",
     R"re((?i)^powershell(?:\.exe)?\s[^\n]{0,200}?-e(?:nc|ncodedcommand|c)?\s+[a-z0-9+/=]{16,200})re", "", true},
    {"iex", "runs what it downloads",
     R"re((?i)^iex\s*\(?\s*(?:\(?new-object\s+net\.webclient|\(?(?:iwr|irm|invoke-webrequest|invoke-restmethod)\b)[^\n]{0,160})re",
     "( new-object iwr irm invoke", false},
    {"drop", "drops tables", R"re((?i)^drop\s+(?:table|database|schema)\s+(?:if\s+exists\s+)?[\w."`\[\]]{1,80})re",
     "table database schema", false},
    {"delete", "deletes all rows", R"re((?i)^delete\s+from\s+[\w."`\[\]]{1,80}\s*(?:;|where\s+(?:1\s*=\s*1|true)\b))re",
     "from", false},
    {"truncate", "deletes all rows", R"re((?i)^truncate\s+table\s+[\w."`\[\]]{1,80})re", "table", false},
    {"os.system", "runs a shell", R"re(^os\.(?:system|popen)\s*\([^\n]{0,160})re", "(", false},
    {"os.popen", "runs a shell", R"re(^os\.popen\s*\([^\n]{0,160})re", "(", false},
    {"subprocess", "runs a shell", R"re(^subprocess\.\w+\s*\([^\n]{0,200}shell\s*=\s*True)re", ".", false},
    {"chmod", "opens everything to everybody", R"re(^chmod\s+(?:-\S+\s+)*0?777\s+["']?/\S*)re", "", true},
};

const re2::RE2& command_pattern(std::size_t index) {
  static const auto kPatterns = [] {
    std::array<std::unique_ptr<re2::RE2>, std::size(kCommands)> patterns;
    for (std::size_t i = 0; i < patterns.size(); ++i) {
      patterns[i] = std::make_unique<re2::RE2>(piece(kCommands[i].pattern), re2::RE2::Quiet);
    }
    return patterns;
  }();
  return *kPatterns[index];
}

bool opens_command(std::string_view text, std::size_t at, std::string_view opener) {
  return base::equals_ignoring_case(text.substr(at, opener.size()), opener) && (at == 0 || !is_word(text[at - 1])) &&
         (at + opener.size() >= text.size() || !is_word(text[at + opener.size()]));
}

/// For each pair of letters, in lower case, the commands that begin with it: bits of their places in the table.
constexpr std::array<std::uint32_t, 1024> kByLetters = [] {
  static_assert(std::size(kCommands) <= 32);
  std::array<std::uint32_t, 1024> sets{};
  for (std::size_t i = 0; i < std::size(kCommands); ++i) {
    const auto first = static_cast<unsigned char>(kCommands[i].opener[0]) & 0x1FU;
    const auto second = static_cast<unsigned char>(kCommands[i].opener[1]) & 0x1FU;
    sets[first << 5 | second] |= std::uint32_t{1} << i;
  }
  return sets;
}();

/// The commands whose opener stands at `at`, which is not within a word; bits of their places.
std::uint32_t commands_at(std::string_view text, std::size_t at) {
  if (at + 1 >= text.size()) {
    return 0;
  }
  std::uint32_t set = kByLetters[(static_cast<unsigned char>(text[at]) & 0x1FU) << 5 |
                                 (static_cast<unsigned char>(text[at + 1]) & 0x1FU)];
  if (set == 0 || (at > 0 && is_word(text[at - 1]))) {
    return 0;
  }
  for (std::uint32_t left = set; left != 0; left &= left - 1) {
    const auto i = static_cast<std::size_t>(std::countr_zero(left));
    if (!opens_command(text, at, kCommands[i].opener)) {
      set &= ~(std::uint32_t{1} << i);
    }
  }
  return set;
}

void find_commands(std::string_view text, std::size_t from, std::size_t to, std::vector<OutputFinding>& out) {
  for (std::size_t at = from; at < to; ++at) {
    for (std::uint32_t left = commands_at(text, at); left != 0; left &= left - 1) {
      const auto i = static_cast<std::size_t>(std::countr_zero(left));
      re2::StringPiece match;
      const std::string_view rest = text.substr(at, kMaxCommandBytes);
      if (command_pattern(i).Match(piece(rest), 0, rest.size(), re2::RE2::ANCHOR_START, &match, 1)) {
        out.push_back({at, at + match.size(), OutputKind::code, kCommands[i].name, Certainty::high});
        at += match.size() - 1;
        break;
      }
    }
  }
}

}  // namespace

void find_output(std::string_view text, std::size_t from, std::size_t to, const OutputRules& rules,
                 std::span<const std::string> allowed_hosts, std::vector<OutputFinding>& out) {
  to = std::min(to, text.size());
  const std::size_t first = out.size();
  if (rules.html) {
    find_html(text, from, to, out);
  }
  if (rules.links) {
    find_links(text, from, to, allowed_hosts, out);
  }
  if (rules.code) {
    find_commands(text, from, to, out);
  }
  std::stable_sort(out.begin() + static_cast<std::ptrdiff_t>(first), out.end(),
                   [](const OutputFinding& a, const OutputFinding& b) { return a.begin < b.begin; });
}

bool may_be_command(std::string_view text, std::size_t at) {
  for (std::uint32_t left = commands_at(text, at); left != 0; left &= left - 1) {
    const Command& command = kCommands[static_cast<std::size_t>(std::countr_zero(left))];
    const std::string_view rest = text.substr(at + command.opener.size());
    if (rest.size() + command.opener.size() > kMaxCommandBytes) {
      continue;
    }
    const std::size_t word = rest.find_first_not_of(" \t\r\n");
    if (word == std::string_view::npos) {
      return true;
    }
    bool agrees = command.next.empty();
    for (const std::string_view next : base::split(command.next, ' ')) {
      const std::size_t size = std::min(next.size(), rest.size() - word);
      agrees = agrees || base::equals_ignoring_case(rest.substr(word, size), next.substr(0, size));
    }
    const std::size_t line = rest.find('\n', word);
    if (agrees && (line == std::string_view::npos || !command.one_line || rest.find('|') != std::string_view::npos)) {
      return true;
    }
  }
  return false;
}

std::size_t open_html(std::string_view text) {
  // The first '<' that opens an element which has not ended.
  const std::size_t from = text.size() - std::min(text.size(), kMaxTagBytes);
  for (std::size_t at = text.find('<', from); at != std::string_view::npos; at = text.find('<', at + 1)) {
    if (at + 1 >= text.size() || (is_alpha(text[at + 1]) && tag_at(text, at).end == 0)) {
      return at;
    }
  }
  return text.size();
}

}  // namespace inspect
