#include "formats/onnx/onnx.h"

#include <algorithm>

#include "formats/onnx/schema.h"
#include "formats/protobuf/text.h"

namespace formats::onnx {
namespace {

using protobuf::Found;

constexpr std::size_t kHeadBytes = 4096;  // of raw data, to be looked at for what is no tensor
constexpr std::size_t kMaxUnknown = 1000;

/// Gathers the parts of a model while the walk goes over them.
class Builder final : public protobuf::Handler {
 public:
  Builder(Model& model, const Limits& limits) : model_(model), limits_(limits) {}

  bool enter(const Found& found) override {
    switch (found.field->message) {
      case kGraphProto:
        ++model_.graphs;
        return true;
      case kFunctionProto:
        function_ = static_cast<std::uint32_t>(model_.functions.size());
        return push(model_.functions, {{}, {}, {}, found.content.offset});
      case kOperatorSetIdProto:
        return push(model_.operator_sets, {{}, 0, found.content.offset});
      case kNodeProto: {
        Node node;
        node.function = function_;
        node.offset = found.content.offset;
        open_nodes_.push_back(model_.nodes.size());
        if (!push(model_.nodes, std::move(node))) {
          open_nodes_.pop_back();
          return false;
        }
        return true;
      }
      case kAttributeProto:
        attributes_.push_back({{}, {}, found.content.offset});
        return true;
      case kTensorProto: {
        Tensor tensor;
        tensor.offset = found.content.offset;
        open_tensors_.push_back(model_.tensors.size());
        if (!push(model_.tensors, std::move(tensor))) {
          open_tensors_.pop_back();
          return false;
        }
        return true;
      }
      case kStringStringEntryProto:
        entry_ = {{}, {}, found.content.offset};
        external_ = found.message == kTensorProto && found.field->name == "external_data";
        return true;
      default:
        return true;
    }
  }

  void leave(const protobuf::FieldSpec& field) override {
    switch (field.message) {
      case kFunctionProto:
        function_ = kNoFunction;
        break;
      case kNodeProto:
        open_nodes_.pop_back();
        break;
      case kAttributeProto: {
        Attribute done = std::move(attributes_.back());
        attributes_.pop_back();
        if (!done.texts.empty() && !open_nodes_.empty()) {
          model_.nodes[open_nodes_.back()].attributes.push_back(std::move(done));
        }
        break;
      }
      case kTensorProto:
        open_tensors_.pop_back();
        break;
      case kStringStringEntryProto:
        if (external_ && !open_tensors_.empty()) {
          auto& entries = model_.tensors[open_tensors_.back()].external;
          if (entries.size() < 1000) {
            entries.push_back(entry_);
          } else {
            model_.cut = true;
          }
        } else {
          text("metadata_props", entry_.key, entry_.value, entry_.offset);
        }
        external_ = false;
        break;
      default:
        break;
    }
  }

  void value(const Found& found) override {
    const std::string_view text_value = base::as_text(found.content.bytes);
    const std::uint32_t number = found.field->number;
    if (found.field->name == "doc_string") {
      text("doc_string", {}, text_value, found.content.offset);
      return;
    }
    switch (found.message) {
      case kModelProto:
        if (number == 1) {
          model_.ir_version = found.content.value;
        } else if (number == 2) {
          model_.producer_name = text_value;
        }
        break;
      case kOperatorSetIdProto:
        if (number == 1) {
          model_.operator_sets.back().domain = text_value;
        } else {
          model_.operator_sets.back().version = found.content.value;
        }
        break;
      case kFunctionProto:
        if (number == 1) {
          model_.functions.back().name = text_value;
        } else if (number == 10) {
          model_.functions.back().domain = text_value;
        } else if (number == 13) {
          model_.functions.back().overload = text_value;
        }
        break;
      case kNodeProto: {
        Node& node = model_.nodes[open_nodes_.back()];
        if (number == 3) {
          node.name = text_value;
        } else if (number == 4) {
          node.op_type = text_value;
        } else if (number == 7) {
          node.domain = text_value;
        } else if (number == 8) {
          node.overload = text_value;
        }
        break;
      }
      case kAttributeProto:
        if (number == 1) {
          attributes_.back().name = text_value;
        } else if (number == 4 || number == 9) {
          if (texts_++ < limits_.max_texts) {
            attributes_.back().texts.push_back(text_value);
          } else {
            model_.cut = true;
          }
        }
        break;
      case kTensorProto:
        tensor_value(found);
        break;
      case kStringStringEntryProto:
        (number == 1 ? entry_.key : entry_.value) = text_value;
        break;
      default:
        break;
    }
  }

  void unknown(const Found& found) override {
    if (found.content.bytes.empty()) {
      return;
    }
    if (model_.unknown.size() < kMaxUnknown) {
      model_.unknown.push_back({"unknown field", {}, base::as_text(found.content.bytes), found.content.offset});
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
  void text(std::string_view what, std::string_view key, std::string_view value, std::uint64_t offset) {
    if (value.empty() && key.empty()) {
      return;
    }
    if (texts_++ < limits_.max_texts) {
      model_.texts.push_back({what, key, value, offset});
    } else {
      model_.cut = true;
    }
  }
  void tensor_value(const Found& found) {
    Tensor& tensor = model_.tensors[open_tensors_.back()];
    const base::Bytes bytes = found.content.bytes;
    switch (found.field->number) {
      case 1:
        protobuf::for_each_varint(found, [&](std::uint64_t extent) {
          if (++tensor.rank <= 64) {
            tensor.dims.push_back(static_cast<std::int64_t>(extent));
          }
        });
        break;
      case 2:
        tensor.data_type = static_cast<std::int64_t>(found.content.value);
        break;
      case 4:
      case 10:
        tensor.typed_bytes += found.packed ? bytes.size() : (found.field->number == 4 ? 4 : 8);
        break;
      case 5:
      case 7:
      case 11:
        tensor.typed_bytes += found.packed ? bytes.size() : 1;
        break;
      case 6:
        ++tensor.strings;
        text("string_data", tensor.name, base::as_text(bytes), found.content.offset);
        break;
      case 8:
        tensor.name = base::as_text(bytes);
        break;
      case 9:
        tensor.has_raw = true;
        tensor.raw_bytes = bytes.size();
        tensor.raw_head = bytes.first(std::min(bytes.size(), kHeadBytes));
        tensor.raw_offset = found.content.offset;
        break;
      case 14:
        tensor.is_external = found.content.value == 1;
        break;
      default:
        break;
    }
  }

  Model& model_;
  const Limits& limits_;
  std::vector<std::size_t> open_nodes_;  // indices, innermost last: graphs are attributes of nodes
  std::vector<std::size_t> open_tensors_;
  std::vector<Attribute> attributes_;
  std::uint32_t function_ = kNoFunction;
  Entry entry_;
  bool external_ = false;
  std::uint64_t texts_ = 0;
};

}  // namespace

Model parse(base::Bytes content, const Limits& limits) {
  Model model;
  Builder builder(model, limits);
  model.report = protobuf::walk(content, kSchema, kModelProto, builder);
  return model;
}

base::Result<std::string> encode(std::string_view text) {
  auto encoded = TRY(protobuf::encode_text(text, kSchema, kModelProto));
  return std::move(encoded.wire);
}

std::uint32_t element_bits(std::int64_t data_type) {
  // By the numbers of TensorProto.DataType.
  constexpr std::uint32_t kBits[] = {0,   32, 8, 8, 16, 16, 32, 64, 0, 8, 16, 64, 32, 64, 64,
                                     128, 16, 8, 8, 8,  8,  4,  4,  4, 8, 2,  2,  6,  6};
  return data_type >= 0 && data_type < static_cast<std::int64_t>(std::size(kBits)) ? kBits[data_type] : 0;
}

}  // namespace formats::onnx
