#include "base/curl.h"

#include <dlfcn.h>

#include <string>

namespace base {
namespace {

template <typename Function>
bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  return function != nullptr;
}

Result<Curl> load() {
  void* library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  decltype(&::curl_global_init) global_init = nullptr;
  Curl curl;
  const bool found =
      library != nullptr && find(library, "curl_global_init", global_init) &&
      find(library, "curl_easy_init", curl.easy_init) && find(library, "curl_easy_cleanup", curl.easy_cleanup) &&
      find(library, "curl_easy_setopt", curl.easy_setopt) && find(library, "curl_easy_getinfo", curl.easy_getinfo) &&
      find(library, "curl_easy_perform", curl.easy_perform) &&
      find(library, "curl_easy_strerror", curl.easy_strerror) &&
      find(library, "curl_slist_append", curl.slist_append) &&
      find(library, "curl_slist_free_all", curl.slist_free_all);
  if (!found) {
    const char* reason = dlerror();
    return Error{Errc::io, std::string("libcurl is needed for this and cannot be loaded: ") +
                               (reason == nullptr ? "unknown reason" : reason)};
  }
  if (global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    return Error{Errc::io, "libcurl does not start"};
  }
  return curl;
}

}  // namespace

Result<const Curl*> curl() {
  static const Result<Curl> loaded = load();
  if (!loaded) {
    return loaded.error();
  }
  return &*loaded;
}

}  // namespace base
