#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "threats/derive.h"
#include "threats/envelope.h"
#include "threats/render.h"
#include "threats/rules.h"

namespace threats {
namespace {

using evidence::ThreatModel;
using evidence::ThreatState;

std::vector<Rule> rules() {
  auto loaded = built_in_rules();
  EXPECT_TRUE(loaded) << loaded.error().text();
  return loaded ? *loaded : std::vector<Rule>();
}

// Writes a file of rules into a folder of its own and adds it.
base::Result<void> added(const std::string& text) {
  const auto folder = std::filesystem::temp_directory_path() / ("surety-rules-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "mine.yaml") << text;
  std::vector<Rule> all = rules();
  const std::size_t before = all.size();
  auto result = add_rules(all, folder);
  EXPECT_EQ(all.size(), result ? before + 1 : before) << "on failure nothing is added";
  std::filesystem::remove_all(folder);
  return result;
}

constexpr const char* kRule =
    "- id: T-MINE\n  title: Mine\n  description: d\n  consequence: c\n  advice: a\n  harms: [integrity]\n"
    "  maturity: feasible\n  stride: [tampering]\n  provisions: [\"2.2\"]\n  when: SELECT 'x' AS element\n";

ThreatModel hostile_model() {
  const std::string name = "<script>alert(1)</script>|`@all` \x1b[31m\xff\"'&";
  ThreatModel model;
  model.elements = {{name, "tool", name, "", "zone <b>", true, true, 1},
                    {"api", "interface", "", "", "", true, true, 2}};
  model.flows = {{name, "api", name, true, true}, {"api", name, "", false, false}};
  model.used = {{"T-A", name, name, name, name, {}, {"AML.T0051.000"}, {}, {}, {}}};
  evidence::Threat threat;
  threat.id = "T-A@" + name;
  threat.rule = "T-A";
  threat.element = name;
  threat.title = name;
  threat.reason = "=HYPERLINK(\"http://x\")";
  threat.place = name;
  threat.likelihood = 3;
  threat.impact = 3;
  model.threats = {threat};
  model.surplus = {{"tool", name, name, name, 3, name, true}};
  return model;
}

TEST(ThreatRules, AreThereWithIdsThatExistAndLikelihoodsOfTheirTechniques) {
  const std::vector<Rule> all = rules();
  EXPECT_GE(all.size(), 31U);
  const auto text = base::read_file(PROJECT_DIR "/../shared/data/atlas/atlas-index.json", 8U << 20);
  if (!text) {
    GTEST_SKIP() << "no ../shared/data/atlas";
  }
  const auto atlas = base::parse_json(*text);
  ASSERT_TRUE(atlas);
  std::map<std::string, std::uint64_t> maturity;
  for (const base::Value& technique : (*atlas)["techniques"].as_list()) {
    const std::string_view word = technique["maturity"].as_text();
    maturity[std::string(technique["id"].as_text())] = word == "realized" ? 3 : word == "demonstrated" ? 2 : 1;
  }
  for (const Rule& rule : all) {
    SCOPED_TRACE(rule.facts.id);
    std::uint64_t most = 1;
    for (const std::string& id : rule.facts.atlas) {
      EXPECT_TRUE(maturity.contains(id)) << id;
      most = std::max(most, maturity[id]);
    }
    EXPECT_EQ(rule.likelihood, most);
  }
}

TEST(ThreatRules, PageIsTheOneInDocs) {
  const auto page = base::read_file(PROJECT_DIR "/docs/threat-rules.md", 1U << 20);
  ASSERT_TRUE(page) << page.error().text();
  EXPECT_EQ(*page, rules_page(rules())) << "surety threats --list-rules > docs/threat-rules.md";
}

TEST(ThreatRules, OfUsersAreAddedOrRefusedWithPlaceAndReason) {
  EXPECT_TRUE(added(kRule));
  const std::string text = kRule;
  const auto unknown = added(text + "  colour: red\n");
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().text().find("mine.yaml:"), std::string::npos) << unknown.error().text();
  EXPECT_NE(unknown.error().text().find("colour"), std::string::npos);
  std::string writing = text;
  writing.replace(writing.find("SELECT"), 6, "DELETE");
  const auto writes = added(writing);
  ASSERT_FALSE(writes);
  EXPECT_NE(writes.error().text().find("must begin with SELECT or WITH"), std::string::npos);
  std::string twice = text;
  twice.replace(twice.find("T-MINE"), 6, "T-AGENCY");
  const auto duplicate = added(twice);
  ASSERT_FALSE(duplicate);
  EXPECT_NE(duplicate.error().text().find("is there already"), std::string::npos);
  std::vector<Rule> all;
  EXPECT_FALSE(add_rules(all, "/nonexistent/rules"));
}

TEST(ThreatRules, DigestTellsWhatDecides) {
  std::vector<Rule> all = rules();
  const std::string before = digest_of(all);
  EXPECT_EQ(digest_of(rules()), before);
  all[0].when += " ";
  EXPECT_NE(digest_of(all), before);
}

TEST(ThreatRenderers, LetNothingOfOthersOut) {
  const ThreatModel model = hostile_model();
  RenderOptions options;
  options.system_name = "<b>|x";
  const std::string svg = render_diagram(model, "<script>");
  EXPECT_EQ(svg.find("<script"), std::string::npos);
  EXPECT_EQ(svg.find('\x1b'), std::string::npos);
  EXPECT_TRUE(base::is_utf8(svg));
  const std::string markdown = render_markdown(model, options);
  EXPECT_EQ(markdown.find("<script"), std::string::npos);
  EXPECT_EQ(markdown.find("@all"), std::string::npos);
  EXPECT_EQ(markdown.find("http://"), std::string::npos) << "an address would become a link";
  const std::string csv = render_csv(model);
  EXPECT_NE(csv.find("'=HYPERLINK"), std::string::npos) << csv;
  const std::string text = render_text(model, options);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  for (const std::string_view line : base::split(text, '\n')) {
    EXPECT_LE(base::display_width(line), 80U) << line;
  }
  EXPECT_TRUE(base::parse_json(render_navigator(model, options)));
}

TEST(ThreatRenderers, JsonIsReadBackToTheSameModel) {
  RenderOptions options;
  const std::string json = render_json(hostile_model(), options);
  const auto back = model_from_json(json);
  ASSERT_TRUE(back) << back.error().text();
  EXPECT_EQ(back->threats, hostile_model().threats);
  EXPECT_EQ(back->elements, hostile_model().elements);
  for (std::size_t kept = 0; kept < json.size(); kept += 7) {
    EXPECT_FALSE(model_from_json(std::string_view(json).substr(0, kept)));
  }
  EXPECT_FALSE(model_from_json("{}"));
  EXPECT_TRUE(model_from_json(render_json(ThreatModel(), options)));
}

TEST(ThreatDiagram, DrawsFewOrManyElementsOnceEach) {
  ThreatModel model;
  for (int i = 0; i < 5000; ++i) {
    model.elements.push_back(
        {"model-" + std::to_string(i), "model", "", "", i % 2 == 0 ? "inner" : "", true, false, 0});
    model.flows.push_back({"model-" + std::to_string(i), "model-" + std::to_string((i + 1) % 5000), "", false, false});
  }
  const std::string many = render_diagram(model, "x");
  EXPECT_LT(many.size(), 200'000U);
  EXPECT_NE(many.find(" more of model"), std::string::npos);
  EXPECT_EQ(many, render_diagram(model, "x"));
  model.elements.resize(3);
  const std::string few = render_diagram(model, "x");
  EXPECT_NE(few.find(">model-0<"), std::string::npos);
  EXPECT_NE(few.find(">model-2<"), std::string::npos);
  EXPECT_NE(render_diagram(ThreatModel(), "x").find("</svg>"), std::string::npos);
}

TEST(ThreatDifference, NamesNewWorseAndGone) {
  ThreatModel before;
  evidence::Threat threat;
  threat.id = "T-A@x";
  threat.state = ThreatState::mitigated_proved;
  before.threats = {threat};
  ThreatModel after;
  threat.state = ThreatState::mitigated_claimed;
  threat.state_reason = "no evidence shows yet that it works";
  after.threats = {threat};
  threat.id = "T-B@x";
  threat.state = ThreatState::open;
  after.threats.push_back(threat);
  const Difference worse{"a", "b", &before, &after};
  EXPECT_TRUE(is_worse(worse));
  const std::string text = render_difference(worse);
  EXPECT_NE(text.find("### New (1)"), std::string::npos) << text;
  EXPECT_NE(text.find("### Worse (1)"), std::string::npos) << text;
  const Difference back{"b", "a", &after, &before};
  EXPECT_FALSE(is_worse(back));
  EXPECT_NE(render_difference(back).find("### Gone (1)"), std::string::npos);
  const Difference same{"a", "a", &after, &after};
  EXPECT_NE(render_difference(same).find("Nothing changed"), std::string::npos);
}

TEST(ThreatNotice, IsOpenedOnlyWithTheKeyThatSealedIt) {
  const auto key = base::PrivateKey::generate(base::KeyKind::ed25519);
  const auto other = base::PrivateKey::generate(base::KeyKind::ed25519);
  ASSERT_TRUE(key && other);
  ThreatModel model = hostile_model();
  const evidence::ThreatNotice notice = notice_of(model, "System", "Maker", "City", {1'700'000'000}, {1'702'592'000});
  ASSERT_EQ(notice.threats.size(), 1U);
  EXPECT_EQ(notice.id, notice_id(notice));
  const auto sealed = seal(statement_of(notice), *key);
  ASSERT_TRUE(sealed);
  const std::vector<base::PublicKey> trusted = {other->public_key(), key->public_key()};
  const auto opened = open_envelope(*sealed, trusted);
  ASSERT_TRUE(opened) << opened.error().text();
  EXPECT_EQ(opened->key, key_id(key->public_key()));
  const auto back = evidence::threat_notice_from(opened->statement);
  ASSERT_TRUE(back) << back.error().text();
  EXPECT_EQ(notice_id(*back), notice.id);
  const auto wrong = open_envelope(*sealed, std::span(trusted).first(1));
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, base::Errc::untrusted);
}

TEST(ThreatNotice, NoChangedByteAndNoTruncationOpensIt) {
  const auto key = base::PrivateKey::generate(base::KeyKind::ed25519);
  ASSERT_TRUE(key);
  evidence::ThreatNotice notice = notice_of(hostile_model(), "S", "M", "C", {1}, {2});
  const std::string sealed = *seal(statement_of(notice), *key);
  const std::vector<base::PublicKey> trusted = {key->public_key()};
  for (std::size_t kept = 0; kept + 2 < sealed.size(); kept += 3) {
    EXPECT_FALSE(open_envelope(std::string_view(sealed).substr(0, kept), trusted)) << kept;
  }
  const std::size_t payload = sealed.find("\"payload\"");
  const std::size_t end = sealed.find("\"signatures\"");
  for (std::size_t at = payload + 12; at < end; at += 5) {
    std::string changed = sealed;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    const auto opened = open_envelope(changed, trusted);
    EXPECT_TRUE(!opened || changed == sealed) << at;
  }
}

TEST(ThreatNotice, LeavesOutWhatIsMet) {
  ThreatModel model = hostile_model();
  for (const ThreatState state :
       {ThreatState::mitigated_proved, ThreatState::mitigated_claimed, ThreatState::not_applicable}) {
    model.threats[0].state = state;
    EXPECT_TRUE(notice_of(model, "S", "M", "C", {1}, {2}).threats.empty());
  }
  model.threats[0].state = ThreatState::accepted;
  EXPECT_EQ(notice_of(model, "S", "M", "C", {1}, {2}).threats.size(), 1U);
}

}  // namespace
}  // namespace threats
