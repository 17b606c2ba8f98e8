#include <algorithm>

#include "formats/flatbuffers/flatbuffers.h"
#include "formats/network/network.h"

// Field numbers are those of schema/default/MNN.fbs.
namespace formats::network {
namespace {

using flatbuffers::Buffer;
using flatbuffers::Table;
using flatbuffers::Vector;

constexpr std::uint32_t kMaxParts = 10'000'000;
constexpr std::uint64_t kPlugin = 256;
constexpr std::uint64_t kExtra = 512;

class MnnReader {
 public:
  explicit MnnReader(base::Bytes content) : buffer_(content) {}

  base::Result<Network> read() {
    const Table net = buffer_.root();
    text("business code", net.text(0), net.at());
    text("identifier", net.text(11), net.at());
    if (net.has(2)) {
      network_.opaque.emplace_back("programs for a graphics processor");
    }
    operators(net.vector(3, 4));
    const Vector graphs = net.vector(10, 4);
    for (std::uint32_t i = 0; i < std::min(graphs.count, kMaxParts) && !buffer_.problem(); ++i) {
      operators(buffer_.table_in(graphs, i).vector(4, 4));
    }
    if (buffer_.problem()) {
      return *buffer_.problem();
    }
    return std::move(network_);
  }

 private:
  void text(std::string_view what, std::string_view value, std::uint64_t at) {
    if (value.size() >= 12 && network_.texts.size() < 100'000) {
      network_.texts.push_back({std::string(what), std::string(value.substr(0, 1U << 20)), at});
    }
  }

  void operators(Vector list) {
    for (std::uint32_t i = 0; i < list.count && !buffer_.problem(); ++i) {
      if (++operators_ > kMaxParts) {
        network_.cut = true;
        return;
      }
      const Table op = buffer_.table_in(list, i);
      const std::uint64_t type = op.number(5, 4);
      text("name of an operator", op.text(2), op.at());
      if (const std::string_view file = op.text(7); !file.empty()) {
        network_.files.push_back({"weights", std::string(file.substr(0, 4096)), op.at()});
      }
      if (type != kPlugin && type != kExtra) {
        continue;
      }
      const Table parameter = op.table(2);
      Layer layer{type == kPlugin ? "Plugin" : "Extra", std::string(op.text(2).substr(0, 4096)), {}, op.at()};
      layer.attributes.emplace_back("type", std::string(parameter.text(0).substr(0, 4096)));
      if (type == kExtra) {
        layer.attributes.emplace_back("engine", std::string(parameter.text(1).substr(0, 4096)));
      }
      network_.layers.push_back(std::move(layer));
    }
  }

  Buffer buffer_;
  Network network_;
  std::uint32_t operators_ = 0;
};

}  // namespace

bool is_mnn(base::Bytes content) {
  Buffer buffer(content, 4);
  const Table net = buffer.root();
  const Vector list = net.vector(3, 4);
  const Vector names = net.vector(7, 4);
  if (buffer.problem() || list.count == 0 || names.count == 0) {
    return false;
  }
  const Table first = buffer.table_in(list, 0);
  // An operator has a type, and outputs or parameters; a name of a tensor is text.
  const bool plausible = first.present() && (first.has(3) || first.has(2)) && first.number(5, 4) < 4096;
  return plausible && !buffer.text_in(names, 0).empty() && !buffer.problem();
}

base::Result<Network> parse_mnn(base::Bytes content) {
  return MnnReader(content).read();
}

}  // namespace formats::network
