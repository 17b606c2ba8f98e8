#include "assess/facts_schema.h"

#include <algorithm>
#include <cstdlib>
#include <span>

#include "assess/assess.h"
#include "assess/threat_facts.h"
#include "base/embedded.h"
#include "base/json.h"
#include "base/value.h"
#include "records/kinds.h"

namespace embedded {
extern const std::span<const base::EmbeddedFile> assess_schemas;
}

namespace assess {
namespace {

constexpr const char* kText = "TEXT";
constexpr const char* kInteger = "INTEGER";

// Follows a "$ref" into "$defs".
const base::Value& resolved(const base::Value& root, const base::Value& schema) {
  const std::string_view reference = schema["$ref"].as_text();
  constexpr std::string_view kPrefix = "#/$defs/";
  return reference.starts_with(kPrefix) ? root["$defs"][reference.substr(kPrefix.size())] : schema;
}

// One column for every scalar field, those of nested mappings with the mapping's name in front, and has_NAME for each
// nested mapping. Lists are no columns: lists of text stand in declared_lists.
void add_columns(const base::Value& root, const base::Value& schema, const std::string& prefix,
                 std::vector<Column>& columns) {
  for (const auto& [name, member] : schema["properties"].as_map()) {
    const base::Value& type = resolved(root, member);
    const std::string description(member["description"].as_text(type["description"].as_text()));
    if (type["type"].as_text() == "object") {
      columns.push_back({"has_" + prefix + name, kInteger, "1 where " + prefix + name + " is given. " + description});
      add_columns(root, type, prefix + name + "_", columns);
    } else if (type["type"].as_text() == "boolean" || type["type"].as_text() == "integer") {
      columns.push_back({prefix + name, kInteger, description});
    } else if (type["type"].as_text() != "array") {
      std::string choices;
      for (const base::Value& choice : type["enum"].as_list()) {
        choices += (choices.empty() ? "One of: " : ", ") + std::string(choice.as_text());
      }
      columns.push_back({prefix + name, kText, description + (choices.empty() ? "" : choices + ".")});
    }
  }
}

// What every record has, around the columns of its kind.
std::vector<Column> record_columns(std::vector<Column> own) {
  std::vector<Column> columns = {
      {"id", kText, ""},
      {"file", kText, "That holds it."},
      {"line", kInteger, "In that file."},
      {"effective", kText, "Date: since when, or when."},
      {"received", kText, "Date: when the ledger first saw this content; NULL without a ledger."},
      {"valid_until", kText, "Date: last day on which it counts; NULL: without end."},
      {"in_force", kInteger, "1 where it counts today."},
      {"owner", kText, "Id of a person."},
      {"made_by", kText, "Likewise."},
      {"strength", kText,
       "attested where the file is signed by attesters who may attest all that its kind speaks for; attested for 1.1, "
       "1.2 where they may for these provisions only; otherwise documented."},
      {"attested_by", kText, "Who says so."}};
  columns.insert(columns.end(), own.begin(), own.end());
  return columns;
}

// A table for each kind of record, and one for each list of mappings in it: both follow schemas/records/.
void add_record_tables(std::vector<FactTable>& tables) {
  for (const records::Kind& kind : records::kinds()) {
    const auto schema = records::schema_of(kind.name);
    if (!schema) {
      std::abort();  // our own file, checked by a test
    }
    const base::Value& root = (*schema)->root();
    const base::Value& record = root["$defs"]["record"];
    std::vector<Column> own;
    add_columns(root, record, "", own);
    const std::vector<Column> common = record_columns({});
    std::erase_if(own, [&](const Column& column) {
      return std::any_of(common.begin(), common.end(), [&](const Column& c) { return c.name == column.name; });
    });
    tables.push_back({record_table(kind.name), std::string(records::description_of(kind)), record_columns(own)});
    for (const auto& [name, member] : record["properties"].as_map()) {
      const base::Value& item = resolved(root, member["items"]);
      if (item["type"].as_text() == "object") {
        FactTable table{record_table(kind.name) + "_" + name, std::string(member["description"].as_text()), {}};
        table.columns = {{"record", kText, "Id of the record."}, {"position", kInteger, "In its list, from 0."}};
        add_columns(root, item, "", table.columns);
        tables.push_back(std::move(table));
      }
    }
  }
}

std::vector<FactTable> make_tables() {
  const Column path{"path", kText, "Relative to the assessed directory; for a part of a file, file#name."};
  const Column line{"line", kInteger, "Line in the file, from 1; 0 where lines make no sense."};
  std::vector<FactTable> tables = {
      {"assets",
       "Everything discovered that concerns the AI system.",
       {{"id", kText, "Stable while kind and path are."},
        {"kind", kText,
         "model, dataset, prompt, model-config, agent-config, source, notebook, dependency-manifest, lock-file, "
         "container, "
         "pipeline, infrastructure, disclosure-policy, model-card, datasheet, licence, digest-manifest, signature, "
         "environment-file, document, system-file, record, other."},
        path,
        {"size_bytes", kInteger, ""},
        {"sha256", kText, "Of the content; NULL where it was not read."},
        {"format", kText, "safetensors, pickle, python, csv …"},
        {"recognised_by", kText, "What told the kind and format."},
        {"confidence", kText, "low, medium or high."},
        line,
        {"mode", kInteger, "Permission bits."},
        {"part", kInteger, "1 for a part of a file, such as a prompt in code."},
        {"file", kText, "The file: path without #name."}}},
      {"asset_notes", "What was odd about an asset.", {{"asset_id", kText, ""}, path, {"note", kText, ""}}},
      {"attributes",
       "Further facts about an asset. Names of nested mappings are joined with a dot; a list is one row an element, "
       "all "
       "with the list's name.",
       {{"asset_id", kText, ""}, path, {"name", kText, ""}, {"value", kText, ""}}},
      {"usages",
       "What code and configuration refer to.",
       {path,
        line,
        {"kind", kText,
         "sdk, hosted-model, hub-model, hub-dataset, tool, mcp-server, endpoint, environment-variable …"},
        {"name", kText, "Such as openai, gpt-4o, organisation/model."},
        {"revision", kText, "Pinned version or commit; NULL where there is none."},
        {"detail", kText, "Further facts, such as trust_remote_code=True."}}},
      {"packages",
       "Dependencies named by manifests and lock files.",
       {path,
        line,
        {"ecosystem", kText, "pypi, npm, cargo, go, maven, oci, github-action."},
        {"name", kText, ""},
        {"requirement", kText, "As written; NULL where none is given."},
        {"pinned", kInteger, "1 for exactly one version, commit or digest."},
        {"hashed", kInteger, "1 where a digest of the content stands beside it."},
        {"direct_url", kInteger, "1 where it is fetched from an address instead of an index."}}},
      {"sections",
       "Headed parts of documents, model cards, datasheets and policies.",
       {path,
        line,
        {"heading", kText, "Without marks; a front-matter field is \"front-matter: NAME\"."},
        {"words", kInteger, "Words under it, sub-sections included, placeholders not counted."},
        {"excerpt", kText, "The beginning of its text."}}},
      {"digests",
       "Lines of digest manifests such as SHA256SUMS.",
       {{"manifest", kText, "The manifest's path."}, line, path, {"algorithm", kText, ""}, {"digest", kText, ""}}},
      {"claims",
       "What files say of models, data and their like, held against the bytes.",
       {{"path", kText, "The component's file."},
        {"field", kText, "parameter-count, dtype, quantisation, architecture, base-model, shape, licence, sha256 …"},
        {"declared", kText, "What is said."},
        {"declared_in", kText, "The file that says so."},
        {"line", kInteger, "In that file; 0 where lines make no sense."},
        {"observed", kText, "What the bytes say; NULL where they say nothing."},
        {"observed_in", kText, "The file whose bytes were read."},
        {"outcome", kText, "agrees, contradicts or unchecked."},
        {"reason", kText, "One sentence."}}},
      {"bills",
       "Bills of materials (CycloneDX, SPDX) and descriptions of data (Croissant) that lie among the files, as read.",
       {{"path", kText, ""},
        {"format", kText, "cyclonedx, spdx or croissant; NULL where it could not be read."},
        {"version", kText, "Of the format."},
        {"name", kText, "What it describes."},
        {"producer", kText, "The tool or person that made it, as written."},
        {"created", kText, "As written."},
        {"components", kInteger, "How many it lists."}}},
      {"bill_components",
       "What such a document lists.",
       {{"bill", kText, "Path of the document."},
        {"name", kText, ""},
        {"version", kText, ""},
        {"type", kText, "As written: machine-learning-model, ai_AIPackage, cr:FileObject …"},
        {"purl", kText, ""},
        {"licence", kText, "As written."},
        {"listed_path", kText, "The file as the document names it."},
        {"path", kText, "The discovered file that this is; NULL where none was found."},
        {"sha256", kText, "As written; NULL where the document has none."},
        {"outcome", kText, "same-digest, other-digest, no-digest or not-found."}}},
      {"bill_missing",
       "Discovered models and data that such a bill of materials does not list.",
       {{"bill", kText, "Path of the document."}, path}},
      {"bill_problems", "What is wrong with such a document.", {{"bill", kText, ""}, {"problem", kText, ""}}},
      {"imported_results",
       "Results of other tools, recorded by surety import: one row for each result file.",
       {{"file", kText, "The result file."},
        {"format", kText, "sarif, cyclonedx-vex, scorecard, garak, promptfoo, modelscan, modelaudit or trivy."},
        {"purpose", kText, "code-scan, advisories, repository-practice, red-team or model-scan."},
        {"tool", kText, ""},
        {"version", kText, "Of the tool; NULL where the result does not say."},
        {"time", kText, "When the tool ran; NULL where the result does not say."},
        {"complete", kInteger, "1 where the tool ran to its end."},
        {"passed", kInteger, "How many findings say that nothing is wrong …"},
        {"failed", kInteger, "… that something is …"},
        {"errors", kInteger, "… and that the tool could not tell."}}},
      {"imported_subjects",
       "What those tools looked at.",
       {{"file", kText, "The result file."},
        {"tool", kText, ""},
        {"name", kText, "As the tool names it."},
        {"path", kText, "Path of the asset it is; NULL where it is none that was discovered."},
        {"sha256", kText, "Of the content that was looked at; NULL where it is not known."},
        {"digest_is_ours", kInteger,
         "1 where the tool gave no digest, and it is the asset's when the result was imported."}}},
      {"imported_findings",
       "What those tools found: at most 10,000 of one result, failures first.",
       {{"file", kText, "The result file."},
        {"format", kText, ""},
        {"purpose", kText, ""},
        {"tool", kText, ""},
        {"rule", kText, "The tool's own id."},
        {"severity", kText, "critical, high, medium, low or info."},
        {"outcome", kText, "fail, pass, or error: the tool could not tell."},
        {"subject", kText, "As the tool names it."},
        {"path", kText, "Path of the asset it is; NULL where it is none."},
        {"sha256", kText, "Of the content that was looked at; NULL where it is not known."},
        {"place", kText, ""},
        {"message", kText, ""},
        {"hits", kInteger, "Tests that went wrong, where the tool counts tests …"},
        {"total", kInteger, "… and how many there were."}}},
      {"scans",
       "The scanner's verdict on each file it concerns itself with.",
       {path,
        {"sha256", kText, ""},
        {"formats", kText, "Every way the content can be read, separated by commas."},
        {"coverage", kText, "complete or partial."},
        {"verdict", kText, "clean, suspicious, malicious or incomplete."},
        {"not_covered", kText, "What was not examined; NULL where all was."}}},
      {"findings",
       "What the scanner found.",
       {{"id", kText, "Stable: the same finding in the same content has the same id."},
        {"rule", kText, "See surety explain."},
        {"severity", kText, "info, low, medium, high or critical."},
        {"class", kText, "malice, weakness, policy or malformed."},
        {"path", kText, "File, and inside containers file!member."},
        {"file", kText, "The file alone."},
        {"place", kText, "Such as byte 28, opcode 5."},
        line,
        {"subject", kText, "What was found."},
        {"message", kText, ""},
        {"remedy", kText, ""}}},
      {"finding_ids",
       "CWE, ATLAS and OWASP ids of findings.",
       {{"finding_id", kText, ""}, {"scheme", kText, "cwe, atlas or owasp."}, {"value", kText, ""}}},
      {"repository",
       "The git repository around the directory; one row.",
       {{"present", kInteger, "1 where there is one."},
        {"head", kText, "Commit id; NULL before the first commit."},
        {"head_time", kText, "Of that commit."},
        {"root", kText, "The work tree's root, relative to the assessed directory."}}},
      {"versioned_files",
       "State in version control of the files of assets.",
       {path, {"state", kText, "committed, modified, untracked or ignored."}}},
      {"system",
       "Facts of ai-system.yaml about the system as a whole.",
       {{"name", kText,
         "declared (1 or 0), path, name, description, owner, phase, distribution, end_users (1 or 0), signing (1 where "
         "signing says whose signatures count)."},
        {"value", kText, ""}}},
      {"roles",
       "Stakeholder roles that the organisation holds for this system: declared in ai-system.yaml, or else in "
       "organisation.yaml, or else assumed.",
       {{"role", kText, "developer, system-operator or data-custodian."}}},
      {"organisation",
       "organisation.yaml: a row for each thing that it says. What it does not say has no row.",
       {{"file", kText, ""},
        {"field", kText, "size, sector, jurisdiction, role, distribution, function or technology."},
        {"name", kText, "Such as generative."},
        {"holds", kInteger, "0 where it is said that it does not."},
        {"line", kInteger, "In the file."}}},
      {"assumptions", "What was assumed because nobody said.", {{"text", kText, ""}}},
      {"declared_lists",
       "Every list of words in ai-system.yaml, a row an entry.",
       {{"kind", kText,
         "model, data, prompt, tool, interface, provider, environment, component, control, threat_model."},
        {"id", kText, "Of the thing that has the list; empty for threat_model."},
        {"field", kText, "trained_on, derived_from, uses, logging.events, covers …"},
        {"value", kText, ""}}},
      {"declared_files",
       "Which discovered assets the entries of ai-system.yaml that have a path stand for: the asset at that path, the "
       "parts "
       "of that file, and what lies below it.",
       {{"kind", kText, "model, data, prompt …, as in declared_lists."}, {"id", kText, "Of the entry."}, path}},
      {"model_versions",
       "What versions of the models of ai-system.yaml are in use now.",
       {{"model", kText, "Id of the entry."},
        {"version", kText,
         "SHA-256 of a file of it, its revision, or where it has neither path nor revision the name of the hosted or "
         "hub "
         "model; in lower case."}}},
      {"declared_contacts", "contacts: of ai-system.yaml.", {{"name", kText, ""}, {"value", kText, ""}}},
      {"declared_documents", "documents: of ai-system.yaml.", {{"name", kText, ""}, {"path", kText, ""}}},
      {"threat_model",
       "threat_model: of ai-system.yaml; one row where given.",
       {{"path", kText, ""}, {"reviewed", kText, "Date."}}},
      {"parameters", "What a check may know of its run.", {{"name", kText, "today"}, {"value", kText, "A date."}}},
      {"snapshots",
       "The last state that was signed as good (surety snapshot); one row where there is one.",
       {{"root", kText, "Digest over the signed files."},
        {"files", kInteger, ""},
        {"bytes", kInteger, ""},
        {"time", kText, "When it was recorded."}}},
      {"snapshot_places", "Where its bytes are kept.", {{"place", kText, "A directory, git+… or s3://…"}}},
      {"drift",
       "The last snapshot against the directory as it is; one row where there is a snapshot.",
       {{"root", kText, "Of the snapshot."},
        {"verified", kInteger, "1 where its signature verifies; otherwise nothing was compared."},
        {"files", kInteger, "That the snapshot names."},
        {"differences", kInteger, "How many files differ, are missing or were added."}}},
      {"drift_files",
       "The first thousand of these files.",
       {path, {"change", kText, "file-changed, file-missing, file-not-signed …"}}},
      {"restore_drills",
       "The last attempt to bring a snapshot back (surety restore); one row where there was one.",
       {{"root", kText, "Of the snapshot."},
        {"place", kText, "Where from."},
        {"restored", kInteger, "1 where every file came back as signed."},
        {"files", kInteger, "That came back."},
        {"bytes", kInteger, ""},
        {"milliseconds", kInteger, "It took."},
        {"problems", kInteger, ""},
        {"time", kText, ""}}},
      {"releases",
       "The last release (surety release); one row where there was one.",
       {{"name", kText, ""}, {"root", kText, "Digest over the signed files."}, {"time", kText, ""}}},
      {"release_files",
       "What it consists of, and what it lacks.",
       {{"role", kText, "signature, public-key, checksums, bill-of-materials, inclusion-proof, verification-page."},
        {"path", kText, "NULL where it is missing."},
        {"sha256", kText, ""},
        {"reason", kText, "Why it is missing; NULL where it is there."}}},
      {"signatures",
       "Bundles of model signatures, and what became of verifying each.",
       {{"bundle", kText, "Path of the bundle."},
        {"sha256", kText, "Of the bundle."},
        {"model", kText, "Path of what it signs; . for the whole directory, NULL where that was not found."},
        {"trust", kText,
         "What of signing in ai-system.yaml it was held against; NULL where that names nothing for it."},
        {"method", kText, "key, certificate or sigstore; NULL where the signature did not verify."},
        {"key", kText, "Fingerprint of the key that signed."},
        {"signer", kText, "Subject of the certificate, or the identity in it."},
        {"issuer", kText, "Who vouched for the signer."},
        {"algorithm", kText, "Of the digests: sha256, blake2b, blake3."},
        {"root_sha256", kText, "The model's root digest."},
        {"verified", kInteger, "1 where the signature and every file that was looked at verified."},
        {"partial", kInteger, "1 where not every signed file was looked at."},
        {"signed_files", kInteger, ""},
        {"verified_files", kInteger, ""}}},
      {"signed_files",
       "Files whose bytes are as a signature that verified says; at most 100,000 of one bundle.",
       {path, {"bundle", kText, "Path of the bundle."}}},
      {"signature_problems",
       "Why a signature did not verify.",
       {{"bundle", kText, "Path of the bundle."},
        {"code", kText, "file-changed, file-added, signature …: docs/formats/signatures.md."},
        path,
        {"message", kText, ""},
        {"reference_accepts", kInteger, "1 where the reference implementation would let it pass."}}},
      {"records",
       "Records of security/*.yaml. Each kind has a table of its own too, such as record_training, with all its "
       "fields.",
       record_columns({{"kind", kText, "See surety record kinds."}})},
      {"record_lists",
       "Every list of words in records, a row an entry.",
       {{"kind", kText, ""},
        {"record", kText, "Id of the record."},
        {"field", kText, "roles, for_roles, exercises.findings …"},
        {"value", kText, ""}}},
      {"record_fields",
       "Every field of every record that holds one value, names of nested ones joined with a dot.",
       {{"kind", kText, ""}, {"record", kText, ""}, {"name", kText, ""}, {"value", kText, ""}}},
      {"record_files",
       "The files that hold records, and who signed them.",
       {{"file", kText, ""},
        {"kind", kText, ""},
        {"sha256", kText, ""},
        {"records", kInteger, "How many it holds."},
        {"signers", kInteger, "How many signed it."}}},
      {"record_signers",
       "Who signed those files.",
       {{"file", kText, ""},
        {"signer", kText, "Id under attesters in ai-system.yaml."},
        {"name", kText, ""},
        {"role", kText, ""},
        {"key", kText, "Fingerprint of the key that signed."},
        {"provisions", kText,
         "That the signature counts for, separated by commas; NULL: all that the kind speaks for."}}},
      {"record_references",
       "Files of the directory that records name, as they are now.",
       {{"kind", kText, "Of the record."},
        {"record", kText, ""},
        {"field", kText, "path, controls[0].implemented_by …"},
        path,
        {"found", kInteger, "1 where something is there."},
        {"sha256", kText, "Of the content; NULL for directories and where nothing is there."}}},
      {"controls",
       "Safeguards in operation, as the programs that run them report them.",
       {{"name", kText, ""},
        {"source", kText, "What reports it: gateway …"},
        {"enabled", kInteger, ""},
        {"mode", kText, "block, flag, observe …"},
        {"configuration_sha256", kText, "Of the configuration it runs with."},
        {"file", kText, "The asset that holds it; NULL where it lies elsewhere."},
        {"file_sha256", kText, "Of that file when the self-test ran."},
        {"self_test", kText, "passed, failed or not-run."},
        {"self_tested", kText, ""},
        {"since", kText, "Its counts are of this time …"},
        {"until", kText, "… to this one."}}},
      {"control_provisions",
       "Which provisions they serve.",
       {{"name", kText, ""}, {"source", kText, ""}, {"provision", kText, ""}}},
      {"control_counts",
       "What they counted.",
       {{"name", kText, "Of the control."}, {"source", kText, ""}, {"count_name", kText, ""}, {"value", kInteger, ""}}},
      {"monitors",
       "Watches over logs, performance, internal states or infrastructure, as the programs that run them report them.",
       {{"name", kText, ""},
        {"source", kText, ""},
        {"configuration_sha256", kText, ""},
        {"since", kText, "What it tells is of this time …"},
        {"until", kText, "… to this one."},
        {"alerts", kInteger, "Raised in that time …"},
        {"alerts_closed", kInteger, "… and dealt with by a person."}}},
      {"monitor_lists",
       "What they watch.",
       {{"name", kText, "Of the monitor."},
        {"source", kText, ""},
        {"field", kText,
         "covers (infrastructure, logs, internal-states, performance) or subjects (ids in ai-system.yaml)."},
        {"value", kText, ""}}},
      {"monitor_signals",
       "What they saw.",
       {{"monitor", kText, "Name of the monitor."},
        {"source", kText, ""},
        {"name", kText, ""},
        {"baseline", kText, ""},
        {"observed", kText, ""},
        {"result", kText, "normal, drift or anomaly."}}},
      {"inherited_reports",
       "Suppliers' bundles that were verified and imported (surety supplier import); one row a supplier.",
       {{"provider", kText, "Id in ai-system.yaml, as the importer named it."},
        {"system", kText, "The supplier's name of it."},
        {"origin", kText, "Of the supplier's log."},
        {"signer", kText, "Fingerprint of the key that signed the bundle."},
        {"sha256", kText, "Of the bundle."},
        {"time", kText, "Of the supplier's assessment."},
        {"catalogue", kText, "Id and version."},
        {"roles", kText, "Of the supplier, separated by commas."},
        {"adherence", kText, "adheres, does not adhere or cannot tell."}}},
      {"inherited",
       "What those bundles show, provision by provision.",
       {{"provider", kText, ""},
        {"provision", kText, "Primary id."},
        {"verb", kText, "shall, should or can."},
        {"verdict", kText, "pass, fail, inconclusive or not applicable, of the supplier's system."},
        {"strength", kText, "imported, attested or documented; NULL where it did not pass."},
        {"stale", kInteger, ""},
        {"excepted", kInteger, ""},
        {"attested_by", kText, ""},
        {"time", kText, "Of the supplier's assessment."}}},
      {"exceptions",
       "security/exceptions.yaml: failures that somebody accepts until a date. No check passes by one.",
       {{"provision", kText, "Primary id."},
        {"check_id", kText, "NULL where it is for all checks."},
        {"subject", kText, "NULL where it is for all subjects."},
        {"owner", kText, ""},
        {"reason", kText, ""},
        {"compensating_control", kText, ""},
        {"created", kText, "Date."},
        {"expires", kText, "The last day on which it counts."},
        {"attested_by", kText, "The owner, where the owner signed the file and may; NULL otherwise."},
        {"line", kInteger, "In the file."}}},
      {"events",
       "The change log: one row an event, as docs/formats/events.md explains. Private fields that were erased are "
       "NULL.",
       {{"entry", kInteger, "Index in the log."},
        {"id", kText, ""},
        {"kind", kText,
         "prompt-change, configuration-change, policy-change, document-change, dataset-snapshot, model-version, "
         "training-run, decision, approval, access, disposal, erasure."},
        {"subject", kText, "Path, or id in ai-system.yaml."},
        {"effective", kText, "Since when it holds: date and time, UTC."},
        {"received", kText, "When it was recorded."},
        {"late_seconds", kInteger, "How much later it was recorded than it took effect."},
        {"before_sha256", kText, ""},
        {"after_sha256", kText, "NULL: removed, without content, or erased."},
        {"removed", kInteger, "1 where the subject is there no longer."},
        {"first_seen", kInteger, "1 where recording began: since when it holds is not known."},
        {"actor", kText, ""},
        {"approver", kText, ""},
        {"reason", kText, ""},
        {"source", kText, "statement (somebody recorded it), git, or work-tree (seen in the files)."},
        {"commit_id", kText, ""},
        {"merge_id", kText, ""},
        {"erased", kText, "Names of private fields that cannot be read any more, separated by commas."},
        {"version", kText, ""},
        {"licence", kText, ""},
        {"source_url", kText, ""},
        {"collected", kText, ""},
        {"method", kText, ""},
        {"sanitisation", kText, ""},
        {"records", kInteger, ""},
        {"code", kText, ""},
        {"decision", kText, ""},
        {"valid_until", kText, ""},
        {"refers_to", kInteger, "Entry that an approval or erasure means."},
        {"outcome", kText, "approved or rejected."},
        {"operation", kText, "read, write, grant or revoke."},
        {"witness", kText, ""}}},
      {"event_links",
       "What events refer to.",
       {{"entry", kInteger, "Of the event."},
        {"relation", kText, "inputs, derived_from, concerns."},
        {"name", kText, ""},
        {"sha256", kText, "NULL where it was not told."}}},
      {"states",
       "For each kind and subject the event that is in force by now, a removal included; a training run counts as a "
       "model-version.",
       {{"kind", kText, ""},
        {"subject", kText, ""},
        {"entry", kInteger, "In events."},
        {"sha256", kText, ""},
        {"version", kText, ""},
        {"removed", kInteger, ""},
        {"first_seen", kInteger, ""},
        {"effective", kText, ""},
        {"source", kText, ""}}},
      {"approvals",
       "For each kind and subject in force that somebody approved or rejected, the newest such entry by now, and "
       "whether "
       "what it means is what is in force.",
       {{"kind", kText, "As in states."},
        {"subject", kText, ""},
        {"entry", kInteger, "The approval, in events …"},
        {"of_entry", kInteger, "… and the entry that it means."},
        {"approver", kText, "NULL where erased or not told."},
        {"made_by", kText, "Actor of the entry that it means."},
        {"effective", kText, "Of the approval."},
        {"standing", kText,
         "approved; rejected (and in force all the same); other-state (it means other content than is in force); "
         "ran-out; "
         "own (by who made the change); unnamed; unknown (contents cannot be compared)."},
        {"reason", kText, "That in words; NULL where approved."}}},
      {"evaluated_parts",
       "Prompts and configuration in the change log that belong to a model with an evaluation, and what they were on "
       "the "
       "day of the last one.",
       {{"concerns", kText, "Kind of the evaluation: security, leakage, influence; independent: security by others."},
        {"model", kText, "Id of the model …"},
        {"day", kText, "… and of its last evaluation of that kind: when it was run,"},
        {"place", kText, "where it stands,"},
        {"outcome", kText, "and whether it was passed: pass or fail."},
        {"kind", kText, "As in states."},
        {"subject", kText, ""},
        {"sha256", kText, "Now."},
        {"removed", kInteger, ""},
        {"changed", kInteger, "1 where it changed after that day, by what the log saw happen."},
        {"was_there", kInteger, "1 where it was there on that day."},
        {"sha256_then", kText, "On that day; NULL where it is not known."}}},
      {"watches",
       "How far surety log watch has read the history of git; at most one row.",
       {{"head", kText, "Commit."}, {"complete", kInteger, "1 where it was read to its beginning."}}},
      {"probes",
       "Attacks that other tools tried on models of ai-system.yaml (surety import of garak and promptfoo), by what "
       "they "
       "try; one row for each result file. Without the time of the run, a result is not here.",
       {{"family", kText, "As catalogs/threats names it."},
        {"target", kText, "Id of the model."},
        {"result", kText, "fail: at least one got through; pass: all were withstood, and the run was complete."},
        {"time", kText, "When the tool ran."},
        {"tool", kText, ""},
        {"file", kText, "The result file."}}},
  };
  for (FactTable& table : threat_tables()) {
    tables.push_back(std::move(table));
  }
  const auto schema = base::parse_json(embedded::assess_schemas.front().content);
  if (!schema) {
    std::abort();  // our own file, checked by a test
  }
  for (const DeclaredList& list : declared_lists()) {
    const base::Value& entry = resolved(*schema, (*schema)["properties"][list.field]["items"]);
    FactTable table{std::string(list.table), std::string(list.field) + ": of ai-system.yaml.", {}};
    add_columns(*schema, entry, "", table.columns);
    table.columns.push_back({"line", kInteger, "Line in ai-system.yaml."});
    tables.push_back(std::move(table));
  }
  FactTable evaluations{"declared_evaluations", "evaluations: of the models in ai-system.yaml.", {}};
  evaluations.columns.push_back({"model", kText, "Id of the model."});
  add_columns(*schema, (*schema)["$defs"]["evaluation"], "", evaluations.columns);
  evaluations.columns.push_back({"line", kInteger, "Line in ai-system.yaml."});
  tables.push_back(std::move(evaluations));
  add_record_tables(tables);
  return tables;
}

}  // namespace

std::string record_table(std::string_view kind) {
  std::string name = "record_" + std::string(kind);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

const std::vector<DeclaredList>& declared_lists() {
  static const std::vector<DeclaredList> lists = {
      {"models", "declared_models", "model"},
      {"data", "declared_data", "data"},
      {"prompts", "declared_prompts", "prompt"},
      {"tools", "declared_tools", "tool"},
      {"interfaces", "declared_interfaces", "interface"},
      {"providers", "declared_providers", "provider"},
      {"environments", "declared_environments", "environment"},
      {"components", "declared_components", "component"},
      {"zones", "declared_zones", "zone"},
      {"flows", "declared_flows", "flow"},
      {"controls", "declared_controls", "control"},
      {"accepted_threats", "declared_accepted_threats", "accepted_threat"},
      {"excluded_threats", "declared_excluded_threats", "excluded_threat"},
  };
  return lists;
}

const std::vector<FactTable>& fact_tables() {
  static const std::vector<FactTable> tables = make_tables();
  return tables;
}

std::string schema_page() {
  std::string out =
      "# Fact tables\n\n"
      "<!-- Generated by `surety query --schema`; a test compares it with the program. -->\n\n"
      "Checks and `surety query` read these tables. They are made afresh in memory from the evidence at each run;\n"
      "nothing can be written to them. Text is printable, paths are relative to the assessed directory with `/`,\n"
      "truth values are 0 and 1, dates are ISO text, what is missing is NULL.\n";
  for (const FactTable& table : fact_tables()) {
    out += "\n## " + table.name + "\n\n" + table.description + "\n\n| column | type | what |\n|---|---|---|\n";
    for (const Column& column : table.columns) {
      out += "| `" + column.name + "` | " + column.type + " | " + column.description + " |\n";
    }
  }
  return out;
}

}  // namespace assess
