// monitor_bench speed FILE: nanoseconds an observation and a text, bytes a key.
// monitor_bench intervals: false alarms of each test on traffic that does not change, against what is stated.
// monitor_bench extraction FILE: false alarms on benign keys, and how soon simulated attackers are seen.
// FILE holds JSON lines with text, label and source (the labelled prompts that surety guard train takes).
#include <time.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "../clocks.h"
#include "base/json.h"
#include "monitor/monitor.h"

namespace {

using monitor::Observation;

struct Prompt {
  std::string text;
  std::string label;
  std::string source;
  monitor::TextFeatures features;
};

std::vector<Prompt> read_prompts(const char* path) {
  std::vector<Prompt> out;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const auto row = base::parse_json(line);
    if (!row) {
      std::fprintf(stderr, "%s: %s\n", path, row.error().message.c_str());
      std::exit(2);
    }
    Prompt one{std::string((*row)["text"].as_text()),
               std::string((*row)["label"].as_text()),
               std::string((*row)["source"].as_text()),
               {}};
    one.features = monitor::features_of(one.text);
    out.push_back(std::move(one));
  }
  return out;
}

/// Traffic of one key: a daily rhythm, latencies and tokens of a log-normal kind, sessions in which requests follow
/// each other, rare errors and refusals.
class Traffic {
 public:
  Traffic(std::string key, std::uint64_t seed, double a_day, std::vector<const Prompt*> prompts)
      : key_(std::move(key)), random_(seed), a_day_(a_day), prompts_(std::move(prompts)) {}

  /// From now on each prompt is another one: a seventh of its words come from other prompts of the same user, and a
  /// part of it is cut off, so that none comes twice.
  void write_anew() {
    anew_ = true;
    for (const Prompt* one : prompts_) {
      for (const std::string_view word : words_of(one->text)) {
        if (words_.size() < 50'000) {
          words_.push_back(word);
        }
      }
    }
  }
  std::function<void(Observation&, std::mt19937_64&)> change;  ///< Done to every observation before it is handed out.

  /// Calls `take` for every request from `first_day` on for so many days.
  void run(double first_day, double days, const std::function<bool(const Observation&)>& take) {
    double now = first_day * 86400;
    const double end = (first_day + days) * 86400;
    while (now < end) {
      const double hour = std::fmod(now / 3600, 24);
      const double rate = a_day_ / 86400 * (1 + 0.8 * std::sin((hour - 9) / 24 * 6.2832));
      now += std::exponential_distribution<double>(std::max(rate, 1e-9) / 4)(random_);
      const int requests = 1 + static_cast<int>(std::geometric_distribution<int>(0.25)(random_));  // mean 4 a session
      double at = now;
      for (int i = 0; i < requests && at < end; ++i) {
        if (!take(next(at))) {
          return;
        }
        at += std::exponential_distribution<double>(1.0 / 30)(random_);
      }
    }
  }
  Observation next(double seconds) {
    Observation out;
    out.key = key_;
    out.model = "model";
    out.unix_milliseconds = static_cast<std::int64_t>(1'800'000'000'000.0 + seconds * 1000);
    const double hour = std::fmod(seconds / 3600, 24);
    const double tokens = std::lognormal_distribution<double>(5, 0.8)(random_);
    const double load = 1 + 0.15 * std::sin((hour - 9) / 24 * 6.2832);  // answers take a little longer when all work
    out.output_tokens = static_cast<std::uint32_t>(tokens);
    out.input_tokens = static_cast<std::uint32_t>(std::lognormal_distribution<double>(4.5, 0.9)(random_));
    out.latency_microseconds = static_cast<std::uint32_t>(load * (200'000 + 9'000 * tokens) *
                                                          std::lognormal_distribution<double>(0, 0.25)(random_));
    out.first_token_microseconds =
        static_cast<std::uint32_t>(load * std::lognormal_distribution<double>(12.5, 0.4)(random_));
    std::uniform_real_distribution<double> uniform(0, 1);
    out.failed = monitor::answer(uniform(random_) < 0.004);
    out.refused = monitor::answer(uniform(random_) < 0.03);
    out.guard_hit = monitor::answer(uniform(random_) < 0.01);
    out.finding = monitor::answer(uniform(random_) < 0.01);
    out.blocked = monitor::answer(uniform(random_) < 0.002);
    out.log_probabilities = monitor::Answer::no;
    out.temperature_zero = monitor::answer(uniform(random_) < 0.1);
    out.guard_permille = static_cast<std::uint32_t>(1000 * std::pow(uniform(random_), 4));
    out.finish = uniform(random_) < 0.05 ? monitor::Finish::length : monitor::Finish::stop;
    out.answer_language = monitor::Language::english;
    out.fingerprint = "fp_1";
    if (!prompts_.empty()) {
      const Prompt& one = *prompts_[random_() % prompts_.size()];
      if (anew_) {
        features_ = monitor::features_of(rewritten(one.text));
        out.prompt = &features_;
      } else {
        out.prompt = &one.features;
      }
      out.answer_language = out.prompt->language;
    }
    if (change) {
      change(out, random_);
    }
    return out;
  }

 private:
  static std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> out;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find_first_of(" \n", at), text.size());
      if (end > at) {
        out.push_back(text.substr(at, end - at));
      }
      at = end + 1;
    }
    return out;
  }
  std::string rewritten(std::string_view text) {
    const std::vector<std::string_view> words = words_of(text);
    std::string out;
    const std::size_t number = words.size() > 12 ? words.size() - random_() % (words.size() / 3) : words.size();
    for (std::size_t i = 0; i < number; ++i) {
      out += random_() % 7 == 0 && !words_.empty() ? words_[random_() % words_.size()] : words[i];
      out += ' ';
    }
    return out;
  }

  bool anew_ = false;
  std::vector<std::string_view> words_;
  monitor::TextFeatures features_;
  std::string key_;
  std::mt19937_64 random_;
  double a_day_;
  std::vector<const Prompt*> prompts_;
};

int speed(const char* path) {
  const std::vector<Prompt> prompts = read_prompts(path);
  std::vector<const Prompt*> all;
  std::size_t bytes = 0;
  for (const Prompt& one : prompts) {
    all.push_back(&one);
    bytes += one.text.size();
  }
  double start = bench::cpu_seconds();
  std::uint64_t sink = 0;
  constexpr int kRounds = 5;
  for (int round = 0; round < kRounds; ++round) {
    for (const Prompt& one : prompts) {
      sink += monitor::features_of(one.text).simhash;
    }
  }
  const double seconds = (bench::cpu_seconds() - start) / kRounds;
  std::printf("features of a text: %.2f us a prompt of %.0f bytes on average, %.0f MB/s\n",
              seconds * 1e6 / static_cast<double>(prompts.size()),
              static_cast<double>(bytes) / static_cast<double>(prompts.size()),
              static_cast<double>(bytes) / seconds / 1e6);
  std::string longer;
  while (longer.size() < 2048) {
    longer += prompts[longer.size() % prompts.size()].text + " ";
  }
  longer.resize(2048);
  start = bench::cpu_seconds();
  for (int i = 0; i < 20'000; ++i) {
    sink += monitor::features_of(longer).simhash;
  }
  std::printf("features of 2,048 bytes: %.2f us\n", (bench::cpu_seconds() - start) / 20'000 * 1e6);

  Traffic traffic("key", 1, 2000, all);
  monitor::BaselineBuilder builder({});
  traffic.run(0, 7, [&](const Observation& one) {
    builder.observe(one);
    return true;
  });
  auto baseline = std::make_shared<const monitor::Baseline>(*builder.finish());
  std::vector<Observation> ready;
  for (int i = 0; i < 100'000; ++i) {
    ready.push_back(traffic.next(8.0 * 86400 + i));
  }
  for (const int keys : {1, 100, 10'000}) {
    std::vector<std::string> names;
    for (int i = 0; i < keys; ++i) {
      names.push_back("key-" + std::to_string(i));
    }
    for (const bool with : {false, true}) {
      monitor::Monitor watch({}, with ? baseline : nullptr, nullptr);
      std::mt19937_64 random(7);
      for (int i = 0; i < keys; ++i) {
        Observation one = ready[0];
        one.key = names[static_cast<std::size_t>(i)];
        watch.observe(one);
      }
      start = bench::cpu_seconds();
      constexpr int kNumber = 1'000'000;
      for (int i = 0; i < kNumber; ++i) {
        Observation one = ready[static_cast<std::size_t>(i) % ready.size()];
        one.key = names[random() % names.size()];
        watch.observe(one);
      }
      std::printf("observe, %5d keys at random, %s: %4.0f ns\n", keys, with ? "all tests " : "no baseline",
                  (bench::cpu_seconds() - start) / kNumber * 1e9);
    }
  }
  std::printf("bytes a key: %zu\n", monitor::Monitor::state_bytes());
  return sink == 1 ? 3 : 0;
}

/// Alarms by test and metric.
using Counts = std::map<std::string, std::uint64_t>;

void count(const monitor::Monitor& watch, Counts& counts) {
  for (const monitor::Alarm& one : watch.alarms().alarms()) {
    counts[std::string(to_string(one.test)) + " " + one.metric] += one.times;
  }
}

int intervals() {
  // Each key learns a week and then lives as before; the budget is small so that false alarms can be counted.
  constexpr double kDaysWanted = 2;
  constexpr int kKeys = 100;
  constexpr double kDays = 60;
  Counts counts;
  std::uint64_t total = 0;
  std::map<std::string, double> stated;
  for (int key = 0; key < kKeys; ++key) {
    Traffic traffic("key", static_cast<std::uint64_t>(key) + 100, 1000, {});
    monitor::BaselineBuilder builder({});
    traffic.run(0, 7, [&](const Observation& one) {
      builder.observe(one);
      return true;
    });
    auto baseline = std::make_shared<const monitor::Baseline>(*builder.finish());
    monitor::Monitor::Options options;
    options.days_between_false_alarms = kDaysWanted;
    options.alarms.kept = 1 << 20;
    for (const auto& one : tests_of(*baseline->find("key", "model"), kDaysWanted).armed) {
      stated[std::string(to_string(one.test)) + " " + one.metric] = one.false_alarm_days;
    }
    monitor::Monitor watch(options, baseline, nullptr);
    traffic.run(7, kDays, [&](const Observation& one) {
      watch.observe(one);
      return true;
    });
    count(watch, counts);
    total += watch.alarms().raised();
  }
  const double days = kKeys * kDays;
  std::printf("%d keys, 7 days of baseline and %.0f days of the same each, 1,000 requests a day\n", kKeys, kDays);
  std::printf("%-28s %14s %10s %16s\n", "test", "stated, days", "raised", "measured, days");
  for (const auto& [name, stated_days] : stated) {
    const std::uint64_t raised = counts[name];
    std::printf("%-28s %14.1f %10llu %16s\n", name.c_str(), stated_days, static_cast<unsigned long long>(raised),
                raised == 0 ? "none" : std::to_string(days / static_cast<double>(raised)).substr(0, 7).c_str());
  }
  std::printf("all: wanted one in %.1f days, alarms opened %llu, one in %.2f days\n", kDaysWanted,
              static_cast<unsigned long long>(total), total == 0 ? INFINITY : days / static_cast<double>(total));
  return 0;
}

std::vector<const Prompt*> pick(const std::vector<Prompt>& prompts, const std::function<bool(const Prompt&)>& wanted) {
  std::vector<const Prompt*> out;
  for (const Prompt& one : prompts) {
    if (wanted(one)) {
      out.push_back(&one);
    }
  }
  return out;
}

int extraction(const char* path) {
  const std::vector<Prompt> prompts = read_prompts(path);
  // Benign users: each asks of a few sources, in a mix of its own that stays.
  const char* const kSources[] = {"gpteacher-codegen",  "gpteacher-roleplay", "gsm8k",
                                  "arena-hard-v0.1",    "arena-hard-v2",      "certified-safe",
                                  "self-instruct-user", "cyberseceval-frr",   "cyberseceval-frr-multilingual",
                                  "humaneval",          "fastchat-mt_bench"};
  std::map<std::string, std::vector<const Prompt*>> by_source;
  for (const char* source : kSources) {
    by_source[source] = pick(prompts, [&](const Prompt& one) { return one.source == source && one.label == "benign"; });
  }
  const auto attacks = pick(prompts, [](const Prompt& one) { return one.label != "benign"; });
  const auto benign_all = pick(prompts, [](const Prompt& one) { return one.label == "benign"; });
  // Words for made-up questions.
  std::vector<std::string> words;
  for (const Prompt& one : prompts) {
    if (one.label == "benign" && words.size() < 20'000) {
      std::string word;
      for (const char c : one.text) {
        if (std::isalpha(static_cast<unsigned char>(c)) != 0) {
          word += c;
        } else {
          if (word.size() > 4) {
            words.push_back(word);
          }
          word.clear();
        }
      }
    }
  }
  const auto user_prompts = [&](std::mt19937_64& random) {
    std::vector<const Prompt*> mine;
    const std::size_t topics = 1 + random() % 3;
    for (std::size_t i = 0; i < topics; ++i) {
      const auto& from = by_source[kSources[random() % std::size(kSources)]];
      const std::size_t times = 1 + random() % 4;
      for (std::size_t t = 0; t < times; ++t) {
        mine.insert(mine.end(), from.begin(), from.end());
      }
    }
    return mine;
  };

  struct Kind {
    const char* name;
    double share;  ///< Of requests that are the attacker's.
    std::function<void(Observation&, std::mt19937_64&, monitor::TextFeatures&)> change;
  };
  const auto question = [&](const char* format, std::mt19937_64& random) {
    char text[400];
    const auto word = [&] { return words[random() % words.size()].c_str(); };
    std::snprintf(text, sizeof text, format, word(), word(), word(), word(), word());
    return std::string(text);
  };
  const std::vector<Kind> kinds = {
      {"same template, one word changed", 1.0,
       [&](Observation& one, std::mt19937_64& random, monitor::TextFeatures& own) {
         own = monitor::features_of(
             question("List twenty different examples of customer messages about %s, each with the category it belongs "
                      "to and a short explanation of the reasoning behind the category that you chose.",
                      random));
         one.prompt = &own;
       }},
      {"random topics, five words", 1.0,
       [&](Observation& one, std::mt19937_64& random, monitor::TextFeatures& own) {
         own = monitor::features_of(question("Explain how %s relates to %s, %s and %s in view of %s", random));
         one.prompt = &own;
       }},
      {"prompts of every source", 1.0,
       [&](Observation& one, std::mt19937_64& random, monitor::TextFeatures&) {
         one.prompt = &benign_all[random() % benign_all.size()]->features;
       }},
      {"the same, half of the traffic", 0.5,
       [&](Observation& one, std::mt19937_64& random, monitor::TextFeatures&) {
         one.prompt = &benign_all[random() % benign_all.size()]->features;
       }},
      {"log-probabilities, usual prompts", 1.0,
       [&](Observation& one, std::mt19937_64&, monitor::TextFeatures&) {
         one.log_probabilities = monitor::Answer::yes;
         one.temperature_zero = monitor::Answer::yes;
       }},
      {"evasion: one attack, few edits", 1.0,
       [&](Observation& one, std::mt19937_64& random, monitor::TextFeatures& own) {
         std::string text = attacks[7]->text;
         for (int i = 0; i < 3; ++i) {
           text.insert(random() % (text.size() + 1), " " + words[random() % words.size()] + " ");
         }
         own = monitor::features_of(text);
         one.prompt = &own;
       }},
      {"injection attempts, half", 0.5,
       [&](Observation& one, std::mt19937_64& random, monitor::TextFeatures&) {
         one.prompt = &attacks[random() % attacks.size()]->features;
       }},
      {"random topics, a tenth", 0.1,
       [&](Observation& one, std::mt19937_64& random, monitor::TextFeatures& own) {
         own = monitor::features_of(question("Explain how %s relates to %s, %s and %s in view of %s", random));
         one.prompt = &own;
       }},
  };

  constexpr int kKeys = 40;
  constexpr double kBenignDays = 60;
  std::uint64_t false_alarms = 0;
  Counts false_counts;
  struct Seen {
    std::vector<std::uint64_t> after;
    std::uint64_t missed = 0;
    Counts first;
  };
  std::vector<Seen> seen(kinds.size());
  const auto about_text = [](const monitor::Alarm& one) {
    return one.metric == "prompts" || one.metric == "novelty" || one.metric == "near_duplicate" ||
           one.metric == "log_probabilities" || one.metric == "temperature_zero" || one.metric == "prompt_bytes" ||
           one.metric == "prompt_language";
  };
  for (int key = 0; key < kKeys; ++key) {
    std::mt19937_64 random(static_cast<std::uint64_t>(key) * 77 + 5);
    const double a_day = 300 + static_cast<double>(random() % 1700);
    Traffic traffic("key", random(), a_day, user_prompts(random));
    traffic.write_anew();
    monitor::BaselineBuilder builder({});
    traffic.run(0, 14, [&](const Observation& one) {
      builder.observe(one);
      return true;
    });
    auto baseline = std::make_shared<const monitor::Baseline>(*builder.finish());
    {
      monitor::Monitor watch({}, baseline, nullptr);
      traffic.run(14, kBenignDays, [&](const Observation& one) {
        watch.observe(one);
        return true;
      });
      count(watch, false_counts);
      false_alarms += watch.alarms().raised();
    }
    for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
      monitor::Monitor watch({}, baseline, nullptr);
      std::uint64_t queries = 0;
      std::uint64_t raised_before = 0;
      bool attacking = false;
      monitor::TextFeatures own;
      traffic.change = [&](Observation& one, std::mt19937_64& generator) {
        if (attacking && std::uniform_real_distribution<double>(0, 1)(generator) < kinds[kind].share) {
          ++queries;
          kinds[kind].change(one, generator, own);
        }
      };
      traffic.run(14, 3, [&](const Observation& one) {
        watch.observe(one);
        return true;
      });
      raised_before = watch.alarms().raised();
      attacking = true;
      bool found = false;
      traffic.run(17, 30, [&](const Observation& one) {
        watch.observe(one);
        if (watch.alarms().raised() > raised_before) {
          for (const monitor::Alarm& alarm : watch.alarms().alarms()) {
            if (alarm.number > raised_before && about_text(alarm)) {
              found = true;
              ++seen[kind].first[std::string(to_string(alarm.test)) + " " + alarm.metric];
              break;
            }
          }
        }
        return !found && queries < 5000;
      });
      traffic.change = nullptr;
      if (found) {
        seen[kind].after.push_back(queries);
      } else {
        ++seen[kind].missed;
      }
    }
  }
  const double months = kKeys * kBenignDays / 30;
  std::printf(
      "benign: %d keys, %.0f key-months, one false alarm in 30 days and key allowed: %llu alarms, %.3f a key-month\n",
      kKeys, months, static_cast<unsigned long long>(false_alarms), static_cast<double>(false_alarms) / months);
  for (const auto& [name, number] : false_counts) {
    std::printf("    %s: %llu\n", name.c_str(), static_cast<unsigned long long>(number));
  }
  std::printf("%-34s %8s %8s %8s %8s  %s\n", "attacker (queries until seen)", "median", "95 %", "most", "missed",
              "first by");
  for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
    std::vector<std::uint64_t>& after = seen[kind].after;
    std::sort(after.begin(), after.end());
    std::string first;
    for (const auto& [name, number] : seen[kind].first) {
      first += (first.empty() ? "" : ", ") + name + " " + std::to_string(number);
    }
    const auto at = [&](double share) {
      return after.empty() ? 0ULL
                           : static_cast<unsigned long long>(
                                 after[static_cast<std::size_t>(share * static_cast<double>(after.size() - 1))]);
    };
    std::printf("%-34s %8llu %8llu %8llu %8llu  %s\n", kinds[kind].name, at(0.5), at(0.95), at(1.0),
                static_cast<unsigned long long>(seen[kind].missed), first.c_str());
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::strcmp(argv[1], "speed") == 0) {
    return speed(argv[2]);
  }
  if (argc == 2 && std::strcmp(argv[1], "intervals") == 0) {
    return intervals();
  }
  if (argc == 3 && std::strcmp(argv[1], "extraction") == 0) {
    return extraction(argv[2]);
  }
  std::fprintf(stderr, "usage: monitor_bench speed FILE | intervals | extraction FILE\n");
  return 2;
}
