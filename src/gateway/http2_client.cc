#include "gateway/http2_client.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <vector>

#include "base/text.h"
#include "gateway/head.h"

namespace gateway {
namespace {

constexpr std::size_t kBufferBytes = 16U << 10;
constexpr std::size_t kMostWritten = 64U << 10;   // at once
constexpr std::uint32_t kWindowBytes = 1U << 20;  // of a request's body that may be under way
constexpr double kBurst = 4;                      // seconds' worth of costly frames at once

const std::uint8_t* octets(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

std::string_view text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace

// One exchange.
struct Http2Client::Stream final : ClientSide, std::enable_shared_from_this<Http2Client::Stream> {
  Stream(Http2Client& owner, std::int32_t number) : client(owner), id(number), relay(owner.worker_, *this) {}

  void send_head(unsigned status, std::span<const control::OwnField> fields,
                 std::optional<std::uint64_t> length) override {
    if (gone) {
      return;
    }
    std::vector<std::pair<std::string, std::string>> list;
    list.emplace_back(":status", std::to_string(status));
    for (const control::OwnField& field : fields) {
      if (!is_hop_by_hop(field.first) && !base::equals_ignoring_case(field.first, "content-length")) {
        list.emplace_back(base::to_lower(field.first), field.second);
      }
    }
    if (length && status != 204 && status != 304) {
      list.emplace_back("content-length", std::to_string(*length));
    }
    std::vector<nghttp2_nv> values;
    for (const auto& [name, value] : list) {
      if (nghttp2_check_header_name(octets(name), name.size()) == 0 && name[0] != ':') {
        continue;
      }
      if (nghttp2_check_header_value(octets(value), value.size()) == 0) {
        continue;
      }
      values.push_back({const_cast<std::uint8_t*>(octets(name)), const_cast<std::uint8_t*>(octets(value)), name.size(),
                        value.size(), NGHTTP2_NV_FLAG_NONE});
    }
    bodiless = head_request || status == 204 || status == 304;
    nghttp2_data_provider provider{};
    provider.source.ptr = this;
    provider.read_callback = read_data;
    nghttp2_submit_response(client.session_, id, values.data(), values.size(), bodiless ? nullptr : &provider);
  }

  void send_data(std::string_view data) override {
    if (!gone && !bodiless) {
      out.append(data);
    }
  }

  void send_end() override { ended = true; }

  void send_continue() override {
    if (!gone) {
      const std::string name = ":status";
      const std::string value = "100";
      const nghttp2_nv field{const_cast<std::uint8_t*>(octets(name)), const_cast<std::uint8_t*>(octets(value)),
                             name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
      nghttp2_submit_headers(client.session_, NGHTTP2_FLAG_NONE, id, nullptr, &field, 1, nullptr);
    }
  }

  void flush() override {
    if (!gone) {
      if (deferred && (!out.empty() || ended)) {
        deferred = false;
        nghttp2_session_resume_data(client.session_, id);
      }
      client.flush();
    }
  }

  void abort() override {
    if (!gone) {
      nghttp2_submit_rst_stream(client.session_, NGHTTP2_FLAG_NONE, id, NGHTTP2_INTERNAL_ERROR);
      client.flush();
    }
  }

  [[nodiscard]] std::size_t unsent() const override { return out.size() - taken; }
  void pause_request() override { paused = true; }
  void resume_request() override {
    paused = false;
    give_window();
    client.flush();
  }

  void on_exchange_over() override {
    // What still comes of the request is read and thrown away (on_data).
    paused = false;
    give_window();
  }

  void give_window() {
    if (!gone && !paused && unconsumed > 0) {
      nghttp2_session_consume(client.session_, id, unconsumed);
      unconsumed = 0;
    }
  }

  static ssize_t read_data(nghttp2_session* /*session*/, std::int32_t /*id*/, std::uint8_t* buffer, std::size_t size,
                           std::uint32_t* flags, nghttp2_data_source* source, void* /*user*/) {
    auto& stream = *static_cast<Stream*>(source->ptr);
    const std::size_t count = std::min(size, stream.out.size() - stream.taken);
    if (count == 0 && !stream.ended) {
      stream.deferred = true;
      return NGHTTP2_ERR_DEFERRED;
    }
    std::memcpy(buffer, stream.out.data() + stream.taken, count);
    stream.taken += count;
    if (stream.taken == stream.out.size()) {
      stream.out.clear();
      stream.taken = 0;
      stream.drained = true;
      if (stream.ended) {
        *flags |= NGHTTP2_DATA_FLAG_EOF;
        if (!stream.request_ended) {
          // The answer does not wait for the rest of the request (RFC 9113, 8.1).
          nghttp2_submit_rst_stream(stream.client.session_, NGHTTP2_FLAG_NONE, stream.id, NGHTTP2_NO_ERROR);
        }
      }
    }
    return static_cast<ssize_t>(count);
  }

  Http2Client& client;
  std::int32_t id;
  Relay relay;
  std::string method;
  std::string target;
  std::string authority;
  std::string cookies;
  std::vector<std::pair<std::string, std::string>> asked;  // fields of the request
  std::size_t head_bytes = 0;
  std::optional<std::uint64_t> body_length;
  std::string out;
  std::size_t taken = 0;       // of out
  std::size_t unconsumed = 0;  // bytes of the body for which the client has not been given new window
  bool expects_continue = false;
  bool head_request = false;
  bool bodiless = false;
  bool started = false;
  bool request_ended = false;
  bool ended = false;  // the answer is complete
  bool deferred = false;
  bool drained = false;
  bool paused = false;
  bool gone = false;
  Moment stalled_at = 0;  // since when the client has taken nothing of what is unsent
  std::size_t stalled_taken = 0;
};

struct Http2Client::Calls {
  static Stream* stream_of(Http2Client& client, std::int32_t id) {
    const auto found = client.streams_.find(id);
    return found == client.streams_.end() ? nullptr : found->second.get();
  }

  static int on_begin_headers(nghttp2_session* /*session*/, const nghttp2_frame* frame, void* user) {
    auto& client = *static_cast<Http2Client*>(user);
    if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
      client.idle_since_ = client.worker_.now();
      client.streams_.emplace(frame->hd.stream_id, std::make_shared<Stream>(client, frame->hd.stream_id));
    }
    return 0;
  }

  static int on_header(nghttp2_session* session, const nghttp2_frame* frame, const std::uint8_t* name,
                       std::size_t name_size, const std::uint8_t* value, std::size_t value_size, std::uint8_t /*flags*/,
                       void* user) {
    auto& client = *static_cast<Http2Client*>(user);
    Stream* stream = stream_of(client, frame->hd.stream_id);
    if (stream == nullptr || stream->started) {
      return 0;  // a trailer: dropped
    }
    const Settings::Limits& limits = client.worker_.settings().limits;
    stream->head_bytes += name_size + value_size + 32;
    if (stream->head_bytes > limits.head_bytes || stream->asked.size() >= limits.fields) {
      client.worker_.counting().refused_by_transport.add();
      nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, frame->hd.stream_id, NGHTTP2_ENHANCE_YOUR_CALM);
      return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    }
    const std::string_view key = text(name, name_size);
    const std::string_view content = text(value, value_size);
    if (key == ":method") {
      stream->method = content;
    } else if (key == ":path") {
      stream->target = content;
    } else if (key == ":authority") {
      stream->authority = content;
    } else if (key.starts_with(':')) {
      return 0;
    } else if (key == "cookie") {
      stream->cookies.append(stream->cookies.empty() ? "" : "; ").append(content);  // RFC 9113, 8.2.3
    } else {
      if (key == "content-length") {
        std::uint64_t length = 0;
        std::from_chars(content.data(), content.data() + content.size(), length);  // checked by nghttp2
        stream->body_length = length;
      } else if (key == "expect") {
        stream->expects_continue = base::equals_ignoring_case(content, "100-continue");
      }
      stream->asked.emplace_back(key, content);
    }
    return 0;
  }

  static int on_frame(nghttp2_session* /*session*/, const nghttp2_frame* frame, void* user) {
    auto& client = *static_cast<Http2Client*>(user);
    switch (frame->hd.type) {
      case NGHTTP2_HEADERS: {
        Stream* stream = stream_of(client, frame->hd.stream_id);
        if (stream != nullptr && !stream->started) {
          start(client, *stream, (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0);
        } else if (stream != nullptr && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
          end_request(*stream);
        }
        break;
      }
      case NGHTTP2_DATA: {
        Stream* stream = stream_of(client, frame->hd.stream_id);
        if (stream != nullptr && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
          end_request(*stream);
        } else if (frame->hd.length == 0) {
          client.count_cost(1);
        }
        break;
      }
      case NGHTTP2_RST_STREAM:
      case NGHTTP2_PING:
      case NGHTTP2_SETTINGS:
      case NGHTTP2_PRIORITY:
        client.count_cost(1);
        break;
      default:
        break;
    }
    return 0;
  }

  static void start(Http2Client& client, Stream& stream, bool complete) {
    stream.started = true;
    stream.request_ended = complete;
    stream.head_request = stream.method == "HEAD";
    std::vector<control::Field> fields;
    if (!stream.authority.empty()) {
      fields.push_back({"host", stream.authority});
    }
    for (const auto& [name, value] : stream.asked) {
      fields.push_back({name, value});
    }
    if (!stream.cookies.empty()) {
      fields.push_back({"cookie", stream.cookies});
    }
    const auto keep = stream.shared_from_this();
    if (!stream.target.starts_with('/') || stream.method == "CONNECT" || stream.method == "TRACE") {
      client.worker_.counting().refused_by_transport.add();
      const control::Answer answer = failure_answer(stream.target.starts_with('/') ? 405 : 400, "invalid_request_error",
                                                    "a method or target the gateway does not pass on");
      stream.send_head(answer.status, answer.fields, answer.body.size());
      stream.send_data(answer.body);
      stream.send_end();
      return;
    }
    Relay::Request request;
    request.head.method = stream.method;
    request.head.target = stream.target;
    request.head.fields = fields;
    request.head.peer = client.peer_;
    request.head.certificate = client.certificate_;
    request.head.certificate_name = client.certificate_name_;
    request.has_body = !complete;
    request.length = stream.body_length;
    request.expects_continue = stream.expects_continue;
    stream.relay.start(request);
  }

  static void end_request(Stream& stream) {
    if (!stream.request_ended) {
      stream.request_ended = true;
      stream.relay.on_request_data({}, true);
    }
  }

  static int on_data(nghttp2_session* session, std::uint8_t /*flags*/, std::int32_t id, const std::uint8_t* data,
                     std::size_t size, void* user) {
    auto& client = *static_cast<Http2Client*>(user);
    Stream* stream = stream_of(client, id);
    if (stream == nullptr || !stream->relay.is_active()) {
      nghttp2_session_consume(session, id, size);
      return 0;
    }
    const auto keep = stream->shared_from_this();
    stream->unconsumed += size;
    stream->relay.on_request_data(text(data, size), false);
    stream->give_window();
    return 0;
  }

  static int on_close(nghttp2_session* /*session*/, std::int32_t id, std::uint32_t /*error*/, void* user) {
    static_cast<Http2Client*>(user)->bury(id);
    return 0;
  }
};

Http2Client::Http2Client(Worker& worker, std::unique_ptr<Socket> socket, std::string peer, std::string certificate,
                         std::string certificate_name)
    : worker_(worker),
      socket_(std::move(socket)),
      peer_(std::move(peer)),
      certificate_(std::move(certificate)),
      certificate_name_(std::move(certificate_name)) {
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, Calls::on_begin_headers);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, Calls::on_header);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, Calls::on_frame);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, Calls::on_data);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, Calls::on_close);
  nghttp2_option* option = nullptr;
  nghttp2_option_new(&option);
  nghttp2_option_set_no_auto_window_update(option, 1);
  nghttp2_option_set_no_closed_streams(option, 1);
  nghttp2_option_set_max_outbound_ack(option, 100);
  nghttp2_option_set_max_settings(option, 32);
  nghttp2_session_server_new2(&session_, callbacks, this, option);
  nghttp2_option_del(option);
  nghttp2_session_callbacks_del(callbacks);
}

Http2Client::~Http2Client() {
  nghttp2_session_del(session_);
}

void Http2Client::begin(std::string_view received) {
  socket_->set_user(this);
  worker_.counting().http2_connections.add();
  idle_since_ = allowance_at_ = worker_.now();
  const Settings::Limits& limits = worker_.settings().limits;
  allowance_ = kBurst * limits.resets_per_second;
  const std::array settings = {
      nghttp2_settings_entry{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits.streams_per_connection},
      nghttp2_settings_entry{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kWindowBytes},
      nghttp2_settings_entry{NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, limits.head_bytes},
  };
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, static_cast<std::int32_t>(kWindowBytes * 4));
  const std::string bytes(received);
  if (!bytes.empty()) {
    receive(bytes);
  }
  flush();
  arm_read();
}

void Http2Client::on_ready(const Outcome& /*outcome*/) {}

// Each frame that costs more than it brings takes from an allowance that grows with time.
void Http2Client::count_cost(unsigned cost) {
  const double rate = worker_.settings().limits.resets_per_second;
  const Moment now = worker_.now();
  allowance_ = std::min(kBurst * rate, allowance_ + rate * static_cast<double>(now - allowance_at_) / 1000) - cost;
  allowance_at_ = now;
  flooded_ = flooded_ || allowance_ < 0;
}

void Http2Client::receive(std::string_view bytes) {
  if (closed_) {
    return;
  }
  const auto self = shared_from_this();
  // In small steps, so that a flood is noticed before all of it has cost its work.
  while (!bytes.empty() && !closed_) {
    const std::string_view part = bytes.substr(0, 1024);
    bytes.remove_prefix(part.size());
    busy_ = true;
    const ssize_t taken = nghttp2_session_mem_recv(session_, octets(part), part.size());
    busy_ = false;
    if (taken < 0) {
      nghttp2_session_terminate_session(session_, NGHTTP2_PROTOCOL_ERROR);
      // nghttp2 has limits of its own, on what it would have to answer.
      (taken == NGHTTP2_ERR_FLOODED ? worker_.counting().http2_floods : worker_.counting().refused_by_transport).add();
      flush();
      close();
      return;
    }
    if (flooded_) {
      worker_.counting().http2_floods.add();
      nghttp2_session_terminate_session(session_, NGHTTP2_ENHANCE_YOUR_CALM);
      flush();
      close();
      return;
    }
  }
}

void Http2Client::arm_read() {
  if (reading_ || closed_) {
    return;
  }
  buffer_.resize(kBufferBytes);
  reading_ = true;
  socket_->read(buffer_.data(), buffer_.size());
}

void Http2Client::on_read(const Outcome& outcome) {
  reading_ = false;
  if (closed_) {
    return;
  }
  if (!outcome.fine()) {
    close();
    return;
  }
  receive(std::string_view(buffer_).substr(0, outcome.bytes));
  flush();
  arm_read();
}

void Http2Client::flush() {
  if (writing_ || busy_ || closed_) {
    return;
  }
  out_.clear();
  busy_ = true;
  while (out_.size() < kMostWritten) {
    const std::uint8_t* data = nullptr;
    const ssize_t size = nghttp2_session_mem_send(session_, &data);
    if (size <= 0) {
      break;
    }
    out_.append(text(data, static_cast<std::size_t>(size)));
  }
  busy_ = false;
  if (out_.empty()) {
    if (nghttp2_session_want_read(session_) == 0 && nghttp2_session_want_write(session_) == 0) {
      close();
    }
    return;
  }
  writing_ = true;
  stalled_since_ = worker_.now();
  socket_->write(out_);
}

void Http2Client::on_written(const Outcome& outcome) {
  writing_ = false;
  if (closed_) {
    return;
  }
  if (!outcome.fine()) {
    close();
    return;
  }
  std::vector<std::shared_ptr<Stream>> drained;
  for (const auto& [id, stream] : streams_) {
    if (stream->drained) {
      stream->drained = false;
      drained.push_back(stream);
    }
  }
  for (const auto& stream : drained) {
    stream->relay.on_client_drained();
  }
  flush();
}

// The stream is over: its relay hears of it, and its memory goes when nobody is inside it any more.
void Http2Client::bury(std::int32_t id) {
  const auto found = streams_.find(id);
  if (found == streams_.end()) {
    return;
  }
  const std::shared_ptr<Stream> stream = std::move(found->second);
  streams_.erase(found);
  stream->gone = true;
  idle_since_ = worker_.now();
  worker_.loop().post([self = shared_from_this(), stream] { stream->relay.on_client_gone(); });
}

void Http2Client::on_tick(Moment now) {
  if (closed_) {
    return;
  }
  const Settings::Timeouts& timeouts = worker_.settings().timeouts;
  if (writing_ && now - stalled_since_ >= timeouts.stall.count()) {
    close();
    return;
  }
  bool asking = false;
  for (const auto& [id, stream] : streams_) {
    if (!stream->started) {
      asking = true;  // inside a head
    }
    // A client that gives no window stalls its stream, whatever else it reads.
    if (stream->unsent() > 0) {
      if (stream->stalled_at == 0 || stream->stalled_taken != stream->taken) {
        stream->stalled_at = now;
        stream->stalled_taken = stream->taken;
      } else if (now - stream->stalled_at >= timeouts.stall.count()) {
        nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
      }
    } else {
      stream->stalled_at = 0;
    }
  }
  if ((streams_.empty() && now - idle_since_ >= timeouts.idle.count()) ||
      (asking && now - idle_since_ >= timeouts.head.count())) {
    nghttp2_session_terminate_session(session_, NGHTTP2_NO_ERROR);
    flush();
    close();
    return;
  }
  flush();
}

void Http2Client::drain() {
  if (!draining_ && !closed_) {
    draining_ = true;
    nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(session_),
                          NGHTTP2_NO_ERROR, nullptr, 0);
    flush();
    if (streams_.empty()) {
      close();
    }
  }
}

void Http2Client::close() {
  if (closed_) {
    return;
  }
  closed_ = true;
  const auto self = shared_from_this();
  for (const auto& entry : streams_) {
    const auto& stream = entry.second;
    stream->gone = true;
    worker_.loop().post([self, stream] { stream->relay.on_client_gone(); });
  }
  streams_.clear();
  socket_->close();
  worker_.remove(*this);
}

}  // namespace gateway
