#pragma once

#include <filesystem>
#include <string>

#include "app/command.h"
#include "sign/verify_model.h"

namespace app {

/// Appends what was verified of a bundle to the ledger of the assessed directory: the one that --record names, or else
/// the nearest above the model that has a ledger; nothing with --no-record or where there is none. Says on `err` where.
/// Paths in the evidence are relative to that directory.
base::Result<void> record_signature(const Arguments& arguments, const std::filesystem::path& model,
                                    const std::filesystem::path& bundle_file, std::string_view bundle_text,
                                    const std::string& trust, const sign::Verification& verification, Console& console);

}  // namespace app
