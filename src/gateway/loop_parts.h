#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "base/file.h"
#include "gateway/loop.h"

struct epoll_event;

namespace gateway {

/// Who hears what epoll says of a descriptor.
class Watched {
 public:
  virtual ~Watched() = default;
  /// Takes note; may read what is there, but tells no user.
  virtual void on_events(std::uint32_t events) = 0;
  /// Tells what came of events, or what soon() asked for.
  virtual void go_on() {}
  /// What write_later() asked for.
  virtual void write_now() {}
  /// The loop ends: whoever waits is told no more, and not kept alive.
  virtual void let_go() {}

 private:
  friend struct Loop::Parts;
  std::size_t place_ = 0;  ///< Among those that the loop watches.
};

/// What sockets and listeners use of their loop, on its thread.
struct Loop::Parts {
  using Clock = std::chrono::steady_clock;

  Parts();

  /// Events of `descriptor` go to `user` from now on. False where the system refuses, with errno.
  bool watch(int descriptor, std::uint32_t events, Watched& user);
  bool change(int descriptor, std::uint32_t events, Watched& user) const;
  void unwatch(int descriptor, Watched& user);
  /// Calls user.go_on() in the next round, never from here.
  void soon(Watched& user);
  /// Calls user.write_now() at the end of the round.
  void write_later(Watched& user) { unwritten_.push_back(&user); }
  /// Ends what may still be named by an event of this round, or be in the middle of a call, when the round is over.
  void bury(std::unique_ptr<Watched> gone);
  void release(std::shared_ptr<void> gone);

  void run();
  void post(std::function<void()> work);
  void clear();

  std::atomic<bool> stopped{false};
  std::function<void()> idle_work;  ///< Once, when nothing is ready, or at `idle_by`.
  Clock::time_point idle_by;

  struct Repeat {
    Clock::duration period;
    Clock::time_point next;
    std::function<void()> work;
  };
  std::vector<std::unique_ptr<Repeat>> repeats;
  std::vector<std::unique_ptr<Watched>> watches;  ///< Of on_readable() and on_signals().
  Watched* signals = nullptr;                     ///< That of on_signals().

 private:
  void run_posted();
  void run_soon();
  void run_events(std::span<const epoll_event> events);
  void run_writes();
  void run_repeats(Clock::time_point now);
  void run_idle_work();
  void end_buried();
  [[nodiscard]] int wait(std::span<epoll_event> events, int timeout_ms) const;
  [[nodiscard]] int milliseconds_to_sleep(Clock::time_point now) const;
  /// Takes the right to sleep; false where something was posted meanwhile.
  [[nodiscard]] bool falls_asleep();
  void wakes_up();

  base::Descriptor epoll_;
  base::Descriptor alarm_;  ///< An eventfd that ends a sleep.
  std::mutex mutex_;
  std::vector<std::function<void()>> posted_;
  bool asleep_ = false;
  bool cleared_ = false;
  std::vector<std::function<void()>> taken_;
  std::vector<Watched*> watched_;
  std::vector<Watched*> soon_;
  std::vector<Watched*> now_;        ///< Those of this round; null where one has gone.
  std::vector<Watched*> unwritten_;  ///< Null where one has gone, as in the next.
  std::vector<Watched*> writes_;     ///< Those of this round.
  std::vector<std::unique_ptr<Watched>> buried_;
  std::vector<std::shared_ptr<void>> released_;
};

}  // namespace gateway
