#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/change_log.h"
#include "app/command.h"
#include "base/result.h"
#include "base/value.h"

/// Events as people write them (schemas/event.schema.json), on the command line or in a file.
namespace app {

/// What an event may refer to in the log.
struct LogView {
  InForce in_force;  ///< Now: gives `before` where it is not told.
  /// Subject and leaf hash of an entry; none where there is no such entry.
  std::function<base::Result<std::optional<std::pair<std::string, base::Sha256>>>(std::uint64_t)> entry;
};

/// The documents of `text`, one mapping or a list of them, in YAML or JSON. Fails with malformed, naming the line.
base::Result<std::vector<base::Value>> parse_event_documents(std::string_view text);
/// A document from the options of `surety log append`. Fails with usage, naming the option.
base::Result<base::Value> event_document(std::string_view kind, const Arguments& arguments);

/// The event that a document tells of. Files are read in `directory`. Fails with malformed or usage, naming field and
/// line, or as reading its file does.
base::Result<PendingEvent> event_of_document(const base::Value& document, const std::filesystem::path& directory,
                                             const LogView& view, base::UnixTime now);

}  // namespace app
