#include "sandbox/sandbox.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <fstream>
#include <thread>

#include "base/file.h"

namespace sandbox {
namespace {

using namespace std::chrono_literals;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

// A handler that does what it is told, as taken-over code would.
std::string obey(std::string_view head, base::Bytes content) {
  if (head == "size") {
    return std::to_string(content.size());
  }
  if (head == "echo") {
    return std::string(base::as_text(content));
  }
  if (head == "long") {
    return std::string(3U << 20, 'x');
  }
  if (head == "twice") {  // long enough for what lies behind large content to be taken away in between
    std::uint64_t sums[2] = {};
    for (std::uint64_t& sum : sums) {
      for (std::size_t round = 0; round < 4; ++round) {
        for (std::size_t i = 0; i < content.size(); i += 64) {
          sum += std::to_integer<std::uint64_t>(content[i]) + i;
        }
      }
    }
    return sums[0] == sums[1] ? std::to_string(sums[0]) : "changed";
  }
  if (head == "die") {
    ::raise(SIGKILL);
  }
  if (head == "abort") {
    std::abort();
  }
  if (head == "hang") {
    for (volatile bool forever = true; forever;) {
    }
  }
  if (head == "memory") {
    std::vector<std::string> kept;
    for (;;) {
      kept.emplace_back(8U << 20, 'm');
    }
  }
  if (head == "socket") {
    return std::to_string(::socket(AF_INET, SOCK_STREAM, 0));
  }
  if (head == "open") {
    return std::to_string(::open("/tmp/surety-sandbox-test", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  }
  if (head == "fork") {
    return std::to_string(::fork());
  }
  if (head == "execute") {
    char name[] = "/bin/true";
    char* words[] = {name, nullptr};
    return std::to_string(::execv(name, words));
  }
  if (head == "code") {
    void* page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return page == MAP_FAILED ? "no" : "yes";
  }
  if (head == "kill") {
    return std::to_string(::kill(::getppid(), SIGKILL));
  }
  return "?";
}

Item item(std::string head) {
  Item out;
  out.head = std::move(head);
  return out;
}

std::vector<Reply> ask(Worker& worker, std::vector<Item> items) {
  auto replies = worker.handle(items);
  EXPECT_TRUE(replies) << replies.error().text();
  return replies ? *std::move(replies) : std::vector<Reply>(items.size());
}

std::unique_ptr<Pool> pool_of(unsigned workers, const Limits& limits = {}) {
  auto pool = Pool::start(workers, obey, limits);
  EXPECT_TRUE(pool) << pool.error().text();
  return *std::move(pool);
}

TEST(Sandbox, HandlesBatchesThroughTheSharedBuffer) {
  const auto pool = pool_of(1);
  Worker& worker = pool->worker(0);
  std::vector<Item> items;
  const std::string_view text = "abcdefghij";
  std::memcpy(worker.buffer().data(), text.data(), text.size());
  for (std::size_t i = 0; i < 10; ++i) {
    items.push_back(item("echo"));
    items.back().content = worker.buffer().subspan(i, 10 - i);
  }
  const auto replies = ask(worker, items);
  for (std::size_t i = 0; i < 10; ++i) {
    EXPECT_EQ(replies[i].end, End::replied);
    EXPECT_EQ(replies[i].bytes, text.substr(i));
  }
}

TEST(Sandbox, MapsFilesThatItIsSent) {
  const auto path = std::filesystem::path(::testing::TempDir()) / "sandbox-content";
  ASSERT_TRUE(base::write_file(path, std::string(1U << 20, 'c')));
  const base::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  const auto pool = pool_of(1);
  Item one = item("size");
  one.descriptor = file.get();
  one.size = 1U << 20;
  const auto replies = ask(pool->worker(0), {item("echo"), one, one, item("size")});
  EXPECT_EQ(replies[0].bytes, "");
  EXPECT_EQ(replies[1].bytes, "1048576");
  EXPECT_EQ(replies[2].bytes, "1048576");
  EXPECT_EQ(replies[3].bytes, "0");
  std::filesystem::remove(path);
}

TEST(Sandbox, ReadsTheSameFromLargeFilesWhoseMemoryItGivesBack) {
  const auto path = std::filesystem::path(::testing::TempDir()) / "sandbox-large";
  constexpr std::uint64_t kSize = 96U << 20;
  ASSERT_TRUE(base::write_file(path, "begin"));
  std::filesystem::resize_file(path, kSize);
  const base::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::uint64_t expected = 4 * 'b';
  for (std::uint64_t i = 0; i < kSize; i += 64) {
    expected += 4 * i;
  }
  const auto pool = pool_of(1);
  Item one = item("twice");
  one.descriptor = file.get();
  one.size = kSize;
  const auto replies = ask(pool->worker(0), {one, item("size"), one});
  EXPECT_EQ(replies[0].bytes, std::to_string(expected)) << replies[0].reason;
  EXPECT_EQ(replies[1].bytes, "0");
  EXPECT_EQ(replies[2].bytes, replies[0].bytes);
  std::filesystem::remove(path);
}

TEST(Sandbox, LosesOnlyTheItemThatKillsTheChild) {
  const auto pool = pool_of(1);
  for (const std::string_view death : {"die", "abort"}) {
    const auto replies =
        ask(pool->worker(0), {item("size"), item("long"), item(std::string(death)), item("size"), item("long")});
    EXPECT_EQ(replies[0].bytes, "0") << death;
    EXPECT_EQ(replies[1].bytes.size(), 3U << 20) << death;
    EXPECT_EQ(replies[2].end, End::crashed) << death;
    EXPECT_FALSE(replies[2].reason.empty()) << death;
    EXPECT_EQ(replies[3].bytes, "0") << death;
    EXPECT_EQ(replies[4].bytes.size(), 3U << 20) << death;
  }
}

TEST(Sandbox, StopsWhatTakesTooLong) {
  Limits limits;
  limits.time = 200ms;
  const auto pool = pool_of(1, limits);
  const auto replies = ask(pool->worker(0), {item("size"), item("hang"), item("size")});
  EXPECT_EQ(replies[0].bytes, "0");
  EXPECT_EQ(replies[1].end, End::timed_out);
  EXPECT_EQ(replies[1].reason, "stopped after 200 ms");
  EXPECT_EQ(replies[2].bytes, "0");
}

TEST(Sandbox, BoundsTheMemoryOfTheChild) {
  if (kSanitized) {
    GTEST_SKIP() << "sanitizers reserve more memory than any limit";
  }
  Limits limits;
  limits.memory_bytes = 96U << 20;
  const auto pool = pool_of(1, limits);
  const auto replies = ask(pool->worker(0), {item("memory"), item("size")});
  EXPECT_EQ(replies[0].end, End::out_of_memory);
  EXPECT_EQ(replies[1].bytes, "0");
}

TEST(Sandbox, TakesEveryRightFromTheChild) {
  const auto pool = pool_of(1);
  ASSERT_TRUE(pool->protections().complete()) << pool->protections().text();
  for (const std::string_view attempt : {"socket", "fork", "execute", "code", "kill"}) {
    const auto replies = ask(pool->worker(0), {item(std::string(attempt)), item("size")});
    EXPECT_EQ(replies[0].end, End::crashed) << attempt << ": " << replies[0].bytes;
    EXPECT_EQ(replies[0].reason, "killed for a system call that it has no right to") << attempt;
    EXPECT_EQ(replies[1].bytes, "0") << attempt;
  }
  // Opening is refused and not fatal, as libraries try it.
  const auto replies = ask(pool->worker(0), {item("open")});
  if (!kSanitized) {
    EXPECT_EQ(replies[0].bytes, "-1");
  }
  EXPECT_FALSE(std::filesystem::exists("/tmp/surety-sandbox-test"));
}

TEST(Sandbox, ServesSeveralThreadsEachWithItsWorker) {
  const auto pool = pool_of(4);
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < pool->size(); ++i) {
    threads.emplace_back([&pool, i] {
      for (int round = 0; round < 50; ++round) {
        const auto replies = ask(pool->worker(i), {item("size"), item(round % 10 == 3 ? "die" : "size")});
        EXPECT_EQ(replies[0].bytes, "0");
        EXPECT_EQ(replies[1].end, round % 10 == 3 ? End::crashed : End::replied);
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

TEST(Sandbox, CanDoWithoutChildren) {
  const auto pool = Pool::in_process(1, obey, {});
  EXPECT_EQ(pool->protections().text(), "none");
  const auto replies = ask(pool->worker(0), {item("size")});
  EXPECT_EQ(replies[0].bytes, "0");
}

}  // namespace
}  // namespace sandbox
