#include "control/limits.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <thread>

#include "control/control_testing.h"

namespace control {
namespace {

constexpr std::uint64_t kNow = 1'795'392'000;  // a multiple of 60 and of 3600

LimitRule rule(std::string name, LimitScope scope, Measure measure, std::uint64_t limit, std::uint64_t window = 60) {
  LimitRule out;
  out.name = std::move(name);
  out.scope = scope;
  out.measure = measure;
  out.limit = limit;
  out.window_seconds = window;
  return out;
}

class Limits : public InDirectory {
 protected:
  std::unique_ptr<Limiter> limiter(std::uint32_t slots = 1024) {
    auto counters = Counters::open(folder_ / "counters", slots);
    EXPECT_TRUE(counters) << counters.error().text();
    return std::make_unique<Limiter>(std::move(*counters));
  }
};

std::optional<LimitRefusal> take(Limiter& limiter, const std::vector<LimitRule>& rules, Amounts amounts,
                                 Reservation& reservation, std::uint64_t now = kNow, std::string_view key = "ada",
                                 std::string_view model = "gpt") {
  return limiter.reserve(rules, {key, "tenant", model, nullptr}, amounts,
                         {Measure::requests, Measure::tokens, Measure::spend, Measure::concurrency}, now, reservation);
}

TEST_F(Limits, TakeExactlyAsManyAsTheyAllow) {
  const auto under_test = limiter();
  const std::vector<LimitRule> rules = {rule("r", LimitScope::key, Measure::requests, 3)};
  for (int i = 0; i < 3; ++i) {
    Reservation reservation;
    EXPECT_FALSE(take(*under_test, rules, {.requests = 1}, reservation));
    ASSERT_TRUE(reservation.requests);
    EXPECT_EQ(reservation.requests->remaining, static_cast<std::uint64_t>(2 - i));
    EXPECT_EQ(reservation.requests->limit, 3U);
  }
  Reservation reservation;
  const auto refused = take(*under_test, rules, {.requests = 1}, reservation, kNow + 20);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->rule->name, "r");
  EXPECT_EQ(refused->state.reset_seconds, 40U);
  EXPECT_TRUE(reservation.parts.empty());
  EXPECT_FALSE(take(*under_test, rules, {.requests = 1}, reservation, kNow + 20, "bob")) << "another key";
  EXPECT_FALSE(take(*under_test, rules, {.requests = 1}, reservation, kNow + 60)) << "the next window";
  EXPECT_TRUE(take(*under_test, {rules[0]}, {.requests = 3}, reservation, kNow + 60)) << "more than is left";
}

TEST_F(Limits, TakeNothingWhereOneOfSeveralIsPassed) {
  const auto under_test = limiter();
  const std::vector<LimitRule> rules = {rule("wide", LimitScope::everyone, Measure::requests, 10),
                                        rule("narrow", LimitScope::key, Measure::tokens, 100)};
  Reservation reservation;
  EXPECT_FALSE(take(*under_test, rules, {.requests = 1, .tokens = 90}, reservation));
  for (int i = 0; i < 20; ++i) {
    Reservation refused;
    ASSERT_TRUE(take(*under_test, rules, {.requests = 1, .tokens = 11}, refused));
  }
  EXPECT_FALSE(take(*under_test, rules, {.requests = 9, .tokens = 10}, reservation)) << "nine of the ten are left";
}

TEST_F(Limits, ReserveTokensAndSettleWhatWasUsed) {
  const auto under_test = limiter();
  const std::vector<LimitRule> rules = {rule("t", LimitScope::key, Measure::tokens, 1000),
                                        rule("s", LimitScope::key, Measure::spend, 1'000'000)};
  Reservation first;
  ASSERT_FALSE(take(*under_test, rules, {.tokens = 800, .spend_nano = 900'000}, first));
  Reservation second;
  ASSERT_TRUE(take(*under_test, rules, {.tokens = 300, .spend_nano = 1}, second)) << "the first is reserved";
  under_test->settle(first, {.tokens = 100, .spend_nano = 50'000}, kNow);
  ASSERT_FALSE(take(*under_test, rules, {.tokens = 900, .spend_nano = 950'000}, second));
  // More than was reserved is counted too, and then nothing more is let in.
  under_test->settle(second, {.tokens = 5000, .spend_nano = 950'000}, kNow);
  Reservation third;
  EXPECT_TRUE(take(*under_test, rules, {.tokens = 0}, third));
}

TEST_F(Limits, SettleNothingInAWindowThatIsOver) {
  const auto under_test = limiter();
  const std::vector<LimitRule> rules = {rule("t", LimitScope::key, Measure::tokens, 100)};
  Reservation old;
  ASSERT_FALSE(take(*under_test, rules, {.tokens = 100}, old, kNow));
  Reservation next;
  ASSERT_FALSE(take(*under_test, rules, {.tokens = 100}, next, kNow + 60));
  under_test->settle(old, {.tokens = 0}, kNow + 61);
  Reservation more;
  EXPECT_TRUE(take(*under_test, rules, {.tokens = 1}, more, kNow + 61));
}

TEST_F(Limits, CountWhatIsOpenAtTheSameTime) {
  const auto under_test = limiter();
  const std::vector<LimitRule> rules = {rule("c", LimitScope::key, Measure::concurrency, 2)};
  Reservation one;
  Reservation two;
  Reservation three;
  EXPECT_FALSE(take(*under_test, rules, {}, one));
  EXPECT_FALSE(take(*under_test, rules, {}, two));
  EXPECT_TRUE(take(*under_test, rules, {}, three));
  under_test->settle(one, {}, kNow);
  EXPECT_FALSE(take(*under_test, rules, {}, three));
}

TEST_F(Limits, ConcernOnlyTheModelsAndRolesTheyName) {
  const auto under_test = limiter();
  LimitRule only = rule("r", LimitScope::everyone, Measure::requests, 1);
  only.models = std::vector<std::string>{"gpt-4*"};
  only.roles = std::vector<std::string>{"guest"};
  const std::vector<LimitRule> rules = {only};
  const std::vector<std::string> guest = {"reader", "guest"};
  const std::vector<std::string> member = {"member"};
  const auto reserve = [&](std::string_view model, const std::vector<std::string>& roles) {
    Reservation reservation;
    return under_test
        ->reserve(rules, {"ada", "t", model, &roles}, {.requests = 1}, {Measure::requests}, kNow, reservation)
        .has_value();
  };
  EXPECT_FALSE(reserve("gpt-4o", guest));
  EXPECT_TRUE(reserve("gpt-4o", guest));
  EXPECT_FALSE(reserve("gpt-3", guest));
  EXPECT_FALSE(reserve("gpt-4o", member));
}

// maximhq/bifrost#3547, BerriAI/litellm#18730: counters that requests at the same time could pass.
TEST_F(Limits, AreExactUnderAThousandConcurrentRequests) {
  const auto under_test = limiter();
  const std::vector<LimitRule> rules = {rule("r", LimitScope::everyone, Measure::requests, 500, 3600),
                                        rule("t", LimitScope::tenant, Measure::tokens, 4000, 3600)};
  std::atomic<int> let_in{0};
  std::vector<std::thread> threads;
  threads.reserve(8);
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&] {
      for (int i = 0; i < 125; ++i) {
        Reservation reservation;
        if (!take(*under_test, rules, {.requests = 1, .tokens = 10}, reservation)) {
          ++let_in;
          under_test->settle(reservation, {.tokens = 10}, kNow);
        }
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(let_in, 400);
}

TEST_F(Limits, HoldAcrossARestart) {
  const std::vector<LimitRule> rules = {rule("r", LimitScope::key, Measure::requests, 5, 3600)};
  for (int run = 0; run < 5; ++run) {
    const auto under_test = limiter();
    Reservation reservation;
    EXPECT_FALSE(take(*under_test, rules, {.requests = 1}, reservation)) << run;
  }
  const auto under_test = limiter();
  Reservation reservation;
  EXPECT_TRUE(take(*under_test, rules, {.requests = 1}, reservation));
}

// A process that is killed at any moment has counted everything that it let in, and at most what it was about to.
TEST_F(Limits, NeverLetInMoreThanTheLimitWhenKilled) {
  const std::vector<LimitRule> rules = {rule("r", LimitScope::key, Measure::requests, 20'000, 3600)};
  std::uint64_t told = 0;
  bool full = false;
  for (int round = 0; round < 40 && !full; ++round) {
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::close(pipe[0]);
      auto counters = Counters::open(folder_ / "counters", 1024);
      if (!counters) {
        ::_exit(1);
      }
      Limiter under_test(std::move(*counters));
      for (;;) {
        Reservation reservation;
        const char word = take(under_test, rules, {.requests = 1}, reservation) ? 'n' : 'y';
        if (::write(pipe[1], &word, 1) != 1 || word == 'n') {
          ::_exit(0);
        }
      }
    }
    ::close(pipe[1]);
    // Killed after some hundreds, wherever it is then.
    char words[512];
    std::size_t heard = 0;
    while (heard < 700) {
      const ssize_t count = ::read(pipe[0], words, sizeof(words));
      if (count <= 0) {
        break;
      }
      heard += static_cast<std::size_t>(count);
      told += static_cast<std::size_t>(std::count(words, words + count, 'y'));
      full = full || std::count(words, words + count, 'n') > 0;
    }
    ::kill(child, SIGKILL);
    for (ssize_t count = 0; (count = ::read(pipe[0], words, sizeof(words))) > 0;) {
      told += static_cast<std::size_t>(std::count(words, words + count, 'y'));
    }
    ::close(pipe[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
  }
  const auto under_test = limiter();
  std::uint64_t left = 0;
  Reservation reservation;
  while (!take(*under_test, rules, {.requests = 1}, reservation)) {
    ++left;
  }
  EXPECT_GT(told, 700U);
  EXPECT_LE(told + left, 20'000U);
  EXPECT_GE(told + left, 20'000U - 40U) << "one reservation a kill may be lost, not more";
}

TEST_F(Limits, RefuseWhatCannotBeCounted) {
  const auto under_test = limiter(64);
  const std::vector<LimitRule> rules = {rule("r", LimitScope::key, Measure::requests, 5)};
  int refused = 0;
  for (int i = 0; i < 200; ++i) {
    Reservation reservation;
    const auto answer = take(*under_test, rules, {.requests = 1}, reservation, kNow, "key" + std::to_string(i));
    if (answer) {
      EXPECT_TRUE(answer->table_full);
      ++refused;
    }
  }
  EXPECT_EQ(refused, 200 - 64);
  Reservation reservation;
  EXPECT_FALSE(take(*under_test, rules, {.requests = 1}, reservation, kNow + 60, "late")) << "old windows make room";
}

TEST_F(Limits, AClockThatGoesBackOpensNoNewWindow) {
  const auto under_test = limiter();
  const std::vector<LimitRule> rules = {rule("r", LimitScope::key, Measure::requests, 1)};
  Reservation reservation;
  EXPECT_FALSE(take(*under_test, rules, {.requests = 1}, reservation, kNow + 120));
  EXPECT_TRUE(take(*under_test, rules, {.requests = 1}, reservation, kNow));
}

TEST_F(Limits, TheirFileIsOneProcessesAndNoOtherFile) {
  const auto under_test = limiter();
  const auto second = Counters::open(folder_ / "counters", 1024);
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find("another gateway"), std::string::npos);
  write("other", std::string(64 + 64 * 64, 'x'));
  const auto other = Counters::open(folder_ / "other", 64);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, base::Errc::malformed);
  write("short", "x");
  EXPECT_FALSE(Counters::open(folder_ / "short", 64));
  EXPECT_FALSE(Counters::open(folder_, 64));
}

}  // namespace
}  // namespace control
