#include "scan/judge_content.h"

#include <algorithm>

#include "base/text.h"
#include "formats/identify.h"
#include "formats/pickle/probe.h"
#include "scan/judge_archive.h"
#include "scan/judge_model.h"
#include "scan/judge_pickle.h"

namespace scan {
namespace {

std::string_view last_name(std::string_view path) {
  const std::size_t at = path.find_last_of("/!");
  return at == std::string_view::npos ? path : path.substr(at + 1);
}

bool is_compressed(std::string_view format) {
  return format == "gzip" || format == "zlib" || format == "bzip2" || format == "xz" || format == "lzma" ||
         format == "lz4" || format == "zstd";
}

}  // namespace

bool names_a_pickle(std::string_view path) {
  const std::string lower = base::to_lower(path);
  return lower.ends_with(".pkl") || lower.ends_with(".pickle") || lower.ends_with(".joblib");
}

bool judge_content(base::Bytes bytes, const std::string& path, Trust trust, std::uint32_t depth, Collector& out) {
  if (depth > out.limits().max_depth) {
    out.add("limit-reached", {path, "", 0, 0, "containers within containers", ""});
    out.not_covered(path, "containers nested deeper than " + std::to_string(out.limits().max_depth));
    return true;
  }
  bool known = false;
  bool zip_done = false;
  bool pickle_done = false;
  std::string_view zip_format = "zip";
  const std::vector<formats::Identified> all = formats::identify(bytes, last_name(path));
  for (const formats::Identified& one : all) {
    if (one.format == "torch-zip" || one.format == "torchscript" || one.format == "keras-zip" || one.format == "npz") {
      zip_format = one.format;
    }
  }
  const bool office = std::any_of(all.begin(), all.end(), [](const auto& one) { return one.format == "office"; });
  for (const formats::Identified& one : all) {
    const bool believed = one.certain || trust == Trust::name;
    if (one.format == "zip" && !zip_done && !office && believed) {
      zip_done = true;
      known = true;
      out.format(zip_format);
      judge_zip(bytes, path, zip_format, depth, out);
    } else if (one.format == "tar") {
      known = true;
      out.format(one.format);
      judge_tar(bytes, path, depth, out);
    } else if (is_compressed(one.format) && believed) {
      known = true;
      out.format(one.format);
      judge_compressed(bytes, path, one.format, depth, out);
    } else if (one.format == "7z" || one.format == "rar") {
      known = true;
      out.format(one.format);
      out.not_covered(path, std::string(one.format) + " archives are not unpacked");
    } else if ((one.format == "pickle" || one.format == "torch-legacy" || one.format == "joblib") && !pickle_done &&
               believed) {
      // A few bytes of anything run as opcodes. What is no certain pickle counts when it names something to call, when
      // it runs to its very end, or when the file says that it is one.
      const formats::pickle::Probe probe = formats::pickle::probe(bytes);
      const bool whole = probe.stopped && probe.length == bytes.size() && all.front().format == one.format;
      const bool names = probe.names_callable && !probe.by_extension;  // any byte of three is an extension code
      if (one.certain || names || whole || names_a_pickle(path)) {
        pickle_done = true;
        known = true;
        out.format(one.format);
        judge_pickle(bytes, path,
                     one.format == "torch-legacy"       ? PickleUse::torch_legacy
                     : all.front().format == one.format ? PickleUse::stream
                                                        : PickleUse::second,
                     depth, out);
      }
    } else if (one.format == "safetensors" && believed) {
      known = true;
      out.format(one.format);
      judge_safetensors(bytes, path, out);
    } else if (one.format == "gguf") {
      known = true;
      out.format(one.format);
      judge_gguf(bytes, path, out);
    } else if (one.format == "numpy") {
      known = true;
      out.format(one.format);
      judge_numpy(bytes, path, depth, out);
    } else if (one.format == "onnx" && believed) {
      known = true;
      out.format(one.format);
      judge_onnx(bytes, path, out);
    } else if (one.format == "keras-h5" || (one.format == "hdf5" && all.front().format == "hdf5")) {
      known = true;
      out.format(one.format);
      judge_hdf5(bytes, path, one.format == "keras-h5", out);
    } else if (one.format == "tflite" || one.format == "tf-savedmodel" || one.format == "ggml") {
      if (believed) {
        known = true;
        out.format(one.format);
        out.not_covered(path, std::string(one.format) + ": recognised, its operators are not examined");
      }
    }
  }
  return known;
}

}  // namespace scan
