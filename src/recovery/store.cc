#include "recovery/store.h"

#include <algorithm>

#include "base/text.h"

namespace recovery {

using base::Errc;
using base::Error;
using base::Result;

namespace {

constexpr std::size_t kMaxNameBytes = 4096;

Error unusable(std::string_view text, std::string_view reason) {
  return {Errc::usage, "place \"" + base::abbreviate(base::printable(text), 200) + "\": " + std::string(reason)};
}

bool is_object_id(std::string_view text) {
  return (text.size() == 40 || text.size() == 64) &&
         std::all_of(text.begin(), text.end(), [](char c) { return base::hex_value(c) >= 0; });
}

Result<void> read_parameters(std::string_view text, std::string_view query, Place& out) {
  for (const std::string_view pair : base::split(query, '&')) {
    const std::size_t equals = pair.find('=');
    const std::string_view name = pair.substr(0, equals);
    const std::string value(equals == std::string_view::npos ? "" : pair.substr(equals + 1));
    if (value.empty()) {
      return unusable(text, "parameter " + base::printable(name) + " has no value");
    }
    if (out.kind == Place::Kind::git && name == "revision") {
      out.revision = value;
    } else if (out.kind == Place::Kind::s3 && name == "endpoint") {
      out.endpoint = value;
    } else if (out.kind == Place::Kind::s3 && name == "region") {
      out.region = value;
    } else {
      return unusable(text, "unknown parameter " + base::printable(name));
    }
  }
  return {};
}

}  // namespace

bool is_plain_name(std::string_view name) {
  if (name.empty() || name.size() > kMaxNameBytes || name.find('\0') != std::string_view::npos) {
    return false;
  }
  const auto parts = base::split(name, '/');
  return std::none_of(parts.begin(), parts.end(),
                      [](std::string_view part) { return part.empty() || part == "." || part == ".."; });
}

Result<Place> Place::parse(std::string_view text) {
  Place out;
  if (text.empty() || text.find('\0') != std::string_view::npos) {
    return unusable(text, "empty, or holds a zero byte");
  }
  std::string_view rest = text;
  const bool is_git = text.starts_with("git+");
  const bool is_s3 = text.starts_with("s3://");
  if (!is_git && !is_s3) {
    if (text.starts_with("file://")) {
      rest.remove_prefix(7);
      if (!rest.starts_with('/')) {
        return unusable(text, "a file URL names no host: file:///path");
      }
    } else if (text.find("://") != std::string_view::npos) {
      return unusable(text, "neither a directory, git+file://, git+https:// nor s3://");
    }
    out.location = rest;
    return out;
  }
  out.kind = is_git ? Kind::git : Kind::s3;
  rest.remove_prefix(is_git ? 4 : 5);
  const std::size_t question = rest.find('?');
  if (question != std::string_view::npos) {
    TRY(read_parameters(text, rest.substr(question + 1), out));
    rest = rest.substr(0, question);
  }
  if (is_git) {
    if (!rest.starts_with("file:///") && !rest.starts_with("https://")) {
      return unusable(text, "git is read from git+file:/// or git+https://");
    }
    if (!is_object_id(out.revision)) {
      return unusable(text, "add ?revision= with the whole id of a commit: a branch or tag can be moved");
    }
    out.location = rest;
    out.revision = base::to_lower(out.revision);
    return out;
  }
  const std::size_t slash = rest.find('/');
  out.location = rest.substr(0, slash);
  if (slash != std::string_view::npos) {
    std::string_view prefix = rest.substr(slash + 1);
    while (prefix.ends_with('/')) {
      prefix.remove_suffix(1);
    }
    out.prefix = prefix;
  }
  const bool plain = !out.location.empty() && std::all_of(out.location.begin(), out.location.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
  if (!plain || (!out.prefix.empty() && !is_plain_name(out.prefix))) {
    return unusable(text, "not s3://BUCKET/PREFIX");
  }
  while (out.endpoint.ends_with('/')) {
    out.endpoint.pop_back();
  }
  if (!out.endpoint.starts_with("https://") && !out.endpoint.starts_with("http://")) {
    return unusable(text, "add ?endpoint=https://HOST of the store");
  }
  if (out.region.empty()) {
    out.region = "us-east-1";
  }
  return out;
}

Result<std::unique_ptr<Store>> open_store(const Place& place, const std::filesystem::path& scratch) {
  switch (place.kind) {
    case Place::Kind::directory:
      return open_directory_store(place);
    case Place::Kind::git:
      return open_git_store(place, scratch);
    case Place::Kind::s3:
      return open_s3_store(place);
  }
  return Error{Errc::usage, "place of an unknown kind"};
}

}  // namespace recovery
