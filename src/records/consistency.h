#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/schema.h"
#include "base/value.h"
#include "evidence/observation.h"
#include "evidence/record.h"

namespace records {

/// A field of a record that holds the path of a file.
struct PathField {
  std::string place;  ///< "controls[0].implemented_by".
  std::string path;   ///< Without "./" in front.
};
[[nodiscard]] std::vector<PathField> paths_of(std::string_view kind, const base::Value& record);

/// What JSON Schema cannot say of records: whether ids are unique and references lead somewhere, whether dates can be,
/// whether paths stay inside, whether records contradict each other. collect() all files first, then check() each, then
/// check_together().
class Consistency {
 public:
  /// `system` must outlive this.
  explicit Consistency(const evidence::SystemFacts& system);

  /// Notes which ids a file defines. The document must conform to its schema, and outlive this.
  void collect(const base::Value& document, const std::string& path);
  /// The first problem of the file as an error with its line, and how many more there are.
  [[nodiscard]] base::Result<void> check(const base::Value& document, const std::string& path) const;
  /// Records that cannot all be true. Fails naming the later one and where the other stands.
  [[nodiscard]] static base::Result<void> check_together(const std::vector<evidence::Record>& records,
                                                         const std::vector<evidence::RecordFile>& files);

 private:
  struct Defined {
    std::string path;
    std::uint32_t line = 0;
    const base::Value* record = nullptr;
  };
  using Ids = std::map<std::string, Defined, std::less<>>;

  friend class FileCheck;
  std::map<std::string, Ids, std::less<>> records_;                                           ///< By kind, then id.
  std::map<std::string, std::set<std::string, std::less<>>, std::less<>> declared_;           ///< By list, the ids.
  std::map<std::string, std::vector<std::pair<std::string, Defined>>, std::less<>> doubles_;  ///< By path.
};

}  // namespace records
