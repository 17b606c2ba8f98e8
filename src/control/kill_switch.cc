#include "control/kill_switch.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "control/file_lock.h"
#include "control/pattern.h"

namespace control {

using base::Errc;
using base::Error;
using base::Result;
using base::Value;
using Clock = std::chrono::steady_clock;

namespace {
constexpr std::string_view kKinds[] = {"everything", "model", "tool", "key", "tenant", "prompt"};
constexpr std::uint64_t kMaxFileBytes = 4U << 20;
}  // namespace

/// One kill or drill on its way to the exchanges that are open.
struct KillRound {
  std::mutex mutex;
  std::condition_variable noticed;
  Clock::time_point begun = Clock::now();
  std::uint64_t answered = 0;
  Clock::duration slowest{0};

  void notice() {
    {
      const std::lock_guard lock(mutex);
      ++answered;
      slowest = std::max(slowest, Clock::now() - begun);
    }
    noticed.notify_all();
  }
};

std::string_view to_string(KillKind kind) {
  return kKinds[static_cast<std::size_t>(kind)];
}

std::optional<KillKind> kill_kind(std::string_view name) {
  const auto found = std::find(std::begin(kKinds), std::end(kKinds), name);
  return found == std::end(kKinds) ? std::nullopt
                                   : std::optional(static_cast<KillKind>(std::distance(std::begin(kKinds), found)));
}

bool concerns(const Kill& kill, const KillSubject& subject) {
  const auto hits = [&](const std::string& name) { return !name.empty() && fits(kill.value, name); };
  switch (kill.kind) {
    case KillKind::everything:
      return true;
    case KillKind::model:
      return hits(subject.model);
    case KillKind::tool:
      return std::any_of(subject.tools.begin(), subject.tools.end(), hits);
    case KillKind::key:
      return hits(subject.key);
    case KillKind::tenant:
      return hits(subject.tenant);
    case KillKind::prompt:
      return hits(subject.prompt);
  }
  return false;
}

KillSwitch::Watch::~Watch() {
  Shard& shard = owner_.shards_[shard_];
  const std::lock_guard lock(shard.mutex);
  (previous_ != nullptr ? previous_->next_ : shard.first) = next_;
  if (next_ != nullptr) {
    next_->previous_ = previous_;
  }
  if (round_ != nullptr) {
    round_->notice();  // it ended by itself
  }
}

std::shared_ptr<const Kill> KillSwitch::Watch::update(const std::function<void(KillSubject&)>& change) {
  Shard& shard = owner_.shards_[shard_];
  const std::lock_guard lock(shard.mutex);
  change(subject_);
  if (kill_ == nullptr) {
    kill_ = owner_.match(subject_);
  }
  return kill_;
}

std::shared_ptr<const Kill> KillSwitch::Watch::poll() {
  if (!hit_.load(std::memory_order_acquire)) {
    return nullptr;
  }
  Shard& shard = owner_.shards_[shard_];
  const std::lock_guard lock(shard.mutex);
  hit_.store(false, std::memory_order_release);
  if (round_ != nullptr) {
    round_->notice();
    round_ = nullptr;
  }
  return kill_;
}

Result<std::unique_ptr<KillSwitch>> KillSwitch::open(const std::filesystem::path& directory) {
  std::unique_ptr<KillSwitch> out(new KillSwitch(directory / "kills.json"));
  TRY(out->reload());
  return out;
}

std::unique_ptr<KillSwitch::Watch> KillSwitch::watch(std::function<void()> waker) {
  std::unique_ptr<Watch> watch(new Watch(*this, std::move(waker)));
  watch->shard_ = turn_.fetch_add(1, std::memory_order_relaxed) % kShards;
  Shard& shard = shards_[watch->shard_];
  const std::lock_guard lock(shard.mutex);
  watch->next_ = shard.first;
  if (shard.first != nullptr) {
    shard.first->previous_ = watch.get();
  }
  shard.first = watch.get();
  return watch;
}

std::shared_ptr<const Kill> KillSwitch::match(const KillSubject& subject) const {
  if (!any_.load(std::memory_order_acquire)) {
    return nullptr;
  }
  const std::shared_lock lock(mutex_);
  const auto found =
      std::find_if(kills_.begin(), kills_.end(), [&](const auto& kill) { return concerns(*kill, subject); });
  return found == kills_.end() ? nullptr : *found;
}

std::vector<Kill> KillSwitch::kills() const {
  const std::shared_lock lock(mutex_);
  std::vector<Kill> out;
  for (const auto& kill : kills_) {
    out.push_back(*kill);
  }
  return out;
}

void KillSwitch::note_kills() {
  any_.store(!kills_.empty(), std::memory_order_release);
  stops_tools_.store(
      std::any_of(kills_.begin(), kills_.end(), [](const auto& kill) { return kill->kind == KillKind::tool; }),
      std::memory_order_release);
}

Result<KillEffect> KillSwitch::reach(const std::shared_ptr<const Kill>& kill, bool drill,
                                     std::chrono::milliseconds patience) {
  const auto round = std::make_shared<KillRound>();
  KillEffect effect;
  for (Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    for (Watch* watch = shard.first; watch != nullptr; watch = watch->next_) {
      ++effect.open;
      if (!concerns(*kill, watch->subject_)) {
        continue;
      }
      ++effect.matched;
      if (!drill) {
        watch->kill_ = kill;
      }
      if (watch->round_ != nullptr) {
        watch->round_->notice();
      }
      watch->round_ = round;
      watch->hit_.store(true, std::memory_order_release);
      if (watch->waker_) {
        watch->waker_();
      }
    }
  }
  std::unique_lock lock(round->mutex);
  round->noticed.wait_for(lock, patience, [&] { return round->answered >= effect.matched; });
  effect.answered = std::min(round->answered, effect.matched);
  effect.slowest = std::chrono::duration_cast<std::chrono::microseconds>(round->slowest);
  return effect;
}

Result<KillEffect> KillSwitch::kill(Kill kill, std::chrono::milliseconds patience) {
  if (kill.kind != KillKind::everything && kill.value.empty()) {
    return Error{Errc::usage, "kill: say which " + std::string(to_string(kill.kind))};
  }
  const auto shared = std::make_shared<const Kill>(std::move(kill));
  const std::lock_guard changing(change_mutex_);
  {
    const std::unique_lock lock(mutex_);
    std::erase_if(kills_, [&](const auto& old) { return old->kind == shared->kind && old->value == shared->value; });
    kills_.push_back(shared);
    note_kills();
  }
  // First the effect, then the file: a slow disk must not delay it.
  const KillEffect effect = TRY(reach(shared, false, patience));
  const std::filesystem::path directory = file_.parent_path();
  if (auto stored = store_kill(directory, *shared); !stored) {
    unsaved_.push_back(shared);
    return std::move(stored).error();
  }
  return effect;
}

Result<KillEffect> KillSwitch::drill(const Kill& kill, std::chrono::milliseconds patience) {
  if (kill.kind != KillKind::everything && kill.value.empty()) {
    return Error{Errc::usage, "drill: say which " + std::string(to_string(kill.kind))};
  }
  return reach(std::make_shared<const Kill>(kill), true, patience);
}

Result<void> KillSwitch::lift(KillKind kind, std::string_view value) {
  bool was_unsaved = false;
  {
    const std::lock_guard changing(change_mutex_);
    was_unsaved =
        std::erase_if(unsaved_, [&](const auto& kill) { return kill->kind == kind && kill->value == value; }) != 0;
  }
  if (auto removed = remove_kill(file_.parent_path(), kind, value); !removed && !was_unsaved) {
    return removed;
  }
  return reload();
}

Result<void> KillSwitch::reload() {
  const std::lock_guard changing(change_mutex_);
  const auto text = base::read_file(file_, kMaxFileBytes);
  std::vector<Kill> read;
  if (text) {
    read = TRY(parse_kills(*text, base::printable(file_.native())));
  } else if (text.error().code != Errc::not_found) {
    return text.error();
  }
  std::vector<std::shared_ptr<const Kill>> fresh;
  {
    const std::unique_lock lock(mutex_);
    std::vector<std::shared_ptr<const Kill>> next;
    for (Kill& kill : read) {
      const auto same = std::find_if(kills_.begin(), kills_.end(), [&](const auto& old) {
        return old->kind == kill.kind && old->value == kill.value;
      });
      if (same != kills_.end()) {
        next.push_back(*same);
      } else {
        next.push_back(std::make_shared<const Kill>(std::move(kill)));
        fresh.push_back(next.back());
      }
    }
    for (const auto& kill : unsaved_) {
      if (std::none_of(next.begin(), next.end(),
                       [&](const auto& one) { return one->kind == kill->kind && one->value == kill->value; })) {
        next.push_back(kill);
      }
    }
    kills_ = std::move(next);
    note_kills();
  }
  for (const auto& kill : fresh) {
    TRY(reach(kill, false, std::chrono::milliseconds(0)));
  }
  return {};
}

Result<std::vector<Kill>> parse_kills(std::string_view json, std::string_view file) {
  auto root = base::parse_json(json, {.max_bytes = kMaxFileBytes});
  if (!root) {
    return std::move(root).error().in_file(file);
  }
  const auto wrong = [&](const Value& place, std::string message) {
    return Error{Errc::malformed, std::move(message), 0, std::string(file), place.line()};
  };
  if (!(*root)["kills"].is_list()) {
    return wrong(*root, "kills: expected a list");
  }
  std::vector<Kill> out;
  for (const Value& value : (*root)["kills"].as_list()) {
    Kill kill;
    const auto kind = kill_kind(value["kind"].as_text());
    if (!kind) {
      return wrong(value, "kind: expected everything, model, tool, key, tenant or prompt");
    }
    kill.kind = *kind;
    kill.value = value["value"].as_text();
    if (kill.kind != KillKind::everything && kill.value.empty()) {
      return wrong(value, "value: is missing");
    }
    kill.reason = value["reason"].as_text();
    kill.actor = value["actor"].as_text();
    const auto since = base::parse_time(value["since"].as_text());
    if (!since) {
      return wrong(value, "since: " + since.error().message);
    }
    kill.since = *since;
    out.push_back(std::move(kill));
  }
  return out;
}

std::string kills_text(const std::vector<Kill>& kills) {
  Value list{Value::List{}};
  for (const Kill& kill : kills) {
    Value one;
    one.set("kind", to_string(kill.kind));
    one.set("value", kill.value);
    one.set("reason", kill.reason);
    one.set("actor", kill.actor);
    one.set("since", base::to_iso8601(kill.since));
    list.push(std::move(one));
  }
  Value root;
  root.set("kills", std::move(list));
  return base::to_json(root, 2) + "\n";
}

namespace {

Result<void> change_file(const std::filesystem::path& directory,
                         const std::function<Result<void>(std::vector<Kill>&)>& change) {
  const std::filesystem::path path = directory / "kills.json";
  const base::Descriptor lock = TRY(lock_beside(path));
  std::vector<Kill> kills;
  const auto text = base::read_file(path, kMaxFileBytes);
  if (text) {
    kills = TRY(parse_kills(*text, base::printable(path.native())));
  } else if (text.error().code != Errc::not_found) {
    return text.error();
  }
  TRY(change(kills));
  return base::write_file(path, kills_text(kills));
}

}  // namespace

Result<void> store_kill(const std::filesystem::path& directory, const Kill& kill) {
  if (kill.kind != KillKind::everything && kill.value.empty()) {
    return Error{Errc::usage, "kill: say which " + std::string(to_string(kill.kind))};
  }
  return change_file(directory, [&](std::vector<Kill>& kills) -> Result<void> {
    std::erase_if(kills, [&](const Kill& old) { return old.kind == kill.kind && old.value == kill.value; });
    kills.push_back(kill);
    return {};
  });
}

Result<void> remove_kill(const std::filesystem::path& directory, KillKind kind, std::string_view value) {
  return change_file(directory, [&](std::vector<Kill>& kills) -> Result<void> {
    if (std::erase_if(kills, [&](const Kill& old) { return old.kind == kind && old.value == value; }) == 0) {
      return Error{Errc::not_found,
                   "no kill of " + std::string(to_string(kind)) + " \"" + base::printable(value) + "\""};
    }
    return {};
  });
}

}  // namespace control
