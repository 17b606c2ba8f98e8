#include "report/exchange.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "base/uuid.h"

namespace report {

std::string said(std::string_view text, std::string_view fallback) {
  std::string line = one_line(text);
  return line.empty() ? std::string(fallback) : line;
}

std::string stable_uuid(std::initializer_list<std::string_view> parts) {
  std::string name = "urn:surety:result";
  for (const std::string_view part : parts) {
    // With the length before it, so that no two lists of parts give one name.
    name += ":" + std::to_string(part.size()) + ":" + std::string(part);
  }
  return base::uuid_v5(base::kUrlNameSpace, name);
}

std::string scope_of(const assess::Assessment& assessment) {
  return assessment.catalog->id + "\n" + assessment.catalog->version + "\n" + assessment.system_name + "\n" +
         assessment.directory;
}

std::vector<SharedCheck> shared_checks(const assess::Assessment& assessment) {
  std::vector<SharedCheck> out;
  std::map<std::string, std::size_t> places;
  for (const assess::ProvisionResult& result : assessment.provisions) {
    if (result.verdict == assess::Verdict::not_applicable) {
      continue;
    }
    for (const assess::CheckResult& check : result.checks) {
      const auto [place, inserted] = places.emplace(check.check, out.size());
      if (inserted) {
        out.push_back({&check, {}});
      }
      out[place->second].provisions.push_back(result.provision->id);
    }
  }
  return out;
}

Assets::Assets(const assess::Assessment& assessment) {
  for (const evidence::Asset& asset : assessment.assets) {
    by_path_.emplace(base::printable(asset.path), &asset);
  }
}

const evidence::Asset* Assets::find(std::string_view subject) const {
  const auto found = by_path_.find(subject);
  return found == by_path_.end() ? nullptr : found->second;
}

std::vector<std::string> subjects_of(const assess::CheckResult& check) {
  std::vector<std::string> out;
  std::set<std::string> seen;
  for (const assess::Observation& observation : observations(check)) {
    if (seen.insert(observation.subject).second) {
      out.push_back(observation.subject);
    }
  }
  for (const std::string& subject : check.examined) {
    if (seen.insert(subject).second) {
      out.push_back(subject);
    }
  }
  return out;
}

}  // namespace report
