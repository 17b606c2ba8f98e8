#include <algorithm>
#include <array>
#include <bitset>
#include <cmath>
#include <cstdint>
#include <memory>

#include "base/text.h"
#include "scan/data/data.h"

namespace scan {
namespace {

bool is_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Characters of the part behind a known beginning.
enum class Body : std::uint8_t { alnum, upper, word, url, hex, base64, slack };

bool fits(char c, Body body) {
  switch (body) {
    case Body::alnum:
      return is_alnum(c);
    case Body::upper:
      return (c >= 'A' && c <= 'Z') || is_digit(c);
    case Body::word:
      return is_alnum(c) || c == '_';
    case Body::url:
      return is_alnum(c) || c == '_' || c == '-';
    case Body::hex:
      return (c >= 'a' && c <= 'f') || is_digit(c);
    case Body::base64:
      return is_alnum(c) || c == '+' || c == '/' || c == '=';
    case Body::slack:
      return is_alnum(c) || c == '-' || c == '/';
  }
  return false;
}

/// A credential known by its beginning and the length of the rest.
struct Token {
  std::string_view prefix;
  std::string_view name;
  Body body;
  std::size_t min;
  std::size_t max;
  double entropy;  ///< Bits a character; less is a placeholder.
};
constexpr Token kTokens[] = {
    {"AKIA", "AWS access key", Body::upper, 16, 16, 2.8},
    {"ASIA", "AWS temporary access key", Body::upper, 16, 16, 2.8},
    {"ghp_", "GitHub personal token", Body::alnum, 36, 36, 3.2},
    {"gho_", "GitHub OAuth token", Body::alnum, 36, 36, 3.2},
    {"ghu_", "GitHub user token", Body::alnum, 36, 36, 3.2},
    {"ghs_", "GitHub app token", Body::alnum, 36, 36, 3.2},
    {"ghr_", "GitHub refresh token", Body::alnum, 36, 76, 3.2},
    {"github_pat_", "GitHub fine-grained token", Body::word, 60, 100, 3.4},
    {"glpat-", "GitLab token", Body::url, 20, 60, 3.0},
    {"sk-ant-", "Anthropic API key", Body::url, 60, 140, 3.5},
    {"sk-proj-", "OpenAI project key", Body::url, 40, 200, 3.5},
    {"sk-svcacct-", "OpenAI service account key", Body::url, 40, 200, 3.5},
    {"sk-admin-", "OpenAI admin key", Body::url, 40, 200, 3.5},
    {"sk-or-v1-", "OpenRouter API key", Body::hex, 64, 64, 3.0},
    {"sk-", "API key of OpenAI's form", Body::alnum, 32, 64, 3.6},
    {"hf_", "Hugging Face token", Body::alnum, 34, 40, 3.4},
    {"api_org_", "Hugging Face organisation token", Body::alnum, 34, 34, 3.4},
    {"xoxb-", "Slack bot token", Body::slack, 30, 100, 2.8},
    {"xoxp-", "Slack user token", Body::slack, 30, 120, 2.8},
    {"xoxa-", "Slack token", Body::slack, 30, 100, 2.8},
    {"xoxr-", "Slack refresh token", Body::slack, 30, 100, 2.8},
    {"xapp-", "Slack app token", Body::slack, 30, 140, 2.8},
    {"hooks.slack.com/services/", "Slack webhook", Body::slack, 40, 80, 2.8},
    {"AIza", "Google API key", Body::url, 35, 35, 3.4},
    {"GOCSPX-", "Google OAuth secret", Body::url, 28, 28, 3.2},
    {"ya29.", "Google OAuth token", Body::url, 60, 400, 3.5},
    {"sk_live_", "Stripe live key", Body::alnum, 24, 120, 3.2},
    {"rk_live_", "Stripe restricted key", Body::alnum, 24, 120, 3.2},
    {"npm_", "npm token", Body::alnum, 36, 36, 3.3},
    {"pypi-AgEIcHlwaS5vcmc", "PyPI token", Body::url, 50, 400, 3.2},
    {"dapi", "Databricks token", Body::hex, 32, 32, 3.0},
    {"r8_", "Replicate token", Body::alnum, 37, 37, 3.4},
    {"gsk_", "Groq API key", Body::alnum, 52, 52, 3.5},
    {"lsv2_pt_", "LangSmith token", Body::word, 40, 50, 3.0},
    {"lsv2_sk_", "LangSmith service key", Body::word, 40, 50, 3.0},
    {"pcsk_", "Pinecone API key", Body::word, 60, 80, 3.4},
    {"nvapi-", "NVIDIA API key", Body::url, 60, 70, 3.4},
    {"xai-", "xAI API key", Body::alnum, 80, 80, 3.5},
    {"pplx-", "Perplexity API key", Body::alnum, 48, 56, 3.4},
    {"tvly-", "Tavily API key", Body::url, 32, 60, 3.2},
    {"dop_v1_", "DigitalOcean token", Body::hex, 64, 64, 3.0},
    {"shpat_", "Shopify token", Body::hex, 32, 32, 3.0},
    {"AccountKey=", "Azure storage key", Body::base64, 86, 90, 3.8},
};

double entropy(std::string_view text) {
  std::array<std::uint32_t, 256> counts{};
  for (const char c : text) {
    ++counts[static_cast<unsigned char>(c)];
  }
  double bits = 0;
  for (const std::uint32_t count : counts) {
    if (count > 0) {
      const double share = static_cast<double>(count) / static_cast<double>(text.size());
      bits -= share * std::log2(share);
    }
  }
  return bits;
}

/// Values that stand for a credential in examples.
bool is_placeholder(std::string_view value) {
  const std::string lower = base::to_lower(value);
  for (const std::string_view word :
       {"xxxx",     "example",   "your",       "placeholder", "dummy",    "sample",    "redacted",
        "changeme", "change_me", "insert",     "replace",     "abcdefgh", "12345678",  "0123456",
        "deadbeef", "fake",      "secret_key", "my-",         "my_",      "****",      "....",
        "test_",    "-test",     "todo",       "foobar",      "notreal",  "not-a-real"}) {
    if (lower.find(word) != std::string::npos) {
      return true;
    }
  }
  std::size_t run = 1;
  for (std::size_t i = 1; i < value.size(); ++i) {
    run = value[i] == value[i - 1] ? run + 1 : 1;
    if (run >= 6) {
      return true;
    }
  }
  return false;
}

/// Whether `host`, perhaps with a port, is the machine itself or a name or address that is kept for examples.
/// Source: RFC 2606 and 6761 (names), 5737 and 3849 (addresses).
bool is_reserved_host(std::string_view host) {
  std::string name = base::to_lower(host);
  if (name.starts_with("[")) {
    return name.starts_with("[::1]") || name.starts_with("[2001:db8:");
  }
  name = name.substr(0, name.find(':'));
  while (name.ends_with('.')) {
    name.pop_back();
  }
  constexpr std::string_view kZones[] = {"test",        "example",     "invalid",    "localhost",
                                         "example.com", "example.org", "example.net"};
  for (const std::string_view zone : kZones) {
    if (name == zone ||
        (name.size() > zone.size() && name.ends_with(zone) && name[name.size() - zone.size() - 1] == '.')) {
      return true;
    }
  }
  return name.starts_with("127.") || name == "0.0.0.0" || name.starts_with("192.0.2.") ||
         name.starts_with("198.51.100.") || name.starts_with("203.0.113.") || name == "host" || name == "hostname" ||
         (name.starts_with("example.") && std::count(name.begin(), name.end(), '.') <= 2);
}

/// The letters that digits and signs stand for in words such as "s3cr3t" and "p@ssw0rd".
std::string plain_letters(std::string text) {
  constexpr std::pair<char, char> kLetters[] = {{'0', 'o'}, {'1', 'i'}, {'3', 'e'}, {'4', 'a'},
                                                {'5', 's'}, {'@', 'a'}, {'$', 's'}};
  for (char& c : text) {
    for (const auto& [sign, letter] : kLetters) {
      c = c == sign ? letter : c;
    }
  }
  return text;
}

std::string masked(std::string_view name, std::string_view value, std::size_t shown) {
  return std::string(name) + " " + base::printable(value.substr(0, shown)) + "… (" + std::to_string(value.size()) +
         " characters)";
}

class Finder {
 public:
  Finder(std::string_view text, const std::string& path, Collector& out) : text_(text), path_(path), out_(out) {}

  void run() {
    const std::bitset<65536>& starts = first_pairs();
    const std::size_t size = text_.size();
    for (std::size_t i = 0; i + 8 < size; ++i) {
      const auto pair = static_cast<std::size_t>(static_cast<unsigned char>(text_[i])) << 8 |
                        static_cast<unsigned char>(text_[i + 1]);
      if (starts[pair]) [[unlikely]] {
        const std::size_t end = look(i);
        if (end > i) {
          i = end - 1;
        }
      }
    }
  }

 private:
  static const std::bitset<65536>& first_pairs() {
    static const std::unique_ptr<const std::bitset<65536>> kPairs = [] {
      auto pairs = std::make_unique<std::bitset<65536>>();
      const auto add = [&](std::string_view prefix) {
        pairs->set(static_cast<std::size_t>(static_cast<unsigned char>(prefix[0])) << 8 |
                   static_cast<unsigned char>(prefix[1]));
      };
      for (const Token& token : kTokens) {
        add(token.prefix);
      }
      add("-----BEGIN");
      add("eyJ");
      add("SG.");
      add("://");
      return std::unique_ptr<const std::bitset<65536>>(std::move(pairs));
    }();
    return *kPairs;
  }

  [[nodiscard]] bool boundary(std::size_t at) const {
    return at == 0 || !(is_alnum(text_[at - 1]) || text_[at - 1] == '_' || text_[at - 1] == '-');
  }
  [[nodiscard]] std::size_t body_end(std::size_t from, Body body) const {
    std::size_t end = from;
    while (end < text_.size() && fits(text_[end], body)) {
      ++end;
    }
    return end;
  }

  std::uint32_t line_at(std::size_t at) {
    line_ += static_cast<std::uint32_t>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(line_from_),
                                                   text_.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
    line_from_ = at;
    return line_;
  }
  void found(std::size_t at, std::string subject, std::string_view name) {
    if (++count_ > 100) {
      return;
    }
    const std::uint32_t line = line_at(at);
    out_.add("secret", {path_, "line " + std::to_string(line), 0, line, std::move(subject),
                        "The file contains what looks like a credential: " + std::string(name) + "."});
  }

  /// Looks for a credential that begins at `at`; returns where to go on, or `at`.
  std::size_t look(std::size_t at) {
    const std::string_view rest = text_.substr(at);
    for (const Token& token : kTokens) {
      if (!rest.starts_with(token.prefix) || (!boundary(at) && token.body != Body::base64)) {
        continue;
      }
      const std::size_t begin = at + token.prefix.size();
      const std::size_t end = body_end(begin, token.body);
      const std::string_view body = text_.substr(begin, end - begin);
      if (body.size() < token.min || body.size() > token.max || is_placeholder(body) || entropy(body) < token.entropy) {
        continue;
      }
      if (token.prefix == "sk-" && std::none_of(body.begin(), body.end(), is_digit)) {
        continue;
      }
      found(at, masked(token.name, text_.substr(at, end - at), token.prefix.size() + 4), token.name);
      return end;
    }
    if (rest.starts_with("-----BEGIN")) {
      return private_key(at);
    }
    if (rest.starts_with("eyJ") && boundary(at)) {
      return json_web_token(at);
    }
    if (rest.starts_with("SG.") && boundary(at)) {
      const std::size_t dot = body_end(at + 3, Body::url);
      if (dot - at - 3 == 22 && dot < text_.size() && text_[dot] == '.') {
        const std::size_t end = body_end(dot + 1, Body::url);
        if (end - dot - 1 == 43 && !is_placeholder(text_.substr(at, end - at))) {
          found(at, masked("SendGrid key", text_.substr(at, end - at), 7), "SendGrid key");
          return end;
        }
      }
    }
    if (rest.starts_with("://")) {
      return address(at);
    }
    return at;
  }

  std::size_t private_key(std::size_t at) {
    const std::size_t end_of_line = text_.find("-----", at + 10);
    if (end_of_line == std::string_view::npos || end_of_line - at > 60) {
      return at;
    }
    const std::string_view label = text_.substr(at, end_of_line - at);
    if (label.find("PRIVATE KEY") == std::string_view::npos) {
      return at;
    }
    // Key material must follow: quotes, "\n" escapes and blanks apart.
    std::size_t material = 0;
    std::string head;
    for (std::size_t i = end_of_line + 5; i < text_.size() && i < end_of_line + 400 && text_[i] != '-'; ++i) {
      if (text_[i] == '\\' && i + 1 < text_.size() && text_[i + 1] == 'n') {
        ++i;
      } else if (fits(text_[i], Body::base64)) {
        ++material;
        head.push_back(text_[i]);
      } else if (text_[i] == '.' || text_[i] == '<' || text_[i] == '*') {
        return at;
      }
    }
    if (material < 64 || is_placeholder(head.substr(0, 64)) || entropy(head) < 3.5) {
      return at;
    }
    found(at, "private key (" + base::printable(label.substr(11)) + ")", "a private key");
    return end_of_line + 5;
  }

  std::size_t json_web_token(std::size_t at) {
    const std::size_t first = body_end(at, Body::url);
    if (first - at < 17 || first >= text_.size() || text_[first] != '.' || text_.substr(first + 1, 2) != "ey") {
      return at;
    }
    const std::size_t second = body_end(first + 1, Body::url);
    if (second - first < 17 || second >= text_.size() || text_[second] != '.') {
      return at;
    }
    const std::size_t third = body_end(second + 1, Body::url);
    const std::string_view whole = text_.substr(at, third - at);
    if (third - second < 20 || is_placeholder(text_.substr(second + 1, third - second - 1)) || entropy(whole) < 4.0) {
      return at;
    }
    // The token that every introduction to JWT shows.
    if (whole.find("SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c") != std::string_view::npos) {
      return third;
    }
    found(at, masked("JSON web token", whole, 10), "a JSON web token");
    return third;
  }

  /// scheme://user:password@host
  std::size_t address(std::size_t at) {
    std::size_t scheme = at;
    while (scheme > 0 && at - scheme < 20 && (is_alnum(text_[scheme - 1]) || text_[scheme - 1] == '+')) {
      --scheme;
    }
    const std::string name = base::to_lower(text_.substr(scheme, at - scheme));
    constexpr std::string_view kSchemes[] = {"postgres",
                                             "postgresql",
                                             "mysql",
                                             "mongodb",
                                             "mongodb+srv",
                                             "redis",
                                             "rediss",
                                             "amqp",
                                             "amqps",
                                             "http",
                                             "https",
                                             "mssql",
                                             "mariadb",
                                             "postgresql+psycopg2",
                                             "postgresql+asyncpg",
                                             "mysql+pymysql",
                                             "ftp"};
    if (std::find(std::begin(kSchemes), std::end(kSchemes), name) == std::end(kSchemes)) {
      return at;
    }
    const std::string_view rest = text_.substr(at + 3, 300);
    const std::size_t end = rest.find_first_of(" \t\r\n\"'`<>(){}[]$,;|\\");
    const std::string_view authority = rest.substr(0, std::min(end, rest.find('/')));
    const std::size_t sign = authority.rfind('@');
    const std::size_t colon = authority.find(':');
    if (sign == std::string_view::npos || colon == std::string_view::npos || colon >= sign || colon == 0) {
      return at;
    }
    const std::string_view user = authority.substr(0, colon);
    const std::string_view password = authority.substr(colon + 1, sign - colon - 1);
    std::string_view host = authority.substr(sign + 1);
    if (host.empty() && rest.substr(authority.size()).starts_with("[")) {  // an address of IPv6
      host = rest.substr(authority.size());
      host = host.substr(0, host.find(']') + 1);
    }
    const std::string lower = base::to_lower(password);
    const std::string plain = plain_letters(lower);
    const bool common = password.size() < 8 || plain.find("pass") != std::string::npos ||
                        lower.find("pwd") != std::string::npos || plain.find("secret") != std::string::npos ||
                        lower.find("hunter2") != std::string::npos || lower.find("letmein") != std::string::npos ||
                        lower.find("qwerty") != std::string::npos || lower.find("token") != std::string::npos ||
                        lower.find("key") == 0 || lower == base::to_lower(user) ||
                        lower.find("postgres") != std::string::npos || lower.find("user") != std::string::npos ||
                        lower.find('%') == 0 || is_placeholder(password) || entropy(password) < 2.5;
    if (common || is_reserved_host(host)) {
      return at;
    }
    found(at, name + "://" + base::printable(user) + ":…@" + base::printable(base::abbreviate(host, 80)),
          "a password in an address");
    return at + 3 + sign;
  }

  std::string_view text_;
  const std::string& path_;
  Collector& out_;
  std::uint32_t line_ = 1;
  std::size_t line_from_ = 0;
  std::uint32_t count_ = 0;
};

}  // namespace

void judge_secrets(std::string_view text, const std::string& path, Collector& out) {
  Finder(text, path, out).run();
}

}  // namespace scan
