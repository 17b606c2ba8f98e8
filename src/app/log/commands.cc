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

constexpr std::array kSubmitOptions = {kWitnessKey, kOutput, kSigningKey, kState};

constexpr std::array kWitnessOptions = {
    Option{"state", 0, "DIR", "Where the witness keeps its key and what it saw. Needed.", "", false},
    Option{"name", 0, "NAME", "What it is called, when it is first used: example.org/witness.", "", false},
    Option{"logs", 0, "FILE", "The key list of the logs it cosigns for (default: logs in its directory).", "", false},
    Option{"key", 0, "FILE", "Its private key, if not in its directory.", "", false},
    Option{"cgi", 0, "", "Answer one request of the tlog-witness protocol, as a CGI program.", "", false},
    kOutput};

constexpr std::array kShowOptions = {kTextOrJson, kState};

constexpr std::array kLogCommands = {
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
    Command{"log show", "list the entries", "[DIR]", 1, "Lists the entries of DIR/.surety/ledger.db.",
            "surety log show\nsurety log show --format json", kShowOptions, run_log_show},
    Command{
        "log submit", "have a witness cosign the checkpoint", "URL|FILE [DIR]", 2,
        "Sends the signed checkpoint to the witness at URL (tlog-witness protocol), or takes in a checkpoint that a "
        "witness cosigned as a FILE. The cosignature is verified and kept with the checkpoint.",
        "surety log submit https://witness.example.org/ --witness-key witness.key\n"
        "surety log submit cosigned.checkpoint --witness-key witness.key",
        kSubmitOptions, run_log_submit},
    Command{"log verify", "recompute every hash, or verify a proof", "[DIR]", 1,
            "Recomputes every hash of DIR/.surety/ledger.db and compares with the last checkpoint; exit code 4 where "
            "anything was edited, deleted, reordered or cut.",
            "surety log verify\nsurety log verify --checkpoint kept.txt", kVerifyOptions, run_log_verify},
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
