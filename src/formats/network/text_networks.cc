#include <expat.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>

#include "base/json.h"
#include "base/text.h"
#include "formats/network/network.h"

namespace formats::network {
namespace {

using base::Errc;
using base::Error;
using base::Value;

constexpr std::size_t kMaxLayers = 2'000'000;

void defect(Network& network, std::string text, std::uint64_t offset) {
  if (network.defects.size() < 100) {
    network.defects.push_back({std::move(text), offset});
  }
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

// ---- OpenVINO

struct XmlReader {
  Network network;
  XML_Parser parser = nullptr;
  std::uint32_t depth = 0;
  bool net = false;
  bool refused = false;
  std::string problem;

  void stop(std::string why) {
    if (!refused) {
      refused = true;
      problem = std::move(why);
      XML_StopParser(parser, XML_FALSE);
    }
  }
  std::uint64_t offset() const {
    const auto at = XML_GetCurrentByteIndex(parser);
    return at < 0 ? 0 : static_cast<std::uint64_t>(at);
  }
  void element(std::string_view name, const XML_Char** attributes) {
    if (++depth > 200) {
      stop("element: nested deeper than 200");
      return;
    }
    if (depth == 1) {
      net = name == "net";
    }
    const auto get = [&](std::string_view key) -> std::string_view {
      for (const XML_Char** one = attributes; *one != nullptr; one += 2) {
        if (key == *one) {
          return one[1];
        }
      }
      return {};
    };
    if (name == "layer") {
      if (network.layers.size() >= kMaxLayers) {
        stop("layers: too many");
        return;
      }
      network.layers.push_back({std::string(get("type")), std::string(get("name")), {}, offset()});
      network.layers.back().attributes.emplace_back("version", std::string(get("version")));
      for (const XML_Char** one = attributes; *one != nullptr; one += 2) {
        const std::string_view key = *one;
        if (key != "version" && key != "id" && key != "name" && key != "type") {
          network.layers.back().attributes.emplace_back(key, one[1]);
        }
      }
    } else if (name == "data" && !network.layers.empty()) {
      data(attributes, get("offset"), get("size"));
    } else {
      for (const XML_Char** one = attributes; *one != nullptr; one += 2) {
        const std::string_view value = one[1];
        if (value.size() >= 12 && network.texts.size() < kMaxLayers) {
          network.texts.push_back({std::string(name) + " " + *one, std::string(value), offset()});
        }
      }
    }
  }
  void data(const XML_Char** attributes, std::string_view begin, std::string_view size) {
    Layer& layer = network.layers.back();
    for (const XML_Char** one = attributes; *one != nullptr; one += 2) {
      if (layer.attributes.size() < 1000) {
        layer.attributes.emplace_back(one[0], one[1]);
      }
    }
    if (layer.type == "Const" || !begin.empty()) {
      const auto from = whole_number(begin);
      const auto bytes = whole_number(size);
      std::uint64_t end = 0;
      if (layer.type == "Const" &&
          (!from || !bytes || *from > INT64_MAX || *bytes > INT64_MAX || __builtin_add_overflow(*from, *bytes, &end))) {
        defect(network,
               "layer " + base::printable(layer.name) + ": weights at " + base::printable(begin) + ", " +
                   base::printable(size) + " bytes",
               offset());
      }
    }
  }
};

void XMLCALL on_start(void* user, const XML_Char* name, const XML_Char** attributes) {
  static_cast<XmlReader*>(user)->element(name, attributes);
}
void XMLCALL on_end(void* user, const XML_Char* /*name*/) {
  --static_cast<XmlReader*>(user)->depth;
}
void XMLCALL on_doctype(void* user, const XML_Char* /*name*/, const XML_Char* /*system*/, const XML_Char* /*public*/,
                        int /*internal*/) {
  static_cast<XmlReader*>(user)->stop("document type: entities may be declared");
}

}  // namespace

base::Result<Network> parse_openvino(std::string_view text) {
  XmlReader reader;
  const std::unique_ptr<std::remove_pointer_t<XML_Parser>, decltype(&XML_ParserFree)> parser(XML_ParserCreate(nullptr),
                                                                                             &XML_ParserFree);
  reader.parser = parser.get();
  XML_SetUserData(reader.parser, &reader);
  XML_SetElementHandler(reader.parser, on_start, on_end);
  XML_SetStartDoctypeDeclHandler(reader.parser, on_doctype);
  constexpr std::size_t kChunk = 1U << 24;
  std::size_t at = 0;
  do {
    const std::string_view chunk = text.substr(at, kChunk);
    at += chunk.size();
    if (XML_Parse(reader.parser, chunk.data(), static_cast<int>(chunk.size()), at == text.size() ? 1 : 0) ==
        XML_STATUS_ERROR) {
      if (!reader.refused) {
        reader.problem = "XML: " + std::string(XML_ErrorString(XML_GetErrorCode(reader.parser)));
      }
      return Error{Errc::malformed, reader.problem, reader.offset()};
    }
  } while (at < text.size());
  return std::move(reader.network);
}

base::Result<Network> parse_mxnet(std::string_view text) {
  base::DocumentLimits limits;
  limits.max_bytes = 256U << 20;
  const base::Document document = TRY(base::parse_json_document(text, limits));
  Network network;
  for (const base::DuplicateKey& duplicate : document.duplicates) {
    defect(network, "key " + base::printable(duplicate.key) + " twice", 0);
  }
  // Sub-graphs are symbols themselves.
  std::vector<const Value*> todo{&document.root};
  while (!todo.empty()) {
    const Value& symbol = *todo.back();
    todo.pop_back();
    const auto& nodes = symbol["nodes"].as_list();
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      const Value& node = nodes[i];
      Layer layer{std::string(node["op"].as_text()), std::string(node["name"].as_text()), {}, 0};
      for (const std::string_view key : {"attrs", "attr", "param"}) {
        for (const auto& [name, value] : node[key].as_map()) {
          layer.attributes.emplace_back(name, std::string(value.as_text()));
        }
      }
      for (const Value& input : node["inputs"].as_list()) {
        const std::int64_t from = input.is_list() && !input.as_list().empty() ? input.as_list()[0].as_integer(-1) : -1;
        if (from < 0 || from >= static_cast<std::int64_t>(i)) {
          defect(network, "node " + base::printable(layer.name) + ": input from node " + std::to_string(from), 0);
        }
      }
      for (const Value& inner : node["subgraphs"].as_list()) {
        todo.push_back(&inner);
      }
      network.layers.push_back(std::move(layer));
    }
    for (const std::string_view key : {"arg_nodes", "heads"}) {
      for (const Value& one : symbol[key].as_list()) {
        const std::int64_t index =
            one.is_list() ? (one.as_list().empty() ? -1 : one.as_list()[0].as_integer(-1)) : one.as_integer(-1);
        if (index < 0 || index >= static_cast<std::int64_t>(nodes.size())) {
          defect(network, std::string(key) + ": node " + std::to_string(index) + " of " + std::to_string(nodes.size()),
                 0);
        }
      }
    }
  }
  return network;
}

base::Result<Network> parse_mlpackage_manifest(std::string_view text) {
  const base::Document document = TRY(base::parse_json_document(text));
  Network network;
  for (const base::DuplicateKey& duplicate : document.duplicates) {
    defect(network, "key " + base::printable(duplicate.key) + " twice", 0);
  }
  const auto& items = document.root["itemInfoEntries"].as_map();
  for (const auto& [id, item] : items) {
    network.files.push_back({"item", std::string(item["path"].as_text()), 0});
    for (const std::string_view key : {"name", "author", "description"}) {
      network.texts.push_back({std::string(key), std::string(item[key].as_text()), 0});
    }
  }
  const std::string_view root = document.root["rootModelIdentifier"].as_text();
  if (std::none_of(items.begin(), items.end(), [&](const auto& item) { return item.first == root; })) {
    defect(network, "rootModelIdentifier: no such item", 0);
  }
  return network;
}

base::Result<Network> parse_tfjs(std::string_view text) {
  base::DocumentLimits limits;
  limits.max_bytes = 256U << 20;
  const base::Document document = TRY(base::parse_json_document(text, limits));
  Network network;
  for (const base::DuplicateKey& duplicate : document.duplicates) {
    defect(network, "key " + base::printable(duplicate.key) + " twice", 0);
  }
  for (const Value& group : document.root["weightsManifest"].as_list()) {
    for (const Value& path : group["paths"].as_list()) {
      network.files.push_back({"weights", std::string(path.as_text()), 0});
    }
  }
  const Value& topology = document.root["modelTopology"];
  const auto take = [&](const Value& nodes) {
    for (const Value& node : nodes.as_list()) {
      network.layers.push_back({std::string(node["op"].as_text()), std::string(node["name"].as_text()), {}, 0});
    }
  };
  take(topology["node"]);
  for (const Value& function : topology["library"]["function"].as_list()) {
    take(function["nodeDef"]);
  }
  for (const auto& [key, value] : document.root["userDefinedMetadata"].as_map()) {
    network.texts.push_back({base::printable(key), std::string(value.as_text()), 0});
  }
  return network;
}

base::Result<Network> parse_ncnn(std::string_view text) {
  Network network;
  std::size_t at = 0;
  const auto next_line = [&] {
    const std::size_t end = text.find('\n', at);
    const std::string_view line =
        base::trim(text.substr(at, end == std::string_view::npos ? text.size() - at : end - at));
    at = end == std::string_view::npos ? text.size() : end + 1;
    return line;
  };
  if (next_line() != "7767517") {
    return Error{Errc::malformed, "magic: not 7767517", 0};
  }
  const std::string_view counts = next_line();
  const auto layers = whole_number(counts.substr(0, counts.find(' ')));
  if (!layers) {
    return Error{Errc::malformed, "layer count: no number", 8};
  }
  while (at < text.size()) {
    const std::uint64_t offset = at;
    const std::string_view line = next_line();
    if (line.empty() || line[0] == '#') {
      continue;
    }
    const std::size_t end = line.find_first_of(" \t");
    const std::size_t name = line.find_first_not_of(" \t", end);
    const std::string_view rest = name == std::string_view::npos ? std::string_view() : line.substr(name);
    network.layers.push_back(
        {std::string(line.substr(0, end)), std::string(rest.substr(0, rest.find_first_of(" \t"))), {}, offset});
    if (network.layers.size() > kMaxLayers) {
      return Error{Errc::too_large, "layers: too many", offset};
    }
  }
  if (*layers != network.layers.size()) {
    defect(network, std::to_string(network.layers.size()) + " layers, " + std::to_string(*layers) + " announced", 8);
  }
  return network;
}

}  // namespace formats::network
