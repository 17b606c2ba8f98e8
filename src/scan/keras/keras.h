#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/value.h"
#include "scan/content.h"

namespace scan {

/// HDF5 files, and models of Keras in them, in archives, as JSON and as YAML.
[[nodiscard]] std::span<const Reading> keras_readings();

/// The configuration of a Keras model (JSON), whatever version wrote it: `model.to_json()`, `config.json` of an
/// archive, the attributes of an HDF5 file, the metadata of a SavedModel. Every object in it is judged, however deep.
void judge_keras_config(std::string_view text, const std::string& path, Collector& out);

/// The same for a configuration that was parsed already.
void judge_keras_value(const base::Value& root, const std::string& path, Collector& out);

/// HDF5: links, external storage, filters, configuration and pickles in attributes and small datasets.
bool judge_hdf5(const Content& content, Collector& out);

}  // namespace scan
