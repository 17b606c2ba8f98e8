#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace scan {

/// What is known of something that a pickle can name.
enum class Standing : std::uint8_t {
  allowed,     ///< Makes data of data, whatever it is given.
  checked,     ///< Harmless with some arguments; `check` says which.
  named,       ///< A function that is kept as a value: harmless unless it is called.
  class_only,  ///< A class of a known package: making an instance without calling it, and setting its state, is fine.
  unknown,
  own,  ///< By its name a class, of __main__ or of a package that is not known.
  dangerous,
};

/// Rules over the arguments of a callable that is `checked`.
enum class ArgumentCheck : std::uint8_t {
  none,
  getattr,           ///< Attribute of an allowed class by a plain constant name.
  encode,            ///< Text to bytes by latin1 and its like.
  reconstructor,     ///< copyreg._reconstructor(class, base, state).
  new_object,        ///< copyreg.__newobj__(class, ...).
  partial,           ///< functools.partial of an allowed function.
  type_of,           ///< type(x) with one constant.
  nested_torch,      ///< torch.storage._load_from_bytes: the bytes are a file of torch.save.
  iterator_of,       ///< iter(x) of data, or of what is allowed; accumulate without a function.
  attribute_names,   ///< operator.attrgetter of plain names.
  union_type,        ///< functools.reduce(operator.or_, types): how Python writes `int | None`.
  no_text,           ///< Its class reads a file or the network by a name: made of anything but text.
  one_constant,      ///< An enumeration's member by value.
  logger,            ///< logging.getLogger by constant name.
  typing_item,       ///< operator.getitem of a generic type: typing.List[int].
  allowed_function,  ///< It calls what it is given, which must be allowed itself.
  array_state,       ///< dill's wrapper of an allowed function that makes an array, and the array's state.
  type_name,         ///< dill's name of a type of Python: the type is judged as if it were named itself.
  kept_only,         ///< A class that other calls are given; calling it is dangerous.
  inner_pickle,      ///< It unpickles one of its arguments, a constant; those are judged wherever they stand.
  numeric_ufunc,     ///< A universal function of NumPy or SciPy by module and name; it imports what it is given.
};

struct Judgement {
  Standing standing = Standing::unknown;
  ArgumentCheck check = ArgumentCheck::none;
  std::string_view reason;  ///< Why it is dangerous; a literal.
};

/// Judges a global by its names alone, as any protocol and Python version may spell it.
[[nodiscard]] Judgement judge_callable(std::string_view module, std::string_view name);

/// The module as Python 3 spells it ("__builtin__" is "builtins", "numpy._core" is "numpy.core").
[[nodiscard]] std::string canonical_module(std::string_view module);

/// Whether the module, or the package that it is in, is of the standard library.
[[nodiscard]] bool is_standard_module(std::string_view module);
/// Whether every part of a dotted name is written in CapWords, as classes are.
[[nodiscard]] bool is_cap_words_name(std::string_view name);
/// Whether a class by its name starts programs or connections when it is called ("ShellCommand").
[[nodiscard]] bool names_an_actor(std::string_view name);
/// Whether classes of the module evaluate text of their state as Python when they are given it: formulas.
[[nodiscard]] bool evaluates_its_text(std::string_view module);
/// Whether a formula holds what no formula of a statistical model needs: a call that reaches Python itself.
[[nodiscard]] bool reads_like_python_call(std::string_view text);

/// Whether text among the arguments of an unknown callable reads like a command, code or an address.
[[nodiscard]] bool reads_like_command(std::string_view text);

}  // namespace scan
