#include "app/watch.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "app/change_log.h"
#include "base/text.h"
#include "base/yaml.h"
#include "evidence/event.h"
#include "evidence/short_digest.h"
#include "inventory/history.h"
#include "inventory/observe.h"
#include "inventory/system_file.h"

namespace app {
namespace {

using base::Result;
using base::Sha256;
using evidence::AssetKind;
using evidence::Event;
using evidence::EventKind;

constexpr std::size_t kMaxSubjects = 20'000;
constexpr std::uint64_t kMaxTextBytes = 4U << 20;  // as the inventory's: what is searched for prompts

constexpr base::UnixTime kEver{std::numeric_limits<std::int64_t>::max()};

/// What a subject is at some time: content, a version, or nothing.
struct State {
  bool present = false;
  Sha256 sha256;
  std::string version;

  bool operator==(const State&) const = default;
};
using States = std::map<std::string, State>;  ///< By name of the subject.

std::string_view file_of(std::string_view subject) {
  return subject.substr(0, subject.rfind('#'));
}

std::string_view without_dot(std::string_view path) {
  while (path.starts_with("./") && path.size() > 2) {
    path.remove_prefix(2);
  }
  return path;
}

// The versions of the models that ai-system.yaml gives no path for: those of a provider or a hub.
std::map<std::string, std::string> hosted_versions(const base::Value& document) {
  std::map<std::string, std::string> out;
  for (const base::Value& model : document["models"].as_list()) {
    const std::string id(model["id"].as_text());
    const std::string name(model["hosted"].as_text(model["hub"].as_text()));
    if (id.empty() || name.empty() || model.find("path") != nullptr) {
      continue;
    }
    const std::string revision(model["revision"].as_text());
    out[id] = name + (revision.empty() ? "" : "@" + revision);
  }
  return out;
}

class Watcher {
 public:
  Watcher(const Workplace& place, const inventory::Inventory& found, ledger::Ledger& log, const WatchOptions& options)
      : place_(place), found_(found), log_(log), options_(options), now_(base::now()) {}

  Result<WatchOutcome> run() {
    TRY(read_log());
    choose_subjects();
    TRY(read_history());
    TRY(look_at_files());
    TRY(record());
    return std::move(out_);
  }

 private:
  Result<void> read_log() {
    if (const auto entry = TRY(log_.current(evidence::statement_of(evidence::Watch{}).key()))) {
      const evidence::Statement statement = TRY(evidence::Statement::parse(entry->content));
      before_ = TRY(evidence::watch_from(statement));
    }
    const Opener opener = TRY(Opener::open(place_.state));
    // The kinds that say nothing of what is in force, such as access, may be many: they are not read.
    for (int number = 0; number <= static_cast<int>(EventKind::erasure); ++number) {
      const auto kind = static_cast<EventKind>(number);
      if (!evidence::changes_state(kind)) {
        continue;
      }
      const std::string first = "[\"" + evidence::event_predicate(kind) + "\",";
      const std::string end = "[\"" + evidence::event_predicate(kind) + "\"-";  // '-' is the character after ','
      const auto visit = [&](const ledger::Entry& entry) -> Result<void> {
        if (const auto event = TRY(opener.event_of(entry))) {
          take_into_force(in_force_, *event, kEver);
        }
        return {};
      };
      TRY(log_.for_each_current({first, end}, visit));
    }
    return {};
  }

  void add(std::string_view name, EventKind kind) {
    if (watch_.subjects.size() < kMaxSubjects) {
      watch_.subjects.try_emplace(std::string(name), kind);
    } else if (!too_many_) {
      too_many_ = true;
      out_.notes.push_back("more than " + base::grouped(kMaxSubjects) + " files to watch; the rest is left out");
    }
  }

  void add_declared(const base::Value& path, EventKind kind) {
    const std::string_view name = without_dot(path.as_text());
    if (name.empty() || name.find("://") != std::string_view::npos || name == "." || name.ends_with('/')) {
      return;
    }
    const auto asset = std::find_if(found_.assets.begin(), found_.assets.end(),
                                    [&](const evidence::Asset& candidate) { return candidate.path == name; });
    if (asset != found_.assets.end()) {  // a folder's files are found one by one
      add(name, kind);
    }
  }

  void choose_subjects() {
    const base::Value& document = found_.system.document;
    for (const base::Value& prompt : document["prompts"].as_list()) {
      add_declared(prompt["path"], EventKind::prompt_change);
    }
    for (const base::Value& tool : document["tools"].as_list()) {
      add_declared(tool["enforced_by"], EventKind::policy_change);
    }
    for (const auto& [name, path] : document["documents"].as_map()) {
      add_declared(path, name == "acceptable_use" ? EventKind::policy_change : EventKind::document_change);
    }
    add_declared(document["threat_model"]["path"], EventKind::document_change);
    for (const auto& [id, version] : hosted_versions(document)) {
      hosted_.insert(id);
      add(id, EventKind::model_version);
    }
    for (const evidence::Asset& asset : found_.assets) {
      const std::string_view setting = asset.attributes["setting"].as_text();
      if (asset.confidence == evidence::Confidence::low || setting == "test" || setting == "documentation" ||
          setting == "vendored") {
        continue;
      }
      switch (asset.kind) {
        case AssetKind::prompt:
          add(asset.path, EventKind::prompt_change);
          break;
        case AssetKind::model_config:
        case AssetKind::agent_config:
        case AssetKind::system_file:
          add(asset.path, EventKind::configuration_change);
          break;
        case AssetKind::model:
          add(asset.path, EventKind::model_version);
          break;
        case AssetKind::dataset:
          add(asset.path, EventKind::dataset_snapshot);
          break;
        case AssetKind::model_card:
        case AssetKind::datasheet:
        case AssetKind::disclosure_policy:
          add(asset.path, EventKind::document_change);
          break;
        default:
          break;
      }
    }
    // What was watched and is gone: that it went is a change as well.
    for (const auto& [name, kind] : before_.subjects) {
      const auto last = in_force_.find({kind, name});
      if (last != in_force_.end() && !last->second.event.removed && !watch_.subjects.contains(name)) {
        if (kind == EventKind::model_version && !last->second.event.after.is_set() &&
            !last->second.event.version.empty()) {
          hosted_.insert(name);
        }
        add(name, kind);
      }
    }
    out_.subjects = watch_.subjects.size();
  }

  // The subjects that a file holds: itself, prompts in it, hosted models in ai-system.yaml.
  [[nodiscard]] std::map<std::string, std::vector<std::string>> subjects_by_file() const {
    std::map<std::string, std::vector<std::string>> out;
    for (const auto& [name, kind] : watch_.subjects) {
      if (hosted_.contains(name)) {
        out[found_.system.path.empty() ? std::string(inventory::kSystemFile) : found_.system.path].push_back(name);
      } else {
        out[std::string(file_of(name))].push_back(name);
      }
    }
    return out;
  }

  // What these subjects were when their file was this.
  [[nodiscard]] States states_of(const std::string& path, const inventory::FileVersion& version,
                                 const std::vector<std::string>& subjects) const {
    States out;
    std::optional<inventory::Observed> observed;
    std::optional<std::map<std::string, std::string>> versions;
    for (const std::string& subject : subjects) {
      State& state = out[subject];
      if (!version.present) {
        continue;
      }
      if (hosted_.contains(subject)) {
        if (!versions) {
          const auto document = base::parse_yaml(version.content.value_or(""));
          versions = document ? hosted_versions(*document) : std::map<std::string, std::string>();
        }
        if (const auto found = versions->find(subject); found != versions->end()) {
          state = {true, {}, found->second};
        }
      } else if (subject == path) {
        state = {true, version.sha256, {}};
      } else if (version.content) {
        if (!observed) {
          observed = inventory::observe(path, base::as_bytes(*version.content), kMaxTextBytes);
        }
        const auto part = std::find_if(observed->parts.begin(), observed->parts.end(),
                                       [&](const evidence::Asset& candidate) { return candidate.path == subject; });
        if (part != observed->parts.end()) {
          state = {true, part->sha256, {}};
        }
      }
    }
    return out;
  }

  Result<void> read_history() {
    if (!found_.repository.present) {
      return {};
    }
    const auto repository = inventory::GitRepository::open(place_.directory, out_.notes);
    if (!repository) {
      return {};
    }
    const auto by_file = subjects_by_file();
    std::vector<std::string> known;
    std::vector<std::string> fresh;
    for (const auto& [file, subjects] : by_file) {
      const bool all_known = std::all_of(subjects.begin(), subjects.end(), [&](const std::string& subject) {
        return before_.subjects.contains(subject);
      });
      (all_known && !options_.all && !before_.head.empty() ? known : fresh).push_back(file);
    }
    watch_.complete = options_.all || before_.complete;
    Result<void> outcome;
    const auto visit = [&](const inventory::FileChange& change) {
      if (outcome) {
        outcome = take_change(change, by_file.find(change.path)->second);
      }
    };
    inventory::HistoryOptions history;
    history.max_commits = std::max<std::uint64_t>(options_.max_commits, 1);
    for (const auto& [files, since] : {std::pair(&fresh, std::string()), std::pair(&known, before_.head)}) {
      if (files->empty()) {
        continue;
      }
      history.paths = *files;
      history.since = since;
      inventory::History read = repository->history(history, visit);
      TRY(std::move(outcome));
      outcome = {};
      watch_.head = read.head;
      watch_.complete = watch_.complete && read.complete;
      out_.commits = std::max(out_.commits, read.commits);
      if (!read.since_found) {
        rewritten_ = true;
        out_.notes.push_back("the history of git was rewritten: commit " + since + " is no longer in it");
      }
      for (std::string& note : read.notes) {
        if (out_.notes.size() < 100) {
          out_.notes.push_back(std::move(note));
        }
      }
    }
    out_.complete = watch_.complete;
    return {};
  }

  Result<void> take_change(const inventory::FileChange& change, const std::vector<std::string>& subjects) {
    const States before = states_of(change.path, change.before, subjects);
    const States after = states_of(change.path, change.after, subjects);
    for (const std::string& subject : subjects) {
      const State& old = before.at(subject);
      const State& fresh = after.at(subject);
      if (old == fresh || (fresh.present && !fresh.sha256.is_set() && fresh.version.empty())) {
        continue;
      }
      PendingEvent pending;
      Event& event = pending.event;
      event.kind = watch_.subjects.at(subject);
      event.subject = subject;
      event.before = old.sha256;
      event.after = fresh.sha256;
      event.version = fresh.version;
      event.removed = !fresh.present;
      event.first_seen = change.first_seen;
      event.actor = change.author;
      event.approver = change.approver;
      event.reason = change.message;
      event.effective = change.time;
      event.source = evidence::EventSource::git;
      event.commit = change.commit;
      event.merge = change.merge;
      event.id = evidence::short_digest(
          {to_string(event.kind), subject, event.commit, event.merge, old.present ? old.sha256.hex() + old.version : "",
           fresh.present ? fresh.sha256.hex() + fresh.version : "", event.first_seen ? "first" : ""});
      TRY(add_event(std::move(pending)));
    }
    return {};
  }

  // Unless it is in the log already.
  Result<void> add_event(PendingEvent pending) {
    const Event& event = pending.event;
    if (TRY(log_.current(evidence::statement_of(event).key()))) {
      return {};
    }
    take_into_force(in_force_, {event, 0, now_, {}}, kEver);
    pending.private_fields = {"actor", "approver", "reason"};
    events_.push_back(std::move(pending));
    return {};
  }

  Result<void> look_at_files() {
    std::map<std::string_view, const evidence::Asset*> assets;
    for (const evidence::Asset& asset : found_.assets) {
      assets.try_emplace(asset.path, &asset);
    }
    std::set<std::string_view> committed;
    for (const evidence::VersionedFile& file : found_.repository.files) {
      if (file.state == "committed") {
        committed.insert(file.path);
      }
    }
    const auto versions = hosted_versions(found_.system.document);
    for (const auto& [subject, kind] : watch_.subjects) {
      State now;
      const bool hosted = hosted_.contains(subject);
      if (hosted) {
        if (const auto version = versions.find(subject); version != versions.end()) {
          now = {true, {}, version->second};
        }
      } else if (const auto asset = assets.find(subject); asset != assets.end()) {
        if (!asset->second->sha256.is_set()) {
          continue;  // not read: nothing can be said
        }
        now = {true, asset->second->sha256, {}};
      }
      const auto last = in_force_.find({kind, subject});
      const bool known = last != in_force_.end();
      const std::string_view file = hosted ? std::string_view(found_.system.path) : file_of(subject);
      // Line ends may differ from what git stores, so for a committed file git's word counts.
      const Event* event = known ? &last->second.event : nullptr;
      if (known && event->source == evidence::EventSource::git && now.present && committed.contains(file) &&
          !rewritten_) {
        continue;
      }
      const State then = known && !event->removed ? State{true, event->after, event->version} : State{};
      if (hosted ? now.present == then.present && now.version == then.version
                 : now.present == then.present && now.sha256 == then.sha256) {
        continue;
      }
      TRY(add_event(seen_now(subject, kind, now, event)));
    }
    return {};
  }

  PendingEvent seen_now(const std::string& subject, EventKind kind, const State& now, const Event* last) const {
    PendingEvent pending;
    Event& event = pending.event;
    event.kind = kind;
    event.subject = subject;
    event.before = last != nullptr && !last->removed ? last->after : Sha256{};
    event.after = now.sha256;
    event.version = now.version;
    event.removed = !now.present;
    event.first_seen = last == nullptr;
    event.effective = last != nullptr ? std::max(now_, last->effective) : now_;
    event.source = evidence::EventSource::work_tree;
    if (!event.first_seen) {
      event.actor = user_name();
    }
    // The event before is part of the id: going back and forth between two states is not one event.
    event.id = evidence::short_digest({to_string(kind), subject, "work-tree", last != nullptr ? last->id : "",
                                       now.sha256.hex(), now.version, now.present ? "" : "removed"});
    return pending;
  }

  Result<void> record() {
    out_.recorded = TRY(record_events(log_, place_.state, std::move(events_)));
    if (watch_.head.empty()) {
      watch_.head = found_.repository.present ? before_.head : "";
    }
    const evidence::Statement statement = evidence::statement_of(watch_);
    const ledger::NewEntry entry{statement.key(), statement.canonical()};
    TRY(log_.append({&entry, 1}));
    return {};
  }

  const Workplace& place_;
  const inventory::Inventory& found_;
  ledger::Ledger& log_;
  const WatchOptions& options_;
  const base::UnixTime now_;
  evidence::Watch before_;
  evidence::Watch watch_;
  std::set<std::string> hosted_;  ///< Subjects that are models at a provider.
  InForce in_force_;
  std::vector<PendingEvent> events_;
  bool rewritten_ = false;
  bool too_many_ = false;
  WatchOutcome out_;
};

}  // namespace

Result<WatchOutcome> watch(const Workplace& place, const inventory::Inventory& found, ledger::Ledger& log,
                           const WatchOptions& options) {
  return Watcher(place, found, log, options).run();
}

}  // namespace app
