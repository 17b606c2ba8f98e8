#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

/// The few requests that following a log and asking a witness take; by libcurl.
namespace ledger {

struct HttpResponse {
  int status = 0;
  std::string body;
};
/// http and https only; certificates are checked; at most 5 redirects, of the same kind. Whatever the status, a
/// response is a result. Fails with io (no answer, naming the reason; 30 seconds without progress) or too_large.
base::Result<HttpResponse> http_get(const std::string& url, std::uint64_t max_bytes);
base::Result<HttpResponse> http_post(const std::string& url, std::string_view body, std::uint64_t max_bytes);

}  // namespace ledger
