#include "evidence/statement.h"
#include "evidence/bill.h"

#include <gtest/gtest.h>

#include <ctime>
#include <set>

#include "base/file.h"
#include "base/json.h"
#include "base/schema.h"
#include "evidence/event.h"

namespace evidence {
namespace {

using base::Errc;
using base::Value;

base::Sha256 digest_of(std::string_view text) {
  return base::sha256(text);
}

Asset full_asset() {
  Asset asset;
  asset.kind = AssetKind::model;
  asset.path = "models/intent.pkl";
  asset.id = asset_id(asset.kind, asset.path);
  asset.size_bytes = 1234;
  asset.sha256 = digest_of("intent");
  asset.format = "pickle";
  asset.recognised_by = "content: PROTO 4 and STOP";
  asset.confidence = Confidence::medium;
  asset.line = 7;
  asset.mode = 0644;
  asset.notes = {"first", "second"};
  asset.attributes.set("frameworks", Value(Value::List{Value("sklearn"), Value(3), Value(true), Value(0.25), Value()}));
  asset.attributes.set("protocol", 4);
  asset.usages = {{"sdk", "openai", "1.2", 3, "trust_remote_code=True"}};
  asset.packages = {{"pypi", "torch", ">=2", true, true, true, 9}, {"npm", "x", "", false, false, false, 0}};
  asset.sections = {{"Intended use", 4, 120, "It answers questions."}};
  asset.digests = {{"models/a.bin", "sha256", digest_of("a").hex(), 2}};
  return asset;
}

Finding full_finding() {
  Finding finding;
  finding.rule = "pickle-dangerous-call";
  finding.severity = Severity::critical;
  finding.finding_class = FindingClass::malice;
  finding.path = "models/intent.pkl!data.pkl";
  finding.place = "byte 28, opcode 5";
  finding.byte_offset = 28;
  finding.line = 1;
  finding.subject = "posix.system('id')";
  finding.message = "Loading this file runs a command.";
  finding.remedy = "Delete it and fetch the model again.";
  finding.cwe = {"CWE-502"};
  finding.atlas = {"AML.T0011.000"};
  finding.owasp = {"LLM03:2025"};
  finding.id = finding_id(finding);
  return finding;
}

FileScan full_scan() {
  FileScan scan;
  scan.path = "models/intent.pkl";
  scan.sha256 = digest_of("intent");
  scan.formats = {"pickle", "zip"};
  scan.coverage = Coverage::partial;
  scan.not_covered = {"archive/big.bin: above the limit"};
  scan.verdict = FileVerdict::malicious;
  scan.findings = {full_finding(), Finding{}};
  return scan;
}

SystemFacts full_system() {
  SystemFacts facts;
  facts.declared = true;
  facts.path = "ai-system.yaml";
  facts.sha256 = digest_of("system");
  Value model(Value::Map{{"id", Value("intent")}});
  model.set_line(7);
  facts.document.set("models", Value(Value::List{model}));
  facts.document.set("version", 1);
  facts.assumed = {"roles: developer"};
  return facts;
}

Repository full_repository() {
  return {true, "0123456789abcdef", "2026-11-23T16:00:00Z", "..", {{"a.py", "committed"}, {"b.pt", "ignored"}}};
}

void expect_equal(const Asset& a, const Asset& b) {
  EXPECT_EQ(std::tie(a.id, a.kind, a.path, a.size_bytes, a.sha256, a.format, a.recognised_by, a.confidence, a.is_part,
                     a.line, a.mode, a.notes),
            std::tie(b.id, b.kind, b.path, b.size_bytes, b.sha256, b.format, b.recognised_by, b.confidence, b.is_part,
                     b.line, b.mode, b.notes));
  EXPECT_TRUE(a.attributes == b.attributes) << base::to_json(a.attributes) << base::to_json(b.attributes);
  ASSERT_EQ(a.usages.size(), b.usages.size());
  for (std::size_t i = 0; i < a.usages.size(); ++i) {
    const Usage& x = a.usages[i];
    const Usage& y = b.usages[i];
    EXPECT_EQ(std::tie(x.kind, x.name, x.revision, x.line, x.detail),
              std::tie(y.kind, y.name, y.revision, y.line, y.detail));
  }
  ASSERT_EQ(a.packages.size(), b.packages.size());
  for (std::size_t i = 0; i < a.packages.size(); ++i) {
    const Package& x = a.packages[i];
    const Package& y = b.packages[i];
    EXPECT_EQ(std::tie(x.ecosystem, x.name, x.requirement, x.pinned, x.hashed, x.direct_url, x.line),
              std::tie(y.ecosystem, y.name, y.requirement, y.pinned, y.hashed, y.direct_url, y.line));
  }
  ASSERT_EQ(a.sections.size(), b.sections.size());
  for (std::size_t i = 0; i < a.sections.size(); ++i) {
    const Section& x = a.sections[i];
    const Section& y = b.sections[i];
    EXPECT_EQ(std::tie(x.heading, x.line, x.words, x.excerpt), std::tie(y.heading, y.line, y.words, y.excerpt));
  }
  ASSERT_EQ(a.digests.size(), b.digests.size());
  for (std::size_t i = 0; i < a.digests.size(); ++i) {
    const DigestEntry& x = a.digests[i];
    const DigestEntry& y = b.digests[i];
    EXPECT_EQ(std::tie(x.path, x.algorithm, x.digest, x.line), std::tie(y.path, y.algorithm, y.digest, y.line));
  }
}

void expect_equal(const Finding& a, const Finding& b) {
  EXPECT_EQ(std::tie(a.id, a.rule, a.severity, a.finding_class, a.path, a.place, a.byte_offset, a.line, a.subject,
                     a.message, a.remedy, a.cwe, a.atlas, a.owasp),
            std::tie(b.id, b.rule, b.severity, b.finding_class, b.path, b.place, b.byte_offset, b.line, b.subject,
                     b.message, b.remedy, b.cwe, b.atlas, b.owasp));
}

void expect_equal(const FileScan& a, const FileScan& b) {
  EXPECT_EQ(std::tie(a.path, a.sha256, a.formats, a.coverage, a.not_covered, a.verdict),
            std::tie(b.path, b.sha256, b.formats, b.coverage, b.not_covered, b.verdict));
  ASSERT_EQ(a.findings.size(), b.findings.size());
  for (std::size_t i = 0; i < a.findings.size(); ++i) {
    expect_equal(a.findings[i], b.findings[i]);
  }
}

void expect_equal(const SystemFacts& a, const SystemFacts& b) {
  EXPECT_EQ(std::tie(a.declared, a.path, a.sha256, a.assumed), std::tie(b.declared, b.path, b.sha256, b.assumed));
  EXPECT_TRUE(a.document == b.document) << base::to_json(a.document) << base::to_json(b.document);
  ASSERT_EQ(a.document["models"].as_list().size(), b.document["models"].as_list().size());
  for (std::size_t i = 0; i < a.document["models"].as_list().size(); ++i) {
    EXPECT_EQ(a.document["models"].as_list()[i].line(), b.document["models"].as_list()[i].line());
  }
}

void expect_equal(const Repository& a, const Repository& b) {
  EXPECT_EQ(std::tie(a.present, a.head, a.head_time, a.root), std::tie(b.present, b.head, b.head_time, b.root));
  ASSERT_EQ(a.files.size(), b.files.size());
  for (std::size_t i = 0; i < a.files.size(); ++i) {
    EXPECT_EQ(std::tie(a.files[i].path, a.files[i].state), std::tie(b.files[i].path, b.files[i].state));
  }
}

// Through the bytes that the ledger stores.
Statement stored(const Statement& statement) {
  const std::string bytes = statement.canonical();
  auto parsed = Statement::parse(bytes);
  EXPECT_TRUE(parsed) << parsed.error().text() << "\n" << bytes;
  EXPECT_EQ(parsed->canonical(), bytes);
  EXPECT_EQ(parsed->key(), statement.key());
  return *std::move(parsed);
}

template <class T, class Reader>
void expect_survives(const T& value, Reader read) {
  const auto back = read(stored(statement_of(value)));
  ASSERT_TRUE(back) << back.error().text();
  expect_equal(value, *back);
}

const base::Schema& schema() {
  static const base::Schema loaded =
      *base::Schema::load(*base::read_file(PROJECT_DIR "/schemas/evidence.schema.json", 1U << 20));
  return loaded;
}

void expect_conforms(const Statement& statement) {
  const auto document = base::parse_json(statement.canonical());
  ASSERT_TRUE(document);
  for (const auto& problem : schema().check(*document)) {
    ADD_FAILURE() << problem.place << ": " << problem.message << "\n" << statement.canonical();
  }
}

TEST(Observation, EveryNameIsReadBack) {
  for (int i = 0; i <= static_cast<int>(AssetKind::other); ++i) {
    EXPECT_EQ(asset_kind(to_string(static_cast<AssetKind>(i))), static_cast<AssetKind>(i));
  }
  for (int i = 0; i <= static_cast<int>(Severity::critical); ++i) {
    EXPECT_EQ(severity(to_string(static_cast<Severity>(i))), static_cast<Severity>(i));
  }
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(finding_class(to_string(static_cast<FindingClass>(i))), static_cast<FindingClass>(i));
    EXPECT_EQ(file_verdict(to_string(static_cast<FileVerdict>(i))), static_cast<FileVerdict>(i));
    EXPECT_EQ(strength(to_string(static_cast<Strength>(i))), static_cast<Strength>(i));
  }
  EXPECT_EQ(confidence("high"), Confidence::high);
  EXPECT_EQ(coverage("partial"), Coverage::partial);
  EXPECT_EQ(to_string(AssetKind::dependency_manifest), "dependency-manifest");
  EXPECT_EQ(asset_kind("Model"), std::nullopt);
  EXPECT_EQ(severity(""), std::nullopt);
}

TEST(Observation, AssetIdDependsOnKindAndPathAlone) {
  // printf '\0\0\0\0\0\0\0\5model\0\0\0\0\0\0\0\4a.pt' | sha256sum
  EXPECT_EQ(asset_id(AssetKind::model, "a.pt"), "asset:3cb3e1b56e32c189");
  EXPECT_NE(asset_id(AssetKind::model, "a.pt"), asset_id(AssetKind::dataset, "a.pt"));
  EXPECT_NE(asset_id(AssetKind::model, "a.pt"), asset_id(AssetKind::model, "b.pt"));
}

TEST(Observation, FindingIdKeepsNeighbouringFieldsApart) {
  Finding a;
  a.rule = "ab";
  a.path = "c";
  Finding b;
  b.rule = "a";
  b.path = "bc";
  EXPECT_NE(finding_id(a), finding_id(b));
  EXPECT_EQ(finding_id(a).size(), 18U);
  Finding other_words = a;
  other_words.message = "another sentence";
  other_words.severity = Severity::low;
  EXPECT_EQ(finding_id(a), finding_id(other_words));
}

TEST(EncodedText, LeavesUtf8Alone) {
  for (const std::string_view text : {"", "models/a.pt", "caf\xc3\xa9", "100%", "byte", "Bytes:x"}) {
    EXPECT_EQ(encoded_text(text), text);
    EXPECT_EQ(*decoded_text(text), text);
  }
}

TEST(EncodedText, EveryByteSurvives) {
  std::string all;
  for (int i = 0; i < 256; ++i) {
    all += static_cast<char>(i);
  }
  EXPECT_EQ(*decoded_text(encoded_text(all)), all);
  EXPECT_EQ(encoded_text("caf\xe9 100%.pt"), "bytes:caf%E9 100%25.pt");
  EXPECT_EQ(encoded_text("bytes:x"), "bytes:bytes:x");
  EXPECT_EQ(*decoded_text("bytes:bytes:x"), "bytes:x");
}

TEST(EncodedText, RefusesWhatIsNotCanonical) {
  for (const std::string_view text : {"bytes:a", "bytes:%e9", "bytes:%41\xff", "bytes:%E", "bytes:%", "bytes:%G0",
                                      "bytes:%C3%A9", "\xff", "bytes:"}) {
    EXPECT_FALSE(decoded_text(text)) << text;
  }
}

TEST(Statement, EveryFieldOfAnAssetSurvives) {
  expect_survives(full_asset(), &asset_from);
  expect_survives(Asset{}, &asset_from);
}

TEST(Statement, EveryFieldOfAScanSurvives) {
  expect_survives(full_scan(), &scan_from);
  expect_survives(FileScan{}, &scan_from);
}

TEST(Statement, EveryFieldOfSystemFactsSurvives) {
  expect_survives(full_system(), &system_from);
  expect_survives(SystemFacts{}, &system_from);
}

TEST(Statement, EveryFieldOfARepositorySurvives) {
  expect_survives(full_repository(), &repository_from);
  expect_survives(Repository{}, &repository_from);
}

TEST(Statement, ClaimsAndBillsSurvive) {
  Claims claims;
  claims.path = "models/a.safetensors";
  claims.sha256 = digest_of("a");
  claims.claims = {{"dtype", "float32", "models/config.json", 3, "F16", "models/a.safetensors", Agreement::contradicts,
                    "The header says F16."},
                   {}};
  const auto claims_read = claims_from(stored(statement_of(claims)));
  ASSERT_TRUE(claims_read) << claims_read.error().text();
  EXPECT_EQ(std::tie(claims_read->path, claims_read->sha256), std::tie(claims.path, claims.sha256));
  ASSERT_EQ(claims_read->claims.size(), 2U);
  const Claim& claim = claims_read->claims[0];
  EXPECT_EQ(std::tie(claim.field, claim.declared, claim.declared_in, claim.line, claim.observed, claim.observed_in,
                     claim.outcome, claim.reason),
            std::tie(claims.claims[0].field, claims.claims[0].declared, claims.claims[0].declared_in,
                     claims.claims[0].line, claims.claims[0].observed, claims.claims[0].observed_in,
                     claims.claims[0].outcome, claims.claims[0].reason));
  expect_conforms(statement_of(claims));

  Bill bill;
  bill.path = "bom.cdx.json";
  bill.sha256 = digest_of("b");
  bill.format = "cyclonedx";
  bill.version = "1.6";
  bill.name = "Support assistant";
  bill.producer = "some tool";
  bill.created = "2026-11-23T16:00:00Z";
  bill.components = {{"intent",
                      "1",
                      "machine-learning-model",
                      "pkg:generic/intent@1",
                      "MIT",
                      "models/a.safetensors",
                      {"sha256:00"},
                      "models/a.safetensors",
                      "other-digest"}};
  bill.missing = {"models/b.pkl"};
  bill.problems = {"components[1]: no name"};
  const auto bill_read = bill_from(stored(statement_of(bill)));
  ASSERT_TRUE(bill_read) << bill_read.error().text();
  EXPECT_EQ(std::tie(bill_read->path, bill_read->sha256, bill_read->format, bill_read->version, bill_read->name,
                     bill_read->producer, bill_read->created, bill_read->missing, bill_read->problems),
            std::tie(bill.path, bill.sha256, bill.format, bill.version, bill.name, bill.producer, bill.created,
                     bill.missing, bill.problems));
  ASSERT_EQ(bill_read->components.size(), 1U);
  const ListedComponent& listed = bill_read->components[0];
  const ListedComponent& wanted = bill.components[0];
  EXPECT_EQ(std::tie(listed.name, listed.version, listed.type, listed.purl, listed.licence, listed.path, listed.hashes,
                     listed.asset, listed.outcome),
            std::tie(wanted.name, wanted.version, wanted.type, wanted.purl, wanted.licence, wanted.path, wanted.hashes,
                     wanted.asset, wanted.outcome));
  expect_conforms(statement_of(bill));
  EXPECT_TRUE(claims_from(stored(statement_of(Claims{"x", {}, {}}))));
  EXPECT_TRUE(bill_from(stored(statement_of(Bill{}))));
}

TEST(Statement, TreeAndRunSurvive) {
  const auto tree = tree_from(stored(statement_of(Tree{digest_of("t"), 1, 2, 3})));
  ASSERT_TRUE(tree) << tree.error().text();
  EXPECT_EQ(std::tie(tree->sha256, tree->files, tree->directories, tree->bytes),
            std::make_tuple(digest_of("t"), 1U, 2U, 3U));
  evidence::Run full;
  full.version = "0.1.0";
  full.rules = "7";
  full.catalog = "uk-ai-code";
  full.catalog_version = "1";
  full.time = {1795449600};
  full.tree = digest_of("t");
  full.adherence = "cannot-tell";
  full.verdicts = {{"5.1.1", "pass"}, {"5.1.1-1", "fail"}, {"\xff", "bytes:"}};
  const auto run = run_from(stored(statement_of(full)));
  ASSERT_TRUE(run) << run.error().text();
  EXPECT_EQ(std::tie(run->version, run->rules, run->catalog, run->catalog_version, run->time, run->tree, run->adherence,
                     run->verdicts),
            std::tie(full.version, full.rules, full.catalog, full.catalog_version, full.time, full.tree, full.adherence,
                     full.verdicts));
  expect_conforms(statement_of(full));
  EXPECT_TRUE(run_from(stored(statement_of(evidence::Run{}))));
}

TEST(Statement, HostileTextSurvivesInEveryPlace) {
  for (const std::string& text : {std::string("caf\xe9.pt"), std::string("a\0b\nc\x1b[2J", 9), std::string("bytes:x"),
                                  std::string("\xed\xa0\x80"), std::string("\xf4\x90\x80\x80"),
                                  std::string("\"\\/\x7f\xe2\x80\xae"), std::string(100'000, '\xff')}) {
    Asset asset = full_asset();
    asset.path = asset.id = asset.format = asset.recognised_by = text;
    asset.notes = {text, "", text};
    asset.attributes = Value(Value::Map{{text, Value(text)}});
    asset.usages = {{text, text, text, 1, text}};
    asset.packages = {{text, text, text, false, true, false, 1}};
    asset.sections = {{text, 1, 1, text}};
    asset.digests = {{text, text, text, 1}};
    expect_survives(asset, &asset_from);
    expect_conforms(statement_of(asset));
    FileScan scan = full_scan();
    scan.path = text;
    scan.findings[0].subject = scan.findings[0].place = text;
    expect_survives(scan, &scan_from);
    SystemFacts facts = full_system();
    facts.path = text;
    expect_survives(facts, &system_from);
    Repository repository = full_repository();
    repository.files.push_back({text, text});
    expect_survives(repository, &repository_from);
  }
}

TEST(Statement, NumbersSurviveToTheirLimits) {
  for (const std::uint64_t number : {std::uint64_t{0}, std::uint64_t{1} << 53, (std::uint64_t{1} << 63) - 1,
                                     std::uint64_t{1} << 63, ~std::uint64_t{0}}) {
    Asset asset = full_asset();
    asset.size_bytes = number;
    asset.line = asset.mode = ~std::uint32_t{0};
    expect_survives(asset, &asset_from);
  }
}

TEST(Statement, NumbersInDocumentsAreWrittenOneWay) {
  Asset asset;
  asset.attributes = Value(Value::List{Value(1.0), Value(-0.0), Value(0.1), Value(1e300), Value(1e17), Value(0.0 / 0.0),
                                       Value(std::uint64_t{1} << 63)});
  const Statement once = statement_of(asset);
  const auto back = asset_from(stored(once));
  ASSERT_TRUE(back) << back.error().text();
  EXPECT_TRUE(back->attributes.as_list()[0] == Value(1));
  EXPECT_TRUE(back->attributes.as_list()[1] == Value(0));
  EXPECT_EQ(back->attributes.as_list()[2].as_double(), 0.1);
  EXPECT_EQ(back->attributes.as_list()[3].as_double(), 1e300);
  EXPECT_EQ(back->attributes.as_list()[5].as_text(), "NaN");
  EXPECT_EQ(statement_of(*back).canonical(), once.canonical());
}

TEST(Statement, DocumentsAsDeepAsTheirParsersAllowSurvive) {
  std::string text(127, '[');
  text += std::string(127, ']');
  SystemFacts facts = full_system();
  facts.document = *base::parse_json(text);
  expect_survives(facts, &system_from);
}

TEST(Statement, IsWhatInTotoDefines) {
  Statement statement{{{"a.pt", digest_of("x")}, {"nothing", {}}}, "urn:example", Value(Value::Map{{"b", Value(1)}})};
  const std::string name_digest = digest_of("nothing").hex();
  EXPECT_EQ(
      statement.canonical(),
      R"({"_type":"https://in-toto.io/Statement/v1","predicate":{"b":1},"predicateType":"urn:example","subject":[)"
      R"({"digest":{"sha256":")" +
          digest_of("x").hex() + R"("},"name":"a.pt"},)" +
          R"({"annotations":{"digest-of":"name"},"digest":{"sha256":")" + name_digest + R"("},"name":"nothing"}]})");
  EXPECT_EQ(base::to_canonical_json(statement.to_value()), statement.canonical());
}

TEST(Statement, ContentThatIsItsOwnNameIsStillContent) {
  Asset asset = full_asset();
  asset.path = "a";
  asset.sha256 = digest_of("a");
  expect_survives(asset, &asset_from);
}

TEST(Statement, EqualContentGivesEqualBytes) {
  Asset other_order = full_asset();
  other_order.attributes = Value();
  other_order.attributes.set("protocol", 4);
  other_order.attributes.set("frameworks", full_asset().attributes["frameworks"]);
  EXPECT_EQ(statement_of(other_order).canonical(), statement_of(full_asset()).canonical());
}

TEST(Statement, KeysTellThingsApart) {
  std::set<std::string> keys;
  Asset asset = full_asset();
  EXPECT_EQ(statement_of(asset).key(), R"(["urn:surety:evidence:asset:v1","model","models/intent.pkl"])");
  EXPECT_TRUE(keys.insert(statement_of(asset).key()).second);
  asset.size_bytes = 5;
  EXPECT_FALSE(keys.insert(statement_of(asset).key()).second);
  asset.kind = AssetKind::dataset;
  EXPECT_TRUE(keys.insert(statement_of(asset).key()).second);
  asset.path = "caf\xe9";
  EXPECT_TRUE(keys.insert(statement_of(asset).key()).second);
  asset.path = "bytes:caf%E9";
  EXPECT_TRUE(keys.insert(statement_of(asset).key()).second);
  asset.path = "a\",\"b";
  EXPECT_TRUE(keys.insert(statement_of(asset).key()).second);
  EXPECT_TRUE(keys.insert(statement_of(full_scan()).key()).second);
  EXPECT_TRUE(keys.insert(statement_of(full_system()).key()).second);
  EXPECT_TRUE(keys.insert(statement_of(full_repository()).key()).second);
  SystemFacts assumed;
  EXPECT_FALSE(keys.insert(statement_of(assumed).key()).second) << "one system, whether or not its file is there";
}

TEST(Statement, ARemovalTakesThePlaceOfWhatItRemoves) {
  Asset asset = full_asset();
  asset.path = "caf\xe9";
  const Statement gone = removal_of(statement_of(asset));
  EXPECT_EQ(gone.key(), statement_of(asset).key());
  EXPECT_EQ(stored(gone).key(), statement_of(asset).key());
  EXPECT_EQ(removal_of(gone).key(), gone.key());
  expect_conforms(gone);
  EXPECT_FALSE(asset_from(gone));
}

TEST(Statement, RefusesEveryTruncation) {
  const std::string bytes = statement_of(full_asset()).canonical();
  for (std::size_t kept = 0; kept < bytes.size(); ++kept) {
    SCOPED_TRACE(kept);
    const auto parsed = Statement::parse(std::string_view(bytes).substr(0, kept));
    ASSERT_FALSE(parsed);
    EXPECT_TRUE(parsed.error().code == Errc::truncated || parsed.error().code == Errc::malformed);
  }
}

// `json` with one piece exchanged; says what parse() and asset_from() think of it.
std::string problem_after(std::string_view from, std::string_view to) {
  std::string json = statement_of(full_asset()).canonical();
  const std::size_t place = json.find(from);
  EXPECT_NE(place, std::string::npos) << from;
  json.replace(place, from.size(), to);
  const auto parsed = Statement::parse(json);
  if (!parsed) {
    return parsed.error().message;
  }
  const auto asset = asset_from(*parsed);
  return asset ? "" : asset.error().message;
}

TEST(Statement, ErrorsNameTheField) {
  EXPECT_EQ(problem_after("Statement/v1", "Statement/v2"), "_type: expected https://in-toto.io/Statement/v1");
  EXPECT_EQ(problem_after("\"_type\"", "\"_tipe\""), "_type: is missing");
  EXPECT_EQ(problem_after("\"subject\"", "\"sabject\""), "subject: is missing or empty");
  EXPECT_EQ(problem_after("\"digest\":{\"sha256\":\"", "\"digest\":{\"sha256\":\"g"),
            "subject[0].digest.sha256: not 64 lower-case hexadecimal digits");
  EXPECT_EQ(problem_after("\"digest\":{\"sha256\"", "\"digest\":{\"sha512\""),
            "subject[0].digest.sha512: unknown field");
  EXPECT_EQ(problem_after("\"name\":\"models/", "\"nome\":\"models/"), "subject[0].name: is missing");
  EXPECT_EQ(problem_after("\"name\":\"models/intent.pkl\"", "\"name\":3"),
            "subject[0].name: expected text, found whole number");
  EXPECT_EQ(problem_after("\"predicateType\"", "\"predicateTipe\""), "predicateType: is missing");
  EXPECT_EQ(problem_after("\"_type\"", "\"x\":1,\"_type\""), "x: unknown field");
  EXPECT_EQ(problem_after("asset:v1", "scan:v1"),
            "predicateType: expected urn:surety:evidence:asset:v1, found "
            "urn:surety:evidence:scan:v1");
  EXPECT_EQ(problem_after("\"kind\":\"model\"", "\"kind\":\"modell\""), "predicate.kind: \"modell\" is not known");
  EXPECT_EQ(problem_after("\"kind\":\"model\",", ""), "predicate.kind: is missing");
  EXPECT_EQ(problem_after("\"size_bytes\":1234", "\"size_bytes\":-1"),
            "predicate.size_bytes: not a whole number from 0");
  EXPECT_EQ(problem_after("\"size_bytes\":1234", "\"size_bytes\":\"1234\""),
            "predicate.size_bytes: not a whole number above 2^63 - 1");
  EXPECT_EQ(problem_after("\"mode\":420", "\"mode\":4294967296"), "predicate.mode: above 4294967295");
  EXPECT_EQ(problem_after("\"pinned\":true", "\"pinned\":1"),
            "predicate.packages[0].pinned: expected true or false, found whole number");
  EXPECT_EQ(problem_after("\"heading\"", "\"heeding\""), "predicate.sections[0].heeding: unknown field");
  EXPECT_EQ(problem_after("\"notes\":[\"first\"", "\"notes\":[\"bytes:\""),
            "predicate.notes[0]: bytes: not in canonical form");
  EXPECT_EQ(problem_after("\"notes\":[", "\"notes\":3,\"n\":["),
            "predicate.notes: expected a list, found whole number");
}

TEST(Statement, RefusesAFalseDigestOfAName) {
  std::string json = statement_of(full_repository()).canonical();
  const std::string digest = digest_of("repository").hex();
  json.replace(json.find(digest), digest.size(), digest_of("other").hex());
  EXPECT_EQ(Statement::parse(json).error().message,
            "subject[0].digest.sha256: is not of the name, as annotations.digest-of says");
}

TEST(Statement, RefusesHostileDocuments) {
  EXPECT_FALSE(Statement::parse(""));
  EXPECT_FALSE(Statement::parse("[]"));
  EXPECT_FALSE(Statement::parse("{}"));
  EXPECT_FALSE(Statement::parse(std::string(10'000, '[')));
  EXPECT_EQ(Statement::parse(std::string(kMaxStatementBytes + 1, ' ')).error().code, Errc::too_large);
  const std::string twice = R"({"_type":"https://in-toto.io/Statement/v1","_type":"https://in-toto.io/Statement/v1"})";
  EXPECT_FALSE(Statement::parse(twice));
}

TEST(Schema, EveryStatementConforms) {
  expect_conforms(statement_of(full_asset()));
  expect_conforms(statement_of(Asset{}));
  expect_conforms(statement_of(full_scan()));
  expect_conforms(statement_of(FileScan{}));
  expect_conforms(statement_of(full_system()));
  expect_conforms(statement_of(SystemFacts{}));
  expect_conforms(statement_of(full_repository()));
  expect_conforms(statement_of(Repository{}));
  expect_conforms(statement_of(Tree{}));
  expect_conforms(statement_of(evidence::Run{}));
  for (int i = 0; i <= static_cast<int>(AssetKind::other); ++i) {
    Asset asset;
    asset.kind = static_cast<AssetKind>(i);
    expect_conforms(statement_of(asset));
  }
}

TEST(Schema, TheStateOfTheWatchConforms) {
  expect_conforms(
      statement_of(Watch{"9fceb02d0ae598e95dc970b74767f19372d61af8", false, {{"a", EventKind::model_version}}}));
  expect_conforms(statement_of(Watch{}));
}

TEST(Schema, SaysWhatIsWrong) {
  Statement statement = statement_of(full_asset());
  statement.predicate.set("colour", "red");
  const auto problems = schema().check(statement.to_value());
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].place, "predicate");
  EXPECT_EQ(problems[0].message, "unknown field \"colour\"");
}

// Guards the order of magnitude, in processor time since other programs may be busy: 0.1 s optimised, 4 s without
// optimisation and some more under sanitizers.
TEST(Statement, TwentyThousandAssetsAreWrittenInSeconds) {
  std::vector<Asset> assets(20'000, full_asset());
  for (std::size_t i = 0; i < assets.size(); ++i) {
    assets[i].path = "models/" + std::to_string(i) + ".bin";
  }
  const std::clock_t start = std::clock();
  std::size_t bytes = 0;
  for (const Asset& asset : assets) {
    bytes += statement_of(asset).canonical().size();
  }
  EXPECT_GT(bytes, assets.size() * 100);
  EXPECT_LT((std::clock() - start) / CLOCKS_PER_SEC, 30);
}

}  // namespace
}  // namespace evidence
