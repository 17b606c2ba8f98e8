#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/embedded.h"
#include "base/markup.h"
#include "base/text.h"
#include "report/html_parts.h"
#include "report/html_sections.h"
#include "report/renderers.h"
#include "report/words.h"
#include "threats/render.h"

namespace embedded {
extern const std::span<const base::EmbeddedFile> report_assets;
}

namespace report {
namespace {

using namespace html;

constexpr std::size_t kMaxRows = 5000;     ///< Of the inventory and of the findings.
constexpr std::size_t kShownFailing = 10;  ///< Objections of one check under "What fails"; the details hold all kept.
constexpr std::size_t kShownDetails = 200;

std::string_view asset(std::string_view name) {
  for (const base::EmbeddedFile& file : embedded::report_assets) {
    if (file.name == name) {
      return file.content;
    }
  }
  return {};
}

constexpr std::string_view kMark =
    "<svg width=\"22\" height=\"24\" viewBox=\"0 0 22 24\" aria-hidden=\"true\"><path d=\"M11 1 21 4.6v7.2c0 5.6-4.2 "
    "9.4-10 11.2C5.2 21.2 1 17.4 1 11.8V4.6z\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.8\"/>"
    "<path d=\"m6.5 12 3.2 3.2 6-6.4\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.8\"/></svg>";

class HtmlReport {
 public:
  HtmlReport(const assess::Assessment& assessment, const Options& options)
      : assessment_(assessment),
        catalog_(*assessment.catalog),
        options_(options),
        crosswalk_(crosswalk_section(assessment)) {
    for (const Status wanted : kStatuses) {
      places_[static_cast<std::size_t>(wanted)] = places(assessment, wanted);
    }
  }

  std::string render() && {
    head();
    contents();
    out_ += "<main id=\"main\">\n";
    summary();
    failing();
    excepted();
    provisions();
    plan();
    findings();
    threat_model();
    conformance();
    crosswalk();
    inventory();
    evidence();
    assumptions();
    words();
    out_ += "</main>\n</div>\n";
    foot();
    return std::move(out_);
  }

 private:
  [[nodiscard]] const std::vector<std::size_t>& with(Status status) const {
    return places_[static_cast<std::size_t>(status)];
  }
  [[nodiscard]] std::string name() const {
    return assessment_.system_name.empty() ? base::markup_text(assessment_.directory) : t(assessment_.system_name);
  }

  void head() {
    const std::string_view script = asset("html/report.js");
    const base::Sha256 digest = base::sha256(script);
    // Only this script may run, and nothing may be fetched, whatever else should find its way into the page.
    const std::string policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-" +
                               base::to_base64(std::as_bytes(std::span(digest.bytes))) +
                               "'; img-src data:; base-uri 'none'; form-action 'none'";
    out_ +=
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"" +
        policy +
        "\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"generator\" content=\"Surety " +
        t(assessment_.tool_version) +
        "\">\n"
        "<meta name=\"surety-exit-code\" content=\"" +
        std::to_string(options_.exit_code) +
        "\">\n"
        "<meta name=\"referrer\" content=\"no-referrer\">\n<title>" +
        name() +
        ": security assessment</title>\n"
        "<style>\n";
    out_ += asset("html/report.css");
    out_ +=
        "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the report</a>\n"
        "<header class=\"top\"><div class=\"top-inner\">";
    out_ += kMark;
    out_ += "<span class=\"brand\">Surety</span><span class=\"top-note\">Security assessment of an AI system<br>" +
            base::to_iso8601(assessment_.time) + "</span></div></header>\n<div class=\"page\">\n";
  }

  void contents() {
    out_ += "<nav class=\"contents\" aria-label=\"Contents\"><ol>\n";
    const auto entry = [&](std::string_view id, std::string_view title, std::optional<std::size_t> number = {}) {
      out_ += "<li><a href=\"#" + std::string(id) + "\">" + std::string(title) +
              (number ? " <span class=\"number\">" + base::grouped(*number) + "</span>" : "") + "</a></li>\n";
    };
    entry("summary", "Summary");
    entry("failing", "What fails", with(Status::fail).size());
    if (!with(Status::excepted).empty() || !exception_notes(assessment_).empty()) {
      entry("excepted", "Fails, excepted", with(Status::excepted).size());
    }
    entry("provisions", "All provisions", assessment_.provisions.size());
    entry("plan", "Plan");
    entry("findings", "Findings", assessment_.findings.size());
    if (assessment_.threats) {
      entry("threats", "Threats", assessment_.threats->threats.size());
    }
    entry("conformance", "Conformance statement");
    if (!crosswalk_.empty()) {
      entry("crosswalk", "Other frameworks");
    }
    entry("inventory", "Inventory", assessment_.assets.size());
    entry("evidence", "Evidence");
    entry("assumptions", "Assumptions and notes", assessment_.assumptions.size() + assessment_.notes.size());
    entry("words", "What the words mean");
    out_ += "</ol></nav>\n";
  }

  void summary() {
    out_ += "<section id=\"summary\" aria-labelledby=\"summary-title\">\n<h1 id=\"summary-title\">" + name() +
            "</h1>\n<p class=\"muted\">Assessed against the " + t(catalog_.title) + " on " +
            base::to_iso8601(assessment_.time) + "</p>\n";
    std::string word(assess::to_string(assessment_.adherence));
    out_ += "<div class=\"card adherence " + slug(word) + "\">\n<p class=\"sentence\">" +
            base::markup_text(adherence_sentence(assessment_)) + "</p>\n<p class=\"muted small\">" +
            std::string(kDisclaimer) + "</p>\n</div>\n";
    counts();
    steps();
    std::string roles;
    for (const std::string& role : assessment_.roles) {
      roles += (roles.empty() ? "" : ", ") + base::markup_text(role_name(catalog_, role));
    }
    std::string editions;
    for (const catalog::Edition& edition : catalog_.editions) {
      editions += (editions.empty() ? "" : "<br>") + t(edition.title) + " <span class=\"muted\">(" +
                  t(edition.publisher) + (edition.published.empty() ? "" : ", " + t(edition.published)) + ")</span>";
    }
    out_ += "<h2 class=\"group\">What was read</h2>\n<div class=\"card\"><dl class=\"facts\">\n" +
            fact("Directory", path(assessment_.directory)) +
            fact("Files", base::markup_text(reading_in_words(assessment_))) +
            fact("Assets", base::markup_text(inventory_in_words(assessment_.asset_counts, options_.records))) +
            fact("Findings", assessment_.findings.empty() ? "none" : findings_in_words(assessment_.findings)) +
            fact("Roles", (roles.empty() ? "none" : roles) + (assessment_.declared
                                                                  ? " <span class=\"muted\">(declared)</span>"
                                                                  : " <span class=\"muted\">(assumed)</span>")) +
            fact("System file", assessment_.declared ? "ai-system.yaml was read"
                                                     : "there is none: what only people can state is inconclusive") +
            fact("Code", editions) + fact("Catalogue", t(catalog_.id) + " " + t(catalog_.version)) +
            "</dl></div>\n</section>\n";
  }

  void counts() {
    struct Column {
      std::string_view classes;
      std::string_view title;
    };
    constexpr std::array<Column, 6> kColumns = {{{"pass", "Pass, tested"},
                                                 {"attested", "Pass, attested"},
                                                 {"fail", "Fail"},
                                                 {"inconclusive", "Inconclusive"},
                                                 {"not-applicable", "Not applicable"},
                                                 {"excepted", "Excepted"}}};
    out_ +=
        "<div class=\"scroll\"><table class=\"counts stack\">\n<caption>Provisions by verb and verdict. What was "
        "tested "
        "and what was only stated are counted apart.</caption>\n<thead><tr><th scope=\"col\">Verb</th>"
        "<th scope=\"col\" class=\"bar-cell\"><span class=\"hidden-text\">Drawn</span></th>";
    for (const Column& column : kColumns) {
      out_ += "<th scope=\"col\" class=\"figure\"><span class=\"key key-" + std::string(column.classes) + "\"></span>" +
              std::string(column.title) + "</th>";
    }
    out_ += "<th scope=\"col\" class=\"figure\">All</th></tr></thead>\n<tbody>\n";
    for (const auto& [verb, counts] : assessment_.counts) {
      const std::array<std::uint64_t, 6> values = {counts.pass - std::min(counts.pass, counts.pass_attested),
                                                   counts.pass_attested,
                                                   counts.fail,
                                                   counts.inconclusive,
                                                   counts.not_applicable,
                                                   counts.excepted};
      std::uint64_t all = 0;
      std::string bar;
      std::string cells;
      for (std::size_t i = 0; i < values.size(); ++i) {
        all += values[i];
        cells += "<td class=\"figure" + std::string(values[i] == 0 ? " zero" : "") + "\" data-name=\"" +
                 std::string(kColumns[i].title) + "\">" + base::grouped(values[i]) + "</td>";
        if (values[i] != 0) {
          bar += "<span class=\"bar-" + std::string(kColumns[i].classes) +
                 "\" style=\"flex:" + std::to_string(values[i]) + "\"></span>";
        }
      }
      out_ += "<tr><th scope=\"row\">" + std::string(catalog::to_string(verb)) +
              "</th><td class=\"bar-cell\"><div class=\"bar\" aria-hidden=\"true\">" + bar + "</div></td>" + cells +
              "<td class=\"figure\" data-name=\"All\">" + base::grouped(all) + "</td></tr>\n";
    }
    out_ += "</tbody></table></div>\n";
    if (const std::string stale = stale_sentence(assessment_); !stale.empty()) {
      out_ += "<p class=\"stale\">" + base::markup_text(stale) + "</p>\n";
    }
    if (const std::string inherited = inherited_sentence(assessment_); !inherited.empty()) {
      out_ += "<p class=\"muted\">" + base::markup_text(inherited) + "</p>\n";
    }
  }

  void steps() {
    std::string list;
    for (const std::size_t place : assessment_.cheapest) {
      if (place >= assessment_.provisions.size()) {
        continue;
      }
      const assess::ProvisionResult& result = assessment_.provisions[place];
      list += "<li class=\"card\"><p><a class=\"ids\" href=\"#" + anchor(result.provision->id) + "\">" +
              t(result.provision->id) + "</a> <span class=\"verb\">" + t(result.provision->title) + "</span></p><p>" +
              t(result.next_step.empty() ? result.provision->requirement : result.next_step) + "</p></li>\n";
    }
    if (!list.empty()) {
      out_ += "<h2 class=\"group\">Next steps, cheapest first</h2>\n<ol class=\"steps\">\n" + list + "</ol>\n";
    }
  }

  [[nodiscard]] std::string ids(std::string_view id, const std::map<std::string, std::string>& by_edition) const {
    std::string out = "<span class=\"ids\">" + t(id);
    for (const auto& [edition, other] : other_ids(catalog_, id, by_edition)) {
      out += " <span class=\"other\">/ " + base::markup_text(edition) + " " + base::markup_text(other) + "</span>";
    }
    return out + "</span>";
  }

  [[nodiscard]] std::string listed(const assess::CheckResult& check, std::size_t most) const {
    const std::vector<assess::Observation>& all = observations(check);
    if (all.empty()) {
      return {};
    }
    std::string out = "<ul class=\"objections\">\n";
    const std::size_t shown = std::min(most, all.size());
    for (std::size_t i = 0; i < shown; ++i) {
      out += "<li>" + path(all[i].subject) +
             (all[i].place.empty() ? "" : " <span class=\"place\">" + t(all[i].place) + "</span>") +
             (all[i].reason.empty() ? "" : "<p>" + t(all[i].reason) + "</p>") + "</li>\n";
    }
    if (const std::uint64_t more = unlisted(check, shown); more != 0) {
      out += "<li class=\"muted\">and " + base::grouped(more) +
             " more: " + path(list_command(assessment_, check.check)) + "</li>\n";
    }
    return out + "</ul>\n";
  }

  void failing() {
    out_ += section("failing", "What fails");
    if (with(Status::fail).empty()) {
      out_ += "<p>No provision fails on the evidence that was read.</p>\n" + std::string(kEndOfSection);
      return;
    }
    for (const catalog::Verb verb : kVerbs) {
      bool first = true;
      for (const std::size_t place : with(Status::fail)) {
        const assess::ProvisionResult& result = assessment_.provisions[place];
        if (result.provision->verb != verb) {
          continue;
        }
        if (first) {
          out_ += "<h3 class=\"group\">" + capitalised(catalog::to_string(verb)) + "</h3>\n<p class=\"muted small\">" +
                  std::string(meaning(verb)) + "</p>\n";
          first = false;
        }
        failing(result);
      }
    }
    out_ += kEndOfSection;
  }

  // What fails and is accepted until a date, and exceptions that need somebody's eye.
  void excepted() {
    const std::vector<std::string> notes = exception_notes(assessment_);
    if (with(Status::excepted).empty() && notes.empty()) {
      return;
    }
    out_ += section("excepted", "Fails, excepted") + "<p class=\"muted\">" + std::string(meaning(Status::excepted)) +
            "</p>\n";
    for (const std::size_t place : with(Status::excepted)) {
      const assess::ProvisionResult& result = assessment_.provisions[place];
      out_ += "<article class=\"card\" id=\"excepted-" + slug(result.provision->id) + "\">\n<header><h3>" +
              t(result.provision->title) + "</h3>" + ids(result.provision->id, result.provision->ids) +
              pill(Status::excepted) + "</header>\n<p>" + t(result.reason) + "</p>\n<p>Excepted " +
              base::markup_text(exceptions_in_words(assessment_, result)) + "</p>\n</article>\n";
    }
    if (!notes.empty()) {
      out_ += "<ul>\n";
      for (const std::string& note : notes) {
        out_ += "<li>" + base::markup_text(capitalised(note)) + "</li>\n";
      }
      out_ += "</ul>\n";
    }
    out_ += kEndOfSection;
  }

  void failing(const assess::ProvisionResult& result) {
    const catalog::Provision& provision = *result.provision;
    out_ += "<article class=\"card failing\" id=\"fail-" + slug(provision.id) + "\">\n<header><h4>" +
            t(provision.title) + "</h4>" + ids(provision.id, provision.ids) + "<span class=\"verb\">" +
            base::markup_text(verbs(provision)) + "</span>" + pill(Status::fail) + "</header>\n<p class=\"muted\">" +
            t(provision.requirement) + "</p>\n";
    const auto failed = std::count_if(result.checks.begin(), result.checks.end(),
                                      [](const auto& check) { return check.verdict == assess::Verdict::fail; });
    bool repeated = false;
    if (failed == 0) {
      out_ += "<p>" + t(result.reason) + "</p>\n";
    }
    for (const assess::CheckResult& check : result.checks) {
      if (check.verdict != assess::Verdict::fail) {
        continue;
      }
      const auto [first, fresh] = listed_under_.emplace(check.check, &provision);
      if (!fresh) {
        repeated = true;
        out_ += "<p>" + t(check.title) + ": " + base::counted(unlisted(check, 0), "objection") +
                ", listed under <a href=\"#fail-" + slug(first->second->id) + "\">" + t(first->second->id) +
                "</a></p>\n";
        continue;
      }
      if (failed > 1) {
        out_ += "<p><span class=\"muted\">Expected, and not so:</span> <strong>" + t(check.title) + "</strong></p>\n";
      }
      out_ += check.violations.empty() ? "<p>" + t(check.reason) + "</p>\n" : listed(check, kShownFailing);
      if (failed > 1 && !check.remedy.empty()) {
        out_ += next(check.remedy);
      }
    }
    if (failed <= 1 && !repeated && !result.next_step.empty()) {
      out_ += next(result.next_step);
    }
    out_ += "<p class=\"small to-details\"><a href=\"#" + anchor(provision.id) +
            "\">What was looked at, and what it does not show<span class=\"hidden-text\">, for provision " +
            t(provision.id) + "</span></a></p>\n</article>\n";
  }

  static std::string next(std::string_view step) {
    return "<div class=\"next\"><p><strong>Next:</strong> " + t(step) + "</p></div>\n";
  }

  void filters() {
    const auto select = [&](std::string_view id, std::string_view title, const std::string& options) {
      out_ += "<label>" + std::string(title) + "<select name=\"" + std::string(id) +
              "\"><option value=\"\">All</option>" + options + "</select></label>\n";
    };
    const auto option = [](std::string_view value, std::string_view title) {
      return "<option value=\"" + slug(value) + "\">" + t(title) + "</option>";
    };
    std::string statuses;
    for (const Status known : kStatuses) {
      statuses += option(key(known), label(known));
    }
    std::string of_verbs;
    for (const catalog::Verb verb : kVerbs) {
      const std::string_view word = catalog::to_string(verb);
      if (std::any_of(assessment_.provisions.begin(), assessment_.provisions.end(),
                      [&](const auto& result) { return result.provision->verb == verb; })) {
        of_verbs += option(word, word);
      }
    }
    std::string principles;
    for (const catalog::Principle& principle : catalog_.principles) {
      principles += option(principle.id, principle.id + ". " + base::abbreviate(one_line(principle.title), 44));
    }
    std::string roles;
    for (const catalog::Role& role : catalog_.roles) {
      if (std::any_of(catalog_.provisions.begin(), catalog_.provisions.end(), [&](const catalog::Provision& provision) {
            return std::find(provision.actors.begin(), provision.actors.end(), role.id) != provision.actors.end();
          })) {
        roles += option(role.id, role.name);
      }
    }
    std::string strengths;
    for (const evidence::Strength strength : {evidence::Strength::executed, evidence::Strength::imported,
                                              evidence::Strength::attested, evidence::Strength::documented}) {
      strengths += option(evidence::to_string(strength), capitalised(evidence::to_string(strength)));
    }
    out_ +=
        "<form id=\"filters\" class=\"card filters\" role=\"search\" aria-label=\"Filter the provisions\" hidden>\n"
        "<label class=\"wide\">Search<input type=\"search\" name=\"search\" autocomplete=\"off\" "
        "placeholder=\"a word, an id, a path\"></label>\n";
    select("status", "Verdict", statuses);
    select("verb", "Verb", of_verbs);
    select("principle", "Principle", principles);
    select("actors", "Addressed to", roles);
    select("strength", "Evidence", strengths);
    out_ +=
        "<button type=\"reset\">Clear</button>\n<button type=\"button\" data-open=\"yes\">Expand all</button>\n"
        "<button type=\"button\" data-open=\"no\">Collapse all</button>\n"
        "<p class=\"shown\" id=\"shown\" role=\"status\"></p>\n</form>\n";
  }

  void provisions() {
    out_ += section("provisions", "All provisions");
    out_ +=
        "<p class=\"muted\">Every provision of the Code with its verdict, what the verdict rests on and what it leaves "
        "open. Requirements are given in Surety's own words; the published text decides.</p>\n";
    filters();
    for (std::size_t i = 0; i < assessment_.provisions.size();) {
      const std::string& id = assessment_.provisions[i].provision->principle;
      std::string entries;
      std::array<std::size_t, kStatusCount> tally{};
      for (; i < assessment_.provisions.size() && assessment_.provisions[i].provision->principle == id; ++i) {
        entries += provision(assessment_.provisions[i]);
        ++tally[static_cast<std::size_t>(status(assessment_.provisions[i]))];
      }
      const catalog::Principle* known = principle(catalog_, id);
      std::string others;
      if (known != nullptr) {
        for (const auto& [edition, other] : other_ids(catalog_, known->id, known->ids)) {
          others += " <span class=\"muted\">" + base::markup_text(edition) + " " + base::markup_text(other) + "</span>";
        }
      }
      std::string sums;
      for (const Status each : kStatuses) {
        if (const std::size_t count = tally[static_cast<std::size_t>(each)]; count != 0) {
          sums += (sums.empty() ? "" : ", ") + std::to_string(count) + " " + base::to_lower(label(each));
        }
      }
      out_ += "<section class=\"principle\">\n<h3>Principle " + t(id) +
              (known == nullptr ? "" : ": " + t(known->title)) + others + "</h3>\n<p class=\"muted small\">" + sums +
              "</p>\n<div class=\"provisions\">\n" + entries + "</div>\n</section>\n";
    }
    out_ += kEndOfSection;
  }

  [[nodiscard]] std::string provision(const assess::ProvisionResult& result) const {
    const catalog::Provision& provision = *result.provision;
    const Status shown = status(result);
    std::string actors;
    std::string actor_words;
    for (const std::string& actor : provision.actors) {
      actors += (actors.empty() ? "" : ", ") + base::markup_text(role_name(catalog_, actor));
      actor_words += (actor_words.empty() ? "" : " ") + slug(actor);
    }
    if (!provision.actors_note.empty()) {
      actors += " <span class=\"muted\">(" + t(provision.actors_note) + ")</span>";
    }
    std::string out =
        "<details class=\"provision\" id=\"" + anchor(provision.id) + "\" data-provision=\"" + slug(provision.id) +
        "\" data-status=\"" + slug(key(shown)) + "\" data-verdict=\"" + slug(assess::to_string(result.verdict)) +
        (result.stale ? "\" data-stale=\"yes" : "") + "\" data-verb=\"" +
        std::string(catalog::to_string(provision.verb)) + "\" data-principle=\"" + slug(provision.principle) +
        "\" data-actors=\"" + actor_words + "\" data-strength=\"" +
        (result.strength ? std::string(evidence::to_string(*result.strength)) : std::string()) + "\">\n" + "<summary>" +
        ids(provision.id, provision.ids) + "<span class=\"verb\">" + std::string(catalog::to_string(provision.verb)) +
        "</span><span class=\"title\">" + t(provision.title) + "</span><span class=\"marks\">" +
        (result.stale ? pill("stale", "Stale") + " " : "") + pill(shown) + "</span></summary>\n<div class=\"body\">\n" +
        "<p class=\"requirement\">" + t(provision.requirement) + "</p>\n<dl class=\"facts\">\n";
    // Where no check settles it, the reason goes on to say what would; that has a line of its own here.
    out += fact(label(shown), lacks_checks(result) ? "no check settles this yet" : t(result.reason));
    std::string changes;
    for (const assess::Observation& change : result.changes) {
      changes += "<li>" + path(change.subject) +
                 (change.place.empty() ? "" : " <span class=\"place\">" + t(change.place) + "</span>") + " " +
                 t(change.reason) + "</li>";
    }
    out += fact("Excepted", base::markup_text(exceptions_in_words(assessment_, result)));
    out += fact("What changed", changes.empty() ? changes : element("ul", changes));
    out += fact("Rests on", result.strength ? base::markup_text(evidence::to_string(*result.strength)) +
                                                  (result.attested_by.empty() ? "" : ": " + t(result.attested_by))
                                            : t(result.attested_by));
    out += fact("Rule", t(result.rule));
    if (shown == Status::inconclusive) {
      out += fact("Would settle it", t(provision.evidence));
    }
    out += fact("Next step", t(result.next_step)) + fact("In practice", t(provision.meaning)) +
           fact("Verb", provision.also.empty() ? std::string() : base::markup_text(verbs(provision))) +
           fact("Addressed to", actors) + fact("Phase", t(provision.phase)) + fact("Note", t(provision.note)) +
           "</dl>\n";
    out += "<h4>What was looked at</h4>\n";
    if (result.checks.empty()) {
      out += "<p class=\"muted\">No check looks at this provision yet.</p>\n";
    }
    for (const assess::CheckResult& check : result.checks) {
      out += check_card(check);
    }
    return out + "</div>\n</details>\n";
  }

  [[nodiscard]] std::string check_card(const assess::CheckResult& check) const {
    std::string out = "<div class=\"check\">\n<p class=\"head\"><strong>" + t(check.title) + "</strong>" +
                      pill(status(check)) + "<span class=\"muted small\">" + path(one_line(check.check)) +
                      (check.severity.empty() ? "" : ", " + t(check.severity)) + ", evidence " +
                      base::markup_text(evidence::to_string(check.strength)) +
                      (check.settles ? "" : "; it can only refute, not settle") + "</span></p>\n";
    std::string subjects;
    for (const std::string& subject : check.examined) {
      subjects += path(subject);
    }
    if (!subjects.empty()) {
      subjects = "<span class=\"subjects\">" + subjects + "</span>";
      if (check.subjects > check.examined.size()) {
        subjects +=
            " <span class=\"muted\">and " + base::grouped(check.subjects - check.examined.size()) + " more</span>";
      }
    }
    out += "<dl class=\"facts\">\n" + fact("Result", t(check.reason)) +
           fact("Looked at", subjects.empty() ? base::counted(check.subjects, "subject") : subjects) +
           fact("Stated by", t(check.attested_by)) + fact("A pass shows", t(check.proves)) +
           fact("It does not show", t(check.limits)) +
           (check.verdict == assess::Verdict::fail ? fact("Remedy", t(check.remedy)) : std::string()) + "</dl>\n";
    return out + listed(check, kShownDetails) + "</div>\n";
  }

  void table_filter(std::string_view table, std::string_view title, std::size_t rows) {
    if (rows > 5) {
      out_ += "<div class=\"filters card\" data-filters-table=\"" + std::string(table) +
              "\" hidden><label class=\"wide\">" + std::string(title) +
              "<input type=\"search\" autocomplete=\"off\"></label>"
              "<p class=\"shown\" role=\"status\"></p></div>\n";
    }
  }

  void capped(std::size_t rows) {
    if (rows > kMaxRows) {
      out_ += "<p class=\"muted\">The first " + base::grouped(kMaxRows) + " of " + base::grouped(rows) +
              " rows are shown; <code>surety assess --format json</code> holds all.</p>\n";
    }
  }

  void findings() {
    out_ += section("findings", "Findings in files");
    if (assessment_.findings.empty()) {
      out_ += "<p>Nothing was found in the files that were examined.</p>\n" + std::string(kEndOfSection);
      return;
    }
    capped(assessment_.findings.size());
    table_filter("findings-table", "Search the findings", assessment_.findings.size());
    out_ +=
        "<div class=\"scroll\"><table id=\"findings-table\" class=\"stack\">\n<caption>What the scanner objects to, "
        "most "
        "severe first. A finding keeps its id as long as rule, place and content stay the same.</caption>\n"
        "<thead><tr><th scope=\"col\">Severity</th><th scope=\"col\">Where</th><th scope=\"col\">What</th>"
        "<th scope=\"col\">Rule and references</th></tr></thead>\n<tbody>\n";
    for (std::size_t i = 0; i < std::min(kMaxRows, assessment_.findings.size()); ++i) {
      const evidence::Finding& finding = assessment_.findings[i];
      const std::string severity(evidence::to_string(finding.severity));
      std::vector<std::string> references;
      for (const auto* list : {&finding.cwe, &finding.atlas, &finding.owasp}) {
        references.insert(references.end(), list->begin(), list->end());
      }
      out_ +=
          "<tr><td>" + pill(slug(severity), capitalised(severity)) + "</td><td data-name=\"Where\">" +
          path(finding.path) +
          (finding.place.empty() ? "" : "<br><span class=\"muted\">" + t(finding.place) + "</span>") +
          "</td><td data-name=\"What\">" + t(finding.message) +
          (finding.subject.empty() ? "" : "<br>" + path(base::abbreviate(base::printable(finding.subject), 200))) +
          (finding.remedy.empty() ? "" : "<p class=\"small\"><strong>Next:</strong> " + t(finding.remedy) + "</p>") +
          "</td><td data-name=\"Rule\" class=\"small\">" + t(finding.rule) + "<br><span class=\"muted\">" +
          t(finding.id) + (references.empty() ? "" : "<br>" + t(base::join(references, ", "))) + "</span></td></tr>\n";
    }
    out_ += "</tbody></table></div>\n" + std::string(kEndOfSection);
  }

  void plan() {
    out_ += section("plan", "Plan", Fold::closed) + plan_section(assessment_) + std::string(kEndOfSection);
  }

  void conformance() {
    out_ += section("conformance", "Conformance statement", Fold::closed) + conformance_section(assessment_, options_) +
            std::string(kEndOfSection);
  }

  void crosswalk() {
    if (!crosswalk_.empty()) {
      out_ += section("crosswalk", "Other frameworks", Fold::closed) + crosswalk_ + std::string(kEndOfSection);
    }
  }

  void threat_model() {
    if (!assessment_.threats) {
      return;
    }
    out_ += section("threats", "Threats") + threats::render_section(*assessment_.threats, assessment_.system_name) +
            std::string(kEndOfSection);
  }

  void inventory() {
    out_ += section("inventory", "Inventory", Fold::closed);
    if (assessment_.assets.empty()) {
      out_ += "<p>No assets were discovered.</p>\n" + std::string(kEndOfSection);
      return;
    }
    capped(assessment_.assets.size());
    table_filter("inventory-table", "Search the inventory", assessment_.assets.size());
    out_ +=
        "<div class=\"scroll\"><table id=\"inventory-table\" class=\"stack\">\n<caption>What was discovered, by "
        "content "
        "rather than by name. Of each SHA-256 digest the first 16 digits are shown; the JSON result holds it whole."
        "</caption>\n<thead><tr><th scope=\"col\">Kind</th><th scope=\"col\">Path</th>"
        "<th scope=\"col\" class=\"figure\">Size</th><th scope=\"col\">Recognised as</th>"
        "<th scope=\"col\">SHA-256</th></tr></thead>\n<tbody>\n";
    for (std::size_t i = 0; i < std::min(kMaxRows, assessment_.assets.size()); ++i) {
      const evidence::Asset& each = assessment_.assets[i];
      std::string notes;
      for (const std::string& note : each.notes) {
        notes += "<br><span class=\"small\">Note: " + t(note) + "</span>";
      }
      std::string how = t(each.recognised_by);
      if (each.confidence != evidence::Confidence::high) {
        how += (how.empty() ? "" : "; ") + base::markup_text(evidence::to_string(each.confidence)) + " confidence";
      }
      out_ += "<tr><td>" + t(evidence::to_string(each.kind)) + "</td><td data-name=\"Path\">" + path(each.path) +
              (each.line == 0 ? "" : " <span class=\"muted\">line " + std::to_string(each.line) + "</span>") + notes +
              "</td><td class=\"figure\" data-name=\"Size\">" + base::human_bytes(each.size_bytes) +
              "</td><td data-name=\"Recognised as\">" + t(each.format) +
              (how.empty() ? "" : (each.format.empty() ? "" : "<br>") + element("span", how, "muted small")) +
              "</td><td data-name=\"SHA-256\">" +
              (each.sha256.is_set() ? path(each.sha256.hex().substr(0, 16)) : std::string("not read")) + "</td></tr>\n";
    }
    out_ += "</tbody></table></div>\n" + std::string(kEndOfSection);
  }

  void evidence() {
    out_ += section("evidence", "Evidence", Fold::closed);
    out_ +=
        "<p>Everything that was learnt is recorded as evidence in a ledger that only grows: a Merkle tree whose head "
        "is "
        "the checkpoint below. Keep a copy of the checkpoint elsewhere. Whoever holds it can tell, from the ledger, "
        "whether any record was changed, removed, reordered or cut off since.</p>\n";
    if (assessment_.checkpoint.empty()) {
      out_ += "<p>This result was computed without a ledger, so there is no checkpoint.</p>\n";
    } else {
      std::string lines;
      for (const std::string_view line : base::split(assessment_.checkpoint, '\n')) {
        lines += base::markup_text(line) + "\n";
      }
      while (lines.ends_with("\n\n")) {
        lines.pop_back();
      }
      out_ += "<h3 class=\"group\">Checkpoint</h3>\n<pre class=\"checkpoint\">" + lines +
              "</pre>\n<p><code>surety log verify</code> "
              "recomputes every hash and compares.</p>\n";
    }
    out_ +=
        "<h3 class=\"group\">How strong evidence is</h3>\n<p class=\"muted\">A pass is as strong as the weakest "
        "evidence "
        "it rests on.</p>\n<dl class=\"words\">\n";
    for (const evidence::Strength strength : {evidence::Strength::executed, evidence::Strength::imported,
                                              evidence::Strength::attested, evidence::Strength::documented}) {
      out_ += "<dt><strong>" + capitalised(evidence::to_string(strength)) + "</strong></dt><dd>" +
              std::string(meaning(strength)) + "</dd>\n";
    }
    out_ += "</dl>\n" + std::string(kEndOfSection);
  }

  void list(std::string_view title, const std::vector<std::string>& entries, std::string_view none) {
    out_ += "<h3 class=\"group\">" + std::string(title) + "</h3>\n";
    if (entries.empty()) {
      out_ += "<p class=\"muted\">" + std::string(none) + "</p>\n";
      return;
    }
    out_ += "<ul>\n";
    for (std::size_t i = 0; i < std::min(kMaxRows, entries.size()); ++i) {
      out_ += "<li>" + t(entries[i]) + "</li>\n";
    }
    out_ += "</ul>\n";
    capped(entries.size());
  }

  void assumptions() {
    out_ += section("assumptions", "Assumptions and notes", Fold::closed);
    list("Assumed, since no ai-system.yaml says otherwise", assessment_.assumptions, "Nothing was assumed.");
    list("Noted while reading", assessment_.notes, "Nothing unusual was met.");
    out_ += kEndOfSection;
  }

  void words() {
    out_ += section("words", "What the words mean", Fold::closed) +
            "<h3 class=\"group\">Verdicts</h3>\n<dl class=\"words\">\n";
    for (const Status each : kStatuses) {
      out_ += "<dt>" + pill(each) + "</dt><dd>" + std::string(meaning(each)) + "</dd>\n";
    }
    out_ += "<dt>" + pill("stale", "Stale") + "</dt><dd>" + std::string(kStaleMeaning) +
            "</dd>\n</dl>\n"
            "<h3 class=\"group\">Verbs</h3>\n<dl class=\"words\">\n";
    for (const catalog::Verb verb : kVerbs) {
      out_ += "<dt><strong>" + capitalised(catalog::to_string(verb)) + "</strong></dt><dd>" +
              std::string(meaning(verb)) + "</dd>\n";
    }
    out_ += "</dl>\n";
    std::string roles;
    for (const catalog::Role& role : catalog_.roles) {
      if (!role.definition.empty()) {
        roles += "<dt><strong>" + t(role.name) + "</strong></dt><dd>" + t(role.definition) + "</dd>\n";
      }
    }
    if (!roles.empty()) {
      out_ += "<h3 class=\"group\">Roles</h3>\n<dl class=\"words\">\n" + roles + "</dl>\n";
    }
    out_ += kEndOfSection;
  }

  void foot() {
    out_ += "<footer class=\"foot\"><p>Made by Surety " + t(assessment_.tool_version) + " on " +
            base::to_iso8601(assessment_.time) + "; exit code " + std::to_string(options_.exit_code) + ". " +
            std::string(kDisclaimer) + "</p></footer>\n<script>";
    out_ += asset("html/report.js");
    out_ += "</script>\n</body>\n</html>\n";
  }

  const assess::Assessment& assessment_;
  const catalog::Catalog& catalog_;
  const Options& options_;
  std::string crosswalk_;  ///< Inside of its section; empty where there is none.
  std::array<std::vector<std::size_t>, kStatusCount> places_;
  std::map<std::string, const catalog::Provision*>
      listed_under_;  ///< Failing check -> where its objections are listed.
  std::string out_;
};

}  // namespace

std::string render_html(const assess::Assessment& assessment, const Options& options) {
  return HtmlReport(assessment, options).render();
}

}  // namespace report
