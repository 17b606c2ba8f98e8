#include "ledger/appender.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <future>
#include <map>
#include <mutex>
#include <thread>

#include "base/text.h"
#include "ledger/log_test_directory.h"

namespace ledger {
namespace {

using base::Errc;
using Mode = Ledger::Mode;

/// No file of this process grows above `bytes` while it lives.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    EXPECT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int);
};

class AppenderTest : public LogDirectory {
 protected:
  void expect_intact(std::uint64_t entries) const {
    const auto verified = open(Mode::read).verify();
    ASSERT_TRUE(verified) << verified.error().text();
    EXPECT_TRUE(verified->intact) << base::join(verified->problems, "\n");
    EXPECT_EQ(verified->entries, entries);
  }
};

TEST_F(AppenderTest, ManyThreadsAppendAndEachEntryIsWhereItWasSaidToBe) {
  constexpr std::uint64_t kThreads = 8;
  constexpr std::uint64_t kEach = 200;
  std::mutex mutex;
  std::map<std::uint64_t, std::string> acknowledged;
  {
    Appender appender(open(Mode::write), {.max_batch = 50});
    std::vector<std::thread> threads;
    for (std::uint64_t t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (std::uint64_t i = 0; i < kEach; ++i) {
          const std::string content = std::to_string(t) + "/" + std::to_string(i);
          const auto index = appender.append({"", content});
          const std::lock_guard lock(mutex);
          ASSERT_TRUE(index) << index.error().text();
          ASSERT_TRUE(acknowledged.emplace(*index, content).second);
        }
      });
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
  }
  ASSERT_EQ(acknowledged.size(), kThreads * kEach);
  const Ledger log = open(Mode::read);
  ASSERT_TRUE(log.for_each(0, [&](const Entry& entry) -> base::Result<void> {
    EXPECT_EQ(entry.content, acknowledged.at(entry.index));
    return {};
  }));
  expect_intact(kThreads * kEach);
}

TEST_F(AppenderTest, SubmitAcknowledgesInOrderAndFlushWaitsForAll) {
  std::vector<std::uint64_t> places;
  Appender appender(open(Mode::write), {.max_batch = 100, .max_queue_bytes = 1000});  // callers have to wait
  for (int i = 0; i < 1000; ++i) {
    appender.submit({"", std::string(100, 'x')},
                    [&](const base::Result<std::uint64_t>& place) { places.push_back(*place); });
  }
  appender.flush();
  ASSERT_EQ(places.size(), 1000U);
  for (std::uint64_t i = 0; i < 1000; ++i) {
    EXPECT_EQ(places[i], i);
  }
}

TEST_F(AppenderTest, GathersWhatNobodyWaitsForAndHurriesWhereSomebodyDoes) {
  constexpr std::uint64_t kCount = 500;
  std::vector<NewEntry> returned(kCount);
  std::atomic<std::uint64_t> acknowledged{0};
  {
    // Gathers for longer than the test may take: what ends it is that somebody waits.
    Appender appender(open(Mode::write), {.max_batch = 1000, .gather_ms = 600'000});
    for (std::uint64_t i = 0; i < kCount; ++i) {
      appender.submit({"", "entry " + std::to_string(i)},
                      [&, i](const base::Result<std::uint64_t>& place) {
                        EXPECT_TRUE(place && *place == i);
                        EXPECT_EQ(returned[i].content, "entry " + std::to_string(i));
                        acknowledged.fetch_add(1);
                      },
                      {.waits = false, .returned = &returned[i]});
    }
    EXPECT_EQ(*appender.append({"", "waited for"}), kCount);
    EXPECT_EQ(acknowledged, kCount);
    for (const auto way : {0, 1}) {
      appender.submit({"", "not waited for"}, [&](const base::Result<std::uint64_t>&) { acknowledged.fetch_add(1); },
                      {.waits = false});
      if (way == 0) {
        appender.flush();
        EXPECT_EQ(acknowledged, kCount + 1);
      }
    }
  }
  EXPECT_EQ(acknowledged, kCount + 2);  // the end waits for what was gathered
  expect_intact(kCount + 3);
}

TEST_F(AppenderTest, ABatchThatIsFullGoesWithoutGathering) {
  std::atomic<std::uint64_t> acknowledged{0};
  Appender appender(open(Mode::write), {.max_batch = 10, .gather_ms = 600'000});
  std::promise<void> tenth;
  for (int i = 0; i < 10; ++i) {
    appender.submit({"", "x"},
                    [&](const base::Result<std::uint64_t>&) {
                      if (acknowledged.fetch_add(1) == 9) {
                        tenth.set_value();
                      }
                    },
                    {.waits = false});
  }
  tenth.get_future().wait();
  EXPECT_EQ(acknowledged, 10U);
}

TEST_F(AppenderTest, AnEntryEqualToTheCurrentOneIsThatOne) {
  Appender appender(open(Mode::write));
  EXPECT_EQ(*appender.append({"key", "a"}), 0U);
  EXPECT_EQ(*appender.append({"key", "a"}), 0U);
  EXPECT_EQ(*appender.append({"key", "b"}), 1U);
  EXPECT_EQ(*appender.append({"key", "a"}), 2U);
  EXPECT_EQ(*appender.append({"", "a"}), 3U);
  EXPECT_EQ(*appender.append({"", "a"}), 4U);  // without a key every entry is its own
}

TEST_F(AppenderTest, AnEntryEqualToOneThatIsStillOnItsWayToTheDiskIsThatOne) {
  std::vector<std::uint64_t> places;
  const std::string large(200'000, 'l');  // written by the other thread
  {
    Appender appender(open(Mode::write), {.max_batch = 1});
    for (const std::string& content : {large + "a", large + "a", large + "b", large + "b", large + "a"}) {
      appender.submit({"key", content},
                      [&](const base::Result<std::uint64_t>& place) { places.push_back(place ? *place : 99); });
    }
  }
  EXPECT_EQ(places, (std::vector<std::uint64_t>{0, 0, 1, 1, 2}));
  expect_intact(3);
}

TEST_F(AppenderTest, WhatWasPreparedBehindABatchThatFailedFailsWithItAndTheNextGoesOn) {
  constexpr std::uint64_t kCount = 400;
  constexpr std::uint64_t kBytes = 2000;
  std::map<std::uint64_t, std::string> recorded;
  std::vector<bool> outcomes(kCount);
  {
    Appender appender(open(Mode::write), {.max_batch = 20});
    const auto submit = [&](std::uint64_t number) {
      std::string content = std::to_string(number) + std::string(kBytes, 'x');
      appender.submit({"", content}, [&, number, content](const base::Result<std::uint64_t>& place) {
        outcomes[number] = place.has_value();
        if (place) {
          EXPECT_TRUE(recorded.emplace(*place, content).second);
        } else {
          EXPECT_EQ(place.error().code, Errc::io);
        }
      });
    };
    {
      const FileSizeLimit limit(kCount * kBytes / 2);  // the disk has room for half of them
      for (std::uint64_t i = 0; i < kCount; ++i) {
        submit(i);
      }
      appender.flush();
    }
    EXPECT_GT(recorded.size(), 0U);
    EXPECT_LT(recorded.size(), kCount / 2);
    EXPECT_EQ(std::count(outcomes.begin(), outcomes.end(), true), static_cast<std::ptrdiff_t>(recorded.size()));
    for (std::uint64_t i = 0; i < kCount; ++i) {
      if (!outcomes[i]) {
        submit(i);
      }
    }
    appender.flush();
  }
  ASSERT_EQ(recorded.size(), kCount);
  const Ledger log = open(Mode::read);
  ASSERT_TRUE(log.for_each(0, [&](const Entry& entry) -> base::Result<void> {
    EXPECT_EQ(entry.content, recorded.at(entry.index));
    return {};
  }));
  expect_intact(kCount);
}

TEST_F(AppenderTest, OneThatIsTooLargeTakesNoOtherWithIt) {
  Appender appender(open(Mode::write));
  std::atomic<int> good = 0;
  for (int i = 0; i < 10; ++i) {
    appender.submit({"", "x"}, [&](const base::Result<std::uint64_t>& place) { good += place ? 1 : 0; });
  }
  EXPECT_EQ(appender.append({std::string(kMaxKeyBytes + 1, 'k'), ""}).error().code, Errc::too_large);
  EXPECT_EQ(appender.append({"", std::string(kMaxContentBytes + 1, 'c')}).error().code, Errc::too_large);
  appender.flush();
  EXPECT_EQ(good, 10);
}

TEST_F(AppenderTest, WorkOnTheLedgerRunsBetweenTransactions) {
  Appender appender(open(Mode::write));
  ASSERT_TRUE(appender.append({"", "x"}));
  std::uint64_t size = 0;
  ASSERT_TRUE(appender.with_ledger([&](Ledger& log) -> base::Result<void> {
    size = TRY(log.checkpoint()).size;
    return {};
  }));
  EXPECT_EQ(size, 1U);
  EXPECT_EQ(appender.with_ledger([](Ledger&) -> base::Result<void> {
                      return base::Error{Errc::usage, "no"};
                    })
                .error()
                .code,
            Errc::usage);
}

TEST_F(AppenderTest, ClosingWritesTheCheckpointFile) {
  {
    Appender appender(open(Mode::write), {.checkpoint_ms = 3'600'000});
    ASSERT_TRUE(appender.append({"", "x"}));
  }
  const auto filed = Checkpoint::parse(content_of(path("log") / "checkpoint"));
  ASSERT_TRUE(filed);
  EXPECT_EQ(filed->size, 1U);
}

}  // namespace
}  // namespace ledger
