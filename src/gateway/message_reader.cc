// Beast 1.81 asserts that a last chunk has five bytes, which "0\r\n\r" has not: bytes from the network would end the
// program. What the assertions guard holds without them (MessageReader.ReadsAnEmptyChunkedBodyInEverySplit).
#define BOOST_DISABLE_ASSERTS

#include "gateway/message_reader.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <string>
#include <variant>
#include <vector>

#include "base/text.h"

namespace gateway {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using boost::beast::string_view;

std::string_view plain(string_view text) {
  return {text.data(), text.size()};
}

// What a head said and where its fields stand. Filled by the parser's callbacks.
struct Head {
  MessageReader::Limits limits;
  std::vector<control::Field> fields;
  std::string_view method;
  std::string_view target;
  std::string_view data;
  unsigned hosts = 0;
  unsigned lengths = 0;
  unsigned codings = 0;
  unsigned version = 11;
  unsigned status = 0;
  bool head_done = false;
  bool ended = false;
  MessageReader::Fault fault = MessageReader::Fault::malformed;
  std::string reason;

  void reset() {
    fields.clear();
    method = target = data = {};
    hosts = lengths = codings = 0;
    version = 11;
    head_done = ended = false;
    fault = MessageReader::Fault::malformed;
    reason.clear();
  }

  void refuse(error_code& error, MessageReader::Fault what, std::string_view why) {
    fault = what;
    reason = why;
    error = http::error::bad_field;
  }

  void on_field(http::field name, std::string_view text, std::string_view value, error_code& error) {
    if (head_done) {
      return;  // a trailer: checked by the parser, and dropped
    }
    if (fields.size() >= limits.fields) {
      refuse(error, MessageReader::Fault::too_large, "too many fields");
      return;
    }
    if (name == http::field::content_length) {
      const bool digits = !value.empty() && value.size() <= 19 &&
                          std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; });
      if (++lengths > 1 || !digits) {
        refuse(error, MessageReader::Fault::malformed, "Content-Length is not one whole number");
        return;
      }
    } else if (name == http::field::transfer_encoding) {
      if (++codings > 1 || !base::equals_ignoring_case(value, "chunked")) {
        refuse(error, MessageReader::Fault::unsupported, "a transfer coding other than chunked");
        return;
      }
    } else if (name == http::field::host) {
      ++hosts;
    }
    fields.push_back({text, value});
  }

  void check(bool request, error_code& error) {
    if (codings > 0 && (lengths > 0 || version != 11)) {
      refuse(error, MessageReader::Fault::malformed, "Transfer-Encoding beside Content-Length or before HTTP/1.1");
    } else if (request && (hosts > 1 || (hosts == 0 && version == 11))) {
      refuse(error, MessageReader::Fault::malformed, "not exactly one Host");
    }
    head_done = true;
  }
};

template <bool kRequest>
class Parser final : public http::basic_parser<kRequest> {
 public:
  explicit Parser(Head& head) : head_(head) {
    this->header_limit(head.limits.head_bytes + 1);
    this->body_limit(boost::none);
    this->eager(false);
  }

 private:
  void on_request_impl(http::verb /*verb*/, string_view method, string_view target, int version,
                       error_code& error) override {
    head_.method = plain(method);
    head_.target = plain(target);
    head_.version = static_cast<unsigned>(version);
    error = {};
  }
  void on_response_impl(int status, string_view /*reason*/, int version, error_code& error) override {
    head_.version = static_cast<unsigned>(version);
    head_.status = static_cast<unsigned>(status);
    error = {};
  }
  void on_field_impl(http::field name, string_view text, string_view value, error_code& error) override {
    error = {};
    head_.on_field(name, plain(text), plain(value), error);
  }
  void on_header_impl(error_code& error) override {
    error = {};
    head_.check(kRequest, error);
  }
  void on_body_init_impl(boost::optional<std::uint64_t> const& /*size*/, error_code& error) override { error = {}; }
  std::size_t on_body_impl(string_view data, error_code& error) override {
    head_.data = plain(data);
    error = {};
    return data.size();
  }
  void on_chunk_header_impl(std::uint64_t /*size*/, string_view /*extension*/, error_code& error) override {
    error = {};
  }
  std::size_t on_chunk_body_impl(std::uint64_t /*remain*/, string_view data, error_code& error) override {
    head_.data = plain(data);
    error = {};
    return data.size();
  }
  void on_finish_impl(error_code& error) override {
    head_.ended = true;
    error = {};
  }

  Head& head_;
};

}  // namespace

struct MessageReader::Parts {
  Head head;
  Kind kind = Kind::request;
  std::variant<std::monostate, Parser<true>, Parser<false>> parser;
  bool head_told = false;
  bool started = false;
  std::size_t looked_at = 0;   // bytes of the head without its end
  std::size_t line_start = 0;  // of the line that is being looked at

  // The size of the head at the front of `bytes`; 0 where its end is not there yet or something is wrong with it.
  std::size_t head_size(std::string_view bytes) {
    std::size_t at = looked_at;
    while ((at = bytes.find('\n', at)) != std::string_view::npos) {
      if (at == 0 || bytes[at - 1] != '\r') {
        head.reason = "a line does not end in CR LF";
        return 0;
      }
      if (at == 1) {
        head.reason = "an empty line before the start line";
        return 0;
      }
      if (line_start > 0 && (bytes[line_start] == ' ' || bytes[line_start] == '\t')) {
        head.reason = "a field is folded over lines";
        return 0;
      }
      line_start = at + 1;
      ++at;
      if (at >= 4 && bytes[at - 3] == '\n') {
        looked_at = 0;
        return at;
      }
    }
    looked_at = bytes.size();
    return 0;
  }

  template <class Action>
  decltype(auto) with(Action&& action) {
    if (kind == Kind::request) {
      return action(std::get<1>(parser));
    }
    return action(std::get<2>(parser));
  }
};

MessageReader::MessageReader(Kind kind, const Limits& limits) : parts_(std::make_unique<Parts>()) {
  parts_->head.limits = limits;
  parts_->kind = kind;
  start();
}

MessageReader::~MessageReader() = default;

void MessageReader::start(bool bodiless) {
  Parts& parts = *parts_;
  parts.head.reset();
  parts.head_told = parts.started = false;
  parts.looked_at = parts.line_start = 0;
  if (parts.kind == Kind::request) {
    parts.parser.emplace<1>(parts.head);
  } else {
    parts.parser.emplace<2>(parts.head).skip(bodiless);
  }
}

MessageReader::Event MessageReader::next(std::string_view bytes, std::size_t& consumed) {
  Parts& parts = *parts_;
  Head& head = parts.head;
  consumed = 0;
  head.data = {};
  if (head.ended) {
    return Event::end;
  }
  parts.started = parts.started || !bytes.empty();
  if (!head.head_done && !bytes.empty()) {
    // A head is parsed once, when all of it is there: its fields point into `bytes`.
    const std::size_t size = parts.head_size(bytes);
    if (head.reason.empty() && std::max(size, size == 0 ? bytes.size() : 0) > head.limits.head_bytes) {
      head.fault = Fault::too_large;
      head.reason = "the head is too large";
    }
    if (!head.reason.empty()) {
      return Event::bad;
    }
    if (size == 0) {
      return Event::more;
    }
    bytes = bytes.substr(0, size);
  }
  while (!bytes.empty()) {
    error_code error;
    const std::size_t taken = parts.with(
        [&](auto& parser) { return parser.put(boost::asio::const_buffer(bytes.data(), bytes.size()), error); });
    consumed += taken;
    bytes.remove_prefix(taken);
    if (head.head_done && !parts.head_told && !error) {
      parts.head_told = true;
      return Event::head;
    }
    if (error && (error != http::error::need_more || !head.head_done)) {  // a head is given whole: nothing more comes
      if (head.reason.empty()) {
        head.fault = error == http::error::header_limit ? Fault::too_large : Fault::malformed;
        head.reason = error == http::error::need_more ? "the head is cut short" : error.message();
      }
      return Event::bad;
    }
    if (!head.data.empty()) {
      return Event::data;
    }
    if (head.ended) {
      return Event::end;
    }
    if (error) {
      break;  // needs more
    }
  }
  return Event::more;
}

MessageReader::Event MessageReader::end_of_stream() {
  Parts& parts = *parts_;
  if (!parts.started || !parts.head_told) {
    parts.head.reason = "the stream ended inside a head";
    return Event::bad;
  }
  error_code error;
  parts.with([&](auto& parser) { parser.put_eof(error); });
  if (error) {
    parts.head.reason = "the stream ended inside a body";
    return Event::bad;
  }
  return Event::end;
}

std::string_view MessageReader::method() const {
  return parts_->head.method;
}
std::string_view MessageReader::target() const {
  return parts_->head.target;
}
unsigned MessageReader::status() const {
  return parts_->head.status;
}
std::span<const control::Field> MessageReader::fields() const {
  return parts_->head.fields;
}
bool MessageReader::is_http11() const {
  return parts_->head.version == 11;
}
bool MessageReader::keep_alive() const {
  return parts_->with([](const auto& parser) { return parser.keep_alive(); });
}
bool MessageReader::has_body() const {
  return !parts_->with([](const auto& parser) { return parser.is_done(); });
}
std::optional<std::uint64_t> MessageReader::content_length() const {
  const auto length = parts_->with([](const auto& parser) { return parser.content_length(); });
  return length ? std::optional<std::uint64_t>(*length) : std::nullopt;
}
std::string_view MessageReader::data() const {
  return parts_->head.data;
}
bool MessageReader::started() const {
  return parts_->started;
}
MessageReader::Fault MessageReader::fault() const {
  return parts_->head.fault;
}
std::string_view MessageReader::reason() const {
  return parts_->head.reason;
}

}  // namespace gateway
