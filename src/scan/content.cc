#include "scan/content.h"

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "base/text.h"
#include "scan/archive/archive.h"
#include "scan/columnar/columnar.h"
#include "scan/graph/graph.h"
#include "scan/keras/keras.h"
#include "scan/msgpack/msgpack.h"
#include "scan/package/package.h"
#include "scan/pickle/judge_pickle.h"
#include "scan/r/r.h"
#include "scan/skops/skops.h"
#include "scan/text/route.h"
#include "scan/tokenizer/tokenizer.h"
#include "scan/tree/tree.h"
#include "scan/weights/weights.h"
#include "scan/xml/xml.h"

namespace scan {
namespace {

const std::vector<Reading>& all_readings() {
  static const std::vector<Reading> kAll = [] {
    std::vector<Reading> out;
    for (const std::span<const Reading> family :
         {pickle_readings(), archive_readings(), weights_readings(), graph_readings(), keras_readings(),
          tree_readings(), xml_readings(), r_readings(), columnar_readings(), tokenizer_readings(), package_readings(),
          skops_readings(), msgpack_readings()}) {
      out.insert(out.end(), family.begin(), family.end());
    }
    return out;
  }();
  return kAll;
}

const Reading* reading_of(std::string_view format) {
  static const std::unordered_map<std::string_view, const Reading*> kByFormat = [] {
    std::unordered_map<std::string_view, const Reading*> out;
    for (const Reading& one : all_readings()) {
      out.emplace(one.format, &one);  // the first of a name counts
    }
    return out;
  }();
  const auto found = kByFormat.find(format);
  return found == kByFormat.end() ? nullptr : found->second;
}

}  // namespace

bool Content::can_be(std::string_view other) const {
  return std::any_of(readings.begin(), readings.end(), [&](const auto& one) { return one.format == other; });
}

std::string_view last_name(std::string_view path) {
  std::size_t at = path.size();
  while (at > 0 && path[at - 1] != '/' && path[at - 1] != '!') {
    --at;
  }
  return path.substr(at);
}

bool names_a_pickle(std::string_view path) {
  constexpr std::size_t kLongestEnding = 7;
  const std::string lower = base::to_lower(path.substr(path.size() - std::min(path.size(), kLongestEnding)));
  return lower.ends_with(".pkl") || lower.ends_with(".pickle") || lower.ends_with(".joblib");
}

bool names_a_model_format(std::string_view path) {
  constexpr std::string_view kEndings[] = {
      ".onnx",      ".pb",      ".meta", ".safetensors", ".msgpack", ".mpk",  ".flax",       ".h5",     ".hdf5",
      ".keras",     ".tflite",  ".ort",  ".mlmodel",     ".pdmodel", ".gguf", ".caffemodel", ".t7",     ".mnn",
      ".pdiparams", ".parquet", ".pq",   ".arrow",       ".feather", ".ipc",  ".orc",        ".avro",   ".skops",
      ".npy",       ".npz",     ".rds",  ".ubj",         ".cbm",     ".pmml", ".index",      ".arrows", ".jax"};
  constexpr std::size_t kLongestEnding = 12;
  const std::string lower = base::to_lower(path.substr(path.size() - std::min(path.size(), kLongestEnding)));
  return std::any_of(std::begin(kEndings), std::end(kEndings),
                     [&](std::string_view ending) { return lower.ends_with(ending); });
}

bool judge_readings(base::Bytes bytes, const std::string& path, Trust trust, std::uint32_t depth, Collector& out) {
  if (depth > out.limits().max_depth) {
    out.add("limit-reached", {path, "", 0, 0, "containers within containers", ""});
    out.not_covered(path, "containers nested deeper than " + std::to_string(out.limits().max_depth));
    return true;
  }
  std::vector<decltype(Reading::judge)> done;
  const std::vector<formats::Identified> identified = formats::identify(bytes, last_name(path));
  for (const formats::Identified& one : identified) {
    const Reading* reading = reading_of(one.format);
    if (reading == nullptr || (reading->need == Need::believed && !one.certain && trust != Trust::name) ||
        std::find(done.begin(), done.end(), reading->judge) != done.end()) {
      continue;
    }
    const Content content{bytes, path, identified, one.format, one.certain, trust, depth};
    if (reading->judge(content, out)) {
      done.push_back(reading->judge);
    }
  }
  return !done.empty();
}

bool judge_described(base::Bytes bytes, const std::string& path, Collector& out) {
  const std::vector<formats::Identified> identified = formats::identify(bytes, last_name(path));
  bool known = false;
  for (const std::span<const Reading> family :
       {tree_readings(), xml_readings(), tokenizer_readings(), package_readings()}) {
    for (const Reading& reading : family) {
      const auto found = std::find_if(identified.begin(), identified.end(),
                                      [&](const formats::Identified& one) { return one.format == reading.format; });
      if (found != identified.end()) {
        const Content content{bytes, path, identified, reading.format, found->certain, Trust::name, 0};
        known = reading.judge(content, out) || known;
      }
    }
  }
  return known;
}

bool judge_content(base::Bytes bytes, const std::string& path, Trust trust, std::uint32_t depth, Collector& out) {
  const bool known = judge_readings(bytes, path, trust, depth, out);
  if (!known && names_a_text(path) && is_judged_text(bytes, path)) {
    (void)judge_text(bytes, path, std::nullopt, out);
  }
  return known;
}

bool interests(base::Bytes head, std::string_view name) {
  if (names_a_text(name) && is_judged_text(head, name)) {
    return true;
  }
  const std::vector<formats::Identified> identified = formats::identify(head, last_name(name));
  return std::any_of(identified.begin(), identified.end(), [&](const formats::Identified& one) {
    // The beginning of a graph is one that breaks off.
    const bool believed = one.certain || one.format == "onnx" || names_a_pickle(name) || names_a_model_format(name);
    return reading_of(one.format) != nullptr && believed;
  });
}

}  // namespace scan
