#include "catalog/explain.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/text.h"
#include "catalog/guides.h"
#include "catalog/page.h"

namespace catalog {
namespace {

using base::Errc;
using base::Error;
using base::Result;

std::string sentence_start(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') {
    text[0] = static_cast<char>(text[0] - 'a' + 'A');
  }
  return text;
}

std::string meaning_of(const Meanings& meanings, const std::string& key) {
  const auto found = meanings.find(key);
  return found == meanings.end() ? key : key + ": " + found->second;
}

std::string verbs_of(const Provision& provision) {
  std::string out(to_string(provision.verb));
  for (std::size_t i = 0; i < provision.also.size(); ++i) {
    out += i == 0 ? "; on a part of it " : ", ";
    out += to_string(provision.also[i]);
  }
  return out;
}

void editions_of(const Catalog& catalog, const std::map<std::string, std::string>& ids, Page& page) {
  for (const Edition& edition : catalog.editions) {
    const auto found = ids.find(edition.id);
    page.field(edition.short_name, found == ids.end() ? "-" : found->second);
  }
}

// The rules that can take the provision out.
void rules_of(const Catalog& catalog, const Provision& provision, Page& page) {
  bool any = false;
  for (const ApplicabilityRule& rule : catalog.applicability) {
    const bool concerned = std::any_of(rule.provisions.begin(), rule.provisions.end(),
                                       [&](const std::string& id) { return id == "*" || id == provision.id; });
    const bool always =
        rule.by_actor && std::any_of(provision.actors.begin(), provision.actors.end(), [&](const auto& id) {
          const Role* role = catalog.find_role(id);
          return role != nullptr && role->everyone;
        });
    if (!concerned || always) {
      continue;
    }
    if (!any) {
      page.heading("When it does not apply");
      any = true;
    }
    page.item(rule.reason + " (rule " + rule.id + ")");
  }
}

void check_summary(const Check& check, Page& page) {
  page.item(check.id + ": " + check.title);
  page.paragraph("A pass shows: " + check.proves, 4);
  page.paragraph("It does not show: " + check.limits, 4);
  if (!check.settles) {
    page.paragraph("It can only refute: finding nothing does not settle the provision.", 4);
  }
}

std::string provision_page(const Catalog& catalog, const Provision& provision, const Alias* alias,
                           std::string_view topic, std::size_t columns) {
  Page page(columns);
  if (alias != nullptr) {
    page.paragraph(alias->id + " is " + provision.id + " here" + (alias->note.empty() ? "" : ": " + alias->note) + ".",
                   0);
    page.heading(provision.id + "  " + provision.title);
  } else {
    page.title(provision.id + "  " + provision.title);
  }
  editions_of(catalog, provision.ids, page);
  const Principle* principle = catalog.find_principle(provision.principle);
  page.field("Principle", provision.principle + (principle != nullptr ? ", " + principle->title : ""));
  page.field("Phase", provision.phase);
  page.field("Verb", verbs_of(provision));
  page.field("Addressed to", catalog.role_names(provision.actors) +
                                 (provision.actors_note.empty() ? "" : " (" + provision.actors_note + ")"));
  if (!provision.parent.empty()) {
    page.field("Belongs to", provision.parent);
  }
  page.heading("Requirement, in our own words");
  page.paragraph(provision.requirement);
  page.heading("What it means");
  page.paragraph(provision.meaning);
  page.heading("What to do first");
  page.paragraph(provision.next_step);
  page.heading("Evidence that answers it");
  page.paragraph(provision.evidence);
  if (const auto found = catalog.checkability.find(provision.checkability); found != catalog.checkability.end()) {
    page.paragraph(sentence_start(found->second) + ".");
  }
  page.heading("Checks");
  bool any = false;
  for (const Check& check : catalog.checks) {
    if (std::find(check.provisions.begin(), check.provisions.end(), provision.id) != check.provisions.end()) {
      check_summary(check, page);
      any = true;
    }
  }
  if (!any) {
    page.paragraph("None yet: the verdict stays inconclusive. The evidence above would settle it.");
  }
  rules_of(catalog, provision, page);
  if (!provision.note.empty()) {
    page.heading("Note");
    page.paragraph(sentence_start(provision.note));
  }
  if (!provision.confidence.empty() || !provision.basis.empty()) {
    page.heading("How well the wording is known");
    if (!provision.confidence.empty()) {
      page.paragraph(sentence_start(meaning_of(catalog.confidence, provision.confidence)) + ".");
    }
    if (!provision.basis.empty()) {
      page.paragraph("It rests on:");
      for (const std::string& basis : provision.basis) {
        const auto found = catalog.basis.find(basis);
        page.item(found == catalog.basis.end() ? basis : found->second);
      }
    }
  }
  any = false;
  for (const Alias& other : catalog.aliases) {
    if (other.provision == provision.id) {
      if (!any) {
        page.heading("Other numbers");
        any = true;
      }
      page.item(other.id + (other.note.empty() ? "" : ": " + other.note));
    }
  }
  if (const Guidance guidance = guidance_or_none(catalog); guidance.by_provision.contains(provision.id)) {
    page.heading("In the four scenarios");
    for (const Scenario& scenario : guidance.scenarios) {
      const auto& texts = guidance.by_provision.at(provision.id);
      if (const auto found = texts.find(scenario.id); found != texts.end()) {
        page.item(scenario.title + ": " + found->second);
      }
    }
  }
  page.heading("Sources");
  for (const Edition& edition : catalog.editions) {
    const auto found = provision.ids.find(edition.id);
    page.item(edition.title + ", " + edition.published + (found == provision.ids.end() ? "" : ", " + found->second));
  }
  // "5.3.1" can be a provision in one edition and a principle's clause in another.
  if (const Principle* other = catalog.find_principle(topic); other != nullptr) {
    page.heading(std::string(topic) + " is also the clause of principle " + other->id +
                 " in another edition: explain P" + other->id + ".");
  }
  return std::move(page).text();
}

// "  7.2.1   shall   Mitigations …"
void list_entry(const Provision& provision, Page& page) {
  std::string label = "  " + provision.id;
  label.resize(std::max<std::size_t>(label.size() + 1, 10), ' ');
  page.field(label + std::string(to_string(provision.verb)), provision.title, 18);
}

std::string principle_page(const Catalog& catalog, const Principle& principle, std::size_t columns) {
  Page page(columns);
  page.title("Principle " + principle.id + "  " + principle.title);
  editions_of(catalog, principle.ids, page);
  page.field("Phase", principle.phase);
  if (!principle.actors.empty()) {
    page.field("Mainly for", catalog.role_names(principle.actors) +
                                 (principle.actors_note.empty() ? "" : " (" + principle.actors_note + ")"));
  }
  page.heading("What it means");
  page.paragraph(principle.meaning);
  page.heading("Provisions");
  for (const Provision& provision : catalog.provisions) {
    if (provision.principle == principle.id) {
      list_entry(provision, page);
    }
  }
  return std::move(page).text();
}

void term_entry(const Catalog& catalog, const Term& term, Page& page) {
  page.heading(term.term);
  page.paragraph(term.definition);
  page.paragraph(
      "Word from: " + term.source + "." +
      (term.confidence.empty() ? "" : " Confidence: " + meaning_of(catalog.confidence, term.confidence) + "."));
}

std::string glossary_page(const Catalog& catalog, std::size_t columns) {
  Page page(columns);
  page.title("Glossary, in our own words");
  std::vector<const Term*> terms;
  for (const Term& term : catalog.glossary) {
    terms.push_back(&term);
  }
  std::sort(terms.begin(), terms.end(),
            [](const Term* a, const Term* b) { return base::to_lower(a->term) < base::to_lower(b->term); });
  for (const Term* term : terms) {
    page.heading(term->term);
    page.paragraph(term->definition);
    page.paragraph("(" + term->source + ")");
  }
  return std::move(page).text();
}

std::string term_page(const Catalog& catalog, const Term& term, std::size_t columns) {
  Page page(columns);
  page.title("A word of the glossary");
  term_entry(catalog, term, page);
  return std::move(page).text();
}

void role_entry(const Catalog& catalog, const Role& role, Page& page) {
  page.heading(role.name + " (" + role.id + ")");
  page.paragraph(role.definition);
  std::string list;
  for (const Provision& provision : catalog.provisions) {
    if (std::find(provision.actors.begin(), provision.actors.end(), role.id) != provision.actors.end()) {
      list += (list.empty() ? "" : ", ") + provision.id;
    }
  }
  if (!list.empty()) {
    page.paragraph("Addressed in: " + list + ".");
  }
}

std::string roles_page(const Catalog& catalog, std::size_t columns) {
  Page page(columns);
  page.title("Roles: to whom the provisions are addressed");
  for (const Role& role : catalog.roles) {
    role_entry(catalog, role, page);
  }
  if (!catalog.role_notes.empty()) {
    page.heading("To note");
    for (const std::string& note : catalog.role_notes) {
      page.item(note);
    }
  }
  return std::move(page).text();
}

std::string role_page(const Catalog& catalog, const Role& role, std::size_t columns) {
  Page page(columns);
  page.title("A role");
  role_entry(catalog, role, page);
  return std::move(page).text();
}

std::string editions_page(const Catalog& catalog, std::size_t columns) {
  Page page(columns);
  page.title("Editions: where the provisions are published, and how each numbers them");
  for (const Edition& edition : catalog.editions) {
    page.heading(edition.short_name + " (" + edition.id + ")");
    page.paragraph(edition.title + ". " + edition.publisher + ", " + edition.published + ".");
    page.paragraph(edition.id_rule);
    if (!edition.note.empty()) {
      page.paragraph(edition.note);
    }
  }
  if (!catalog.numbering_notes.empty()) {
    page.heading("Numbering");
    for (const std::string& note : catalog.numbering_notes) {
      page.item(note);
    }
  }
  if (!catalog.aliases.empty()) {
    page.heading("Other numbers");
    for (const Alias& alias : catalog.aliases) {
      page.field("  " + alias.id,
                 (alias.provision.empty() ? "gone" : alias.provision) + (alias.note.empty() ? "" : "  " + alias.note),
                 18);
    }
  }
  page.heading("Sources");
  for (const std::string& source : catalog.sources) {
    page.item(source);
  }
  return std::move(page).text();
}

std::string checks_page(const Catalog& catalog, std::size_t columns) {
  Page page(columns);
  page.title("Checks: " + base::counted(catalog.checks.size(), "query over the evidence", "queries over the evidence"));
  for (const Check& check : catalog.checks) {
    page.heading(check.id + " (" + base::join(check.provisions, ", ") + ")");
    page.paragraph(check.title);
  }
  return std::move(page).text();
}

std::string check_page(const Catalog& catalog, const Check& check, std::size_t columns) {
  Page page(columns);
  page.title("Check " + check.id);
  page.paragraph(check.title, 0);
  page.heading("Bears on");
  for (const std::string& id : check.provisions) {
    const Provision* provision = catalog.find_provision(id);
    page.item(id +
              (provision != nullptr ? ", " + std::string(to_string(provision->verb)) + ": " + provision->title : ""));
  }
  page.heading("How it counts");
  page.field("  Severity", check.severity);
  page.field("  Evidence", check.strength);
  page.field("  Settles", check.settles ? "yes: a pass counts as the provision met, as far as this check goes"
                                        : "no: a violation refutes the provision, finding none shows nothing");
  page.heading("What a pass shows");
  page.paragraph(check.proves);
  page.heading("What it does not show");
  page.paragraph(check.limits);
  page.heading("What to do about a violation");
  page.paragraph(check.remedy);
  if (!check.missing.empty()) {
    page.heading("It cannot tell without its evidence");
    page.paragraph(check.missing);
  }
  if (!check.empty_reason.empty()) {
    page.heading(check.empty == "not-applicable" ? "Not applicable without a subject"
                                                 : "Inconclusive without a subject");
    page.paragraph(check.empty_reason);
  }
  for (const auto& [name, sql] :
       {std::pair{"requires", &check.requires_sql}, std::pair{"subjects", &check.subjects_sql},
        std::pair{"violations", &check.violations_sql}, std::pair{"inconclusive", &check.inconclusive_sql},
        std::pair{"stale", &check.stale_sql}}) {
    if (!sql->empty()) {
      page.heading("SQL: " + std::string(name));
      page.literal(*sql);
    }
  }
  page.heading("From " + check.file + ", line " + std::to_string(check.line));
  return std::move(page).text();
}

void rule_entry(const ApplicabilityRule& rule, Page& page) {
  page.heading(rule.id + " (" + base::join(rule.provisions, ", ") + ")");
  page.paragraph(rule.reason);
}

std::string rules_page(const Catalog& catalog, std::size_t columns) {
  Page page(columns);
  page.title("When a provision does not apply: only by one of these rules");
  for (const ApplicabilityRule& rule : catalog.applicability) {
    rule_entry(rule, page);
  }
  return std::move(page).text();
}

std::string rule_page(const ApplicabilityRule& rule, std::size_t columns) {
  Page page(columns);
  page.title("A rule of applicability");
  rule_entry(rule, page);
  if (!rule.sql.empty()) {
    page.heading("SQL");
    page.literal(rule.sql);
  }
  if (!rule.contradicted_sql.empty()) {
    page.heading("SQL: what contradicts it");
    page.literal(rule.contradicted_sql);
  }
  return std::move(page).text();
}

std::string verb_page(const Catalog& catalog, Verb verb, const std::string& meaning, std::size_t columns) {
  Page page(columns);
  page.title("The verb " + std::string(to_string(verb)));
  page.paragraph(meaning);
  const auto count = std::count_if(catalog.provisions.begin(), catalog.provisions.end(),
                                   [&](const Provision& provision) { return provision.verb == verb; });
  page.paragraph(base::counted(static_cast<std::uint64_t>(count), "provision has", "provisions have") +
                 " it as the strongest verb.");
  return std::move(page).text();
}

std::string topics_page(const Catalog& catalog, std::size_t columns) {
  Page page(columns);
  page.title(catalog.title + ": what can be explained");
  for (const Principle& principle : catalog.principles) {
    page.heading("P" + principle.id + "  " + principle.title);
    for (const Provision& provision : catalog.provisions) {
      if (provision.principle == principle.id) {
        list_entry(provision, page);
      }
    }
  }
  page.heading("Also");
  page.field("  editions", "where the provisions are published, their numbers, sources");
  page.field("  roles", "to whom they are addressed; or one role, such as " +
                            (catalog.roles.empty() ? std::string("a role's id") : catalog.roles.front().id));
  page.field("  glossary", "the words used; or one of them");
  page.field("  checks", "all checks; or the id of one");
  page.field("  applicability", "when a provision does not apply; or the id of a rule", kLabelColumns + 2);
  return std::move(page).text();
}

struct WholePage {
  std::string_view topic;
  std::string (*page)(const Catalog& catalog, std::size_t columns);
};
constexpr WholePage kWholePages[] = {{"glossary", glossary_page},   {"roles", roles_page},
                                     {"editions", editions_page},   {"checks", checks_page},
                                     {"applicability", rules_page}, {"topics", topics_page}};

// What can be typed, for "did you mean".
std::vector<std::string> all_topics(const Catalog& catalog) {
  std::vector<std::string> out;
  for (const WholePage& whole : kWholePages) {
    out.emplace_back(whole.topic);
  }
  for (const Term& term : catalog.glossary) {
    out.push_back(term.term);
  }
  for (const Check& check : catalog.checks) {
    out.push_back(check.id);
  }
  for (const Role& role : catalog.roles) {
    out.push_back(role.id);
    out.push_back(role.name);
  }
  for (const ApplicabilityRule& rule : catalog.applicability) {
    out.push_back(rule.id);
  }
  for (const Provision& provision : catalog.provisions) {
    for (const auto& [edition, id] : provision.ids) {
      out.push_back(id);
    }
  }
  for (const Alias& alias : catalog.aliases) {
    out.push_back(alias.id);
  }
  return out;
}

}  // namespace

Result<std::string> explain(const Catalog& catalog, std::string_view topic, std::size_t columns) {
  topic = base::trim(topic);
  if (topic.empty()) {
    return topics_page(catalog, columns);
  }
  for (const WholePage& whole : kWholePages) {
    if (base::equals_ignoring_case(topic, whole.topic)) {
      return whole.page(catalog, columns);
    }
  }
  if (const Provision* provision = catalog.find_provision(topic); provision != nullptr) {
    return provision_page(catalog, *provision, catalog.find_alias(topic), topic, columns);
  }
  if (const Principle* principle = catalog.find_principle(topic); principle != nullptr) {
    return principle_page(catalog, *principle, columns);
  }
  if (const Alias* alias = catalog.find_alias(topic); alias != nullptr) {
    Page page(columns);
    page.title(alias->id + " is no provision any more: " + alias->note + ".");
    return std::move(page).text();
  }
  for (const auto& [verb, meaning] : catalog.verbs) {
    if (base::equals_ignoring_case(topic, to_string(verb))) {
      return verb_page(catalog, verb, meaning, columns);
    }
  }
  for (const Role& role : catalog.roles) {
    if (base::equals_ignoring_case(topic, role.id) || base::equals_ignoring_case(topic, role.name)) {
      return role_page(catalog, role, columns);
    }
  }
  for (const Term& term : catalog.glossary) {
    if (base::equals_ignoring_case(topic, term.term)) {
      return term_page(catalog, term, columns);
    }
  }
  if (const Check* check = catalog.find_check(topic); check != nullptr) {
    return check_page(catalog, *check, columns);
  }
  for (const ApplicabilityRule& rule : catalog.applicability) {
    if (rule.id == topic) {
      return rule_page(rule, columns);
    }
  }
  const std::vector<std::string> topics = all_topics(catalog);
  const auto meant = base::closest(topic, std::vector<std::string_view>(topics.begin(), topics.end()));
  return Error{Errc::not_found, "nothing is called \"" + base::abbreviate(base::printable(topic), 80) + "\" here" +
                                    (meant ? "; did you mean \"" + std::string(*meant) + "\"?"
                                           : "; `surety explain` lists what there is")};
}

namespace {

void relation_entry(const Crosswalk& crosswalk, const Relation& relation, Page& page) {
  page.item(relation.provision + " " + relation.kind + " " + relation.target + " (" + crosswalk.title + " " +
            crosswalk.version + "; confidence " + relation.confidence + ", source: " + relation.source + ")");
  page.paragraph(relation.why, 6);
}

constexpr std::string_view kRelationNote =
    "Relations help to find one's way in another framework. None of them raises a verdict: meeting the target does not "
    "show "
    "that the provision is met, nor the reverse. The relation is that of the provision to the target: equal, subset "
    "(what "
    "the provision asks is part of what the target asks), superset (the reverse), intersects (they share a part).";

}  // namespace

Result<std::string> explain_relations(const Catalog& catalog, std::string_view topic, std::size_t columns) {
  const std::vector<Crosswalk> crosswalks = TRY(load_crosswalks(catalog));
  topic = base::trim(topic);
  Page page(columns);
  if (topic.empty()) {
    page.title("Frameworks with relations to " + catalog.title);
    for (const Crosswalk& crosswalk : crosswalks) {
      page.field("  " + crosswalk.id,
                 crosswalk.title + ", " + crosswalk.version + ", " + crosswalk.publisher + ": " +
                     base::counted(crosswalk.relations.size(), "relation"),
                 20);
    }
    page.heading("To note");
    page.paragraph(kRelationNote);
    return std::move(page).text();
  }
  for (const Crosswalk& crosswalk : crosswalks) {
    if (base::equals_ignoring_case(topic, crosswalk.id)) {
      page.title(crosswalk.title + ", " + crosswalk.version + " (" + crosswalk.publisher + ")");
      page.paragraph(crosswalk.note, 0);
      page.heading("Relations");
      for (const Relation& relation : crosswalk.relations) {
        relation_entry(crosswalk, relation, page);
      }
      page.heading("To note");
      page.paragraph(kRelationNote);
      return std::move(page).text();
    }
  }
  if (const Provision* provision = catalog.find_provision(topic); provision != nullptr) {
    page.title("Relations of " + provision->id + ", " + provision->title);
    bool any = false;
    for (const Crosswalk& crosswalk : crosswalks) {
      for (const Relation& relation : crosswalk.relations) {
        if (relation.provision == provision->id) {
          relation_entry(crosswalk, relation, page);
          any = true;
        }
      }
    }
    if (!any) {
      page.paragraph("None is known that could be justified.");
    }
    page.heading("To note");
    page.paragraph(kRelationNote);
    return std::move(page).text();
  }
  std::string known;
  for (const Crosswalk& crosswalk : crosswalks) {
    known += (known.empty() ? "" : ", ") + crosswalk.id;
  }
  return Error{Errc::not_found, "\"" + base::abbreviate(base::printable(topic), 80) +
                                    "\" is neither a provision nor a framework with relations; there are: " + known};
}

}  // namespace catalog
