#include "scan/judge_model.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "formats/gguf/gguf.h"
#include "formats/identify.h"
#include "formats/numpy/numpy.h"
#include "formats/protobuf/varint.h"
#include "formats/safetensors/safetensors.h"
#include "scan/judge_pickle.h"

namespace scan {
namespace {

void report_error(std::string_view rule, const base::Error& error, const std::string& path, Collector& out) {
  if (error.code == base::Errc::unsupported) {
    out.not_covered(path, error.message);
    return;
  }
  out.add(rule, {path, byte_place(error.offset), error.offset, 0, error.message,
                 "The file breaks its format: " + error.message + "."});
  out.not_covered(path, error.message);
}

std::size_t line_of(std::string_view text, std::size_t at) {
  return 1 + static_cast<std::size_t>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// Joins the text constants that a template concatenates by + or ~, and undoes \x and \u escapes, so that '__cl' ~
/// 'ass__' reads as one word.
std::string folded(std::string_view code) {
  std::string out;
  out.reserve(code.size());
  for (std::size_t i = 0; i < code.size(); ++i) {
    const char c = code[i];
    if (c == '\\' && i + 3 < code.size() && (code[i + 1] == 'x' || code[i + 1] == 'u')) {
      const std::size_t digits = code[i + 1] == 'x' ? 2 : 4;
      std::uint32_t value = 0;
      bool ok = i + 2 + digits <= code.size();
      for (std::size_t d = 0; ok && d < digits; ++d) {
        const int digit = base::hex_value(code[i + 2 + d]);
        ok = digit >= 0;
        value = value << 4 | static_cast<std::uint32_t>(std::max(digit, 0));
      }
      if (ok && value < 0x80) {
        out.push_back(static_cast<char>(value));
        i += 1 + digits;
        continue;
      }
    }
    if (c == '\'' || c == '"') {
      // 'a' ~ 'b': skip closing quote, blanks, operator, blanks, opening quote.
      std::size_t j = i + 1;
      while (j < code.size() && (code[j] == ' ' || code[j] == '\n' || code[j] == '\t')) {
        ++j;
      }
      if (j < code.size() && (code[j] == '~' || code[j] == '+')) {
        ++j;
        while (j < code.size() && (code[j] == ' ' || code[j] == '\n' || code[j] == '\t')) {
          ++j;
        }
        if (j < code.size() && (code[j] == '\'' || code[j] == '"')) {
          i = j;
          continue;
        }
      }
    }
    out.push_back(c);
  }
  return out;
}

/// A dunder name in code: __class__ and its like.
std::optional<std::string_view> dunder(std::string_view code, bool changes_case) {
  for (std::size_t at = code.find("__"); at != std::string_view::npos; at = code.find("__", at + 1)) {
    if (at > 0 && is_word(code[at - 1])) {
      continue;
    }
    std::size_t end = at + 2;
    while (end < code.size() && is_word(code[end])) {
      ++end;
    }
    const std::string_view word = code.substr(at, end - at);
    // Python's are in small letters; the words of a template's author may be in capitals.
    const bool capitals = std::any_of(word.begin(), word.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
    if (word.size() > 4 && word.ends_with("__") && (!capitals || changes_case)) {
      return word;
    }
  }
  return std::nullopt;
}

/// Where the code that begins at `from` ends: `closing` outside of text constants and brackets, as Jinja reads it.
std::size_t code_end(std::string_view text, std::size_t from, std::string_view closing) {
  char quote = '\0';
  std::size_t depth = 0;
  for (std::size_t at = from; at < text.size(); ++at) {
    const char c = text[at];
    if (quote != '\0') {
      if (c == '\\') {
        ++at;
      } else if (c == quote) {
        quote = '\0';
      }
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (depth == 0 && text.substr(at).starts_with(closing)) {
      return at;
    } else if (c == '(' || c == '[' || c == '{') {
      ++depth;
    } else if ((c == ')' || c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return std::string_view::npos;
}

/// Behind the {% endraw %} that ends a raw block which begins at `from`.
std::size_t raw_end(std::string_view text, std::size_t from) {
  for (std::size_t at = text.find("{%", from); at != std::string_view::npos; at = text.find("{%", at + 2)) {
    std::string_view rest = text.substr(at + 2);
    rest.remove_prefix(rest.starts_with('-') || rest.starts_with('+') ? 1 : 0);
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r\n"), rest.size()));
    if (rest.starts_with("endraw")) {
      return at;
    }
  }
  return std::string_view::npos;
}

bool has_word(std::string_view text, std::string_view word) {
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const bool before = at == 0 || !is_word(text[at - 1]);
    const bool after = at + word.size() >= text.size() || !is_word(text[at + word.size()]);
    if (before && after) {
      return true;
    }
  }
  return false;
}

struct ProtoField {
  std::uint64_t number = 0;
  std::uint8_t wire = 0;
  std::uint64_t value = 0;
  base::Bytes bytes;
};

/// The next field, or nothing at the end or where the message is damaged.
std::optional<ProtoField> next_field(base::ByteCursor& in) {
  const auto tag = formats::protobuf::read_varint(in);
  if (!tag) {
    return std::nullopt;
  }
  ProtoField field;
  field.number = *tag >> 3;
  field.wire = static_cast<std::uint8_t>(*tag & 7);
  switch (field.wire) {
    case 0: {
      const auto value = formats::protobuf::read_varint(in);
      if (!value) {
        return std::nullopt;
      }
      field.value = *value;
      return field;
    }
    case 1:
    case 5:
      if (!in.skip(field.wire == 1 ? 8 : 4, "fixed")) {
        return std::nullopt;
      }
      return field;
    case 2: {
      const auto length = formats::protobuf::read_varint(in);
      if (!length) {
        return std::nullopt;
      }
      const auto bytes = in.take(*length, "field");
      if (!bytes) {
        return std::nullopt;
      }
      field.bytes = *bytes;
      return field;
    }
    default:
      return std::nullopt;
  }
}

/// Walks ONNX messages with a list of what is still to do instead of recursion.
class OnnxWalk {
 public:
  OnnxWalk(const std::string& path, Collector& out) : path_(path), out_(out) {}

  void model(base::Bytes bytes) {
    push(Message::model, bytes, 0);
    while (!todo_.empty()) {
      const Task task = todo_.back();
      todo_.pop_back();
      if (++visited_ > 5'000'000) {
        out_.not_covered(path_, "onnx: more than 5,000,000 messages");
        return;
      }
      walk(task);
    }
    if (damaged_) {
      out_.not_covered(path_, "onnx: a message ends early or breaks the encoding");
    }
  }

 private:
  enum class Message : std::uint8_t { model, graph, node, attribute, tensor, sparse, entry, opset, function };
  struct Task {
    Message message;
    base::Bytes bytes;
    std::uint32_t depth;
  };
  void push(Message message, base::Bytes bytes, std::uint32_t depth) {
    if (depth > 64) {
      out_.not_covered(path_, "onnx: graphs nested deeper than 64");
      return;
    }
    todo_.push_back({message, bytes, depth});
  }
  void domain(base::Bytes bytes) {
    const std::string_view text = base::as_text(bytes);
    constexpr std::array<std::string_view, 12> kStandard = {"",
                                                            "ai.onnx",
                                                            "ai.onnx.ml",
                                                            "ai.onnx.training",
                                                            "ai.onnx.preview.training",
                                                            "ai.onnx.preview",
                                                            "com.microsoft",
                                                            "com.microsoft.nchwc",
                                                            "com.microsoft.experimental",
                                                            "com.microsoft.dml",
                                                            "ai.onnx.contrib",
                                                            "org.pytorch.aten"};
    const bool exporter =
        text.starts_with("pkg.") || text == "this" || text.starts_with("local") || text.starts_with("torch");
    if (std::find(kStandard.begin(), kStandard.end(), text) == kStandard.end() && !exporter) {
      out_.add("onnx-custom-operator", {path_, "", 0, 0, "operator set " + std::string(text), ""});
    }
  }
  void location(std::string_view text) {
    const bool outside = text.starts_with("/") || text.starts_with("\\") || text.starts_with("..") ||
                         text.find("/../") != std::string_view::npos || text.find("\\..\\") != std::string_view::npos ||
                         text.find("..\\") != std::string_view::npos || text.find("://") != std::string_view::npos ||
                         (text.size() > 2 && text[1] == ':');
    if (outside) {
      out_.add("onnx-external-path", {path_, "", 0, 0, std::string(text),
                                      "Data of a tensor is taken from " + base::printable(base::abbreviate(text, 200)) +
                                          ", outside the model's folder."});
    }
  }
  void walk(const Task& task) {
    base::ByteCursor in(task.bytes);
    std::string_view key;
    while (!in.empty()) {
      const auto field = next_field(in);
      if (!field) {
        damaged_ = true;
        return;
      }
      if (field->wire != 2) {
        continue;
      }
      const std::uint32_t depth = task.depth + 1;
      switch (task.message) {
        case Message::model:
          if (field->number == 7) {
            push(Message::graph, field->bytes, depth);
          } else if (field->number == 8) {
            push(Message::opset, field->bytes, depth);
          } else if (field->number == 25) {
            push(Message::function, field->bytes, depth);
          }
          break;
        case Message::opset:
          if (field->number == 1) {
            domain(field->bytes);
          }
          break;
        case Message::function:
          if (field->number == 7) {
            push(Message::node, field->bytes, depth);
          } else if (field->number == 9) {
            push(Message::opset, field->bytes, depth);
          }
          break;
        case Message::graph:
          if (field->number == 1) {
            push(Message::node, field->bytes, depth);
          } else if (field->number == 5) {
            push(Message::tensor, field->bytes, depth);
          } else if (field->number == 15) {
            push(Message::sparse, field->bytes, depth);
          }
          break;
        case Message::node:
          if (field->number == 5) {
            push(Message::attribute, field->bytes, depth);
          }
          break;
        case Message::attribute:
          if (field->number == 5 || field->number == 10) {
            push(Message::tensor, field->bytes, depth);
          } else if (field->number == 6 || field->number == 11) {
            push(Message::graph, field->bytes, depth);
          } else if (field->number == 22 || field->number == 23) {
            push(Message::sparse, field->bytes, depth);
          }
          break;
        case Message::sparse:
          if (field->number == 1 || field->number == 2) {
            push(Message::tensor, field->bytes, depth);
          }
          break;
        case Message::tensor:
          if (field->number == 13) {
            push(Message::entry, field->bytes, depth);
          }
          break;
        case Message::entry:
          if (field->number == 1) {
            key = base::as_text(field->bytes);
          } else if (field->number == 2) {
            if (key == "location" || key.empty()) {
              location(base::as_text(field->bytes));
            }
          }
          break;
      }
    }
  }

  const std::string& path_;
  Collector& out_;
  std::vector<Task> todo_;
  std::uint64_t visited_ = 0;
  bool damaged_ = false;
};

}  // namespace

void judge_safetensors(base::Bytes bytes, const std::string& path, Collector& out) {
  const auto header = formats::safetensors::parse(bytes);
  if (!header) {
    report_error("safetensors-defect", header.error(), path, out);
    return;
  }
  for (const auto& defect : header->defects) {
    out.add("safetensors-defect", {path, byte_place(defect.offset), defect.offset, 0, defect.text,
                                   "The header breaks the format: " + defect.text + "."});
  }
  for (const auto& [key, value] : header->metadata) {
    if (key.find("template") != std::string::npos) {
      judge_template(value, path, 8, 0, out);
    }
  }
}

void judge_gguf(base::Bytes bytes, const std::string& path, Collector& out) {
  const auto file = formats::gguf::parse(bytes);
  if (!file) {
    report_error("gguf-defect", file.error(), path, out);
    return;
  }
  for (const auto& defect : file->defects) {
    out.add("gguf-defect", {path, byte_place(defect.offset), defect.offset, 0, defect.text,
                            "The file breaks the format: " + defect.text + "."});
  }
  for (const auto& one : file->templates) {
    judge_template(one.text, path, one.offset, 0, out);
  }
}

void judge_numpy(base::Bytes bytes, const std::string& path, std::uint32_t depth, Collector& out) {
  const auto header = formats::numpy::parse(bytes);
  if (!header) {
    report_error("numpy-defect", header.error(), path, out);
    return;
  }
  const auto data = bytes.subspan(static_cast<std::size_t>(header->data_offset));
  if (header->has_objects) {
    out.add("numpy-objects", {path, byte_place(header->data_offset), header->data_offset, 0,
                              "array of type " + std::string(header->type), ""});
    judge_pickle(data, path + "!objects", PickleUse::stream, depth + 1, out);
    return;
  }
  std::uint64_t size = header->item_bytes;
  bool fits = true;
  for (const std::uint64_t extent : header->shape) {
    fits = fits && !__builtin_mul_overflow(size, extent, &size);
  }
  if (!fits || (header->item_bytes != 0 && size > data.size())) {
    out.add("numpy-defect", {path, byte_place(header->data_offset), header->data_offset, 0,
                             "shape and type need more data than there is", ""});
  }
}

void judge_onnx(base::Bytes bytes, const std::string& path, Collector& out) {
  OnnxWalk(path, out).model(bytes);
}

void judge_hdf5(base::Bytes bytes, const std::string& path, bool keras, Collector& out) {
  if (keras) {
    const std::string_view text = base::as_text(bytes);
    for (std::size_t at = text.find("\"class_name\""); at != std::string_view::npos;
         at = text.find("\"class_name\"", at + 12)) {
      const std::string_view near = text.substr(at, 64);
      if (near.find("\"Lambda\"") != std::string_view::npos && near.find("\"Lambda\"") < 24) {
        out.add("keras-lambda", {path, byte_place(at), at, 0, "Lambda layer", ""});
      }
    }
  }
  out.not_covered(path, "HDF5: objects, links and external files are not walked");
}

void judge_model_text(std::string_view text, const std::string& path, Collector& out) {
  if (path.ends_with(".py")) {  // TorchScript
    for (const std::string_view call : {"torch.from_file(", "torch.save(", "aten::from_file", "aten::save("}) {
      const std::size_t at = text.find(call);
      if (at != std::string_view::npos) {
        out.add("pickle-dangerous-call",
                {path, "line " + std::to_string(line_of(text, at)), 0, static_cast<std::uint32_t>(line_of(text, at)),
                 std::string(call) + "…)", "The TorchScript code reads or writes files."});
      }
    }
    return;
  }
  for (std::size_t at = text.find("\"class_name\""); at != std::string_view::npos;
       at = text.find("\"class_name\"", at + 12)) {
    const std::string_view near = text.substr(at + 12, 40);
    const std::size_t value = near.find_first_not_of(" :\t\n");
    if (value != std::string_view::npos && near.substr(value).starts_with("\"Lambda\"")) {
      out.add("keras-lambda", {path, "line " + std::to_string(line_of(text, at)), 0,
                               static_cast<std::uint32_t>(line_of(text, at)), "Lambda layer", ""});
    }
  }
  for (std::size_t at = text.find("\"module\""); at != std::string_view::npos; at = text.find("\"module\"", at + 8)) {
    const std::string_view near = text.substr(at + 8, 120);
    const std::size_t open = near.find_first_not_of(" :\t\n");
    if (open == std::string_view::npos || near[open] != '"') {
      continue;
    }
    const std::string_view module = near.substr(open + 1, near.find('"', open + 1) - open - 1);
    const bool known = module == "keras" || module.starts_with("keras.") || module.starts_with("keras_") ||
                       module == "builtins" || module.starts_with("tensorflow.keras") ||
                       module.starts_with("tf_keras") || module.empty();
    const bool builtin = module == "builtins";
    if (!known || builtin) {
      // builtins names plain types and functions of the program; only the latter are dangerous.
      const std::string_view around = text.substr(at > 200 ? at - 200 : 0, 600);
      const bool dangerous = has_word(around, "eval") || has_word(around, "exec") || has_word(around, "__import__");
      if (!builtin || dangerous) {
        out.add("keras-foreign-module",
                builtin || module.find('.') == std::string_view::npos ? evidence::Severity::high
                                                                      : evidence::Severity::medium,
                {path, "line " + std::to_string(line_of(text, at)), 0, static_cast<std::uint32_t>(line_of(text, at)),
                 "module " + std::string(module), ""});
      }
    }
  }
}

void judge_template(std::string_view text, const std::string& path, std::uint64_t offset, std::uint32_t line,
                    Collector& out) {
  // Only what stands within {{ }} and {% %} is code.
  const bool changes_case = has_word(text, "lower") || has_word(text, "swapcase") || has_word(text, "casefold");
  std::size_t at = 0;
  std::size_t expression = 0;
  std::size_t statement = 0;
  std::size_t comment = 0;
  const auto next = [&](std::size_t& known, std::string_view opening) {
    if (known != std::string_view::npos && known <= at) {
      known = text.find(opening, at);
    }
  };
  while (at < text.size()) {
    next(expression, "{{");
    next(statement, "{%");
    next(comment, "{#");
    const std::size_t open = std::min({expression, statement, comment});
    if (open == std::string_view::npos) {
      return;
    }
    if (open == comment) {
      const std::size_t end = text.find("#}", open + 2);
      if (end == std::string_view::npos) {
        return;
      }
      at = end + 2;
      continue;
    }
    const std::string_view closing = open == expression ? "}}" : "%}";
    const std::size_t close = code_end(text, open + 2, closing);
    const std::string_view raw =
        text.substr(open + 2, close == std::string_view::npos ? std::string_view::npos : close - open - 2);
    const std::string code = folded(raw);
    std::string found;
    if (const auto name = dunder(code, changes_case)) {
      found = std::string(*name);
    } else {
      for (const std::string_view word :
           {"cycler", "joiner", "lipsum", "get_flashed_messages", "url_for", "config.items"}) {
        const std::size_t where = code.find(word);
        if (where != std::string::npos && code.find('.', where) == where + word.size()) {
          found = std::string(word);
        }
      }
      for (const std::string_view word : {"popen", "subprocess", "func_globals", "gi_frame", "f_globals", "f_builtins",
                                          "mro", "cr_frame", "os.system", "_module.", "import_module"}) {
        if (found.empty() &&
            (word.back() == '.' || word.find('.') != std::string_view::npos ? code.find(word) != std::string::npos
                                                                            : has_word(code, word))) {
          found = std::string(word);
        }
      }
      // |attr(...) of something computed.
      const std::size_t attr = code.find("|attr(") != std::string::npos ? code.find("|attr(") : code.find("| attr(");
      if (found.empty() && attr != std::string::npos) {
        found = "attr filter";
      }
    }
    if (!found.empty()) {
      const std::size_t lines = line_of(text, open) - 1;
      const std::uint32_t here = line == 0 ? 0 : line + static_cast<std::uint32_t>(lines);
      out.add("template-code",
              {path, line == 0 ? byte_place(offset + open) : "line " + std::to_string(here),
               line == 0 ? offset + open : 0, here, base::abbreviate(raw, 200),
               "The chat template reaches for " + base::printable(found) + ", with which templates run Python."});
    }
    if (close == std::string_view::npos) {
      return;
    }
    at = close + 2;
    std::string_view word = raw;
    for (const bool front : {true, false}) {
      if (!word.empty() &&
          ((front ? word.front() : word.back()) == '-' || (front ? word.front() : word.back()) == '+')) {
        front ? word.remove_prefix(1) : word.remove_suffix(1);
      }
    }
    if (open == statement && base::trim(word) == "raw") {
      at = std::min(raw_end(text, at), text.size());
    }
  }
}

bool interests(base::Bytes bytes, std::string_view name) {
  const std::size_t slash = name.rfind('/');
  for (const formats::Identified& one :
       formats::identify(bytes, slash == std::string_view::npos ? name : name.substr(slash + 1))) {
    const bool rules_know = one.format == "pickle" || one.format == "torch-legacy" || one.format == "zip" ||
                            one.format == "tar" || one.format == "numpy" || one.format == "gzip" ||
                            one.format == "bzip2" || one.format == "xz" || one.format == "lz4" ||
                            one.format == "zstd" || one.format == "safetensors" || one.format == "gguf" ||
                            one.format == "hdf5" || one.format == "onnx" || one.format == "7z" ||
                            one.format == "joblib" || one.format == "joblib-compressed";
    if (rules_know &&
        (one.certain || name.ends_with(".pkl") || name.ends_with(".pickle") || name.ends_with(".joblib"))) {
      return true;
    }
  }
  return false;
}

}  // namespace scan
