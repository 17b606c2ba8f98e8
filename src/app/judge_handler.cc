#include "app/judge_handler.h"

#include <iconv.h>

#include <array>

#include "app/bom_documents.h"
#include "base/packed.h"
#include "evidence/packed.h"
#include "inventory/inventory.h"
#include "scan/scan.h"
#include "scan/trace.h"

namespace app {

std::string judge_head(std::string_view path) {
  return std::string(path);
}

std::string trace_handler(std::string_view head, base::Bytes content) {
  return scan::trace(content, std::string(head));
}

std::string judge_handler(std::string_view head, base::Bytes content) {
  evidence::Asset asset;
  asset.path = head;
  asset.size_bytes = content.size();
  const auto scan = scan::judge(asset, content);
  std::string out;
  if (scan) {
    evidence::pack(out, *scan);
  } else {
    evidence::pack(out, evidence::FileScan{});
  }
  return out;
}

std::string read_handler(std::string_view head, base::Bytes content) {
  if (is_bill(head)) {
    return bill_handler(head, content);
  }
  return inventory::read_content(
      head, content, [](const evidence::Asset& asset, base::Bytes bytes) { return scan::judge(asset, bytes); });
}

std::string observe_handler(std::string_view head, base::Bytes content) {
  return is_bill(head) ? bill_handler(head, content) : inventory::read_content(head, content, {});
}

evidence::FileScan not_judged(const sandbox::Reply& reply, std::string_view path) {
  switch (reply.end) {
    case sandbox::End::out_of_memory:
      return scan::not_judged("scan-memory", path, "stopped at the limit of memory");
    case sandbox::End::timed_out:
      return scan::not_judged("scan-timeout", path, reply.reason);
    case sandbox::End::replied:
      return scan::not_judged("scan-crashed", path, "found to answer with what is no answer");
    case sandbox::End::crashed:
      break;
  }
  return scan::not_judged("scan-crashed", path, reply.reason);
}

evidence::FileScan judged(const sandbox::Reply& reply, std::string_view path) {
  if (reply.end == sandbox::End::replied) {
    base::ByteCursor in(base::as_bytes(reply.bytes));
    auto scan = evidence::unpack_scan(in);
    if (scan && in.empty()) {
      return *std::move(scan);
    }
  }
  return not_judged(reply, path);
}

void warm_judge() {
  // libarchive converts the names in 7z and its like; the C library loads what that needs from files, once.
  static std::array<iconv_t, 6> kept;  // never closed, so that it stays loaded
  std::size_t next = 0;
  for (const char* from : {"UTF-16LE", "UTF-16BE", "UTF-8"}) {
    for (const char* to : {"ANSI_X3.4-1968", "UTF-8"}) {
      kept.at(next++) = ::iconv_open(to, from);
    }
  }
  // A pickle that calls something builds the tables of callables and rules.
  constexpr std::string_view kSample = "cposix\nsystem\n(S'true'\ntR.";
  evidence::Asset asset;
  asset.kind = evidence::AssetKind::model;
  asset.path = "sample.pkl";
  (void)scan::judge(asset, base::as_bytes(kSample));
}

}  // namespace app
