#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "scan/collector.h"

namespace scan {

/// What a command line does that no honest one does.
enum class ShellDeed : std::uint8_t {
  fetch_and_run,  ///< What an address answers is run by a shell or interpreter.
  encoded,        ///< Decoded text is run.
  reverse_shell,
  exfiltration,  ///< Keys, credentials or the environment are sent away.
  persistence,
  destruction,
};

struct ShellSighting {
  ShellDeed deed = ShellDeed::fetch_and_run;
  std::size_t at = 0;     ///< In the text.
  std::string excerpt;    ///< At most 160 bytes.
  bool insecure = false;  ///< Fetched over plain http or from a bare address.
};

/// The worst thing that shell text (one command or a script) does, if anything. Installers of well-known projects that
/// are fetched over https are left out.
[[nodiscard]] std::optional<ShellSighting> shell_attack(std::string_view text);
/// "sends credentials away", for messages.
[[nodiscard]] std::string_view deed_words(ShellDeed deed);

/// Whether a host belongs to an index, registry or project site that machine learning commonly fetches from.
[[nodiscard]] bool is_known_host(std::string_view host);
/// Lower-case host of "scheme://user@host:port/…"; empty where the text has none.
[[nodiscard]] std::string host_of(std::string_view address);

/// Shell scripts, Dockerfiles and recipes: only attacks, and fetching over plain http to run.
void judge_shell(std::string_view text, const std::string& path, Collector& out);
/// JavaScript and TypeScript, lightly.
void judge_script(std::string_view text, const std::string& path, Collector& out);

}  // namespace scan
