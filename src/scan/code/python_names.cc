#include "scan/code/python_names.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace scan {
namespace {

struct Named {
  std::uint32_t roles;
  std::string_view name;
};
// A name may stand in several lists.
constexpr Named kNames[] = {
    {kRunsCommand | kRunsShell, "os.system"},
    {kRunsCommand | kRunsShell, "os.popen"},
    {kRunsCommand | kRunsShell, "subprocess.getoutput"},
    {kRunsCommand | kRunsShell, "subprocess.getstatusoutput"},
    {kRunsCommand | kRunsShell, "pty.spawn"},
    {kRunsCommand | kRunsShell, "commands.getoutput"},
    {kRunsCommand | kRunsShell, "asyncio.create_subprocess_shell"},
    {kRunsCommand | kRunsShell, "platform.popen"},
    {kRunsCommand | kRunsShell, "get_ipython.system"},
    {kRunsCommand | kRunsShell, "get_ipython.getoutput"},
    {kRunsCommand | kRunsShell, "get_ipython.system_raw"},
    {kRunsCommand | kRunsShell, "get_ipython.system_piped"},
    {kAsksUser, "input"},
    {kAsksUser, "raw_input"},
    {kAsksUser, "sys.stdin.read"},
    {kAsksUser, "sys.stdin.readline"},
    {kAsksUser, "sys.argv"},
    {kRunsCommand, "os.popen2"},
    {kRunsCommand, "os.popen3"},
    {kRunsCommand, "os.popen4"},
    {kRunsCommand, "os.startfile"},
    {kRunsCommand, "os.posix_spawn"},
    {kRunsCommand, "os.posix_spawnp"},
    {kRunsCommand, "subprocess.run"},
    {kRunsCommand, "subprocess.call"},
    {kRunsCommand, "subprocess.Popen"},
    {kRunsCommand, "subprocess.check_call"},
    {kRunsCommand, "subprocess.check_output"},
    {kRunsCommand, "commands.getstatusoutput"},
    {kRunsCommand, "popen2.popen2"},
    {kRunsCommand, "asyncio.create_subprocess_exec"},
    {kRunsCommand, "pexpect.spawn"},
    {kRunsCommand, "pexpect.run"},
    {kRunsCommand, "os.execl"},
    {kRunsCommand, "os.execle"},
    {kRunsCommand, "os.execlp"},
    {kRunsCommand, "os.execlpe"},
    {kRunsCommand, "os.execv"},
    {kRunsCommand, "os.execve"},
    {kRunsCommand, "os.execvp"},
    {kRunsCommand, "os.execvpe"},
    {kRunsCommand, "os.spawnl"},
    {kRunsCommand, "os.spawnle"},
    {kRunsCommand, "os.spawnlp"},
    {kRunsCommand, "os.spawnlpe"},
    {kRunsCommand, "os.spawnv"},
    {kRunsCommand, "os.spawnve"},
    {kRunsCommand, "os.spawnvp"},
    {kRunsCommand, "os.spawnvpe"},
    {kRunsCommand, "_posixsubprocess.fork_exec"},
    {kRunsCommand, "sh.bash"},
    {kRunsCommand, "invoke.run"},

    {kRunsCode, "eval"},
    {kRunsCode, "exec"},
    {kRunsCode, "execfile"},
    {kRunsCode, "compile"},
    {kRunsCode, "code.interact"},
    {kRunsCode, "runpy.run_path"},
    {kRunsCode, "timeit.timeit"},
    {kRunsCode, "code.InteractiveInterpreter"},
    {kRunsCode, "pandas.eval"},

    {kDecodes | kMakesConstant, "base64.b64decode"},
    {kDecodes | kMakesConstant, "base64.urlsafe_b64decode"},
    {kDecodes | kMakesConstant, "base64.standard_b64decode"},
    {kDecodes | kMakesConstant, "base64.b16decode"},
    {kDecodes | kMakesConstant, "base64.decodebytes"},
    {kDecodes | kMakesConstant, "binascii.unhexlify"},
    {kDecodes | kMakesConstant, "binascii.a2b_base64"},
    {kDecodes | kMakesConstant, "binascii.a2b_hex"},
    {kDecodes | kMakesConstant, "bytes.fromhex"},
    {kDecodes | kMakesConstant, "bytearray.fromhex"},
    {kDecodes, "base64.b32decode"},
    {kDecodes, "base64.b85decode"},
    {kDecodes, "base64.a85decode"},
    {kDecodes, "base64.decodestring"},
    {kDecodes, "zlib.decompress"},
    {kDecodes, "gzip.decompress"},
    {kDecodes, "bz2.decompress"},
    {kDecodes, "lzma.decompress"},
    {kDecodes | kJudgedByName, "marshal.loads"},
    {kMakesConstant, "chr"},
    {kMakesConstant, "bytes"},
    {kMakesConstant, "bytearray"},
    {kMakesConstant, "str"},
    {kMakesConstant | kJudgedByName, "codecs.decode"},
    {kMakesConstant, "os.path.expanduser"},
    {kMakesConstant, "os.path.abspath"},
    {kMakesConstant, "os.fspath"},
    {kMakesConstant, "pathlib.Path"},
    {kMakesConstant, "Path"},

    {kDownloads | kSends, "requests.get"},
    {kDownloads | kSends, "requests.post"},
    {kDownloads | kSends, "requests.request"},
    {kDownloads | kSends, "urllib.request.urlopen"},
    {kDownloads | kSends, "urllib.request.urlretrieve"},
    {kDownloads | kSends, "urllib.urlopen"},
    {kDownloads | kSends, "urllib2.urlopen"},
    {kDownloads | kSends, "httpx.get"},
    {kDownloads | kSends, "httpx.post"},
    {kDownloads, "urllib.urlretrieve"},
    {kDownloads, "wget.download"},
    {kDownloads, "urllib3.request"},
    {kDownloads, "cloudscraper.create_scraper"},
    {kDownloads, "gdown.download"},
    {kSends, "requests.put"},
    {kSends, "requests.patch"},
    {kSends, "httpx.put"},
    {kSends, "httpx.request"},
    {kSends, "urllib.request.Request"},
    {kSends, "urllib2.Request"},
    {kSends, "socket.gethostbyname"},
    {kSends, "socket.getaddrinfo"},
    {kSends, "smtplib.SMTP"},
    {kSends, "aiohttp.request"},

    {kAsksModel, "llm.invoke"},
    {kAsksModel, "chat.invoke"},
    {kAsksModel, "chat_model.invoke"},
    {kAsksModel, "chain.invoke"},
    {kAsksModel, "model.invoke"},
    {kAsksModel, "agent.invoke"},
    {kAsksModel, "self.llm.invoke"},
    {kAsksModel, "self.chain.invoke"},
    {kAsksModel, "self.model.invoke"},
    {kAsksModel, "llm.predict"},
    {kAsksModel, "llm.complete"},
    {kAsksModel, "agent.run"},
    {kAsksModel, "ollama.chat"},
    {kAsksModel, "ollama.generate"},
    {kAsksModel, "litellm.completion"},
    {kAsksModel, "litellm.acompletion"},

    {kUnpickles, "pickle.load"},
    {kUnpickles, "pickle.loads"},
    {kUnpickles, "pickle.Unpickler"},
    {kUnpickles, "pickle5.load"},
    {kUnpickles, "pickle5.loads"},
    {kUnpickles, "dill.load"},
    {kUnpickles, "dill.loads"},
    {kUnpickles, "dill.load_module"},
    {kUnpickles, "dill.load_session"},
    {kUnpickles, "cloudpickle.load"},
    {kUnpickles, "cloudpickle.loads"},
    {kUnpickles, "joblib.load"},
    {kUnpickles, "sklearn.externals.joblib.load"},
    {kUnpickles, "pandas.read_pickle"},
    {kUnpickles, "jsonpickle.decode"},
    {kUnpickles, "torch.package.PackageImporter"},

    {kSitePackages, "site.getsitepackages"},
    {kSitePackages, "site.getusersitepackages"},
    {kSitePackages, "site.USER_SITE"},
    {kSitePackages, "sysconfig.get_path"},
    {kSitePackages, "sysconfig.get_paths"},
    {kSitePackages, "distutils.sysconfig.get_python_lib"},
    {kEnvironments, "os.environ.copy"},
    {kEnvironments, "os.environ.items"},
    {kEnvironments, "os.environ.values"},

    {kJudgedByName, "os.environ"},
    {kJudgedByName, "open"},
    {kJudgedByName, "shutil.copy"},
    {kJudgedByName, "shutil.copyfile"},
    {kJudgedByName, "shutil.move"},
    {kJudgedByName, "os.rename"},
    {kJudgedByName, "os.dup2"},
    {kJudgedByName, "socket.socket"},
    {kJudgedByName, "types.FunctionType"},
    {kJudgedByName, "types.CodeType"},
    {kJudgedByName, "torch.load"},
    {kJudgedByName, "torch.hub.load"},
    {kJudgedByName, "numpy.load"},
    {kJudgedByName, "skops.io.load"},
    {kJudgedByName, "yaml.load"},
    {kJudgedByName, "yaml.load_all"},
    {kJudgedByName, "yaml.unsafe_load"},
    {kJudgedByName, "yaml.unsafe_load_all"},
};

// Calls of an object that the program has made; the object's own name may be any.
constexpr Named kEndings[] = {
    {kAsksModel, ".messages.create"},  {kAsksModel, ".completions.create"},    {kAsksModel, ".completions.parse"},
    {kAsksModel, ".responses.create"}, {kAsksModel, ".responses.parse"},       {kAsksModel, ".generate_content"},
    {kAsksModel, ".models.generate"},  {kAsksModel, ".invoke_model"},          {kAsksModel, ".chat_completion"},
    {kAsksModel, ".text_generation"},  {kAsksModel, ".ChatCompletion.create"}, {kAsksModel, ".Completion.create"},
};

// How last names end, whatever they begin with.
constexpr Named kLastEndings[] = {
    {kJudgedByName, "VirtualAlloc"},
    {kJudgedByName, "RtlMoveMemory"},
    {kJudgedByName, "CreateThread"},
    {kJudgedByName, "CreateRemoteThread"},
    {kJudgedByName, "VirtualProtect"},
    {kJudgedByName, "load_model"},
    {kJudgedByName, "enable_unsafe_deserialization"},
    {kLooksUp, "__dict__"},
};

constexpr Named kLastNames[] = {
    {kLooksUp, "__import__"},
    {kLooksUp, "import_module"},
    {kLooksUp, "getattr"},
    {kLooksUp, "__getattribute__"},
    {kLooksUp, "vars"},
    {kLooksUp, "globals"},
    {kLooksUp, "locals"},
    {kLooksUp, "get_ipython"},
    {kLooksUp, "__builtins__"},
    {kLooksUp, "modules"},
    {kSendingMethod, "send"},
    {kSendingMethod, "sendall"},
    {kSendingMethod, "post"},
    {kSendingMethod, "put"},
    {kSendingMethod, "sendto"},
    {kSendingMethod, "sendmail"},
    {kSendingMethod, "request"},
    {kWritingMethod, "write_text"},
    {kWritingMethod, "write_bytes"},
    {kWritingMethod, "write"},
    {kWritingMethod, "writelines"},
    {kSystemMethod, "system"},
    {kReceivingMethod, "recv"},
    {kReceivingMethod, "recvfrom"},
    {kSwitch, "trust_remote_code"},
    {kSwitch, "allow_dangerous_code"},
    {kSwitch, "allow_dangerous_requests"},
    {kSwitch, "allow_dangerous_tools"},
};

using Table = std::unordered_map<std::string_view, std::uint32_t>;

std::string_view last_part(std::string_view dotted) {
  const std::size_t dot = dotted.rfind('.');
  return dot == std::string_view::npos ? dotted : dotted.substr(dot + 1);
}

const Table& whole_names() {
  static const Table table = [] {
    Table out;
    for (const Named& one : kNames) {
      out[one.name] |= one.roles;
    }
    return out;
  }();
  return table;
}

const Table& last_names() {
  static const Table table = [] {
    Table out;
    for (const Named& one : kNames) {
      out[last_part(one.name)] |= one.roles;
    }
    for (const Named& one : kEndings) {
      out[last_part(one.name)] |= one.roles;
    }
    for (const Named& one : kLastNames) {
      out[one.name] |= one.roles;
    }
    return out;
  }();
  return table;
}

std::uint32_t roles_of_ending(std::string_view name) {
  std::uint32_t out = 0;
  for (const Named& one : kLastEndings) {
    out |= name.ends_with(one.name) ? one.roles : 0U;
  }
  return out;
}

}  // namespace

std::uint32_t python_roles(std::string_view dotted) {
  const auto found = whole_names().find(dotted);
  std::uint32_t out = (found != whole_names().end() ? found->second : 0U) | roles_of_ending(dotted);
  for (const Named& one : kEndings) {
    out |= dotted.ends_with(one.name) ? one.roles : 0U;
  }
  return out;
}

std::uint32_t python_roles_of_last(std::string_view name) {
  const auto found = last_names().find(name);
  return (found != last_names().end() ? found->second : 0U) | roles_of_ending(name);
}

}  // namespace scan
