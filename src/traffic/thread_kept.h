#pragma once

namespace traffic {

/// What a thread keeps for objects that may outlive it: one `State` a thread, made at the first call; null from the
/// moment at which the thread destroys it.
template <class State>
State* of_thread() {
  thread_local bool gone = false;
  struct Kept {
    State state;
    bool& is_gone;
    explicit Kept(bool& flag) : is_gone(flag) {}
    Kept(const Kept&) = delete;
    Kept& operator=(const Kept&) = delete;
    ~Kept() { is_gone = true; }
  };
  if (gone) {
    return nullptr;
  }
  thread_local Kept kept(gone);
  return &kept.state;
}

}  // namespace traffic
