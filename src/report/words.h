#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "assess/assess.h"

/// The words and small choices that all renderers share, so that two formats never call one thing by two names.
/// Private to the room.
namespace report {

/// A verdict as it is shown: a pass that rests on what somebody stated is never shown like one that was tested.
enum class Status : std::uint8_t { fail, excepted, inconclusive, attested, pass, not_applicable };
inline constexpr std::size_t kStatusCount = 6;
[[nodiscard]] Status status(const assess::ProvisionResult& result);
[[nodiscard]] Status status(const assess::CheckResult& check);
[[nodiscard]] std::string_view key(
    Status status);  ///< "fail", "excepted", "inconclusive", "attested", "pass", "not applicable".
[[nodiscard]] std::string_view label(
    Status status);  ///< "Fail", "Excepted", "Inconclusive", "Attested", "Pass", "Not applicable".
/// What the word means, in a sentence or two.
[[nodiscard]] std::string_view meaning(Status status);
[[nodiscard]] std::string_view meaning(evidence::Strength strength);
[[nodiscard]] std::string_view meaning(catalog::Verb verb);

inline constexpr Status kStatuses[] = {Status::fail,     Status::excepted, Status::inconclusive,
                                       Status::attested, Status::pass,     Status::not_applicable};
inline constexpr catalog::Verb kVerbs[] = {catalog::Verb::shall, catalog::Verb::should, catalog::Verb::can};
inline constexpr std::string_view kDisclaimer = "Not a legal determination: it says what the evidence read here shows.";

/// White space of any kind as single spaces, ends trimmed, then base::printable: one safe line.
[[nodiscard]] std::string one_line(std::string_view text);
/// `text` with its first letter in upper case (ASCII).
[[nodiscard]] std::string capitalised(std::string_view text);

/// The ids in the other editions with a short name of the edition ("EN", "5.2.1-1"), where they differ from `id`.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> other_ids(const catalog::Catalog& catalog,
                                                                         std::string_view id,
                                                                         const std::map<std::string, std::string>& ids);
/// "5.1 / EN 5.2.1-1".
[[nodiscard]] std::string label(const catalog::Catalog& catalog, const catalog::Provision& provision);
/// The principle of that id; null where the catalogue has none.
[[nodiscard]] const catalog::Principle* principle(const catalog::Catalog& catalog, std::string_view id);
/// "shall", or "shall, should in parts".
[[nodiscard]] std::string verbs(const catalog::Provision& provision);
/// "Does not adhere: 4 shall provisions not met".
[[nodiscard]] std::string adherence_sentence(const assess::Assessment& assessment);
/// "developer" -> "Developer".
[[nodiscard]] std::string role_name(const catalog::Catalog& catalog, std::string_view role);
/// "3 models, 1 prompt", in the order of evidence::AssetKind.
[[nodiscard]] std::string assets_in_words(const std::map<std::string, std::uint64_t>& counts);
/// The same, and "12 records" behind it.
[[nodiscard]] std::string inventory_in_words(const std::map<std::string, std::uint64_t>& counts, std::uint64_t records);
/// "2 critical, 1 medium"; empty without findings.
[[nodiscard]] std::string findings_in_words(const std::vector<evidence::Finding>& findings);
/// "214 files (48 MiB) in 1.8 s".
[[nodiscard]] std::string reading_in_words(const assess::Assessment& assessment);
/// "models/intent.pkl, byte 28".
[[nodiscard]] std::string where(const assess::Observation& observation);
[[nodiscard]] std::string where(const evidence::Finding& finding);
/// What a check objects to, or, where it is inconclusive, could not tell about.
[[nodiscard]] const std::vector<assess::Observation>& observations(const assess::CheckResult& check);
/// "prompts/system.txt: is now 1c2d…, was 9a8b… when it was tested; …": what makes it stale; empty where it is not.
[[nodiscard]] std::string changes_in_words(const assess::ProvisionResult& result);
/// "2 of the inconclusive are stale: …", or empty where none is.
[[nodiscard]] std::string stale_sentence(const assess::Assessment& assessment);
/// "acme (bundle 1a2b3c4d5e6f of 2026-10-01: pass, executed)": from which suppliers a provision is taken over; empty
/// where it is not.
[[nodiscard]] std::string inherited_in_words(const assess::ProvisionResult& result);
/// "2 of the attested passes are inherited from suppliers: …", or empty where none is.
[[nodiscard]] std::string inherited_sentence(const assess::Assessment& assessment);
/// "security/exceptions.yaml:4, by ops@example.org until 2027-01-31": of a provision, the exceptions that cover some of
/// what is objected to; empty where none does.
[[nodiscard]] std::string exceptions_in_words(const assess::Assessment& assessment,
                                              const assess::ProvisionResult& result);
/// "Exception for 5.4 (line 4, ops@example.org) expired on 2026-10-31 and counts no longer": a line for each exception
/// that is expired, unused or ends soon.
[[nodiscard]] std::vector<std::string> exception_notes(const assess::Assessment& assessment);
/// What that word means.
inline constexpr std::string_view kStaleMeaning =
    "Inconclusive, because evidence of it speaks of what was there before: something changed since, and the entry "
    "names what, and from what.";
/// Did no check come to a verdict that settles the provision? Then its reason only repeats which evidence would.
[[nodiscard]] bool lacks_checks(const assess::ProvisionResult& result);
/// The command that lists everything a check objects to: "surety query --check ID", with the directory where it is not
/// the current one.
[[nodiscard]] std::string list_command(const assess::Assessment& assessment, std::string_view check);

/// The places in assessment.provisions with that status, shall before should before can, else in the order of the Code.
[[nodiscard]] std::vector<std::size_t> places(const assess::Assessment& assessment, Status status);
/// How many observations() of a check there are, kept or not (a check keeps the first 200), beyond the first `shown`.
[[nodiscard]] std::uint64_t unlisted(const assess::CheckResult& check, std::size_t shown);

/// One row of CSV (RFC 4180) with its line end. A cell that a spreadsheet would compute gets an apostrophe in front.
[[nodiscard]] std::string csv_row(const std::vector<std::string>& cells);
/// base::markdown_text() of one line, of which at most `max_bytes` are shown.
[[nodiscard]] std::string markdown_line(std::string_view text, std::size_t max_bytes = 600);
/// The same with base::markdown_element_text().
[[nodiscard]] std::string markdown_element_line(std::string_view text, std::size_t max_bytes = 600);
/// `path` as a relative URI reference (RFC 3986): every byte that is not unreserved or '/' percent-encoded.
[[nodiscard]] std::string path_uri(std::string_view path);

}  // namespace report
