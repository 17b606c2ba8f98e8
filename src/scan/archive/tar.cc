#include "formats/tar/tar.h"
#include "formats/tar/sparse.h"

#include <algorithm>
#include <set>
#include <string>
#include <unordered_set>

#include "scan/archive/archive.h"
#include "scan/archive/member.h"
#include "scan/pickle/judge_pickle.h"

namespace scan {
namespace {

using evidence::Severity;
using formats::tar::Archive;
using formats::tar::Entry;

/// The file system of a Unix machine (layers of containers): absolute links and devices belong there.
bool is_root_file_system(const Archive& archive) {
  int folders = 0;
  for (const std::string_view top : {"etc/", "usr/", "var/", "dev/", "bin", "lib"}) {
    folders += std::any_of(archive.entries.begin(), archive.entries.end(), [&](const Entry& entry) {
      std::string_view name = entry.name;
      name.remove_prefix(name.starts_with("./") ? 2 : 0);
      return name.starts_with(top);
    });
  }
  return folders >= 2;
}

class TarJudge {
 public:
  TarJudge(const Content& content, Collector& out)
      : bytes_(content.bytes), path_(content.path), depth_(content.depth), out_(out) {}

  void run() {
    archive_ = formats::tar::read(bytes_);
    UseFinder finder(path_);
    for (const Entry& entry : archive_.entries) {
      finder.see(entry.name);
    }
    torch_ = is_torch_tar();
    use_ = torch_ ? ArchiveUse::plain : finder.use();
    root_ = is_root_file_system(archive_);
    const std::string_view format = UseFinder::format_of(use_);
    if (torch_) {
      out_.format("torch-tar");
    } else if (use_ == ArchiveUse::nemo) {
      out_.format(format);
    }
    out_.format("tar");
    for (const Entry& entry : archive_.entries) {
      judge_place(entry);
      judge_entry(entry);
    }
    for (const formats::tar::Ambiguity& one : archive_.ambiguities) {
      out_.add("tar-ambiguous", {one.entry.empty() ? path_ : path_ + "!" + one.entry, byte_place(one.offset),
                                 one.offset, 0, one.text, "Readers see different members: " + one.text + "."});
    }
    if (!archive_.problem.empty()) {
      out_.add("archive-damaged",
               {path_, byte_place(archive_.problem_offset), archive_.problem_offset, 0, archive_.problem, ""});
      out_.not_covered(path_, "tar: " + archive_.problem);
    }
    const auto end = static_cast<std::size_t>(std::min<std::uint64_t>(archive_.end, bytes_.size()));
    const base::Bytes rest = bytes_.subspan(end);
    if (std::any_of(rest.begin(), rest.end(), [](std::byte b) { return b != std::byte{0}; })) {
      judge_loose_bytes(rest, end, path_, depth_, out_);
    }
  }

 private:
  /// What torch.save wrote before 0.1.10: its four members and no more.
  [[nodiscard]] bool is_torch_tar() const {
    int found = 0;
    for (const std::string_view name : {"sys_info", "pickle", "storages", "tensors"}) {
      found += std::any_of(archive_.entries.begin(), archive_.entries.end(), [&](const Entry& entry) {
        std::string_view own = entry.name;
        own.remove_prefix(own.starts_with("./") ? 2 : 0);
        return own == name;
      });
    }
    return found >= 3;
  }

  /// Where the entry would lie, once unpacked.
  void judge_place(const Entry& entry) {
    const std::string member_path = path_ + "!" + entry.name;
    const std::uint64_t at = entry.header_offset;
    if (leads_out(entry.name)) {
      out_.add("archive-traversal", {member_path, byte_place(at), at, 0, entry.name, ""});
    }
    // A file below a link is written where the link leads.
    for (std::size_t slash = entry.name.find('/'); slash != std::string::npos && !outside_links_.empty();
         slash = entry.name.find('/', slash + 1)) {
      if (outside_links_.contains(entry.name.substr(0, slash))) {
        out_.add("archive-traversal", {member_path, byte_place(at), at, 0, entry.name,
                                       "Unpacking writes through a link that leads out of the folder."});
        break;
      }
    }
    // A hard link to a file that the archive holds is a second name for it, which has been judged.
    const bool second_name = entry.type == '1' && files_.contains(entry.link);
    if (entry.is_link() && !second_name) {
      const bool outside = entry.type == '1' ? leads_out(entry.link) : link_leads_out(entry.name, entry.link);
      if (outside) {
        outside_links_.insert(entry.name);
        const bool usual = root_ && entry.link.starts_with("/") && entry.link.find("..") == std::string::npos;
        if (!usual) {
          out_.add("archive-link", Severity::high,
                   {member_path, byte_place(at), at, 0, entry.name + " -> " + entry.link, ""});
        }
      }
    }
    if (entry.is_device() && !root_) {
      out_.add("archive-device", {member_path, byte_place(at), at, 0, entry.name, ""});
    }
    if (entry.is_file() || second_name) {
      if (!files_.insert(entry.name).second && use_ != ArchiveUse::plain && entry.main_view) {
        out_.add("tar-ambiguous", {member_path, byte_place(at), at, 0, "a second member of this name",
                                   "Readers see different members: two have one name."});
      }
      if (!entry.link.empty() || entry.type != '5') {
        outside_links_.erase(entry.name);
      }
    }
  }

  void judge_entry(const Entry& entry) {
    const bool holds = entry.is_file() || entry.is_link();  // pax writes the contents of links too
    if (!holds || entry.bytes == 0 || entry.data_offset >= bytes_.size()) {
      return;
    }
    const std::string member_path = path_ + "!" + entry.name;
    const auto begin = static_cast<std::size_t>(entry.data_offset);
    base::Bytes inside = bytes_.subspan(
        begin, static_cast<std::size_t>(std::min<std::uint64_t>(entry.bytes, bytes_.size() - entry.data_offset)));
    const auto filled = entry.sparse ? formats::tar::fill(entry, bytes_, out_.unpack_budget()) : std::nullopt;
    if (filled) {
      out_.spend(filled->size());
      inside = base::as_bytes(*filled);
    }
    const base::Bytes head = inside.first(std::min<std::size_t>(inside.size(), kHeadBytes));
    if (judge_member_head(use_, entry.name, member_path, head, out_)) {
      return;
    }
    if (torch_) {
      judge_torch_tar(entry, member_path, inside);
      return;
    }
    if (wants_member(use_, entry.name, inside, inside.size())) {
      judge_member(use_, entry.name, member_path, inside, depth_, out_);
    }
    if (filled) {  // readers that know no sparse files see the pieces one behind the other
      judge_loose_bytes(
          bytes_.subspan(begin, static_cast<std::size_t>(std::min<std::uint64_t>(entry.bytes, bytes_.size() - begin))),
          begin, path_, depth_, out_);
    } else if (entry.sparse) {
      // Where the map is not read, or not followed, the data stands at the begin of a block.
      if (inside.size() > 512) {
        (void)judge_content(inside.subspan(512), member_path + "!data", Trust::content, depth_ + 1, out_);
      }
      out_.not_covered(member_path, "the map of a sparse file is not applied");
    }
  }

  void judge_torch_tar(const Entry& entry, const std::string& member_path, base::Bytes inside) {
    const std::string_view name = last_name(entry.name);
    if (name == "pickle" || name == "sys_info") {
      judge_pickle(inside, member_path, PickleUse::member, depth_ + 1, out_);
    } else if (name == "storages" || name == "tensors") {
      judge_pickle(inside, member_path, PickleUse::second, depth_ + 1, out_);  // numbers stand between the pickles
    } else {
      (void)judge_content(inside, member_path, Trust::content, depth_ + 1, out_);
    }
  }

  const base::Bytes bytes_;
  const std::string& path_;
  const std::uint32_t depth_;
  Collector& out_;
  Archive archive_;
  ArchiveUse use_ = ArchiveUse::plain;
  bool root_ = false;
  bool torch_ = false;  // what torch.save wrote before 0.1.10
  std::set<std::string, std::less<>> files_;
  std::unordered_set<std::string> outside_links_;
};

}  // namespace

bool judge_tar(const Content& content, Collector& out) {
  TarJudge(content, out).run();
  return true;
}

}  // namespace scan
