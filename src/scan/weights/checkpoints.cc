#include "formats/checkpoint/checkpoint.h"

#include "base/text.h"
#include "scan/weights/embedded.h"
#include "scan/weights/weights.h"

namespace scan {
namespace {

base::Result<formats::checkpoint::Table> parse(const Content& content) {
  using namespace formats::checkpoint;
  if (content.format == "tf-checkpoint") {
    return parse_tensor_bundle(content.bytes);
  }
  if (content.format == "paddle-parameters") {
    return parse_paddle_parameters(content.bytes);
  }
  if (content.format == "fasttext") {
    return parse_fasttext(content.bytes);
  }
  if (content.format == "word2vec") {
    return parse_word2vec(content.bytes);
  }
  return parse_faiss(content.bytes);
}

}  // namespace

bool judge_checkpoint(const Content& content, Collector& out) {
  out.format(content.format);
  const auto table = parse(content);
  if (!table) {
    out.unreadable("checkpoint-defect", table.error(), content.path);
    return true;
  }
  for (const auto& defect : table->defects) {
    out.add(
        "checkpoint-defect",
        {content.path, byte_place(defect.offset), defect.offset, 0, base::printable(base::abbreviate(defect.text, 200)),
         "The file contradicts itself: " + base::printable(base::abbreviate(defect.text, 200)) + "."});
  }
  for (const std::string& part : table->unread) {
    out.not_covered(content.path, part);
  }
  for (const auto& [file, at] : table->files) {
    const bool outside = file.starts_with('/') || file.starts_with('~') || file.find("..") != std::string::npos ||
                         file.find('\\') != std::string::npos || file.find(':') != std::string::npos;
    if (outside) {
      out.add("weights-index", {content.path, byte_place(at), at, 0, base::printable(base::abbreviate(file, 120)),
                                "Loading the index opens \"" + base::printable(base::abbreviate(file, 120)) +
                                    "\" for its lists, which leads out of the folder."});
    }
  }
  for (const std::string& name : table->names) {
    // Words are of any language and length; what is long is no word.
    if (name.size() >= 64) {
      judge_embedded(name, "the name of an entry", content.path, 0, content.depth, out);
    }
  }
  return true;
}

bool judge_plain_numbers(const Content& content, Collector& out) {
  out.format(content.format);
  return true;
}

}  // namespace scan
