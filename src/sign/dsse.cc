#include "sign/dsse.h"

#include "base/text.h"

namespace sign {
namespace {

// Python's repr() of bytes.
std::string python_repr(std::string_view bytes) {
  const bool double_quotes = bytes.find('\'') != std::string_view::npos && bytes.find('"') == std::string_view::npos;
  const char quote = double_quotes ? '"' : '\'';
  std::string shown = std::string("b") + quote;
  for (const char byte : bytes) {
    if (byte == quote || byte == '\\') {
      shown += '\\';
      shown += byte;
    } else if (byte == '\t') {
      shown += "\\t";
    } else if (byte == '\n') {
      shown += "\\n";
    } else if (byte == '\r') {
      shown += "\\r";
    } else if (byte < ' ' || byte == 0x7f) {
      shown += "\\x" + base::to_hex(base::as_bytes({&byte, 1}));
    } else {
      shown += byte;
    }
  }
  return shown + quote;
}

}  // namespace

std::string dsse_signed_bytes(std::string_view payload_type, std::string_view payload) {
  std::string text = "DSSEv1 " + std::to_string(payload_type.size()) + " ";
  text += payload_type;
  text += " " + std::to_string(payload.size()) + " ";
  text += payload;
  return text;
}

std::string old_signed_bytes(std::string_view payload_type, std::string_view payload) {
  std::string text = "DSSEV1 " + std::to_string(payload_type.size()) + " ";
  text += payload_type;
  text += " " + std::to_string(payload.size()) + " " + python_repr(payload);
  return text;
}

}  // namespace sign
