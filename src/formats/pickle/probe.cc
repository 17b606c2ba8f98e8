#include "formats/pickle/probe.h"

#include <array>
#include <string_view>

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

}  // namespace

Probe probe(base::Bytes bytes, std::uint64_t max_opcodes) {
  Probe out;
  const std::uint64_t size = bytes.size();
  base::ByteCursor in(bytes);
  std::uint64_t depth = 0;  // of the current frame
  std::array<std::uint64_t, 64> marks{};
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
    const auto code = in.le<std::uint8_t>("opcode");
    if (!code) {
      return finish(out.opcodes >= 8);
    }
    std::string_view first;
    std::string_view second;
    std::uint64_t number = 0;
    bool ok = true;
    const auto body = [&](auto length) {
      const auto content = length ? in.take(*length, "argument") : base::Result<base::Bytes>(length.error());
      ok = ok && content.has_value();
      if (ok && is_dotted_name(base::as_text(*content))) {
        ++texts;
      }
    };
    switch (kArguments[*code]) {
      case Argument::invalid:
        return finish(false);
      case Argument::none:
        break;
      case Argument::u1: {
        const auto value = in.le<std::uint8_t>("argument");
        ok = value.has_value();
        number = ok ? *value : 0;
        break;
      }
      case Argument::u2:
        ok = in.skip(2, "argument").has_value();
        break;
      case Argument::i4:
      case Argument::u4:
        ok = in.skip(4, "argument").has_value();
        break;
      case Argument::u8:
      case Argument::f8:
        ok = in.skip(8, "argument").has_value();
        break;
      case Argument::line:
      case Argument::two_lines: {
        const auto line = in.line(1U << 13, "line");
        ok = line.has_value();
        if (ok) {
          first = *line;
        }
        if (ok && kArguments[*code] == Argument::two_lines) {
          const auto next = in.line(1U << 13, "line");
          ok = next.has_value();
          if (ok) {
            second = *next;
          }
        }
        break;
      }
      case Argument::bytes_u1:
        body(in.le<std::uint8_t>("length"));
        break;
      case Argument::bytes_u4:
      case Argument::bytes_i4:
        body(in.le<std::uint32_t>("length"));
        break;
      case Argument::bytes_u8:
        body(in.le<std::uint64_t>("length"));
        break;
    }
    if (!ok) {
      return finish(out.opcodes >= 8);
    }
    ++out.opcodes;
    switch (*code) {
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
        if (!is_number_line(first) || (*code == kPut && !need(1))) {
          return finish(false);
        }
        depth += *code == kGet ? 1U : 0U;
        texts += *code == kGet ? 1U : 0U;
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

}  // namespace formats::pickle
