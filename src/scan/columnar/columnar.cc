#include "scan/columnar/columnar.h"

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/text.h"
#include "formats/arrow/arrow.h"
#include "formats/avro/avro.h"
#include "formats/orc/orc.h"
#include "formats/parquet/parquet.h"
#include "formats/pickle/probe.h"
#include "formats/tfrecord/tfrecord.h"
#include "scan/code_words.h"
#include "scan/pickle/judge_pickle.h"

namespace scan {
namespace {

using base::Value;
using evidence::Severity;

bool is_any(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// Each member of each mapping below a value, with the path of keys; with a stack, as the parser limits depth anyway.
void each_member(const Value& root, const std::function<void(const std::string& key, const Value& value)>& visit) {
  std::vector<const Value*> open{&root};
  while (!open.empty()) {
    const Value* one = open.back();
    open.pop_back();
    for (const auto& [key, member] : one->as_map()) {
      visit(key, member);
      open.push_back(&member);
    }
    for (const Value& element : one->as_list()) {
      open.push_back(&element);
    }
  }
}

/// Whether the bytes are, or hold after decoding, a pickle.
bool is_pickle(std::string_view bytes) {
  const auto probe = formats::pickle::probe(base::as_bytes(bytes));
  return probe.certain || (probe.pickle && probe.stopped && probe.length == bytes.size() && bytes.size() > 8);
}

class Judge {
 public:
  Judge(const Content& content, Collector& out) : content_(content), out_(out) {}

  void add(std::string_view rule, std::uint64_t offset, std::string subject, std::string message) {
    out_.add(rule, {content_.path, byte_place(offset), offset, 0, std::move(subject), std::move(message)});
  }

  /// A pair of metadata, of a file or of a field.
  void metadata(const std::string& field, std::string_view key, std::string_view value, std::uint64_t offset) {
    const std::string where = "metadata " + std::string(key) + (field.empty() ? "" : " of column " + field);
    if (key == "ARROW:schema") {
      schema_in_base64(value, offset);
      return;
    }
    if (key == "ARROW:extension:name") {
      extension_name(field, value, offset);
      return;
    }
    if (is_pickle(value)) {
      add("columnar-python-type", offset, where, "The " + where + " is a pickle.");
      judge_pickle(base::as_bytes(value), content_.path + "!" + std::string(key), PickleUse::stream, content_.depth + 1,
                   out_);
      return;
    }
    // Statistics of files and row groups, models and documentation are long; code is looked for in all of it.
    judge_model_text(value, where, content_.path, offset, content_.depth, out_);
    if (const std::string_view text = base::trim(value); text.starts_with('{') || text.starts_with('[')) {
      if (const auto document = base::parse_json_document(text)) {
        json(document->root, where, offset);
      }
    }
  }

 private:
  void extension_name(const std::string& field, std::string_view name, std::uint64_t offset) {
    if (name == "arrow.py_extension_type") {
      add("columnar-python-type", offset, field + ": " + std::string(name),
          "Column '" + field + "' is of a type that pyarrow unpickles.");
    } else if (name.find("pickle") != std::string_view::npos || name.find("python_object") != std::string_view::npos) {
      add("columnar-python-type", offset, field + ": " + std::string(name),
          "Column '" + field + "' is of the type '" + std::string(name) + "', whose values are unpickled.");
    } else {
      judge_model_text(name, "type of column " + field, content_.path, offset, content_.depth, out_);
    }
  }

  void schema_in_base64(std::string_view value, std::uint64_t offset) {
    auto bytes = base::from_base64(value);
    if (!bytes) {
      add("columnar-defect", offset, "ARROW:schema", "The Arrow schema in the metadata is not base64.");
      return;
    }
    const auto schema = formats::arrow::parse_schema_message(base::as_bytes(*bytes));
    if (!schema) {
      add("columnar-defect", offset, schema.error().message,
          "The Arrow schema in the metadata breaks its format: " + schema.error().message + ".");
      return;
    }
    for (const auto& pair : schema->metadata) {
      if (pair.key != "ARROW:schema") {
        metadata(pair.field, pair.key, pair.value, offset);
      }
    }
    for (const auto& defect : schema->defects) {
      add("columnar-defect", offset, defect.text, "The Arrow schema in the metadata: " + defect.text + ".");
    }
  }

  void json(const Value& root, const std::string& where, std::uint64_t offset) {
    each_member(root, [&](const std::string& key, const Value& value) {
      const std::string text(value.as_text());
      if (text.empty()) {
        return;
      }
      // Spark: a user-defined type names its classes, and may bring its own as a pickle.
      if (key == "pyClass" && !text.starts_with("pyspark.") && !text.starts_with("sedona.") &&
          !text.starts_with("org.apache.spark")) {
        add("columnar-foreign-class", offset, text, "The schema names the Python class '" + text + "'.");
      } else if (key == "serializedClass") {
        add("columnar-python-type", offset, where, "The schema holds a pickled Python class.");
      } else if (is_any(key, {"java-class", "java-key-class", "java-element-class"}) &&
                 !text.starts_with("java.util.") && !text.starts_with("java.math.Big") &&
                 !text.starts_with("java.lang.") && !text.starts_with("java.time.") &&
                 !is_any(text, {"java.net.URI", "java.net.URL", "java.io.File"})) {
        add("columnar-foreign-class", offset, text, "The schema names the Java class '" + text + "'.");
      } else if (is_any(key, {"java-class", "java-key-class", "java-element-class"}) &&
                 (text.starts_with("java.lang.Process") || text.starts_with("java.lang.Runtime") ||
                  text.starts_with("java.util.jar") || text.starts_with("java.net.URL"))) {
        add("columnar-foreign-class", offset, text, "The schema names the Java class '" + text + "'.");
      } else if (key == "_type" && where.find("huggingface") != std::string::npos &&
                 !std::all_of(text.begin(), text.end(), [](char c) { return is_word(c); })) {
        add("columnar-foreign-class", offset, text, "A feature of the data set is of the type '" + text + "'.");
      }
    });
  }

  const Content& content_;
  Collector& out_;
};

bool judge_parquet(const Content& content, Collector& out) {
  out.format(content.format);
  const auto footer = formats::parquet::parse(content.bytes);
  if (!footer) {
    out.unreadable("columnar-defect", footer.error(), content.path);
    return true;
  }
  if (footer->encrypted) {
    out.not_covered(content.path, "the footer is encrypted");
    return true;
  }
  Judge judge(content, out);
  for (const auto& defect : footer->defects) {
    judge.add("columnar-defect", defect.offset, defect.text, "The footer breaks the format: " + defect.text + ".");
  }
  for (const auto& pair : footer->metadata) {
    judge.metadata("", pair.key, pair.value, pair.offset);
  }
  // "_metadata" of a folder of Parquet files names its neighbours: that is what it is for.
  const bool summary = last_name(content.path) == "_metadata" || last_name(content.path) == "_common_metadata";
  for (const std::string_view file : footer->other_files) {
    const bool out_of_folder = file.starts_with('/') || file.find("..") != std::string_view::npos ||
                               file.find("://") != std::string_view::npos || file.find('\\') != std::string_view::npos;
    if (!file.empty() && (!summary || out_of_folder)) {
      out.add("columnar-other-file", out_of_folder ? Severity::high : Severity::medium,
              {content.path, "", 0, 0, std::string(file), ""});
    }
  }
  return true;
}

bool judge_arrow(const Content& content, Collector& out) {
  const bool feather = content.format == "feather";
  const auto file = feather ? formats::arrow::parse_feather(content.bytes) : formats::arrow::parse(content.bytes);
  out.format(content.format);
  if (!file) {
    out.unreadable("columnar-defect", file.error(), content.path);
    return true;
  }
  Judge judge(content, out);
  for (const auto& defect : file->defects) {
    judge.add("columnar-defect", defect.offset, defect.text, "The file breaks the format: " + defect.text + ".");
  }
  for (const auto& pair : file->metadata) {
    judge.metadata(pair.field, pair.key, pair.value, pair.offset);
  }
  return true;
}

bool judge_avro(const Content& content, Collector& out) {
  out.format(content.format);
  const auto file = formats::avro::parse(content.bytes);
  if (!file) {
    out.unreadable("columnar-defect", file.error(), content.path);
    return true;
  }
  Judge judge(content, out);
  for (const auto& [key, value] : file->metadata) {
    judge.metadata("", key, value, 4);
  }
  return true;
}

bool judge_orc(const Content& content, Collector& out) {
  out.format(content.format);
  const auto tail = formats::orc::parse(content.bytes);
  if (!tail) {
    out.unreadable("columnar-defect", tail.error(), content.path);
    return true;
  }
  if (tail->compressed) {
    out.not_covered(content.path, "orc: the footer is compressed");
  }
  Judge judge(content, out);
  for (const auto& [key, value] : tail->metadata) {
    judge.metadata("", key, value, 0);
  }
  for (const std::string& defect : tail->defects) {
    judge.add("columnar-defect", 0, defect, "The footer breaks the format: " + defect + ".");
  }
  return true;
}

bool judge_tfrecord(const Content& content, Collector& out) {
  out.format(content.format);
  if (const auto file = formats::tfrecord::parse(content.bytes); !file) {
    out.unreadable("columnar-defect", file.error(), content.path);
  }
  return true;
}

}  // namespace

std::span<const Reading> columnar_readings() {
  static constexpr Reading kReadings[] = {
      {"parquet", Need::any, judge_parquet}, {"arrow", Need::believed, judge_arrow},
      {"feather", Need::any, judge_arrow},   {"avro", Need::any, judge_avro},
      {"orc", Need::believed, judge_orc},    {"tfrecord", Need::believed, judge_tfrecord},
  };
  return kReadings;
}

}  // namespace scan
