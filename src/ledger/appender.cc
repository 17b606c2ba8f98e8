#include "ledger/appender.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/text.h"
#include "ledger/state.h"

namespace ledger {

using base::Errc;
using base::Error;
using base::Result;

namespace {

constexpr std::size_t kStep = 64;  // entries that are prepared before the thread looks at what the disk has done
// One that is being written, one that is written next, and one that is being prepared.
constexpr std::size_t kMaxBatches = 3;
constexpr std::size_t kMaxSealed = 2;
// A small batch is written by the thread that prepared it: to wake another takes longer than to prepare the next one.
constexpr std::size_t kMaxOwnBytes = 24U << 10;

}  // namespace

struct Appender::State {
  using Clock = std::chrono::steady_clock;

  /// Whoever waits for an entry, or for work on the ledger.
  struct Ticket {
    std::function<void(const Result<std::uint64_t>&)> done;
    NewEntry* returned = nullptr;
    const std::function<Result<void>(Ledger&)>* work = nullptr;  ///< Instead of an entry.
    std::promise<Result<void>>* worked = nullptr;
  };
  struct Queue {
    std::vector<NewEntry> entries;
    std::vector<Ticket> tickets;  ///< One for each of them.
    [[nodiscard]] bool empty() const { return entries.empty(); }
    void clear() {
      entries.clear();
      tickets.clear();
    }
  };
  /// One for each that is staged in the ledger, from its first entry until it is acknowledged.
  struct Batch {
    std::vector<Ticket> tickets;
    std::vector<std::uint64_t> places;
    std::uint64_t bytes = 0;
    bool is_full = false;
    bool is_sealed = false;
    Result<void> outcome;
  };

  State(Ledger&& opened, Ledger::State& of_it, AppenderLimits bounds)
      : ledger(std::move(opened)), log(of_it), limits(bounds), period(bounds.checkpoint_ms) {}

  // -------------------------------------------------------------------------------------- shared between threads

  std::mutex mutex;               // of everything in this part
  std::condition_variable came;   // something to do for the preparing thread
  std::condition_variable freed;  // room in the queue, or something acknowledged
  Queue queue;
  std::uint64_t queued_bytes = 0;
  std::uint64_t submitted = 0;
  std::uint64_t acknowledged = 0;
  bool hurry = false;    // somebody waits for something in the queue
  bool is_told = false;  // of what is in the queue, was the preparing thread?
  bool closing = false;

  std::condition_variable sealed;  // something to do for the writing thread
  std::deque<const EntryBatch*> to_write;
  std::size_t written = 0;       // batches that the preparing thread does not know of yet
  std::optional<Error> failure;  // nothing more is written until that thread has seen it
  bool stopping = false;

  void push(NewEntry&& entry, Ticket&& ticket, std::uint64_t bytes, const Submission& submission) {
    bool tell = false;
    {
      std::unique_lock lock(mutex);
      const auto has_room = [&] { return queued_bytes == 0 || queued_bytes + bytes <= limits.max_queue_bytes; };
      if (!has_room()) {
        hurry = true;  // whatever is queued must not wait for what is to follow
        came.notify_one();
        freed.wait(lock, has_room);
      }
      queued_bytes += bytes;
      ++submitted;
      queue.entries.push_back(std::move(entry));
      queue.tickets.push_back(std::move(ticket));
      // What is waited for: the first, one that somebody waits for, and as many as go at once.
      tell = !submission.more && (!is_told || queue.entries.size() == limits.max_batch || (submission.waits && !hurry));
      is_told = is_told || tell;
      hurry = hurry || (submission.waits && !submission.more);
    }
    if (tell) {
      came.notify_one();
    }
  }

  void write_batches() {
    std::unique_lock lock(mutex);
    for (;;) {
      sealed.wait(lock, [&] { return stopping || !to_write.empty(); });
      if (to_write.empty()) {
        return;
      }
      const EntryBatch& batch = *to_write.front();
      lock.unlock();
      const auto outcome = log.entries->write(batch);
      lock.lock();
      note_written(outcome);
      came.notify_one();
    }
  }

  // Called with the lock held, for the first of those to be written.
  void note_written(const Result<void>& outcome) {
    if (outcome) {
      to_write.pop_front();
      ++written;
    } else {
      to_write.clear();
      failure = outcome.error();
    }
  }

  // --------------------------------------------------------------------------------------- of the preparing thread

  Ledger ledger;
  Ledger::State& log;
  AppenderLimits limits;
  std::chrono::milliseconds period;  // of the checkpoint file
  bool is_behind = false;            // is the checkpoint file?
  Clock::time_point behind_since;
  std::optional<Clock::time_point> gather_until;
  Queue taken;           // from the queue
  std::size_t next = 0;  // of these
  std::deque<Batch> batches;
  std::vector<Batch> finished;  // to be acknowledged

  std::thread preparing;
  std::thread writing;

  void prepare_batches() {
    while (wait()) {
      see_what_was_written();
      hand_over();  // before others are told of it: the disk is not to wait for that
      acknowledge();
      prepare();
      hand_over();
      if (is_behind && Clock::now() >= behind_since + period) {
        // Where it fails, entries are durable all the same; the next time or the next writer makes it good.
        is_behind = !ledger.file_checkpoint();
        behind_since = Clock::now();
      }
    }
  }

  // Waits until there is something to do. False at the end.
  bool wait() {
    std::unique_lock lock(mutex);
    for (;;) {
      if (written != 0 || failure) {
        return true;
      }
      if (taken.empty() && may_take()) {
        std::swap(taken, queue);
        hurry = is_told = false;
        gather_until.reset();
      }
      if (can_prepare()) {
        return true;
      }
      if (closing && batches.empty() && queue.empty() && taken.empty()) {
        return false;
      }
      const auto now = Clock::now();
      if (is_behind && now >= behind_since + period) {
        return true;
      }
      auto until = is_behind ? behind_since + period : Clock::time_point::max();
      if (gather_until) {
        until = std::min(until, *gather_until);
      }
      if (until == Clock::time_point::max()) {
        came.wait(lock);
      } else if (until > now) {
        came.wait_until(lock, until);
      }
    }
  }

  // Whether what is queued need not lie any longer. Called with the lock held.
  bool may_take() {
    if (queue.empty()) {
      return false;
    }
    if (limits.gather_ms == 0 || hurry || closing || queue.entries.size() >= limits.max_batch) {
      return true;
    }
    const auto now = Clock::now();
    if (!gather_until) {
      gather_until = now + std::chrono::milliseconds(limits.gather_ms);
    }
    return now >= *gather_until;
  }

  [[nodiscard]] bool has_open_batch() const { return !batches.empty() && !batches.back().is_sealed; }

  [[nodiscard]] bool can_prepare() const {
    if (taken.empty()) {
      return false;
    }
    if (taken.tickets[next].work != nullptr) {
      return batches.empty();
    }
    return has_open_batch() ? !batches.back().is_full : batches.size() < kMaxBatches;
  }

  void see_what_was_written() {
    std::size_t count = 0;
    std::optional<Error> failed;
    {
      const std::lock_guard lock(mutex);
      count = std::exchange(written, 0);
      failed = std::exchange(failure, std::nullopt);
    }
    for (; count > 0; --count) {
      if (log.staged.front().entries.count() != 0 && !is_behind) {
        is_behind = true;
        behind_since = Clock::now();
      }
      log.take_in();
      finish(batches.front());
      batches.pop_front();
    }
    if (failed) {
      log.drop_all();
      for (Batch& batch : batches) {
        batch.outcome = *failed;
        finish(batch);
      }
      batches.clear();
    }
  }

  void finish(Batch& batch) { finished.push_back(std::move(batch)); }

  // Seals the batch at hand and has it written, if it is full, or the disk is idle and there is nothing to add.
  void hand_over() {
    if (!has_open_batch()) {
      return;
    }
    Batch& batch = batches.back();
    bool is_idle = false;
    {
      const std::lock_guard lock(mutex);
      is_idle = to_write.empty();
      const bool is_complete = batch.is_full || (is_idle && !can_prepare() && !(taken.empty() && may_take()));
      if (failure || !is_complete || to_write.size() == kMaxSealed) {
        return;
      }
    }
    const EntryBatch& entries = log.seal();
    batch.is_sealed = true;
    if (is_idle && entries.bytes().size() <= kMaxOwnBytes) {
      const auto outcome = log.entries->write(entries);
      const std::lock_guard lock(mutex);
      to_write.push_back(&entries);
      note_written(outcome);
      return;
    }
    {
      const std::lock_guard lock(mutex);
      if (failure) {
        return;  // it goes with the one that failed
      }
      to_write.push_back(&entries);
    }
    sealed.notify_one();
  }

  void acknowledge() {
    if (finished.empty()) {
      return;
    }
    std::uint64_t bytes = 0;
    std::uint64_t count = 0;
    for (const Batch& batch : finished) {
      for (std::size_t i = 0; i < batch.tickets.size(); ++i) {
        batch.tickets[i].done(batch.outcome ? Result<std::uint64_t>(batch.places[i])
                                            : Result<std::uint64_t>(batch.outcome.error()));
      }
      bytes += batch.bytes;
      count += batch.tickets.size();
    }
    finished.clear();
    note_acknowledged(count, bytes);
    log.settle_if_many();
  }

  void note_acknowledged(std::uint64_t count, std::uint64_t bytes) {
    {
      const std::lock_guard lock(mutex);
      queued_bytes -= bytes;
      acknowledged += count;
    }
    freed.notify_all();
  }

  void go_on(std::size_t from) {
    next = from;
    if (next == taken.entries.size()) {
      taken.clear();
      next = 0;
    }
  }

  // Some of the entries that were taken from the queue, or work on the ledger.
  void prepare() {
    if (!can_prepare()) {
      return;
    }
    if (const Ticket& ticket = taken.tickets[next]; ticket.work != nullptr) {
      ticket.worked->set_value((*ticket.work)(ledger));
      go_on(next + 1);
      note_acknowledged(1, 0);
      return;
    }
    if (!has_open_batch()) {
      log.begin_batch();
      batches.emplace_back();
    }
    Batch& batch = batches.back();
    const std::size_t first = next;
    const std::size_t most =
        std::min({taken.entries.size(), first + kStep, first + limits.max_batch - batch.tickets.size()});
    for (; next < most && taken.tickets[next].work == nullptr; ++next) {
      const NewEntry& entry = taken.entries[next];
      const std::uint64_t bytes = entry.key.size() + entry.content.size();
      if (batch.bytes + bytes > limits.max_batch_bytes && (batch.bytes != 0 || next != first)) {
        batch.is_full = true;
        break;
      }
      batch.bytes += bytes;
    }
    const auto staged = log.stage(std::span(taken.entries).subspan(first, next - first), &batch.places);
    for (std::size_t i = first; i < next; ++i) {
      if (NewEntry* const returned = taken.tickets[i].returned; returned != nullptr) {
        *returned = std::move(taken.entries[i]);
      }
      batch.tickets.push_back(std::move(taken.tickets[i]));
    }
    batch.is_full = batch.is_full || batch.tickets.size() >= limits.max_batch;
    go_on(next);
    if (!staged) {
      log.drop_last();
      log.begin_batch();  // an empty one, so that this one is acknowledged in its turn
      batch.outcome = staged.error();
      batch.is_full = true;
    }
  }
};

Appender::Appender(Ledger ledger, AppenderLimits limits) {
  Ledger::State& log = *ledger.state_;
  state_ = std::make_unique<State>(std::move(ledger), log, limits);
  state_->writing = std::thread([state = state_.get()] { state->write_batches(); });
  state_->preparing = std::thread([state = state_.get()] { state->prepare_batches(); });
}

Appender::~Appender() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->closing = true;
  }
  state_->came.notify_one();
  state_->preparing.join();
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->sealed.notify_one();
  state_->writing.join();
}

void Appender::submit(NewEntry entry, std::function<void(const Result<std::uint64_t>&)> done,
                      const Submission& submission) {
  // One that is too large must not take the others of its batch with it.
  if (entry.key.size() > kMaxKeyBytes || entry.content.size() > kMaxContentBytes) {
    const Error error{Errc::too_large,
                      "ledger: entry \"" + base::printable(base::abbreviate(entry.key, 200)) + "\" is above " +
                          base::human_bytes(entry.key.size() > kMaxKeyBytes ? kMaxKeyBytes : kMaxContentBytes)};
    if (submission.returned != nullptr) {
      *submission.returned = std::move(entry);
    }
    done(error);
    return;
  }
  const std::uint64_t bytes = entry.key.size() + entry.content.size();
  state_->push(std::move(entry), {std::move(done), submission.returned, nullptr, nullptr}, bytes, submission);
}

Result<std::uint64_t> Appender::append(NewEntry entry) {
  std::promise<Result<std::uint64_t>> promise;
  auto future = promise.get_future();
  submit(std::move(entry), [&](const Result<std::uint64_t>& result) { promise.set_value(result); });
  return future.get();
}

void Appender::flush() {
  std::unique_lock lock(state_->mutex);
  const std::uint64_t before = state_->submitted;
  state_->hurry = state_->hurry || !state_->queue.empty();
  state_->came.notify_one();
  state_->freed.wait(lock, [&] { return state_->acknowledged >= before; });
}

Result<void> Appender::with_ledger(const std::function<Result<void>(Ledger&)>& work) {
  std::promise<Result<void>> promise;
  auto future = promise.get_future();
  state_->push({}, {{}, nullptr, &work, &promise}, 0, {});
  return future.get();
}

}  // namespace ledger
