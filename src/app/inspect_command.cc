#include <fcntl.h>
#include <unistd.h>

#include <cmath>

#include "app/command.h"
#include "app/input.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "guard/model.h"
#include "inspect/inspect.h"

namespace app {
namespace {

constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 30;  ///< Of one text that is read whole; above it, lines.
constexpr std::size_t kMostLine = std::size_t{64} << 20;      ///< Of one line.

/// What is asked of every text.
struct Request {
  inspect::Detectors detectors;
  inspect::Certainty least = inspect::Certainty::low;
  std::string field = "text";
  int fail_on = 3;  ///< A certainty from which on the exit code is 1; 3 for never.
};

struct Outcome {
  bool failed = false;   ///< Something of the certainty asked for was found.
  bool invalid = false;  ///< A line could not be read.
};

/// Orders findings by certainty for those who want a number; no probability.
double score(inspect::Certainty certainty) {
  constexpr double kScores[] = {0.3, 0.7, 0.95};
  return kScores[static_cast<std::size_t>(certainty)];
}

void tell(std::string_view source, std::uint64_t line, std::string_view text, const Request& request, Console& console,
          Outcome& outcome) {
  base::Value findings(base::Value::List{});
  for (const inspect::Finding& one : inspect::find_all(text, request.detectors)) {
    if (one.certainty < request.least) {
      continue;
    }
    outcome.failed = outcome.failed || static_cast<int>(one.certainty) >= request.fail_on;
    base::Value finding;
    finding.set("kind", to_string(one.kind));
    finding.set("name", one.name);
    finding.set("begin", std::uint64_t{one.begin});
    finding.set("end", std::uint64_t{one.end});
    finding.set("certainty", to_string(one.certainty));
    finding.set("score", score(one.certainty));
    findings.push(std::move(finding));
  }
  base::Value out;
  out.set("source", base::printable(source));
  if (line > 0) {
    out.set("line", line);
  }
  out.set("findings", std::move(findings));
  if (request.detectors.injections) {
    const guard::Score score = guard::Model::built_in().score(text);
    base::Value guard;
    guard.set("score", std::round(static_cast<double>(score.value) * 1e6) / 1e6);
    guard.set("view", to_string(score.view));
    guard.set("begin", std::uint64_t{score.begin});
    guard.set("end", std::uint64_t{score.end});
    out.set("guard", std::move(guard));
  }
  console.out << base::to_json(out) << "\n";
}

void tell_invalid(std::string_view source, std::uint64_t line, std::string_view why, Console& console,
                  Outcome& outcome) {
  outcome.invalid = true;
  base::Value out;
  out.set("source", base::printable(source));
  out.set("line", line);
  out.set("error", why);
  console.out << base::to_json(out) << "\n";
  console.err << "surety: " << base::printable(source) << ", line " << line << ": " << base::printable(why) << "\n";
}

base::Result<void> inspect_whole(int fd, const std::string& name, const Request& request, Console& console,
                                 Outcome& outcome) {
  const std::string text = TRY(read_whole(fd, name, kMostBytes));
  tell(name, 0, text, request, console, outcome);
  return {};
}

base::Result<void> inspect_lines(int fd, const std::string& name, bool json, const Request& request, Console& console,
                                 Outcome& outcome) {
  std::uint64_t line = 0;
  const auto one = [&](std::string_view text) {
    ++line;
    if (text.ends_with('\r')) {
      text.remove_suffix(1);
    }
    if (!json) {
      tell(name, line, text, request, console, outcome);
      return;
    }
    if (base::trim(text).empty()) {
      return;
    }
    base::DocumentLimits limits;
    limits.max_bytes = kMostLine;
    const auto row = base::parse_json_document(text, limits);
    if (!row) {
      tell_invalid(name, line, row.error().message, console, outcome);
    } else if (const base::Value* field = row->root.find(request.field); field == nullptr || !field->is_string()) {
      tell_invalid(name, line, "no text in the field \"" + request.field + "\"", console, outcome);
    } else {
      tell(name, line, field->as_text(), request, console, outcome);
    }
  };
  std::string left;
  TRY(read_parts(fd, name, [&](std::string_view part) -> base::Result<void> {
    for (std::size_t end = part.find('\n'); end != std::string_view::npos; end = part.find('\n')) {
      if (left.empty()) {
        one(part.substr(0, end));
      } else {
        left.append(part.substr(0, end));
        one(left);
        left.clear();
      }
      part.remove_prefix(end + 1);
    }
    if (left.size() + part.size() > kMostLine) {
      return base::Error{base::Errc::too_large, name + ", line " + std::to_string(line + 1) + ": above 64 MiB"};
    }
    left.append(part);
    return {};
  }));
  if (!left.empty()) {
    one(left);
  }
  return {};
}

bool is_jsonl(std::string_view name) {
  const std::string lower = base::to_lower(name);
  return lower.ends_with(".jsonl") || lower.ends_with(".ndjson");
}

base::Result<Outcome> inspect_all(const Arguments& arguments, Console& console) {
  Request request;
  request.field = arguments.get("field", "text");
  const std::vector<std::string> only = arguments.all("only");
  if (!only.empty()) {
    request.detectors = {false, false, false, false};
    for (const std::string& kind : only) {
      request.detectors.secrets |= kind == "secret";
      request.detectors.personal |= kind == "personal";
      request.detectors.injections |= kind == "injection";
      request.detectors.scripts |= kind == "script";
    }
  }
  const auto level = [](const std::string& name) {
    return name == "low" ? 0 : name == "medium" ? 1 : name == "high" ? 2 : 3;
  };
  request.least = static_cast<inspect::Certainty>(level(arguments.get("certainty", "low")));
  request.fail_on = level(arguments.get("fail-on", "never"));
  std::vector<std::string> names = arguments.positional();
  if (names.empty()) {
    names = {"-"};
  }
  Outcome outcome;
  for (const std::string& name : names) {
    base::Descriptor file;
    if (name != "-") {
      file = base::Descriptor(::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
      if (!file.is_open()) {
        return base::system_error("open", name);
      }
    }
    const int fd = name == "-" ? STDIN_FILENO : file.get();
    const std::string input = arguments.get("input", is_jsonl(name) ? "jsonl" : "text");
    if (input == "text") {
      TRY(inspect_whole(fd, name, request, console, outcome));
    } else {
      TRY(inspect_lines(fd, name, input == "jsonl", request, console, outcome));
    }
  }
  return outcome;
}

}  // namespace

Exit run_inspect(const Arguments& arguments, Console& console) {
  const auto outcome = inspect_all(arguments, console);
  if (!outcome) {
    return report_error(outcome.error(), console);
  }
  return outcome->invalid ? Exit::usage : outcome->failed ? Exit::gate_failed : Exit::passed;
}

}  // namespace app
