#include "control/audit_log.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "base/json.h"
#include "base/time.h"

namespace control {

using base::Result;

namespace {

constexpr auto kHexadecimal = [] {
  constexpr char kDigits[] = "0123456789abcdef";
  std::array<std::array<char, 2>, 256> pairs{};
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    pairs[i] = {kDigits[i >> 4], kDigits[i & 15]};
  }
  return pairs;
}();

constexpr std::size_t kLane = 16;  // bytes that are looked at together

/// Is there a byte among these that does not stand for itself in JSON? Reads, and forgets, up to a lane behind them.
bool needs_escape(const char* text, std::size_t size) {
#if defined(__SSE2__)
  const __m128i space = _mm_set1_epi8(' ');
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  const __m128i erase = _mm_set1_epi8(0x7f);
  for (std::size_t at = 0; at < size; at += kLane) {
    const __m128i lane = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text + at));
    // As signed bytes what lies beyond ASCII is below a space.
    const __m128i found = _mm_or_si128(_mm_or_si128(_mm_cmplt_epi8(lane, space), _mm_cmpeq_epi8(lane, quote)),
                                       _mm_or_si128(_mm_cmpeq_epi8(lane, backslash), _mm_cmpeq_epi8(lane, erase)));
    const auto places = static_cast<unsigned>(_mm_movemask_epi8(found));
    if ((places & (size - at >= kLane ? 0xffffU : (1U << (size - at)) - 1)) != 0) {
      return true;
    }
  }
  return false;
#else
  return std::any_of(text, text + size, [](char c) { return c < ' ' || c >= 0x7f || c == '"' || c == '\\'; });
#endif
}

}  // namespace

/// An entry on its way to the disk.
struct AuditLog::Pending {
  ledger::NewEntry entry;
  std::uint64_t bytes = 0;
  std::shared_ptr<RecordWaiter> waiter;
  bool is_retry = false;
};

void JsonWriter::make_room(std::size_t bytes) {
  out_.resize(std::max({out_.capacity(), at_ + bytes, std::size_t{1024}}));
}

inline char* JsonWriter::room(std::size_t bytes) {
  if (out_.size() - at_ < bytes) [[unlikely]] {
    make_room(bytes);
  }
  return out_.data() + at_;
}

inline void JsonWriter::put(std::string_view bytes) {
  std::memcpy(room(bytes.size()), bytes.data(), bytes.size());
  at_ += bytes.size();
}

inline void JsonWriter::separate(std::string_view name) {
  char* to = room(name.size() + 4);
  if (!first_) {
    *to++ = ',';
  }
  first_ = false;
  if (!name.empty()) {
    *to++ = '"';
    std::memcpy(to, name.data(), name.size());
    to += name.size();
    *to++ = '"';
    *to++ = ':';
  }
  at_ = static_cast<std::size_t>(to - out_.data());
}

void JsonWriter::begin_object(std::string_view name) {
  separate(name);
  put("{");
  first_ = true;
}

void JsonWriter::end_object() {
  put("}");
  first_ = false;
}

void JsonWriter::begin_list(std::string_view name) {
  separate(name);
  put("[");
  first_ = true;
}

void JsonWriter::end_list() {
  put("]");
  first_ = false;
}

void JsonWriter::element(std::string_view text) {
  separate({});
  char* const to = room(text.size() + 2 + kLane);
  to[0] = '"';
  std::memcpy(to + 1, text.data(), text.size());
  // What needs no escape, as nearly everything here, stays as it is.
  if (needs_escape(to + 1, text.size())) {
    put(base::json_quoted(text));
    return;
  }
  to[text.size() + 1] = '"';
  at_ += text.size() + 2;
}

void JsonWriter::text(std::string_view name, std::string_view value) {
  separate(name);
  first_ = true;
  element(value);
}

void JsonWriter::number(std::string_view name, std::uint64_t value) {
  separate(name);
  constexpr std::size_t kDigits = 20;
  char* const to = room(kDigits);
  at_ = static_cast<std::size_t>(std::to_chars(to, to + kDigits, value).ptr - out_.data());
}

void JsonWriter::boolean(std::string_view name, bool value) {
  separate(name);
  put(value ? "true" : "false");
}

void JsonWriter::digest(std::string_view name, const base::Sha256& value) {
  separate(name);
  constexpr std::size_t kBytes = 2 + 2 * sizeof(value.bytes);
  char* to = room(kBytes);
  *to++ = '"';
  for (const std::uint8_t byte : value.bytes) {
    std::memcpy(to, kHexadecimal[byte].data(), 2);
    to += 2;
  }
  *to = '"';
  at_ += kBytes;
}

void JsonWriter::json(std::string_view name, std::string_view value) {
  separate(name);
  put(value);
}

void begin_statement(JsonWriter& json) {
  json.begin_object();
  json.text("_type", "https://in-toto.io/Statement/v1");
}

void end_statement(JsonWriter& json, std::string_view subject) {
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
  json.end_object();
  json.finish();
}

std::string statement_text(std::string_view subject, std::string_view predicate) {
  std::string out;
  out.reserve(predicate.size() + subject.size() + 300);
  JsonWriter json(out);
  begin_statement(json);
  json.json("predicate", predicate);
  end_statement(json, subject);
  return out;
}

AuditLog::AuditLog() = default;

Result<std::unique_ptr<AuditLog>> AuditLog::open(const LogSettings& settings) {
  ledger::Ledger log = TRY(ledger::Ledger::open(settings.directory, ledger::Ledger::Mode::write));
  std::unique_ptr<AuditLog> out(new AuditLog());
  out->subjects_ = TRY(SubjectKeys::open(settings.directory));
  ledger::AppenderLimits limits;
  limits.gather_ms = kGatherMs;
  out->appender_ = std::make_unique<ledger::Appender>(std::move(log), limits);
  return out;
}

AuditLog::~AuditLog() {
  if (appender_ != nullptr) {
    retry();
    flush();
  }
}

bool AuditLog::accepts() const {
  return !failing_.load(std::memory_order_acquire) && queued_bytes_.load(std::memory_order_relaxed) < kMaxQueuedBytes;
}

void AuditLog::append(std::string content, std::shared_ptr<RecordWaiter> waiter) {
  if (queued_bytes_.load(std::memory_order_relaxed) + content.size() > kMaxQueuedBytes) {
    failures_.fetch_add(1, std::memory_order_relaxed);
    keep(std::move(content));
    if (waiter != nullptr) {
      waiter->on_recorded(false);
    }
    return;
  }
  submit(std::move(content), std::move(waiter), false);
}

void AuditLog::submit(std::string content, std::shared_ptr<RecordWaiter> waiter, bool is_retry) {
  std::unique_ptr<Pending> pending;
  {
    const std::lock_guard lock(spare_mutex_);
    if (!spare_.empty()) {
      pending = std::move(spare_.back());
      spare_.pop_back();
    }
  }
  if (pending == nullptr) {
    pending = std::make_unique<Pending>();
  }
  pending->bytes = content.size();
  pending->entry.content = std::move(content);
  pending->waiter = std::move(waiter);
  pending->is_retry = is_retry;
  queued_bytes_.fetch_add(pending->bytes, std::memory_order_relaxed);
  if (pending->waiter != nullptr && gathers_.load(std::memory_order_relaxed)) {
    const std::lock_guard lock(gathered_mutex_);
    gathered_.push_back(pending.release());
    return;
  }
  submit(pending.release(), false);
}

void AuditLog::submit(Pending* pending, bool more) {
  const bool waits = pending->waiter != nullptr || pending->is_retry;
  // The callback holds no more than two pointers, so that std::function keeps it in place.
  appender_->submit(std::move(pending->entry),
                    [this, pending](const Result<std::uint64_t>& result) { on_appended(pending, result.has_value()); },
                    {waits, more, &pending->entry});
}

void AuditLog::hand_over() {
  thread_local std::vector<Pending*> taken;
  {
    const std::lock_guard lock(gathered_mutex_);
    taken.swap(gathered_);
  }
  for (std::size_t i = 0; i < taken.size(); ++i) {
    submit(taken[i], i + 1 < taken.size());
  }
  taken.clear();
}

void AuditLog::on_appended(Pending* raw, bool durable) {
  std::unique_ptr<Pending> pending(raw);
  queued_bytes_.fetch_sub(pending->bytes, std::memory_order_relaxed);
  if (durable) {
    failing_.store(false, std::memory_order_release);
    written_.fetch_add(1, std::memory_order_relaxed);
  } else {
    failing_.store(true, std::memory_order_release);
    failures_.fetch_add(pending->is_retry ? 0 : 1, std::memory_order_relaxed);
    keep(std::move(pending->entry.content));
  }
  const auto waiter = std::move(pending->waiter);
  recycle(std::move(pending));
  if (waiter != nullptr) {
    waiter->on_recorded(durable);
  }
}

std::string AuditLog::buffer() {
  const std::lock_guard lock(spare_mutex_);
  if (spare_buffers_.empty()) {
    return {};
  }
  std::string out = std::move(spare_buffers_.back());
  spare_buffers_.pop_back();
  return out;
}

void AuditLog::recycle(std::unique_ptr<Pending> pending) {
  pending->entry.content.clear();
  const std::lock_guard lock(spare_mutex_);
  if (pending->entry.content.capacity() <= kMaxSpareBytes && spare_buffers_.size() < kMaxSpare) {
    spare_buffers_.push_back(std::move(pending->entry.content));
  }
  if (spare_.size() < kMaxSpare) {
    pending->entry = {};
    spare_.push_back(std::move(pending));
  }
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
  hand_over();
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
    json.finish();
    submit(statement_text("gateway", predicate), {}, true);
  }
}

void AuditLog::append_current(std::string key, std::string content) {
  appender_->submit({std::move(key), std::move(content)}, [](const Result<std::uint64_t>&) {});
}

Result<std::optional<std::string>> AuditLog::current(std::string_view key) {
  std::optional<std::string> out;
  const auto read = appender_->with_ledger([&](ledger::Ledger& log) -> Result<void> {
    if (auto entry = TRY(log.current(key))) {
      out = std::move(entry->content);
    }
    return {};
  });
  if (!read) {
    return read.error();
  }
  return out;
}

void AuditLog::flush() {
  hand_over();
  appender_->flush();
}

}  // namespace control
