#include "scan/code/shell.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace scan {
namespace {

/// A way to recognise a deed. The keyword is looked for first, because most text has none.
struct Sign {
  ShellDeed deed;
  std::string_view keyword;
  std::string_view pattern;
};

// "(?i)" and "." for lines are set for all. Commands may be broken over lines by a backslash.
constexpr Sign kSigns[] = {
    {ShellDeed::reverse_shell, "/dev/", R"(/dev/(tcp|udp)/[\w.$\{\}-]+/[\w$\{\}]+)"},
    {ShellDeed::reverse_shell, "nc",
     R"(\b(nc|ncat|netcat|nc\.traditional)\b[^\n|;&]{0,80}\s(-[a-z]*e|-c|--exec|--sh-exec)\s+\S*(sh|bash|cmd|powershell)\b)"},
    {ShellDeed::reverse_shell, "mkfifo", R"(mkfifo[^\n]{1,80}\b(nc|ncat|netcat|telnet|openssl)\b)"},
    {ShellDeed::reverse_shell, "socat", R"(socat\b[^\n]{0,120}exec:)"},
    {ShellDeed::reverse_shell, "socket",
     R"((python[\d.]*|perl|ruby|php)\s+-[a-z]*[cer][^\n]{0,200}(socket|fsockopen|TCPSocket)[^\n]{0,400}(dup2|/bin/(ba)?sh|exec|pty))"},
    {ShellDeed::reverse_shell, "TCPClient", R"(System\.Net\.Sockets\.TCPClient)"},
    {ShellDeed::encoded, "base64",
     R"(base64\s+(-d|-D|--decode|-di)\b[^\n|]{0,60}\|\s*(sudo\s+)?(env\s+)?(/(usr/)?bin/)?(ba|z|da|k)?sh\b)"},
    {ShellDeed::encoded, "base64",
     R"(base64\s+(-d|-D|--decode|-di)\b[^\n|]{0,60}\|\s*(sudo\s+)?(python[\d.]*|perl|ruby|node|php)\b)"},
    {ShellDeed::encoded, "base64",
     R"(\b(eval|ba?sh\s+-c|sh\s+-c|source)\s+["']?(\$\(|`|<\()[^\n]{0,1000}base64\s+(-d|-D|--decode|-di))"},
    {ShellDeed::encoded, "xxd", R"(xxd\s+-r[^\n|]{0,40}\|\s*(ba)?sh\b)"},
    {ShellDeed::encoded, "openssl", R"(openssl\s+(enc|base64)\b[^\n|]{0,80}\s-d\b[^\n|]{0,80}\|\s*(ba)?sh\b)"},
    {ShellDeed::encoded, "powershell",
     R"((powershell|pwsh)(\.exe)?\b[^\n]{0,120}\s-(e|en|enc|encodedcommand)\s+[A-Za-z0-9+/=]{8,})"},
    {ShellDeed::encoded, "b64decode", R"(python[\d.]*\s+-c\s[^\n]{0,300}exec\s*\([^\n]{0,120}b64decode)"},
    {ShellDeed::fetch_and_run, "http",
     R"(\b(curl|wget|fetch|lwp-download|aria2c)\b[^\n|;]{0,400}\|\s*(\\\s*\n\s*)?(sudo\s+(-\S+\s+)*)?(env\s+(\S+=\S*\s+)*)?(/(usr/)?bin/)?((ba|z|da|k|fi)?sh|python[\d.]*|perl|ruby|node|php|tee\s+\S+\s*\|\s*(ba)?sh|source)\b)"},
    {ShellDeed::fetch_and_run, "curl",
     R"(\bcurl\b\s[^\n|;]{1,400}\|\s*(sudo\s+(-\S+\s+)*)?(/(usr/)?bin/)?((ba|z|da|k|fi)?sh|python[\d.]*|perl|ruby|node|php)(\s+(-|\S+)|["'\s]*$|["'&;)]))"},
    {ShellDeed::fetch_and_run, "http",
     R"((\b(ba|z|da|k)?sh|\bpython[\d.]*|\bsource|\beval|\bexec|^\s*\.)\s+(-c\s+)?["']?(<\(|\$\(|`)\s*(curl|wget)\b[^\n]{0,400})"},
    {ShellDeed::fetch_and_run, "http",
     R"(\b(curl|wget)\b[^\n;&|]{0,300}(&&|;|\n)[^\n]{0,200}\b(chmod\s+([0-7]*[1357]{1}[0-7]{0,2}|[ugoa]*\+r?w?x)\s+)["']?([\w./$\{\}-]+)["']?\s*(&&|;|\n)\s*(sudo\s+|nohup\s+|setsid\s+)?["']?(\./|/tmp/|/var/tmp/|/dev/shm/)[\w./-]+)"},
    {ShellDeed::fetch_and_run, "http",
     R"(\b(curl|wget)\b[^\n;&|]{0,200}(-o|-O|--output|-P|>)\s*["']?(/tmp|/var/tmp|/dev/shm)/[^\n;&|]{0,200}(&&|;)\s*(sudo\s+|nohup\s+)?((ba|z|da)?sh|python[\d.]*|perl|node|\.)\s+["']?(/tmp|/var/tmp|/dev/shm)/)"},
    {ShellDeed::fetch_and_run, "http",
     R"(\b(curl|wget)\b[^\n;&|]{0,200}(-o|-O|--output|>)\s*["']?([\w.-]+\.(sh|py|pl|elf|bin))["']?[^\n;&|]{0,100}(&&|;)\s*(sudo\s+|nohup\s+)?((ba|z|da)?sh|python[\d.]*|perl|\./)\s*\.?/?[\w.-]+\.(sh|py|pl|elf|bin))"},
    {ShellDeed::fetch_and_run, "http",
     R"(\b(iex|invoke-expression)\b[^\n]{0,120}(downloadstring|invoke-webrequest|iwr|invoke-restmethod|irm|webclient))"},
    {ShellDeed::fetch_and_run, "http",
     R"((downloadstring|invoke-webrequest|\biwr|invoke-restmethod|\birm)\b[^\n|]{0,200}\|\s*(iex|invoke-expression))"},
    {ShellDeed::fetch_and_run, "http",
     R"((downloadfile|invoke-webrequest|certutil\b[^\n]{0,40}-urlcache|bitsadmin\b[^\n]{0,40}/transfer)[^\n]{1,300}(&&|;|\|)\s*(start(-process)?\b|&|\.\\|cmd|rundll32|[\w.-]+\.(exe|bat|cmd|ps1|dll)\b))"},
    {ShellDeed::fetch_and_run, "http", R"(\b(mshta|regsvr32|rundll32)(\.exe)?\s[^\n()\[\]]{0,80}https?://)"},
    {ShellDeed::fetch_and_run, "http",
     R"(python[\d.]*\s+-c\s[^\n]{0,200}exec\s*\([^\n]{0,120}(urlopen|requests\.get))"},
    {ShellDeed::exfiltration, "curl",
     R"(\bcurl\b[^\n]{0,300}\s(-d|-F|-T|--data[\w-]*|--form|--upload-file|--post-file)[\s=]*["']?(\w+=)?@?[<]?["']?[^\n"'|;&]{0,80}(\.ssh/|\.aws/|\.kube/|id_rsa|id_ed25519|/etc/passwd|/etc/shadow|\.netrc|\.git-credentials|\.docker/config|\.bash_history|\.huggingface/token|huggingface/token|[@/]\.env\b))"},
    {ShellDeed::exfiltration, "curl",
     R"(\bcurl\b[^\n]{0,300}\$\(\s*((env|printenv|set|whoami|id|hostname)\b|uname(\s+-a)?\s*[|)]|cat\s[^\n)]{0,80}(/etc/|/proc/|\.ssh|\.aws|\.kube|\.env|\.netrc|passw|secret|token|credential|history))[^\n]{0,100}\))"},
    {ShellDeed::exfiltration, "wget",
     R"(\bwget\b[^\n]{0,300}(--post-file[= ]|--post-data[= ][^\n]{0,20}(\$\(|`))[^\n]{0,80})"},
    {ShellDeed::exfiltration, "curl",
     R"(\b(env|printenv|(cat|tar|zip|gzip)\b[^\n|]{0,120}(\.ssh|\.aws|\.kube|id_rsa|/etc/passwd|/etc/shadow|\.env|\.netrc|credentials)[^\n|]{0,60})\s*(\|\s*(base64|gzip|xxd|tr)\b[^\n|]{0,40})?\|\s*(curl|nc|ncat|netcat|wget|openssl)\b)"},
    {ShellDeed::exfiltration, "nc",
     R"(\b(env|printenv|cat\b[^\n|]{0,120}(\.ssh|\.aws|id_rsa|/etc/passwd|/etc/shadow|credentials)[^\n|]{0,40})\s*(\|\s*base64[^\n|]{0,20})?\|\s*(nc|ncat|netcat)\s)"},
    {ShellDeed::persistence, "authorized_keys", R"((>>|>|tee(\s+-a)?)\s*["']?\S*authorized_keys)"},
    {ShellDeed::persistence, "crontab", R"(\|\s*crontab\s+-)"},
    {ShellDeed::persistence, "cron", R"((>>|>|tee(\s+-a)?)\s*["']?(/etc/cron|/var/spool/cron))"},
    {ShellDeed::persistence, "ld.so.preload", R"((>>|>|tee(\s+-a)?)\s*["']?/etc/ld\.so\.preload)"},
    {ShellDeed::destruction, "rm",
     R"(\brm\s+(-[a-z]*\s+)*-[a-z]*(rf|fr)[a-z]*\s+(-\S+\s+)*["']?(/|~|\$HOME|/\*|~/\*|/home|/etc|/usr)["']?/?(\s|$|;|&|["'])\s*)"},
    {ShellDeed::destruction, ":|:", R"(:\(\)\s*\{\s*:\|:&\s*\}\s*;\s*:)"},
    {ShellDeed::destruction, "dd", R"(\bdd\s[^\n]{0,60}if=/dev/(zero|u?random)[^\n]{0,60}of=/dev/(sd|nvme|hd|vd))"},
    {ShellDeed::destruction, "mkfs", R"(\bmkfs(\.\w+)?\s+(-\S+\s+)*/dev/)"},
};

struct Compiled {
  const Sign* sign;
  std::string keyword;
  std::unique_ptr<re2::RE2> pattern;
};

const std::vector<Compiled>& compiled() {
  static const std::vector<Compiled> kAll = [] {
    std::vector<Compiled> out;
    for (const Sign& sign : kSigns) {
      re2::RE2::Options options(re2::RE2::Quiet);
      options.set_case_sensitive(false);
      options.set_encoding(re2::RE2::Options::EncodingLatin1);
      options.set_max_mem(32 << 20);
      out.push_back({&sign, base::to_lower(sign.keyword),
                     std::make_unique<re2::RE2>("(?m)" + std::string(sign.pattern), options)});
    }
    return out;
  }();
  return kAll;
}

bool is_bare_address(std::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= '0' && c <= '9') || c == '.' || c == ':' || c == '[' || c == ']';
  });
}

constexpr std::string_view kKnownHosts[] = {"pypi.org",
                                            "files.pythonhosted.org",
                                            "pythonhosted.org",
                                            "python.org",
                                            "test.pypi.org",
                                            "pypi.nvidia.com",
                                            "pypi.ngc.nvidia.com",
                                            "nvidia.com",
                                            "pytorch.org",
                                            "download.pytorch.org",
                                            "data.pyg.org",
                                            "data.dgl.ai",
                                            "huggingface.co",
                                            "hf.co",
                                            "github.com",
                                            "raw.githubusercontent.com",
                                            "githubusercontent.com",
                                            "github.io",
                                            "gitlab.com",
                                            "bitbucket.org",
                                            "codeload.github.com",
                                            "storage.googleapis.com",
                                            "googleapis.com",
                                            "google.com",
                                            "tensorflow.org",
                                            "kaggle.com",
                                            "anaconda.org",
                                            "anaconda.com",
                                            "conda.anaconda.org",
                                            "continuum.io",
                                            "conda-forge.org",
                                            "mamba.pm",
                                            "wheels.vllm.ai",
                                            "vllm.ai",
                                            "flashinfer.ai",
                                            "openmmlab.com",
                                            "spacy.io",
                                            "explosion.ai",
                                            "nodesource.com",
                                            "npmjs.org",
                                            "npmjs.com",
                                            "yarnpkg.com",
                                            "unpkg.com",
                                            "jsdelivr.net",
                                            "cdnjs.cloudflare.com",
                                            "rustup.rs",
                                            "crates.io",
                                            "astral.sh",
                                            "python-poetry.org",
                                            "docker.com",
                                            "docker.io",
                                            "get.docker.com",
                                            "ghcr.io",
                                            "quay.io",
                                            "debian.org",
                                            "ubuntu.com",
                                            "launchpad.net",
                                            "llvm.org",
                                            "microsoft.com",
                                            "aka.ms",
                                            "azure.com",
                                            "windows.net",
                                            "amazonaws.com",
                                            "aws.amazon.com",
                                            "aws.com",
                                            "awscli.amazonaws.com",
                                            "cloudflare.com",
                                            "bun.sh",
                                            "deno.land",
                                            "pnpm.io",
                                            "ollama.com",
                                            "ollama.ai",
                                            "helm.sh",
                                            "k8s.io",
                                            "pyenv.run",
                                            "sdkman.io",
                                            "fly.io",
                                            "tailscale.com",
                                            "pypa.io",
                                            "duckdb.org",
                                            "claude.ai",
                                            "openai.com",
                                            "anthropic.com",
                                            "cursor.com",
                                            "brew.sh",
                                            "sourceforge.net",
                                            "apache.org",
                                            "mozilla.org",
                                            "kernel.org",
                                            "gnu.org",
                                            "intel.com",
                                            "amd.com",
                                            "radeon.com",
                                            "readthedocs.io",
                                            "codecov.io",
                                            "readthedocs.org",
                                            "jfrog.io",
                                            "pkg.dev",
                                            "gcr.io",
                                            "dvc.org",
                                            "ray.io",
                                            "wandb.ai",
                                            "mlflow.org",
                                            "zenodo.org",
                                            "figshare.com",
                                            "arxiv.org",
                                            "wolfram.com",
                                            "pypi.python.org",
                                            "starship.rs",
                                            "ohmyz.sh",
                                            "nixos.org",
                                            "semgrep.dev",
                                            "pre-commit.com",
                                            "direnv.net",
                                            "mise.run",
                                            "volta.sh",
                                            "install.python-poetry.org",
                                            "packagecloud.io",
                                            "gitpod.io",
                                            "modal.com",
                                            "run.app",
                                            "hashicorp.com"};

}  // namespace

bool is_known_host(std::string_view host) {
  return std::any_of(std::begin(kKnownHosts), std::end(kKnownHosts), [&](std::string_view known) {
    return host == known ||
           (host.size() > known.size() && host.ends_with(known) && host[host.size() - known.size() - 1] == '.');
  });
}

std::string host_of(std::string_view address) {
  const std::size_t scheme = address.find("://");
  if (scheme == std::string_view::npos) {
    return {};
  }
  address.remove_prefix(scheme + 3);
  address = address.substr(0, address.find_first_of("/?# \t\n\"'`)>|;&,"));
  if (const std::size_t user = address.rfind('@'); user != std::string_view::npos) {
    address.remove_prefix(user + 1);
  }
  if (!address.starts_with('[')) {
    address = address.substr(0, address.find(':'));
  }
  return base::to_lower(address);
}

std::string_view deed_words(ShellDeed deed) {
  switch (deed) {
    case ShellDeed::fetch_and_run:
      return "runs what an address answers";
    case ShellDeed::encoded:
      return "runs text that was encoded";
    case ShellDeed::reverse_shell:
      return "opens a shell to another machine";
    case ShellDeed::exfiltration:
      return "sends credentials or the environment away";
    case ShellDeed::persistence:
      return "arranges to be run again";
    case ShellDeed::destruction:
      return "destroys data";
  }
  return "";
}

std::optional<ShellSighting> shell_attack(std::string_view text) {
  if (text.size() < 6) {
    return std::nullopt;
  }
  const std::string lower = base::to_lower(text);
  std::optional<ShellSighting> best;
  for (const Compiled& one : compiled()) {
    if (lower.find(one.keyword) == std::string::npos) {
      continue;
    }
    re2::StringPiece left(text.data(), text.size());
    re2::StringPiece match;
    while (one.pattern->Match(left, 0, left.size(), re2::RE2::UNANCHORED, &match, 1) && !match.empty()) {
      const auto at = static_cast<std::size_t>(match.data() - text.data());
      const std::string_view found(match.data(), match.size());
      ShellSighting sighting{one.sign->deed, at, base::abbreviate(found, 160), false};
      bool counts = true;
      if (sighting.deed == ShellDeed::fetch_and_run) {
        const std::size_t address = base::to_lower(found).find("http");
        const std::string_view url = address == std::string_view::npos ? std::string_view() : found.substr(address);
        const std::string host = host_of(url);
        sighting.insecure = base::to_lower(url.substr(0, 5)) == "http:" || is_bare_address(host);
        const bool local = host == "localhost" || host.starts_with("127.") || host == "0.0.0.0";
        counts = !local && (sighting.insecure || host.empty() || !is_known_host(host));
      }
      if (counts) {
        return sighting;
      }
      left.remove_prefix(static_cast<std::size_t>(match.data() - left.data()) + match.size());
    }
  }
  return best;
}

void judge_shell(std::string_view text, const std::string& path, Collector& out) {
  // Lines of comments do nothing.
  std::string code(text);
  bool begin = true;
  for (std::size_t i = 0; i < code.size(); ++i) {
    if (code[i] == '\n') {
      begin = true;
    } else if (begin && code[i] == '#') {
      while (i < code.size() && code[i] != '\n') {
        code[i++] = ' ';
      }
    } else if (code[i] != ' ' && code[i] != '\t') {
      begin = false;
    }
  }
  std::size_t from = 0;
  for (int found = 0; found < 20; ++found) {
    const auto sighting = shell_attack(std::string_view(code).substr(from));
    if (!sighting) {
      return;
    }
    const std::uint32_t line = line_of(code, from + sighting->at);
    // An installer fetched over https is bad manners; the same over plain http is anybody's to replace.
    const bool fetch = sighting->deed == ShellDeed::fetch_and_run;
    // Scripts of test machines clear and enter what they like; a key or a table of cron is told, no more.
    const bool mild = sighting->deed == ShellDeed::persistence || sighting->deed == ShellDeed::destruction;
    out.add("attack-command", fetch || mild ? evidence::Severity::medium : evidence::Severity::high,
            {path, "line " + std::to_string(line), 0, line, sighting->excerpt,
             "The script " + std::string(deed_words(sighting->deed)) + "."});
    from += sighting->at + std::max<std::size_t>(sighting->excerpt.size(), 1);
    if (from >= code.size()) {
      return;
    }
  }
}

void judge_script(std::string_view text, const std::string& path, Collector& out) {
  struct Known {
    std::string_view keyword;  // that stands in whatever the pattern matches
    re2::RE2 pattern;
  };
  static const std::array<Known, 4> kPatterns = {{
      {"eval",
       R"((\beval|new\s+Function)\s*\(\s*(atob|Buffer\.from|unescape|decodeURIComponent|String\.fromCharCode)\s*\()"},
      {"child_process",
       R"(child_process['"`]\)?[^;]{0,60}\.(exec|execSync|spawn|spawnSync)\s*\(\s*(atob|Buffer\.from)\s*\()"},
      {"eval", R"(\beval\s*\(\s*(await\s+)?\(?\s*(await\s+)?(fetch|axios\.get|https?\.get|request)\s*\()"},
      {"net.", R"(net\.(connect|createConnection)|new\s+net\.Socket)"},
  }};
  const auto report = [&](std::size_t at, std::string_view found, std::string message) {
    const std::uint32_t line = line_of(text, at);
    out.add("attack-command", evidence::Severity::high,
            {path, "line " + std::to_string(line), 0, line, base::abbreviate(found, 160), std::move(message)});
  };
  if (text.find("child_process") != std::string_view::npos || text.find("exec") != std::string_view::npos ||
      text.find("spawn") != std::string_view::npos || text.find("Bun.$") != std::string_view::npos) {
    if (const auto sighting = shell_attack(text)) {
      // Only as text that code passes on; documentation in comments shows installers too.
      const std::size_t begin = text.rfind('\n', sighting->at) + 1;
      const std::string_view line = base::trim(text.substr(begin, sighting->at - begin));
      if (!line.starts_with("//") && !line.starts_with('*') && !line.starts_with("/*") &&
          line.find_first_of("\"'`") != std::string_view::npos) {
        report(sighting->at, sighting->excerpt,
               "A command in the program " + std::string(deed_words(sighting->deed)) + ".");
      }
    }
  }
  for (const auto& [keyword, pattern] : kPatterns) {
    if (text.find(keyword) == std::string_view::npos) {
      continue;
    }
    re2::StringPiece match;
    const re2::StringPiece whole(text.data(), text.size());
    if (pattern.Match(whole, 0, whole.size(), re2::RE2::UNANCHORED, &match, 1)) {
      if (keyword == "net.") {
        // A shell and a pipe near the connection: a program of a megabyte has all three somewhere.
        const auto at = static_cast<std::size_t>(match.data() - text.data());
        const std::size_t from = at > 1500 ? at - 1500 : 0;
        const std::string_view near = text.substr(from, at - from + 1500);
        const bool shell =
            (near.find("/bin/sh") != std::string_view::npos || near.find("/bin/bash") != std::string_view::npos ||
             near.find("cmd.exe") != std::string_view::npos) &&
            near.find(".pipe(") != std::string_view::npos;
        if (!shell) {
          continue;
        }
      }
      report(static_cast<std::size_t>(match.data() - text.data()), {match.data(), match.size()},
             keyword == "net." ? "The program connects a shell to another machine."
                               : "The program runs text that was encoded or fetched.");
    }
  }
}

}  // namespace scan
