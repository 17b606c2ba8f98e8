#include "catalog/catalog.h"

#include <algorithm>

#include "base/text.h"

namespace catalog {
namespace {

bool is_digit(char letter) {
  return letter >= '0' && letter <= '9';
}

// An id as people type it, without what does not count: "P5.1", "Provision 5.1" and "5.1" are one.
std::string normal(std::string_view id) {
  std::string out;
  for (const char letter : base::to_lower(id)) {
    if (letter != ' ' && letter != '\t') {
      out += letter;
    }
  }
  for (const std::string_view prefix : {"provision", "principle", "p"}) {
    if (out.size() > prefix.size() && out.starts_with(prefix) && is_digit(out[prefix.size()])) {
      return out.substr(prefix.size());
    }
  }
  return out;
}

// The element whose id in some edition is `id`; earlier editions win.
template <class T>
const T* find_by_edition(const std::vector<T>& list, const std::vector<Edition>& editions, std::string_view id) {
  for (const Edition& edition : editions) {
    for (const T& element : list) {
      const auto found = element.ids.find(edition.id);
      if (found != element.ids.end() && normal(found->second) == id) {
        return &element;
      }
    }
  }
  return nullptr;
}

template <class T>
const T* find_exactly(const std::vector<T>& list, std::string_view id) {
  const auto found = std::find_if(list.begin(), list.end(), [&](const T& element) { return element.id == id; });
  return found == list.end() ? nullptr : &*found;
}

}  // namespace

std::string_view to_string(Verb verb) {
  switch (verb) {
    case Verb::shall:
      return "shall";
    case Verb::should:
      return "should";
    case Verb::can:
      return "can";
  }
  return "shall";
}

const Provision* Catalog::find_provision(std::string_view name) const {
  if (const Provision* found = find_by_edition(provisions, editions, normal(name)); found != nullptr) {
    return found;
  }
  const Alias* alias = find_alias(name);
  return alias == nullptr || alias->provision.empty() ? nullptr : find_exactly(provisions, alias->provision);
}

const Principle* Catalog::find_principle(std::string_view name) const {
  return find_by_edition(principles, editions, normal(name));
}

const Alias* Catalog::find_alias(std::string_view name) const {
  const std::string wanted = normal(name);
  const auto found =
      std::find_if(aliases.begin(), aliases.end(), [&](const Alias& alias) { return normal(alias.id) == wanted; });
  return found == aliases.end() ? nullptr : &*found;
}

const Check* Catalog::find_check(std::string_view name) const {
  return find_exactly(checks, name);
}
const Role* Catalog::find_role(std::string_view name) const {
  return find_exactly(roles, name);
}

bool Catalog::is_addressed_to(const Provision& provision, std::span<const std::string> held_roles) const {
  return std::any_of(provision.actors.begin(), provision.actors.end(), [&](const std::string& actor) {
    const Role* role = find_role(actor);
    return (role != nullptr && role->everyone) ||
           std::find(held_roles.begin(), held_roles.end(), actor) != held_roles.end();
  });
}

std::string Catalog::role_names(std::span<const std::string> role_ids) const {
  std::string out;
  for (std::size_t i = 0; i < role_ids.size(); ++i) {
    const Role* role = find_role(role_ids[i]);
    out += i == 0 ? "" : i + 1 < role_ids.size() ? ", " : " and ";
    out += role != nullptr ? role->name : role_ids[i];
  }
  return out;
}

}  // namespace catalog
