#include "evidence/signature.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/json.h"
#include "base/schema.h"
#include "evidence/statement.h"

namespace {

evidence::Signature sample() {
  evidence::Signature signature;
  signature.bundle = "models/intent.sig";
  signature.sha256 = base::sha256("bundle");
  signature.model = "models/intent";
  signature.trust = "key keys/model.pub";
  signature.method = "key";
  signature.key = base::sha256("key").hex();
  signature.signer = "CN=signer";
  signature.issuer = "CN=issuer";
  signature.algorithm = "blake3";
  signature.root = base::sha256("root").hex();
  signature.verified = false;
  signature.partial = true;
  signature.signed_files = 3;
  signature.verified_files = 1;
  signature.files = {"models/intent/caf\xe9"};
  signature.problems = {{"file-changed", "models/intent/a", "its bytes are not those that were signed", false},
                        {"ignored-loadable", "models/intent/.github/x.py", "can be loaded", true}};
  signature.notes = {"a note"};
  return signature;
}

TEST(Signature, IsReadBackAsItWasWritten) {
  for (const bool verified : {false, true}) {
    evidence::Signature signature = sample();
    signature.verified = verified;
    const std::string text = statement_of(signature).canonical();
    const auto statement = evidence::Statement::parse(text);
    ASSERT_TRUE(statement) << statement.error().text();
    const auto again = evidence::signature_from(*statement);
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_EQ(statement_of(*again).canonical(), text);
    EXPECT_EQ(again->verified, verified);
    EXPECT_EQ(again->bundle, signature.bundle);
    EXPECT_EQ(again->files, signature.files);
    ASSERT_EQ(again->problems.size(), 2U);
    EXPECT_TRUE(again->problems[1].reference_accepts);
  }
}

TEST(Signature, ConformsToTheSchema) {
  const auto text = base::read_file(PROJECT_DIR "/schemas/evidence.schema.json", 1U << 20);
  ASSERT_TRUE(text);
  const auto schema = base::Schema::load(*text);
  ASSERT_TRUE(schema);
  evidence::Signature bare;
  bare.bundle = "x.sig";
  for (const evidence::Signature& signature : {sample(), bare}) {
    const auto done = schema->require(*base::parse_json(statement_of(signature).canonical()), "signature");
    EXPECT_TRUE(done) << done.error().text();
  }
}

TEST(Signature, AnotherVerificationOfABundleTakesThePlaceOfTheFirst) {
  evidence::Signature other = sample();
  other.verified = true;
  other.model = "elsewhere";
  EXPECT_EQ(statement_of(sample()).key(), statement_of(other).key());
}

TEST(Signature, UnknownFieldsAndWrongKindsAreRefused) {
  const auto refused = [](std::string_view from, std::string_view to) {
    std::string text = statement_of(sample()).canonical();
    text.replace(text.find(from), from.size(), to);
    const auto statement = evidence::Statement::parse(text);
    return !statement || !evidence::signature_from(*statement);
  };
  EXPECT_TRUE(refused("\"partial\":true", "\"partial\":1"));
  EXPECT_TRUE(refused("\"partial\":true", "\"certain\":true"));
  EXPECT_TRUE(refused("\"signed_files\":3", "\"signed_files\":-3"));
  EXPECT_TRUE(refused("\"code\":\"file-changed\"", "\"kind\":\"file-changed\""));
  EXPECT_TRUE(refused("signature:v1", "asset:v1"));
}

}  // namespace
