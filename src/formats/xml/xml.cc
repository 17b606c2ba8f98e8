#include "formats/xml/xml.h"

#include <expat.h>

#include <algorithm>
#include <climits>
#include <memory>
#include <unordered_map>

#include "base/text.h"

namespace formats::xml {
namespace {

constexpr char kSeparator = '\n';  // between namespace and name; no name holds one
constexpr std::size_t kBlockBytes = 1U << 20;

struct ParserDeleter {
  void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
};
using ParserPointer = std::unique_ptr<std::remove_pointer_t<XML_Parser>, ParserDeleter>;

std::string_view view(const XML_Char* text) {
  return text == nullptr ? std::string_view() : std::string_view(text);
}

std::pair<std::string_view, std::string_view> split_name(const XML_Char* name) {
  const std::string_view whole(name);
  const std::size_t at = whole.rfind(kSeparator);
  return at == std::string_view::npos ? std::pair(std::string_view(), whole)
                                      : std::pair(whole.substr(0, at), whole.substr(at + 1));
}

/// One pass of expat over the bytes.
class Reader {
 public:
  Reader(Document& document, Visitor& visitor) : document_(document), visitor_(visitor) {}

  void read(base::Bytes content) {
    parser_.reset(XML_ParserCreateNS(nullptr, kSeparator));
    if (parser_ == nullptr) {
      document_.problems.push_back({base::Errc::io, "XML: no parser"});
      return;
    }
    XML_Parser parser = parser_.get();
    XML_SetUserData(parser, this);
    XML_SetElementHandler(parser, start, finish);
    XML_SetCharacterDataHandler(parser, characters);
    XML_SetProcessingInstructionHandler(parser, instruction);
    XML_SetDoctypeDeclHandler(parser, doctype, nullptr);
    XML_SetEntityDeclHandler(parser, entity);
    XML_SetXmlDeclHandler(parser, declaration);
    XML_SetUnknownEncodingHandler(parser, encoding, this);
    // With a default handler of this kind expat tells references instead of expanding them.
    XML_SetDefaultHandler(parser, other);
    // The handler says yes to each file and reads none.
    XML_SetParamEntityParsing(parser, XML_PARAM_ENTITY_PARSING_NEVER);
    XML_SetExternalEntityRefHandler(parser, external);
    for (std::size_t at = 0; at <= content.size();) {
      const std::size_t size = std::min(kBlockBytes, content.size() - at);
      const bool last = at + size == content.size();
      if (XML_Parse(parser, reinterpret_cast<const char*>(content.data()) + at, static_cast<int>(size),
                    last ? XML_TRUE : XML_FALSE) != XML_STATUS_OK) {
        fail();
        break;
      }
      at += size;
      if (last) {
        break;
      }
    }
  }

  bool first_only = false;

 private:
  static Reader& self(void* data) { return *static_cast<Reader*>(data); }
  [[nodiscard]] std::uint64_t offset() const {
    const XML_Index at = XML_GetCurrentByteIndex(parser_.get());
    return at < 0 ? 0 : static_cast<std::uint64_t>(at);
  }
  void stop(base::Errc code, std::string text) {
    if (!stopped_) {
      document_.problems.push_back({code, std::move(text), offset()});
    }
    stopped_ = true;
    XML_StopParser(parser_.get(), XML_FALSE);
  }
  void fail() {
    const XML_Error code = XML_GetErrorCode(parser_.get());
    if (stopped_ || code == XML_ERROR_ABORTED) {
      return;
    }
    base::Errc kind = base::Errc::malformed;
    if (code == XML_ERROR_NO_ELEMENTS || code == XML_ERROR_UNCLOSED_TOKEN || code == XML_ERROR_PARTIAL_CHAR ||
        code == XML_ERROR_UNCLOSED_CDATA_SECTION) {
      kind = base::Errc::truncated;
    } else if (code == XML_ERROR_UNKNOWN_ENCODING) {
      kind = base::Errc::unsupported;
    } else if (code == XML_ERROR_AMPLIFICATION_LIMIT_BREACH || code == XML_ERROR_NO_MEMORY) {
      kind = base::Errc::too_large;
    }
    document_.problems.push_back({kind, "XML: " + std::string(view(XML_ErrorString(code))), offset()});
  }

  static void XMLCALL start(void* data, const XML_Char* name, const XML_Char** attributes) {
    Reader& me = self(data);
    if (++me.depth_ > kMaxDepth) {
      me.stop(base::Errc::too_large, "XML: elements nested deeper than " + std::to_string(kMaxDepth));
      return;
    }
    if (++me.elements_ > kMaxElements) {
      me.stop(base::Errc::too_large, "XML: more than " + std::to_string(kMaxElements) + " elements");
      return;
    }
    me.attributes_.clear();
    for (; attributes != nullptr && *attributes != nullptr; attributes += 2) {
      const auto [space, local] = split_name(attributes[0]);
      me.attributes_.push_back({local, space, view(attributes[1])});
    }
    const auto [space, local] = split_name(name);
    me.visitor_.element(space, local, me.attributes_, me.offset());
    if (me.first_only) {
      me.stopped_ = true;
      XML_StopParser(me.parser_.get(), XML_FALSE);
    }
  }
  static void XMLCALL finish(void* data, const XML_Char* name) {
    Reader& me = self(data);
    --me.depth_;
    me.visitor_.end(split_name(name).second);
  }
  static void XMLCALL characters(void* data, const XML_Char* text, int length) {
    self(data).visitor_.text({text, static_cast<std::size_t>(length)});
  }
  static void XMLCALL instruction(void* data, const XML_Char* target, const XML_Char* text) {
    Reader& me = self(data);
    me.visitor_.instruction(view(target), view(text), me.offset());
  }
  static void XMLCALL doctype(void* data, const XML_Char* name, const XML_Char* system, const XML_Char* public_id,
                              int internal) {
    Reader& me = self(data);
    me.document_.doctype = {
        true,       std::string(view(name)), std::string(view(system)), std::string(view(public_id)), internal != 0,
        me.offset()};
  }
  static void XMLCALL entity(void* data, const XML_Char* name, int parameter, const XML_Char* value, int length,
                             const XML_Char* /*base*/, const XML_Char* system, const XML_Char* public_id,
                             const XML_Char* /*notation*/) {
    Reader& me = self(data);
    if (me.document_.entities.size() >= kMaxEntities) {
      me.stop(base::Errc::too_large, "XML: more than " + std::to_string(kMaxEntities) + " entities");
      return;
    }
    Entity one;
    one.name = view(name);
    one.parameter = parameter != 0;
    one.external = value == nullptr;
    if (value != nullptr) {
      one.value.assign(value, static_cast<std::size_t>(std::max(length, 0)));
    }
    one.system_id = view(system);
    one.public_id = view(public_id);
    one.offset = me.offset();
    me.document_.entities.push_back(std::move(one));
  }
  static void XMLCALL declaration(void* data, const XML_Char* version, const XML_Char* name, int /*standalone*/) {
    if (version != nullptr) {
      self(data).document_.declared_encoding = view(name);
    }
  }
  static void XMLCALL other(void* data, const XML_Char* text, int length) {
    const std::string_view raw(text, static_cast<std::size_t>(length));
    if (raw.starts_with('&') && raw.ends_with(';')) {
      ++self(data).document_.references;
    }
  }
  static int XMLCALL external(XML_Parser /*parser*/, const XML_Char* /*context*/, const XML_Char* /*base*/,
                              const XML_Char* /*system*/, const XML_Char* /*public_id*/) {
    return XML_STATUS_OK;
  }
  /// Encodings of one byte a character whose first half is ASCII: the second half is taken for Latin-1, as only names
  /// and code in ASCII are of interest.
  static int XMLCALL encoding(void* data, const XML_Char* name, XML_Encoding* info) {
    const std::string lower = base::to_lower(view(name));
    const bool single = lower.starts_with("windows-125") || lower.starts_with("cp125") ||
                        lower.starts_with("iso-8859-") || lower.starts_with("iso8859") || lower == "latin1" ||
                        lower.starts_with("koi8-") || lower == "macroman" || lower == "macintosh" || lower == "cp850" ||
                        lower == "cp437" || lower == "ascii" || lower == "iso_8859-1";
    if (!single) {
      self(data).document_.declared_encoding = view(name);
      return XML_STATUS_ERROR;
    }
    for (int i = 0; i < 256; ++i) {
      info->map[i] = i;
    }
    for (int i = 0x80; i < 0xA0; ++i) {
      info->map[i] = 0xA0;
    }
    info->data = nullptr;
    info->convert = nullptr;
    info->release = nullptr;
    return XML_STATUS_OK;
  }

  Document& document_;
  Visitor& visitor_;
  ParserPointer parser_;
  std::vector<Attribute> attributes_;
  std::uint64_t depth_ = 0;
  std::uint64_t elements_ = 0;
  bool stopped_ = false;
};

/// How many characters each entity stands for, the largest of them; without expanding any.
class Expansion {
 public:
  explicit Expansion(const std::vector<Entity>& entities) {
    for (const Entity& one : entities) {
      if (!one.external) {
        (void)entities_.try_emplace((one.parameter ? "%" : "&") + one.name, Node{&one, 0, State::unknown});
      }
    }
  }
  std::uint64_t largest() {
    std::uint64_t most = 0;
    for (auto& [name, node] : entities_) {
      most = std::max(most, size_of(node));
    }
    return most;
  }

 private:
  enum class State : std::uint8_t { unknown, open, known };
  struct Node {
    const Entity* entity = nullptr;
    std::uint64_t size = 0;
    State state = State::unknown;
  };
  struct Frame {
    Node* node;
    std::size_t at = 0;
    std::uint64_t size = 0;
  };

  std::uint64_t size_of(Node& first) {
    if (first.state == State::known) {
      return first.size;
    }
    std::vector<Frame> stack{{&first}};
    first.state = State::open;
    while (!stack.empty()) {
      Frame& frame = stack.back();
      const std::string_view value = frame.node->entity->value;
      const std::size_t next = value.find_first_of("&%", frame.at);
      const std::size_t end = next == std::string_view::npos ? next : value.find(';', next);
      if (end == std::string_view::npos) {
        grow(frame.size, value.size() - std::min(frame.at, value.size()));
        frame.node->size = frame.size;
        frame.node->state = State::known;
        const std::uint64_t size = frame.size;
        stack.pop_back();
        if (!stack.empty()) {
          grow(stack.back().size, size);
        }
        continue;
      }
      grow(frame.size, next - frame.at);
      frame.at = end + 1;
      const auto found = entities_.find(std::string(value.substr(next, end - next)));
      if (found == entities_.end()) {
        grow(frame.size, 1);
      } else if (found->second.state == State::known) {
        grow(frame.size, found->second.size);
      } else if (found->second.state == State::open) {
        frame.size = UINT64_MAX;  // within itself
      } else {
        found->second.state = State::open;
        stack.push_back({&found->second});
      }
    }
    return first.size;
  }
  static void grow(std::uint64_t& size, std::uint64_t by) {
    if (__builtin_add_overflow(size, by, &size)) {
      size = UINT64_MAX;
    }
  }

  std::unordered_map<std::string, Node> entities_;
};

struct FirstElement final : Visitor {
  void element(std::string_view space, std::string_view name, const std::vector<Attribute>& /*attributes*/,
               std::uint64_t /*offset*/) override {
    if (found.name.empty()) {
      found = {std::string(name), std::string(space)};
    }
  }
  Root found;
};

}  // namespace

Document read(base::Bytes content, Visitor& visitor) {
  Document document;
  Reader(document, visitor).read(content);
  document.largest_expansion = Expansion(document.entities).largest();
  return document;
}

Root root(base::Bytes content) {
  std::string_view text = base::as_text(content.first(std::min<std::size_t>(content.size(), 256)));
  for (const std::string_view mark : {"\xEF\xBB\xBF", "\xFF\xFE", "\xFE\xFF"}) {
    if (text.starts_with(mark)) {
      text.remove_prefix(mark.size());
    }
  }
  const std::size_t first = text.find_first_not_of(std::string_view(" \t\r\n\0", 5));
  if (first == std::string_view::npos || text[first] != '<') {
    return {};
  }
  Document document;
  FirstElement visitor;
  Reader reader(document, visitor);
  reader.first_only = true;
  reader.read(content.first(std::min<std::size_t>(content.size(), kMaxPrologBytes)));
  visitor.found.unknown_encoding =
      std::any_of(document.problems.begin(), document.problems.end(),
                  [](const base::Error& one) { return one.code == base::Errc::unsupported; });
  return visitor.found;
}

}  // namespace formats::xml
