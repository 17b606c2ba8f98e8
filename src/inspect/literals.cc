#include "inspect/literals.h"

#include <hs/hs.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <tuple>

namespace inspect {
namespace {

/// The memory in which a thread scans, for every database that it has met. To ask the library whether it is enough
/// costs more than to scan a few kilobytes, so the answer is kept.
struct Scratch {
  hs_scratch_t* space = nullptr;
  std::vector<std::uint64_t> served;  ///< Numbers of the databases for which it is enough.

  Scratch() = default;
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { hs_free_scratch(space); }

  bool serves(std::uint64_t number, const hs_database_t* database) {
    if (std::find(served.begin(), served.end(), number) != served.end()) {
      return true;
    }
    if (hs_alloc_scratch(database, &space) != HS_SUCCESS) {
      return false;
    }
    if (served.size() >= kMostServed) {
      served.clear();
    }
    served.push_back(number);
    return true;
  }

 private:
  static constexpr std::size_t kMostServed = 64;
};

Scratch& scratch_of_thread() {
  static thread_local Scratch scratch;
  return scratch;
}

constexpr std::size_t kBuckets = 1U << 14;
/// Compiling the database takes some 30 ms; the table reads that long at a few hundred megabytes a second.
constexpr std::size_t kPaysFrom = 2U << 20;

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

constexpr std::array<std::uint8_t, 256> kLower = [] {
  std::array<std::uint8_t, 256> lowered{};
  for (std::size_t i = 0; i < 256; ++i) {
    lowered[i] = static_cast<std::uint8_t>(lower(static_cast<char>(i)));
  }
  return lowered;
}();

/// The bucket of three bytes in lower case, the first lowest.
constexpr std::size_t bucket_of(std::uint32_t bytes) {
  return (bytes * 0x9E3779B1U) >> 18;
}
std::size_t bucket_of(const char* at) {
  const auto byte = [&](int i) { return std::uint32_t{kLower[static_cast<unsigned char>(at[i])]}; };
  return bucket_of(byte(0) | byte(1) << 8 | byte(2) << 16);
}

bool stands_at(const Literal& literal, std::string_view text) {
  if (text.size() < literal.text.size()) {
    return false;
  }
  if (!literal.any_case) {
    return text.starts_with(literal.text);
  }
  for (std::size_t i = 0; i < literal.text.size(); ++i) {
    if (lower(text[i]) != literal.text[i]) {
      return false;
    }
  }
  return true;
}

void sort_hits(std::vector<LiteralHit>& hits, std::size_t first) {
  std::sort(hits.begin() + static_cast<std::ptrdiff_t>(first), hits.end(),
            [](const LiteralHit& a, const LiteralHit& b) { return std::tie(a.begin, a.id) < std::tie(b.begin, b.id); });
}

}  // namespace

/// Literals as they stand and those of any case are two databases: of each kind alone the library scans more than twice
/// as fast as of both together.
struct LiteralFinder::Database {
  static std::uint64_t next_number() {
    static std::atomic<std::uint64_t> last{0};
    return ++last;
  }
  struct Part {
    const std::uint64_t number = next_number();  ///< Of no other, not even of one that is gone.
    hs_database_t* compiled = nullptr;           ///< None where it has no literals.

    Part() = default;
    Part(const Part&) = delete;
    Part& operator=(const Part&) = delete;
    ~Part() { hs_free_database(compiled); }
  };

  std::once_flag once;
  std::array<Part, 2> parts;
  bool usable = false;
  std::atomic<std::uint64_t> read{0};  ///< Bytes that the table had to read so far.
};

LiteralFinder::LiteralFinder(std::vector<Literal> literals)
    : literals_(std::move(literals)),
      filter_(kBuckets / 64),
      bucket_begin_(kBuckets + 1),
      database_(std::make_unique<Database>()) {
  for (const Literal& literal : literals_) {
    longest_ = std::max(longest_, literal.text.size());
    const std::size_t bucket = bucket_of(literal.text.data());
    ++bucket_begin_[bucket + 1];
    filter_[bucket / 64] |= std::uint64_t{1} << (bucket % 64);
  }
  for (std::size_t i = 1; i < bucket_begin_.size(); ++i) {
    bucket_begin_[i] = static_cast<std::uint16_t>(bucket_begin_[i] + bucket_begin_[i - 1]);
  }
  bucket_.resize(literals_.size());
  std::vector<std::uint16_t> next(bucket_begin_.begin(), bucket_begin_.end());
  for (std::size_t i = 0; i < literals_.size(); ++i) {
    bucket_[next[bucket_of(literals_[i].text.data())]++] = static_cast<std::uint16_t>(i);
  }
}

LiteralFinder::~LiteralFinder() = default;

const LiteralFinder::Database* LiteralFinder::database() const {
  std::call_once(database_->once, [this] {
    for (const bool any_case : {false, true}) {
      std::vector<const char*> texts;
      std::vector<unsigned> ids;
      std::vector<std::size_t> sizes;
      for (std::size_t i = 0; i < literals_.size(); ++i) {
        if (literals_[i].any_case == any_case) {
          texts.push_back(literals_[i].text.data());
          ids.push_back(static_cast<unsigned>(i));
          sizes.push_back(literals_[i].text.size());
        }
      }
      if (texts.empty()) {
        continue;
      }
      const std::vector<unsigned> flags(texts.size(), any_case ? HS_FLAG_CASELESS : 0U);
      hs_compile_error_t* error = nullptr;
      if (hs_compile_lit_multi(texts.data(), flags.data(), ids.data(), sizes.data(),
                               static_cast<unsigned>(texts.size()), HS_MODE_BLOCK, nullptr,
                               &database_->parts[any_case ? 1 : 0].compiled, &error) != HS_SUCCESS) {
        hs_free_compile_error(error);  // the table does the work, slower
        database_->parts[any_case ? 1 : 0].compiled = nullptr;
        return;
      }
    }
    database_->usable = true;
  });
  return database_->usable ? database_.get() : nullptr;
}

void LiteralFinder::find_by_table(std::string_view text, std::vector<LiteralHit>& hits) const {
  if (text.size() < 3) {
    return;
  }
  const auto byte = [&](std::size_t i) { return std::uint32_t{kLower[static_cast<unsigned char>(text[i])]}; };
  std::uint32_t bytes = byte(0) << 8 | byte(1) << 16;
  for (std::size_t i = 0; i + 3 <= text.size(); ++i) {
    bytes = bytes >> 8 | byte(i + 2) << 16;
    const std::size_t bucket = bucket_of(bytes);
    if ((filter_[bucket / 64] >> (bucket % 64) & 1) == 0) [[likely]] {
      continue;
    }
    for (std::size_t k = bucket_begin_[bucket]; k < bucket_begin_[bucket + 1]; ++k) {
      const Literal& literal = literals_[bucket_[k]];
      if (stands_at(literal, text.substr(i))) {
        hits.push_back({i, literal.id});
      }
    }
  }
}

bool LiteralFinder::find_by_library(const Database& database, std::string_view text,
                                    std::vector<LiteralHit>& hits) const {
  struct Context {
    const std::vector<Literal>& literals;
    std::vector<LiteralHit>& hits;
    std::size_t base;
  };
  constexpr std::size_t kBlock = 1U << 18;  // the second scan finds it in the processor's cache
  Scratch& scratch = scratch_of_thread();
  for (std::size_t from = 0; from < text.size(); from += kBlock) {
    // The blocks overlap by what the longest literal may need; what lies wholly in the overlap is found by the next.
    const std::string_view block = text.substr(from, kBlock + longest_ - 1);
    const std::size_t first = hits.size();
    Context context{literals_, hits, from};
    const auto seen = [](unsigned id, unsigned long long, unsigned long long to, unsigned, void* data) {
      auto& here = *static_cast<Context*>(data);
      const Literal& literal = here.literals[id];
      const std::size_t begin = static_cast<std::size_t>(to) - literal.text.size();
      if (begin < kBlock) {
        here.hits.push_back({here.base + begin, literal.id});
      }
      return 0;
    };
    for (const Database::Part& part : database.parts) {
      if (part.compiled != nullptr && (!scratch.serves(part.number, part.compiled) ||
                                       hs_scan(part.compiled, block.data(), static_cast<unsigned>(block.size()), 0,
                                               scratch.space, seen, &context) != HS_SUCCESS)) {
        return false;
      }
    }
    sort_hits(hits, first);
  }
  return true;
}

void LiteralFinder::prepare() const {
  database_->read.fetch_add(kPaysFrom);
  (void)database();
}

void LiteralFinder::find(std::string_view text, std::vector<LiteralHit>& hits, Engine engine) const {
  const std::size_t first = hits.size();
  const Database* compiled = nullptr;
  if (engine == Engine::vectorscan ||
      (engine == Engine::automatic && database_->read.fetch_add(text.size()) + text.size() >= kPaysFrom)) {
    compiled = database();
  }
  if (compiled == nullptr || !find_by_library(*compiled, text, hits)) {
    hits.resize(first);
    find_by_table(text, hits);
    sort_hits(hits, first);
  }
}

}  // namespace inspect
