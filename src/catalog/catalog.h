#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/embedded.h"
#include "base/result.h"
#include "base/value.h"

/// A Code as data: principles, provisions, editions, glossary and checks, read from a folder of YAML. Nothing here
/// knows which Code it is. The files' format is docs/formats/catalogue.md and schemas/*.schema.json.
namespace catalog {

enum class Verb : std::uint8_t { shall, should, can };
[[nodiscard]] std::string_view to_string(Verb verb);

struct Provision {
  std::string id;                          ///< In the primary edition: "5.2.1".
  std::string principle;                   ///< "5".
  std::string parent;                      ///< "5.2"; empty at the top.
  std::map<std::string, std::string> ids;  ///< By edition id: {"dsit-2025": "5.1", "en-304223-2.1.1": "5.2.1-1"}.
  Verb verb = Verb::shall;
  std::vector<Verb> also;           ///< Further verbs on parts of it.
  std::vector<std::string> actors;  ///< Role ids: "developer". Never empty.
  std::string actors_note;
  std::string phase;               ///< "secure design".
  std::string title;               ///< A few words, at most 60 bytes.
  std::string requirement;         ///< One sentence of our own.
  std::string meaning;             ///< What it means in practice.
  std::string next_step;           ///< What to do first.
  std::string evidence;            ///< Which evidence answers it.
  std::string checkability;        ///< Key of Catalog::checkability ("auto", "assisted", "attest"), or empty.
  std::string confidence;          ///< Key of Catalog::confidence ("verbatim", "fragment", "register" …), or empty.
  std::vector<std::string> basis;  ///< Keys of Catalog::basis.
  std::string note;
  std::uint32_t effort = 2;  ///< 1 (hours) to 3 (weeks), to find the cheapest next step.
  std::string file;
  std::uint32_t line = 0;
};

struct Principle {
  std::string id;
  std::map<std::string, std::string> ids;  ///< By edition id, as Provision::ids; "5.2.1".
  std::string title;
  std::string phase;
  std::string meaning;
  std::vector<std::string> actors;  ///< Role ids of those it is mainly addressed to.
  std::string actors_note;
  std::string file;
  std::uint32_t line = 0;
};

struct Edition {
  std::string id;          ///< "dsit-2025".
  std::string title;       ///< "Code of Practice for the Cyber Security of AI".
  std::string short_name;  ///< "UK Code", for tables.
  std::string publisher;
  std::string published;
  /// How it numbers: text in which {id} is the primary id, {clause} what the principle states for this edition, and
  /// {rest} what follows the principle's id and the dot in the provision's: "{clause}-{rest}" makes 5.2.1-4.1 of 5.4.1.
  std::string principle_id;
  std::string provision_id;
  std::string id_rule;  ///< The same in words.
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
  bool everyone = false;  ///< Every organisation holds it, declared or not.
};
/// Another number of a provision, such as the one a draft gave it.
struct Alias {
  std::string id;         ///< "response 7.3", "1.4@draft".
  std::string provision;  ///< Id in the primary edition; empty where there is no such provision any more.
  std::string note;       ///< What became of it; never empty where `provision` is.
};

/// When something does not apply: by an explicit rule with a printed reason, never by missing data.
struct ApplicabilityRule {
  std::string id;
  std::vector<std::string> provisions;  ///< Ids in the primary edition; a lone "*" means all.
  /// Over the fact tables; a returned row means "not applicable", its first column is the reason. Empty with by_actor.
  std::string sql;
  /// Optional rows: subject, reason. Something that was found and contradicts what `sql` rests on: the rule then takes
  /// nothing out, and each row is told.
  std::string contradicted_sql;
  /// In place of sql. A provision is not applicable where roles are declared (system.declared is 1 and table roles is
  /// not empty) and none of the declared roles is among its actors; it always applies where an actor is a Role with
  /// `everyone`. See Catalog::is_addressed_to.
  bool by_actor = false;
  /// Used where the row gives none. With by_actor it is what explain() prints; an assessment names the roles instead.
  std::string reason;
  std::string file;
  std::uint32_t line = 0;
};

/// A check: SQL over the fact tables (docs/facts.md). Its SQL is not empty and begins with SELECT or WITH; whether it
/// works is for assess to find.
struct Check {
  std::string id;
  std::string title;
  std::vector<std::string> provisions;  ///< Ids in the primary edition.
  bool settles = true;   ///< False: a violation refutes the provision, but finding none does not show that it holds.
  std::string strength;  ///< Of what it looks at: "executed", "imported", "attested", "documented".
  std::string severity;  ///< "info", "low", "medium", "high", "critical".
  std::string proves;    ///< What a pass shows.
  std::string limits;    ///< What it does not show.
  std::string remedy;    ///< May use {subject}.
  std::string
      requires_sql;     ///< Optional: no row means inconclusive (with `missing` as reason): the evidence is not there.
  std::string missing;  ///< "no ai-system.yaml: nothing states who may reach the data". Set where requires_sql is.
  std::string subjects_sql;    ///< Rows: subject[, place]. None: inconclusive, or not applicable where `empty` says so.
  std::string empty;           ///< "inconclusive" (default) or "not-applicable" (only where it shows absence).
  std::string empty_reason;    ///< Set where `empty` is "not-applicable".
  std::string violations_sql;  ///< Rows: subject, place, reason.
  std::string inconclusive_sql;  ///< Optional rows: subject, reason. Subjects it could not tell about.
  /// Optional rows: subject[, place], reason. Evidence that speaks of what was there before: the reason names what
  /// changed, and from what. Where nothing violates, the check is then inconclusive and stale.
  std::string stale_sql;
  std::string file;
  std::uint32_t line = 0;
};

/// Levels or sources by key, with what each means.
using Meanings = std::map<std::string, std::string>;

struct Catalog {
  std::string id;  ///< "uk-ai-code".
  std::string title;
  std::string version;
  std::vector<std::string> sources;
  std::vector<Edition> editions;  ///< The first is the primary one; never empty.
  std::vector<Role> roles;
  std::vector<std::string> role_notes;
  std::map<Verb, std::string> verbs;  ///< What each means.
  Meanings checkability;
  Meanings confidence;
  Meanings basis;
  std::vector<std::string> numbering_notes;
  std::vector<Principle> principles;
  std::vector<Provision> provisions;  ///< In the order of the Code.
  std::vector<Term> glossary;
  std::vector<Alias> aliases;
  std::vector<ApplicabilityRule> applicability;
  std::vector<Check> checks;  ///< In the order of file names, and within a file in its order.

  /// By the id of any edition or an alias. Spaces, case, a leading "P" and the word "provision" do not count. Where
  /// editions disagree on what an id means, the earlier one in `editions` wins. Null where there is none, also for an
  /// alias of a provision that no longer exists.
  [[nodiscard]] const Provision* find_provision(std::string_view name) const;
  /// "5", "P5", "principle 5" or an edition's clause. Null where there is none.
  [[nodiscard]] const Principle* find_principle(std::string_view name) const;
  [[nodiscard]] const Alias* find_alias(std::string_view name) const;
  [[nodiscard]] const Check* find_check(std::string_view name) const;  ///< Exact.
  [[nodiscard]] const Role* find_role(std::string_view name) const;    ///< Exact.

  /// Whether the provision concerns somebody who holds only `roles`.
  [[nodiscard]] bool is_addressed_to(const Provision& provision, std::span<const std::string> held_roles) const;
  /// "Developer and System Operator"; an id that is no role of this catalogue stands as it is.
  [[nodiscard]] std::string role_names(std::span<const std::string> role_ids) const;
};

/// Reads the catalogue in `directory`: catalogue.yaml, principles/*.yaml, glossary.yaml, applicability.yaml,
/// checks/*.yaml; the last three may be absent. Fails with malformed (file, line, reason) on anything unknown, missing,
/// duplicate or dangling, with not_found or io where a file cannot be read.
base::Result<Catalog> load(const std::filesystem::path& directory);
/// The same from files in memory; `folder` is the catalogue's, as the names have it: "catalogs/uk-ai-code".
base::Result<Catalog> load(std::span<const base::EmbeddedFile> files, std::string_view folder);
/// One file of a catalogue as data, by its name below the catalogue's folder: "principles/01.yaml".
struct Document {
  std::string name;
  base::Value value;
};
/// The files of a catalogue in order of names, without judging them. Fails as load() where one cannot be read or
/// parsed.
base::Result<std::vector<Document>> documents(const std::filesystem::path& directory);
/// Of one compiled in. Fails with not_found.
base::Result<std::vector<Document>> built_in_documents(std::string_view name);
/// Those of a user's folder of checks, named "checks/~added/…", after the others.
base::Result<std::vector<Document>> check_documents(const std::filesystem::path& directory);
/// Hexadecimal SHA-256 over the documents in order of names: for each the name and its canonical JSON, each behind its
/// length in decimal digits and a colon. The same for a catalogue read from a folder and compiled in.
[[nodiscard]] std::string digest(std::span<const Document> documents);
/// Builds a catalogue of documents; `shown` names it in messages. Fails as load().
base::Result<Catalog> load(std::span<const Document> documents, std::string_view shown);

/// The catalogues compiled into this program, by folder name: "uk-ai-code".
[[nodiscard]] std::vector<std::string> built_in();
/// One of them. Fails with not_found, naming those there are.
base::Result<Catalog> load_built_in(std::string_view name);
/// Adds the checks of a user's folder: every *.yaml in it, not below it. Fails as load() does; an id already there is a
/// duplicate, and a folder without a check is an error. On failure the catalogue is as it was.
base::Result<void> add_checks(Catalog& catalog, const std::filesystem::path& directory);

}  // namespace catalog
