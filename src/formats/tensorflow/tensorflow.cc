#include "formats/tensorflow/tensorflow.h"

#include <algorithm>

#include "formats/protobuf/text.h"
#include "formats/tensorflow/schema.h"

namespace formats::tensorflow {
namespace {

using protobuf::Found;

constexpr std::size_t kMaxUnknown = 1000;

class Builder final : public protobuf::Handler {
 public:
  Builder(Model& model, Root root, const Limits& limits) : model_(model), limits_(limits) {
    if (root == Root::node_def) {  // the root itself is not entered
      push(model_.nodes, {});
      in_node_ = true;
      model_.graphs = 1;
    } else if (root == Root::graph_def || root == Root::meta_graph) {
      model_.graphs = 1;
    }
  }

  bool enter(const Found& found) override {
    switch (found.field->message) {
      case kMetaGraphDef:
        graph_ = model_.graphs++;
        return true;
      case kFunctionDef: {
        Function function;
        function.graph = graph_;
        function.offset = found.content.offset;
        function_ = static_cast<std::uint32_t>(model_.functions.size());
        return push(model_.functions, std::move(function));
      }
      case kNodeDef: {
        Node node;
        node.graph = graph_;
        node.function = function_;
        node.offset = found.content.offset;
        in_node_ = push(model_.nodes, std::move(node));
        return in_node_;
      }
      case kNodeDefAttrEntry:
        attribute_ = {};
        attribute_.offset = found.content.offset;
        in_attribute_ = true;
        return true;
      case kNameAttrListAttrEntry:
        return true;  // attributes of a function's call: texts and names below count for the node's attribute
      case kAttrValue:
        return in_attribute_;
      case kTensorProto:
        attribute_.is_tensor = true;
        tensor_ = {};
        tensor_.offset = found.content.offset;
        content_ = {};
        in_tensor_ = true;
        return true;
      case kOpDef:
        in_signature_ = function_ != kNoFunction;
        return in_signature_;
      case kOpDefArgDef:
        is_input_ = found.field->name == "input_arg";
        return is_input_;
      case kOpDefAttrDef:
        return false;
      case kAssetFileDef:
        return push(model_.assets, {{}, {}, graph_, found.content.offset});
      case kSaverDef:
        return push(model_.savers, {{}, {}, {}, graph_});
      case kMetaGraphDefCollectionDefEntry:
        key_ = {};
        return true;
      case kSavedUserObject:
      case kKerasSavedObject:
        key_ = {};
        return true;
      case kSignatureDef:
      case kFunctionDefAttrEntry:
      case kFunctionDefArgAttrEntry:
      case kFunctionDefResourceArgUniqueIdEntry:
        return false;
      default:
        return true;
    }
  }

  void leave(const protobuf::FieldSpec& field) override {
    switch (field.message) {
      case kFunctionDef:
        function_ = kNoFunction;
        break;
      case kNodeDef:
        in_node_ = false;
        break;
      case kNodeDefAttrEntry:
        in_attribute_ = false;
        if (in_node_ && (!attribute_.texts.empty() || !attribute_.functions.empty() || attribute_.is_tensor ||
                         attribute_.number != 0)) {
          model_.nodes.back().attributes.push_back(std::move(attribute_));
        }
        attribute_ = {};
        break;
      case kTensorProto:
        end_tensor();
        break;
      case kOpDef:
        in_signature_ = false;
        break;
      default:
        break;
    }
  }

  void value(const Found& found) override {
    const std::string_view text_value = base::as_text(found.content.bytes);
    const std::uint32_t number = found.field->number;
    switch (found.message) {
      case kNodeDef:
        node_value(number, text_value);
        break;
      case kNodeDefAttrEntry:
        attribute_.key = text_value;
        break;
      case kAttrValue:
        if (number == 2 || number == 9) {
          keep(text_value);
        } else if (number == 3 || number == 5 || number == 6) {
          attribute_.number = found.content.value;
        }
        break;
      case kAttrValueListValue:
        if (number == 2) {
          keep(text_value);
        }
        break;
      case kNameAttrList:
        if (number == 1) {
          attribute_.functions.push_back(text_value);
        }
        break;
      case kTensorProto:
        tensor_value(found);
        break;
      case kTensorShapeProtoDim:
        if (in_tensor_ && number == 1) {
          tensor_.negative = tensor_.negative || static_cast<std::int64_t>(found.content.value) < 0;
          if (__builtin_mul_overflow(tensor_.elements, found.content.value, &tensor_.elements)) {
            tensor_.elements = UINT64_MAX;
          }
        }
        break;
      case kOpDef:
        if (number == 1 && in_signature_) {
          model_.functions.back().name = text_value;
        }
        break;
      case kOpDefArgDef:
        if (number == 1 && is_input_ && in_signature_) {
          model_.functions.back().arguments.push_back(text_value);
        }
        break;
      case kAssetFileDef:
        model_.assets.back().file = text_value;
        break;
      case kTensorInfo:
        if (number == 1 && !model_.assets.empty()) {
          model_.assets.back().tensor = text_value;
        }
        break;
      case kSaverDef:
        if (number == 1) {
          model_.savers.back().filename_tensor = text_value;
        } else if (number == 2) {
          model_.savers.back().save_tensor = text_value;
        } else if (number == 3) {
          model_.savers.back().restore_operation = text_value;
        }
        break;
      case kMetaGraphDefCollectionDefEntry:
        key_ = text_value;
        break;
      case kCollectionDefNodeList:
      case kCollectionDefBytesList:
        text("collection", key_, text_value, found.content.offset);
        break;
      case kAny:
        if (number == 2) {
          text("message of any type", key_, text_value, found.content.offset);
        }
        break;
      case kSavedUserObject:
        if (number == 1) {
          key_ = text_value;
        } else if (number == 3) {
          text("metadata", key_, text_value, found.content.offset);
        }
        break;
      case kKerasSavedObject:
        if (number == 4) {
          key_ = text_value;
        } else if (number == 5) {
          text("metadata", key_, text_value, found.content.offset);
        }
        break;
      default:
        break;
    }
  }

  void unknown(const Found& found) override {
    if (found.content.bytes.empty()) {
      return;
    }
    if (unknown_++ < kMaxUnknown) {
      model_.texts.push_back({"unknown field", {}, base::as_text(found.content.bytes), found.content.offset});
    } else {
      model_.cut = true;
    }
  }

 private:
  template <class Item>
  bool push(std::vector<Item>& list, Item item) {
    if (list.size() >= limits_.max_nodes) {
      model_.cut = true;
      return false;
    }
    list.push_back(std::move(item));
    return true;
  }
  bool room() {
    if (texts_++ < limits_.max_texts) {
      return true;
    }
    model_.cut = true;
    return false;
  }
  void keep(std::string_view value) {
    if (room()) {
      attribute_.texts.push_back(value);
    }
  }
  void text(std::string_view what, std::string_view key, std::string_view value, std::uint64_t offset) {
    if (!value.empty() && room()) {
      model_.texts.push_back({what, key, value, offset});
    }
  }
  void node_value(std::uint32_t number, std::string_view value) {
    if (!in_node_) {
      return;
    }
    Node& node = model_.nodes.back();
    if (number == 1) {
      node.name = value;
    } else if (number == 2) {
      node.op = value;
    } else if (number == 3) {
      node.inputs.push_back(value);
    }
  }
  void tensor_value(const Found& found) {
    const base::Bytes bytes = found.content.bytes;
    tensor_.bytes += bytes.empty() ? 1 : bytes.size();
    switch (found.field->number) {
      case 1:
        tensor_.type = found.content.value;
        break;
      case 4:
        content_ = bytes;
        break;
      case 8:
        keep(base::as_text(bytes));
        break;
      default:
        break;
    }
  }
  /// Text may also stand in tensor_content: the lengths of all elements, then the elements.
  void end_tensor() {
    in_tensor_ = false;
    if (tensor_.type == kString && !content_.empty()) {
      base::ByteCursor in(content_);
      std::vector<std::uint64_t> lengths;
      const std::uint64_t count = std::min<std::uint64_t>(tensor_.elements, content_.size());
      for (std::uint64_t i = 0; i < count; ++i) {
        const auto length = protobuf::read_varint(in);
        if (!length) {
          break;
        }
        lengths.push_back(*length);
      }
      for (const std::uint64_t length : lengths) {
        const auto element = in.take(length, "element");
        if (!element) {
          break;
        }
        keep(base::as_text(*element));
      }
      if (!in.empty()) {
        keep(base::as_text(in.rest()));
      }
    }
    const std::uint32_t width = std::max(element_bytes(tensor_.type), 1U);
    const bool more = tensor_.elements > tensor_.bytes / width && tensor_.elements > (1ULL << 20);
    if (tensor_.negative || more) {
      push(model_.tensors, tensor_);
    }
  }

  Model& model_;
  const Limits& limits_;
  std::uint32_t graph_ = 0;
  std::uint32_t function_ = kNoFunction;
  bool in_node_ = false;
  bool in_attribute_ = false;
  bool in_tensor_ = false;
  bool in_signature_ = false;
  bool is_input_ = false;
  Attribute attribute_;
  Tensor tensor_;
  base::Bytes content_;
  std::string_view key_;
  std::uint64_t texts_ = 0;
  std::uint64_t unknown_ = 0;
};

constexpr std::uint16_t root_message(Root root) {
  switch (root) {
    case Root::saved_model:
      return kSavedModel;
    case Root::meta_graph:
      return kMetaGraphDef;
    case Root::graph_def:
      return kGraphDef;
    case Root::node_def:
      return kNodeDef;
    case Root::keras_metadata:
      return kKerasSavedMetadata;
  }
  return kSavedModel;
}

}  // namespace

const Attribute* Node::attribute(std::string_view key) const {
  const auto found =
      std::find_if(attributes.rbegin(), attributes.rend(), [&](const Attribute& one) { return one.key == key; });
  return found == attributes.rend() ? nullptr : &*found;
}

std::uint32_t element_bytes(std::uint64_t type) {
  // By the numbers of DataType; types of references are 100 higher.
  constexpr std::uint32_t kBytes[] = {0, 4, 8, 4, 1, 2, 1, 0, 8, 8, 1, 1, 1, 4, 2, 2, 2, 2, 16, 2, 0, 0, 4, 8};
  const std::uint64_t plain = type > 100 ? type - 100 : type;
  return plain < std::size(kBytes) ? kBytes[plain] : 0;
}

base::Result<std::string> encode(std::string_view text, Root root) {
  auto encoded = TRY(protobuf::encode_text(text, kSchema, root_message(root)));
  return std::move(encoded.wire);
}

Model parse(base::Bytes content, Root root, const Limits& limits) {
  Model model;
  Builder builder(model, root, limits);
  model.report = protobuf::walk(content, kSchema, root_message(root), builder);
  return model;
}

}  // namespace formats::tensorflow
