#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <mutex>
#include <new>
#include <optional>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "sandbox/protect.h"
#include "sandbox/sandbox.h"

namespace sandbox {
namespace {

using base::Errc;
using base::Error;
using base::Result;

constexpr int kKeptBytes = 16 << 20;            // of a child's free memory
constexpr std::size_t kFlushBytes = 64U << 10;  // replies are sent together up to so many

// At the head of the memory shared with a child. The child writes it; what stands there decides only which item is
// blamed.
struct Progress {
  std::atomic<std::uint32_t> item;       // the one at hand
  std::atomic<std::int64_t> started_ns;  // when it was begun; 0 between batches
};
constexpr std::size_t kHeaderBytes = 4096;
static_assert(sizeof(Progress) <= kHeaderBytes);

struct RequestHead {
  std::uint32_t items;
  std::uint32_t bytes;  // of what follows
};
struct ItemHead {
  std::uint64_t offset;  // into the buffer; of no meaning where a descriptor comes with the request
  std::uint64_t size;
  std::uint32_t head_bytes;
  std::uint32_t by_descriptor;
};
struct ReplyHead {
  std::uint32_t bytes;
  std::uint8_t end;
  std::uint8_t shrunk;
  std::uint16_t zero;
};
struct SpawnReply {
  std::int32_t pid;
  Protections protections;
};

std::int64_t now_ns() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

Error refused(const char* what) {
  return {Errc::io, std::string("sandbox: ") + what + ": " + std::generic_category().message(errno)};
}

bool send_all(int socket, const void* data, std::size_t size) {
  const char* at = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t sent = ::send(socket, at, size, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) {
      continue;
    }
    if (sent <= 0) {
      return false;
    }
    at += sent;
    size -= static_cast<std::size_t>(sent);
  }
  return true;
}

// Sends `size` bytes, with the descriptors attached to the first of them.
bool send_with(int socket, const void* data, std::size_t size, std::span<const int> descriptors) {
  alignas(cmsghdr) char control[CMSG_SPACE(2 * sizeof(int))] = {};
  iovec part{const_cast<void*>(data), size};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (!descriptors.empty()) {
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(descriptors.size_bytes());
    std::memcpy(CMSG_DATA(header), descriptors.data(), descriptors.size_bytes());
  }
  ssize_t sent = 0;
  do {
    sent = ::sendmsg(socket, &message, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent > 0 && send_all(socket, static_cast<const char*>(data) + sent, size - static_cast<std::size_t>(sent));
}

// Receives exactly `size` bytes and up to two descriptors that come with them. False at the end of the stream.
bool receive_with(int socket, void* data, std::size_t size, std::vector<base::Descriptor>* descriptors) {
  std::size_t used = 0;
  while (used < size) {
    alignas(cmsghdr) char control[CMSG_SPACE(2 * sizeof(int))] = {};
    iovec part{static_cast<char*>(data) + used, size - used};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (descriptors != nullptr) {
      message.msg_control = control;
      message.msg_controllen = sizeof control;
    }
    const ssize_t got = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      return false;
    }
    used += static_cast<std::size_t>(got);
    for (cmsghdr* header = descriptors == nullptr ? nullptr : CMSG_FIRSTHDR(&message); header != nullptr;
         header = CMSG_NXTHDR(&message, header)) {
      if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
        const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i) {
          int one = -1;
          std::memcpy(&one, CMSG_DATA(header) + i * sizeof(int), sizeof one);
          descriptors->emplace_back(one);
        }
      }
    }
  }
  return true;
}

Result<std::pair<base::Descriptor, base::Descriptor>> socket_pair() {
  int ends[2] = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    return refused("socketpair");
  }
  return std::pair(base::Descriptor(ends[0]), base::Descriptor(ends[1]));
}

// ---- in the child

// Gives back the memory of a large mapping while somebody reads through it: the pages are the file's own, and come back
// from it when they are asked for again. Driven by the processor time that the process uses, as it has one thread.
class Trimmer {
 public:
  explicit Trimmer(base::Bytes mapping) {
    if (mapping.size() <= kTrimBytes) {
      return;
    }
    trimmed_ = mapping;
    armed_ = true;
    struct sigaction action {};
    action.sa_handler = [](int) { ::madvise(const_cast<std::byte*>(trimmed_.data()), trimmed_.size(), MADV_DONTNEED); };
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    ::sigaction(SIGPROF, &action, nullptr);
    tick(kTrimMicroseconds);
  }
  Trimmer(const Trimmer&) = delete;
  Trimmer& operator=(const Trimmer&) = delete;
  ~Trimmer() {
    if (armed_) {
      tick(0);
      ::signal(SIGPROF, SIG_IGN);  // one may be on its way
    }
  }

 private:
  static void tick(suseconds_t interval) {
    const itimerval timer{{0, interval}, {0, interval}};
    ::setitimer(ITIMER_PROF, &timer, nullptr);
  }

  static constexpr std::size_t kTrimBytes = 64U << 20;
  static constexpr suseconds_t kTrimMicroseconds = 20'000;
  static base::Bytes trimmed_;
  bool armed_ = false;
};
base::Bytes Trimmer::trimmed_;  // NOLINT: a signal handler can reach nothing else

class Child {
 public:
  Child(const Handler& handler, int socket, std::byte* shared, std::size_t buffer_bytes)
      : handler_(handler),
        socket_(socket),
        progress_(*reinterpret_cast<Progress*>(shared)),
        buffer_(shared + kHeaderBytes, buffer_bytes) {}

  [[noreturn]] void serve() {
    // What one item needed the next one needs: memory is not handed back to the system and asked for again in between.
    ::mallopt(M_MMAP_THRESHOLD, kKeptBytes);
    ::mallopt(M_TRIM_THRESHOLD, kKeptBytes);
    for (;;) {
      RequestHead head{};
      descriptors_.clear();
      if (!receive_with(socket_, &head, sizeof head, &descriptors_)) {
        ::_exit(0);  // the parent is done, or gone
      }
      request_.resize(head.bytes);
      if (!receive_with(socket_, request_.data(), request_.size(), &descriptors_)) {
        ::_exit(0);
      }
      replies_.clear();
      std::size_t at = 0;
      for (std::uint32_t i = 0; i < head.items; ++i) {
        ItemHead item{};
        std::memcpy(&item, request_.data() + at, sizeof item);
        at += sizeof item;
        const std::string_view words(request_.data() + at, item.head_bytes);
        at += item.head_bytes;
        progress_.item.store(i, std::memory_order_relaxed);
        progress_.started_ns.store(now_ns(), std::memory_order_release);
        handle(item, words);
        if (replies_.size() >= kFlushBytes) {
          flush();
        }
      }
      progress_.started_ns.store(0, std::memory_order_release);
      flush();
    }
  }

 private:
  void handle(const ItemHead& item, std::string_view words) {
    if (item.by_descriptor == 0) {
      reply(words,
            std::as_bytes(buffer_.subspan(static_cast<std::size_t>(item.offset), static_cast<std::size_t>(item.size))),
            nullptr);
      return;
    }
    if (descriptors_.empty()) {
      ::_exit(3);
    }
    const auto mapped = base::MappedFile::map(descriptors_.front().get(), item.size);
    if (!mapped) {
      add(End::out_of_memory, {}, false);
      return;
    }
    const Trimmer trimmer(mapped->bytes());
    reply(words, mapped->bytes(), &*mapped);
  }

  void reply(std::string_view words, base::Bytes content, const base::MappedFile* file) {
    std::string bytes;
    End end = End::replied;
    try {
      bytes = handler_(words, content);
    } catch (const std::bad_alloc&) {
      end = End::out_of_memory;
    } catch (const std::length_error&) {
      end = End::out_of_memory;
    }
    add(end, bytes, file != nullptr && file->shrunk());
  }

  void add(End end, std::string_view bytes, bool shrunk) {
    const ReplyHead head{static_cast<std::uint32_t>(bytes.size()), static_cast<std::uint8_t>(end),
                         static_cast<std::uint8_t>(shrunk ? 1 : 0), 0};
    replies_.append(reinterpret_cast<const char*>(&head), sizeof head);
    replies_.append(bytes);
  }

  void flush() {
    if (!send_all(socket_, replies_.data(), replies_.size())) {
      ::_exit(0);
    }
    replies_.clear();
  }

  const Handler& handler_;
  int socket_;
  Progress& progress_;
  std::span<std::byte> buffer_;
  std::string request_;
  std::string replies_;
  std::vector<base::Descriptor> descriptors_;
};

// ---- the nursery: a process without threads that was forked early, and forks every child

struct SpawnRequest {
  std::uint32_t reap;  // 0: make a child of the two descriptors; else wait for this one
};
struct ReapReply {
  std::int32_t status;
};

[[noreturn]] void run_nursery(int socket, const Handler& handler, const Limits& limits) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::signal(SIGINT, SIG_IGN);  // the parent decides
  ::signal(SIGPIPE, SIG_IGN);
  for (;;) {
    SpawnRequest request{};
    std::vector<base::Descriptor> descriptors;
    if (!receive_with(socket, &request, sizeof request, &descriptors)) {
      ::_exit(0);
    }
    if (request.reap != 0) {
      ReapReply reply{};
      while (::waitpid(static_cast<pid_t>(request.reap), &reply.status, 0) < 0 && errno == EINTR) {
      }
      if (!send_all(socket, &reply, sizeof reply)) {
        ::_exit(0);
      }
      continue;
    }
    SpawnReply reply{-1, {}};
    if (descriptors.size() == 2) {
      int ready[2] = {-1, -1};
      if (::pipe2(ready, O_CLOEXEC) == 0) {
        reply.pid = ::fork();
        if (reply.pid == 0) {
          ::prctl(PR_SET_PDEATHSIG, SIGKILL);
          const std::size_t size = kHeaderBytes + limits.buffer_bytes;
          void* shared = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptors[1].get(), 0);
          if (shared == MAP_FAILED) {
            ::_exit(2);
          }
          // 3 is the socket, 1 and 2 lead nowhere, everything else is closed.
          const int kept = ::dup(descriptors[0].get());
          const int pipe_end = ::dup(ready[1]);
          const int nowhere = ::open("/dev/null", O_RDWR | O_CLOEXEC);
          ::dup2(nowhere, 0);
          ::dup2(nowhere, 1);
#ifdef NDEBUG
          ::dup2(nowhere, 2);
#endif
          const int low = std::max({kept, pipe_end, 2}) + 100;
          const int work = ::fcntl(kept, F_DUPFD, low);
          const int tell = ::fcntl(pipe_end, F_DUPFD, low);
          ::close_range(3, static_cast<unsigned>(low) - 1, 0);
          const Protections granted = give_up_rights(limits);
          if (::write(tell, &granted, sizeof granted) != static_cast<ssize_t>(sizeof granted)) {
            ::_exit(2);
          }
          ::close(tell);
          Child(handler, work, static_cast<std::byte*>(shared), limits.buffer_bytes).serve();
        }
        ::close(ready[1]);
        if (reply.pid > 0 && ::read(ready[0], &reply.protections, sizeof reply.protections) !=
                                 static_cast<ssize_t>(sizeof reply.protections)) {
          ::kill(reply.pid, SIGKILL);
          ::waitpid(reply.pid, nullptr, 0);
          reply.pid = -1;
        }
        ::close(ready[0]);
      }
    }
    if (!send_all(socket, &reply, sizeof reply)) {
      ::_exit(0);
    }
  }
}

class Nursery {
 public:
  Nursery(base::Descriptor socket, pid_t pid) : socket_(std::move(socket)), pid_(pid) {}
  Nursery(const Nursery&) = delete;
  Nursery& operator=(const Nursery&) = delete;
  ~Nursery() {
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }

  Result<SpawnReply> spawn(int socket, int memory) {
    const std::lock_guard lock(mutex_);
    const SpawnRequest request{0};
    const int both[2] = {socket, memory};
    SpawnReply reply{};
    if (!send_with(socket_.get(), &request, sizeof request, both) ||
        !receive_with(socket_.get(), &reply, sizeof reply, nullptr)) {
      return Error{Errc::io, "sandbox: the process that makes children is gone"};
    }
    if (reply.pid <= 0) {
      return Error{Errc::io, "sandbox: no child process could be made"};
    }
    return reply;
  }

  std::string reap(pid_t pid) {
    const std::lock_guard lock(mutex_);
    const SpawnRequest request{static_cast<std::uint32_t>(pid)};
    ReapReply reply{};
    if (!send_all(socket_.get(), &request, sizeof request) ||
        !receive_with(socket_.get(), &reply, sizeof reply, nullptr)) {
      return "died";
    }
    if (WIFSIGNALED(reply.status)) {
      const int signal = WTERMSIG(reply.status);
      return signal == SIGSYS ? "killed for a system call that it has no right to"
                              : "killed by signal " + std::to_string(signal) + " (" + ::strsignal(signal) + ")";
    }
    return "ended with status " + std::to_string(WEXITSTATUS(reply.status));
  }

 private:
  base::Descriptor socket_;
  pid_t pid_;
  std::mutex mutex_;
};

// ---- in the parent

class ChildWorker final : public Worker {
 public:
  static Result<std::unique_ptr<ChildWorker>> create(Nursery& nursery, const Limits& limits) {
    const int memory = ::memfd_create("surety", MFD_CLOEXEC);
    if (memory < 0) {
      return refused("memfd_create");
    }
    base::Descriptor owner(memory);
    const std::size_t size = kHeaderBytes + limits.buffer_bytes;
    if (::ftruncate(memory, static_cast<off_t>(size)) != 0) {
      return refused("ftruncate");
    }
    void* shared = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
    if (shared == MAP_FAILED) {
      return refused("mmap");
    }
    return std::unique_ptr<ChildWorker>(
        new ChildWorker(nursery, limits, std::move(owner), static_cast<std::byte*>(shared), size));
  }

  ChildWorker(const ChildWorker&) = delete;
  ChildWorker& operator=(const ChildWorker&) = delete;
  ~ChildWorker() override {
    socket_ = base::Descriptor();  // the child ends at the end of its stream; the nursery's end takes it otherwise
    ::munmap(shared_, shared_bytes_);
  }

  std::span<std::byte> buffer() override { return {shared_ + kHeaderBytes, shared_bytes_ - kHeaderBytes}; }

  Result<std::vector<Reply>> handle(std::span<const Item> items) override {
    std::vector<Reply> replies(items.size());
    std::vector<bool> done(items.size(), false);
    for (std::size_t begin = 0; begin < items.size();) {
      if (done[begin]) {
        ++begin;
        continue;
      }
      // As many as can go together: those with a descriptor go alone.
      std::size_t end = begin + 1;
      while (items[begin].descriptor < 0 && end < items.size() && items[end].descriptor < 0 && !done[end]) {
        ++end;
      }
      TRY(start());
      const std::size_t count = end - begin;
      const std::size_t answered = exchange(items.subspan(begin, count), std::span(replies).subspan(begin, count));
      std::fill_n(done.begin() + static_cast<std::ptrdiff_t>(begin), answered, true);
      if (answered < count) {
        // The child is gone. Replies that it had not sent yet are asked for again.
        const std::size_t blamed = begin + std::clamp<std::size_t>(blamed_, answered, count - 1);
        replies[blamed] = {timed_out_ ? End::timed_out : End::crashed, {}, reap(), false};
        done[blamed] = true;
      }
      begin += answered;
    }
    return replies;
  }

  /// Makes the child, where there is none.
  Result<void> start() {
    if (socket_.is_open()) {
      return {};
    }
    auto [ours, theirs] = TRY(socket_pair());
    progress_.item = 0;
    progress_.started_ns = 0;
    const SpawnReply child = TRY(nursery_.spawn(theirs.get(), memory_.get()));
    socket_ = std::move(ours);
    pid_ = child.pid;
    protections_ = child.protections;
    return {};
  }

  [[nodiscard]] const Protections& protections() const { return protections_; }

 private:
  ChildWorker(Nursery& nursery, const Limits& limits, base::Descriptor memory, std::byte* shared, std::size_t size)
      : nursery_(nursery),
        limits_(limits),
        memory_(std::move(memory)),
        shared_(shared),
        shared_bytes_(size),
        progress_(*new (shared) Progress{}) {}

  std::string reap() {
    ::kill(pid_, SIGKILL);
    socket_ = base::Descriptor();
    const std::string how = nursery_.reap(pid_);
    return timed_out_ ? "stopped after " + std::to_string(limits_.time.count()) + " ms" : how;
  }

  // Sends the items and receives their replies; returns how many came.
  std::size_t exchange(std::span<const Item> items, std::span<Reply> replies) {
    timed_out_ = false;
    blamed_ = 0;
    message_.assign(sizeof(RequestHead), '\0');
    for (const Item& item : items) {
      ItemHead head{0, item.size, static_cast<std::uint32_t>(item.head.size()), item.descriptor >= 0 ? 1U : 0U};
      if (item.descriptor < 0) {
        head.offset =
            item.content.empty() ? 0 : static_cast<std::uint64_t>(item.content.data() - (shared_ + kHeaderBytes));
        head.size = item.content.size();
      }
      message_.append(reinterpret_cast<const char*>(&head), sizeof head);
      message_.append(item.head);
    }
    const RequestHead head{static_cast<std::uint32_t>(items.size()),
                           static_cast<std::uint32_t>(message_.size() - sizeof(RequestHead))};
    std::memcpy(message_.data(), &head, sizeof head);
    const bool sent = items.front().descriptor >= 0
                          ? send_with(socket_.get(), message_.data(), message_.size(), {&items.front().descriptor, 1})
                          : send_all(socket_.get(), message_.data(), message_.size());
    if (!sent) {
      return 0;
    }
    const std::int64_t begun = now_ns();
    std::size_t answered = 0;
    received_.clear();
    std::size_t at = 0;
    while (answered < items.size()) {
      // What has come in whole.
      ReplyHead reply{};
      if (received_.size() - at >= sizeof reply) {
        std::memcpy(&reply, received_.data() + at, sizeof reply);
        if (reply.bytes > limits_.reply_bytes || reply.end > static_cast<std::uint8_t>(End::out_of_memory)) {
          blamed_ = answered;
          return answered;
        }
        if (received_.size() - at >= sizeof reply + reply.bytes) {
          replies[answered++] = {static_cast<End>(reply.end), received_.substr(at + sizeof reply, reply.bytes),
                                 reply.end == 0 ? "" : "the limit of memory was reached", reply.shrunk != 0};
          at += sizeof reply + reply.bytes;
          continue;
        }
      }
      received_.erase(0, at);
      at = 0;
      if (!wait_for_more(begun)) {
        return answered;
      }
      const std::size_t used = received_.size();
      received_.resize(used + (64U << 10));
      const ssize_t got = ::recv(socket_.get(), received_.data() + used, received_.size() - used, 0);
      received_.resize(used + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
      if (got == 0 || (got < 0 && errno != EINTR)) {
        blamed_ = progress_.item.load();
        return answered;
      }
    }
    return answered;
  }

  // False where the item at hand has had its time.
  bool wait_for_more(std::int64_t begun) {
    const std::int64_t budget = limits_.time.count() * 1'000'000;
    for (;;) {
      const std::int64_t item_begun = progress_.started_ns.load(std::memory_order_acquire);
      const std::int64_t now = now_ns();
      // The child's word counts only within what the parent knows: it cannot buy itself time by writing the future.
      const std::int64_t since = std::clamp(item_begun, begun, now);
      const std::int64_t left_ms = (since + budget - now) / 1'000'000 + 1;
      if (since + budget <= now) {
        blamed_ = progress_.item.load();
        timed_out_ = true;
        return false;
      }
      pollfd one{socket_.get(), POLLIN, 0};
      const int ready = ::poll(&one, 1, static_cast<int>(std::min<std::int64_t>(left_ms, 60'000)));
      if (ready > 0) {
        return true;
      }
      if (ready < 0 && errno != EINTR) {
        return true;  // recv() will tell
      }
    }
  }

  Nursery& nursery_;
  Limits limits_;
  base::Descriptor memory_;
  std::byte* shared_;
  std::size_t shared_bytes_;
  Progress& progress_;
  base::Descriptor socket_;
  pid_t pid_ = -1;
  Protections protections_;
  std::string message_;
  std::string received_;
  std::size_t blamed_ = 0;
  bool timed_out_ = false;
};

class ChildPool final : public Pool {
 public:
  explicit ChildPool(std::unique_ptr<Nursery> nursery) : nursery_(std::move(nursery)) {}
  Result<void> add(const Limits& limits) {
    workers_.push_back(TRY(ChildWorker::create(*nursery_, limits)));
    return {};
  }
  [[nodiscard]] unsigned size() const override { return static_cast<unsigned>(workers_.size()); }
  [[nodiscard]] Worker& worker(unsigned index) override { return *workers_.at(index); }
  [[nodiscard]] Protections protections() override {
    (void)workers_.front()->start();  // where it fails, nothing protects
    return workers_.front()->protections();
  }

 private:
  std::unique_ptr<Nursery> nursery_;
  std::vector<std::unique_ptr<ChildWorker>> workers_;
};

// ---- without children

class LocalWorker final : public Worker {
 public:
  LocalWorker(const Handler& handler, std::size_t bytes) : handler_(handler), buffer_(bytes) {}
  std::span<std::byte> buffer() override { return buffer_; }
  Result<std::vector<Reply>> handle(std::span<const Item> items) override {
    std::vector<Reply> out;
    out.reserve(items.size());
    for (const Item& item : items) {
      Reply reply{End::replied, {}, {}, false};
      if (item.descriptor < 0) {
        reply.bytes = handler_(item.head, item.content);
      } else {
        const auto mapped = TRY(base::MappedFile::map(item.descriptor, item.size));
        reply.bytes = handler_(item.head, mapped.bytes());
        reply.shrunk = mapped.shrunk();
      }
      out.push_back(std::move(reply));
    }
    return out;
  }

 private:
  const Handler& handler_;
  std::vector<std::byte> buffer_;
};

class LocalPool final : public Pool {
 public:
  LocalPool(unsigned workers, Handler handler, const Limits& limits) : handler_(std::move(handler)) {
    for (unsigned i = 0; i < workers; ++i) {
      workers_.push_back(std::make_unique<LocalWorker>(handler_, limits.buffer_bytes));
    }
  }
  [[nodiscard]] unsigned size() const override { return static_cast<unsigned>(workers_.size()); }
  [[nodiscard]] Worker& worker(unsigned index) override { return *workers_.at(index); }
  [[nodiscard]] Protections protections() override { return {}; }

 private:
  Handler handler_;
  std::vector<std::unique_ptr<LocalWorker>> workers_;
};

}  // namespace

Result<std::unique_ptr<Pool>> Pool::start(unsigned workers, Handler handler, const Limits& limits) {
  auto [ours, theirs] = TRY(socket_pair());
  const pid_t pid = ::fork();
  if (pid < 0) {
    return refused("fork");
  }
  if (pid == 0) {
    ours = base::Descriptor();
    run_nursery(theirs.get(), handler, limits);
  }
  auto pool = std::make_unique<ChildPool>(std::make_unique<Nursery>(std::move(ours), pid));
  for (unsigned i = 0; i < std::max(workers, 1U); ++i) {
    TRY(pool->add(limits));
  }
  return std::unique_ptr<Pool>(std::move(pool));
}

std::unique_ptr<Pool> Pool::in_process(unsigned workers, Handler handler, const Limits& limits) {
  return std::make_unique<LocalPool>(std::max(workers, 1U), std::move(handler), limits);
}

}  // namespace sandbox
