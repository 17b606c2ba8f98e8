#include "app/bom_documents.h"

#include <sys/mman.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/read_write.h"
#include "bom/models.h"
#include "bom/packed.h"

namespace app {
namespace {

using base::Errc;
using base::Error;
using base::Result;

// Begins what a child is told of a document; of a file it is told the size first, and none has 2^64 - 1 bytes.
constexpr std::string_view kBillHead = "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF";

// The text as a file without a name, for the child to map: what is read is what was hashed.
Result<base::Descriptor> hold(std::string_view text, const std::string& path) {
  base::Descriptor held(::memfd_create("surety-bill", MFD_CLOEXEC));
  if (!held.is_open()) {
    return base::system_error("memfd_create", path);
  }
  TRY(base::write_all(held.get(), text, path));
  return held;
}

Result<evidence::Bill> read_one(const std::filesystem::path& directory, const inventory::Inventory& found,
                                const evidence::Asset& asset, sandbox::Pool& readers) {
  const std::string text = TRY(base::read_file(directory / asset.path, bom::kMaxDocumentBytes));
  if (base::sha256(text) != asset.sha256) {
    return Error{Errc::io, "changed while it was read"};
  }
  const bom::Listed listed = TRY(read_bill(text, asset.path, readers));
  return bom::hold_against(listed, asset.path, asset.sha256, found.assets);
}

}  // namespace

bool is_bill(std::string_view head) {
  return head.starts_with(kBillHead);
}

std::string bill_handler(std::string_view head, base::Bytes content) {
  return bom::pack(bom::read_document(base::as_text(content), head.substr(kBillHead.size())));
}

Result<bom::Listed> read_bill(std::string_view text, const std::string& path, sandbox::Pool& readers) {
  if (text.empty()) {
    return bom::read_document(text, path);  // nothing to map, and nothing to read
  }
  const base::Descriptor held = TRY(hold(text, path));
  sandbox::Item item;
  item.head = std::string(kBillHead) + path;
  item.descriptor = held.get();
  item.size = text.size();
  const std::vector<sandbox::Reply> replies = TRY(readers.worker(0).handle({&item, 1}));
  const sandbox::Reply& reply = replies.front();
  if (reply.end != sandbox::End::replied) {
    return Error{reply.end == sandbox::End::out_of_memory ? Errc::too_large : Errc::io,
                 "the process that read it was stopped: " + reply.reason, 0, path};
  }
  return bom::unpack_listed(base::as_bytes(reply.bytes));
}

std::vector<evidence::Bill> read_bills(const std::filesystem::path& directory, const inventory::Inventory& found,
                                       sandbox::Pool& readers) {
  std::vector<evidence::Bill> out;
  for (const evidence::Asset& asset : found.assets) {
    const bool wanted = bom::is_bill(asset) || asset.format == "croissant";
    if (!wanted || asset.is_part || !bom::in_scope(asset)) {
      continue;
    }
    auto bill = read_one(directory, found, asset, readers);
    out.push_back(bill ? *std::move(bill) : bom::unreadable(asset.path, asset.sha256, bill.error().text()));
  }
  return out;
}

}  // namespace app
