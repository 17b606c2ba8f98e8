#include "gateway/head.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "base/json.h"
#include "base/text.h"

namespace gateway {

bool is_hop_by_hop(std::string_view name) {
  // By length first: this is asked of every field of every message.
  switch (name.size()) {
    case 2:
      return base::equals_ignoring_case(name, "te");
    case 7:
      return base::equals_ignoring_case(name, "trailer") || base::equals_ignoring_case(name, "upgrade");
    case 10:
      return base::equals_ignoring_case(name, "connection") || base::equals_ignoring_case(name, "keep-alive");
    case 14:
      return base::equals_ignoring_case(name, "http2-settings");
    case 16:
      return base::equals_ignoring_case(name, "proxy-connection");
    case 17:
      return base::equals_ignoring_case(name, "transfer-encoding");
    case 18:
      return base::equals_ignoring_case(name, "proxy-authenticate");
    case 19:
      return base::equals_ignoring_case(name, "proxy-authorization");
    default:
      return false;
  }
}

bool is_named_by_connection(std::string_view name, std::span<const control::Field> fields) {
  for (const control::Field& field : fields) {
    if (field.name.size() == 10 && base::equals_ignoring_case(field.name, "connection")) {
      for (const std::string_view word : base::split(field.value, ',')) {
        if (base::equals_ignoring_case(base::trim(word), name)) {
          return true;
        }
      }
    }
  }
  return false;
}

std::string_view reason_phrase(unsigned status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 413:
      return "Content Too Large";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 451:
      return "Unavailable For Legal Reasons";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "Status";
  }
}

namespace {

constexpr auto kNotInNames = [] {
  std::array<bool, 256> set{};
  for (const unsigned char c : {'\r', '\n', '\0', ':', ' '}) {
    set[c] = true;
  }
  return set;
}();

// Is there a byte below 0x20, as line ends are? Eight bytes at a time: this is asked of the value of every field.
bool has_control(std::string_view text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101U;
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  std::uint64_t found = 0;
  const auto look = [&](std::size_t at) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, text.data() + at, kWord);
    found |= (eight - kOnes * 0x20) & ~eight & (kOnes * 0x80);
  };
  if (text.size() >= kWord) {
    for (std::size_t at = 0; at + kWord < text.size(); at += kWord) {
      look(at);
    }
    look(text.size() - kWord);  // some of them once more
    return found != 0;
  }
  return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

}  // namespace

void append_field(std::string& out, std::string_view name, std::string_view value) {
  const auto ends = [](char c) { return c == '\r' || c == '\n' || c == '\0'; };
  bool is_bad = name.empty();
  for (const char c : name) {
    is_bad |= kNotInNames[static_cast<unsigned char>(c)];
  }
  if (is_bad || (has_control(value) && std::any_of(value.begin(), value.end(), ends))) {
    return;
  }
  out.append(name).append(": ").append(value).append("\r\n");
}

control::Answer failure_answer(unsigned status, std::string_view type, std::string_view message) {
  base::Value error;
  error.set("message", message).set("type", type).set("param", nullptr).set("code", type);
  base::Value body;
  body.set("type", "error").set("error", std::move(error));
  control::Answer answer;
  answer.status = status;
  answer.fields = {{"content-type", "application/json"}};
  answer.body = base::to_json(body);
  return answer;
}

}  // namespace gateway
