#include "control/kill_switch.h"

#include <atomic>
#include <thread>

#include "control/control_testing.h"

namespace control {
namespace {

using base::Errc;

class Kills : public InDirectory {
 protected:
  std::unique_ptr<KillSwitch> open() {
    auto opened = KillSwitch::open(folder_);
    EXPECT_TRUE(opened) << opened.error().text();
    return std::move(*opened);
  }
};

Kill kill_of(KillKind kind, std::string value) {
  return {kind, std::move(value), "test", "ada", base::UnixTime{1'795'392'000}};
}

KillSubject subject() {
  return {"key:1", "acme", "gpt-4o", "abcd", {"search", "pay"}};
}

TEST_F(Kills, ConcernWhatTheyNameAndNothingElse) {
  EXPECT_TRUE(concerns(kill_of(KillKind::everything, ""), subject()));
  EXPECT_TRUE(concerns(kill_of(KillKind::model, "gpt-*"), subject()));
  EXPECT_FALSE(concerns(kill_of(KillKind::model, "gpt-3*"), subject()));
  EXPECT_TRUE(concerns(kill_of(KillKind::tool, "pay"), subject()));
  EXPECT_FALSE(concerns(kill_of(KillKind::tool, "gpt-4o"), subject()));
  EXPECT_TRUE(concerns(kill_of(KillKind::key, "key:1"), subject()));
  EXPECT_TRUE(concerns(kill_of(KillKind::tenant, "acme"), subject()));
  EXPECT_FALSE(concerns(kill_of(KillKind::tenant, "*"), KillSubject{})) << "of nobody known";
  EXPECT_TRUE(concerns(kill_of(KillKind::prompt, "abcd"), subject()));
}

TEST_F(Kills, ReachOpenExchangesAndThoseToCome) {
  const auto under_test = open();
  std::atomic<int> woken{0};
  const auto concerned = under_test->watch([&] { ++woken; });
  const auto other = under_test->watch([&] { woken += 100; });
  EXPECT_EQ(concerned->update([](KillSubject& about) { about = subject(); }), nullptr);
  EXPECT_EQ(other->update([](KillSubject& about) { about.model = "claude"; }), nullptr);
  std::thread worker([&] {
    while (concerned->poll() == nullptr) {
      std::this_thread::yield();
    }
  });
  const auto effect = under_test->kill(kill_of(KillKind::model, "gpt-4o"), std::chrono::milliseconds(10'000));
  worker.join();
  ASSERT_TRUE(effect) << effect.error().text();
  EXPECT_EQ(effect->open, 2U);
  EXPECT_EQ(effect->matched, 1U);
  EXPECT_EQ(effect->answered, 1U);
  EXPECT_EQ(woken, 1);
  EXPECT_EQ(other->poll(), nullptr);
  const auto late = under_test->watch([] {});
  EXPECT_NE(late->update([](KillSubject& about) { about.model = "gpt-4o"; }), nullptr);
}

TEST_F(Kills, OutliveARestartUntilTheyAreLifted) {
  {
    const auto under_test = open();
    ASSERT_TRUE(under_test->kill(kill_of(KillKind::tool, "pay"), std::chrono::milliseconds(0)));
  }
  const auto under_test = open();
  ASSERT_EQ(under_test->kills().size(), 1U);
  EXPECT_NE(under_test->match(subject()), nullptr);
  ASSERT_TRUE(under_test->lift(KillKind::tool, "pay"));
  EXPECT_EQ(under_test->match(subject()), nullptr);
  EXPECT_TRUE(open()->kills().empty());
  const auto again = under_test->lift(KillKind::tool, "pay");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Errc::not_found);
}

TEST_F(Kills, OfAnotherProcessTakeHoldAtReload) {
  const auto under_test = open();
  std::atomic<int> woken{0};
  const auto watch = under_test->watch([&] { ++woken; });
  watch->update([](KillSubject& about) { about = subject(); });
  ASSERT_TRUE(store_kill(folder_, kill_of(KillKind::tenant, "acme")));
  ASSERT_TRUE(under_test->reload());
  EXPECT_EQ(woken, 1);
  ASSERT_NE(watch->poll(), nullptr);
  ASSERT_TRUE(remove_kill(folder_, KillKind::tenant, "acme"));
  ASSERT_TRUE(under_test->reload());
  EXPECT_EQ(under_test->match(subject()), nullptr);
}

TEST_F(Kills, StayAsTheyAreWhereTheFileCannotBeRead) {
  const auto under_test = open();
  ASSERT_TRUE(under_test->kill(kill_of(KillKind::tool, "pay"), std::chrono::milliseconds(0)));
  write("kills.json", "{\"kills\": [");
  EXPECT_FALSE(under_test->reload());
  EXPECT_NE(under_test->match(subject()), nullptr);
  EXPECT_FALSE(KillSwitch::open(folder_));
  for (const char* wrong : {R"({"kills":[{"kind":"model","since":"2026-01-01T00:00:00Z"}]})",
                            R"({"kills":[{"kind":"planet","value":"x","since":"2026-01-01T00:00:00Z"}]})",
                            R"({"kills":[{"kind":"model","value":"x","since":"soon"}]})", R"([])"}) {
    EXPECT_FALSE(parse_kills(wrong, "kills.json")) << wrong;
  }
}

TEST_F(Kills, ADrillWakesAndMeasuresButStopsNothing) {
  const auto under_test = open();
  const auto watch = under_test->watch([] {});
  watch->update([](KillSubject& about) { about = subject(); });
  std::atomic<bool> over{false};
  std::thread worker([&] {
    while (!over) {
      EXPECT_EQ(watch->poll(), nullptr);
      std::this_thread::yield();
    }
  });
  const auto effect = under_test->drill(kill_of(KillKind::everything, ""), std::chrono::milliseconds(10'000));
  over = true;
  worker.join();
  ASSERT_TRUE(effect);
  EXPECT_EQ(effect->matched, 1U);
  EXPECT_EQ(effect->answered, 1U);
  EXPECT_TRUE(under_test->kills().empty());
  EXPECT_FALSE(under_test->drill(kill_of(KillKind::model, "")));
  EXPECT_FALSE(under_test->kill(kill_of(KillKind::model, "")));
}

TEST_F(Kills, MeetExchangesThatComeAndGo) {
  const auto under_test = open();
  std::atomic<bool> over{false};
  std::atomic<std::uint64_t> stopped{0};
  std::vector<std::thread> workers;
  for (int i = 0; i < 4; ++i) {
    workers.emplace_back([&] {
      while (!over) {
        const auto watch = under_test->watch([] {});
        if (watch->update([](KillSubject& about) { about = subject(); }) != nullptr || watch->poll() != nullptr) {
          ++stopped;
        }
      }
    });
  }
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(under_test->kill(kill_of(KillKind::model, "gpt-4o"), std::chrono::milliseconds(1000)));
    ASSERT_TRUE(under_test->lift(KillKind::model, "gpt-4o"));
  }
  over = true;
  for (std::thread& worker : workers) {
    worker.join();
  }
  EXPECT_GT(stopped, 0U);
}

// What was killed while the file was read again was forgotten until the next change of the file.
TEST_F(Kills, AreNotForgottenWhileTheFileIsReadAgain) {
  const auto under_test = open();
  std::atomic<bool> done{false};
  std::thread reader([&] {
    while (!done) {
      EXPECT_TRUE(under_test->reload());
    }
  });
  for (int i = 0; i < 40; ++i) {
    ASSERT_TRUE(under_test->kill(kill_of(KillKind::tool, "pay"), std::chrono::milliseconds(0)));
    EXPECT_NE(under_test->match(subject()), nullptr) << i;
    EXPECT_TRUE(under_test->stops_tools());
    ASSERT_TRUE(under_test->lift(KillKind::tool, "pay"));
    EXPECT_EQ(under_test->match(subject()), nullptr) << i;
    EXPECT_FALSE(under_test->stops_tools());
  }
  done = true;
  reader.join();
}

TEST_F(Kills, ThatCouldNotBeStoredStayInForceUntilTheyAreLifted) {
  std::filesystem::create_directory(folder_ / "state");
  auto opened = KillSwitch::open(folder_ / "state");
  ASSERT_TRUE(opened);
  const auto& under_test = *opened;
  std::filesystem::remove(folder_ / "state");
  EXPECT_FALSE(under_test->kill(kill_of(KillKind::model, "gpt-4o"), std::chrono::milliseconds(0)));
  ASSERT_TRUE(under_test->reload());
  EXPECT_NE(under_test->match(subject()), nullptr);
  std::filesystem::create_directory(folder_ / "state");
  EXPECT_TRUE(under_test->lift(KillKind::model, "gpt-4o"));
  EXPECT_EQ(under_test->match(subject()), nullptr);
}

}  // namespace
}  // namespace control
