#include "formats/identify_graph.h"

#include <algorithm>
#include <cstring>
#include <initializer_list>
#include <optional>

#include "base/find.h"
#include "formats/checkpoint/checkpoint.h"
#include "formats/network/network.h"
#include "formats/protobuf/wire.h"

namespace formats {
namespace {

using base::ByteCursor;
using base::Bytes;
using protobuf::Field;
using protobuf::Wire;
using namespace std::string_view_literals;

constexpr std::uint64_t kManyFields = 1ULL << 32;

/// A varint at `at`, which advances; false where it is cut off or longer than ten bytes.
bool next_number(Bytes bytes, std::size_t& at, std::uint64_t& value) {
  value = 0;
  for (unsigned shift = 0; shift < 64 && at < bytes.size(); shift += 7) {
    const auto byte = std::to_integer<std::uint64_t>(bytes[at++]);
    value |= (byte & 0x7F) << shift;
    if (byte < 0x80) {
      return true;
    }
  }
  return false;
}

/// What protobuf::read_field() takes for a field, without the words for why it is none: any file is asked here several
/// times, down to its last byte where all of it happens to be fields.
bool next_field(Bytes bytes, std::size_t& at, Field& field) {
  const std::size_t begin = at;
  std::uint64_t tag = 0;
  if (!next_number(bytes, at, tag) || tag >> 3 == 0 || tag >> 3 >= 1ULL << 29) {
    return false;
  }
  const auto take = [&](std::uint64_t count) {
    if (count > bytes.size() - at) {
      return false;
    }
    field.bytes = bytes.subspan(at, static_cast<std::size_t>(count));
    at += static_cast<std::size_t>(count);
    return true;
  };
  field.number = tag >> 3;
  field.bytes = {};
  switch (tag & 7) {
    case 0:
      field.wire = Wire::varint;
      return next_number(bytes, at, field.value);
    case 1:
    case 5: {
      field.wire = (tag & 7) == 1 ? Wire::fixed64 : Wire::fixed32;
      const bool whole = take((tag & 7) == 1 ? 8 : 4);
      field.bytes = {};
      return whole;
    }
    case 2: {
      std::uint64_t length = 0;
      field.wire = Wire::bytes;
      return next_number(bytes, at, length) && take(length);
    }
    case 3: {
      ByteCursor in(bytes.subspan(begin));
      const auto group = protobuf::read_field(in);
      if (!group) {
        return false;
      }
      field = *group;
      at = bytes.size() - in.remaining();
      return true;
    }
    default:
      return false;
  }
}

/// Goes over the fields of a message until `each` returns false; says whether all bytes were fields.
template <class Each>
bool over_fields(Bytes bytes, std::uint64_t max_fields, Each each) {
  std::size_t at = 0;
  Field field;
  for (std::uint64_t i = 0; i < max_fields && at < bytes.size(); ++i) {
    if (!next_field(bytes, at, field)) {
      return false;
    }
    if (!each(field)) {
      return true;
    }
  }
  return true;
}

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != '\x7f'; });
}

bool is_identifier(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !text.empty() && text.size() <= 256 && is_letter(text[0]) &&
         std::all_of(text.begin(), text.end(), [&](char c) {
           return is_letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '>' || c == ':' || c == '-' || c == '/';
         });
}

/// The nested message or text of that number, first of its kind.
std::optional<Bytes> first_bytes(Bytes message, std::uint64_t number) {
  std::optional<Bytes> out;
  over_fields(message, 100'000, [&](const Field& field) {
    if (field.number == number && field.wire == Wire::bytes) {
      out = field.bytes;
      return false;
    }
    return true;
  });
  return out;
}

/// Whether the bytes begin with fields of which any has a number that the messages below ask for. Of most files not
/// even the first bytes are fields, which one look tells for all of them.
bool may_be_message(Bytes content) {
  bool asked_for = false;
  over_fields(content, kManyFields, [&](const Field& field) {
    constexpr std::uint64_t kNumbers = 1U << 1 | 1U << 2 | 1U << 4 | 1U << 7 | 1U << 8 | 1U << 25;
    asked_for = (field.number < 64 && (kNumbers >> field.number & 1) != 0) || field.number == 100;
    return !asked_for;
  });
  return asked_for;
}

/// Names by which a message is told although its fields do not fit.
bool names_message(std::string_view lower_name) {
  return lower_name == "saved_model.pb" || lower_name.ends_with(".onnx") || lower_name.ends_with(".mlmodel") ||
         lower_name.ends_with(".pdmodel");
}

// ---- ONNX

/// onnx.proto NodeProto: an operator's name, inputs and outputs of text.
bool is_onnx_node(Bytes node) {
  bool named = false;
  bool ends = false;
  const bool whole = over_fields(node, 100'000, [&](const Field& field) {
    named = named || (field.number == 4 && field.wire == Wire::bytes && is_identifier(base::as_text(field.bytes)));
    ends = ends || ((field.number == 1 || field.number == 2) && field.wire == Wire::bytes &&
                    is_printable(base::as_text(field.bytes)));
    return true;
  });
  return whole && named && ends;
}

bool is_onnx_graph(Bytes graph) {
  bool node = false;
  int nodes = 0;
  over_fields(graph, kManyFields, [&](const Field& field) {
    if (field.number == 1 && field.wire == Wire::bytes) {
      node = node || is_onnx_node(field.bytes);
      return !node && ++nodes < 1000;
    }
    return true;
  });
  return node;
}

bool is_operator_set(Bytes set) {
  bool version = false;
  bool other = false;
  const bool whole = over_fields(set, 100, [&](const Field& field) {
    version = version || (field.number == 2 && field.wire == Wire::varint && field.value <= 100'000);
    other = other || (field.number == 1 && !(field.wire == Wire::bytes && is_printable(base::as_text(field.bytes))));
    return true;
  });
  return whole && version && !other;
}

void identify_onnx(Bytes content, bool named, std::vector<Identified>& out) {
  bool graph = false;
  bool plausible_graph = false;
  bool set = false;
  bool version = false;
  bool foreign = false;
  const bool whole = over_fields(content, kManyFields, [&](const Field& field) {
    if (field.number == 7 && field.wire == Wire::bytes) {
      graph = true;
      plausible_graph = plausible_graph || is_onnx_graph(field.bytes);
    } else if (field.number == 8 && field.wire == Wire::bytes) {
      set = set || is_operator_set(field.bytes);
    } else if (field.number == 1) {
      version = version || (field.wire == Wire::varint && field.value <= 1000);
      foreign = foreign || field.wire != Wire::varint;
    } else if (field.number == 25 && field.wire == Wire::bytes) {
      graph = graph || named;
    }
    return !foreign;
  });
  if (foreign && !named) {
    return;
  }
  if (whole && !foreign && (plausible_graph || (graph && set && version))) {
    out.push_back({"onnx", "content: protocol buffer fields of ONNX ModelProto", true});
  } else if (named) {
    out.push_back({"onnx", "name: .onnx, the fields do not fit", false});
  } else if (!whole && version && !foreign) {
    // Cut off or damaged: what stands before the graph, and the graph's own beginning, may still tell.
    std::size_t at = 0;
    std::size_t broken = 0;
    for (Field field; next_field(content, at, field);) {
      broken = at;
    }
    if (broken < content.size()) {
      ByteCursor ahead(content.subspan(broken));
      const auto tag = ahead.le<std::uint8_t>("tag");
      const auto length = protobuf::read_varint(ahead);
      if (tag && *tag == 0x3A && length && *length > ahead.remaining() && is_onnx_graph(ahead.rest())) {
        plausible_graph = true;
      }
    }
    if (plausible_graph) {
      out.push_back({"onnx", "content: protocol buffer fields of ONNX ModelProto, damaged", false});
    }
  }
}

// ---- TensorFlow

/// node_def.proto: name and operator, then mappings of attributes.
struct NodeLook {
  bool node = false;
  bool attributes = false;
};
NodeLook look_at_node(Bytes node) {
  bool name = false;
  bool op = false;
  bool wrong = false;
  bool attributes = false;
  const bool whole = over_fields(node, 10'000, [&](const Field& field) {
    if (field.number == 1 || field.number == 2) {
      const std::string_view text = base::as_text(field.bytes);
      wrong = wrong || field.wire != Wire::bytes || text.empty() || !is_printable(text) ||
              (field.number == 2 && !is_identifier(text));
      (field.number == 1 ? name : op) = true;
    } else if (field.number == 5) {
      const auto key = field.wire == Wire::bytes ? first_bytes(field.bytes, 1) : std::nullopt;
      attributes = attributes || (key && is_identifier(base::as_text(*key)));
    }
    return !wrong;
  });
  return {whole && name && op && !wrong, attributes};
}

struct GraphLook {
  bool whole = false;
  bool node = false;
  bool sure = false;  // attributes of a node, a library of functions or versions
};
GraphLook look_at_graph(Bytes graph) {
  GraphLook out;
  bool wrong = false;
  int nodes = 0;
  out.whole = over_fields(graph, kManyFields, [&](const Field& field) {
    if (field.number == 1) {
      if (field.wire != Wire::bytes) {
        wrong = true;
      } else if (nodes++ < 16) {
        const NodeLook look = look_at_node(field.bytes);
        wrong = wrong || !look.node;
        out.node = out.node || look.node;
        out.sure = out.sure || look.attributes;
      }
    } else if (field.number == 4 && field.wire == Wire::bytes) {
      out.sure = out.sure || (!field.bytes.empty() && field.bytes[0] == std::byte{0x08} && field.bytes.size() <= 64);
    } else if (field.number == 2 && field.wire == Wire::bytes) {
      // FunctionDefLibrary: a function's signature begins with its name.
      const auto function = first_bytes(field.bytes, 1);
      const auto signature = function ? first_bytes(*function, 1) : std::nullopt;
      const auto name = signature ? first_bytes(*signature, 1) : std::nullopt;
      out.sure = out.sure || (name && !name->empty() && is_printable(base::as_text(*name)));
    }
    return !wrong;
  });
  out.node = out.node && !wrong;
  out.sure = out.sure && !wrong;
  return out;
}

bool is_meta_info(Bytes info) {
  const auto version = first_bytes(info, 5);
  const auto tag = first_bytes(info, 4);
  return (version && !version->empty() && is_printable(base::as_text(*version))) ||
         (tag && !tag->empty() && is_printable(base::as_text(*tag)));
}

bool is_meta_graph(Bytes meta) {
  const auto info = first_bytes(meta, 1);
  const auto graph = first_bytes(meta, 2);
  if (graph) {
    const GraphLook look = look_at_graph(*graph);
    if (look.whole && (look.sure || look.node)) {
      return true;
    }
  }
  return info && is_meta_info(*info);
}

void identify_tensorflow(Bytes content, std::string_view lower_name, std::vector<Identified>& out) {
  const bool named_saved = lower_name == "saved_model.pb";
  bool schema = false;
  bool meta_graph = false;
  bool foreign = false;
  const bool whole = over_fields(content, kManyFields, [&](const Field& field) {
    if (field.number == 1) {
      foreign = foreign || field.wire != Wire::varint;
      schema = true;
    } else if (field.number == 2) {
      foreign = foreign || field.wire != Wire::bytes;
      meta_graph = meta_graph || (!foreign && is_meta_graph(field.bytes));
    }
    return !foreign;
  });
  if (whole && !foreign && meta_graph) {
    out.push_back({"tf-savedmodel", "content: protocol buffer fields of TensorFlow SavedModel", schema});
  } else if (named_saved) {
    out.push_back({"tf-savedmodel", "name: saved_model.pb", false});
  }
  if (content[0] == std::byte{0x08}) {
    return;  // neither of the others begins with a number
  }
  const GraphLook graph = look_at_graph(content);
  if (graph.whole && (graph.node || graph.sure)) {
    out.push_back({"tf-graphdef", "content: protocol buffer fields of TensorFlow GraphDef", graph.sure});
  } else if (graph.node && (lower_name.ends_with(".pb") || graph.sure)) {
    out.push_back({"tf-graphdef", "content: protocol buffer fields of TensorFlow GraphDef, damaged", false});
  }
  const auto first = first_bytes(content, 1);
  const auto second = first_bytes(content, 2);
  if (second && is_meta_graph(content) && look_at_graph(*second).whole &&
      over_fields(content, kManyFields, [](const Field&) { return true; })) {
    out.push_back({"tf-metagraph", "content: protocol buffer fields of TensorFlow MetaGraphDef", true});
  }
  if (first) {
    const auto identifier = first_bytes(*first, 4);
    if (identifier && base::as_text(*identifier).starts_with("_tf_keras_")) {
      out.push_back({"keras-metadata", "content: protocol buffer fields of Keras SavedMetadata", true});
    }
  }
}

// ---- other frameworks

/// Model.proto: a version, a description, and one model of a kind with a number from 200.
void identify_coreml(Bytes content, std::string_view lower_name, std::vector<Identified>& out) {
  bool version = false;
  bool kind = false;
  bool foreign = false;
  const bool whole = over_fields(content, 100'000, [&](const Field& field) {
    if (field.number == 1) {
      foreign = foreign || field.wire != Wire::varint || field.value > 1000;
      version = true;
    } else if (field.number == 2) {
      foreign = foreign || field.wire != Wire::bytes;
    } else if (field.number >= 200 && field.number <= 3000 && field.wire == Wire::bytes) {
      kind = true;
    }
    return !foreign;
  });
  if (whole && version && kind && !foreign) {
    out.push_back({"coreml", "content: protocol buffer fields of Core ML's Model", true});
  } else if (lower_name.ends_with(".mlmodel")) {
    out.push_back({"coreml", "name: .mlmodel, the fields do not fit", false});
  }
}

/// framework.proto: blocks that begin with their numbers, of operators that begin with inputs, outputs or their type.
void identify_paddle(Bytes content, std::string_view lower_name, std::vector<Identified>& out) {
  bool op = false;
  bool wrong = false;
  const bool whole = over_fields(content, 100'000, [&](const Field& field) {
    if (field.number == 1) {
      wrong = wrong || field.wire != Wire::bytes;
      bool index = false;
      over_fields(field.bytes, 1'000'000, [&](const Field& part) {
        index = index || (part.number == 1 && part.wire == Wire::varint);
        wrong = wrong || (part.number == 1 && part.wire != Wire::varint);
        if (index && part.number == 4 && part.wire == Wire::bytes) {
          const auto type = first_bytes(part.bytes, 3);
          op = op || (type && is_identifier(base::as_text(*type)));
          return false;
        }
        return !wrong;
      });
    }
    return !wrong;
  });
  if (op && !wrong && (whole || lower_name.ends_with(".pdmodel"))) {
    out.push_back({"paddle", "content: protocol buffer fields of PaddlePaddle's ProgramDesc", whole});
  } else if (out.empty() && lower_name.ends_with(".pdmodel")) {
    out.push_back({"paddle", "name: .pdmodel, the fields do not fit", false});
  }
}

/// caffe.proto: a name, then layers with a name and a type.
void identify_caffe(Bytes content, std::string_view lower_name, std::vector<Identified>& out) {
  bool layer = false;
  bool wrong = false;
  const bool whole = over_fields(content, 1'000'000, [&](const Field& field) {
    if (field.number == 1) {
      wrong = wrong || field.wire != Wire::bytes || !is_printable(base::as_text(field.bytes));
    } else if (field.number == 100 && field.wire == Wire::bytes && !layer) {
      const auto name = first_bytes(field.bytes, 1);
      const auto type = first_bytes(field.bytes, 2);
      layer = name && type && is_printable(base::as_text(*name)) && is_identifier(base::as_text(*type));
    } else if (field.number == 2 && field.wire == Wire::bytes && !layer) {
      const auto name = first_bytes(field.bytes, 4);
      layer = lower_name.ends_with(".caffemodel") && name && is_printable(base::as_text(*name));
    }
    return !wrong;
  });
  if (layer && !wrong && (whole || lower_name.ends_with(".caffemodel"))) {
    out.push_back({"caffe", "content: protocol buffer fields of Caffe's NetParameter", whole});
  }
}

/// Whether a word that begins with '<' stands in the text. Where that is rare, as in all that is no XML, looking for it
/// alone takes a tenth of the time.
bool mentions_tag(std::string_view text, std::string_view word) {
  constexpr int kRare = 32;
  for (int tries = 0; tries < kRare; ++tries) {
    const std::size_t at = text.find('<');
    if (at == std::string_view::npos) {
      return false;
    }
    text.remove_prefix(at);
    if (text.starts_with(word)) {
      return true;
    }
    text.remove_prefix(1);
  }
  return base::contains(text, word);
}

void identify_by_head(std::string_view text, std::string_view lower_name, std::vector<Identified>& out) {
  const std::string_view head = text.substr(0, 1U << 16);
  const auto has = [&](std::string_view needle) { return base::contains(head, needle); };
  if (text.starts_with("ptrt") || text.starts_with("ftrt")) {
    out.push_back({"tensorrt", "content: magic of a TensorRT engine", true});
  } else if (text.substr(4).starts_with("ET12")) {
    out.push_back({"executorch", "content: FlatBuffers identifier of ExecuTorch", true});
  } else if (text.starts_with("RKNN") || text.starts_with("CYPTRKNN")) {
    out.push_back({"rknn", "content: magic RKNN", true});
  } else if (text.starts_with("B\0C\0N\0"sv)) {
    out.push_back({"cntk", "content: magic BCN of CNTK", true});
  } else if (text.starts_with("\x08\x01\x12"sv) && has("primitive_functions") && has("uid")) {
    out.push_back({"cntk", "content: dictionary of CNTK", true});
  } else if (text.starts_with("\x83\xaf\x70\xd1\x0d\x88\x4a\x3f"sv)) {
    out.push_back({"tf-chunked", "content: signature of Riegeli", true});
  }
  // Torch 7: the type of the first value, its index, and the version of an object or the size of a table.
  if (text.starts_with("\x04\0\0\0\x01\0\0\0\x03\0\0\0V "sv) ||
      (text.starts_with("\x03\0\0\0\x01\0\0\0"sv) && lower_name.ends_with(".t7")) ||
      (text.starts_with("\x03\0\0\0\x01\0\0\0"sv) && text.size() > 24 && text.substr(12).starts_with("\x02\0\0\0"sv) &&
       text[10] == '\0' && text[11] == '\0')) {
    out.push_back({"torch7", "content: first value of Torch 7", true});
  } else if (lower_name.ends_with(".t7")) {
    out.push_back({"torch7", "name: .t7", false});
  }
  if (text.size() >= 88 && text.substr(4, 4) == "\x02\0\0\0"sv && text.substr(64, 4) == "\xEF\xBE\xAD\xDE"sv) {
    out.push_back({"coreml-weights", "content: sentinel of Core ML's blobs", true});
  }
  if (text.starts_with("7767517\n") || text.starts_with("7767517\r\n")) {
    out.push_back({"ncnn", "content: magic of ncnn's text", true});
  }
  if (mentions_tag(head, "<net ") && (has("<layers") || has("<layer "))) {
    out.push_back({"openvino", "content: XML with layers of OpenVINO", true});
  }
  if (const std::size_t first = head.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
      first != std::string_view::npos && head[first] == '{') {
    const std::string_view tail = text.substr(text.size() - std::min<std::size_t>(text.size(), 1U << 16));
    if (has("\"nodes\"") && (has("\"op\"")) &&
        (has("\"arg_nodes\"") || base::contains(tail, "\"arg_nodes\"") || base::contains(tail, "\"heads\""))) {
      out.push_back({"mxnet", "content: JSON of an MXNet symbol", true});
    }
    if (has("\"modelTopology\"") || has("\"weightsManifest\"") || base::contains(tail, "\"weightsManifest\"")) {
      out.push_back({"tfjs", "content: JSON of a TensorFlow.js model", true});
    }
    if (has("\"itemInfoEntries\"")) {
      out.push_back({"coreml-manifest", "content: manifest of a Core ML package", true});
    }
  }
}

// ---- text

/// The first word that is no comment, of what may be no text at all and terabytes long.
std::string_view first_word(std::string_view text) {
  constexpr std::size_t kLongestWord = 64;
  constexpr std::size_t kLongestComments = 16U << 20;
  text = text.substr(0, kLongestComments);
  while (!text.empty()) {
    const std::size_t begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) {
      return {};
    }
    text.remove_prefix(begin);
    if (text[0] != '#') {
      const std::string_view word = text.substr(0, kLongestWord);
      return word.substr(0, word.find_first_of(" \t\r\n:{<"));
    }
    const std::size_t end = text.find('\n');
    text.remove_prefix(end == std::string_view::npos ? text.size() : end);
  }
  return {};
}

void identify_text_message(std::string_view text, std::string_view lower_name, std::vector<Identified>& out) {
  // The names of fields, which are what such a text begins with, are small letters; so may be what is before them.
  const auto begin = static_cast<unsigned char>(text[0]);
  if (begin >= 0x7F || (begin < ' ' && begin != '\t' && begin != '\n' && begin != '\r')) {
    if (!lower_name.ends_with(".prototxt")) {
      return;
    }
  }
  const std::string_view word = first_word(text);
  const std::string_view head = text.substr(0, 1U << 16);
  const auto has = [&](std::string_view needle) { return base::contains(head, needle); };
  const bool named =
      lower_name.ends_with(".pbtxt") || lower_name.ends_with(".textproto") || lower_name.ends_with(".prototxt");
  if ((word == "ir_version" || word == "opset_import" || word == "graph" || word == "producer_name") &&
      (has("op_type:") || (has("opset_import") && has("graph")))) {
    out.push_back({"onnx-text", "content: text format of ONNX ModelProto", true});
  } else if (word == "saved_model_schema_version" || word == "meta_graphs") {
    out.push_back({"tf-savedmodel-text", "content: text format of TensorFlow SavedModel", true});
  } else if (word == "meta_info_def" || word == "graph_def") {
    out.push_back({"tf-metagraph-text", "content: text format of TensorFlow MetaGraphDef", true});
  } else if ((word == "node" || word == "versions" || word == "library") &&
             (has("node {") || has("node{") || has("node <") || has("function {")) && (has("op:") || named)) {
    out.push_back({"tf-graphdef-text", "content: text format of TensorFlow GraphDef", true});
  } else if ((word == "name" || word == "layer" || word == "layers" || word == "input" || word == "input_shape" ||
              word == "force_backward" || word == "state" || lower_name.ends_with(".prototxt")) &&
             (has("layer {") || has("layer{") || has("layers {") || has("python_param")) && has("type:")) {
    out.push_back({"caffe-text", "content: text format of Caffe's NetParameter", true});
  }
}

// ---- tables of numbers

/// "model.ckpt.data-00000-of-00001", and the "-00000-of-" of other splits.
bool names_checkpoint_data(std::string_view lower_name) {
  const std::size_t at = lower_name.rfind(".data-");
  if (at == std::string_view::npos) {
    return false;
  }
  const std::string_view rest = lower_name.substr(at + 6);
  return rest.size() == 14 && rest.substr(5, 4) == "-of-" &&
         std::all_of(rest.begin(), rest.begin() + 5, [](char c) { return c >= '0' && c <= '9'; }) &&
         std::all_of(rest.begin() + 9, rest.end(), [](char c) { return c >= '0' && c <= '9'; });
}

void identify_numbers(Bytes content, std::string_view lower_name, std::vector<Identified>& out) {
  if (checkpoint::is_tensor_bundle(content)) {
    out.push_back({"tf-checkpoint", "content: magic at the end of a table of tensors", true});
  } else if (names_checkpoint_data(lower_name)) {
    out.push_back({"tf-checkpoint-data", "name: .data-NNNNN-of-NNNNN", false});
  }
  if (checkpoint::is_fasttext(content)) {
    out.push_back({"fasttext", "content: magic of fastText", true});
  }
  if (checkpoint::is_faiss(content)) {
    out.push_back({"faiss", "content: header of an index of FAISS", true});
  }
  if (content[0] >= std::byte{'1'} && content[0] <= std::byte{'9'} && checkpoint::is_word2vec(content)) {
    out.push_back({"word2vec", "content: numbers of words and dimensions, then vectors", true});
  }
  // Twelve zeros: two versions and no levels of detail.
  const std::string_view text = base::as_text(content);
  if (text.starts_with("\0\0\0\0"sv) && content.size() > 24 && checkpoint::is_paddle_parameters(content)) {
    out.push_back({"paddle-parameters", "content: tensors of PaddlePaddle", true});
  }
  if (content[1] == std::byte{0} && content[2] == std::byte{0} && content[3] == std::byte{0} &&
      (content[0] > std::byte{7}) && network::is_mnn(content)) {
    out.push_back({"mnn", "content: FlatBuffer with operators and tensors of MNN", true});
  } else if (lower_name.ends_with(".mnn")) {
    out.push_back({"mnn", "name: .mnn, the tables do not fit", false});
  }
  if (lower_name.ends_with(".ann") || lower_name.ends_with(".annoy")) {
    out.push_back({"annoy", "name: of an index of Annoy", false});
  }
}

}  // namespace

bool is_message(base::Bytes content) {
  return over_fields(content, kManyFields, [](const Field&) { return true; });
}

void identify_graph(base::Bytes content, std::string_view lower_name, std::vector<Identified>& out) {
  if (content.size() < 4) {
    return;
  }
  const std::string_view text = base::as_text(content);
  if (text.substr(4).starts_with("TFL3")) {
    out.push_back({"tflite", "content: FlatBuffers identifier TFL3", true});
  } else if (lower_name.ends_with(".tflite")) {
    out.push_back({"tflite", "name: .tflite, no identifier", false});
  }
  if (text.substr(4).starts_with("ORTM")) {
    out.push_back({"ort", "content: FlatBuffers identifier ORTM", true});
  } else if (lower_name.ends_with(".ort")) {
    out.push_back({"ort", "name: .ort, no identifier", false});
  }
  if (may_be_message(content) || names_message(lower_name)) {
    identify_onnx(content, lower_name.ends_with(".onnx"), out);
    identify_tensorflow(content, lower_name, out);
    identify_coreml(content, lower_name, out);
    identify_paddle(content, lower_name, out);
    identify_caffe(content, lower_name, out);
  }
  identify_by_head(text, lower_name, out);
  identify_text_message(text, lower_name, out);
  identify_numbers(content, lower_name, out);
}

}  // namespace formats
