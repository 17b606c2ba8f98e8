#include <utility>

#include "formats/flatbuffers/flatbuffers.h"
#include "formats/onnx/onnx.h"

// Field numbers are those of core/flatbuffers/schema/ort.fbs.
namespace formats::onnx {
namespace {

using flatbuffers::Buffer;
using flatbuffers::Table;
using flatbuffers::Vector;

constexpr std::uint32_t kMaxDepth = 100;
constexpr std::size_t kHeadBytes = 4096;

class Builder {
 public:
  Builder(Buffer& buffer, Model& model, const Limits& limits) : buffer_(buffer), model_(model), limits_(limits) {}

  void read(const Table& session) {
    const Table model = session.table(1);
    model_.ir_version = model.number(0, 8);
    model_.producer_name = model.text(2);
    const Vector sets = model.vector(1, 4);
    for (std::uint32_t i = 0; i < sets.count && room(model_.operator_sets.size()); ++i) {
      const Table set = buffer_.table_in(sets, i);
      model_.operator_sets.push_back({set.text(0), set.number(1, 8), set.at()});
    }
    text("doc_string", {}, model.text(6), model.at());
    text("doc_string", {}, model.text(8), model.at());
    const Vector entries = model.vector(9, 4);
    for (std::uint32_t i = 0; i < entries.count && room(model_.texts.size()); ++i) {
      const Table entry = buffer_.table_in(entries, i);
      text("metadata_props", entry.text(0), entry.text(1), entry.at());
    }
    graphs_.emplace_back(model.table(7), 1);
    while (!graphs_.empty()) {
      const auto [graph, depth] = graphs_.back();
      graphs_.pop_back();
      if (depth > kMaxDepth) {
        buffer_.fail(base::Errc::too_large, "graphs: nested deeper than 100", graph.at());
        return;
      }
      read_graph(graph, depth);
    }
  }

 private:
  bool room(std::size_t size) {
    if (size < limits_.max_nodes) {
      return true;
    }
    model_.cut = true;
    return false;
  }
  void text(std::string_view what, std::string_view key, std::string_view value, std::uint64_t offset) {
    if (!(value.empty() && key.empty()) && room(model_.texts.size())) {
      model_.texts.push_back({what, key, value, offset});
    }
  }
  void read_graph(const Table& graph, std::uint32_t depth) {
    if (!graph.present()) {
      return;
    }
    ++model_.graphs;
    const Vector tensors = graph.vector(0, 4);
    for (std::uint32_t i = 0; i < tensors.count && room(model_.tensors.size()); ++i) {
      read_tensor(buffer_.table_in(tensors, i));
    }
    const Vector nodes = graph.vector(2, 4);
    for (std::uint32_t i = 0; i < nodes.count && room(model_.nodes.size()); ++i) {
      read_node(buffer_.table_in(nodes, i), depth);
    }
    const Vector sparse = graph.vector(7, 4);
    for (std::uint32_t i = 0; i < sparse.count && room(model_.tensors.size()); ++i) {
      const Table one = buffer_.table_in(sparse, i);
      read_tensor(one.table(0));
      read_tensor(one.table(1));
    }
  }
  void read_node(const Table& table, std::uint32_t depth) {
    Node node;
    node.name = table.text(0);
    node.domain = table.text(2);
    node.op_type = table.text(5);
    node.offset = table.at();
    text("doc_string", {}, table.text(1), table.at());
    const Vector attributes = table.vector(10, 4);
    for (std::uint32_t i = 0; i < attributes.count && room(i); ++i) {
      const Table one = buffer_.table_in(attributes, i);
      Attribute attribute{one.text(0), {}, one.at()};
      text("doc_string", {}, one.text(1), one.at());
      if (const std::string_view s = one.text(5); !s.empty()) {
        attribute.texts.push_back(s);
      }
      const Vector strings = one.vector(10, 4);
      for (std::uint32_t k = 0; k < strings.count && room(attribute.texts.size()); ++k) {
        attribute.texts.push_back(buffer_.text_in(strings, k));
      }
      read_tensor(one.table(6));
      const Vector tensors = one.vector(11, 4);
      for (std::uint32_t k = 0; k < tensors.count && room(model_.tensors.size()); ++k) {
        read_tensor(buffer_.table_in(tensors, k));
      }
      graphs_.emplace_back(one.table(7), depth + 1);
      const Vector graphs = one.vector(12, 4);
      for (std::uint32_t k = 0; k < graphs.count && room(graphs_.size()); ++k) {
        graphs_.emplace_back(buffer_.table_in(graphs, k), depth + 1);
      }
      if (!attribute.texts.empty()) {
        node.attributes.push_back(std::move(attribute));
      }
    }
    model_.nodes.push_back(std::move(node));
  }
  void read_tensor(const Table& table) {
    if (!table.present()) {
      return;
    }
    Tensor tensor;
    tensor.name = table.text(0);
    text("doc_string", {}, table.text(1), table.at());
    const Vector dims = table.vector(2, 8);
    tensor.rank = dims.count;
    for (std::uint32_t i = 0; i < dims.count && i < 64; ++i) {
      tensor.dims.push_back(static_cast<std::int64_t>(buffer_.number_in(dims, i, 8)));
    }
    tensor.data_type = static_cast<std::int64_t>(table.number(3, 4));
    const base::Bytes raw = table.bytes(4);
    tensor.raw_bytes = raw.size();
    tensor.has_raw = table.has(4);
    tensor.raw_head = raw.first(std::min(raw.size(), kHeadBytes));
    tensor.offset = table.at();
    const Vector strings = table.vector(5, 4);
    tensor.strings = strings.count;
    for (std::uint32_t i = 0; i < strings.count && room(model_.texts.size()); ++i) {
      text("string_data", tensor.name, buffer_.text_in(strings, i), table.at());
    }
    tensor.is_external = table.has(6) && static_cast<std::int64_t>(table.number(6, 8)) >= 0;
    if (tensor.is_external) {
      tensor.external.push_back({"location", "(beside the model)", tensor.offset});
    }
    model_.tensors.push_back(std::move(tensor));
  }

  Buffer& buffer_;
  Model& model_;
  const Limits& limits_;
  std::vector<std::pair<Table, std::uint32_t>> graphs_;
};

}  // namespace

base::Result<Model> parse_ort(base::Bytes content, const Limits& limits) {
  Buffer buffer(content);
  Model model;
  const Table session = buffer.root();
  Builder(buffer, model, limits).read(session);
  if (buffer.problem()) {
    return *buffer.problem();
  }
  return model;
}

}  // namespace formats::onnx
