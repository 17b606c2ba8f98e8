#include "scan/weights/weights.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "formats/gguf/gguf.h"
#include "formats/gguf/legacy.h"
#include "formats/numpy/numpy.h"
#include "formats/safetensors/safetensors.h"
#include "scan/pickle/judge_pickle.h"
#include "scan/template/template.h"
#include "scan/text/text.h"
#include "scan/weights/embedded.h"

namespace scan {
namespace {

/// Tensors of bytes may hold anything: the heads of a few are looked at, so that no more than some pages are touched.
void judge_byte_tensors(const formats::safetensors::Header& header, const Content& content, Collector& out) {
  constexpr std::size_t kMost = 64;
  std::size_t looked_at = 0;
  const std::uint64_t data_at = 8 + header.header_bytes;
  for (const auto& tensor : header.tensors) {
    if ((tensor.dtype != "U8" && tensor.dtype != "I8") || looked_at == kMost || tensor.begin >= tensor.end ||
        tensor.end > content.bytes.size() - data_at) {
      continue;
    }
    ++looked_at;
    const base::Bytes bytes = content.bytes.subspan(static_cast<std::size_t>(data_at + tensor.begin),
                                                    static_cast<std::size_t>(tensor.end - tensor.begin));
    const std::string_view text = base::as_text(bytes);
    const auto head = std::to_integer<unsigned>(bytes[0]);
    if (text.starts_with("PK\x03\x04") || text.starts_with("\x7F\x45LF") || text.starts_with("MZ") ||
        (head == 0x80 && bytes.size() > 2 && std::to_integer<unsigned>(bytes[1]) <= 5) || text.starts_with("#!/")) {
      judge_embedded(text.substr(0, 64U << 20), "tensor " + tensor.name, content.path, data_at + tensor.begin,
                     content.depth, out);
    }
  }
}

bool judge_safetensors(const Content& content, Collector& out) {
  out.format(content.format);
  const auto header = formats::safetensors::parse(content.bytes);
  if (!header) {
    out.unreadable("safetensors-defect", header.error(), content.path);
    return true;
  }
  for (const auto& defect : header->defects) {
    out.add("safetensors-defect", {content.path, byte_place(defect.offset), defect.offset, 0, defect.text,
                                   "The header breaks the format: " + defect.text + "."});
  }
  for (const auto& tensor : header->tensors) {
    const bool leads_out = tensor.name.find("../") != std::string::npos || tensor.name.starts_with('/');
    if (leads_out || tensor.name.find('\0') != std::string::npos) {  // programs name files after tensors
      out.add("safetensors-defect", evidence::Severity::medium,
              {content.path, "", 0, 0, tensor.name,
               "The name of a tensor " + std::string(leads_out ? "leads to another folder."
                                                               : "ends where C's text does, for some readers.")});
    }
  }
  for (const auto& [key, value] : header->metadata) {
    if (key.find("template") != std::string::npos) {
      judge_template(value, content.path, 8, 0, out);
    } else {
      judge_embedded(value, "__metadata__ " + key, content.path, 8, content.depth, out);
      judge_hidden_unicode(value, content.path, Writing::document, out);
    }
  }
  judge_byte_tensors(*header, content, out);
  return true;
}

bool judge_gguf(const Content& content, Collector& out) {
  out.format(content.format);
  const auto file = formats::gguf::parse(content.bytes);
  if (!file) {
    out.unreadable("gguf-defect", file.error(), content.path);
    return true;
  }
  for (const auto& defect : file->defects) {
    out.add("gguf-defect", {content.path, byte_place(defect.offset), defect.offset, 0, defect.text,
                            "The file breaks the format: " + defect.text + "."});
  }
  for (const std::uint32_t type : file->unknown_types) {
    constexpr std::uint32_t kMostTypes = 256;  // some 40 are in use
    if (type >= kMostTypes) {
      out.add("gguf-defect", {content.path, "", 0, 0, "type " + std::to_string(type),
                              "A tensor has the type " + std::to_string(type) + ", which is none."});
      continue;
    }
    out.not_covered(content.path, "tensors of type " + std::to_string(type) + ", whose size is not known");
  }
  for (const auto& one : file->templates) {
    judge_template(one.text, content.path, one.offset, 0, out);
  }
  for (const auto& blob : file->blobs) {
    judge_embedded(blob.bytes, "key " + std::string(blob.key.substr(0, 100)), content.path, blob.offset, content.depth,
                   out);
  }
  return true;
}

bool judge_ggml(const Content& content, Collector& out) {
  out.format(content.format);
  if (const auto file = formats::ggml::parse(content.bytes); !file) {
    out.unreadable("gguf-defect", file.error(), content.path);
  }
  return true;
}

bool judge_array(const Content& content, base::Bytes bytes, std::uint64_t at, Collector& out, std::uint64_t& end) {
  const auto header = formats::numpy::parse(bytes);
  if (!header) {
    base::Error error = header.error();
    error.offset += at;
    if (error.message.find("code where") != std::string::npos) {
      out.add("numpy-code", {content.path, byte_place(error.offset), error.offset, 0, error.message,
                             "The header holds code instead of a description of the array."});
    }
    out.unreadable("numpy-defect", error, content.path);
    return false;
  }
  for (const std::string& defect : header->defects) {
    out.add("numpy-defect",
            {content.path, byte_place(at), at, 0, defect, "The header breaks the format: " + defect + "."});
  }
  const std::uint64_t data_at = at + header->data_offset;
  const auto data = bytes.subspan(static_cast<std::size_t>(header->data_offset));
  if (header->has_objects) {
    out.add("numpy-objects",
            {content.path, byte_place(data_at), data_at, 0, "array of type " + std::string(header->type), ""});
    judge_pickle(data, content.path + "!objects", PickleUse::stream, content.depth + 1, out);
    return false;
  }
  if (!header->defects.empty()) {
    return false;
  }
  if (header->data_bytes > data.size()) {
    out.add("numpy-defect",
            {content.path, byte_place(data_at), data_at, 0, "shape and type need more data than there is", ""});
    return false;
  }
  end = data_at + header->data_bytes;
  return true;
}

bool judge_numpy(const Content& content, Collector& out) {
  out.format(content.format);
  // np.save may be called several times on one file; np.load then gives one array after the other.
  std::uint64_t at = 0;
  for (int arrays = 0; at < content.bytes.size(); ++arrays) {
    const base::Bytes rest = content.bytes.subspan(static_cast<std::size_t>(at));
    if (arrays == 10'000) {
      out.not_covered(content.path, "more than 10,000 arrays");
      break;
    }
    if (arrays > 0 && !base::as_text(rest).starts_with("\x93NUMPY")) {
      out.add("numpy-defect", {content.path, byte_place(at), at, 0, "bytes behind the array",
                               base::counted(rest.size(), "byte") + " behind the array belong to none."});
      judge_embedded(base::as_text(rest), "the bytes behind the array", content.path, at, content.depth, out);
      break;
    }
    if (!judge_array(content, rest, at, out, at)) {
      break;
    }
  }
  return true;
}

}  // namespace

void judge_weight_index(std::string_view text, const std::string& path, Collector& out) {
  const auto document = base::parse_json_document(text);
  if (!document || !document->root.is_map()) {
    return;
  }
  const base::Value& map = document->root["weight_map"];
  std::size_t told = 0;
  for (const auto& [tensor, file] : map.as_map()) {
    const std::string name(file.as_text());
    const std::string place = "line " + std::to_string(std::max(file.line(), 1U));
    std::string why;
    if (!file.is_string() || name.empty()) {
      why = "names no file";
    } else if (name.starts_with('/') || name.starts_with('~') || name.find("..") != std::string::npos ||
               name.find('\\') != std::string::npos || name.find("://") != std::string::npos ||
               name.find(':') != std::string::npos || name.find('\0') != std::string::npos) {
      why = "leads out of the folder";
    } else if (path.find("safetensors") != std::string::npos && !name.ends_with(".safetensors")) {
      why = "is no safetensors file";
    }
    if (!why.empty() && told++ < 20) {
      out.add("weights-index", {path, place, 0, file.line(), tensor + " -> " + name,
                                "The index sends tensor " + base::printable(base::abbreviate(tensor, 80)) + " to \"" +
                                    base::printable(base::abbreviate(name, 120)) + "\", which " + why + "."});
    }
  }
}

std::span<const Reading> weights_readings() {
  static constexpr Reading kReadings[] = {
      {"safetensors", Need::believed, judge_safetensors},
      {"gguf", Need::any, judge_gguf},
      {"ggml", Need::any, judge_ggml},
      {"numpy", Need::any, judge_numpy},
      {"tf-checkpoint", Need::believed, judge_checkpoint},
      {"tf-checkpoint-data", Need::believed, judge_plain_numbers},
      {"paddle-parameters", Need::believed, judge_checkpoint},
      {"fasttext", Need::believed, judge_checkpoint},
      {"word2vec", Need::believed, judge_checkpoint},
      {"faiss", Need::believed, judge_checkpoint},
      {"annoy", Need::believed, judge_plain_numbers},
  };
  return kReadings;
}

}  // namespace scan
