#include "report/html_sections.h"

#include <algorithm>
#include <map>

#include "base/markup.h"
#include "base/text.h"
#include "catalog/guides.h"
#include "report/conformance.h"
#include "report/html_parts.h"
#include "report/plan.h"

namespace report::html {
namespace {

constexpr std::size_t kShownPlaces = 10;  ///< Of one IXIT item; JSON and CSV list all.

// A wide table that becomes a list of cards on a narrow screen.
std::string table(std::string_view id, std::string_view caption, const std::vector<std::string>& columns) {
  std::string out = "<div class=\"scroll\"><table id=\"" + std::string(id) + "\" class=\"stack rows\">\n<caption>" +
                    std::string(caption) + "</caption>\n<thead><tr>";
  for (const std::string& column : columns) {
    out += "<th scope=\"col\">" + column + "</th>";
  }
  return out + "</tr></thead>\n<tbody>\n";
}
constexpr std::string_view kEndOfTable = "</tbody></table></div>\n";

std::string cell(std::string_view column, std::string_view content) {
  return content.empty() ? std::string("<td></td>")
                         : "<td data-name=\"" + std::string(column) + "\">" + std::string(content) + "</td>";
}

std::string links(const std::vector<std::string>& provisions) {
  std::string out;
  for (const std::string& provision : provisions) {
    out += (out.empty() ? "" : ", ") + provision_link(provision);
  }
  return out;
}

std::string row_heading(std::string_view content) {
  return "<tr><th scope=\"row\">" + std::string(content) + "</th>";
}

std::string plan_row(const DatedStep& each) {
  const PlanStep& step = *each.step;
  std::string run;
  for (const std::string& command : step.run) {
    run += "<br>" + path(command);
  }
  std::string after;
  for (const std::size_t before : step.after) {
    after += (after.empty() ? "" : ", ") + std::to_string(before + 1);
  }
  return row_heading(std::to_string(each.place + 1)) + cell("Ends", base::to_iso_date(each.ends)) +
         cell("Provisions", links(step.provisions)) +
         cell("What to do", t(step.action) + (run.empty() ? "" : "<span class=\"commands small\">" + run + "</span>")) +
         cell("Kind", std::string(catalog::to_string(step.verb)) + ", " +
                          (step.fault ? "known fault" : "evidence missing") + ", " +
                          std::string(effort_words(step.effort))) +
         cell("After step", after) + "</tr>\n";
}

std::string item_row(const ConformanceItem& item) {
  std::string places;
  for (std::size_t i = 0; i < std::min(kShownPlaces, item.places.size()); ++i) {
    const EvidencePlace& place = item.places[i];
    places +=
        "<li>" + path(place.file) +
        (place.sha256.empty() ? "" : " <span class=\"muted\">SHA-256 " + place.sha256.substr(0, 16) + "…</span>") +
        (place.entry ? " <span class=\"muted\">ledger entry " + std::to_string(*place.entry) + "</span>" : "") +
        "</li>";
  }
  if (item.places.size() > kShownPlaces) {
    places += "<li class=\"muted\">and " + base::grouped(item.places.size() - kShownPlaces) +
              " more: <code>surety report --format ics-csv</code></li>";
  }
  const assess::CheckResult& check = *item.check.result;
  return "<tr id=\"" + slug(item.id) + "\"><th scope=\"row\">" + t(item.id) + "</th>" +
         cell("What", t(check.title) + "<br>" + path(one_line(check.check))) +
         cell("Provisions", links(item.check.provisions)) +
         cell("Strength", base::markup_text(evidence::to_string(check.strength))) +
         cell("Evidence", places.empty() ? std::string("none found") : element("ul", places)) + "</tr>\n";
}

}  // namespace

std::string plan_section(const assess::Assessment& assessment) {
  const auto first_steps = catalog::load_steps(*assessment.catalog);
  const std::vector<PlanStep> steps =
      plan_steps(assessment, first_steps ? *first_steps : std::map<std::string, catalog::FirstStep>());
  if (steps.empty()) {
    return "<p>Nothing is open.</p>\n";
  }
  PlanOptions options;
  options.start = assessment.time;
  options.by = assessment.time;
  const std::vector<DatedStep> plan = dated_steps(steps, options);
  std::string out =
      "<p>" + base::counted(plan.size(), "step") + ", roughly " + base::counted(working_days(plan), "working day") +
      " for one person. What a <em>shall</em> asks comes before what a <em>should</em> asks, known faults "
      "before missing evidence, less effort before more, and nothing before what it builds on.</p>\n"
      "<p class=\"muted\">" +
      std::string(kEffortNote) + "</p>\n";
  out += table("plan-table",
               "When each step would end for one person who begins on " + base::to_iso_date(assessment.time) +
                   ". <code>surety plan --by DATE</code> counts from today, for as many people as there are.",
               {"Step", "Ends", "Provisions", "What to do", "Kind", "After step"});
  for (const DatedStep& each : plan) {
    out += plan_row(each);
  }
  return out + std::string(kEndOfTable);
}

std::string conformance_section(const assess::Assessment& assessment, const Options& options) {
  const ConformanceStatement statement = conformance_statement(assessment, options);
  std::string out =
      "<p>In the manner of what is reported of the draft ETSI TS 104 216; not a document of ETSI. A claim is made only "
      "where the evidence carries it.</p>\n";
  out += table("ics-table", "ICS: to each provision whether it applies, what is claimed, and why.",
               {"Provision", "Verb", "Applies", "Claim", "Reason", "Evidence"});
  for (const ConformanceLine& line : statement.lines) {
    const catalog::Provision& provision = *line.result->provision;
    std::string items;
    for (const std::string& item : line.items) {
      items += (items.empty() ? "" : ", ") + ("<a href=\"#" + slug(item) + "\">" + t(item) + "</a>");
    }
    out += row_heading(provision_link(provision.id)) + cell("Verb", catalog::to_string(provision.verb)) +
           cell("Applies", line.applicability == "applicable" ? "yes" : "no") + cell("Claim", line.claim) +
           cell("Reason", t(line.reason)) + cell("Evidence", items) + "</tr>\n";
  }
  out += std::string(kEndOfTable);
  out += table("ixit-table", "IXIT: where the evidence of each check is.",
               {"Item", "What was asked", "Provisions", "Strength", "Evidence"});
  for (const ConformanceItem& item : statement.items) {
    out += item_row(item);
  }
  return out + std::string(kEndOfTable);
}

std::string crosswalk_section(const assess::Assessment& assessment) {
  const auto crosswalks = catalog::load_crosswalks(*assessment.catalog);
  if (!crosswalks) {  // relations of the built-in Code, and a catalogue of the user's that has not all its provisions
    return "<p>The relations do not fit this catalogue: " + t(crosswalks.error().text()) + "</p>\n";
  }
  std::map<std::string_view, const assess::ProvisionResult*> results;
  for (const assess::ProvisionResult& result : assessment.provisions) {
    results.emplace(result.provision->id, &result);
  }
  std::string out;
  for (const catalog::Crosswalk& crosswalk : *crosswalks) {
    if (crosswalk.relations.empty()) {
      continue;
    }
    const std::string title = t(crosswalk.title) + ", " + t(crosswalk.version);
    out += "<details class=\"framework card\" id=\"crosswalk-" + slug(crosswalk.id) + "\">\n<summary><h3>" + title +
           "</h3> <span class=\"muted\">" + t(crosswalk.publisher) + "; " +
           base::counted(crosswalk.relations.size(), "relation") + "</span></summary>\n<p>" + t(crosswalk.note) +
           "</p>\n";
    out += table("crosswalk-table-" + slug(crosswalk.id),
                 "The relation is that of the provision to the target; the verdict is that of the provision alone.",
                 {"Provision", "Verdict", "Relation", "Target", "Confidence", "Why"});
    for (const catalog::Relation& relation : crosswalk.relations) {
      const auto result = results.find(relation.provision);
      const bool shown = result != results.end();
      out += row_heading(shown ? provision_link(relation.provision) : t(relation.provision)) +
             cell("Verdict", shown ? pill(status(*result->second)) : std::string()) +
             cell("Relation", t(relation.kind)) + cell("Target", t(relation.target)) +
             cell("Confidence", t(relation.confidence) + ", source: " + t(relation.source)) +
             cell("Why", t(relation.why)) + "</tr>\n";
    }
    out += std::string(kEndOfTable) + "</details>\n";
  }
  if (out.empty()) {
    return out;
  }
  return "<p>Relations help to find one's way in another framework. None of them raises a verdict: meeting the target "
         "does not show that the provision is met, nor the reverse. <strong>Equal</strong>: they ask the same. "
         "<strong>Subset</strong>: what the provision asks is part of what the target asks; <strong>superset</strong> "
         "is the reverse. <strong>Intersects</strong>: they share a part.</p>\n" +
         out;
}

}  // namespace report::html
