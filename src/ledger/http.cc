#include "ledger/http.h"

#include "base/curl.h"
#include "base/text.h"

namespace ledger {

using base::Errc;
using base::Error;
using base::Result;

namespace {

struct Received {
  std::string body;
  std::uint64_t max_bytes = 0;
  bool overflow = false;
};

std::size_t receive(const char* data, std::size_t size, std::size_t count, void* to) {
  auto* received = static_cast<Received*>(to);
  const std::size_t bytes = size * count;
  if (bytes > received->max_bytes - received->body.size()) {
    received->overflow = true;
    return 0;  // ends the transfer
  }
  received->body.append(data, bytes);
  return bytes;
}

Result<HttpResponse> request(const std::string& url, const std::string_view* body, std::uint64_t max_bytes) {
  const base::Curl& library = *TRY(base::curl());
  const base::Curl::Handle handle = library.handle();
  if (handle == nullptr) {
    return Error{Errc::io, "libcurl does not start", 0, base::printable(url)};
  }
  CURL* curl = handle.get();
  Received received{{}, max_bytes, false};
  library.easy_setopt(curl, CURLOPT_URL, url.c_str());
  library.easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  library.easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, url.starts_with("https") ? "https" : "http,https");
  library.easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  library.easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 30L);
  library.easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  library.easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, 30L);
  library.easy_setopt(curl, CURLOPT_USERAGENT, "surety");
  library.easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
  library.easy_setopt(curl, CURLOPT_WRITEDATA, &received);
  base::Curl::Headers headers = library.headers();
  if (body != nullptr) {
    headers.reset(library.slist_append(nullptr, "Content-Type: text/plain; charset=utf-8"));
    library.easy_setopt(curl, CURLOPT_POST, 1L);
    library.easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body->size()));
    library.easy_setopt(curl, CURLOPT_POSTFIELDS, body->data());
    library.easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
  } else {
    library.easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    library.easy_setopt(curl, CURLOPT_MAXREDIRS, 5L);
  }
  const CURLcode code = library.easy_perform(curl);
  if (received.overflow) {
    return Error{Errc::too_large, "the answer is above " + base::human_bytes(max_bytes), 0, base::printable(url)};
  }
  if (code != CURLE_OK) {
    return Error{Errc::io, library.easy_strerror(code), 0, base::printable(url)};
  }
  long status = 0;
  library.easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  return HttpResponse{static_cast<int>(status), std::move(received.body)};
}

}  // namespace

Result<HttpResponse> http_get(const std::string& url, std::uint64_t max_bytes) {
  return request(url, nullptr, max_bytes);
}

Result<HttpResponse> http_post(const std::string& url, std::string_view body, std::uint64_t max_bytes) {
  return request(url, &body, max_bytes);
}

}  // namespace ledger
