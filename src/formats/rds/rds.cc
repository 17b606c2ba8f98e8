#include "formats/rds/rds.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <optional>
#include <unordered_map>

namespace formats::rds {
namespace {

using base::ByteCursor;
using base::Errc;
using base::Result;

constexpr std::uint32_t kHasObject = 1U << 8;
constexpr std::uint32_t kHasAttribute = 1U << 9;
constexpr std::uint32_t kHasTag = 1U << 10;
constexpr std::uint32_t kActiveBinding = 1U << (12 + 15);  // gp bit 15
constexpr std::uint32_t kReference = 255;
constexpr std::uint32_t kNilValue = 254;
constexpr std::uint32_t kBytecodeDefinition = 244;
constexpr std::uint32_t kBytecodeReference = 243;
constexpr std::uint32_t kLanguageWithAttribute = 240;
constexpr std::uint32_t kPairListWithAttribute = 239;

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/// Numbers and strings in one of the three forms.
class Source {
 public:
  Source(ByteCursor in, char form) : in_(in), form_(form) {}

  Result<std::int32_t> integer(std::string_view field) {
    switch (form_) {
      case 'X':
        return std::bit_cast<std::int32_t>(TRY(in_.be<std::uint32_t>(field)));
      case 'B':
        return std::bit_cast<std::int32_t>(TRY(in_.le<std::uint32_t>(field)));
      default:
        break;
    }
    const std::string_view word = TRY(next_word(field));
    if (word == "NA") {
      return INT32_MIN;
    }
    std::int32_t value = 0;
    const auto [rest, code] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (code != std::errc{} || rest != word.data() + word.size()) {
      return in_.fail(Errc::malformed, field, "not a whole number");
    }
    return value;
  }

  Result<void> skip_numbers(std::uint64_t count, std::uint64_t width, std::string_view field) {
    if (form_ != 'A') {
      if (count > in_.remaining() / width) {
        return in_.fail(Errc::truncated, field, std::to_string(count) + " elements cannot fit");
      }
      return in_.skip(count * width, field);
    }
    const std::uint64_t words = width == 16 ? count * 2 : count;
    if (words > in_.remaining()) {
      return in_.fail(Errc::truncated, field, std::to_string(count) + " elements cannot fit");
    }
    for (std::uint64_t i = 0; i < words; ++i) {
      TRY(next_word(field));
    }
    return {};
  }

  Result<std::string> text(std::uint64_t size, std::uint64_t max, std::string_view field) {
    if (size > max) {
      return in_.fail(Errc::too_large, field, std::to_string(size) + " bytes");
    }
    if (form_ != 'A') {
      return std::string(base::as_text(TRY(in_.take(size, field))));
    }
    skip_spaces();
    std::string out;
    while (out.size() < size) {
      char c = static_cast<char>(TRY(in_.le<std::uint8_t>(field)));
      if (c == '\\') {
        c = static_cast<char>(TRY(in_.le<std::uint8_t>(field)));
        switch (c) {
          case 'n':
            c = '\n';
            break;
          case 't':
            c = '\t';
            break;
          case 'v':
            c = '\v';
            break;
          case 'b':
            c = '\b';
            break;
          case 'r':
            c = '\r';
            break;
          case 'f':
            c = '\f';
            break;
          case 'a':
            c = '\a';
            break;
          default:
            if (c >= '0' && c <= '7') {
              int value = c - '0';
              for (int digits = 1; digits < 3; ++digits) {
                ByteCursor ahead = in_;
                const auto next = ahead.le<std::uint8_t>(field);
                if (!next || *next < '0' || *next > '7') {
                  break;
                }
                value = value * 8 + (*next - '0');
                in_ = ahead;
              }
              c = static_cast<char>(value);
            }
        }
      }
      out.push_back(c);
    }
    return out;
  }

  Result<void> skip_raw(std::uint64_t count, std::string_view field) { return skip_numbers(count, 1, field); }
  [[nodiscard]] std::uint64_t offset() const { return in_.offset(); }
  [[nodiscard]] std::uint64_t remaining() const { return in_.remaining(); }
  void skip_end() {
    if (form_ == 'A') {
      skip_spaces();
    }
  }
  [[nodiscard]] base::Error fail(Errc code, std::string_view field, std::string_view reason) const {
    return in_.fail(code, field, reason);
  }

 private:
  void skip_spaces() {
    const std::string_view rest = base::as_text(in_.rest());
    std::size_t at = 0;
    while (at < rest.size() && is_space(rest[at])) {
      ++at;
    }
    (void)in_.skip(at, "space");
  }
  Result<std::string_view> next_word(std::string_view field) {
    skip_spaces();
    const std::string_view rest = base::as_text(in_.rest());
    std::size_t end = 0;
    while (end < rest.size() && end < 100 && !is_space(rest[end])) {
      ++end;
    }
    if (end == 0) {
      return in_.fail(Errc::truncated, field, "the text ends");
    }
    return base::as_text(TRY(in_.take(end, field)));
  }

  ByteCursor in_;
  char form_;
};

class Parser {
 public:
  Parser(Object& object, Source source, const Limits& limits) : object_(object), in_(source), limits_(limits) {}

  Result<void> parse() {
    object_.nodes.emplace_back();  // NULL
    object_.nodes.emplace_back();  // holds the root as its head, so that every place is one of a node
    push({Step::item, 1, Field::head});
    while (!tasks_.empty()) {
      if (tasks_.size() > limits_.max_open) {
        return in_.fail(Errc::too_large, "depth", "objects within objects");
      }
      const Task task = tasks_.back();
      tasks_.pop_back();
      TRY(run(task));
      object_.root = object_.nodes[1].head;
    }
    in_.skip_end();
    object_.length = in_.offset();
    return {};
  }

 private:
  enum class Field : std::uint8_t { head, tail, tag, attribute, child };
  enum class Step : std::uint8_t { item, elements, strings, bytecode, constants, language };
  struct Task {
    Step step = Step::item;
    Index node = 0;
    Field field = Field::head;
    std::uint64_t left = 0;   // elements to come; the code of a language item
    std::uint64_t place = 0;  // of a child
  };

  void push(Task task) { tasks_.push_back(task); }
  void set(const Task& task, Index value) {
    Node& node = object_.nodes[task.node];
    switch (task.field) {
      case Field::head:
        node.head = value;
        break;
      case Field::tail:
        node.tail = value;
        break;
      case Field::tag:
        node.tag = value;
        break;
      case Field::attribute:
        node.attribute = value;
        break;
      case Field::child:
        object_.children[static_cast<std::size_t>(task.place)] = value;
        break;
    }
  }
  Result<Index> add(Type type) {
    if (object_.nodes.size() >= limits_.max_nodes) {
      return in_.fail(Errc::too_large, "objects", "more than " + std::to_string(limits_.max_nodes));
    }
    Node& node = object_.nodes.emplace_back();
    node.type = type;
    node.offset = in_.offset();
    return static_cast<Index>(object_.nodes.size() - 1);
  }
  Result<std::uint64_t> length(std::string_view field) {
    const std::int32_t value = TRY(in_.integer(field));
    if (value >= 0) {
      return static_cast<std::uint64_t>(value);
    }
    if (value != -1) {
      return in_.fail(Errc::malformed, field, "negative");
    }
    const std::int32_t high = TRY(in_.integer(field));
    const std::int32_t low = TRY(in_.integer(field));
    if (high < 0 || high > 65536) {
      return in_.fail(Errc::malformed, field, "above 2^48");
    }
    return static_cast<std::uint64_t>(high) << 32 | static_cast<std::uint32_t>(low);
  }

  Result<void> run(const Task& task) {
    switch (task.step) {
      case Step::item:
        return read_item(task);
      case Step::elements:
        return read_element(task);
      case Step::strings:
        return read_strings(task);
      case Step::bytecode:
        return read_bytecode(task.node);
      case Step::constants:
        return read_constants(task);
      case Step::language:
        return read_language(task);
    }
    return {};
  }

  /// Reserves places for `count` children of `node`.
  Result<void> open_children(Index node, std::uint64_t count, std::string_view field) {
    // Every element takes two bytes at least, also in ASCII.
    if (count > in_.remaining() / 2) {
      return in_.fail(Errc::truncated, field, std::to_string(count) + " elements cannot fit");
    }
    if (count + object_.children.size() > limits_.max_nodes) {
      return in_.fail(Errc::too_large, field, std::to_string(count) + " elements");
    }
    object_.nodes[node].first_child = static_cast<Index>(object_.children.size());
    object_.nodes[node].children = static_cast<std::uint32_t>(count);
    object_.children.resize(object_.children.size() + static_cast<std::size_t>(count));
    return {};
  }

  Result<void> read_element(const Task& task) {
    if (task.left == 0) {
      return {};
    }
    push({Step::elements, task.node, Field::child, task.left - 1, task.place + 1});
    push({Step::item, task.node, Field::child, 0, task.place});
    return {};
  }

  /// The elements of a vector of strings follow each other, so that no stack is needed.
  Result<void> read_strings(const Task& task) {
    for (std::uint64_t i = 0; i < task.left; ++i) {
      const auto flags = static_cast<std::uint32_t>(TRY(in_.integer("string")));
      const std::uint32_t code = flags & 0xFF;
      if (code != kChar) {
        return in_.fail(Errc::malformed, "string", "an element of type " + std::to_string(code));
      }
      std::string text = TRY(characters());
      if (i < object_.nodes[task.node].children) {
        const Index one = TRY(add(kChar));
        object_.nodes[one].text = std::move(text);
        object_.children[static_cast<std::size_t>(object_.nodes[task.node].first_child + i)] = one;
      }
      if ((flags & kHasAttribute) != 0) {
        return in_.fail(Errc::malformed, "string", "with attributes");
      }
    }
    return {};
  }

  Result<std::string> characters() {
    const std::int32_t size = TRY(in_.integer("length of characters"));
    if (size == -1) {
      return std::string();  // NA
    }
    if (size < 0) {
      return in_.fail(Errc::malformed, "length of characters", "negative");
    }
    return in_.text(static_cast<std::uint64_t>(size), limits_.max_text_bytes, "characters");
  }

  /// A vector of strings without flags of its own, as namespaces have.
  Result<void> read_names(Index node) {
    if (TRY(in_.integer("names")) != 0) {
      return in_.fail(Errc::malformed, "names", "of the names of persistent strings are not known");
    }
    const std::int32_t count = TRY(in_.integer("number of names"));
    if (count < 0) {
      return in_.fail(Errc::malformed, "number of names", "negative");
    }
    TRY(open_children(node, static_cast<std::uint64_t>(count), "names"));
    push({Step::elements, node, Field::child, static_cast<std::uint64_t>(count), object_.nodes[node].first_child});
    return {};
  }

  Result<void> read_item(const Task& task) {
    const auto flags = static_cast<std::uint32_t>(TRY(in_.integer("flags")));
    const std::uint32_t code = flags & 0xFF;
    switch (code) {
      case kNilValue:
      case kNil:
        set(task, 0);
        return {};
      case kReference: {
        std::int64_t index = flags >> 8;
        if (index == 0) {
          index = TRY(in_.integer("reference"));
        }
        if (index < 1 || static_cast<std::uint64_t>(index) > references_.size()) {
          return in_.fail(Errc::malformed, "reference",
                          "to object " + std::to_string(index) + " of " + std::to_string(references_.size()));
        }
        set(task, references_[static_cast<std::size_t>(index - 1)]);
        return {};
      }
      default:
        break;
    }
    const Index at = TRY(add(static_cast<Type>(code)));
    set(task, at);
    object_.nodes[at].object = (flags & kHasObject) != 0;
    object_.nodes[at].active = (flags & kActiveBinding) != 0;
    const bool attribute = (flags & kHasAttribute) != 0;
    switch (code) {
      case kBaseEnvironment:
      case kEmptyEnvironment:
      case kBaseNamespace:
      case kMissing:
      case kUnbound:
      case kGlobalEnvironment:
        return {};
      case kPersistent:
      case kPackage:
      case kNamespace:
        references_.push_back(at);
        return read_names(at);
      case kEnvironment:
        TRY(in_.integer("lock"));
        references_.push_back(at);
        push({Step::item, at, Field::attribute});
        push({Step::item, at, Field::tail});
        push({Step::item, at, Field::head});
        push({Step::item, at, Field::tag});
        return {};
      case kPairList:
      case kClosure:
      case kPromise:
      case kLanguage:
      case kDots:
        push({Step::item, at, Field::tail});
        push({Step::item, at, Field::head});
        if ((flags & kHasTag) != 0) {
          push({Step::item, at, Field::tag});
        }
        if (attribute) {
          push({Step::item, at, Field::attribute});
        }
        return {};
      case kSymbol:
        references_.push_back(at);
        push({Step::item, at, Field::head});
        return {};
      case kAltrep:
        push({Step::item, at, Field::attribute});
        push({Step::item, at, Field::tail});
        push({Step::item, at, Field::head});
        return {};
      default:
        break;
    }
    if (attribute) {
      push({Step::item, at, Field::attribute});  // after everything else
    }
    switch (code) {
      case kExternalPointer:
        references_.push_back(at);
        push({Step::item, at, Field::tag});
        push({Step::item, at, Field::head});
        return {};
      case kWeakReference:
        references_.push_back(at);
        return {};
      case kSpecial:
      case kBuiltin: {
        const std::uint64_t size = TRY(length("name"));
        object_.nodes[at].text = TRY(in_.text(size, 8192, "name"));
        return {};
      }
      case kChar: {
        std::string text = TRY(characters());
        object_.nodes[at].text = std::move(text);
        return {};
      }
      case kLogical:
      case kInteger:
      case kReal:
      case kComplex: {
        const std::uint64_t count = TRY(length("vector"));
        object_.nodes[at].length = count;
        return in_.skip_numbers(count, code == kReal ? 8 : code == kComplex ? 16 : 4, "vector");
      }
      case kRaw: {
        const std::uint64_t count = TRY(length("raw vector"));
        object_.nodes[at].length = count;
        return in_.skip_raw(count, "raw vector");
      }
      case kString: {
        const std::uint64_t count = TRY(length("strings"));
        object_.nodes[at].length = count;
        if (count > in_.remaining() / 2) {
          return in_.fail(Errc::truncated, "strings", std::to_string(count) + " elements cannot fit");
        }
        TRY(open_children(at, std::min(count, limits_.kept_strings), "strings"));
        push({Step::strings, at, Field::child, count});
        return {};
      }
      case kList:
      case kExpression: {
        const std::uint64_t count = TRY(length("list"));
        object_.nodes[at].length = count;
        TRY(open_children(at, count, "list"));
        push({Step::elements, at, Field::child, count, object_.nodes[at].first_child});
        return {};
      }
      case kBytecode:
        TRY(in_.integer("repeated constants"));
        push({Step::bytecode, at});
        return {};
      case kS4:
        return {};
      default:
        return in_.fail(Errc::malformed, "flags", "no object is of type " + std::to_string(code));
    }
  }

  Result<void> read_bytecode(Index node) {
    push({Step::constants, node});
    push({Step::item, node, Field::head});  // the code, a vector of whole numbers
    return {};
  }

  Result<void> read_constants(const Task& task) {
    std::uint64_t left = task.left;
    std::uint64_t place = task.place;
    if (task.field != Field::child) {
      const std::int32_t count = TRY(in_.integer("constants"));
      if (count < 0) {
        return in_.fail(Errc::malformed, "constants", "negative");
      }
      TRY(open_children(task.node, static_cast<std::uint64_t>(count), "constants"));
      left = static_cast<std::uint64_t>(count);
      place = object_.nodes[task.node].first_child;
    }
    if (left == 0) {
      return {};
    }
    push({Step::constants, task.node, Field::child, left - 1, place + 1});
    const std::int32_t type = TRY(in_.integer("constant"));
    if (type == kBytecode) {
      const Index inner = TRY(add(kBytecode));
      object_.children[static_cast<std::size_t>(place)] = inner;
      return read_bytecode(inner);
    }
    return language_code(type, {Step::item, task.node, Field::child, 0, place});
  }

  /// An item within bytecode whose code was read already: `slot` says where it goes.
  Result<void> language_code(std::int32_t code, Task slot) {
    if (code == static_cast<std::int32_t>(kBytecodeReference)) {
      const std::int32_t index = TRY(in_.integer("repeated constant"));
      const auto found = repeated_.find(index);
      set(slot, found == repeated_.end() ? 0 : found->second);
      return {};
    }
    std::int32_t definition = -1;
    if (code == static_cast<std::int32_t>(kBytecodeDefinition)) {
      definition = TRY(in_.integer("repeated constant"));
      code = TRY(in_.integer("constant"));
    }
    const bool attribute = code == static_cast<std::int32_t>(kLanguageWithAttribute) ||
                           code == static_cast<std::int32_t>(kPairListWithAttribute);
    const bool language = code == kLanguage || code == static_cast<std::int32_t>(kLanguageWithAttribute);
    if (language || attribute || code == kPairList) {
      const Index at = TRY(add(language ? kLanguage : kPairList));
      if (definition >= 0) {
        repeated_.insert_or_assign(definition, at);
      }
      set(slot, at);
      push({Step::language, at, Field::tail});
      push({Step::language, at, Field::head});
      push({Step::item, at, Field::tag});
      if (attribute) {
        push({Step::item, at, Field::attribute});
      }
      return {};
    }
    slot.step = Step::item;
    push(slot);
    return {};
  }

  Result<void> read_language(const Task& task) {
    const std::int32_t code = TRY(in_.integer("constant"));
    return language_code(code, {Step::item, task.node, task.field, 0, task.place});
  }

  Object& object_;
  Source in_;
  const Limits& limits_;
  std::vector<Task> tasks_;
  std::vector<Index> references_;
  std::unordered_map<std::int32_t, Index> repeated_;
};

struct Head {
  bool workspace = false;
  char form = 0;
  std::uint64_t length = 0;
};

/// "RDX3\n" where it is a workspace, then "X\n".
std::optional<Head> read_head(base::Bytes content) {
  std::string_view text = base::as_text(content.first(std::min<std::size_t>(content.size(), 16)));
  Head head;
  const std::size_t whole = text.size();
  if (text.size() >= 5 && text.starts_with("RD") && (text[2] == 'X' || text[2] == 'A' || text[2] == 'B') &&
      (text[3] == '2' || text[3] == '3') && text[4] == '\n') {
    head.workspace = true;
    text.remove_prefix(5);
  }
  if (text.size() < 2 || text[1] != '\n' || (text[0] != 'X' && text[0] != 'A' && text[0] != 'B')) {
    return std::nullopt;
  }
  head.form = text[0];
  head.length = whole - text.size() + 2;
  return head;
}

struct Opening {
  std::int32_t version = 0;
  std::int32_t writer = 0;
  std::int32_t reader = 0;
};

Result<Opening> read_opening(Source& in) {
  Opening out;
  out.version = TRY(in.integer("version"));
  out.writer = TRY(in.integer("version of the writer"));
  out.reader = TRY(in.integer("version of the reader"));
  if (out.version == 3) {
    const std::int32_t size = TRY(in.integer("length of the encoding"));
    if (size < 0 || size > 63) {
      return in.fail(Errc::malformed, "length of the encoding", std::to_string(size));
    }
    TRY(in.text(static_cast<std::uint64_t>(size), 64, "encoding"));
  }
  return out;
}

}  // namespace

base::Result<Object> parse(base::Bytes content, const Limits& limits, Object* partial) {
  const auto head = read_head(content);
  if (!head) {
    return base::Error{Errc::unsupported, "R object: no magic", 0};
  }
  Object object;
  object.workspace = head->workspace;
  object.form = head->form;
  Source source(ByteCursor(content.subspan(static_cast<std::size_t>(head->length)), head->length), head->form);
  const Opening opening = TRY(read_opening(source));
  if (opening.version != 2 && opening.version != 3) {
    return source.fail(Errc::unsupported, "R object", "version " + std::to_string(opening.version));
  }
  object.version = static_cast<std::uint32_t>(opening.version);
  const auto read = Parser(object, source, limits).parse();
  if (!read) {
    if (partial != nullptr) {
      *partial = std::move(object);
    }
    return read.error();
  }
  return object;
}

bool looks_like_object(base::Bytes content) {
  const auto head = read_head(content);
  if (!head) {
    return false;
  }
  Source source(ByteCursor(content.subspan(static_cast<std::size_t>(head->length))), head->form);
  const auto opening = read_opening(source);
  // Versions of R are 0xMMmmpp; the first that wrote version 2 was 1.4.
  return opening && opening->version >= 2 && opening->version <= 3 && opening->writer >= 0x010000 &&
         opening->writer < 0x100000 && opening->reader >= 0x010000 && opening->reader < 0x100000;
}

}  // namespace formats::rds
