#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace scan {

/// What a name of Python's standard library or of a known package does when it is called, or what it is.
enum PythonRole : std::uint32_t {
  kRunsCommand = 1U << 0,     ///< Starts another program.
  kRunsShell = 1U << 1,       ///< Its single purpose is a shell; the other commands have many honest users.
  kRunsCode = 1U << 2,        ///< Text becomes program.
  kDecodes = 1U << 3,         ///< Base64, compression, marshal.
  kDownloads = 1U << 4,       ///< Answers what an address answers.
  kSends = 1U << 5,           ///< Its arguments leave the machine.
  kAsksModel = 1U << 6,       ///< Answers what a model wrote.
  kUnpickles = 1U << 7,       ///< Runs whatever code a file contains.
  kSitePackages = 1U << 8,    ///< Names the interpreter's folders of packages.
  kEnvironments = 1U << 9,    ///< All of the environment.
  kMakesConstant = 1U << 10,  ///< Of a constant argument, another constant.
  kJudgedByName = 1U << 11,   ///< The judge asks for it by its whole name.
  kLooksUp = 1U << 12,        ///< Reaches a name that is looked up at run time.
  kAsksUser = 1U << 18,       ///< Answers what whoever started the program types.
  // Of last names alone: methods of any object, and names of keyword arguments.
  kSendingMethod = 1U << 13,
  kWritingMethod = 1U << 14,
  kSystemMethod = 1U << 15,
  kReceivingMethod = 1U << 16,
  kSwitch = 1U << 17,
};

/// The roles of a whole dotted name, as canonical names are written; 0 for most.
[[nodiscard]] std::uint32_t python_roles(std::string_view dotted);
/// Every role that a dotted name with this last part may have. A name without any needs no closer look.
[[nodiscard]] std::uint32_t python_roles_of_last(std::string_view name);

[[nodiscard]] inline bool one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace scan
