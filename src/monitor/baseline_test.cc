#include "monitor/baseline.h"

#include <gtest/gtest.h>

#include <random>

#include "base/json.h"
#include "base/text.h"
#include "sign/dsse.h"

namespace monitor {
namespace {

using base::Errc;

Baseline sample() {
  BaselineBuilder builder({});
  std::mt19937_64 random(1);
  const std::string_view tools[] = {"search", "read"};
  const TextFeatures texts[] = {features_of("Where is my parcel number one hundred"),
                                features_of("Please translate this letter into French"),
                                features_of("Summarise the meeting of Tuesday afternoon")};
  for (int i = 0; i < 2'000; ++i) {
    Observation one;
    one.key = i % 3 == 0 ? "a" : "b";
    one.model = "m";
    one.unix_milliseconds = 1'790'000'000'000 + i * 60'000;
    one.latency_microseconds = static_cast<std::uint32_t>(random() % 1'000'000);
    one.failed = answer(random() % 50 == 0);
    one.finish = Finish::stop;
    one.prompt = &texts[random() % 3];
    one.tools = std::span(tools).first(random() % 3);
    one.fingerprint = random() % 2 == 0 ? "fp_1" : "fp_2";
    builder.observe(one);
  }
  auto out = builder.finish();
  EXPECT_TRUE(out);
  out->made_seconds = 1'795'392'000;
  out->sources = {{"log.jsonl", std::string(64, 'a'), 2'000}};
  return std::move(*out);
}

TEST(Baseline, HoldsKeysWithEnoughObservationsAndAllTogether) {
  const Baseline baseline = sample();
  ASSERT_EQ(baseline.profiles.size(), 2U);
  EXPECT_EQ(baseline.profiles[0]->key, "*");
  EXPECT_EQ(baseline.profiles[0]->keys, 2U);
  EXPECT_EQ(baseline.profiles[0]->observations, 2'000U);
  EXPECT_EQ(baseline.profiles[1]->key, "b");
  EXPECT_EQ(baseline.find("b", "m")->key, "b");
  EXPECT_EQ(baseline.find("a", "m")->key, "*");
  EXPECT_EQ(baseline.find("a", "other"), nullptr);
  EXPECT_EQ(baseline.profiles[0]->fingerprints, (std::vector<std::string>{"fp_1", "fp_2"}));
}

TEST(Baseline, ReadsBackWhatItWrote) {
  const Baseline baseline = sample();
  const std::string text = base::to_canonical_json(baseline.to_value());
  const auto parsed = base::parse_json(text);
  ASSERT_TRUE(parsed);
  const auto back = Baseline::from_value(*parsed);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(base::to_canonical_json(back->to_value()), text);
}

TEST(Baseline, IsReadOnlyWithTheKeyThatSignedIt) {
  const auto key = base::PrivateKey::generate(base::KeyKind::ed25519);
  const auto other = base::PrivateKey::generate(base::KeyKind::ed25519);
  ASSERT_TRUE(key && other);
  const auto text = sample().signed_text(*key);
  ASSERT_TRUE(text);
  EXPECT_TRUE(Baseline::from_signed_text(*text, key->public_key()));
  const auto wrong = Baseline::from_signed_text(*text, other->public_key());
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, Errc::untrusted);
}

TEST(Baseline, RefusesEveryChangedByteOfThePayload) {
  const auto key = base::PrivateKey::generate(base::KeyKind::ed25519);
  const auto text = sample().signed_text(*key);
  ASSERT_TRUE(text);
  const std::size_t begin = text->find("\"payload\":\"") + 11;
  const std::size_t end = text->find('"', begin);
  std::mt19937_64 random(2);
  for (int i = 0; i < 200; ++i) {
    std::string changed = *text;
    char& byte = changed[begin + random() % (end - begin)];
    byte = byte == 'A' ? 'B' : 'A';
    const auto read = Baseline::from_signed_text(changed, key->public_key());
    ASSERT_FALSE(read);
    EXPECT_TRUE(read.error().code == Errc::untrusted || read.error().code == Errc::malformed) << read.error().message;
  }
}

TEST(Baseline, RefusesEveryTruncation) {
  const auto key = base::PrivateKey::generate(base::KeyKind::ed25519);
  const auto text = sample().signed_text(*key);
  ASSERT_TRUE(text);
  for (std::size_t size = 0; size + 1 < text->size(); size += 1 + text->size() / 400) {
    EXPECT_FALSE(Baseline::from_signed_text(std::string_view(*text).substr(0, size), key->public_key()));
  }
}

/// The sample with one member changed, signed all the same.
base::Result<Baseline> signed_anew(const std::function<void(base::Value&)>& change) {
  const auto key = base::PrivateKey::generate(base::KeyKind::ed25519);
  base::Value value = sample().to_value();
  change(value);
  const std::string payload = base::to_canonical_json(value);
  const auto signature = key->sign(base::as_bytes(sign::dsse_signed_bytes(kBaselinePayloadType, payload)));
  base::Value entry;
  entry.set("sig", base::to_base64(base::as_bytes(*signature)));
  base::Value envelope;
  envelope.set("payloadType", kBaselinePayloadType);
  envelope.set("payload", base::to_base64(base::as_bytes(payload)));
  envelope.set("signatures", base::Value(base::Value::List{entry}));
  return Baseline::from_signed_text(base::to_json(envelope), key->public_key());
}

TEST(Baseline, RefusesWhatItDoesNotKnowEvenWhenItIsSigned) {
  EXPECT_TRUE(signed_anew([](base::Value&) {}));
  const auto version = signed_anew([](base::Value& value) { value.set("version", 2); });
  ASSERT_FALSE(version);
  EXPECT_EQ(version.error().code, Errc::unsupported);
  const auto bad = [](const std::function<void(base::Value&)>& change) {
    const auto read = signed_anew(change);
    EXPECT_FALSE(read);
    return read ? std::string() : read.error().message;
  };
  EXPECT_NE(bad([](base::Value& v) { v.set("surprise", 1); }), "");
  EXPECT_NE(bad([](base::Value& v) { v.set("window", 128); }), "");
  EXPECT_NE(bad([](base::Value& v) { v.set("profiles", base::Value::List{}); }), "");
  const auto profile = [&](std::string_view name, base::Value with) {
    return bad([&](base::Value& v) {
      base::Value list = v["profiles"];
      base::Value first = list.as_list()[0];
      first.set(name, with);
      v.set("profiles", base::Value::List{first});
    });
  };
  EXPECT_NE(profile("keys", -1), "");
  EXPECT_NE(profile("levels", base::Value::List{}), "");
  EXPECT_NE(profile("tools", base::Value::List{1, 2, 3}), "");
  EXPECT_NE(profile("tools", base::Value::List{5000, 1}), "");
  EXPECT_NE(profile("fingerprints", base::Value::List{"b", "a"}), "");
  EXPECT_NE(profile("text", base::Value::Map{}), "");
  EXPECT_NE(profile("minutes", base::Value::Map{}), "");
}

TEST(BaselineBuilder, LeavesOutKeysBeyondItsLimitAndSaysSo) {
  BaselineBuilder builder({.max_keys = 2, .own_profile_from = 1});
  for (int i = 0; i < 10; ++i) {
    Observation one;
    const std::string key = "key-" + std::to_string(i % 5);
    one.key = key;
    one.model = "m";
    builder.observe(one);
  }
  EXPECT_EQ(builder.observations(), 10U);
  EXPECT_EQ(builder.left_out(), 6U);
  EXPECT_EQ(builder.finish()->profiles.size(), 3U);
}

TEST(BaselineBuilder, LearnsNothingFromNothing) {
  EXPECT_FALSE(BaselineBuilder({}).finish());
}

}  // namespace
}  // namespace monitor
