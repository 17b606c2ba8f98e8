#pragma once

#include <atomic>
#include <mutex>

#include "base/result.h"

namespace base {

/// A shared library that the first who needs it loads, so that programs which never do need not wait for it and for
/// those that it brings along. `soname` is the name of the version that the program was built with.
class LateLibrary {
 public:
  explicit constexpr LateLibrary(const char* soname) : soname_(soname) {}

  /// Stays loaded until the program ends. Safe from every thread. Fails with io where the system does not have it.
  Result<void> load();
  /// The address of a function. The program ends where it has none: load() must have succeeded before.
  void* find(const char* name);

 private:
  const char* soname_;
  void* handle_ = nullptr;
  std::mutex mutex_;
};

/// The address of a function of a late library, found when it is first asked for. `Function` is a pointer's type.
template <class Function>
class LateAddress {
 public:
  constexpr LateAddress(LateLibrary& library, const char* name) : library_(library), name_(name) {}

 protected:
  [[nodiscard]] Function address() const {
    Function function = found_.load(std::memory_order_acquire);
    if (function == nullptr) {
      function = reinterpret_cast<Function>(library_.find(name_));
      found_.store(function, std::memory_order_release);
    }
    return function;
  }

 private:
  LateLibrary& library_;
  const char* name_;
  mutable std::atomic<Function> found_{nullptr};
};

/// A function of a late library, called like the function itself. This one is for those that end in `...`.
template <class Function>
class LateFunction : public LateAddress<Function> {
 public:
  using LateAddress<Function>::LateAddress;
  template <class... Arguments>
  auto operator()(Arguments... arguments) const {
    return this->address()(arguments...);
  }
};
template <class Result, class... Arguments>
class LateFunction<Result (*)(Arguments...)> : public LateAddress<Result (*)(Arguments...)> {
 public:
  using LateAddress<Result (*)(Arguments...)>::LateAddress;
  Result operator()(Arguments... arguments) const { return this->address()(arguments...); }
};

}  // namespace base
