#include "control/approvals.h"

#include <dirent.h>
#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "control/random.h"

namespace control {

using base::Errc;
using base::Error;
using base::Result;
using base::Value;

namespace {

constexpr std::string_view kStates[] = {"pending", "approved", "denied", "used", "expired"};
constexpr std::uint64_t kMaxFileBytes = 1U << 20;
constexpr std::size_t kMaxShownBytes = 16U << 10;
constexpr std::int64_t kKeptSeconds = 86400;  // of what has ended; the audit log keeps it for good

bool is_id(std::string_view text) {
  return text.size() == 16 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string user_name(uid_t user) {
  std::array<char, 4096> buffer{};
  struct passwd entry {};
  struct passwd* found = nullptr;
  if (::getpwuid_r(user, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) {
    return found->pw_name;
  }
  return "user " + std::to_string(user);
}

bool is_over(const Approval& approval) {
  return approval.state != ApprovalState::pending && approval.state != ApprovalState::approved;
}

}  // namespace

std::string_view to_string(ApprovalState state) {
  return kStates[static_cast<std::size_t>(state)];
}

Value to_value(const Approval& approval) {
  Value votes{Value::List{}};
  for (const Approval::Vote& vote : approval.votes) {
    Value one;
    one.set("approver", vote.approver).set("decision", vote.approves ? "approve" : "deny");
    one.set("reason", vote.reason).set("time", base::to_iso8601({vote.time}));
    votes.push(std::move(one));
  }
  Value out;
  out.set("id", approval.id).set("state", to_string(approval.state)).set("caller", approval.binding.caller);
  out.set("subject", approval.subject).set("tool", approval.binding.tool);
  out.set("arguments", approval.shown).set("arguments_sha256", approval.binding.arguments.hex());
  out.set("policy_sha256", approval.binding.policy.hex()).set("reason", approval.reason);
  out.set("needed", static_cast<std::int64_t>(approval.needed));
  out.set("created", base::to_iso8601({approval.created})).set("expires", base::to_iso8601({approval.expires}));
  out.set("votes", std::move(votes));
  return out;
}

Result<Approval> approval_from(const Value& value, std::string_view file) {
  const auto wrong = [&](std::string_view field) {
    return Error{Errc::malformed, "approval: " + std::string(field) + " is missing or wrong", 0, std::string(file),
                 value.line()};
  };
  Approval out;
  out.id = value["id"].as_text();
  const auto state = std::find(std::begin(kStates), std::end(kStates), value["state"].as_text());
  if (!is_id(out.id)) {
    return wrong("id");
  }
  if (state == std::end(kStates)) {
    return wrong("state");
  }
  out.state = static_cast<ApprovalState>(state - std::begin(kStates));
  out.binding.caller = value["caller"].as_text();
  out.binding.tool = value["tool"].as_text();
  const auto arguments = base::Sha256::from_hex(value["arguments_sha256"].as_text());
  const auto policy = base::Sha256::from_hex(value["policy_sha256"].as_text());
  if (!arguments || !policy) {
    return wrong("arguments_sha256 or policy_sha256");
  }
  out.binding.arguments = *arguments;
  out.binding.policy = *policy;
  out.subject = value["subject"].as_text();
  out.reason = value["reason"].as_text();
  out.shown = value["arguments"].as_text();
  const std::int64_t needed = value["needed"].as_integer(0);
  if (needed < 1 || needed > 2) {
    return wrong("needed");
  }
  out.needed = static_cast<unsigned>(needed);
  const auto created = base::parse_time(value["created"].as_text());
  const auto expires = base::parse_time(value["expires"].as_text());
  if (!created || !expires) {
    return wrong("created or expires");
  }
  out.created = created->seconds;
  out.expires = expires->seconds;
  for (const Value& one : value["votes"].as_list()) {
    const auto time = base::parse_time(one["time"].as_text());
    if (!time) {
      return wrong("votes");
    }
    out.votes.push_back({std::string(one["approver"].as_text()), one["decision"].as_text() == "approve",
                         std::string(one["reason"].as_text()), time->seconds});
  }
  return out;
}

Result<std::vector<Approval>> read_approvals(const std::filesystem::path& directory) {
  std::vector<Approval> out;
  std::error_code failure;
  for (const auto& entry : std::filesystem::directory_iterator(directory, failure)) {
    const std::string name = entry.path().filename().native();
    if (!name.ends_with(".json")) {
      continue;
    }
    auto text = base::read_file(entry.path(), kMaxFileBytes);
    if (!text && text.error().code == Errc::not_found) {
      continue;  // it ended meanwhile
    }
    if (!text) {
      return text.error();
    }
    const std::string shown = base::printable(entry.path().native());
    auto value = base::parse_json(*text);
    if (!value) {
      return std::move(value).error().in_file(shown);
    }
    Approval approval = TRY(approval_from(*value, shown));
    if (name != approval.id + ".json") {
      return Error{Errc::malformed, "approval: the name of the file is not its id", 0, shown};
    }
    out.push_back(std::move(approval));
  }
  if (failure && failure != std::errc::no_such_file_or_directory) {
    return Error{Errc::io, "approvals: " + failure.message(), 0, base::printable(directory.native())};
  }
  std::sort(out.begin(), out.end(),
            [](const Approval& a, const Approval& b) { return std::tie(a.created, a.id) < std::tie(b.created, b.id); });
  return out;
}

Result<std::unique_ptr<ApprovalBook>> ApprovalBook::open(const std::filesystem::path& directory) {
  std::error_code failure;
  std::filesystem::create_directories(directory, failure);
  if (failure) {
    return Error{Errc::io, "approvals: " + failure.message(), 0, base::printable(directory.native())};
  }
  std::unique_ptr<ApprovalBook> book(new ApprovalBook(directory));
  for (Approval& approval : TRY(read_approvals(directory))) {
    std::string id = approval.id;
    book->approvals_.emplace(std::move(id), std::move(approval));
  }
  return book;
}

void ApprovalBook::on_change(Listener listener) {
  const std::lock_guard lock(mutex_);
  listener_ = std::move(listener);
}

Result<void> ApprovalBook::store(const Approval& approval) {
  return base::write_file(directory_ / (approval.id + ".json"), base::to_json(to_value(approval), 2) + "\n", 0600);
}

void ApprovalBook::wake(const std::string& id) {
  const auto [first, last] = waiters_.equal_range(id);
  for (auto waiter = first; waiter != last; ++waiter) {
    waiter->second.waker();
  }
}

void ApprovalBook::tell(std::string_view event, const Approval& approval) {
  if (listener_) {
    listener_(event, approval);
  }
}

Result<ApprovalBook::Answer> ApprovalBook::ask(const ApprovalBinding& binding, std::string_view subject,
                                               std::string_view reason, std::string_view shown, unsigned needed,
                                               std::int64_t now, std::int64_t expires, std::string& id) {
  const std::lock_guard lock(mutex_);
  std::size_t pending = 0;
  for (auto& [key, approval] : approvals_) {
    pending += approval.state == ApprovalState::pending ? 1 : 0;
    if (!(approval.binding == binding) || approval.expires <= now || approval.needed < needed) {
      continue;
    }
    id = key;
    if (approval.state == ApprovalState::approved) {
      Approval used = approval;
      used.state = ApprovalState::used;
      TRY(store(used));
      approval = std::move(used);
      tell("used", approval);
      return Answer::go;
    }
    if (approval.state == ApprovalState::denied) {
      return Answer::refused;
    }
    if (approval.state == ApprovalState::pending) {
      return Answer::wait;
    }
  }
  if (pending >= kMaxPending) {
    return Error{Errc::too_large, "approvals: too many wait already"};
  }
  Approval made;
  made.id = TRY(random_name(8));
  made.binding = binding;
  made.subject = subject;
  made.reason = reason;
  made.shown = base::abbreviate(base::printable(shown), kMaxShownBytes);
  made.needed = needed;
  made.created = now;
  made.expires = expires;
  TRY(store(made));
  id = made.id;
  tell("requested", made);
  approvals_.emplace(id, std::move(made));
  return Answer::wait;
}

Result<ApprovalBook::Answer> ApprovalBook::claim(std::string_view id, std::int64_t now) {
  const std::lock_guard lock(mutex_);
  const auto found = approvals_.find(id);
  if (found == approvals_.end()) {
    return Answer::refused;
  }
  Approval& approval = found->second;
  if (approval.state == ApprovalState::pending) {
    return approval.expires > now ? Answer::wait : Answer::refused;
  }
  if (approval.state != ApprovalState::approved || approval.expires <= now) {
    return Answer::refused;
  }
  Approval used = approval;
  used.state = ApprovalState::used;
  TRY(store(used));
  approval = std::move(used);
  tell("used", approval);
  return Answer::go;
}

void ApprovalBook::wait(std::string_view id, const void* owner, std::function<void()> waker) {
  const std::lock_guard lock(mutex_);
  const auto [first, last] = waiters_.equal_range(id);
  for (auto waiter = first; waiter != last; ++waiter) {
    if (waiter->second.owner == owner) {
      waiter->second.waker = std::move(waker);
      return;
    }
  }
  const auto approval = approvals_.find(id);
  if (approval != approvals_.end() && approval->second.state != ApprovalState::pending) {
    waker();  // it was decided in between
  }
  waiters_.emplace(std::string(id), Waiter{owner, std::move(waker)});
}

void ApprovalBook::stop_waiting(std::string_view id, const void* owner) {
  const std::lock_guard lock(mutex_);
  const auto [first, last] = waiters_.equal_range(id);
  for (auto waiter = first; waiter != last; ++waiter) {
    if (waiter->second.owner == owner) {
      waiters_.erase(waiter);
      return;
    }
  }
}

Result<Approval> ApprovalBook::decide(std::string_view id, std::string_view approver, bool approves,
                                      std::string_view reason, std::int64_t now) {
  const std::lock_guard lock(mutex_);
  const auto found = approvals_.find(id);
  if (found == approvals_.end()) {
    return Error{Errc::usage, "no approval " + base::printable(id)};
  }
  Approval next = found->second;
  if (next.state != ApprovalState::pending) {
    return Error{Errc::usage, "approval " + next.id + " is " + std::string(to_string(next.state)) + " already"};
  }
  if (next.expires <= now) {
    return Error{Errc::usage, "approval " + next.id + " has expired"};
  }
  if (approver.empty()) {
    return Error{Errc::usage, "approval " + next.id + ": who decides?"};
  }
  if (approves && approver == next.subject) {
    return Error{Errc::usage, "approval " + next.id + ": nobody approves what was asked in his own name"};
  }
  if (std::any_of(next.votes.begin(), next.votes.end(), [&](const auto& vote) { return vote.approver == approver; })) {
    return Error{Errc::usage, "approval " + next.id + ": " + base::printable(approver) + " has decided before"};
  }
  next.votes.push_back({std::string(approver), approves, base::abbreviate(reason, 2000), now});
  const auto agreeing =
      std::count_if(next.votes.begin(), next.votes.end(), [](const auto& vote) { return vote.approves; });
  if (!approves) {
    next.state = ApprovalState::denied;
  } else if (static_cast<unsigned>(agreeing) >= next.needed) {
    next.state = ApprovalState::approved;
  }
  TRY(store(next));
  found->second = next;
  tell(!approves ? "denied" : next.state == ApprovalState::approved ? "approved" : "agreed", next);
  wake(next.id);
  return next;
}

void ApprovalBook::expire(std::int64_t now) {
  const std::lock_guard lock(mutex_);
  for (auto at = approvals_.begin(); at != approvals_.end();) {
    Approval& approval = at->second;
    if (!is_over(approval) && approval.expires <= now) {
      approval.state = ApprovalState::expired;
      // Where it cannot be stored it is over all the same: its time is in the file.
      static_cast<void>(store(approval).has_value());
      tell("expired", approval);
      wake(approval.id);
    }
    if (is_over(approval) && approval.expires + kKeptSeconds <= now) {
      ::unlink((directory_ / (approval.id + ".json")).c_str());
      at = approvals_.erase(at);
    } else {
      ++at;
    }
  }
}

void ApprovalBook::take_decisions(std::int64_t now) {
  std::error_code failure;
  std::vector<std::filesystem::path> left;
  for (const auto& entry : std::filesystem::directory_iterator(directory_, failure)) {
    const std::string extension = entry.path().extension().native();
    if (extension == ".approve" || extension == ".deny") {
      left.push_back(entry.path());
    }
  }
  std::sort(left.begin(), left.end());
  for (const auto& path : left) {
    // ID.USER-NUMBER.approve: the name says nothing of who it was, its owner does.
    const std::string id = path.filename().native().substr(0, 16);
    const base::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    struct stat status {};
    std::string reason;
    const bool readable = file.is_open() && ::fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode);
    if (readable) {
      reason.resize(2000);
      const ssize_t size = ::read(file.get(), reason.data(), reason.size());
      reason.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    }
    ::unlink(path.c_str());
    if (readable && is_id(id)) {
      // What cannot be decided so is dropped; the approval stays as it is.
      static_cast<void>(
          decide(id, user_name(status.st_uid), path.extension() == ".approve", base::printable(reason), now)
              .has_value());
    }
  }
}

std::vector<Approval> ApprovalBook::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<Approval> out;
  for (const auto& [id, approval] : approvals_) {
    out.push_back(approval);
  }
  std::sort(out.begin(), out.end(),
            [](const Approval& a, const Approval& b) { return std::tie(a.created, a.id) < std::tie(b.created, b.id); });
  return out;
}

Result<void> leave_decision(const std::filesystem::path& directory, std::string_view id, bool approves,
                            std::string_view reason) {
  const auto approvals = TRY(read_approvals(directory));
  const auto found = std::find_if(approvals.begin(), approvals.end(), [&](const auto& one) { return one.id == id; });
  if (found == approvals.end()) {
    return Error{Errc::not_found, "no approval " + base::printable(id)};
  }
  if (found->state != ApprovalState::pending) {
    return Error{Errc::not_found, "approval " + found->id + " is " + std::string(to_string(found->state)) + " already"};
  }
  const std::string name = found->id + "." + std::to_string(::getuid()) + "-" + TRY(random_name(4));
  // Written beside and renamed, so that the gateway sees it whole.
  const std::filesystem::path final_name = directory / (name + (approves ? ".approve" : ".deny"));
  return base::write_file(final_name, base::abbreviate(reason, 2000), 0640);
}

}  // namespace control
