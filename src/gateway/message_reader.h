#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "control/exchange.h"

namespace gateway {

/// Reads HTTP/1.1 messages (RFC 9112) from bytes as they come, more strictly than the RFC asks, so that no other server
/// can take the same bytes for other messages: a field folded over lines, Content-Length more than once or beside
/// Transfer-Encoding, a transfer coding other than chunked, a request without exactly one Host, a bare line feed, a
/// size that overflows and every control character in a head are refused. Bodies are not kept. The grammar is
/// Boost.Beast's.
class MessageReader {
 public:
  enum class Kind : std::uint8_t { request, response };
  struct Limits {
    std::uint32_t head_bytes = 32U << 10;  ///< Start line and fields; stops a head that never ends.
    std::uint32_t fields = 256;            ///< Stops quadratic work on fields.
  };
  enum class Event : std::uint8_t {
    more,  ///< Nothing more can be read from these bytes: come again with what is left and more.
    head,
    data,  ///< A part of the body is in data().
    end,   ///< The message is complete.
    bad,   ///< fault() and reason() say why; the connection is of no use any more.
  };
  enum class Fault : std::uint8_t {
    malformed,    ///< 400.
    too_large,    ///< 431.
    unsupported,  ///< 501 or 505: another transfer coding or version.
  };

  MessageReader(Kind kind, const Limits& limits);
  ~MessageReader();
  MessageReader(const MessageReader&) = delete;
  MessageReader& operator=(const MessageReader&) = delete;

  /// Gets ready for the next message. `bodiless`: the answer to a HEAD request.
  void start(bool bodiless = false);
  /// Reads the next thing from `bytes` and says in `consumed` how much of them it took. What head() and data() give
  /// points into `bytes`.
  Event next(std::string_view bytes, std::size_t& consumed);
  /// The stream ended here: `end` where that ends the message too, else `bad`.
  Event end_of_stream();

  // Known after Event::head.
  [[nodiscard]] std::string_view method() const;
  [[nodiscard]] std::string_view target() const;
  [[nodiscard]] unsigned status() const;
  [[nodiscard]] std::span<const control::Field> fields() const;
  [[nodiscard]] bool is_http11() const;
  [[nodiscard]] bool keep_alive() const;  ///< May another message follow on the connection?
  [[nodiscard]] bool has_body() const;
  [[nodiscard]] std::optional<std::uint64_t> content_length() const;  ///< Of a body that is not chunked.

  [[nodiscard]] std::string_view data() const;
  [[nodiscard]] bool started() const;  ///< Has any byte of the message been seen?
  [[nodiscard]] Fault fault() const;
  [[nodiscard]] std::string_view reason() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace gateway
