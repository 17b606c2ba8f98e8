#include "sign/manifest.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <unordered_set>

#include "base/digest.h"
#include "base/json.h"
#include "base/text.h"

namespace sign {
namespace {

using base::Errc;
using base::Error;
using base::Result;
using base::Value;

constexpr std::string_view kStatementType = "https://in-toto.io/Statement/v1";
constexpr base::DocumentLimits kLimits = {384U << 20, 16, 40'000'000};  // ten million files

Error malformed(const Value& at, std::string_view field, std::string_view reason) {
  Error error{Errc::malformed, std::string(field) + ": " + std::string(reason)};
  error.line = at.line();
  return error;
}

Result<const Value*> member(const Value& map, std::string_view key, std::string_view field) {
  const Value* found = map.find(key);
  if (found == nullptr) {
    return malformed(map, field, "is missing");
  }
  return found;
}

Result<std::string> text_member(const Value& map, std::string_view key, std::string_view field) {
  const Value* found = TRY(member(map, key, field));
  if (!found->is_string()) {
    return malformed(*found, field, "text expected, not " + std::string(found->kind_name()));
  }
  return std::string(found->as_text());
}

Result<void> only_members(const Value& map, std::initializer_list<std::string_view> known, std::string_view field) {
  if (!map.is_map()) {
    return malformed(map, field, "a mapping expected, not " + std::string(map.kind_name()));
  }
  for (const auto& [key, value] : map.as_map()) {
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      return malformed(value, std::string(field) + "." + base::printable(key), "is not of OMS 1.0");
    }
  }
  return {};
}

Result<std::string> digest_of(const Value& at, std::string_view digits, std::size_t bytes, std::string_view field,
                              bool& upper_case) {
  if (digits.size() != 2 * bytes) {
    return malformed(at, field, std::to_string(digits.size()) + " digits instead of " + std::to_string(2 * bytes));
  }
  std::string digest(bytes, '\0');
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const int value = base::hex_value(digits[i]);
    if (value < 0) {
      return malformed(at, field, "not a hexadecimal digit");
    }
    upper_case = upper_case || (digits[i] >= 'A' && digits[i] <= 'F');
    digest[i / 2] = static_cast<char>(static_cast<unsigned>(static_cast<unsigned char>(digest[i / 2])) << 4 |
                                      static_cast<unsigned>(value));
  }
  return digest;
}

// Why the name of a file is none that stays in the model; empty where it does.
std::string_view fault_of_path(std::string_view path) {
  if (path.empty()) {
    return "is empty";
  }
  if (path.find('\0') != std::string_view::npos) {
    return "holds a NUL";
  }
  for (const std::string_view part : base::split(path, '/')) {
    if (part.empty() || part == "." || part == "..") {
      return "is not relative to the model, without \".\", \"..\" and empty parts";
    }
  }
  return {};
}

bool read_decimal(std::string_view text, std::uint64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return !text.empty() && error == std::errc() && end == text.data() + text.size() &&
         (text.size() == 1 || text.front() != '0');
}

// A whole number that may have been written as 1000000000.0, as protobuf's Struct does.
std::optional<std::uint64_t> whole_number(const Value& value) {
  if (value.is_integer()) {
    return value.as_integer() < 0 ? std::nullopt : std::optional(static_cast<std::uint64_t>(value.as_integer()));
  }
  const double number = value.as_double(-1);
  if (!value.is_number() || !(number >= 0) || number > 9007199254740992.0 || number != std::floor(number)) {
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(number);
}

class Parser {
 public:
  Result<Manifest> parse(const Value& root) {
    TRY(only_members(root, {"_type", "subject", "predicateType", "predicate"}, "statement"));
    const std::string type = TRY(text_member(root, "_type", "_type"));
    if (type != kStatementType) {
      return malformed(*root.find("_type"), "_type",
                       "\"" + base::printable(type) + "\" is not an in-toto statement v1");
    }
    const std::string predicate = TRY(text_member(root, "predicateType", "predicateType"));
    const Value& subject = *TRY(member(root, "subject", "subject"));
    if (!subject.is_list()) {
      return malformed(subject, "subject", "a list expected");
    }
    if (predicate == kOldDigestsPredicate) {
      TRY(read_old(subject));
      return std::move(manifest_);
    }
    if (predicate != kSignaturePredicate) {
      return Error{Errc::unsupported, "predicateType: \"" + base::printable(base::abbreviate(predicate, 200)) +
                                          "\" is not that of a model signature"};
    }
    if (subject.as_list().size() != 1) {
      return malformed(subject, "subject", std::to_string(subject.as_list().size()) + " instead of 1");
    }
    TRY(read_subject(subject.as_list().front()));
    const Value& body = *TRY(member(root, "predicate", "predicate"));
    TRY(only_members(body, {"resources", "serialization"}, "predicate"));
    const Value* serialization = TRY(member(body, "serialization", "predicate.serialization"));
    TRY(read_serialization(*serialization));
    const Value* resources = TRY(member(body, "resources", "predicate.resources"));
    TRY(read_resources(*resources));
    if (upper_case_) {
      manifest_.tolerated.emplace_back("digests in upper case");
    }
    return std::move(manifest_);
  }

 private:
  Result<void> read_subject(const Value& subject) {
    if (!subject.is_map()) {
      return malformed(subject, "subject[0]", "a mapping expected");
    }
    manifest_.model_name = TRY(text_member(subject, "name", "subject[0].name"));
    if (manifest_.model_name.empty()) {
      return malformed(subject, "subject[0].name", "is empty");
    }
    const Value& digest = *TRY(member(subject, "digest", "subject[0].digest"));
    const std::string root = TRY(text_member(digest, "sha256", "subject[0].digest.sha256"));
    manifest_.root_digest = TRY(digest_of(digest, root, 32, "subject[0].digest.sha256", upper_case_));
    return {};
  }

  Result<void> read_serialization(const Value& map) {
    const std::string field = "predicate.serialization";
    TRY(only_members(map, {"method", "hash_type", "allow_symlinks", "ignore_paths", "shard_size"}, field));
    const std::string method = TRY(text_member(map, "method", field + ".method"));
    if (method != "files" && method != "shards") {
      return malformed(map["method"], field + ".method",
                       "\"" + base::printable(method) + "\" is neither files nor shards");
    }
    const std::string hash = TRY(text_member(map, "hash_type", field + ".hash_type"));
    const auto algorithm = base::hash_algorithm(hash);
    if (!algorithm) {
      return malformed(map["hash_type"], field + ".hash_type",
                       "\"" + base::printable(hash) + "\" is none of sha256, blake2b, blake3");
    }
    manifest_.algorithm = *algorithm;
    const Value& links = *TRY(member(map, "allow_symlinks", field + ".allow_symlinks"));
    if (!links.is_bool()) {
      return malformed(links, field + ".allow_symlinks", "true or false expected");
    }
    manifest_.allow_symlinks = links.as_bool();
    const Value* size = map.find("shard_size");
    if (method == "shards") {
      if (size == nullptr) {
        return malformed(map, field + ".shard_size", "is missing");
      }
      const auto bytes = whole_number(*size);
      if (!bytes || *bytes == 0) {
        return malformed(*size, field + ".shard_size", "a whole number above 0 expected");
      }
      if (!size->is_integer()) {
        manifest_.tolerated.emplace_back("shard_size written with a decimal point");
      }
      manifest_.shard_bytes = *bytes;
    } else if (size != nullptr) {
      return malformed(*size, field + ".shard_size", "stands beside the method files");
    }
    if (const Value* ignored = map.find("ignore_paths")) {
      TRY(read_ignored(*ignored, field + ".ignore_paths"));
    }
    return {};
  }

  Result<void> read_ignored(const Value& list, const std::string& field) {
    if (!list.is_list()) {
      return malformed(list, field, "a list expected");
    }
    manifest_.records_ignored = true;
    for (const Value& entry : list.as_list()) {
      std::string path(entry.as_text());
      if (!entry.is_string()) {
        return malformed(entry, field, "text expected");
      }
      if (path.size() > 1 && path.ends_with('/')) {
        path.pop_back();
        manifest_.tolerated.emplace_back("an ignored path with a slash at its end");
      }
      if (const std::string_view fault = fault_of_path(path); !fault.empty()) {
        // The reference writes "../x" where the signature lies beside the model: it ignores nothing in it.
        if (!path.starts_with("../") && !path.starts_with('/')) {
          return malformed(entry, field, "\"" + base::printable(path) + "\" " + std::string(fault));
        }
        manifest_.tolerated.push_back("the ignored path " + base::printable(path) + ", which is not in the model");
        continue;
      }
      manifest_.ignore_paths.push_back(std::move(path));
    }
    std::sort(manifest_.ignore_paths.begin(), manifest_.ignore_paths.end());
    return {};
  }

  Result<void> read_resources(const Value& list) {
    if (!list.is_list()) {
      return malformed(list, "predicate.resources", "a list expected");
    }
    const std::string plain(base::to_string(manifest_.algorithm));
    const std::string sharded = plain + "-sharded-" + std::to_string(manifest_.shard_bytes);
    bool spelled_out = false;
    std::size_t place = 0;
    for (const Value& entry : list.as_list()) {
      const std::string field = "predicate.resources[" + std::to_string(place++) + "]";
      if (!entry.is_map()) {
        return malformed(entry, field, "a mapping expected");
      }
      const std::string algorithm = TRY(text_member(entry, "algorithm", field + ".algorithm"));
      if (algorithm != plain) {
        if (manifest_.shard_bytes == 0 || algorithm != sharded) {
          return malformed(entry, field + ".algorithm",
                           "\"" + base::printable(algorithm) + "\" is not the hash_type " + plain);
        }
        spelled_out = true;
      }
      Resource resource;
      resource.name = TRY(text_member(entry, "name", field + ".name"));
      const std::string digits = TRY(text_member(entry, "digest", field + ".digest"));
      resource.digest =
          TRY(digest_of(entry, digits, base::digest_size(manifest_.algorithm), field + ".digest", upper_case_));
      TRY(add(std::move(resource), entry, field, list.as_list().size()));
    }
    if (spelled_out) {
      manifest_.tolerated.push_back("shards name the algorithm " + sharded + " instead of " + plain);
    }
    return {};
  }

  Result<void> add(Resource resource, const Value& entry, const std::string& field, std::size_t count) {
    resource.path = resource.name;
    if (manifest_.shard_bytes != 0) {
      const std::string_view name = resource.name;
      const std::size_t second = std::min(name.rfind(':'), name.size());
      const std::size_t first = std::min(name.substr(0, second).rfind(':'), second);
      std::uint64_t begin = 0;
      std::uint64_t end = 0;
      if (!read_decimal(name.substr(std::min(first + 1, second), second - std::min(first + 1, second)), begin) ||
          !read_decimal(name.substr(std::min(second + 1, name.size())), end) || begin >= end ||
          begin % manifest_.shard_bytes != 0 || end - begin > manifest_.shard_bytes) {
        return malformed(entry, field + ".name", "\"" + base::printable(name) + "\" is no shard path:begin:end");
      }
      resource.begin = begin;
      resource.end = end;
      resource.path = resource.name.substr(0, first);
    }
    if (const std::string_view fault = fault_of_path(resource.path); !fault.empty()) {
      const bool only_file = resource.path == "." && (count == 1 || manifest_.shard_bytes != 0);
      if (!only_file) {
        return malformed(entry, field + ".name", "\"" + base::printable(resource.name) + "\" " + std::string(fault));
      }
      if (!dot_) {
        manifest_.tolerated.emplace_back("a single file is named \".\"");
      }
      dot_ = true;
    }
    if (!seen_.insert(resource.name).second) {
      return malformed(entry, field + ".name", "\"" + base::printable(resource.name) + "\" stands twice");
    }
    manifest_.resources.push_back(std::move(resource));
    return {};
  }

  // Digests/v0.1: every file is a subject.
  Result<void> read_old(const Value& subjects) {
    manifest_.tolerated.emplace_back("the statement " + std::string(kOldDigestsPredicate) + " of releases before 0.3");
    manifest_.model_name = "-";
    std::size_t place = 0;
    for (const Value& subject : subjects.as_list()) {
      const std::string field = "subject[" + std::to_string(place++) + "]";
      Resource resource;
      if (!subject.is_map()) {
        return malformed(subject, field, "a mapping expected");
      }
      resource.name = TRY(text_member(subject, "name", field + ".name"));
      const Value& digest = *TRY(member(subject, "digest", field + ".digest"));
      const std::string digits = TRY(text_member(digest, "sha256", field + ".digest.sha256"));
      resource.digest = TRY(digest_of(digest, digits, 32, field + ".digest.sha256", upper_case_));
      TRY(add(std::move(resource), subject, field, subjects.as_list().size()));
    }
    manifest_.root_digest = manifest_.computed_root();
    return {};
  }

  Manifest manifest_;
  std::unordered_set<std::string> seen_;
  bool upper_case_ = false;
  bool dot_ = false;
};

}  // namespace

const std::vector<std::string>& default_ignore_paths() {
  static const std::vector<std::string> paths = {".git", ".gitattributes", ".github", ".gitignore"};
  return paths;
}

std::string Manifest::computed_root() const {
  base::Sha256Hasher hasher;
  for (const Resource& resource : resources) {
    hasher.update(resource.digest);
  }
  const base::Sha256 root = hasher.finish();
  return {reinterpret_cast<const char*>(root.bytes.data()), root.bytes.size()};
}

std::string Manifest::statement() const {
  // Written by hand: a Value of ten million resources takes gigabytes.
  std::string text = "{\"_type\":\"" + std::string(kStatementType) + "\",\"subject\":[{\"name\":";
  text += base::json_quoted(model_name) + ",\"digest\":{\"sha256\":\"" + base::to_hex(base::as_bytes(root_digest));
  text += "\"}}],\"predicateType\":\"" + std::string(kSignaturePredicate) + "\",\"predicate\":{\"resources\":[";
  const std::string ending = "\",\"algorithm\":\"" + std::string(base::to_string(algorithm)) + "\"}";
  for (std::size_t i = 0; i < resources.size(); ++i) {
    text += i == 0 ? "{\"name\":" : ",{\"name\":";
    text += base::json_quoted(resources[i].name) + ",\"digest\":\"";
    text += base::to_hex(base::as_bytes(resources[i].digest)) + ending;
  }
  text += "],\"serialization\":{\"method\":";
  text += shard_bytes == 0 ? "\"files\"" : "\"shards\"";
  text += ",\"hash_type\":\"" + std::string(base::to_string(algorithm)) + "\",\"allow_symlinks\":";
  text += allow_symlinks ? "true" : "false";
  if (shard_bytes != 0) {
    text += ",\"shard_size\":" + std::to_string(shard_bytes);
  }
  text += ",\"ignore_paths\":[";
  for (std::size_t i = 0; i < ignore_paths.size(); ++i) {
    text += (i == 0 ? "" : ",") + base::json_quoted(ignore_paths[i]);
  }
  return text + "]}}}";
}

Result<Manifest> Manifest::parse(std::string_view statement) {
  const Value root = TRY(base::parse_json(statement, kLimits));
  return Parser().parse(root);
}

Result<Manifest> manifest_of(const Tree& tree, const TreeOptions& options, std::size_t algorithm,
                             std::string_view model_name) {
  Manifest manifest;
  manifest.model_name = model_name;
  manifest.algorithm = options.algorithms.at(algorithm);
  manifest.shard_bytes = options.shard_bytes;
  manifest.allow_symlinks = options.follow_links;
  manifest.records_ignored = true;
  manifest.ignore_paths = options.ignore_paths;
  std::sort(manifest.ignore_paths.begin(), manifest.ignore_paths.end());
  for (const TreeFile& file : tree.files) {
    if (!base::is_utf8(file.name)) {
      return Error{Errc::usage, "the name of the file is not UTF-8, as a signature needs it", 0,
                   base::printable(file.name)};
    }
    for (const Shard& shard : file.shards) {
      Resource resource;
      resource.path = file.name;
      resource.name = options.shard_bytes == 0
                          ? file.name
                          : file.name + ":" + std::to_string(shard.begin) + ":" + std::to_string(shard.end);
      resource.begin = shard.begin;
      resource.end = shard.end;
      resource.digest = shard.digests.at(algorithm);
      manifest.resources.push_back(std::move(resource));
    }
  }
  std::sort(manifest.resources.begin(), manifest.resources.end(),
            [](const Resource& a, const Resource& b) { return a.name < b.name; });
  manifest.root_digest = manifest.computed_root();
  return manifest;
}

}  // namespace sign
