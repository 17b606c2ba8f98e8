#include "control/audit_log.h"

#include <algorithm>
#include <charconv>

#include "base/json.h"
#include "base/time.h"

namespace control {

using base::Result;

void JsonWriter::separate(std::string_view name) {
  if (!first_) {
    out_ += ',';
  }
  first_ = false;
  if (!name.empty()) {
    out_ += '"';
    out_ += name;
    out_ += "\":";
  }
}

void JsonWriter::begin_object(std::string_view name) {
  separate(name);
  out_ += '{';
  first_ = true;
}

void JsonWriter::end_object() {
  out_ += '}';
  first_ = false;
}

void JsonWriter::begin_list(std::string_view name) {
  separate(name);
  out_ += '[';
  first_ = true;
}

void JsonWriter::end_list() {
  out_ += ']';
  first_ = false;
}

void JsonWriter::element(std::string_view text) {
  separate({});
  // What needs no escape, as nearly everything here, is copied as it is.
  const bool is_plain =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < 0x7f && c != '"' && c != '\\'; });
  if (is_plain) {
    out_ += '"';
    out_ += text;
    out_ += '"';
  } else {
    out_ += base::json_quoted(text);
  }
}

void JsonWriter::text(std::string_view name, std::string_view value) {
  separate(name);
  first_ = true;
  element(value);
}

void JsonWriter::number(std::string_view name, std::uint64_t value) {
  separate(name);
  char digits[20];
  const auto [end, failure] = std::to_chars(digits, digits + sizeof(digits), value);
  out_.append(digits, end);
}

void JsonWriter::boolean(std::string_view name, bool value) {
  separate(name);
  out_ += value ? "true" : "false";
}

void JsonWriter::digest(std::string_view name, const base::Sha256& value) {
  separate(name);
  constexpr char kDigits[] = "0123456789abcdef";
  char text[66];
  text[0] = '"';
  text[65] = '"';
  for (std::size_t i = 0; i < value.bytes.size(); ++i) {
    text[1 + 2 * i] = kDigits[value.bytes[i] >> 4];
    text[2 + 2 * i] = kDigits[value.bytes[i] & 15];
  }
  out_.append(text, sizeof(text));
}

std::string statement_text(std::string_view subject, std::string_view predicate) {
  std::string out;
  out.reserve(predicate.size() + subject.size() + 300);
  out += R"({"_type":"https://in-toto.io/Statement/v1","predicate":)";
  out += predicate;
  JsonWriter json(out);
  out += ',';
  json.text("predicateType", kExchangePredicate);
  json.begin_list("subject");
  json.begin_object();
  json.begin_object("annotations");
  json.text("digest-of", "name");
  json.end_object();
  json.begin_object("digest");
  json.digest("sha256", base::sha256(subject));
  json.end_object();
  json.text("name", subject);
  json.end_object();
  json.end_list();
  out += '}';
  return out;
}

Result<std::unique_ptr<AuditLog>> AuditLog::open(const LogSettings& settings) {
  ledger::Ledger log = TRY(ledger::Ledger::open(settings.directory, ledger::Ledger::Mode::write));
  std::unique_ptr<AuditLog> out(new AuditLog());
  out->subjects_ = TRY(SubjectKeys::open(settings.directory));
  out->appender_ = std::make_unique<ledger::Appender>(std::move(log));
  return out;
}

AuditLog::~AuditLog() {
  if (appender_ != nullptr) {
    retry();
    appender_->flush();
  }
}

bool AuditLog::accepts() const {
  return !failing_.load(std::memory_order_acquire) && queued_bytes_.load(std::memory_order_relaxed) < kMaxQueuedBytes;
}

void AuditLog::append(std::string content, std::function<void(bool)> done) {
  if (queued_bytes_.load(std::memory_order_relaxed) + content.size() > kMaxQueuedBytes) {
    failures_.fetch_add(1, std::memory_order_relaxed);
    keep(std::move(content));
    if (done) {
      done(false);
    }
    return;
  }
  submit(std::move(content), std::move(done), false);
}

void AuditLog::submit(std::string content, std::function<void(bool)> done, bool is_retry) {
  const std::uint64_t size = content.size();
  queued_bytes_.fetch_add(size, std::memory_order_relaxed);
  std::string copy = content;
  appender_->submit({{}, std::move(content)}, [this, size, is_retry, copy = std::move(copy),
                                               done = std::move(done)](const Result<std::uint64_t>& result) mutable {
    queued_bytes_.fetch_sub(size, std::memory_order_relaxed);
    if (result) {
      failing_.store(false, std::memory_order_release);
      written_.fetch_add(1, std::memory_order_relaxed);
    } else {
      failing_.store(true, std::memory_order_release);
      failures_.fetch_add(is_retry ? 0 : 1, std::memory_order_relaxed);
      keep(std::move(copy));
    }
    if (done) {
      done(result.has_value());
    }
  });
}

void AuditLog::keep(std::string content) {
  const std::lock_guard lock(kept_mutex_);
  if (kept_bytes_ + content.size() > kMaxKeptBytes) {
    lost_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  kept_bytes_ += content.size();
  kept_.push_back(std::move(content));
}

void AuditLog::retry() {
  std::deque<std::string> again;
  std::uint64_t lost = 0;
  {
    const std::lock_guard lock(kept_mutex_);
    // While the disk refuses, one record is enough to ask it.
    const std::size_t count =
        failing_.load(std::memory_order_acquire) ? std::min<std::size_t>(kept_.size(), 1) : kept_.size();
    for (std::size_t i = 0; i < count; ++i) {
      kept_bytes_ -= kept_.front().size();
      again.push_back(std::move(kept_.front()));
      kept_.pop_front();
    }
    if (!failing_.load(std::memory_order_acquire)) {
      lost = lost_.load(std::memory_order_relaxed) - lost_told_;
      lost_told_ += lost;
    }
  }
  for (std::string& content : again) {
    submit(std::move(content), {}, true);
  }
  if (lost > 0) {
    std::string predicate;
    JsonWriter json(predicate);
    json.begin_object();
    json.text("event", "records-lost");
    json.text("kind", "event");
    json.number("lost", lost);
    json.end_object();
    submit(statement_text("gateway", predicate), {}, true);
  }
}

void AuditLog::flush() {
  appender_->flush();
}

}  // namespace control
