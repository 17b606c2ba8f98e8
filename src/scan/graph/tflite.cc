#include "formats/tflite/tflite.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "formats/protobuf/wire.h"
#include "scan/graph/common.h"
#include "scan/graph/graph.h"
#include "scan/graph/operators.h"

namespace scan {
namespace {

/// Custom operators that the usual runtimes register, or that known converters write.
bool is_usual_custom(std::string_view name) {
  constexpr std::string_view kNames[] = {"TFLite_Detection_PostProcess",
                                         "edgetpu-custom-op",
                                         "Convolution2DTransposeBias",
                                         "MaxPoolingWithArgmax2D",
                                         "MaxUnpooling2D",
                                         "RFFT2D",
                                         "IRFFT2D",
                                         "FFT2D",
                                         "AudioSpectrogram",
                                         "Mfcc",
                                         "NumericVerify",
                                         "Landmarks2TransformMatrix",
                                         "Landmarks2TransformMatrixV2",
                                         "TransformTensorBilinear",
                                         "TransformTensor",
                                         "TransformLandmarks",
                                         "Affine",
                                         "ethos-u",
                                         "RoPE",
                                         "AvgPool3D",
                                         "MaxPool3D",
                                         "SentencepieceTokenizer",
                                         "ngrams",
                                         "tftext:WhitespaceTokenizer",
                                         "SpTokenizer",
                                         "GenAIExternalKVCache",
                                         "KmeansEmbeddingLookup",
                                         "Resampler",
                                         "CausalConv1D",
                                         "SMOOTH_L1",
                                         "ROIAlign",
                                         "cumsum",
                                         "TFSentencepieceTokenizeOp",
                                         "RaggedTensorToTensor",
                                         "ExtractFeatures",
                                         "Normalize",
                                         "Predict"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames) || name.starts_with("odml.") ||
         name.starts_with("aeq.") || name.starts_with("TFText>") || name.starts_with("mediapipe.") ||
         name.starts_with("signal_");
}

}  // namespace

/// The options are a FlexBuffers vector of the operator's name and its NodeDef. Both are stored as they are, a NodeDef
/// beginning with its name: it is found by that, whatever stands around it.
void judge_flex(std::string_view name, base::Bytes options, const std::string& path, std::uint32_t depth,
                Collector& out) {
  const std::string inner = path + "!" + shown(name, 60);
  const std::string_view text = base::as_text(options);
  bool found = false;
  for (std::size_t at = text.find('\x0a'); at != std::string_view::npos && !found; at = text.find('\x0a', at + 1)) {
    // NodeDef: 0a length name 12 length operator.
    base::ByteCursor in(options.subspan(at));
    const auto node_name = formats::protobuf::read_field(in);
    const auto op = node_name ? formats::protobuf::read_field(in) : node_name;
    if (!op || op->number != 2 || base::as_text(op->bytes) != name.substr(4)) {
      continue;
    }
    // The end is where the fields cease to be those of a NodeDef.
    std::size_t end = options.size() - in.remaining();
    while (true) {
      const auto field = formats::protobuf::read_field(in);
      if (!field || (field->number != 3 && field->number != 4 && field->number != 5) ||
          field->wire != formats::protobuf::Wire::bytes) {
        break;
      }
      end = options.size() - in.remaining();
    }
    judge_tensorflow_node(options.subspan(at, end - at), inner, depth, out);
    found = true;
  }
  if (!found) {
    judge_tensorflow_operator(name.substr(4), inner, depth, out);
  }
}

bool judge_tflite(const Content& content, Collector& out) {
  const std::string& path = content.path;
  out.format(content.format);
  const auto model = formats::tflite::parse(content.bytes);
  if (!model) {
    out.unreadable("graph-malformed", model.error(), path);
    return true;
  }
  for (const auto& defect : model->defects) {
    out.add(defect.exhausting ? "graph-exhaustion" : "graph-malformed",
            {path, byte_place(defect.offset), defect.offset, 0, defect.text,
             "The model contradicts itself: " + defect.text + "."});
  }
  for (const auto& code : model->codes) {
    const std::string_view name = code.custom;
    if (code.builtin == formats::tflite::kStablehloCall) {
      out.add("graph-custom-operator", {path, byte_place(code.offset), code.offset, 0, "STABLEHLO_CUSTOM_CALL",
                                        "The model calls a function of the program by its name."});
    }
    if (code.builtin != formats::tflite::kCustom) {
      continue;
    }
    const std::string_view flex = name.starts_with("Flex") ? name.substr(4) : std::string_view();
    if ((flex.empty() || !is_tensorflow_operator(flex)) && !is_usual_custom(name)) {
      out.add("graph-custom-operator",
              {path, byte_place(code.offset), code.offset, 0, "operator " + shown(name),
               "The model needs an operator " + shown(name) + " that no runtime brings along."});
    }
  }
  for (const auto& use : model->customs) {
    const std::string_view name = model->codes[use.code].custom;
    const std::string_view options = base::as_text(use.options);
    if (name.starts_with("Flex")) {
      judge_flex(name, use.options, path, content.depth, out);
    } else {
      judge_payload(options, {path, "options of " + shown(name, 60), use.offset, content.depth}, Probe::all, out);
    }
  }
  for (const auto& text : model->texts) {
    judge_payload(text.value, {path, std::string(text.what) + " " + shown(text.key, 60), text.offset, content.depth},
                  text.what == "metadata" ? Probe::binary : Probe::all, out);
    if (text.what == "metadata") {
      judge_payload(text.key, {path, "the name of metadata", text.offset, content.depth}, Probe::all, out);
    }
  }
  for (const base::Bytes strings : model->strings) {
    judge_payload(base::as_text(strings), {path, "text of a tensor", 0, content.depth}, Probe::binary, out);
  }
  return true;
}

}  // namespace scan
