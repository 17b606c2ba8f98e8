#include <array>
#include <cstdlib>
#include <optional>

#include "base/curl.h"
#include "base/text.h"
#include "recovery/store.h"

namespace recovery {
namespace {

using base::Errc;
using base::Error;
using base::Result;

constexpr long kConnectSeconds = 30;
constexpr long kStalledSeconds = 60;  // without a single byte

// RFC 3986: everything but unreserved characters; slashes divide the key and stay, as S3 signs it.
std::string percent_encoded(std::string_view key) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : key) {
    const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                            c == '.' || c == '_' || c == '~' || c == '/';
    if (unreserved) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kDigits[byte >> 4U];
      out += kDigits[byte & 0xFU];
    }
  }
  return out;
}

struct Transfer {
  const Sink* sink = nullptr;
  const base::Curl* library = nullptr;
  CURL* curl = nullptr;
  std::optional<Error> failure;  ///< Of the sink.
};

std::size_t take_bytes(char* data, std::size_t size, std::size_t count, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  long status = 0;
  transfer.library->easy_getinfo(transfer.curl, CURLINFO_RESPONSE_CODE, &status);
  if (status != 200) {
    return size * count;  // the text of an error, which nobody reads
  }
  const auto taken = (*transfer.sink)({data, size * count});
  if (!taken) {
    transfer.failure = taken.error();
    return 0;
  }
  return size * count;
}

class S3Store final : public Store {
 public:
  S3Store(Place place, std::string key, std::string secret, std::string token)
      : place_(std::move(place)), key_(std::move(key)), secret_(std::move(secret)), token_(std::move(token)) {}

  Result<void> fetch(const std::string& name, const Sink& sink) override {
    if (!is_plain_name(name)) {
      return Error{Errc::usage, "not a relative path", 0, base::printable(name)};
    }
    const std::string object = (place_.prefix.empty() ? "" : place_.prefix + "/") + name;
    const std::string url = place_.endpoint + "/" + percent_encoded(place_.location + "/" + object);
    const std::string place = base::printable("s3://" + place_.location + "/" + object);
    const base::Curl& library = *TRY(base::curl());
    const base::Curl::Handle curl = library.handle();
    if (curl == nullptr) {
      return Error{Errc::io, "libcurl does not start", 0, place};
    }
    Transfer transfer{&sink, &library, curl.get(), {}};
    std::array<char, CURL_ERROR_SIZE> reason{};
    const std::string signing = "aws:amz:" + place_.region + ":s3";
    // The empty body's digest, signed along: stores ask for the header.
    base::Curl::Headers headers = library.headers();
    headers.reset(library.slist_append(
        nullptr, "x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
    if (!token_.empty()) {
      headers.reset(library.slist_append(headers.release(), ("x-amz-security-token: " + token_).c_str()));
    }
    library.easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
    library.easy_setopt(curl.get(), CURLOPT_PATH_AS_IS, 1L);
    library.easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
    library.easy_setopt(curl.get(), CURLOPT_USERNAME, key_.c_str());
    library.easy_setopt(curl.get(), CURLOPT_PASSWORD, secret_.c_str());
    library.easy_setopt(curl.get(), CURLOPT_AWS_SIGV4, signing.c_str());
    library.easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
    library.easy_setopt(curl.get(), CURLOPT_FOLLOWLOCATION, 0L);  // a signed request is for one host
    library.easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
    library.easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
    library.easy_setopt(curl.get(), CURLOPT_LOW_SPEED_LIMIT, 1L);
    library.easy_setopt(curl.get(), CURLOPT_LOW_SPEED_TIME, kStalledSeconds);
    library.easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, take_bytes);
    library.easy_setopt(curl.get(), CURLOPT_WRITEDATA, &transfer);
    library.easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, reason.data());
    const CURLcode code = library.easy_perform(curl.get());
    if (transfer.failure) {
      return *transfer.failure;
    }
    if (code != CURLE_OK) {
      const std::string text = reason[0] != '\0' ? reason.data() : library.easy_strerror(code);
      return Error{Errc::io, base::printable(text), 0, place};
    }
    long status = 0;
    library.easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
    if (status == 404) {
      return Error{Errc::not_found, "is not there", 0, place};
    }
    if (status != 200) {
      return Error{Errc::io, "the store answered with status " + std::to_string(status), 0, place};
    }
    return {};
  }

 private:
  Place place_;
  std::string key_;
  std::string secret_;
  std::string token_;
};

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

}  // namespace

base::Result<std::unique_ptr<Store>> open_s3_store(const Place& place) {
  std::string key = environment("AWS_ACCESS_KEY_ID");
  std::string secret = environment("AWS_SECRET_ACCESS_KEY");
  std::string token = environment("AWS_SESSION_TOKEN");
  if (key.empty() || secret.empty()) {
    return Error{Errc::usage, "s3: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set"};
  }
  if (token.find_first_of("\r\n") != std::string::npos) {
    return Error{Errc::usage, "s3: AWS_SESSION_TOKEN holds a line end"};
  }
  return std::unique_ptr<Store>(std::make_unique<S3Store>(place, std::move(key), std::move(secret), std::move(token)));
}

}  // namespace recovery
