#pragma once

#include <curl/curl.h>

#include <memory>

#include "base/result.h"

namespace base {

/// libcurl, loaded by the first who asks: its libraries (LDAP, Kerberos, SSH …) would otherwise cost every start of the
/// program two milliseconds, and only commands that name an address use them. The members are libcurl's functions of
/// the same name.
struct Curl {
  decltype(&::curl_easy_init) easy_init = nullptr;
  decltype(&::curl_easy_cleanup) easy_cleanup = nullptr;
  decltype(&::curl_easy_setopt) easy_setopt = nullptr;
  decltype(&::curl_easy_getinfo) easy_getinfo = nullptr;
  decltype(&::curl_easy_perform) easy_perform = nullptr;
  decltype(&::curl_easy_strerror) easy_strerror = nullptr;
  decltype(&::curl_slist_append) slist_append = nullptr;
  decltype(&::curl_slist_free_all) slist_free_all = nullptr;

  using Handle = std::unique_ptr<CURL, decltype(&::curl_easy_cleanup)>;
  using Headers = std::unique_ptr<curl_slist, decltype(&::curl_slist_free_all)>;
  [[nodiscard]] Handle handle() const { return {easy_init(), easy_cleanup}; }
  [[nodiscard]] Headers headers() const { return {nullptr, slist_free_all}; }
};

/// Stays loaded until the program ends. Safe from every thread. Fails with io where the system has no libcurl.so.4.
Result<const Curl*> curl();

}  // namespace base
