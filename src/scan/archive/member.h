#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scan/content.h"

/// What members of archives are for, and who judges them; the same for zip, tar and what libarchive reads.
namespace scan {

/// What kind of archive it is: how its loader uses the members.
enum class ArchiveUse : std::uint8_t {
  plain,          ///< Any archive: wheels, jars, data sets, images of containers.
  torch,          ///< torch.save: data.pkl, and storages that are numbers.
  torchscript,    ///< The same with code/.
  torch_package,  ///< torch.package: pickles, resources and Python sources that are imported.
  keras,
  npz,
  torchserve,  ///< .mar: a manifest, a handler in Python, weights.
  nemo,        ///< .nemo: model_config.yaml and weights.
  exported,    ///< .pt2 of torch.export: graphs in JSON, weights, perhaps compiled code.
  named,       ///< Named like a model, of no layout that we know.
};

/// What is known of the members' names before any is read.
class UseFinder {
 public:
  /// `path` is the archive's.
  explicit UseFinder(std::string_view path);
  void see(std::string_view member);
  [[nodiscard]] ArchiveUse use() const;
  /// "torch-zip", "mar" …; empty where no format has that use.
  [[nodiscard]] static std::string_view format_of(ArchiveUse use);

 private:
  bool model_name_ = false;
  bool data_pkl_ = false;
  bool constants_pkl_ = false;
  bool code_ = false;
  bool keras_ = false;
  bool npy_ = false;
  bool other_ = false;
  bool mar_ = false;
  bool package_ = false;
  bool nemo_ = false;
  bool exported_ = false;
};

/// Whether a file or member of that name is taken for a model or weights.
[[nodiscard]] bool is_model_name(std::string_view path);
/// Whether loaders take a member of that name for a pickle.
[[nodiscard]] bool is_pickle_name(std::string_view name);
/// A storage of torch.save: numbers, whatever the bytes.
[[nodiscard]] bool is_storage(ArchiveUse use, std::string_view name);

/// How many bytes of a member the decision takes.
inline constexpr std::uint64_t kHeadBytes = 4096;
/// Members of model archives that no rule knows are searched for hidden pickles up to this size.
inline constexpr std::uint64_t kSearchBytes = 1U << 20;

/// Whether the whole of a member is to be judged. `head` is its first kHeadBytes, `size` the whole as far as known.
[[nodiscard]] bool wants_member(ArchiveUse use, std::string_view name, base::Bytes head, std::uint64_t size);

/// Judges what only takes a member's head: executables and scripts where none belong. Returns whether it was one.
bool judge_member_head(ArchiveUse use, std::string_view name, const std::string& path, base::Bytes head,
                       Collector& out);
/// Judges a member that wants_member() chose. `depth` is that of the archive.
void judge_member(ArchiveUse use, std::string_view name, const std::string& path, base::Bytes bytes,
                  std::uint32_t depth, Collector& out);

/// Judges bytes of an archive that belong to no member. `path` names the archive.
void judge_loose_bytes(base::Bytes bytes, std::uint64_t offset, const std::string& path, std::uint32_t depth,
                       Collector& out);

/// Whether a name, or a link's target as seen from `folder` within the archive, leads out of the archive's folder.
[[nodiscard]] bool leads_out(std::string_view name);
[[nodiscard]] bool link_leads_out(std::string_view member, std::string_view target);

/// The name of an executable format (ELF, PE, Mach-O, Windows shortcut, script with an interpreter); empty otherwise.
[[nodiscard]] std::string_view executable_format(base::Bytes head);

/// A file that is a program, where its name says model. Part of archive_readings().
bool judge_executable(const Content& content, Collector& out);

/// One storage that a data.pkl of torch.save refers to, and the bytes that it says it has.
struct StorageClaim {
  std::string key;  ///< The member's name behind "data/".
  std::uint64_t bytes = 0;
  std::uint64_t offset = 0;  ///< In the pickle.
};
/// The storages that a data.pkl names, as far as it can be run; of types that are not known, none.
[[nodiscard]] std::vector<StorageClaim> storage_claims(base::Bytes data_pkl);

/// Code of TorchScript.
void judge_torchscript(std::string_view text, const std::string& path, Collector& out);
/// Python that a model archive brings along and its loader imports.
void judge_packaged_code(std::string_view text, const std::string& path, Collector& out);
/// A configuration whose `_target_` keys name what is to be called (Hydra, NeMo).
void judge_targets(std::string_view text, const std::string& path, Collector& out);

/// A parser gave up on a member or stream.
void report_problem(const base::Error& problem, std::string_view rule, const std::string& path, Collector& out);

}  // namespace scan
