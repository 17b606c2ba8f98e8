// Puts load on a ledger, for the benchmark and the fault tests:
//
//     ledger_load append DIR COUNT [BATCH [BYTES [SUBMITTERS]]]   appends, one JSON line of figures at the end
//     ledger_load acknowledge DIR COUNT [BATCH]                   appends, and prints the index of each entry when it
//     is
//                                                                 durable; entry I has the content "entry I"
//     ledger_load prove DIR COUNT                                 that many inclusion proofs, spread over the log
//     ledger_load verify DIR                                      recomputes every hash
//
// Ends with 0, or 5 and the error.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "ledger/appender.h"
#include "ledger/merkle.h"

namespace {

using base::Result;
using ledger::Ledger;

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

long peak_kib() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

/// Prints how long something took.
class Timer {
 public:
  void print(std::uint64_t count) const {
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    const double cpu = cpu_seconds() - cpu_;
    std::printf(
        "{\"count\": %llu, \"seconds\": %.6f, \"cpu_seconds\": %.6f, \"per_second\": %.1f, "
        "\"per_cpu_second\": %.1f, \"peak_kib\": %ld}\n",
        static_cast<unsigned long long>(count), seconds, cpu, static_cast<double>(count) / seconds,
        static_cast<double>(count) / cpu, peak_kib());
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  double cpu_ = cpu_seconds();
};

Result<void> append(const std::string& directory, std::uint64_t count, std::uint64_t batch, std::uint64_t bytes,
                    std::uint64_t submitters) {
  ledger::AppenderLimits limits;
  limits.max_batch = batch;
  ledger::Appender appender(TRY(Ledger::open(directory, Ledger::Mode::write)), limits);
  Result<void> outcome;  // written by the appender's thread only
  const Timer timer;
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < submitters; ++t) {
    threads.emplace_back([&, t] {
      for (std::uint64_t i = t; i < count; i += submitters) {
        std::string content = std::to_string(i) + " ";
        content.resize(bytes, 'x');
        appender.submit({"", std::move(content)}, [&](const Result<std::uint64_t>& place) {
          if (!place) {
            outcome = place.error();
          }
        });
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  appender.flush();
  TRY(outcome);
  timer.print(count);
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
    if (::write(STDOUT_FILENO, lines.data(), lines.size()) != static_cast<ssize_t>(lines.size())) {
      return base::Error{base::Errc::io, "nobody reads the acknowledgements"};
    }
    next += places.size();
  }
  return {};
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
  if (words.size() >= 3 && words[0] == "prove") {
    return prove(words[1], number(2, 0));
  }
  if (words.size() >= 2 && words[0] == "verify") {
    return verify(words[1]);
  }
  return base::Error{base::Errc::usage, "ledger_load append|acknowledge|prove|verify DIR ..."};
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
