#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/loop.h"
#include "gateway/message_reader.h"
#include "gateway/read_buffer.h"
#include "gateway/upstream.h"

namespace gateway {

class Worker;

/// Who asked a server and hears the answer.
class AnswerReader {
 public:
  enum class Failure : std::uint8_t {
    connect,   ///< Nothing was sent.
    reset,     ///< The connection broke off.
    nonsense,  ///< What came is no HTTP.
  };
  virtual ~AnswerReader() = default;
  virtual void on_answer_head(unsigned status, std::span<const control::Field> fields,
                              std::optional<std::uint64_t> length) = 0;
  /// After the part with `last` the connection is no longer the reader's.
  virtual void on_answer_data(std::string_view data, bool last) = 0;
  /// All that send() took so far has gone out.
  virtual void on_sent() = 0;
  /// The connection is no longer the reader's.
  virtual void on_upstream_failed(Failure failure, std::string_view reason) = 0;
};

/// A connection to a server, for one exchange after another. Of one worker.
class UpstreamConnection final : public SocketUser {
 public:
  UpstreamConnection(Worker& worker, std::shared_ptr<Endpoint> endpoint);

  void connect();
  [[nodiscard]] const std::shared_ptr<Endpoint>& endpoint() const { return endpoint_; }
  [[nodiscard]] bool is_connected() const { return connected_; }
  [[nodiscard]] bool is_open() const { return !closed_; }
  [[nodiscard]] Moment idle_since() const { return idle_since_; }

  /// Takes the connection for one exchange; `bodiless`: the answer to a HEAD request.
  void begin(AnswerReader* reader, bool bodiless);
  /// Sends, once connected; without `now`, together with what is sent next. `last`: the request is complete.
  void send(std::string_view data, bool last, bool now);
  [[nodiscard]] std::size_t unsent() const { return out_.size() + writing_.size(); }
  /// While paused, nothing of the answer is read or told.
  void pause();
  void resume();
  /// Ends it, without a word to the reader.
  void drop();

  void on_ready(const Outcome& outcome) override;
  void on_read(const Outcome& outcome) override;
  void on_written(const Outcome& outcome) override;

 private:
  void try_address();
  void fail(AnswerReader::Failure failure, std::string_view reason);
  void arm_read();
  void flush();
  void process();
  void end_reading();
  void finished(bool reusable);
  void close();

  Worker& worker_;
  std::shared_ptr<Endpoint> endpoint_;
  std::unique_ptr<Socket> socket_;
  std::shared_ptr<const std::vector<Address>> addresses_;
  std::size_t first_address_ = 0;
  std::size_t addresses_tried_ = 0;
  AnswerReader* reader_ = nullptr;
  MessageReader messages_;

  ReadBuffer buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::string out_;      ///< To be written next.
  std::string writing_;  ///< Under way.
  std::string joined_;   ///< Parts of a body that came in several chunks at once.
  Moment idle_since_ = 0;
  std::optional<Outcome> read_end_;  ///< How reading ended, once it has.
  bool connected_ = false;
  bool tcp_connected_ = false;
  bool reading_ = false;
  bool paused_ = false;
  bool closed_ = false;
  bool sent_all_ = false;  ///< The request is complete, though it may not have left yet.
  bool processing_ = false;
};

}  // namespace gateway
