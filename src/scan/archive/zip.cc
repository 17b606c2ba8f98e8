#include "formats/zip/zip.h"

#include <algorithm>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include "base/text.h"
#include "scan/archive/archive.h"
#include "scan/archive/member.h"
#include "scan/pickle/judge_pickle.h"

namespace scan {
namespace {

using base::Errc;
using evidence::Severity;
using formats::zip::Archive;
using formats::zip::Entry;
using formats::zip::Issue;
using formats::zip::IssueKind;

/// The rule for an issue, and how bad it is; nothing where ordinary writers leave the like.
struct Grade {
  std::string_view rule;
  std::optional<Severity> severity;
};

/// Backslashes for slashes: some writers of Windows do so in one of the two places.
bool differs_by_separator_only(const Issue& issue) {
  std::string name = base::printable(issue.entry);
  std::replace(name.begin(), name.end(), '\\', '/');
  std::string text = issue.text;
  for (std::size_t at = text.find("\\\\"); at != std::string::npos; at = text.find("\\\\", at)) {
    text.replace(at, 2, "/");
  }
  std::replace(text.begin(), text.end(), '\\', '/');
  return text.find("\"" + name + "\"") != std::string::npos;
}

Grade grade(const Issue& issue, bool model) {
  const bool model_member = model || is_model_name(issue.entry);
  switch (issue.kind) {
    case IssueKind::no_directory:
    case IssueKind::no_local_header:
      return {"zip-damaged", Severity::medium};
    case IssueKind::disk_numbers:
      return {"zip-damaged", Severity::medium};
    case IssueKind::duplicate_name:
    case IssueKind::same_member:
      // Who appends a new version of a file to an archive leaves two; both are scanned.
      return {"zip-ambiguous", model_member ? std::optional(Severity::high) : std::nullopt};
    case IssueKind::name_differs:
      if (!model && differs_by_separator_only(issue)) {
        return {"zip-ambiguous", std::nullopt};
      }
      return {"zip-ambiguous", Severity::high};
    case IssueKind::crc_differs:
    case IssueKind::unlisted_member:
      return {"zip-ambiguous", model_member ? Severity::high : Severity::medium};
    case IssueKind::several_ends:
    case IssueKind::size_differs:
    case IssueKind::method_differs:
    case IssueKind::flags_differ:
    case IssueKind::overlap:
      return {"zip-ambiguous", Severity::high};
    case IssueKind::leading_bytes:
    case IssueKind::gap:
    case IssueKind::trailing_bytes:
      // Programs that unpack themselves, signatures of Android packages: what is there is judged by itself.
      return {"zip-extra-data", model ? std::optional(Severity::medium) : std::nullopt};
    case IssueKind::encrypted:
      return {"archive-encrypted", Severity::medium};
    case IssueKind::traversal:
      return {"archive-traversal", Severity::high};
    case IssueKind::symlink:
      return {"archive-link", std::nullopt};  // its target decides
    case IssueKind::impossible_ratio:
    case IssueKind::total_size:
      return {"archive-bomb", Severity::high};
    case IssueKind::limit:
      return {"limit-reached", Severity::medium};
  }
  return {"zip-damaged", Severity::medium};
}

/// Formats that begin with bytes of their own, and so cannot be the same file as a zip by accident.
bool has_own_head(std::string_view format) {
  constexpr std::string_view kFormats[] = {
      "png",     "jpeg",  "gif",    "webp",         "pdf",         "elf",    "pe",  "mach-o",
      "gguf",    "ggml",  "hdf5",   "keras-h5",     "safetensors", "numpy",  "tar", "gzip",
      "bzip2",   "xz",    "zstd",   "lz4",          "7z",          "rar",    "cab", "sqlite",
      "parquet", "arrow", "pickle", "torch-legacy", "onnx",        "tflite", "lnk", "feather"};
  return std::find(std::begin(kFormats), std::end(kFormats), format) != std::end(kFormats);
}

/// What is no wonder where the archive is but a part of the file.
bool is_of_layout(IssueKind kind) {
  return kind == IssueKind::leading_bytes || kind == IssueKind::trailing_bytes || kind == IssueKind::gap ||
         kind == IssueKind::several_ends || kind == IssueKind::unlisted_member;
}

class ZipJudge {
 public:
  ZipJudge(const Content& content, Collector& out)
      : bytes_(content.bytes), path_(content.path), depth_(content.depth), content_(content), out_(out) {}

  void run() {
    archive_ = formats::zip::read(bytes_);
    if (archive_.entries.empty() && !base::as_text(bytes_).starts_with("PK") && !is_model_name(path_) &&
        std::all_of(archive_.issues.begin(), archive_.issues.end(),
                    [](const Issue& issue) { return issue.kind == IssueKind::no_directory; })) {
      return;  // four bytes of an end record within something else: nobody reads this as an archive
    }
    UseFinder finder(path_);
    for (const Entry& entry : archive_.entries) {
      finder.see(entry.name);
    }
    use_ = finder.use();
    const std::string_view format = UseFinder::format_of(use_);
    out_.format(format.empty() ? "zip" : format);
    look_at_other_readings();
    report_issues();
    for (const Entry& entry : archive_.entries) {
      judge_entry(entry);
    }
    compare_storages();
    for (const formats::zip::Region& region : archive_.regions) {
      if (embedded_ && region.begin == 0) {
        continue;  // the beginning of the file that the archive is a value of
      }
      // What stands before the first member is, as a file, judged by its other readings.
      judge_loose_bytes(
          bytes_.subspan(static_cast<std::size_t>(region.begin), static_cast<std::size_t>(region.end - region.begin)),
          region.begin, path_, depth_, out_);
    }
  }

 private:
  [[nodiscard]] bool model() const { return use_ != ArchiveUse::plain; }

  /// A file that begins as something else: a container that happens to end with an archive, or made to be both.
  void look_at_other_readings() {
    const std::string_view text = base::as_text(bytes_);
    if (text.starts_with("PK\x03\x04") || text.starts_with("PK\x05\x06")) {
      return;
    }
    for (const formats::Identified& other : content_.readings) {
      if (!other.certain || !has_own_head(other.format)) {
        continue;
      }
      // Models of TensorFlow Lite carry labels and vocabularies in a zip archive behind the model.
      const bool attached = other.format == "tflite" && (use_ == ArchiveUse::named || use_ == ArchiveUse::plain);
      if (attached) {
        use_ = ArchiveUse::plain;
      }
      if (attached || archive_.end < bytes_.size()) {
        // The archive is a value or member in a file that goes on behind it; no reader that goes by the file's end
        // takes it for the file.
        embedded_ = true;
        return;
      }
      if (other.format == "tflite" && (use_ == ArchiveUse::plain || use_ == ArchiveUse::named)) {
        embedded_ = true;  // labels and the like, where TensorFlow Lite's own metadata puts them
        return;
      }
      const bool program = other.format == "elf" || other.format == "pe" || other.format == "mach-o";
      if (!program || model()) {
        out_.format(other.format);
        out_.add("polyglot",
                 {path_, "", 0, 0, std::string(other.format) + " and zip",
                  "The file can be read as " + std::string(other.format) + " and, from its end, as a zip archive."});
      }
      return;
    }
  }

  void report_issues() {
    for (const Issue& issue : archive_.issues) {
      if (embedded_ && is_of_layout(issue.kind)) {
        continue;
      }
      const Grade grade = scan::grade(issue, model());
      if (issue.kind == IssueKind::limit || issue.kind == IssueKind::disk_numbers) {
        out_.not_covered(path_, issue.text);
      }
      if (!grade.severity) {
        continue;
      }
      const Rule* rule = find_rule(grade.rule);
      out_.add(grade.rule, *grade.severity,
               {issue.entry.empty() ? path_ : path_ + "!" + issue.entry, byte_place(issue.offset), issue.offset, 0,
                issue.text, std::string(rule == nullptr ? "" : rule->title) + ": " + issue.text + "."});
    }
  }

  void judge_entry(const Entry& entry) {
    if (entry.packed_bytes == 0) {
      return;
    }
    const std::string member_path = path_ + "!" + entry.name;
    if (entry.is_symlink()) {
      const formats::zip::Member target = formats::zip::extract(bytes_, entry, kHeadBytes, false);
      const std::string_view to = base::as_text(target.bytes());
      if (link_leads_out(entry.name, to.substr(0, to.find('\0')))) {
        out_.add("archive-link", Severity::high,
                 {member_path, byte_place(entry.header_offset), entry.header_offset, 0,
                  entry.name + " -> " + base::abbreviate(to, 200), ""});
      }
      return;
    }
    // The head tells whether the whole is worth unpacking. Stored members are not copied, and the numbers of a stored
    // tensor not even touched.
    formats::zip::Member member = formats::zip::extract(bytes_, entry, kHeadBytes, false);
    if (member.unpacked.problem && member.unpacked.problem->code == Errc::unsupported) {
      out_.not_covered(member_path, member.unpacked.problem->message + " is not read");
      return;
    }
    const base::Bytes seen = member.bytes();
    const base::Bytes head = seen.first(std::min<std::size_t>(seen.size(), kHeadBytes));
    const std::uint64_t size = member.is_stored ? seen.size() : entry.bytes;
    if (judge_member_head(use_, entry.name, member_path, head, out_)) {
      return;
    }
    if (entry.encrypted() && head.size() >= 12 && !looks_plain(head)) {
      out_.not_covered(member_path, "encrypted");
      return;
    }
    // Archives are recognised by their end too.
    const base::Bytes shown = member.is_stored && !is_storage(use_, entry.name) ? seen : head;
    if (!wants_member(use_, entry.name, shown, size)) {
      check_claims(entry, member, member_path, false);
      return;
    }
    if (!member.is_stored) {
      if (out_.unpack_budget() == 0) {
        out_.not_covered(member_path, "more to unpack than the limit");
        return;
      }
      member = formats::zip::extract(bytes_, entry, out_.unpack_budget(), false);
      out_.spend(member.unpacked.data.size());
    } else if (!spend_stored(member.stored.size())) {
      out_.not_covered(member_path, "stored members that share bytes add up to several times the file");
      return;
    }
    const base::Bytes inside = member.bytes();
    if (member.unpacked.problem) {
      report_problem(*member.unpacked.problem, "zip-damaged", member_path, out_);
    }
    check_claims(entry, member, member_path, true);
    judge_member(use_, entry.name, member_path, inside, depth_, out_);
    if (member.unused > 0) {
      const std::uint64_t at = entry.data_offset + member.unpacked.consumed;
      const auto begin = static_cast<std::size_t>(std::min<std::uint64_t>(at, bytes_.size()));
      const base::Bytes left = bytes_.subspan(begin);
      judge_loose_bytes(left.first(static_cast<std::size_t>(std::min<std::uint64_t>(left.size(), member.unused))), at,
                        path_, depth_, out_);
    }
  }

  /// Stored members cost nothing to unpack, but overlapping ones could be judged over and over: all together may have
  /// as many bytes as several directories that list each member once.
  bool spend_stored(std::uint64_t bytes) {
    constexpr std::uint64_t kTimes = 4;
    stored_bytes_ += bytes;
    return stored_bytes_ / kTimes <= bytes_.size();
  }

  /// Whether the storages have the sizes that data.pkl says (CVE-2026-24747).
  void compare_storages() {
    constexpr std::uint64_t kMostBytes = 16U << 20;
    if (use_ != ArchiveUse::torch && use_ != ArchiveUse::torchscript) {
      return;
    }
    std::unordered_map<std::string_view, const Entry*> by_name;
    for (const Entry& entry : archive_.entries) {
      if (entry.listed) {
        by_name.emplace(entry.name, &entry);
      }
    }
    for (const Entry& entry : archive_.entries) {
      constexpr std::string_view kPickle = "data.pkl";
      if (!entry.listed || !entry.name.ends_with(kPickle) || entry.bytes > kMostBytes) {
        continue;
      }
      if (out_.unpack_budget() == 0) {
        out_.not_covered(path_, "more to unpack than the limit");
        return;
      }
      const formats::zip::Member pickle =
          formats::zip::extract(bytes_, entry, std::min(kMostBytes, out_.unpack_budget()), false);
      out_.spend(pickle.bytes().size());
      const std::string folder = entry.name.substr(0, entry.name.size() - kPickle.size()) + "data/";
      std::unordered_set<std::string> told;
      for (const StorageClaim& claim : storage_claims(pickle.bytes())) {
        const auto member = by_name.find(folder + claim.key);
        const bool there = member != by_name.end();
        if ((there && member->second->bytes == claim.bytes) || !told.insert(claim.key).second) {
          continue;
        }
        if (!there && claim.bytes == 0) {
          continue;
        }
        out_.add("torch-storage-mismatch",
                 {path_ + "!" + entry.name, byte_place(claim.offset), claim.offset, 0, "storage " + claim.key,
                  "Storage " + base::printable(claim.key) +
                      (there ? " has " + std::to_string(member->second->bytes) + " bytes, " : " is not there, ") +
                      "the pickle says " + std::to_string(claim.bytes) + "."});
      }
    }
  }

  /// Whether bytes that are marked as encrypted are plainly readable after all.
  [[nodiscard]] bool looks_plain(base::Bytes head) const {
    return interests(head, "") || executable_format(head) != "" ||
           std::all_of(
               head.begin(), head.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(head.size(), 64)),
               [](std::byte b) { return b < std::byte{0x7F} && (b >= std::byte{0x20} || b == std::byte{'\n'}); });
  }

  /// What the headers say of the data against the data, where all of it was unpacked anyway.
  void check_claims(const Entry& entry, const formats::zip::Member& member, const std::string& member_path,
                    bool whole) {
    constexpr std::uint64_t kCheckBytes = 64U << 20;
    if (!whole || member.unpacked.problem) {
      return;
    }
    const base::Bytes inside = member.bytes();
    const auto report = [&](std::string_view rule, Severity severity, const std::string& text) {
      out_.add(rule, severity,
               {member_path, byte_place(entry.header_offset), entry.header_offset, 0, text,
                "The member is not what its header says: " + text + "."});
    };
    if (entry.bytes != UINT32_MAX && entry.bytes != inside.size()) {
      report("zip-ambiguous", Severity::high,
             "it unpacks to " + std::to_string(inside.size()) + " bytes, stated are " + std::to_string(entry.bytes));
      return;
    }
    if (member.unused > 0) {
      report("zip-ambiguous", model() ? Severity::high : Severity::medium,
             std::to_string(member.unused) + " bytes behind the end of the compressed stream");
    }
    if (inside.size() < kCheckBytes && formats::zip::checksum(inside) != entry.crc &&
        (entry.crc != 0 || entry.listed)) {
      report("zip-damaged", Severity::medium, "its checksum does not match its content");
    }
  }

  const base::Bytes bytes_;
  const std::string& path_;
  const std::uint32_t depth_;
  const Content& content_;
  Collector& out_;
  Archive archive_;
  ArchiveUse use_ = ArchiveUse::plain;
  bool embedded_ = false;
  std::uint64_t stored_bytes_ = 0;  // judged so far
};

}  // namespace

bool judge_zip(const Content& content, Collector& out) {
  ZipJudge(content, out).run();
  return true;
}

}  // namespace scan
