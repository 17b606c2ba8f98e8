#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/value.h"
#include "inventory/observe.h"

/// What the observers of single formats share: the file at hand, and how to add what was seen in it.
namespace inventory {

/// Where a file lives. Prompts and model names in tests and documentation are rarely those of the system.
enum class Setting : std::uint8_t { product, example, documentation, test, vendored };
[[nodiscard]] std::string_view to_string(Setting setting);
[[nodiscard]] Setting setting_of(std::string_view path);

/// The file being observed. Views point into the path and the content of observe().
struct File {
  std::string_view path;
  std::string_view name;   ///< Last component of the path.
  std::string lower_path;  ///< ASCII lower case.
  std::string lower_name;
  base::Bytes content;
  std::string_view text;  ///< The head of the content that may be searched as text, without a byte order mark.
  bool cut = false;       ///< Whether `text` leaves something out.
  Setting setting = Setting::product;

  /// Of lower_name, without the dot; empty where there is none.
  [[nodiscard]] std::string_view extension() const {
    const std::size_t dot = lower_name.rfind('.');
    return dot == std::string::npos ? std::string_view() : std::string_view(lower_name).substr(dot + 1);
  }
};
[[nodiscard]] File make_file(std::string_view path, base::Bytes content, std::uint64_t max_text_bytes);

inline constexpr std::size_t kMaxUsages = 5'000;     ///< Kept per file; a note says so where there are more.
inline constexpr std::size_t kMaxPackages = 20'000;  ///< Kept per file, likewise.
inline constexpr std::size_t kMaxParts = 500;        ///< Kept per file, likewise.
inline constexpr std::size_t kMaxSections = 2'000;   ///< Kept per file, likewise.
inline constexpr std::size_t kMaxDigests = 100'000;  ///< Kept per file, likewise.

/// Adds a usage unless the same one is there already. Names and details are made printable and cut at 300 bytes.
void add_usage(Observed& out, std::string_view kind, std::string_view name, std::string_view revision,
               std::uint32_t line, std::string_view detail = {});
void add_package(Observed& out, evidence::Package package);
/// Notes once.
void add_note(Observed& out, std::string_view note);

/// A prompt found inside a file.
struct FoundPrompt {
  std::string name;  ///< "SYSTEM_PROMPT", "system"; made unique with a number where it stands twice.
  std::string text;
  std::uint32_t line = 0;
  std::string role;      ///< "system", "template", "agent"; empty where unknown.
  bool dynamic = false;  ///< Some of the text is only known when the program runs.
  std::string recognised_by;
  evidence::Confidence confidence = evidence::Confidence::medium;
};
/// Adds the prompt as a part of the file; in tests, documentation and vendored code with lower confidence.
void add_prompt(Observed& out, const File& file, FoundPrompt prompt);
/// Sets what attributes every prompt has: text_bytes, preview, role.
void describe_prompt(evidence::Asset& asset, std::string_view text, std::string_view role, bool dynamic);

/// Sets kind, format, recognised_by and confidence of the file itself.
void classify(Observed& out, evidence::AssetKind kind, std::string_view format, std::string_view recognised_by,
              evidence::Confidence confidence = evidence::Confidence::high);

/// One line of text for people: runs of white space become one space, then printable, then cut.
[[nodiscard]] std::string one_line(std::string_view text, std::size_t max_bytes);

/// `base` joined with a relative path, "." and ".." resolved; a path that leaves the directory keeps its "..".
[[nodiscard]] std::string join_path(std::string_view folder, std::string_view relative);
[[nodiscard]] std::string_view folder_of(std::string_view path);

[[nodiscard]] bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words);
[[nodiscard]] bool has_word(std::string_view text, std::initializer_list<std::string_view> words);  ///< Substrings.
/// Whether `lower_path` has that folder among its components.
[[nodiscard]] bool in_folder(std::string_view lower_path, std::initializer_list<std::string_view> folders);

/// Walks lines with their numbers; '\r' at the end is left out.
class Lines {
 public:
  explicit Lines(std::string_view text) : left_(text) {}
  bool next(std::string_view& line);
  [[nodiscard]] std::uint32_t number() const { return number_; }

 private:
  std::string_view left_;
  std::uint32_t number_ = 0;
};

}  // namespace inventory
