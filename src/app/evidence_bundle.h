#pragma once

#include <string>

#include "app/command.h"
#include "base/result.h"
#include "bundle/bundle.h"

/// `.surety` bundles on the command line: made by report --sign, verified, imported from suppliers.
namespace app {

/// surety report --sign: from the evidence in the ledger, as a stranger can read it.
base::Result<void> write_bundle(const Arguments& arguments, Console& console);

/// The file mapped and verified. --public-key (may be repeated) says whose signature counts, --catalog and --checks
/// which catalogue is known beside the built-in ones, --own-catalogue that any will do.
base::Result<bundle::Verified> read_bundle(const Arguments& arguments, const std::string& file);

/// Whether the file is a bundle, by its first line; false where it cannot be read.
[[nodiscard]] bool is_bundle_file(const std::string& file);

/// surety verify FILE.surety.
Exit verify_bundle(const Arguments& arguments, Console& console);

}  // namespace app
