#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/text.h"
#include "report/renderers.h"
#include "report/words.h"

namespace report {
namespace {

constexpr std::size_t kShown = 5;           ///< Objections of one check.
constexpr std::size_t kShownVerbose = 200;  ///< All that a check keeps.
constexpr std::size_t kMaxNotes = 5;

enum class Style : std::uint8_t { plain, bold, dim, red, yellow, green, blue };

/// Collects lines that are never wider than the page. All text passes through here already printable.
class Page {
 public:
  explicit Page(const Options& options)
      : columns_(std::max<std::size_t>(options.columns, 60)), colour_(options.colour) {}

  [[nodiscard]] std::size_t columns() const { return columns_; }
  [[nodiscard]] std::string take() && { return std::move(out_); }

  void blank() { out_ += '\n'; }

  /// `lead` once, then `text` wrapped beside it; further lines begin under the text.
  void paragraph(std::string_view lead, Style lead_style, std::string_view text, Style style = Style::plain) {
    const std::size_t indent = base::display_width(lead);
    bool first = true;
    for (const std::string& line : base::wrap(text, columns_ - std::min(indent, columns_ - 20))) {
      put(first ? std::string(lead) : std::string(indent, ' '), lead_style);
      put(line, style);
      end_line();
      first = false;
    }
  }
  void paragraph(std::size_t indent, std::string_view text, Style style = Style::plain) {
    paragraph(std::string(indent, ' '), Style::plain, text, style);
  }

  /// Parts of one line, each in its own style; the caller keeps it short enough.
  void line(std::initializer_list<std::pair<std::string_view, Style>> parts) {
    for (const auto& [text, style] : parts) {
      put(text, style);
    }
    end_line();
  }

  /// "FAIL - shall (4) ---------------".
  void heading(std::string_view title, Style style) {
    blank();
    const std::size_t used = base::display_width(title) + 1;
    put(title, style == Style::plain ? Style::bold : style, true);
    put(" " + std::string(columns_ > used ? columns_ - used : 0, '-'), Style::dim);
    end_line();
  }

 private:
  void put(std::string_view text, Style style, bool bold = false) {
    if (text.empty()) {
      return;
    }
    constexpr std::string_view kCodes[] = {"", "1", "2", "31", "33", "32", "34"};
    const std::string_view code = kCodes[static_cast<std::size_t>(style)];
    if (!colour_ || (code.empty() && !bold)) {
      out_ += text;
      return;
    }
    out_ += "\x1b[" + std::string(bold && style != Style::bold ? "1;" : "") + std::string(code) + "m";
    out_ += text;
    out_ += "\x1b[0m";
  }
  void end_line() {
    while (!out_.empty() && out_.back() == ' ') {
      out_.pop_back();
    }
    out_ += '\n';
  }

  std::size_t columns_;
  bool colour_;
  std::string out_;
};

std::string padded(const std::string& text, std::size_t width) {
  const std::size_t used = base::display_width(text);
  return used < width ? text + std::string(width - used, ' ') : text;
}
std::string right(std::string_view text, std::size_t width) {
  return text.size() < width ? std::string(width - text.size(), ' ') + std::string(text) : std::string(text);
}

Style style_of(Status status) {
  switch (status) {
    case Status::fail:
      return Style::red;
    case Status::excepted:
    case Status::inconclusive:
      return Style::yellow;
    case Status::attested:
      return Style::blue;
    case Status::pass:
      return Style::green;
    case Status::not_applicable:
      return Style::dim;
  }
  return Style::plain;
}

class TextReport {
 public:
  TextReport(const assess::Assessment& assessment, const Options& options)
      : assessment_(assessment), catalog_(*assessment.catalog), options_(options), page_(options) {
    for (const assess::ProvisionResult& result : assessment_.provisions) {
      id_width_ = std::max(id_width_, base::display_width(label(catalog_, *result.provision)));
    }
    id_width_ = std::min<std::size_t>(id_width_, 24);
  }

  std::string render() && {
    header();
    failures();
    excepted();
    other_findings();
    open();
    passes(Status::attested);
    passes(Status::pass);
    not_applicable();
    table();
    verdict();
    return std::move(page_).take();
  }

 private:
  void header() {
    std::string title = "Surety " + one_line(assessment_.tool_version);
    page_.paragraph(
        title + "  ", Style::bold,
        (assessment_.system_name.empty() ? base::printable(assessment_.directory) : one_line(assessment_.system_name)) +
            ", " + base::to_iso8601(assessment_.time));
    page_.paragraph("Against  ", Style::dim, one_line(catalog_.title) + ", catalogue " + one_line(catalog_.version));
    const std::string assets = inventory_in_words(assessment_.asset_counts, options_.records);
    page_.paragraph("Read     ", Style::dim,
                    reading_in_words(assessment_) +
                        (assessment_.directory == "." ? "" : " in " + base::printable(assessment_.directory)) +
                        (assets.empty() ? ": no assets found" : ": " + assets));
    std::string roles;
    for (const std::string& role : assessment_.roles) {
      roles += (roles.empty() ? "" : ", ") + role_name(catalog_, role);
    }
    page_.paragraph("Roles    ", Style::dim,
                    (roles.empty() ? "none" : roles) + (assessment_.declared ? ", as declared" : ", assumed"));
    std::string assumptions;
    for (const std::string& assumption : assessment_.assumptions) {
      assumptions += (assumptions.empty() ? "" : "; ") + one_line(assumption);
    }
    if (!assumptions.empty()) {
      page_.paragraph("Assumed  ", Style::dim, assumptions + ". Say otherwise in ai-system.yaml.");
    }
    const std::size_t most = options_.verbose ? assessment_.notes.size() : kMaxNotes;
    for (std::size_t i = 0; i < std::min(most, assessment_.notes.size()); ++i) {
      page_.paragraph("Note     ", Style::dim, one_line(assessment_.notes[i]));
    }
    if (assessment_.notes.size() > most) {
      page_.paragraph("         ", Style::dim,
                      "and " + base::counted(assessment_.notes.size() - most, "more note") + " (--verbose lists them)",
                      Style::dim);
    }
    if (!assessment_.findings.empty()) {
      page_.paragraph("Findings ", Style::dim, findings_in_words(assessment_.findings) + " in what was read");
    }
  }

  // "  5.1 / EN 5.2.1-1   shall   An inventory of assets".
  void entry(const assess::ProvisionResult& result, Style style) {
    const catalog::Provision& provision = *result.provision;
    const std::string id = padded(label(catalog_, provision), id_width_);
    const std::string verb = padded(std::string(catalog::to_string(provision.verb)), 6);
    const std::string title = one_line(provision.title);
    const std::size_t lead = 2 + base::display_width(id) + 2 + verb.size() + 2;
    if (lead + 20 > page_.columns()) {  // a catalogue with very long ids
      page_.paragraph(2, id, style);
      page_.paragraph("      " + verb + "  ", Style::plain, title, Style::bold);
      return;
    }
    bool first = true;
    for (const std::string& text : base::wrap(title, page_.columns() - lead)) {
      if (first) {
        page_.line({{"  ", Style::plain}, {id + "  ", style}, {verb + "  ", Style::plain}, {text, Style::bold}});
      } else {
        page_.line({{std::string(lead, ' '), Style::plain}, {text, Style::bold}});
      }
      first = false;
    }
    if (!provision.also.empty() && options_.verbose) {
      page_.paragraph(6, "Verbs: " + verbs(provision), Style::dim);
    }
  }

  void listed(const assess::CheckResult& check, bool titled) {
    const std::vector<assess::Observation>& all = observations(check);
    std::size_t indent = 6;
    if (titled || all.empty()) {
      page_.paragraph(6, one_line(check.title) + " (" + one_line(check.check) +
                             (check.severity.empty() ? "" : ", " + one_line(check.severity)) + ")");
      indent = 8;
    }
    if (all.empty()) {
      page_.paragraph(indent, one_line(check.reason));
    }
    const std::size_t shown = std::min(options_.verbose ? kShownVerbose : kShown, all.size());
    for (std::size_t i = 0; i < shown; ++i) {
      const std::string lead = std::string(indent, ' ') + "- ";
      const std::string place = where(all[i]);
      const std::string reason = one_line(all[i].reason);
      if (lead.size() + base::display_width(place) + 2 + base::display_width(reason) <= page_.columns()) {
        page_.line({{lead, Style::plain},
                    {place, Style::bold},
                    {reason.empty() ? "" : ": ", Style::plain},
                    {reason, Style::plain}});
        continue;
      }
      page_.paragraph(lead, Style::plain, place, Style::bold);
      if (!reason.empty()) {
        page_.paragraph(indent + 2, reason);
      }
    }
    if (const std::uint64_t more = unlisted(check, shown); more != 0 && shown != 0) {
      page_.paragraph(indent + 2, "and " + base::grouped(more) + " more: " + list_command(assessment_, check.check),
                      Style::dim);
    }
  }

  void next(const assess::ProvisionResult& result) {
    if (!result.next_step.empty()) {
      page_.paragraph("      Next: ", Style::green, one_line(result.next_step));
    }
  }

  void full_checks(const assess::ProvisionResult& result) {
    for (const assess::CheckResult& check : result.checks) {
      page_.paragraph("      " + std::string(assess::to_string(check.verdict)) + "  ", Style::dim,
                      one_line(check.title) + " (" + one_line(check.check) + "; " +
                          base::counted(check.subjects, "subject") + "; " +
                          std::string(evidence::to_string(check.strength)) + ")");
      if (!check.proves.empty()) {
        page_.paragraph("        shows: ", Style::dim, one_line(check.proves));
      }
      if (!check.limits.empty()) {
        page_.paragraph("        does not show: ", Style::dim, one_line(check.limits));
      }
    }
  }

  void failures() {
    const std::vector<std::size_t> failing = places(assessment_, Status::fail);
    for (const catalog::Verb verb : kVerbs) {
      std::vector<std::size_t> of_verb;
      std::copy_if(failing.begin(), failing.end(), std::back_inserter(of_verb),
                   [&](std::size_t place) { return assessment_.provisions[place].provision->verb == verb; });
      if (of_verb.empty()) {
        continue;
      }
      page_.heading("FAIL: " + std::string(catalog::to_string(verb)) + " (" + std::to_string(of_verb.size()) + ")",
                    Style::red);
      for (const std::size_t place : of_verb) {
        const assess::ProvisionResult& result = assessment_.provisions[place];
        if (place != of_verb.front()) {
          page_.blank();
        }
        entry(result, Style::red);
        if (result.in_baseline) {
          page_.paragraph(6, "In the baseline: nothing here is new.", Style::dim);
        }
        failing_checks(result);
      }
    }
  }

  // What fails and is accepted until a date.
  void excepted() {
    const std::vector<std::size_t> found = places(assessment_, Status::excepted);
    if (found.empty()) {
      return;
    }
    page_.heading("FAIL, EXCEPTED (" + std::to_string(found.size()) + ")", Style::yellow);
    for (const std::size_t place : found) {
      const assess::ProvisionResult& result = assessment_.provisions[place];
      entry(result, Style::yellow);
      page_.paragraph(6, one_line(result.reason));
      page_.paragraph(6, "Excepted " + exceptions_in_words(assessment_, result), Style::dim);
      if (options_.verbose) {
        failing_checks(result);
      }
    }
  }

  // Each failing check once, under the first provision that it fails; the others refer to that one.
  void failing_checks(const assess::ProvisionResult& result) {
    const auto failed = std::count_if(result.checks.begin(), result.checks.end(),
                                      [](const auto& check) { return check.verdict == assess::Verdict::fail; });
    if (failed == 0) {
      page_.paragraph(6, one_line(result.reason));
    }
    bool repeated = false;
    for (const assess::CheckResult& check : result.checks) {
      if (check.verdict != assess::Verdict::fail) {
        continue;
      }
      const auto [first, fresh] = listed_under_.emplace(check.check, result.provision->id);
      if (!fresh) {
        repeated = true;
        page_.paragraph("      - ", Style::plain,
                        one_line(check.title) + ": " + base::counted(unlisted(check, 0), "objection") +
                            ", listed under " + one_line(first->second));
        continue;
      }
      listed(check, failed > 1 || options_.verbose);
      if (check.excepted_count > 0 && !result.excepted) {
        page_.paragraph(8,
                        base::counted(check.excepted_count, "of these is", "of these are") + " excepted " +
                            exceptions_in_words(assessment_, result),
                        Style::dim);
      }
      if (failed > 1 && !check.remedy.empty()) {
        page_.paragraph("        Next: ", Style::green, one_line(check.remedy));
      }
    }
    if (options_.verbose) {
      full_checks(result);
    }
    if (failed <= 1 && !repeated) {
      next(result);
    }
  }

  // Whether a failing check has named the place already.
  [[nodiscard]] bool is_listed(const evidence::Finding& finding) const {
    const std::string path = base::printable(finding.path);
    const auto names = [&](const assess::Observation& observation) {
      return (observation.subject == path || observation.place.starts_with(path)) &&
             (finding.place.empty() || observation.place.find(finding.place) != std::string::npos);
    };
    return std::any_of(assessment_.provisions.begin(), assessment_.provisions.end(), [&](const auto& result) {
      return std::any_of(result.checks.begin(), result.checks.end(), [&](const assess::CheckResult& check) {
        return result.verdict == assess::Verdict::fail && check.verdict == assess::Verdict::fail &&
               std::any_of(check.violations.begin(), check.violations.end(), names);
      });
    });
  }

  // What the scanner found of medium severity or above and no failing check has told.
  void other_findings() {
    std::vector<const evidence::Finding*> found;
    std::size_t more = 0;
    for (const evidence::Finding& finding : assessment_.findings) {
      if (finding.severity >= evidence::Severity::medium && !is_listed(finding)) {
        found.push_back(&finding);
      }
    }
    if (found.empty()) {
      return;
    }
    page_.heading("FOUND, NOT AGAINST A PROVISION BY ITSELF (" + std::to_string(found.size()) + ")", Style::yellow);
    std::stable_sort(found.begin(), found.end(), [](const auto* a, const auto* b) {
      return std::tie(b->severity, a->rule) < std::tie(a->severity, b->rule);
    });
    for (std::size_t i = 0; i < found.size(); ++i) {
      const evidence::Finding& finding = *found[i];
      if (i == 0 || found[i - 1]->rule != finding.rule) {
        page_.paragraph("  " + std::string(evidence::to_string(finding.severity)) + "  ", Style::yellow,
                        one_line(finding.message), Style::bold);
        more = 0;
      }
      if (++more <= (options_.verbose ? kShownVerbose : kShown)) {
        page_.paragraph("      - ", Style::plain,
                        base::printable(finding.path) + (finding.place.empty() ? "" : ", " + one_line(finding.place)) +
                            (finding.subject.empty() ? "" : ": " + one_line(finding.subject)));
      }
      if (i + 1 == found.size() || found[i + 1]->rule != finding.rule) {
        if (more > kShown && !options_.verbose) {
          page_.paragraph(8, "and " + base::grouped(more - kShown) + " more: --verbose lists them", Style::dim);
        }
        if (!finding.remedy.empty()) {
          page_.paragraph("      Next: ", Style::green, one_line(finding.remedy));
        }
      }
    }
  }

  void open() {
    const std::vector<std::size_t> found = places(assessment_, Status::inconclusive);
    if (found.empty()) {
      return;
    }
    page_.heading("INCONCLUSIVE (" + std::to_string(found.size()) + ")", Style::yellow);
    std::vector<std::size_t> unchecked;
    std::vector<std::size_t> unstated;
    for (const std::size_t place : found) {
      const assess::ProvisionResult& result = assessment_.provisions[place];
      if (!options_.verbose && result.awaits_statement) {
        unstated.push_back(place);
        continue;
      }
      if (!options_.verbose && lacks_checks(result)) {
        unchecked.push_back(place);
        continue;
      }
      entry(result, Style::yellow);
      page_.paragraph(6, one_line(result.reason), Style::dim);
      if (result.stale && !options_.verbose) {
        further_changes(result);
        next(result);
      }
      if (options_.verbose) {
        for (const assess::CheckResult& check : result.checks) {
          if (check.verdict == assess::Verdict::inconclusive && !check.unknown.empty()) {
            listed(check, true);
          }
        }
        full_checks(result);
        if (const std::string wanted = one_line(result.provision->evidence); !wanted.empty() && !lacks_checks(result)) {
          page_.paragraph("      Would settle it: ", Style::dim, wanted);
        }
        next(result);
      }
    }
    group(unstated, unstated.size() != found.size(),
          "Files alone do not show these. State them in ai-system.yaml (surety init drafts it), and the checks can "
          "tell:");
    group(unchecked, unchecked.size() != found.size(),
          "No check settles these yet; each says what would: surety explain ");
  }

  // What else changed besides what the reason names.
  void further_changes(const assess::ProvisionResult& result) {
    const std::size_t shown = std::min(kShown, result.changes.size());
    for (std::size_t i = 1; i < shown; ++i) {
      page_.paragraph("      - ", Style::plain,
                      "stale: " + where(result.changes[i]) + ": " + one_line(result.changes[i].reason), Style::dim);
    }
    if (result.changes.size() > shown) {
      page_.paragraph(8, "and " + base::counted(result.changes.size() - shown, "more change"), Style::dim);
    }
  }

  // Provisions of which one sentence says all; where it ends in a space, the first one's id completes it.
  void group(const std::vector<std::size_t>& members, bool apart, std::string sentence) {
    if (members.empty()) {
      return;
    }
    if (apart) {
      page_.blank();
    }
    if (sentence.ends_with(' ')) {
      sentence += one_line(assessment_.provisions[members.front()].provision->id);
    }
    page_.paragraph(2, sentence, Style::dim);
    for (const std::size_t place : members) {
      entry(assessment_.provisions[place], Style::yellow);
    }
  }

  void passes(Status wanted) {
    const std::vector<std::size_t> found = places(assessment_, wanted);
    if (found.empty()) {
      return;
    }
    page_.heading((wanted == Status::attested ? "PASS, ATTESTED, NOT TESTED (" : "PASS, TESTED (") +
                      std::to_string(found.size()) + ")",
                  style_of(wanted));
    std::vector<std::string> statements;  // who stated it, in the order of first appearance; one empty entry if tested
    for (const std::size_t place : found) {
      const std::string said = statement(assessment_.provisions[place], wanted);
      if (std::find(statements.begin(), statements.end(), said) == statements.end()) {
        statements.push_back(said);
      }
    }
    for (const std::string& said : statements) {
      if (!said.empty()) {
        if (said != statements.front()) {
          page_.blank();
        }
        page_.paragraph(2, said + ":", Style::dim);
      }
      for (const std::size_t place : found) {
        const assess::ProvisionResult& result = assessment_.provisions[place];
        if (statement(result, wanted) != said) {
          continue;
        }
        entry(result, style_of(wanted));
        if (options_.verbose) {
          page_.paragraph(6, one_line(result.reason));
          full_checks(result);
        }
      }
    }
  }

  // "Attested by ops@example.org on 2026-10-01"; empty for what was tested.
  static std::string statement(const assess::ProvisionResult& result, Status shown) {
    if (shown != Status::attested) {
      return {};
    }
    const std::string strength = result.strength ? capitalised(evidence::to_string(*result.strength)) : std::string();
    return result.attested_by.empty() ? strength : strength + " by " + one_line(result.attested_by);
  }

  void not_applicable() {
    std::vector<std::size_t> left = places(assessment_, Status::not_applicable);
    if (left.empty()) {
      return;
    }
    page_.heading("NOT APPLICABLE (" + std::to_string(left.size()) + ")", Style::plain);
    if (options_.verbose) {
      for (const std::size_t place : left) {
        const assess::ProvisionResult& result = assessment_.provisions[place];
        entry(result, Style::plain);
        page_.paragraph(6,
                        one_line(result.reason) + (result.rule.empty() ? "" : " (rule " + one_line(result.rule) + ")"),
                        Style::dim);
      }
      return;
    }
    while (!left.empty()) {  // one line of ids for each reason
      const std::string reason = assessment_.provisions[left.front()].reason;
      std::string ids;
      std::vector<std::size_t> others;
      for (const std::size_t place : left) {
        if (assessment_.provisions[place].reason == reason) {
          ids += (ids.empty() ? "" : ", ") + one_line(assessment_.provisions[place].provision->id);
        } else {
          others.push_back(place);
        }
      }
      page_.paragraph(2, ids, Style::bold);
      page_.paragraph(6, one_line(reason), Style::dim);
      left = std::move(others);
    }
  }

  void table() {
    page_.heading("COUNTS", Style::plain);
    struct Column {
      std::string_view upper;
      std::string_view lower;
    };
    const bool narrow = page_.columns() < 72;
    const std::array<Column, 7> columns = {{{"pass", "tested"},
                                            {"pass", "attested"},
                                            {"", "fail"},
                                            {"", "inconclusive"},
                                            {narrow ? "" : "not", narrow ? "n/a" : "applicable"},
                                            {"", "excepted"},
                                            {"", "all"}}};
    const std::size_t gap = narrow ? 1 : 2;
    const std::size_t first = 8;
    std::string upper(first, ' ');
    std::string lower(first, ' ');
    std::array<std::size_t, 7> widths{};
    for (std::size_t i = 0; i < columns.size(); ++i) {
      widths[i] = std::max({columns[i].upper.size(), columns[i].lower.size(), std::size_t{3}}) + gap;
      upper += right(columns[i].upper, widths[i]);
      lower += right(columns[i].lower, widths[i]);
    }
    page_.line({{upper.substr(0, upper.find_last_not_of(' ') + 1), Style::dim}});
    page_.line({{lower, Style::dim}});
    for (const auto& [verb, counts] : assessment_.counts) {
      const std::uint64_t tested = counts.pass - std::min(counts.pass, counts.pass_attested);
      const std::uint64_t all =
          counts.pass + counts.fail + counts.inconclusive + counts.not_applicable + counts.excepted;
      const std::array<std::uint64_t, 7> values = {
          tested, counts.pass_attested, counts.fail, counts.inconclusive, counts.not_applicable, counts.excepted, all};
      constexpr std::array<Style, 7> kStyles = {Style::green, Style::blue,  Style::red,  Style::yellow,
                                                Style::plain, Style::plain, Style::plain};
      std::array<std::string, 7> cells;
      for (std::size_t i = 0; i < values.size(); ++i) {
        cells[i] = right(values[i] == 0 ? "-" : base::grouped(values[i]), widths[i]);
      }
      const auto style = [&](std::size_t i) { return values[i] == 0 ? Style::dim : kStyles[i]; };
      page_.line({{padded("  " + std::string(catalog::to_string(verb)), first), Style::bold},
                  {cells[0], style(0)},
                  {cells[1], style(1)},
                  {cells[2], style(2)},
                  {cells[3], style(3)},
                  {cells[4], style(4)},
                  {cells[5], style(5)},
                  {cells[6], style(6)}});
    }
  }

  void verdict() {
    for (const std::string& note : exception_notes(assessment_)) {
      page_.paragraph(2, capitalised(note), Style::yellow);
    }
    if (const std::string stale = stale_sentence(assessment_); !stale.empty()) {
      page_.paragraph(2, stale, Style::yellow);
    }
    if (const std::string inherited = inherited_sentence(assessment_); !inherited.empty()) {
      page_.paragraph(2, inherited, Style::yellow);
    }
    page_.blank();
    const Style style = assessment_.adherence == assess::Adherence::adheres           ? Style::green
                        : assessment_.adherence == assess::Adherence::does_not_adhere ? Style::red
                                                                                      : Style::yellow;
    page_.paragraph(0, adherence_sentence(assessment_), style);
    page_.paragraph(0, kDisclaimer, Style::dim);
    if (assessment_.cheapest.empty()) {
      return;
    }
    page_.blank();
    page_.line({{assessment_.cheapest.size() == 1 ? "Cheapest next step" : "Cheapest next steps", Style::bold}});
    std::size_t number = 0;
    for (const std::size_t place : assessment_.cheapest) {
      if (place >= assessment_.provisions.size()) {
        continue;
      }
      const assess::ProvisionResult& result = assessment_.provisions[place];
      const std::string id = base::abbreviate(one_line(result.provision->id), 24);
      page_.paragraph("  " + std::to_string(++number) + ". " + padded(id, 7), Style::bold,
                      one_line(result.next_step.empty() ? result.provision->title : result.next_step));
    }
  }

  const assess::Assessment& assessment_;
  const catalog::Catalog& catalog_;
  const Options& options_;
  Page page_;
  std::size_t id_width_ = 0;
  std::map<std::string, std::string> listed_under_;  ///< Failing check -> the provision that lists its objections.
};

}  // namespace

std::string render_text(const assess::Assessment& assessment, const Options& options) {
  return TextReport(assessment, options).render();
}

}  // namespace report
