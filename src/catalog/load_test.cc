#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "catalog/catalog.h"
#include "catalog/explain.h"

namespace catalog {
namespace {

using base::Errc;
using ::testing::HasSubstr;

using Files = std::map<std::string, std::string>;

// A catalogue of another Code, with other editions, roles and numbers: the loader knows none of them.
Files good() {
  return {{"catalogue.yaml", R"(id: kitchen
title: Code of the Kitchen
version: "3"
sources: [The cook]
editions:
  - {id: first, title: First, publisher: Cook, published: "2020-01-31", principle_id: "{id}", provision_id: "{id}", id_rule: as is}
  - {id: second, title: Second, short: Snd, publisher: Cook, published: "2021-01-31", principle_id: "part {clause}", provision_id: "{clause}/{rest}", id_rule: other}
roles:
  - {id: cook, name: Cook, definition: Who cooks.}
  - {id: anybody, name: Anybody, definition: All., everyone: true}
verbs: {shall: Must., can: May.}
confidence: {sure: it was seen}
aliases:
  - {id: old 9, provision: A.1}
  - {id: old 10, note: given up}
)"},
          {"principles/a.yaml", R"(id: A
title: Wash
phase: before
clauses: {second: "7"}
actors: [cook]
meaning: Clean hands.
provisions:
  - id: A.1
    verb: shall
    also: [can]
    actors: [cook]
    title: Hands
    requirement: Hands are washed.
    meaning: With soap.
    next_step: Open the tap.
    evidence: A wet towel.
    confidence: sure
  - id: A.1.1
    parent: A.1
    ids: {second: odd}
    verb: can
    actors: [anybody]
    title: Nails
    requirement: Nails are brushed.
    meaning: With a brush.
    next_step: Find the brush.
    evidence: A wet brush.
)"},
          {"glossary.yaml", "- {term: Soap, definition: For washing., source: The cook}\n"},
          {"applicability.yaml", R"(- {id: by-role, provisions: ["*"], actors: true, reason: for somebody else}
- id: no-tap
  provisions: [A.1, odd]
  when: |
    -- only where declared
    SELECT 'no tap' FROM system
  reason: there is no tap
)"},
          {"checks/c.yaml", R"(- id: towel
  title: The towel is wet
  provisions: [7/1]
  strength: executed
  severity: low
  proves: Somebody washed.
  limits: Not who.
  remedy: Wash {subject}.
  subjects: SELECT path FROM assets
  violations: "WITH x AS (SELECT 1) SELECT 1, 2, 3 FROM x"
)"}};
}

base::Result<Catalog> load_files(const Files& files) {
  std::vector<base::EmbeddedFile> embedded;
  std::vector<std::string> names;
  names.reserve(files.size());
  for (const auto& [name, content] : files) {
    names.push_back("catalogs/kitchen/" + name);
    embedded.push_back({names.back(), content});
  }
  return load(embedded, "catalogs/kitchen");
}

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "catalog_test_XXXXXX").string();
    path_ = ::mkdtemp(pattern.data()) != nullptr ? pattern : std::string();
  }
  ~TemporaryFolder() {
    std::error_code code;
    std::filesystem::remove_all(path_, code);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  void write(const std::string& name, const std::string& content) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << content;
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

TEST(CatalogLoad, ReadsASecondCatalogueFromAFolder) {
  const TemporaryFolder folder;
  for (const auto& [name, content] : good()) {
    folder.write(name, content);
  }
  folder.write("checks/README.md", "for people");
  folder.write("checks/.hidden.yaml", "[");
  const auto catalog = load(folder.path());
  ASSERT_TRUE(catalog) << catalog.error().text();
  EXPECT_EQ(catalog->id, "kitchen");
  ASSERT_EQ(catalog->provisions.size(), 2U);
  EXPECT_EQ(catalog->provisions[0].ids.at("second"), "7/1");
  EXPECT_EQ(catalog->provisions[1].ids.at("second"), "odd");
  EXPECT_EQ(catalog->provisions[1].effort, 2U);
  EXPECT_EQ(catalog->principles[0].ids.at("second"), "part 7");
  EXPECT_EQ(catalog->find_provision("old 9")->id, "A.1");
  EXPECT_EQ(catalog->find_provision("old 10"), nullptr);
  EXPECT_EQ(catalog->find_provision("7/1")->id, "A.1");
  ASSERT_EQ(catalog->applicability.size(), 2U);
  EXPECT_TRUE(catalog->applicability[0].by_actor);
  EXPECT_EQ(catalog->applicability[1].provisions, (std::vector<std::string>{"A.1", "A.1.1"}));
  ASSERT_EQ(catalog->checks.size(), 1U);
  EXPECT_EQ(catalog->checks[0].provisions, std::vector<std::string>{"A.1"})
      << "another edition's id becomes the primary";
  EXPECT_EQ(catalog->checks[0].empty, "inconclusive");
  EXPECT_TRUE(catalog->checks[0].settles);
  EXPECT_EQ(catalog->checks[0].line, 1U);
  EXPECT_EQ(catalog->find_role("cook")->name, "Cook");
  EXPECT_EQ(catalog->role_names(std::vector<std::string>{"cook", "anybody", "x"}), "Cook, Anybody and x");
  const auto page = explain(*catalog, "odd", 80);
  ASSERT_TRUE(page);
  EXPECT_THAT(*page, HasSubstr("Snd"));
}

TEST(CatalogLoad, AcceptsACheckThatIsNotInAList) {
  Files files = good();
  files["checks/c.yaml"] =
      "id: towel\ntitle: t\nprovisions: [A.1]\nstrength: executed\nseverity: low\nproves: p\nlimits: l\nremedy: r\n"
      "subjects: SELECT 1\nviolations: SELECT 1\n";
  const auto catalog = load_files(files);
  ASSERT_TRUE(catalog) << catalog.error().text();
  EXPECT_EQ(catalog->checks.size(), 1U);
}

struct Malformed {
  const char* file;
  const char* from;  ///< Text to replace; "" appends.
  const char* to;
  std::uint32_t line;
  const char* reason;
};

void PrintTo(const Malformed& test, std::ostream* out) {
  *out << test.file << ": " << test.from << " -> " << test.to;
}

class CatalogRefuses : public ::testing::TestWithParam<Malformed> {};

TEST_P(CatalogRefuses, WithFileLineAndReason) {
  const Malformed& test = GetParam();
  Files files = good();
  ASSERT_TRUE(load_files(files)) << load_files(files).error().text();
  std::string& text = files.at(test.file);
  if (*test.from == '\0') {
    text += test.to;
  } else {
    const std::size_t place = text.find(test.from);
    ASSERT_NE(place, std::string::npos) << test.from;
    text.replace(place, std::string_view(test.from).size(), test.to);
  }
  const auto catalog = load_files(files);
  ASSERT_FALSE(catalog);
  EXPECT_EQ(catalog.error().code, Errc::malformed);
  EXPECT_EQ(catalog.error().file, "catalogs/kitchen/" + std::string(test.file));
  EXPECT_EQ(catalog.error().line, test.line) << catalog.error().text();
  EXPECT_THAT(catalog.error().text(), HasSubstr(test.reason));
}

constexpr const char* kCheckTail =
    "  title: t\n  provisions: [A.1]\n  strength: executed\n  severity: low\n  proves: p\n  limits: l\n  remedy: r\n"
    "  subjects: SELECT 1\n  violations: SELECT 1\n";

INSTANTIATE_TEST_SUITE_P(
    EveryMalformedThing, CatalogRefuses,
    ::testing::Values(
        // catalogue.yaml
        Malformed{"catalogue.yaml", "title: Code of", "titel: Code of", 1, "\"title\" is missing"},
        Malformed{"catalogue.yaml", "version: \"3\"", "version: 3", 3, "expected text"},
        Malformed{"catalogue.yaml", "short: Snd", "shrt: Snd", 7, "did you mean \"short\"?"},
        Malformed{"catalogue.yaml", "title: Code of the Kitchen", "title: \"  \"", 2, "\"title\" is empty"},
        Malformed{"catalogue.yaml", "id: second", "id: first", 7, "edition \"first\" stands twice"},
        Malformed{"catalogue.yaml", "2020-01-31", "31 January", 6, "not a date"},
        Malformed{"catalogue.yaml", "provision_id: \"{id}\"", "provision_id: \"x{id}\"", 6, "primary"},
        Malformed{"catalogue.yaml", "{clause}/{rest}", "{clause}/{tail}", 7, "unknown placeholder \"{tail}\""},
        Malformed{"catalogue.yaml", "{clause}/{rest}", "{clause", 7, "unknown placeholder \"{clause\""},
        Malformed{"catalogue.yaml", "id: anybody", "id: cook", 10, "role \"cook\" stands twice"},
        Malformed{"catalogue.yaml", "provision: A.1}", "provision: A.7}", 14, "unknown provision \"A.7\""},
        Malformed{"catalogue.yaml", "old 10, note", "OLD9, note", 15, "stands twice"},
        Malformed{"catalogue.yaml", "id: old 10", "id: a.1.1", 15, "is an id of its own"},
        Malformed{"catalogue.yaml", ", note: given up", "", 15, "names no provision"},
        Malformed{"catalogue.yaml", "verbs: {shall: Must., can: May.}", "verbs: {shall: Must., cann: May.}", 11,
                  "did you mean \"can\"?"},
        Malformed{"catalogue.yaml", "", "title: again\n", 16, "stands twice"},
        Malformed{"catalogue.yaml", "", "\t- x: [\n", 16, "YAML"},
        // principles
        Malformed{"principles/a.yaml", "meaning: With soap.", "meaning: ''", 14, "must not be empty"},
        Malformed{"principles/a.yaml", "meaning: With soap.", "meaning: ' '", 14, "\"meaning\" is empty"},
        Malformed{"principles/a.yaml", "    title: Hands\n", "", 8, "\"title\" is missing"},
        Malformed{"principles/a.yaml", "title: Hands",
                  "title: x234567890123456789012345678901234567890123456789012345678901", 12, "longer than 60"},
        Malformed{"principles/a.yaml", "next_step: Open", "next_stpe: Open", 8, "\"next_step\" is missing"},
        Malformed{"principles/a.yaml", "verb: shall", "verb: shal", 9, "did you mean shall?"},
        Malformed{"principles/a.yaml", "verb: shall", "verb: should", 9, "\"should\" has no meaning"},
        Malformed{"principles/a.yaml", "also: [can]", "also: [shall]", 10, "weaker"},
        Malformed{"principles/a.yaml", "actors: [cook]\n    title", "actors: [cok]\n    title", 11,
                  "did you mean \"cook\"?"},
        Malformed{"principles/a.yaml", "actors: [cook]\n    title", "actors: []\n    title", 11, "at least 1 entry"},
        Malformed{"principles/a.yaml", "confidence: sure", "confidence: shure", 17, "did you mean \"sure\"?"},
        Malformed{"principles/a.yaml", "confidence: sure", "checkability: auto", 17, "unknown checkability"},
        Malformed{"principles/a.yaml", "confidence: sure", "basis: [dream]", 17, "unknown basis \"dream\""},
        Malformed{"principles/a.yaml", "confidence: sure", "effort: 4", 17, "above 3"},
        Malformed{"principles/a.yaml", "id: A.1.1", "id: A.1", 18, "\"A.1\" of edition first stands twice"},
        Malformed{"principles/a.yaml", "second: odd", "second: 7/1", 18, "\"7/1\" of edition second stands twice"},
        Malformed{"principles/a.yaml", "id: A.1.1", "id: B.1.1", 18, "must begin with \"A.\""},
        Malformed{"principles/a.yaml", "id: A.1.1", "id: A.", 18, "must begin with \"A.\""},
        Malformed{"principles/a.yaml", "parent: A.1", "parent: A.2", 19, "no earlier provision"},
        Malformed{"principles/a.yaml", "parent: A.1", "parent: A.1.1", 19, "no earlier provision"},
        Malformed{"principles/a.yaml", "clauses: {second: \"7\"}", "clauses: {secnd: \"7\"}", 4,
                  "did you mean \"second\"?"},
        Malformed{"principles/a.yaml", "clauses: {second: \"7\"}\n", "", 1, "no clause of edition second"},
        Malformed{"principles/a.yaml", "ids: {second: odd}", "ids: {third: odd}", 20, "unknown edition \"third\""},
        // glossary, applicability
        Malformed{"glossary.yaml", "", "- {term: SOAP, definition: d, source: s}\n", 2, "\"SOAP\" stands twice"},
        Malformed{"glossary.yaml", "source: The cook", "source: The cook, confidence: low", 1, "unknown confidence"},
        Malformed{"glossary.yaml", "term: Soap", "trem: Soap", 1, "\"term\" is missing"},
        Malformed{"applicability.yaml", "id: no-tap", "id: by-role", 2, "stands twice"},
        Malformed{"applicability.yaml", "provisions: [A.1, odd]", "provisions: [A.3]", 3, "unknown provision \"A.3\""},
        Malformed{"applicability.yaml", "provisions: [A.1, odd]", "provisions: [A.1, \"*\"]", 3, "stands alone"},
        Malformed{"applicability.yaml", "SELECT 'no tap' FROM system", "/* nothing */", 4, "no SQL in it"},
        Malformed{"applicability.yaml", "SELECT 'no tap'", "DELETE", 4, "begins with \"delete\""},
        Malformed{"applicability.yaml", "actors: true, ", "", 1, "needs either when or actors"},
        Malformed{"applicability.yaml", "actors: true", "actors: false", 1, "must be true"},
        Malformed{"applicability.yaml", "actors: true,", "actors: true, contradicted: SELECT 1,", 1, "goes with when"},
        Malformed{"applicability.yaml", "reason: there", "reson: there", 2, "\"reason\" is missing"},
        // checks
        Malformed{"checks/c.yaml", "limits: Not who.", "limit: Not who.", 1,
                  "check \"towel\": field \"limits\" is missing"},
        Malformed{"checks/c.yaml", "provisions: [7/1]", "provisions: [7/9]", 3, "unknown provision \"7/9\""},
        Malformed{"checks/c.yaml", "severity: low", "severity: lo", 5, "did you mean low?"},
        Malformed{"checks/c.yaml", "strength: executed", "strength: guessed", 4, "not one of"},
        Malformed{"checks/c.yaml", "subjects: SELECT path FROM assets", "subjects: ' ; -- none'", 9, "no SQL in it"},
        Malformed{"checks/c.yaml", "subjects: SELECT path", "subjects: UPDATE path", 9, "begins with \"update\""},
        Malformed{"checks/c.yaml", "subjects: SELECT path", "subjects: (SELECT path", 9, "begins with \"(\""},
        Malformed{"checks/c.yaml", "  remedy:", "  requires: SELECT 1\n  remedy:", 1, "both requires and missing"},
        Malformed{"checks/c.yaml", "  remedy:", "  missing: no towel\n  remedy:", 1, "both requires and missing"},
        Malformed{"checks/c.yaml", "  remedy:", "  empty: not-applicable\n  remedy:", 8, "needs an empty_reason"},
        Malformed{"checks/c.yaml", "  remedy:", "  settles: \"no\"\n  remedy:", 8, "expected true or false"},
        Malformed{"checks/c.yaml", "- id: towel", "- id: Towel!", 1, "not of the form"}));

TEST(CatalogLoad, RefusesACheckThatStandsTwiceOverFiles) {
  Files files = good();
  files["checks/d.yaml"] = std::string("\n- id: towel\n") + kCheckTail;
  const auto catalog = load_files(files);
  ASSERT_FALSE(catalog);
  EXPECT_EQ(catalog.error().file, "catalogs/kitchen/checks/d.yaml");
  EXPECT_EQ(catalog.error().line, 2U);
  EXPECT_THAT(catalog.error().message, HasSubstr("\"towel\" stands twice"));
}

TEST(CatalogLoad, RefusesFilesWithoutChecks) {
  for (const char* content : {"", "[]", "text", "3", "- text"}) {
    Files files = good();
    files["checks/d.yaml"] = content;
    const auto catalog = load_files(files);
    ASSERT_FALSE(catalog) << content;
    EXPECT_EQ(catalog.error().code, Errc::malformed);
    EXPECT_EQ(catalog.error().file, "catalogs/kitchen/checks/d.yaml");
  }
}

TEST(CatalogLoad, RefusesAPrincipleThatStandsTwice) {
  Files files = good();
  files["principles/b.yaml"] = files["principles/a.yaml"];
  const auto catalog = load_files(files);
  ASSERT_FALSE(catalog);
  EXPECT_THAT(catalog.error().text(), HasSubstr("principles/b.yaml:1: principle \"A\" of edition first stands twice"));
}

TEST(CatalogLoad, NeedsItsMainFileAndAPrinciple) {
  Files files = good();
  files.erase("catalogue.yaml");
  const auto headless = load_files(files);
  ASSERT_FALSE(headless);
  EXPECT_EQ(headless.error().code, Errc::not_found);
  files = good();
  files.erase("principles/a.yaml");
  EXPECT_EQ(load_files(files).error().code, Errc::malformed);
  EXPECT_EQ(load(std::filesystem::path("/nonexistent/catalogue")).error().code, Errc::not_found);
  EXPECT_EQ(load(std::filesystem::path("/etc/passwd")).error().code, Errc::usage);
  EXPECT_FALSE(load_built_in("no-such-code"));
  EXPECT_THAT(load_built_in("no-such-code").error().message, HasSubstr("uk-ai-code"));
}

TEST(CatalogLoad, GlossaryApplicabilityAndChecksMayBeAbsent) {
  Files files = good();
  files.erase("glossary.yaml");
  files.erase("applicability.yaml");
  files.erase("checks/c.yaml");
  EXPECT_TRUE(load_files(files));
}

TEST(CatalogLoad, RefusesFilesThatWouldBePassedOver) {
  const TemporaryFolder folder;
  for (const auto& [name, content] : good()) {
    folder.write(name, content);
  }
  folder.write("glosary.yaml", "[]");
  const auto misspelt = load(folder.path());
  ASSERT_FALSE(misspelt);
  EXPECT_THAT(misspelt.error().text(), HasSubstr("did you mean \"glossary.yaml\"?"));
  std::filesystem::remove(folder.path() / "glosary.yaml");
  folder.write("principles/b.yml", "");
  const auto extension = load(folder.path());
  ASSERT_FALSE(extension);
  EXPECT_THAT(extension.error().text(), HasSubstr("must end in .yaml"));
}

TEST(CatalogLoad, SurvivesHostileFiles) {
  const auto refuse = [](const std::string& content, Errc code) {
    Files files = good();
    files["checks/c.yaml"] = content;
    const auto catalog = load_files(files);
    ASSERT_FALSE(catalog);
    EXPECT_EQ(catalog.error().code, code) << catalog.error().text();
    EXPECT_EQ(catalog.error().file, "catalogs/kitchen/checks/c.yaml");
  };
  std::string deep;
  for (std::size_t level = 0; level < 200; ++level) {
    deep += std::string(level, ' ') + "-\n";
  }
  refuse(deep, Errc::too_large);
  refuse("\xff\xfe", Errc::malformed);
  refuse(
      "a: &a [1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
      "d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n"
      "g: [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n",
      Errc::too_large);
  refuse(std::string(5U << 20, '#'), Errc::too_large);
  const TemporaryFolder folder;
  for (const auto& [name, content] : good()) {
    folder.write(name, content);
  }
  ASSERT_EQ(::mkfifo((folder.path() / "checks" / "pipe.yaml").c_str(), 0600), 0);
  const auto pipe = load(folder.path());
  ASSERT_FALSE(pipe) << "a FIFO is no file to wait for";
  EXPECT_EQ(pipe.error().code, Errc::io);
}

TEST(AddChecks, AddsThoseOfAFolder) {
  auto catalog = load_files(good());
  ASSERT_TRUE(catalog);
  const TemporaryFolder folder;
  folder.write("mine.yaml", std::string("- id: brush\n") + kCheckTail + "- id: sponge\n" + kCheckTail);
  ASSERT_TRUE(add_checks(*catalog, folder.path()));
  ASSERT_EQ(catalog->checks.size(), 3U);
  EXPECT_EQ(catalog->checks[2].id, "sponge");
  EXPECT_EQ(catalog->checks[2].file, (folder.path() / "mine.yaml").string());
  EXPECT_EQ(catalog->checks[2].line, 11U);
}

TEST(AddChecks, LeavesTheCatalogueAsItWasOnFailure) {
  auto catalog = load_files(good());
  ASSERT_TRUE(catalog);
  const TemporaryFolder folder;
  folder.write("a.yaml", std::string("- id: brush\n") + kCheckTail);
  folder.write("b.yaml", std::string("- id: towel\n") + kCheckTail);
  const auto added = add_checks(*catalog, folder.path());
  ASSERT_FALSE(added);
  EXPECT_THAT(added.error().text(), HasSubstr("b.yaml:1: check \"towel\" stands twice"));
  EXPECT_EQ(catalog->checks.size(), 1U);
}

TEST(AddChecks, RefusesAFolderWithoutChecks) {
  auto catalog = load_files(good());
  ASSERT_TRUE(catalog);
  const TemporaryFolder folder;
  EXPECT_EQ(add_checks(*catalog, folder.path()).error().code, Errc::not_found);
  EXPECT_EQ(add_checks(*catalog, folder.path() / "nowhere").error().code, Errc::not_found);
}

TEST(Explain, SaysWhatWasProbablyMeant) {
  const auto catalog = load_files(good());
  ASSERT_TRUE(catalog);
  const auto page = explain(*catalog, "glossry", 80);
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().code, Errc::not_found);
  EXPECT_THAT(page.error().message, HasSubstr("did you mean \"glossary\"?"));
  EXPECT_THAT(explain(*catalog, "old 8", 80).error().message, HasSubstr("did you mean \"old 9\"?"));
  EXPECT_THAT(explain(*catalog, "entirely else", 80).error().message, HasSubstr("lists what there is"));
  EXPECT_FALSE(explain(*catalog, std::string(100'000, 'x'), 80));
}

TEST(Explain, ShowsOfAProvisionAllThatIsKnown) {
  const auto catalog = load_files(good());
  ASSERT_TRUE(catalog);
  const auto page = explain(*catalog, "A.1", 80);
  ASSERT_TRUE(page);
  for (const char* part : {"7/1", "shall; on a part of it can", "before", "Cook", "Hands are washed.", "With soap.",
                           "Open the tap.", "A wet towel.", "towel: The towel is wet", "Somebody washed.", "Not who.",
                           "there is no tap", "it was seen", "old 9"}) {
    EXPECT_THAT(*page, HasSubstr(part));
  }
  EXPECT_THAT(*explain(*catalog, "old 10", 80), HasSubstr("given up"));
  EXPECT_THAT(*explain(*catalog, "soap", 80), HasSubstr("For washing."));
  EXPECT_THAT(*explain(*catalog, "towel", 80), HasSubstr("SELECT path FROM assets"));
  EXPECT_THAT(*explain(*catalog, "no-tap", 80), HasSubstr("SELECT 'no tap'"));
}

TEST(Explain, PrintsNothingThatATerminalObeys) {
  Files files = good();
  std::string& text = files.at("checks/c.yaml");
  text.replace(text.find("The towel is wet"), 16, "\"\\e[31mred\\u202e\"");
  const auto catalog = load_files(files);
  ASSERT_TRUE(catalog) << catalog.error().text();
  const auto page = explain(*catalog, "towel", 80);
  ASSERT_TRUE(page);
  EXPECT_EQ(page->find('\x1b'), std::string::npos);
  EXPECT_EQ(page->find("\xe2\x80\xae"), std::string::npos);
}

}  // namespace
}  // namespace catalog
