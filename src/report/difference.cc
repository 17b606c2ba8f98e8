#include "report/difference.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "report/words.h"

namespace report {
namespace {

using assess::Change;
using assess::Difference;
using assess::ProvisionChange;
using base::Value;

constexpr std::size_t kShown = 5;
constexpr std::size_t kMaxBytes = 60'000;

Value texts(const std::vector<std::string>& list) {
  Value::List out;
  for (const std::string& text : list) {
    out.emplace_back(text);
  }
  return out;
}

void wrapped(std::string& out, std::string_view lead, std::string_view text, std::size_t columns) {
  const std::size_t indent = base::display_width(lead);
  bool first = true;
  for (const std::string& line : base::wrap(text, columns - std::min(indent, columns - 20))) {
    out += first ? std::string(lead) : std::string(indent, ' ');
    out += line + "\n";
    first = false;
  }
}

void listed(std::string& out, std::string_view lead, const std::vector<std::string>& list, std::size_t columns) {
  for (std::size_t i = 0; i < std::min(kShown, list.size()); ++i) {
    wrapped(out, lead, one_line(list[i]), columns);
  }
  if (list.size() > kShown) {
    wrapped(out, std::string(base::display_width(lead), ' '), "and " + base::grouped(list.size() - kShown) + " more",
            columns);
  }
}

// "2 new, 1 stale; 69 unchanged".
std::string sums(const Difference& difference) {
  std::string out;
  for (const Change change :
       {Change::new_failure, Change::worsened, Change::stale, Change::fixed, Change::better, Change::changed}) {
    const auto count = std::count_if(difference.changes.begin(), difference.changes.end(),
                                     [&](const ProvisionChange& each) { return each.change == change; });
    if (count != 0) {
      out += (out.empty() ? "" : ", ") + std::to_string(count) + " " + std::string(to_string(change));
    }
  }
  return (out.empty() ? "nothing changed" : out) + "; " + std::to_string(difference.unchanged) + " unchanged";
}

// A cell of a table.
std::string cell(std::string_view text) {
  return markdown_line(text, 300);
}

}  // namespace

std::string difference_text(const Difference& difference, std::size_t columns) {
  columns = std::max<std::size_t>(columns, 60);
  std::string out;
  wrapped(out, "Old  ", one_line(difference.old_name), columns);
  wrapped(out, "New  ", one_line(difference.new_name), columns);
  for (const std::string& note : difference.notes) {
    wrapped(out, "Note ", one_line(note), columns);
  }
  const Change* last = nullptr;
  for (const ProvisionChange& change : difference.changes) {
    if (last == nullptr || *last != change.change) {
      std::string heading(to_string(change.change));
      std::transform(heading.begin(), heading.end(), heading.begin(),
                     [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
      out += "\n" + heading + "\n";
    }
    last = &change.change;
    wrapped(out, "  " + one_line(change.id) + "  ",
            (change.verb.empty() ? "" : change.verb + ": ") + one_line(change.title), columns);
    wrapped(out, "      ", "was " + change.was + ", is " + change.is, columns);
    if (!change.reason.empty() && change.added.empty() && change.change != Change::fixed) {
      wrapped(out, "      ", one_line(change.reason), columns);
    }
    listed(out, "      + ", change.added, columns);
    listed(out, "      - ", change.removed, columns);
    listed(out, "      because ", change.because, columns);
  }
  if (difference.evidence_count > 0) {
    out += "\nEvidence that changed (" + base::grouped(difference.evidence_count) + ")\n";
    listed(out, "  ", difference.evidence, columns);
  }
  out += "\n" + capitalised(sums(difference)) + "\n";
  return out;
}

std::string difference_json(const Difference& difference) {
  Value::List changes;
  for (const ProvisionChange& change : difference.changes) {
    changes.emplace_back(Value::Map{{"provision", change.id},
                                    {"verb", change.verb},
                                    {"title", change.title},
                                    {"change", to_string(change.change)},
                                    {"was", change.was},
                                    {"is", change.is},
                                    {"reason", change.reason},
                                    {"added", texts(change.added)},
                                    {"removed", texts(change.removed)},
                                    {"because", texts(change.because)}});
  }
  return base::to_json(Value(Value::Map{{"format", "surety-difference"},
                                        {"format_version", 1},
                                        {"old", difference.old_name},
                                        {"new", difference.new_name},
                                        {"notes", texts(difference.notes)},
                                        {"worse", difference.worse()},
                                        {"unchanged", difference.unchanged},
                                        {"changes", std::move(changes)},
                                        {"evidence", texts(difference.evidence)},
                                        {"evidence_count", difference.evidence_count}}),
                       1) +
         "\n";
}

std::string difference_markdown(const Difference& difference) {
  std::string out = "## Surety: what changed\n\n**" + cell(capitalised(sums(difference))) + "**\n\nFrom " +
                    cell(difference.old_name) + " to " + cell(difference.new_name) + ".\n\n";
  for (const std::string& note : difference.notes) {
    out += cell(capitalised(note)) + ".\n\n";
  }
  std::size_t left_out = 0;
  if (!difference.changes.empty()) {
    out += "| | Provision | Was | Is | Why |\n|---|---|---|---|---|\n";
  }
  for (const ProvisionChange& change : difference.changes) {
    std::string why;
    const auto add = [&](std::string_view mark, const std::vector<std::string>& list) {
      for (std::size_t i = 0; i < std::min<std::size_t>(3, list.size()); ++i) {
        why += (why.empty() ? "" : "<br>") + std::string(mark) + cell(list[i]);
      }
      if (list.size() > 3) {
        why += "<br>and " + std::to_string(list.size() - 3) + " more";
      }
    };
    add("new: ", change.added);
    add("gone: ", change.removed);
    add("because ", change.because);
    if (why.empty()) {
      why = cell(change.reason);
    }
    const std::string row = "| **" + std::string(to_string(change.change)) + "** | " + cell(change.id) + " " +
                            cell(change.verb) + ": " + cell(change.title) + " | " + cell(change.was) + " | " +
                            cell(change.is) + " | " + why + " |\n";
    if (out.size() + row.size() + 5000 > kMaxBytes) {
      ++left_out;
    } else {
      out += row;
    }
  }
  if (left_out > 0) {
    out += "\n" + base::counted(left_out, "more change") + " did not fit here.\n";
  }
  if (!difference.evidence.empty()) {
    out += "\n<details><summary>Evidence that changed: " + base::grouped(difference.evidence_count) + "</summary>\n\n";
    std::size_t shown = 0;
    for (const std::string& line : difference.evidence) {
      const std::string item = "- " + cell(line) + "\n";
      if (out.size() + item.size() + 500 > kMaxBytes) {
        break;
      }
      out += item;
      ++shown;
    }
    if (shown < difference.evidence_count) {
      out += "- and " + base::grouped(difference.evidence_count - shown) + " more\n";
    }
    out += "\n</details>\n";
  }
  return out;
}

}  // namespace report
