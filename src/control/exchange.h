#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The controls between a client and a model API, apart from how bytes travel: gateway/ moves bytes and asks an
/// Exchange at each point what to do with them.
namespace control {

/// A field of a message's head. Borrowed: valid during the call it is passed to.
struct Field {
  std::string_view name;
  std::string_view value;
};
/// One that is kept.
using OwnField = std::pair<std::string, std::string>;

struct RequestHead {
  std::string_view method;  ///< "POST".
  std::string_view target;  ///< "/v1/chat/completions?beta=true", as the client sent it.
  std::span<const Field> fields;
  std::string_view peer;              ///< Address of the client, without port.
  std::string_view certificate;       ///< SHA-256 of the client's verified certificate, hexadecimal; empty without one.
  std::string_view certificate_name;  ///< Its subject as RFC 2253 writes it; empty without one.
};

/// What the gateway says by itself, instead of the upstream.
struct Answer {
  unsigned status = 200;
  std::vector<OwnField> fields;  ///< Without Content-Length.
  std::string body;
};

/// What to do next.
struct Step {
  enum class Kind : std::uint8_t {
    go_on,
    answer,  ///< Send `answer` and nothing to or from the upstream. Where the answer's head has left already: send what
             ///< answer_data() put into `out`, then end the stream and drop the upstream.
    wait,    ///< Hold everything until the waker is called, then call resume().
  };
  Kind kind = Kind::go_on;
  Answer answer;
};

/// How a request reaches the upstream. Valid once head() said go_on; body() may change it.
struct Plan {
  enum class Body : std::uint8_t {
    whole,   ///< Collect it, up to `max_body_bytes`, and pass it to body().
    stream,  ///< Pass it on as it comes, each part through request_data().
  };
  Body body = Body::whole;
  std::uint64_t max_body_bytes = 0;           ///< More is refused with 413.
  std::string upstream;                       ///< Name of a group in the configuration.
  std::string target;                         ///< What to ask there for, the base URL's path not included.
  std::span<const std::string_view> dropped;  ///< Fields of the client that stay here (hop-by-hop ones always do).
  std::vector<OwnField> added;                ///< Fields that go to the upstream besides; they replace the client's.
};

/// How an exchange ended.
enum class End : std::uint8_t {
  complete,
  client_gone,
  upstream_failed,  ///< Could not be reached, broke off, sent nonsense.
  timed_out,
  refused,   ///< By a control: an Answer was sent.
  shutdown,  ///< The gateway ended.
};

/// One request and its answer. Used by one thread at a time; the order of calls is head, body or request_data,
/// answer_head, answer_data until `last`, finish. Any of them may be followed by finish.
class Exchange {
 public:
  virtual ~Exchange() = default;

  /// Called at most once, before head(). The waker may then be called from any thread, at any time until finish() has
  /// returned, more than once: after a wait, and also when something wants this exchange to end (a kill switch). The
  /// server then calls resume() on its own thread. It must not call back into the exchange by itself.
  virtual void on_wake(std::function<void()> waker) = 0;
  /// After a wake: go_on continues where wait stopped (or changes nothing), answer ends the exchange. Once
  /// answer_head() was called, `out` gets what leaves then: behind what the waiting answer_data() gave on go_on,
  /// instead of that on answer (the end of an open stream in the words of its protocol). Before that it stays empty.
  virtual Step resume(std::string& out) = 0;

  /// Identity, route, limits that need no body.
  virtual Step head(const RequestHead& request) = 0;
  [[nodiscard]] virtual const Plan& plan() const = 0;
  /// The whole body; may be rewritten.
  virtual Step body(std::string& body) = 0;
  /// A part of a body that is streamed; may append less or other than it was given to `out`, which goes to the
  /// upstream.
  virtual Step request_data(std::string_view data, bool last, std::string& out) = 0;

  /// The upstream's status and fields. `fields` is what the client will get, hop-by-hop fields removed; Content-Length
  /// is recomputed by the server where passes_unchanged() is false.
  virtual Step answer_head(unsigned status, std::vector<OwnField>& fields) = 0;
  /// Known after answer_head(): data goes to the client byte for byte, answer_data() only looks at it.
  [[nodiscard]] virtual bool passes_unchanged() const = 0;
  /// A part of the answer's body, as it came: any size. Appends what may leave now to `out`; holds back what may not
  /// yet.
  virtual Step answer_data(std::string_view data, bool last, std::string& out) = 0;

  /// Exactly once, at the end. Settles limits and completes the record.
  virtual void finish(End end) = 0;
};

/// Makes exchanges. Safe for use from every worker at once; lives until the last of its exchanges has ended.
class Controls {
 public:
  virtual ~Controls() = default;
  [[nodiscard]] virtual std::unique_ptr<Exchange> begin() = 0;
  /// From now on records that answers wait for may lie until write_records(): whoever drives exchanges promises to call
  /// it when he has nothing else to do, and after some tens of waits at the latest. Many go to the disk together then.
  virtual void gather_records() {}
  virtual void write_records() {}
};

}  // namespace control
