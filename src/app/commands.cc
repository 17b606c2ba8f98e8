#include <array>

#include "app/command.h"

namespace app {
namespace {

constexpr Option kStateOption = {"state", 0, "DIR", "Keep ledger and cache here instead of in DIR/.surety.", "", false};
constexpr Option kNoCache = {"no-cache", 0,    "", "Read every file again, even where nothing seems to have changed.",
                             "",         false};
constexpr Option kThreads = {"threads", 'j', "N", "Use so many threads (default: one a core).", "", false};
constexpr Option kTimeLimit = {
    "time-limit", 0, "SECONDS", "Stop reading one file after so many seconds (default: 30).", "", false};
constexpr Option kNoSandbox = {"no-sandbox", 0,    "", "Read files in this process instead of children without rights.",
                               "",           false};
constexpr Option kCatalog = {"catalog", 0,    "DIR", "Use the Code in this folder instead of the built-in one.",
                             "",        false};
constexpr Option kCode = {"code",
                          0,
                          "ID",
                          "Assess against this built-in Code (default: uk-ai-code).",
                          "uk-ai-code,uk-software-security-code,uk-cyber-governance-code",
                          false};
constexpr Option kCodes = {
    "code",
    0,
    "ID",
    "Assess against this built-in Code (default: uk-ai-code); may be repeated: then each is assessed "
    "on the same evidence.",
    "uk-ai-code,uk-software-security-code,uk-cyber-governance-code",
    true};
constexpr Option kChecks = {"checks", 0, "DIR", "Add the checks (*.yaml) of this folder.", "", true};
constexpr Option kColour = {"color",
                            0,
                            "WHEN",
                            "Colour the text: auto, always or never (default: auto; NO_COLOR is honoured).",
                            "auto,always,never",
                            false};

constexpr std::array kThreatsOptions = {
    Option{"format", 'f', "FORMAT", "What to print: text, json, markdown, csv, navigator or svg (default: text).",
           "text,json,markdown,csv,navigator,svg", false},
    Option{"output", 'o', "FILE", "Write to FILE instead of standard output.", "", false},
    Option{"fail-on", 0, "RISK", "Exit with 1 where a threat of that risk or more is open (default: never).",
           "low,medium,high,critical,never", false},
    Option{"rules", 0, "DIR", "Also use the rules of this folder; may be repeated.", "", true},
    Option{"list-rules", 0, "", "Print the rules as a Markdown page and do nothing else.", "", false},
    Option{"verbose", 'v', "", "Show threats that are met, accepted or do not apply in full.", "", false},
    Option{"no-record", 0, "", "Write no ledger and no cache: nothing in DIR is touched.", "", false},
    kStateOption,
    kNoCache,
    kThreads,
    kTimeLimit,
    kNoSandbox};
constexpr std::string_view kResultFormats =
    "text,json,html,sarif,junit,md,csv,oscal-results,oscal-catalog,oscal-component,oscal-poam,cyclonedx,ics-md,ics-"
    "json,"
    "ics-csv";
constexpr std::string_view kResultFormatsHelp =
    "What to print: text, json, html, sarif, junit, md, csv; oscal-results, oscal-catalog, oscal-component or "
    "oscal-poam "
    "(OSCAL 1.1.3); cyclonedx (1.6 declarations); ics-md, ics-json or ics-csv (conformance statement). Default: text.";

constexpr Option kOrganisationOption{
    "organisation", 0, "FILE", "What the organisation says of itself (default: DIR/organisation.yaml).", "", false};

constexpr std::array kAssessOptions = {
    Option{"format", 'f', "FORMAT", kResultFormatsHelp, kResultFormats, false},
    Option{
        "output", 'o', "FILE",
        "Write to FILE; the format follows --format, or else the name's ending (.json, .html, .sarif, .xml, .md, .csv, "
        ".txt). May be repeated; without --format the text is still printed.",
        "", true},
    Option{"fail-on", 0, "VERB",
           "What makes the exit code 1: an unmet shall, also an unmet should, or never (default: shall).",
           "shall,should,never", false},
    Option{"baseline", 0, "FILE", "Exit with 1 only for what this file (surety baseline write) does not hold.", "",
           false},
    Option{"strict", 0, "", "Exit with 3 where a shall provision lacks evidence.", "", false},
    Option{"verbose", 'v', "", "Show passes and what does not apply in full.", "", false},
    Option{"quiet", 'q', "", "Print nothing but errors.", "", false},
    Option{"no-record", 0, "", "Write no ledger and no cache: nothing in DIR is touched.", "", false},
    Option{"no-watch", 0, "",
           "Do not record changes of prompts, configuration, models and data (see surety log watch).", "", false},
    kOrganisationOption,
    kStateOption,
    kNoCache,
    kThreads,
    kTimeLimit,
    kNoSandbox,
    kCodes,
    kCatalog,
    kChecks,
    kColour};

constexpr std::array kReportOptions = {
    Option{"format", 'f', "FORMAT", kResultFormatsHelp, kResultFormats, false},
    Option{"output", 'o', "FILE", "Write to FILE instead of standard output.", "", false},
    Option{"from", 0, "FILE", "Render this result (JSON, of surety assess) instead of the last recorded evidence.", "",
           false},
    Option{"verbose", 'v', "", "Text: show passes and what does not apply in full.", "", false},
    Option{"sign", 0, "", "Write a signed bundle (.surety) that a stranger can check instead; needs --output.", "",
           false},
    Option{"key", 0, "FILE", "With --sign: the private key (surety keygen).", "", false},
    Option{"passphrase-file", 0, "FILE", "With --sign: its passphrase stands in the first line of FILE.", "", false},
    kStateOption,
    kCode,
    kCatalog,
    kChecks,
    kColour};

constexpr std::array kDiffOptions = {
    Option{"format", 'f', "FORMAT", "What to print: text, json or md (default: text).", "text,json,md", false},
    Option{"output", 'o', "FILE", "Write to FILE instead of standard output.", "", false},
    Option{"run", 0, "ENTRY", "Twice: compare these runs, by their entries in the ledger.", "", true},
    Option{"directory", 'C', "DIR", "Compare runs of this directory (default: the current one).", "", false},
    kStateOption,
    kCatalog,
    kChecks};
constexpr std::array kImportOptions = {
    Option{"directory", 'C', "DIR", "The assessed directory that the results speak of (default: the current one).", "",
           false},
    Option{"tool", 0, "FORMAT", "Read the files as this tool's results (default: recognised by their content).",
           "sarif,cyclonedx-vex,scorecard,garak,promptfoo,modelscan,modelaudit,trivy", false},
    Option{"format", 'f', "FORMAT", "What to print: text or json (default: text).", "text,json", false},
    Option{"no-record", 0, "", "Read the files and tell what is in them; record nothing.", "", false}, kStateOption};

constexpr std::array kInitOptions = {
    Option{"output", 'o', "FILE", "Write here instead of DIR/ai-system.yaml; - for standard output.", "", false},
    Option{"force", 0, "", "Replace a file that is already there.", "", false}, kThreads};

constexpr std::array kExplainOptions = {
    Option{"all", 0, "", "Print every provision with its checks as a Markdown page (docs/provisions.md).", "", false},
    Option{"crosswalk", 0, "",
           "Relations to other frameworks, of a provision or of one framework (nist-ai-rmf, iso-42001, owasp-llm-2025, "
           "mitre-atlas, ncsc-guidelines, eu-ai-act); without a topic, list these.",
           "", false},
    kCode, kCatalog, kChecks};

constexpr std::array kNextOptions = {
    Option{"count", 'n', "N", "Show so many steps (default: 3).", "", false},
    Option{"format", 'f', "FORMAT", "What to print: text or json (default: text).", "text,json", false},
    kStateOption,
    kCode,
    kCatalog,
    kChecks};

constexpr std::array kPlanOptions = {
    Option{"by", 0, "DATE", "The day by which it is to be done (2027-03-01).", "", false},
    Option{"people", 0, "N", "So many people work on it (default: 1).", "", false},
    Option{"shall-only", 0, "", "Leave out what only a should asks for.", "", false},
    Option{"format", 'f', "FORMAT", "What to print: text, json, md, csv or ics (calendar; default: text).",
           "text,json,md,csv,ics", false},
    kStateOption,
    kCode,
    kCatalog,
    kChecks};

constexpr std::array kApplicableOptions = {
    Option{"role", 0, "ROLE",
           "The organisation holds this role (developer, system-operator, data-custodian); may be "
           "repeated. Default: as in ai-system.yaml.",
           "", true},
    Option{"function", 0, "NAME", "A business function: what the organisation does; may be repeated.",
           "builds-software,sells-software,operates-services,uses-ai,builds-ai,offers-api,serves-end-users,"
           "hands-over-models,transfers-ownership",
           true},
    Option{"technology", 0, "NAME", "A technology in use; may be repeated.",
           "ai,generative,predictive,agent,retrieval,training,fine-tuning,continuous-learning,open-weights,"
           "hosted-models,local-models,cloud,software,apps,consumer-iot",
           true},
    kOrganisationOption,
    Option{"new", 0, "", "Print a commented organisation.yaml to begin with, and nothing else.", "", false},
    Option{"provisions", 0, "", "List every provision, with the rule that said so.", "", false},
    Option{"format", 'f', "FORMAT", "What to print: text or json (default: text).", "text,json", false},
    kStateOption};

constexpr std::array kInventoryOptions = {
    Option{"format", 'f', "FORMAT", "What to print: text, json or csv (default: text).", "text,json,csv", false},
    Option{"kind", 0, "KIND", "Only assets of this kind; may be repeated.", "", true},
    kStateOption,
    kNoCache,
    kThreads,
    kTimeLimit,
    kNoSandbox};

constexpr std::array kBomOptions = {
    Option{
        "format", 'f', "FORMAT",
        "What to print: text, cyclonedx-1.6, cyclonedx-1.7, spdx-3.0.1 or g7; for diff text or json (default: text).",
        "text,json,cyclonedx-1.6,cyclonedx-1.7,spdx-3.0.1,g7", false},
    Option{"output", 'o', "FILE", "Write to FILE instead of standard output.", "", false},
    Option{"gaps", 0, "", "Print what the G7 minimum elements ask for and is missing, and who has to supply it.", "",
           false},
    Option{"check", 0, "", "Exit with 1 where something declared is contradicted by the bytes.", "", false},
    kStateOption,
    kNoCache,
    kThreads};

constexpr std::array kScanOptions = {
    Option{"format", 'f', "FORMAT", "What to print: text, json, sarif, junit or md (default: text).",
           "text,json,sarif,junit,md", false},
    Option{"output", 'o', "FILE", "Write to FILE instead of standard output.", "", false},
    Option{"all", 'a', "", "List clean files too (JSON, SARIF and JUnit always do).", "", false},
    Option{"allow", 0, "FILE", "Findings that somebody accepted, with reason, owner and expiry (YAML).", "", true},
    Option{"baseline", 0, "FILE", "Findings known before do not count; those of malice always do.", "", false},
    Option{"write-baseline", 0, "FILE", "Write the findings of this run as a baseline.", "", false},
    Option{"hash", 0, "", "Compute SHA-256 of files above 1 MiB too: reads them whole.", "", false},
    kTimeLimit,
    kNoSandbox,
    Option{"explain", 0, "RULE", "Say what a rule means and what to do; \"all\" lists every rule.", "", false},
    Option{"trace", 0, "", "Print the disassembly of pickles instead of a verdict.", "", false},
    kThreads};

constexpr std::array kInspectOptions = {
    Option{"input", 'i', "FORM", "What the input is: one text, lines, or JSON lines (default: by the name).",
           "text,lines,jsonl", false},
    Option{"field", 0, "NAME", "The member of a JSON line that holds the text (default: text).", "", false},
    Option{"only", 0, "KIND", "Look for this kind only; may be repeated.", "secret,personal,injection,script", true},
    Option{"certainty", 0, "LEVEL", "Leave out what is less certain (default: low).", "low,medium,high", false},
    Option{"fail-on", 0, "LEVEL", "Exit with 1 where something this certain is found (default: never).",
           "low,medium,high,never", false}};

constexpr std::array kQueryOptions = {
    Option{"format", 'f', "FORMAT", "What to print: text, json or csv (default: text).", "text,json,csv", false},
    Option{"directory", 'C', "DIR", "The assessed directory (default: the current one).", "", false},
    Option{"check", 0, "ID", "List everything this check objects to; no SQL is needed then.", "", false},
    Option{"schema", 0, "", "Print every table and column, as Markdown.", "", false},
    kStateOption,
    kCatalog,
    kChecks};

constexpr Option kPassphrase = {
    "passphrase-file", 0, "FILE", "Passphrase of the private key: the first line of FILE.", "", false};
constexpr Option kIgnorePaths = {
    "ignore-paths", 0, "PATH", "Leave out PATH of the model, or all below it; may be repeated.", "", true};
constexpr Option kAllowSymlinks = {
    "allow-symlinks", 0, "", "Take the content of what symbolic links to files point to.", "", false};
constexpr Option kTextOrJson = {"format",    'f',  "FORMAT", "What to print: text or json (default: text).",
                                "text,json", false};
constexpr Option kRecord = {
    "record",
    0,
    "DIR",
    "Record what was done as evidence in the ledger of this assessed directory (default: where the "
    "model is in a directory that has one).",
    "",
    false};
constexpr Option kNoRecord = {"no-record", 0, "", "Record nothing in any ledger.", "", false};

constexpr std::array kKeygenOptions = {
    Option{"private-key", 0, "FILE", "Write the private key here, readable by you alone; never replaces a file.", "",
           false},
    Option{"public-key", 0, "FILE", "Write the public key here (default: the private key's name with .pub).", "",
           false},
    Option{"algorithm", 0, "KIND", "Kind of key (default: ecdsa-p256; ed25519 is for logs, not for models).",
           "ecdsa-p256,ecdsa-p384,ecdsa-p521,ed25519", false},
    Option{"passphrase-file", 0, "FILE", "Encrypt the private key with the first line of FILE.", "", false}};

constexpr std::array kSignOptions = {
    Option{"signature", 0, "FILE", "Write the bundle here; repeat it together with --hash for several.", "", true},
    Option{"private-key", 0, "FILE", "The ECDSA key to sign with (PEM), which nobody else may be able to read.", "",
           false},
    kPassphrase,
    Option{"certificate", 0, "FILE", "Sign with this certificate of the key (PEM).", "", false},
    Option{"certificate-chain", 0, "FILE", "Its issuers, nearest first, without the root; may be repeated.", "", true},
    Option{
        "hash", 0, "ALGORITHM",
        "Digest of the files: sha256, blake2b or blake3 (default: sha256, which all verifiers read). Repeated, with as "
        "many --signature, the files are read once for all.",
        "sha256,blake2b,blake3", true},
    Option{"shard-size", 0, "BYTES", "Hash files in parts of so many bytes, so that all cores work on a large file.",
           "", false},
    kIgnorePaths,
    kAllowSymlinks,
    Option{"dot-name", 0, "", "Name a single file \".\" in the signature, as model_signing wants it, against OMS 1.0.",
           "", false},
    Option{"allow-confusable-names", 0, "", "Sign names that differ only in case or Unicode form, or turn text around.",
           "", false},
    kTextOrJson,
    kRecord,
    kNoRecord,
    kThreads};

constexpr std::array kVerifyOptions = {
    Option{"signature", 0, "FILE", "The bundle.", "", false},
    Option{"public-key", 0, "FILE", "Trust this key (PEM).", "", true},
    Option{"requirements", 0, "FILE", "Of a bundle: tell what it lacks of this file (YAML).", "", false},
    Option{"own-catalogue", 0, "", "Of a bundle: compute with the catalogue in it where another is here.", "", false},
    Option{"catalog", 0, "DIR", "Of a bundle: the Code in this folder is known too.", "", false},
    Option{"checks", 0, "DIR", "Of a bundle: with the checks (*.yaml) of this folder added.", "", true},
    Option{"certificate-chain", 0, "FILE", "Trust what these certificates issued (PEM: roots and intermediates).", "",
           true},
    Option{"trusted-root", 0, "FILE", "Trust this Sigstore instance (trusted_root.json), for keyless signatures.", "",
           false},
    Option{"identity", 0, "NAME", "Who must have signed (e-mail address or URI), with --trusted-root.", "", false},
    Option{"issuer", 0, "URL", "Who must have vouched for that identity, with --trusted-root.", "", false},
    kIgnorePaths,
    Option{"ignore-unsigned-files", 0, "", "Files that the signature does not name are no problem.", "", false},
    kAllowSymlinks,
    Option{"partial", 0, "", "Verify only the files that a loader opens; the verdict says that it is partial.", "",
           false},
    Option{"only", 0, "PATH", "Verify only this file of the model; may be repeated. The verdict is partial.", "", true},
    Option{"as-reference", 0, "",
           "Count only what the reference implementation would object to; our stricter findings are still listed.", "",
           false},
    Option{"at", 0, "TIME", "Hold certificates against this time instead of now (2026-11-30 or RFC 3339).", "", false},
    Option{"cache", 0, "DIR",
           "Remember digests in this folder, and do not read again what has not changed since. Authenticated with a "
           "key in it "
           "that only you can read.",
           "", false},
    Option{"interop", 0, "",
           "Say which other verifiers can read this bundle, and why not; needs neither model nor key.", "", false},
    kTextOrJson,
    kRecord,
    kNoRecord,
    kThreads};

constexpr Option kGoodKey = {
    "private-key", 0, "FILE", "The ECDSA key to sign with (PEM), which nobody else may be able to read.", "", false};

constexpr std::array kSnapshotOptions = {
    kGoodKey,
    kPassphrase,
    Option{
        "place", 0, "PLACE",
        "Where the bytes are kept, under the same names: a directory, "
        "git+file:///REPOSITORY?revision=COMMIT (or git+https), or s3://BUCKET/PREFIX?endpoint=URL&region=REGION. May "
        "be repeated.",
        "", true},
    kIgnorePaths,
    kStateOption,
    kThreads};

constexpr std::array kRestoreOptions = {
    Option{"drill", 0, "", "Restore into a scratch directory that is removed afterwards.", "", false},
    Option{"into", 0, "DIR", "Restore into this directory, which must be new or empty.", "", false},
    Option{"place", 0, "PLACE", "Fetch from here instead of from the first place on record.", "", false},
    Option{"public-key", 0, "FILE", "Verify with this key instead of the one in the ledger.", "", false},
    Option{"format", 'f', "FORMAT", "What to print: text, or json (the evidence; default: text).", "text,json", false},
    kStateOption,
    kThreads};

constexpr std::array kReleaseOptions = {
    kGoodKey,
    kPassphrase,
    Option{"output", 'o', "DIR", "Write here (default: DIR.release, beside it); must be new or empty.", "", false},
    Option{"name", 0, "NAME", "Call the release so (default: the name of DIR).", "", false},
    Option{"strict", 0, "", "Exit with 3 where a part could not be made.", "", false},
    kIgnorePaths,
    kStateOption,
    kThreads};

constexpr std::array kGatewayOptions = {
    Option{"config", 'c', "FILE", "The configuration (default: gateway.yaml here).", "", false}};

constexpr std::array kHelpOptions = {
    Option{"man", 0, "", "Print the manual page, for man -l or mandoc.", "", false},
    Option{"completions", 0, "SHELL", "Print completions for bash, zsh or fish.", "bash,zsh,fish", false}};

constexpr std::array kCommands = {
    Command{"assess", "tell which provisions of the Code hold, fail, or cannot be told", "[DIR]", 1,
            "Reads the directory (default: the current one), tells what is there, scans models, data, prompts and "
            "configuration, records what it saw in the ledger, and computes a verdict for every provision from that "
            "evidence. "
            "No configuration is needed; facts that files cannot show are stated in ai-system.yaml (see surety init).",
            "surety assess                            # the current directory\n"
            "surety assess app -o report.html         # text here, the report in a file\n"
            "surety assess --format sarif -o r.sarif  # for a code host",
            kAssessOptions, run_assess},
    Command{"report", "render the last recorded assessment, or a result that was kept", "[DIR]", 1,
            "Reads no file of the system. Without --from it assesses the evidence that the last surety assess of DIR "
            "recorded; with --from it renders the verdicts of that JSON result as they are, after checking that they "
            "do not contradict each other. The exit code says whether the report could be made, not what it says.",
            "surety report -f html -o report.html\n"
            "surety report --sign --key report.key -o app.surety\n"
            "surety report --from result.json -f sarif -o result.sarif",
            kReportOptions, run_report},
    Command{"diff", "tell what changed between two assessments, and why", "[OLD NEW]", 2,
            "Compares two results (surety assess --format json), or the last two runs in the ledger: what fails newly, "
            "is worse, stale, fixed or better, and which evidence changed. Exit code 1 where anything is new, worse or "
            "stale.",
            "surety diff before.json after.json\nsurety diff -f md -o comment.md\nsurety diff --run 812 --run 1284",
            kDiffOptions, run_diff},
    Command{"baseline",
            "accept what fails now, so that only what is new closes the gate",
            "",
            0,
            "",
            "surety baseline write --author \"A. Jones\" --reason \"before the gate\"",
            {},
            nullptr,
            baseline_commands},
    Command{"supplier",
            "take over what suppliers' bundles show",
            "",
            0,
            "",
            "surety supplier import vendor.surety --as vendor --public-key vendor.pub",
            {},
            nullptr,
            supplier_commands},
    Command{
        "import", "record results of other tools as evidence", "FILE...", 1'000,
        "Reads results of SARIF tools, CycloneDX VEX, OpenSSF Scorecard, garak, promptfoo, modelscan, modelaudit and "
        "Trivy, and records what they say in the ledger, as evidence of the strength imported. Errors of a tool count "
        "neither as passed nor as failed. A file that says of nothing that it was looked at is refused (exit code 2), "
        "and then none is recorded. A result replaces the earlier one of the same file name.",
        "surety import trivy.json scan.sarif\n"
        "surety import -C app garak.report.jsonl\n"
        "surety query \"SELECT * FROM imported_findings WHERE outcome = 'fail'\"",
        kImportOptions, run_import},
    Command{
        "init", "write an ai-system.yaml, half filled from what is found", "[DIR]", 1,
        "Writes a commented ai-system.yaml: what discovery found is filled in, what only people know is left for you.",
        "surety init\nsurety init app --output -", kInitOptions, run_init},
    Command{"explain", "explain a provision, principle, check or term", "[TOPIC...]", 16,
            "Topics: a provision in either numbering (5.1, 5.2.1-1), a principle (P7), a check, a term, glossary, "
            "roles, editions. "
            "Without a topic, lists them.",
            "surety explain 5.1\nsurety explain P7\nsurety explain 5.2.1-1\nsurety explain glossary", kExplainOptions,
            run_explain},
    Command{
        "next", "what to do next, cheapest first", "[DIR]", 1,
        "From the last recorded assessment of DIR: the cheapest open steps, those of shall provisions and known faults "
        "first, each with commands to run on this very system. One step may close several provisions.",
        "surety next\nsurety next app --count 10", kNextOptions, run_next},
    Command{
        "plan", "a plan of all that is open, by a date", "[DIR]", 1,
        "Puts all open steps in order, with effort and what comes before what, and says which are done before the date "
        "where so many people work on them. Efforts are the catalogue's estimates.",
        "surety plan --by 2027-03-01\nsurety plan --by 2027-03-01 --people 2 -f md > plan.md", kPlanOptions, run_plan},
    Command{
        "applicable", "which Codes and provisions concern an organisation", "[DIR]", 1,
        "From organisation.yaml and ai-system.yaml in DIR, or from options: for each Code whether it concerns the "
        "organisation, and which of its provisions do, each with the rule that said so and where it stands. Nothing is "
        "taken out without a rule, nor by what nobody declared. Where there is an organisation.yaml the files of DIR "
        "are looked through for what contradicts it.",
        "surety applicable --new > organisation.yaml\n"
        "surety applicable\n"
        "surety applicable --role system-operator --provisions",
        kApplicableOptions, run_applicable},
    Command{"inventory", "list what belongs to the AI system", "[DIR]", 1,
            "Discovers models, datasets, prompts, agent and model configuration, dependencies and documents, by "
            "content first and "
            "by name second.",
            "surety inventory\nsurety inventory --kind model --format json", kInventoryOptions, run_inventory},
    Command{
        "bom", "write the bill of materials of the AI system, or compare two", "[DIR] | diff OLD NEW", 3,
        "Lists models, weights, adapters, tokenizers, chat templates, prompts, data, agents, tools, guardrails, "
        "services and code dependencies with digests, licences and relations. Every field is marked observed, "
        "declared or derived, and what is declared is held against the bytes: a contradiction is told and stands in "
        "the document. diff tells in words what changed between two documents (CycloneDX, SPDX or Croissant, of "
        "any tool); exit code 1 where anything did.",
        "surety bom                                        # for people\n"
        "surety bom --format cyclonedx-1.7 -o bom.cdx.json\n"
        "surety bom --gaps                                 # by G7 element\n"
        "surety bom diff old.cdx.json new.cdx.json",
        kBomOptions, run_bom},
    Command{
        "threats", "derive the threat model of the AI system", "[DIR] | COMMAND ...", 1,
        "Derives threats from ai-system.yaml and from what is found, by rules that are data. A threat is met only by "
        "evidence that is fresh and about the present digest; what is merely declared is shown as claimed.",
        "surety threats\nsurety threats --format svg -o flows.svg\n"
        "surety threats --format navigator -o layer.json\nsurety threats diff before.json after.json",
        kThreatsOptions, run_threats, threats_commands},
    Command{
        "scan", "judge model files, data, prompts and code by the scanner's rules", "[PATH...]", 1'000'000,
        "Judges files and directories (default: the current one; - for standard input). Nothing is executed, loaded "
        "or unpacked to disk; files are read in child processes without rights. Exit code 0 only when every file was "
        "read whole and is clean; 1 with a finding of medium severity or above; 3 when something could not be read.",
        "surety scan model.pkl\n"
        "surety scan models --format sarif -o scan.sarif\n"
        "surety scan . --allow scan-allow.yaml\n"
        "surety scan --trace model.pkl\n"
        "surety scan --explain pickle-dangerous-call",
        kScanOptions, run_scan},
    Command{
        "inspect", "find credentials, personal data and planted instructions in text", "[FILE...]", 1'000'000,
        "Prints one JSON line for each text (a file, a line, or the text field of a JSON line; - for standard input) "
        "with what was found: kind, name, first byte, byte behind the last, certainty and score; and the guard's score "
        "from 0 to 1 of how much the text looks like prompt injection. The text itself is not repeated. A help to test "
        "data with, never a barrier: whoever wants to pass unseen, can.",
        "surety inspect notes.txt\n"
        "surety inspect --field prompt --certainty medium prompts.jsonl\n"
        "surety inspect --only personal --fail-on high - < export.csv",
        kInspectOptions, run_inspect},
    Command{
        "query", "ask the evidence in SQL", "[SQL]", 1,
        "Runs one SELECT over the fact tables of the last assessment of DIR. Reading only. --schema prints the tables.",
        "surety query \"SELECT kind, count(*) FROM assets GROUP BY kind\"\nsurety query --schema", kQueryOptions,
        run_query},
    Command{"log",
            "the ledger of evidence: verify it, show it, prove from it",
            "COMMAND",
            0,
            "The ledger keeps everything that was recorded, so that a change of it is noticed.",
            "surety log verify\nsurety log verify --help",
            {},
            nullptr,
            log_commands},
    Command{
        "record",
        "what people state: write, check, list and sign records",
        "COMMAND",
        0,
        "Records (security/*.yaml) say what files cannot show: who was trained, which plan was exercised, who accepted "
        "a risk. A signed one counts for more.",
        "surety record new roster\nsurety record check",
        {},
        nullptr,
        record_commands},
    Command{
        "guard",
        "train or measure the detector of prompt injection",
        "COMMAND",
        0,
        "A small linear model that says how much a text looks like prompt injection or a jailbreak. A help, never a "
        "barrier.",
        "surety guard evaluate --data mine.jsonl",
        {},
        nullptr,
        guard_commands},
    Command{
        "monitor",
        "watch the traffic of a model API: drift, extraction, poisoning",
        "COMMAND",
        0,
        "Holds exchanges with a model against a signed baseline and raises alarms with a stated rate of false ones.",
        "surety monitor replay week.jsonl --baseline usual.baseline \\\n    --public-key ops.key.pub",
        {},
        nullptr,
        monitor_commands},
    Command{"keygen", "make a key for signing", "", 0,
            "Makes a private key (PKCS #8, PEM, mode 0600) and its public key. Neither file is ever replaced.",
            "surety keygen --private-key model.key\n"
            "surety keygen --private-key log.key --algorithm ed25519 \\\n"
            "    --passphrase-file secret.txt",
            kKeygenOptions, run_keygen},
    Command{
        "sign", "sign a model", "MODEL", 1,
        "Signs a directory or a file in the format of OpenSSF Model Signing 1.0: a Sigstore bundle over the digests of "
        "all files. .git, .gitattributes, .github and .gitignore at the top, and the bundle itself, are left out.",
        "surety sign models/intent --signature intent.sig --private-key model.key\n"
        "surety sign m --signature m.sig --signature m.b3.sig \\\n"
        "    --hash sha256 --hash blake3 --private-key model.key",
        kSignOptions, run_sign},
    Command{
        "verify", "verify the signature of a model, or a signed report", "MODEL|FILE.surety", 1,
        "Verifies a bundle of OpenSSF Model Signing: who signed, and that every file is as it was signed, none is "
        "missing "
        "and none was added. Exit code 4 where anything does not verify; every reason is listed. Uses no network. Of "
        "a bundle (surety report --sign) every signature and proof is checked and every verdict computed again; "
        "exit code 1 where it does not meet --requirements, 3 where no --public-key says whose it is.",
        "surety verify models/intent --signature intent.sig --public-key model.key.pub\n"
        "surety verify m --signature m.sig --certificate-chain root.pem --partial\n"
        "surety verify m --signature m.sig --trusted-root trusted_root.json \\\n"
        "    --identity dev@example.com --issuer https://accounts.example.com\n"
        "surety verify --signature m.sig --interop\n"
        "surety verify acme.surety --public-key acme.pub --requirements needs.yaml",
        kVerifyOptions, run_verify},
    Command{"snapshot", "record the present state as good, and where its bytes are kept", "[DIR]", 1,
            "Signs every file of the directory (OpenSSF Model Signing) and records in the ledger the digest, the key "
            "and the "
            "places where copies are. Nothing is copied. From then on assess names every file that differs.",
            "surety snapshot --private-key good.key --place /srv/backup/model\n"
            "surety snapshot . --private-key good.key \\\n"
            "    --place \"s3://models/v1?endpoint=https://s3.example.org\"",
            kSnapshotOptions, run_snapshot},
    Command{
        "restore", "bring the last good state back, or rehearse it", "[DIR]", 1,
        "Fetches every file of the last snapshot from the place on record and verifies the bytes on disk against the "
        "signature. What happened, and how long it took, becomes evidence for provision 5.3.1. The network is used "
        "only "
        "where the place is git+https or s3 (credentials: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, "
        "AWS_SESSION_TOKEN). Exit code 4 where bytes differ, 5 where they could not be had.",
        "surety restore --drill\nsurety restore --into /srv/app.restored --place /mnt/backup", kRestoreOptions,
        run_restore},
    Command{
        "release", "make all that recipients need to check a model", "DIR", 1,
        "Writes beside the directory: a signature (OpenSSF Model Signing), SHA256SUMS and a signature over it, the "
        "public "
        "key, a bill of materials, a proof that the release is in the log, and VERIFY.html, a page with the commands "
        "that a stranger needs. What could not be made is said there and here.",
        "surety release models/intent --private-key release.key\nsurety release m -o out --private-key k --strict",
        kReleaseOptions, run_release},
    Command{
        "gateway", "stand between clients and model APIs, with the Code's controls", "", 0,
        "Serves the configuration until SIGTERM: takes requests of the OpenAI and Anthropic APIs and of MCP over HTTP, "
        "asks the controls, and passes them on. SIGHUP, or a change of the file, reloads it; a configuration that "
        "cannot be used is refused with a message, and the old one stays.",
        "surety gateway --config gateway.yaml\nsurety gateway check --config gateway.yaml", kGatewayOptions,
        run_gateway, gateway_commands},
    Command{"help", "show help, the manual page or shell completions", "[COMMAND [SUBCOMMAND]]", 2, "",
            "surety help assess\nsurety help log verify\nsurety help --man | mandoc -a", kHelpOptions, run_help},
};

}  // namespace

std::span<const Command> commands() {
  return kCommands;
}

const Command* find_command(std::string_view name) {
  for (const Command& command : kCommands) {
    if (command.name == name) {
      return &command;
    }
  }
  return nullptr;
}

const Command* find_subcommand(const Command& command, std::string_view word) {
  if (command.subcommands != nullptr) {
    for (const Command& sub : command.subcommands()) {
      if (last_word(sub.name) == word) {
        return &sub;
      }
    }
  }
  return nullptr;
}

std::string_view last_word(std::string_view name) {
  return name.substr(name.rfind(' ') + 1);
}

}  // namespace app
