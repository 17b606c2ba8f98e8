#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/command.h"
#include "monitor/baseline.h"
#include "monitor/log_reader.h"

/// The subcommands of `surety monitor`.
namespace app {

Exit run_monitor_replay(const Arguments& arguments, Console& console);
Exit run_monitor_baseline(const Arguments& arguments, Console& console);
Exit run_monitor_check(const Arguments& arguments, Console& console);

/// What became of one log.
struct ReadLog {
  std::string name;
  std::string sha256;
  std::uint64_t lines = 0;
  std::uint64_t exchanges = 0;
  std::uint64_t feedback = 0;
  std::uint64_t other = 0;
  std::uint64_t bad = 0;
  std::vector<monitor::BadLine> bad_lines;
};
/// Reads the logs named by the arguments in their order ("-" is standard input), with --input and --inspect, and says
/// of lines that could not be read. Fails with usage where a log holds no exchange and no feedback.
base::Result<std::vector<ReadLog>> read_logs(const Arguments& arguments, Console& console,
                                             const std::function<void(const monitor::Observation&)>& exchange,
                                             const std::function<void(const monitor::Feedback&)>& feedback);
/// The file that --baseline or the argument names, verified with --public-key.
base::Result<std::shared_ptr<const monitor::Baseline>> read_baseline(const std::string& path,
                                                                     const Arguments& arguments);
/// --days: a number from 0.01 to 10,000; 30 where it is not given.
base::Result<double> days_wanted(const Arguments& arguments);

}  // namespace app
