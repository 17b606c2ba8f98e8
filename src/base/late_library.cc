#include "base/late_library.h"

#include <dlfcn.h>

#include <cstdlib>
#include <string>

namespace base {

Result<void> LateLibrary::load() {
  const std::lock_guard lock(mutex_);
  if (handle_ == nullptr) {
    handle_ = dlopen(soname_, RTLD_LAZY | RTLD_LOCAL);
  }
  if (handle_ == nullptr) {
    const char* reason = dlerror();
    return Error{Errc::io, std::string(soname_) + " is needed for this and cannot be loaded: " +
                               (reason == nullptr ? "unknown reason" : reason)};
  }
  return {};
}

void* LateLibrary::find(const char* name) {
  const std::lock_guard lock(mutex_);
  void* function = handle_ == nullptr ? nullptr : dlsym(handle_, name);
  if (function == nullptr) {
    std::abort();
  }
  return function;
}

}  // namespace base
