#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "base/value.h"

namespace control {

struct KillRound;

/// What a kill stops.
enum class KillKind : std::uint8_t { everything, model, tool, key, tenant, prompt };
[[nodiscard]] std::string_view to_string(KillKind kind);
[[nodiscard]] std::optional<KillKind> kill_kind(std::string_view name);

struct Kill {
  KillKind kind = KillKind::everything;
  std::string value;  ///< A pattern; for prompts the SHA-256 in hexadecimal. Empty for everything.
  std::string reason;
  std::string actor;
  base::UnixTime since;
};

/// What an exchange is about, as far as it is known.
struct KillSubject {
  std::string key;
  std::string tenant;
  std::string model;
  std::string prompt;              ///< SHA-256 of the system prompt, hexadecimal.
  std::vector<std::string> tools;  ///< Offered or called.
};
[[nodiscard]] bool concerns(const Kill& kill, const KillSubject& subject);

/// How fast a kill took hold of the exchanges that were open.
struct KillEffect {
  std::uint64_t open = 0;      ///< Exchanges that there were.
  std::uint64_t matched = 0;   ///< Of these concerned.
  std::uint64_t answered = 0;  ///< Whose thread took notice before the wait was over.
  std::chrono::microseconds slowest{0};
};

/// Stops what is running and what is yet to come. Kept in a file, so that a restart lifts nothing. Thread-safe.
class KillSwitch {
 public:
  /// An exchange that can be killed; belongs to one exchange and leaves the switch when it is destroyed.
  class Watch {
   public:
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    /// Tells more of what the exchange is about. Returns the kill that it runs into.
    std::shared_ptr<const Kill> update(const std::function<void(KillSubject&)>& change);
    /// The kill that hit this exchange, if one did; takes note of a drill.
    std::shared_ptr<const Kill> poll();

   private:
    friend class KillSwitch;
    Watch(KillSwitch& owner, std::function<void()> waker) : owner_(owner), waker_(std::move(waker)) {}
    KillSwitch& owner_;
    std::function<void()> waker_;
    KillSubject subject_;
    std::shared_ptr<const Kill> kill_;
    std::shared_ptr<KillRound> round_;  ///< Waits for this exchange to take notice.
    std::size_t shard_ = 0;
    Watch* next_ = nullptr;
    Watch* previous_ = nullptr;
    std::atomic<bool> hit_{false};
  };

  /// The kills of `directory`/kills.json, none where there is no such file. Fails with malformed or io.
  static base::Result<std::unique_ptr<KillSwitch>> open(const std::filesystem::path& directory);

  /// Begins to watch. The waker is called from other threads until the watch is destroyed, never after.
  [[nodiscard]] std::unique_ptr<Watch> watch(std::function<void()> waker);

  /// Stops what the kill concerns, now and from now on, and stores it. Waits at most `patience` for open exchanges to
  /// take notice. Fails with usage (nothing named) or io; where only storing failed, it is in force all the same until
  /// the program ends.
  base::Result<KillEffect> kill(Kill kill, std::chrono::milliseconds patience = std::chrono::milliseconds(100));
  /// The same without stopping anything: wakes every exchange that would be stopped and measures how long that takes.
  base::Result<KillEffect> drill(const Kill& kill, std::chrono::milliseconds patience = std::chrono::milliseconds(100));
  /// Lets it run again. Fails with not_found or io.
  base::Result<void> lift(KillKind kind, std::string_view value);
  /// Reads the file again, as after a change by another process; what is new takes hold of what is open. Fails with
  /// malformed or io; then everything stays as it is.
  base::Result<void> reload();

  [[nodiscard]] std::vector<Kill> kills() const;
  /// Is any tool stopped? Then calls in answers have to be looked at, whatever else is configured.
  [[nodiscard]] bool stops_tools() const { return stops_tools_.load(std::memory_order_acquire); }
  /// The kill that such an exchange would run into.
  [[nodiscard]] std::shared_ptr<const Kill> match(const KillSubject& subject) const;

 private:
  explicit KillSwitch(std::filesystem::path file) : file_(std::move(file)) {}
  void note_kills();  ///< Under mutex_.
  base::Result<KillEffect> reach(const std::shared_ptr<const Kill>& kill, bool drill,
                                 std::chrono::milliseconds patience);

  static constexpr std::size_t kShards = 16;
  struct Shard {
    std::mutex mutex;
    Watch* first = nullptr;
  };
  std::filesystem::path file_;
  std::mutex change_mutex_;  ///< Held while memory and file are brought together, so that neither overtakes the other.
  mutable std::shared_mutex mutex_;
  std::vector<std::shared_ptr<const Kill>> kills_;
  std::vector<std::shared_ptr<const Kill>> unsaved_;  ///< Of them, what could not be stored. Under change_mutex_.
  std::atomic<bool> any_{false};
  std::atomic<bool> stops_tools_{false};
  std::array<Shard, kShards> shards_;
  std::atomic<std::size_t> turn_{0};
};

/// The kills of a file, and the text of one. Fails with malformed, naming the line.
base::Result<std::vector<Kill>> parse_kills(std::string_view json, std::string_view file);
[[nodiscard]] std::string kills_text(const std::vector<Kill>& kills);
/// Adds a kill to, or removes one from, the file in `directory`: for programs beside the running gateway, which takes
/// it up by itself. Fails with not_found (nothing to lift), usage, malformed or io.
base::Result<void> store_kill(const std::filesystem::path& directory, const Kill& kill);
base::Result<void> remove_kill(const std::filesystem::path& directory, KillKind kind, std::string_view value);

}  // namespace control
