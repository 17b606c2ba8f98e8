#include "control/observed.h"

#include <mutex>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"

namespace control {

using base::Errc;
using base::Error;
using base::Result;
using base::Value;

namespace {
constexpr std::uint64_t kMaxFileBytes = 256U << 20;
}

Result<std::unique_ptr<Observed>> Observed::open(const std::filesystem::path& directory) {
  std::unique_ptr<Observed> out(new Observed(directory / "observed.json"));
  const auto text = base::read_file(out->file_, kMaxFileBytes);
  if (text) {
    TRY(out->read(*text));
  } else if (text.error().code != Errc::not_found) {
    return text.error();
  }
  return out;
}

Result<void> Observed::read(std::string_view json) {
  const std::string shown = base::printable(file_.native());
  auto root = base::parse_json(json, {.max_bytes = kMaxFileBytes});
  if (!root) {
    return std::move(root).error().in_file(shown);
  }
  for (const auto& [name, value] : (*root)["tools"].as_map()) {
    const auto digest = base::Sha256::from_hex(value.as_text());
    if (!digest) {
      return Error{Errc::malformed, "tools: no SHA-256", 0, shown, value.line()};
    }
    tools_.emplace(name, *digest);
  }
  for (const auto& [name, value] : (*root)["models"].as_map()) {
    models_.emplace(
        name, ModelIdentity{std::string(value["answers_as"].as_text()), std::string(value["fingerprint"].as_text())});
  }
  for (const auto& [name, value] : (*root)["stopped"].as_map()) {
    stopped_.emplace(name, value.as_text());
  }
  for (const Value& value : (*root)["notices"].as_list()) {
    delivered_.emplace(value["caller"].as_text(), value["notice"].as_text());
  }
  for (const Value& value : (*root)["uses"].as_list()) {
    const auto last = base::parse_time(value["last"].as_text());
    uses_[{std::string(value["caller"].as_text()), std::string(value["tool"].as_text())}] = {
        static_cast<std::uint64_t>(value["count"].as_integer()), last ? last->seconds : 0};
  }
  return {};
}

std::string Observed::text() const {
  Value tools{Value::Map{}};
  for (const auto& [name, digest] : tools_) {
    tools.set(name, digest.hex());
  }
  Value models{Value::Map{}};
  for (const auto& [name, identity] : models_) {
    Value one;
    one.set("answers_as", identity.answers_as).set("fingerprint", identity.fingerprint);
    models.set(name, std::move(one));
  }
  Value stopped{Value::Map{}};
  for (const auto& [name, why] : stopped_) {
    stopped.set(name, why);
  }
  Value notices{Value::List{}};
  for (const auto& [caller, notice] : delivered_) {
    Value one;
    one.set("caller", caller).set("notice", notice);
    notices.push(std::move(one));
  }
  Value uses{Value::List{}};
  for (const auto& [key, use] : uses_) {
    Value one;
    one.set("caller", key.first).set("tool", key.second);
    one.set("count", use.count).set("last", base::to_iso8601({use.last}));
    uses.push(std::move(one));
  }
  Value root;
  root.set("tools", std::move(tools)).set("models", std::move(models)).set("stopped", std::move(stopped));
  root.set("notices", std::move(notices)).set("uses", std::move(uses));
  return base::to_json(root, 1) + "\n";
}

Result<void> Observed::save() {
  if (!changed_.exchange(false)) {
    return {};
  }
  std::string written;
  {
    const std::shared_lock lock(mutex_);
    written = text();
  }
  auto done = base::write_file(file_, written, 0600);
  if (!done) {
    changed_.store(true);
  }
  return done;
}

std::optional<base::Sha256> Observed::tool(std::string_view name) const {
  const std::shared_lock lock(mutex_);
  const auto found = tools_.find(name);
  return found == tools_.end() ? std::nullopt : std::optional(found->second);
}

base::Sha256 Observed::learn_tool(std::string_view name, const base::Sha256& digest) {
  if (const auto known = tool(name)) {
    return *known;
  }
  const std::unique_lock lock(mutex_);
  if (tools_.size() >= kMaxEntries) {
    return digest;
  }
  const auto [at, added] = tools_.emplace(name, digest);
  changed_.store(changed_ || added);
  return at->second;
}

bool Observed::accept_tool(std::string_view name) {
  const std::unique_lock lock(mutex_);
  const auto found = tools_.find(name);
  if (found == tools_.end()) {
    return false;
  }
  tools_.erase(found);
  changed_.store(true);
  return true;
}

ModelIdentity Observed::learn_model(std::string_view model, const ModelIdentity& identity) {
  {
    const std::shared_lock lock(mutex_);
    if (const auto found = models_.find(model); found != models_.end()) {
      return found->second;
    }
  }
  const std::unique_lock lock(mutex_);
  if (models_.size() >= kMaxEntries) {
    return identity;
  }
  const auto [at, added] = models_.emplace(model, identity);
  changed_.store(changed_ || added);
  return at->second;
}

std::optional<std::string> Observed::stopped(std::string_view model) const {
  const std::shared_lock lock(mutex_);
  const auto found = stopped_.find(model);
  return found == stopped_.end() ? std::nullopt : std::optional(found->second);
}

bool Observed::stop_model(std::string_view model, std::string_view why) {
  const std::unique_lock lock(mutex_);
  const bool added = stopped_.emplace(model, why).second;
  changed_.store(changed_ || added);
  return added;
}

bool Observed::accept_model(std::string_view model) {
  const std::unique_lock lock(mutex_);
  const bool known = models_.erase(std::string(model)) + stopped_.erase(std::string(model)) > 0;
  changed_.store(changed_ || known);
  return known;
}

bool Observed::deliver(std::string_view caller, std::string_view notice) {
  const std::pair<std::string, std::string> key(caller, notice);
  {
    const std::shared_lock lock(mutex_);
    if (delivered_.contains(key)) {
      return false;
    }
  }
  const std::unique_lock lock(mutex_);
  if (delivered_.size() >= kMaxEntries) {
    return true;  // told once too often rather than never
  }
  const bool added = delivered_.insert(key).second;
  changed_.store(changed_ || added);
  return added;
}

void Observed::use_tool(std::string_view caller, std::string_view tool, std::int64_t now) {
  const std::unique_lock lock(mutex_);
  const std::pair<std::string, std::string> key(caller, tool);
  if (uses_.size() >= kMaxEntries && !uses_.contains(key)) {
    return;
  }
  Use& use = uses_[key];
  ++use.count;
  use.last = now;
  changed_.store(true);
}

std::vector<Observed::ToolUse> Observed::tool_uses() const {
  const std::shared_lock lock(mutex_);
  std::vector<ToolUse> out;
  for (const auto& [key, use] : uses_) {
    out.push_back({key.first, key.second, use.count, use.last});
  }
  return out;
}

}  // namespace control
