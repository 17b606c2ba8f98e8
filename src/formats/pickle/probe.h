#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/byte_cursor.h"

namespace formats::pickle {

/// What a short run of the pickle machine over some bytes says of them.
struct Probe {
  bool pickle = false;          ///< They can be read as a pickle.
  bool certain = false;         ///< Hardly by accident: a PROTO opcode, or a callable named and used.
  bool names_callable = false;  ///< The run met GLOBAL, INST, STACK_GLOBAL or EXT with plausible operands.
  bool by_extension = false;    ///< What it met was EXT only, which is a byte or two of anything.
  bool stopped = false;         ///< STOP was reached.
  std::uint8_t protocol = 0;    ///< Of the PROTO opcode; 0 where there is none.
  std::uint64_t opcodes = 0;    ///< How many were read.
  std::uint64_t length = 0;     ///< Bytes read, STOP included.
};

/// Runs at most `max_opcodes`, keeping only stack depths. Never allocates; refuses text that merely starts like one.
[[nodiscard]] Probe probe(base::Bytes bytes, std::uint64_t max_opcodes = 512);

/// Whether a constant can be read as a pickle, an archive or a compressed stream, as it is or behind Latin-1,
/// hexadecimal digits or base64. Looks at the first bytes, and for a pickle at its first opcodes.
[[nodiscard]] bool may_be_loaded(base::Bytes constant);
/// The same, behind one encoding: what it decodes to. Nothing where the constant is not encoded so, or is itself
/// something that can be read.
[[nodiscard]] std::optional<std::string> decode_constant(base::Bytes constant, std::size_t max_bytes);

}  // namespace formats::pickle
