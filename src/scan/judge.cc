#include <algorithm>

#include "base/text.h"
#include "formats/identify.h"
#include "formats/pickle/probe.h"
#include "scan/code/code.h"
#include "scan/collector.h"
#include "scan/content.h"
#include "scan/data/data.h"
#include "scan/keras/keras.h"
#include "scan/pickle/judge_pickle.h"
#include "scan/scan.h"
#include "scan/text/text.h"

namespace scan {
namespace {

using evidence::AssetKind;

bool reads_as_text(AssetKind kind) {
  switch (kind) {
    case AssetKind::prompt:
    case AssetKind::model_config:
    case AssetKind::agent_config:
    case AssetKind::source:
    case AssetKind::notebook:
    case AssetKind::dependency_manifest:
    case AssetKind::container:
    case AssetKind::pipeline:
    case AssetKind::infrastructure:
    case AssetKind::model_card:
    case AssetKind::datasheet:
    case AssetKind::environment_file:
    case AssetKind::document:
    case AssetKind::system_file:
    case AssetKind::record:
    case AssetKind::disclosure_policy:
      return true;
    default:
      return false;
  }
}

bool has_no_nul(base::Bytes content) {
  const std::string_view head = base::as_text(content).substr(0, 4096);
  return head.find('\0') == std::string_view::npos;
}

/// Whether anything but a look at the text can say something of such a file.
bool may_be_model(AssetKind kind) {
  return kind == AssetKind::model || kind == AssetKind::dataset || kind == AssetKind::other ||
         kind == AssetKind::signature || kind == AssetKind::licence;
}

}  // namespace

std::optional<evidence::FileScan> judge(const evidence::Asset& asset, base::Bytes content, const Limits& limits) {
  if (content.empty()) {
    return std::nullopt;
  }
  const bool text_kind = reads_as_text(asset.kind);
  const bool text = has_no_nul(content);
  Collector out(limits);
  bool known = false;
  // Source and prose are no pickles, whatever they begin with; everything else is what its content says.
  if (!(text_kind && text) || may_be_model(asset.kind)) {
    known = judge_content(content, asset.path, Trust::name, 0, out);
    if (!known && names_a_pickle(asset.path)) {
      known = true;
      out.format("pickle");
      judge_pickle(content, asset.path, PickleUse::stream, 0, out);
    }
  }
  if (text_kind && text && asset.kind != AssetKind::source && asset.kind != AssetKind::notebook) {
    (void)judge_described(content, asset.path, out);
  }
  if (text_kind && text) {
    const std::string_view words = base::as_text(content);
    known = asset.kind == AssetKind::prompt || asset.kind == AssetKind::model_config ||
            asset.kind == AssetKind::agent_config || asset.kind == AssetKind::source ||
            asset.kind == AssetKind::notebook || asset.kind == AssetKind::environment_file;
    if (!asset.format.empty()) {
      out.format(asset.format);
    }
    judge_secrets(words, asset.path, out);
    const bool instructs = asset.kind == AssetKind::prompt || asset.kind == AssetKind::agent_config ||
                           asset.kind == AssetKind::model_config;
    if (asset.kind != AssetKind::document) {
      judge_hidden_unicode(words, asset.path, instructs, out);
    }
    if (asset.kind == AssetKind::notebook) {
      judge_notebook(words, asset.path, out);
    } else if (asset.kind == AssetKind::source && (asset.format == "python" || asset.path.ends_with(".py"))) {
      judge_python(words, asset.path, out);
    } else if (asset.kind == AssetKind::model_config || asset.kind == AssetKind::agent_config) {
      judge_config(words, asset.path, out);
      // A model of Keras that lies unpacked in its folder has a file of this name, too.
      if (asset.kind == AssetKind::model_config && words.find("\"class_name\"") != std::string_view::npos) {
        out.format("keras-config");
        judge_keras_config(words, asset.path, out);
      }
    } else if (asset.kind == AssetKind::prompt &&
               (asset.path.ends_with(".jinja") || asset.path.ends_with(".jinja2") || asset.path.ends_with(".j2"))) {
      out.format("jinja");
      judge_config(words, asset.path, out);
    }
  }
  // A template is one wherever it lies: nobody but its name says what it is for.
  if (!text_kind && text &&
      (asset.path.ends_with(".jinja") || asset.path.ends_with(".jinja2") || asset.path.ends_with(".j2"))) {
    known = true;
    out.format("jinja");
    judge_config(base::as_text(content), asset.path, out);
  }
  if (!text_kind && judge_data_file(asset, content, known, out)) {
    known = true;
  }
  if (!known && !(text_kind && text)) {
    judge_loose_text(content, asset.path, out);
  }
  if (!known && out.empty()) {
    if (asset.kind == AssetKind::model) {
      if (!asset.format.empty()) {
        out.format(asset.format);
      }
      out.not_covered(asset.path, "no parser knows this format");
      return out.finish(asset);
    }
    return std::nullopt;
  }
  return out.finish(asset);
}

}  // namespace scan
