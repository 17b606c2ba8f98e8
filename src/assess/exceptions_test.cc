#include "assess/exceptions.h"

#include <gtest/gtest.h>

#include <string>

#include "assess/assess.h"

namespace assess {
namespace {

using base::Value;

constexpr base::UnixTime kNow{1795435200};  // 2026-11-23

// One provision, 1.1, with one check that objects to every asset of format "bad".
catalog::Catalog code() {
  catalog::Catalog catalog;
  catalog.editions.push_back({"house", "House", "", "", "", "{id}", "{id}", "", ""});
  for (const char* id : {"1.1", "1.2"}) {
    catalog::Provision provision;
    provision.id = id;
    provision.ids = {{"house", id}};
    provision.actors = {"developer"};
    catalog.provisions.push_back(provision);
    catalog::Check check;
    check.id = std::string("check-") + id;
    check.title = check.id;
    check.provisions = {id};
    check.strength = "executed";
    check.file = "checks/test.yaml";
    check.subjects_sql = "SELECT path FROM assets";
    check.violations_sql =
        std::string("SELECT path, 'line 1', 'is bad' FROM assets WHERE format = 'bad") + (id[2] == '1' ? "'" : " too'");
    catalog.checks.push_back(check);
  }
  return catalog;
}

std::string entry(const std::string& fields, const std::string& dates = "created: 2026-11-01, expires: 2027-03-01") {
  return "  - {" + fields +
         ", owner: ops@example.org, reason: Replaced in January., compensating_control: Only staff reach it., " +
         dates + "}\n";
}
std::string file(const std::string& entries) {
  return "version: 1\nexceptions:\n" + entries;
}

base::Result<Assessment> assessed(const catalog::Catalog& catalog, const std::string& text, base::UnixTime today) {
  Facts facts = TRY(Facts::create());
  for (const auto& [path, format] : {std::pair{"m1", "bad"}, std::pair{"m2", "bad"}, std::pair{"m3", "good"}}) {
    Value row;
    row.set("path", path).set("format", format).set("kind", "model");
    TRY(facts.add_row("assets", row));
  }
  const ExceptionsFile read = TRY(parse_exceptions(text, "security/exceptions.yaml", catalog, today));
  const evidence::Statement statement = TRY(evidence::Statement::parse(statement_of(read).canonical()));
  TRY(facts.load(statement));
  TRY(facts.finish(today));
  return assess(facts, catalog);
}

TEST(Exceptions, CoverAFailureWithoutMakingItAPass) {
  const catalog::Catalog catalog = code();
  const auto result = assessed(catalog, file(entry("provision: \"1.1\"")), kNow);
  ASSERT_TRUE(result) << result.error().text();
  EXPECT_EQ(result->provisions[0].verdict, Verdict::fail);
  EXPECT_TRUE(result->provisions[0].excepted);
  EXPECT_EQ(result->provisions[0].checks[0].excepted_count, 2U);
  EXPECT_EQ(result->counts.at(catalog::Verb::shall).fail, 0U);
  EXPECT_EQ(result->counts.at(catalog::Verb::shall).excepted, 1U);
  EXPECT_EQ(result->counts.at(catalog::Verb::shall).pass, 1U);
  EXPECT_EQ(result->adherence, Adherence::does_not_adhere);
  EXPECT_EQ(result->adherence_reason, "1 shall provision is not met, 1 of them excepted");
  EXPECT_EQ(result->exceptions[0].state, ExceptionState::in_force);
  EXPECT_EQ(result->exceptions[0].objections, 2U);
  EXPECT_EQ(exit_code(*result, {}), 0);
}

records::Attester attester(const std::string& id, bool may_except, std::vector<std::string> provisions = {}) {
  records::Attester out;
  out.id = id;
  out.name = "Dana of " + id;
  out.role = "Head";
  out.may_except = may_except;
  out.provisions = std::move(provisions);
  return out;
}

std::string owned_by(const std::string& owner, const std::string& provision) {
  return "  - {provision: \"" + provision + "\", owner: " + owner +
         ", reason: Replaced in January., compensating_control: Only staff reach it., created: 2026-11-01, expires: "
         "2027-03-01}\n";
}

TEST(Exceptions, AreSignedByTheirOwnersWhoMayExcept) {
  const catalog::Catalog catalog = code();
  ExceptionsFile read = *parse_exceptions(file(owned_by("ops", "1.1") + owned_by("Dana of ciso", "1.2")),
                                          "security/exceptions.yaml", catalog, kNow);
  const records::Attester ops = attester("ops", true);
  const records::Signing by_ops{&ops, "SHA256:x", "security/exceptions.yaml.sig"};
  ASSERT_TRUE(attest(read, std::span(&by_ops, 1)));
  EXPECT_EQ(read.exceptions[0].attested_by, "Dana of ops, Head");
  EXPECT_EQ(read.exceptions[1].attested_by, "") << "its owner did not sign";
  const records::Attester ciso = attester("ciso", true, {"1.2"});
  const records::Signing by_ciso{&ciso, "SHA256:y", "security/exceptions.yaml.ciso.sig"};
  ASSERT_TRUE(attest(read, std::span(&by_ciso, 1)));
  EXPECT_EQ(read.exceptions[1].attested_by, "Dana of ciso, Head");
  const auto again = exceptions_from(*evidence::Statement::parse(statement_of(read).canonical()));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->exceptions[0].attested_by, "Dana of ops, Head");
}

TEST(Exceptions, SignedByTheWrongPersonStopEverything) {
  const catalog::Catalog catalog = code();
  const ExceptionsFile read =
      *parse_exceptions(file(owned_by("ops", "1.1")), "security/exceptions.yaml", catalog, kNow);
  for (const auto& [who, message] :
       {std::pair{attester("ops", false), "who may not accept failures"},
        std::pair{attester("ciso", true), "who owns no exception in it"},
        std::pair{attester("ops", true, {"1.2"}), "of a provision that this person may except"}}) {
    ExceptionsFile copy = read;
    const records::Signing signing{&who, "SHA256:x", "security/exceptions.yaml.sig"};
    const auto attested = attest(copy, std::span(&signing, 1));
    ASSERT_FALSE(attested);
    EXPECT_EQ(attested.error().code, base::Errc::untrusted);
    EXPECT_EQ(attested.error().file, "security/exceptions.yaml.sig");
    EXPECT_NE(attested.error().message.find(message), std::string::npos) << attested.error().text();
  }
}

TEST(Exceptions, DoNotCountUnsignedWhereItIsSaidWhoMayExcept) {
  const catalog::Catalog catalog = code();
  for (const bool is_signed : {false, true}) {
    Facts facts = *Facts::create();
    Value row;
    row.set("path", "m1").set("format", "bad").set("kind", "model");
    ASSERT_TRUE(facts.add_row("assets", row));
    evidence::SystemFacts system;
    system.declared = true;
    system.path = "ai-system.yaml";
    system.document.set("version", 1);
    system.document.set("attesters", Value::List{Value(Value::Map{{"id", "ops"}, {"exceptions", true}})});
    ASSERT_TRUE(facts.load(evidence::statement_of(system)));
    ExceptionsFile read = *parse_exceptions(file(owned_by("ops", "1.1")), "security/exceptions.yaml", catalog, kNow);
    if (is_signed) {
      read.exceptions[0].attested_by = "Dana, Head";
    }
    ASSERT_TRUE(facts.load(statement_of(read)));
    ASSERT_TRUE(facts.finish(kNow));
    const auto result = assess(facts, catalog);
    ASSERT_TRUE(result) << result.error().text();
    EXPECT_EQ(result->provisions[0].verdict, Verdict::fail);
    EXPECT_EQ(result->provisions[0].excepted, is_signed);
    EXPECT_EQ(result->exceptions[0].state, is_signed ? ExceptionState::in_force : ExceptionState::not_signed);
    EXPECT_EQ(exit_code(*result, {}), is_signed ? 0 : 1);
  }
}

TEST(Exceptions, ForOneSubjectLeaveTheOthersFailing) {
  const catalog::Catalog catalog = code();
  const auto result = assessed(catalog, file(entry("provision: \"1.1\", check: check-1.1, subject: m1")), kNow);
  ASSERT_TRUE(result) << result.error().text();
  EXPECT_FALSE(result->provisions[0].excepted);
  EXPECT_EQ(result->provisions[0].checks[0].excepted_count, 1U);
  EXPECT_EQ(result->provisions[0].exceptions, std::vector<std::size_t>{0});
  EXPECT_EQ(exit_code(*result, {}), 1);
}

TEST(Exceptions, CountToTheirLastDayAndNoLonger) {
  const catalog::Catalog catalog = code();
  const std::string text = file(entry("provision: \"1.1\"", "created: 2026-11-01, expires: 2026-11-23"));
  const auto last_day = assessed(catalog, text, kNow);
  ASSERT_TRUE(last_day) << last_day.error().text();
  EXPECT_TRUE(last_day->provisions[0].excepted);
  EXPECT_EQ(last_day->exceptions[0].state, ExceptionState::expires_soon);
  const auto after = assessed(catalog, text, {kNow.seconds + 86'400});
  ASSERT_TRUE(after) << after.error().text();
  EXPECT_FALSE(after->provisions[0].excepted);
  EXPECT_EQ(after->exceptions[0].state, ExceptionState::expired);
  EXPECT_EQ(exit_code(*after, {}), 1);
}

TEST(Exceptions, ForWhatDoesNotFailAreUnused) {
  const catalog::Catalog catalog = code();
  const auto result =
      assessed(catalog, file(entry("provision: \"1.2\"") + entry("provision: \"1.1\", subject: m3")), kNow);
  ASSERT_TRUE(result) << result.error().text();
  EXPECT_EQ(result->exceptions[0].state, ExceptionState::unused);
  EXPECT_EQ(result->exceptions[1].state, ExceptionState::unused);
  EXPECT_EQ(result->provisions[1].verdict, Verdict::pass);
  EXPECT_FALSE(result->provisions[1].excepted);
}

struct Wrong {
  const char* name;
  std::string text;
  const char* message;
};

class ExceptionsRefuse : public testing::TestWithParam<Wrong> {};

TEST_P(ExceptionsRefuse, WithFileLineAndReason) {
  const auto read = parse_exceptions(GetParam().text, "security/exceptions.yaml", code(), kNow);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, base::Errc::malformed);
  EXPECT_EQ(read.error().file, "security/exceptions.yaml");
  EXPECT_GT(read.error().line, 0U);
  EXPECT_NE(read.error().message.find(GetParam().message), std::string::npos) << read.error().message;
}

std::string without(const std::string& field) {
  std::string text = entry("provision: \"1.1\"");
  const std::size_t begin = text.find(field + ":");
  const std::size_t end = std::min(text.find(", ", begin), text.find("}\n", begin));
  text.erase(begin, end - begin + (text[end] == ',' ? 2 : 0));
  return file(text.replace(text.find(", }") == std::string::npos ? text.size() : text.find(", }"),
                           text.find(", }") == std::string::npos ? 0 : 2, ""));
}

INSTANTIATE_TEST_SUITE_P(
    EveryMalformedThing, ExceptionsRefuse,
    testing::Values(
        Wrong{"no_provision", file(entry("subject: m1")), "provision"}, Wrong{"no_owner", without("owner"), "owner"},
        Wrong{"no_reason", without("reason"), "reason"},
        Wrong{"no_control", without("compensating_control"), "compensating_control"},
        Wrong{"no_end", without("expires"), "expires"},
        Wrong{"unknown_provision", file(entry("provision: \"9.9\"")), "there is no \"9.9\""},
        Wrong{"unknown_check", file(entry("provision: \"1.1\", check: chek-1.1")), "did you mean \"check-1.1\"?"},
        Wrong{"check_of_another_provision", file(entry("provision: \"1.1\", check: check-1.2")),
              "does not look at provision 1.1"},
        Wrong{"unknown_field", file(entry("provision: \"1.1\", subjet: m1")), "did you mean \"subject\"?"},
        Wrong{"ends_before_it_begins", file(entry("provision: \"1.1\"", "created: 2026-11-01, expires: 2026-10-01")),
              "before it was created"},
        Wrong{"too_long", file(entry("provision: \"1.1\"", "created: 2026-11-01, expires: 2029-10-01")),
              "more than two years"},
        Wrong{"from_the_future", file(entry("provision: \"1.1\"", "created: 2026-12-01, expires: 2027-01-01")),
              "in the future"},
        Wrong{"no_such_date", file(entry("provision: \"1.1\"", "created: 2026-11-01, expires: 2027-02-30")), "expires"},
        Wrong{"twice", file(entry("provision: \"1.1\"") + entry("provision: \"1.1\"")), "a second exception"},
        Wrong{"version", "version: 2\nexceptions: []\n", "version"},
        Wrong{"broken_yaml", "version: 1\nexceptions: [\n", ""}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(Exceptions, OfAStatementAreReadAgainAsTheyWere) {
  const auto read =
      parse_exceptions(file(entry("provision: \"1.1\", check: check-1.1, subject: m1")), "f", code(), kNow);
  ASSERT_TRUE(read) << read.error().text();
  const auto again = exceptions_from(statement_of(*read));
  ASSERT_TRUE(again) << again.error().text();
  ASSERT_EQ(again->exceptions.size(), 1U);
  EXPECT_EQ(again->sha256, read->sha256);
  EXPECT_EQ(again->exceptions[0].subject, "m1");
  EXPECT_EQ(again->exceptions[0].check, "check-1.1");
  EXPECT_EQ(again->exceptions[0].expires, read->exceptions[0].expires);
  EXPECT_EQ(again->exceptions[0].line, 3U);
}

}  // namespace
}  // namespace assess
