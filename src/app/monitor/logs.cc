// What the subcommands of `surety monitor` share: reading logs and baselines.
#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <cmath>

#include "app/input.h"
#include "app/monitor/monitor.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/text.h"
#include "guard/model.h"
#include "inspect/inspect.h"

namespace app {
namespace {

using base::Errc;
using base::Error;
using base::Result;

constexpr std::uint64_t kMaxKeyBytes = 1U << 20;

/// What inspection and the guard say of an exchange whose log does not.
void inspect_exchange(const monitor::Exchange& exchange, monitor::Observation& observation) {
  if (exchange.has_prompt) {
    const guard::Score score = guard::Model::built_in().score(exchange.prompt);
    observation.guard_permille = static_cast<std::uint32_t>(std::lround(score.value * 1000));
    observation.guard_hit = monitor::answer(score.value >= 0.5F);
  }
  if (exchange.has_prompt || exchange.has_answer) {
    inspect::Detectors detectors;
    detectors.scripts = false;
    const auto found = [&](std::string_view text) {
      for (const inspect::Finding& one : inspect::find_all(text, detectors)) {
        if (one.certainty == inspect::Certainty::high) {
          return true;
        }
      }
      return false;
    };
    observation.finding = monitor::answer(found(exchange.prompt) || found(exchange.answer));
  }
}

}  // namespace

Result<std::vector<ReadLog>> read_logs(const Arguments& arguments, Console& console,
                                       const std::function<void(const monitor::Observation&)>& exchange,
                                       const std::function<void(const monitor::Feedback&)>& feedback) {
  std::vector<std::string> names = arguments.positional();
  if (names.empty()) {
    names = {"-"};
  }
  const std::optional<monitor::LogFormat> format = monitor::log_format(arguments.get("input"));
  const bool inspecting = arguments.has("inspect");
  std::vector<ReadLog> out;
  for (const std::string& name : names) {
    base::Descriptor file;
    if (name != "-") {
      file = base::Descriptor(::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
      if (!file.is_open()) {
        return base::system_error("open", name);
      }
    }
    const int fd = name == "-" ? STDIN_FILENO : file.get();
    monitor::LogReader reader(
        format,
        [&](const monitor::Exchange& one) {
          monitor::ObservedExchange observed(one);
          if (inspecting) {
            inspect_exchange(one, observed.observation());
          }
          exchange(observed.observation());
        },
        feedback);
    base::Sha256Hasher hasher;
    TRY(read_parts(fd, name, [&](std::string_view part) -> Result<void> {
      hasher.update(part);
      reader.add(part);
      return {};
    }));
    reader.finish();
    ReadLog log;
    log.name = name == "-" ? "standard input" : base::printable(name);
    log.sha256 = hasher.finish().hex();
    log.lines = reader.lines();
    log.exchanges = reader.exchanges();
    log.feedback = reader.feedback();
    log.other = reader.other();
    log.bad = reader.bad();
    log.bad_lines = reader.bad_lines();
    for (const monitor::BadLine& bad : log.bad_lines) {
      console.err << "surety: " << log.name << ", line " << bad.line << ": " << bad.reason << "\n";
    }
    if (log.bad > log.bad_lines.size()) {
      console.err << "surety: " << log.name << ": " << base::grouped(log.bad - log.bad_lines.size())
                  << " more lines that could not be read\n";
    }
    if (log.exchanges == 0 && log.feedback == 0) {
      return Error{Errc::usage,
                   "no exchange and no feedback in " + base::counted(log.lines, "line") +
                       ": nothing was read (--input names the format)",
                   0, log.name};
    }
    out.push_back(std::move(log));
  }
  return out;
}

Result<std::shared_ptr<const monitor::Baseline>> read_baseline(const std::string& path, const Arguments& arguments) {
  if (!arguments.has("public-key")) {
    return Error{Errc::usage, "--public-key FILE is needed: a baseline counts only with the key that signed it"};
  }
  const std::string pem = TRY(base::read_file(arguments.get("public-key"), kMaxKeyBytes));
  const base::PublicKey key = TRY(base::PublicKey::from_pem(pem));
  const std::string text = TRY(base::read_file(path, monitor::kMaxBaselineBytes));
  auto baseline = monitor::Baseline::from_signed_text(text, key);
  if (!baseline) {
    Error error = Error(baseline.error()).in_file(path);
    // A baseline of another version is as useless for telling what changed as one that was tampered with.
    if (error.code == Errc::unsupported) {
      error.code = Errc::untrusted;
    }
    return error;
  }
  return std::make_shared<const monitor::Baseline>(std::move(*baseline));
}

Result<double> days_wanted(const Arguments& arguments) {
  const std::string text = arguments.get("days", "30");
  double days = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), days);
  if (error != std::errc() || end != text.data() + text.size() || !(days >= 0.01 && days <= 10'000)) {
    return Error{Errc::usage, "--days: a number from 0.01 to 10000, not \"" + base::printable(text) + "\""};
  }
  return days;
}

}  // namespace app
