#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/value.h"

namespace sign {

/// Reads the members of one JSON object of a fixed form, as the JSON mapping of Protocol Buffers writes it: whole
/// numbers are decimal text or numbers, bytes are base64 (standard alphabet, padded). Every failure is malformed, names
/// the place
/// ("verificationMaterial.tlogEntries[0].logIndex") and has the line. Borrows the value.
class Members {
 public:
  /// Fails where `value` is no object.
  static base::Result<Members> of(const base::Value& value, std::string place);
  /// Fails where there is a member of another name: what a reader does not know may change what the file means.
  [[nodiscard]] base::Result<void> expect_only(std::initializer_list<std::string_view> names) const;

  /// Is there a member of that name? One that is null counts as absent, as Protocol Buffers have it.
  [[nodiscard]] bool has(std::string_view name) const { return !value_->operator[](name).is_null(); }
  [[nodiscard]] base::Result<Members> object(std::string_view name) const;
  /// The elements of a list of objects, at most `max` (too_large); none where it is absent.
  [[nodiscard]] base::Result<std::vector<Members>> objects(std::string_view name, std::size_t max) const;
  [[nodiscard]] base::Result<std::string> text(std::string_view name) const;
  [[nodiscard]] base::Result<std::string> text_or(std::string_view name, std::string_view fallback) const;
  [[nodiscard]] base::Result<std::string> bytes(std::string_view name) const;  ///< Decoded; not empty.
  [[nodiscard]] base::Result<base::Sha256> sha256(std::string_view name) const;
  /// The decoded elements of a list of base64 texts, at most `max` (too_large).
  [[nodiscard]] base::Result<std::vector<std::string>> byte_list(std::string_view name, std::size_t max) const;
  /// A number from 0 to 2^63 - 1.
  [[nodiscard]] base::Result<std::uint64_t> number(std::string_view name) const;

  [[nodiscard]] const base::Value& value(std::string_view name) const { return (*value_)[name]; }
  [[nodiscard]] const std::string& place() const { return place_; }
  [[nodiscard]] std::string place_of(std::string_view name) const;
  /// A failure at that member; at the object itself where `name` is empty.
  [[nodiscard]] base::Error fail(base::Errc code, std::string_view name, std::string_view reason) const;

 private:
  Members(const base::Value& value, std::string place) : value_(&value), place_(std::move(place)) {}
  /// The elements of a list, at most `max`; none where it is absent.
  [[nodiscard]] base::Result<const base::Value::List*> elements(std::string_view name, std::size_t max) const;

  const base::Value* value_;
  std::string place_;
};

/// 32 bytes as a digest. Fails with malformed, naming `field`.
base::Result<base::Sha256> sha256_from_bytes(std::string_view bytes, std::string_view field);

}  // namespace sign
