#include <algorithm>
#include <cctype>
#include <set>

#include "base/json.h"
#include "base/text.h"
#include "base/yaml.h"
#include "inventory/manifest_lock.h"
#include "inventory/manifest_requirement.h"
#include "inventory/manifest_toml.h"
#include "inventory/observe_families.h"
#include "inventory/source_observe.h"

namespace inventory {
namespace {

using base::Value;
using evidence::AssetKind;
using evidence::Confidence;
using evidence::Package;

bool is_version(std::string_view text) {
  return !text.empty() && std::isdigit(static_cast<unsigned char>(text[0])) != 0;
}

void observe_requirements(Observed& out, const File& file) {
  Lines lines(file.text);
  std::string_view line;
  std::string joined;
  std::uint32_t first = 0;
  std::int64_t includes = 0;
  Value indexes{Value::List{}};
  std::vector<LockedPackage> all;
  while (lines.next(line)) {
    if (joined.empty()) {
      first = lines.number();
    }
    const std::string_view trimmed = base::trim(line);
    if (trimmed.ends_with('\\') && joined.size() < (256 << 10)) {
      joined += trimmed.substr(0, trimmed.size() - 1);
      joined += ' ';
      continue;
    }
    joined += trimmed;
    if (joined.starts_with("-r ") || joined.starts_with("--requirement") || joined.starts_with("-c ")) {
      ++includes;
    } else if (joined.starts_with("--index-url") || joined.starts_with("--extra-index-url") ||
               joined.starts_with("-i ") || joined.starts_with("--trusted-host")) {
      indexes.push(one_line(joined, 200));
    } else if (auto package = parse_requirement(joined, first)) {
      LockedPackage one;
      static_cast<evidence::Package&>(one) = *std::move(package);
      if (const std::size_t hashes = joined.find("--hash="); hashes != std::string::npos) {
        add_hashes_in(one, std::string_view(joined).substr(hashes));
      }
      all.push_back(std::move(one));
    }
    joined.clear();
  }
  add_locked(out, std::move(all));
  if (includes > 0) {
    out.asset.attributes.set("includes", includes);
  }
  if (!indexes.as_list().empty()) {
    out.asset.attributes.set("indexes", std::move(indexes));
  }
}

void add_requirement_list(Observed& out, const Value& list) {
  for (const Value& item : list.as_list()) {
    if (auto package = parse_requirement(item.as_text(), item.line())) {
      add_package(out, *std::move(package));
    }
  }
}

// One dependency in the manner of Poetry, Pipfile and Cargo: a version, or a mapping with where it comes from.
void add_versioned(Observed& out, std::string_view ecosystem, std::string_view name, const Value& value) {
  if (value.is_list()) {
    for (const Value& alternative : value.as_list()) {
      add_versioned(out, ecosystem, name, alternative.is_list() ? Value() : alternative);
    }
    return;
  }
  Package package;
  package.ecosystem = ecosystem;
  package.name = name;
  package.line = value.line();
  if (value.is_map()) {
    if (value.find("path") != nullptr || value.find("workspace") != nullptr) {
      return;
    }
    package.requirement = value["version"].as_text();
    const std::string_view address = value.find("git") != nullptr ? value["git"].as_text() : value["url"].as_text();
    if (!address.empty()) {
      package.direct_url = true;
      const std::string_view revision = value.find("rev") != nullptr ? value["rev"].as_text() : value["ref"].as_text();
      package.pinned = revision.size() == 40;
      package.requirement = std::string(address) + (revision.empty() ? "" : "@" + std::string(revision));
    }
    if (package.line == 0 && !value.as_map().empty()) {
      package.line = value.as_map().front().second.line();
    }
  } else {
    package.requirement = value.as_text();
  }
  if (!package.direct_url) {
    const std::string_view version = package.requirement;
    const bool exact =
        version.starts_with('=') && version.find('*') == version.npos && version.find(',') == version.npos;
    // Poetry reads a bare version as exact; Cargo as compatible.
    package.pinned =
        exact || (ecosystem == "pypi" && is_version(version) && version.find_first_of("*,<>|") == version.npos);
  }
  add_package(out, std::move(package));
}

void observe_pyproject(Observed& out, const File& file) {
  const auto parsed = parse_toml(file.text);
  if (!parsed) {
    add_note(out, parsed.error().text());
    return;
  }
  const Value& root = *parsed;
  add_requirement_list(out, root["project"]["dependencies"]);
  for (const auto& [group, list] : root["project"]["optional-dependencies"].as_map()) {
    add_requirement_list(out, list);
  }
  for (const auto& [group, list] : root["dependency-groups"].as_map()) {
    add_requirement_list(out, list);
  }
  add_requirement_list(out, root["build-system"]["requires"]);
  add_requirement_list(out, root["tool"]["uv"]["dev-dependencies"]);
  const Value& poetry = root["tool"]["poetry"];
  const auto add_table = [&](const Value& table) {
    for (const auto& [name, value] : table.as_map()) {
      if (name != "python") {
        add_versioned(out, "pypi", name, value);
      }
    }
  };
  add_table(poetry["dependencies"]);
  add_table(poetry["dev-dependencies"]);
  for (const auto& [group, value] : poetry["group"].as_map()) {
    add_table(value["dependencies"]);
  }
  if (!root["project"]["name"].as_text().empty()) {
    out.asset.attributes.set("project", one_line(root["project"]["name"].as_text(), 100));
  }
  const Value& licence = root["project"]["license"];
  if (licence.is_string() || licence["text"].is_string()) {
    out.asset.attributes.set("license",
                             one_line(licence.is_string() ? licence.as_text() : licence["text"].as_text(), 100));
  }
  Value tools{Value::List{}};
  for (const auto& [name, value] : root["tool"].as_map()) {
    tools.push(one_line(name, 60));
  }
  out.asset.attributes.set("tools", std::move(tools));
}

void observe_setup_cfg(Observed& out, const File& file) {
  Lines lines(file.text);
  std::string_view line;
  bool in_requirements = false;
  bool in_extras = false;
  while (lines.next(line)) {
    const std::string_view trimmed = base::trim(line);
    if (trimmed.starts_with('[')) {
      in_extras = trimmed == "[options.extras_require]";
      in_requirements = false;
      continue;
    }
    if (!line.empty() && line[0] != ' ' && line[0] != '\t' && line[0] != '#') {
      const std::size_t equals = trimmed.find('=');
      const std::string_view key = base::trim(trimmed.substr(0, equals));
      in_requirements = equals != trimmed.npos &&
                        (is_one_of(key, {"install_requires", "tests_require", "setup_requires"}) || in_extras);
      if (in_requirements) {
        if (auto package = parse_requirement(trimmed.substr(equals + 1), lines.number())) {
          add_package(out, *std::move(package));
        }
      }
      continue;
    }
    if (in_requirements) {
      if (auto package = parse_requirement(trimmed, lines.number())) {
        add_package(out, *std::move(package));
      }
    }
  }
}

// install_requires=["…"] and the like in setup.py.
void observe_setup_py(Observed& out, const File& file) {
  const Tokens lexed = lex_python(file.text);
  const auto& tokens = lexed.tokens;
  bool inside = false;
  std::size_t depth = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const std::string_view text = tokens[i].text;
    if (tokens[i].kind == TokenKind::name &&
        is_one_of(text, {"install_requires", "extras_require", "tests_require", "setup_requires"}) &&
        i + 1 < tokens.size() && tokens[i + 1].text == "=") {
      inside = true;
      depth = 0;
      ++i;
    } else if (inside && tokens[i].kind == TokenKind::operator_) {
      if (text == "[" || text == "{" || text == "(") {
        ++depth;
      } else if (text == "]" || text == "}" || text == ")") {
        depth -= depth > 0 ? 1 : 0;
        inside = depth > 0;
      }
    } else if (inside && tokens[i].kind == TokenKind::string && depth > 0) {
      const bool key = i + 1 < tokens.size() && tokens[i + 1].text == ":";
      const StringValue value = string_value(tokens[i], Language::python);
      if (!key && !value.dynamic) {
        if (auto package = parse_requirement(value.text, tokens[i].line)) {
          add_package(out, *std::move(package));
        }
      }
    } else if (inside && depth == 0) {
      inside = false;
    }
  }
}

void observe_pipfile(Observed& out, const File& file) {
  const auto parsed = parse_toml(file.text);
  if (!parsed) {
    add_note(out, parsed.error().text());
    return;
  }
  for (const std::string_view group : {"packages", "dev-packages"}) {
    for (const auto& [name, value] : (*parsed)[group].as_map()) {
      add_versioned(out, "pypi", name, value.is_string() && value.as_text() == "*" ? Value("") : value);
    }
  }
}

void observe_package_json(Observed& out, const File& file) {
  const auto parsed = parse_manifest_json(file);
  if (!parsed) {
    add_note(out, parsed.error().text());
    return;
  }
  for (const std::string_view group : {"dependencies", "devDependencies", "optionalDependencies", "peerDependencies"}) {
    for (const auto& [name, value] : parsed->root[group].as_map()) {
      const std::string_view version = value.as_text();
      if (!version.starts_with("workspace:") && !version.starts_with("file:") && !version.starts_with("link:")) {
        add_package(out, npm_package(name, version, value.line()));
      }
    }
  }
  for (const std::string_view key : {"name", "license"}) {
    if (parsed->root[key].is_string()) {
      out.asset.attributes.set(key == "name" ? "project" : key, one_line(parsed->root[key].as_text(), 100));
    }
  }
}

void observe_cargo(Observed& out, const File& file) {
  const auto parsed = parse_toml(file.text);
  if (!parsed) {
    add_note(out, parsed.error().text());
    return;
  }
  for (const std::string_view group : {"dependencies", "dev-dependencies", "build-dependencies"}) {
    for (const Value* root : {&*parsed, &(*parsed)["workspace"]}) {
      for (const auto& [name, value] : (*root)[group].as_map()) {
        add_versioned(out, "cargo", name, value);
      }
    }
  }
}

void observe_go_mod(Observed& out, const File& file) {
  Lines lines(file.text);
  std::string_view line;
  bool in_block = false;
  while (lines.next(line)) {
    line = base::trim(line.substr(0, line.find("//")));
    if (line.starts_with("require (")) {
      in_block = true;
      continue;
    }
    if (line == ")") {
      in_block = false;
      continue;
    }
    if (line.starts_with("require ")) {
      line = base::trim(line.substr(8));
    } else if (!in_block) {
      continue;
    }
    const std::size_t space = line.find(' ');
    if (space != line.npos) {
      add_package(out, {"go", std::string(line.substr(0, space)), std::string(base::trim(line.substr(space))), true,
                        false, false, lines.number()});
    }
  }
}

void observe_conda(Observed& out, const File& file, const Value& root) {
  for (const Value& item : root["dependencies"].as_list()) {
    if (item.is_map()) {
      add_requirement_list(out, item["pip"]);
      continue;
    }
    std::string_view text = item.as_text();
    if (const std::size_t channel = text.find("::"); channel != text.npos) {
      text.remove_prefix(channel + 2);
    }
    const std::size_t end = std::min(text.size(), text.find_first_of("=<>! "));
    if (end == 0) {
      continue;
    }
    Package package{
        "conda",    std::string(text.substr(0, end)), std::string(base::trim(text.substr(end))), false, false, false,
        item.line()};
    package.pinned = package.requirement.starts_with('=') && package.requirement.find('*') == std::string::npos &&
                     std::count(package.requirement.begin(), package.requirement.end(), '.') >= 1;
    add_package(out, std::move(package));
  }
  (void)file;
}

// The version with ${name} replaced by what <properties> of this file says; as written where it says nothing.
std::string with_property(std::string_view text, std::string version) {
  if (!version.starts_with("${") || !version.ends_with('}')) {
    return version;
  }
  const std::size_t begin = text.find("<properties>");
  const std::size_t end = begin == text.npos ? begin : text.find("</properties>", begin);
  if (end == text.npos) {
    return version;
  }
  const std::string_view properties = text.substr(begin, std::min<std::size_t>(end - begin, 64U << 10));
  const std::string open = "<" + version.substr(2, version.size() - 3) + ">";
  const std::size_t at = properties.find(open);
  if (at == properties.npos) {
    return version;
  }
  const std::size_t from = at + open.size();
  return std::string(base::trim(properties.substr(from, properties.find('<', from) - from)));
}

// <dependency> blocks; properties that the file does not set are left as written.
void observe_pom(Observed& out, const File& file) {
  const std::string_view text = file.text;
  std::uint32_t line = 1;
  std::size_t counted = 0;
  std::size_t at = 0;
  while ((at = text.find("<dependency>", at)) != text.npos) {
    const std::size_t end = std::min(text.size(), text.find("</dependency>", at));
    const std::string_view block = text.substr(at, std::min<std::size_t>(end - at, 4096));
    const auto field = [&](std::string_view name) {
      const std::string open = "<" + std::string(name) + ">";
      const std::size_t begin = block.find(open);
      if (begin == block.npos) {
        return std::string();
      }
      const std::size_t from = begin + open.size();
      return std::string(base::trim(block.substr(from, block.find('<', from) - from)));
    };
    line += static_cast<std::uint32_t>(std::count(text.begin() + static_cast<std::ptrdiff_t>(counted),
                                                  text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
    counted = at;
    Package package{"maven",
                    field("groupId") + ":" + field("artifactId"),
                    with_property(text, field("version")),
                    false,
                    false,
                    false,
                    line};
    package.pinned = is_version(package.requirement) &&
                     package.requirement.find_first_of("[](),") == std::string::npos &&
                     !package.requirement.ends_with("SNAPSHOT");
    if (package.name.size() > 2) {
      add_package(out, std::move(package));
    }
    at = end;
  }
}

bool is_requirements_name(const File& file) {
  const std::string_view name = file.lower_name;
  if (!is_one_of(file.extension(), {"txt", "in", "pip"})) {
    return false;
  }
  const std::string_view folder = folder_of(file.lower_path);
  return name.starts_with("requirements") || name.ends_with("requirements.txt") || name.ends_with("requirements.in") ||
         name == "constraints.txt" || (folder.substr(folder.rfind('/') + 1) == "requirements");
}

}  // namespace

bool is_lock_file_name(std::string_view name) {
  return is_one_of(name, {"package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "poetry.lock",
                          "uv.lock", "pdm.lock", "cargo.lock", "go.sum", "pipfile.lock", "composer.lock",
                          "gemfile.lock", "bun.lock", "deno.lock", "gradle.lockfile", "buildscript-gradle.lockfile"}) ||
         name == "conda-lock.yml";
}

bool observe_manifest(Observed& out, const File& file) {
  const std::string_view name = file.lower_name;
  const auto as = [&](AssetKind kind, std::string_view format) {
    classify(out, kind, format,
             "name: " + std::string(is_requirements_name(file) ? "of a requirements file" : one_line(name, 60)));
  };
  if (is_requirements_name(file)) {
    as(AssetKind::dependency_manifest, "requirements");
    observe_requirements(out, file);
    const auto& packages = out.asset.packages;
    if (!packages.empty() && std::all_of(packages.begin(), packages.end(), [](const Package& p) { return p.hashed; })) {
      out.asset.kind = AssetKind::lock_file;
    }
  } else if (name == "pyproject.toml") {
    as(AssetKind::dependency_manifest, "pyproject");
    observe_pyproject(out, file);
  } else if (name == "setup.cfg") {
    as(AssetKind::dependency_manifest, "setup.cfg");
    observe_setup_cfg(out, file);
  } else if (name == "setup.py") {
    as(AssetKind::dependency_manifest, "python");
    observe_setup_py(out, file);
  } else if (name == "pipfile") {
    as(AssetKind::dependency_manifest, "pipfile");
    observe_pipfile(out, file);
  } else if (name == "pipfile.lock") {
    as(AssetKind::lock_file, "pipfile.lock");
    observe_pipfile_lock(out, file);
  } else if (is_one_of(name, {"poetry.lock", "uv.lock", "pdm.lock"})) {
    as(AssetKind::lock_file, name);
    observe_block_lock(out, file, "pypi");
  } else if (name == "cargo.lock") {
    as(AssetKind::lock_file, name);
    observe_block_lock(out, file, "cargo");
  } else if (name == "cargo.toml") {
    as(AssetKind::dependency_manifest, name);
    observe_cargo(out, file);
  } else if (name == "package.json") {
    as(AssetKind::dependency_manifest, name);
    observe_package_json(out, file);
  } else if (name == "package-lock.json" || name == "npm-shrinkwrap.json") {
    as(AssetKind::lock_file, "package-lock");
    observe_package_lock(out, file);
  } else if (name == "yarn.lock") {
    as(AssetKind::lock_file, name);
    observe_yarn_lock(out, file);
  } else if (name == "pnpm-lock.yaml") {
    as(AssetKind::lock_file, "pnpm-lock");
    observe_pnpm_lock(out, file);
  } else if (name == "go.mod") {
    as(AssetKind::dependency_manifest, name);
    observe_go_mod(out, file);
  } else if (name == "go.sum") {
    as(AssetKind::lock_file, name);
    observe_go_sum(out, file);
  } else if (name == "gradle.lockfile" || name == "buildscript-gradle.lockfile") {
    as(AssetKind::lock_file, "gradle.lockfile");
    observe_gradle_lock(out, file);
  } else if (name == "pom.xml") {
    as(AssetKind::dependency_manifest, "pom");
    observe_pom(out, file);
  } else if (is_one_of(name, {"environment.yml", "environment.yaml", "conda.yaml", "conda.yml"})) {
    const auto parsed = base::parse_yaml(file.text, {.max_bytes = 1U << 20});
    if (!parsed || !(*parsed)["dependencies"].is_list()) {
      return false;
    }
    as(AssetKind::dependency_manifest, "conda");
    observe_conda(out, file, *parsed);
  } else if (is_lock_file_name(name)) {
    as(AssetKind::lock_file, "");
    add_note(out, "a lock file whose packages are not read");
  } else {
    return false;
  }
  if (file.content.size() > kMaxManifestBytes) {
    add_note(out, "only the first " + base::human_bytes(kMaxManifestBytes) + " were read");
  }
  return true;
}

}  // namespace inventory
