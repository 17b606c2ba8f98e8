#include "gateway/relay.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"
#include "gateway/head.h"
#include "gateway/worker.h"

namespace gateway {
namespace {

using control::End;
using control::Step;

constexpr std::size_t kMostUnsent = 256U << 10;  // of an answer, before reading more of it waits

constexpr std::size_t kMostKept = 64U << 10;  // of a buffer, from one exchange to the next

bool names(std::span<const std::string_view> names, std::string_view name) {
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view each) { return base::equals_ignoring_case(each, name); });
}

bool names(const std::vector<control::OwnField>& fields, std::string_view name) {
  return std::any_of(fields.begin(), fields.end(),
                     [&](const control::OwnField& each) { return base::equals_ignoring_case(each.first, name); });
}

// Methods that change nothing at the server, so that asking twice does no harm (RFC 9110, 9.2.2).
bool is_safe(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

void append_number(std::string& out, std::uint64_t number, int base = 10) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr;
  out.append(digits.data(), end);
}

// What a control's waker holds: small enough for std::function to keep without an allocation.
struct Waker {
  Worker* worker;
  std::uint64_t ticket;
  void operator()() const { worker->wake(ticket); }
};

}  // namespace

Relay::Relay(Worker& worker, ClientSide& client) : worker_(worker), client_(client) {}

Relay::~Relay() {
  if (active_) {
    drop_upstream();
    exchange_->finish(End::shutdown);
    worker_.delist(ticket_);
  }
}

void Relay::keep_head(const control::RequestHead& head) {
  std::size_t size = head.method.size() + head.target.size() + head.peer.size() + head.certificate.size();
  for (const control::Field& field : head.fields) {
    size += field.name.size() + field.value.size();
  }
  kept_.clear();
  kept_.reserve(size);
  const auto keep = [this](std::string_view text) {
    kept_.append(text);
    return std::string_view(kept_).substr(kept_.size() - text.size());
  };
  fields_.clear();
  method_ = keep(head.method);
  for (const control::Field& field : head.fields) {
    fields_.push_back({keep(field.name), keep(field.value)});
  }
}

void Relay::start(const Request& request) {
  runtime_ = worker_.runtime();
  exchange_ = runtime_->controls->begin();
  ticket_ = worker_.enlist(*this);
  exchange_->on_wake(Waker{&worker_, ticket_});
  active_ = true;
  keep_head(request.head);
  has_body_ = request.has_body;
  expects_continue_ = request.expects_continue;
  request_complete_ = !has_body_;
  request_paused_ = bytes_sent_ = answer_begun_ = head_sent_ = passes_unchanged_ = event_stream_ = false;
  waiting_ = Point::none;
  attempts_ = 0;
  tried_.clear();
  body_.clear();
  out_.clear();
  held_.clear();
  started_ = Worker::exact_now();
  const Settings::Timeouts& timeouts = runtime_->settings.timeouts;
  total_deadline_ = started_ / 1000 + timeouts.total.count();
  body_deadline_ = has_body_ ? started_ / 1000 + timeouts.body.count() : 0;
  answer_deadline_ = 0;

  control::RequestHead head = request.head;
  head.method = method_;
  head.fields = fields_;
  const Step step = exchange_->head(head);
  if (step.kind == Step::Kind::go_on && request.length && exchange_->plan().body == control::Plan::Body::whole &&
      *request.length > exchange_->plan().max_body_bytes) {
    give_up(413, "request_too_large", "the body is larger than the gateway takes", End::refused);
    return;
  }
  if (!stops(step, Point::head)) {
    after_head(step);
  }
}

// Does the exchange not simply go on after `step`? Then everything is done here.
bool Relay::stops(const Step& step, Point point) {
  if (step.kind == Step::Kind::go_on) {
    return false;
  }
  if (step.kind == Step::Kind::wait) {
    waiting_ = point;
    worker_.note_wait();
    answer_deadline_ = 0;
    if (upstream_ != nullptr) {
      upstream_->pause();
    }
    if (!request_complete_ && !request_paused_) {
      request_paused_ = true;
      client_.pause_request();
    }
    return true;
  }
  if (head_sent_ && point == Point::answer_data && !length_left_) {
    pass_on(out_, false);
  }
  refuse(step.answer, End::refused);
  return true;
}

void Relay::after_head(const Step& /*step*/) {
  if (expects_continue_ && has_body_) {
    client_.send_continue();
    client_.flush();
  }
  if (exchange_->plan().body == control::Plan::Body::stream) {
    if (!has_body_) {
      out_.clear();
      const Step step = exchange_->request_data({}, true, out_);
      if (stops(step, Point::request_data)) {
        held_.swap(out_);
        held_last_ = true;
        return;
      }
    }
    dispatch();
    return;
  }
  if (!has_body_) {
    const Step step = exchange_->body(body_);
    if (!stops(step, Point::body)) {
      after_body(step);
    }
  }
}

void Relay::on_request_data(std::string_view data, bool last) {
  if (!active_) {
    return;
  }
  if (last) {
    request_complete_ = true;
    body_deadline_ = 0;
  }
  if (exchange_->plan().body == control::Plan::Body::whole) {
    if (body_.size() + data.size() > exchange_->plan().max_body_bytes) {
      give_up(413, "request_too_large", "the body is larger than the gateway takes", End::refused);
      return;
    }
    body_.append(data);
    if (last) {
      const Step step = exchange_->body(body_);
      if (!stops(step, Point::body)) {
        after_body(step);
      }
    }
    return;
  }
  out_.clear();
  const Step step = exchange_->request_data(data, last, out_);
  if (stops(step, Point::request_data)) {
    held_ = out_;
    held_last_ = last;
    return;
  }
  send_request_part(out_, last);
}

void Relay::after_body(const Step& /*step*/) {
  dispatch();
}

void Relay::after_request_data(const Step& /*step*/) {
  if (upstream_ == nullptr) {
    dispatch();
    return;
  }
  std::string part;
  part.swap(held_);
  send_request_part(part, held_last_);
}

void Relay::send_request_part(std::string_view data, bool last) {
  if (upstream_ == nullptr) {
    return;
  }
  std::string framed;
  if (!data.empty()) {
    append_number(framed, data.size(), 16);
    framed.append("\r\n").append(data).append("\r\n");
  }
  if (last) {
    framed.append("0\r\n\r\n");
  }
  bytes_sent_ = true;
  upstream_->send(framed, last, true);
  if (upstream_ != nullptr && upstream_->unsent() > kMostUnsent && !request_complete_ && !request_paused_) {
    request_paused_ = true;
    client_.pause_request();
  }
}

void Relay::write_upstream_head(const Endpoint& endpoint, std::string& head) const {
  const control::Plan& plan = exchange_->plan();
  head.append(method_).append(" ").append(endpoint.settings().path);
  head.append(plan.target).append(" HTTP/1.1\r\nhost: ");
  head.append(endpoint.settings().authority).append("\r\n");
  const bool has_credential = !endpoint.credential_name().empty();
  const bool names_more = std::any_of(fields_.begin(), fields_.end(), [](const control::Field& field) {
    return field.name.size() == 10 && base::equals_ignoring_case(field.name, "connection") &&
           !base::equals_ignoring_case(field.value, "keep-alive") && !base::equals_ignoring_case(field.value, "close");
  });
  for (const control::Field& field : fields_) {
    const std::string_view name = field.name;
    if (is_hop_by_hop(name) || base::equals_ignoring_case(name, "host") ||
        base::equals_ignoring_case(name, "content-length") || base::equals_ignoring_case(name, "expect") ||
        (names_more && is_named_by_connection(name, fields_)) || names(plan.dropped, name) || names(plan.added, name)) {
      continue;
    }
    if (has_credential &&
        (base::equals_ignoring_case(name, "authorization") || base::equals_ignoring_case(name, "x-api-key") ||
         base::equals_ignoring_case(name, "api-key"))) {
      continue;
    }
    append_field(head, name, field.value);
  }
  for (const control::OwnField& field : plan.added) {
    append_field(head, field.first, field.second);
  }
  if (has_credential) {
    append_field(head, endpoint.credential_name(), endpoint.credential_value());
  }
  if (plan.body == control::Plan::Body::stream) {
    if (has_body_) {
      head.append("transfer-encoding: chunked\r\n");
    }
  } else if (!body_.empty() || has_body_ || !is_safe(method_)) {
    head.append("content-length: ");
    append_number(head, body_.size());
    head.append("\r\n");
  }
  head.append("\r\n");
}

void Relay::dispatch() {
  const auto group = runtime_->groups.find(exchange_->plan().upstream);
  if (group == runtime_->groups.end()) {
    give_up(502, "upstream_error", "the gateway has no upstream of that name", End::upstream_failed);
    return;
  }
  group_ = group->second;
  const Moment now = Worker::exact_now() / 1000;
  auto endpoint = group_->choose(now, tried_);
  if (endpoint == nullptr) {
    give_up(503, "upstream_unavailable", "no server of the upstream can take the request now", End::upstream_failed);
    return;
  }
  ++attempts_;
  tried_.push_back(endpoint);
  upstream_ = worker_.take(endpoint);
  upstream_->begin(this, method_ == "HEAD");
  const Settings::Timeouts& timeouts = runtime_->settings.timeouts;
  const bool connected = upstream_->is_connected();
  answer_deadline_ = now + (connected ? timeouts.first_byte : timeouts.connect).count();
  connecting_ = !connected;
  bytes_sent_ = connected;
  const bool streams = exchange_->plan().body == control::Plan::Body::stream;
  thread_local std::string head;
  head.clear();
  write_upstream_head(*endpoint, head);
  if (streams) {
    // The head of a streamed request leaves with the first part of the body.
    upstream_->send(head, !has_body_, !has_body_);
  } else {
    upstream_->send(head, false, false);
    upstream_->send(body_, true, true);
  }
}

void Relay::on_sent() {
  bytes_sent_ = true;
  connecting_ = false;
  if (answer_begun_) {
    return;
  }
  answer_deadline_ = request_complete_ ? worker_.now() + runtime_->settings.timeouts.first_byte.count() : 0;
  if (request_paused_ && waiting_ == Point::none) {
    request_paused_ = false;
    client_.resume_request();
  }
}

// Tries another server where policy and state of the exchange allow it.
bool Relay::try_again(bool sent, bool allowed, std::string_view /*reason*/) {
  const Settings::Retry& retry = group_->settings().retry;
  const bool repeatable = !sent || is_safe(method_) || retry.post;
  const bool whole = exchange_->plan().body == control::Plan::Body::whole || !has_body_;
  if (answer_begun_ || !allowed || !repeatable || !whole || attempts_ >= retry.attempts) {
    return false;
  }
  worker_.counting().retries.add();
  drop_upstream();
  if (tried_.size() >= group_->endpoints().size()) {
    tried_.clear();  // all were tried: the same ones again
  }
  dispatch();
  return true;
}

void Relay::on_answer_head(unsigned status, std::span<const control::Field> fields,
                           std::optional<std::uint64_t> length) {
  const Settings::Retry& retry = group_->settings().retry;
  const bool good = status < 500 || status == 501;
  group_->report(*upstream_->endpoint(), good, worker_.now());
  if (std::find(retry.on_status.begin(), retry.on_status.end(), status) != retry.on_status.end() &&
      try_again(true, true, "status")) {
    return;
  }
  answer_begun_ = true;
  answer_status_ = status;
  answer_length_ = length;
  answer_deadline_ = worker_.now() + runtime_->settings.timeouts.stall.count();
  answer_fields_.clear();
  for (const control::Field& field : fields) {
    if (is_hop_by_hop(field.name) || base::equals_ignoring_case(field.name, "content-length") ||
        is_named_by_connection(field.name, fields)) {
      continue;
    }
    if (field.name.size() == 12 && base::equals_ignoring_case(field.name, "content-type")) {
      event_stream_ = base::to_lower(field.value).starts_with("text/event-stream");
    }
    answer_fields_.emplace_back(field.name, field.value);
  }
  const Step step = exchange_->answer_head(status, answer_fields_);
  if (!stops(step, Point::answer_head)) {
    after_answer_head(step);
  }
}

void Relay::after_answer_head(const Step& /*step*/) {
  passes_unchanged_ = exchange_->passes_unchanged();
  // Any other head leaves with the first part of its body: until then a control can still say something else.
  if (event_stream_ && !passes_unchanged_) {
    send_answer_head(std::nullopt);
    client_.flush();
  }
}

void Relay::send_answer_head(std::optional<std::uint64_t> length) {
  head_sent_ = true;
  length_left_ = length;
  const bool bodiless = method_ == "HEAD" || answer_status_ == 204 || answer_status_ == 304;
  if (bodiless) {
    length_left_.reset();
  }
  worker_.counting().answers[std::min(answer_status_ / 100, 5U)].add();
  client_.send_head(answer_status_, answer_fields_, length);
}

void Relay::on_answer_data(std::string_view data, bool last) {
  if (last) {
    upstream_.reset();  // it went back to the others by itself
  }
  answer_deadline_ = worker_.now() + runtime_->settings.timeouts.stall.count();
  out_.clear();
  const Step step = exchange_->answer_data(data, last, out_);
  if (stops(step, Point::answer_data)) {
    if (waiting_ == Point::answer_data) {
      if (passes_unchanged_) {
        held_.assign(data);
      } else {
        held_.swap(out_);
      }
      held_last_ = last;
    }
    return;
  }
  if (last) {
    answer_deadline_ = 0;
  }
  pass_on(passes_unchanged_ ? data : std::string_view(out_), last);
}

void Relay::pass_on(std::string_view data, bool last) {
  if (!head_sent_) {
    if (data.empty() && !last) {
      return;  // a control holds everything back: the head waits, so that it can still say something else
    }
    const bool bodiless = method_ == "HEAD" || answer_status_ == 204 || answer_status_ == 304;
    send_answer_head(passes_unchanged_ || (last && bodiless) ? answer_length_
                     : !last                                 ? std::nullopt
                                                             : std::optional<std::uint64_t>(data.size()));
  }
  if (!data.empty()) {
    if (length_left_) {
      *length_left_ -= std::min<std::uint64_t>(*length_left_, data.size());
    }
    client_.send_data(data);
  }
  if (last) {
    client_.send_end();
    client_.flush();
    end(End::complete);
    return;
  }
  client_.flush();
  balance();
}

void Relay::balance() {
  if (active_ && upstream_ != nullptr && client_.unsent() > kMostUnsent) {
    upstream_->pause();
    answer_deadline_ = 0;  // the client is slow, not the server
    upstream_paused_ = true;
  }
}

void Relay::on_client_drained() {
  if (active_ && upstream_paused_ && waiting_ == Point::none) {
    upstream_paused_ = false;
    answer_deadline_ = worker_.now() + runtime_->settings.timeouts.stall.count();
    if (upstream_ != nullptr) {
      const auto upstream = upstream_;
      upstream->resume();
    }
  }
}

void Relay::on_client_gone() {
  if (active_) {
    drop_upstream();
    end(End::client_gone);
  }
}

void Relay::on_upstream_failed(Failure failure, std::string_view reason) {
  const auto endpoint = upstream_->endpoint();
  upstream_.reset();
  group_->report(*endpoint, false, worker_.now());
  const Settings::Retry& retry = group_->settings().retry;
  Counters& counters = worker_.counting();
  (failure == Failure::connect ? counters.upstream_connect_failures : counters.upstream_resets).add();
  const bool allowed = failure == Failure::connect ? retry.on_connect : failure == Failure::reset && retry.on_reset;
  if (waiting_ == Point::none && try_again(failure != Failure::connect, allowed, reason)) {
    return;
  }
  // What a server says of itself may hold more than its client should know; the reason is for the operator.
  give_up(502, "upstream_error",
          failure == Failure::connect    ? "the upstream cannot be reached"
          : failure == Failure::nonsense ? "the upstream sent no valid HTTP"
                                         : "the upstream broke off",
          End::upstream_failed);
}

void Relay::give_up(unsigned status, std::string_view type, const std::string& message, End how) {
  refuse(failure_answer(status, type, message), how);
}

void Relay::refuse(const control::Answer& answer, End how) {
  if (!active_) {
    return;
  }
  drop_upstream();
  if (head_sent_) {
    if (how != End::refused || length_left_.value_or(0) > 0) {
      client_.abort();
    } else {
      client_.send_end();
      client_.flush();
    }
  } else {
    head_sent_ = true;
    worker_.counting().answers[std::min(answer.status / 100, 5U)].add();
    client_.send_head(answer.status, answer.fields, answer.body.size());
    if (!answer.body.empty() && method_ != "HEAD") {
      client_.send_data(answer.body);
    }
    client_.send_end();
    client_.flush();
  }
  end(how);
}

void Relay::drop_upstream() {
  if (upstream_ != nullptr) {
    const auto upstream = std::move(upstream_);
    upstream_.reset();
    upstream->drop();
  }
}

void Relay::end(End how) {
  active_ = false;
  // A connection that is kept keeps no more than the next exchange will need.
  for (std::string* each : {&kept_, &body_, &out_, &held_}) {
    if (each->capacity() > kMostKept) {
      *each = {};
    }
  }
  worker_.delist(ticket_);
  exchange_->finish(how);
  exchange_.reset();
  runtime_.reset();
  group_.reset();
  waiting_ = Point::none;
  upstream_paused_ = false;
  const auto took = static_cast<std::uint64_t>(std::max<Moment>(Worker::exact_now() - started_, 0));
  Counters& counters = worker_.counting();
  counters.ends[static_cast<std::size_t>(how)].add();
  counters.seconds_sum_microseconds.add(took);
  const auto bound = std::lower_bound(kDurationBounds.begin(), kDurationBounds.end(), (took + 999) / 1000);
  counters.duration[static_cast<std::size_t>(bound - kDurationBounds.begin())].add();
  if (how != End::client_gone) {
    client_.on_exchange_over();
  }
}

void Relay::on_wake() {
  if (!active_) {
    return;
  }
  out_.clear();
  const Step step = exchange_->resume(out_);
  if (step.kind == Step::Kind::answer) {
    if (head_sent_ && !length_left_) {
      pass_on(out_, false);
    }
    refuse(step.answer, End::refused);
    return;
  }
  if (step.kind == Step::Kind::wait || waiting_ == Point::none) {
    if (step.kind == Step::Kind::wait) {
      worker_.note_wait();
    }
    if (waiting_ == Point::answer_data) {
      held_.append(out_);  // it waits for something else now, and what it gave leaves after that
    }
    return;
  }
  const Point point = waiting_;
  waiting_ = Point::none;
  switch (point) {
    case Point::head:
      after_head(step);
      break;
    case Point::body:
      after_body(step);
      break;
    case Point::request_data:
      after_request_data(step);
      break;
    case Point::answer_head: {
      const std::string part = out_;
      after_answer_head(step);
      if (!part.empty()) {
        pass_on(part, false);
      }
      break;
    }
    case Point::answer_data: {
      held_.append(out_);
      parting_.swap(held_);  // both keep their memory
      held_.clear();
      pass_on(parting_, held_last_);
      break;
    }
    case Point::none:
      break;
  }
  if (!active_ || waiting_ != Point::none) {
    return;
  }
  if (request_paused_) {
    request_paused_ = false;
    client_.resume_request();
  }
  if (active_ && waiting_ == Point::none && upstream_ != nullptr && !upstream_paused_) {
    if (answer_begun_) {
      answer_deadline_ = worker_.now() + runtime_->settings.timeouts.stall.count();
    }
    const auto upstream = upstream_;
    upstream->resume();
  }
}

void Relay::on_tick(Moment now) {
  if (!active_ || waiting_ != Point::none) {
    return;
  }
  if (body_deadline_ != 0 && now >= body_deadline_) {
    give_up(408, "request_timeout", "the body took too long to arrive", End::timed_out);
    return;
  }
  if (connecting_ && upstream_ != nullptr && upstream_->is_connected()) {
    connecting_ = false;
    answer_deadline_ = now + runtime_->settings.timeouts.first_byte.count();
  }
  if (now >= total_deadline_ || (answer_deadline_ != 0 && now >= answer_deadline_)) {
    if (upstream_ != nullptr) {
      const auto endpoint = upstream_->endpoint();
      group_->report(*endpoint, false, now);
      if (now < total_deadline_ &&
          try_again(bytes_sent_,
                    connecting_ ? group_->settings().retry.on_connect : group_->settings().retry.on_timeout,
                    "timeout")) {
        return;
      }
    }
    give_up(504, "upstream_timeout", "the upstream took too long", End::timed_out);
  }
}

void Relay::on_shutdown() {
  if (active_) {
    give_up(503, "shutting_down", "the gateway is going down", End::shutdown);
  }
}

}  // namespace gateway
