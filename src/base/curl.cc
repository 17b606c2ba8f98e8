#include "base/curl.h"

#include "base/late_library.h"

namespace base {
namespace {

LateLibrary library("libcurl.so.4");

template <typename Function>
void find(const char* name, Function& function) {
  function = reinterpret_cast<Function>(library.find(name));
}

Result<Curl> load() {
  TRY(library.load());
  decltype(&::curl_global_init) global_init = nullptr;
  Curl curl;
  find("curl_global_init", global_init);
  find("curl_easy_init", curl.easy_init);
  find("curl_easy_cleanup", curl.easy_cleanup);
  find("curl_easy_setopt", curl.easy_setopt);
  find("curl_easy_getinfo", curl.easy_getinfo);
  find("curl_easy_perform", curl.easy_perform);
  find("curl_easy_strerror", curl.easy_strerror);
  find("curl_slist_append", curl.slist_append);
  find("curl_slist_free_all", curl.slist_free_all);
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
