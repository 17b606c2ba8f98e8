#include <algorithm>
#include <map>
#include <set>

#include "base/markup.h"
#include "base/text.h"
#include "threats/render.h"

namespace threats {

using evidence::Threat;
using evidence::ThreatModel;
using evidence::ThreatState;

namespace {

constexpr std::size_t kMaxListed = 100;  // a comment must stay readable

std::map<std::string, const Threat*> by_id(const ThreatModel& model) {
  std::map<std::string, const Threat*> out;
  for (const Threat& threat : model.threats) {
    out[threat.id] = &threat;
  }
  return out;
}

bool is_met(const Threat& threat) {
  return threat.state == ThreatState::mitigated_proved;
}

class Comment {
 public:
  explicit Comment(const Difference& difference)
      : difference_(difference), before_(by_id(*difference.before)), after_(by_id(*difference.after)) {}

  std::string write() {
    list_threats();
    list_elements();
    list_files();
    std::string head = "## Threats: " + base::markdown_text(difference_.before_name) + " to " +
                       base::markdown_text(difference_.after_name) + "\n\n";
    if (out_.empty()) {
      return head + "Nothing changed: " + base::counted(after_.size(), "threat") + ", in the states they were in.\n";
    }
    return head + out_;
  }

 private:
  void section(std::string_view title, std::string_view columns, const std::vector<std::string>& rows) {
    if (rows.empty()) {
      return;
    }
    const auto count = static_cast<std::size_t>(std::count(columns.begin(), columns.end(), '|')) + 1;
    out_ +=
        "### " + std::string(title) + " (" + std::to_string(rows.size()) + ")\n\n| " + std::string(columns) + " |\n|";
    for (std::size_t i = 0; i < count; ++i) {
      out_ += "---|";
    }
    out_ += "\n";
    for (std::size_t i = 0; i < std::min(rows.size(), kMaxListed); ++i) {
      out_ += rows[i];
    }
    if (rows.size() > kMaxListed) {
      out_ += "\n… and " + std::to_string(rows.size() - kMaxListed) + " more.\n";
    }
    out_ += "\n";
  }

  static std::string why(const Threat& threat) {
    return base::markdown_text(threat.reason) +
           (threat.place.empty() ? "" : " (" + base::markdown_text(threat.place) + ")");
  }

  void list_threats() {
    std::vector<std::string> added;
    std::vector<std::string> gone;
    std::vector<std::string> worse;
    std::vector<std::string> other;
    for (const auto& [id, threat] : after_) {
      const auto was = before_.find(id);
      if (was == before_.end()) {
        added.push_back("| " + base::markdown_text(id) + " | " + std::string(threat->risk()) + " | " +
                        std::string(to_string(threat->state)) + " | " + base::markdown_text(threat->title) + " | " +
                        why(*threat) + " |\n");
        continue;
      }
      if (was->second->state != threat->state || was->second->risk() != threat->risk()) {
        std::string row = "| " + base::markdown_text(id) + " | " + std::string(to_string(was->second->state)) + ", " +
                          std::string(was->second->risk()) + " | " + std::string(to_string(threat->state)) + ", " +
                          std::string(threat->risk()) + " | " +
                          base::markdown_text(threat->state_reason.empty() ? threat->reason : threat->state_reason) +
                          " |\n";
        const bool lost = is_met(*was->second) || threat->state == ThreatState::open;
        (lost ? worse : other).push_back(std::move(row));
      }
    }
    for (const auto& [id, threat] : before_) {
      if (!after_.contains(id)) {
        gone.push_back("| " + base::markdown_text(id) + " | " + std::string(to_string(threat->state)) + " | " +
                       base::markdown_text(threat->title) + " |\n");
      }
    }
    section("New", "threat | risk | state | what happens | why", added);
    section("Worse", "threat | before | now | why", worse);
    section("Changed", "threat | before | now | why", other);
    section("Gone", "threat | state before | what happened", gone);
  }

  void list_elements() {
    const auto ids = [](const ThreatModel& model) {
      std::map<std::string, std::string> out;
      for (const auto& element : model.elements) {
        out[element.kind + " " + element.id] = element.name;
      }
      for (const auto& flow : model.flows) {
        out["flow " + flow.source + " → " + flow.target] = flow.untrusted ? "untrusted" : "";
      }
      for (const auto& surplus : model.surplus) {
        out["superfluous " + surplus.kind + " " + surplus.name] = surplus.reason;
      }
      return out;
    };
    const auto was = ids(*difference_.before);
    const auto is = ids(*difference_.after);
    std::vector<std::string> rows;
    for (const auto& [id, name] : is) {
      if (const auto old = was.find(id); old == was.end()) {
        rows.push_back("| added | " + base::markdown_text(id) + " | " + base::markdown_text(name) + " |\n");
      } else if (old->second != name) {
        rows.push_back("| changed | " + base::markdown_text(id) + " | " + base::markdown_text(name) + " |\n");
      }
    }
    for (const auto& [id, name] : was) {
      if (!is.contains(id)) {
        rows.push_back("| removed | " + base::markdown_text(id) + " | " + base::markdown_text(name) + " |\n");
      }
    }
    section("The system", "change | what | note", rows);
  }

  void list_files() {
    std::map<std::string, base::Sha256> was;
    for (const auto& file : difference_.before->covers) {
      was[file.path] = file.sha256;
    }
    std::vector<std::string> rows;
    std::set<std::string> seen;
    for (const auto& file : difference_.after->covers) {
      seen.insert(file.path);
      const auto old = was.find(file.path);
      if (old == was.end()) {
        rows.push_back("| added | " + base::markdown_text(file.path) + " |\n");
      } else if (old->second != file.sha256) {
        rows.push_back("| changed | " + base::markdown_text(file.path) + " |\n");
      }
    }
    for (const auto& [path, sha256] : was) {
      if (!seen.contains(path)) {
        rows.push_back("| removed | " + base::markdown_text(path) + " |\n");
      }
    }
    section("Files that the threat model covers", "change | file", rows);
  }

  const Difference& difference_;
  std::map<std::string, const Threat*> before_;
  std::map<std::string, const Threat*> after_;
  std::string out_;
};

}  // namespace

std::string render_difference(const Difference& difference) {
  return Comment(difference).write();
}

bool is_worse(const Difference& difference) {
  const auto before = by_id(*difference.before);
  return std::any_of(difference.after->threats.begin(), difference.after->threats.end(), [&](const Threat& threat) {
    const auto was = before.find(threat.id);
    if (was == before.end()) {
      return threat.state == ThreatState::open;
    }
    return (is_met(*was->second) && !is_met(threat)) ||
           (was->second->state != ThreatState::open && threat.state == ThreatState::open);
  });
}

}  // namespace threats
