#include "inventory/system_file.h"

#include <gtest/gtest.h>

#include <string>

#include "inventory/test_tree.h"

namespace inventory {
namespace {

std::string error_of(const std::string& text) {
  const auto parsed = parse_system_file(text, "ai-system.yaml");
  return parsed ? "" : parsed.error().text();
}

constexpr std::string_view kHead = "version: 1\nsystem:\n  name: x\n  roles: [developer]\n";
std::string with(std::string_view rest) {
  return std::string(kHead) + std::string(rest);
}

TEST(SystemFile, IsReadWithItsLines) {
  const auto parsed =
      parse_system_file(with("models:\n  - {id: m, path: model.gguf, origin: own}\n"), "ai-system.yaml");
  ASSERT_TRUE(parsed) << parsed.error().text();
  EXPECT_EQ((*parsed)["models"].as_list().at(0)["id"].line(), 6U);
}

TEST(SystemFile, IsRefusedWithFileLineAndWhatWasMeant) {
  EXPECT_EQ(error_of("version: [\n").substr(0, 15), "ai-system.yaml:");
  EXPECT_EQ(error_of(with("data:\n  - id: d\n    purpose: training\n    clasification: public\n")).substr(0, 17),
            "ai-system.yaml:6:");  // the field that is missing stands first
  const std::string unknown =
      error_of(with("data:\n  - id: d\n    purpose: training\n    classification: public\n    custodan: me\n"));
  EXPECT_NE(unknown.find("ai-system.yaml:9: "), std::string::npos) << unknown;
  EXPECT_NE(unknown.find("did you mean \"custodian\"?"), std::string::npos) << unknown;
  EXPECT_NE(error_of("version: 2\nsystem: {name: x, roles: [developer]}\n").find("must be 1"), std::string::npos);
  EXPECT_NE(error_of(""), "");
}

TEST(SystemFile, IsRefusedForIdsThatStandTwiceOrNameNothing) {
  const std::string twice = error_of(with("models:\n  - {id: m, origin: own}\n  - {id: m, origin: own}\n"));
  EXPECT_NE(twice.find("ai-system.yaml:7: models[1].id: \"m\" is the id of another entry, on line 6"),
            std::string::npos)
      << twice;
  const std::string nothing =
      error_of(with("models:\n  - id: m\n    origin: own\n    trained_on: [tickts]\ndata:\n"
                    "  - {id: tickets, purpose: training, classification: public}\n"));
  EXPECT_NE(nothing.find("ai-system.yaml:8: models[0].trained_on[0]: \"tickts\" is not the id of an entry under data; "
                         "did you mean \"tickets\"?"),
            std::string::npos)
      << nothing;
  EXPECT_NE(error_of(with("models:\n  - {id: m, origin: own, provider: p}\n")), "");
  EXPECT_EQ(error_of(with("models:\n  - {id: m, origin: own, provider: p}\nproviders:\n  - {id: p, name: P}\n")), "");
  EXPECT_EQ(error_of(with("models:\n  - {id: m, origin: own}\ninterfaces:\n"
                          "  - {id: api, kind: api, exposure: public, uses: [m]}\n")),
            "");
}

TEST(SystemFile, HoldsWhatAThreatModelNeeds) {
  const std::string file = with(
      "  impact: {confidentiality: high, integrity: medium, availability: low}\n  risk_tolerance: low\n"
      "models:\n  - {id: m, origin: own, zone: inside}\nzones:\n  - {id: inside, trust: internal}\n"
      "components:\n  - {id: agent, kind: agent, uses: [m], memory: shared, max_steps: 8}\n"
      "flows:\n  - {source: web, target: agent, data: pages, trust: untrusted}\n"
      "controls:\n  - {id: filter, kind: input-filter, on: [agent]}\n"
      "accepted_threats:\n  - {threat: T-COST@agent, owner: o, until: 2030-01-01, reason: r}\n"
      "excluded_threats:\n  - {threat: T-EVASION, by: b, reason: r}\n");
  EXPECT_EQ(error_of(file), "");
  const std::string flow =
      error_of(with("flows:\n  - {source: web, target: agnt}\ncomponents:\n"
                    "  - {id: agent, kind: agent}\n"));
  EXPECT_NE(flow.find("flows[0].target: \"agnt\" is not the id of an entry under"), std::string::npos) << flow;
  EXPECT_NE(flow.find("did you mean \"agent\"?"), std::string::npos) << flow;
  EXPECT_NE(error_of(with("controls:\n  - {id: c, kind: magic, on: []}\n")), "");
  EXPECT_NE(error_of(with("models:\n  - {id: m, zone: nowhere}\n")), "");
  EXPECT_NE(error_of(with("accepted_threats:\n  - {threat: T@x, owner: o, reason: r}\n")), "") << "without an end";
}

TEST(SystemFile, IsRefusedForPathsThatLeaveTheDirectory) {
  for (const char* path : {"/etc/passwd", "../x", "a/../../x", "a/./../../b"}) {
    EXPECT_NE(error_of(with("models:\n  - {id: m, origin: own, path: \"" + std::string(path) + "\"}\n"))
                  .find("leaves the assessed directory"),
              std::string::npos)
        << path;
  }
  EXPECT_EQ(error_of(with("models:\n  - {id: m, origin: own, path: a/../b}\n")), "");
  EXPECT_NE(error_of(with("documents: {user_guide: ../guide.md}\n")), "");
  EXPECT_EQ(error_of(with("contacts: {disclosure_policy: \"https://example.org/security\"}\n")), "");
  EXPECT_NE(error_of(with("contacts: {disclosure_policy: ../SECURITY.md}\n")), "");
}

TEST(SystemFile, IsRefusedForDatesToCome) {
  const std::string future = error_of(with("threat_model: {path: t.md, reviewed: 2999-01-01}\n"));
  EXPECT_NE(future.find("ai-system.yaml:5: threat_model.reviewed: 2999-01-01 is still to come"), std::string::npos)
      << future;
  EXPECT_EQ(error_of(with("threat_model: {path: t.md, reviewed: 2020-01-01}\n")), "");
  EXPECT_EQ(error_of(with("models:\n  - id: m\n    origin: own\n    risk_assessment: {date: 2020-01-01, by: me, "
                          "decision: accept, valid_until: 2999-01-01}\n")),
            "");
}

TEST(SystemFile, IsAssumedWhereThereIsNone) {
  const TemporaryTree tree;
  std::vector<std::string> notes;
  const auto facts = read_system_file(tree.root, notes);
  ASSERT_TRUE(facts);
  EXPECT_FALSE(facts->declared);
  EXPECT_EQ(facts->document["system"]["name"].as_text(), tree.root.filename().native());
  EXPECT_EQ(facts->document["system"]["roles"].as_list().size(), 2U);
  EXPECT_EQ(facts->assumed.size(), 4U);
  EXPECT_EQ(facts->assumed[0], "roles: developer, system-operator");
}

TEST(SystemFile, IsFoundUnderBothNamesAndNeverThroughALink) {
  const TemporaryTree tree;
  std::vector<std::string> notes;
  tree.write("ai-system.yml", kHead);
  auto facts = read_system_file(tree.root, notes);
  ASSERT_TRUE(facts);
  EXPECT_TRUE(facts->declared);
  EXPECT_EQ(facts->path, "ai-system.yml");
  EXPECT_EQ(facts->sha256, base::sha256(kHead));
  tree.write("ai-system.yaml", kHead);
  facts = read_system_file(tree.root, notes);
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->path, "ai-system.yaml");
  EXPECT_EQ(notes.size(), 1U);
  std::filesystem::remove(tree.root / "ai-system.yaml");
  std::filesystem::create_symlink("ai-system.yml", tree.root / "ai-system.yaml");
  const auto linked = read_system_file(tree.root, notes);
  ASSERT_FALSE(linked);
  EXPECT_EQ(linked.error().file, "ai-system.yaml");
}

evidence::Asset asset(evidence::AssetKind kind, std::string path) {
  evidence::Asset out;
  out.kind = kind;
  out.path = std::move(path);
  return out;
}

TEST(DraftSystemFile, IsValidAndHoldsWhatWasFound) {
  Inventory inventory;
  inventory.system.document.set("system", base::Value::Map{{"name", "shop: \"bot\""}});
  inventory.assets.push_back(asset(evidence::AssetKind::model, "models/1.0.gguf"));
  inventory.assets.push_back(asset(evidence::AssetKind::model, "other/1.0.gguf"));
  inventory.assets.push_back(asset(evidence::AssetKind::model, "bad\xFF.gguf"));
  inventory.assets.push_back(asset(evidence::AssetKind::model_card, "models/README.md"));
  inventory.assets.push_back(asset(evidence::AssetKind::dataset, "data/train: all.csv"));
  inventory.assets.push_back(asset(evidence::AssetKind::prompt, "src/app.py#SYSTEM_PROMPT"));
  inventory.assets.push_back(asset(evidence::AssetKind::disclosure_policy, "SECURITY.md"));
  inventory.assets.push_back(asset(evidence::AssetKind::document, "CHANGELOG.md"));
  evidence::Asset source = asset(evidence::AssetKind::source, "src/app.py");
  source.usages.push_back({"hosted-model", "gpt-4o", "", 1, ""});
  source.usages.push_back({"hosted-model", "gpt-4o-mini", "", 2, ""});
  source.usages.push_back({"hosted-model", "something-else", "", 2, ""});
  source.usages.push_back({"hub-model", "org/name", "abc", 3, ""});
  source.usages.push_back({"tool", "refund", "", 4, ""});
  inventory.assets.push_back(source);
  const std::string text = draft_system_file(inventory);
  const auto parsed = parse_system_file(text, "ai-system.yaml");
  ASSERT_TRUE(parsed) << parsed.error().text() << "\n" << text;
  EXPECT_EQ((*parsed)["system"]["name"].as_text(), "shop: \"bot\"");
  const auto& models = (*parsed)["models"].as_list();
  ASSERT_EQ(models.size(), 6U);
  EXPECT_EQ(models[0]["id"].as_text(), "1.0");
  EXPECT_EQ(models[0]["card"].as_text(), "models/README.md");
  EXPECT_EQ(models[1]["id"].as_text(), "1.0-2");
  EXPECT_EQ(models[2]["hosted"].as_text(), "gpt-4o");
  EXPECT_EQ(models[2]["provider"].as_text(), "openai");
  EXPECT_EQ(models[5]["hub"].as_text(), "org/name");
  EXPECT_EQ(models[5]["revision"].as_text(), "abc");
  EXPECT_EQ((*parsed)["data"].as_list().at(0)["purpose"].as_text(), "training");
  EXPECT_EQ((*parsed)["prompts"].as_list().at(0)["path"].as_text(), "src/app.py#SYSTEM_PROMPT");
  EXPECT_EQ((*parsed)["providers"].as_list().size(), 1U);
  EXPECT_EQ((*parsed)["contacts"]["disclosure_policy"].as_text(), "SECURITY.md");
  EXPECT_EQ((*parsed)["documents"]["change_log"].as_text(), "CHANGELOG.md");
  EXPECT_NE(text.find("#   - id: refund"), std::string::npos);
}

TEST(DraftSystemFile, LeavesOutWhatOnlyTestsAndDocumentationUse) {
  Inventory inventory;
  for (const char* setting : {"test", "documentation", "vendored"}) {
    evidence::Asset file = asset(evidence::AssetKind::source, std::string(setting) + "/a.py");
    file.attributes.set("setting", setting);
    file.usages.push_back({"hub-model", "org/used-by-" + std::string(setting), "", 1, ""});
    evidence::Asset prompt = asset(evidence::AssetKind::prompt, file.path + "#PROMPT");
    prompt.is_part = true;
    evidence::Asset model = asset(evidence::AssetKind::model, std::string(setting) + "/tiny.safetensors");
    model.attributes.set("setting", setting);
    inventory.assets.insert(inventory.assets.end(), {file, prompt, model});
  }
  evidence::Asset source = asset(evidence::AssetKind::source, "src/a.py");
  source.usages = {{"hub-model", "org/real", "", 1, ""}, {"hub-model", "-suffix", "", 2, ""}};
  inventory.assets.push_back(source);
  const auto parsed = parse_system_file(draft_system_file(inventory), "ai-system.yaml");
  ASSERT_TRUE(parsed) << parsed.error().text();
  ASSERT_EQ((*parsed)["models"].as_list().size(), 1U);
  EXPECT_EQ((*parsed)["models"].as_list()[0]["hub"].as_text(), "org/real");
  EXPECT_TRUE((*parsed)["prompts"].is_null());
}

TEST(DraftSystemFile, IsValidForAnEmptyDirectory) {
  Inventory inventory;
  const std::string text = draft_system_file(inventory);
  ASSERT_TRUE(parse_system_file(text, "ai-system.yaml")) << text;
}

}  // namespace
}  // namespace inventory
