#include "report/plan.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "base/json.h"
#include "base/text.h"
#include "report/exchange.h"
#include "report/words.h"

namespace report {
namespace {

using assess::ProvisionResult;
using assess::Verdict;
using base::Value;

constexpr std::int64_t kDaySeconds = 86'400;

// A word as a shell reads it.
std::string shell_word(std::string_view word) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-+:@%,=";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string_view::npos) {
    return std::string(word);
  }
  std::string out = "'";
  for (const char c : word) {
    out += c == '\'' ? "'\\''" : std::string(1, c);
  }
  return out + "'";
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t i = text.find(from); i != std::string::npos; i = text.find(from, i + to.size())) {
    text.replace(i, from.size(), to);
  }
}

std::string joined_path(const std::string& directory, const std::string& path) {
  return directory == "." || directory.empty() ? path : directory + "/" + path;
}

const assess::CheckResult* first_failing(const ProvisionResult& result) {
  for (const assess::CheckResult& check : result.checks) {
    if (check.verdict == Verdict::fail) {
      return &check;
    }
  }
  return nullptr;
}

// The file that the first objection names; empty where it names none that was discovered.
std::string subject_file(const assess::Assessment& assessment, const ProvisionResult& result, const Assets& assets) {
  for (const assess::CheckResult& check : result.checks) {
    for (const assess::Observation& observation : observations(check)) {
      const std::string file = observation.subject.substr(0, observation.subject.find_first_of("#!"));
      if (assets.find(observation.subject) != nullptr || assets.find(file) != nullptr) {
        return joined_path(assessment.directory, file);
      }
    }
  }
  return {};
}

std::vector<std::string> commands_of(const assess::Assessment& assessment, const ProvisionResult& result,
                                     const std::map<std::string, catalog::FirstStep>& first_steps,
                                     const Assets& assets) {
  std::vector<std::string> out;
  const std::string subject = subject_file(assessment, result, assets);
  if (const auto found = first_steps.find(result.provision->id); found != first_steps.end()) {
    for (std::string command : found->second.run) {
      if (subject.empty() && command.find("{subject}") != std::string::npos) {
        continue;
      }
      replace_all(command, "{subject}", shell_word(subject));
      replace_all(command, "{directory}", shell_word(assessment.directory.empty() ? "." : assessment.directory));
      out.push_back(std::move(command));
    }
  }
  if (const assess::CheckResult* check = first_failing(result); check != nullptr) {
    out.push_back(list_command(assessment, check->check));
  } else if (out.empty()) {
    out.push_back("surety explain " + shell_word(result.provision->id));
  }
  return out;
}

struct Open {
  const ProvisionResult* result;
  std::size_t place;
};

// Cheapest first, but nothing before what it comes after. Cycles in the data would only keep the order of cost.
std::vector<Open> in_order(const assess::Assessment& assessment,
                           const std::map<std::string, catalog::FirstStep>& first_steps) {
  std::vector<Open> waiting;
  std::set<std::string> open_ids;
  for (std::size_t i = 0; i < assessment.provisions.size(); ++i) {
    const ProvisionResult& result = assessment.provisions[i];
    if ((result.verdict == Verdict::fail && !result.excepted) || result.verdict == Verdict::inconclusive) {
      waiting.push_back({&result, i});
      open_ids.insert(result.provision->id);
    }
  }
  const auto cost = [](const Open& open) {
    const ProvisionResult& result = *open.result;
    return std::tuple(result.provision->verb, result.verdict != Verdict::fail, !result.awaits_statement,
                      result.provision->effort, open.place);
  };
  std::sort(waiting.begin(), waiting.end(), [&](const Open& a, const Open& b) { return cost(a) < cost(b); });
  std::vector<Open> out;
  while (!waiting.empty()) {
    auto next = std::find_if(waiting.begin(), waiting.end(), [&](const Open& open) {
      const auto step = first_steps.find(open.result->provision->id);
      return step == first_steps.end() || std::none_of(step->second.after.begin(), step->second.after.end(),
                                                       [&](const std::string& id) { return open_ids.contains(id); });
    });
    next = next == waiting.end() ? waiting.begin() : next;
    open_ids.erase(next->result->provision->id);
    out.push_back(*next);
    waiting.erase(next);
  }
  return out;
}

std::string kind_words(const PlanStep& step) {
  return std::string(catalog::to_string(step.verb)) + ", " + (step.fault ? "known fault" : "evidence missing") + ", " +
         std::string(effort_words(step.effort));
}

Value texts(const std::vector<std::string>& list) {
  Value::List out;
  for (const std::string& text : list) {
    out.emplace_back(text);
  }
  return out;
}

Value step_value(const PlanStep& step, std::size_t place) {
  Value::List after;
  for (const std::size_t before : step.after) {
    after.emplace_back(static_cast<std::uint64_t>(before + 1));
  }
  return Value::Map{{"step", static_cast<std::uint64_t>(place + 1)},
                    {"action", one_line(step.action)},
                    {"provisions", texts(step.provisions)},
                    {"verb", catalog::to_string(step.verb)},
                    {"known_fault", step.fault},
                    {"effort", effort_words(step.effort)},
                    {"why", one_line(step.why)},
                    {"run", texts(step.run)},
                    {"after", std::move(after)}};
}

void add_wrapped(std::string& out, std::string_view text, std::size_t indent, std::size_t columns) {
  for (const std::string& line : base::wrap(one_line(text), std::max<std::size_t>(columns, 60) - indent)) {
    out += std::string(indent, ' ') + line + "\n";
  }
}

std::string after_words(const PlanStep& step) {
  std::string out;
  for (const std::size_t before : step.after) {
    out += (out.empty() ? "" : ", ") + std::to_string(before + 1);
  }
  return out;
}

// Half a day, three days, ten days; in half days.
std::uint32_t half_days(std::uint32_t effort) {
  return effort <= 1 ? 1 : effort == 2 ? 6 : 20;
}

bool is_weekend(std::int64_t day) {
  const std::int64_t weekday = (day % 7 + 10) % 7;  // 1970-01-01 was a Thursday: Monday is 0
  return weekday >= 5;
}

std::int64_t day_of(base::UnixTime time) {
  return time.seconds / kDaySeconds;
}

// The day on which `half` half days of work are done, from the first day on, by one person.
std::int64_t day_after(std::int64_t first, std::uint64_t half) {
  std::int64_t day = first;
  while (is_weekend(day)) {
    ++day;
  }
  for (std::uint64_t done = 2; done < half; done += 2) {
    do {
      ++day;
    } while (is_weekend(day));
  }
  return day;
}

std::string plan_sentence(const std::vector<DatedStep>& plan, const PlanOptions& options) {
  const auto late = std::count_if(plan.begin(), plan.end(), [](const DatedStep& each) { return !each.fits; });
  const std::string people = base::counted(options.people, "person", "people");
  std::string out = base::counted(plan.size(), "step") + ", roughly " + std::to_string(working_days(plan)) +
                    " working days for one person. ";
  if (plan.empty()) {
    return "Nothing is open.";
  }
  out += late == 0
             ? people + (options.people == 1 ? " is" : " are") + " done on " + base::to_iso_date(plan.back().ends) + "."
             : std::to_string(late) + " of them " + (late == 1 ? "does" : "do") + " not fit before " +
                   base::to_iso_date(options.by) + " with " + people + ".";
  return out;
}

std::string calendar_text(std::string_view text) {
  std::string out;
  for (const char c : one_line(text)) {
    out += c == '\\' || c == ';' || c == ',' ? std::string("\\") + c : std::string(1, c);
  }
  return out;
}

// RFC 5545, section 3.1: lines of at most 75 bytes, continued with a space; never cut within a character.
std::string folded(const std::string& line) {
  std::string out;
  std::size_t used = 0;
  for (std::size_t i = 0; i < line.size();) {
    std::size_t size = 1;
    while (i + size < line.size() && (static_cast<unsigned char>(line[i + size]) & 0xC0) == 0x80) {
      ++size;
    }
    if (used + size > 74) {
      out += "\r\n ";
      used = 1;
    }
    out.append(line, i, size);
    used += size;
    i += size;
  }
  return out + "\r\n";
}

std::string compact_date(base::UnixTime day) {
  std::string out = base::to_iso_date(day);
  out.erase(std::remove(out.begin(), out.end(), '-'), out.end());
  return out;
}

std::string calendar(const assess::Assessment& assessment, const std::vector<DatedStep>& plan,
                     const PlanOptions& options) {
  std::string out = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Surety//plan//EN\r\n";
  std::string stamp = base::to_iso8601(options.start);
  stamp.erase(std::remove_if(stamp.begin(), stamp.end(), [](char c) { return c == '-' || c == ':'; }), stamp.end());
  for (const DatedStep& each : plan) {
    const PlanStep& step = *each.step;
    out += "BEGIN:VTODO\r\n";
    out += folded("UID:" + stable_uuid({scope_of(assessment), "step", base::join(step.provisions, " ")}) + "@surety");
    out += "DTSTAMP:" + stamp + "\r\n";
    out += "DUE;VALUE=DATE:" + compact_date(each.ends) + "\r\n";
    out += folded("SUMMARY:" + calendar_text(base::join(step.provisions, ", ") + ": " + step.action));
    out += folded("DESCRIPTION:" + calendar_text(step.why + " Run: " + base::join(step.run, " / ")));
    out += "PRIORITY:" + std::string(step.verb == catalog::Verb::shall ? "1" : "5") + "\r\nEND:VTODO\r\n";
  }
  return out + "END:VCALENDAR\r\n";
}

}  // namespace

std::vector<PlanStep> plan_steps(const assess::Assessment& assessment,
                                 const std::map<std::string, catalog::FirstStep>& first_steps) {
  const Assets assets(assessment);
  std::vector<PlanStep> out;
  std::map<std::string, std::size_t> by_action;
  std::map<std::string, std::size_t> by_provision;
  for (const Open& open : in_order(assessment, first_steps)) {
    const ProvisionResult& result = *open.result;
    const catalog::Provision& provision = *result.provision;
    const std::string directory = assessment.directory.empty() ? "." : assessment.directory;
    const bool declare = result.awaits_statement;
    const std::string action = declare ? "Write down in ai-system.yaml what files cannot show: roles, models, data, "
                                         "interfaces, who assessed what."
                                       : said(result.next_step, "See what would settle " + provision.id + ".");
    const auto [known, inserted] = by_action.emplace(action, out.size());
    if (inserted) {
      PlanStep step;
      step.action = action;
      step.verb = provision.verb;
      step.fault = result.verdict == Verdict::fail;
      step.effort = declare ? 1 : provision.effort;
      step.why = result.reason;
      step.run = declare ? std::vector<std::string>{"surety init " + shell_word(directory)}
                         : commands_of(assessment, result, first_steps, assets);
      out.push_back(std::move(step));
    }
    PlanStep& step = out[known->second];
    step.provisions.push_back(provision.id);
    step.verb = std::min(step.verb, provision.verb);
    step.effort = declare ? step.effort : std::max(step.effort, provision.effort);
    by_provision[provision.id] = known->second;
  }
  for (const auto& [provision, place] : by_provision) {
    if (const auto found = first_steps.find(provision); found != first_steps.end()) {
      for (const std::string& before : found->second.after) {
        const auto other = by_provision.find(before);
        std::vector<std::size_t>& after = out[place].after;
        if (other != by_provision.end() && other->second < place &&
            std::find(after.begin(), after.end(), other->second) == after.end()) {
          after.push_back(other->second);
        }
      }
    }
  }
  for (PlanStep& step : out) {
    std::sort(step.after.begin(), step.after.end());
  }
  return out;
}

std::string_view effort_words(std::uint32_t effort) {
  return effort <= 1 ? "hours" : effort == 2 ? "days" : "weeks";
}

std::vector<DatedStep> dated_steps(const std::vector<PlanStep>& steps, const PlanOptions& options) {
  std::vector<DatedStep> out;
  std::uint64_t done = 0;
  const std::uint64_t people = std::max<std::uint32_t>(options.people, 1);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (!options.shoulds && steps[i].verb != catalog::Verb::shall) {
      continue;
    }
    done += half_days(steps[i].effort);
    const std::int64_t day = day_after(day_of(options.start), (done + people - 1) / people);
    out.push_back({&steps[i], i, {day * kDaySeconds}, day <= day_of(options.by)});
  }
  return out;
}

std::uint64_t working_days(const std::vector<DatedStep>& plan) {
  std::uint64_t half = 0;
  for (const DatedStep& each : plan) {
    half += half_days(each.step->effort);
  }
  return (half + 1) / 2;
}

std::optional<PlanFormat> plan_format(std::string_view name) {
  constexpr std::pair<std::string_view, PlanFormat> kNames[] = {{"text", PlanFormat::text},
                                                                {"json", PlanFormat::json},
                                                                {"md", PlanFormat::markdown},
                                                                {"csv", PlanFormat::csv},
                                                                {"ics", PlanFormat::calendar}};
  for (const auto& [known, value] : kNames) {
    if (known == name) {
      return value;
    }
  }
  return std::nullopt;
}

std::string render_next(const assess::Assessment& assessment, const std::vector<PlanStep>& steps, std::size_t count,
                        PlanFormat format, std::size_t columns) {
  const std::size_t shown = std::min(count, steps.size());
  if (format == PlanFormat::json) {
    Value::List list;
    for (std::size_t i = 0; i < shown; ++i) {
      list.push_back(step_value(steps[i], i));
    }
    return base::to_json(Value::Map{{"system", one_line(assessment.system_name)},
                                    {"open_steps", static_cast<std::uint64_t>(steps.size())},
                                    {"steps", std::move(list)}},
                         1) +
           "\n";
  }
  std::string out;
  if (steps.empty()) {
    return adherence_sentence(assessment) + "\nNothing is open.\n";
  }
  out += adherence_sentence(assessment) + "\nCheapest first:\n";
  for (std::size_t i = 0; i < shown; ++i) {
    const PlanStep& step = steps[i];
    out += "\n" + std::to_string(i + 1) + ". " + base::join(step.provisions, ", ") + " (" + kind_words(step) + ")\n";
    add_wrapped(out, step.action, 3, columns);
    add_wrapped(out, "Why: " + base::abbreviate(step.why, 300), 3, columns);
    for (const std::string& command : step.run) {
      out += "     $ " + base::printable(command) + "\n";
    }
  }
  if (shown < steps.size()) {
    out += "\n" + base::counted(steps.size() - shown, "more step") + ": surety next --count " +
           std::to_string(steps.size()) + ", or surety plan --by DATE\n";
  }
  return out;
}

std::string render_plan(const assess::Assessment& assessment, const std::vector<PlanStep>& steps,
                        const PlanOptions& options, PlanFormat format, std::size_t columns) {
  const std::vector<DatedStep> plan = dated_steps(steps, options);
  const std::string name = assessment.system_name.empty() ? assessment.directory : assessment.system_name;
  std::string out;
  switch (format) {
    case PlanFormat::json: {
      Value::List list;
      for (const DatedStep& each : plan) {
        Value value = step_value(*each.step, each.place);
        value.set("ends", base::to_iso_date(each.ends));
        value.set("fits", each.fits);
        list.push_back(std::move(value));
      }
      return base::to_json(Value::Map{{"system", one_line(name)},
                                      {"start", base::to_iso_date(options.start)},
                                      {"by", base::to_iso_date(options.by)},
                                      {"people", static_cast<std::uint64_t>(options.people)},
                                      {"summary", plan_sentence(plan, options)},
                                      {"steps", std::move(list)}},
                           1) +
             "\n";
    }
    case PlanFormat::csv:
      out = csv_row({"step", "ends", "fits", "provisions", "verb", "known_fault", "effort", "after", "action", "run"});
      for (const DatedStep& each : plan) {
        const PlanStep& step = *each.step;
        out += csv_row({std::to_string(each.place + 1), base::to_iso_date(each.ends), each.fits ? "yes" : "no",
                        base::join(step.provisions, "; "), std::string(catalog::to_string(step.verb)),
                        step.fault ? "yes" : "no", std::string(effort_words(step.effort)), after_words(step),
                        step.action, base::join(step.run, "; ")});
      }
      return out;
    case PlanFormat::calendar:
      return calendar(assessment, plan, options);
    case PlanFormat::markdown:
      out = "# Plan: " + markdown_line(name) + ", by " + base::to_iso_date(options.by) + "\n\n**" +
            markdown_line(adherence_sentence(assessment)) + "** " + plan_sentence(plan, options) + " " +
            std::string(kEffortNote) + "\n\n| step | ends | provisions | verb | effort | after | what | run |\n" +
            "|--:|---|---|---|---|---|---|---|\n";
      for (const DatedStep& each : plan) {
        const PlanStep& step = *each.step;
        std::string run;
        for (const std::string& command : step.run) {
          run += (run.empty() ? "" : "<br>") + ("<code>" + markdown_line(command) + "</code>");
        }
        out += "| " + std::to_string(each.place + 1) + " | " + base::to_iso_date(each.ends) +
               (each.fits ? "" : " (late)") + " | " + markdown_line(base::join(step.provisions, ", ")) + " | " +
               std::string(catalog::to_string(step.verb)) + (step.fault ? ", fault" : "") + " | " +
               std::string(effort_words(step.effort)) + " | " + after_words(step) + " | " + markdown_line(step.action) +
               " | " + run + " |\n";
      }
      return out;
    case PlanFormat::text:
      break;
  }
  out = "Plan for " + one_line(name) + ", by " + base::to_iso_date(options.by) + "\n";
  add_wrapped(out, plan_sentence(plan, options), 0, columns);
  add_wrapped(out, kEffortNote, 0, columns);
  for (const DatedStep& each : plan) {
    const PlanStep& step = *each.step;
    out += "\n" + std::to_string(each.place + 1) + ". " + base::to_iso_date(each.ends) + (each.fits ? "" : " (late)") +
           "  " + base::join(step.provisions, ", ") + " (" + kind_words(step) + ")" +
           (step.after.empty() ? "" : ", after step " + after_words(step)) + "\n";
    add_wrapped(out, step.action, 3, columns);
    if (!step.run.empty()) {
      out += "     $ " + base::printable(step.run.front()) + "\n";
    }
  }
  return out;
}

}  // namespace report
