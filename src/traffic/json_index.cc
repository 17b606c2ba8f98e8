#include "traffic/json_index.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/json.h"
#include "base/text.h"
#include "traffic/thread_kept.h"

namespace traffic {
namespace {

namespace ondemand = simdjson::ondemand;
using base::Errc;
using base::Error;

/// What a thread reuses from one text to the next.
struct Workplace {
  static constexpr std::size_t kKeptKeys = 64U << 10;  ///< More is given back after use.
  ondemand::parser parser;
  std::vector<std::string_view> keys;  ///< Of the maps that are being read.
};

Workplace& workplace() {
  thread_local Workplace kWorkplace;
  return kWorkplace;
}

bool is_white(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

}  // namespace

/// Memory of indexes that are gone, for the next ones of the thread: requests come one after the other, and most are of
/// a size that malloc() is slow for.
struct JsonIndex::Spare {
  static constexpr std::size_t kMostBytes = 256U << 10;  ///< Of one; larger ones are freed.
  static constexpr std::size_t kMostInAll = 2U << 20;
  std::vector<Memory> kept;
  std::size_t bytes = 0;  ///< Of all of them.

  static void take(Memory& memory) {
    if (Spare* const spare = of_thread<Spare>(); spare != nullptr && !spare->kept.empty()) {
      memory = std::move(spare->kept.back());
      spare->kept.pop_back();
      spare->bytes -= memory.bytes();
    }
  }
  static void give(Memory& memory) {
    const std::size_t size = memory.bytes();
    if (size == 0 || size > kMostBytes) {
      return;
    }
    if (Spare* const spare = of_thread<Spare>(); spare != nullptr && spare->bytes + size <= kMostInAll) {
      memory.nodes.clear();
      spare->kept.push_back(std::exchange(memory, {}));
      spare->bytes += size;
    }
  }
};

JsonIndex::~JsonIndex() {
  Spare::give(memory_);
}

JsonIndex& JsonIndex::operator=(JsonIndex&& other) noexcept {
  if (this != &other) {
    Spare::give(memory_);
    memory_ = std::exchange(other.memory_, {});
  }
  return *this;
}

class JsonIndex::Builder {
 public:
  Builder(JsonIndex& index, std::string_view json, const JsonLimits& limits)
      : nodes_(index.memory_.nodes),
        memory_(index.memory_),
        json_(json),
        limits_(limits),
        work_(workplace()),
        keys_(work_.keys) {
    keys_.clear();
  }
  ~Builder() {
    if (keys_.capacity() > Workplace::kKeptKeys) {
      keys_ = {};
    }
  }
  Builder(const Builder&) = delete;
  Builder& operator=(const Builder&) = delete;

  base::Result<void> run() {
    Workplace& work = work_;
    Spare::take(memory_);
    const std::size_t padded = json_.size() + simdjson::SIMDJSON_PADDING;
    if (memory_.text_bytes < padded) {
      memory_.text_bytes = std::max<std::size_t>(padded, 512);
      memory_.texts = std::make_unique_for_overwrite<char[]>(memory_.text_bytes);
    }
    std::memcpy(memory_.texts.get(), json_.data(), json_.size());
    std::memset(memory_.texts.get() + json_.size(), 0, simdjson::SIMDJSON_PADDING);
    text_ = std::string_view(memory_.texts.get(), json_.size());
    nodes_.reserve(std::min<std::size_t>(json_.size() / 24 + 16, 4096));
    // The parser's own bound must lie above ours, or it would answer with another message.
    if (work.parser.capacity() < json_.size() || work.parser.max_depth() < limits_.max_depth + 8) {
      if (const auto code = work.parser.allocate(std::max<std::size_t>(json_.size(), 1U << 16), limits_.max_depth + 8);
          code != simdjson::SUCCESS) {
        return fail(code);
      }
    }
    ondemand::document document;
    if (const auto code =
            work.parser.iterate(text_.data(), text_.size(), text_.size() + simdjson::SIMDJSON_PADDING).get(document);
        code != simdjson::SUCCESS) {
      return fail(code);
    }
    ondemand::value root;
    if (document.get_value().get(root) != simdjson::SUCCESS) {
      return Error{Errc::malformed, "JSON: neither a map nor a list"};
    }
    TRY(read(root, {}, 0, 1));
    const auto end = text_.find_first_not_of(" \n\r\t", nodes_.front().end);
    if (end != std::string_view::npos) {
      return Error{Errc::malformed, "JSON: text after its end", end};
    }
    return {};
  }

 private:
  base::Result<void> read(ondemand::value value, std::string_view key, std::uint32_t parent, std::uint32_t depth) {
    const auto at = static_cast<std::uint32_t>(nodes_.size());
    if (depth > limits_.max_depth) {
      return too_deep();
    }
    if (at >= limits_.max_nodes) {
      return Error{Errc::too_large, "JSON: more than " + std::to_string(limits_.max_nodes) + " values", here_};
    }
    const std::string_view token = value.raw_json_token();
    here_ = static_cast<std::uint32_t>(token.data() - text_.data());
    nodes_.push_back({JsonNode::Kind::null, here_, here_, at + 1, parent, key, {}});
    ondemand::json_type type{};
    if (const auto code = value.type().get(type); code != simdjson::SUCCESS) {
      return fail(code);
    }
    switch (type) {
      case ondemand::json_type::array:
        return read_list(value, at, depth);
      case ondemand::json_type::object:
        return read_map(value, at, depth);
      default:
        return read_scalar(value, type, token, nodes_[at]);
    }
  }

  base::Result<void> read_scalar(ondemand::value& value, ondemand::json_type type, std::string_view token,
                                 JsonNode& node) {
    while (!token.empty() && is_white(token.back())) {
      token.remove_suffix(1);
    }
    node.end = node.begin + static_cast<std::uint32_t>(token.size());
    auto code = simdjson::SUCCESS;
    node.text = text_of_token(token);
    if (type == ondemand::json_type::string) {
      node.kind = JsonNode::Kind::text;
      if (is_plain(token)) {
        node.text = token.substr(1, token.size() - 2);
        code = value.get_raw_json_string().error();
      } else {
        std::string_view text;
        code = value.get_string().get(text);
        if (code == simdjson::SUCCESS) {
          node.text = put(text, node.begin + 1);
        }
      }
    } else if (type == ondemand::json_type::number) {
      node.kind = JsonNode::Kind::number;
      ondemand::number number;
      code = value.get_number().get(number);
      if (code == simdjson::NUMBER_ERROR) {
        return Error{Errc::malformed, "JSON: a number that is malformed or out of range", node.begin};
      }
    } else if (type == ondemand::json_type::boolean) {
      node.kind = JsonNode::Kind::boolean;
      bool flag = false;
      code = value.get_bool().get(flag);
    } else {
      bool is_null = false;
      code = value.is_null().get(is_null);
      if (code == simdjson::SUCCESS && !is_null) {
        return Error{Errc::malformed, "JSON: not a value", node.begin};
      }
    }
    if (code != simdjson::SUCCESS) {
      return fail(code);
    }
    return {};
  }

  base::Result<void> read_list(ondemand::value& value, std::uint32_t at, std::uint32_t depth) {
    ondemand::array list;
    if (const auto code = value.get_array().get(list); code != simdjson::SUCCESS) {
      return fail(code);
    }
    for (auto element : list) {
      ondemand::value child;
      if (const auto code = element.get(child); code != simdjson::SUCCESS) {
        return fail(code);
      }
      TRY(read(child, {}, at, depth + 1));
    }
    return close(at, JsonNode::Kind::list, ']');
  }

  base::Result<void> read_map(ondemand::value& value, std::uint32_t at, std::uint32_t depth) {
    ondemand::object map;
    if (const auto code = value.get_object().get(map); code != simdjson::SUCCESS) {
      return fail(code);
    }
    const std::size_t first_key = keys_.size();
    for (auto member : map) {
      std::string_view key;
      TRY(read_key(member, key));
      keys_.push_back(key);
      ondemand::value child;
      if (const auto code = member.value().get(child); code != simdjson::SUCCESS) {
        return fail(code);
      }
      TRY(read(child, key, at, depth + 1));
    }
    TRY(check_keys(first_key, at));
    keys_.resize(first_key);
    return close(at, JsonNode::Kind::map, '}');
  }

  base::Result<void> read_key(simdjson::simdjson_result<ondemand::field>& member, std::string_view& key) {
    if (member.error() != simdjson::SUCCESS) {
      return fail(member.error());
    }
    // Keys are short, and few have escapes.
    const char* const begin = member.key().value_unsafe().raw();
    const char* const last = text_.data() + text_.size();
    const char* end = begin;
    while (end != last && *end != '"' && *end != '\\') {
      ++end;
    }
    if (end != last && *end == '"') {
      key = {begin, static_cast<std::size_t>(end - begin)};
      return {};
    }
    if (const auto code = member.unescaped_key().get(key); code != simdjson::SUCCESS) {
      return fail(code);
    }
    key = put(key, static_cast<std::size_t>(begin - text_.data()));
    return {};
  }

  // Sorts the keys behind `first` when they are many: linear search of long maps would be a way to keep us busy.
  base::Result<void> check_keys(std::size_t first, std::uint32_t at) {
    constexpr std::size_t kFew = 12;
    const auto begin = keys_.begin() + static_cast<std::ptrdiff_t>(first);
    auto twice = keys_.end();
    if (keys_.size() - first <= kFew) {
      for (auto one = begin; one != keys_.end() && twice == keys_.end(); ++one) {
        if (std::find(begin, one, *one) != one) {
          twice = one;
        }
      }
    } else {
      std::sort(begin, keys_.end());
      twice = std::adjacent_find(begin, keys_.end());
    }
    if (twice != keys_.end()) {
      return Error{Errc::malformed,
                   "JSON: the key \"" + base::printable(base::abbreviate(*twice, 60)) + "\" stands twice in one map",
                   nodes_[at].begin};
    }
    return {};
  }

  // What a list or map holds has been read, so its bracket is the next byte that is no white space.
  base::Result<void> close(std::uint32_t at, JsonNode::Kind kind, char bracket) {
    JsonNode& node = nodes_[at];
    node.kind = kind;
    node.next = static_cast<std::uint32_t>(nodes_.size());
    std::size_t end = node.next == at + 1 ? node.begin + 1 : last_end_;
    while (end < text_.size() && is_white(text_[end])) {
      ++end;
    }
    if (end >= text_.size() || text_[end] != bracket) {
      return Error{Errc::malformed, std::string("JSON: no ") + bracket + " where a list or map ends", end};
    }
    node.end = static_cast<std::uint32_t>(end + 1);
    last_end_ = node.end;
    return {};
  }

  // Does the text of this token, a string, stand in it as it is?
  static bool is_plain(std::string_view token) {
    return token.size() >= 2 && token.back() == '"' && token.find('\\') == std::string_view::npos;
  }
  // Puts a text where it was written with escapes: what it stands for is no longer than that, and nobody reads it
  // again.
  std::string_view put(std::string_view text, std::size_t begin) {
    char* const to = memory_.texts.get() + begin;
    std::memmove(to, text.data(), text.size());
    return {to, text.size()};
  }
  std::string_view text_of_token(std::string_view token) {
    last_end_ = static_cast<std::size_t>(token.data() - text_.data()) + token.size();
    return token.empty() || token.front() == '"' ? std::string_view() : token;
  }

  [[nodiscard]] Error too_deep() const {
    return {Errc::too_large, "JSON: nested deeper than " + std::to_string(limits_.max_depth) + " levels", here_};
  }
  [[nodiscard]] Error fail(simdjson::error_code code) const {
    switch (code) {
      case simdjson::DEPTH_ERROR:
        return too_deep();
      case simdjson::EMPTY:
        return {Errc::truncated, "JSON: empty"};
      case simdjson::INCOMPLETE_ARRAY_OR_OBJECT:
      case simdjson::UNCLOSED_STRING:
        return {Errc::truncated, "JSON: ends within a list, map or text", here_};
      case simdjson::UTF8_ERROR:
        return {Errc::malformed, "JSON: not UTF-8"};
      case simdjson::STRING_ERROR:
        return {Errc::malformed, "JSON: a text with an escape that stands for no character", here_};
      case simdjson::CAPACITY:
      case simdjson::MEMALLOC:
        return {Errc::too_large, "JSON: too large"};
      default:
        return {Errc::malformed, "JSON: " + base::to_lower(simdjson::error_message(code)), here_};
    }
  }

  std::vector<JsonNode>& nodes_;
  Memory& memory_;
  std::string_view json_;
  const JsonLimits& limits_;
  std::string_view text_;  ///< The same in memory_, padded; what keys and texts point into.
  Workplace& work_;
  std::vector<std::string_view>& keys_;
  std::uint32_t here_ = 0;
  std::size_t last_end_ = 0;
};

base::Result<JsonIndex> JsonIndex::parse(std::string_view json, const JsonLimits& limits) {
  if (json.size() > limits.max_bytes) {
    return Error{Errc::too_large,
                 "JSON: " + base::human_bytes(json.size()) + " is above " + base::human_bytes(limits.max_bytes)};
  }
  JsonIndex index;
  TRY(Builder(index, json, limits).run());
  return index;
}

const JsonNode* JsonIndex::find(const JsonNode& map, std::string_view key) const {
  if (map.kind != JsonNode::Kind::map) {
    return nullptr;
  }
  for (std::uint32_t child = index_of(map) + 1; child < map.next; child = memory_.nodes[child].next) {
    if (memory_.nodes[child].key == key) {
      return &memory_.nodes[child];
    }
  }
  return nullptr;
}

std::string_view JsonIndex::text_of(const JsonNode& map, std::string_view key) const {
  const JsonNode* found = find(map, key);
  return found != nullptr && found->kind == JsonNode::Kind::text ? found->text : std::string_view();
}

std::uint64_t JsonIndex::number_of(const JsonNode& map, std::string_view key, std::uint64_t fallback) const {
  const JsonNode* found = find(map, key);
  if (found == nullptr || found->kind != JsonNode::Kind::number) {
    return fallback;
  }
  std::uint64_t value = 0;
  const auto [end, code] = std::from_chars(found->text.data(), found->text.data() + found->text.size(), value);
  return code == std::errc() && end == found->text.data() + found->text.size() ? value : fallback;
}

bool JsonIndex::is_true(const JsonNode& map, std::string_view key) const {
  const JsonNode* found = find(map, key);
  return found != nullptr && found->kind == JsonNode::Kind::boolean && found->text == "true";
}

std::string JsonIndex::pointer(std::uint32_t index) const {
  std::vector<std::string> steps;
  while (index != 0) {
    const JsonNode& one = memory_.nodes[index];
    const JsonNode& parent = memory_.nodes[one.parent];
    if (parent.kind == JsonNode::Kind::map) {
      std::string step;
      for (const char c : one.key) {
        step += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
      }
      steps.push_back(std::move(step));
    } else {
      std::size_t place = 0;
      for (std::uint32_t child = one.parent + 1; child < index; child = memory_.nodes[child].next) {
        ++place;
      }
      steps.push_back(std::to_string(place));
    }
    index = one.parent;
  }
  std::string out;
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    out += "/" + *step;
  }
  return out;
}

void JsonIndex::append_canonical(const JsonNode& node, std::string& out) const {
  if (node.kind == JsonNode::Kind::text) {
    out += base::json_quoted(node.text);
    return;
  }
  if (node.kind != JsonNode::Kind::list && node.kind != JsonNode::Kind::map) {
    out += node.text;
    return;
  }
  const bool map = node.kind == JsonNode::Kind::map;
  std::vector<const JsonNode*> children;
  for_each(node, [&](const JsonNode& child) { children.push_back(&child); });
  if (map) {
    std::sort(children.begin(), children.end(), [](auto* a, auto* b) { return a->key < b->key; });
  }
  out += map ? '{' : '[';
  for (std::size_t i = 0; i < children.size(); ++i) {
    out += i == 0 ? "" : ",";
    if (map) {
      out += base::json_quoted(children[i]->key) + ":";
    }
    append_canonical(*children[i], out);
  }
  out += map ? '}' : ']';
}

}  // namespace traffic
