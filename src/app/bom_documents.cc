#include "app/bom_documents.h"

#include "base/digest.h"
#include "base/file.h"
#include "bom/models.h"
#include "bom/read.h"

namespace app {

std::vector<evidence::Bill> read_bills(const std::filesystem::path& directory, const inventory::Inventory& found) {
  std::vector<evidence::Bill> out;
  for (const evidence::Asset& asset : found.assets) {
    const bool wanted = bom::is_bill(asset) || asset.format == "croissant";
    if (!wanted || asset.is_part || !bom::in_scope(asset)) {
      continue;
    }
    const auto text = base::read_file(directory / asset.path, bom::kMaxDocumentBytes);
    if (!text) {
      out.push_back(bom::unreadable(asset.path, asset.sha256, text.error().message));
      continue;
    }
    if (base::sha256(*text) != asset.sha256) {
      out.push_back(bom::unreadable(asset.path, asset.sha256, "changed while it was read"));
      continue;
    }
    const auto listed = bom::read_document(*text, asset.path);
    out.push_back(listed ? bom::hold_against(*listed, asset.path, asset.sha256, found.assets)
                         : bom::unreadable(asset.path, asset.sha256, listed.error().text()));
  }
  return out;
}

}  // namespace app
