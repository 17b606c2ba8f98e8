#include "formats/hdf5/hdf5.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "base/text.h"
#include "formats/pickle/probe.h"
#include "scan/keras/keras.h"
#include "scan/pickle/judge_pickle.h"
#include "scan/weights/embedded.h"

namespace scan {
namespace {

using evidence::Severity;
using formats::hdf5::Attribute;
using formats::hdf5::File;
using formats::hdf5::Layout;
using formats::hdf5::LinkKind;
using formats::hdf5::Object;

/// Filters of the library itself, and the registered ones in common use; the library loads others from its plugin path.
bool is_known_filter(std::uint16_t id) {
  constexpr std::uint16_t kKnown[] = {1,     2,     3,     4,     5,     6,     305,   307,   32000, 32001, 32002,
                                      32003, 32004, 32005, 32006, 32007, 32008, 32009, 32010, 32011, 32012, 32013,
                                      32014, 32015, 32016, 32017, 32018, 32019, 32020, 32021, 32022, 32023, 32024,
                                      32025, 32026, 32027, 32028, 32029, 32030, 32031, 32032};
  return std::find(std::begin(kKnown), std::end(kKnown), id) != std::end(kKnown);
}

bool leads_out(std::string_view file) {
  const bool drive = file.size() > 1 && file[1] == ':';
  return file.starts_with('/') || file.starts_with('\\') || drive || file.starts_with("..") ||
         file.find("/..") != std::string_view::npos || file.find("\\..") != std::string_view::npos ||
         file.find("://") != std::string_view::npos;
}

class Judge {
 public:
  Judge(const Content& content, const File& file, bool model, Collector& out)
      : content_(content), file_(file), model_(model), out_(out) {}

  void judge() {
    for (const formats::hdf5::Link& link : file_.links) {
      judge_link(link);
    }
    for (const Attribute& attribute : file_.attributes) {
      judge_attribute(attribute);
    }
    for (std::uint32_t i = 0; i < file_.objects.size(); ++i) {
      if (file_.objects[i].kind == formats::hdf5::ObjectKind::dataset) {
        judge_dataset(i);
      }
    }
    std::uint32_t index = 0;
    for (const base::Bytes value : file_.heap_values) {
      judge_bytes(value, [&] { return content_.path + "!heap[" + std::to_string(index) + "]"; });
      ++index;
    }
  }

 private:
  Sighting at(std::uint64_t offset, std::string subject, std::string message = {}) {
    return {content_.path, byte_place(offset), offset, 0, std::move(subject), std::move(message)};
  }

  /// Links between files are a feature of the format; within a model, and out of its folder, they are attacks.
  Severity outside(std::string_view target, Severity nearby) const {
    return model_ || leads_out(target) ? Severity::high : nearby;
  }

  void judge_link(const formats::hdf5::Link& link) {
    const std::string path = file_.path_of(link.group);
    const std::string name = (path == "/" ? "" : path) + "/" + link.name;
    if (link.kind == LinkKind::external) {
      out_.add("hdf5-outside-file", outside(link.file, Severity::low),
               at(link.offset, name + " -> " + link.file + ":" + link.target,
                  "A link leads into another file: " + link.file + "."));
    } else if (link.kind == LinkKind::user_defined) {
      out_.add("hdf5-user-link", at(link.offset, name + ", link type " + std::to_string(link.type)));
    }
  }

  void judge_attribute(const Attribute& attribute) {
    const auto where = [&] {
      const std::string path = file_.path_of(attribute.object);
      return content_.path + "!" + (path == "/" ? "" : path) + "@" + attribute.name;
    };
    if (attribute.name == "model_config" || attribute.name == "training_config") {
      const std::vector<std::string_view> whole{base::as_text(attribute.data)};
      for (const std::string_view value : attribute.type.is_text() ? attribute.values : whole) {
        if (!value.empty() && configs_.emplace(value.data(), value.size()).second) {
          judge_keras_config(value, where(), out_);
        }
      }
      return;
    }
    // PyTables pickles what is no array of numbers, and unpickles every text that reads like one.
    if (attribute.values.empty() && (attribute.type.is_bytes() || attribute.type.is_text())) {
      judge_bytes(attribute.data, where);
    }
    for (const std::string_view value : attribute.values) {
      judge_bytes(base::as_bytes(value), where);
      if (value.find("\"class_name\"") != std::string_view::npos && base::trim(value).starts_with('{') &&
          configs_.emplace(value.data(), value.size()).second) {
        judge_keras_config(value, where(), out_);
      }
    }
  }

  /// `where` gives the path, which is put together only for what is judged. Descriptors may point to one value many
  /// times over: it is looked at once.
  template <class Where>
  void judge_bytes(base::Bytes value, const Where& where) {
    if (value.size() < 4 || !seen_.emplace(value.data(), value.size()).second) {
      return;
    }
    const bool interesting = interests(value, "");
    if (!interesting && !is_encoded(base::as_text(value))) {
      return;
    }
    if (out_.full()) {
      out_.not_covered(content_.path, "values after the largest number of findings");
      return;
    }
    if (interesting) {
      (void)judge_content(value, where(), Trust::content, content_.depth + 1, out_);
    } else {
      judge_embedded(base::as_text(value), where().substr(content_.path.size() + 1), content_.path, 0, content_.depth,
                     out_);
    }
  }

  void judge_dataset(std::uint32_t index) {
    const Object& object = file_.objects[index];
    const bool quiet = object.external_files.empty() && object.virtual_files.empty() && object.filters.empty();
    const std::string path = quiet ? std::string() : file_.path_of(index);
    for (const std::string& name : object.external_files) {
      out_.add("hdf5-outside-file", outside(name, Severity::medium),
               at(object.offset, path + " in " + name, "The data of a dataset lies in another file: " + name + "."));
    }
    for (const std::string& name : object.virtual_files) {
      if (name != ".") {
        out_.add("hdf5-outside-file", outside(name, Severity::low),
                 at(object.offset, path + " from " + name, "A virtual dataset reads another file: " + name + "."));
      }
    }
    for (const std::uint16_t filter : object.filters) {
      if (!is_known_filter(filter)) {
        out_.add("hdf5-filter", at(object.offset, path + ", filter " + std::to_string(filter)));
      }
    }
    const auto where = [&] { return content_.path + "!" + file_.path_of(index); };
    for (const std::string_view value : object.values) {
      judge_bytes(base::as_bytes(value), where);
      if (value.find("\"class_name\"") != std::string_view::npos && base::trim(value).starts_with('{') &&
          configs_.emplace(value.data(), value.size()).second) {
        judge_keras_config(value, where(), out_);
      }
    }
    if (object.type.is_bytes() && object.values.empty() && !object.data.empty()) {
      judge_bytes(object.data, where);
    }
  }

  const Content& content_;
  const File& file_;
  bool model_;
  Collector& out_;
  std::set<std::pair<const std::byte*, std::size_t>> seen_;
  std::set<std::pair<const char*, std::size_t>> configs_;
};

}  // namespace

bool judge_hdf5(const Content& content, Collector& out) {
  const bool member_of_model = content.path.find(".keras!") != std::string::npos;
  if (content.format == "hdf5" && !content.is_likeliest() && !content.can_be("keras-h5") && content.bytes.size() < 64) {
    return false;
  }
  const auto file = formats::hdf5::parse(content.bytes);
  if (!file) {
    out.format(content.format);
    out.unreadable("hdf5-defect", file.error(), content.path);
    return true;
  }
  bool keras = false;
  for (const Attribute& attribute : file->attributes) {
    keras = keras || attribute.name == "model_config" || attribute.name == "keras_version" ||
            (attribute.object == 0 && (attribute.name == "layer_names" || attribute.name == "training_config"));
  }
  for (const Object& object : file->objects) {
    keras = keras || (object.parent == 0 && (object.name == "_layer_checkpoint_dependencies" ||
                                             object.name == "layers" || object.name == "model_weights"));
  }
  keras = keras || std::any_of(file->links.begin(), file->links.end(), [](const formats::hdf5::Link& link) {
            return link.name == "layers" || link.name == "model_weights";
          });
  out.format(keras ? "keras-h5" : "hdf5");
  const bool model =
      keras || member_of_model || content.path.ends_with(".weights.h5") || content.path.ends_with(".keras");
  for (const auto& defect : file->defects) {
    out.add("hdf5-defect", {content.path, byte_place(defect.offset), defect.offset, 0, defect.text,
                            "The file breaks its format: " + defect.text + "."});
  }
  for (const std::string& why : file->unread) {
    out.not_covered(content.path, "HDF5: " + why);
  }
  if (!file->defects.empty()) {
    out.not_covered(content.path, "HDF5: what lies behind a defect");
  }
  if (!file->driver.empty()) {
    out.add("hdf5-outside-file", evidence::Severity::medium,
            {content.path, "", 0, 0, "driver " + file->driver, "The file says that it is spread over several files."});
  }
  if (!file->at_most_one_superblock) {
    out.add("hdf5-defect", {content.path, "", 0, 0, "several superblocks",
                            "The file holds several superblocks; readers differ in which they take."});
  }
  Judge(content, *file, model, out).judge();
  return true;
}

}  // namespace scan
