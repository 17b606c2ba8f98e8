#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "evidence/observation.h"
#include "evidence/record.h"

namespace records {

inline constexpr std::string_view kFolder = "security";  ///< Where records are unless ai-system.yaml says otherwise.
inline constexpr std::uint64_t kMaxFileBytes = 8U << 20;
inline constexpr std::size_t kMaxFiles = 10'000;
inline constexpr std::size_t kMaxRecords = 100'000;

/// All records of a system.
struct Records {
  std::vector<evidence::Record> records;  ///< In order of file, then as they stand in it.
  std::vector<evidence::RecordFile> files;
  std::vector<std::string> notes;  ///< What is odd, but no error.
};

/// The provisions that records of a kind speak for, by the Code in use: so an attester may be named for provisions.
using ProvisionsOfKinds = std::map<std::string, std::vector<std::string>, std::less<>>;

/// Reads security/*.yaml (or what records: in ai-system.yaml names) of a system that is declared; of one that is not,
/// nothing, with a note. Checks syntax, schema, and what a schema cannot say: ids that stand twice or name nothing,
/// dates to come, paths that leave the directory, records that contradict each other; and the signature beside each
/// file (FILE.sig). Fails, naming file and line, with malformed, too_large, io, or with untrusted where a signature
/// does not verify or is of somebody who may not attest this.
base::Result<Records> read(const std::filesystem::path& root, const evidence::SystemFacts& system,
                           const ProvisionsOfKinds& provisions);

/// Schema and form of one file, without what refers to other files. For `path` in messages.
base::Result<base::Value> parse_file(std::string_view text, std::string_view path);

}  // namespace records
