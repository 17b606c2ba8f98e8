#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "assess/assess.h"
#include "base/result.h"
#include "base/value.h"
#include "evidence/statement.h"

/// What an assessment came to, without the evidence: in bundles, and for comparing two assessments.
namespace assess {

/// What is taken over from suppliers, as results have it.
[[nodiscard]] base::Value inherited_value(const std::vector<InheritedFrom>& inherited);

/// Adherence, counts, and of each provision verdict, reason, strength and what each check came to. Two assessments of
/// the same evidence with the same catalogue give equal values.
[[nodiscard]] base::Value outcome_value(const Assessment& assessment);
/// In which places the two differ: "provision 5.1: verdict is pass, recomputed as fail". Empty where they are equal.
[[nodiscard]] std::vector<std::string> outcome_differences(const base::Value& stated, const base::Value& computed);

/// One provision of an assessment of which only the result is there.
struct PastProvision {
  std::string id;
  std::string verb;   ///< Empty where the source does not tell.
  std::string title;  ///< Likewise.
  std::string verdict;
  std::string strength;
  std::string reason;
  bool stale = false;
  bool excepted = false;
  std::map<std::string, std::string> violations;  ///< By id: "models/intent.pkl: calls posix.system".
  std::vector<std::string> changes;               ///< What makes it stale.
  std::vector<std::string> subjects;              ///< What its checks looked at or spoke of.
};
struct PastResult {
  std::string name;  ///< "old.json", "run 1284".
  std::string time;
  std::string tool_version;
  std::string catalogue;                      ///< Id and version.
  std::map<std::string, std::string> assets;  ///< Path to SHA-256.
  std::vector<PastProvision> provisions;
};
/// From what `surety assess --format json` prints. Fails with malformed, naming the field.
base::Result<PastResult> past_result(const base::Value& document, std::string_view name);
[[nodiscard]] PastResult past_result(const evidence::Run& run, std::string_view name);

/// What became of a provision.
enum class Change : std::uint8_t {
  new_failure,  ///< Fails and did not, or is excepted no longer.
  worsened,     ///< More is objected to, or less is known or tested than before.
  stale,        ///< Its evidence speaks of what was there before.
  fixed,        ///< Failed and passes.
  better,       ///< Less is objected to, or more is known or tested.
  changed,      ///< Neither: it applies no longer, or applies now.
  unchanged,
};
[[nodiscard]] std::string_view to_string(Change change);  ///< "new", "worsened", "stale", "fixed", "better", "changed".

struct ProvisionChange {
  std::string id;
  std::string verb;
  std::string title;
  std::string was;  ///< "pass, executed".
  std::string is;
  std::string reason;
  Change change = Change::unchanged;
  std::vector<std::string> added;    ///< Violations that were not there before, "V-…: subject: reason".
  std::vector<std::string> removed;  ///< That are there no longer.
  std::vector<std::string> because;  ///< What of the evidence changed that it looks at.
};
struct Difference {
  std::string old_name;
  std::string new_name;
  std::vector<std::string> notes;        ///< Where tool or catalogue differ.
  std::vector<ProvisionChange> changes;  ///< Without those that are unchanged; new ones first.
  std::uint64_t unchanged = 0;
  std::vector<std::string> evidence;  ///< "prompts/system.txt: 9a8b… is 1c2d… now", at most 1000.
  std::uint64_t evidence_count = 0;
  [[nodiscard]] bool worse() const;  ///< Whether anything is new, worsened or stale.
};
[[nodiscard]] Difference compare(const PastResult& before, const PastResult& after);

}  // namespace assess
