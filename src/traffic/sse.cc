#include "traffic/sse.h"

#include <algorithm>
#include <cstring>

#include "base/text.h"

namespace traffic {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

void ServerEventReader::feed(std::string_view bytes) {
  if (begin_ == buffer_.size()) {
    buffer_.clear();
    begin_ = scanned_ = 0;
  } else if (begin_ > 4096 && begin_ > buffer_.size() / 2) {
    buffer_.erase(0, begin_);
    scanned_ -= begin_;
    begin_ = 0;
  }
  buffer_.append(bytes);
}

base::Result<bool> ServerEventReader::next(ServerEvent& event) {
  while (scanned_ < buffer_.size()) {
    // The first line end from here.
    const char* const from = buffer_.data() + scanned_;
    const std::size_t left = buffer_.size() - scanned_;
    const char* line_end = static_cast<const char*>(std::memchr(from, '\n', left));
    const std::size_t before = line_end == nullptr ? left : static_cast<std::size_t>(line_end - from);
    if (const void* found = std::memchr(from, '\r', before); found != nullptr) {
      line_end = static_cast<const char*>(found);
    }
    if (line_end == nullptr) {
      line_is_empty_ = after_return_ = false;
      scanned_ = buffer_.size();
      break;
    }
    const auto at = static_cast<std::size_t>(line_end - buffer_.data());
    const bool second_half = *line_end == '\n' && at == scanned_ && after_return_;
    after_return_ = *line_end == '\r';
    const bool empty = line_is_empty_ && at == scanned_ && !second_half;
    scanned_ = at + 1;
    line_is_empty_ = true;
    if (!empty) {
      continue;
    }
    if (after_return_ && scanned_ < buffer_.size() && buffer_[scanned_] == '\n') {
      ++scanned_;  // where it has not come yet it will stand at the beginning of the next event
      after_return_ = false;
    }
    const std::string_view raw = std::string_view(buffer_).substr(begin_, scanned_ - begin_);
    begin_ = scanned_;
    parse(raw, event);
    return true;
  }
  if (pending() > max_event_bytes_) {
    return base::Error{base::Errc::too_large, "stream: an event above " + base::human_bytes(max_event_bytes_)};
  }
  if (ended_ && begin_ < buffer_.size()) {
    const std::string_view raw = std::string_view(buffer_).substr(begin_);
    begin_ = scanned_ = buffer_.size();
    parse(raw, event);
    return true;
  }
  return false;
}

void ServerEventReader::parse(std::string_view raw, ServerEvent& event) {
  event = {};
  event.raw = raw;
  std::string_view rest = raw;
  if (first_ && rest.starts_with(kByteOrderMark)) {
    rest.remove_prefix(kByteOrderMark.size());
  }
  first_ = false;
  joined_.clear();
  std::size_t lines = 0;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find_first_of("\r\n"), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(rest.size(), end + (rest.substr(end, 2) == "\r\n" ? 2 : 1)));
    if (line.empty() || line[0] == ':') {
      continue;
    }
    const std::size_t colon = line.find(':');
    const std::string_view field = line.substr(0, colon);
    std::string_view value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
    if (value.starts_with(' ')) {
      value.remove_prefix(1);
    }
    if (field == "data") {
      if (lines == 1) {
        joined_ = event.data;
      }
      if (lines++ == 0) {
        event.data = value;
      } else {
        joined_ += '\n';
        joined_ += value;
      }
      event.has_data = true;
    } else if (field == "event") {
      event.event = value;
    } else if (field == "id") {
      event.id = value;
    }
  }
  if (lines > 1) {
    event.data = joined_;
  }
}

void append_event(std::string_view event, std::string_view data, std::string& out) {
  if (!event.empty()) {
    out += "event: ";
    out += event;
    out += '\n';
  }
  for (const std::string_view line : base::split(data, '\n')) {
    out += "data: ";
    out += line;
    out += '\n';
  }
  out += '\n';
}

void append_with_data(std::string_view raw, std::string_view data, std::string& out) {
  bool written = false;
  while (!raw.empty()) {
    const std::size_t end = std::min(raw.find_first_of("\r\n"), raw.size());
    const std::size_t size = std::min(raw.size(), end + (raw.substr(end, 2) == "\r\n" ? 2 : 1));
    std::string_view line = raw.substr(0, end);
    if (line.starts_with(kByteOrderMark)) {
      line.remove_prefix(kByteOrderMark.size());
    }
    const bool is_data = line == "data" || line.starts_with("data:");
    if (!is_data) {
      out += raw.substr(0, size);
    } else if (!written) {
      written = true;
      out += "data: ";
      out += data;
      out += raw.substr(end, size - end);
    }
    raw.remove_prefix(size);
  }
}

}  // namespace traffic
