#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gateway/client_side.h"
#include "gateway/message_reader.h"
#include "gateway/read_buffer.h"
#include "gateway/relay.h"
#include "gateway/worker.h"

namespace gateway {

/// A client's connection that speaks HTTP/1.1 or 1.0, or has not said yet what it speaks: where it begins as HTTP/2
/// does (RFC 9113, 3.4) or agreed on that by ALPN, the socket is handed on.
class Http1Client final : public ClientConnection, public ClientSide {
 public:
  Http1Client(Worker& worker, std::unique_ptr<Socket> socket, const Address& peer,
              std::shared_ptr<const TlsContext> tls);
  void begin();

  void on_ready(const Outcome& outcome) override;
  void on_read(const Outcome& outcome) override;
  void on_written(const Outcome& outcome) override;

  void on_tick(Moment now) override;
  void drain() override;
  void close() override;

  void send_head(unsigned status, std::span<const control::OwnField> fields,
                 std::optional<std::uint64_t> length) override;
  void send_data(std::string_view data) override;
  void send_end() override;
  void send_continue() override;
  void flush() override;
  void abort() override;
  [[nodiscard]] std::size_t unsent() const override { return out_.size() + writing_.size(); }
  void pause_request() override;
  void resume_request() override;
  void on_exchange_over() override;

 private:
  enum class Phase : std::uint8_t {
    handshake,
    head,       ///< Between requests, or inside a head.
    body,       ///< Inside a request's body.
    answering,  ///< The request is complete, its answer is not.
    lingering,  ///< The last answer has been given; what still comes is thrown away, so that the client can read it.
    closed,
  };

  void arm_read();
  void process();
  void on_head();
  void refuse(unsigned status, std::string_view type, std::string_view message);
  void linger();
  bool hand_to_http2();

  Worker& worker_;
  std::unique_ptr<Socket> socket_;
  std::string peer_;
  std::string certificate_;
  std::string certificate_name_;
  std::shared_ptr<const TlsContext> tls_;
  Relay relay_;
  MessageReader messages_;

  ReadBuffer buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::string out_;
  std::string writing_;
  Moment deadline_ = 0;  ///< Of the phase; 0 for none.
  Moment stalled_since_ = 0;
  std::uint32_t requests_ = 0;
  Phase phase_ = Phase::head;
  bool reading_ = false;
  bool paused_ = false;
  bool processing_ = false;
  bool first_ = true;       ///< Nothing has been read yet.
  bool keep_alive_ = true;  ///< After the present exchange.
  bool http11_ = true;
  bool head_request_ = false;
  bool chunked_ = false;   ///< The answer is.
  bool bodiless_ = false;  ///< The answer has no body, whatever its fields say.
  bool answer_ended_ = false;
  bool close_when_written_ = false;
};

}  // namespace gateway
