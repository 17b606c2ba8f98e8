#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/statement.h"

/// Evidence about threats: the model that was derived, that somebody reviewed it, and the notices by which those who
/// build a system tell those who run it what stays unresolved. docs/formats/threats.md
namespace evidence {

inline constexpr std::string_view kThreatsPredicate = "urn:surety:evidence:threats:v1";
inline constexpr std::string_view kThreatReviewPredicate = "urn:surety:evidence:threat-review:v1";
inline constexpr std::string_view kThreatNoticePredicate = "urn:surety:evidence:threat-notice:v1";
inline constexpr std::string_view kThreatAcknowledgementPredicate = "urn:surety:evidence:threat-acknowledgement:v1";

/// What became of a threat. Only `mitigated_proved` counts as met.
enum class ThreatState : std::uint8_t {
  open,               ///< No control is known.
  mitigated_claimed,  ///< A control is declared, and no evidence shows that it works.
  mitigated_proved,   ///< Evidence that is fresh and about the present digest shows it.
  accepted,           ///< Somebody answers for bearing it, until a day still to come.
  not_applicable,     ///< Somebody says why it cannot happen here.
};
/// "open", "mitigated-claimed", "mitigated-proved", "accepted", "not-applicable".
[[nodiscard]] std::string_view to_string(ThreatState state);
[[nodiscard]] std::optional<ThreatState> threat_state(std::string_view name);

/// From 1 to 3 each: likelihood by the maturity of the techniques (feasible, demonstrated, realised), impact low,
/// medium or high. The risk of their product: 1 and 2 low, 3 and 4 medium, 6 high, 9 critical.
[[nodiscard]] std::string_view risk_of(std::uint64_t likelihood, std::uint64_t impact);

/// A part of the system as the threat model sees it.
struct ThreatElement {
  std::string id;    ///< As declared; for what is found and not declared its path, or its name in code.
  std::string kind;  ///< model, data, prompt, tool, interface, component, environment, outside, endpoint, file.
  std::string name;  ///< Purpose, or what else tells people what it is; may be empty.
  std::string path;
  std::string zone;
  bool declared = false;
  bool language = false;  ///< Works on text in which instructions can stand.
  std::uint32_t line = 0;
  bool operator==(const ThreatElement&) const = default;
};
/// What flows from one element to another.
struct ThreatFlow {
  std::string source;
  std::string target;
  std::string data;
  bool untrusted = false;
  bool declared = false;  ///< False: follows from other declarations.
  bool operator==(const ThreatFlow&) const = default;
};
/// A file that the model covers, and the content it had.
struct CoveredFile {
  std::string path;
  std::string element;  ///< Empty for a setting of the whole system.
  base::Sha256 sha256;
  bool operator==(const CoveredFile&) const = default;
};
struct ThreatProof {
  std::string text;
  std::string strength;  ///< Of Strength.
  bool operator==(const ThreatProof&) const = default;
};
struct Threat {
  std::string id;  ///< Rule and element: "T-PI-DIRECT@chat-api".
  std::string rule;
  std::string element;
  std::string title;
  std::string place;   ///< "ai-system.yaml, line 12"; may be empty.
  std::string reason;  ///< Why it is there.
  ThreatState state = ThreatState::open;
  std::string state_reason;
  std::uint64_t likelihood = 1;
  std::uint64_t impact = 1;
  std::vector<std::string> controls;  ///< What is claimed against it.
  std::vector<ThreatProof> proofs;
  std::string owner;  ///< Who accepts or excludes it.
  std::string until;  ///< Of the acceptance.
  [[nodiscard]] std::string_view risk() const { return risk_of(likelihood, impact); }
  bool operator==(const Threat&) const = default;
};
/// What a rule says of all its threats.
struct ThreatRuleFacts {
  std::string id;
  std::string title;
  std::string description;
  std::string consequence;
  std::string advice;
  std::vector<std::string> stride;
  std::vector<std::string> atlas;
  std::vector<std::string> owasp;
  std::vector<std::string> cwe;
  std::vector<std::string> provisions;
  bool operator==(const ThreatRuleFacts&) const = default;
};
/// Something that is there and that no flow, interface or component uses.
struct Surplus {
  std::string kind;  ///< tool, endpoint, modality, permission, model, data.
  std::string name;
  std::string element;  ///< That has it; may be empty.
  std::string path;
  std::uint32_t line = 0;
  std::string reason;
  bool declared = false;
  bool operator==(const Surplus&) const = default;
};

/// The threat model of a system, as derived from what is declared and discovered.
struct ThreatModel {
  std::string rules;  ///< Digest of the rules, hexadecimal.
  std::vector<ThreatElement> elements;
  std::vector<ThreatFlow> flows;
  std::vector<CoveredFile> covers;
  std::vector<ThreatRuleFacts> used;  ///< Rules that have a threat here, by id.
  std::vector<Threat> threats;        ///< By id.
  std::vector<Surplus> surplus;
  /// Over `covers`: the digest that the statement is about. Changes when anything that the model covers does.
  [[nodiscard]] base::Sha256 digest() const;
  [[nodiscard]] const ThreatRuleFacts* rule(std::string_view id) const;  ///< Null where it has no threat here.
};

/// Somebody went through the threat model.
struct ThreatReview {
  std::string by;
  base::UnixTime time;
  std::string note;
  std::vector<CoveredFile> covers;   ///< What the model covered then.
  std::vector<std::string> threats;  ///< Ids of those there were then.
};

/// One threat of a notice, in words that stand alone: the reader may have other rules.
struct NoticedThreat {
  std::string id;
  std::string title;
  std::string risk;
  std::string state;
  std::string reason;
  std::string description;
  std::string consequence;
  std::string advice;
  std::vector<std::string> atlas;
  std::vector<std::string> owasp;
  std::vector<std::string> cwe;
};
/// Threats that the developer could not resolve, told to one who runs the system (provision 3.2).
struct ThreatNotice {
  std::string id;  ///< First 16 digits of the digest over what it says.
  std::string system;
  std::string from;
  std::string to;
  base::UnixTime issued;
  base::UnixTime due;   ///< By when to acknowledge.
  base::Sha256 covers;  ///< ThreatModel::digest().
  std::vector<NoticedThreat> threats;
  /// Not part of what is signed: how this ledger knows the notice.
  bool received = false;  ///< Else sent.
  std::string key;        ///< SHA-256 of the public key that signed it, hexadecimal.
};

/// The answer to it.
struct ThreatAcknowledgement {
  std::string notice;
  std::string by;
  base::UnixTime time;
  std::vector<std::string> threats;  ///< Ids.
  std::string action;                ///< "mitigate", "accept" or "monitor".
  std::string told_in;               ///< Document in which End-users are told; may be empty.
  bool received = false;             ///< Else given.
  std::string key;
};

/// Subjects: of the model the directory with the digest over what it covers; of the others what they are called.
[[nodiscard]] Statement statement_of(const ThreatModel& model);
[[nodiscard]] Statement statement_of(const ThreatReview& review);
[[nodiscard]] Statement statement_of(const ThreatNotice& notice);
[[nodiscard]] Statement statement_of(const ThreatAcknowledgement& acknowledgement);

/// The readers fail as those of statement.h.
base::Result<ThreatModel> threats_from(const Statement& statement);
base::Result<ThreatReview> threat_review_from(const Statement& statement);
base::Result<ThreatNotice> threat_notice_from(const Statement& statement);
base::Result<ThreatAcknowledgement> threat_acknowledgement_from(const Statement& statement);

}  // namespace evidence
