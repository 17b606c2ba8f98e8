#include "ledger/witness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "base/text.h"
#include "ledger/log_test_directory.h"

namespace ledger {
namespace {

using base::Errc;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using Mode = Ledger::Mode;

class WitnessTest : public LogDirectory {
 protected:
  NoteSigner signer_ = *NoteSigner::make("witness.example", NoteKeyType::cosignature,
                                         *base::PrivateKey::generate(base::KeyKind::ed25519));
  Witness witness(const Trust& logs) const {
    auto made = Witness::open(path("witness"), signer_, logs);
    EXPECT_TRUE(made) << made.error().text();
    return *std::move(made);
  }
  // A request to cosign what the log is now.
  static std::string request(const Ledger& log, const NoteSigner& key, std::uint64_t old_size) {
    AddCheckpoint out{old_size, {}, *sign_checkpoint(log, key)};
    const auto reached = log.checkpoint();
    if (old_size != 0 && old_size < reached->size) {
      out.hashes = *log.consistency_proof(old_size, reached->size);
    }
    return out.to_text();
  }
};

TEST_F(WitnessTest, CosignsWhatContinuesAndRefusesRollbackAndSplitView) {
  Ledger log = open(Mode::write);
  fill(log, 0, 5);
  const NoteSigner key = *open_log_key(log, {}, {});
  const Trust logs = *read_key_list(path("log"));
  const Witness first = witness(logs);
  const std::string at_five = request(log, key, 0);
  const auto answer = first.add_checkpoint(at_five, {1'750'000'000});
  ASSERT_TRUE(answer) << answer.error().text();
  ASSERT_EQ(answer->status, 200) << answer->body;
  const auto note = Note::parse(AddCheckpoint::parse(at_five)->checkpoint + answer->body);
  ASSERT_TRUE(note) << note.error().text();
  EXPECT_TRUE(signer_.verifier().verifies(note->text, note->signatures.back()));
  EXPECT_EQ(cosignature_time(note->signatures.back())->seconds, 1'750'000'000);

  fill(log, 5, 300);
  const Witness second = witness(logs);  // another process: the state is in the directory
  EXPECT_EQ(second.add_checkpoint(request(log, key, 0), {})->status, 409);
  EXPECT_EQ(second.add_checkpoint(request(log, key, 0), {})->body, "5\n");
  EXPECT_EQ(second.add_checkpoint(request(log, key, 5), {})->status, 200);
  EXPECT_EQ(second.add_checkpoint(request(log, key, 305), {})->status, 200);  // the same once more
  // Rollback: the log is put back to what it was and signed again.
  EXPECT_EQ(second.add_checkpoint(at_five, {})->status, 409);
  AddCheckpoint back = *AddCheckpoint::parse(at_five);
  back.old_size = 305;
  EXPECT_EQ(second.add_checkpoint(back.to_text(), {})->status, 400);
  // Split view: another log under the same name and key.
  Ledger fork = open(Mode::write, "fork");
  fill(fork, 0, 310, "other-");
  AddCheckpoint split{305, *fork.consistency_proof(305, 310), *sign_checkpoint(fork, key)};
  const auto refused = second.add_checkpoint(split.to_text(), {});
  EXPECT_EQ(refused->status, 422);
  EXPECT_THAT(refused->body, HasSubstr("consistency proof"));
  EXPECT_EQ(second.remembered("log.example/test")->value().size, 305U);
}

TEST_F(WitnessTest, TheSameSizeWithAnotherRootIsRefused) {
  Ledger log = open(Mode::write);
  fill(log, 0, 5);
  const NoteSigner key = *open_log_key(log, {}, {});
  const Witness seen = witness(*read_key_list(path("log")));
  ASSERT_EQ(seen.add_checkpoint(request(log, key, 0), {})->status, 200);
  Ledger fork = open(Mode::write, "fork");
  fill(fork, 0, 5, "other-");
  EXPECT_EQ(seen.add_checkpoint(AddCheckpoint{5, {}, *sign_checkpoint(fork, key)}.to_text(), {})->status, 422);
}

TEST_F(WitnessTest, RefusesUnknownLogsForeignSignaturesAndNonsense) {
  Ledger log = open(Mode::write);
  fill(log, 0, 3);
  const NoteSigner key = *open_log_key(log, {}, {});
  EXPECT_EQ(witness({}).add_checkpoint(request(log, key, 0), {})->status, 404);
  Trust logs;
  logs.keys.push_back(
      {NoteSigner::make("log.example/test", NoteKeyType::ed25519, *base::PrivateKey::generate(base::KeyKind::ed25519))
           ->verifier(),
       0,
       {},
       {},
       {}});
  const Witness other = witness(logs);
  EXPECT_EQ(other.add_checkpoint(request(log, key, 0), {})->status, 403);
  EXPECT_EQ(other.add_checkpoint("", {})->status, 400);
  EXPECT_EQ(other.add_checkpoint("old 0\n\nlog.example/test\nx\n", {})->status, 400);
  EXPECT_FALSE(*other.remembered("log.example/test"));
}

TEST_F(WitnessTest, NeverAnswersWhenItCannotRemember) {
  Ledger log = open(Mode::write);
  fill(log, 0, 3);
  const NoteSigner key = *open_log_key(log, {}, {});
  const Witness seen = witness(*read_key_list(path("log")));
  // Where its state should go there is a file.
  std::filesystem::create_directories(path("witness"));
  ASSERT_TRUE(base::write_file(path("witness") / base::sha256("log.example/test").hex(), "in the way"));
  const auto failed = seen.add_checkpoint(request(log, key, 0), {});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Errc::io);
  // And damaged state is no state.
  std::filesystem::remove(path("witness") / base::sha256("log.example/test").hex());
  ASSERT_EQ(seen.add_checkpoint(request(log, key, 0), {})->status, 200);
  ASSERT_TRUE(base::write_file(path("witness") / base::sha256("log.example/test").hex() / "checkpoint", "damaged"));
  EXPECT_EQ(seen.add_checkpoint(request(log, key, 0), {}).error().code, Errc::untrusted);
}

TEST_F(WitnessTest, AnswersAsACgiProgram) {
  Ledger log = open(Mode::write);
  fill(log, 0, 3);
  const NoteSigner key = *open_log_key(log, {}, {});
  const Witness seen = witness(*read_key_list(path("log")));
  const auto cgi = [&](std::string_view method, std::string_view where, std::string_view body) {
    return *answer_cgi(seen, method, where, body, {1'750'000'000});
  };
  const std::string last = "/" + base::sha256("log.example/test").hex() + "/checkpoint";
  EXPECT_THAT(cgi("GET", last, ""), StartsWith("Status: 404 Not Found\r\n"));
  EXPECT_THAT(cgi("POST", "/add-checkpoint", request(log, key, 0)), StartsWith("Status: 200 OK\r\n"));
  EXPECT_THAT(cgi("POST", "/add-checkpoint", request(log, key, 0)), HasSubstr("Content-Type: text/x.tlog.size\r\n"));
  EXPECT_THAT(cgi("GET", last, ""), HasSubstr("\r\n\r\nlog.example/test\n3\n"));
  EXPECT_THAT(cgi("GET", "/add-checkpoint", ""), StartsWith("Status: 405"));
  EXPECT_THAT(cgi("POST", last, ""), StartsWith("Status: 405"));
  EXPECT_THAT(cgi("GET", "/../log/ledger.db/checkpoint", ""), StartsWith("Status: 404"));
  EXPECT_THAT(cgi("GET", "/", ""), StartsWith("Status: 404"));
}

// The exchanges that the test of another witness goes through, in order.
TEST_F(WitnessTest, AgreesWithTheSharedExchanges) {
  const auto file_path = vectors("tlog-witness/litewitness.json");
  if (!std::filesystem::exists(file_path)) {
    GTEST_SKIP() << "no vectors at " << file_path;
  }
  const auto file = base::parse_json(*base::read_file(file_path, 1U << 20));
  ASSERT_TRUE(file) << file.error().text();
  std::string raw;
  const std::string_view hex = (*file)["log_public_key_hex"].as_text();
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    raw += static_cast<char>(base::hex_value(hex[i]) * 16 + base::hex_value(hex[i + 1]));
  }
  const auto& exchanges = (*file)["exchanges"].as_list();
  ASSERT_FALSE(exchanges.empty());
  const auto first = AddCheckpoint::parse(exchanges[0]["request_body"].as_text());
  ASSERT_TRUE(first) << first.error().text();
  const std::string origin = first->checkpoint.substr(0, first->checkpoint.find('\n'));
  Trust logs;
  logs.keys.push_back(
      {*NoteVerifier::make(origin, NoteKeyType::ed25519, *base::PublicKey::from_ed25519(base::as_bytes(raw))),
       0,
       {},
       {},
       {}});
  const Witness fresh = witness(logs);
  for (const base::Value& exchange : exchanges) {
    const auto answer = fresh.add_checkpoint(exchange["request_body"].as_text(), {1'750'000'000});
    ASSERT_TRUE(answer) << answer.error().text();
    std::int64_t wanted = exchange["status"].as_integer();
    // That witness answers 403 to a log that it does not know; the protocol says 404.
    if (wanted == 403 && answer->body == "unknown log\n") {
      wanted = 404;
    }
    EXPECT_EQ(answer->status, wanted) << answer->body << exchange["request_body"].as_text();
  }
  EXPECT_GE(exchanges.size(), 9U);
}

}  // namespace
}  // namespace ledger
