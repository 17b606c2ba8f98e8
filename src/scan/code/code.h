#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/value.h"
#include "scan/collector.h"

namespace scan {

/// How Python source comes to be run, and where its lines stand.
struct PythonUse {
  const std::vector<std::uint32_t>* lines = nullptr;  ///< Line i + 1 of the source is line lines[i] of the file.
  std::uint32_t line = 0;                             ///< Where not 0: all of it stands in this line.
  bool runs_unseen = false;  ///< Run by loading or installing something: what it does at import, nobody asked for.
  int depth = 0;             ///< Source within constants of source.
};

/// Python source: loading that runs code, output of models that is run, and what only malware does.
void judge_python(std::string_view text, const std::string& path, Collector& out, const PythonUse& use = {});
/// A notebook of version 3 or 4: cells with their shell escapes, and active content in outputs.
void judge_notebook(const base::Value& document, const std::string& path, Collector& out);
/// A text file of site-packages whose "import" lines Python runs at every start.
void judge_path_file(std::string_view text, const std::string& path, Collector& out);

/// Values of configuration files (JSON or YAML) of models, tokenizers, pipelines and training.
void judge_config(const base::Value& document, const std::string& path, Collector& out);
/// YAML as text: tags that make objects.
void judge_yaml_tags(std::string_view text, const std::string& path, Collector& out);
/// Text that is neither: Triton's config.pbtxt, TorchServe's config.properties.
void judge_triton_config(std::string_view text, const std::string& path, Collector& out);
void judge_torchserve_config(std::string_view text, const std::string& path, Collector& out);
/// Python expressions in what should be plain values.
void judge_code_in_text(std::string_view text, const std::string& path, Collector& out);

/// Visits every value below `root` with the key it stands under (the key of the list, for elements), parents first.
void each_value(const base::Value& root,
                const std::function<void(std::string_view key, const base::Value& value)>& visit);

}  // namespace scan
