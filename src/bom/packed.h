#pragma once

#include <string>

#include "base/byte_cursor.h"
#include "base/result.h"
#include "bom/read.h"

/// Documents as read, or why they could not be, as bytes that one process hands to another.
namespace bom {

[[nodiscard]] std::string pack(const base::Result<Listed>& read);

/// What was packed: the document, or the error. Fails with malformed where the bytes are nothing that pack() makes of
/// what read_document() returns; texts that are not printable are none.
base::Result<Listed> unpack_listed(base::Bytes packed);

}  // namespace bom
