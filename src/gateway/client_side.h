#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "control/exchange.h"

namespace gateway {

/// The side of an exchange that asked, as its relay sees it: HTTP/1.1 or one stream of HTTP/2.
class ClientSide {
 public:
  virtual ~ClientSide() = default;
  /// `length`: of the body, where it is known.
  virtual void send_head(unsigned status, std::span<const control::OwnField> fields,
                         std::optional<std::uint64_t> length) = 0;
  virtual void send_data(std::string_view data) = 0;
  virtual void send_end() = 0;       ///< The answer is complete.
  virtual void send_continue() = 0;  ///< The client may send the body it announced.
  virtual void flush() = 0;          ///< What was sent so far should leave now.
  virtual void abort() = 0;          ///< The answer cannot be completed, and the client must notice.
  [[nodiscard]] virtual std::size_t unsent() const = 0;
  virtual void pause_request() = 0;  ///< Take no more of the body until resume_request().
  virtual void resume_request() = 0;
  /// The exchange is over: the relay may be used for another, or destroyed, once the caller has returned.
  virtual void on_exchange_over() = 0;
};

}  // namespace gateway
