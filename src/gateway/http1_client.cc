#include "gateway/http1_client.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "base/text.h"
#include "gateway/head.h"
#include "gateway/http2_client.h"

namespace gateway {
namespace {

constexpr std::size_t kBufferBytes = 16U << 10;
constexpr Moment kLingerMilliseconds = 2'000;
constexpr std::string_view kHttp2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

void append_number(std::string& out, std::uint64_t number, int base = 10) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr;
  out.append(digits.data(), end);
}

// "http://host/path?query" as "/path?query" (RFC 9112, 3.2.2); empty for what is neither that nor begins with a slash.
std::string_view origin_form(std::string_view target) {
  if (target.starts_with('/')) {
    return target;
  }
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (base::equals_ignoring_case(target.substr(0, scheme.size()), scheme)) {
      const std::size_t slash = target.find('/', scheme.size());
      return slash == std::string_view::npos ? std::string_view("/") : target.substr(slash);
    }
  }
  return {};
}

}  // namespace

Http1Client::Http1Client(Worker& worker, std::unique_ptr<Socket> socket, const Address& peer,
                         std::shared_ptr<const TlsContext> tls)
    : worker_(worker),
      socket_(std::move(socket)),
      peer_(peer.host()),
      tls_(std::move(tls)),
      relay_(worker, *this),
      messages_(MessageReader::Kind::request, {worker.settings().limits.head_bytes, worker.settings().limits.fields}) {}

void Http1Client::begin() {
  socket_->set_user(this);
  deadline_ = worker_.now() + worker_.settings().timeouts.head.count();
  if (tls_ != nullptr) {
    phase_ = Phase::handshake;
    socket_->accept_tls(tls_);
    return;
  }
  arm_read();
}

void Http1Client::on_ready(const Outcome& outcome) {
  if (!outcome.fine()) {
    close();
    return;
  }
  certificate_ = socket_->peer_certificate_sha256();
  certificate_name_ = socket_->peer_certificate_name();
  phase_ = Phase::head;
  if (socket_->protocol() == "h2") {
    hand_to_http2();
    return;
  }
  arm_read();
}

bool Http1Client::hand_to_http2() {
  phase_ = Phase::closed;
  auto client = std::make_shared<Http2Client>(worker_, std::move(socket_), peer_, certificate_, certificate_name_);
  const auto self = shared_from_this();
  worker_.remove(*this);
  worker_.add(client);
  client->begin({buffer_.data() + begin_, end_ - begin_});
  return true;
}

void Http1Client::arm_read() {
  if (reading_ || phase_ == Phase::closed || phase_ == Phase::handshake) {
    return;
  }
  if (begin_ == end_) {
    begin_ = end_ = 0;
  } else if (end_ == buffer_.size() && begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.empty()) {
    buffer_.grow(kBufferBytes);
  } else if (end_ == buffer_.size()) {
    if (phase_ != Phase::head && phase_ != Phase::body) {
      return;  // requests sent ahead wait
    }
    if (paused_) {
      return;
    }
    const std::size_t most = std::max<std::size_t>(worker_.settings().limits.head_bytes + 4, kBufferBytes);
    if (buffer_.size() >= most) {
      refuse(431, "invalid_request_error", "a head or a chunk's head is too large");
      return;
    }
    buffer_.grow(std::min(buffer_.size() * 2, most));
  }
  reading_ = true;
  socket_->read(buffer_.data() + end_, buffer_.size() - end_);
}

void Http1Client::on_read(const Outcome& outcome) {
  reading_ = false;
  if (phase_ == Phase::closed) {
    return;
  }
  if (!outcome.fine()) {
    close();
    return;
  }
  if (phase_ == Phase::lingering) {
    begin_ = end_ = 0;
    arm_read();
    return;
  }
  end_ += outcome.bytes;
  process();
  arm_read();
}

void Http1Client::process() {
  if (processing_) {
    return;
  }
  processing_ = true;
  const auto self = shared_from_this();
  while (!paused_ && begin_ != end_ && (phase_ == Phase::head || phase_ == Phase::body)) {
    const std::string_view bytes(buffer_.data() + begin_, end_ - begin_);
    if (first_) {
      const std::size_t common = std::min(bytes.size(), kHttp2Preface.size());
      if (bytes.substr(0, common) == kHttp2Preface.substr(0, common) && bytes.size() >= 3) {
        if (common == kHttp2Preface.size()) {
          hand_to_http2();
        }
        break;
      }
      first_ = bytes.size() < 3;
      if (first_) {
        break;
      }
    }
    if (phase_ == Phase::head && !messages_.started() && requests_ > 0) {
      deadline_ = worker_.now() + worker_.settings().timeouts.head.count();
    }
    std::size_t consumed = 0;
    const auto event = messages_.next(bytes, consumed);
    begin_ += consumed;
    if (event == MessageReader::Event::more) {
      break;
    }
    switch (event) {
      case MessageReader::Event::head:
        on_head();
        break;
      case MessageReader::Event::data: {
        // The end of a body with a known length is known with its last byte.
        std::size_t nothing = 0;
        const std::string_view data = messages_.data();
        const bool last = messages_.next({}, nothing) == MessageReader::Event::end;
        if (last) {
          phase_ = Phase::answering;
        }
        relay_.on_request_data(data, last);
        break;
      }
      case MessageReader::Event::end:
        phase_ = Phase::answering;
        relay_.on_request_data({}, true);
        break;
      case MessageReader::Event::bad:
        refuse(messages_.fault() == MessageReader::Fault::too_large     ? 431
               : messages_.fault() == MessageReader::Fault::unsupported ? 501
                                                                        : 400,
               "invalid_request_error", messages_.reason());
        break;
      case MessageReader::Event::more:
        break;
    }
  }
  processing_ = false;
}

void Http1Client::on_head() {
  ++requests_;
  deadline_ = 0;
  http11_ = messages_.is_http11();
  head_request_ = messages_.method() == "HEAD";
  answer_ended_ = chunked_ = bodiless_ = false;
  const bool has_body = messages_.has_body();
  phase_ = has_body ? Phase::body : Phase::answering;
  keep_alive_ = messages_.keep_alive() && requests_ < worker_.settings().limits.requests_per_connection;

  const std::string_view target = origin_form(messages_.target());
  if (target.empty() || messages_.method() == "CONNECT" || messages_.method() == "TRACE") {
    refuse(target.empty() ? 400 : 405, "invalid_request_error",
           target.empty() ? "the target is no path" : "a method the gateway does not pass on");
    return;
  }
  Relay::Request request;
  request.head.method = messages_.method();
  request.head.target = target;
  request.head.fields = messages_.fields();
  request.head.peer = peer_;
  request.head.certificate = certificate_;
  request.head.certificate_name = certificate_name_;
  request.has_body = has_body;
  request.length = messages_.content_length();
  for (const control::Field& field : messages_.fields()) {
    if (field.name.size() == 6 && base::equals_ignoring_case(field.name, "expect")) {
      if (!base::equals_ignoring_case(field.value, "100-continue")) {
        refuse(400, "invalid_request_error", "an expectation the gateway does not know");
        return;
      }
      request.expects_continue = http11_ && begin_ == end_;
    }
  }
  relay_.start(request);
}

// Answers a request that is none, and ends the connection.
void Http1Client::refuse(unsigned status, std::string_view type, std::string_view message) {
  keep_alive_ = false;
  worker_.counting().refused_by_transport.add();
  const control::Answer answer = failure_answer(status, type, message);
  if (relay_.is_active()) {
    relay_.refuse(answer, control::End::refused);
    return;
  }
  worker_.counting().answers[status / 100].add();
  answer_ended_ = chunked_ = bodiless_ = false;
  send_head(answer.status, answer.fields, answer.body.size());
  send_data(answer.body);
  send_end();
  flush();
  on_exchange_over();
}

void Http1Client::send_head(unsigned status, std::span<const control::OwnField> fields,
                            std::optional<std::uint64_t> length) {
  if (phase_ == Phase::closed) {
    return;
  }
  bodiless_ = head_request_ || status == 204 || status == 304;
  if (phase_ != Phase::answering || worker_.is_draining()) {
    keep_alive_ = false;  // the rest of the request will not be read
  }
  chunked_ = !length && http11_ && !bodiless_;
  if (!length && !http11_ && !bodiless_) {
    keep_alive_ = false;
  }
  out_.append("HTTP/1.1 ");
  append_number(out_, status);
  out_.append(" ").append(reason_phrase(status)).append("\r\n");
  for (const control::OwnField& field : fields) {
    if (!is_hop_by_hop(field.first) && !base::equals_ignoring_case(field.first, "content-length")) {
      append_field(out_, field.first, field.second);
    }
  }
  if (chunked_) {
    out_.append("transfer-encoding: chunked\r\n");
  } else if (length && status != 204 && status != 304) {
    out_.append("content-length: ");
    append_number(out_, *length);
    out_.append("\r\n");
  }
  if (!keep_alive_) {
    out_.append("connection: close\r\n");
  } else if (!http11_) {
    out_.append("connection: keep-alive\r\n");
  }
  out_.append("\r\n");
}

void Http1Client::send_data(std::string_view data) {
  if (bodiless_ || data.empty() || phase_ == Phase::closed) {
    return;
  }
  if (chunked_) {
    append_number(out_, data.size(), 16);
    out_.append("\r\n").append(data).append("\r\n");
  } else {
    out_.append(data);
  }
}

void Http1Client::send_end() {
  if (chunked_) {
    out_.append("0\r\n\r\n");
  }
  answer_ended_ = true;
}

void Http1Client::send_continue() {
  out_.append("HTTP/1.1 100 Continue\r\n\r\n");
}

void Http1Client::flush() {
  if (phase_ == Phase::closed || out_.empty() || !writing_.empty()) {
    return;
  }
  writing_.swap(out_);
  stalled_since_ = worker_.now();
  socket_->write(writing_);
}

void Http1Client::on_written(const Outcome& outcome) {
  if (phase_ == Phase::closed) {
    return;
  }
  if (!outcome.fine()) {
    close();
    return;
  }
  writing_.clear();
  if (!out_.empty()) {
    flush();
    return;
  }
  if (close_when_written_) {
    linger();
    return;
  }
  relay_.on_client_drained();
}

void Http1Client::abort() {
  if (phase_ != Phase::closed) {
    phase_ = Phase::closed;  // the relay knows: it asks for this
    socket_->close();
    worker_.remove(*this);
  }
}

void Http1Client::pause_request() {
  paused_ = true;
}

void Http1Client::resume_request() {
  if (!paused_) {
    return;
  }
  paused_ = false;
  // Not from here: who resumes may be in the middle of something.
  worker_.loop().post([self = std::static_pointer_cast<Http1Client>(shared_from_this())] {
    if (self->phase_ != Phase::closed) {
      self->process();
      self->arm_read();
    }
  });
}

void Http1Client::on_exchange_over() {
  if (phase_ == Phase::closed) {
    return;
  }
  paused_ = false;
  if (!keep_alive_ || phase_ != Phase::answering) {
    phase_ = Phase::lingering;
    deadline_ = 0;
    if (writing_.empty() && out_.empty()) {
      linger();
    } else {
      close_when_written_ = true;
    }
    return;
  }
  phase_ = Phase::head;
  messages_.start();
  deadline_ = worker_.now() + worker_.settings().timeouts.idle.count();
  if (begin_ != end_) {
    worker_.loop().post([self = std::static_pointer_cast<Http1Client>(shared_from_this())] {
      if (self->phase_ != Phase::closed) {
        self->process();
        self->arm_read();
      }
    });
  } else if (worker_.is_draining()) {
    phase_ = Phase::lingering;
    close_when_written_ = true;
    if (writing_.empty() && out_.empty()) {
      linger();
    }
  }
}

// Ends our side and reads on for a while: closing at once would reset the connection, and with it an answer that the
// client has not read yet.
void Http1Client::linger() {
  close_when_written_ = false;
  phase_ = Phase::lingering;
  deadline_ = worker_.now() + kLingerMilliseconds;
  socket_->end_writing();
  begin_ = end_ = 0;
  arm_read();
}

void Http1Client::on_tick(Moment now) {
  if (phase_ == Phase::closed) {
    return;
  }
  if (deadline_ != 0 && now >= deadline_) {
    if (phase_ == Phase::head && messages_.started()) {
      refuse(408, "request_timeout", "the head took too long to arrive");
      return;
    }
    close();
    return;
  }
  if (!writing_.empty() && now - stalled_since_ >= worker_.settings().timeouts.stall.count()) {
    close();
  }
}

void Http1Client::drain() {
  if (phase_ == Phase::head && !messages_.started() && begin_ == end_) {
    if (writing_.empty()) {
      close();
    } else {
      phase_ = Phase::lingering;
      close_when_written_ = true;
    }
  }
  keep_alive_ = false;
}

void Http1Client::close() {
  if (phase_ == Phase::closed) {
    return;
  }
  phase_ = Phase::closed;
  const auto self = shared_from_this();
  relay_.on_client_gone();
  socket_->close();
  worker_.remove(*this);
}

}  // namespace gateway
