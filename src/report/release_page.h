#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"

namespace report {

/// One step of verifying: what it shows, and the command, ready for a POSIX shell.
struct ReleaseStep {
  std::string title;
  std::string text;
  std::string command;
};
/// One file beside the model.
struct ReleasePart {
  std::string role;  ///< In words: "signature (OpenSSF Model Signing)".
  std::string path;
  std::string sha256;
};

/// What the page of a release says. Text may come from anywhere: it is escaped.
struct ReleasePage {
  std::string name;
  base::UnixTime time;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::string root;             ///< Hexadecimal.
  std::string key_fingerprint;  ///< SHA-256 of the public key's file; hexadecimal.
  std::string tool_version;
  std::vector<ReleaseStep> steps;
  std::vector<ReleasePart> parts;
  std::vector<std::pair<std::string, std::string>> missing;  ///< What could not be made, and why.
  std::vector<std::pair<std::string, std::string>> listed;  ///< Name and SHA-256 of files of the model; the first ones.
};

/// A page that works from a file, without network and without scripts (its Content-Security-Policy allows its one style
/// and nothing else).
[[nodiscard]] std::string release_page(const ReleasePage& page);

}  // namespace report
