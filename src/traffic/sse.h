#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace traffic {

/// One event of a stream of server-sent events. Borrowed from its reader.
struct ServerEvent {
  std::string_view raw;    ///< All its bytes, the blank line at its end included.
  std::string_view event;  ///< Its type; empty without one.
  std::string_view data;   ///< Its data, the lines joined with "\n".
  std::string_view id;
  bool has_data = false;
};

/// Cuts a stream of server-sent events into events, wherever the pieces it comes in are split: within a character, a
/// line end of two bytes or a byte order mark. Lines end with CR LF, LF or CR. The raw bytes of all events, in order,
/// are the stream. Source: HTML Living Standard, section 9.2.
class ServerEventReader {
 public:
  explicit ServerEventReader(std::uint64_t max_event_bytes = 16U << 20) : max_event_bytes_(max_event_bytes) {}

  /// Takes the next piece.
  void feed(std::string_view bytes);
  /// The stream has ended: what is left is an event, as most clients take it to be.
  void end() { ended_ = true; }
  /// Gives the next whole event; false when there is none yet. Views are valid until the next call of feed() or next().
  /// Fails with too_large when an event is longer than it may be.
  base::Result<bool> next(ServerEvent& event);
  /// Bytes that belong to no whole event yet.
  [[nodiscard]] std::size_t pending() const { return buffer_.size() - begin_; }

 private:
  void parse(std::string_view raw, ServerEvent& event);

  std::uint64_t max_event_bytes_;
  std::string buffer_;
  std::size_t begin_ = 0;      ///< Of the next event in `buffer_`.
  std::size_t scanned_ = 0;    ///< Where the search for its end goes on.
  bool line_is_empty_ = true;  ///< No byte of the line at `scanned_` was seen.
  bool after_return_ = false;  ///< The byte before `scanned_` is a CR, whose LF may follow.
  bool first_ = true;          ///< Nothing was given yet: a byte order mark may stand here.
  bool ended_ = false;
  std::string joined_;  ///< Data of several lines.
};

/// Appends an event as it came in `raw`, with other data on one line. A byte order mark before the data is lost.
void append_with_data(std::string_view raw, std::string_view data, std::string& out);

/// Appends an event; `data` may have several lines.
void append_event(std::string_view event, std::string_view data, std::string& out);

}  // namespace traffic
