#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "control/configuration.h"
#include "control/subject_keys.h"
#include "ledger/appender.h"

namespace control {

/// Writes JSON objects member by member behind what `out` holds, without a tree in between. The caller gives the
/// members in order of their names, so that the bytes are canonical. `out` is whole after finish().
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out), at_(out.size()) {}
  void begin_object(std::string_view name = {});
  void end_object();
  void begin_list(std::string_view name = {});
  void end_list();
  void text(std::string_view name, std::string_view value);
  void number(std::string_view name, std::uint64_t value);
  void boolean(std::string_view name, bool value);
  void digest(std::string_view name, const base::Sha256& value);
  void element(std::string_view text);
  void json(std::string_view name, std::string_view value);  ///< A value that is JSON already.
  void finish() { out_.resize(at_); }

 private:
  char* room(std::size_t bytes);
  void put(std::string_view bytes);
  void separate(std::string_view name);
  void make_room(std::size_t bytes);
  std::string& out_;
  std::size_t at_;  ///< Behind what is written; the rest of `out_` is room.
  bool first_ = true;
};

/// Predicate type of the records of the gateway. docs/formats/gateway-controls.md has them, field by field.
inline constexpr std::string_view kExchangePredicate = "urn:surety:evidence:exchange:v1";

/// An in-toto statement around a predicate of a record, in canonical bytes. The subject has no content of its own: its
/// digest is that of its name.
[[nodiscard]] std::string statement_text(std::string_view subject, std::string_view predicate);
/// The same piece by piece: its beginning, then the member "predicate", then its end, which finishes `json` too.
void begin_statement(JsonWriter& json);
void end_statement(JsonWriter& json, std::string_view subject);

/// Who waits until a record is on the disk.
class RecordWaiter {
 public:
  virtual ~RecordWaiter() = default;
  /// On the log's own thread, or from inside of append() where nothing can be taken. Where it is not durable the record
  /// is kept, and tried again.
  virtual void on_recorded(bool durable) = 0;
};

/// The record of everything that passes: a Merkle log that entries are appended to by group commit. Thread-safe.
class AuditLog {
 public:
  /// Opens or makes the log. Fails as ledger::Ledger::open() and SubjectKeys::open().
  static base::Result<std::unique_ptr<AuditLog>> open(const LogSettings& settings);
  /// Appends what is queued.
  ~AuditLog();

  /// Room for a record, for its text to be written into: it comes back to the log by append().
  [[nodiscard]] std::string buffer();
  /// Appends a record; never blocks for the disk. `waiter`, if there is one, is told once. A record that could not be
  /// written is kept and tried again while there is room, and what there was no room for is counted and told in the log
  /// as soon as it can be.
  void append(std::string content, std::shared_ptr<RecordWaiter> waiter = {});
  /// From now on records that somebody waits for lie until hand_over(): whoever drives the exchanges promises to call
  /// it when nothing else is to be done, and after some tens of records at the latest. So they go to the disk together.
  void gather() { gathers_.store(true, std::memory_order_relaxed); }
  void hand_over();
  /// Appends the new state of what `key` names, unless it is the one that is there. Does not wait; what fails is not
  /// tried again.
  void append_current(std::string key, std::string content);
  /// The newest content under `key`. Waits for the writing thread.
  base::Result<std::optional<std::string>> current(std::string_view key);
  /// Can records be taken now? False after a failure until one was written again, and while too much waits.
  [[nodiscard]] bool accepts() const;
  /// Does so much wait for the disk that who does not wait for his records should?
  [[nodiscard]] bool is_behind() const { return queued_bytes_.load(std::memory_order_relaxed) > kMaxBehindBytes; }
  /// Tries again what failed, and hands over what nobody has. To be called some times a second.
  void retry();
  /// Waits until what was appended so far is on the disk or has failed.
  void flush();

  [[nodiscard]] SubjectKeys& subjects() { return *subjects_; }
  [[nodiscard]] std::uint64_t written() const { return written_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t failures() const { return failures_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t lost() const { return lost_.load(std::memory_order_relaxed); }

  static constexpr std::uint64_t kMaxQueuedBytes = 32U << 20;  ///< Below the appender's own, so that it never waits.
  static constexpr std::uint64_t kMaxKeptBytes = 16U << 20;    ///< Of records that failed.
  static constexpr std::uint64_t kMaxBehindBytes = 1U << 20;   ///< Of records that nobody waits for.
  static constexpr std::uint32_t kGatherMs = 10;               ///< How long these may lie, to be written together.

 private:
  AuditLog();
  struct Pending;
  void submit(std::string content, std::shared_ptr<RecordWaiter> waiter, bool is_retry);
  void submit(Pending* pending, bool more);
  void on_appended(Pending* pending, bool durable);
  void keep(std::string content);
  void recycle(std::unique_ptr<Pending> pending);

  static constexpr std::size_t kMaxSpare = 2048;           ///< Entries.
  static constexpr std::size_t kMaxSpareBytes = 4U << 10;  ///< Of the buffer of one.

  std::unique_ptr<SubjectKeys> subjects_;
  std::atomic<std::uint64_t> queued_bytes_{0};
  std::atomic<bool> failing_{false};
  std::atomic<std::uint64_t> written_{0};
  std::atomic<std::uint64_t> failures_{0};
  std::atomic<std::uint64_t> lost_{0};
  std::atomic<bool> gathers_{false};
  std::mutex gathered_mutex_;
  std::vector<Pending*> gathered_;
  std::mutex kept_mutex_;
  std::deque<std::string> kept_;
  std::uint64_t kept_bytes_ = 0;
  std::uint64_t lost_told_ = 0;
  std::mutex spare_mutex_;
  std::vector<std::string> spare_buffers_;
  std::vector<std::unique_ptr<Pending>> spare_;
  std::unique_ptr<ledger::Appender> appender_;  ///< Last, so that it ends before what its callbacks use.
};

}  // namespace control
