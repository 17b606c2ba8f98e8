#include "formats/tflite/tflite.h"

#include <algorithm>

#include "formats/flatbuffers/flatbuffers.h"

// Field numbers are those of schema.fbs.
namespace formats::tflite {
namespace {

using flatbuffers::Buffer;
using flatbuffers::Table;
using flatbuffers::Vector;

constexpr std::uint32_t kLastBuiltin = 400;  // far above the newest; a greater one is no operator
constexpr std::uint64_t kMaxParts = 20'000'000;
constexpr std::uint64_t kString = 5;
// BuiltinOptions with indices of sub-graphs.
constexpr std::uint64_t kCallOptions = 16;
constexpr std::uint64_t kIfOptions = 92;
constexpr std::uint64_t kWhileOptions = 93;
constexpr std::uint64_t kCallOnceOptions = 103;

/// Bits of an element by TensorType; 0 where that is not fixed.
constexpr std::uint32_t type_bits(std::uint64_t type) {
  constexpr std::uint32_t kBits[] = {32, 16, 32, 8, 64, 0, 8, 16, 64, 8, 64, 128, 64, 0, 0, 32, 16, 4, 16, 2, 4};
  return type < std::size(kBits) ? kBits[type] : 0;
}

struct Stored {
  std::uint64_t size = 0;
  std::uint64_t offset = 0;
  base::Bytes bytes;
};

class Reader {
 public:
  explicit Reader(base::Bytes content) : content_(content), buffer_(content) {}

  base::Result<Model> read() {
    const Table root = buffer_.root();
    model_.version = static_cast<std::uint32_t>(root.number(0, 4));
    if (root.present() && model_.version != 3) {
      defect("version " + std::to_string(model_.version), root.at());
    }
    read_codes(root.vector(1, 4));
    read_buffers(root.vector(4, 4));
    text("description", {}, root.text(3), root.at());
    subgraphs_ = root.vector(2, 4);
    model_.subgraphs = subgraphs_.count;
    if (root.present() && subgraphs_.count == 0) {
      defect("no sub-graph", root.at());
    }
    for (std::uint32_t i = 0; i < subgraphs_.count && !buffer_.problem(); ++i) {
      read_subgraph(buffer_.table_in(subgraphs_, i), i);
    }
    const Vector metadata = root.vector(6, 4);
    for (std::uint32_t i = 0; i < metadata.count && !buffer_.problem(); ++i) {
      const Table one = buffer_.table_in(metadata, i);
      const auto index = static_cast<std::uint32_t>(one.number(1, 4));
      if (index >= stored_.size()) {
        defect("metadata " + std::to_string(i) + ": buffer " + std::to_string(index) + " of " +
                   std::to_string(stored_.size()),
               one.at());
        continue;
      }
      text("metadata", one.text(0), base::as_text(stored_[index].bytes), stored_[index].offset);
    }
    const Vector signatures = root.vector(7, 4);
    for (std::uint32_t i = 0; i < signatures.count && !buffer_.problem(); ++i) {
      const Table one = buffer_.table_in(signatures, i);
      if (one.number(4, 4) >= subgraphs_.count) {
        defect("signature " + std::to_string(i) + ": sub-graph " + std::to_string(one.number(4, 4)), one.at());
      }
    }
    if (buffer_.problem()) {
      return *buffer_.problem();
    }
    return std::move(model_);
  }

 private:
  void defect(std::string what, std::uint64_t offset, bool exhausting = false) {
    if (model_.defects.size() < 100) {
      model_.defects.push_back({std::move(what), offset, exhausting});
    }
  }
  void text(std::string_view what, std::string_view key, std::string_view value, std::uint64_t offset) {
    if (!value.empty() || !key.empty()) {
      model_.texts.push_back({what, key, value, offset});
    }
  }

  void read_codes(Vector codes) {
    for (std::uint32_t i = 0; i < codes.count && !buffer_.problem(); ++i) {
      const Table one = buffer_.table_in(codes, i);
      OperatorCode code;
      // The old field has a byte only and holds 127 for greater numbers.
      const auto old = static_cast<std::uint32_t>(one.number(0, 1));
      code.builtin = std::max(old, static_cast<std::uint32_t>(one.number(3, 4)));
      code.custom = one.text(1);
      code.offset = one.at();
      if (code.builtin > kLastBuiltin) {
        defect("operator code " + std::to_string(i) + ": builtin operator " + std::to_string(code.builtin), one.at());
      }
      model_.codes.push_back(code);
    }
  }

  void read_buffers(Vector buffers) {
    for (std::uint32_t i = 0; i < buffers.count && !buffer_.problem(); ++i) {
      const Table one = buffer_.table_in(buffers, i);
      Stored stored;
      const Vector data = one.vector(0, 1);
      stored.size = data.count;
      stored.offset = data.at;
      stored.bytes = one.bytes(0);
      // Buffers above 2 GiB lie behind the tables.
      const std::uint64_t offset = one.number(1, 8);
      const std::uint64_t size = one.number(2, 8);
      if (offset > 1) {
        base::ByteCursor in(content_);
        const auto skipped = in.skip(offset, "buffer");
        const auto bytes = skipped ? in.take(size, "buffer") : base::Result<base::Bytes>(skipped.error());
        if (!bytes) {
          defect("buffer " + std::to_string(i) + ": reaches behind the file", one.at());
        } else {
          stored = {size, offset, *bytes};
        }
      }
      if (stored.size > 0) {
        model_.end = std::max(model_.end, stored.offset + stored.size);
      }
      stored_.push_back(stored);
    }
  }

  void read_subgraph(const Table& graph, std::uint32_t number) {
    const std::string label = " of sub-graph " + std::to_string(number);
    text("name", {}, graph.text(4), graph.at());
    const Vector tensors = graph.vector(0, 4);
    if (tensors.count > kMaxParts) {
      buffer_.fail(base::Errc::too_large, "tensors: too many", graph.at());
      return;
    }
    for (std::uint32_t i = 0; i < tensors.count && !buffer_.problem(); ++i) {
      read_tensor(buffer_.table_in(tensors, i), "tensor " + std::to_string(i) + label);
    }
    check_indices(graph.vector(1, 4), tensors.count, "an input" + label, graph.at());
    check_indices(graph.vector(2, 4), tensors.count, "an output" + label, graph.at());
    const Vector operators = graph.vector(3, 4);
    model_.operators += operators.count;
    for (std::uint32_t i = 0; i < operators.count && !buffer_.problem(); ++i) {
      read_operator(buffer_.table_in(operators, i), tensors.count, "operator " + std::to_string(i) + label);
    }
  }

  /// -1 stands for an optional tensor that is not given.
  void check_indices(Vector indices, std::uint32_t count, const std::string& what, std::uint64_t offset) {
    for (std::uint32_t i = 0; i < indices.count; ++i) {
      const auto index = static_cast<std::int32_t>(buffer_.number_in(indices, i, 4));
      if (index < -1 || index >= static_cast<std::int64_t>(count)) {
        defect(what + ": tensor " + std::to_string(index) + " of " + std::to_string(count), offset);
        return;
      }
    }
  }

  void check_subgraph(std::uint64_t index, const std::string& label, std::uint64_t offset) {
    if (index >= subgraphs_.count) {
      defect(label + ": sub-graph " + std::to_string(index) + " of " + std::to_string(subgraphs_.count), offset);
    }
  }

  void read_operator(const Table& op, std::uint32_t tensors, const std::string& label) {
    const auto code = static_cast<std::uint32_t>(op.number(0, 4));
    if (code >= model_.codes.size()) {
      defect(label + ": operator code " + std::to_string(code) + " of " + std::to_string(model_.codes.size()), op.at());
    } else if (model_.codes[code].builtin == kCustom) {
      base::Bytes options = op.bytes(5);
      const std::uint64_t offset = op.number(9, 8);
      if (offset > 1) {
        base::ByteCursor in(content_);
        const auto skipped = in.skip(offset, "options");
        const auto bytes = skipped ? in.take(op.number(10, 8), "options") : base::Result<base::Bytes>(skipped.error());
        if (!bytes) {
          defect(label + ": options reach behind the file", op.at());
        } else {
          options = *bytes;
        }
      }
      model_.customs.push_back({code, options, op.at()});
    }
    check_indices(op.vector(1, 4), tensors, "an input of " + label, op.at());
    check_indices(op.vector(2, 4), tensors, "an output of " + label, op.at());
    check_indices(op.vector(8, 4), tensors, "an intermediate of " + label, op.at());
    const std::uint64_t kind = op.number(3, 1);
    if (kind == kCallOptions || kind == kCallOnceOptions) {
      check_subgraph(op.table(4).number(0, 4), label, op.at());
    } else if (kind == kIfOptions || kind == kWhileOptions) {
      const Table options = op.table(4);
      check_subgraph(options.number(0, 4), label, op.at());
      check_subgraph(options.number(1, 4), label, op.at());
    } else if (op.has(4)) {
      static_cast<void>(op.table(4).present());  // has to be one
    }
  }

  void read_tensor(const Table& tensor, const std::string& label) {
    const auto index = static_cast<std::uint32_t>(tensor.number(2, 4));
    const std::uint64_t type = tensor.number(1, 1);
    if (index >= stored_.size() && !(index == 0 && stored_.empty())) {
      defect(label + ": buffer " + std::to_string(index) + " of " + std::to_string(stored_.size()), tensor.at());
      return;
    }
    const Vector shape = tensor.vector(0, 4);
    std::uint64_t elements = 1;
    bool negative = false;
    bool fits = true;
    for (std::uint32_t i = 0; i < shape.count; ++i) {
      const auto extent = static_cast<std::int32_t>(buffer_.number_in(shape, i, 4));
      negative = negative || extent < 0;
      fits = fits && !__builtin_mul_overflow(elements, static_cast<std::uint32_t>(std::max(extent, 0)), &elements);
    }
    if (negative) {
      // Only shape_signature may say -1, for an extent that is not known yet.
      defect(label + ": an extent below 0", tensor.at());
      return;
    }
    const std::uint32_t bits = type_bits(type);
    if (!fits || elements > (1ULL << 40)) {
      defect(label + ": a shape of more than 2^40 elements", tensor.at(), true);
      return;
    }
    if (index < stored_.size() && stored_[index].size > 0) {
      if (type == kString) {
        if (model_.strings.size() < 100'000) {
          model_.strings.push_back(stored_[index].bytes);
        }
      } else if (bits != 0 && !tensor.table(6).present() && stored_[index].size != (elements * bits + 7) / 8) {
        defect(label + ": " + std::to_string(stored_[index].size) + " bytes for " +
                   std::to_string((elements * bits + 7) / 8),
               tensor.at());
      }
    }
    const std::string_view name = tensor.text(3);
    if (name.size() > 200) {
      text("name", {}, name, tensor.at());
    }
  }

  base::Bytes content_;
  Buffer buffer_;
  Model model_;
  Vector subgraphs_;
  std::vector<Stored> stored_;
};

}  // namespace

base::Result<Model> parse(base::Bytes content) {
  return Reader(content).read();
}

}  // namespace formats::tflite
