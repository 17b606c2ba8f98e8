#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/schema.h"

/// Records: what people write down about an AI system in security/*.yaml, and who signed it.
namespace records {

/// One kind of record.
struct Kind {
  std::string_view name;         ///< "training".
  unsigned validity_days;        ///< How long one counts that does not say so itself; 0: without end.
  std::string_view review_hint;  ///< Why so long, for people.
};

/// All kinds, in the order in which people meet them.
[[nodiscard]] std::span<const Kind> kinds();
[[nodiscard]] const Kind* find_kind(std::string_view name);
/// "roster, training-programme, …", for messages.
[[nodiscard]] std::string kind_names();

/// The schema of a file of this kind; lives as long as the program. Fails with not_found for a name that is no kind.
base::Result<const base::Schema*> schema_of(std::string_view kind);
/// Title and description of a kind, from its schema. Lives as long as the program.
[[nodiscard]] std::string_view title_of(const Kind& kind);
[[nodiscard]] std::string_view description_of(const Kind& kind);

/// What the schema calls a value of one of its $defs ("person", "past_date"), with the schema that applies to it.
struct Resolved {
  std::string_view definition;  ///< Name under $defs; empty where the schema stands in place.
  const base::Value* schema = nullptr;
};
[[nodiscard]] Resolved resolve(const base::Value& root, const base::Value& schema);

/// A commented file of this kind: valid as it stands, without a record, so that nothing passes by it.
[[nodiscard]] std::string draft(const Kind& kind);

}  // namespace records
