// The subcommands of `surety record`. One file each.
#include <array>

#include "app/record/record.h"

namespace app {
namespace {

constexpr Option kCatalog = {"catalog", 0,    "DIR", "Use the Code in this folder instead of the built-in one.",
                             "",        false};
constexpr Option kChecks = {"checks", 0, "DIR", "Add the checks (*.yaml) of this folder.", "", true};
constexpr Option kFormat = {"format",        'f',  "FORMAT", "What to print: text, json or csv (default: text).",
                            "text,json,csv", false};

constexpr std::array kCheckOptions = {kCatalog, kChecks};
constexpr std::array kKindsOptions = {kFormat, kCatalog, kChecks};
constexpr std::array kListOptions = {
    kFormat, Option{"kind", 0, "KIND", "Only records of this kind; may be repeated.", "", true}, kCatalog, kChecks};
constexpr std::array kNewOptions = {
    Option{"output", 'o', "FILE", "Write here instead of security/KIND.yaml; - for standard output.", "", false},
    Option{"force", 0, "", "Replace a file that is already there.", "", false}};
constexpr std::array kSignOptions = {
    Option{"key", 0, "FILE",
           "The private key, in OpenSSH's form or PEM, which nobody else may be able to read; or the public one (.pub) "
           "of a key in an agent.",
           "", false},
    Option{"passphrase-file", 0, "FILE", "Passphrase of the key: the first line of FILE.", "", false},
    Option{"output", 'o', "FILE", "Write the signature here instead of to FILE.sig.", "", false}};

constexpr std::array kRecordCommands = {
    Command{
        "record check", "check the records and their signatures", "[DIR]", 1,
        "Reads security/*.yaml (or what records: in ai-system.yaml names) and checks syntax, fields, ids, references, "
        "dates, contradictions and signatures. Exit code 2 where a file is wrong, 4 where a signature does not verify "
        "or is of somebody who may not attest this.",
        "surety record check", kCheckOptions, run_record_check},
    Command{
        "record list", "list the records, since when and until when they count", "[DIR]", 1,
        "One line a record: kind, id, since when, until when, whether it counts today, and whether somebody signed it.",
        "surety record list --kind training\nsurety record list --format json", kListOptions, run_record_list},
    Command{"record kinds", "list the kinds of records and the provisions they speak for", "", 0,
            "Which provisions a kind speaks for follows from the checks of the Code in use.", "surety record kinds",
            kKindsOptions, run_record_kinds},
    Command{
        "record new", "write a commented file for records of a kind", "KIND", 1,
        "Writes security/KIND.yaml with every field explained. As it stands the file is valid and holds no record, so "
        "that nothing passes by it.",
        "surety record new training\nsurety record new supplier -o -", kNewOptions, run_record_new},
    Command{
        "record sign", "sign a file of records", "FILE", 1,
        "Writes FILE.sig beside it, in the format of ssh-keygen -Y sign with the namespace surety-record. It counts "
        "where the key is listed under attesters in ai-system.yaml. With a key in an agent, and with one that is "
        "encrypted "
        "or RSA in OpenSSH's form, ssh-keygen signs; it asks for the passphrase where no --passphrase-file is given.",
        "surety record sign security/risk.yaml --key ~/.ssh/id_ed25519\n"
        "surety record sign security/risk.yaml --key ~/.ssh/id_ed25519.pub   # the agent signs\n"
        "ssh-keygen -Y sign -n surety-record -f KEY FILE   # does the same",
        kSignOptions, run_record_sign},
};

}  // namespace

std::span<const Command> record_commands() {
  return kRecordCommands;
}

}  // namespace app
