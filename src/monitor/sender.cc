#include "monitor/sender.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "base/curl.h"
#include "base/json.h"
#include "base/text.h"

namespace monitor {
namespace {

constexpr std::uint32_t kLongestPause = 60'000;
constexpr std::size_t kMostAnswer = 64U << 10;

std::size_t discard(const char*, std::size_t size, std::size_t count, void* seen) {
  auto& total = *static_cast<std::size_t*>(seen);
  total += size * count;
  return total > kMostAnswer ? 0 : size * count;  // an answer is of no interest, an endless one ends
}

int keep_going(void* stopping, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<std::atomic<bool>*>(stopping)->load() ? 1 : 0;
}

}  // namespace

std::string Sender::signature(std::string_view secret, std::int64_t unix_seconds, std::string_view body) {
  const std::string time = std::to_string(unix_seconds);
  std::string message = time + ".";
  message += body;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(message.data()), message.size(), digest.data(), &size);
  return "t=" + time + ",v1=" + base::to_hex(std::as_bytes(std::span(digest.data(), size)));
}

base::Result<std::unique_ptr<Sender>> Sender::start(Options options) {
  if (!options.url.starts_with("http://") && !options.url.starts_with("https://")) {
    return base::Error{base::Errc::usage, "\"" + base::printable(options.url) + "\" is no http or https address"};
  }
  TRY(base::curl());
  options.attempts = std::max(options.attempts, 1U);
  std::unique_ptr<Sender> out(new Sender(std::move(options)));
  out->thread_ = std::thread([sender = out.get()] { sender->run(); });
  return out;
}

Sender::Sender(Options options) : options_(std::move(options)) {}

Sender::~Sender() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
  }
}

bool Sender::post(std::string body) {
  const std::lock_guard lock(mutex_);
  if (stopping_ || queued_bytes_ + body.size() > options_.most_queued_bytes) {
    ++counts_.dropped;
    return false;
  }
  queued_bytes_ += body.size();
  queue_.push_back(std::move(body));
  changed_.notify_all();
  return true;
}

bool Sender::flush(std::uint32_t milliseconds) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::milliseconds(milliseconds), [&] { return queue_.empty() && !busy_; });
}

Sender::Counts Sender::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

bool Sender::pause(std::unique_lock<std::mutex>& lock, std::uint32_t milliseconds) {
  return !changed_.wait_for(lock, std::chrono::milliseconds(milliseconds), [&] { return stopping_.load(); });
}

void Sender::run() {
  const auto loaded = base::curl();
  if (!loaded) {
    return;  // start() has asked before
  }
  const base::Curl& library = **loaded;
  const base::Curl::Handle handle = library.handle();
  CURL* const curl = handle.get();
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return stopping_.load() || !queue_.empty(); });
    if (stopping_) {
      return;
    }
    const std::string body = std::move(queue_.front());
    queue_.pop_front();
    busy_ = true;
    std::uint32_t wait = options_.first_pause_milliseconds;
    std::string error;
    bool sent = false;
    for (unsigned attempt = 1; attempt <= options_.attempts && !stopping_; ++attempt) {
      lock.unlock();
      base::Curl::Headers headers = library.headers();
      const auto add = [&](const std::string& field) {
        headers.reset(library.slist_append(headers.release(), field.c_str()));
      };
      add("Content-Type: application/json");
      for (const auto& [name, value] : options_.headers) {
        add(name + ": " + value);
      }
      if (!options_.secret.empty()) {
        const auto seconds =
            std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
                .count();
        add("Surety-Signature: " + signature(options_.secret, seconds, body));
      }
      std::size_t seen = 0;
      long status = 0;
      CURLcode code = CURLE_FAILED_INIT;
      if (curl != nullptr) {
        library.easy_setopt(curl, CURLOPT_URL, options_.url.c_str());
        library.easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
        library.easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
        library.easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(options_.timeout_milliseconds));
        library.easy_setopt(curl, CURLOPT_USERAGENT, "surety");
        library.easy_setopt(curl, CURLOPT_WRITEFUNCTION, discard);
        library.easy_setopt(curl, CURLOPT_WRITEDATA, &seen);
        library.easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
        library.easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, keep_going);
        library.easy_setopt(curl, CURLOPT_XFERINFODATA, &stopping_);
        library.easy_setopt(curl, CURLOPT_POST, 1L);
        library.easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
        library.easy_setopt(curl, CURLOPT_POSTFIELDS, body.data());
        library.easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
        code = library.easy_perform(curl);
        library.easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
      }
      lock.lock();
      if (code == CURLE_OK && status >= 200 && status < 300) {
        sent = true;
        break;
      }
      error = code == CURLE_OK ? "status " + std::to_string(status) : library.easy_strerror(code);
      const bool again = code != CURLE_OK || status == 408 || status == 429 || status >= 500;
      if (!again || attempt == options_.attempts) {
        break;
      }
      ++counts_.retries;
      if (!pause(lock, wait)) {
        break;
      }
      wait = std::min(kLongestPause, wait * 2);
    }
    if (sent) {
      ++counts_.sent;
    } else {
      ++counts_.failed;
      counts_.last_error = error;
    }
    queued_bytes_ -= body.size();
    busy_ = false;
    changed_.notify_all();
  }
}

namespace {

std::string alarm_body(std::string_view event, const Alarm& alarm) {
  base::Value out;
  out.set("event", event);
  out.set("alarm", alarm.to_value());
  return base::to_json(out);
}

}  // namespace

void WebhookSink::raised(const Alarm& alarm) {
  sender_.post(alarm_body("raised", alarm));
}

void WebhookSink::cleared(const Alarm& alarm) {
  sender_.post(alarm_body("cleared", alarm));
}

}  // namespace monitor
