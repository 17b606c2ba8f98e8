#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "base/value.h"

namespace control {

/// What exactly is to be approved. An approval is good for this and for nothing else.
struct ApprovalBinding {
  std::string caller;      ///< Caller::id.
  std::string tool;        ///< Or "content" where a text is asked about.
  base::Sha256 arguments;  ///< Of their canonical JSON, so that it does not matter how they were written.
  base::Sha256 policy;     ///< Configuration::digest.
  bool operator==(const ApprovalBinding&) const = default;
};

enum class ApprovalState : std::uint8_t {
  pending,
  approved,  ///< By enough people, and not used yet.
  denied,
  used,     ///< Something was let pass by it: it can never be used again.
  expired,  ///< Nobody decided in time.
};
[[nodiscard]] std::string_view to_string(ApprovalState state);

struct Approval {
  std::string id;  ///< 16 hexadecimal digits.
  ApprovalBinding binding;
  std::string subject;  ///< Whom the caller stands for: must not approve himself.
  std::string reason;   ///< Why somebody is asked.
  std::string shown;    ///< The arguments, for the people who decide.
  unsigned needed = 1;  ///< How many different people must agree.
  std::int64_t created = 0;
  std::int64_t expires = 0;
  ApprovalState state = ApprovalState::pending;
  struct Vote {
    std::string approver;
    bool approves = false;
    std::string reason;
    std::int64_t time = 0;
  };
  std::vector<Vote> votes;
};

/// Actions that wait for people. Each is a file of its own, written before anything follows from it, so that a restart
/// forgets and repeats nothing. Thread-safe.
class ApprovalBook {
 public:
  /// Told of every change, for the record: what happened ("requested", "approved", "denied", "used", "expired").
  using Listener = std::function<void(std::string_view event, const Approval& approval)>;

  /// Reads `directory`, which is made where it is not there. Files that are not whole are refused. Fails with io or
  /// malformed.
  static base::Result<std::unique_ptr<ApprovalBook>> open(const std::filesystem::path& directory);
  void on_change(Listener listener);

  enum class Answer : std::uint8_t { go, wait, refused };
  /// Asks for leave. `go`: an approval for exactly this was there and is used up now. `refused`: it was denied, and
  /// that has not expired. Otherwise it waits under `id`; where one of the same binding waits already, that is joined.
  /// Fails with io, and then nothing may happen, or too_large (too many wait).
  base::Result<Answer> ask(const ApprovalBinding& binding, std::string_view subject, std::string_view reason,
                           std::string_view shown, unsigned needed, std::int64_t now, std::int64_t expires,
                           std::string& id);
  /// Takes an approval of which ask() said wait: go exactly once after it was approved.
  base::Result<Answer> claim(std::string_view id, std::int64_t now);
  /// Calls `waker` when something is decided about `id`, from another thread. Replaces the waker of the same owner.
  void wait(std::string_view id, const void* owner, std::function<void()> waker);
  /// After it has returned, the waker of this owner is not called any more.
  void stop_waiting(std::string_view id, const void* owner);

  /// A person decides. Fails with usage where there is no such approval, it is not pending, it is the caller's own, or
  /// this person has decided before; or with io.
  base::Result<Approval> decide(std::string_view id, std::string_view approver, bool approves, std::string_view reason,
                                std::int64_t now);
  /// Ends those whose time is over and forgets those that ended long ago.
  void expire(std::int64_t now);
  /// Takes up decisions that other programs have left in the directory: files ID.approve and ID.deny, the owner of
  /// which, by the name of the user, is who decides.
  void take_decisions(std::int64_t now);

  [[nodiscard]] std::vector<Approval> list() const;
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

  static constexpr std::size_t kMaxPending = 10'000;

 private:
  explicit ApprovalBook(std::filesystem::path directory) : directory_(std::move(directory)) {}
  base::Result<void> store(const Approval& approval);
  void wake(const std::string& id);
  void tell(std::string_view event, const Approval& approval);

  struct Waiter {
    const void* owner = nullptr;
    std::function<void()> waker;
  };
  std::filesystem::path directory_;
  mutable std::mutex mutex_;
  std::map<std::string, Approval, std::less<>> approvals_;
  std::multimap<std::string, Waiter, std::less<>> waiters_;
  Listener listener_;
};

/// The approvals in `directory`, for a program beside the gateway. Fails as open() does.
base::Result<std::vector<Approval>> read_approvals(const std::filesystem::path& directory);
/// Leaves a decision for the gateway to take up. Fails with not_found (no such approval waits) or io.
base::Result<void> leave_decision(const std::filesystem::path& directory, std::string_view id, bool approves,
                                  std::string_view reason);

[[nodiscard]] base::Value to_value(const Approval& approval);
base::Result<Approval> approval_from(const base::Value& value, std::string_view file);

}  // namespace control
