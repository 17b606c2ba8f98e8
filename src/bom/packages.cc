#include "bom/packages.h"

#include <algorithm>
#include <cctype>
#include <unordered_map>

#include "base/text.h"
#include "bom/licence.h"
#include "bom/models.h"

namespace bom {
namespace {

using evidence::Asset;
using evidence::AssetKind;
using evidence::Package;

// Packages that stand between a model and those who use it.
bool is_guardrail(std::string_view key) {
  static constexpr std::string_view kKnown[] = {
      "guardrails-ai",     "nemoguardrails", "llm-guard", "rebuff",  "presidio-analyzer", "presidio-anonymizer",
      "lakera-chainguard", "guardrails",     "pytector",  "langkit", "promptguard"};
  return std::find(std::begin(kKnown), std::end(kKnown), key) != std::end(kKnown);
}

/// What a lock file says of a package beyond name and version.
struct Locked {
  std::vector<std::string> hashes;
  std::string licence;
  std::string source;
  std::vector<std::string> depends_on;
};

// By place in asset.packages.
std::vector<Locked> locked_in(const Asset& asset) {
  std::vector<Locked> out(asset.packages.size());
  const auto texts = [](const base::Value& list) {
    std::vector<std::string> all;
    all.reserve(list.as_list().size());
    for (const base::Value& one : list.as_list()) {
      all.emplace_back(one.as_text());
    }
    return all;
  };
  for (const base::Value& one : asset.attributes["locked"].as_list()) {
    const std::int64_t place = one["package"].as_integer(-1);
    if (place >= 0 && static_cast<std::size_t>(place) < out.size()) {
      out[static_cast<std::size_t>(place)] = {texts(one["hashes"]), std::string(one["licence"].as_text()),
                                              std::string(one["source"].as_text()), texts(one["depends_on"])};
    }
  }
  return out;
}

std::string_view purl_type(std::string_view ecosystem) {
  return ecosystem == "go" ? "golang" : ecosystem == "github-action" ? "github" : ecosystem;
}

}  // namespace

std::string percent_encoded(std::string_view text, std::string_view kept) {
  std::string out;
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x80 && std::isalnum(byte) != 0) || c == '-' || c == '.' || c == '_' || c == '~' ||
        kept.find(c) != kept.npos) {
      out += c;
    } else {
      out += '%';
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    }
  }
  return out;
}

std::string package_key(std::string_view ecosystem, std::string_view name) {
  if (ecosystem != "pypi") {
    return std::string(name);
  }
  std::string out;
  for (const char c : name) {
    if (c == '-' || c == '_' || c == '.') {
      if (!out.ends_with('-')) {
        out += '-';
      }
    } else {
      out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  return out;
}

std::string exact_version(const Package& package) {
  if (!package.pinned || package.direct_url) {
    const std::size_t at = package.requirement.rfind('@');
    return package.pinned && at != std::string::npos ? package.requirement.substr(at + 1) : std::string();
  }
  std::string_view version = base::trim(package.requirement);
  while (version.starts_with('=')) {
    version.remove_prefix(1);
  }
  return std::string(base::trim(version));
}

std::string package_url(std::string_view ecosystem, std::string_view name, std::string_view version) {
  std::string out = "pkg:" + std::string(purl_type(ecosystem)) + "/";
  if (ecosystem == "maven") {
    const std::size_t colon = name.find(':');
    out += percent_encoded(name.substr(0, colon));
    out += colon == name.npos ? "" : "/" + percent_encoded(name.substr(colon + 1));
  } else if (ecosystem == "oci") {
    out += percent_encoded(base::to_lower(name_of(name)));
  } else {
    out += percent_encoded(package_key(ecosystem, name), "/");
  }
  if (!version.empty()) {
    out += '@' + percent_encoded(version, ecosystem == "oci" ? ":" : "");
  }
  if (ecosystem == "oci" && name.find('/') != name.npos) {
    out += "?repository_url=" + percent_encoded(name, "/");
  }
  return out;
}

void collect_packages(std::span<const Asset> assets, Document& document) {
  std::unordered_map<std::string, std::size_t> by_purl;
  std::unordered_map<std::string, std::vector<std::size_t>> locked;  // "ecosystem name"
  std::vector<bool> needed;                                          // some other package depends on it
  std::vector<std::size_t> libraries;
  const auto component_of = [&](const Package& package, const Locked& locked_as, const std::string& version,
                                const Asset& file) -> std::size_t {
    const std::string purl = package_url(package.ecosystem, package.name, version);
    const auto [found, fresh] = by_purl.try_emplace(purl, document.components.size());
    if (fresh) {
      Component made;
      made.ref = purl;
      made.kind = Kind::library;
      made.name = package.name;
      made.purl = purl;
      made.external = true;
      if (!version.empty()) {
        made.fields["version"] = {version, Origin::observed, file.path, package.line};
      } else if (!package.requirement.empty()) {
        made.fields["requirement"] = {package.requirement, Origin::declared, file.path, package.line};
      }
      if (is_guardrail(package_key(package.ecosystem, package.name))) {
        made.fields["role"] = {"guardrail", Origin::derived, "", 0};
      }
      document.components.push_back(std::move(made));
      needed.push_back(false);
      libraries.push_back(found->second);
    }
    Component& component = document.components[found->second];
    if (!locked_as.licence.empty() && !component.fields.contains("licence")) {
      component.fields["licence"] = {locked_as.licence, Origin::declared, file.path, package.line};
    }
    if (!locked_as.source.empty() && !component.fields.contains("source")) {
      component.fields["source"] = {locked_as.source, Origin::observed, file.path, package.line};
    }
    for (const std::string& hash : locked_as.hashes) {
      const std::size_t colon = hash.find(':');
      Digest digest{hash.substr(0, colon), hash.substr(colon + 1), Origin::declared, file.path};
      const bool known = std::any_of(component.digests.begin(), component.digests.end(), [&](const Digest& one) {
        return one.algorithm == digest.algorithm && one.value == digest.value;
      });
      if (!known) {
        component.digests.push_back(std::move(digest));
      }
    }
    return found->second;
  };
  std::unordered_map<std::size_t, std::size_t> library_index;  // component to place in `needed`
  const auto note_needed = [&](std::size_t component) {
    if (library_index.size() < libraries.size()) {
      for (std::size_t i = library_index.size(); i < libraries.size(); ++i) {
        library_index.emplace(libraries[i], i);
      }
    }
    needed[library_index[component]] = true;
  };
  const std::string& root = document.system.ref;
  for (const Asset& asset : assets) {
    if (asset.kind != AssetKind::lock_file || !in_scope(asset) || asset.packages.empty()) {
      continue;
    }
    std::unordered_map<std::string, std::vector<std::pair<std::string, std::size_t>>> here;  // versions by name
    std::vector<std::size_t> places;
    places.reserve(asset.packages.size());
    const std::vector<Locked> details = locked_in(asset);
    for (std::size_t i = 0; i < asset.packages.size(); ++i) {
      const Package& package = asset.packages[i];
      const std::string version = exact_version(package);
      const std::size_t place = component_of(package, details[i], version, asset);
      const std::string key = package_key(package.ecosystem, package.name);
      here[key].emplace_back(version, place);
      auto& all = locked[package.ecosystem + ' ' + key];
      if (all.empty() || all.back() != place) {
        all.push_back(place);
      }
      places.push_back(place);
    }
    for (std::size_t i = 0; i < places.size(); ++i) {
      const Package& package = asset.packages[i];
      for (const std::string& wanted : details[i].depends_on) {
        const std::size_t space = wanted.find(' ');
        const auto found = here.find(package_key(package.ecosystem, std::string_view(wanted).substr(0, space)));
        if (found == here.end()) {
          continue;
        }
        std::size_t linked = 0;
        for (const auto& [version, place] : found->second) {
          const bool fits = space == wanted.npos || version == std::string_view(wanted).substr(space + 1);
          if (fits && place != places[i] && linked < 8) {
            document.edges.push_back({document.components[places[i]].ref, Relation::depends_on,
                                      document.components[place].ref, Origin::observed, asset.path});
            note_needed(place);
            ++linked;
          }
        }
      }
    }
  }
  std::vector<bool> direct(document.components.size(), false);
  for (const Asset& asset : assets) {
    const bool other = asset.kind == AssetKind::lock_file;
    if (other || asset.packages.empty() || !in_scope(asset)) {
      continue;
    }
    const std::vector<Locked> details = locked_in(asset);
    for (std::size_t i = 0; i < asset.packages.size(); ++i) {
      const Package& package = asset.packages[i];
      const auto found = locked.find(package.ecosystem + ' ' + package_key(package.ecosystem, package.name));
      std::vector<std::size_t> places;
      if (found != locked.end()) {
        places = found->second;
        const std::string version = exact_version(package);
        std::erase_if(places, [&](std::size_t place) {
          const auto field = document.components[place].fields.find("version");
          return places.size() > 1 && !version.empty() && field != document.components[place].fields.end() &&
                 field->second.value != version;
        });
      } else {
        places.push_back(component_of(package, details[i], exact_version(package), asset));
      }
      for (const std::size_t place : places) {
        direct.resize(std::max(direct.size(), document.components.size()), false);
        direct[place] = true;
        document.edges.push_back(
            {root, Relation::depends_on, document.components[place].ref, Origin::observed, asset.path});
      }
    }
  }
  direct.resize(document.components.size(), false);
  for (std::size_t i = 0; i < libraries.size(); ++i) {
    if (!needed[i] && !direct[libraries[i]]) {  // only a lock file names it, and nothing in that needs it
      document.edges.push_back(
          {root, Relation::depends_on, document.components[libraries[i]].ref, Origin::derived, ""});
    }
  }
}

}  // namespace bom
