#include "gateway/upstream_connection.h"

#include <algorithm>
#include <cstring>

#include "gateway/worker.h"

namespace gateway {
namespace {

constexpr std::size_t kBufferBytes = 16U << 10;

}  // namespace

UpstreamConnection::UpstreamConnection(Worker& worker, std::shared_ptr<Endpoint> endpoint)
    : worker_(worker),
      endpoint_(std::move(endpoint)),
      messages_(MessageReader::Kind::response, {worker.settings().limits.head_bytes, worker.settings().limits.fields}) {
}

void UpstreamConnection::connect() {
  addresses_ = endpoint_->addresses();
  first_address_ = endpoint_->health().good_address.load(std::memory_order_relaxed);
  try_address();
}

void UpstreamConnection::try_address() {
  if (addresses_tried_ >= addresses_->size()) {
    // Told later: the caller of connect() does not expect to hear of it at once.
    worker_.loop().post([self = std::static_pointer_cast<UpstreamConnection>(shared_from_this())] {
      self->fail(AnswerReader::Failure::connect, "the server's name has no address");
    });
    return;
  }
  const std::size_t place = (first_address_ + addresses_tried_) % addresses_->size();
  socket_ = Socket::open(worker_.loop());
  socket_->set_user(this);
  socket_->connect((*addresses_)[place]);
}

void UpstreamConnection::on_ready(const Outcome& outcome) {
  if (closed_) {
    return;
  }
  if (!outcome.fine()) {
    ++addresses_tried_;
    if (!tcp_connected_ && addresses_tried_ < addresses_->size()) {
      socket_->close();
      try_address();
      return;
    }
    fail(AnswerReader::Failure::connect, outcome.reason);
    return;
  }
  if (!tcp_connected_) {
    tcp_connected_ = true;
    endpoint_->health().connections.fetch_add(1, std::memory_order_relaxed);
    const std::size_t place = (first_address_ + addresses_tried_) % addresses_->size();
    endpoint_->health().good_address.store(static_cast<std::uint32_t>(place), std::memory_order_relaxed);
    if (endpoint_->tls() != nullptr) {
      socket_->connect_tls(endpoint_->tls(), endpoint_->settings().server_name);
      return;
    }
  }
  connected_ = true;
  flush();
  arm_read();
}

void UpstreamConnection::begin(AnswerReader* reader, bool bodiless) {
  reader_ = reader;
  paused_ = false;
  sent_all_ = false;
  messages_.start(bodiless);
}

void UpstreamConnection::send(std::string_view data, bool last, bool now) {
  out_.append(data);
  sent_all_ = last;
  if (now) {
    flush();
  }
}

void UpstreamConnection::flush() {
  if (!connected_ || closed_ || out_.empty() || !writing_.empty()) {
    return;
  }
  writing_.swap(out_);
  socket_->write(writing_);
}

void UpstreamConnection::on_written(const Outcome& outcome) {
  if (closed_) {
    return;
  }
  writing_.clear();
  if (!outcome.fine()) {
    // An answer may have come before the server stopped reading: what can be read decides, if reading is under way.
    if (!reading_ || reader_ == nullptr) {
      fail(AnswerReader::Failure::reset, outcome.reason);
    }
    return;
  }
  flush();
  if (writing_.empty() && reader_ != nullptr) {
    reader_->on_sent();
  }
}

void UpstreamConnection::arm_read() {
  if (reading_ || paused_ || closed_ || !connected_ || read_end_) {
    return;
  }
  if (begin_ == end_) {
    begin_ = end_ = 0;
  } else if (begin_ > 0 && end_ == buffer_.size()) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.empty()) {
    buffer_.grow(kBufferBytes);
  } else if (end_ == buffer_.size()) {
    const std::size_t most = std::max<std::size_t>(worker_.settings().limits.head_bytes + 4, kBufferBytes);
    if (buffer_.size() >= most) {
      fail(AnswerReader::Failure::nonsense, "a head or a chunk's head is too large");
      return;
    }
    buffer_.grow(std::min(buffer_.size() * 2, most));
  }
  reading_ = true;
  socket_->read(buffer_.data() + end_, buffer_.size() - end_);
}

void UpstreamConnection::on_read(const Outcome& outcome) {
  reading_ = false;
  if (closed_) {
    return;
  }
  end_ += outcome.bytes;
  if (outcome.fine()) {
    process();
    arm_read();
    return;
  }
  read_end_ = outcome;
  end_reading();
}

void UpstreamConnection::end_reading() {
  if (paused_ || closed_) {
    return;  // what came before is still to be told
  }
  if (reader_ == nullptr) {
    close();
    return;
  }
  if (read_end_->kind == Outcome::Kind::ended && messages_.started()) {
    if (messages_.end_of_stream() == MessageReader::Event::end) {
      AnswerReader* reader = reader_;
      finished(false);
      reader->on_answer_data({}, true);
      return;
    }
    fail(AnswerReader::Failure::reset, messages_.reason());
    return;
  }
  fail(AnswerReader::Failure::reset, read_end_->reason);
}

void UpstreamConnection::process() {
  if (processing_) {
    return;
  }
  processing_ = true;
  std::string_view single;
  joined_.clear();
  bool ended = false;
  bool bad = false;
  while (!closed_ && !paused_ && !ended) {
    if (reader_ == nullptr) {
      if (begin_ != end_) {
        close();  // bytes that nobody asked for: whose answer would they be?
      }
      break;
    }
    std::size_t consumed = 0;
    const auto event = messages_.next({buffer_.data() + begin_, end_ - begin_}, consumed);
    begin_ += consumed;
    if (event == MessageReader::Event::more) {
      break;
    }
    if (event == MessageReader::Event::bad) {
      bad = true;
      break;
    }
    if (event == MessageReader::Event::head) {
      if (messages_.status() < 200) {
        if (messages_.status() == 101) {
          bad = true;
          break;
        }
        messages_.start();  // informational: the answer follows
        continue;
      }
      reader_->on_answer_head(messages_.status(), messages_.fields(), messages_.content_length());
    } else if (event == MessageReader::Event::data) {
      if (single.empty() && joined_.empty()) {
        single = messages_.data();
      } else {
        joined_.append(single).append(messages_.data());
        single = {};
      }
    } else {
      ended = true;
    }
  }
  processing_ = false;
  if (closed_ || reader_ == nullptr) {
    return;
  }
  const std::string_view data = joined_.empty() ? single : std::string_view(joined_);
  AnswerReader* reader = reader_;
  if (ended) {
    const auto self = shared_from_this();
    finished(messages_.keep_alive() && sent_all_ && unsent() == 0 && begin_ == end_);
    reader->on_answer_data(data, true);
    return;
  }
  if (!data.empty()) {
    reader->on_answer_data(data, false);
  }
  if (bad && reader_ != nullptr) {
    fail(AnswerReader::Failure::nonsense,
         messages_.reason().empty() ? "an upgrade nobody asked for" : messages_.reason());
  }
}

void UpstreamConnection::finished(bool reusable) {
  reader_ = nullptr;
  if (!reusable || closed_) {
    close();
    return;
  }
  idle_since_ = worker_.now();
  worker_.keep(std::static_pointer_cast<UpstreamConnection>(shared_from_this()));
}

void UpstreamConnection::pause() {
  paused_ = true;
}

void UpstreamConnection::resume() {
  if (!paused_ || closed_) {
    return;
  }
  paused_ = false;
  const auto self = shared_from_this();
  process();
  if (read_end_) {
    end_reading();
    return;
  }
  arm_read();
}

void UpstreamConnection::fail(AnswerReader::Failure failure, std::string_view reason) {
  AnswerReader* reader = reader_;
  reader_ = nullptr;
  const auto self = shared_from_this();
  const std::string why(reason);
  close();
  if (reader != nullptr) {
    reader->on_upstream_failed(failure, why);
  }
}

void UpstreamConnection::drop() {
  reader_ = nullptr;
  close();
}

void UpstreamConnection::close() {
  if (closed_) {
    return;
  }
  closed_ = true;
  if (socket_ != nullptr) {
    socket_->close();
  }
  worker_.forget(*this);
}

}  // namespace gateway
