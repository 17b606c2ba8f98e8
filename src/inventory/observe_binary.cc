#include <algorithm>
#include <array>

#include "base/json.h"
#include "base/text.h"
#include "inventory/observe_families.h"
#include "inventory/observe_weights.h"

namespace inventory {
namespace {

using base::ByteCursor;
using base::Value;
using evidence::AssetKind;
using evidence::Confidence;

// ---- NumPy: numpy.lib.format

void describe_numpy(Observed& out, base::Bytes content) {
  ByteCursor in(content);
  if (!in.skip(6, "magic")) {
    return;
  }
  const auto major = in.le<std::uint8_t>("major version");
  if (!major || !in.skip(1, "minor version")) {
    return;
  }
  std::uint64_t length = 0;
  if (*major == 1) {
    const auto small = in.le<std::uint16_t>("header length");
    length = small ? *small : 0;
  } else {
    const auto large = in.le<std::uint32_t>("header length");
    length = large ? *large : 0;
  }
  const auto header = in.take(std::min<std::uint64_t>(length, in.remaining()), "header");
  if (!header) {
    return;
  }
  const std::string_view text = base::as_text(*header).substr(0, 4096);
  const auto field = [&](std::string_view name, char open, char close) -> std::string {
    const std::size_t key = text.find(name);
    const std::size_t begin = key == text.npos ? key : text.find(open, key + name.size() + 1);
    const std::size_t end = begin == text.npos ? begin : text.find(close, begin + 1);
    return end == text.npos ? std::string() : one_line(text.substr(begin + 1, end - begin - 1), 100);
  };
  out.asset.attributes.set("dtype", field("'descr'", '\'', '\''));
  out.asset.attributes.set("shape", field("'shape'", '(', ')'));
  if (text.find("|O") != text.npos) {
    out.asset.attributes.set("objects", true);
  }
}

bool looks_like_data_path(const File& file) {
  return in_folder(file.lower_path,
                   {"data", "dataset", "datasets", "train", "training", "eval", "evaluation", "corpus", "corpora",
                    "training_data", "train_data", "raw", "labels", "knowledge", "knowledge_base"});
}
bool looks_like_model_path(const File& file) {
  return in_folder(file.lower_path,
                   {"model", "models", "weights", "checkpoint", "checkpoints", "ckpt", "artifacts", "embeddings"}) ||
         has_word(file.lower_name, {"model", "weight", "embedding", "vector", "centroid", "checkpoint"});
}

Confidence doubt(const File& file, Confidence confidence) {
  return file.setting == Setting::test || file.setting == Setting::vendored ? std::min(confidence, Confidence::medium)
                                                                            : confidence;
}

// ---- tables of text

// The cells of a line of CSV; quotes are honoured, at most 512.
std::vector<std::string> cells(std::string_view line, char separator) {
  std::vector<std::string> out(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size() && out.size() <= 512; ++i) {
    const char c = line[i];
    if (c == '"') {
      quoted = !quoted;
    } else if (c == separator && !quoted) {
      out.emplace_back();
    } else if (out.back().size() < 200) {
      out.back() += c;
    }
  }
  return out;
}

void describe_csv(Observed& out, const File& file, char separator) {
  Lines lines(file.text);
  std::string_view line;
  if (!lines.next(line)) {
    return;
  }
  if (separator == ',' && line.find(',') == line.npos) {
    separator = line.find(';') != line.npos    ? ';'
                : line.find('\t') != line.npos ? '\t'
                : line.find('|') != line.npos  ? '|'
                                               : ',';
  }
  const std::vector<std::string> header = cells(line.substr(0, 64 << 10), separator);
  const auto is_number = [](const std::string& cell) {
    return cell.empty() || cell.find_first_not_of("0123456789.-+eE") == std::string::npos;
  };
  const bool named = std::none_of(header.begin(), header.end(), is_number);
  Value columns{Value::List{}};
  if (named) {
    for (const std::string& cell : header) {
      if (columns.as_list().size() < 256) {
        columns.push(one_line(cell, 80));
      }
    }
    out.asset.attributes.set("columns", std::move(columns));
  }
  out.asset.attributes.set("column_count", static_cast<std::int64_t>(header.size()));
  const auto newlines = std::count(file.text.begin(), file.text.end(), '\n');
  const std::int64_t count = newlines + (file.text.ends_with('\n') ? 0 : 1) - (named ? 1 : 0);
  out.asset.attributes.set(file.cut ? "rows_at_least" : "rows", std::max<std::int64_t>(count, 0));
}

void describe_jsonl(Observed& out, const File& file) {
  Lines lines(file.text);
  std::string_view line;
  std::int64_t looked_at = 0;
  Value fields{Value::List{}};
  bool messages = false;
  while (looked_at < 20 && lines.next(line)) {
    const auto row = base::parse_json_document(line, {.max_bytes = 1U << 20, .max_depth = 64, .max_values = 100'000});
    ++looked_at;
    if (!row) {
      continue;
    }
    for (const auto& [key, value] : row->root.as_map()) {
      messages = messages || key == "messages" || key == "conversations";
      const auto& known = fields.as_list();
      const auto is_key = [&key = key](const Value& one) { return one.as_text() == key; };
      if (key.find('\\') == key.npos && std::any_of(known.begin(), known.end(), is_key)) {
        continue;  // as most are from the second line on
      }
      const Value name{one_line(key, 80)};
      if (known.size() < 256 && std::find(known.begin(), known.end(), name) == known.end()) {
        fields.push(name);
      }
    }
  }
  out.asset.attributes.set("columns", std::move(fields));
  if (messages) {
    out.asset.attributes.set("conversations", true);
  }
  const auto newlines = std::count(file.text.begin(), file.text.end(), '\n');
  out.asset.attributes.set(
      file.cut ? "rows_at_least" : "rows",
      static_cast<std::int64_t>(newlines + (file.text.empty() || file.text.ends_with('\n') ? 0 : 1)));
}

}  // namespace

bool observe_binary(Observed& out, const File& file, const std::vector<formats::Identified>& identified) {
  if (identified.empty()) {
    return false;
  }
  const formats::Identified& first = identified.front();
  const std::string_view format = first.format;
  const Confidence sure = doubt(file, first.certain ? Confidence::high : Confidence::medium);
  if (is_one_of(format, {"safetensors",
                         "gguf",
                         "ggml",
                         "onnx",
                         "ort",
                         "tf-graphdef",
                         "tf-metagraph",
                         "coreml",
                         "paddle",
                         "caffe",
                         "torch7",
                         "tensorrt",
                         "rknn",
                         "executorch",
                         "torch-zip",
                         "torch-legacy",
                         "torchscript",
                         "keras-h5",
                         "keras-zip",
                         "skops",
                         "msgpack",
                         "tflite",
                         "tf-savedmodel",
                         "fasttext",
                         "word2vec",
                         "mnn",
                         "tf-checkpoint",
                         "tf-checkpoint-data",
                         "paddle-parameters"})) {
    classify(out, AssetKind::model, format, first.how, sure);
    describe_weights(out, file, format);
    return true;
  }
  if (is_one_of(format, {"pickle", "joblib", "joblib-compressed"})) {
    // A pickle may hold anything; where it lies and what it is called tell the rest.
    const bool data = looks_like_data_path(file) && !looks_like_model_path(file);
    const bool named = is_one_of(file.extension(),
                                 {"pkl", "pickle", "joblib", "pt", "pth", "bin", "ckpt", "model", "p", "sav", "dill"});
    if (!named && !first.certain) {
      return false;
    }
    classify(out, data ? AssetKind::dataset : AssetKind::model, format, first.how,
             doubt(file, !first.certain   ? Confidence::low
                         : data || !named ? Confidence::medium
                                          : Confidence::high));
    return true;
  }
  if (is_one_of(format, {"numpy", "npz", "hdf5"})) {
    const bool model = looks_like_model_path(file) && !looks_like_data_path(file);
    classify(out, model ? AssetKind::model : AssetKind::dataset, format, first.how, Confidence::low);
    if (format == "numpy") {
      describe_numpy(out, file.content);
    }
    if (format == "hdf5" && is_one_of(file.extension(), {"keras"})) {
      out.asset.kind = AssetKind::model;
    }
    return true;
  }
  if (is_one_of(format, {"pmml", "xgboost-json", "xgboost-ubj", "xgboost-binary", "lightgbm-text", "lightgbm-json",
                         "catboost", "catboost-json", "rds"})) {
    const bool data = format == "rds" && looks_like_data_path(file) && !looks_like_model_path(file);
    classify(out, data ? AssetKind::dataset : AssetKind::model, format, first.how,
             format == "rds" ? doubt(file, Confidence::medium) : sure);
    return true;
  }
  if (format == "sentencepiece") {
    classify(out, AssetKind::model, format, first.how, sure);
    return true;
  }
  if (is_one_of(format, {"parquet", "arrow", "feather", "avro", "orc", "tfrecord", "faiss", "annoy"})) {
    classify(out, AssetKind::dataset, format, first.how, sure);
    return true;
  }
  if (is_one_of(format, {"png", "jpeg", "gif", "webp", "bmp", "tiff", "wav", "flac"})) {
    const bool data = looks_like_data_path(file) && file.setting == Setting::product &&
                      !in_folder(file.lower_path, {"docs", "assets", "static", "public", "images", "img"});
    classify(out, data ? AssetKind::dataset : AssetKind::other, format, first.how,
             data ? Confidence::low : Confidence::high);
    return true;
  }
  if (is_one_of(format, {"sqlite"})) {
    const bool data =
        looks_like_data_path(file) || has_word(file.lower_name, {"chroma", "vector", "index", "embedding"});
    classify(out, data ? AssetKind::dataset : AssetKind::other, format, first.how,
             data ? Confidence::low : Confidence::high);
    return true;
  }
  if (is_one_of(format, {"csv", "tsv", "json", "jsonl", "xml", "svg", "html", "tokenizer-json", "vocabulary",
                         "tiktoken", "adapter-config", "sentence-transformers-modules", "spark-metadata",
                         "mlflow-model", "bentoml-model"})) {
    return false;
  }
  const bool archive =
      is_one_of(format, {"zip", "gzip", "bzip2", "xz", "zstd", "tar", "7z", "rar", "lz4", "lzma", "zlib"});
  if (!first.certain && !archive) {
    return false;
  }
  if (archive && looks_like_data_path(file) && file.setting == Setting::product) {
    classify(out, AssetKind::dataset, format, first.how, Confidence::low);
  } else if (archive && (file.extension() == "mar" || file.lower_name.ends_with(".nemo"))) {
    classify(out, AssetKind::model, format, first.how, Confidence::medium);
  } else {
    classify(out, AssetKind::other, format, first.how, sure);
  }
  return true;
}

bool observe_table(Observed& out, const File& file, const std::vector<formats::Identified>& identified) {
  const auto has = [&](std::string_view format) {
    return std::any_of(identified.begin(), identified.end(), [&](const auto& i) { return i.format == format; });
  };
  const bool data_path = looks_like_data_path(file);
  const bool test =
      file.setting == Setting::test || file.setting == Setting::vendored || file.setting == Setting::documentation;
  const std::string_view extension = file.extension();
  const bool lines_of_json = is_one_of(extension, {"jsonl", "ndjson", "jsonlines"});
  if (lines_of_json || (has("jsonl") && is_one_of(extension, {"json", "txt", "data", ""}))) {
    describe_jsonl(out, file);
    if (!lines_of_json && out.asset.attributes["columns"].as_list().empty()) {
      out.asset.attributes = Value();
      return false;
    }
    classify(out, AssetKind::dataset, "jsonl", "content: one JSON object a line",
             test            ? Confidence::low
             : lines_of_json ? Confidence::high
                             : Confidence::medium);
    return true;
  }
  const bool named = is_one_of(extension, {"csv", "tsv", "tab"});
  const bool shaped = (has("csv") || has("tsv")) && is_one_of(extension, {"txt", "dat", "data", "test", "train", ""}) &&
                      (data_path || is_one_of(extension, {"data", "test", "train"}));
  if (!named && !shaped) {
    return false;
  }
  const bool tabs = extension == "tsv" || extension == "tab" || (!named && has("tsv"));
  const std::string_view how = named ? (tabs ? "name: .tsv, content: text" : "name: .csv, content: text")
                                     : "content: lines with as many separators each";
  const bool dull =
      has_word(file.lower_name, {"coverage", "translation", "changelog", "timing", "codes", "contributors"});
  classify(out, AssetKind::dataset, tabs ? "tsv" : "csv", how,
           test || dull         ? Confidence::low
           : data_path && named ? Confidence::high
           : named              ? Confidence::medium
                                : Confidence::low);
  describe_csv(out, file, tabs ? '\t' : ',');
  return true;
}

}  // namespace inventory
