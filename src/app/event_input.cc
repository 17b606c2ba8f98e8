#include "app/event_input.h"

#include <fcntl.h>

#include <algorithm>
#include <charconv>
#include <span>

#include "base/embedded.h"
#include "base/file.h"
#include "base/schema.h"
#include "base/text.h"
#include "base/yaml.h"

namespace embedded {
extern const std::span<const base::EmbeddedFile> event_schema;
}  // namespace embedded

namespace app {
namespace {

using base::Errc;
using base::Error;
using base::Result;
using base::Value;
using evidence::Event;
using evidence::EventKind;

constexpr std::size_t kMaxEvents = 100'000;

Error wrong(const Value& at, std::string message) {
  return {Errc::malformed, std::move(message), 0, "", at.line()};
}

// The digest of a file of any size, read in pieces.
Result<base::Sha256> digest_of_file(const std::filesystem::path& path) {
  const base::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  std::error_code failed;
  if (!file.is_open()) {
    return base::system_error("open", path);
  }
  if (!std::filesystem::is_regular_file(path, failed)) {
    return Error{Errc::usage, "not a regular file", 0, base::printable(path.native())};
  }
  const auto mapped = TRY(base::MappedFile::map(file.get(), std::filesystem::file_size(path, failed)));
  const base::Sha256 digest = base::sha256(mapped.bytes());
  if (mapped.shrunk()) {
    return Error{Errc::io, "became shorter while it was read", 0, base::printable(path.native())};
  }
  return digest;
}

Result<base::UnixTime> time_from(const Value& document, std::string_view name) {
  const Value& value = document[name];
  const auto time = time_given(value.as_text(), name == "valid_until");
  if (!time) {
    return wrong(value, std::string(name) + ": \"" + base::abbreviate(base::printable(value.as_text()), 60) +
                            "\" is no date or time, such as 2026-11-23 or 2026-11-23T16:00:00Z");
  }
  return *time;
}

Result<std::vector<evidence::Reference>> references_from(const Value& list, const std::filesystem::path& directory) {
  std::vector<evidence::Reference> out;
  for (const Value& entry : list.as_list()) {
    evidence::Reference reference{std::string(entry["name"].as_text()), {}};
    if (entry.find("sha256") != nullptr && entry.find("file") != nullptr) {
      return wrong(entry, base::printable(reference.name) + ": sha256 and file: give one of them");
    }
    if (const Value* digest = entry.find("sha256"); digest != nullptr) {
      reference.sha256 = TRY(base::Sha256::from_hex(digest->as_text()));
    } else if (const Value* file = entry.find("file"); file != nullptr) {
      reference.sha256 = TRY(digest_of_file(directory / file->as_text()));
    }
    out.push_back(std::move(reference));
  }
  return out;
}

Result<void> check_against_schema(const Value& document) {
  static const auto kSchema = base::Schema::load(embedded::event_schema.front().content);
  if (!kSchema) {
    return kSchema.error();
  }
  if (document["kind"].as_text() == "erasure") {
    return wrong(document["kind"], "kind: an erasure is recorded by surety log erase, which does it");
  }
  for (const base::SchemaProblem& problem : kSchema->check(document)) {
    return Error{Errc::malformed, (problem.place.empty() ? "" : problem.place + ": ") + problem.message, 0, "",
                 problem.line};
  }
  return {};
}

// Content or digest of what is in force from now on.
Result<void> take_file(const Value& document, const std::filesystem::path& directory, bool content_is_private,
                       PendingEvent& pending) {
  const Value* file = document.find("file");
  const Value* after = document.find("after");
  if (file != nullptr && after != nullptr) {
    return wrong(*file, "file: stands beside after: give one of them");
  }
  if (content_is_private && file == nullptr) {
    return wrong(document["private"], "private: content is that of a file, and none is given (file)");
  }
  if (after != nullptr) {
    pending.event.after = TRY(base::Sha256::from_hex(after->as_text()));
  } else if (file != nullptr) {
    const std::filesystem::path path = directory / file->as_text();
    if (content_is_private) {
      pending.content = TRY(base::read_file(path, ledger::kMaxOpeningBytes - evidence::kSaltBytes));
    } else {
      pending.event.after = TRY(digest_of_file(path));
    }
  }
  return {};
}

}  // namespace

Result<std::vector<Value>> parse_event_documents(std::string_view text) {
  const Value root = TRY(base::parse_yaml(text));
  if (root.is_map()) {
    return std::vector<Value>{root};
  }
  if (!root.is_list() || root.as_list().empty()) {
    return Error{Errc::malformed, "expected an event, or a list of events; found " + std::string(root.kind_name())};
  }
  if (root.as_list().size() > kMaxEvents) {
    return Error{Errc::too_large, "more than " + base::grouped(kMaxEvents) + " events in one file"};
  }
  for (const Value& event : root.as_list()) {
    if (!event.is_map()) {
      return wrong(event, "expected an event (a mapping), found " + std::string(event.kind_name()));
    }
  }
  return root.as_list();
}

Result<Value> event_document(std::string_view kind, const Arguments& arguments) {
  Value out{Value::Map{}};
  out.set("kind", kind);
  for (const char* name : {"subject", "before", "after", "file", "actor", "approver", "reason", "effective"}) {
    if (arguments.has(name)) {
      out.set(name, arguments.get(name));
    }
  }
  if (arguments.has("removed")) {
    out.set("removed", true);
  }
  for (const std::string& field : arguments.all("private")) {
    Value fields = out["private"];
    fields.push(field);
    out.set("private", std::move(fields));
  }
  for (const std::string& assignment : arguments.all("set")) {
    const std::size_t equals = assignment.find('=');
    if (equals == std::string::npos || equals == 0) {
      return Error{Errc::usage, "--set: \"" + base::printable(assignment) + "\" is not NAME=VALUE"};
    }
    const std::string name = assignment.substr(0, equals);
    std::string value = assignment.substr(equals + 1);
    if (name == "records" || name == "entry") {
      std::int64_t number = 0;
      const auto [end, failure] = std::from_chars(value.data(), value.data() + value.size(), number);
      if (failure != std::errc() || end != value.data() + value.size()) {
        return Error{Errc::usage, "--set " + name + ": \"" + base::printable(value) + "\" is no whole number"};
      }
      out.set(name, number);
    } else if (name == "concerns" || name == "inputs" || name == "derived_from") {
      Value list = out[name];
      if (name == "concerns") {
        list.push(value);
      } else {
        Value reference{Value::Map{}};
        if (const std::size_t at = value.rfind('@');
            at != std::string::npos && base::Sha256::from_hex(value.substr(at + 1))) {
          reference.set("name", value.substr(0, at)).set("sha256", value.substr(at + 1));
        } else {
          reference.set("name", value);
        }
        list.push(std::move(reference));
      }
      out.set(name, std::move(list));
    } else {
      out.set(name, std::move(value));
    }
  }
  return out;
}

Result<PendingEvent> event_of_document(const Value& given, const std::filesystem::path& directory, const LogView& view,
                                       base::UnixTime now) {
  Value document = given;
  if (document.find("subject") == nullptr && document["file"].is_string()) {
    document.set("subject", document["file"]);
  }
  std::optional<std::pair<std::string, base::Sha256>> meant;
  if (document["entry"].is_integer() && document["entry"].as_integer() >= 0) {
    meant = TRY(view.entry(static_cast<std::uint64_t>(document["entry"].as_integer())));
    if (!meant) {
      return wrong(document["entry"], "entry: the log has no entry " + std::to_string(document["entry"].as_integer()));
    }
    if (document.find("subject") == nullptr) {
      document.set("subject", meant->first);
    }
  }
  TRY(check_against_schema(document));
  PendingEvent pending;
  Event& event = pending.event;
  event.kind = *evidence::event_kind(document["kind"].as_text());
  event.id = TRY(random_id());
  event.subject = document["subject"].as_text();
  event.actor = document["actor"].as_text(user_name());
  event.approver = document["approver"].as_text();
  event.reason = document["reason"].as_text();
  event.effective = document.find("effective") != nullptr ? TRY(time_from(document, "effective")) : now;
  event.removed = document["removed"].as_bool();
  event.version = document["version"].as_text();
  event.licence = document["licence"].as_text();
  event.source_url = document["source_url"].as_text();
  event.method = document["method"].as_text();
  event.sanitisation = document["sanitisation"].as_text();
  event.records = static_cast<std::uint64_t>(document["records"].as_integer());
  event.code = document["code"].as_text();
  event.decision = document["decision"].as_text();
  event.outcome = document["outcome"].as_text();
  event.operation = document["operation"].as_text();
  event.witness = document["witness"].as_text();
  for (const Value& concern : document["concerns"].as_list()) {
    event.concerns.emplace_back(concern.as_text());
  }
  if (document.find("collected") != nullptr) {
    event.collected = TRY(time_from(document, "collected"));
  }
  if (document.find("valid_until") != nullptr) {
    event.valid_until = TRY(time_from(document, "valid_until"));
  }
  event.derived_from = TRY(references_from(document["derived_from"], directory));
  event.inputs = TRY(references_from(document["inputs"], directory));
  if (meant) {
    event.entry = static_cast<std::uint64_t>(document["entry"].as_integer());
    event.leaf = meant->second;
  }
  bool content_is_private = false;
  for (const Value& field : document["private"].as_list()) {
    if (field.as_text() == "content") {
      content_is_private = true;
    } else {
      pending.private_fields.emplace(field.as_text());
    }
  }
  TRY(take_file(document, directory, content_is_private, pending));
  if (const Value* before = document.find("before"); before != nullptr) {
    event.before = TRY(base::Sha256::from_hex(before->as_text()));
  } else if (evidence::changes_state(event.kind) && !content_is_private) {
    const EventKind kind = event.kind == EventKind::training_run ? EventKind::model_version : event.kind;
    const auto last = view.in_force.find({kind, event.subject});
    // Of what was private only what is private may be told again.
    if (last != view.in_force.end() && !last->second.event.removed &&
        !last->second.event.commitments.contains("content")) {
      const Event& known = last->second.event;
      // What was only seen in the files is explained by telling the same change.
      const bool explains = known.source == evidence::EventSource::work_tree && known.after == event.after;
      event.before = explains ? known.before : known.after;
    }
  }
  if (event.before.is_set() && event.before == event.after) {
    return wrong(document, "after: equals what the log says is in force already: nothing changed");
  }
  PendingEvent checked = pending;  // as it will stand in the log
  if (content_is_private) {
    checked.event.commitments["content"] = base::sha256("");
  }
  if (auto conforms = evidence::check_event(checked.event); !conforms) {
    return wrong(document, conforms.error().message);
  }
  return pending;
}

}  // namespace app
