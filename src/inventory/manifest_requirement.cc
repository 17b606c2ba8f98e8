#include "inventory/manifest_requirement.h"

#include <algorithm>
#include <cctype>

#include "base/text.h"
#include "inventory/observe_file.h"

namespace inventory {
namespace {

using evidence::Package;

bool is_alnum(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

bool is_commit(std::string_view text) {
  return text.size() >= 40 &&
         std::all_of(text.begin(), text.begin() + 40, [](char c) { return base::hex_value(c) >= 0; }) &&
         (text.size() == 40 || !is_alnum(text[40]));
}

bool is_address(std::string_view text) {
  return text.starts_with("git+") || text.starts_with("hg+") || text.starts_with("svn+") || text.starts_with("bzr+") ||
         text.find("://") != text.npos;
}

// A requirement that is an address: "git+https://host/owner/name.git@COMMIT#egg=name".
Package from_address(std::string_view address, std::string_view name, std::uint32_t line) {
  Package package;
  package.ecosystem = "pypi";
  package.direct_url = true;
  package.line = line;
  package.requirement = address;
  if (name.empty()) {
    if (const std::size_t egg = address.find("#egg="); egg != address.npos) {
      name = address.substr(egg + 5);
      name = name.substr(0, name.find_first_of("&[; "));
    } else {
      name = address.substr(0, address.find_first_of("#@?", std::min(address.size(), address.find("://") + 3)));
      name = name.substr(name.rfind('/') + 1);
      if (name.ends_with(".git")) {
        name.remove_suffix(4);
      }
    }
  }
  package.name = name;
  const std::size_t at = address.rfind('@');
  package.pinned = at != address.npos && is_commit(address.substr(at + 1));
  package.hashed = has_word(address, {"#sha256=", "&sha256=", "sha256:"});
  package.pinned = package.pinned || package.hashed;
  return package;
}

}  // namespace

std::optional<Package> parse_requirement(std::string_view text, std::uint32_t line) {
  text = base::trim(text);
  if (const std::size_t comment = text.find(" #"); comment != text.npos) {
    text = base::trim(text.substr(0, comment));
  }
  for (const std::string_view option : {"-e ", "--editable ", "--editable="}) {
    if (text.starts_with(option)) {
      text = base::trim(text.substr(option.size()));
      if (!is_address(text)) {
        return std::nullopt;  // a folder of this project
      }
      return from_address(text, {}, line);
    }
  }
  if (text.empty() || text[0] == '#' || text[0] == '-' || text[0] == '.' || text[0] == '/') {
    return std::nullopt;
  }
  const bool hashed = text.find("--hash=") != text.npos;
  if (hashed) {
    text = base::trim(text.substr(0, text.find("--hash=")));
  }
  if (const std::size_t option = text.find(" --"); option != text.npos) {
    text = base::trim(text.substr(0, option));
  }
  if (text.ends_with('\\')) {
    text = base::trim(text.substr(0, text.size() - 1));
  }
  if (text.starts_with("git+") || text.starts_with("http://") || text.starts_with("https://") ||
      text.starts_with("hg+")) {
    return from_address(text.substr(0, text.find(" ;")), {}, line);
  }
  std::size_t end = 0;
  while (end < text.size() && (is_alnum(text[end]) || text[end] == '-' || text[end] == '_' || text[end] == '.')) {
    ++end;
  }
  if (end == 0 || !is_alnum(text[0])) {
    return std::nullopt;
  }
  Package package;
  package.ecosystem = "pypi";
  package.name = text.substr(0, end);
  package.line = line;
  package.hashed = hashed;
  std::string_view rest = base::trim(text.substr(end));
  if (rest.starts_with('[')) {
    const std::size_t close = rest.find(']');
    rest = close == rest.npos ? std::string_view() : base::trim(rest.substr(close + 1));
  }
  if (rest.starts_with('@')) {
    rest = base::trim(rest.substr(1));
    Package direct = from_address(rest.substr(0, rest.find(" ;")), package.name, line);
    direct.hashed = direct.hashed || hashed;
    return direct;
  }
  rest = base::trim(rest.substr(0, rest.find(';')));
  if (rest.starts_with('(') && rest.ends_with(')')) {
    rest = base::trim(rest.substr(1, rest.size() - 2));
  }
  if (!rest.empty() && std::string_view("=<>!~").find(rest[0]) == rest.npos) {
    return std::nullopt;  // prose, not a requirement
  }
  package.requirement = rest;
  package.pinned = rest.starts_with("==") && rest.find('*') == rest.npos && rest.find(',') == rest.npos;
  return package;
}

std::optional<Package> parse_image(std::string_view image, std::uint32_t line) {
  image = base::trim(image);
  while (!image.empty() && (image.front() == '"' || image.front() == '\'')) {
    image.remove_prefix(1);
  }
  while (!image.empty() && (image.back() == '"' || image.back() == '\'')) {
    image.remove_suffix(1);
  }
  if (image.empty() || image.size() > 400 || image.find_first_of(" \t{}()<>") != image.npos) {
    return std::nullopt;
  }
  Package package;
  package.ecosystem = "oci";
  package.line = line;
  if (const std::size_t at = image.find("@sha256:"); at != image.npos) {
    package.pinned = package.hashed = true;
    package.requirement = image.substr(at + 1);
    image = image.substr(0, at);
  }
  const std::size_t colon = image.rfind(':');
  const std::size_t slash = image.rfind('/');
  if (colon != image.npos && (slash == image.npos || colon > slash)) {
    if (package.requirement.empty()) {
      package.requirement = image.substr(colon + 1);
    }
    image = image.substr(0, colon);
  }
  package.name = image;
  return package.name.empty() ? std::nullopt : std::optional(package);
}

Package npm_package(std::string_view name, std::string_view requirement, std::uint32_t line) {
  Package package;
  package.ecosystem = "npm";
  package.name = name;
  package.requirement = requirement;
  package.line = line;
  std::string_view version = requirement;
  if (version.starts_with("npm:")) {
    const std::size_t at = version.rfind('@');
    version = at == version.npos || at < 5 ? std::string_view() : version.substr(at + 1);
  }
  package.direct_url =
      is_address(version) || version.starts_with("github:") ||
      (version.find('/') != version.npos && !version.starts_with('.') && version.find(':') == version.npos);
  if (package.direct_url) {
    const std::size_t hash = version.rfind('#');
    package.pinned = hash != version.npos && is_commit(version.substr(hash + 1));
    return package;
  }
  if (version.starts_with('=')) {
    version.remove_prefix(1);
  }
  // Three whole numbers and perhaps a pre-release.
  int dots = 0;
  bool digits = !version.empty() && std::isdigit(static_cast<unsigned char>(version[0])) != 0;
  const std::string_view core = version.substr(0, version.find_first_of("-+"));
  for (const char c : core) {
    dots += c == '.' ? 1 : 0;
    digits = digits && (c == '.' || std::isdigit(static_cast<unsigned char>(c)) != 0);
  }
  package.pinned = digits && dots == 2 && version.find(' ') == version.npos;
  return package;
}

}  // namespace inventory
