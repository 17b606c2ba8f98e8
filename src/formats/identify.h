#pragma once

#include <string_view>
#include <vector>

#include "base/byte_cursor.h"

/// Parsers of untrusted files: bytes in, values out. They describe; scan/ judges. No rule, no output.
namespace formats {

/// One way in which content can be read.
struct Identified {
  std::string_view format;  ///< "safetensors", "gguf", "onnx", "pickle", "torch-zip", "torch-legacy", "numpy", "npz",
                            ///< "hdf5", "keras-h5", "keras-zip", "tflite", "tf-savedmodel", "zip", "gzip", "parquet",
                            ///< "arrow", "csv", "jsonl", "json", "png" …
  std::string_view how;     ///< "content: magic GGUF", "content: pickle protocol 4 opcodes" …; a string literal.
  bool certain = true;      ///< False where content merely fits (CSV) and the name has to help.
};

/// Every format the whole `content` can be read as, the likeliest first; empty where none fits. `name` (the file's
/// name) helps only among formats that content cannot tell apart. Reads little: the head, the tail and what they point
/// to. Formats by text syntax alone (Python, YAML) are not told here.
std::vector<Identified> identify(base::Bytes content, std::string_view name);

}  // namespace formats
