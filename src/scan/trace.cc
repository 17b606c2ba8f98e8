#include "scan/trace.h"

#include <array>
#include <map>
#include <vector>

#include "base/json.h"
#include "base/text.h"
#include "formats/identify.h"
#include "formats/pickle/machine.h"
#include "formats/pickle/opcodes.h"
#include "formats/pickle/probe.h"
#include "formats/zip/zip.h"

namespace scan {
namespace {

using namespace formats::pickle;

constexpr std::uint64_t kMaxMemberBytes = 256U << 20;
constexpr std::size_t kMaxArgument = 100;

/// The names that Python's pickletools gives.
std::string_view name_of(std::uint8_t opcode) {
  static const std::map<std::uint8_t, std::string_view> kNames = {{kMark, "MARK"},
                                                                  {kStop, "STOP"},
                                                                  {kPop, "POP"},
                                                                  {kPopMark, "POP_MARK"},
                                                                  {kDup, "DUP"},
                                                                  {kFloat, "FLOAT"},
                                                                  {kInt, "INT"},
                                                                  {kBinInt, "BININT"},
                                                                  {kBinInt1, "BININT1"},
                                                                  {kLong, "LONG"},
                                                                  {kBinInt2, "BININT2"},
                                                                  {kNone, "NONE"},
                                                                  {kPersId, "PERSID"},
                                                                  {kBinPersId, "BINPERSID"},
                                                                  {kReduce, "REDUCE"},
                                                                  {kString, "STRING"},
                                                                  {kBinString, "BINSTRING"},
                                                                  {kShortBinString, "SHORT_BINSTRING"},
                                                                  {kUnicode, "UNICODE"},
                                                                  {kBinUnicode, "BINUNICODE"},
                                                                  {kAppend, "APPEND"},
                                                                  {kBuild, "BUILD"},
                                                                  {kGlobal, "GLOBAL"},
                                                                  {kDict, "DICT"},
                                                                  {kEmptyDict, "EMPTY_DICT"},
                                                                  {kAppends, "APPENDS"},
                                                                  {kGet, "GET"},
                                                                  {kBinGet, "BINGET"},
                                                                  {kInst, "INST"},
                                                                  {kLongBinGet, "LONG_BINGET"},
                                                                  {kList, "LIST"},
                                                                  {kEmptyList, "EMPTY_LIST"},
                                                                  {kObj, "OBJ"},
                                                                  {kPut, "PUT"},
                                                                  {kBinPut, "BINPUT"},
                                                                  {kLongBinPut, "LONG_BINPUT"},
                                                                  {kSetItem, "SETITEM"},
                                                                  {kTuple, "TUPLE"},
                                                                  {kEmptyTuple, "EMPTY_TUPLE"},
                                                                  {kSetItems, "SETITEMS"},
                                                                  {kBinFloat, "BINFLOAT"},
                                                                  {kProto, "PROTO"},
                                                                  {kNewObj, "NEWOBJ"},
                                                                  {kExt1, "EXT1"},
                                                                  {kExt2, "EXT2"},
                                                                  {kExt4, "EXT4"},
                                                                  {kTuple1, "TUPLE1"},
                                                                  {kTuple2, "TUPLE2"},
                                                                  {kTuple3, "TUPLE3"},
                                                                  {kNewTrue, "NEWTRUE"},
                                                                  {kNewFalse, "NEWFALSE"},
                                                                  {kLong1, "LONG1"},
                                                                  {kLong4, "LONG4"},
                                                                  {kBinBytes, "BINBYTES"},
                                                                  {kShortBinBytes, "SHORT_BINBYTES"},
                                                                  {kShortBinUnicode, "SHORT_BINUNICODE"},
                                                                  {kBinUnicode8, "BINUNICODE8"},
                                                                  {kBinBytes8, "BINBYTES8"},
                                                                  {kEmptySet, "EMPTY_SET"},
                                                                  {kAddItems, "ADDITEMS"},
                                                                  {kFrozenSet, "FROZENSET"},
                                                                  {kNewObjEx, "NEWOBJ_EX"},
                                                                  {kStackGlobal, "STACK_GLOBAL"},
                                                                  {kMemoize, "MEMOIZE"},
                                                                  {kFrame, "FRAME"},
                                                                  {kByteArray8, "BYTEARRAY8"},
                                                                  {kNextBuffer, "NEXT_BUFFER"},
                                                                  {kReadonlyBuffer, "READONLY_BUFFER"}};
  const auto found = kNames.find(opcode);
  return found == kNames.end() ? "?" : found->second;
}

/// What happens at each opcode, in words.
class Events final : public Observer {
 public:
  void on_global(const Machine& machine, std::uint64_t index, Place place) override {
    const Global& global = machine.globals()[index];
    add(place, "imports " + global.module + "." + global.name);
  }
  void on_computed_global(const Machine& machine, Value module, Value name, Place place) override {
    add(place, "imports a name that it computes: " + machine.describe(module) + ", " + machine.describe(name));
  }
  void on_extension(const Machine&, std::uint64_t code, Place place) override {
    add(place, "looks up extension " + std::to_string(code));
  }
  void on_call(const Machine& machine, Opcode, Value callee, Value arguments, Value keywords, Place place) override {
    std::string given = machine.describe(arguments);
    if (given.ends_with(",)")) {
      given.erase(given.size() - 2, 1);  // a tuple of one
    }
    const std::string named = machine.describe(keywords);
    add(place, "calls " + machine.describe(callee) + given +
                   (named.empty() || named == "{}" || named == "?" ? "" : " with " + named));
  }
  void on_build(const Machine& machine, Value object, Value state, Place place) override {
    add(place, "sets the state of " + machine.describe(object) + " to " + machine.describe(state));
  }
  void on_mutation(const Machine& machine, Opcode, Value object, Place place) override {
    add(place, "runs a method of " + machine.describe(object));
  }
  void on_nested(const Machine&, base::Bytes content, Place place) override {
    add(place, "holds " + base::human_bytes(content.size()) + " that can be loaded in turn");
  }
  void on_expensive(const Machine&, std::string_view what, Place place) override {
    add(place, "is dear to load: " + std::string(what));
  }
  void on_persistent(const Machine& machine, Value id, Place place) override {
    add(place, "asks for the persistent object " + machine.describe(id));
  }

  [[nodiscard]] auto at(std::uint64_t offset) const { return events_.equal_range(offset); }

 private:
  void add(Place place, std::string text) {
    if (events_.size() < 1'000'000) {
      events_.emplace(place.offset, base::printable(text));
    }
  }
  std::multimap<std::uint64_t, std::string> events_;
};

std::uint64_t number(base::Bytes bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    value = value << 8 | std::to_integer<std::uint64_t>(bytes[i]);
  }
  return value;
}

/// The argument behind an opcode as text; false where the bytes end first.
bool read_argument(base::ByteCursor& in, std::uint8_t opcode, std::string& out) {
  const auto fixed = [&](std::size_t width, bool is_signed) {
    const auto bytes = in.take(width, "argument");
    if (!bytes) {
      return false;
    }
    const std::uint64_t value = number(*bytes);
    out = is_signed ? std::to_string(static_cast<std::int32_t>(value)) : std::to_string(value);
    return true;
  };
  const auto counted = [&](std::size_t width) {
    const auto length = in.take(width, "length");
    if (!length) {
      return false;
    }
    const auto bytes = in.take(number(*length), "argument");
    if (!bytes) {
      return false;
    }
    out = base::json_quoted(base::abbreviate(base::as_text(*bytes).substr(0, 4 * kMaxArgument), kMaxArgument));
    return true;
  };
  const auto line = [&] {
    const std::string_view rest = base::as_text(in.rest());
    const std::size_t end = rest.find('\n');
    const std::size_t size = std::min(end, rest.size());
    out += (out.empty() ? "" : " ") + base::printable(base::abbreviate(rest.substr(0, size), kMaxArgument));
    return in.skip(size + (end == std::string_view::npos ? 0 : 1), "line").has_value() && end != std::string_view::npos;
  };
  switch (kArguments[opcode]) {
    case Argument::invalid:
    case Argument::none:
      return true;
    case Argument::u1:
      return fixed(1, false);
    case Argument::u2:
      return fixed(2, false);
    case Argument::i4:
      return fixed(4, true);
    case Argument::u4:
      return fixed(4, false);
    case Argument::u8:
    case Argument::f8:
      return fixed(8, false);
    case Argument::line:
      return line();
    case Argument::two_lines:
      return line() && line();
    case Argument::bytes_u1:
      return counted(1);
    case Argument::bytes_u4:
    case Argument::bytes_i4:
      return counted(4);
    case Argument::bytes_u8:
      return counted(8);
  }
  return false;
}

void trace_pickles(base::Bytes content, const std::string& path, std::size_t max_lines, std::size_t& lines,
                   std::string& out) {
  Machine machine(content, {});
  std::uint64_t begin = 0;
  while (begin < content.size() && lines < max_lines) {
    if (!probe(content.subspan(static_cast<std::size_t>(begin))).pickle) {
      break;
    }
    Events events;
    const Run run = machine.run(begin, false, events);
    out += base::printable(path) + ": pickle of protocol " + std::to_string(run.protocol) + ", bytes " +
           std::to_string(run.begin) + " to " + std::to_string(run.end) + ", " + base::counted(run.opcodes, "opcode") +
           "\n";
    base::ByteCursor in(content.subspan(static_cast<std::size_t>(begin)));
    for (std::uint64_t index = 0; index < run.opcodes + 1 && !in.empty(); ++index) {
      if (lines++ >= max_lines) {
        out += "… more than " + base::grouped(max_lines) + " lines\n";
        return;
      }
      const std::uint64_t at = begin + in.offset();
      if (at >= run.end && index >= run.opcodes) {
        break;
      }
      const auto opcode = std::to_integer<std::uint8_t>(in.rest().front());
      (void)in.skip(1, "opcode");
      std::string argument;
      const bool whole = read_argument(in, opcode, argument);
      std::string offset = std::to_string(at);
      offset.insert(0, offset.size() < 8 ? 8 - offset.size() : 0, ' ');
      std::string name(name_of(opcode));
      name.resize(std::max<std::size_t>(name.size(), argument.empty() ? 0 : 17), ' ');
      out += offset + "  " + std::to_string(index) + "  " + name + (argument.empty() ? "" : " " + argument) +
             (whole ? "\n" : "  (cut off)\n");
      const auto [first, last] = events.at(at);
      for (auto event = first; event != last; ++event, ++lines) {
        out += "          -> " + event->second + "\n";
      }
      if (!whole) {
        break;
      }
    }
    if (!run.problem.empty()) {
      out += "        ends: " + base::printable(run.problem) + " at byte " + std::to_string(run.problem_offset) + "\n";
    }
    if (run.end <= begin || run.how != End::stopped) {
      break;
    }
    begin = run.end;
  }
}

}  // namespace

std::string trace(base::Bytes content, const std::string& path, std::size_t max_lines) {
  std::string out;
  std::size_t lines = 0;
  trace_pickles(content, path, max_lines, lines, out);
  for (const formats::Identified& one : formats::identify(content, path)) {
    if (one.format != "zip") {
      continue;
    }
    for (const formats::zip::Entry& entry : formats::zip::read(content).entries) {
      const formats::zip::Member member = formats::zip::extract(content, entry, kMaxMemberBytes, false);
      if (probe(member.bytes()).pickle && probe(member.bytes()).certain) {
        trace_pickles(member.bytes(), path + "!" + entry.name, max_lines, lines, out);
      }
    }
  }
  return out.empty() ? base::printable(path) + ": no pickle\n" : out;
}

}  // namespace scan
