#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/embedded.h"
#include "base/result.h"
#include "base/value.h"

/// A Code as data: principles, provisions, editions, glossary and checks, read from a folder of YAML. Nothing here knows
/// which Code it is.
namespace catalog {

enum class Verb : std::uint8_t { shall, should, can };
[[nodiscard]] std::string_view to_string(Verb verb);

struct Provision {
  std::string id;                         ///< In the primary edition: "5.2.1".
  std::string principle;                  ///< "5".
  std::string parent;                     ///< "5.2"; empty at the top.
  std::map<std::string, std::string> ids; ///< By edition id: {"dsit-2025": "5.1", "en-304223-2.1.1": "5.2.1-1"}.
  Verb verb = Verb::shall;
  std::vector<Verb> also;                 ///< Further verbs on parts of it.
  std::vector<std::string> actors;        ///< Role ids: "developer".
  std::string actors_note;
  std::string phase;                      ///< "secure design".
  std::string title;                      ///< A few words.
  std::string requirement;                ///< One sentence of our own.
  std::string meaning;                    ///< What it means in practice.
  std::string next_step;                  ///< What to do first.
  std::string evidence;                   ///< Which evidence answers it.
  std::string checkability;               ///< "auto", "assisted", "attest".
  std::string confidence;                 ///< How well the wording is known: "verbatim", "fragment", "register" …
  std::vector<std::string> basis;
  std::string note;
  std::uint32_t effort = 2;               ///< 1 (minutes) to 3 (weeks), to find the cheapest next step.
  std::uint32_t line = 0;
};

struct Principle {
  std::string id;
  std::map<std::string, std::string> ids;  ///< By edition id, as Provision::ids; "5.2.1".
  std::string title;
  std::string phase;
  std::string meaning;
  std::vector<std::string> actors;
};

struct Edition {
  std::string id;     ///< "dsit-2025".
  std::string title;  ///< "Code of Practice for the Cyber Security of AI".
  std::string publisher;
  std::string published;
  std::string id_rule;  ///< In words.
  std::string note;
};
struct Term {
  std::string term;
  std::string definition;
  std::string source;
  std::string confidence;
};
struct Role {
  std::string id;
  std::string name;
  std::string definition;
};

/// When something does not apply: by an explicit rule with a printed reason, never by missing data.
struct ApplicabilityRule {
  std::string id;
  std::vector<std::string> provisions;  ///< Ids; "*" means all.
  std::string sql;     ///< Over the fact tables; a returned row means "not applicable", its column is the reason.
  std::string reason;  ///< Used where the row gives none.
  std::string file;
  std::uint32_t line = 0;
};


/// A check: SQL over the fact tables (docs/facts.md).
struct Check {
  std::string id;
  std::string title;
  std::vector<std::string> provisions;
  bool settles = true;      ///< False: a violation refutes the provision, but finding none does not show that it holds.
  std::string strength;     ///< Of what it looks at: "executed", "attested", "documented".
  std::string severity;
  std::string proves;       ///< What a pass shows.
  std::string limits;       ///< What it does not show.
  std::string remedy;       ///< May use {subject}.
  std::string requires_sql; ///< Optional: no row means inconclusive (with `missing` as reason): the evidence is not there.
  std::string missing;      ///< "no ai-system.yaml: nothing states who may reach the data".
  std::string subjects_sql; ///< Rows: subject[, place]. None: inconclusive, or not applicable where `empty` says so.
  std::string empty;        ///< "inconclusive" (default) or "not-applicable" (only where the requires_sql row proves absence).
  std::string empty_reason;
  std::string violations_sql;  ///< Rows: subject, place, reason.
  std::string inconclusive_sql; ///< Optional rows: subject, reason. Subjects it could not tell about.
  std::string file;
  std::uint32_t line = 0;
};

struct Catalog {
  std::string id;     ///< "uk-ai-code".
  std::string title;
  std::string version;
  std::vector<std::string> sources;
  std::vector<Edition> editions;  ///< The first is the primary one.
  std::vector<Role> roles;
  std::vector<Principle> principles;
  std::vector<Provision> provisions;  ///< In the order of the Code.
  std::vector<Term> glossary;
  std::map<std::string, std::string> aliases;  ///< "response 7.3" -> "8.2".
  std::vector<ApplicabilityRule> applicability;
  std::vector<Check> checks;

  /// By the id of any edition, an alias, with or without spaces; null where there is none.
  [[nodiscard]] const Provision* find_provision(std::string_view id) const;
  /// "5", "P5" or an edition's clause.
  [[nodiscard]] const Principle* find_principle(std::string_view id) const;
};

/// Reads the catalogue in `directory`: catalogue.yaml, principles/*.yaml, glossary.yaml, applicability.yaml,
/// checks/*.yaml. Fails with malformed (file, line, reason) on anything unknown, missing, duplicate or dangling.
base::Result<Catalog> load(const std::filesystem::path& directory);
/// The same from files compiled in; names are relative to the catalogue's folder.
base::Result<Catalog> load(std::span<const base::EmbeddedFile> files, std::string_view folder);
/// The catalogues compiled into this program, by folder name.
[[nodiscard]] std::vector<std::string> built_in();
/// Adds the checks of a user's folder. Fails as load() does; an id already there is a duplicate.
base::Result<void> add_checks(Catalog& catalog, const std::filesystem::path& directory);

}  // namespace catalog
