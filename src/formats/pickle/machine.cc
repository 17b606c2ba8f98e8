#include "formats/pickle/machine.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

#include "base/text.h"
#include "formats/pickle/probe.h"

namespace formats::pickle {
namespace {

constexpr std::uint64_t kOpaqueNode = 0;  // contents not kept
constexpr std::uint64_t kEmptyNode = 1;   // the empty tuple
constexpr std::uint64_t kMaxNodes = 1'000'000;
constexpr std::uint64_t kMaxMutableKept = 1'000'000;  // values in lists and dicts
constexpr std::uint32_t kMaxKeptPerTuple = 64;
constexpr std::uint32_t kMaxKeptPerMutable = 32;
constexpr std::uint64_t kMaxRecords = 1'000'000;
constexpr std::uint64_t kGlobalBits = 28;
constexpr std::uint64_t kGlobalMask = (1ULL << kGlobalBits) - 1;
constexpr float kExpensiveWeight = 1e7F;
constexpr std::size_t kMaxDecimalDigits = 4300;  // where CPython itself gives up: the conversion is quadratic
constexpr std::uint64_t kMaxDunderKeys = 200'000;
constexpr std::uint64_t kFarMemo = 1 << 20;
constexpr std::size_t kMaxLargeMemo = 10'000;  // memo indices above 64 bits
const Value kUnset(Kind::unknown, 1);

bool is_constant(Kind kind) {
  return kind >= Kind::integer && kind <= Kind::byte_array;
}

void append_utf8(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    out.push_back(static_cast<char>(0xC0 | code >> 6));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else if (code < 0x10000) {
    out.push_back(static_cast<char>(0xE0 | code >> 12));
    out.push_back(static_cast<char>(0x80 | (code >> 6 & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else {
    out.push_back(static_cast<char>(0xF0 | (code >> 18 & 7)));
    out.push_back(static_cast<char>(0x80 | (code >> 12 & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (code >> 6 & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  }
}

/// The hexadecimal number of exactly `digits` digits at `at`, or nothing.
std::optional<std::uint32_t> hex_number(std::string_view text, std::size_t at, std::size_t digits) {
  if (text.size() < digits || at > text.size() - digits) {
    return std::nullopt;
  }
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    const int digit = base::hex_value(text[at + i]);
    if (digit < 0) {
      return std::nullopt;
    }
    value = value << 4 | static_cast<std::uint32_t>(digit);
  }
  return value;
}

/// raw-unicode-escape: only \u and \U count; other bytes are Latin-1.
std::string decode_raw_unicode(std::string_view line) {
  std::string out;
  out.reserve(line.size());
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\' && i + 1 < line.size() && line[i + 1] == '\\') {  // the second one begins no escape
      out += "\\\\";
      ++i;
      continue;
    }
    if (line[i] == '\\' && i + 1 < line.size() && (line[i + 1] == 'u' || line[i + 1] == 'U')) {
      const std::size_t digits = line[i + 1] == 'u' ? 4 : 8;
      if (const auto code = hex_number(line, i + 2, digits); code && *code <= 0x10FFFF) {
        append_utf8(out, *code);
        i += 1 + digits;
        continue;
      }
    }
    append_utf8(out, static_cast<unsigned char>(line[i]));
  }
  return out;
}

/// The escapes of a Python bytes literal.
std::string decode_escapes(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 >= text.size()) {
      out.push_back(text[i]);
      continue;
    }
    const char c = text[++i];
    switch (c) {
      case 'n':
        out.push_back('\n');
        break;
      case 'r':
        out.push_back('\r');
        break;
      case 't':
        out.push_back('\t');
        break;
      case 'a':
        out.push_back('\a');
        break;
      case 'b':
        out.push_back('\b');
        break;
      case 'f':
        out.push_back('\f');
        break;
      case 'v':
        out.push_back('\v');
        break;
      case '\\':
      case '\'':
      case '"':
        out.push_back(c);
        break;
      case 'x':
        if (const auto code = hex_number(text, i + 1, 2)) {
          out.push_back(static_cast<char>(*code));
          i += 2;
        }
        break;
      default:
        if (c >= '0' && c <= '7') {
          unsigned code = 0;
          std::size_t digits = 0;
          while (digits < 3 && i < text.size() && text[i] >= '0' && text[i] <= '7') {
            code = code * 8 + static_cast<unsigned>(text[i] - '0');
            ++i;
            ++digits;
          }
          --i;
          out.push_back(static_cast<char>(code));
        } else {
          out.push_back('\\');
          out.push_back(c);
        }
    }
  }
  return out;
}

/// int(line) in base 10 as Python reads it: blanks around, a sign, single underscores between digits.
std::optional<std::int64_t> decimal(std::string_view line) {
  line = base::trim(line);
  bool negative = false;
  if (!line.empty() && (line.front() == '-' || line.front() == '+')) {
    negative = line.front() == '-';
    line.remove_prefix(1);
  }
  if (line.empty() || line.front() == '_' || line.back() == '_') {
    return std::nullopt;
  }
  std::int64_t value = 0;
  bool underscore = false;
  for (const char c : line) {
    if (c == '_') {
      if (underscore) {
        return std::nullopt;
      }
      underscore = true;
      continue;
    }
    underscore = false;
    if (c < '0' || c > '9' || value > (INT64_MAX - 9) / 10) {
      return std::nullopt;
    }
    value = value * 10 + (c - '0');
  }
  return negative ? -value : value;
}

/// The digits of a decimal number above INT64_MAX, as decimal() reads one; nothing where it is none. pickle.py takes
/// any number as a memo index.
std::optional<std::string> large_decimal(std::string_view line) {
  line = base::trim(line);
  if (!line.empty() && line.front() == '+') {
    line.remove_prefix(1);
  }
  if (line.empty() || line.front() == '_' || line.back() == '_') {
    return std::nullopt;
  }
  std::string digits;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '_' && line[i - 1] != '_') {
      continue;
    }
    if (line[i] < '0' || line[i] > '9') {
      return std::nullopt;
    }
    if (line[i] != '0' || !digits.empty()) {
      digits.push_back(line[i]);
    }
  }
  return digits;
}

/// First bytes of what may_be_loaded() looks at.
constexpr std::array<bool, 256> kMayHold = [] {
  std::array<bool, 256> out{};
  for (const char c : std::string_view("PcgeHQ/KUYZxB(]}SIVNXM81427563")) {
    out[static_cast<unsigned char>(c)] = true;
  }
  for (const unsigned c : {0x00U, 0x04U, 0x1FU, 0x28U, 0x5DU, 0x80U, 0x8CU, 0x8FU, 0x95U, 0xC2U, 0xFDU}) {
    out[c] = true;
  }
  return out;
}();
constexpr std::size_t kMaxDecoded = 64U << 20;

std::string_view opcode_name(std::uint8_t code) {
  switch (code) {
    case kAppend:
      return "APPEND";
    case kAppends:
      return "APPENDS";
    case kAddItems:
      return "ADDITEMS";
    case kBuild:
      return "BUILD";
    case kGlobal:
      return "GLOBAL";
    case kInst:
      return "INST";
    case kObj:
      return "OBJ";
    case kReduce:
      return "REDUCE";
    case kNewObj:
      return "NEWOBJ";
    case kNewObjEx:
      return "NEWOBJ_EX";
    case kStackGlobal:
      return "STACK_GLOBAL";
    case kSetItem:
      return "SETITEM";
    case kSetItems:
      return "SETITEMS";
    case kStop:
      return "STOP";
    case kProto:
      return "PROTO";
    case kMemoize:
      return "MEMOIZE";
    case kGet:
    case kBinGet:
    case kLongBinGet:
      return "GET";
    case kPut:
    case kBinPut:
    case kLongBinPut:
      return "PUT";
    case kTuple:
    case kTuple1:
    case kTuple2:
    case kTuple3:
      return "TUPLE";
    case kList:
      return "LIST";
    case kDict:
      return "DICT";
    case kFrozenSet:
      return "FROZENSET";
    case kPop:
      return "POP";
    case kPopMark:
      return "POP_MARK";
    case kDup:
      return "DUP";
    case kBinPersId:
      return "BINPERSID";
    default:
      return "";
  }
}

std::string opcode_label(std::uint8_t code) {
  const std::string_view name = opcode_name(code);
  if (!name.empty()) {
    return std::string(name);
  }
  constexpr char kDigits[] = "0123456789abcdef";
  return std::string("opcode 0x") + kDigits[code >> 4] + kDigits[code & 15];
}

}  // namespace

/// Carries out one pickle. The one loop that reads bytes without ByteCursor: it runs 10^8 times a second, and every
/// read goes through have().
class Machine::Executor {
 public:
  Executor(Machine& machine, std::uint64_t begin, Observer& observer)
      : m_(machine), observer_(observer), data_(machine.bytes_.data()), size_(machine.bytes_.size()), at_(begin) {
    run_.begin = begin;
    run_.frame_end = machine.frame_end_;
    watch_ = run_.frame_end > begin ? run_.frame_end : UINT64_MAX;
  }

  Run execute() {
    do {
      if (at_ >= watch_) [[unlikely]] {
        leave_frame();
      }
      run_common();
      if (at_ >= watch_) [[unlikely]] {
        leave_frame();
      }
    } while (step());
    if (at_ > watch_) {
      leave_frame();
    }
    m_.frame_end_ = run_.frame_end;
    run_.end = std::min(at_, size_);
    return std::move(run_);
  }

 private:
  // ---- the stream
  [[nodiscard]] bool have(std::uint64_t count) const { return count <= size_ - at_; }
  [[nodiscard]] std::uint8_t byte_at(std::uint64_t at) const { return std::to_integer<std::uint8_t>(data_[at]); }
  [[nodiscard, gnu::always_inline]] std::uint64_t little_endian(std::uint64_t at, unsigned width) const {
    std::uint64_t value = 0;
    for (unsigned i = 0; i < width; ++i) {
      value |= static_cast<std::uint64_t>(byte_at(at + i)) << (8 * i);
    }
    return value;
  }
  bool end(End how, std::string_view problem) {
    run_.how = how;
    run_.problem = opcode_label(code_);
    run_.problem += ": ";
    run_.problem += problem;
    run_.problem_offset = opcode_at_;
    return false;
  }
  bool truncated() {
    at_ = size_;
    return end(End::truncated, "the bytes end within it");
  }
  bool malformed(std::string_view problem) { return end(End::malformed, problem); }
  bool underflow() { return malformed("the stack is empty"); }
  [[nodiscard]] Place place() const { return {opcode_at_, run_.opcodes - 1}; }

  /// An unsigned number of `width` bytes.
  [[gnu::always_inline]] bool number(unsigned width, std::uint64_t& out) {
    if (!have(width)) [[unlikely]] {
      return truncated();
    }
    out = little_endian(at_, width);
    at_ += width;
    return true;
  }
  /// Notes a read that crosses the frame's end. Every part of an argument is a read of its own.
  void leave_frame() {
    const std::uint64_t edge = watch_;
    watch_ = UINT64_MAX;
    const auto read = [&](std::uint64_t from, std::uint64_t to, bool drops = true) {
      if (from >= edge || to <= edge) {
        return;
      }
      if (run_.crossed == 0) {
        run_.crossed = edge;
      }
      if (run_.cut_end == 0 && drops) {
        run_.cut_begin = from;
        run_.cut_end = edge;
      }
    };
    // These are read in two parts, the first of which is what is left of the frame.
    const bool in_parts = code_ == kBinBytes || code_ == kShortBinBytes || code_ == kBinBytes8 || code_ == kByteArray8;
    const std::uint64_t from = opcode_at_ + 1;
    switch (kArguments[code_]) {
      case Argument::bytes_u1:
        read(from + 1, at_, !in_parts);
        break;
      case Argument::bytes_u4:
      case Argument::bytes_i4:
        read(from, from + 4);
        read(from + 4, at_, !in_parts);
        break;
      case Argument::bytes_u8:
        read(from, from + 8);
        read(from + 8, at_, !in_parts);
        break;
      case Argument::two_lines: {
        const char* start = reinterpret_cast<const char*>(data_) + from;
        const std::string_view lines(start, static_cast<std::size_t>(std::min(at_, size_) - from));
        const std::size_t first = std::min(lines.find('\n'), lines.size());
        read(from, from + first + 1);
        read(from + first + 1, at_);
        break;
      }
      case Argument::none:
      case Argument::invalid:
        break;
      default:
        read(from, at_);
    }
  }
  void frame(std::uint64_t length) {
    if (at_ > watch_) {
      leave_frame();
    }
    if (at_ < m_.frames_from_) {
      return;
    }
    const std::uint64_t end_of_it = at_ + std::min(length, size_ - at_);
    if (end_of_it > run_.frame_end) {
      if (at_ < run_.frame_end && run_.cut_end == 0) {
        run_.cut_begin = at_;
        run_.cut_end = run_.frame_end;
        run_.crossed = run_.crossed == 0 ? run_.frame_end : run_.crossed;
      }
      run_.frame_end = end_of_it;
    }
    watch_ = run_.frame_end > at_ ? run_.frame_end : UINT64_MAX;
  }
  /// The two lines of GLOBAL and INST. pickle.py does not mind that the bytes end within one: it takes what is there,
  /// less its last byte, and imports that before it fails.
  bool two_lines(std::string_view& module, std::string_view& name, bool& cut) {
    const char* start = reinterpret_cast<const char*>(data_) + at_;
    const std::string_view rest(start, static_cast<std::size_t>(size_ - at_));
    const std::size_t first = rest.find('\n');
    const std::size_t second = first == std::string_view::npos ? first : rest.find('\n', first + 1);
    cut = second == std::string_view::npos;
    module = rest.substr(0, std::min(first, rest.size() - std::min<std::size_t>(rest.size(), 1)));
    name = {};
    if (!cut) {
      name = rest.substr(first + 1, second - first - 1);
      at_ += second + 1;
    } else if (first != std::string_view::npos) {
      name = rest.substr(first + 1);
      name.remove_suffix(name.empty() ? 0 : 1);
    }
    return !cut || !module.empty() || truncated();
  }
  bool line(std::string_view& out) {
    const char* start = reinterpret_cast<const char*>(data_) + at_;
    const std::uint64_t left = size_ - at_;
    const void* newline = left == 0 ? nullptr : std::memchr(start, '\n', static_cast<std::size_t>(left));
    if (newline == nullptr) {
      return truncated();
    }
    const auto length = static_cast<std::size_t>(static_cast<const char*>(newline) - start);
    out = std::string_view(start, length);
    at_ += length + 1;
    return true;
  }

  // ---- the stack
  [[nodiscard]] std::size_t fence() const { return m_.marks_.empty() ? 0 : m_.marks_.back(); }
  [[nodiscard, gnu::always_inline]] bool holds(std::size_t count) const { return m_.stack_.size() - fence() >= count; }
  [[gnu::always_inline]] bool push(Value value) {
    if (m_.stack_.size() >= m_.limits_.max_stack) [[unlikely]] {
      return end(End::limit, "the stack is deeper than the limit");
    }
    m_.stack_.push_back(value);
    return true;
  }
  Value pop() {
    const Value value = m_.stack_.back();
    m_.stack_.drop(1);
    return value;
  }
  /// Everything above the last mark; the values stay on the stack until drop_to().
  bool pop_mark(std::span<const Value>& out) {
    if (m_.marks_.empty()) {
      return malformed("there is no mark");
    }
    const std::size_t from = m_.marks_.back();
    m_.marks_.pop_back();
    out = m_.stack_.span().subspan(from);
    return true;
  }
  void drop(std::size_t count) { m_.stack_.drop(count); }

  // ---- containers
  Value new_node(Kind kind, std::span<const Value> values) {
    if (values.empty() && (kind == Kind::tuple || kind == Kind::frozen_set)) {
      return {kind, kEmptyNode};
    }
    if (m_.nodes_.size() >= kMaxNodes) {
      return {kind, kOpaqueNode};
    }
    Node node;
    node.total = static_cast<std::uint32_t>(std::min<std::size_t>(values.size(), UINT32_MAX));
    node.begin = static_cast<std::uint32_t>(m_.kept_.size());
    const bool mutable_kind = kind != Kind::tuple;
    const std::size_t most = mutable_kind ? kMaxKeptPerMutable : kMaxKeptPerTuple;
    const std::size_t keep = std::min(values.size(), most);
    const std::uint64_t budget = mutable_kind ? kMaxMutableKept : m_.limits_.max_kept_values;
    if (keep != 0 && m_.kept_.size() + keep <= std::min(budget, m_.limits_.max_kept_values)) {
      m_.kept_.insert(m_.kept_.end(), values.begin(), values.begin() + static_cast<std::ptrdiff_t>(keep));
      node.kept = static_cast<std::uint32_t>(keep);
    }
    if (kind == Kind::tuple || kind == Kind::frozen_set) {
      for (const Value value : values) {
        node.weight += weight(value);
      }
    }
    m_.nodes_.push_back(node);
    return {kind, m_.nodes_.size() - 1};
  }
  [[nodiscard]] float weight(Value value) const {
    const Kind kind = value.kind();
    return kind == Kind::tuple || kind == Kind::frozen_set ? m_.nodes_[value.payload()].weight : 0.0F;
  }
  void add_items(Value container, std::span<const Value> values) {
    const std::uint64_t index = container.payload();
    if (index <= kEmptyNode) {
      return;
    }
    Node& node = m_.nodes_[index];
    const bool whole = node.kept == node.total;
    node.total += static_cast<std::uint32_t>(std::min<std::size_t>(values.size(), UINT32_MAX - node.total));
    if (!whole || node.kept >= kMaxKeptPerMutable) {
      return;
    }
    const std::size_t keep = std::min<std::size_t>(values.size(), kMaxKeptPerMutable - node.kept);
    if (m_.kept_.size() + node.kept + keep > std::min(kMaxMutableKept, m_.limits_.max_kept_values)) {
      return;
    }
    if (static_cast<std::size_t>(node.begin) + node.kept != m_.kept_.size()) {  // something was kept since
      const std::size_t from = node.begin;
      node.begin = static_cast<std::uint32_t>(m_.kept_.size());
      for (std::size_t i = 0; i < node.kept; ++i) {
        const Value moved = m_.kept_[from + i];
        m_.kept_.push_back(moved);
      }
    }
    m_.kept_.insert(m_.kept_.end(), values.begin(), values.begin() + static_cast<std::ptrdiff_t>(keep));
    node.kept += static_cast<std::uint32_t>(keep);
  }
  /// Whether the text of the opcode at `at` may begin with two underscores; escapes may spell them.
  [[nodiscard]] bool may_be_dunder(std::uint64_t at) const {
    switch (byte_at(at)) {
      case kShortBinUnicode:
      case kShortBinString:
        return byte_at(at + 1) > 4 && byte_at(at + 2) == '_';
      case kBinUnicode:
      case kBinString:
        return little_endian(at + 1, 4) > 4 && byte_at(at + 5) == '_';
      case kUnicode:
        return byte_at(at + 1) == '_' || byte_at(at + 1) == '\\';
      case kString:
        return byte_at(at + 2) == '_' || byte_at(at + 2) == '\\';
      default:
        return true;
    }
  }
  void look_at_key(Value container, Value key, Value item) {
    if (key.kind() == Kind::text) {
      if (!may_be_dunder(key.payload())) {
        return;
      }
      const std::string name = m_.text(key).value_or("");
      if (name.size() > 4 && name.starts_with("__") && name.ends_with("__")) {
        if (++m_.dunder_count_ <= kMaxDunderKeys) {
          m_.dunder_keys_[container.payload()].emplace_back(key, item);
        } else {
          m_.limits_.max_opcodes = 0;  // ends the run as not covered; no pickler writes so many
        }
      }
    } else {
      look_at_hashed(key);
    }
  }
  void look_at_hashed(Value key) {
    if (weight(key) > kExpensiveWeight) {
      observer_.on_expensive(m_, "a nested tuple whose hash takes exponential time", place());
    }
  }

  // ---- the memo
  [[gnu::always_inline]] bool put(std::uint64_t index) {
    if (!holds(1)) [[unlikely]] {
      return underflow();
    }
    const Value value = m_.stack_.back();
    if (index == m_.memo_.size() && index < m_.memo_.capacity() && m_.far_memo_.empty()) [[likely]] {
      m_.memo_.push_back(value);
      ++m_.memo_size_;
      return true;
    }
    return put_elsewhere(index, value);
  }
  [[gnu::noinline]] bool put_elsewhere(std::uint64_t index, Value value) {
    // An entry that was far may be near by now; it must neither count twice nor be found in two places.
    if (!m_.far_memo_.empty() && m_.far_memo_.erase(index) > 0) {
      --m_.memo_size_;
    }
    if (index < m_.memo_.size()) {
      m_.memo_size_ += m_.memo_[index] == kUnset ? 1U : 0U;
      m_.memo_[index] = value;
      return true;
    }
    if (index >= 2 * (run_.opcodes + m_.memo_size_) + kFarMemo) [[unlikely]] {
      if (index > (1U << 27)) {
        observer_.on_expensive(m_, "memo index " + std::to_string(index) + ", for which CPython allocates an array",
                               place());
      }
      if (m_.far_memo_.size() >= 1'000'000) {
        return end(End::limit, "more memo entries than the limit");
      }
      m_.far_memo_.emplace(index, value);
      ++m_.memo_size_;
      return true;
    }
    if (index >= m_.limits_.max_memo) {
      return end(End::limit, "more memo entries than the limit");
    }
    while (m_.memo_.size() < index) {
      m_.memo_.push_back(kUnset);
    }
    m_.memo_.push_back(value);
    ++m_.memo_size_;
    return true;
  }
  [[gnu::always_inline]] bool get(std::uint64_t index) {
    ++run_.memo_reads;
    if (index < m_.memo_.size() && m_.memo_[index] != kUnset) [[likely]] {
      return push(m_.memo_[index]);
    }
    return get_elsewhere(index);
  }
  [[gnu::noinline]] bool get_elsewhere(std::uint64_t index) {
    const auto far = m_.far_memo_.find(index);
    if (far == m_.far_memo_.end()) {
      return malformed("memo entry " + std::to_string(index) + " was not set");
    }
    return push(far->second);
  }
  bool memo_by_line(std::string_view text) {
    // The C machine reads up to a NUL.
    text = text.substr(0, text.find('\0'));
    if (const auto index = decimal(text)) {
      if (*index < 0) {
        return malformed("the memo index is negative");
      }
      return code_ == kGet ? get(static_cast<std::uint64_t>(*index)) : put(static_cast<std::uint64_t>(*index));
    }
    const auto digits = large_decimal(text);
    if (!digits) {
      return malformed("the memo index is no number");
    }
    if (code_ == kGet) {
      ++run_.memo_reads;
      const auto known = m_.large_memo_.find(*digits);
      return known == m_.large_memo_.end() ? malformed("memo entry " + base::abbreviate(*digits, 32) + " was not set")
                                           : push(known->second);
    }
    if (!holds(1)) {
      return underflow();
    }
    const auto [entry, fresh] = m_.large_memo_.try_emplace(*digits);
    entry->second = m_.stack_.back();
    m_.memo_size_ += fresh ? 1U : 0U;
    if (m_.large_memo_.size() > kMaxLargeMemo || digits->size() > kMaxDecimalDigits) {
      return end(End::limit, "memo indices of more digits than the limit");
    }
    return true;
  }

  // ---- globals and calls
  bool import(std::string_view module, std::string_view name, Value& out) {
    ++run_.imports;
    m_.key_.assign(module);
    m_.key_.push_back('\0');
    m_.key_.append(name);
    const auto known = m_.global_index_.find(m_.key_);
    if (known != m_.global_index_.end()) {
      out = {Kind::global, known->second};
      return true;
    }
    if (m_.globals_.size() >= std::min<std::uint64_t>(m_.limits_.max_globals, kGlobalMask - 1)) {
      return end(End::limit, "more distinct imports than the limit");
    }
    const std::uint64_t index = m_.globals_.size();
    m_.global_index_.emplace(m_.key_, index);
    m_.globals_.push_back({std::string(module), std::string(name), opcode_at_, run_.opcodes - 1});
    observer_.on_global(m_, index, place());
    out = {Kind::global, index};
    return true;
  }
  bool stack_global() {
    if (!holds(2)) {
      return underflow();
    }
    const Value name = pop();
    const Value module = pop();
    if (module.kind() == Kind::text && name.kind() == Kind::text) {
      const auto plain = [&](Value value) -> std::optional<std::string_view> {
        return byte_at(value.payload()) == kShortBinUnicode || byte_at(value.payload()) == kBinUnicode
                   ? std::optional(base::as_text(m_.raw(value)))
                   : std::nullopt;
      };
      const auto module_text = plain(module);
      const auto name_text = plain(name);
      Value out;
      const bool done = module_text && name_text
                            ? import(*module_text, *name_text, out)
                            : import(m_.text(module).value_or(""), m_.text(name).value_or(""), out);
      return done && push(out);
    }
    const auto never = [](Kind kind) {  // not text whatever happens: CPython refuses
      return kind == Kind::none || kind == Kind::truth || kind == Kind::falsity || kind == Kind::integer ||
             kind == Kind::floating || (kind >= Kind::byte_array && kind <= Kind::frozen_set);
    };
    if (never(module.kind()) || never(name.kind())) {
      return malformed("module and name must be text");
    }
    ++run_.imports;
    observer_.on_computed_global(m_, module, name, place());
    return push({Kind::unknown, 0});
  }
  bool call(Opcode opcode, Value callee, Value arguments, Value keywords) {
    ++run_.calls;
    observer_.on_call(m_, opcode, callee, arguments, keywords, place());
    std::uint64_t record = 0;
    if (m_.records_.size() < kMaxRecords) {
      m_.records_.push_back({callee, arguments});
      record = m_.records_.size();
    }
    const std::uint64_t global = callee.kind() == Kind::global ? callee.payload() + 1 : 0;
    const Kind kind = opcode == kReduce ? Kind::call : Kind::object;
    return push({kind, record << kGlobalBits | global});
  }
  static bool can_be_called(Kind kind) {
    return kind == Kind::unknown || kind == Kind::global || kind == Kind::call || kind == Kind::object ||
           kind == Kind::persistent || kind == Kind::extension || kind == Kind::buffer;
  }
  bool reduce(Opcode opcode) {
    const bool with_keywords = opcode == kNewObjEx;
    if (!holds(with_keywords ? 3 : 2)) {
      return underflow();
    }
    const Value keywords = with_keywords ? pop() : Value();
    const Value arguments = pop();
    const Value callee = pop();
    if (!can_be_called(callee.kind())) {
      return malformed("the callee is a constant or container");
    }
    // The C machine wants a tuple; pickle.py, and joblib with it, takes whatever can be iterated over.
    const Kind kind = arguments.kind();
    if (kind == Kind::none || kind == Kind::truth || kind == Kind::falsity || kind == Kind::integer ||
        kind == Kind::floating) {
      return malformed("the arguments are no tuple");
    }
    return call(opcode, callee, arguments, keywords);
  }
  bool build() {
    if (!holds(2)) {
      return underflow();
    }
    const Value state = pop();
    const Value object = m_.stack_.back();
    ++run_.calls;
    observer_.on_build(m_, object, state, place());
    const Global* maker = m_.maker(object);
    if (maker != nullptr && maker->name == "NumpyArrayWrapper" && maker->module == "joblib.numpy_pickle") {
      return joblib_array(state);
    }
    return true;
  }

  /// joblib writes an array's bytes, or a pickle of its objects, right behind the BUILD of its wrapper.
  /// Source: joblib/numpy_pickle.py, NumpyArrayWrapper.read_array.
  bool joblib_array(Value state) {
    Value shape;
    Value dtype;
    bool aligned = false;
    const std::span<const Value> items = m_.items(state);
    for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
      const std::string key = m_.text(items[i]).value_or("");
      if (key == "shape") {
        shape = items[i + 1];
      } else if (key == "dtype") {
        dtype = items[i + 1];
      } else if (key == "numpy_array_alignment_bytes") {
        aligned = items[i + 1].kind() == Kind::integer;
      }
    }
    const Global* maker = m_.maker(dtype);
    const std::span<const Value> arguments = m_.items(m_.arguments(dtype));
    std::string name;
    if (maker != nullptr && maker->name == "dtype" && !arguments.empty()) {
      name = m_.text(arguments[0]).value_or("");
    }
    if (name.empty() && !arguments.empty() && arguments[0].kind() == Kind::global) {  // as JAX's own types
      const Global* type = m_.maker(arguments[0]);
      if (type != nullptr && type->module == "ml_dtypes") {
        name = type->name == "bfloat16" ? "V2" : "V1";
      }
    }
    if (shape.kind() != Kind::tuple || !m_.is_whole(shape) || name.empty()) {
      return malformed("an array of joblib whose shape or type is not plain");
    }
    const std::string_view type = std::string_view(name).substr(std::min(name.find_first_not_of("<>=|"), name.size()));
    if (type.starts_with('O')) {
      return nested_pickle();
    }
    const auto width = type.size() < 2 ? std::optional<std::int64_t>() : decimal(type.substr(1));
    std::uint64_t count = 1;
    bool overflow = !width || *width < 0;
    for (const Value extent : m_.items(shape)) {
      const auto value = m_.integer(extent);
      overflow = overflow || !value || *value < 0 ||
                 __builtin_mul_overflow(count, static_cast<std::uint64_t>(value.value_or(0)), &count);
    }
    overflow = overflow || __builtin_mul_overflow(count, static_cast<std::uint64_t>(width.value_or(0)), &count);
    const std::uint64_t unit = type.starts_with('U') ? 4 : 1;
    overflow = overflow || __builtin_mul_overflow(count, unit, &count);
    if (overflow) {
      return malformed("an array of joblib whose size is not plain");
    }
    // A loader other than joblib's goes on with opcodes here.
    const Probe other = probe(m_.bytes_.subspan(static_cast<std::size_t>(at_)), 256);
    if (other.pickle && other.certain && other.names_callable) {
      const std::uint64_t at = at_;
      if (!nested_pickle()) {
        return false;
      }
      at_ = at;
    }
    if (aligned) {
      std::uint64_t padding = 0;
      if (!number(1, padding)) {
        return false;
      }
      if (!have(padding)) {
        return truncated();
      }
      at_ += padding;
    }
    if (!have(count)) {
      return truncated();
    }
    at_ += count;
    return true;
  }
  bool nested_pickle() {
    if (m_.depth_ >= m_.limits_.max_depth) {
      return end(End::limit, "more pickles within pickles than the limit");
    }
    const auto inner = std::make_unique<Machine>(m_.bytes_, m_.limits_);
    inner->depth_ = m_.depth_ + 1;
    const Run inner_run = inner->run(at_, false, observer_);
    run_.imports += inner_run.imports;
    run_.calls += inner_run.calls;
    at_ = inner_run.end;
    if (inner_run.how != End::stopped) {
      end(inner_run.how, "in the objects of an array: " + inner_run.problem);
      run_.problem_offset = inner_run.problem_offset;
      return false;
    }
    return true;
  }

  /// A constant of `length` bytes at `at_`.
  [[gnu::always_inline]] bool constant(Kind kind, std::uint64_t length) {
    if (!have(length)) [[unlikely]] {
      return truncated();
    }
    if (length >= 8 && kind != Kind::integer && kMayHold[byte_at(at_)]) {
      look_within(m_.bytes_.subspan(static_cast<std::size_t>(at_), static_cast<std::size_t>(length)));
    }
    at_ += length;
    return push({kind, opcode_at_});
  }
  [[gnu::noinline]] void look_within(base::Bytes content) {
    if (may_be_loaded(content)) {
      observer_.on_nested(m_, content, place());
    }
  }
  [[gnu::always_inline]] bool sized_constant(Kind kind, unsigned width, bool is_signed = false) {
    std::uint64_t length = 0;
    if (!number(width, length)) {
      return false;
    }
    if (is_signed && length > INT32_MAX) {
      return malformed("the length is negative");
    }
    return constant(kind, length);
  }
  [[gnu::always_inline]] bool fixed_constant(Kind kind, unsigned width) {
    if (!have(width)) [[unlikely]] {
      return truncated();
    }
    at_ += width;
    return push({kind, opcode_at_});
  }
  bool line_constant(Kind kind) {
    std::string_view text;
    if (!line(text)) {
      return false;
    }
    if (code_ == kInt && (text == "01" || text == "00")) {
      return push({text == "01" ? Kind::truth : Kind::falsity, 0});
    }
    if (kind == Kind::integer && text.size() > kMaxDecimalDigits) {
      observer_.on_expensive(m_, "a decimal number of " + std::to_string(text.size()) + " digits", place());
    }
    if (code_ == kString && (text.size() < 2 || (text.front() != '\'' && text.front() != '"'))) {
      return malformed("the text is not quoted");
    }
    const Value value(kind, opcode_at_);
    if (kind == Kind::text && text.size() >= 10 && text.size() < kMaxDecoded) {
      const auto first = static_cast<std::uint8_t>(text[code_ == kString ? 1 : 0]);
      if (first == '\\' || kMayHold[first]) {
        const std::string decoded = m_.text(value).value_or("");
        look_within(base::as_bytes(decoded));
      }
    }
    return push(value);
  }
  /// What persistent_load makes of an id. PyTorch before 1.6 wrote ('module', class, file, source) for a class.
  Value persistent(Value id) const {
    observer_.on_persistent(m_, id, place());
    const std::span<const Value> parts = m_.items(id);
    if (id.kind() == Kind::tuple && parts.size() == 4 && parts[1].kind() == Kind::global &&
        m_.text(parts[0]).value_or("") == "module") {
      return parts[1];
    }
    return {Kind::persistent, 0};
  }
  bool tuple(std::size_t count) {
    if (!holds(count)) {
      return underflow();
    }
    const Value value = new_node(Kind::tuple, m_.stack_.span().last(count));
    drop(count);
    return push(value);
  }
  bool collect(Kind kind) {
    std::span<const Value> values;
    if (!pop_mark(values)) {
      return false;
    }
    if (kind == Kind::dict && values.size() % 2 != 0) {
      return malformed("an odd number of keys and values");
    }
    const Value value = new_node(kind, values);
    if (kind == Kind::dict) {
      for (std::size_t i = 0; i < values.size(); i += 2) {
        look_at_key(value, values[i], values[i + 1]);
      }
    } else if (kind == Kind::frozen_set) {
      for (const Value item : values) {
        look_at_hashed(item);
      }
    }
    drop(values.size());
    return push(value);
  }
  bool add(Opcode opcode, Kind expected, std::size_t count) {
    // The values to add are the last `count` on the stack, the object below them.
    const std::span<const Value> values = m_.stack_.span().last(count);
    const Value object = m_.stack_[m_.stack_.size() - count - 1];
    if (object.kind() == expected) {
      add_items(object, values);
      if (expected == Kind::dict) {
        for (std::size_t i = 0; i < values.size(); i += 2) {
          look_at_key(object, values[i], values[i + 1]);
        }
      } else if (expected == Kind::set) {
        for (const Value item : values) {
          look_at_hashed(item);
        }
      }
    } else {  // pickle.py calls extend() even with nothing
      observer_.on_mutation(m_, opcode, object, place());
    }
    drop(count);
    return true;
  }
  bool add_marked(Opcode opcode, Kind expected) {
    std::span<const Value> values;
    if (!pop_mark(values)) {
      return false;
    }
    const std::size_t count = values.size();
    if (m_.stack_.size() - count <= fence()) {
      return underflow();
    }
    if (expected == Kind::dict && count % 2 != 0) {
      const Value object = m_.stack_[m_.stack_.size() - count - 1];
      if (object.kind() != Kind::dict) {  // pickle.py sets the pairs before the odd one
        observer_.on_mutation(m_, kSetItems, object, place());
      }
      return malformed("an odd number of keys and values");
    }
    return add(opcode, expected, count);
  }

  /// The fewest bytes that must be left for run_common() to look at the next opcode: one and its argument.
  static constexpr std::uint64_t kCommonBytes = 9;

  /// Carries out the commonest opcodes with what they need in registers, until one comes that is none of them, needs
  /// more than a look, or touches a limit or the frame's end. step() does these, as it does all others: this only saves
  /// time.
  void run_common() {
    const std::uint64_t edge = std::min(size_, watch_);
    // An entry's index is the memo's size only where no entry below is unset.
    if (m_.memo_size_ != m_.memo_.size() || !m_.far_memo_.empty()) {
      return;
    }
    const auto* const bytes = reinterpret_cast<const std::uint8_t*>(data_);
    std::uint64_t at = at_;
    std::uint64_t opcodes = run_.opcodes;
    std::uint64_t memo_reads = 0;
    Value* const stack = m_.stack_.data();
    Value* const stack_end = stack + std::min<std::uint64_t>(m_.stack_.capacity(), m_.limits_.max_stack);
    Value* top = stack + m_.stack_.size();
    Value* fence_at = stack + fence();
    Value* const memo = m_.memo_.data();
    const std::size_t memo_capacity = m_.memo_.capacity();
    std::size_t memo_size = m_.memo_.size();
    std::uint64_t max_opcodes = m_.limits_.max_opcodes;
    std::uint64_t last_at = at;
    const auto stop_here = [&] {  // for what looks at the machine, or may do so
      opcode_at_ = at;
      run_.opcodes = opcodes + 1;
    };
    for (; at < edge && edge - at >= kCommonBytes && opcodes < max_opcodes && top != stack_end; ++opcodes) {
      const std::uint8_t code = bytes[at];
      const std::uint64_t before = last_at;
      last_at = at;
      switch (code) {
        case kBinInt1:
          *top++ = {Kind::integer, at};
          at += 2;
          continue;
        case kBinInt2:
          *top++ = {Kind::integer, at};
          at += 3;
          continue;
        case kBinInt:
          *top++ = {Kind::integer, at};
          at += 5;
          continue;
        case kBinFloat:
          *top++ = {Kind::floating, at};
          at += 9;
          continue;
        case kNone:
          *top++ = {Kind::none, 0};
          at += 1;
          continue;
        case kNewTrue:
          *top++ = {Kind::truth, 0};
          at += 1;
          continue;
        case kNewFalse:
          *top++ = {Kind::falsity, 0};
          at += 1;
          continue;
        case kBinGet:
        case kLongBinGet: {
          const bool wide = code == kLongBinGet;
          const std::uint64_t index = wide ? little_endian(at + 1, 4) : bytes[at + 1];
          if (index >= memo_size) {
            break;
          }
          ++memo_reads;
          *top++ = memo[index];
          at += wide ? 5 : 2;
          continue;
        }
        case kMemoize:
        case kBinPut:
        case kLongBinPut: {
          const std::uint64_t index = code == kMemoize  ? memo_size
                                      : code == kBinPut ? bytes[at + 1]
                                                        : little_endian(at + 1, 4);
          if (index != memo_size || memo_size == memo_capacity || top == fence_at) {
            break;
          }
          memo[memo_size++] = top[-1];
          at += code == kMemoize ? 1 : code == kBinPut ? 2 : 5;
          continue;
        }
        case kShortBinUnicode:
        case kBinUnicode:
        case kShortBinBytes: {
          const std::uint64_t head = code == kBinUnicode ? 5 : 2;
          const std::uint64_t length = code == kBinUnicode ? little_endian(at + 1, 4) : bytes[at + 1];
          if (length > edge - at - head || (length >= 8 && kMayHold[bytes[at + head]])) {
            break;
          }
          *top++ = {code == kShortBinBytes ? Kind::bytes : Kind::text, at};
          at += head + length;
          continue;
        }
        case kMark:
          if (m_.marks_.size() >= m_.limits_.max_stack) {
            break;
          }
          m_.marks_.push_back(static_cast<std::uint32_t>(top - stack));
          fence_at = top;
          at += 1;
          continue;
        case kEmptyTuple:
          *top++ = {Kind::tuple, kEmptyNode};
          at += 1;
          continue;
        case kEmptyList:
        case kEmptyDict:
          *top++ = new_node(code == kEmptyList ? Kind::list : Kind::dict, {});
          at += 1;
          continue;
        case kTuple1:
        case kTuple2:
        case kTuple3: {
          const std::size_t count = code - kTuple1 + 1U;
          if (static_cast<std::size_t>(top - fence_at) < count) {
            break;
          }
          top -= count;
          *top = new_node(Kind::tuple, {top, count});
          ++top;
          at += 1;
          continue;
        }
        case kAppends:
        case kSetItems: {
          const std::size_t marks = m_.marks_.size();
          const std::size_t below = marks < 2 ? 0 : m_.marks_[marks - 2];
          if (marks == 0 || static_cast<std::size_t>(fence_at - stack) <= below) {
            break;
          }
          const std::span<const Value> values(fence_at, top);
          const Value object = fence_at[-1];
          const bool is_dict = code == kSetItems;
          if (object.kind() != (is_dict ? Kind::dict : Kind::list) || (is_dict && values.size() % 2 != 0)) {
            break;
          }
          add_items(object, values);
          if (is_dict) {
            stop_here();
            for (std::size_t i = 0; i < values.size(); i += 2) {
              if (values[i].kind() != Kind::text || may_be_dunder(values[i].payload())) {
                look_at_key(object, values[i], values[i + 1]);
              }
            }
            max_opcodes = m_.limits_.max_opcodes;
          }
          m_.marks_.pop_back();
          top = fence_at;
          fence_at = stack + below;
          at += 1;
          continue;
        }
        default:
          break;
      }
      last_at = before;
      break;
    }
    if (at != at_) {  // what an end by a limit names
      opcode_at_ = last_at;
      code_ = bytes[last_at];
    }
    at_ = at;
    run_.opcodes = opcodes;
    run_.memo_reads += memo_reads;
    m_.stack_.set_size(static_cast<std::size_t>(top - stack));
    m_.memo_.set_size(memo_size);
    m_.memo_size_ = memo_size;
  }

  [[gnu::always_inline]] bool step() {
    if (at_ >= size_) {
      opcode_at_ = size_;
      code_ = kStop;
      return end(End::truncated, "missing");
    }
    if (run_.opcodes >= m_.limits_.max_opcodes) {
      return end(End::limit, "more opcodes than the limit");
    }
    opcode_at_ = at_;
    code_ = byte_at(at_++);
    ++run_.opcodes;
    std::uint64_t value = 0;
    std::string_view text;
    switch (code_) {
      case kBinGet:
        return number(1, value) && get(value);
      case kLongBinGet:
        return number(4, value) && get(value);
      case kMemoize:
        return put(m_.memo_size_);
      case kBinPut:
        return number(1, value) && put(value);
      case kLongBinPut:
        return number(4, value) && put(value);
      case kShortBinUnicode:
        return sized_constant(Kind::text, 1);
      case kBinUnicode:
        return sized_constant(Kind::text, 4);
      case kBinUnicode8:
        return sized_constant(Kind::text, 8);
      case kShortBinString:
        return sized_constant(Kind::text, 1);
      case kBinString:
        return sized_constant(Kind::text, 4, true);
      case kString:
      case kUnicode:
        return line_constant(Kind::text);
      case kShortBinBytes:
        return sized_constant(Kind::bytes, 1);
      case kBinBytes:
        return sized_constant(Kind::bytes, 4);
      case kBinBytes8:
        return sized_constant(Kind::bytes, 8);
      case kByteArray8:
        return sized_constant(Kind::byte_array, 8);
      case kBinInt:
        return fixed_constant(Kind::integer, 4);
      case kBinInt1:
        return fixed_constant(Kind::integer, 1);
      case kBinInt2:
        return fixed_constant(Kind::integer, 2);
      case kLong1:
        return sized_constant(Kind::integer, 1);
      case kLong4:
        return sized_constant(Kind::integer, 4, true);
      case kInt:
      case kLong:
        return line_constant(Kind::integer);
      case kBinFloat:
        return fixed_constant(Kind::floating, 8);
      case kFloat:
        return line_constant(Kind::floating);
      case kNone:
        return push({Kind::none, 0});
      case kNewTrue:
        return push({Kind::truth, 0});
      case kNewFalse:
        return push({Kind::falsity, 0});
      case kMark:
        if (m_.marks_.size() >= m_.limits_.max_stack) {
          return end(End::limit, "more marks than the limit");
        }
        m_.marks_.push_back(static_cast<std::uint32_t>(m_.stack_.size()));
        return true;
      case kEmptyTuple:
        return push({Kind::tuple, kEmptyNode});
      case kTuple1:
        return tuple(1);
      case kTuple2:
        return tuple(2);
      case kTuple3:
        return tuple(3);
      case kTuple:
        return collect(Kind::tuple);
      case kEmptyList:
        return push(new_node(Kind::list, {}));
      case kEmptyDict:
        return push(new_node(Kind::dict, {}));
      case kEmptySet:
        return push(new_node(Kind::set, {}));
      case kList:
        return collect(Kind::list);
      case kDict:
        return collect(Kind::dict);
      case kFrozenSet:
        return collect(Kind::frozen_set);
      case kAppend:
        return holds(2) ? add(kAppend, Kind::list, 1) : underflow();
      case kAppends:
        return add_marked(kAppends, Kind::list);
      case kSetItem:
        return holds(3) ? add(kSetItem, Kind::dict, 2) : underflow();
      case kSetItems:
        return add_marked(kSetItems, Kind::dict);
      case kAddItems:
        return add_marked(kAddItems, Kind::set);
      case kGlobal: {
        std::string_view name;
        Value out;
        bool cut = false;
        return two_lines(text, name, cut) && import(text, name, out) && (cut ? truncated() : push(out));
      }
      case kStackGlobal:
        return stack_global();
      case kExt1:
      case kExt2:
      case kExt4:
        if (!number(code_ == kExt1 ? 1 : code_ == kExt2 ? 2 : 4, value)) {
          return false;
        }
        if (value == 0 || value > INT32_MAX) {
          return malformed("the extension code is not positive");
        }
        ++run_.imports;
        observer_.on_extension(m_, value, place());
        return push({Kind::extension, value});
      case kReduce:
        return reduce(kReduce);
      case kNewObj:
        return reduce(kNewObj);
      case kNewObjEx:
        return reduce(kNewObjEx);
      case kBuild:
        return build();
      case kInst: {
        std::string_view name;
        Value callee;
        std::span<const Value> values;
        bool cut = false;
        if (!two_lines(text, name, cut) || !import(text, name, callee) || !pop_mark(values)) {
          return false;
        }
        const Value arguments = new_node(Kind::tuple, values);
        drop(values.size());
        return call(kInst, callee, arguments, {}) && (!cut || truncated());
      }
      case kObj: {
        std::span<const Value> values;
        if (!pop_mark(values)) {
          return false;
        }
        if (values.empty()) {
          return underflow();
        }
        const Value callee = values[0];
        if (!can_be_called(callee.kind())) {
          return malformed("the callee is a constant or container");
        }
        const Value arguments = new_node(Kind::tuple, values.subspan(1));
        drop(values.size());
        return call(kObj, callee, arguments, {});
      }
      case kPersId:
        return line(text) && push({Kind::persistent, 0});
      case kBinPersId:
        if (!holds(1)) {
          return underflow();
        }
        return push(persistent(pop()));
      case kNextBuffer:
        return push({Kind::buffer, 0});
      case kReadonlyBuffer:
        return holds(1) || underflow();
      case kPop:
        if (!m_.marks_.empty() && m_.marks_.back() == m_.stack_.size()) {
          m_.marks_.pop_back();
          return true;
        }
        if (m_.stack_.empty()) {
          return underflow();
        }
        m_.stack_.drop(1);
        return true;
      case kPopMark: {
        std::span<const Value> values;
        if (!pop_mark(values)) {
          return false;
        }
        drop(values.size());
        return true;
      }
      case kDup:
        return holds(1) ? push(m_.stack_.back()) : underflow();
      case kGet:
      case kPut:
        return line(text) && memo_by_line(text);
      case kProto:
        if (!number(1, value)) {
          return false;
        }
        if (value > kHighestProtocol) {
          return malformed("protocol " + std::to_string(value) + " does not exist");
        }
        run_.protocol = std::max(run_.protocol, static_cast<std::uint8_t>(value));
        return true;
      case kFrame:
        if (!number(8, value)) {
          return false;
        }
        frame(value);
        return true;
      case kStop:
        if (m_.stack_.empty()) {
          return underflow();
        }
        run_.how = End::stopped;
        return false;
      default:
        return malformed("no such opcode");
    }
  }

  Machine& m_;
  Observer& observer_;
  const std::byte* data_;
  std::uint64_t size_;
  std::uint64_t at_;
  std::uint64_t opcode_at_ = 0;
  std::uint64_t watch_ = UINT64_MAX;  // the frame's end while within one
  std::uint8_t code_ = 0;
  Run run_;
};

ValueArray::~ValueArray() {
  std::free(data_);
}

void ValueArray::grow() {
  constexpr std::size_t kFirst = 128;
  const std::size_t wanted = capacity_ == 0 ? kFirst : 2 * capacity_;
  void* grown = std::realloc(static_cast<void*>(data_), wanted * sizeof(Value));
  if (grown == nullptr) {
    throw std::bad_alloc();
  }
  data_ = static_cast<Value*>(grown);
  capacity_ = wanted;
}

Machine::Machine(base::Bytes bytes, const Limits& limits) : bytes_(bytes), limits_(limits) {
  nodes_.reserve(32);
  kept_.reserve(128);
  marks_.reserve(16);
  Node opaque;
  opaque.total = UINT32_MAX;
  nodes_.push_back(opaque);
  nodes_.push_back(Node{});
}

Run Machine::run(std::uint64_t begin, bool keep_memo, Observer& observer) {
  stack_.clear();
  marks_.clear();
  if (!keep_memo) {
    memo_.clear();
    far_memo_.clear();
    large_memo_.clear();
    memo_size_ = 0;
    frame_end_ = 0;
  }
  return Executor(*this, std::min<std::uint64_t>(begin, bytes_.size()), observer).execute();
}

const Global* Machine::maker(Value value) const {
  std::uint64_t index = 0;
  if (value.kind() == Kind::global) {
    index = value.payload() + 1;
  } else if (value.kind() == Kind::call || value.kind() == Kind::object) {
    index = value.payload() & kGlobalMask;
  }
  return index == 0 || index > globals_.size() ? nullptr : &globals_[index - 1];
}

Value Machine::callee(Value value) const {
  if (value.kind() != Kind::call && value.kind() != Kind::object) {
    return {};
  }
  const std::uint64_t record = value.payload() >> kGlobalBits;
  return record == 0 || record > records_.size() ? Value() : records_[record - 1].callee;
}

Value Machine::arguments(Value value) const {
  if (value.kind() != Kind::call && value.kind() != Kind::object) {
    return {};
  }
  const std::uint64_t record = value.payload() >> kGlobalBits;
  return record == 0 || record > records_.size() ? Value() : records_[record - 1].arguments;
}

base::Bytes Machine::raw(Value value) const {
  if (!is_constant(value.kind())) {
    return {};
  }
  // The bytes were there when the opcode was carried out.
  const auto at = static_cast<std::size_t>(value.payload());
  base::ByteCursor in(bytes_.subspan(at), at);
  const auto code = in.le<std::uint8_t>("opcode");
  if (!code) {
    return {};
  }
  std::uint64_t length = 0;
  switch (kArguments[*code]) {
    case Argument::u1:
      length = 1;
      break;
    case Argument::u2:
      length = 2;
      break;
    case Argument::i4:
    case Argument::u4:
      length = 4;
      break;
    case Argument::u8:
    case Argument::f8:
      length = 8;
      break;
    case Argument::bytes_u1:
      if (const auto n = in.le<std::uint8_t>("length")) {
        length = *n;
      }
      break;
    case Argument::bytes_u4:
    case Argument::bytes_i4:
      if (const auto n = in.le<std::uint32_t>("length")) {
        length = *n;
      }
      break;
    case Argument::bytes_u8:
      if (const auto n = in.le<std::uint64_t>("length")) {
        length = *n;
      }
      break;
    case Argument::line:
    case Argument::two_lines:
      if (const auto text = in.line(in.remaining(), "line")) {
        return base::as_bytes(*text);
      }
      return {};
    case Argument::none:
    case Argument::invalid:
      return {};
  }
  const auto bytes = in.take(length, "constant");
  return bytes ? *bytes : base::Bytes();
}

std::optional<std::string> Machine::text(Value value) const {
  if (value.kind() != Kind::text) {
    return std::nullopt;
  }
  const std::string_view bytes = base::as_text(raw(value));
  const auto code = std::to_integer<std::uint8_t>(bytes_[static_cast<std::size_t>(value.payload())]);
  if (code == kUnicode) {
    return decode_raw_unicode(bytes);
  }
  if (code == kString) {
    std::string_view quoted = bytes;
    while (!quoted.empty() && (quoted.back() == ' ' || quoted.back() == '\r' || quoted.back() == '\t')) {
      quoted.remove_suffix(1);
    }
    return quoted.size() < 2 ? std::string() : decode_escapes(quoted.substr(1, quoted.size() - 2));
  }
  return std::string(bytes);
}

std::optional<std::int64_t> Machine::integer(Value value) const {
  if (value.kind() == Kind::truth || value.kind() == Kind::falsity) {
    return value.kind() == Kind::truth ? 1 : 0;
  }
  if (value.kind() != Kind::integer) {
    return std::nullopt;
  }
  const base::Bytes bytes = raw(value);
  const auto code = std::to_integer<std::uint8_t>(bytes_[static_cast<std::size_t>(value.payload())]);
  if (code == kInt || code == kLong) {
    std::string_view line = base::as_text(bytes);
    if (line.ends_with('L')) {
      line.remove_suffix(1);
    }
    return decimal(line);
  }
  if (bytes.size() > 8) {
    return std::nullopt;
  }
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    number |= std::to_integer<std::uint64_t>(bytes[i]) << (8 * i);
  }
  const bool is_signed = code == kBinInt || code == kLong1 || code == kLong4;
  if (is_signed && !bytes.empty() && bytes.size() < 8 && (std::to_integer<unsigned>(bytes.back()) & 0x80) != 0) {
    number |= ~0ULL << (8 * bytes.size());
  }
  return static_cast<std::int64_t>(number);
}

std::span<const Value> Machine::items(Value container) const {
  if (container.kind() < Kind::list || container.kind() > Kind::frozen_set) {
    return {};
  }
  const Node& node = nodes_[container.payload()];
  return std::span<const Value>(kept_).subspan(node.begin, node.kept);
}

std::uint64_t Machine::size(Value container) const {
  if (container.kind() < Kind::list || container.kind() > Kind::frozen_set) {
    return UINT64_MAX;
  }
  return nodes_[container.payload()].total;
}

std::span<const std::pair<Value, Value>> Machine::dunder_keys(Value dict) const {
  if (dict.kind() != Kind::dict) {
    return {};
  }
  const auto found = dunder_keys_.find(dict.payload());
  return found == dunder_keys_.end() ? std::span<const std::pair<Value, Value>>() : found->second;
}

void Machine::describe_into(Value value, std::string& out, std::size_t max_bytes, int depth) const {
  if (out.size() >= max_bytes || depth > 6) {
    out += "…";
    return;
  }
  const auto list = [&](std::string_view open, std::string_view close, bool pairs) {
    out += open;
    const std::span<const Value> values = items(value);
    for (std::size_t i = 0; i < values.size() && out.size() < max_bytes; ++i) {
      if (i > 0) {
        out += pairs && i % 2 == 1 ? ": " : ", ";
      }
      describe_into(values[i], out, max_bytes, depth + 1);
    }
    if (!is_whole(value)) {
      out += values.empty() ? "…" : ", …";
    }
    out += close;
  };
  switch (value.kind()) {
    case Kind::unknown:
    case Kind::buffer:
      out += "?";
      break;
    case Kind::none:
      out += "None";
      break;
    case Kind::truth:
      out += "True";
      break;
    case Kind::falsity:
      out += "False";
      break;
    case Kind::integer:
      if (const auto number = integer(value)) {
        out += std::to_string(*number);
      } else {
        out += "<large number>";
      }
      break;
    case Kind::floating:
      out += "<float>";
      break;
    case Kind::text: {
      const std::string content = text(value).value_or("");
      out += '\'';
      out += base::printable(base::abbreviate(std::string_view(content).substr(0, 4096), 160));
      out += '\'';
      break;
    }
    case Kind::bytes:
    case Kind::byte_array: {
      const std::string_view content = base::as_text(raw(value));
      out += value.kind() == Kind::bytes ? "b'" : "bytearray(b'";
      out += base::printable(content.substr(0, 64));
      out += content.size() > 64 ? "…'" : "'";
      out += value.kind() == Kind::bytes ? "" : ")";
      break;
    }
    case Kind::list:
      list("[", "]", false);
      break;
    case Kind::tuple:
      list("(", size(value) == 1 ? ",)" : ")", false);
      break;
    case Kind::dict:
      list("{", "}", true);
      break;
    case Kind::set:
      list("{", "}", false);
      break;
    case Kind::frozen_set:
      list("frozenset({", "})", false);
      break;
    case Kind::global: {
      const Global* global = maker(value);
      if (global != nullptr) {
        out += base::printable(base::abbreviate(global->module, 80)) + "." +
               base::printable(base::abbreviate(global->name, 80));
      }
      break;
    }
    case Kind::call:
    case Kind::object: {
      const Value target = callee(value);
      if (target.kind() == Kind::unknown) {
        const Global* global = maker(value);
        out += global == nullptr ? "?" : base::printable(global->module + "." + global->name);
      } else {
        describe_into(target, out, max_bytes, depth + 1);
      }
      const Value given = arguments(value);
      if (given.kind() == Kind::tuple && is_whole(given)) {
        out += '(';
        const std::span<const Value> values = items(given);
        for (std::size_t i = 0; i < values.size() && out.size() < max_bytes; ++i) {
          out += i == 0 ? "" : ", ";
          describe_into(values[i], out, max_bytes, depth + 1);
        }
        out += ')';
      } else {
        out += "(…)";
      }
      break;
    }
    case Kind::persistent:
      out += "<persistent object>";
      break;
    case Kind::extension:
      out += "<extension " + std::to_string(value.payload()) + ">";
      break;
  }
}

std::string Machine::describe(Value value, std::size_t max_bytes) const {
  std::string out;
  describe_into(value, out, max_bytes, 0);
  return base::abbreviate(out, max_bytes + 64);
}

std::optional<std::uint64_t> find_hidden(base::Bytes bytes, std::uint64_t from, std::uint64_t& budget) {
  const std::string_view text = base::as_text(bytes);
  const auto is_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
  };
  const auto fits = [&](std::size_t at, bool with_use) {
    if (budget == 0) {
      return false;
    }
    const Probe found = probe(bytes.subspan(at), 512);
    budget -= std::min(budget, found.opcodes + std::min<std::uint64_t>(found.length, 1U << 20) / 64 + 1);
    // An extension code alone is a matter of three bytes, which weights hold by accident.
    return found.pickle && found.names_callable && found.certain && (!with_use || found.stopped || found.opcodes > 4) &&
           !found.by_extension;
  };
  // Three searches of one byte each keep their next hit, so that every byte is looked at three times by memchr.
  const auto next = [&](char c, std::size_t at) {
    if (at >= text.size() || budget == 0) {
      return std::string_view::npos;
    }
    const void* hit = std::memchr(text.data() + at, c, text.size() - at);
    return hit == nullptr ? std::string_view::npos
                          : static_cast<std::size_t>(static_cast<const char*>(hit) - text.data());
  };
  std::size_t best = std::string_view::npos;
  constexpr char kProtoByte = static_cast<char>(0x80);
  constexpr char kStackGlobalByte = static_cast<char>(0x93);
  for (std::size_t at = next(kProtoByte, static_cast<std::size_t>(from)); at < best; at = next(kProtoByte, at + 1)) {
    if (at + 3 < text.size() && static_cast<unsigned char>(text[at + 1]) <= kHighestProtocol && fits(at, false)) {
      best = at;
    }
  }
  for (const char opening : {'c', '('}) {
    for (std::size_t at = next(opening, static_cast<std::size_t>(from)); at < best; at = next(opening, at + 1)) {
      if (at + 8 >= text.size()) {
        break;
      }
      // c MODULE \n NAME \n; or '(' with a GLOBAL or INST within a few bytes.
      if (opening == 'c') {
        std::size_t end = at + 1;
        while (end < text.size() && end - at < 80 && is_name(text[end])) {
          ++end;
        }
        if (end == at + 1 || end >= text.size() || text[end] != '\n') {
          continue;
        }
        std::size_t second = end + 1;
        while (second < text.size() && second - end < 80 && is_name(text[second])) {
          ++second;
        }
        if (second == end + 1 || second >= text.size() || text[second] != '\n') {
          continue;
        }
        if (fits(at, true)) {
          best = at;
        }
      } else if (text[at + 1] == 'S' || text[at + 1] == 'V' || text[at + 1] == 'c' || text[at + 1] == 'X' ||
                 text[at + 1] == 'U') {
        if (fits(at, true)) {
          best = at;
        }
      }
    }
  }
  for (std::size_t at = next(kStackGlobalByte, static_cast<std::size_t>(from)); at < best;
       at = next(kStackGlobalByte, at + 1)) {
    const char before = at > from ? text[at - 1] : '\0';
    if (!is_name(before) && before != static_cast<char>(0x94)) {
      continue;
    }
    const std::size_t earliest = at - static_cast<std::size_t>(std::min<std::uint64_t>(at - from, 160));
    for (std::size_t start = earliest; start < at; ++start) {
      const char c = text[start];
      if ((c == static_cast<char>(0x8c) || c == 'X' || c == 'U' || c == 'V' || c == 'S') && fits(start, true)) {
        best = std::min(best, start);
        break;
      }
    }
  }
  return best == std::string_view::npos ? std::nullopt : std::optional<std::uint64_t>(best);
}

}  // namespace formats::pickle
