#include "bundle/bundle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <map>

#include "assess/outcome.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "base/yaml.h"
#include "bundle/format.h"
#include "bundle/requirements.h"
#include "ledger/log_key.h"

namespace bundle {
namespace {

using base::Errc;
using base::Value;
using ::testing::HasSubstr;

constexpr base::UnixTime kNow{1795435200};  // 2026-11-23

// A Code of two provisions: A.1 fails for pickles, A.2 has no check.
std::vector<catalog::Document> code(const std::string& title = "No pickles") {
  const std::map<std::string, std::string> files = {{"catalogue.yaml", R"(id: kitchen
title: Code of the Kitchen
version: "3"
sources: [The cook]
editions:
  - {id: first, title: First, publisher: Cook, published: "2020-01-31", principle_id: "{id}", provision_id: "{id}", id_rule: as is}
roles: [{id: developer, name: Developer, definition: Who cooks.}]
verbs: {shall: Must., should: Ought.}
)"},
                                                    {"principles/a.yaml", R"(id: A
title: Wash
phase: before
actors: [developer]
meaning: Clean hands.
provisions:
  - {id: A.1, verb: shall, actors: [developer], title: Formats, requirement: No code., meaning: m, next_step: n, evidence: e}
  - {id: A.2, verb: should, actors: [developer], title: Towels, requirement: Dry., meaning: m, next_step: n, evidence: e}
)"},
                                                    {"checks/c.yaml", "- id: no-pickles\n  title: " + title + R"(
  provisions: [A.1]
  strength: executed
  severity: high
  proves: Nothing that runs code.
  limits: Not what else.
  remedy: Convert {subject}.
  subjects: SELECT path FROM assets
  violations: SELECT path, NULL, 'is a pickle' FROM assets WHERE format = 'pickle'
)"}};
  std::vector<catalog::Document> out;
  for (const auto& [name, text] : files) {
    auto value = base::parse_yaml(text);
    EXPECT_TRUE(value) << value.error().text();
    out.push_back({name, *value});
  }
  return out;
}

evidence::Statement asset(const std::string& path, const std::string& format) {
  evidence::Asset asset;
  asset.kind = evidence::AssetKind::model;
  asset.path = path;
  asset.id = evidence::asset_id(asset.kind, path);
  asset.format = format;
  asset.sha256 = base::sha256(path);
  return evidence::statement_of(asset);
}

class BundleTest : public ::testing::Test {
 protected:
  BundleTest() : key_(*base::PrivateKey::generate(base::KeyKind::ed25519)) {
    std::string pattern = (std::filesystem::temp_directory_path() / "bundle-test-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
    auto opened = ledger::Ledger::open(directory_, ledger::Ledger::Mode::write);
    EXPECT_TRUE(opened) << opened.error().text();
    log_.emplace(std::move(*opened));
  }
  ~BundleTest() override {
    log_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  void append(const evidence::Statement& statement) {
    const ledger::NewEntry entry{statement.key(), statement.canonical()};
    ASSERT_TRUE(log_->append({&entry, 1}));
  }
  // Three models, one of them changed once, so that an entry of the log is not in the bundle.
  void fill(const std::string& format = "safetensors") {
    append(asset("models/a", "onnx"));
    append(asset("models/b", "gguf"));
    append(asset("models/c", format));
    append(asset("models/a", "safetensors"));
  }

  base::Result<std::string> written(const Value* outcome = nullptr, std::size_t leave_out = SIZE_MAX) {
    Header header;
    header.tool_version = "1";
    header.system = "Kitchen";
    header.time = kNow;
    header.catalogue = "kitchen 3";
    header.catalogue_title = "Code of the Kitchen";
    Writer writer(header, code());
    const catalog::Catalog catalogue = TRY(catalog::load(code(), "kitchen"));
    assess::Facts facts = TRY(assess::Facts::create());
    std::vector<ledger::Entry> entries;
    TRY(log_->for_each_current([&](const ledger::Entry& entry) -> base::Result<void> {
      entries.push_back(entry);
      return {};
    }));
    std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.index < b.index; });
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (i != leave_out) {
        TRY(writer.add(entries[i]));
      }
      TRY(load_entry(facts, entries[i]));
    }
    TRY(facts.finish(kNow));
    const assess::Assessment assessment = TRY(assess::assess(facts, catalogue));
    const ledger::NoteSigner signer = TRY(ledger::open_log_key(*log_, std::nullopt, kNow));
    const std::string checkpoint = TRY(ledger::sign_checkpoint(*log_, signer));
    const ledger::Trust keys = TRY(ledger::read_key_list(directory_));
    return writer.finish(*log_, checkpoint, keys, outcome != nullptr ? *outcome : assess::outcome_value(assessment),
                         key_);
  }
  [[nodiscard]] VerifyOptions options() const {
    VerifyOptions out;
    out.signers = {fingerprint(key_.public_key())};
    out.catalogues = {catalog::digest(code())};
    out.now = kNow;
    return out;
  }
  // The bundle with one line changed and signed again by its own key: what the signature alone does not show.
  [[nodiscard]] std::string resigned(const std::string& bundle, const std::string& from, const std::string& to) const {
    std::string text = bundle.substr(0, bundle.rfind("signature\t"));
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    const auto signature = key_.sign(base::as_bytes(signed_text(base::sha256(text))));
    return text + signature_line(key_.public_key(), *signature) + "\n";
  }
  [[nodiscard]] std::string refused(const std::string& bundle) const {
    const auto verified = verify(bundle, options());
    EXPECT_FALSE(verified);
    return verified ? std::string() : verified.error().message;
  }

  base::PrivateKey key_;
  std::filesystem::path directory_;
  std::optional<ledger::Ledger> log_;
};

TEST_F(BundleTest, IsVerifiedAndGivesEveryVerdictAgain) {
  fill("pickle");
  const auto bundle = written();
  ASSERT_TRUE(bundle) << bundle.error().text();
  const auto verified = verify(*bundle, options());
  ASSERT_TRUE(verified) << verified.error().text();
  EXPECT_EQ(verified->header.entries, 3U);
  EXPECT_EQ(verified->log_size, 4U);
  EXPECT_EQ(verified->outcome["adherence"].as_text(), "does not adhere");
  EXPECT_EQ(verified->outcome["provisions"].as_list()[0]["verdict"].as_text(), "fail");
  EXPECT_EQ(verified->outcome["provisions"].as_list()[0]["reason"].as_text(), "models/c: is a pickle");
  EXPECT_EQ(verified->outcome["provisions"].as_list()[1]["verdict"].as_text(), "inconclusive");
  EXPECT_EQ(*written(), *bundle);  // the same each time: Ed25519 signs alike
}

TEST_F(BundleTest, EverySingleByteFlippedIsDetected) {
  fill();
  const auto bundle = written();
  ASSERT_TRUE(bundle) << bundle.error().text();
  VerifyOptions anybody = options();
  anybody.signers.clear();  // the signature has to show it, not only the key
  for (std::size_t i = 0; i < bundle->size(); ++i) {
    std::string flipped = *bundle;
    flipped[i] = static_cast<char>(flipped[i] ^ static_cast<char>(1U << (i % 8)));
    ASSERT_FALSE(verify(flipped, anybody)) << "byte " << i;
  }
}

TEST_F(BundleTest, EveryTruncationAndEveryByteMoreIsDetected) {
  fill();
  const auto bundle = written();
  ASSERT_TRUE(bundle) << bundle.error().text();
  for (std::size_t kept = 0; kept < bundle->size(); ++kept) {
    ASSERT_FALSE(verify(std::string_view(*bundle).substr(0, kept), options())) << kept;
  }
  EXPECT_FALSE(verify(*bundle + "\n", options()));
  EXPECT_FALSE(verify(*bundle + *bundle, options()));
}

TEST_F(BundleTest, OfAnotherKeyIsRefusedWhereAKeyIsNamed) {
  fill();
  const auto bundle = written();
  ASSERT_TRUE(bundle) << bundle.error().text();
  VerifyOptions other = options();
  other.signers = {std::string(64, '0')};
  EXPECT_THAT(verify(*bundle, other).error().message, HasSubstr("none of those that were given"));
}

TEST_F(BundleTest, WithAVerdictThatTheEvidenceDoesNotGiveIsRefused) {
  fill("pickle");
  const auto honest = written();
  ASSERT_TRUE(honest) << honest.error().text();
  Value outcome = verify(*honest, options())->outcome;
  const std::string line = "result\t" + base::to_canonical_json(outcome);
  std::string improved = line;
  const std::size_t at = improved.find("\"verdict\":\"fail\"", improved.find("\"title\":\"Formats\""));
  ASSERT_NE(at, std::string::npos);
  improved.replace(at, 16, "\"verdict\":\"pass\"");
  EXPECT_THAT(refused(resigned(*honest, line, improved)),
              HasSubstr("provision A.1: verdict is \"pass\", recomputed as \"fail\""));
}

TEST_F(BundleTest, WithChangedOrMissingEvidenceIsRefused) {
  fill("pickle");
  const auto honest = written();
  ASSERT_TRUE(honest) << honest.error().text();
  EXPECT_THAT(refused(resigned(*honest, "\"format\":\"pickle\"", "\"format\":\"gguf\"")), HasSubstr("not in the log"));
  const std::size_t begin = honest->find("entry\t2\t");
  const std::string entry = honest->substr(begin, honest->find('\n', begin) + 1 - begin);
  EXPECT_THAT(refused(resigned(*honest, entry, "")), HasSubstr("the header says 3 entries, there are 2"));
  EXPECT_THAT(refused(resigned(*honest, entry, entry + entry)), HasSubstr("stands twice or out of order"));
  EXPECT_THAT(refused(resigned(*honest, "entry\t1\t", "entry\t0\t")), HasSubstr("not in the log"));
  EXPECT_THAT(refused(resigned(*honest, "proof\t", "proof\tAAAA")), HasSubstr("proof"));
  const auto left_out = written(&verify(*honest, options())->outcome, 1);
  ASSERT_TRUE(left_out) << left_out.error().text();
  EXPECT_THAT(refused(*left_out), HasSubstr("recomputed"));
}

TEST_F(BundleTest, WithMoreEntriesThanAreParsedTogetherIsReadToTheLast) {
  constexpr std::uint64_t kEntries = 600;
  std::vector<ledger::NewEntry> entries;
  for (std::uint64_t i = 0; i < kEntries; ++i) {
    const evidence::Statement statement = asset("models/" + std::to_string(i), i + 1 == kEntries ? "pickle" : "gguf");
    entries.push_back({statement.key(), statement.canonical()});
  }
  ASSERT_TRUE(log_->append(entries));
  const auto bundle = written();
  ASSERT_TRUE(bundle) << bundle.error().text();
  const auto verified = verify(*bundle, options());
  ASSERT_TRUE(verified) << verified.error().text();
  EXPECT_EQ(verified->header.entries, kEntries);
  EXPECT_EQ(verified->outcome["provisions"].as_list()[0]["reason"].as_text(), "models/599: is a pickle");
  const auto line_of = [&](std::uint64_t index) {
    const std::size_t begin = bundle->find("entry\t" + std::to_string(index) + "\t");
    return bundle->substr(begin, bundle->find('\n', begin) + 1 - begin);
  };
  const auto after_index = [](const std::string& line) { return line.substr(line.find('\t', 6)); };
  const std::string late = line_of(560);
  const auto broken = verify(resigned(*bundle, late, late.substr(0, late.size() - 2) + "\n"), options());
  ASSERT_FALSE(broken);
  EXPECT_THAT(broken.error().message, HasSubstr("entry 560: "));
  const auto at = bundle->find(late);
  EXPECT_EQ(broken.error().line,
            1 + std::count(bundle->begin(), bundle->begin() + static_cast<std::ptrdiff_t>(at), '\n'));
  EXPECT_THAT(refused(resigned(*bundle, late, "entry\t560" + after_index(line_of(3)))),
              HasSubstr("entry 560: a second one for what an earlier entry speaks of"));
  EXPECT_THAT(refused(resigned(*bundle, late, "entry\t500" + after_index(late))),
              HasSubstr("entry 500: stands twice or out of order"));
  EXPECT_THAT(refused(resigned(*bundle, late, "")), HasSubstr("the header says 600 entries, there are 599"));
  EXPECT_THAT(refused(resigned(*bundle, late.substr(0, 20), "entri" + late.substr(5, 15))),
              HasSubstr("the header says 600 entries, there are 560"));
}

TEST_F(BundleTest, OfAnotherEditionOfTheCatalogueIsRefusedUnlessAskedFor) {
  fill();
  const auto bundle = written();
  ASSERT_TRUE(bundle) << bundle.error().text();
  VerifyOptions other = options();
  other.catalogues = {catalog::digest(code("Other words"))};
  EXPECT_THAT(verify(*bundle, other).error().message, HasSubstr("not the edition here"));
  EXPECT_EQ(verify(*bundle, other).error().code, Errc::untrusted);
  other.any_catalogue = true;
  EXPECT_TRUE(verify(*bundle, other));
  // One whose files are others than the digest says is refused even then.
  const auto changed = verify(resigned(*bundle, "No pickles", "No gherkin"), other);
  ASSERT_FALSE(changed);
  EXPECT_THAT(changed.error().message, HasSubstr("do not have the digest"));
}

TEST_F(BundleTest, HostileOnesAreRefusedWithoutHarm) {
  const auto hostile = [&](const std::string& lines) {
    const std::string text = std::string(kFirstLine) + lines;
    const auto signature = key_.sign(base::as_bytes(signed_text(base::sha256(text))));
    return refused(text + signature_line(key_.public_key(), *signature) + "\n");
  };
  EXPECT_THAT(hostile(""), HasSubstr("expected header"));
  EXPECT_THAT(hostile("header\t" + std::string(200'000, '[') + "\n"), HasSubstr("header"));
  EXPECT_THAT(hostile("header\t{\"entries\":-1}\n"), HasSubstr("header"));
  EXPECT_THAT(hostile("header\t" + std::string(kMaxHeaderBytes + 1, ' ') + "\n"), HasSubstr("above"));
  std::string huge = "signature\t" + std::string(100'000, '[') + "\n";
  EXPECT_THAT(refused(std::string(kFirstLine) + huge), HasSubstr("signature"));
  EXPECT_EQ(verify("surety-bundle\t2\n", options()).error().code, Errc::unsupported);
  EXPECT_EQ(verify("PK\x03\x04", options()).error().code, Errc::malformed);
  EXPECT_EQ(verify("", options()).error().code, Errc::malformed);
}

TEST_F(BundleTest, OfTheSameNumbersInAnotherFormIsRefused) {
  fill();
  const auto bundle = written();
  ASSERT_TRUE(bundle) << bundle.error().text();
  EXPECT_THAT(refused(resigned(*bundle, "entry\t1\t", "entry\t01\t")), HasSubstr("expected index"));
  EXPECT_THAT(refused(resigned(*bundle, "entry\t1\t", "entry\t-1\t")), HasSubstr("expected index"));
  EXPECT_THAT(refused(resigned(*bundle, "entry\t3\t", "entry\t9223372036854775807\t")), HasSubstr("outside the log"));
}

TEST_F(BundleTest, PassesOnWhatASupplierShowsAndFromWhomItInherits) {
  assess::Inherited further;
  further.provider = "deeper";
  further.origin = "log.example/deeper";
  further.signer = std::string(64, 'a');
  further.time = kNow;
  further.adherence = "adheres";
  further.chain = {"log.example/deepest"};
  fill();
  append(assess::statement_of(further));
  const auto bundle = written();
  ASSERT_TRUE(bundle) << bundle.error().text();
  const auto verified = verify(*bundle, options());
  ASSERT_TRUE(verified) << verified.error().text();
  const assess::Inherited inherited = inherit(*verified, "vendor");
  EXPECT_EQ(inherited.provider, "vendor");
  EXPECT_EQ(inherited.chain, (std::vector<std::string>{"log.example/deeper", "log.example/deepest"}));
  ASSERT_EQ(inherited.provisions.size(), 2U);
  EXPECT_EQ(inherited.provisions[0].verdict, "pass");
  EXPECT_EQ(inherited.provisions[0].strength, "executed");
  const auto again = assess::inherited_from(assess::statement_of(inherited));
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(again->chain, inherited.chain);
  EXPECT_EQ(again->origin, log_->checkpoint()->origin);
}

TEST_F(BundleTest, IsHeldAgainstRequirements) {
  fill();
  const auto bundle = written();
  ASSERT_TRUE(bundle) << bundle.error().text();
  const auto verified = verify(*bundle, options());
  ASSERT_TRUE(verified) << verified.error().text();
  const auto catalogue = catalog::load(code(), "kitchen");
  ASSERT_TRUE(catalogue) << catalogue.error().text();
  const auto gaps_of = [&](const std::string& text, std::int64_t days = 0) {
    const auto requirements = parse_requirements("version: 1\n" + text, "r.yaml", *catalogue);
    EXPECT_TRUE(requirements) << requirements.error().text();
    return base::join(gaps(*requirements, *verified, {kNow.seconds + days * 86'400}), "\n");
  };
  EXPECT_EQ(gaps_of("provisions: [{id: A.1, strength: executed}]\n"), "");
  EXPECT_THAT(gaps_of("provisions: [{id: A.2}]\n"), HasSubstr("provision A.2 (Towels) is inconclusive"));
  EXPECT_THAT(gaps_of("provisions: [{verb: should}]\n"), HasSubstr("provision A.2"));
  EXPECT_EQ(gaps_of("provisions: [{verb: shall}]\nadheres: true\nmax_age_days: 30\n", 30), "");
  EXPECT_THAT(gaps_of("provisions: [{verb: shall}]\nmax_age_days: 30\n", 31), HasSubstr("31 days ago"));
  EXPECT_THAT(gaps_of("provisions: [{verb: shall}]\n", -3), HasSubstr("in the future"));
  EXPECT_THAT(gaps_of("provisions: [{verb: shall}]\nwitnesses: 1\n"), HasSubstr("0 witnesses"));
  EXPECT_THAT(gaps_of("provisions: [{verb: shall}]\nsigners: [\"" + std::string(64, '0') + "\"]\n"),
              HasSubstr("none of the signers"));
  EXPECT_THAT(gaps_of("provisions: [{verb: can}]\n"), HasSubstr("says nothing of"));
  for (const auto& [text, message] :
       std::map<std::string, std::string>{{"provisions: []\n", "provisions"},
                                          {"provisions: [{}]\n", "either an id or a verb"},
                                          {"provisions: [{id: A.1, verb: shall}]\n", "either an id or a verb"},
                                          {"provisions: [{id: Z.9}]\n", "no provision \"Z.9\""},
                                          {"provisions: [{id: A.1, strenght: executed}]\n", "did you mean"}}) {
    const auto requirements = parse_requirements("version: 1\n" + text, "r.yaml", *catalogue);
    ASSERT_FALSE(requirements) << text;
    EXPECT_EQ(requirements.error().code, Errc::malformed);
    EXPECT_EQ(requirements.error().file, "r.yaml");
    EXPECT_THAT(requirements.error().message, HasSubstr(message));
  }
}

TEST(Catalogue, HasTheSameDigestFromItsFolderAndCompiledIn) {
  const auto folder = catalog::documents(std::filesystem::path(PROJECT_DIR) / "catalogs" / "uk-ai-code");
  const auto built_in = catalog::built_in_documents("uk-ai-code");
  ASSERT_TRUE(folder) << folder.error().text();
  ASSERT_TRUE(built_in) << built_in.error().text();
  EXPECT_EQ(catalog::digest(*folder), catalog::digest(*built_in));
  const auto loaded = catalog::load(*built_in, "bundle");
  ASSERT_TRUE(loaded) << loaded.error().text();
  EXPECT_EQ(loaded->checks.size(), catalog::load_built_in("uk-ai-code")->checks.size());
}

}  // namespace
}  // namespace bundle
