// The baseline as a file: docs/formats/monitor.md.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "monitor/baseline.h"
#include "sign/dsse.h"
#include "sign/sign_model.h"

namespace monitor {
namespace {

using base::Errc;
using base::Error;
using base::Result;
using base::Value;

constexpr std::int64_t kVersion = 1;
constexpr double kBillion = 1e9;
constexpr std::size_t kMostProfiles = 20'000;
constexpr std::size_t kMostSources = 10'000;
constexpr std::size_t kMostNames = 32;
constexpr std::uint64_t kMostCount = std::uint64_t{1} << 53U;

Value billionths(double value) {
  return {static_cast<std::int64_t>(std::llround(value * kBillion))};
}

template <class Count>
Value sparse(const Count& counts, std::size_t size) {
  Value out(Value::List{});
  for (std::size_t i = 0; i < size; ++i) {
    if (counts[i] != 0) {
      out.push(static_cast<std::int64_t>(i));
      out.push(static_cast<std::uint64_t>(counts[i]));
    }
  }
  return out;
}

Value names_value(const std::vector<std::string>& names) {
  Value out(Value::List{});
  for (const std::string& name : names) {
    out.push(name);
  }
  return out;
}

Value profile_value(const Profile& profile) {
  Value out;
  out.set("key", profile.key);
  out.set("model", profile.model);
  out.set("keys", profile.keys);
  out.set("observations", profile.observations);
  out.set("first_milliseconds", profile.first_milliseconds);
  out.set("last_milliseconds", profile.last_milliseconds);
  out.set("a_day_billionths", billionths(profile.a_day));
  Value levels(Value::Map{});
  for (std::size_t i = 0; i < kLevels; ++i) {
    if (profile.levels[i].counts.total() == 0) {
      continue;
    }
    Value level;
    level.set("counts", sparse(profile.levels[i].counts, kBuckets));
    level.set("tolerance_billionths", billionths(profile.levels[i].tolerance));
    level.set("overdispersion_billionths", billionths(profile.levels[i].overdispersion));
    level.set("shape_overdispersion_billionths", billionths(profile.levels[i].shape_overdispersion));
    levels.set(kLevelTraits[i].name, std::move(level));
  }
  out.set("levels", std::move(levels));
  Value shares(Value::Map{});
  for (std::size_t i = 0; i < kShares; ++i) {
    if (profile.shares[i].trials == 0) {
      continue;
    }
    Value share;
    share.set("hits", profile.shares[i].hits);
    share.set("trials", profile.shares[i].trials);
    share.set("between_billionths", billionths(profile.shares[i].between));
    shares.set(kShareTraits[i].name, std::move(share));
  }
  out.set("shares", std::move(shares));
  Value mixes(Value::Map{});
  for (std::size_t i = 0; i < kMixes; ++i) {
    if (std::all_of(profile.mixes[i].counts.begin(), profile.mixes[i].counts.end(), [](auto n) { return n == 0; })) {
      continue;
    }
    Value mix;
    Value counts(Value::Map{});
    for (std::size_t c = 0; c < kMixTraits[i].categories; ++c) {
      if (profile.mixes[i].counts[c] != 0) {
        counts.set(category_name(static_cast<Mix>(i), c), profile.mixes[i].counts[c]);
      }
    }
    mix.set("counts", std::move(counts));
    mix.set("overdispersion_billionths", billionths(profile.mixes[i].overdispersion));
    mixes.set(kMixTraits[i].name, std::move(mix));
  }
  out.set("mixes", std::move(mixes));
  Value minutes;
  minutes.set("busiest_billionths", billionths(profile.minutes.busiest));
  minutes.set("dispersion_billionths", billionths(profile.minutes.dispersion));
  minutes.set("minutes", profile.minutes.minutes);
  out.set("minutes", std::move(minutes));
  if (profile.text.prompts > 0) {
    Value text;
    Value mean(Value::List{});
    for (const float one : profile.text.mean) {
      mean.push(billionths(static_cast<double>(one)));
    }
    text.set("mean_billionths", std::move(mean));
    text.set("trace_billionths", billionths(profile.text.trace));
    text.set("trace_squared_billionths", billionths(profile.text.trace_squared));
    text.set("overdispersion_billionths", billionths(profile.text.overdispersion));
    text.set("prompts", profile.text.prompts);
    text.set("coverage_mean_billionths", billionths(profile.text.coverage_mean));
    text.set("coverage_deviation_billionths", billionths(profile.text.coverage_deviation));
    text.set("windows", profile.text.windows);
    out.set("text", std::move(text));
  }
  if (profile.tools.total > 0) {
    Value tools(Value::List{});
    for (std::size_t a = 0; a < ToolCounts::kClasses; ++a) {
      for (std::size_t b = 0; b < ToolCounts::kClasses; ++b) {
        if (profile.tools.counts[a][b] != 0) {
          tools.push(static_cast<std::int64_t>(a * ToolCounts::kClasses + b));
          tools.push(std::uint64_t{profile.tools.counts[a][b]});
        }
      }
    }
    out.set("tools", std::move(tools));
  }
  out.set("fingerprints", names_value(profile.fingerprints));
  out.set("answering_models", names_value(profile.answering_models));
  return out;
}

Error malformed(const std::string& place, std::string_view reason) {
  return {Errc::malformed, place + ": " + std::string(reason)};
}

/// Reads the members of one map; what nobody asked for is an error.
class Reader {
 public:
  static Result<Reader> open(const Value& value, std::string place) {
    if (!value.is_map()) {
      return malformed(place, "expected a mapping, found " + std::string(value.kind_name()));
    }
    return Reader(value, std::move(place));
  }
  const Value* find(std::string_view name) {
    const Value* value = value_->find(name);
    found_ += value != nullptr ? 1 : 0;
    return value;
  }
  Result<const Value*> require(std::string_view name) {
    const Value* value = find(name);
    if (value == nullptr) {
      return malformed(at(name), "is missing");
    }
    return value;
  }
  Result<std::string> text(std::string_view name) {
    const Value* value = TRY(require(name));
    if (!value->is_string() || value->as_text().size() > 4096) {
      return malformed(at(name), "expected a text of at most 4096 bytes");
    }
    return std::string(value->as_text());
  }
  Result<std::uint64_t> count(std::string_view name) {
    const Value* value = TRY(require(name));
    if (!value->is_integer() || value->as_integer() < 0 ||
        static_cast<std::uint64_t>(value->as_integer()) > kMostCount) {
      return malformed(at(name), "expected a whole number from 0 to 2^53");
    }
    return static_cast<std::uint64_t>(value->as_integer());
  }
  Result<double> billionths(std::string_view name, double least, double most) {
    const Value* value = TRY(require(name));
    const double number = static_cast<double>(value->as_integer()) / kBillion;
    if (!value->is_integer() || number < least || number > most) {
      return malformed(at(name), "expected a whole number of billionths in its range");
    }
    return number;
  }
  Result<void> finish() const {
    return found_ == value_->as_map().size() ? Result<void>() : malformed(place_, "has a field that is not known");
  }
  [[nodiscard]] std::string at(std::string_view name) const { return place_ + "." + std::string(name); }

 private:
  Reader(const Value& value, std::string place) : value_(&value), place_(std::move(place)) {}
  const Value* value_;
  std::string place_;
  std::size_t found_ = 0;
};

/// Calls `take` with each pair of place and count; places ascend and are below `size`.
template <class Take>
Result<void> read_sparse(const Value& value, const std::string& place, std::size_t size, std::uint64_t most,
                         Take take) {
  const Value::List& list = value.as_list();
  if (!value.is_list() || list.size() % 2 != 0) {
    return malformed(place, "expected a list of places and counts in turn");
  }
  std::int64_t last = -1;
  for (std::size_t i = 0; i < list.size(); i += 2) {
    const std::int64_t at = list[i].as_integer(-1);
    const std::int64_t number = list[i + 1].as_integer(-1);
    if (at <= last || at >= static_cast<std::int64_t>(size)) {
      return malformed(place, "places must ascend and stay below " + std::to_string(size));
    }
    if (number <= 0 || static_cast<std::uint64_t>(number) > most) {
      return malformed(place, "counts go from 1 to " + std::to_string(most));
    }
    last = at;
    take(static_cast<std::size_t>(at), static_cast<std::uint64_t>(number));
  }
  return {};
}

Result<std::vector<std::string>> read_names(const Value& value, const std::string& place) {
  if (!value.is_list() || value.as_list().size() > kMostNames) {
    return malformed(place, "expected a list of at most 32 texts");
  }
  std::vector<std::string> out;
  for (const Value& one : value.as_list()) {
    if (!one.is_string() || one.as_text().size() > 4096 || (!out.empty() && out.back() >= one.as_text())) {
      return malformed(place, "expected ascending texts");
    }
    out.emplace_back(one.as_text());
  }
  return out;
}

template <class Traits>
Result<void> refuse_unknown(const Value& value, const std::string& place, const Traits& traits) {
  for (const auto& [name, member] : value.as_map()) {
    if (std::none_of(traits.begin(), traits.end(), [&name = name](const auto& one) { return one.name == name; })) {
      return malformed(place + "." + base::printable(name), "is not known to this version");
    }
  }
  return value.is_map() ? Result<void>() : malformed(place, "expected a mapping");
}

constexpr double kMostFactor = 1e6;

Result<Profile> profile_from(const Value& value, const std::string& place) {
  Profile out;
  Reader in = TRY(Reader::open(value, place));
  out.key = TRY(in.text("key"));
  out.model = TRY(in.text("model"));
  out.keys = TRY(in.count("keys"));
  out.observations = TRY(in.count("observations"));
  out.first_milliseconds = TRY(in.require("first_milliseconds"))->as_integer();
  out.last_milliseconds = TRY(in.require("last_milliseconds"))->as_integer();
  out.a_day = TRY(in.billionths("a_day_billionths", 0, 9e9));
  const Value& levels = *TRY(in.require("levels"));
  TRY(refuse_unknown(levels, in.at("levels"), kLevelTraits));
  for (std::size_t i = 0; i < kLevels; ++i) {
    if (const Value* level = levels.find(kLevelTraits[i].name); level != nullptr) {
      Reader fields = TRY(Reader::open(*level, in.at("levels") + "." + std::string(kLevelTraits[i].name)));
      const Value& counts = *TRY(fields.require("counts"));
      TRY(read_sparse(counts, fields.at("counts"), kBuckets, UINT32_MAX,
                      [&](std::size_t at, std::uint64_t number) { out.levels[i].counts.add_to(at, number); }));
      out.levels[i].tolerance = TRY(fields.billionths("tolerance_billionths", 0, 0.45));
      out.levels[i].overdispersion = TRY(fields.billionths("overdispersion_billionths", 1, kMostFactor));
      out.levels[i].shape_overdispersion = TRY(fields.billionths("shape_overdispersion_billionths", 1, kMostFactor));
      TRY(fields.finish());
    }
  }
  const Value& shares = *TRY(in.require("shares"));
  TRY(refuse_unknown(shares, in.at("shares"), kShareTraits));
  for (std::size_t i = 0; i < kShares; ++i) {
    if (const Value* share = shares.find(kShareTraits[i].name); share != nullptr) {
      Reader fields = TRY(Reader::open(*share, in.at("shares") + "." + std::string(kShareTraits[i].name)));
      out.shares[i].hits = TRY(fields.count("hits"));
      out.shares[i].trials = TRY(fields.count("trials"));
      out.shares[i].between = TRY(fields.billionths("between_billionths", 0, 1));
      TRY(fields.finish());
      if (out.shares[i].hits > out.shares[i].trials) {
        return malformed(fields.at("hits"), "above trials");
      }
    }
  }
  const Value& mixes = *TRY(in.require("mixes"));
  TRY(refuse_unknown(mixes, in.at("mixes"), kMixTraits));
  for (std::size_t i = 0; i < kMixes; ++i) {
    const Value* mix = mixes.find(kMixTraits[i].name);
    if (mix == nullptr) {
      continue;
    }
    Reader fields = TRY(Reader::open(*mix, in.at("mixes") + "." + std::string(kMixTraits[i].name)));
    const Value& counts = *TRY(fields.require("counts"));
    Reader members = TRY(Reader::open(counts, fields.at("counts")));
    for (std::size_t c = 0; c < kMixTraits[i].categories; ++c) {
      const std::string_view name = category_name(static_cast<Mix>(i), c);
      if (counts.find(name) != nullptr) {
        out.mixes[i].counts[c] = TRY(members.count(name));
      }
    }
    TRY(members.finish());
    out.mixes[i].overdispersion = TRY(fields.billionths("overdispersion_billionths", 1, kMostFactor));
    TRY(fields.finish());
  }
  const Value& minutes_value = *TRY(in.require("minutes"));
  Reader minutes = TRY(Reader::open(minutes_value, in.at("minutes")));
  out.minutes.busiest = TRY(minutes.billionths("busiest_billionths", 0, 9e9));
  out.minutes.dispersion = TRY(minutes.billionths("dispersion_billionths", 1, 9e9));
  out.minutes.minutes = TRY(minutes.count("minutes"));
  TRY(minutes.finish());
  if (const Value* found = in.find("text"); found != nullptr) {
    Reader text = TRY(Reader::open(*found, in.at("text")));
    const Value& mean = *TRY(text.require("mean_billionths"));
    if (mean.as_list().size() != kEmbedding) {
      return malformed(text.at("mean_billionths"), "expected " + std::to_string(kEmbedding) + " numbers");
    }
    for (std::size_t j = 0; j < kEmbedding; ++j) {
      const std::int64_t number = mean.as_list()[j].as_integer(INT64_MAX);
      if (number > 1'000'000'000 || number < -1'000'000'000) {
        return malformed(text.at("mean_billionths"), "a number is not from -1 to 1");
      }
      out.text.mean[j] = static_cast<float>(static_cast<double>(number) / kBillion);
    }
    out.text.trace = TRY(text.billionths("trace_billionths", 1e-9, 1));
    out.text.trace_squared = TRY(text.billionths("trace_squared_billionths", 1e-9, 1));
    out.text.overdispersion = TRY(text.billionths("overdispersion_billionths", 1, kMostFactor));
    out.text.prompts = TRY(text.count("prompts"));
    out.text.coverage_mean = TRY(text.billionths("coverage_mean_billionths", 0, 256));
    out.text.coverage_deviation = TRY(text.billionths("coverage_deviation_billionths", 0, 256));
    out.text.windows = TRY(text.count("windows"));
    TRY(text.finish());
    if (out.text.prompts == 0) {
      return malformed(text.at("prompts"), "is 0");
    }
  }
  if (const Value* tools = in.find("tools"); tools != nullptr) {
    TRY(read_sparse(*tools, in.at("tools"), ToolCounts::kClasses * ToolCounts::kClasses, UINT32_MAX,
                    [&](std::size_t at, std::uint64_t number) {
                      out.tools.add(at / ToolCounts::kClasses, at % ToolCounts::kClasses,
                                    static_cast<std::uint32_t>(number));
                    }));
  }
  const Value& fingerprints = *TRY(in.require("fingerprints"));
  out.fingerprints = TRY(read_names(fingerprints, in.at("fingerprints")));
  const Value& answering_models = *TRY(in.require("answering_models"));
  out.answering_models = TRY(read_names(answering_models, in.at("answering_models")));
  TRY(in.finish());
  return out;
}

}  // namespace

Value Baseline::to_value() const {
  Value out;
  out.set("version", kVersion);
  out.set("made", base::to_iso8601({made_seconds}));
  out.set("window", std::uint64_t{kWindow});
  Value from(Value::List{});
  for (const BaselineSource& source : sources) {
    Value one;
    one.set("name", source.name);
    one.set("sha256", source.sha256);
    one.set("observations", source.observations);
    from.push(std::move(one));
  }
  out.set("sources", std::move(from));
  Value list(Value::List{});
  for (const auto& profile : profiles) {
    list.push(profile_value(*profile));
  }
  out.set("profiles", std::move(list));
  return out;
}

Result<Baseline> Baseline::from_value(const Value& value) {
  Reader in = TRY(Reader::open(value, "baseline"));
  const Value& version = *TRY(in.require("version"));
  if (!version.is_integer() || version.as_integer() != kVersion) {
    return Error{Errc::unsupported, "baseline.version: this program reads version 1"};
  }
  Baseline out;
  const std::string made = TRY(in.text("made"));
  out.made_seconds = TRY(base::parse_time(made)).seconds;
  if (TRY(in.count("window")) != kWindow) {
    return Error{Errc::unsupported, "baseline.window: this program compares windows of 256"};
  }
  const Value& sources = *TRY(in.require("sources"));
  if (!sources.is_list() || sources.as_list().size() > kMostSources) {
    return malformed(in.at("sources"), "expected a list of at most 10000");
  }
  for (const Value& one : sources.as_list()) {
    Reader fields = TRY(Reader::open(one, "baseline.sources"));
    BaselineSource source;
    source.name = TRY(fields.text("name"));
    source.sha256 = TRY(fields.text("sha256"));
    source.observations = TRY(fields.count("observations"));
    TRY(fields.finish());
    out.sources.push_back(std::move(source));
  }
  const Value& profiles = *TRY(in.require("profiles"));
  if (!profiles.is_list() || profiles.as_list().empty() || profiles.as_list().size() > kMostProfiles) {
    return malformed(in.at("profiles"), "expected a list of 1 to 20000");
  }
  for (const Value& one : profiles.as_list()) {
    const std::string place = "baseline.profiles[" + std::to_string(out.profiles.size()) + "]";
    auto profile = std::make_shared<Profile>(TRY(profile_from(one, place)));
    if (!out.profiles.empty() &&
        std::tie(out.profiles.back()->key, out.profiles.back()->model) >= std::tie(profile->key, profile->model)) {
      return malformed(place, "profiles must ascend by key and model");
    }
    out.profiles.push_back(std::move(profile));
  }
  TRY(in.finish());
  return out;
}

Result<std::string> Baseline::signed_text(const base::PrivateKey& key) const {
  const std::string payload = base::to_canonical_json(to_value());
  const std::string message = sign::dsse_signed_bytes(kBaselinePayloadType, payload);
  const std::string signature = TRY(key.sign(base::as_bytes(message)));
  Value entry;
  entry.set("keyid", sign::key_hint(key.public_key()));
  entry.set("sig", base::to_base64(base::as_bytes(signature)));
  Value out;
  out.set("payloadType", kBaselinePayloadType);
  out.set("payload", base::to_base64(base::as_bytes(payload)));
  out.set("signatures", Value(Value::List{std::move(entry)}));
  return base::to_json(out) + "\n";
}

Result<Baseline> Baseline::from_signed_text(std::string_view text, const base::PublicKey& key) {
  base::DocumentLimits limits;
  limits.max_bytes = kMaxBaselineBytes;
  const Value envelope = TRY(base::parse_json(text, limits));
  Reader in = TRY(Reader::open(envelope, "envelope"));
  const Value& type = *TRY(in.require("payloadType"));
  if (type.as_text() != kBaselinePayloadType) {
    return Error{Errc::unsupported, "envelope.payloadType: expected " + std::string(kBaselinePayloadType) + ", found " +
                                        base::abbreviate(base::printable(type.as_text()), 100)};
  }
  const Value& encoded = *TRY(in.require("payload"));
  if (!encoded.is_string()) {
    return malformed("envelope.payload", "expected base64");
  }
  const std::string payload = TRY(base::from_base64(encoded.as_text()));
  const std::string message = sign::dsse_signed_bytes(kBaselinePayloadType, payload);
  const Value& signatures = *TRY(in.require("signatures"));
  if (!signatures.is_list() || signatures.as_list().empty() || signatures.as_list().size() > 16) {
    return malformed("envelope.signatures", "expected a list of 1 to 16");
  }
  TRY(in.finish());
  bool verified = false;
  for (const Value& one : signatures.as_list()) {
    const auto signature = base::from_base64(one["sig"].as_text());
    verified = verified || (signature && key.verifies(base::as_bytes(message), base::as_bytes(*signature)));
  }
  if (!verified) {
    return Error{Errc::untrusted, "the baseline's signature is not one of the given key over what the file says"};
  }
  return from_value(TRY(base::parse_json(payload, limits)));
}

}  // namespace monitor
