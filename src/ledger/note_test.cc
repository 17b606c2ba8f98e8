#include "ledger/note.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "base/text.h"
#include "ledger/log_test_directory.h"
#include "ledger/signed_checkpoint.h"

namespace ledger {
namespace {

using base::Errc;
using ::testing::HasSubstr;

NoteSigner signer(const std::string& name, NoteKeyType type) {
  auto made = NoteSigner::make(name, type, *base::PrivateKey::generate(base::KeyKind::ed25519));
  EXPECT_TRUE(made) << made.error().text();
  return *std::move(made);
}

TEST(Note, IsReadBackAsItWasWritten) {
  const NoteSigner log = signer("log.example/a", NoteKeyType::ed25519);
  const NoteSigner witness = signer("witness.example", NoteKeyType::cosignature);
  Note note{"one\n\ntwo\n", {}};
  note.signatures.push_back(*log.sign(note.text, {}));
  note.signatures.push_back(*witness.sign(note.text, {1'750'000'000}));
  const auto parsed = Note::parse(note.to_text());
  ASSERT_TRUE(parsed) << parsed.error().text();
  EXPECT_EQ(parsed->text, note.text);
  EXPECT_EQ(parsed->to_text(), note.to_text());
  const std::vector<NoteVerifier> keys = {log.verifier(), witness.verifier()};
  const auto verified = verify_note(*parsed, keys);
  ASSERT_TRUE(verified) << verified.error().text();
  ASSERT_EQ(verified->size(), 2U);
  EXPECT_FALSE((*verified)[0].time);
  EXPECT_EQ((*verified)[1].time->seconds, 1'750'000'000);
}

TEST(Note, EveryTruncationIsRefusedOrHasFewerSignatures) {
  Note note{"text\n", {}};
  note.signatures.push_back(*signer("log.example", NoteKeyType::ed25519).sign(note.text, {}));
  const std::string text = note.to_text();
  for (std::size_t kept = 0; kept < text.size(); ++kept) {
    EXPECT_FALSE(Note::parse(text.substr(0, kept))) << kept;
  }
}

TEST(Note, EveryChangedByteOfTextOrSignatureIsNoticed) {
  const NoteSigner log = signer("log.example", NoteKeyType::ed25519);
  Note note{"log.example\n12\n", {}};
  note.signatures.push_back(*log.sign(note.text, {}));
  const std::vector<NoteVerifier> keys = {log.verifier()};
  const std::string good = note.to_text();
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    const auto parsed = Note::parse(bad);
    const auto verified =
        parsed ? verify_note(*parsed, keys) : base::Result<std::vector<VerifiedSignature>>(parsed.error());
    // The padding bits of base64 say nothing; all else does.
    EXPECT_TRUE(!verified || verified->empty() || parsed->to_text() == good) << i;
  }
}

TEST(Note, UnknownKeysArePassedOverAndKnownOnesMustVerify) {
  const NoteSigner log = signer("log.example", NoteKeyType::ed25519);
  const NoteSigner stranger = signer("stranger.example", NoteKeyType::ed25519);
  Note note{"text\n", {*stranger.sign("text\n", {})}};
  note.signatures.push_back({"odd.example", 7, std::string(2420, 'x')});  // of a kind that is not known here
  const std::vector<NoteVerifier> keys = {log.verifier()};
  EXPECT_TRUE(verify_note(note, keys)->empty());
  note.signatures.push_back(*log.sign("text\n", {}));
  EXPECT_EQ(verify_note(note, keys)->size(), 1U);
  note.signatures.push_back(*log.sign("text\n", {}));  // twice is once
  EXPECT_EQ(verify_note(note, keys)->size(), 1U);
  note.signatures.push_back(*log.sign("other\n", {}));
  EXPECT_EQ(verify_note(note, keys).error().code, Errc::untrusted);
}

TEST(Note, ACosignatureOfAnotherTimeDoesNotVerify) {
  const NoteSigner witness = signer("witness.example", NoteKeyType::cosignature);
  NoteSignature line = *witness.sign("text\n", {1'750'000'000});
  EXPECT_TRUE(witness.verifier().verifies("text\n", line));
  line.bytes[7] = static_cast<char>(line.bytes[7] ^ 1);
  EXPECT_FALSE(witness.verifier().verifies("text\n", line));
  EXPECT_EQ(witness.sign("text\n", {-1}).error().code, Errc::usage);
  for (const std::size_t bytes : {0U, 7U, 8U}) {
    EXPECT_FALSE(witness.verifier().verifies(
        "text\n", {"witness.example", witness.verifier().key_id(), std::string(bytes, '\0')}));
  }
}

TEST(Note, TakesOneHundredTwentyEightSignaturesAndNoMore) {
  Note note{"text\n", {}};
  for (std::size_t i = 0; i < kMaxNoteSignatures; ++i) {
    note.signatures.push_back({"k" + std::to_string(i), 1, "signature"});
  }
  EXPECT_EQ(Note::parse(note.to_text())->signatures.size(), kMaxNoteSignatures);
  note.signatures.push_back({"one-more", 1, "signature"});
  EXPECT_EQ(Note::parse(note.to_text()).error().code, Errc::too_large);
  EXPECT_EQ(Note::parse(std::string(kMaxNoteBytes + 1, 'a')).error().code, Errc::too_large);
}

TEST(Note, RefusesWhatIsNoNote) {
  const std::string line = "\xE2\x80\x94 name AAAAAUE=\n";
  ASSERT_TRUE(Note::parse("text\n\n" + line));
  for (const std::string& bad :
       std::vector<std::string>{std::string("text\n\n"), "text\n" + line, "te\txt\n\n" + line, "te\rxt\n\n" + line,
                                "te\xffxt\n\n" + line, "text\n\n- name AAAAAUE=\n", "text\n\n\xE2\x80\x94 name\n",
                                "text\n\n\xE2\x80\x94  AAAAAUE=\n", "text\n\n\xE2\x80\x94 a+b AAAAAUE=\n",
                                "text\n\n\xE2\x80\x94 name AAAAAA==\n", "text\n\n\xE2\x80\x94 name !AAAAUE=\n",
                                "text\n\n\xE2\x80\x94 a\xC2\xA0"
                                "b AAAAAUE=\n"}) {
    EXPECT_FALSE(Note::parse(bad)) << bad;
  }
}

TEST(NoteVerifier, IsReadBackAsItWasWrittenAndNothingElseIs) {
  for (const NoteKeyType type : {NoteKeyType::ed25519, NoteKeyType::cosignature}) {
    const NoteVerifier key = signer("log.example/a", type).verifier();
    const auto parsed = NoteVerifier::parse(key.text());
    ASSERT_TRUE(parsed) << parsed.error().text();
    EXPECT_EQ(parsed->text(), key.text());
    EXPECT_EQ(parsed->type(), type);
    for (std::size_t i = 0; i < key.text().size(); ++i) {
      EXPECT_FALSE(NoteVerifier::parse(key.text().substr(0, i))) << i;
      std::string bad = key.text();
      bad[i] = bad[i] == 'A' ? 'B' : 'A';
      EXPECT_FALSE(NoteVerifier::parse(bad)) << bad;  // the key id covers name, type and key
    }
  }
  EXPECT_EQ(NoteVerifier::parse("a+00000000+BgAA").error().code, Errc::unsupported);  // ML-DSA-44
}

TEST(NoteVerifier, VerifiesEcdsaSignaturesButNobodyMakesThem) {
  const auto key = base::PrivateKey::generate(base::KeyKind::ecdsa_p256);
  ASSERT_TRUE(key);
  EXPECT_EQ(NoteSigner::make("log.example", NoteKeyType::ecdsa, *key).error().code, Errc::unsupported);
  EXPECT_EQ(NoteSigner::make("log.example", NoteKeyType::ed25519, *key).error().code, Errc::unsupported);
  const auto verifier = NoteVerifier::make("log.example", NoteKeyType::ecdsa, key->public_key());
  ASSERT_TRUE(verifier) << verifier.error().text();
  const std::string text = "text\n";
  const NoteSignature line{"log.example", verifier->key_id(),
                           *key->sign(base::as_bytes(text), base::SignatureHash::sha256)};
  EXPECT_TRUE(verifier->verifies(text, line));
  EXPECT_FALSE(verifier->verifies("other\n", line));
  EXPECT_EQ(NoteVerifier::parse(verifier->text())->text(), verifier->text());
}

TEST(Note, AgreesWithTheSharedVectors) {
  const auto path = vectors("signed-notes/notes.json");
  if (!std::filesystem::exists(path)) {
    GTEST_SKIP() << "no vectors at " << path;
  }
  const auto file = base::parse_json(*base::read_file(path, 1U << 20));
  ASSERT_TRUE(file) << file.error().text();
  Trust log;
  log.keys.push_back({*NoteVerifier::parse((*file)["log_vkey"].as_text()), 0, {}, {}, {}});
  std::vector<NoteVerifier> witnesses;
  for (const base::Value& key : (*file)["witness_vkeys"].as_list()) {
    witnesses.push_back(*NoteVerifier::parse(key.as_text()));
  }
  std::size_t ran = 0;
  for (const base::Value& vector : (*file)["cases"].as_list()) {
    SCOPED_TRACE(vector["name"].as_text());
    const std::string_view text = vector["note"].as_text();
    EXPECT_EQ(open_checkpoint(text, log, {1'800'000'000}).has_value(), vector["log_ok"].as_bool());
    std::int64_t cosignatures = 0;
    if (const auto note = Note::parse(text)) {
      for (const NoteSignature& line : note->signatures) {
        for (const NoteVerifier& witness : witnesses) {
          cosignatures += witness.verifies(note->text, line) ? 1 : 0;
        }
      }
      Trust strict = log;
      strict.witnesses = witnesses;
      EXPECT_FALSE(vector.find("strict") != nullptr && open_checkpoint(text, strict, {1'800'000'000}));
    }
    EXPECT_EQ(cosignatures, vector["cosignatures_ok"].as_integer());
    ++ran;
  }
  EXPECT_GE(ran, 9U);
  const auto example = Note::parse((*file)["c2sp_example"]["note"].as_text());
  ASSERT_TRUE(example) << example.error().text();
  const std::vector<NoteVerifier> key = {*NoteVerifier::parse((*file)["c2sp_example"]["vkey"].as_text())};
  EXPECT_EQ(verify_note(*example, key)->size(), 1U);
}

TEST(Note, AgreesWithTheCheckpointsThatTesseraWrote) {
  const auto log = vectors("tlog-tiles-posix-log/log");
  if (!std::filesystem::is_directory(log)) {
    GTEST_SKIP() << "no vectors at " << log;
  }
  const auto trust = Trust::parse("example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx\n");
  ASSERT_TRUE(trust) << trust.error().text();
  for (std::uint64_t size = 0; size <= 15; ++size) {
    const auto text = base::read_file(log / ("checkpoint." + std::to_string(size)), 1U << 16);
    ASSERT_TRUE(text);
    const auto opened = open_checkpoint(*text, *trust, {});
    ASSERT_TRUE(opened) << opened.error().text();
    EXPECT_EQ(opened->checkpoint.size, size);
  }
}

class TrustTest : public ::testing::Test {
 protected:
  NoteSigner old_key_ = signer("log.example", NoteKeyType::ed25519);
  NoteSigner new_key_ = signer("log.example", NoteKeyType::ed25519);
  NoteSigner witness_ = signer("witness.example", NoteKeyType::cosignature);

  static std::string checkpoint(std::uint64_t size, const std::vector<const NoteSigner*>& signers,
                                std::int64_t time = 0) {
    Note note{Checkpoint{"log.example", size, base::sha256("root")}.to_text(), {}};
    for (const NoteSigner* each : signers) {
      note.signatures.push_back(*each->sign(note.text, {time}));
    }
    return note.to_text();
  }
};

TEST_F(TrustTest, AReplacedKeyCountsUpToTheSizeAtWhichItWasReplaced) {
  Trust trust;
  trust.keys.push_back({old_key_.verifier(), 0, 100, {}, {}});
  trust.keys.push_back({new_key_.verifier(), 100, {}, {}, {}});
  EXPECT_TRUE(open_checkpoint(checkpoint(100, {&old_key_}), trust, {}));
  EXPECT_TRUE(open_checkpoint(checkpoint(100, {&new_key_}), trust, {}));
  EXPECT_TRUE(open_checkpoint(checkpoint(101, {&new_key_}), trust, {}));
  const auto late = open_checkpoint(checkpoint(101, {&old_key_}), trust, {});
  EXPECT_EQ(late.error().code, Errc::untrusted);
  EXPECT_THAT(late.error().text(), HasSubstr("was replaced at size 100"));
  EXPECT_THAT(open_checkpoint(checkpoint(99, {&new_key_}), trust, {}).error().text(), HasSubstr("from size 100 on"));
}

TEST_F(TrustTest, AnExpiredOrRevokedKeyCountsOnlyForWhatAWitnessSawBefore) {
  for (const bool revoked : {false, true}) {
    Trust trust;
    trust.witnesses.push_back(witness_.verifier());
    trust.keys.push_back({old_key_.verifier(), 0, {}, {}, {}});
    (revoked ? trust.keys[0].revoked : trust.keys[0].expires) = base::UnixTime{1000};
    EXPECT_TRUE(open_checkpoint(checkpoint(5, {&old_key_}), trust, {999}));
    const auto late = open_checkpoint(checkpoint(5, {&old_key_}), trust, {1000});
    EXPECT_THAT(late.error().text(), HasSubstr(revoked ? "was revoked at 1970-01-01T00:16:40Z" : "expired at"));
    EXPECT_TRUE(open_checkpoint(checkpoint(5, {&old_key_, &witness_}, 999), trust, {2000}));
    EXPECT_FALSE(open_checkpoint(checkpoint(5, {&old_key_, &witness_}, 1000), trust, {2000}));
    trust.witnesses.clear();  // nobody's word
    EXPECT_FALSE(open_checkpoint(checkpoint(5, {&old_key_, &witness_}, 999), trust, {2000}));
  }
}

TEST_F(TrustTest, TheQuorumOfWitnessesMustHaveSigned) {
  Trust trust;
  trust.keys.push_back({old_key_.verifier(), 0, {}, {}, {}});
  trust.witnesses.push_back(witness_.verifier());
  trust.quorum = 1;
  EXPECT_FALSE(open_checkpoint(checkpoint(5, {&old_key_}), trust, {}));
  EXPECT_FALSE(open_checkpoint(checkpoint(5, {&witness_}), trust, {}));  // a witness is not the log
  EXPECT_TRUE(open_checkpoint(checkpoint(5, {&old_key_, &witness_}), trust, {}));
}

TEST_F(TrustTest, AKeyOfAnotherNameDoesNotSpeakForTheLog) {
  const NoteSigner other = signer("other.example", NoteKeyType::ed25519);
  Trust trust;
  trust.keys.push_back({other.verifier(), 0, {}, {}, {}});
  EXPECT_THAT(open_checkpoint(checkpoint(5, {&other}), trust, {}).error().text(), HasSubstr("not of log.example"));
}

TEST_F(TrustTest, AKeyListIsReadBackAndItsErrorsNameTheLine) {
  Trust trust;
  trust.keys.push_back({old_key_.verifier(), 3, 100, base::UnixTime{1000}, base::UnixTime{2000}});
  trust.keys.push_back({new_key_.verifier(), 0, {}, {}, {}});
  trust.witnesses.push_back(witness_.verifier());
  const auto parsed = Trust::parse("# a comment\n\n" + trust.to_text());
  ASSERT_TRUE(parsed) << parsed.error().text();
  EXPECT_EQ(parsed->to_text(), trust.to_text());
  const std::string key = old_key_.verifier().text();
  for (const std::string& bad : std::vector<std::string>{
           key + " from", key + " from x", key + " until -1", key + " since 4", key + " expires soon", "witness " + key,
           "witness", witness_.verifier().text(), std::string("nonsense")}) {
    const auto refused = Trust::parse("\n" + bad + "\n");
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().line, 2U) << bad;
  }
}

}  // namespace
}  // namespace ledger
