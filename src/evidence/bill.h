#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "evidence/statement.h"

/// What is said of components, held against their bytes, and what documents of others list.
namespace evidence {

inline constexpr std::string_view kClaimsPredicate = "urn:surety:evidence:claims:v1";
inline constexpr std::string_view kBillPredicate = "urn:surety:evidence:bill-of-materials:v1";

/// How what is said of a component compares with what its bytes say.
enum class Agreement : std::uint8_t { agrees, contradicts, unchecked };
[[nodiscard]] std::string_view to_string(Agreement agreement);
[[nodiscard]] std::optional<Agreement> agreement(std::string_view name);

/// One thing that a file says of a component, held against the component's bytes.
struct Claim {
  std::string field;        ///< "parameter-count", "dtype", "architecture", "base-model", "licence", "sha256" …; the
                            ///< list is in docs/formats/bom.md.
  std::string declared;     ///< As written.
  std::string declared_in;  ///< Path of the file that says so.
  std::uint32_t line = 0;   ///< In that file; 0 where lines make no sense.
  std::string observed;     ///< What the bytes say; empty where they say nothing.
  std::string observed_in;  ///< Path of the file whose bytes were read; may be empty.
  Agreement outcome = Agreement::unchecked;
  std::string reason;  ///< One sentence for a person.
};
/// Everything that is said of one file.
struct Claims {
  std::string path;  ///< The component's file.
  base::Sha256 sha256;
  std::vector<Claim> claims;
};

/// What a document lists, and whether it is there.
struct ListedComponent {
  std::string name;
  std::string version;
  std::string type;  ///< As the document names it: "machine-learning-model", "ai_AIPackage", "cr:FileObject" …
  std::string purl;
  std::string licence;
  std::string path;                 ///< As the document names the file; empty where it names none.
  std::vector<std::string> hashes;  ///< "sha256:HEX" …
  std::string asset;                ///< Path of the discovered file that this is; empty where none was found.
  std::string outcome;              ///< "same-digest", "other-digest", "no-digest" (found, but the document has no
                                    ///< SHA-256), "not-found".
};
/// A bill of materials or description of data that lies among the files, as read.
struct Bill {
  std::string path;
  base::Sha256 sha256;
  std::string format;   ///< "cyclonedx", "spdx", "croissant"; empty where it could not be read.
  std::string version;  ///< Of the format.
  std::string name;     ///< What it describes.
  std::string producer;
  std::string created;  ///< As written.
  std::vector<ListedComponent> components;
  std::vector<std::string> missing;   ///< Paths of discovered models and data that it does not list.
  std::vector<std::string> problems;  ///< "distribution[1].sha256: 40 digits, SHA-256 has 64".
};

/// The readers fail with malformed, naming the field, like those of statement.h, and give back equal values.
[[nodiscard]] Statement statement_of(const Claims& claims);
[[nodiscard]] Statement statement_of(const Bill& bill);
base::Result<Claims> claims_from(const Statement& statement);
base::Result<Bill> bill_from(const Statement& statement);

}  // namespace evidence
