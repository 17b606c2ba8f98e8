#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "ledger/ledger.h"

namespace ledger {

struct AppenderLimits {
  std::size_t max_batch = 1000;               ///< Entries written together.
  std::uint64_t max_batch_bytes = 16U << 20;  ///< And their bytes; one entry above that is a batch of its own.
  std::uint64_t max_queue_bytes = 64U << 20;  ///< Above that a caller waits: memory does not grow with the load.
  std::uint32_t checkpoint_ms = 100;          ///< The checkpoint file is at most so far behind the entries.
  std::uint32_t gather_ms = 0;                ///< Entries that nobody waits for may lie so long, to go together.
};

/// How an entry is submitted.
struct Submission {
  bool waits = true;             ///< Somebody waits for it: it does not lie for `gather_ms`.
  bool more = false;             ///< Another follows at once, so nothing begins for this one.
  NewEntry* returned = nullptr;  ///< Gets the entry back before `done` is called, appended or not; must live till then.
};

/// Lets many threads append to one ledger. What comes in while a batch is being synced goes together into the
/// next, so that one sync serves many entries; under no load an entry waits for nothing. An entry is acknowledged when
/// it is on the disk. One thread of its own prepares batches and acknowledges, another writes and syncs the one before
/// meanwhile; where a batch fails, so do those that were prepared behind it. Thread-safe.
class Appender {
 public:
  explicit Appender(Ledger ledger, AppenderLimits limits = {});
  /// Appends what is queued, writes the checkpoint file, closes the ledger.
  ~Appender();
  Appender(const Appender&) = delete;
  Appender& operator=(const Appender&) = delete;

  /// Appends and returns when the entry is durable: its index, or that of the equal current entry of its key. Fails as
  /// Ledger::append(); a failure is that of the whole batch and of what was prepared behind it, none of which is
  /// recorded then; except too_large, which is of this entry alone.
  base::Result<std::uint64_t> append(NewEntry entry);
  /// The same without waiting for the disk: `done` is called by the preparing thread, in order of the log, and must not
  /// block or append. Waits while the queue is full.
  void submit(NewEntry entry, std::function<void(const base::Result<std::uint64_t>&)> done,
              const Submission& submission = {});
  /// Waits until everything submitted so far is acknowledged.
  void flush();

  /// Runs in the preparing thread when all that was submitted before is acknowledged and nothing is on its way to the
  /// disk: to sign, export or prove while others append.
  base::Result<void> with_ledger(const std::function<base::Result<void>(Ledger&)>& work);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ledger
