#include "gateway/loop.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>

#include "gateway/loop_parts.h"

namespace gateway {
namespace {

constexpr std::size_t kEventsPerRound = 256;
constexpr std::size_t kMostUnwritten = 32;  // before they are written within a round
constexpr std::chrono::milliseconds kMostIdleDelay{1};

// Work that is done whenever a descriptor can be read.
class Watch : public Watched {
 public:
  explicit Watch(std::function<void()> work) : work_(std::move(work)) {}
  void on_events(std::uint32_t /*events*/) override { work_(); }

 private:
  std::function<void()> work_;
};

// Signals as bytes in a pipe: a handler can do no more than write one. Of the whole process, so there is one of it.
class Signals final : public Watched {
 public:
  explicit Signals(Loop::Parts& loop) {
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) {
      throw std::system_error(errno, std::generic_category(), "a pipe for signals");
    }
    read_end_ = base::Descriptor(ends[0]);
    write_end_ = base::Descriptor(ends[1]);
    descriptor_for_handler.store(ends[1]);
    loop.watch(ends[0], EPOLLIN, *this);
  }
  ~Signals() override {
    for (const auto& [number, work] : works_) {
      std::signal(number, SIG_DFL);
    }
    descriptor_for_handler.store(-1);
  }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  void add(int number, const std::function<void(int)>& work) {
    works_.emplace_back(number, work);
    struct sigaction action {};
    action.sa_handler = [](int signal) {
      const int kept = errno;
      const auto byte = static_cast<unsigned char>(signal);
      [[maybe_unused]] const ssize_t written = ::write(descriptor_for_handler.load(), &byte, 1);
      errno = kept;
    };
    action.sa_flags = SA_RESTART;
    ::sigfillset(&action.sa_mask);
    ::sigaction(number, &action, nullptr);
  }

  void on_events(std::uint32_t /*events*/) override {
    unsigned char number = 0;
    while (::read(read_end_.get(), &number, 1) == 1) {
      for (const auto& [wanted, work] : works_) {
        if (wanted == number) {
          work(number);
        }
      }
    }
  }

 private:
  static inline std::atomic<int> descriptor_for_handler{-1};
  base::Descriptor read_end_;
  base::Descriptor write_end_;
  std::vector<std::pair<int, std::function<void(int)>>> works_;
};

}  // namespace

// ---- what sockets and listeners use ----

Loop::Parts::Parts() : epoll_(::epoll_create1(EPOLL_CLOEXEC)), alarm_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = nullptr;
  if (!epoll_.is_open() || !alarm_.is_open() || ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, alarm_.get(), &event) != 0) {
    throw std::system_error(errno, std::generic_category(), "an event loop");
  }
}

bool Loop::Parts::watch(int descriptor, std::uint32_t events, Watched& user) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &user;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event) != 0) {
    return false;
  }
  user.place_ = watched_.size();
  watched_.push_back(&user);
  return true;
}

bool Loop::Parts::change(int descriptor, std::uint32_t events, Watched& user) const {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &user;
  return ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, descriptor, &event) == 0;
}

void Loop::Parts::unwatch(int descriptor, Watched& user) {
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, descriptor, nullptr);
  if (user.place_ < watched_.size() && watched_[user.place_] == &user) {
    watched_[user.place_] = watched_.back();
    watched_[user.place_]->place_ = user.place_;
    watched_.pop_back();
  }
}

void Loop::Parts::soon(Watched& user) {
  soon_.push_back(&user);
}

void Loop::Parts::bury(std::unique_ptr<Watched> gone) {
  for (auto* const list : {&soon_, &now_, &unwritten_, &writes_}) {
    std::replace(list->begin(), list->end(), gone.get(), static_cast<Watched*>(nullptr));
  }
  if (!cleared_) {
    buried_.push_back(std::move(gone));
  }
}

void Loop::Parts::release(std::shared_ptr<void> gone) {
  if (gone != nullptr && !cleared_) {
    released_.push_back(std::move(gone));
  }
}

void Loop::Parts::post(std::function<void()> work) {
  bool wakes = false;
  {
    const std::lock_guard lock(mutex_);
    if (cleared_) {
      return;
    }
    posted_.push_back(std::move(work));
    wakes = std::exchange(asleep_, false);
  }
  if (wakes) {
    ::eventfd_write(alarm_.get(), 1);
  }
}

// ---- rounds ----

bool Loop::Parts::falls_asleep() {
  const std::lock_guard lock(mutex_);
  asleep_ = posted_.empty() && !stopped.load();
  return asleep_;
}

void Loop::Parts::wakes_up() {
  const std::lock_guard lock(mutex_);
  asleep_ = false;
}

void Loop::Parts::run_posted() {
  {
    const std::lock_guard lock(mutex_);
    taken_.swap(posted_);
  }
  for (const auto& work : taken_) {
    work();
  }
  taken_.clear();
}

void Loop::Parts::run_soon() {
  now_.swap(soon_);
  for (std::size_t i = 0; i < now_.size(); ++i) {
    if (now_[i] != nullptr) {
      now_[i]->go_on();
    }
  }
  now_.clear();
}

// First everything that is there is read, then its users are told, then everything is written. Done in turn with calls
// of the system, which leave little of what the processor remembers of a program, the work of the users takes longer.
void Loop::Parts::run_events(std::span<const epoll_event> events) {
  for (const epoll_event& event : events) {
    if (event.data.ptr == nullptr) {
      std::uint64_t unused = 0;
      ::eventfd_read(alarm_.get(), &unused);
    } else {
      static_cast<Watched*>(event.data.ptr)->on_events(event.events);
    }
  }
  for (const epoll_event& event : events) {
    if (event.data.ptr != nullptr) {
      static_cast<Watched*>(event.data.ptr)->go_on();
    }
    if (unwritten_.size() >= kMostUnwritten) {
      run_writes();
    }
  }
  run_writes();
}

void Loop::Parts::run_writes() {
  writes_.swap(unwritten_);
  for (std::size_t i = 0; i < writes_.size(); ++i) {
    if (writes_[i] != nullptr) {
      writes_[i]->write_now();
    }
  }
  writes_.clear();
}

void Loop::Parts::run_repeats(Clock::time_point now) {
  for (std::size_t i = 0; i < repeats.size(); ++i) {
    Repeat& repeat = *repeats[i];
    if (repeat.next <= now) {
      repeat.work();
      repeat.next = Clock::now() + repeat.period;
    }
  }
}

void Loop::Parts::run_idle_work() {
  const auto work = std::move(idle_work);
  idle_work = nullptr;
  work();
}

int Loop::Parts::milliseconds_to_sleep(Clock::time_point now) const {
  auto until = Clock::time_point::max();
  for (const auto& repeat : repeats) {
    until = std::min(until, repeat->next);
  }
  if (until == Clock::time_point::max()) {
    return -1;
  }
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - now).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
}

int Loop::Parts::wait(std::span<epoll_event> events, int timeout_ms) const {
  return std::max(0, ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), timeout_ms));
}

void Loop::Parts::run() {
  std::array<epoll_event, kEventsPerRound> events;
  while (!stopped.load(std::memory_order_relaxed)) {
    run_posted();
    run_soon();
    const auto now = Clock::now();
    run_repeats(now);
    if (idle_work && now >= idle_by) {
      run_idle_work();
    }
    int count = 0;
    run_writes();
    const bool is_done = soon_.empty() && unwritten_.empty();
    if (is_done && !idle_work && falls_asleep()) {
      count = wait(events, milliseconds_to_sleep(now));
      wakes_up();
    } else {
      count = wait(events, 0);
      if (count == 0 && is_done && idle_work && falls_asleep()) {
        wakes_up();
        run_idle_work();
      }
    }
    run_events(std::span(events).first(static_cast<std::size_t>(count)));
    end_buried();
  }
}

void Loop::Parts::end_buried() {
  // What ends may bury others.
  while (!buried_.empty() || !released_.empty()) {
    const auto released = std::exchange(released_, {});
    const auto buried = std::exchange(buried_, {});
  }
}

void Loop::Parts::clear() {
  for (Watched* each : watched_) {
    each->let_go();
  }
  for (;;) {
    std::vector<std::function<void()>> left;
    {
      const std::lock_guard lock(mutex_);
      left.swap(posted_);
    }
    idle_work = nullptr;
    if (left.empty() && buried_.empty() && released_.empty()) {
      break;
    }
    left.clear();
    end_buried();
  }
  repeats.clear();
  watches.clear();
  const std::lock_guard lock(mutex_);
  cleared_ = true;
}

// ---- for all ----

Loop::Loop() : parts_(std::make_unique<Parts>()) {}
Loop::~Loop() {
  parts_->clear();
}
void Loop::run() {
  parts_->run();
}
void Loop::stop() {
  parts_->stopped.store(true);
  parts_->post([] {});
}
void Loop::post(std::function<void()> work) {
  parts_->post(std::move(work));
}
void Loop::when_idle(std::function<void()> work) {
  parts_->idle_work = std::move(work);
  parts_->idle_by = Parts::Clock::now() + kMostIdleDelay;
}
void Loop::every(std::chrono::milliseconds period, std::function<void()> work) {
  parts_->repeats.push_back(
      std::make_unique<Parts::Repeat>(Parts::Repeat{period, Parts::Clock::now() + period, std::move(work)}));
}
void Loop::on_signals(std::initializer_list<int> signals, const std::function<void(int)>& work) {
  if (parts_->signals == nullptr) {
    auto made = std::make_unique<Signals>(*parts_);
    parts_->signals = made.get();
    parts_->watches.push_back(std::move(made));
  }
  for (const int number : signals) {
    static_cast<Signals*>(parts_->signals)->add(number, work);
  }
}
void Loop::on_readable(int descriptor, std::function<void()> work) {
  auto watch = std::make_unique<Watch>(std::move(work));
  parts_->watch(descriptor, EPOLLIN, *watch);
  parts_->watches.push_back(std::move(watch));
}
void Loop::clear() {
  parts_->clear();
}

}  // namespace gateway
