#include "records/read.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "base/digest.h"
#include "base/yaml.h"
#include "records/attest.h"
#include "records/kinds.h"
#include "records/ssh_signature.h"

namespace records {
namespace {

namespace fs = std::filesystem;
using base::Errc;

constexpr std::string_view kRoster =
    "version: 1\nkind: roster\nrecords:\n"
    "  - {id: dana, name: Dana Okafor, roles: [security], effective: 2025-01-01}\n"
    "  - {id: sam, name: Sam Reyes, roles: [developer], effective: 2025-01-01, left_on: 2026-06-01}\n";
constexpr std::string_view kProgramme =
    "version: 1\nkind: training-programme\nowner: dana\nmade_by: dana\nrecords:\n"
    "  - {id: threats, title: Threats, topics: [ai-threats], for_roles: [developer], reviewed: 2026-01-01, effective: "
    "2026-01-01}\n";

/// A directory with an ai-system.yaml, and what reading its records comes to.
class RecordFiles : public testing::Test {
 protected:
  RecordFiles() {
    std::string pattern = (fs::temp_directory_path() / "surety-records-XXXXXX").native();
    root_ = ::mkdtemp(pattern.data());
    ::setenv("SOURCE_DATE_EPOCH", "1795392000", 1);  // 2026-11-23
    declare(
        "version: 1\nsystem: {name: x, roles: [developer]}\n"
        "models: [{id: intent, path: m.bin, origin: own}]\ndata: [{id: tickets, purpose: training, classification: "
        "internal}]\nproviders: [{id: acme, name: Acme}]\n");
  }
  ~RecordFiles() override {
    ::unsetenv("SOURCE_DATE_EPOCH");
    std::error_code ignored;
    fs::remove_all(root_, ignored);
  }

  void write(std::string_view name, std::string_view content) const {
    fs::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name, std::ios::binary) << content;
  }
  void declare(std::string_view text) {
    system_.document = *base::parse_yaml(text);
    system_.declared = true;
    system_.path = "ai-system.yaml";
  }
  [[nodiscard]] base::Result<Records> result() const { return read(root_, system_, provisions_); }
  [[nodiscard]] base::Error error() const {
    auto outcome = result();
    return outcome ? base::Error{Errc::usage, "no error"} : outcome.error();
  }
  // That the file, beside a roster, is refused: with a line, and with these words.
  void refuses(std::string_view content, std::uint32_t line, std::string_view words) const {
    write("security/roster.yaml", kRoster);
    write("security/x.yaml", content);
    const base::Error found = error();
    SCOPED_TRACE(found.text());
    EXPECT_EQ(found.code, Errc::malformed);
    EXPECT_EQ(found.file, "security/x.yaml");
    EXPECT_EQ(found.line, line);
    EXPECT_NE(found.message.find(words), std::string::npos) << found.message;
  }

  fs::path root_;
  evidence::SystemFacts system_;
  ProvisionsOfKinds provisions_;
};

TEST_F(RecordFiles, AreReadWithDefaultsOfFileAndKind) {
  write("security/roster.yaml", kRoster);
  write("security/programme.yaml", kProgramme);
  write("security/training.yml",
        "version: 1\nkind: training\nowner: dana\nmade_by: dana\nrecords:\n"
        "  - {id: t1, person: sam, module: threats, effective: 2026-02-01, certificate: docs/c.pdf}\n"
        "  - {id: t2, person: dana, module: threats, effective: 2026-02-01, valid_until: 2026-12-01, made_by: sam}\n");
  write("docs/c.pdf", "x");
  const auto found = result();
  ASSERT_TRUE(found) << found.error().text();
  ASSERT_EQ(found->records.size(), 5U);
  ASSERT_EQ(found->files.size(), 3U);
  const evidence::Record& first = found->records[3];
  EXPECT_EQ(first.kind, "training");
  EXPECT_EQ(first.owner, "dana");
  EXPECT_TRUE(first.validity_by_default);
  EXPECT_EQ(base::to_iso_date(*first.valid_until), "2028-02-01");
  EXPECT_EQ(found->records[4].made_by, "sam");
  EXPECT_FALSE(found->records[4].validity_by_default);
  EXPECT_EQ(found->files[2].places[0].line, 6U);
  ASSERT_EQ(found->files[2].references.size(), 1U);
  EXPECT_TRUE(found->files[2].references[0].found);
  EXPECT_EQ(found->files[2].references[0].sha256, base::sha256(std::string_view("x")));
  EXPECT_EQ(base::to_iso_date(*found->records[2].valid_until), "2026-06-01") << "who left counts until then";
}

TEST_F(RecordFiles, DraftsOfEveryKindAreValidAndHoldNothing) {
  for (const Kind& kind : kinds()) {
    SCOPED_TRACE(kind.name);
    ASSERT_TRUE(schema_of(kind.name)) << schema_of(kind.name).error().message;
    EXPECT_FALSE(title_of(kind).empty());
    write("security/" + std::string(kind.name) + ".yaml", draft(kind));
  }
  const auto found = result();
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_EQ(found->files.size(), kinds().size());
  EXPECT_TRUE(found->records.empty());
}

TEST_F(RecordFiles, DraftsWithTheirMarksRemovedAreYamlOfTheSameFields) {
  for (const Kind& kind : kinds()) {
    SCOPED_TRACE(kind.name);
    std::string text = draft(kind);
    const std::size_t records = text.find("\nrecords:\n");
    ASSERT_NE(records, std::string::npos);
    for (std::size_t at = records + 1; (at = text.find("\n#", at)) != std::string::npos; ++at) {
      text.erase(at + 1, 1);
    }
    const auto document = base::parse_yaml(text);
    ASSERT_TRUE(document) << document.error().text() << "\n" << text;
    const base::Value& record = (*document)["records"].as_list().at(0);
    const base::Value& fields = (*schema_of(kind.name))->root()["$defs"]["record"]["properties"];
    ASSERT_EQ(record.as_map().size(), fields.as_map().size());
  }
}

TEST_F(RecordFiles, TellFileLineAndReasonOfWhatIsWrong) {
  refuses("version: 1\nkind: trainin\nrecords:\n", 2, "did you mean \"training\"?");
  refuses("version: 1\nrecords: []\n", 1, "\"kind\" is missing");
  refuses("version: 2\nkind: risk\nrecords:\n", 1, "must be 1");
  refuses(
      "version: 1\nkind: supplier\nowner: dana\nmade_by: dana\nrecords:\n  - {id: s, effective: 2026-01-01, scope: "
      "all, "
      "evidence: [report], follows_code: \"yes\", outcome: accept, provider: acne}\n",
      6, "did you mean \"acme\"?");
  refuses("version: 1\nkind: training\nowner: dana\nmade_by: dana\nrecords:\n  - {id: t, persn: sam}\n", 6,
          "is missing");
  const std::string risk =
      "version: 1\nkind: risk\nowner: dana\nmade_by: dana\nrecords:\n"
      "  - {id: r1, title: T, likelihood: low, impact: low, residual: low, tolerance: low, treatment: avoid, ";
  refuses(risk + "effective: 2027-01-01}\n", 6, "still to come");
  refuses(risk + "effective: 2026-02-30}\n", 6, "not a date");
  refuses(risk + "effective: 2026-02-03, valid_until: 2026-01-01}\n", 6, "is before effective");
  refuses(risk + "effective: 2026-02-03, owner: dan}\n", 6, "did you mean \"dana\"?");
  refuses(risk + "effective: 2026-02-03, subject: intend}\n", 6, "did you mean \"intent\"?");
  refuses(risk + "effective: 2026-02-03, sha256: xyz}\n", 6, "too short");
  refuses(risk + "effective: 2026-02-03}\n" + risk.substr(risk.find("  - {")) + "effective: 2026-02-03}\n", 7,
          "is the id of another record of this kind");
  refuses(
      "version: 1\nkind: risk\nowner: dana\nrecords:\n" + risk.substr(risk.find("  - {")) + "effective: 2026-02-03}\n",
      5, "made_by: is missing");
  refuses(
      "version: 1\nkind: disclosure-policy\nowner: dana\nmade_by: dana\nrecords:\n  - {id: d, effective: 2026-01-01, "
      "path: "
      "../../etc/passwd, contact: x, covers_ai: true, reply_within_days: 5}\n",
      6, "leaves the assessed directory");
}

TEST_F(RecordFiles, AChannelThatWasTestedNeedsNoOutcomeAnOversightPointDoes) {
  write("security/roster.yaml", kRoster);
  write(
      "security/reporting.yaml",
      "version: 1\nkind: staff-reporting\nowner: dana\nmade_by: dana\nrecords:\n"
      "  - {id: s, effective: 2026-01-01, channel: c, received_by: [dana], confidential: true, safeguards: x, tested: "
      "2026-02-01}\n");
  EXPECT_TRUE(result()) << error().text();
  refuses(
      "version: 1\nkind: oversight-point\nowner: dana\nmade_by: dana\nrecords:\n"
      "  - {id: o, effective: 2026-01-01, control: pause, covers: [intent], responsible: dana, tested: 2026-02-01}\n",
      6, "test_outcome: is missing");
}

TEST_F(RecordFiles, TellContradictions) {
  refuses(
      "version: 1\nkind: data-custody\nowner: dana\nmade_by: dana\nrecords:\n"
      "  - {id: c1, data: tickets, custodian: dana, classification: internal, intended_use: x, effective: 2026-01-01}\n"
      "  - {id: c2, data: tickets, custodian: sam, classification: internal, intended_use: x, effective: "
      "2026-01-01}\n",
      7, "contradicts record c1");
  write("security/programme.yaml", kProgramme);
  refuses(
      "version: 1\nkind: training\nowner: dana\nmade_by: dana\nrecords:\n"
      "  - {id: t, person: sam, module: threats, effective: 2026-07-01}\n",
      6, "sam left on 2026-06-01");
  refuses(
      "version: 1\nkind: monitoring-review\nowner: dana\nmade_by: dana\nrecords:\n"
      "  - {id: m, covers: [logs], since: 2026-01-01, until: 2026-02-01, outcome: normal, effective: 2026-02-01,\n"
      "     signals: [{name: n, baseline: a, observed: b, result: drift}]}\n",
      6, "is normal, but");
}

TEST_F(RecordFiles, BombsLinksAndHugeFilesAreRefused) {
  std::string bomb =
      "version: 1\nkind: risk\nowner: &a [x,x,x,x,x,x,x,x,x,x]\nmade_by: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c "
      "[*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f "
      "[*e,*e,*e,*e,*e,*e,*e,*e]\nrecords: [*f,*f,*f,*f,*f,*f,*f,*f]\n";
  write("security/x.yaml", bomb);
  EXPECT_EQ(error().code, Errc::too_large) << error().text();
  write("security/x.yaml", std::string(kMaxFileBytes + 1, '#'));
  EXPECT_EQ(error().code, Errc::too_large) << error().text();
  fs::remove(root_ / "security/x.yaml");
  fs::create_symlink("/etc/passwd", root_ / "security/x.yaml");
  EXPECT_EQ(error().code, Errc::io) << error().text();
}

TEST_F(RecordFiles, FilesOfOtherProgramsAreLeftAloneUnlessNamed) {
  write("security/policy.yaml", "apiVersion: v1\nkind: NetworkPolicy\n");
  write("security/other.yaml", "rules: []\n");
  const auto found = result();
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_EQ(found->notes.size(), 2U);
  declare("version: 1\nsystem: {name: x, roles: [developer]}\nrecords: [security/other.yaml]\n");
  EXPECT_EQ(error().code, Errc::malformed);
  declare("version: 1\nsystem: {name: x, roles: [developer]}\nrecords: [nowhere]\n");
  EXPECT_EQ(error().line, 3U) << error().text();
  system_.declared = false;
  const auto none = result();
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->records.empty());
}

TEST_F(RecordFiles, SignaturesCountOnlyOfThoseWhoMayAttest) {
  const base::PrivateKey key = *base::PrivateKey::generate(base::KeyKind::ed25519);
  const auto attesters = [&](const std::string& what) {
    declare(
        "version: 1\nsystem: {name: x, roles: [developer]}\nattesters:\n  - {id: ciso, name: Dana, role: Head, keys: "
        "[\"" +
        ssh_line(key.public_key()) + "\"], " + what + "}\n");
  };
  write("security/roster.yaml", kRoster);
  write("security/roster.yaml.sig", *make_ssh_signature(key, kRoster, kNamespace));
  provisions_["roster"] = {"1.1.1", "1.2"};
  EXPECT_EQ(error().code, Errc::untrusted) << "nobody is an attester";
  attesters("kinds: [risk]");
  EXPECT_NE(error().message.find("who may not attest records of kind roster"), std::string::npos) << error().text();
  EXPECT_EQ(error().code, Errc::untrusted);
  EXPECT_EQ(error().file, "security/roster.yaml.sig");
  attesters("provisions: [\"2.4\"]");
  EXPECT_EQ(error().code, Errc::untrusted) << "the roster speaks for none of them";
  attesters("provisions: [\"1.2\", \"2.4\"]");
  const auto in_part = result();
  ASSERT_TRUE(in_part) << in_part.error().text();
  EXPECT_EQ(in_part->files[0].signers.at(0).provisions, std::vector<std::string>{"1.2"});
  attesters("provisions: [\"1.1.1\", \"1.2\"]");
  const auto whole = result();
  ASSERT_TRUE(whole) << whole.error().text();
  EXPECT_TRUE(whole->files[0].signers.at(0).provisions.empty()) << "all that the kind speaks for";
  attesters("exceptions: true");
  EXPECT_EQ(error().code, Errc::untrusted) << "to accept failures is another right";
  attesters("kinds: [rosters]");
  EXPECT_NE(error().message.find("did you mean \"roster\"?"), std::string::npos) << error().text();
  attesters("kinds: [roster]");
  const auto found = result();
  ASSERT_TRUE(found) << found.error().text();
  ASSERT_EQ(found->files[0].signers.size(), 1U);
  EXPECT_EQ(found->files[0].signers[0].id, "ciso");
  EXPECT_EQ(found->files[0].signers[0].key, fingerprint(key.public_key()));
  write("security/roster.yaml", std::string(kRoster) + "# changed\n");
  EXPECT_EQ(error().code, Errc::untrusted);
  EXPECT_NE(error().message.find("was changed"), std::string::npos) << error().text();
  write("security/roster.yaml.sig", "no signature");
  EXPECT_EQ(error().code, Errc::untrusted);
}

TEST_F(RecordFiles, SeveralPeopleSignOneFileEachForTheirProvisions) {
  const base::PrivateKey dana = *base::PrivateKey::generate(base::KeyKind::ed25519);
  const base::PrivateKey ola = *base::PrivateKey::generate(base::KeyKind::ed25519);
  const base::PrivateKey stranger = *base::PrivateKey::generate(base::KeyKind::ed25519);
  declare(
      "version: 1\nsystem: {name: x, roles: [developer]}\nattesters:\n  - {id: dana, name: Dana, role: Head, keys: "
      "[\"" +
      ssh_line(dana.public_key()) + "\"], provisions: [\"1.2\"]}\n  - {id: ola, name: Ola, role: Training, keys: [\"" +
      ssh_line(ola.public_key()) + "\"], provisions: [\"1.1.1\"]}\n");
  provisions_["roster"] = {"1.1.1", "1.2"};
  write("security/roster.yaml", kRoster);
  write("security/roster.yaml.sig", *make_ssh_signature(dana, kRoster, kNamespace));
  write("security/roster.yaml.ola.sig", *make_ssh_signature(ola, kRoster, kNamespace));
  write("security/roster.yaml.other.yaml.sig", "of a file that is not there");
  const auto found = result();
  ASSERT_TRUE(found) << found.error().text();
  ASSERT_EQ(found->files[0].signers.size(), 2U);
  EXPECT_EQ(found->files[0].signers[0].name, "Ola");
  EXPECT_EQ(found->files[0].signers[0].provisions, std::vector<std::string>{"1.1.1"});
  EXPECT_EQ(found->files[0].signers[1].name, "Dana");
  EXPECT_EQ(found->notes, std::vector<std::string>{
                              "security/roster.yaml.other.yaml.sig: a signature without the file that it signs"});
  write("security/roster.yaml.again.sig", *make_ssh_signature(ola, kRoster, kNamespace));
  EXPECT_NE(error().message.find("once more"), std::string::npos) << error().text();
  write("security/roster.yaml.again.sig", *make_ssh_signature(stranger, kRoster, kNamespace));
  EXPECT_EQ(error().code, Errc::untrusted);
  EXPECT_EQ(error().file, "security/roster.yaml.again.sig") << "one good signature does not cover a bad one";
}

TEST_F(RecordFiles, TwoThousandAreReadAtOnce) {
  write("security/roster.yaml", kRoster);
  write("security/programme.yaml", kProgramme);
  std::string many = "version: 1\nkind: training\nowner: dana\nmade_by: dana\nrecords:\n";
  for (int i = 0; i < 2'000; ++i) {
    many += "  - {id: t" + std::to_string(i) + ", person: dana, module: threats, effective: 2026-02-01}\n";
  }
  write("security/training.yaml", many);
  const auto found = result();
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_EQ(found->records.size(), 2'003U);
}

}  // namespace
}  // namespace records
