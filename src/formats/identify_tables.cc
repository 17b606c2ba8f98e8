#include "formats/identify_tables.h"

#include <algorithm>
#include <string>

#include "base/find.h"
#include "base/text.h"
#include "formats/arrow/arrow.h"
#include "formats/rds/rds.h"
#include "formats/sentencepiece/sentencepiece.h"
#include "formats/tfrecord/tfrecord.h"
#include "formats/ubjson/ubjson.h"
#include "formats/xgboost/xgboost.h"
#include "formats/xml/xml.h"

namespace formats {
namespace {

using base::Bytes;

bool name_ends(std::string_view lower_name, std::initializer_list<std::string_view> endings) {
  return std::any_of(endings.begin(), endings.end(), [&](std::string_view ending) {
    return !lower_name.empty() && lower_name.back() == ending.back() && lower_name.ends_with(ending);
  });
}

void identify_xml(Bytes content, std::string_view lower_name, std::vector<Identified>& out) {
  const xml::Root root = xml::root(content);
  if (root.name.empty()) {
    if (name_ends(lower_name, {".pmml"})) {
      out.push_back({"pmml", "name: .pmml", false});
    } else if (root.unknown_encoding) {
      out.push_back({"xml", "content: XML in an encoding of its own"});
    }
    return;
  }
  const bool shown = root.name == "svg" || base::equals_ignoring_case(root.name, "html");
  if (root.name == "PMML") {
    out.push_back({"pmml", "content: XML whose first element is PMML"});
  } else if (shown) {
    out.push_back({root.name == "svg" ? std::string_view("svg") : std::string_view("html"), "content: first element"});
  } else {
    out.push_back({"xml", "content: XML"});
  }
}

/// Where keys are looked for: all of a text, or both ends of a long one, so that a data set of gigabytes is not
/// searched.
struct Window {
  std::string_view head;
  std::string_view tail;
};
Window window_of(std::string_view text) {
  constexpr std::size_t kEnd = 1U << 20;
  return text.size() <= 2 * kEnd ? Window{text, {}} : Window{text.substr(0, kEnd), text.substr(text.size() - kEnd)};
}

/// Whether JSON text has all these keys somewhere.
bool mentions(const Window& window, std::initializer_list<std::string_view> keys) {
  return std::all_of(keys.begin(), keys.end(), [&](std::string_view key) {
    return base::contains(window.head, key) || base::contains(window.tail, key);
  });
}

/// JSON of particular tools. What they have in common is their keys; the judges look at the whole.
void identify_json(Bytes content, std::string_view lower_name, std::vector<Identified>& out) {
  std::string_view text = base::as_text(content);
  if (text.starts_with("\xEF\xBB\xBF")) {
    text.remove_prefix(3);
  }
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || (text[first] != '{' && text[first] != '[')) {
    return;
  }
  const std::size_t inside = text.find_first_not_of(" \t\r\n", first + 1);
  if (inside == std::string_view::npos) {
    return;
  }
  if (text[first] == '[') {
    if (lower_name == "modules.json" || mentions({text.substr(0, 4096), {}}, {"\"idx\"", "\"type\"", "\"path\""})) {
      out.push_back({"sentence-transformers-modules", "content: list of modules", false});
    }
    return;
  }
  if (text[inside] != '"') {
    return;
  }
  const Window head{text.substr(0, 1U << 16), {}};
  const Window window = window_of(text);
  if (mentions(window, {"\"learner\"", "\"gradient_booster\""})) {
    out.push_back({"xgboost-json", "content: JSON with a learner of XGBoost"});
  }
  if (mentions(window, {"\"tree_info\"", "\"num_tree_per_iteration\""})) {
    out.push_back({"lightgbm-json", "content: JSON with trees of LightGBM"});
  }
  if (mentions(window, {"\"features_info\""}) &&
      (mentions(window, {"\"oblivious_trees\""}) || mentions(window, {"\"trees\""}))) {
    out.push_back({"catboost-json", "content: JSON with trees of CatBoost"});
  }
  const bool tokenizer_parts = mentions(window, {"\"added_tokens\"", "\"normalizer\"", "\"decoder\""}) ||
                               mentions(window, {"\"pre_tokenizer\"", "\"model\""}) ||
                               mentions(window, {"\"added_tokens\"", "\"vocab\""}) ||
                               mentions(window, {"\"model\"", "\"vocab\"", "\"type\""});
  if (tokenizer_parts || lower_name == "tokenizer.json") {
    out.push_back({"tokenizer-json", "content: JSON with the parts of a tokenizer",
                   tokenizer_parts || lower_name == "tokenizer.json"});
  }
  if (lower_name == "vocab.json" || lower_name == "added_tokens.json") {
    out.push_back({"vocabulary", "name: of a vocabulary, content: JSON", false});
  }
  if (mentions(head, {"\"peft_type\""}) || lower_name == "adapter_config.json") {
    out.push_back({"adapter-config", "content: JSON with peft_type"});
  }
  if (mentions(head, {"\"class\"", "\"sparkVersion\""})) {
    out.push_back({"spark-metadata", "content: JSON with class and sparkVersion"});
  }
}

/// YAML of MLflow and BentoML, tiktoken's lines.
void identify_lines(std::string_view text, std::string_view lower_name, std::vector<Identified>& out) {
  const std::string_view head = text.substr(0, 1U << 16);
  const bool flavours = head.starts_with("flavors:") || base::contains(head, "\nflavors:");
  if (flavours &&
      (base::contains(head, "python_function:") || base::contains(head, "loader_module:") || lower_name == "mlmodel")) {
    out.push_back({"mlflow-model", "content: YAML with flavours of MLflow"});
  } else if (lower_name == "mlmodel") {
    out.push_back({"mlflow-model", "name: MLmodel", false});
  } else if (base::contains(head, "bentoml_version:") && base::contains(head, "module:")) {
    out.push_back({"bentoml-model", "content: YAML with a module and bentoml_version"});
  }
  // Base64, a space, a number, on each line.
  std::string_view left = text.substr(0, 2000);
  int lines = 0;
  while (!left.empty() && lines < 20) {
    const std::size_t end = left.find('\n');
    if (end == std::string_view::npos) {
      break;
    }
    const std::string_view line = base::trim(left.substr(0, end));
    left.remove_prefix(end + 1);
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos || space == 0 || space % 4 != 0 ||
        line.find_first_not_of("0123456789", space + 1) != std::string_view::npos || line.size() == space + 1 ||
        line.substr(0, space).find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=") !=
            std::string_view::npos) {
      lines = -1;
      break;
    }
    ++lines;
  }
  if (lines >= 8 || (lines > 0 && name_ends(lower_name, {".tiktoken"}))) {
    out.push_back(
        {"tiktoken", "content: lines of base64 and a rank", lower_name.ends_with(".tiktoken") || lines >= 20});
  }
}

/// Whether a mapping of UBJSON begins with a key of likely length, or with a type or count.
bool begins_with_key(std::string_view text) {
  if (text.size() < 4) {
    return false;
  }
  if (text[1] == '$' || text[1] == '#') {
    return text[2] != ' ' &&
           text.substr(2, 16).find_first_of(std::string_view("\0iUIlL", 6)) != std::string_view::npos &&
           text.substr(0, 64).find('\0') != std::string_view::npos;
  }
  const std::size_t width = text[1] == 'i' || text[1] == 'U' ? 1
                            : text[1] == 'I'                 ? 2
                            : text[1] == 'l'                 ? 4
                            : text[1] == 'L'                 ? 8
                                                             : 0;
  if (width == 0 || text.size() < 2 + width) {
    return false;
  }
  std::uint64_t length = 0;
  for (std::size_t i = 0; i < width; ++i) {
    length = length << 8 | static_cast<unsigned char>(text[2 + i]);
  }
  return length < 32 || (width > 1 && length < 4096);
}

bool has_prefix(Bytes content, std::string_view magic) {
  return base::as_text(content.first(std::min(content.size(), magic.size()))) == magic;
}

}  // namespace

void identify_tables(Bytes content, std::string_view lower_name, std::vector<Identified>& out) {
  const std::string_view text = base::as_text(content);
  const char c0 = text[0];
  if (c0 == '<' || c0 == '\xEF' || c0 == '\xFF' || c0 == '\xFE' || c0 == ' ' || c0 == '\n' || c0 == '\r' ||
      c0 == '\t' || c0 == '\0') {
    identify_xml(content, lower_name, out);
  }
  if (c0 == '{' || c0 == '[' || c0 == ' ' || c0 == '\n' || c0 == '\r' || c0 == '\t' || c0 == '\xEF') {
    identify_json(content, lower_name, out);
  }
  if ((c0 == 'X' || c0 == 'A' || c0 == 'B' || c0 == 'R') && rds::looks_like_object(content)) {
    out.push_back({"rds", "content: header of a serialised R object"});
  }
  if (c0 == '{' && begins_with_key(text)) {
    // The key's length stands before it: `{L` and eight bytes, or `{i` and one.
    const std::string_view head = text.substr(0, 1U << 16);
    if (base::contains(head, "learner") || base::contains(head, "version") || lower_name.ends_with(".ubj")) {
      const bool certain = base::contains(head, "learner");
      out.push_back({"xgboost-ubj", "content: UBJSON of XGBoost", certain || lower_name.ends_with(".ubj")});
    }
  }
  if ((c0 == 'b' && has_prefix(content, "binf")) || content.size() > 150) {
    if (c0 == 'b' && has_prefix(content, "binf")) {
      out.push_back({"xgboost-binary", "content: magic binf"});
    } else if (xgboost::looks_like_model(content)) {
      out.push_back({"xgboost-binary", "content: header of XGBoost's old binary form"});
    }
  }
  if (has_prefix(content, "tree\n") || has_prefix(content, "tree\r\n")) {
    if (base::contains(text.substr(0, 4096), "num_class=") || base::contains(text.substr(0, 4096), "version=v")) {
      out.push_back({"lightgbm-text", "content: header of a LightGBM model"});
    }
  }
  if (has_prefix(content, "CBM1")) {
    out.push_back({"catboost", "content: magic CBM1"});
  }
  // No text begins within a character, which is how most pickles begin.
  const bool within = (static_cast<unsigned char>(c0) & 0xC0U) == 0x80;
  if (c0 != '<' && c0 != '{' && c0 != '\0' && !within && text.substr(0, 512).find('\0') == std::string_view::npos) {
    identify_lines(text, lower_name, out);
  }
  if (c0 == '\xFF' || name_ends(lower_name, {".arrow", ".arrows", ".ipc"})) {
    const bool known = std::any_of(out.begin(), out.end(), [](const Identified& one) { return one.format == "arrow"; });
    if (!known && arrow::looks_like_stream(content)) {
      out.push_back({"arrow", "content: a message of Arrow with a schema"});
    } else if (out.empty() && c0 == '\xFF' && name_ends(lower_name, {".arrow", ".arrows", ".ipc"})) {
      out.push_back({"arrow", "name: of Arrow, the first message does not fit", false});
    }
  }
  if (tfrecord::looks_like_records(content)) {
    out.push_back({"tfrecord", "content: a length with its checksum"});
  }
  if (sentencepiece::looks_like_model(content)) {
    out.push_back({"sentencepiece", "content: protocol buffer fields of a SentencePiece model"});
  }
  if (has_prefix(content, "PARE") && text.ends_with("PARE")) {
    out.push_back({"parquet", "content: magic PARE at both ends"});
  }
  if (has_prefix(content, "ORC")) {
    out.push_back({"orc", "content: magic ORC", name_ends(lower_name, {".orc"}) || text.ends_with("ORC")});
  }
}

}  // namespace formats
