#include "base/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <charconv>
#include <map>
#include <sstream>
#include <unordered_set>

#include "base/text.h"

namespace base {
namespace {

// Thrown through yaml-cpp, which offers no other way out of its parser; caught in this file.
struct Stop {
  Error error;
};

// YAML 1.2.2, section 10.3.2 (core schema), without octal and hexadecimal numbers.
Value plain_scalar(const std::string& text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") {
    return {};
  }
  if (text == "true" || text == "True" || text == "TRUE") {
    return true;
  }
  if (text == "false" || text == "False" || text == "FALSE") {
    return false;
  }
  const char* begin = text.data() + (text[0] == '+' ? 1 : 0);
  const char* end = text.data() + text.size();
  std::int64_t whole = 0;
  if (const auto [rest, code] = std::from_chars(begin, end, whole); code == std::errc{} && rest == end) {
    return whole;
  }
  if (text.find_first_not_of("0123456789+-.eE") == std::string::npos) {
    double number = 0;
    if (const auto [rest, code] = std::from_chars(begin, end, number); code == std::errc{} && rest == end) {
      return number;
    }
  }
  return text;
}

class Builder final : public YAML::EventHandler {
 public:
  explicit Builder(const DocumentLimits& limits) : limits_(limits) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (document_at_ == mark.pos) {  // yaml-cpp makes documents of nothing without end where a comma starts one
      throw Stop{error(Errc::malformed, "a value cannot begin here", mark)};
    }
    document_at_ = mark.pos;
    stack_.clear();
    anchors_.clear();
    root = Value();
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { add(Value(), mark, anchor); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) {
      throw Stop{error(Errc::malformed, "alias inside the value it names", mark)};
    }
    Value copy = found->second.value;
    values_ += found->second.size;
    check_values(mark);
    add(std::move(copy), mark, YAML::NullAnchor);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    add(tag == "?" ? plain_scalar(text) : Value(text), mark, anchor);  // "?" marks a plain scalar without a tag
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(Value(Value::List{}), mark, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(Value(Value::Map{}), mark, anchor);
  }
  void OnMapEnd() override { close(); }

  Value root;

 private:
  struct Open {
    Value value;
    YAML::anchor_t anchor;
    YAML::Mark mark;
    std::uint64_t values_before;
    bool has_key = false;
    std::string key{};
    std::unordered_set<std::string> keys{};
  };
  struct Anchored {
    Value value;
    std::uint64_t size;  ///< Values in it, counted again at each alias.
  };

  static Error error(Errc code, const std::string& message, const YAML::Mark& mark) {
    return {code, "YAML: " + message, 0, {}, static_cast<std::uint32_t>(mark.line + 1)};
  }
  void check_values(const YAML::Mark& mark) const {
    if (values_ > limits_.max_values) {
      throw Stop{error(Errc::too_large, "more than " + std::to_string(limits_.max_values) + " values", mark)};
    }
  }

  void open(Value value, const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (stack_.size() >= limits_.max_depth) {
      throw Stop{error(Errc::too_large, "nested deeper than " + std::to_string(limits_.max_depth) + " levels", mark)};
    }
    if (!stack_.empty() && stack_.back().value.is_map() && !stack_.back().has_key) {
      throw Stop{error(Errc::unsupported, "a key that is itself a list or mapping", mark)};
    }
    value.set_line(static_cast<std::uint32_t>(mark.line + 1));
    stack_.push_back({std::move(value), anchor, mark, values_});
  }

  void close() {
    Open top = std::move(stack_.back());
    stack_.pop_back();
    add(std::move(top.value), top.mark, top.anchor, values_ - top.values_before);
  }

  void add(Value value, const YAML::Mark& mark, YAML::anchor_t anchor, std::uint64_t size = 0) {
    ++values_;
    check_values(mark);
    value.set_line(static_cast<std::uint32_t>(mark.line + 1));
    if (anchor != YAML::NullAnchor) {
      anchors_[anchor] = {value, size + 1};
    }
    if (stack_.empty()) {
      root = std::move(value);
      return;
    }
    Open& parent = stack_.back();
    if (parent.value.is_list()) {
      parent.value.push(std::move(value));
    } else if (!parent.has_key) {
      parent.key = value.is_string()    ? std::string(value.as_text())
                   : value.is_null()    ? "null"
                   : value.is_integer() ? std::to_string(value.as_integer())
                   : value.is_bool()    ? (value.as_bool() ? "true" : "false")
                                        : std::to_string(value.as_double());
      if (!parent.keys.insert(parent.key).second) {
        throw Stop{error(Errc::malformed, "key \"" + printable(parent.key) + "\" stands twice", mark)};
      }
      parent.has_key = true;
    } else {
      const_cast<Value::Map&>(parent.value.as_map()).emplace_back(std::move(parent.key), std::move(value));
      parent.has_key = false;
    }
  }

  const DocumentLimits& limits_;
  std::vector<Open> stack_;
  std::map<YAML::anchor_t, Anchored> anchors_;
  int document_at_ = -1;  // where the last document began
  std::uint64_t values_ = 0;
};

}  // namespace

Result<std::vector<Value>> parse_yaml_stream(std::string_view text, const DocumentLimits& limits) {
  if (text.size() > limits.max_bytes) {
    return Error{Errc::too_large, "YAML: " + human_bytes(text.size()) + " is above " + human_bytes(limits.max_bytes)};
  }
  if (!is_utf8(text)) {
    return Error{Errc::malformed, "YAML: not UTF-8"};
  }
  std::vector<Value> documents;
  std::istringstream stream{std::string(text)};
  try {
    YAML::Parser parser(stream);
    Builder builder(limits);
    while (parser.HandleNextDocument(builder)) {
      documents.push_back(std::move(builder.root));
    }
  } catch (const Stop& stop) {
    return stop.error;
  } catch (const YAML::Exception& exception) {
    return Error{Errc::malformed,
                 "YAML: " + exception.msg,
                 0,
                 {},
                 static_cast<std::uint32_t>(exception.mark.is_null() ? 0 : exception.mark.line + 1)};
  }
  return documents;
}

Result<Value> parse_yaml(std::string_view text, const DocumentLimits& limits) {
  std::vector<Value> documents = TRY(parse_yaml_stream(text, limits));
  if (documents.empty()) {
    return Value();
  }
  if (documents.size() > 1) {
    return Error{Errc::malformed, "YAML: a second document in one file", 0, {}, documents[1].line()};
  }
  return std::move(documents.front());
}

}  // namespace base
