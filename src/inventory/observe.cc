#include "inventory/observe.h"

#include <algorithm>

#include "base/text.h"
#include "formats/identify.h"
#include "inventory/observe_families.h"
#include "inventory/source_observe.h"

namespace inventory {
namespace {

using evidence::AssetKind;
using evidence::Confidence;

struct SourceExtension {
  std::string_view extension;
  std::string_view format;
};
constexpr SourceExtension kSources[] = {
    {"py", "python"},
    {"pyi", "python"},
    {"pyw", "python"},
    {"js", "javascript"},
    {"mjs", "javascript"},
    {"cjs", "javascript"},
    {"jsx", "javascript"},
    {"ts", "typescript"},
    {"mts", "typescript"},
    {"cts", "typescript"},
    {"tsx", "typescript"},
    {"vue", "vue"},
    {"svelte", "svelte"},
    {"go", "go"},
    {"rs", "rust"},
    {"java", "java"},
    {"kt", "kotlin"},
    {"cs", "csharp"},
    {"c", "c"},
    {"h", "c"},
    {"cc", "c++"},
    {"cpp", "c++"},
    {"cxx", "c++"},
    {"hpp", "c++"},
    {"cu", "cuda"},
    {"rb", "ruby"},
    {"php", "php"},
    {"swift", "swift"},
    {"scala", "scala"},
    {"r", "r"},
    {"jl", "julia"},
    {"sh", "shell"},
    {"bash", "shell"},
    {"zsh", "shell"},
    {"ps1", "powershell"},
    {"sql", "sql"},
    {"lua", "lua"},
    {"pl", "perl"},
    {"ex", "elixir"},
    {"dart", "dart"},
};

bool is_text(std::string_view text) {
  const std::string_view head = text.substr(0, 8192);
  return head.find('\0') == head.npos;
}

bool observe_program(Observed& out, const File& file) {
  std::string_view extension = file.extension();
  std::string_view how = "name: of program text";
  if (extension.empty() || extension.size() > 8) {
    if (!file.text.starts_with("#!")) {
      return false;
    }
    const std::string_view first = file.text.substr(0, std::min<std::size_t>(file.text.find('\n'), 200));
    extension = has_word(first, {"python"})                ? "py"
                : has_word(first, {"node", "deno", "bun"}) ? "js"
                : has_word(first, {"sh"})                  ? "sh"
                                                           : "";
    how = "content: first line names the interpreter";
  }
  const auto source = std::find_if(std::begin(kSources), std::end(kSources),
                                   [&](const SourceExtension& s) { return s.extension == extension; });
  if (source == std::end(kSources)) {
    return false;
  }
  classify(out, AssetKind::source, source->format, how);
  if (source->format == "python") {
    observe_source(out, file, Language::python, file.text);
  } else if (is_one_of(source->format, {"javascript", "typescript", "vue", "svelte"})) {
    const bool minified = file.lower_name.find(".min.") != std::string::npos;
    if (!minified) {
      observe_source(out, file, Language::script, file.text);
    }
  }
  if (file.cut) {
    add_note(out, "only the first " + base::human_bytes(file.text.size()) + " were searched for prompts and usages");
  }
  return true;
}

void observe_file(Observed& out, const File& file) {
  const auto identified = formats::identify(file.content, file.name);
  if (observe_binary(out, file, identified)) {
    return;
  }
  if (!is_text(file.text)) {
    classify(out, AssetKind::other, "", "content: not text", Confidence::low);
    return;
  }
  if (observe_manifest(out, file) || observe_deployment(out, file) || observe_named_document(out, file) ||
      observe_program(out, file) || observe_prompt_file(out, file) || observe_table(out, file, identified) ||
      observe_config(out, file) || observe_document(out, file)) {
    return;
  }
  const bool known = !identified.empty();
  classify(out, AssetKind::other, known ? identified.front().format : std::string_view(),
           known ? identified.front().how : "",
           known && identified.front().certain ? Confidence::high : Confidence::low);
}

}  // namespace

Observed observe(std::string_view path, base::Bytes content, std::uint64_t max_text_bytes) {
  Observed out;
  const File file = make_file(path, content, max_text_bytes);
  observe_file(out, file);
  const bool concerns_ai = out.asset.kind != AssetKind::other || !out.parts.empty() || !out.asset.usages.empty();
  if (concerns_ai && file.setting != Setting::product) {
    out.asset.attributes.set("setting", to_string(file.setting));
  }
  return out;
}

bool is_model_or_data_name(std::string_view name) {
  const std::string lower = base::to_lower(name.substr(name.rfind('/') + 1));
  constexpr std::string_view kEndings[] = {
      ".safetensors", ".gguf",      ".ggml",    ".onnx",    ".ort",       ".pt",      ".pth",        ".ckpt",
      ".pkl",         ".pickle",    ".joblib",  ".npy",     ".npz",       ".h5",      ".hdf5",       ".keras",
      ".tflite",      ".pb",        ".mlmodel", ".mar",     ".nemo",      ".model",   ".caffemodel", ".params",
      ".weights",     ".engine",    ".bin",     ".dill",    ".skops",     ".cbm",     ".ubj",        ".jsonl",
      ".ndjson",      ".csv",       ".tsv",     ".parquet", ".arrow",     ".feather", ".avro",       ".tfrecord",
      ".faiss",       ".llamafile", ".sav",     ".pkl.gz",  ".pdiparams", ".mnn",     ".ftz",        ".annoy"};
  return std::any_of(std::begin(kEndings), std::end(kEndings), [&](std::string_view e) { return lower.ends_with(e); });
}

}  // namespace inventory
