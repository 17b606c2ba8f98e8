#include "formats/network/network.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <set>

#include "base/text.h"
#include "scan/archive/member.h"
#include "scan/graph/common.h"
#include "scan/graph/graph.h"
#include "scan/keras/keras.h"

namespace scan {
namespace {

using formats::network::Layer;
using formats::network::Network;

class NetworkJudge {
 public:
  NetworkJudge(const Network& network, const Content& content, Collector& out)
      : network_(network), content_(content), path_(content.path), out_(out) {}

  void judge(std::string_view format) {
    judge_wire(network_.report, path_, format, out_);
    if (network_.cut) {
      out_.not_covered(path_, std::string(format) + ": more parts than are read");
    }
    for (const auto& defect : network_.defects) {
      add("graph-malformed", defect.offset, defect.text, "The model contradicts itself: " + defect.text + ".");
    }
    for (const std::string& what : network_.opaque) {
      out_.not_covered(path_, std::string(format) + ": " + what);
    }
    for (const auto& file : network_.files) {
      judge_file(file);
    }
    for (const Layer& layer : network_.layers) {
      judge_layer(layer);
      for (const auto& [key, value] : layer.attributes) {
        judge_payload(
            value,
            {path_, "attribute " + shown(key, 40) + " of " + shown(layer.type, 40), layer.offset, content_.depth},
            Probe::all, out_);
      }
    }
    for (const auto& text : network_.texts) {
      judge_payload(text.value, {path_, shown(text.what, 60), text.offset, content_.depth},
                    text.what == "constant" ? Probe::binary : Probe::all, out_);
    }
  }

 private:
  void add(std::string_view rule, std::uint64_t offset, std::string subject, std::string message) {
    out_.add(rule, {path_, byte_place(offset), offset, 0, std::move(subject), std::move(message)});
  }

  void judge_file(const formats::network::File& file) {
    std::string_view name = file.path;
    if (name.starts_with("@model_path/")) {
      name.remove_prefix(12);
    }
    std::string_view risk = path_risk(name);
    if (risk.empty()) {
      risk = sensitive_file(name);
    }
    if (file.what == "output") {
      add("graph-file-access", file.offset, "writes " + shown(file.path),
          "A layer writes the file " + shown(file.path) + ".");
    } else if (!risk.empty() && file.what == "source") {
      add("graph-file-access", file.offset, "reads " + shown(file.path),
          "A layer reads " + shown(file.path) + ", which " + std::string(risk) + ".");
    } else if (!risk.empty()) {
      add("graph-external-path", file.offset, file.what + " " + shown(file.path),
          "The model takes its " + file.what + " from " + shown(file.path) + ", which " + std::string(risk) + ".");
    } else if (file.what == "linked model" || file.what == "search path") {
      out_.add("graph-external-path", evidence::Severity::medium,
               {path_, byte_place(file.offset), file.offset, 0, file.what + " " + shown(file.path),
                "The model is another one, to be found as " + shown(file.path) + "."});
    }
  }

  void judge_layer(const Layer& layer) {
    const std::string_view format = content_.format;
    const std::string label =
        shown(layer.type, 60) + (layer.name.empty() ? "" : " (" + shown(layer.name, 80) + ")") + details(layer);
    if (format == "coreml") {
      if (layer.type != "operation") {
        add("graph-custom-operator", layer.offset, label,
            "The model needs the class " + shown(layer.name) + " of the program that loads it.");
      } else if (layer.name.starts_with("custom")) {
        add("graph-custom-operator", layer.offset, label,
            "The operation " + shown(layer.name) + " is none of Core ML's own.");
      }
    } else if (format == "paddle") {
      judge_paddle(layer, label);
    } else if (format.starts_with("caffe")) {
      if (layer.type == "Python" || !layer.attributes.empty()) {
        add("graph-code", layer.offset, label,
            "The layer " + shown(layer.name) + " is a Python class" + details(layer) + ".");
      }
    } else if (format == "mxnet") {
      if (layer.type == "Custom" || layer.type == "_CustomFunction") {
        add("graph-code", layer.offset, label,
            "The operator " + shown(layer.name) + " is a Python class" + details(layer) + ".");
      } else if (layer.type == "_Native" || layer.type == "_NDArray") {
        add("graph-code", layer.offset, label,
            "The operator " + shown(layer.name) + " calls code by an address in memory" + details(layer) + ".");
      }
    } else if (format == "openvino") {
      judge_openvino(layer, label);
    } else if (format == "tfjs") {
      // TensorFlow's operators, judged by name: browsers give files and network to none of them, Node may.
      judge_tensorflow_operator(layer.type, path_, content_.depth, out_);
    } else if (format == "mnn") {
      add("graph-custom-operator", layer.offset, label,
          "The operator " + label + " is carried out by a library that the program brings along.");
    } else if (format == "torch7" && layer.type == "function") {
      add("graph-code", layer.offset, "function, " + layer.name, "The file holds a function: compiled Lua code.");
    }
  }

  static std::string details(const Layer& layer) {
    std::string out;
    for (const auto& [key, value] : layer.attributes) {
      if (out.size() < 200 && !value.empty()) {
        out += " " + shown(key, 40) + "=" + shown(value, 80);
      }
    }
    return out;
  }

  static bool is_one_of(std::string_view text, std::initializer_list<std::string_view> all) {
    return std::find(all.begin(), all.end(), text) != all.end();
  }

  void judge_paddle(const Layer& layer, const std::string& label) {
    if (is_one_of(layer.type, {"py_func", "py_layer", "pylayer", "run_program", "custom_operator"})) {
      add("graph-code", layer.offset, label,
          "The operator " + shown(layer.type) + " calls Python functions of the program.");
    } else if (is_one_of(layer.type, {"save", "save_combine", "load", "load_combine", "read_file", "sparse_tensor_load",
                                      "create_recordio_file_reader", "open_files", "read_from_file"})) {
      add("graph-file-access", layer.offset, label, "The operator " + label + " opens files.");
    } else if (is_one_of(layer.type, {"listen_and_serv", "heter_listen_and_serv", "fl_listen_and_serv", "send", "recv",
                                      "send_and_recv", "fetch_barrier", "send_barrier", "gen_nccl_id", "c_gen_nccl_id",
                                      "checkpoint_notify", "distributed_lookup_table"})) {
      add("graph-network", layer.offset, label, "The operator " + label + " uses the network.");
    } else if (is_one_of(layer.type,
                         {"tensorrt_engine", "lite_engine", "dlnne_engine", "ipu_runtime", "cinn_launch"})) {
      out_.not_covered(path_, "paddle: code compiled for an accelerator in " + layer.type);
    }
  }

  void judge_openvino(const Layer& layer, const std::string& label) {
    std::string_view version;
    for (const auto& [key, value] : layer.attributes) {
      if (key == "version" && version.empty()) {
        version = value;
      } else if (key == "library" || key == "plugin" || value.ends_with(".so") || value.ends_with(".dll")) {
        add("graph-code", layer.offset, label,
            "The layer " + shown(layer.type) + " names a library: " + shown(value) + ".");
      } else if (is_one_of(key, {"path", "file", "model_path", "weights_path", "weights", "source"}) &&
                 !path_risk(value).empty()) {
        add("graph-external-path", layer.offset, label, "A layer refers to " + shown(value) + ".");
      }
    }
    const bool numbered = version.starts_with("opset") && version.size() <= 7 &&
                          std::all_of(version.begin() + 5, version.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!numbered && !version.empty() && version != "experimental" && version != "ie_internal_opset" &&
        version != "util" && version != "type_relaxed_opset" && versions_told_.insert(std::string(version)).second) {
      add("graph-custom-operator", layer.offset, label,
          "The layer " + shown(layer.type) + " is of the set " + shown(version) +
              ", which comes as a library of native code.");
    } else if (layer.type.starts_with("Py") || layer.type.starts_with("Custom") || layer.type == "FrameworkNode") {
      add("graph-custom-operator", layer.offset, label,
          "The layer " + shown(layer.type) + " is none of OpenVINO's own.");
    }
  }

  const Network& network_;
  const Content& content_;
  const std::string& path_;
  Collector& out_;
  std::set<std::string> versions_told_;
};

base::Result<Network> parse(const Content& content) {
  using namespace formats::network;
  const std::string_view text = base::as_text(content.bytes);
  if (content.format == "coreml") {
    return parse_coreml(content.bytes);
  }
  if (content.format == "coreml-manifest") {
    return parse_mlpackage_manifest(text);
  }
  if (content.format == "coreml-weights") {
    return parse_coreml_weights(content.bytes);
  }
  if (content.format == "paddle") {
    return parse_paddle(content.bytes);
  }
  if (content.format == "caffe") {
    return parse_caffe(content.bytes);
  }
  if (content.format == "caffe-text") {
    return parse_caffe_text(text);
  }
  if (content.format == "mxnet") {
    return parse_mxnet(text);
  }
  if (content.format == "openvino") {
    return parse_openvino(text);
  }
  if (content.format == "tfjs") {
    return parse_tfjs(text);
  }
  if (content.format == "ncnn") {
    return parse_ncnn(text);
  }
  if (content.format == "mnn") {
    return parse_mnn(content.bytes);
  }
  return parse_torch7(content.bytes);
}

}  // namespace

bool judge_network(const Content& content, Collector& out) {
  out.format(content.format);
  const auto network = parse(content);
  if (!network) {
    out.unreadable("graph-malformed", network.error(), content.path);
    return true;
  }
  NetworkJudge(*network, content, out).judge(content.format);
  if (content.format == "tfjs" && base::as_text(content.bytes).find("\"model_config\"") != std::string_view::npos) {
    judge_keras_config(base::as_text(content.bytes), content.path, out);
  }
  return true;
}

bool judge_compiled(const Content& content, Collector& out) {
  out.format(content.format);
  out.not_covered(content.path,
                  std::string(content.format) + ": holds code compiled for a processor, which is not read");
  // Plug-in libraries travel within engines: those are programs of any kind.
  const std::string_view text = base::as_text(content.bytes);
  judge_payload(text, {content.path, "the file", 0, content.depth}, Probe::binary, out);
  for (std::size_t at = text.find("\x7F"
                                  "ELF");
       at != std::string_view::npos; at = text.find("\x7F"
                                                    "ELF",
                                                    at + 1)) {
    const std::string_view head = text.substr(at, 20);
    // Kernels of GPUs are ELF files too: machine numbers 190 (CUDA) and 224 (AMD GPU).
    if (head.size() == 20 && (head[4] == 1 || head[4] == 2) && head[5] == 1 && head[16] == 3) {
      const unsigned machine =
          static_cast<unsigned char>(head[18]) | static_cast<unsigned>(static_cast<unsigned char>(head[19])) << 8;
      if (machine != 190 && machine != 224) {
        out.add("graph-native-code", {content.path, byte_place(at), at, 0, "a shared library",
                                      "A shared library lies within the engine and is loaded with it."});
        break;
      }
    }
  }
  judge_loose_bytes(content.bytes, 0, content.path, content.depth, out);
  return true;
}

}  // namespace scan
