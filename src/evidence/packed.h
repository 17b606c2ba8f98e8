#pragma once

#include <string>

#include "base/byte_cursor.h"
#include "base/result.h"
#include "evidence/observation.h"

/// Observations as bytes and back (docs/formats/cache.md): for the cache, and for the pipe between a child process that
/// reads untrusted files and its parent. Unpacking fails on anything that packing does not write.
namespace evidence {

/// All of the asset but id, path and mode, which its place gives.
void pack(std::string& out, const Asset& asset);
base::Result<Asset> unpack_asset(base::ByteCursor& in);
/// All of the scan but its path.
void pack(std::string& out, const FileScan& scan);
base::Result<FileScan> unpack_scan(base::ByteCursor& in);

}  // namespace evidence
