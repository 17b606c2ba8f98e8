#include "ledger/appender.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/text.h"

namespace ledger {

using base::Errc;
using base::Error;
using base::Result;

struct Appender::State {
  using Done = std::function<void(const Result<std::uint64_t>&)>;
  struct Waiting {
    NewEntry entry;
    Done done;
    std::function<Result<void>(Ledger&)> work;  ///< Instead of an entry.
    std::promise<Result<void>>* worked = nullptr;
    NewEntry* returned = nullptr;
  };

  State(Ledger&& log, AppenderLimits bounds) : ledger(std::move(log)), limits(bounds) {}

  Ledger ledger;
  AppenderLimits limits;
  std::mutex mutex;
  std::condition_variable came;   // something to do
  std::condition_variable freed;  // room in the queue, or all done
  std::deque<Waiting> queue;
  std::uint64_t queued_bytes = 0;
  std::size_t in_work = 0;  // taken from the queue, not yet acknowledged
  bool hurry = false;       // somebody waits for something in the queue
  bool closing = false;
  std::thread writer;

  void push(Waiting waiting, std::uint64_t bytes, bool waits, bool more) {
    bool tell = false;
    {
      std::unique_lock lock(mutex);
      freed.wait(lock, [&] { return queued_bytes == 0 || queued_bytes + bytes <= limits.max_queue_bytes; });
      queued_bytes += bytes;
      queue.push_back(std::move(waiting));
      // The writer waits for the first, for one that is waited for, and for as many as it takes at once.
      tell = !more && (queue.size() == 1 || queue.size() == limits.max_batch || (waits && !hurry));
      hurry = hurry || (waits && !more);
    }
    if (tell) {
      came.notify_one();
    }
  }

  void run() {
    using Clock = std::chrono::steady_clock;
    const auto period = std::chrono::milliseconds(limits.checkpoint_ms);
    bool behind = false;  // is the checkpoint file?
    auto behind_since = Clock::now();
    std::vector<Waiting> batch;
    std::vector<NewEntry> entries;
    std::vector<std::uint64_t> places;
    for (;;) {
      batch.clear();
      std::uint64_t bytes = 0;
      {
        std::unique_lock lock(mutex);
        const auto ready = [&] { return closing || !queue.empty(); };
        if (behind) {
          came.wait_until(lock, behind_since + period, ready);
        } else {
          came.wait(lock, ready);
        }
        if (limits.gather_ms != 0 && !queue.empty()) {
          came.wait_for(lock, std::chrono::milliseconds(limits.gather_ms),
                        [&] { return hurry || closing || queue.size() >= limits.max_batch; });
        }
        while (!queue.empty() && batch.size() < limits.max_batch) {
          Waiting& next = queue.front();
          const std::uint64_t size = next.entry.key.size() + next.entry.content.size();
          if (!batch.empty() && (next.work || bytes + size > limits.max_batch_bytes)) {
            break;
          }
          bytes += size;
          batch.push_back(std::move(next));
          queue.pop_front();
          if (batch.back().work) {
            break;
          }
        }
        hurry = hurry && !queue.empty();
        in_work = batch.size();
        if (batch.empty() && closing) {
          return;
        }
      }
      if (!batch.empty() && batch.front().work) {
        batch.front().worked->set_value(batch.front().work(ledger));
      } else if (!batch.empty()) {
        entries.clear();
        for (Waiting& waiting : batch) {
          entries.push_back(std::move(waiting.entry));
        }
        const auto appended = ledger.append(entries, Filing::later, &places);
        for (std::size_t i = 0; i < batch.size(); ++i) {
          if (batch[i].returned != nullptr) {
            *batch[i].returned = std::move(entries[i]);
          }
          batch[i].done(appended ? Result<std::uint64_t>(places[i]) : Result<std::uint64_t>(appended.error()));
        }
        if (appended && !behind) {
          behind = true;
          behind_since = Clock::now();
        }
      }
      if (behind && Clock::now() >= behind_since + period) {
        // Where it fails, entries are durable all the same; the next time or the next writer makes it good.
        behind = !ledger.file_checkpoint();
        behind_since = Clock::now();
      }
      {
        const std::lock_guard lock(mutex);
        queued_bytes -= bytes;
        in_work = 0;
      }
      freed.notify_all();
    }
  }
};

Appender::Appender(Ledger ledger, AppenderLimits limits) : state_(std::make_unique<State>(std::move(ledger), limits)) {
  state_->writer = std::thread([state = state_.get()] { state->run(); });
}

Appender::~Appender() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->closing = true;
  }
  state_->came.notify_one();
  state_->writer.join();
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
  state_->push({std::move(entry), std::move(done), {}, nullptr, submission.returned}, bytes, submission.waits,
               submission.more);
}

Result<std::uint64_t> Appender::append(NewEntry entry) {
  std::promise<Result<std::uint64_t>> promise;
  auto future = promise.get_future();
  submit(std::move(entry), [&](const Result<std::uint64_t>& result) { promise.set_value(result); });
  return future.get();
}

void Appender::flush() {
  std::unique_lock lock(state_->mutex);
  state_->hurry = state_->hurry || !state_->queue.empty();
  state_->came.notify_one();
  state_->freed.wait(lock, [&] { return state_->queue.empty() && state_->in_work == 0; });
}

Result<void> Appender::with_ledger(const std::function<Result<void>(Ledger&)>& work) {
  std::promise<Result<void>> promise;
  auto future = promise.get_future();
  state_->push({{}, {}, work, &promise, nullptr}, 0, true, false);
  return future.get();
}

}  // namespace ledger
