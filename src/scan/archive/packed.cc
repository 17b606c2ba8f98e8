#include "formats/packed/packed.h"

#include <string>

#include "base/text.h"
#include "scan/archive/archive.h"
#include "scan/archive/member.h"

namespace scan {

using base::Errc;
using evidence::Severity;
using formats::packed::Member;
using formats::packed::Outcome;
using formats::packed::Type;

bool judge_packed(const Content& content, Collector& out) {
  const std::string& path = content.path;
  out.format(content.format);
  // Names come one by one, so what the archive is for is seen as they come.
  UseFinder finder(path);
  formats::packed::Limits limits;
  limits.max_bytes = out.unpack_budget();
  const auto wants = [&](std::string_view name, base::Bytes head) {
    finder.see(name);
    return wants_member(finder.use(), name, head, UINT64_MAX);
  };
  const auto visit = [&](const Member& member) {
    finder.see(member.name);
    const ArchiveUse use = finder.use() == ArchiveUse::named ? ArchiveUse::plain : finder.use();
    const std::string member_path = path + "!" + member.name;
    // "/" and "//" are the tables of symbols and names of an ar archive.
    const bool table = content.format == "ar" && member.name.starts_with("/");
    if (leads_out(member.name) && content.format != "iso9660" && !table) {
      out.add("archive-traversal", {member_path, "", 0, 0, member.name, ""});
    }
    if (member.type == Type::link && link_leads_out(member.name, member.link)) {
      out.add("archive-link", Severity::high, {member_path, "", 0, 0, member.name + " -> " + member.link, ""});
    }
    if (member.encrypted) {
      out.add("archive-encrypted", {member_path, "", 0, 0, member.name, ""});
      out.not_covered(member_path, "encrypted");
      return;
    }
    if (member.type == Type::special) {
      out.add("archive-device", {member_path, "", 0, 0, member.name, ""});
      return;
    }
    const base::Bytes bytes = base::as_bytes(member.data);
    const base::Bytes head = bytes.first(std::min<std::size_t>(bytes.size(), kHeadBytes));
    if (!bytes.empty() && !judge_member_head(use, member.name, member_path, head, out) &&
        wants_member(use, member.name, bytes, bytes.size())) {
      judge_member(use, member.name, member_path, bytes, content.depth, out);
    }
    if (member.problem && member.problem->code != Errc::too_large) {  // limits are told once, for all
      report_problem(*member.problem, "archive-damaged", member_path, out);
    }
  };
  const Outcome outcome = formats::packed::read(content.bytes, limits, wants, visit);
  out.spend(outcome.bytes);
  if (outcome.encrypted) {
    out.add("archive-encrypted", {path, "", 0, 0, "encrypted archive", ""});
    out.not_covered(path, "encrypted");
  }
  if (outcome.problem) {
    if (outcome.problem->code == Errc::too_large && outcome.bytes / 1000 > content.bytes.size()) {
      out.add(
          "archive-bomb",
          {path, "", 0, 0,
           base::human_bytes(content.bytes.size()) + " unpack to more than " + base::human_bytes(outcome.bytes), ""});
    }
    if (outcome.problem->code == Errc::unsupported) {
      out.not_covered(path, outcome.problem->message);
    } else {
      report_problem(*outcome.problem, "archive-damaged", path, out);
    }
  }
  return true;
}

bool judge_packed_behind_stub(const Content& content, Collector& out) {
  const auto begin = formats::packed::find_7z(content.bytes);
  if (!begin) {
    return false;
  }
  judge_content(content.bytes.subspan(*begin), content.path + "!7z@" + std::to_string(*begin), Trust::content,
                content.depth + 1, out);
  return true;
}

}  // namespace scan
