#include "scan/archive/archive.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "base/text.h"
#include "formats/compressed/compressed.h"
#include "formats/identify.h"
#include "formats/tar/tar.h"
#include "formats/zip/zip.h"
#include "scan/content.h"
#include "scan/keras/keras.h"
#include "scan/pickle/judge_pickle.h"

namespace scan {
namespace {

using base::Errc;
using formats::zip::IssueKind;

constexpr std::uint64_t kPeekBytes = 4096;

bool is_model_archive(std::string_view format) {
  return format == "torch-zip" || format == "torchscript" || format == "keras-zip" || format == "npz";
}

/// The rule for an issue, and its severity in archives that are not models, where tools of all kinds have been at work.
std::string_view rule_of(IssueKind kind) {
  switch (kind) {
    case IssueKind::no_directory:
    case IssueKind::no_local_header:
      return "zip-damaged";
    case IssueKind::several_ends:
    case IssueKind::duplicate_name:
    case IssueKind::name_differs:
    case IssueKind::size_differs:
    case IssueKind::method_differs:
    case IssueKind::flags_differ:
    case IssueKind::crc_differs:
    case IssueKind::unlisted_member:
    case IssueKind::overlap:
      return "zip-ambiguous";
    case IssueKind::leading_bytes:
    case IssueKind::gap:
    case IssueKind::trailing_bytes:
      return "zip-extra-data";
    case IssueKind::encrypted:
      return "archive-encrypted";
    case IssueKind::traversal:
      return "archive-traversal";
    case IssueKind::symlink:
      return "archive-link";
    case IssueKind::impossible_ratio:
      return "archive-bomb";
    case IssueKind::limit:
      return "limit-reached";
  }
  return "zip-damaged";
}

void report_issues(const formats::zip::Archive& archive, const std::string& path, std::string_view format,
                   Collector& out) {
  // A directory moved by bytes before it is normal for archives appended to a program.
  for (const formats::zip::Issue& issue : archive.issues) {
    const std::string_view rule = rule_of(issue.kind);
    const std::string where = issue.entry.empty() ? path : path + "!" + issue.entry;
    const Rule* known = find_rule(rule);
    evidence::Severity severity = known == nullptr ? evidence::Severity::medium : known->severity;
    if (rule == "zip-extra-data" && is_model_archive(format)) {
      severity = evidence::Severity::medium;
    }
    if (rule == "zip-ambiguous" && !is_model_archive(format) && issue.kind == IssueKind::duplicate_name) {
      severity = evidence::Severity::low;
    }
    out.add(rule, severity,
            {where, byte_place(issue.offset), issue.offset, 0, issue.text,
             std::string(known == nullptr ? "" : known->title) + ": " + issue.text + "."});
    if (issue.kind == IssueKind::limit) {
      out.not_covered(path, issue.text);
    }
  }
}

void report_problem(const base::Error& problem, std::string_view rule, const std::string& path, Collector& out) {
  if (problem.code == Errc::too_large) {
    out.add("limit-reached", {path, byte_place(problem.offset), problem.offset, 0, problem.message, ""});
    out.not_covered(path, problem.message);
  } else if (problem.code == Errc::unsupported) {
    out.not_covered(path, problem.message + " is not read");
  } else {
    out.add(rule, {path, byte_place(problem.offset), problem.offset, 0, problem.message,
                   "The content cannot be read in full: " + problem.message + "."});
    if (problem.code != Errc::untrusted) {
      out.not_covered(path, problem.message);
    }
  }
}

bool is_pickle_name(std::string_view name) {
  return name.ends_with(".pkl") || name.ends_with(".pickle") || name.ends_with(".joblib") || name.ends_with(".pt") ||
         name.ends_with(".pth") || name.ends_with(".ckpt") || name.ends_with(".bin");
}

bool judge_zip(const Content& content, Collector& out) {
  if (content.can_be("office")) {
    return false;
  }
  std::string_view format = "zip";
  for (const formats::Identified& one : content.readings) {
    format = is_model_archive(one.format) ? one.format : format;
  }
  out.format(format);
  const auto& [bytes, path, depth] = std::tie(content.bytes, content.path, content.depth);
  const formats::zip::Archive archive = formats::zip::read(bytes);
  report_issues(archive, path, format, out);
  const bool torch = format == "torch-zip" || format == "torchscript";
  for (const formats::zip::Entry& entry : archive.entries) {
    if (entry.is_directory() || entry.packed_bytes == 0 || entry.is_symlink()) {
      continue;
    }
    const std::string member_path = path + "!" + entry.name;
    const std::string_view name = entry.name;
    const bool pickle_name = is_pickle_name(name);
    const bool config =
        (format == "keras-zip" && name.ends_with(".json")) || (format == "torchscript" && name.ends_with(".py"));
    if (entry.method != 0) {
      // The head tells whether the whole is worth unpacking.
      const formats::zip::Member head = formats::zip::extract(bytes, entry, kPeekBytes, false);
      if (head.unpacked.problem && head.unpacked.problem->code == Errc::unsupported) {
        out.not_covered(member_path, head.unpacked.problem->message + " is not read");
        continue;
      }
      if (!pickle_name && !config && !interests(head.bytes(), name)) {
        continue;
      }
    }
    const std::uint64_t budget = out.unpack_budget();
    const formats::zip::Member member = formats::zip::extract(bytes, entry, budget, false);
    if (!member.is_stored) {
      out.spend(member.unpacked.data.size());
    }
    const base::Bytes inside = member.bytes();
    const bool interesting = pickle_name || config || interests(inside, name);
    if (!interesting) {
      continue;
    }
    if (member.unpacked.problem) {
      report_problem(*member.unpacked.problem, "zip-damaged", member_path, out);
    } else if (inside.size() < (64U << 20)) {
      const formats::zip::Member checked = formats::zip::extract(bytes, entry, budget, true);
      if (checked.unpacked.problem && checked.unpacked.problem->code == Errc::untrusted) {
        out.add("zip-damaged", {member_path, byte_place(entry.header_offset), entry.header_offset, 0,
                                "checksum does not match", "The checksum of the member does not match its content."});
      }
    }
    if (entry.encrypted() && !interests(inside, name)) {
      out.not_covered(member_path, "encrypted");
      continue;
    }
    if (config) {
      (format == "torchscript" ? judge_torchscript : judge_keras_config)(base::as_text(inside), member_path, out);
      continue;
    }
    if (pickle_name && torch && !name.ends_with(".bin")) {
      judge_pickle(inside, member_path, PickleUse::member, depth + 1, out);
      continue;
    }
    if (!judge_content(inside, member_path, pickle_name ? Trust::name : Trust::content, depth + 1, out) &&
        pickle_name && !name.ends_with(".bin")) {
      judge_pickle(inside, member_path, PickleUse::stream, depth + 1, out);
    }
  }
  return true;
}

bool judge_tar(const Content& content, Collector& out) {
  out.format(content.format);
  const auto& [bytes, path, depth] = std::tie(content.bytes, content.path, content.depth);
  const formats::tar::Archive archive = formats::tar::read(bytes);
  std::set<std::string, std::less<>> files;
  for (const formats::tar::Entry& entry : archive.entries) {
    const std::string member_path = path + "!" + entry.name;
    const bool leads_out = entry.name.starts_with("/") || entry.name.starts_with("../") ||
                           entry.name.find("/../") != std::string::npos || entry.name.ends_with("/..");
    const std::uint64_t at = entry.data_offset;
    if (leads_out) {
      out.add("archive-traversal", {member_path, byte_place(at), at, 0, entry.name, ""});
    }
    const bool link = entry.type == '1' || entry.type == '2';
    // Readers take types that they do not know for files; devices and directories hold nothing.
    const bool file = !link && (entry.type < '3' || entry.type > '6');
    // A hard link to a file that the archive holds is a second name for it, which has been judged.
    const bool second_name = entry.type == '1' && files.contains(entry.link);
    if (file || second_name) {
      files.insert(entry.name);
    } else {
      files.erase(entry.name);
    }
    if (link && !second_name) {
      const bool outside =
          entry.link.starts_with("/") || entry.link.starts_with("..") || entry.link.find("/../") != std::string::npos;
      out.add("archive-link", outside ? evidence::Severity::high : evidence::Severity::low,
              {member_path, byte_place(at), at, 0, entry.name + " -> " + entry.link, ""});
    }
    if ((file || link) && entry.bytes > 0) {  // pax writes the contents of links too
      const base::Bytes inside =
          bytes.subspan(static_cast<std::size_t>(std::min<std::uint64_t>(at, bytes.size())),
                        static_cast<std::size_t>(std::min<std::uint64_t>(
                            entry.bytes, bytes.size() - std::min<std::uint64_t>(at, bytes.size()))));
      if (!judge_content(inside, member_path, is_pickle_name(entry.name) ? Trust::name : Trust::content, depth + 1,
                         out) &&
          (entry.name.ends_with(".pkl") || entry.name.ends_with("pickle"))) {
        judge_pickle(inside, member_path, PickleUse::stream, depth + 1, out);
      }
    }
  }
  if (!archive.problem.empty()) {
    out.add("archive-damaged",
            {path, byte_place(archive.problem_offset), archive.problem_offset, 0, archive.problem, ""});
    out.not_covered(path, "tar: " + archive.problem);
  }
  return true;
}

bool judge_compressed(const Content& content, Collector& out) {
  const auto& [bytes, path, format, depth] = std::tie(content.bytes, content.path, content.format, content.depth);
  const auto codec = formats::compressed::codec(format);
  if (!codec) {
    out.format(format);
    out.not_covered(path, std::string(format) + " is not unpacked");
    return true;
  }
  const formats::compressed::Unpacked head = formats::compressed::unpack(*codec, bytes, kPeekBytes);
  const bool uncertain = format == "zlib" || format == "lzma";
  if (uncertain &&
      (head.data.empty() || (head.problem && head.problem->code != Errc::too_large && head.data.size() < 16))) {
    return false;  // two or three bytes that look like a header
  }
  out.format(format);
  const std::uint64_t budget = out.unpack_budget();
  const formats::compressed::Unpacked all = formats::compressed::unpack(*codec, bytes, budget);
  out.spend(all.data.size());
  if (all.data.size() > (100U << 20) && all.data.size() / 1000 > all.consumed && all.problem) {
    out.add("archive-bomb",
            {path, "", 0, 0,
             base::human_bytes(all.consumed) + " unpack to more than " + base::human_bytes(all.data.size()), ""});
  }
  const std::string inner = path + "!" + std::string(format);
  (void)judge_content(base::as_bytes(all.data), inner, Trust::name, depth + 1, out);
  if (all.problem) {
    report_problem(*all.problem, "archive-damaged", path, out);
  } else if (all.consumed < bytes.size()) {
    const base::Bytes rest = bytes.subspan(static_cast<std::size_t>(all.consumed));
    const bool zeros = std::all_of(rest.begin(), rest.end(), [](std::byte b) { return b == std::byte{0}; });
    if (!zeros) {
      out.add("pickle-trailing-data",
              {path, byte_place(all.consumed), all.consumed, 0, base::human_bytes(rest.size()) + " after the stream",
               "Bytes follow the compressed stream."});
      (void)judge_content(rest, path + "!after", Trust::content, depth + 1, out);
    }
  }
  return true;
}

bool judge_packed(const Content& content, Collector& out) {
  out.format(content.format);
  out.not_covered(content.path, std::string(content.format) + " archives are not unpacked");
  return true;
}

}  // namespace

std::span<const Reading> archive_readings() {
  static constexpr Reading kReadings[] = {
      {"zip", Need::believed, judge_zip},
      {"tar", Need::any, judge_tar},
      {"gzip", Need::believed, judge_compressed},
      {"zlib", Need::believed, judge_compressed},
      {"bzip2", Need::believed, judge_compressed},
      {"xz", Need::believed, judge_compressed},
      {"lzma", Need::believed, judge_compressed},
      {"lz4", Need::believed, judge_compressed},
      {"zstd", Need::believed, judge_compressed},
      {"7z", Need::any, judge_packed},
      {"rar", Need::any, judge_packed},
  };
  return kReadings;
}

}  // namespace scan
