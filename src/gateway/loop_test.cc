#include "gateway/loop.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <csignal>
#include <functional>
#include <string>
#include <thread>

namespace gateway {
namespace {

Address loopback() {
  return resolve("127.0.0.1", 0)->front();
}

// A user of a socket that does what its test says.
class Talker : public SocketUser {
 public:
  explicit Talker(std::unique_ptr<Socket> given) : socket(std::move(given)) { socket->set_user(this); }

  void on_ready(const Outcome& outcome) override {
    if (ready) {
      ready(outcome);
    }
  }
  void on_read(const Outcome& outcome) override {
    last_read = outcome;
    if (outcome.fine()) {
      received.append(buffer.data(), outcome.bytes);
    }
    if (read) {
      read(outcome);
    }
  }
  void on_written(const Outcome& outcome) override {
    if (written) {
      written(outcome);
    }
  }
  void read_on() { socket->read(buffer.data(), buffer.size()); }

  std::unique_ptr<Socket> socket;
  std::string buffer = std::string(1000, '\0');
  std::string received;
  Outcome last_read;
  std::function<void(const Outcome&)> ready;
  std::function<void(const Outcome&)> read;
  std::function<void(const Outcome&)> written;
};

// A client and a server that are connected, in one loop.
class Pair : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = Listener::open(loop_, loopback(), [this](std::unique_ptr<Socket> socket, const Address& peer) {
      EXPECT_TRUE(peer.is_loopback());
      server_ = std::make_shared<Talker>(std::move(socket));
      begin();
    });
    ASSERT_TRUE(opened) << opened.error().text();
    listener_ = std::move(*opened);
    listener_->resume();
    client_ = std::make_shared<Talker>(Socket::open(loop_));
    client_->ready = [this](const Outcome& outcome) {
      EXPECT_TRUE(outcome.fine()) << outcome.reason;
      begin();
    };
    client_->socket->connect(listener_->address());
  }
  void TearDown() override {
    client_.reset();
    server_.reset();
    listener_.reset();
    loop_.clear();
  }

  void begin() {
    if (++sides_ == 2) {
      start_();
    }
  }
  void run(std::function<void()> start) {
    start_ = std::move(start);
    loop_.run();
  }

  Loop loop_;
  std::unique_ptr<Listener> listener_;
  std::shared_ptr<Talker> client_;
  std::shared_ptr<Talker> server_;
  std::function<void()> start_;
  int sides_ = 0;
};

TEST_F(Pair, CarriesMoreThanTheSystemBuffersToAReaderThatTakesItInPieces) {
  std::string sent(8U << 20, '\0');
  for (std::size_t i = 0; i < sent.size(); ++i) {
    sent[i] = static_cast<char>(i * 2654435761U >> 13U);
  }
  bool all_written = false;
  run([&] {
    server_->written = [&](const Outcome& outcome) {
      EXPECT_TRUE(outcome.fine());
      EXPECT_EQ(outcome.bytes, sent.size());
      all_written = true;
    };
    client_->read = [&](const Outcome& outcome) {
      ASSERT_TRUE(outcome.fine()) << outcome.reason;
      client_->received.size() == sent.size() ? loop_.stop() : client_->read_on();
    };
    server_->socket->write(sent);
    EXPECT_FALSE(all_written);
    client_->read_on();
  });
  EXPECT_TRUE(client_->received == sent);
  EXPECT_TRUE(all_written);
}

TEST_F(Pair, TellsTheEndBehindWhatCameWithIt) {
  run([&] {
    client_->read = [&](const Outcome& outcome) { outcome.fine() ? client_->read_on() : loop_.stop(); };
    server_->written = [&](const Outcome&) {
      server_->socket->end_writing();
      // Both are there before the client asks.
      loop_.post([&] { client_->read_on(); });
    };
    server_->socket->write("the last words");
  });
  EXPECT_EQ(client_->received, "the last words");
  EXPECT_EQ(client_->last_read.kind, Outcome::Kind::ended);
}

TEST_F(Pair, TellsNothingFromInsideOfACall) {
  bool inside = false;
  run([&] {
    client_->written = [&](const Outcome&) { EXPECT_FALSE(inside); };
    client_->read = [&](const Outcome&) {
      EXPECT_FALSE(inside);
      loop_.stop();
    };
    server_->written = [&](const Outcome&) {
      inside = true;
      client_->socket->write("a");
      client_->read_on();
      inside = false;
    };
    server_->socket->write("b");
  });
  EXPECT_EQ(client_->received, "b");
}

TEST_F(Pair, SendsWhatWasWrittenBeforeItWasClosedInTheSameRound) {
  run([&] {
    client_->read = [&](const Outcome& outcome) { outcome.fine() ? client_->read_on() : loop_.stop(); };
    client_->read_on();
    server_->written = [](const Outcome&) { FAIL() << "it was closed"; };
    server_->socket->write("the last words");
    server_->socket->close();
  });
  EXPECT_EQ(client_->received, "the last words");
  EXPECT_EQ(client_->last_read.kind, Outcome::Kind::ended);
}

TEST_F(Pair, TellsNothingOfASocketThatAnotherUserClosedInTheSameRound) {
  // Both have something to read when they are looked at; who is told first closes the other.
  int told = 0;
  run([&] {
    const auto tell = [&](const std::shared_ptr<Talker>& other) {
      ++told;
      other->socket->close();
      loop_.post([&] { loop_.stop(); });
    };
    client_->read = [&, tell](const Outcome&) { tell(server_); };
    server_->read = [&, tell](const Outcome&) { tell(client_); };
    client_->read_on();
    server_->read_on();
    client_->socket->write("to the server");
    server_->socket->write("to the client");
  });
  EXPECT_EQ(told, 1);
}

TEST_F(Pair, HearsNoMoreOfASocketThatWasClosedAndLetsItsUserGo) {
  std::weak_ptr<Talker> gone;
  run([&] {
    server_->read = [&](const Outcome&) {
      server_->read_on();
      server_->socket->write("never told");
      server_->written = [](const Outcome&) { FAIL() << "it was closed"; };
      server_->socket->close();
      gone = server_;
      server_.reset();
      EXPECT_FALSE(gone.expired()) << "it is in the middle of a call";
    };
    client_->read = [&](const Outcome& outcome) { outcome.fine() ? client_->read_on() : loop_.stop(); };
    server_->read_on();
    client_->read_on();
    client_->socket->write("something");
  });
  EXPECT_TRUE(gone.expired());
}

TEST_F(Pair, LetsUsersGoThatStillWaitWhenTheLoopEnds) {
  run([&] {
    client_->read_on();
    server_->read_on();
    loop_.stop();
  });
  const std::weak_ptr<Talker> closed = client_;
  client_->socket->close();
  client_.reset();
  const std::weak_ptr<Talker> left_open = server_;
  server_.reset();
  EXPECT_FALSE(left_open.expired());
  loop_.clear();
  EXPECT_TRUE(closed.expired());
  EXPECT_TRUE(left_open.expired());
}

TEST(Socket, SaysThatNobodyListens) {
  Loop loop;
  Address address;
  {
    // A port that was free a moment ago.
    const auto listener = Listener::open(loop, loopback(), {});
    ASSERT_TRUE(listener);
    address = (*listener)->address();
  }
  const auto talker = std::make_shared<Talker>(Socket::open(loop));
  Outcome heard;
  talker->ready = [&](const Outcome& outcome) {
    heard = outcome;
    loop.stop();
  };
  talker->socket->connect(address);
  loop.run();
  EXPECT_EQ(heard.kind, Outcome::Kind::failed);
  EXPECT_EQ(heard.reason, "Connection refused");
  talker->socket->close();
}

TEST(Socket, SaysWhenThereIsNoSuchKindOfAddress) {
  Loop loop;
  const auto talker = std::make_shared<Talker>(Socket::open(loop));
  Outcome heard;
  talker->ready = [&](const Outcome& outcome) {
    heard = outcome;
    loop.stop();
  };
  Address address;
  address.storage.ss_family = 0xffff;
  address.size = sizeof(sockaddr_storage);
  talker->socket->connect(address);
  EXPECT_EQ(heard.reason, "") << "it is told later";
  loop.run();
  EXPECT_EQ(heard.kind, Outcome::Kind::failed);
}

TEST(Listener, KeepsConnectionsWaitingWhileItPauses) {
  Loop loop;
  int accepted = 0;
  auto listener = Listener::open(loop, loopback(), [&](std::unique_ptr<Socket>, const Address&) {
    ++accepted;
    loop.stop();
  });
  ASSERT_TRUE(listener);
  const auto talker = std::make_shared<Talker>(Socket::open(loop));
  talker->ready = [&](const Outcome& outcome) {
    EXPECT_TRUE(outcome.fine());
    loop.when_idle([&] {
      EXPECT_EQ(accepted, 0);
      (*listener)->resume();
    });
  };
  talker->socket->connect((*listener)->address());
  loop.run();
  EXPECT_EQ(accepted, 1);
  talker->socket->close();
  listener->reset();
}

TEST(Loop, DoesWhatOtherThreadsPostWhileItSleeps) {
  Loop loop;
  int done = 0;
  std::thread other([&] {
    for (int i = 0; i < 1000; ++i) {
      loop.post([&] { ++done; });
    }
    loop.post([&] { loop.stop(); });
  });
  loop.run();
  other.join();
  EXPECT_EQ(done, 1000);
}

TEST(Loop, DoesIdleWorkWhenNothingElseIsReady) {
  Loop loop;
  std::string order;
  loop.post([&] {
    loop.when_idle([&] {
      order += "idle ";
      loop.stop();
    });
    loop.post([&] { order += "posted "; });
  });
  loop.run();
  EXPECT_EQ(order, "posted idle ");
}

TEST(Loop, DoesIdleWorkInTheEndWhereSomethingIsAlwaysReady) {
  Loop loop;
  std::function<void()> again = [&] { loop.post(again); };
  loop.post([&] {
    again();
    loop.when_idle([&] { loop.stop(); });
  });
  loop.run();  // for ever, if it did not
  loop.clear();
}

TEST(Loop, RepeatsWhatIsToBeRepeated) {
  Loop loop;
  int times = 0;
  loop.every(std::chrono::milliseconds(1), [&] {
    if (++times == 3) {
      loop.stop();
    }
  });
  loop.run();
  EXPECT_EQ(times, 3);
}

TEST(Loop, HearsOfSignals) {
  Loop loop;
  int heard = 0;
  loop.on_signals({SIGUSR1}, [&](int number) {
    heard = number;
    loop.stop();
  });
  loop.post([] { ::raise(SIGUSR1); });
  loop.run();
  EXPECT_EQ(heard, SIGUSR1);
}

}  // namespace
}  // namespace gateway
