#include "scan/keras/keras.h"

#include <algorithm>

#include "base/text.h"
#include "base/yaml.h"
#include "formats/zip/zip.h"

namespace scan {
namespace {

bool is_config_name(std::string_view name) {
  const std::string lower = base::to_lower(last_name(name));
  return lower.ends_with(".json") && lower != "metadata.json";
}

/// The configuration in a `.keras` archive, or in one that its loader would take for such.
bool judge_keras_zip(const Content& content, Collector& out) {
  const formats::zip::Archive archive = formats::zip::read(content.bytes);
  bool found = false;
  for (const formats::zip::Entry& entry : archive.entries) {
    if (entry.is_directory() || !is_config_name(entry.name)) {
      continue;
    }
    const std::string path = content.path + "!" + entry.name;
    const formats::zip::Member member = formats::zip::extract(content.bytes, entry, out.unpack_budget(), false);
    const std::string_view text = base::as_text(member.bytes());
    const bool config = last_name(entry.name) == "config.json";
    if (!config && text.find("class_name") == std::string_view::npos && text.find("\\u00") == std::string_view::npos) {
      continue;
    }
    if (member.unpacked.problem && member.unpacked.problem->code != base::Errc::untrusted) {
      out.unreadable("keras-config-defect", *member.unpacked.problem, path);
    }
    found = true;
    judge_keras_config(text, path, out);
  }
  if (found) {
    out.format("keras-zip");
  }
  return found;
}

bool judge_keras_json(const Content& content, Collector& out) {
  out.format("keras-config");
  judge_keras_config(base::as_text(content.bytes), content.path, out);
  return true;
}

/// Keras before 2.6 read YAML with a loader that makes any Python object (CVE-2021-37678).
bool judge_keras_yaml(const Content& content, Collector& out) {
  const std::string_view text = base::as_text(content.bytes);
  if (text.find("class_name") == std::string_view::npos) {
    return false;  // YAML of another kind, whose tags are judged as such
  }
  out.format("keras-yaml");
  for (const std::string_view tag :
       {"!!python/", "!python/", "tag:yaml.org,2002:python/", "!<tag:yaml.org,2002:python"}) {
    for (std::size_t at = text.find(tag); at != std::string_view::npos && !out.full(); at = text.find(tag, at + 1)) {
      const std::string_view rest = text.substr(at, 120);
      const std::string_view word = rest.substr(0, rest.find_first_of(" \r\n,[{"));
      // Tuples are what Keras itself wrote.
      if (word.find("python/tuple") != std::string_view::npos ||
          word.find("python/unicode") != std::string_view::npos || word.find("python/str") != std::string_view::npos) {
        continue;
      }
      const std::uint32_t line = line_of(text, at);
      out.add("keras-yaml-object", {content.path, "line " + std::to_string(line), at, line, std::string(word), ""});
    }
  }
  if (text.find("class_name") == std::string_view::npos) {
    return true;
  }
  base::DocumentLimits limits;
  limits.max_bytes = 64U << 20;
  const auto root = base::parse_yaml(text, limits);
  if (root) {
    judge_keras_value(*root, content.path, out);
  } else if (text.find("keras_version") != std::string_view::npos || text.find("layers:") != std::string_view::npos) {
    out.unreadable("keras-config-defect", root.error(), content.path);
  }
  return true;
}

}  // namespace

std::span<const Reading> keras_readings() {
  static constexpr Reading kReadings[] = {
      {"keras-h5", Need::any, judge_hdf5},         {"hdf5", Need::any, judge_hdf5},
      {"keras-zip", Need::any, judge_keras_zip},   {"keras-config", Need::any, judge_keras_json},
      {"keras-yaml", Need::any, judge_keras_yaml},
  };
  return kReadings;
}

}  // namespace scan
