#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "control/exchange.h"
#include "gateway/client_side.h"
#include "gateway/upstream.h"
#include "gateway/upstream_connection.h"

namespace gateway {

class Worker;
struct Runtime;

/// One exchange on its way: takes what the client sends, asks the controls, passes it to a server and the answer back.
/// Of one worker. May be started again after its exchange is over.
class Relay final : public AnswerReader {
 public:
  struct Request {
    control::RequestHead head;
    bool has_body = false;
    std::optional<std::uint64_t> length;
    bool expects_continue = false;
  };

  Relay(Worker& worker, ClientSide& client);
  ~Relay() override;
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  // What the client does.
  void start(const Request& request);
  void on_request_data(std::string_view data, bool last);
  void on_client_gone();
  void on_client_drained();  ///< The client took what was unsent.
  /// Says `answer` in place of whatever else the exchange would become: a request that went wrong on the way.
  void refuse(const control::Answer& answer, control::End end);

  // What the server does.
  void on_answer_head(unsigned status, std::span<const control::Field> fields,
                      std::optional<std::uint64_t> length) override;
  void on_answer_data(std::string_view data, bool last) override;
  void on_sent() override;
  void on_upstream_failed(Failure failure, std::string_view reason) override;

  // What the worker does.
  void on_wake();
  void on_tick(Moment now);
  void on_shutdown();

  [[nodiscard]] bool is_active() const { return active_; }

 private:
  enum class Point : std::uint8_t { none, head, body, request_data, answer_head, answer_data };

  void keep_head(const control::RequestHead& head);
  void after_head(const control::Step& step);
  void after_body(const control::Step& step);
  void after_request_data(const control::Step& step);
  void after_answer_head(const control::Step& step);
  void after_answer_data(const control::Step& step);
  bool stops(const control::Step& step, Point point);

  void dispatch();
  void write_upstream_head(const Endpoint& endpoint, std::string& head) const;
  void send_request_part(std::string_view data, bool last);
  bool try_again(bool sent, bool allowed, std::string_view reason);
  void give_up(unsigned status, std::string_view type, const std::string& message, control::End end);
  void send_answer_head(std::optional<std::uint64_t> length);
  void pass_on(std::string_view data, bool last);
  void balance();
  void drop_upstream();
  void end(control::End end);

  Worker& worker_;
  ClientSide& client_;
  std::shared_ptr<const Runtime> runtime_;
  std::unique_ptr<control::Exchange> exchange_;
  std::uint64_t ticket_ = 0;
  std::shared_ptr<Group> group_;
  std::shared_ptr<UpstreamConnection> upstream_;
  std::vector<std::shared_ptr<Endpoint>> tried_;

  std::string kept_;                    ///< Bytes of the request's head.
  std::vector<control::Field> fields_;  ///< Point into kept_.
  std::string_view method_;
  std::string body_;
  std::string out_;   ///< What a control let pass of the part just given to it.
  std::string held_;  ///< And what waits with it.
  std::string parting_;
  unsigned answer_status_ = 0;
  std::vector<control::OwnField> answer_fields_;
  std::optional<std::uint64_t> answer_length_;

  Moment started_ = 0;
  Moment total_deadline_ = 0;
  Moment body_deadline_ = 0;    ///< 0 once the body is there.
  Moment answer_deadline_ = 0;  ///< Of the connection, the answer's head, or its next part; 0 for none.
  unsigned attempts_ = 0;
  Point waiting_ = Point::none;
  bool held_last_ = false;
  bool active_ = false;
  bool has_body_ = false;
  bool expects_continue_ = false;
  bool request_complete_ = false;
  bool request_paused_ = false;
  bool bytes_sent_ = false;    ///< Some of the request may have reached a server.
  bool answer_begun_ = false;  ///< The controls have seen the answer's head.
  bool head_sent_ = false;     ///< The client has it.
  bool passes_unchanged_ = false;
  bool event_stream_ = false;
  bool connecting_ = false;
  bool upstream_paused_ = false;              ///< Because the client is slow.
  std::optional<std::uint64_t> length_left_;  ///< Of an answer whose length the client knows.
};

}  // namespace gateway
