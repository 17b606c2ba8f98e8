#include "formats/compressed/compressed.h"

#include <algorithm>
#include <string>
#include <tuple>

#include "base/text.h"
#include "scan/archive/archive.h"
#include "scan/archive/member.h"
#include "scan/pickle/judge_pickle.h"

namespace scan {
namespace {

using base::Errc;

constexpr std::uint64_t kBombBytes = 64ULL << 20;
constexpr std::uint64_t kBombRatio = 200;

/// The name of the file within: "model.pkl.gz" holds model.pkl.
std::string inner_name(std::string_view path, std::string_view format) {
  const std::string_view last = last_name(path);
  const std::string lower = base::to_lower(last);
  for (const std::string_view ending : {".gz", ".bz2", ".xz", ".lzma", ".lz4", ".zst", ".zstd", ".z", ".lz"}) {
    if (lower.ends_with(ending) && lower.size() > ending.size()) {
      return std::string(last.substr(0, last.size() - ending.size()));
    }
  }
  return names_a_pickle(last) ? std::string(last) : std::string(format);
}

}  // namespace

bool judge_compressed(const Content& content, Collector& out) {
  const auto& [bytes, path, format, depth] = std::tie(content.bytes, content.path, content.format, content.depth);
  const auto codec = formats::compressed::codec(format);
  if (!codec) {
    out.format(format);
    out.not_covered(path, std::string(format) + " is not unpacked");
    return true;
  }
  const formats::compressed::Unpacked head = formats::compressed::unpack(*codec, bytes, kHeadBytes);
  const bool uncertain = format == "zlib" || format == "lzma";
  if (uncertain &&
      (head.data.empty() || (head.problem && head.problem->code != Errc::too_large && head.data.size() < 16))) {
    return false;  // two or three bytes that look like a header
  }
  if (uncertain && content.trust == Trust::content && !interests(base::as_bytes(head.data), "")) {
    return false;
  }
  out.format(format);
  const std::uint64_t budget = out.unpack_budget();
  const formats::compressed::Unpacked all = formats::compressed::unpack(*codec, bytes, budget);
  out.spend(all.data.size());
  const bool too_large = all.problem && all.problem->code == Errc::too_large;
  if (too_large && all.data.size() > kBombBytes && all.data.size() / kBombRatio > all.consumed) {
    out.add("archive-bomb",
            {path, "", 0, 0,
             base::human_bytes(all.consumed) + " unpack to more than " + base::human_bytes(all.data.size()), ""});
  }
  if (format == "gzip" && leads_out(formats::compressed::gzip_name(bytes))) {
    const std::string name(formats::compressed::gzip_name(bytes));
    out.add("archive-traversal", {path, byte_place(10), 10, 0, name, ""});
  }
  const std::string inner = path + "!" + inner_name(path, format);
  const base::Bytes inside = base::as_bytes(all.data);
  if (!inside.empty() && !judge_content(inside, inner, Trust::name, depth + 1, out) && names_a_pickle(inner)) {
    judge_pickle(inside, inner, PickleUse::stream, depth + 1, out);
  }
  if (all.problem) {
    report_problem(*all.problem, "archive-damaged", path, out);
  } else if (all.consumed < bytes.size()) {
    const base::Bytes rest = bytes.subspan(static_cast<std::size_t>(all.consumed));
    const bool zeros = std::all_of(rest.begin(), rest.end(), [](std::byte b) { return b == std::byte{0}; });
    if (!zeros) {
      out.add("compressed-trailing-data",
              {path, byte_place(all.consumed), all.consumed, 0, base::human_bytes(rest.size()) + " after the stream",
               "Bytes follow the compressed stream."});
      judge_loose_bytes(rest, all.consumed, path, depth, out);
    }
  }
  return true;
}

}  // namespace scan
