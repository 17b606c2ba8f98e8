#pragma once

#include <ctime>

/// The clocks that benchmarks read.
namespace bench {

inline double seconds_of(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// Seconds since some point in the past.
inline double clock_seconds() {
  return seconds_of(CLOCK_MONOTONIC);
}
/// Processor time of this process so far, user and system, all threads.
inline double cpu_seconds() {
  return seconds_of(CLOCK_PROCESS_CPUTIME_ID);
}
/// Of this thread.
inline double thread_cpu_seconds() {
  return seconds_of(CLOCK_THREAD_CPUTIME_ID);
}

}  // namespace bench
