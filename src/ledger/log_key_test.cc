#include "ledger/log_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "ledger/log_test_directory.h"
#include "ledger/proof_file.h"

namespace ledger {
namespace {

using base::Errc;
using ::testing::HasSubstr;
using Mode = Ledger::Mode;

class LogKeyTest : public LogDirectory {
 protected:
  static TlogProof proof_of(const Ledger& log, std::uint64_t index, const std::string& checkpoint) {
    TlogProof out;
    out.index = index;
    out.checkpoint = checkpoint;
    out.hashes = *log.inclusion_proof(index, unverified_checkpoint(checkpoint)->size);
    return out;
  }
  std::filesystem::path key_file() const {
    for (const auto& entry : std::filesystem::directory_iterator(path("log"))) {
      if (entry.path().extension() == ".pem") {
        return entry.path();
      }
    }
    return {};
  }
};

TEST_F(LogKeyTest, IsMadeAtFirstUseForItsOwnerAlone) {
  Ledger log = open(Mode::write);
  const auto made = open_log_key(log, {}, {});
  ASSERT_TRUE(made) << made.error().text();
  struct stat status {};
  ASSERT_EQ(::stat(key_file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
  EXPECT_EQ(open_log_key(log, {}, {})->verifier().text(), made->verifier().text());
  EXPECT_EQ(read_key_list(path("log"))->keys.size(), 1U);
  EXPECT_EQ(made->verifier().name(), "log.example/test");
}

TEST_F(LogKeyTest, AKeyThatOthersMayReadIsRefused) {
  Ledger log = open(Mode::write);
  ASSERT_TRUE(open_log_key(log, {}, {}));
  for (const mode_t mode : {0640U, 0604U, 0660U, 0644U}) {
    ASSERT_EQ(::chmod(key_file().c_str(), mode), 0);
    EXPECT_EQ(open_log_key(log, {}, {}).error().code, Errc::usage) << mode;
  }
  ASSERT_EQ(::chmod(key_file().c_str(), 0600), 0);
  EXPECT_TRUE(open_log_key(log, {}, {}));
}

TEST_F(LogKeyTest, AMissingKeyIsNotReplacedInSilence) {
  Ledger log = open(Mode::write);
  ASSERT_TRUE(open_log_key(log, {}, {}));
  std::filesystem::remove(key_file());
  EXPECT_EQ(open_log_key(log, {}, {}).error().code, Errc::not_found);
}

TEST_F(LogKeyTest, AfterRotationOldEntriesAndCheckpointsStayVerifiable) {
  Ledger log = open(Mode::write);
  fill(log, 0, 10);
  const NoteSigner first = *open_log_key(log, {}, {});
  const std::string old_checkpoint = *sign_checkpoint(log, first);
  const TlogProof old_proof = proof_of(log, 3, old_checkpoint);
  const std::string record = record_of(**log.entry(3));
  const auto second = rotate_log_key(log, first, {});
  ASSERT_TRUE(second) << second.error().text();
  EXPECT_NE(second->verifier().text(), first.verifier().text());
  fill(log, 10, 10);
  EXPECT_EQ(open_log_key(log, {}, {})->verifier().text(), second->verifier().text());
  const std::string new_checkpoint = *sign_checkpoint(log, *second);
  const Trust list = *read_key_list(path("log"));
  EXPECT_TRUE(check_proof(old_proof, record, list, {}));
  EXPECT_TRUE(check_proof(proof_of(log, 3, new_checkpoint), record, list, {}));
  // Whoever has only the old key sees the handover, and nothing after it.
  Trust old_only;
  old_only.keys.push_back({first.verifier(), 0, {}, {}, {}});
  EXPECT_TRUE(open_checkpoint(old_checkpoint, old_only, {}));
  EXPECT_FALSE(open_checkpoint(new_checkpoint, old_only, {}));
  // The old key cannot go on.
  const std::string late = [&] {
    Note note{log.checkpoint()->to_text(), {}};
    note.signatures.push_back(*first.sign(note.text, {}));
    return note.to_text();
  }();
  EXPECT_FALSE(open_checkpoint(late, list, {}));
  EXPECT_TRUE(log.verify()->intact);
}

TEST_F(LogKeyTest, ExpiredAndRevokedKeysSignNoMore) {
  Ledger log = open(Mode::write);
  fill(log, 0, 3);
  const NoteSigner key = *open_log_key(log, {}, {1000});
  ASSERT_TRUE(sign_checkpoint(log, key));
  ASSERT_TRUE(expire_log_key(log, key.verifier().key_id(), {2000}));
  EXPECT_TRUE(open_log_key(log, {}, {1999}));
  EXPECT_THAT(open_log_key(log, {}, {2000}).error().text(), HasSubstr("expired at 1970-01-01T00:33:20Z"));
  ASSERT_TRUE(revoke_log_key(log, key.verifier().key_id(), {1500}));
  EXPECT_EQ(open_log_key(log, {}, {1000}).error().code, Errc::usage);
  EXPECT_THAT(open_log_key(log, key_file(), {1000}).error().text(), HasSubstr("was revoked"));
  EXPECT_EQ(revoke_log_key(log, 1, {}).error().code, Errc::not_found);
  const auto verified = log.verify();
  EXPECT_THAT(verified->problems, ::testing::Contains(HasSubstr("signed checkpoint: checkpoint: the key")));
}

TEST_F(LogKeyTest, ASecondHistoryIsNotSigned) {
  {
    Ledger log = open(Mode::write);
    fill(log, 0, 20);
    ASSERT_TRUE(sign_checkpoint(log, *open_log_key(log, {}, {})));
  }
  Ledger forged = open(Mode::write, "forged");
  fill(forged, 0, 30, "forged-");
  for (const std::string& name :
       {std::string("log-keys"), std::string("checkpoint.signed"), key_file().filename().string()}) {
    std::filesystem::copy_file(path("log") / name, path("forged") / name);
  }
  const NoteSigner key = *open_log_key(forged, {}, {});
  const auto refused = sign_checkpoint(forged, key);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::untrusted);
  EXPECT_THAT(refused.error().text(), HasSubstr("does not continue what was signed before"));
}

TEST_F(LogKeyTest, CosignaturesAreKeptWithTheCheckpointTheyAreOf) {
  Ledger log = open(Mode::write);
  fill(log, 0, 3);
  const NoteSigner key = *open_log_key(log, {}, {});
  const NoteSigner witness = *NoteSigner::make("witness.example", NoteKeyType::cosignature,
                                               *base::PrivateKey::generate(base::KeyKind::ed25519));
  Note note = *Note::parse(*sign_checkpoint(log, key));
  note.signatures = {*witness.sign(note.text, {5})};
  const auto kept = add_signatures(log, note.to_text());
  ASSERT_TRUE(kept) << kept.error().text();
  EXPECT_EQ(Note::parse(*kept)->signatures.size(), 2U);
  EXPECT_EQ(*sign_checkpoint(log, key), *kept);  // signing the same again loses nothing
  fill(log, 3, 1);
  EXPECT_EQ(Note::parse(*sign_checkpoint(log, key))->signatures.size(), 1U);
  EXPECT_EQ(add_signatures(log, note.to_text()).error().code, Errc::untrusted);
}

TEST_F(LogKeyTest, AnOriginIsGivenOnceAndStays) {
  EXPECT_EQ(Ledger::open(path("other"), Mode::write, "has space").error().code, Errc::usage);
  { const Ledger log = open(Mode::write); }
  EXPECT_EQ(Ledger::open(path("log"), Mode::write, "another.example").error().code, Errc::usage);
  EXPECT_EQ(Ledger::open(path("log"), Mode::write)->checkpoint()->origin, "log.example/test");
}

}  // namespace
}  // namespace ledger
