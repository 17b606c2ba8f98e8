// Puts load on a ledger, for the benchmark and the fault tests:
//
//     ledger_load append DIR COUNT [BATCH [BYTES [WRITERS]]]   appends, one JSON line of figures at the end: that many
//                                                              writers, each of which has one entry under way at a time
//     ledger_load acknowledge DIR COUNT [BATCH]                appends, and prints the index of each entry when it is
//                                                              durable; entry I has the content "entry I"
//     ledger_load pipeline DIR COUNT [BATCH [WRITERS [BYTES]]] the same through an Appender, with that many writers;
//                                                              "entry I" and " x..." to that size; prints I behind the
//                                                              index
//     ledger_load prove DIR COUNT                              that many inclusion proofs, spread over the log
//     ledger_load verify DIR                                   recomputes every hash
//
// Ends with 0, or 5 and the error.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "../clocks.h"
#include "ledger/appender.h"
#include "ledger/merkle.h"

namespace {

using base::Result;
using ledger::Ledger;

long peak_kib() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

/// Prints how long something took.
class Timer {
 public:
  void print(std::uint64_t count) const {
    const double seconds = bench::clock_seconds() - start_;
    const double cpu = bench::cpu_seconds() - cpu_;
    std::printf(
        "{\"count\": %llu, \"seconds\": %.6f, \"cpu_seconds\": %.6f, \"per_second\": %.1f, "
        "\"per_cpu_second\": %.1f, \"peak_kib\": %ld}\n",
        static_cast<unsigned long long>(count), seconds, cpu, static_cast<double>(count) / seconds,
        static_cast<double>(count) / cpu, peak_kib());
  }

 private:
  double start_ = bench::clock_seconds();
  double cpu_ = bench::cpu_seconds();
};

/// Writers that append to one log, each an entry at a time, the next once that one is durable. They are driven by one
/// thread, as a server drives its connections.
class Writers {
 public:
  /// `durable` is called with index and number of each entry, in the log's order.
  Writers(ledger::Appender& appender, std::uint64_t count,
          std::function<void(std::uint64_t, std::uint64_t)> durable = {})
      : appender_(appender), durable_(std::move(durable)), writers_(count) {
    for (Writer& writer : writers_) {
      ready_.push_back(&writer);
    }
  }

  /// Appends `count` entries, of which `make` writes the content of number I. Returns when all are durable, or the
  /// first failure when none is under way any more.
  template <class Make>
  Result<void> append(std::uint64_t count, const Make& make) {
    std::vector<Writer*> some;
    for (std::uint64_t next = 0; next < count;) {
      {
        std::unique_lock lock(mutex_);
        came_.wait(lock, [&] { return !ready_.empty(); });
        if (!outcome_) {
          break;
        }
        some.swap(ready_);
      }
      for (Writer* const writer : some) {
        if (next < count) {
          writer->number = next++;
          make(writer->number, writer->entry.content);
          appender_.submit(std::move(writer->entry),
                           [this, writer](const Result<std::uint64_t>& index) { see(writer, index); },
                           {.returned = &writer->entry});
        }
      }
      some.clear();
    }
    appender_.flush();
    return outcome_;
  }

 private:
  struct Writer {
    ledger::NewEntry entry;
    std::uint64_t number = 0;
  };
  void see(Writer* writer, const Result<std::uint64_t>& index) {
    if (index && durable_) {
      durable_(*index, writer->number);
    }
    bool is_first = false;
    {
      const std::lock_guard lock(mutex_);
      if (!index) {
        outcome_ = index.error();
      }
      is_first = ready_.empty();
      ready_.push_back(writer);
    }
    if (is_first) {
      came_.notify_one();
    }
  }

  ledger::Appender& appender_;
  std::function<void(std::uint64_t, std::uint64_t)> durable_;
  std::vector<Writer> writers_;
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<Writer*> ready_;
  Result<void> outcome_;
};

ledger::AppenderLimits limits_of(std::uint64_t batch) {
  ledger::AppenderLimits limits;
  limits.max_batch = batch;
  return limits;
}

Result<void> append(const std::string& directory, std::uint64_t count, std::uint64_t batch, std::uint64_t bytes,
                    std::uint64_t writers) {
  ledger::Appender appender(TRY(Ledger::open(directory, Ledger::Mode::write)), limits_of(batch));
  Writers load(appender, writers);
  const Timer timer;
  const auto make = [&](std::uint64_t number, std::string& content) {
    content = std::to_string(number) + " ";
    content.resize(bytes, 'x');
  };
  TRY(load.append(count, make));
  timer.print(count);
  return {};
}

Result<void> say(const std::string& lines) {
  if (::write(STDOUT_FILENO, lines.data(), lines.size()) != static_cast<ssize_t>(lines.size())) {
    return base::Error{base::Errc::io, "nobody reads the acknowledgements"};
  }
  return {};
}

// What a caller has been told is on its standard output before anything else happens.
Result<void> acknowledge(const std::string& directory, std::uint64_t count, std::uint64_t batch) {
  Ledger log = TRY(Ledger::open(directory, Ledger::Mode::write));
  std::uint64_t next = TRY(log.checkpoint()).size;
  const std::uint64_t end = next + count;
  while (next < end) {
    std::vector<ledger::NewEntry> entries;
    for (std::uint64_t i = 0; i < batch && next + i < end; ++i) {
      entries.push_back({"key " + std::to_string(next + i), "entry " + std::to_string(next + i)});
    }
    std::vector<std::uint64_t> places;
    TRY(log.append(entries, ledger::Filing::at_once, &places));
    std::string lines;
    for (const std::uint64_t place : places) {
      lines += std::to_string(place) + "\n";
    }
    TRY(say(lines));
    next += places.size();
  }
  return {};
}

// The same through an Appender: batches are prepared while others are on their way to the disk.
Result<void> pipeline(const std::string& directory, std::uint64_t count, std::uint64_t batch, std::uint64_t writers,
                      std::uint64_t bytes) {
  Ledger log = TRY(Ledger::open(directory, Ledger::Mode::write));
  const std::uint64_t first = TRY(log.checkpoint()).size;
  ledger::Appender appender(std::move(log), limits_of(batch));
  Result<void> said;
  const auto make = [&](std::uint64_t number, std::string& content) {
    content = "entry " + std::to_string(first + number);
    if (content.size() + 1 < bytes) {
      content += ' ';
      content.resize(bytes, 'x');
    }
  };
  const auto durable = [&](std::uint64_t index, std::uint64_t number) {
    if (said) {
      said = say(std::to_string(index) + " " + std::to_string(first + number) + "\n");
    }
  };
  TRY(Writers(appender, writers, durable).append(count, make));
  return said;
}

Result<void> prove(const std::string& directory, std::uint64_t count) {
  const Ledger log = TRY(Ledger::open(directory, Ledger::Mode::read));
  const auto reached = TRY(log.checkpoint());
  const Timer timer;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto index = i * 0x9E3779B97F4A7C15U % reached.size;
    const auto proof = TRY(log.inclusion_proof(index, reached.size));
    if (i % 1000 == 0) {  // that they are proofs
      const auto entry = TRY(log.entry(index));
      if (!entry || !ledger::verify_inclusion(index, reached.size, ledger::leaf_hash(*entry), proof, reached.root)) {
        return base::Error{base::Errc::untrusted, "a proof does not hold"};
      }
    }
  }
  timer.print(count);
  return {};
}

Result<void> verify(const std::string& directory) {
  const Ledger log = TRY(Ledger::open(directory, Ledger::Mode::read));
  const Timer timer;
  const auto verified = TRY(log.verify());
  if (!verified.intact) {
    return base::Error{base::Errc::untrusted, verified.problems.front()};
  }
  timer.print(verified.entries);
  return {};
}

Result<void> run(const std::vector<std::string>& words) {
  const auto number = [&](std::size_t place, std::uint64_t fallback) {
    return place < words.size() ? std::strtoull(words[place].c_str(), nullptr, 10) : fallback;
  };
  if (words.size() >= 3 && words[0] == "append") {
    return append(words[1], number(2, 0), std::max<std::uint64_t>(number(3, 1000), 1), number(4, 300),
                  std::max<std::uint64_t>(number(5, 1), 1));
  }
  if (words.size() >= 3 && words[0] == "acknowledge") {
    return acknowledge(words[1], number(2, 0), std::max<std::uint64_t>(number(3, 1), 1));
  }
  if (words.size() >= 3 && words[0] == "pipeline") {
    return pipeline(words[1], number(2, 0), std::max<std::uint64_t>(number(3, 1), 1),
                    std::max<std::uint64_t>(number(4, 1), 1), number(5, 0));
  }
  if (words.size() >= 3 && words[0] == "prove") {
    return prove(words[1], number(2, 0));
  }
  if (words.size() >= 2 && words[0] == "verify") {
    return verify(words[1]);
  }
  return base::Error{base::Errc::usage, "ledger_load append|acknowledge|pipeline|prove|verify DIR ..."};
}

}  // namespace

int main(int argc, char** argv) {
  const auto done = run(std::vector<std::string>(argv + 1, argv + argc));
  if (!done) {
    std::fprintf(stderr, "ledger_load: %s\n", done.error().text().c_str());
    return 5;
  }
  return 0;
}
