#include "inventory/manifest_lock.h"

#include <algorithm>
#include <array>
#include <map>
#include <unordered_map>
#include <vector>

#include "base/text.h"
#include "inventory/observe_families.h"

namespace inventory {
namespace {

using base::Value;

constexpr std::size_t kMaxHashes = 1'000;     ///< Kept per package; the most wheels of one release are some 100.
constexpr std::size_t kMaxDepends = 2'000;    ///< Kept per package.
constexpr std::size_t kMaxSourceBytes = 500;  ///< Longer addresses are left out.

struct Algorithm {
  std::string_view name;
  std::size_t digits;
};
constexpr std::array kAlgorithms = {Algorithm{"md5", 32}, Algorithm{"sha1", 40}, Algorithm{"sha256", 64},
                                    Algorithm{"sha384", 96}, Algorithm{"sha512", 128}};

std::string_view unquoted(std::string_view text) {
  text = base::trim(text);
  if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front()) {
    return text.substr(1, text.size() - 2);
  }
  return text;
}

// "sha512-BASE64", several separated by spaces: https://www.w3.org/TR/SRI/
void add_integrity(LockedPackage& package, std::string_view integrity) {
  for (std::string_view one : base::split(integrity.substr(0, 4096), ' ')) {
    one = one.substr(0, one.find('?'));
    const std::size_t dash = one.find('-');
    if (dash == one.npos) {
      continue;
    }
    if (const auto bytes = base::from_base64(one.substr(dash + 1))) {
      add_hash(package, one.substr(0, dash), base::to_hex(base::as_bytes(*bytes)));
    }
  }
}

void add_depends(LockedPackage& package, std::string_view name, std::string_view version = {}) {
  if (!name.empty() && name.size() <= 300 && package.depends_on.size() < kMaxDepends) {
    std::string entry = one_line(name, 300);
    if (!version.empty()) {
      entry += ' ' + one_line(version, 200);
    }
    package.depends_on.push_back(std::move(entry));
  }
}

void set_source(LockedPackage& package, std::string_view address) {
  if (address.size() <= kMaxSourceBytes) {
    package.source = one_line(public_address(address), kMaxSourceBytes);
  }
}

// The text between the first pair of double quotes behind `key`, or of all without a key.
std::string_view quoted_after(std::string_view line, std::string_view key) {
  std::size_t begin = key.empty() ? 0 : line.find(key);
  begin = begin == line.npos ? begin : line.find('"', begin + key.size());
  const std::size_t end = begin == line.npos ? begin : line.find('"', begin + 1);
  return end == line.npos ? std::string_view() : line.substr(begin + 1, end - begin - 1);
}

// The name of a requirement such as "numpy[all]>=1.2; python_version < '3'".
std::string_view requirement_name(std::string_view text) {
  return base::trim(text.substr(0, text.find_first_of(" <>=!~[;(@")));
}

}  // namespace

void add_locked(Observed& out, std::vector<LockedPackage> packages) {
  Value details{Value::List{}};
  for (LockedPackage& package : packages) {
    const std::size_t place = out.asset.packages.size();
    add_package(out, std::move(static_cast<evidence::Package&>(package)));
    if (out.asset.packages.size() == place) {
      continue;  // without a name, or one too many
    }
    Value one;
    const auto list = [&one](std::string_view name, std::vector<std::string>& texts) {
      if (!texts.empty()) {
        Value::List values;
        values.reserve(texts.size());
        for (std::string& text : texts) {
          values.emplace_back(std::move(text));
        }
        one.set(name, Value(std::move(values)));
      }
    };
    const auto text = [&one](std::string_view name, std::string& value) {
      if (!value.empty()) {
        one.set(name, Value(std::move(value)));
      }
    };
    list("hashes", package.hashes);
    text("licence", package.licence);
    text("source", package.source);
    list("depends_on", package.depends_on);
    if (one.is_map()) {
      one.set("package", static_cast<std::int64_t>(place));
      details.push(std::move(one));
    }
  }
  if (!details.as_list().empty()) {
    out.asset.attributes.set("locked", std::move(details));
  }
}

std::string_view manifest_text(const File& file) {
  return base::as_text(file.content.first(std::min(file.content.size(), kMaxManifestBytes)));
}

base::Result<base::Document> parse_manifest_json(const File& file) {
  return base::parse_json_document(manifest_text(file),
                                   {.max_bytes = kMaxManifestBytes, .max_depth = 128, .max_values = 2'000'000});
}

void add_hash(LockedPackage& package, std::string_view algorithm, std::string_view hex) {
  const auto known = std::find_if(kAlgorithms.begin(), kAlgorithms.end(),
                                  [&](const Algorithm& a) { return a.name == algorithm && a.digits == hex.size(); });
  if (known == kAlgorithms.end() || package.hashes.size() >= kMaxHashes ||
      !std::all_of(hex.begin(), hex.end(), [](char c) { return base::hex_value(c) >= 0; })) {
    return;
  }
  std::string entry = std::string(algorithm) + ':' + base::to_lower(hex);
  if (std::find(package.hashes.begin(), package.hashes.end(), entry) == package.hashes.end()) {
    package.hashes.push_back(std::move(entry));
  }
}

void add_hashes_in(LockedPackage& package, std::string_view text) {
  for (const Algorithm& algorithm : kAlgorithms) {
    for (std::size_t at = text.find(algorithm.name); at != text.npos; at = text.find(algorithm.name, at + 1)) {
      const std::size_t digits = at + algorithm.name.size() + 1;
      if (digits < text.size() && text[digits - 1] == ':') {
        std::size_t end = digits;
        while (end < text.size() && base::hex_value(text[end]) >= 0) {
          ++end;
        }
        add_hash(package, algorithm.name, text.substr(digits, end - digits));
      }
    }
  }
}

std::string public_address(std::string_view address) {
  address = address.substr(0, address.find('#'));
  const std::size_t scheme = address.find("://");
  if (scheme == address.npos) {
    return std::string(address);
  }
  const std::size_t host = scheme + 3;
  const std::size_t path = std::min(address.size(), address.find('/', host));
  const std::size_t at = address.substr(0, path).rfind('@');
  const std::size_t begin = at == address.npos || at < host ? host : at + 1;
  return std::string(address.substr(0, host)) + std::string(address.substr(begin));
}

void observe_pipfile_lock(Observed& out, const File& file) {
  std::vector<LockedPackage> all;
  const auto parsed = parse_manifest_json(file);
  if (!parsed) {
    add_note(out, parsed.error().text());
    return;
  }
  for (const std::string_view group : {"default", "develop"}) {
    for (const auto& [name, value] : parsed->root[group].as_map()) {
      LockedPackage package{{"pypi", name, std::string(value["version"].as_text()), true,
                             !value["hashes"].as_list().empty(), value.find("git") != nullptr, value.line()}};
      package.pinned = package.requirement.starts_with("==") || value["ref"].as_text().size() == 40;
      for (const Value& hash : value["hashes"].as_list()) {
        add_hashes_in(package, hash.as_text());
      }
      set_source(package, value["git"].as_text());
      all.push_back(std::move(package));
    }
  }
  add_locked(out, std::move(all));
}

namespace {

LockedPackage locked_npm(std::string_view name, const Value& value) {
  const std::string_view resolved = value["resolved"].as_text();
  const std::string_view version = value["version"].as_text();
  LockedPackage package{
      {"npm", std::string(name), std::string(version), true, value.find("integrity") != nullptr, false, value.line()}};
  package.direct_url = resolved.starts_with("git") || version.starts_with("git") || version.starts_with("http");
  add_integrity(package, value["integrity"].as_text());
  set_source(package, resolved);
  const Value& licence = value["license"];
  package.licence = one_line(licence.is_map() ? licence["type"].as_text() : licence.as_text(), 200);
  return package;
}

}  // namespace

void observe_package_lock(Observed& out, const File& file) {
  std::vector<LockedPackage> all;
  const auto parsed = parse_manifest_json(file);
  if (!parsed) {
    add_note(out, parsed.error().text());
    return;
  }
  if (const Value* packages = parsed->root.find("packages")) {
    std::unordered_map<std::string_view, const Value*> by_path;
    for (const auto& [path, value] : packages->as_map()) {
      by_path.emplace(path, &value);
    }
    std::uint64_t steps = 2'000'000;  // folders looked in
    // As Node.js looks a module up: in the folder of who asks, then in each folder above it.
    const auto version_seen_from = [&by_path, &steps](std::string_view path, std::string_view name) {
      for (std::string folder(path); steps > 0; --steps) {
        const auto found =
            by_path.find(std::string(folder.empty() ? "" : folder + "/") + "node_modules/" + std::string(name));
        if (found != by_path.end()) {
          return (*found->second)["version"].as_text();
        }
        if (folder.empty()) {
          return std::string_view();
        }
        const std::size_t above = folder.rfind("/node_modules/");
        folder.resize(above == folder.npos ? 0 : above);
      }
      return std::string_view();
    };
    for (const auto& [path, value] : packages->as_map()) {
      const std::size_t at = path.rfind("node_modules/");
      if (at == path.npos || value["link"].as_bool()) {
        continue;
      }
      const Value& alias = value["name"];
      LockedPackage package =
          locked_npm(alias.is_string() ? alias.as_text() : std::string_view(path).substr(at + 13), value);
      if (path.size() <= 600) {
        for (const std::string_view group : {"dependencies", "optionalDependencies"}) {
          for (const auto& [name, range] : value[group].as_map()) {
            if (const std::string_view version = version_seen_from(path, name); !version.empty()) {
              add_depends(package, name, version);
            }
          }
        }
      }
      all.push_back(std::move(package));
    }
    add_locked(out, std::move(all));
    return;
  }
  // Version 1 nests what a package brings along; depth is bounded by the parser.
  std::vector<const Value*> open = {&parsed->root["dependencies"]};
  while (!open.empty()) {
    const Value* dependencies = open.back();
    open.pop_back();
    for (const auto& [name, value] : dependencies->as_map()) {
      LockedPackage package = locked_npm(name, value);
      for (const auto& [needed, range] : value["requires"].as_map()) {
        add_depends(package, needed, value["dependencies"][needed]["version"].as_text());
      }
      all.push_back(std::move(package));
      if (const Value* inner = value.find("dependencies")) {
        open.push_back(inner);
      }
    }
  }
  add_locked(out, std::move(all));
}

void observe_yarn_lock(Observed& out, const File& file) {
  std::vector<LockedPackage> all;
  Lines lines(manifest_text(file));
  std::string_view line;
  LockedPackage package;
  bool in_dependencies = false;
  std::vector<std::string> descriptors;                   // of the block at hand: "semver@^5.4.1"
  std::unordered_map<std::string, std::string> resolved;  // descriptor to version
  std::vector<std::vector<std::string>> needs;            // descriptors, by package
  std::vector<std::string> needed;
  const auto finish = [&] {
    if (!package.name.empty() && !package.requirement.empty()) {
      for (std::string& descriptor : descriptors) {
        resolved.emplace(std::move(descriptor), package.requirement);
      }
      all.push_back(std::move(package));
      needs.push_back(std::move(needed));
    }
    package = {};
    descriptors.clear();
    needed.clear();
  };
  while (lines.next(line)) {
    if (line.empty() || line[0] == '#') {
      continue;
    }
    if (line[0] != ' ') {
      finish();
      in_dependencies = false;
      // Version 1 quotes each descriptor, Berry the whole list.
      const std::string_view keys = base::trim(line.substr(0, line.rfind(':')));
      std::string_view key;
      for (std::string_view one : base::split(keys, ',')) {
        one = base::trim(one);
        while (!one.empty() && one.front() == '"') {
          one.remove_prefix(1);
        }
        while (!one.empty() && one.back() == '"') {
          one.remove_suffix(1);
        }
        key = key.empty() ? one : key;
        if (descriptors.size() < 1000 && one.size() < 500) {
          descriptors.emplace_back(one);
        }
      }
      const std::size_t at = key.find('@', 1);
      if (at == key.npos || key.starts_with("__metadata") || has_word(key, {"@workspace:"})) {
        descriptors.clear();
        continue;
      }
      package.ecosystem = "npm";
      package.name = key.substr(0, at);
      package.pinned = true;
      package.line = lines.number();
      package.direct_url = has_word(key.substr(at), {"git", "http"});
      continue;
    }
    const std::string_view trimmed = base::trim(line);
    if (line.starts_with("    ")) {
      if (in_dependencies && needed.size() < kMaxDepends) {
        const std::size_t end = trimmed.starts_with('"') ? trimmed.find('"', 1) : trimmed.find_first_of(" :");
        if (end != trimmed.npos) {
          const std::string_view name = unquoted(trimmed.substr(0, end + (trimmed.starts_with('"') ? 1 : 0)));
          std::string_view range = trimmed.substr(end + 1);
          range = unquoted(range.starts_with(':') ? range.substr(1) : range);
          needed.push_back(std::string(name) + '@' + std::string(range));
        }
      }
      continue;
    }
    in_dependencies = is_one_of(trimmed, {"dependencies:", "optionalDependencies:"});
    if (trimmed.starts_with("version ") || trimmed.starts_with("version:")) {
      package.requirement = unquoted(trimmed.substr(8));
    } else if (trimmed.starts_with("integrity ")) {
      package.hashed = true;
      add_integrity(package, unquoted(trimmed.substr(10)));
    } else if (trimmed.starts_with("checksum:")) {
      package.hashed = true;  // of Yarn's own archive, not of what the registry serves
    } else if (trimmed.starts_with("resolved ")) {
      const std::string_view address = unquoted(trimmed.substr(9));
      set_source(package, address);
      if (const std::size_t hash = address.find('#'); hash != address.npos) {
        add_hash(package, "sha1", address.substr(hash + 1));
      }
    }
  }
  finish();
  for (std::size_t i = 0; i < needs.size(); ++i) {
    for (const std::string& descriptor : needs[i]) {
      auto found = resolved.find(descriptor);
      const std::size_t at = descriptor.find('@', 1);
      if (found == resolved.end() && at != descriptor.npos) {
        found = resolved.find(descriptor.substr(0, at) + "@npm:" + descriptor.substr(at + 1));
      }
      if (found != resolved.end() && at != descriptor.npos) {
        add_depends(all[i], descriptor.substr(0, at), found->second);
      }
    }
  }
  add_locked(out, std::move(all));
}

namespace {

// "/@scope/name@1.2.3(peer@1)" or "/name/1.2.3" as pnpm names a package.
std::pair<std::string_view, std::string_view> pnpm_key(std::string_view key) {
  key = unquoted(key);
  if (key.starts_with('/')) {
    key.remove_prefix(1);
  }
  key = key.substr(0, key.find('('));
  std::size_t at = key.rfind('@');
  if (at == key.npos || at == 0) {
    at = key.rfind('/');
  }
  if (at == key.npos || at == 0) {
    return {};
  }
  return {key.substr(0, at), key.substr(at + 1)};
}

}  // namespace

void observe_pnpm_lock(Observed& out, const File& file) {
  std::vector<LockedPackage> all;
  Lines lines(manifest_text(file));
  std::string_view line;
  enum class Part : std::uint8_t { other, packages, snapshots } part = Part::other;
  LockedPackage package;
  bool in_dependencies = false;
  std::unordered_map<std::string, std::size_t> places;  // "name version" to index
  LockedPackage* snapshot = nullptr;
  const auto finish = [&] {
    if (!package.name.empty()) {
      const std::string key = package.name + ' ' + package.requirement;
      const std::size_t before = all.size();
      all.push_back(std::move(package));
      places.emplace(key, before);
    }
    package = {};
    snapshot = nullptr;
    in_dependencies = false;
  };
  while (lines.next(line)) {
    if (!line.empty() && line[0] != ' ' && line[0] != '#') {
      finish();
      part = line.starts_with("packages:")    ? Part::packages
             : line.starts_with("snapshots:") ? Part::snapshots
                                              : Part::other;
      continue;
    }
    if (part == Part::other) {
      continue;
    }
    const std::string_view trimmed = base::trim(line);
    if (line.starts_with("  ") && !line.starts_with("   ") && (trimmed.ends_with(':') || trimmed.ends_with(": {}"))) {
      finish();
      const auto [name, version] = pnpm_key(trimmed.substr(0, trimmed.rfind(':')));
      if (name.empty()) {
        continue;
      }
      if (part == Part::snapshots) {
        const auto known = places.find(std::string(name) + ' ' + std::string(version));
        snapshot = known == places.end() ? nullptr : &all[known->second];
        continue;
      }
      package = {"npm", std::string(name), std::string(version), true, false, false, lines.number()};
      package.direct_url = has_word(package.requirement, {"://", "git+"});
      continue;
    }
    if (line.starts_with("    ") && !line.starts_with("     ")) {
      in_dependencies = is_one_of(trimmed, {"dependencies:", "optionalDependencies:"});
    }
    LockedPackage* current = part == Part::snapshots ? snapshot : &package;
    if (in_dependencies && line.starts_with("      ") && current != nullptr) {
      const std::size_t colon = trimmed.rfind(": ");
      if (colon != trimmed.npos) {
        const std::string_view version = unquoted(trimmed.substr(colon + 2));
        add_depends(*current, unquoted(trimmed.substr(0, colon)), version.substr(0, version.find('(')));
      }
    } else if (const std::size_t at = trimmed.find("integrity:"); at != trimmed.npos && part == Part::packages) {
      package.hashed = true;
      const std::string_view rest = base::trim(trimmed.substr(at + 10));
      add_integrity(package, rest.substr(0, rest.find_first_of(",} ")));
    } else if (trimmed.starts_with("resolution:") && has_word(trimmed, {"tarball:", "repo:", "git"})) {
      package.direct_url = true;
    }
  }
  finish();
  add_locked(out, std::move(all));
}

// Read by line because these files are long and regular.
void observe_block_lock(Observed& out, const File& file, std::string_view ecosystem) {
  std::vector<LockedPackage> all;
  Lines lines(manifest_text(file));
  std::string_view line;
  // What the lines at hand belong to.
  enum class Part : std::uint8_t { none, package, dependencies, source, other, files } part = Part::none;
  enum class InList : std::uint8_t { no, dependencies, artefacts, other } list = InList::no;
  LockedPackage package;
  bool open = false;
  bool local = false;
  const auto finish = [&] {
    if (open && !package.name.empty() && !local) {
      all.push_back(std::move(package));
    }
    package = {};
    open = local = false;
    list = InList::no;
  };
  std::string owner;
  std::map<std::string, LockedPackage, std::less<>> old_files;  // under [metadata.files] of older files
  const auto add_dependency = [&](std::string_view item) {
    if (item.find('{') != item.npos) {  // uv
      add_depends(package, quoted_after(item, "name = "), quoted_after(item, "version = "));
    } else if (const std::string_view text = quoted_after(item, ""); ecosystem == "cargo") {
      const std::size_t space = text.find(' ');
      const std::string_view rest = space == text.npos ? std::string_view() : text.substr(space + 1);
      add_depends(package, text.substr(0, space), rest.substr(0, rest.find(' ')));
    } else {
      add_depends(package, requirement_name(text));
    }
  };
  while (lines.next(line)) {
    if (line.starts_with("[[package]]")) {
      finish();
      open = true;
      part = Part::package;
      package.ecosystem = ecosystem;
      package.pinned = true;
      package.line = lines.number();
      continue;
    }
    if (line.starts_with('[')) {
      list = InList::no;
      if (line.starts_with("[package.dependencies")) {
        part = Part::dependencies;
      } else if (line.starts_with("[package.source]")) {
        part = Part::source;
      } else if (line.starts_with("[package")) {
        part = Part::other;
      } else {
        finish();
        part = line.starts_with("[metadata.files]") ? Part::files : Part::none;
      }
      continue;
    }
    const std::size_t equals = line.find(" = ");
    if (part == Part::files) {
      if (equals != line.npos && line[0] != ' ' && line[0] != '\t') {
        owner = std::string(unquoted(line.substr(0, equals)));
        owner = owner.substr(0, owner.find(' '));  // PDM writes "name version"
      }
      if (!owner.empty()) {
        add_hashes_in(old_files[owner], line);
      }
      continue;
    }
    if (!open || part == Part::none || part == Part::other) {
      continue;
    }
    const std::string_view trimmed = base::trim(line);
    if (list != InList::no && part == Part::package) {
      if (trimmed.starts_with(']')) {
        list = InList::no;
      } else if (list == InList::dependencies) {
        add_dependency(line);
      } else if (list == InList::artefacts) {
        add_hashes_in(package, line);
        package.hashed = package.hashed || has_word(line, {"hash = \"sha", "\"sha256:", "\"sha512:"});
      }
      continue;
    }
    if (part == Part::dependencies) {
      if (equals != line.npos && line[0] != ' ') {
        add_depends(package, unquoted(line.substr(0, equals)));
      }
      continue;
    }
    if (part == Part::source) {
      if (line.starts_with("type = ")) {
        package.direct_url = has_word(line, {"\"git\"", "\"url\""});
        local = has_word(line, {"\"directory\"", "\"file\""});
      } else if (line.starts_with("url = ") && package.direct_url) {
        set_source(package, quoted_after(line, ""));
      }
      continue;
    }
    const bool opens_list = trimmed.ends_with('[');
    if (line.starts_with("name = ")) {
      package.name = unquoted(line.substr(7));
    } else if (line.starts_with("version = ")) {
      package.requirement = unquoted(line.substr(10));
    } else if (line.starts_with("checksum = ")) {
      package.hashed = true;
      add_hash(package, "sha256", unquoted(line.substr(11)));
    } else if (line.starts_with("source = ")) {
      package.direct_url = has_word(line, {"git", "url ="}) && !has_word(line, {"registry"});
      local = has_word(line, {"editable", "virtual", "directory"});
      if (package.direct_url) {
        set_source(package, quoted_after(line, ""));
      }
    } else if (line.starts_with("dependencies = ")) {
      if (opens_list) {
        list = InList::dependencies;
      } else {
        std::string_view rest = line.substr(15);
        const char* until = rest.find('{') != rest.npos ? "}" : ",";
        for (std::size_t end = 0; !rest.empty(); rest.remove_prefix(std::min(rest.size(), end + 1))) {
          end = rest.find(until);
          add_dependency(rest.substr(0, end));
          if (end == rest.npos) {
            break;
          }
        }
      }
    } else if (line.starts_with("files = ") || line.starts_with("wheels = ") || line.starts_with("sdist = ")) {
      add_hashes_in(package, line);
      package.hashed = package.hashed || has_word(line, {"hash = \"sha", "\"sha256:", "\"sha512:"});
      list = opens_list ? InList::artefacts : InList::no;
    } else if (opens_list) {
      list = InList::other;
    }
  }
  finish();
  for (LockedPackage& known : all) {
    if (const auto found = old_files.find(known.name); found != old_files.end() && known.hashes.empty()) {
      known.hashes = found->second.hashes;
      known.hashed = known.hashed || !known.hashes.empty();
    }
  }
  add_locked(out, std::move(all));
}

void observe_go_sum(Observed& out, const File& file) {
  std::vector<LockedPackage> all;
  Lines lines(manifest_text(file));
  std::string_view line;
  while (lines.next(line)) {
    const std::vector<std::string_view> words = base::split(line.substr(0, 1000), ' ');
    if (words.size() == 3 && !words[1].ends_with("/go.mod") && words[2].starts_with("h1:")) {
      LockedPackage package{{"go", std::string(words[0]), std::string(words[1]), true, true, false, lines.number()}};
      package.hashes.push_back(one_line(words[2], 100));
      all.push_back(std::move(package));
    }
  }
  add_locked(out, std::move(all));
}

// "group:artefact:version=configuration,configuration"
void observe_gradle_lock(Observed& out, const File& file) {
  std::vector<LockedPackage> all;
  Lines lines(manifest_text(file));
  std::string_view line;
  while (lines.next(line)) {
    if (line.starts_with('#') || line.size() > 1000) {
      continue;
    }
    const std::string_view coordinates = line.substr(0, line.find('='));
    const std::vector<std::string_view> words = base::split(coordinates, ':');
    if (words.size() == 3 && !words[0].empty() && !words[1].empty() && !words[2].empty()) {
      all.push_back({"maven", std::string(words[0]) + ":" + std::string(words[1]), std::string(words[2]), true, false,
                     false, lines.number()});
    }
  }
  add_locked(out, std::move(all));
}

}  // namespace inventory
