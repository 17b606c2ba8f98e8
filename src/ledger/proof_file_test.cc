#include "ledger/proof_file.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "base/text.h"
#include "ledger/log_test_directory.h"

namespace ledger {
namespace {

using base::Errc;
using base::Sha256;

TEST(TlogProof, IsReadBackAsItWasWritten) {
  TlogProof proof;
  proof.extra = std::string("\0\xff", 2);
  proof.index = 9'223'372'036'854'775'807U;
  proof.hashes.assign(kMaxProofHashes, base::sha256("hash"));
  proof.checkpoint = "checkpoint\n";
  const std::string text = proof.to_text();
  const auto parsed = TlogProof::parse(text);
  ASSERT_TRUE(parsed) << parsed.error().text();
  EXPECT_EQ(parsed->to_text(), text);
  EXPECT_EQ(parsed->extra, proof.extra);
  proof.hashes.push_back(base::sha256("one more"));
  EXPECT_EQ(TlogProof::parse(proof.to_text()).error().code, Errc::too_large);
}

TEST(TlogProof, EveryTruncationBeforeTheCheckpointIsRefused) {
  TlogProof proof;
  proof.index = 3;
  proof.hashes.assign(2, base::sha256("hash"));
  proof.checkpoint = "c";
  const std::string text = proof.to_text();
  for (std::size_t kept = 0; kept < text.size(); ++kept) {
    EXPECT_FALSE(TlogProof::parse(text.substr(0, kept))) << kept;
  }
}

TEST(TlogProof, RefusesNumbersAndHashesWrittenInAnotherWay) {
  const Sha256 digest = base::sha256("h");
  const std::string hash = base::to_base64(std::as_bytes(std::span(digest.bytes))) + "\n";
  const std::string head = "c2sp.org/tlog-proof@v1\n";
  ASSERT_TRUE(TlogProof::parse(head + "index 1\n" + hash + "\nc"));
  for (const std::string& bad : std::vector<std::string>{
           "c2sp.org/tlog-proof@v2\nindex 1\n\nc", head + "index 01\n\nc", head + "index\n\nc", head + "index -1\n\nc",
           head + "index 9223372036854775808\n\nc", head + "index 18446744073709551616\n\nc",
           head + "extra !\nindex 1\n\nc", head + "extra AA==\nextra AA==\nindex 1\n\nc", head + "index 1\nAAAA\n\nc",
           head + "index 1\n" + hash + hash}) {
    EXPECT_FALSE(TlogProof::parse(bad)) << bad;
  }
}

TEST(TlogProof, AgreesWithTheSharedVector) {
  const auto path = vectors("signed-notes/entry-65536.tlog-proof");
  const auto keys = vectors("signed-notes/notes.json");
  if (!std::filesystem::exists(path)) {
    GTEST_SKIP() << "no vectors at " << path;
  }
  const auto file = base::parse_json(*base::read_file(keys, 1U << 20));
  ASSERT_TRUE(file);
  Trust trust;
  trust.keys.push_back({*NoteVerifier::parse((*file)["log_vkey"].as_text()), 0, {}, {}, {}});
  for (const base::Value& key : (*file)["witness_vkeys"].as_list()) {
    trust.witnesses.push_back(*NoteVerifier::parse(key.as_text()));
  }
  trust.quorum = 2;
  const std::string text = *base::read_file(path, 1U << 16);
  const auto proof = TlogProof::parse(text);
  ASSERT_TRUE(proof) << proof.error().text();
  EXPECT_EQ(proof->to_text(), text);
  const auto opened = check_proof(*proof, "entry-65536\n", trust, {});
  ASSERT_TRUE(opened) << opened.error().text();
  EXPECT_EQ(opened->checkpoint.size, 70'000U);
  EXPECT_EQ(check_proof(*proof, "entry-65537\n", trust, {}).error().code, Errc::untrusted);
  for (std::size_t i = 0; i < proof->hashes.size(); ++i) {
    TlogProof bad = *proof;
    bad.hashes[i].bytes[31] ^= 1;
    EXPECT_FALSE(check_proof(bad, "entry-65536\n", trust, {}));
  }
  TlogProof bad = *proof;
  for (const std::uint64_t index : {0U, 65'535U, 65'537U, 70'000U}) {
    bad.index = index;
    EXPECT_FALSE(check_proof(bad, "entry-65536\n", trust, {}));
  }
}

TEST(AddCheckpoint, IsReadBackAndEveryTruncationIsRefused) {
  AddCheckpoint request{20, std::vector<Sha256>(3, base::sha256("h")), "c"};
  const std::string text = request.to_text();
  const auto parsed = AddCheckpoint::parse(text);
  ASSERT_TRUE(parsed) << parsed.error().text();
  EXPECT_EQ(parsed->to_text(), text);
  EXPECT_EQ(parsed->old_size, 20U);
  for (std::size_t kept = 0; kept < text.size(); ++kept) {
    EXPECT_FALSE(AddCheckpoint::parse(text.substr(0, kept))) << kept;
  }
}

TEST(Record, IsTakenApartAsItWasMade) {
  Entry entry;
  entry.key = "key";
  entry.content = "content";
  entry.received = {-5};
  for (const unsigned version : {1U, 2U}) {
    entry.record = static_cast<std::uint8_t>(version);
    const std::string record = record_of(entry);
    EXPECT_EQ(leaf_hash_of_record(record), leaf_hash(entry));
    const auto parsed = parse_record(record);
    ASSERT_TRUE(parsed) << parsed.error().text();
    EXPECT_EQ(parsed->entry.key, "key");
    EXPECT_EQ(parsed->entry.received.seconds, -5);
    EXPECT_EQ(parsed->content_bytes, 7U);
    EXPECT_EQ(parsed->entry.content, version == 1 ? "content" : "");
    const std::size_t fixed = version == 1 ? record.size() - 7 : record.size();
    for (std::size_t kept = 0; kept < fixed; ++kept) {
      EXPECT_FALSE(parse_record(record.substr(0, kept))) << kept;
    }
  }
  EXPECT_EQ(parse_record("\x03").error().code, Errc::unsupported);
  EXPECT_FALSE(parse_record(record_of(entry) + "x"));
}

}  // namespace
}  // namespace ledger
