#include "records/read.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <optional>

#include "base/digest.h"
#include "base/file.h"
#include "base/schema.h"
#include "base/text.h"
#include "base/yaml.h"
#include "records/attest.h"
#include "records/consistency.h"
#include "records/folder.h"
#include "records/kinds.h"
#include "records/ssh_signature.h"

namespace records {
namespace {

namespace fs = std::filesystem;
using base::Errc;
using base::Error;
using base::Result;
using base::Value;

constexpr std::int64_t kDay = 86'400;
constexpr base::DocumentLimits kLimits = {.max_bytes = kMaxFileBytes, .max_depth = 16, .max_values = 2'000'000};

bool has_ending(std::string_view name, std::string_view ending) {
  return name.size() > ending.size() && name.ends_with(ending);
}

// Files of the same folder that hold no records: other rooms read them.
constexpr std::array<std::string_view, 3> kOtherFiles = {"exceptions.yaml", "exceptions.yml", "threat-notices.yaml"};

bool is_yaml(std::string_view name) {
  return std::find(kOtherFiles.begin(), kOtherFiles.end(), name) == kOtherFiles.end() && !name.starts_with('.') &&
         (has_ending(name, ".yaml") || has_ending(name, ".yml"));
}

// The file that a signature of this name is of: FILE.yaml of FILE.yaml.sig and FILE.yaml.NAME.sig; empty: of none.
std::string signed_by_name(const std::string& name) {
  if (!has_ending(name, ".sig")) {
    return {};
  }
  const std::string stem = name.substr(0, name.size() - 4);
  for (const std::string_view ending : {".yaml", ".yml"}) {
    if (has_ending(stem, ending)) {
      return stem;
    }
    if (const std::size_t at = stem.rfind(std::string(ending) + "."); at != std::string::npos && at > 0) {
      return stem.substr(0, at + ending.size());
    }
  }
  return {};
}

struct Found {
  std::string path;     ///< Relative to the root.
  bool named = false;   ///< ai-system.yaml names the file or its folder.
  bool folder = false;  ///< It was found in a folder.
};

Error not_a_file(const struct stat& status, const std::string& shown) {
  return {Errc::io, S_ISLNK(status.st_mode) ? "a symbolic link; it must be a file" : "not a regular file", 0, shown};
}

// Adds what lies at `path`: a file, or the *.yaml of a folder.
Result<void> collect(const fs::path& root, const std::string& path, bool named, std::vector<Found>& out,
                     std::vector<std::string>& notes) {
  const std::string shown = base::printable(path);
  struct stat status {};
  if (::lstat((root / path).c_str(), &status) != 0) {
    return named ? Error{Errc::malformed, "records: \"" + shown + "\" is not there"} : Result<void>();
  }
  if (S_ISREG(status.st_mode)) {
    out.push_back({path, named, false});
    return {};
  }
  if (!S_ISDIR(status.st_mode)) {
    return named ? not_a_file(status, shown) : Result<void>();
  }
  std::string_view folder = path;
  while (folder.ends_with('/')) {
    folder.remove_suffix(1);
  }
  for (const std::string& name : TRY(names_in(root / path, shown))) {
    if (name.starts_with('.')) {
      continue;
    }
    const std::string inside = folder == "." ? name : std::string(folder) + "/" + name;
    const std::string inside_shown = base::printable(inside);
    struct stat entry {};
    if (::lstat((root / inside).c_str(), &entry) != 0) {
      return base::system_error("stat", root / inside);
    }
    if (is_yaml(name)) {
      if (!S_ISREG(entry.st_mode)) {
        return not_a_file(entry, inside_shown);
      }
      out.push_back({inside, named, true});
    } else if (const std::string of = signed_by_name(name); !of.empty()) {
      struct stat signed_file {};
      if (::lstat((root / (inside.substr(0, inside.size() - name.size()) + of)).c_str(), &signed_file) != 0) {
        notes.push_back(inside_shown + ": a signature without the file that it signs");
      }
    } else if (S_ISDIR(entry.st_mode)) {
      notes.push_back(inside_shown + ": not looked at for records; name it under records: in ai-system.yaml if it " +
                      "holds any");
    }
  }
  return {};
}

Result<std::vector<Found>> find_files(const fs::path& root, const evidence::SystemFacts& system,
                                      std::vector<std::string>& notes) {
  std::vector<Found> found;
  const Value* named = system.document.find("records");
  if (named == nullptr) {
    TRY(collect(root, std::string(kFolder), false, found, notes));
  } else {
    for (const Value& path : named->as_list()) {
      auto added = collect(root, std::string(path.as_text()), true, found, notes);
      if (!added) {
        Error error = std::move(added).error();
        if (error.file.empty()) {
          error.file = system.path;
          error.line = path.line();
        }
        return error;
      }
    }
  }
  std::stable_sort(found.begin(), found.end(), [](const Found& a, const Found& b) { return a.path < b.path; });
  found.erase(std::unique(found.begin(), found.end(), [](const Found& a, const Found& b) { return a.path == b.path; }),
              found.end());
  if (found.size() > kMaxFiles) {
    return Error{Errc::too_large, "more than " + base::grouped(kMaxFiles) + " files of records", 0,
                 std::string(kFolder)};
  }
  return found;
}

// Is this for another program, such as a policy for Kubernetes? Only where nobody said that it holds records.
bool is_foreign(const Value& document) {
  return document.find("apiVersion") != nullptr ||
         (document.find("kind") == nullptr && document.find("records") == nullptr &&
          document.find("version") == nullptr);
}

Result<void> check_form(const Value& document, std::string_view path) {
  const Value& kind = document["kind"];
  const auto fail = [&](std::string message, std::uint32_t line) {
    return Error{Errc::malformed, std::move(message), 0, std::string(path), line};
  };
  if (!document.is_map()) {
    return fail("not a file of records: expected a mapping with version, kind and records, found " +
                    std::string(document.kind_name()),
                document.line());
  }
  if (!kind.is_string()) {
    return fail("field \"kind\" is missing; it is one of " + kind_names(), document.line());
  }
  if (find_kind(kind.as_text()) == nullptr) {
    std::vector<std::string_view> names;
    for (const Kind& known : kinds()) {
      names.push_back(known.name);
    }
    const auto meant = base::closest(kind.as_text(), names);
    return fail("kind: \"" + base::abbreviate(base::printable(kind.as_text()), 60) + "\" is no kind of record" +
                    (meant ? "; did you mean \"" + std::string(*meant) + "\"?" : "; there are " + kind_names()),
                kind.line());
  }
  return TRY(schema_of(kind.as_text()))->require(document, path);
}

evidence::Record record_of(const Value& value, const Value& file, const std::string& path, const Kind& kind) {
  evidence::Record record;
  record.kind = kind.name;
  record.id = value["id"].as_text();
  record.file = path;
  const auto time = [&](std::string_view field) { return base::parse_time(value[field].as_text()); };
  if (const auto effective = time("effective")) {
    record.effective = *effective;
  }
  if (const auto until = time("valid_until")) {
    record.valid_until = *until;
  } else if (const auto left = time("left_on")) {
    record.valid_until = *left;
  } else if (kind.validity_days != 0) {
    record.valid_until = base::UnixTime{record.effective.seconds + std::int64_t{kind.validity_days} * kDay};
    record.validity_by_default = true;
  }
  record.owner = value["owner"].as_text(file["owner"].as_text());
  record.made_by = value["made_by"].as_text(file["made_by"].as_text());
  for (const auto& [name, member] : value.as_map()) {
    static constexpr std::array<std::string_view, 5> kCommon = {"id", "effective", "valid_until", "owner", "made_by"};
    if (std::find(kCommon.begin(), kCommon.end(), name) == kCommon.end()) {
      record.document.set(name, member);
    }
  }
  if (record.document.is_null()) {
    record.document = Value::Map{};
  }
  return record;
}

// What lies at the paths that a record names.
class References {
 public:
  References(const fs::path& root, std::vector<evidence::RecordReference>& out) : root_(root), out_(out) {}

  void add(const std::string& record, const std::string& field, std::string_view path) {
    evidence::RecordReference reference{record, field, std::string(path), false, {}};
    const auto [known, added] = seen_.emplace(reference.path, Content{});
    if (added) {
      known->second = look(reference.path);
    }
    reference.found = known->second.found;
    reference.sha256 = known->second.sha256;
    out_.push_back(std::move(reference));
  }

 private:
  struct Content {
    bool found = false;
    base::Sha256 sha256;
  };

  [[nodiscard]] Content look(const std::string& path) const {
    struct stat status {};
    if (::stat((root_ / path).c_str(), &status) != 0) {
      return {};
    }
    if (!S_ISREG(status.st_mode)) {
      return {S_ISDIR(status.st_mode), {}};
    }
    const auto content = base::read_file(root_ / path, evidence::kMaxReferenceBytes);
    return {true, content ? base::sha256(*content) : base::Sha256{}};
  }

  const fs::path& root_;
  std::vector<evidence::RecordReference>& out_;
  std::map<std::string, Content> seen_;
};

class Reader {
 public:
  Reader(const fs::path& root, const evidence::SystemFacts& system, const ProvisionsOfKinds& provisions)
      : root_(root), system_(system), provisions_(provisions) {}

  Result<Records> run() {
    attesters_ = TRY(attesters(root_, system_));
    signatures_.emplace(root_, attesters_);
    for (const Found& found : TRY(find_files(root_, system_, out_.notes))) {
      TRY(read_one(found));
    }
    for (const Parsed& file : parsed_) {
      consistency_.collect(file.document, file.path);
    }
    for (const Parsed& file : parsed_) {
      TRY(consistency_.check(file.document, file.path));
    }
    for (const Parsed& file : parsed_) {
      TRY(add(file));
    }
    TRY(Consistency::check_together(out_.records, out_.files));
    return std::move(out_);
  }

 private:
  struct Parsed {
    std::string path;
    Value document;
    evidence::RecordFile file;
  };

  Result<void> read_one(const Found& found) {
    const std::string shown = base::printable(found.path);
    auto text = base::read_file(root_ / found.path, kMaxFileBytes);
    if (!text) {
      Error error = std::move(text).error();
      error.file = shown;
      return error;
    }
    Result<Value> document = base::parse_yaml(*text, kLimits);
    if (!document) {
      return std::move(document).error().in_file(shown);
    }
    if (!found.named && is_foreign(*document)) {
      out_.notes.push_back(shown + ": no file of records (it has no kind and no records); not read");
      return {};
    }
    TRY(check_form(*document, shown));
    records_ += (*document)["records"].as_list().size();
    if (records_ > kMaxRecords) {
      return Error{Errc::too_large, "more than " + base::grouped(kMaxRecords) + " records in all", 0, shown};
    }
    Parsed parsed{found.path, *std::move(document), {}};
    parsed.file.path = found.path;
    parsed.file.sha256 = base::sha256(*text);
    parsed.file.kind = parsed.document["kind"].as_text();
    TRY(read_signatures(*text, parsed.file));
    parsed_.push_back(std::move(parsed));
    return {};
  }

  Result<void> read_signatures(std::string_view content, evidence::RecordFile& file) {
    for (const Signing& signing : TRY(signatures_->of(file.path, content))) {
      const Attester& attester = *signing.attester;
      const Scope scope = scope_of(attester, file.kind, provisions_);
      if (!scope.all && scope.provisions.empty()) {
        return Error{Errc::untrusted,
                     "signed by " + base::printable(attester.name) + " (" + base::printable(attester.role) +
                         "), who may not attest records of kind " + file.kind + " (attesters in ai-system.yaml)",
                     0, base::printable(signing.path)};
      }
      file.signers.push_back({attester.id, attester.name, attester.role, signing.key,
                              scope.all ? std::vector<std::string>() : scope.provisions});
    }
    return {};
  }

  Result<void> add(const Parsed& parsed) {
    evidence::RecordFile file = parsed.file;
    References references(root_, file.references);
    const Kind* kind = find_kind(file.kind);
    for (const Value& value : parsed.document["records"].as_list()) {
      evidence::Record record = record_of(value, parsed.document, parsed.path, *kind);
      file.places.push_back({record.id, value.line()});
      for (const PathField& field : paths_of(file.kind, value)) {
        references.add(record.id, field.place, field.path);
      }
      out_.records.push_back(std::move(record));
    }
    out_.files.push_back(std::move(file));
    return {};
  }

  const fs::path& root_;
  const evidence::SystemFacts& system_;
  const ProvisionsOfKinds& provisions_;
  std::vector<Attester> attesters_;
  std::optional<Signatures> signatures_;
  Consistency consistency_{system_};
  std::vector<Parsed> parsed_;
  std::size_t records_ = 0;
  Records out_;
};

}  // namespace

Result<Value> parse_file(std::string_view text, std::string_view path) {
  Result<Value> document = base::parse_yaml(text, kLimits);
  if (!document) {
    return std::move(document).error().in_file(path);
  }
  TRY(check_form(*document, path));
  return document;
}

Result<Records> read(const fs::path& root, const evidence::SystemFacts& system, const ProvisionsOfKinds& provisions) {
  if (!system.declared) {
    Records none;
    std::vector<Found> found;
    std::vector<std::string> ignored;
    const auto looked = collect(root, std::string(kFolder), false, found, ignored);
    if (looked && !found.empty()) {
      none.notes = {std::string(kFolder) + ": records are read where there is an ai-system.yaml that they speak of"};
    }
    return none;
  }
  return Reader(root, system, provisions).run();
}

}  // namespace records
