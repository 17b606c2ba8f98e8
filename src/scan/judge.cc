#include <algorithm>

#include "base/text.h"
#include "formats/identify_graph.h"
#include "formats/pickle/machine.h"
#include "scan/collector.h"
#include "scan/content.h"
#include "scan/data/data.h"
#include "scan/pickle/judge_pickle.h"
#include "scan/scan.h"
#include "scan/text/route.h"

namespace scan {
namespace {

using evidence::AssetKind;

/// Texts of which nobody would load anything, whatever they begin with by chance.
bool is_prose(TextKind kind) {
  switch (kind) {
    case TextKind::json:
    case TextKind::yaml:
    case TextKind::table:
    case TextKind::unknown:
      return false;
    default:
      return true;
  }
}

/// Texts whose names leave it to their content, and to the inventory, whether they are data.
bool may_hold_rows(TextKind kind) {
  return kind == TextKind::unknown || kind == TextKind::document || kind == TextKind::json || kind == TextKind::table;
}

/// Files of a program's own layout, of which pickles are often a part.
bool may_hide_pickle(const evidence::Asset& asset) {
  const std::string name = base::to_lower(last_name(asset.path));
  constexpr std::string_view kEndings[] = {".bin", ".dat", ".data", ".model", ".weights", ".ckpt", ".db", ".cache"};
  return asset.kind == AssetKind::model || name.find('.') == std::string::npos ||
         std::any_of(std::begin(kEndings), std::end(kEndings),
                     [&](std::string_view ending) { return name.ends_with(ending); });
}

/// A pickle behind bytes that no format explains; true where there is one that imports something.
bool judge_hidden_pickle(base::Bytes content, const std::string& path, Collector& out) {
  constexpr std::size_t kMost = 16U << 20;
  std::uint64_t budget = formats::pickle::kHiddenBudget / 20;
  const base::Bytes searched = content.first(std::min(content.size(), kMost));
  const auto hidden = formats::pickle::find_hidden(searched, 0, budget);
  if (!hidden) {
    return false;
  }
  judge_pickle(content.subspan(static_cast<std::size_t>(*hidden)), path + "!pickle@" + std::to_string(*hidden),
               PickleUse::second, 1, out);
  return true;
}

/// Whether content whose name says nothing is text: no control characters near the beginning.
bool is_plain(base::Bytes content) {
  const std::string_view head = base::as_text(content).substr(0, 4096);
  return std::none_of(head.begin(), head.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\f' && c != '\x1b';
  });
}

}  // namespace

std::optional<evidence::FileScan> judge(const evidence::Asset& asset, base::Bytes content, const Limits& limits) {
  Collector out(limits);
  if (content.empty()) {
    return out.finish(asset);
  }
  bool text = is_text(content);
  // Of what is no text only its name is asked; a data set's first byte says whether it is a table.
  const std::string_view shown = text || asset.kind == AssetKind::dataset ? base::as_text(content) : std::string_view();
  // Rows stay rows with a NUL among them; other text does not.
  const TextKind named = text || names_a_table(asset.path) || asset.kind == AssetKind::dataset
                             ? text_kind(asset.path, shown, asset.kind)
                             : TextKind::unknown;
  const TextKind kind = text || named == TextKind::table ? named : TextKind::unknown;
  text = text && (kind != TextKind::unknown || is_plain(content));
  const bool pickle_name = names_a_pickle(asset.path);
  const Trust trust = text && is_prose(kind) && !pickle_name ? Trust::content : Trust::name;
  bool known = judge_readings(content, asset.path, trust, 0, out);
  // Descriptions of models are text too, and named as people like.
  if (!known && text && trust == Trust::content && kind != TextKind::python && kind != TextKind::script &&
      kind != TextKind::shell) {
    known = judge_described(content, asset.path, out);
  }
  if (!known && pickle_name) {
    known = true;
    out.format("pickle");
    judge_pickle(content, asset.path, PickleUse::stream, 0, out);
  }
  const bool rows = kind == TextKind::table || (asset.kind == AssetKind::dataset && may_hold_rows(kind));
  if (rows && judge_data_file(asset, content, known, out)) {
    known = true;
  } else if (text && !(known && kind == TextKind::unknown)) {
    const std::string_view format = judge_text(content, asset.path, asset.kind, out);
    out.format(known || asset.format.empty() || asset.kind == AssetKind::other ? format
                                                                               : std::string_view(asset.format));
    known = known || kind != TextKind::unknown || asset.kind != AssetKind::model;
  }
  if (!known && !text && may_hide_pickle(asset)) {
    known = judge_hidden_pickle(content, asset.path, out);
  }
  if (!known && out.empty()) {
    if (asset.kind != AssetKind::model && (text || !names_a_model_format(asset.path) || formats::is_message(content))) {
      return std::nullopt;
    }
    if (!asset.format.empty()) {
      out.format(asset.format);
    }
    out.not_covered(asset.path, "no parser knows this format");
  }
  return out.finish(asset);
}

}  // namespace scan
