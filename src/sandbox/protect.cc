#include "sandbox/protect.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <initializer_list>

namespace sandbox {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif
#else
constexpr bool kSanitized = false;
#endif

bool set_limit(__rlimit_resource resource, std::uint64_t value) {
  const rlimit limit{value, value};
  return ::setrlimit(resource, &limit) == 0;
}

// Everything that the kernel's version of Landlock knows is handled, and nothing is granted.
bool close_file_system() {
  const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (version < 1) {
    return false;
  }
  // Bits of linux/landlock.h: 13 rights in version 1, one more each in 2 (refer), 3 (truncate) and 5 (ioctl).
  const unsigned rights = version >= 5 ? 16 : version >= 3 ? 15 : version == 2 ? 14 : 13;
  landlock_ruleset_attr attributes{};
  attributes.handled_access_fs = (1ULL << rights) - 1;
  const long rules = ::syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0);
  if (rules < 0) {
    return false;
  }
  const bool restricted = ::syscall(SYS_landlock_restrict_self, rules, 0) == 0;
  ::close(static_cast<int>(rules));
  return restricted;
}

class Filter {
 public:
  Filter() : context_(::seccomp_init(SCMP_ACT_KILL_PROCESS)) {}
  Filter(const Filter&) = delete;
  Filter& operator=(const Filter&) = delete;
  ~Filter() {
    if (context_ != nullptr) {
      ::seccomp_release(context_);
    }
  }
  void allow(std::initializer_list<int> calls) {
    for (const int call : calls) {
      // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg)
      good_ = good_ && context_ != nullptr && ::seccomp_rule_add(context_, SCMP_ACT_ALLOW, call, 0) == 0;
    }
  }
  /// The call fails with `error` and the process goes on.
  void refuse(std::initializer_list<int> calls, int error) {
    for (const int call : calls) {
      // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg)
      good_ = good_ && context_ != nullptr &&
              ::seccomp_rule_add(context_, SCMP_ACT_ERRNO(static_cast<std::uint32_t>(error)), call, 0) == 0;
    }
  }
  /// Allows the call where none of `bits` is set in its argument of that number.
  void allow_without(int call, unsigned argument, std::uint64_t bits) {
    const scmp_arg_cmp comparison{argument, SCMP_CMP_MASKED_EQ, bits, 0};
    good_ =
        good_ && context_ != nullptr && ::seccomp_rule_add_array(context_, SCMP_ACT_ALLOW, call, 1, &comparison) == 0;
  }
  bool load() { return good_ && ::seccomp_load(context_) == 0; }

 private:
  scmp_filter_ctx context_;
  bool good_ = true;
};

bool filter_system_calls() {
  Filter filter;
  filter.allow({SCMP_SYS(read),           SCMP_SYS(write),        SCMP_SYS(sendmsg),         SCMP_SYS(sendto),
                SCMP_SYS(recvmsg),        SCMP_SYS(recvfrom),     SCMP_SYS(close),           SCMP_SYS(fstat),
                SCMP_SYS(newfstatat),     SCMP_SYS(lseek),        SCMP_SYS(munmap),          SCMP_SYS(mremap),
                SCMP_SYS(madvise),        SCMP_SYS(brk),          SCMP_SYS(futex),           SCMP_SYS(rt_sigaction),
                SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack),     SCMP_SYS(clock_gettime),
                SCMP_SYS(gettimeofday),   SCMP_SYS(getrandom),    SCMP_SYS(getpid),          SCMP_SYS(gettid),
                SCMP_SYS(tgkill),         SCMP_SYS(sched_yield),  SCMP_SYS(restart_syscall), SCMP_SYS(exit),
                SCMP_SYS(exit_group),     SCMP_SYS(setitimer)});
  // Libraries look for files that they can do without; they are told that they may not have them.
  filter.refuse({SCMP_SYS(open), SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(stat), SCMP_SYS(lstat),
                 SCMP_SYS(readlink), SCMP_SYS(ioctl)},
                EACCES);
  if (!kSanitized) {
    filter.refuse({SCMP_SYS(openat)}, EACCES);
  }
  filter.allow_without(SCMP_SYS(mmap), 2, PROT_EXEC);
  filter.allow_without(SCMP_SYS(mprotect), 2, PROT_EXEC);
  if (kSanitized) {  // what their reports need
    filter.allow_without(SCMP_SYS(openat), 2, O_WRONLY | O_RDWR | O_CREAT | O_TRUNC);
    filter.allow({SCMP_SYS(prctl), SCMP_SYS(getrlimit), SCMP_SYS(prlimit64), SCMP_SYS(sched_getaffinity), SCMP_SYS(dup),
                  SCMP_SYS(readlinkat), SCMP_SYS(pipe), SCMP_SYS(pipe2)});
  }
  return filter.load();
}

}  // namespace

std::string Protections::text() const {
  std::string out;
  for (const auto& [has, name] : {std::pair(child_process, "child process"), std::pair(system_calls, "seccomp"),
                                  std::pair(file_system, "Landlock"), std::pair(memory, "rlimits")}) {
    if (has) {
      out += (out.empty() ? "" : ", ") + std::string(name);
    }
  }
  return out.empty() ? "none" : out;
}

Protections give_up_rights(const Limits& limits) {
  Protections out;
  out.child_process = true;
  ::prctl(PR_SET_DUMPABLE, 0);
  out.memory = set_limit(RLIMIT_CORE, 0) && set_limit(RLIMIT_FSIZE, 0) && set_limit(RLIMIT_NPROC, 0);
  // Sanitizers reserve terabytes that they never touch.
  out.memory = (kSanitized || set_limit(RLIMIT_DATA, limits.memory_bytes)) && out.memory;
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) {
    // Sanitizers read /proc/self/maps whenever an exception is thrown; their builds are for tests.
    out.file_system = !kSanitized && close_file_system();
    out.system_calls = filter_system_calls();
  }
  return out;
}

}  // namespace sandbox
