#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "gateway/client_side.h"
#include "gateway/loop.h"
#include "gateway/relay.h"
#include "gateway/worker.h"

struct nghttp2_session;

namespace gateway {

/// A client's connection that speaks HTTP/2 (RFC 9113), by nghttp2. Streams that are begun and reset, and frames that
/// ask for work without a request, are counted; too many of them end the connection (CVE-2023-44487 and its relatives).
class Http2Client final : public ClientConnection {
 public:
  Http2Client(Worker& worker, std::unique_ptr<Socket> socket, std::string peer, std::string certificate,
              std::string certificate_name);
  ~Http2Client() override;
  /// `received`: what has been read already.
  void begin(std::string_view received);

  void on_ready(const Outcome& outcome) override;
  void on_read(const Outcome& outcome) override;
  void on_written(const Outcome& outcome) override;

  void on_tick(Moment now) override;
  void drain() override;
  void close() override;

 private:
  struct Stream;
  struct Calls;  ///< nghttp2's callbacks.

  void receive(std::string_view bytes);
  void flush();
  void arm_read();
  void bury(std::int32_t id);
  void count_cost(unsigned cost);

  Worker& worker_;
  std::unique_ptr<Socket> socket_;
  std::string peer_;
  std::string certificate_;
  std::string certificate_name_;
  nghttp2_session* session_ = nullptr;
  std::unordered_map<std::int32_t, std::shared_ptr<Stream>> streams_;
  std::string buffer_;
  std::string out_;
  Moment idle_since_ = 0;
  Moment stalled_since_ = 0;
  Moment allowance_at_ = 0;
  double allowance_ = 0;  ///< Costly frames that are still let through now.
  bool reading_ = false;
  bool writing_ = false;
  bool busy_ = false;  ///< Inside nghttp2.
  bool closed_ = false;
  bool draining_ = false;
  bool flooded_ = false;
};

}  // namespace gateway
