#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "formats/protobuf/varint.h"
#include "scan/graph/graph.h"

namespace scan {
namespace {

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

bool judge_onnx(const Content& content, Collector& out) {
  out.format(content.format);
  OnnxWalk(content.path, out).model(content.bytes);
  return true;
}

}  // namespace scan
