#include "formats/pickle/probe.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"
#include "formats/pickle/opcodes.h"

namespace formats::pickle {
namespace {

bool is_number_line(std::string_view line) {
  if (line.empty() || line.size() > 400) {
    return false;
  }
  for (const char c : line) {
    const bool plausible = (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E' ||
                           c == 'L' || c == 'n' || c == 'a' || c == 'i' || c == 'f' || c == '_' || c == ' ';
    if (!plausible) {
      return false;
    }
  }
  return true;
}

bool is_dotted_name(std::string_view line) {
  if (line.empty() || line.size() > 512) {
    return false;
  }
  for (const char c : line) {
    const auto u = static_cast<unsigned char>(c);
    const bool plausible = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                           c == '.' || c == '<' || c == '>' || u >= 0x80;
    if (!plausible) {
      return false;
    }
  }
  return true;
}

/// Reads without words for what fails: every file is asked here, and most are no pickle.
class Head {
 public:
  explicit Head(base::Bytes bytes) : left_(bytes) {}
  [[nodiscard]] bool empty() const { return left_.empty(); }
  [[nodiscard]] std::size_t remaining() const { return left_.size(); }
  bool skip(std::uint64_t count) {
    if (count > left_.size()) {
      return false;
    }
    left_ = left_.subspan(static_cast<std::size_t>(count));
    return true;
  }
  bool number(unsigned width, std::uint64_t& out) {
    if (width > left_.size()) {
      return false;
    }
    out = 0;
    for (unsigned i = 0; i < width; ++i) {
      out |= std::to_integer<std::uint64_t>(left_[i]) << (8 * i);
    }
    left_ = left_.subspan(width);
    return true;
  }
  bool text(std::uint64_t length, std::string_view& out) {
    const std::string_view all = base::as_text(left_);
    if (!skip(length)) {
      return false;
    }
    out = all.substr(0, static_cast<std::size_t>(length));
    return true;
  }
  bool line(std::size_t most, std::string_view& out) {
    const std::string_view all = base::as_text(left_);
    const std::size_t end = all.substr(0, most + 1).find('\n');
    if (end == std::string_view::npos) {
      return false;
    }
    out = all.substr(0, end);
    return skip(end + 1);
  }

 private:
  base::Bytes left_;
};

constexpr std::size_t kMaxLine = 1U << 13;

}  // namespace

Probe probe(base::Bytes bytes, std::uint64_t max_opcodes) {
  Probe out;
  const std::uint64_t size = bytes.size();
  Head in(bytes);
  std::uint64_t depth = 0;              // of the current frame
  std::array<std::uint64_t, 64> marks;  // [0, mark_count) are set
  std::size_t mark_count = 0;
  bool used = false;
  std::uint64_t texts = 0;  // that could be a module or a name, and what was taken from the memo
  const auto need = [&](std::uint64_t count) { return depth >= count; };
  const auto pop_mark = [&] {
    if (mark_count == 0) {
      return false;
    }
    depth = marks[--mark_count];
    return true;
  };
  const auto finish = [&](bool plausible) {
    out.length = size - in.remaining();
    const bool by_proto = out.protocol > 0 && out.opcodes >= 2;
    out.pickle = by_proto || (plausible && ((out.stopped && out.opcodes >= 2) || used || out.opcodes >= max_opcodes)) ||
                 (used && out.names_callable);
    out.certain = by_proto || (used && out.names_callable) || (out.stopped && out.opcodes >= 4 && in.empty());
    return out;
  };
  while (out.opcodes < max_opcodes) {
    std::uint64_t code = 0;
    if (!in.number(1, code)) {
      return finish(out.opcodes >= 8);
    }
    std::string_view first;
    std::string_view second;
    std::uint64_t number = 0;
    bool ok = true;
    const auto body = [&](unsigned width) {
      std::uint64_t length = 0;
      std::string_view content;
      ok = in.number(width, length) && in.text(length, content);
      texts += ok && is_dotted_name(content) ? 1U : 0U;
    };
    const Argument argument = kArguments[static_cast<std::size_t>(code)];
    switch (argument) {
      case Argument::invalid:
        return finish(false);
      case Argument::none:
        break;
      case Argument::u1:
        ok = in.number(1, number);
        break;
      case Argument::u2:
        ok = in.skip(2);
        break;
      case Argument::i4:
      case Argument::u4:
        ok = in.skip(4);
        break;
      case Argument::u8:
      case Argument::f8:
        ok = in.skip(8);
        break;
      case Argument::line:
        ok = in.line(kMaxLine, first);
        break;
      case Argument::two_lines:
        ok = in.line(kMaxLine, first) && in.line(kMaxLine, second);
        break;
      case Argument::bytes_u1:
        body(1);
        break;
      case Argument::bytes_u4:
      case Argument::bytes_i4:
        body(4);
        break;
      case Argument::bytes_u8:
        body(8);
        break;
    }
    if (!ok) {
      return finish(out.opcodes >= 8);
    }
    ++out.opcodes;
    switch (code) {
      case kProto:
        if (number > kHighestProtocol) {
          return finish(false);
        }
        if (out.opcodes == 1) {
          out.protocol = static_cast<std::uint8_t>(number);
        }
        break;
      case kFrame:
        break;
      case kMark:
        if (mark_count == marks.size()) {
          return finish(false);
        }
        marks[mark_count++] = depth;
        break;
      case kStop:
        out.stopped = need(1);
        return finish(out.stopped && mark_count == 0);
      case kPop:
        if (depth == 0 && mark_count == 0) {
          return finish(false);
        }
        if (mark_count > 0 && depth == marks[mark_count - 1]) {
          --mark_count;
        } else {
          --depth;
        }
        break;
      case kPopMark:
        if (!pop_mark()) {
          return finish(false);
        }
        break;
      case kInt:
      case kLong:
      case kFloat:
        if (!is_number_line(first)) {
          return finish(false);
        }
        ++depth;
        break;
      case kString:
        if (first.size() < 2 || (first.front() != '\'' && first.front() != '"')) {
          return finish(false);
        }
        ++texts;
        ++depth;
        break;
      case kUnicode:
        ++texts;
        ++depth;
        break;
      case kBinGet:
      case kLongBinGet:
        ++texts;
        ++depth;
        break;
      case kGet:
      case kPut:
        if (!is_number_line(first) || (code == kPut && !need(1))) {
          return finish(false);
        }
        depth += code == kGet ? 1U : 0U;
        texts += code == kGet ? 1U : 0U;
        break;
      case kBinPut:
      case kLongBinPut:
      case kMemoize:
        if (!need(1)) {
          return finish(false);
        }
        break;
      case kGlobal:
        if (!is_dotted_name(first) || !is_dotted_name(second)) {
          return finish(false);
        }
        out.names_callable = true;
        out.by_extension = false;
        ++depth;
        break;
      case kInst:
        if (!is_dotted_name(first) || !is_dotted_name(second) || !pop_mark()) {
          return finish(false);
        }
        out.names_callable = true;
        out.by_extension = false;
        used = true;
        ++depth;
        break;
      case kExt1:
      case kExt2:
      case kExt4:
        out.by_extension = out.by_extension || !out.names_callable;
        out.names_callable = true;
        ++depth;
        break;
      case kStackGlobal:
        if (!need(2)) {
          return finish(false);
        }
        out.names_callable = out.names_callable || texts >= 2;
        out.by_extension = out.by_extension && texts < 2;
        --depth;
        break;
      case kReduce:
      case kNewObj:
      case kBuild:
        if (!need(2)) {
          return finish(false);
        }
        used = used || out.names_callable;
        --depth;
        break;
      case kNewObjEx:
        if (!need(3)) {
          return finish(false);
        }
        used = used || out.names_callable;
        depth -= 2;
        break;
      case kObj:
        if (!pop_mark()) {
          return finish(false);
        }
        used = used || out.names_callable;
        ++depth;
        break;
      case kTuple:
      case kList:
      case kDict:
      case kFrozenSet:
        if (!pop_mark()) {
          return finish(false);
        }
        ++depth;
        break;
      case kAppends:
      case kSetItems:
      case kAddItems:
        if (!pop_mark() || !need(1)) {
          return finish(false);
        }
        break;
      case kAppend:
        if (!need(2)) {
          return finish(false);
        }
        --depth;
        break;
      case kSetItem:
        if (!need(3)) {
          return finish(false);
        }
        depth -= 2;
        break;
      case kTuple1:
      case kBinPersId:
      case kReadonlyBuffer:
        if (!need(1)) {
          return finish(false);
        }
        break;
      case kTuple2:
        if (!need(2)) {
          return finish(false);
        }
        --depth;
        break;
      case kTuple3:
        if (!need(3)) {
          return finish(false);
        }
        depth -= 2;
        break;
      case kDup:
        if (!need(1)) {
          return finish(false);
        }
        ++depth;
        break;
      default:
        ++depth;
        break;
    }
  }
  return finish(true);
}

namespace {

constexpr std::size_t kHead = 48;  // encoded bytes that decide

/// Something that a loader or an unpacker takes, by its first bytes.
bool is_loadable(base::Bytes bytes) {
  const std::string_view text = base::as_text(bytes);
  if (text.size() < 4) {
    return false;
  }
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  using namespace std::string_view_literals;
  constexpr std::string_view kMagic[] = {"PK\x03\x04"sv,    "\x1F\x8B\x08"sv,     "BZh"sv,
                                         "\xFD\x37zXZ\0"sv, "\x28\xB5\x2F\xFD"sv, "\x04\x22\x4D\x18"sv,
                                         "\x5D\0\0\0"sv,    "\x5D\0\0\x80"sv,     "7z\xBC\xAF"sv};
  for (const std::string_view magic : kMagic) {
    if (text.starts_with(magic)) {
      return true;
    }
  }
  if (at(0) == 0x80 && at(1) <= kHighestProtocol) {
    return true;
  }
  if (at(0) == 0x78 && (at(0) * 256U + at(1)) % 31 == 0 && (at(1) & 0x20U) == 0 && (at(2) & 6U) != 6) {
    return true;  // zlib
  }
  // Without PROTO it must name something.
  constexpr std::string_view kStarts = "c(]}SIVNXUKM\x8C\x8F\x95";
  if (kStarts.find(text[0]) == std::string_view::npos) {
    return false;
  }
  const std::string_view head = text.substr(0, 4096);
  if (head.find('\n') == std::string_view::npos && head.find('\x93') == std::string_view::npos) {
    return false;
  }
  const Probe inner = probe(bytes, 64);
  return inner.pickle && inner.certain && inner.names_callable && !inner.by_extension;
}

/// Digits or letters of an encoding, which may hold another one.
bool may_be_encoded(base::Bytes bytes) {
  const std::string_view text = base::as_text(bytes);
  return text.starts_with("gA") || text.starts_with("eJ") || text.starts_with("eN") || text.starts_with("eA") ||
         text.starts_with("eF") || text.starts_with("H4sI") || text.starts_with("Z0") || text.starts_with("800") ||
         text.starts_with("789c") || text.starts_with("Y") || text.starts_with("K");
}

/// Bytes behind text that spells each as the character of its number; nothing where one is above 255 or none above 127.
std::optional<std::string> from_latin1(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool high = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x80) {
      out.push_back(text[i]);
    } else if ((byte == 0xC2 || byte == 0xC3) && i + 1 < text.size() &&
               (static_cast<unsigned char>(text[i + 1]) & 0xC0) == 0x80) {
      out.push_back(static_cast<char>((byte & 3) << 6 | (static_cast<unsigned char>(text[++i]) & 0x3F)));
      high = true;
    } else {
      return std::nullopt;
    }
  }
  return high ? std::optional(std::move(out)) : std::nullopt;
}

bool is_blank(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

std::optional<std::string> from_hexadecimal(std::string_view text) {
  std::string out;
  out.reserve(text.size() / 2);
  int high = -1;
  for (const char c : text) {
    const int digit = base::hex_value(c);
    if (digit < 0) {
      if (is_blank(c)) {
        continue;
      }
      return std::nullopt;
    }
    if (high < 0) {
      high = digit;
    } else {
      out.push_back(static_cast<char>(high << 4 | digit));
      high = -1;
    }
  }
  return out;  // a digit too many is dropped, as where a head was cut
}

/// Both alphabets of base64, with or without padding and line breaks.
std::optional<std::string> from_any_base64(std::string_view text) {
  std::string out;
  out.reserve(text.size() / 4 * 3);
  std::uint32_t group = 0;
  unsigned bits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    std::uint32_t value = 0;
    if (c >= 'A' && c <= 'Z') {
      value = static_cast<std::uint32_t>(c - 'A');
    } else if (c >= 'a' && c <= 'z') {
      value = static_cast<std::uint32_t>(c - 'a') + 26;
    } else if (c >= '0' && c <= '9') {
      value = static_cast<std::uint32_t>(c - '0') + 52;
    } else if (c == '+' || c == '-') {
      value = 62;
    } else if (c == '/' || c == '_') {
      value = 63;
    } else if (is_blank(c)) {
      continue;
    } else if (c == '=' && text.size() - i <= 4) {
      break;
    } else {
      return std::nullopt;
    }
    group = (group << 6 | value) & 0xFFFFFF;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out.push_back(static_cast<char>(group >> bits & 0xFF));
    }
  }
  return out;
}

}  // namespace

std::optional<std::string> decode_constant(base::Bytes constant, std::size_t max_bytes) {
  const std::string_view text = base::as_text(constant).substr(0, max_bytes);
  if (text.size() < 8) {
    return std::nullopt;
  }
  if (is_loadable(constant)) {
    return std::nullopt;
  }
  for (const auto& decode : {from_latin1, from_hexadecimal, from_any_base64}) {
    // The head first; it must not end within a character.
    std::size_t cut = std::min(text.size(), kHead);
    if (decode == from_latin1) {
      while (cut < text.size() && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) {
        ++cut;
      }
    }
    const auto head = decode(text.substr(0, cut));
    if (!head || head->size() < 4) {
      continue;
    }
    const base::Bytes bytes = base::as_bytes(*head);
    const bool likely = is_loadable(bytes) || (head->size() >= 16 && may_be_encoded(bytes)) ||
                        ((*head)[0] == 'c' || (*head)[0] == '(' || (*head)[0] == ']' || (*head)[0] == '}');
    if (!likely) {
      continue;
    }
    auto all = decode(text);
    if (all && (is_loadable(base::as_bytes(*all)) || may_be_loaded(base::as_bytes(*all)))) {
      return all;
    }
  }
  return std::nullopt;
}

bool may_be_loaded(base::Bytes constant) {
  return is_loadable(constant) || decode_constant(constant, 64U << 20).has_value();
}

}  // namespace formats::pickle
