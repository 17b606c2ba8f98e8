#include "control/access_keys.h"

#include <openssl/crypto.h>
#include <sys/stat.h>

#include <algorithm>
#include <span>

#include "base/embedded.h"
#include "base/file.h"
#include "base/json.h"
#include "base/schema.h"
#include "base/text.h"
#include "control/file_lock.h"
#include "control/random.h"

namespace embedded {
extern const std::span<const base::EmbeddedFile> control_schemas;
}

namespace control {

using base::Errc;
using base::Error;
using base::Result;
using base::Value;

namespace {

constexpr std::string_view kPrefix = "sk-surety-";
constexpr std::size_t kIdDigits = 16;
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kSecretBytes = 32;
constexpr std::uint64_t kMaxFileBytes = 64U << 20;

base::Sha256 digest_of(std::string_view salt, std::string_view text) {
  thread_local base::Sha256Hasher hasher;
  hasher.update(salt);
  hasher.update(text);
  return hasher.finish();
}

Result<const base::Schema*> keys_schema() {
  static const auto kSchema = [] {
    const auto file = std::find_if(embedded::control_schemas.begin(), embedded::control_schemas.end(),
                                   [](const auto& schema) { return schema.name == "gateway-keys.schema.json"; });
    return base::Schema::load(file->content);
  }();
  if (!kSchema) {
    return kSchema.error();
  }
  return &*kSchema;
}

AllowList list_of(const Value* value) {
  if (value == nullptr) {
    return std::nullopt;
  }
  std::vector<std::string> out;
  for (const Value& one : value->as_list()) {
    out.emplace_back(one.as_text());
  }
  return out;
}

void set_list(Value& out, std::string_view name, const AllowList& list) {
  if (list) {
    Value::List values(list->begin(), list->end());
    out.set(name, Value(std::move(values)));
  }
}

Error at(const Value& value, std::string_view file, std::string message) {
  return Error{Errc::malformed, std::move(message), 0, std::string(file), value.line()};
}

Result<AccessKey> key_from(const Value& value, std::string_view file) {
  AccessKey key;
  key.id = value["id"].as_text();
  const std::string_view salt = value["salt"].as_text();
  for (std::size_t i = 0; i + 1 < salt.size(); i += 2) {
    key.salt.push_back(static_cast<char>(base::hex_value(salt[i]) * 16 + base::hex_value(salt[i + 1])));
  }
  key.digest = TRY(base::Sha256::from_hex(value["sha256"].as_text()));
  key.subject = value["subject"].as_text();
  key.tenant = value["tenant"].as_text();
  for (const Value& role : value["roles"].as_list()) {
    key.roles.emplace_back(role.as_text());
  }
  key.permissions = {list_of(value.find("models")), list_of(value.find("tools")), list_of(value.find("routes"))};
  auto created = base::parse_time(value["created"].as_text());
  if (!created) {
    return at(value["created"], file, "created: " + created.error().message);
  }
  key.created = *created;
  if (const Value* expires = value.find("expires")) {
    auto time = base::parse_time(expires->as_text());
    if (!time) {
      return at(*expires, file, "expires: " + time.error().message);
    }
    key.expires = *time;
  }
  key.revoked = value["revoked"].as_bool();
  return key;
}

Value to_value(const AccessKey& key) {
  Value out;
  out.set("id", key.id);
  out.set("salt", base::to_hex(base::as_bytes(key.salt)));
  out.set("sha256", key.digest.hex());
  out.set("subject", key.subject);
  if (!key.tenant.empty()) {
    out.set("tenant", key.tenant);
  }
  if (!key.roles.empty()) {
    out.set("roles", Value(Value::List(key.roles.begin(), key.roles.end())));
  }
  set_list(out, "models", key.permissions.models);
  set_list(out, "tools", key.permissions.tools);
  set_list(out, "routes", key.permissions.routes);
  out.set("created", base::to_iso8601(key.created));
  if (key.expires) {
    out.set("expires", base::to_iso8601(*key.expires));
  }
  if (key.revoked) {
    out.set("revoked", true);
  }
  return out;
}

Result<void> write_keys(const std::filesystem::path& path, const std::vector<AccessKey>& keys) {
  Value list{Value::List{}};
  for (const AccessKey& key : keys) {
    list.push(to_value(key));
  }
  Value root;
  root.set("keys", std::move(list));
  const std::string text = base::to_json(root, 2) + "\n";
  return base::write_file(path, text, 0600);
}

}  // namespace

Result<IssuedKey> issue_key(const KeyWish& wish, base::UnixTime now) {
  if (wish.subject.empty()) {
    return Error{Errc::usage, "a key needs a subject: who holds it"};
  }
  if (wish.expires && *wish.expires <= now) {
    return Error{Errc::usage, "the key would have expired already (" + base::to_iso8601(*wish.expires) + ")"};
  }
  IssuedKey issued;
  issued.kept.id = TRY(random_name(kIdDigits / 2));
  issued.kept.salt = TRY(random_bytes(kSaltBytes));
  const std::string secret = TRY(random_bytes(kSecretBytes));
  issued.text = std::string(kPrefix) + issued.kept.id + "-" + to_base64url(secret);
  issued.kept.digest = digest_of(issued.kept.salt, issued.text);
  issued.kept.subject = wish.subject;
  issued.kept.tenant = wish.tenant;
  issued.kept.roles = wish.roles;
  issued.kept.permissions = wish.permissions;
  issued.kept.created = now;
  issued.kept.expires = wish.expires;
  return issued;
}

Result<KeyTable> KeyTable::parse(std::string_view json, std::string_view file) {
  auto root = base::parse_json(json, {.max_bytes = kMaxFileBytes});
  if (!root) {
    return std::move(root).error().in_file(file);
  }
  const base::Schema* schema = TRY(keys_schema());
  TRY(schema->require(*root, file));
  KeyTable table;
  for (const Value& value : (*root)["keys"].as_list()) {
    AccessKey key = TRY(key_from(value, file));
    if (!table.by_id_.emplace(key.id, table.keys_.size()).second) {
      return at(value, file, "two keys with the id " + key.id);
    }
    table.keys_.push_back(std::move(key));
  }
  return table;
}

Result<KeyTable> KeyTable::load(const std::filesystem::path& path) {
  auto text = base::read_file(path, kMaxFileBytes);
  if (!text) {
    if (text.error().code == Errc::not_found) {
      return KeyTable();
    }
    return std::move(text).error().in_file(base::printable(path.native()));
  }
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && (status.st_mode & 022U) != 0) {
    return Error{Errc::usage, "others than its owner may write it; chmod go-w", 0, base::printable(path.native())};
  }
  return parse(*text, base::printable(path.native()));
}

const AccessKey* KeyTable::find(std::string_view text) const {
  static const AccessKey kNone{
      std::string(kIdDigits, '0'), std::string(kSaltBytes, '\0'), {}, {}, {}, {}, {}, {}, {}, true};
  const AccessKey* candidate = &kNone;
  if (text.starts_with(kPrefix) && text.size() > kPrefix.size() + kIdDigits) {
    if (const auto found = by_id_.find(text.substr(kPrefix.size(), kIdDigits)); found != by_id_.end()) {
      candidate = &keys_[found->second];
    }
  }
  const base::Sha256 digest = digest_of(candidate->salt, text);
  const bool same =
      CRYPTO_memcmp(digest.bytes.data(), candidate->digest.bytes.data(), candidate->digest.bytes.size()) == 0;
  return same && candidate != &kNone ? candidate : nullptr;
}

Result<void> store_key(const std::filesystem::path& path, const AccessKey& key) {
  const base::Descriptor lock = TRY(lock_beside(path));
  const KeyTable table = TRY(KeyTable::load(path));
  std::vector<AccessKey> keys = table.keys();
  const auto same = std::find_if(keys.begin(), keys.end(), [&](const AccessKey& old) { return old.id == key.id; });
  if (same != keys.end()) {
    *same = key;
  } else {
    keys.push_back(key);
  }
  return write_keys(path, keys);
}

Result<void> revoke_key(const std::filesystem::path& path, std::string_view id) {
  const base::Descriptor lock = TRY(lock_beside(path));
  const KeyTable table = TRY(KeyTable::load(path));
  std::vector<AccessKey> keys = table.keys();
  const auto same = std::find_if(keys.begin(), keys.end(), [&](const AccessKey& old) { return old.id == id; });
  if (same == keys.end()) {
    return Error{Errc::not_found, "no key with the id " + base::printable(id), 0, base::printable(path.native())};
  }
  same->revoked = true;
  return write_keys(path, keys);
}

}  // namespace control
