#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>

#include "assess/assess.h"
#include "assess/case_world.h"

/// What turns stale when one thing changes: the sound system of testdata/provisions/world.yaml, and then the same with
/// one prompt, model, configuration or data set changed the day before.
namespace assess {
namespace {

using base::Value;
using Ids = std::set<std::string>;

constexpr const char* kNew = "eeee9999eeee9999eeee9999";

const catalog::Catalog& code() {
  static const auto loaded = catalog::load(std::filesystem::path(PROJECT_DIR) / "catalogs" / "uk-ai-code");
  EXPECT_TRUE(loaded) << loaded.error().text();
  return *loaded;
}

struct Shown {
  Ids stale;
  Ids failing;
  Ids not_told;  ///< Stale, and no change names the file and both digests.
};

// `name` is the file, or the id of the entry of ai-system.yaml that it is.
Shown shown(const World& world, const std::string& path, const std::string& name, const std::string& before) {
  Shown out;
  const auto facts = facts_of(world);
  EXPECT_TRUE(facts) << facts.error().text();
  const auto assessment = assess(*facts, code());
  EXPECT_TRUE(assessment) << assessment.error().text();
  for (const ProvisionResult& result : assessment->provisions) {
    if (result.verdict == Verdict::fail) {
      out.failing.insert(result.provision->id);
    }
    if (!result.stale) {
      continue;
    }
    out.stale.insert(result.provision->id);
    bool told = false;
    for (const Observation& change : result.changes) {
      const std::string text = change.subject + " " + change.place + " " + change.reason;
      told = told || ((text.find(path) != std::string::npos || text.find(name) != std::string::npos) &&
                      text.find(before.substr(0, 8)) != std::string::npos &&
                      text.find(std::string(kNew).substr(0, 8)) != std::string::npos);
    }
    if (!told) {
      out.not_told.insert(result.provision->id);
    }
  }
  return out;
}

// Somebody went through the threat model after all of it, and saw these files.
World reviewed_world() {
  World world = sound_world();
  world["threat_reviews"] = {Value(Value::Map{{"reviewer", "dana"}, {"time", "2026-11-21T00:00:00Z"}})};
  for (const Value& row : world["assets"]) {
    const std::string_view kind = row["kind"].as_text();
    if (kind == "model" || kind == "prompt" || kind == "dataset" || kind == "model-config") {
      const Value covered(Value::Map{{"path", row["path"]}, {"sha256", row["sha256"]}});
      world["threat_covers"].push_back(covered);
      world["threat_review_covers"].push_back(covered);
    }
  }
  for (const Value& row : world["threats"]) {
    world["threat_review_threats"].push_back(Value(Value::Map{{"threat", row["id"]}}));
  }
  return world;
}

// Gives the file another content, as the next run of surety would see and record it.
void change(World& world, const std::string& path, const std::string& kind, const std::string& before) {
  for (Value& row : world["assets"]) {
    if (row["path"].as_text() == path) {
      row.set("sha256", kNew);
    }
  }
  for (Value& row : world["digests"]) {  // whoever changes a file writes its digest down again
    if (row["path"].as_text() == path) {
      row.set("digest", kNew);
    }
  }
  for (Value& row : world["threat_covers"]) {
    if (row["path"].as_text() == path) {
      row.set("sha256", kNew);
    }
  }
  world["events"].push_back(Value::Map{{"entry", 900},
                                       {"id", "e900"},
                                       {"kind", kind},
                                       {"subject", path},
                                       {"effective", "2026-11-22T00:00:00Z"},
                                       {"source", "git"},
                                       {"actor", "Sam Reyes"},
                                       {"reason", "a change"},
                                       {"version", "4"},
                                       {"before_sha256", before},
                                       {"after_sha256", kNew}});
}

std::string digest_of(const World& world, const std::string& path) {
  for (const Value& row : world.at("assets")) {
    if (row["path"].as_text() == path) {
      return std::string(row["sha256"].as_text());
    }
  }
  return {};
}

struct OneChange {
  const char* path;
  const char* name;  ///< In ai-system.yaml.
  const char* kind;  ///< Of the event.
  Ids stale;
  Ids failing;
};

TEST(Staleness, OneChangeMakesExactlyTheseProvisionsStale) {
  const Shown before = shown(reviewed_world(), "-", "-", "--------");
  EXPECT_EQ(before.stale, Ids{}) << "the system is sound";
  EXPECT_EQ(before.failing, Ids{});
  for (const OneChange& tested : {
           OneChange{"prompts/system.txt",
                     "system",
                     "prompt-change",
                     {"2.2", "3.1.1", "9.1", "9.2", "9.2.1", "9.4", "9.4.1"},
                     {}},
           OneChange{"models/config.json",
                     "models/config.json",
                     "configuration-change",
                     {"2.2", "3.1.1", "9.1", "9.2", "9.2.1", "9.4", "9.4.1"},
                     {}},
           OneChange{"models/intent.safetensors",
                     "intent",
                     "model-version",
                     {"2.2", "3.1.1", "7.3", "7.4", "9.1", "9.2", "9.2.1", "9.3", "9.4", "9.4.1", "11.2", "13.1"},
                     {}},
           OneChange{"data/tickets.jsonl", "tickets", "dataset-snapshot", {"2.4", "3.1.1"}, {}},
       }) {
    SCOPED_TRACE(tested.path);
    World world = reviewed_world();
    const std::string old = digest_of(world, tested.path);
    change(world, tested.path, tested.kind, old);
    const Shown after = shown(world, tested.path, tested.name, old);
    EXPECT_EQ(after.stale, tested.stale);
    EXPECT_EQ(after.failing, tested.failing);
    EXPECT_EQ(after.not_told, Ids{}) << "what changed is to be named, with both digests";
  }
}

}  // namespace
}  // namespace assess
