#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace base {

/// What kind of failure this is. Callers branch on the code and print the message.
enum class Errc : std::uint8_t {
  truncated,    ///< Input ended before the value did.
  malformed,    ///< Input breaks its format.
  too_large,    ///< A limit of ours was reached; the input may still be valid.
  unsupported,  ///< Valid, but a version or feature we do not read.
  not_found,    ///< The named thing is not there.
  io,           ///< The operating system refused.
  untrusted,    ///< A signature, digest or proof did not verify.
  usage,        ///< The caller asked for something that makes no sense.
};

/// Why something failed, and where.
struct Error {
  Errc code = Errc::malformed;
  std::string message;       ///< Lower-case fragment naming the field: "tensor rank: above 4".
  std::uint64_t offset = 0;  ///< Byte offset in the file; 0 where there is none.
  std::string file{};        ///< Path or name of the input; empty where there is none.
  std::uint32_t line = 0;    ///< Line in `file`, from 1; 0 where lines make no sense.

  /// "FILE:LINE: MESSAGE", leaving out what is unknown.
  [[nodiscard]] std::string text() const;
  /// The same error with the file named, unless it already names one.
  [[nodiscard]] Error in_file(std::string_view path) &&;
};

/// A value, or the Error that explains why there is none. Ignoring one is a warning.
/// Spelled like std::expected<T, Error>, which replaces it once we build as C++23.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  /// The value. Throws std::bad_variant_access when there is none: a bug in the caller.
  T& operator*() & { return std::get<0>(state_); }
  const T& operator*() const& { return std::get<0>(state_); }
  T&& operator*() && { return std::get<0>(std::move(state_)); }
  T* operator->() { return &**this; }
  const T* operator->() const { return &**this; }

  /// The error. Throws std::bad_variant_access when there is none: a bug in the caller.
  [[nodiscard]] const Error& error() const& { return std::get<1>(state_); }
  Error&& error() && { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  [[nodiscard]] bool has_value() const noexcept { return !error_; }
  explicit operator bool() const noexcept { return has_value(); }
  void operator*() const noexcept {}
  [[nodiscard]] const Error& error() const& { return error_.value(); }
  Error&& error() && { return std::move(error_).value(); }

 private:
  std::optional<Error> error_;
};

}  // namespace base

/// The value of `expression`; on failure returns its Error from the enclosing function.
#define TRY(expression)                      \
  __extension__({                            \
    auto try_result_ = (expression);         \
    if (!try_result_) [[unlikely]] {         \
      return std::move(try_result_).error(); \
    }                                        \
    *std::move(try_result_);                 \
  })
