#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_cursor.h"
#include "base/result.h"

/// Work on untrusted bytes in child processes that have no rights: no network, no files, no other programs, bounded
/// memory and time. A child that dies or takes too long costs the item at hand, never the run.
namespace sandbox {

struct Limits {
  std::chrono::milliseconds time{30'000};    ///< For one item.
  std::uint64_t memory_bytes = 4ULL << 30;   ///< Of writable memory in one child; mapped files do not count.
  std::uint64_t reply_bytes = 256ULL << 20;  ///< A longer reply counts as a crash.
  std::size_t buffer_bytes = 4ULL << 20;     ///< Of each worker's buffer.
};

/// One piece of work: what to do, and the bytes to do it on.
struct Item {
  std::string head;     ///< Handed to the handler as it is.
  base::Bytes content;  ///< Within Worker::buffer(); unused where `descriptor` is given.
  int descriptor = -1;  ///< Of an open file, whose first `size` bytes are the content; the caller keeps it.
  std::uint64_t size = 0;
};

/// How the work on an item ended.
enum class End : std::uint8_t {
  replied,
  out_of_memory,  ///< Of Limits::memory_bytes.
  timed_out,      ///< Limits::time was over.
  crashed,        ///< The child died, or sent what is no reply.
};
struct Reply {
  End end = End::crashed;
  std::string bytes;    ///< What the handler returned.
  std::string reason;   ///< For people, where there is no reply: "killed by signal 11".
  bool shrunk = false;  ///< The file shrank while it was mapped.
};

/// Runs in the child. Must not keep state between items that changes what it returns: children are replaced.
using Handler = std::function<std::string(std::string_view head, base::Bytes content)>;

/// What keeps a child from doing harm, as far as this kernel grants it.
struct Protections {
  bool child_process = false;
  bool system_calls = false;  ///< seccomp filter.
  bool file_system = false;   ///< Landlock.
  bool memory = false;        ///< rlimits.
  [[nodiscard]] bool complete() const { return child_process && system_calls && memory; }
  [[nodiscard]] std::string text() const;  ///< "child process, seccomp, Landlock, rlimits".
};

/// One child and the buffer shared with it. For one thread at a time.
class Worker {
 public:
  virtual ~Worker() = default;
  /// Where the caller puts the content of items; zero-copy for the child, which sees it read-only in effect: what it
  /// writes there concerns nobody.
  [[nodiscard]] virtual std::span<std::byte> buffer() = 0;
  /// Handles the items in order and returns as many replies. Replaces the child where it dies on the way; the other
  /// items are handled all the same. Fails only where no child can be had any more.
  virtual base::Result<std::vector<Reply>> handle(std::span<const Item> items) = 0;
};

/// The workers of a run.
class Pool {
 public:
  /// Prepares as many children; each is started when it is first needed. To be called before the program has other
  /// threads: the children are copies of what the program is now, with whatever tables are built by then. Fails with io
  /// where the system refuses.
  static base::Result<std::unique_ptr<Pool>> start(unsigned workers, Handler handler, const Limits& limits);
  /// The same interface without children, for those who must debug or whose system grants none.
  static std::unique_ptr<Pool> in_process(unsigned workers, Handler handler, const Limits& limits);

  virtual ~Pool() = default;
  [[nodiscard]] virtual unsigned size() const = 0;
  [[nodiscard]] virtual Worker& worker(unsigned index) = 0;
  /// What the children are denied; starts one where none was needed so far. Not while workers work.
  [[nodiscard]] virtual Protections protections() = 0;
};

}  // namespace sandbox
