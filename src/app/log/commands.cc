// The subcommands of `surety log`. One file each; add yours here, in the order of help.
#include <array>

#include "app/log/log.h"

namespace app {
namespace {

constexpr Option kState = {"state", 0, "DIR", "The ledger is here instead of in DIR/.surety.", "", false};
constexpr Option kTextOrJson = {"format",    'f',  "FORMAT", "What to print: text or json (default: text).",
                                "text,json", false};

constexpr Option kOutput = {"output", 'o', "FILE", "Write to FILE instead of standard output.", "", false};
constexpr Option kSigningKey = {
    "key", 0, "FILE", "The private key that signs, if not the one in the state directory.", "", false};
constexpr Option kTrustedKey = {
    "key", 0, "KEY", "A verifier key of the log (NAME+ID+KEY), or a file with a key list (surety log key).", "", true};
constexpr Option kWitnessKey = {"witness-key", 0, "KEY", "The verifier key of a witness, or a file with it.", "", true};
constexpr Option kQuorum = {"quorum", 0, "N", "So many known witnesses must have cosigned (default: none).", "", false};

constexpr std::array kVerifyOptions = {
    Option{"checkpoint", 0, "FILE", "Hold the log against this checkpoint, kept from an earlier time.", "", false},
    Option{"proof", 0, "FILE", "Verify this proof (surety log prove) instead of a log; needs no log.", "", false},
    Option{"entry", 0, "FILE", "The entry that the proof is about.", "", false},
    Option{"content", 0, "FILE", "And its content, where the entry holds only its digest.", "", false},
    kTrustedKey,
    kWitnessKey,
    kQuorum,
    kTextOrJson,
    kState};

constexpr std::array kExportOptions = {
    Option{"format", 'f', "FORMAT",
           "tiles: a C2SP tlog-tiles log in a directory; jsonl: one line an entry (default: tiles).", "tiles,jsonl",
           false},
    Option{"output", 'o', "FILE", "Write JSONL to FILE instead of standard output.", "", false}, kSigningKey, kState};

constexpr std::array kFollowOptions = {kTrustedKey, kWitnessKey, kQuorum};

constexpr std::array kFsckOptions = {
    Option{"checkpoint", 0, "FILE", "Hold the log against this checkpoint too; may be repeated.", "", true},
    Option{"tiles", 0, "", "DIR is not a ledger but a log of files (surety log export, or a URL).", "", false},
    kTrustedKey, kTextOrJson, kState};

constexpr std::array kKeyOptions = {
    Option{"rotate", 0, "", "Make a new key, which takes over from now on.", "", false},
    Option{"revoke", 0, "ID", "Take back the key with that id: nothing it signs counts any more.", "", false},
    Option{"expire", 0, "ID", "Let the key with that id end at the time of --at.", "", false},
    Option{"at", 0, "TIME", "When it is revoked (default: now) or expires; RFC 3339.", "", false},
    kSigningKey,
    kState};

constexpr std::array kProveOptions = {
    Option{"from", 0, "SIZE|FILE", "Prove that the log continues what it was at that size or checkpoint.", "", false},
    Option{"checkpoint", 0, "FILE", "Prove up to this signed checkpoint, not up to now.", "", false},
    Option{"entry", 0, "FILE", "Write the entry here, as the proof is about it.", "", false},
    Option{"content", 0, "FILE", "Write its content here.", "", false},
    kOutput,
    kSigningKey,
    kState};

constexpr std::array kRebuildOptions = {
    Option{"checkpoint", 0, "FILE", "Hold the entries against this checkpoint too; may be repeated.", "", true},
    kState};

constexpr std::array kSubmitOptions = {kWitnessKey, kOutput, kSigningKey, kState};

constexpr std::array kWitnessOptions = {
    Option{"state", 0, "DIR", "Where the witness keeps its key and what it saw. Needed.", "", false},
    Option{"name", 0, "NAME", "What it is called, when it is first used: example.org/witness.", "", false},
    Option{"logs", 0, "FILE", "The key list of the logs it cosigns for (default: logs in its directory).", "", false},
    Option{"key", 0, "FILE", "Its private key, if not in its directory.", "", false},
    Option{"cgi", 0, "", "Answer one request of the tlog-witness protocol, as a CGI program.", "", false},
    kOutput};

constexpr std::array kAppendOptions = {
    Option{"subject", 's', "NAME", "What it happened to: a path, or an id in ai-system.yaml (default: FILE).", "",
           false},
    Option{"file", 0, "FILE", "The file in DIR that is in force now; its SHA-256 is recorded.", "", false},
    Option{"after", 0, "SHA256", "SHA-256 of what is in force now, instead of a file.", "", false},
    Option{"before", 0, "SHA256", "SHA-256 of what was in force before (default: what the log says).", "", false},
    Option{"removed", 0, "", "The subject is there no longer.", "", false},
    Option{"actor", 0, "WHO", "Who did it (default: the user who runs this).", "", false},
    Option{"approver", 0, "WHO", "Who approved it.", "", false},
    Option{"reason", 0, "TEXT", "Why.", "", false},
    Option{"effective", 0, "TIME", "Since when it holds (default: now).", "", false},
    Option{"set", 0, "NAME=VALUE", "A field of this kind, such as licence=CC-BY-4.0; lists by repeating it.", "", true},
    Option{"private", 0, "FIELD",
           "Record actor, approver, reason or content (of FILE) by salted commitment, so that it can be erased.",
           "actor,approver,reason,content", true},
    Option{"from", 0, "FILE", "Read one event or a list of them from a YAML or JSON file; - for standard input.", "",
           false},
    Option{"dry-run", 'n', "", "Print the statements and record nothing.", "", false},
    kState};

constexpr std::array kAtOptions = {
    Option{"kind", 0, "KIND", "Only this kind of event; may be repeated.", "", true},
    Option{"subject", 's', "NAME", "Only this subject; may be repeated.", "", true},
    Option{"known", 0, "TIME", "By what the log held at that time, without what was recorded later.", "", false},
    kTextOrJson, kState};

constexpr std::array kEraseOptions = {
    Option{"reason", 0, "TEXT", "Why; it is recorded with the erasure.", "", false},
    Option{"field", 0, "FIELD", "Only this private field; may be repeated (default: all).",
           "actor,approver,reason,content", true},
    Option{"actor", 0, "WHO", "Who erases (default: the user who runs this).", "", false}, kState};

constexpr std::array kShowOptions = {
    Option{"kind", 0, "KIND", "Only this kind of entry, such as prompt-change or asset; may be repeated.", "", true},
    Option{"subject", 's', "NAME", "Only this subject; may be repeated.", "", true},
    Option{"since", 0, "TIME", "Only what took effect (or, if it is no event, was received) since then.", "", false},
    Option{"format", 'f', "FORMAT", "What to print: text, json or csv (default: text).", "text,json,csv", false},
    kState};

constexpr std::array kWatchOptions = {
    Option{"all", 0, "", "Read the whole history again, not only what is new.", "", false},
    Option{"max-commits", 0, "N", "Read at most so many commits (default: 100000).", "", false},
    Option{"threads", 'j', "N", "Use so many threads (default: one a core).", "", false},
    Option{"no-cache", 0, "", "Read every file again, even where nothing seems to have changed.", "", false}, kState};

constexpr std::array kLogCommands = {
    Command{"log append", "record what happened", "[KIND] [DIR]", 2,
            "Records an event in the change log: prompt-change, configuration-change, policy-change, document-change, "
            "dataset-snapshot, model-version, training-run, decision, approval, access or disposal. Who, when and what "
            "was in force before are filled in where they are not given.",
            "surety log append prompt-change --file prompts/system.md --reason \"Shorter\"\n"
            "surety log append dataset-snapshot --file train.csv --set licence=CC0-1.0\n"
            "surety log append decision -s models/a --set decision=\"Keep it\"\n"
            "surety log append --from events.yaml",
            kAppendOptions, run_log_append},
    Command{"log at", "tell what was in force at a time, with proof", "TIME [DIR]", 2,
            "For every prompt, configuration, policy, document, data set and model: which content was in force at TIME "
            "(a date means its end), since when, and the proof that the entry is in the log. What was recorded later "
            "than it took effect is marked.",
            "surety log at 2026-11-23\nsurety log at 2026-11-23T12:00:00Z --subject prompts/system.md --format json",
            kAtOptions, run_log_at},
    Command{"log erase", "erase the private fields of an entry", "ENTRY [DIR]", 2,
            "Deletes what opens the commitments of an entry, and records that. Proofs of the entry go on to hold.",
            "surety log erase 12 --reason \"Asked for by the person named\"", kEraseOptions, run_log_erase},
    Command{
        "log export", "write the log as files that other tools verify, or as JSONL", "[OUT] [DIR]", 2,
        "Writes the log as files after C2SP tlog-tiles into OUT, or brings those there up to date: checkpoint, tiles, "
        "entry bundles. Any web server can serve them. With --format jsonl only DIR is named.",
        "surety log export public\nsurety log export --format jsonl -o entries.jsonl", kExportOptions, run_log_export},
    Command{
        "log follow", "mirror another log, and verify that it is never rewritten", "SOURCE MIRROR", 2,
        "Brings the directory MIRROR up to date with the log of files at SOURCE, a directory or URL. Every entry is "
        "hashed; the checkpoint must be signed and continue the one that MIRROR remembers. Exit code 4 where the log "
        "was rolled back, forked or rewritten; MIRROR then stays as it was.",
        "surety log follow https://logs.example.org/ai mirror --key log-keys", kFollowOptions, run_log_follow},
    Command{"log fsck", "name what is damaged, and what can still be proven", "[DIR]", 1,
            "Goes from the root of the newest checkpoint down to every entry and names the first bad one, its tile, "
            "and which "
            "entries can still be proven. Damaged hashes are passed by way of what is below them.",
            "surety log fsck\nsurety log fsck --tiles public --key log-keys", kFsckOptions, run_log_fsck},
    Command{
        "log key", "show, make, replace or take back the keys that sign for the log", "[DIR]", 1,
        "Prints the verifier keys of the log, with the sizes or times between which each counts: give them to whoever "
        "verifies. The first key is made when something is signed for the first time, or by this command.",
        "surety log key\nsurety log key --rotate\nsurety log key --revoke 0de4d0ce", kKeyOptions, run_log_key},
    Command{"log prove", "prove that an entry is in the log, or that the log continues", "[INDEX] [DIR]", 2,
            "Writes a proof that needs no log to be verified: of the entry INDEX as C2SP tlog-proof, or with --from, "
            "of the "
            "log's being continued, as the request to a witness (C2SP tlog-witness). With --from only DIR is named.",
            "surety log prove 12 -o 12.tlog-proof --entry 12.entry\n"
            "surety log verify --proof 12.tlog-proof --entry 12.entry --key log-keys\n"
            "surety log prove --from old.checkpoint -o request",
            kProveOptions, run_log_prove},
    Command{
        "log rebuild", "make a lost or damaged ledger.db again", "[DIR]", 1,
        "Makes the database of the ledger again from its file of entries, if these are whole and continue every "
        "checkpoint that is left: the checkpoint file, the signed one, what the damaged database still says, those of "
        "--checkpoint. A log that was cut or put back to an older state is refused.",
        "surety log rebuild\nsurety log rebuild --checkpoint kept.checkpoint", kRebuildOptions, run_log_rebuild},
    Command{"log show", "list the entries", "[DIR]", 1, "Lists the entries of the ledger in DIR/.surety.",
            "surety log show\nsurety log show --kind prompt-change --since 2026-10-01 --format json", kShowOptions,
            run_log_show},
    Command{
        "log submit", "have a witness cosign the checkpoint", "URL|FILE [DIR]", 2,
        "Sends the signed checkpoint to the witness at URL (tlog-witness protocol), or takes in a checkpoint that a "
        "witness cosigned as a FILE. The cosignature is verified and kept with the checkpoint.",
        "surety log submit https://witness.example.org/ --witness-key witness.key\n"
        "surety log submit cosigned.checkpoint --witness-key witness.key",
        kSubmitOptions, run_log_submit},
    Command{
        "log verify", "recompute every hash, or verify a proof", "[DIR]", 1,
        "Recomputes every hash of the ledger in DIR/.surety and compares with the last checkpoint; exit code 4 where "
        "anything was edited, deleted, reordered or cut.",
        "surety log verify\nsurety log verify --checkpoint kept.txt", kVerifyOptions, run_log_verify},
    Command{
        "log watch", "record what changed, from git and from the files", "[DIR]", 1,
        "Records changes of prompts, configuration, models, data sets, policies and documents: from the history of "
        "git with author, time, commit and message, and from the files as they are now. Doing it again adds nothing. "
        "surety assess does the same where there is an ai-system.yaml.",
        "surety log watch\nsurety log watch --all --max-commits 1000000", kWatchOptions, run_log_watch},
    Command{
        "log witness", "be a witness: cosign what continues what was seen before", "[REQUEST]", 1,
        "Reads a request (surety log prove --from), holds it against the last checkpoint that this witness saw of the "
        "log, remembers the new one and prints it with the cosignature. Refuses rollbacks and split views (exit code "
        "4). "
        "Without REQUEST prints the verifier key of the witness. Works without network, on any machine that the two "
        "files are carried to and from; with --cgi behind any web server.",
        "surety log witness --state witness --name example.org/witness\n"
        "surety log witness --state witness request -o cosigned.checkpoint",
        kWitnessOptions, run_log_witness},
};

}  // namespace

std::span<const Command> log_commands() {
  return kLogCommands;
}

}  // namespace app
