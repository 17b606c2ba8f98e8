#include "app/record/ssh_keygen.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "app/scratch_directory.h"
#include "base/file.h"
#include "base/text.h"
#include "records/ssh_signature.h"

namespace app {
namespace {

using base::Descriptor;
using base::Errc;
using base::Error;
using base::Result;

constexpr std::size_t kMaxSaid = 4096;  ///< Bytes kept of what ssh-keygen writes to stderr; a pipe holds more.

struct Pipe {
  Descriptor read;
  Descriptor write;
};

Result<Pipe> make_pipe() {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    return base::system_error("make a pipe for", "ssh-keygen");
  }
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

// The environment for ssh-keygen. Where a passphrase is given, no window may ask for another.
std::vector<char*> environment_for(bool passphrase) {
  static char never[] = "SSH_ASKPASS_REQUIRE=never";
  std::vector<char*> out;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view name = std::string_view(*entry).substr(0, std::string_view(*entry).find('='));
    if (!passphrase || (name != "SSH_ASKPASS" && name != "SSH_ASKPASS_REQUIRE" && name != "DISPLAY")) {
      out.push_back(*entry);
    }
  }
  if (passphrase) {
    out.push_back(never);
  }
  out.push_back(nullptr);
  return out;
}

// Everything up to the end; kMaxSaid bytes of it are kept.
std::string read_all(int fd) {
  std::string out;
  char buffer[1024];
  for (;;) {
    const ssize_t got = ::read(fd, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      return out;
    }
    out.append(buffer, std::min(static_cast<std::size_t>(got), kMaxSaid - std::min(kMaxSaid, out.size())));
  }
}

// Runs ssh-keygen over the file. Its exit code, and what it said.
struct Ended {
  bool well = false;
  std::string said;
};
Result<Ended> run(const std::string& key_file, const std::string& file, std::string_view passphrase) {
  Pipe said = TRY(make_pipe());
  Pipe asked = TRY(make_pipe());
  if (!passphrase.empty()) {
    const std::string line = std::string(passphrase) + "\n";  // a pipe holds more than the longest passphrase
    if (::write(asked.write.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
      return base::system_error("write to", "ssh-keygen");
    }
  }
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  if (passphrase.empty()) {  // it asks at the terminal, if there is one; never does it wait for a pipe of ours
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  } else {  // without a terminal of its own it reads the passphrase from its input
    ::posix_spawn_file_actions_adddup2(&actions, asked.read.get(), STDIN_FILENO);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
  }
  ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, said.write.get(), STDERR_FILENO);
  std::vector<std::string> words = {"ssh-keygen", "-Y",     "sign", "-n", std::string(records::kNamespace),
                                    "-f",         key_file, file};
  std::vector<char*> arguments;
  for (std::string& word : words) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  std::vector<char*> environment = environment_for(!passphrase.empty());
  pid_t child = -1;
  const int failed = ::posix_spawnp(&child, "ssh-keygen", &actions, &attributes, arguments.data(), environment.data());
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&attributes);
  if (failed != 0) {
    return Error{Errc::io,
                 failed == ENOENT
                     ? "ssh-keygen is not installed: only it signs with a key in an agent, and with one that is "
                       "encrypted or RSA in OpenSSH's own form"
                     : "ssh-keygen could not be run: " + std::string(::strerror(failed))};
  }
  said.write = Descriptor();
  asked.read = Descriptor();
  asked.write = Descriptor();
  Ended ended;
  ended.said = read_all(said.read.get());
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  ended.well = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  return ended;
}

}  // namespace

Result<std::string> sign_with_ssh_keygen(const std::string& key_file, std::string_view content,
                                         std::string_view passphrase) {
  const ScratchDirectory scratch = TRY(ScratchDirectory::create("sign"));
  const std::string file = (scratch.path() / "record").string();
  TRY(base::write_file(file, content));
  const Ended ended = TRY(run(key_file, file, passphrase));
  if (!ended.well) {
    constexpr std::string_view kQuestion = "Enter passphrase: ";
    const bool asked = ended.said.starts_with(kQuestion);
    const std::string said = ended.said.substr(asked ? kQuestion.size() : 0);
    return Error{Errc::usage, "ssh-keygen did not sign: " + base::abbreviate(base::printable(base::trim(said)), 400), 0,
                 base::printable(key_file)};
  }
  const std::string signature = TRY(base::read_file(file + ".sig", records::kMaxSignatureBytes));
  const records::SshSignature parsed = TRY(records::parse_ssh_signature(signature));
  TRY(records::verify_ssh_signature(parsed, content, records::kNamespace));
  return signature;
}

}  // namespace app
