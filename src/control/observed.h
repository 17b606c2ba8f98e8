#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "base/result.h"

namespace control {

/// What a model calls itself.
struct ModelIdentity {
  std::string answers_as;
  std::string fingerprint;
  bool operator==(const ModelIdentity&) const = default;
};

/// What was seen and is to be remembered: how tools describe themselves, as what models answer, which notices were
/// delivered, which tools were used. In one file, which save() writes. Thread-safe.
class Observed {
 public:
  /// Reads `directory`/observed.json; nothing was seen where there is none. Fails with io or malformed.
  static base::Result<std::unique_ptr<Observed>> open(const std::filesystem::path& directory);
  /// Writes the file where something has changed since. Fails with io.
  base::Result<void> save();
  [[nodiscard]] bool has_changed() const { return changed_.load(std::memory_order_acquire); }

  /// The digest that was learned of a tool.
  [[nodiscard]] std::optional<base::Sha256> tool(std::string_view name) const;
  /// Learns it where nothing was known before; gives what is known then.
  base::Sha256 learn_tool(std::string_view name, const base::Sha256& digest);
  /// Forgets the tool, so that the next description is learned. False where nothing was known.
  bool accept_tool(std::string_view name);

  /// Learns what a model answers as where nothing was known before; gives what is known then.
  ModelIdentity learn_model(std::string_view model, const ModelIdentity& identity);
  /// Why requests for the model are stopped; none where they are not.
  [[nodiscard]] std::optional<std::string> stopped(std::string_view model) const;
  /// True where it was not stopped before.
  bool stop_model(std::string_view model, std::string_view why);
  /// Lets a stopped model run again and forgets what it answered as. False where nothing was known of it.
  bool accept_model(std::string_view model);

  /// True the first time for this caller and notice.
  bool deliver(std::string_view caller, std::string_view notice);
  void use_tool(std::string_view caller, std::string_view tool, std::int64_t now);

  struct ToolUse {
    std::string caller;
    std::string tool;
    std::uint64_t count = 0;
    std::int64_t last = 0;
  };
  [[nodiscard]] std::vector<ToolUse> tool_uses() const;

 private:
  explicit Observed(std::filesystem::path file) : file_(std::move(file)) {}
  [[nodiscard]] std::string text() const;
  base::Result<void> read(std::string_view json);

  static constexpr std::size_t kMaxEntries = 200'000;  ///< Of each kind: callers choose some of the names.
  std::filesystem::path file_;
  mutable std::shared_mutex mutex_;
  std::atomic<bool> changed_{false};
  std::map<std::string, base::Sha256, std::less<>> tools_;
  std::map<std::string, ModelIdentity, std::less<>> models_;
  std::map<std::string, std::string, std::less<>> stopped_;
  std::set<std::pair<std::string, std::string>> delivered_;
  struct Use {
    std::uint64_t count = 0;
    std::int64_t last = 0;
  };
  std::map<std::pair<std::string, std::string>, Use> uses_;
};

}  // namespace control
