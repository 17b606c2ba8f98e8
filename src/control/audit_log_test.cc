#include "control/audit_log.h"

#include <gtest/gtest.h>

#include <atomic>
#include <random>

#include "base/json.h"
#include "control/control_testing.h"

namespace control {
namespace {

TEST(JsonWriter, WritesWhatTheTreeWouldSay) {
  std::mt19937 random(11);
  const auto text = [&] {
    std::string out;
    for (std::size_t i = random() % 60; i > 0; --i) {
      constexpr std::string_view kPieces[] = {"a",    "Z",    " ", "\"", "\\", "/", "\n",
                                              "\x7f", "\x01", "é", "日", "😀",  "~"};
      out += kPieces[random() % std::size(kPieces)];
    }
    return out;
  };
  for (int round = 0; round < 500; ++round) {
    std::string out = "before";  // stays
    base::Value list{base::Value::List{}};
    base::Value inner{base::Value::Map{}};
    base::Value root;
    JsonWriter json(out);
    json.begin_object();
    json.begin_list("a");
    for (std::size_t i = random() % 5; i > 0; --i) {
      const std::string one = text();
      json.element(one);
      list.push(one);
    }
    json.end_list();
    const bool flag = random() % 2 == 0;
    json.boolean("b", flag);
    const base::Sha256 digest = base::sha256(text());
    json.digest("c", digest);
    json.begin_object("d");
    const std::uint64_t number = std::uint64_t{random()} << (random() % 21);
    json.number("n", number);
    const std::string said = text();
    json.text("t", said);
    json.end_object();
    json.json("e", "[1,2]");
    json.end_object();
    json.finish();
    inner.set("n", static_cast<std::int64_t>(number)).set("t", said);
    base::Value two{base::Value::List{}};
    two.push(std::int64_t{1});
    two.push(std::int64_t{2});
    root.set("a", std::move(list)).set("b", flag).set("c", digest.hex()).set("d", std::move(inner));
    root.set("e", std::move(two));
    EXPECT_EQ(out, "before" + base::to_canonical_json(root));
  }
}

class AuditLogTest : public InDirectory {};

struct CountsDurable final : RecordWaiter {
  std::atomic<int> durable{0};
  void on_recorded(bool is_durable) override { durable += is_durable ? 1 : 0; }
};

TEST_F(AuditLogTest, KeepsWhatIsAwaitedUntilItIsHandedOverTogether) {
  LogSettings settings;
  settings.directory = folder_ / "log";
  auto log = AuditLog::open(settings);
  ASSERT_TRUE(log) << log.error().text();
  (*log)->gather();
  const auto waiter = std::make_shared<CountsDurable>();
  const std::atomic<int>& durable = waiter->durable;
  for (int i = 0; i < 3; ++i) {
    (*log)->append(R"({"n":)" + std::to_string(i) + "}", waiter);
  }
  // What nobody waits for does not lie with them, and goes to the disk without them.
  (*log)->append(R"({"n":3})");
  ASSERT_TRUE((*log)->current("none"));
  EXPECT_EQ(durable, 0);
  (*log)->flush();
  EXPECT_EQ(durable, 3);
  EXPECT_EQ((*log)->written(), 4U);
  (*log)->append(R"({"n":4})", waiter);
  (*log)->retry();  // as the runtime does, should nobody hand over
  (*log)->flush();
  EXPECT_EQ(durable, 4);
}

}  // namespace
}  // namespace control
