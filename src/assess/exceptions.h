#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "base/time.h"
#include "catalog/catalog.h"
#include "evidence/statement.h"
#include "records/attest.h"

/// Failures that somebody answerable accepts until a date. docs/formats/exceptions.md has every field.
namespace assess {

inline constexpr std::string_view kExceptionsFile = "security/exceptions.yaml";
inline constexpr std::string_view kExceptionsPredicate = "urn:surety:evidence:exceptions:v1";
inline constexpr std::uint64_t kMaxExceptionsBytes = 4U << 20;
inline constexpr std::size_t kMaxExceptions = 10'000;

struct Exception {
  std::string provision;  ///< Primary id.
  std::string check;      ///< Only what this check objects to; empty for all.
  std::string subject;    ///< Only what is said of this subject; empty for all.
  std::string owner;
  std::string reason;
  std::string compensating_control;
  base::UnixTime created;
  base::UnixTime expires;  ///< Midnight of the last day on which it counts.
  std::uint32_t line = 0;
  std::string attested_by;  ///< "Dana, Head of security", where the owner signed the file and may except; or empty.

  /// Whether it is about that objection.
  [[nodiscard]] bool covers(std::string_view of_provision, std::string_view of_check,
                            std::string_view of_subject) const {
    return provision == of_provision && (check.empty() || check == of_check) &&
           (subject.empty() || subject == of_subject);
  }
};

/// The exceptions file as it was read.
struct ExceptionsFile {
  base::Sha256 sha256;
  std::vector<Exception> exceptions;  ///< In the order of the file.
};

/// Reads the file; `shown` names it in messages. Fails with malformed (file, line, reason): a field that is missing,
/// unknown or empty, a provision or check that the catalogue does not have, a check that does not serve the provision,
/// an end before the beginning or later than two years after it, a beginning after `now`, two entries of the same.
base::Result<ExceptionsFile> parse_exceptions(std::string_view text, std::string_view shown,
                                              const catalog::Catalog& catalog, base::UnixTime now);

/// Notes which exceptions their owners signed: `signings` are those of the file. Fails with untrusted, naming the
/// signature, where one is of somebody who may not accept failures, or who owns none of these exceptions.
base::Result<void> attest(ExceptionsFile& file, std::span<const records::Signing> signings);

[[nodiscard]] evidence::Statement statement_of(const ExceptionsFile& file);
/// Fails with malformed, naming the field.
base::Result<ExceptionsFile> exceptions_from(const evidence::Statement& statement);

/// What has become of an exception today.
enum class ExceptionState : std::uint8_t {
  in_force,
  expires_soon,  ///< In force, and ends within thirty days.
  unused,        ///< In force, and nothing that it covers fails.
  expired,       ///< Counts no longer.
  not_signed,  ///< Does not count: ai-system.yaml says who may accept failures, and the owner is none or did not sign.
};
[[nodiscard]] std::string_view to_string(ExceptionState state);  ///< "in force", "expires soon" …

struct ExceptionUse {
  Exception exception;
  ExceptionState state = ExceptionState::in_force;
  std::uint64_t objections = 0;  ///< How many it covers, each counted for the first exception that covers it.

  [[nodiscard]] bool counts() const { return state != ExceptionState::expired && state != ExceptionState::not_signed; }
};

}  // namespace assess
