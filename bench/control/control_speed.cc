// What the gateway's controls cost an exchange, without a network: CPU time of the whole process, the log's thread
// included, for each exchange, with one control after the other.
//
//   control_speed [--exchanges N] [--rounds N] [--together N] [--directory DIR] [--only NAME] [--guard]
//
// Requests of 2 KiB and answers of 1 KiB of chat completions, no two alike; N exchanges (64) are under way at once, as
// from so many connections. Prints a Markdown table; of each row the least of the rounds. --directory is where log and
// counters go (a new directory below it, removed at the end); give one on the disk that is meant.
#include <stdlib.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "../clocks.h"
#include "base/json.h"
#include "base/yaml.h"
#include "control/access_keys.h"
#include "control/chain.h"
#include "control/pass_through.h"

namespace {

using control::Exchange;
using control::Step;

constexpr std::size_t kDifferent = 256;  // exchanges, after which they come again

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "control_speed: %s\n", why.c_str());
  std::exit(5);
}

/// Prose that differs with `seed`, of that many bytes.
std::string prose(std::size_t bytes, std::size_t seed) {
  constexpr std::string_view kSentences[] = {
      "Please summarise the attached minutes of the planning meeting in three sentences. ",
      "List the open questions and say who is to answer each of them by Friday. ",
      "The second shipment was late because the customs form lacked a signature. ",
      "Our tests pass on both machines, but the figures of the older one vary. ",
      "Write the reply in a friendly tone and keep it below one hundred words. ",
      "Which of the three proposals has the lowest cost over five years? ",
      "The committee agreed to meet again once the survey has been evaluated. ",
  };
  std::string text;
  std::size_t at = seed;
  while (text.size() < bytes) {
    text += kSentences[at % std::size(kSentences)];
    at = at * 5 + seed + 1;
    if (at % 11 == 0) {
      text += "Item " + std::to_string(at % 1000) + " of the list. ";
    }
  }
  text.resize(bytes);
  return text;
}

struct Traffic {
  std::vector<std::string> requests;
  std::vector<std::string> answers;
};

Traffic traffic_of(std::size_t request_bytes, std::size_t answer_bytes) {
  Traffic out;
  for (std::size_t i = 0; i < kDifferent; ++i) {
    out.requests.push_back(
        R"({"model":"bench","messages":[{"role":"system","content":"You are a helpful assistant."},{"role":"user","content":)" +
        base::json_quoted(prose(request_bytes - 150, i)) + R"(}],"max_tokens":200})");
    out.answers.push_back(
        R"({"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"bench","choices":[{"index":0,"message":{"role":"assistant","content":)" +
        base::json_quoted(prose(answer_bytes - 230, i + 7)) +
        R"(},"finish_reason":"stop"}],"usage":{"prompt_tokens":500,"completion_tokens":200,"total_tokens":700}})");
  }
  return out;
}

/// Exchanges that are under way at once; those that wait are resumed when they are woken.
class Crowd {
 public:
  Crowd(control::Controls& controls, const Traffic& traffic, const std::string& key)
      : controls_(controls), traffic_(traffic), fields_{{"content-type", "application/json"}, {"x-api-key", key}} {}

  void run(std::size_t count, std::size_t together) {
    for (std::size_t done = 0; done < count;) {
      while (begun_ < count && open_.size() < together) {
        begin();
      }
      const bool waits = begun_ == count || open_.size() >= together;
      if (waits) {
        controls_.write_records();
      }
      done += finish_what_can(waits);
    }
  }

 private:
  enum class At : std::uint8_t { head, body, answer_head, answer_data };
  struct One {
    std::unique_ptr<Exchange> exchange;
    std::string body;
    std::string out;
    std::vector<control::OwnField> answer_fields;
    std::size_t place = 0;
    At at = At::head;
    bool woken = false;
    bool waits = false;
  };

  void begin() {
    auto one = std::make_unique<One>();
    One* const raw = one.get();
    one->place = begun_++;
    one->exchange = controls_.begin();
    one->exchange->on_wake([this, raw] {
      {
        const std::lock_guard lock(mutex_);
        raw->woken = true;
      }
      rang_.notify_one();
    });
    control::RequestHead head;
    head.method = "POST";
    head.target = "/v1/chat/completions";
    head.fields = fields_;
    head.peer = "127.0.0.1";
    go_on(*one, one->exchange->head(head));
    open_.push_back(std::move(one));
  }

  // Takes the exchange on until it waits or has ended; it has where `waits` is false.
  void go_on(One& one, Step step) {
    for (;;) {
      if (step.kind == Step::Kind::answer) {
        give_up("an exchange was refused: " + step.answer.body);
      }
      one.waits = step.kind == Step::Kind::wait;
      if (one.waits) {
        return;
      }
      switch (one.at) {
        case At::head:
          one.at = At::body;
          one.body = traffic_.requests[one.place % kDifferent];
          step = one.exchange->body(one.body);
          break;
        case At::body:
          one.at = At::answer_head;
          one.answer_fields = {{"content-type", "application/json"}};
          step = one.exchange->answer_head(200, one.answer_fields);
          break;
        case At::answer_head:
          one.at = At::answer_data;
          step = one.exchange->answer_data(traffic_.answers[one.place % kDifferent], true, one.out);
          break;
        case At::answer_data:
          one.exchange->finish(control::End::complete);
          return;
      }
    }
  }

  std::size_t finish_what_can(bool wait) {
    std::vector<One*> woken;
    {
      std::unique_lock lock(mutex_);
      const auto any = [&] {
        return std::any_of(open_.begin(), open_.end(), [](const auto& one) { return !one->waits || one->woken; });
      };
      if (wait) {
        rang_.wait(lock, any);
      }
      for (const auto& one : open_) {
        if (one->waits && one->woken) {
          one->woken = false;
          woken.push_back(one.get());
        }
      }
    }
    for (One* one : woken) {
      go_on(*one, one->exchange->resume(one->out));
    }
    return std::erase_if(open_, [](const auto& one) { return !one->waits; });
  }

  control::Controls& controls_;
  const Traffic& traffic_;
  std::vector<control::Field> fields_;
  std::vector<std::unique_ptr<One>> open_;
  std::size_t begun_ = 0;
  std::mutex mutex_;
  std::condition_variable rang_;
};

struct Row {
  std::string_view name;
  std::string_view shown;
  std::string_view parts;  ///< What is on: letters of kParts.
};
constexpr Row kRows[] = {
    {"nothing", "nothing", ""},
    {"identity", "identity", "i"},
    {"limits", "identity, limits", "il"},
    {"inspection", "identity, limits, inspection", "iln"},
    {"log-async", "identity, limits, log (async)", "ila"},
    {"log", "identity, limits, log (before answer)", "ilb"},
    {"all-async", "all, log (async)", "ilna"},
    {"all", "all, log (before answer)", "ilnb"},
};

std::string configuration_of(std::string_view parts, bool guard) {
  std::string yaml = "identity: {keys: keys.json}\n";
  for (const char part : parts) {
    if (part == 'l') {
      yaml += "limits: {rules: [{name: r, per: key, requests: 100000000, tokens: 100000000000}]}\n";
    } else if (part == 'n') {
      const std::string more = guard ? ", guard: {action: observe}" : "";
      yaml +=
          "inspection:\n  requests: {secret: {action: block}, personal: {action: redact}, injection: {action: "
          "observe}" +
          more + "}\n  answers: {secret: {action: block}, personal: {action: redact}}\n" +
          (guard ? "  guard: {user: 0.9}\n" : "");
    } else if (part == 'a') {
      yaml += "log: {bodies: digest, durable: async}\n";
    } else if (part == 'b') {
      yaml += "log: {bodies: digest}\n";
    }
  }
  return yaml;
}

struct Settings {
  std::size_t exchanges = 20000;
  std::size_t together = 64;
  int rounds = 3;
  std::filesystem::path directory = std::filesystem::temp_directory_path();
  std::string only;
  bool guard = false;
};

/// A directory that is gone at the end.
class WorkDirectory {
 public:
  explicit WorkDirectory(const std::filesystem::path& below) {
    std::string name = (below / "control-speed-XXXXXX").native();
    if (::mkdtemp(name.data()) == nullptr) {
      give_up("cannot make a directory below " + below.native());
    }
    path_ = name;
  }
  ~WorkDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  WorkDirectory(const WorkDirectory&) = delete;
  WorkDirectory& operator=(const WorkDirectory&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

struct Figures {
  double cpu_microseconds = 0;
  double per_second = 0;
};

Figures measure(const Row& row, const Settings& settings, const Traffic& traffic) {
  const WorkDirectory directory(settings.directory);
  std::shared_ptr<control::Runtime> runtime;
  std::unique_ptr<control::Controls> controls;
  std::string key = "none";
  if (row.parts.empty()) {
    controls = control::make_pass_through("models");
  } else {
    const auto issued = control::issue_key({"bench", {}, {}, {}, {}}, base::UnixTime{0});
    if (!issued || !control::store_key(directory.path() / "keys.json", issued->kept)) {
      give_up("cannot make a key");
    }
    key = issued->text;
    const auto section = base::parse_yaml(configuration_of(row.parts, settings.guard));
    auto configuration = section ? control::parse_configuration(*section, "control_speed", directory.path())
                                 : base::Result<control::Configuration>(section.error());
    if (!configuration) {
      give_up(configuration.error().text());
    }
    auto opened = control::Runtime::open(*configuration);
    if (!opened) {
      give_up(opened.error().text());
    }
    runtime = *opened;
    auto made = control::make_controls(runtime, std::move(*configuration), [](std::string_view, std::string_view) {
      return control::RoutedTo{"models", "", ""};
    });
    if (!made) {
      give_up(made.error().text());
    }
    controls = std::move(*made);
    controls->gather_records();
  }
  Figures best{1e9, 0};
  for (int round = -1; round < settings.rounds; ++round) {  // the first to warm up
    const double cpu = bench::cpu_seconds();
    const auto start = std::chrono::steady_clock::now();
    const std::size_t count = round < 0 ? settings.exchanges / 4 : settings.exchanges;
    Crowd(*controls, traffic, key).run(count, settings.together);
    if (runtime != nullptr && runtime->log() != nullptr) {
      runtime->log()->flush();
    }
    const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (round >= 0) {
      best.cpu_microseconds =
          std::min(best.cpu_microseconds, (bench::cpu_seconds() - cpu) / static_cast<double>(count) * 1e6);
      best.per_second = std::max(best.per_second, static_cast<double>(count) / wall);
    }
  }
  return best;
}

}  // namespace

int main(int count, char** words) {
  Settings settings;
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    const bool more = i + 1 < count;
    if (word == "--guard") {
      settings.guard = true;
    } else if (word == "--exchanges" && more) {
      settings.exchanges = std::max<std::size_t>(std::strtoull(words[++i], nullptr, 10), 4);
    } else if (word == "--together" && more) {
      settings.together = std::max<std::size_t>(std::strtoull(words[++i], nullptr, 10), 1);
    } else if (word == "--rounds" && more) {
      settings.rounds = std::max(std::atoi(words[++i]), 1);
    } else if (word == "--directory" && more) {
      settings.directory = words[++i];
    } else if (word == "--only" && more) {
      settings.only = words[++i];
    } else {
      std::fprintf(stderr,
                   "usage: control_speed [--exchanges N] [--rounds N] [--together N] [--directory DIR] [--only NAME] "
                   "[--guard]\n");
      return 2;
    }
  }
  const Traffic traffic = traffic_of(2048, 1024);
  std::printf("| on | CPU µs an exchange | more than nothing | exchanges/s |\n|---|--:|--:|--:|\n");
  double nothing = 0;
  for (const Row& row : kRows) {
    if (!settings.only.empty() && settings.only != row.name && !row.parts.empty()) {
      continue;
    }
    const Figures figures = measure(row, settings, traffic);
    nothing = row.parts.empty() ? figures.cpu_microseconds : nothing;
    std::printf("| %s | %.2f | %.2f | %.0f |\n", std::string(row.shown).c_str(), figures.cpu_microseconds,
                figures.cpu_microseconds - nothing, figures.per_second);
    std::fflush(stdout);
  }
  return 0;
}
