// Inspection and the log.
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <set>

#include "base/json.h"
#include "control/self_test_runner.h"
#include "ledger/ledger.h"

namespace control {

using base::Result;
using traffic::Action;
using traffic::Detector;

// ---- Inspection ----

Result<void> SelfTestRunner::try_inspection() {
  Configuration configuration = alone(Filter::inspection);
  if (declared_.is_on(Filter::oversight)) {  // who asks, asks somebody
    configuration.modes[static_cast<std::size_t>(Filter::oversight)] = declared_.mode(Filter::oversight);
    configuration.oversight.wait_seconds = 0;
  }
  Stage stage = TRY(open_stage("inspection", std::move(configuration)));
  for_each_place(Filter::inspection, [&](SelfTestCase& one, const Place& first) {
    if (first.row == nullptr) {
      mark(one, SelfTestOutcome::not_applicable, "the protocol has no text there");
      return;
    }
    bool any = false;
    for (const Place& place : places(first.route, first.block)) {
      const traffic::Policy& policy =
          place.direction == Direction::request ? declared_.inspection.requests : declared_.inspection.answers;
      bool allowed_tried = false;
      for (std::size_t i = 0; i < traffic::kDetectors; ++i) {
        const auto detector = static_cast<Detector>(i);
        const traffic::Rule& rule = policy.rule(detector);
        if (!rule.on) {
          continue;
        }
        any = true;
        if (!concerns(detector, place.row->origin)) {
          continue;
        }
        if (!allowed_tried) {
          allowed_tried = true;
          expect_passes(one, "a harmless text in " + std::string(place.row->where),
                        send(stage, one, exchange_with(place, "Good morning.", names_)));
        }
        for (const ForbiddenText& text :
             forbidden_texts(policy, declared_.inspection.samples, detector, place.row->origin)) {
          if (text.missing.empty()) {
            try_text(stage, one, place, detector, rule, text);
          } else {
            mark(one, text.applicable ? SelfTestOutcome::not_tried : SelfTestOutcome::not_applicable,
                 std::string(traffic::to_string(detector)) + ": " + text.missing);
          }
        }
      }
    }
    if (!any) {
      mark(one, SelfTestOutcome::not_applicable, "no detector is on for this");
    } else if (one.outcome == SelfTestOutcome::not_applicable && one.reasons.empty()) {
      mark(one, SelfTestOutcome::not_applicable, "no detector that is on concerns texts of this origin");
    }
  });
  return {};
}

void SelfTestRunner::try_text(Stage& stage, SelfTestCase& cell, const Place& place, Detector detector,
                              const traffic::Rule& rule, const ForbiddenText& text) {
  std::string written;
  DrivenExchange exchange = exchange_with(place, text.text, names_, &written);
  exchange.on_wait = [&] { stage.runtime->look_after(); };
  // As it stands in JSON, or in JSON within JSON.
  const std::string once = base::json_quoted(text.needle);
  const std::string inner = once.substr(1, once.size() - 2);
  const std::string twice = base::json_quoted(inner);
  const auto holds = [&](const std::string& body) {
    return body.find(inner) != std::string::npos || body.find(twice.substr(1, twice.size() - 2)) != std::string::npos;
  };
  const DrivenResult result = send(stage, cell, exchange);
  const bool in_request = place.direction == Direction::request;
  const std::string what = std::string(traffic::to_string(detector)) + " (" + text.name + ") in " +
                           std::string(place.row->where) +
                           (in_request                             ? " of a request"
                            : place.direction == Direction::stream ? " of a stream"
                                                                   : " of an answer");
  // A stream is told in pieces: what leaves is put together before it is looked at.
  const std::string& came = in_request ? result.upstream_body : result.body;
  const bool passed = !result.refused && holds(came);
  const bool asks_nobody = rule.action == Action::ask && in_request && !declared_.enforces(Filter::oversight);
  switch (rule.action) {
    case Action::observe:
    case Action::annotate:
      mark(cell, passed ? SelfTestOutcome::observed : SelfTestOutcome::failed,
           passed ? std::string(traffic::to_string(detector)) + " is only " +
                        (rule.action == Action::observe ? "observed" : "annotated")
                  : "stopped or changed, though only observed: " + what);
      break;
    case Action::redact:
      if (!enforces(Filter::inspection)) {
        expect_stops(cell, what, !passed);
      } else if (place.row->redacted) {
        const bool redacted = !result.refused && result.reached_upstream && !holds(came);
        mark(cell, redacted ? SelfTestOutcome::passed : SelfTestOutcome::failed,
             (passed ? "forbidden, but passed: " : "stopped instead of redacted: ") + what);
      } else {
        expect_stops(cell, what + " (may not be rewritten)", result.refused && !holds(came));
      }
      break;
    case Action::ask:
      if (asks_nobody) {
        mark(cell, SelfTestOutcome::observed, "asks people, and oversight does not enforce: " + what);
        break;
      }
      [[fallthrough]];
    case Action::block:
      expect_stops(cell, what, result.refused && !holds(came));
      break;
  }
}

// ---- The log ----

namespace {

/// For as long as it lives, this process can make no file longer.
class NoRoom {
 public:
  NoRoom() : signal_(std::signal(SIGXFSZ, SIG_IGN)) {
    if (::getrlimit(RLIMIT_FSIZE, &before_) == 0) {
      rlimit none = before_;
      none.rlim_cur = 0;
      holds_ = ::setrlimit(RLIMIT_FSIZE, &none) == 0;
    }
  }
  ~NoRoom() {
    if (holds_) {
      ::setrlimit(RLIMIT_FSIZE, &before_);
    }
    if (signal_ != SIG_ERR) {
      std::signal(SIGXFSZ, signal_);
    }
  }
  NoRoom(const NoRoom&) = delete;
  NoRoom& operator=(const NoRoom&) = delete;
  [[nodiscard]] bool holds() const { return holds_; }

 private:
  void (*signal_)(int);
  rlimit before_{};
  bool holds_ = false;
};

constexpr int kMostRetries = 1000;

}  // namespace

Result<void> SelfTestRunner::try_log() {
  Stage stage = TRY(open_stage("log", alone(Filter::log)));
  AuditLog& log = *stage.runtime->log();
  std::vector<std::pair<SelfTestCase*, std::string>> wanted;
  for_each_place(Filter::log, [&](SelfTestCase& one, const Place& place) {
    const DrivenExchange exchange = scene(place, names_);
    const DrivenResult first = send(stage, one, exchange);
    expect_passes(one, "the log can be written", first);
    wanted.emplace_back(&one, first.field("x-surety-exchange"));
    {
      const NoRoom no_room;
      if (!no_room.holds()) {
        mark(one, SelfTestOutcome::not_tried, "the limit of file sizes cannot be changed here");
        return;
      }
      if (!declared_.log.before_answer) {
        // Who does not wait for the disk learns from the first failure that it fails.
        static_cast<void>(send(stage, one, exchange));
        log.flush();
      }
      const DrivenResult result = send(stage, one, exchange);
      log.flush();
      if (log.failures() == 0) {
        mark(one, SelfTestOutcome::not_tried, "the log could be written though no file may grow");
      } else if (declared_.log.continue_on_failure) {
        mark(one, result.refused ? SelfTestOutcome::failed : SelfTestOutcome::observed,
             result.refused ? "stopped, though on_failure is continue"
                            : "passes unrecorded while the log cannot be written (on_failure: continue)");
      } else {
        expect_stops(one, "the log cannot be written", result);
      }
    }
    for (int i = 0; i < kMostRetries && !log.accepts(); ++i) {
      stage.runtime->look_after();
      log.flush();
    }
    const DrivenResult again = send(stage, one, exchange);
    expect_passes(one, "the log can be written again", again);
    wanted.emplace_back(&one, again.field("x-surety-exchange"));
  });
  // Every exchange that was answered must be in the log, which must verify.
  const auto directory = stage.configuration.log.directory;
  stage.controls.reset();
  stage.runtime.reset();
  std::set<std::string, std::less<>> recorded;
  const auto ledger = TRY(ledger::Ledger::open(directory, ledger::Ledger::Mode::read));
  const auto verified = TRY(ledger.verify());
  TRY(ledger.for_each(0, [&](const ledger::Entry& entry) -> Result<void> {
    const auto statement = base::parse_json(entry.content);
    if (statement) {
      recorded.emplace((*statement)["predicate"]["exchange"].as_text());
    }
    return {};
  }));
  for (const auto& [one, id] : wanted) {
    if (!verified.intact) {
      mark(*one, SelfTestOutcome::failed, "the log that was written does not verify");
    } else if (id.empty() || !recorded.contains(id)) {
      mark(*one, SelfTestOutcome::failed, "an exchange that was answered is not in the log");
    }
  }
  return {};
}

}  // namespace control
