#include "scan/dependencies/dependencies.h"

#include <re2/re2.h>

#include <algorithm>

#include "base/text.h"
#include "scan/code/code.h"
#include "scan/code/shell.h"

namespace scan {
namespace {

using base::Value;
using evidence::Severity;

void report(std::string_view rule, std::optional<Severity> severity, const std::string& path, std::uint32_t line,
            std::string subject, std::string message, Collector& out) {
  Sighting sighting{path, "line " + std::to_string(line), 0, line, base::abbreviate(subject, 200), std::move(message)};
  severity ? out.add(rule, *severity, std::move(sighting)) : out.add(rule, std::move(sighting));
}

bool is_local_host(std::string_view host) {
  return host == "localhost" || host.starts_with("127.") || host == "0.0.0.0" || host.starts_with("10.") ||
         host.starts_with("192.168.") || host.ends_with(".local") || host.ends_with(".internal") ||
         host.find('.') == std::string_view::npos;
}

void named(const std::optional<NameSuspicion>& suspicion, std::string_view name, const std::string& path,
           std::uint32_t line, Collector& out) {
  if (!suspicion) {
    return;
  }
  if (suspicion->known_malicious) {
    report("malicious-package", std::nullopt, path, line, std::string(name), "", out);
  } else {
    report("typosquat", std::nullopt, path, line, std::string(name),
           "The name is nearly that of \"" + std::string(suspicion->meant) + "\".", out);
  }
}

/// Letters outside ASCII in a package's name look like others.
bool has_foreign_letters(std::string_view name) {
  return std::any_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

void python_name(std::string_view name, std::string_view version, const std::string& path, std::uint32_t line,
                 Collector& out) {
  if (name.empty() || name.size() > 100) {
    return;
  }
  if (has_foreign_letters(name)) {
    report("typosquat", Severity::high, path, line, std::string(name),
           "The name of the package has letters outside ASCII, which no package has.", out);
    return;
  }
  named(suspect_python_package(name, version), name, path, line, out);
}

enum class AddressUse : std::uint8_t { index, extra_index, package };

void address(std::string_view url, AddressUse use, bool hashed, const std::string& path, std::uint32_t line,
             Collector& out) {
  std::string_view bare = url;
  for (const std::string_view scheme : {"git+", "hg+", "svn+", "bzr+", "sparse+", "registry+"}) {
    if (bare.starts_with(scheme)) {
      bare.remove_prefix(scheme.size());
    }
  }
  const std::string host = host_of(bare);
  if (host.empty() || is_local_host(host)) {
    return;
  }
  const bool git = url.starts_with("git+") || url.starts_with("git:") || url.ends_with(".git");
  const std::string subject = base::abbreviate(url, 160);
  if (bare.starts_with("http:") || bare.starts_with("git:") || bare.starts_with("ftp:")) {
    report("insecure-source", std::nullopt, path, line, subject, "", out);
    return;
  }
  const bool numeric = std::all_of(host.begin(), host.end(), [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
  if (use == AddressUse::package) {
    if (git) {
      static const re2::RE2 kCommit(R"((@|#commit=|\?rev=|#|rev=)[0-9a-f]{7,64}\b)");
      if (!re2::RE2::PartialMatch(re2::StringPiece(url.data(), url.size()), kCommit)) {
        report("foreign-source", is_known_host(host) ? Severity::low : Severity::medium, path, line, subject,
               "The package comes from a repository, at whatever its branch or tag says on the day.", out);
      }
    } else if (numeric || (!is_known_host(host) && !hashed)) {
      report("foreign-source", std::nullopt, path, line, subject, "", out);
    }
  } else if (numeric || !is_known_host(host)) {
    report("foreign-index", std::nullopt, path, line, subject, "", out);
  }
}

/// One word and the next, for "--option value" and "--option=value".
std::string_view option_value(std::string_view text, std::string_view option) {
  for (std::size_t at = text.find(option); at != std::string_view::npos; at = text.find(option, at + 1)) {
    const bool starts =
        at == 0 || text[at - 1] == ' ' || text[at - 1] == '\t' || text[at - 1] == '"' || text[at - 1] == '\'';
    const std::size_t after = at + option.size();
    if (!starts || after >= text.size() || (text[after] != ' ' && text[after] != '=' && text[after] != '\t')) {
      continue;
    }
    const std::string_view rest = base::trim(text.substr(after + 1));
    const std::string_view value = rest.substr(0, rest.find_first_of(" \t\n#;&|"));
    return value;
  }
  return {};
}

std::string_view unquoted(std::string_view text) {
  while (!text.empty() && (text.front() == '"' || text.front() == '\'')) {
    text.remove_prefix(1);
  }
  while (!text.empty() && (text.back() == '"' || text.back() == '\'' || text.back() == ',')) {
    text.remove_suffix(1);
  }
  return text;
}

void options(std::string_view line, const std::string& path, std::uint32_t number, Collector& out) {
  for (const std::string_view option : {"--index-url", "-i", "--pypi-url"}) {
    address(unquoted(option_value(line, option)), AddressUse::index, false, path, number, out);
  }
  for (const std::string_view option : {"--extra-index-url", "--find-links", "-f", "--default-index", "--index"}) {
    address(unquoted(option_value(line, option)), AddressUse::extra_index, false, path, number, out);
  }
  const std::string_view trusted = unquoted(option_value(line, "--trusted-host"));
  if (!trusted.empty() && !is_local_host(trusted)) {
    report("insecure-source", std::nullopt, path, number, "--trusted-host " + std::string(trusted),
           "Certificates of this host are not checked.", out);
  }
}

/// Whether a requirement names exactly one release, or is no name of a package at all.
bool is_pinned(std::string_view text) {
  if (text.empty() || !is_word(text[0]) || text.find("://") != std::string_view::npos ||
      text.find_first_of("/\\${") != std::string_view::npos) {
    return true;
  }
  const std::string_view version = text.substr(0, text.find(';'));
  const std::size_t equals = version.find("==");
  return equals != std::string_view::npos && version.find('*', equals) == std::string_view::npos;
}

/// "name[extra]==1.0; marker", "name @ https://…", "https://….whl".
void requirement(std::string_view text, bool hashed, const std::string& path, std::uint32_t line, Collector& out) {
  text = base::trim(text);
  if (text.empty() || text.starts_with('.') || text.starts_with('/') || text.starts_with('$') ||
      text.starts_with('{')) {
    return;
  }
  const std::size_t scheme = text.find("://");
  const std::size_t at = text.find('@');
  const bool direct = scheme != std::string_view::npos;
  if (direct) {
    std::string_view url = text;
    if (at != std::string_view::npos && at < scheme) {
      url = base::trim(text.substr(at + 1));
      python_name(base::trim(text.substr(0, text.find_first_of(" [@"))), {}, path, line, out);
    }
    url = url.substr(0, url.find_first_of(" ;\t"));
    const bool digest =
        hashed || url.find("#sha256=") != std::string_view::npos || url.find("&sha256=") != std::string_view::npos;
    address(url, AddressUse::package, digest, path, line, out);
    return;
  }
  const std::size_t end = text.find_first_of(" [<>=!~;,#\t(@");
  const std::string_view name = text.substr(0, end);
  std::string_view version;
  if (const std::size_t equals = text.find("=="); equals != std::string_view::npos) {
    version = base::trim(text.substr(equals + 2));
    version = version.substr(0, version.find_first_of(" ;,#\t\"'"));
  }
  const bool word = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return is_word(c) || c == '-' || c == '.' || static_cast<unsigned char>(c) >= 0x80;
  });
  if (word && (is_word(name[0]) || static_cast<unsigned char>(name[0]) >= 0x80)) {
    python_name(name, version, path, line, out);
  }
}

}  // namespace

void judge_requirements(std::string_view text, const std::string& path, Collector& out) {
  if (text.starts_with("\xEF\xBB\xBF")) {
    text.remove_prefix(3);
  }
  std::uint32_t number = 0;
  std::uint32_t first_unpinned = 0;
  std::size_t unpinned = 0;
  std::string names;
  while (!text.empty()) {
    const std::uint32_t first = ++number;
    std::size_t end = text.find('\n');
    std::string line(base::trim(text.substr(0, end)));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    while (line.ends_with('\\') && !text.empty()) {
      line.pop_back();
      end = text.find('\n');
      line += std::string(base::trim(text.substr(0, end)));
      text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
      ++number;
    }
    if (const std::size_t comment = line.starts_with('#') ? 0 : line.find(" #"); comment != std::string::npos) {
      line.resize(comment);
    }
    if (line.empty()) {
      continue;
    }
    if (line.starts_with("-e ") || line.starts_with("--editable")) {
      requirement(std::string_view(line).substr(line.find_first_of(" =") + 1), false, path, first, out);
      continue;
    }
    options(line, path, first, out);
    if (!line.starts_with('-')) {
      const bool hashed = line.find("--hash=") != std::string::npos;
      requirement(std::string_view(line).substr(0, line.find(" --")), hashed, path, first, out);
      if (!hashed && !is_pinned(line)) {
        first_unpinned = unpinned == 0 ? first : first_unpinned;
        if (++unpinned <= 5) {
          names += (names.empty() ? "" : ", ") + line.substr(0, line.find_first_of(" [<>=!~;,#\t(@"));
        }
      }
    }
  }
  if (unpinned > 0) {
    report("unpinned-package", std::nullopt, path, first_unpinned, names + (unpinned > 5 ? " …" : ""),
           base::counted(unpinned, "package") + " may come in any of several releases.", out);
  }
}

void judge_pip_arguments(std::string_view arguments, const std::string& path, std::uint32_t line, Collector& out) {
  const std::size_t stop = arguments.find_first_of("|;&>#");
  arguments = arguments.substr(0, stop);
  options(arguments, path, line, out);
  bool value = false;
  for (const std::string_view word : base::split(arguments, ' ')) {
    const std::string_view bare = unquoted(base::trim(word));
    if (bare.empty()) {
      continue;
    }
    if (bare.starts_with('-')) {
      value = bare.find('=') == std::string_view::npos &&
              (bare == "-r" || bare == "-c" || bare == "-i" || bare == "-f" || bare == "-t" ||
               bare.starts_with("--index") || bare.starts_with("--extra") || bare.starts_with("--find") ||
               bare.starts_with("--trusted") || bare.starts_with("--target") || bare.starts_with("--root") ||
               bare.starts_with("--prefix") || bare.starts_with("--channel") || bare == "-n" ||
               bare.starts_with("--platform"));
      continue;
    }
    if (!value) {
      requirement(bare, false, path, line, out);
    }
    value = false;
  }
}

void judge_python_manifest(std::string_view text, const std::string& path, Collector& out) {
  std::string section;
  bool list = false;  // within dependencies = [ … ]
  std::uint32_t number = 0;
  const bool lock = path.ends_with(".lock");
  while (!text.empty()) {
    ++number;
    const std::size_t end = text.find('\n');
    const std::string_view whole = text.substr(0, end);
    std::string_view line = base::trim(whole);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (line.starts_with('#') || line.empty()) {
      continue;
    }
    if (line.starts_with('[') && !list) {
      section = base::to_lower(line);
      continue;
    }
    const std::size_t equals = line.find('=');
    const std::string key =
        equals == std::string_view::npos ? std::string() : base::to_lower(unquoted(base::trim(line.substr(0, equals))));
    const std::string_view value = equals == std::string_view::npos ? line : base::trim(line.substr(equals + 1));
    // Sources and indexes.
    const bool source = section.find("source") != std::string::npos || section.find("index") != std::string::npos ||
                        section == "[global]" || section == "[install]";
    if (source && (key == "url" || key == "index-url" || key == "extra-index-url" || key == "find-links")) {
      address(unquoted(value.substr(0, value.find_first_of(" \t"))), AddressUse::index, false, path, number, out);
    }
    if ((key == "verify_ssl" && value.starts_with("false")) ||
        (key == "trusted-host" && !is_local_host(unquoted(value)))) {
      report("insecure-source", std::nullopt, path, number, std::string(line),
             "Certificates of the source are not checked.", out);
    }
    if (lock) {
      if (key == "name" && section.find("package") != std::string::npos) {
        python_name(unquoted(value), {}, path, number, out);
      }
      if (const std::size_t http = line.find("\"http://"); http != std::string_view::npos) {
        address(unquoted(line.substr(http + 1, line.find('"', http + 1) - http - 1)), AddressUse::package, false, path,
                number, out);
      }
      continue;
    }
    // Tables of names: [tool.poetry.dependencies], [packages].
    const bool table = section.ends_with("dependencies]") || section == "[packages]" || section == "[dev-packages]";
    if (table && equals != std::string_view::npos && key != "python" && section.find("optional") == std::string::npos &&
        section.find("project.") == std::string::npos && section.find("groups") == std::string::npos) {
      python_name(key, unquoted(value).starts_with("==") ? unquoted(value).substr(2) : std::string_view(), path, number,
                  out);
      static const re2::RE2 kSource(R"re((git|url|path|file)\s*=\s*"([^"]+)")re");
      re2::StringPiece kind;
      re2::StringPiece where;
      if (re2::RE2::PartialMatch(re2::StringPiece(value.data(), value.size()), kSource, &kind, &where)) {
        std::string url(where.data(), where.size());
        if (kind == "git" && url.find("://") != std::string::npos) {
          static const re2::RE2 kRevision(R"re((rev|ref)\s*=\s*"([0-9a-f]{7,64})")re");
          re2::StringPiece revision;
          const bool pinned =
              re2::RE2::PartialMatch(re2::StringPiece(value.data(), value.size()), kRevision, nullptr, &revision);
          url = "git+" + url + (pinned ? "@" + std::string(revision.data(), revision.size()) : "");
        }
        address(url, AddressUse::package, value.find("hash") != std::string_view::npos, path, number, out);
      }
      continue;
    }
    // Lists of requirements.
    const bool opens =
        key == "dependencies" || key == "requires" || key == "install_requires" || key == "setup_requires" ||
        key == "tests_require" || section.find("optional-dependencies") != std::string::npos ||
        section.find("dependency-groups") != std::string::npos || section.find("extras_require") != std::string::npos;
    if (opens && equals != std::string_view::npos && (path.ends_with(".cfg") || value.starts_with('['))) {
      list = value.starts_with('[') ? value.find(']') == std::string_view::npos || value.rfind('"') > value.rfind(']')
                                    : true;
      line = value;
    } else if (list && path.ends_with(".cfg") && !whole.starts_with(' ') && !whole.starts_with('\t')) {
      list = false;
      continue;
    } else if (!list) {
      continue;
    }
    if (path.ends_with(".cfg")) {
      requirement(line, false, path, number, out);
      continue;
    }
    static const re2::RE2 kQuoted(R"re("([^"]+)"|'([^']+)')re");
    re2::StringPiece left(line.data(), line.size());
    re2::StringPiece one;
    re2::StringPiece other;
    while (re2::RE2::FindAndConsume(&left, kQuoted, &one, &other)) {
      const re2::StringPiece& found = one.empty() ? other : one;
      requirement({found.data(), found.size()}, false, path, number, out);
    }
    if (line.starts_with(']') || (line.ends_with(']') && line.find('"') == std::string_view::npos)) {
      list = false;
    }
  }
}

void judge_conda_environment(const Value& document, const std::string& path, Collector& out) {
  for (const Value& channel : document["channels"].as_list()) {
    const std::string_view name = channel.as_text();
    if (name.find("://") != std::string_view::npos) {
      address(name, AddressUse::index, false, path, channel.line(), out);
    }
  }
  for (const Value& dependency : document["dependencies"].as_list()) {
    if (dependency.is_string()) {
      std::string_view name = dependency.as_text();
      if (const std::size_t channel = name.rfind("::"); channel != std::string_view::npos) {
        name.remove_prefix(channel + 2);
      }
      requirement(name, false, path, dependency.line(), out);
      continue;
    }
    for (const Value& line : dependency["pip"].as_list()) {
      const std::string_view text = line.as_text();
      if (text.starts_with('-')) {
        options(text, path, line.line(), out);
        if (text.starts_with("-e ")) {
          requirement(text.substr(3), false, path, line.line(), out);
        }
      } else {
        requirement(text, false, path, line.line(), out);
      }
    }
  }
}

void judge_npm_manifest(const Value& document, const std::string& path, Collector& out) {
  for (const auto& [name, script] : document["scripts"].as_map()) {
    const std::string_view command = script.as_text();
    const bool unasked = name == "preinstall" || name == "install" || name == "postinstall" || name == "prepare" ||
                         name == "prepublish" || name == "preprepare" || name == "postprepare" ||
                         name == "dependencies";
    if (const auto sighting = shell_attack(command)) {
      report("attack-command", unasked ? Severity::critical : Severity::high, path, script.line(),
             name + ": " + std::string(command), "The script " + std::string(deed_words(sighting->deed)) + ".", out);
      continue;
    }
    if (!unasked) {
      continue;
    }
    static const re2::RE2 kFetch(
        R"((?i)\b(curl|wget|powershell|Invoke-WebRequest|nc|certutil|bitsadmin)\b|node\s+-e\b.*(http|child_process|net\.|eval|Buffer)|/dev/tcp/|base64\s+(-d|--decode)|python[\d.]*\s+-c)");
    if (re2::RE2::PartialMatch(re2::StringPiece(command.data(), command.size()), kFetch)) {
      report("install-script", std::nullopt, path, script.line(), name + ": " + std::string(command), "", out);
    }
  }
  for (const std::string_view kind : {"dependencies", "devDependencies", "optionalDependencies", "peerDependencies"}) {
    for (const auto& [name, version] : document[kind].as_map()) {
      const std::string_view wanted = version.is_map() ? version["version"].as_text() : version.as_text();
      if (has_foreign_letters(name)) {
        report("typosquat", Severity::high, path, version.line(), name,
               "The name of the package has letters outside ASCII, which no package has.", out);
      } else {
        named(suspect_npm_package(name, wanted.substr(std::min(wanted.size(), wanted.find_first_not_of("^~=v ")))),
              name, path, version.line(), out);
      }
      if (wanted.find("://") != std::string_view::npos) {
        address(wanted, AddressUse::package, false, path, version.line(), out);
      }
      if (version.is_map()) {
        address(version["resolved"].as_text(), AddressUse::package, version.find("integrity") != nullptr, path,
                version["resolved"].line(), out);
      }
    }
  }
  for (const auto& [where, package] : document["packages"].as_map()) {
    const std::size_t at = where.rfind("node_modules/");
    if (at != std::string::npos) {
      const std::string name = where.substr(at + 13);
      named(suspect_npm_package(name, package["version"].as_text()), name, path, package.line(), out);
    }
    address(package["resolved"].as_text(), AddressUse::package, package.find("integrity") != nullptr, path,
            package["resolved"].line(), out);
  }
}

void judge_npm_text(std::string_view text, const std::string& path, Collector& out) {
  static const re2::RE2 kAddress(
      R"re((?m)^\s*(?:resolved\s+"?|registry\s*=\s*|@[\w-]+:registry\s*=\s*|tarball:\s*)((?:https?|git)[^\s"#,}]+))re");
  re2::StringPiece left(text.data(), text.size());
  re2::StringPiece url;
  while (re2::RE2::FindAndConsume(&left, kAddress, &url)) {
    const auto line = line_of(text, static_cast<std::size_t>(url.data() - text.data()));
    const std::string_view where(url.data(), url.size());
    address(where, where.find(".tgz") != std::string_view::npos ? AddressUse::package : AddressUse::index, true, path,
            line, out);
  }
  if (const std::size_t off = text.find("strict-ssl=false"); off != std::string_view::npos) {
    report("insecure-source", std::nullopt, path, line_of(text, off), "strict-ssl=false",
           "Certificates of the registry are not checked.", out);
  }
}

}  // namespace scan
