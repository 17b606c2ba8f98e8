#include <optional>

#include "app/threats/threats.h"
#include "base/file.h"
#include "base/text.h"
#include "ledger/ledger.h"
#include "threats/render.h"

namespace app {
namespace {

using base::Result;
using evidence::ThreatModel;

constexpr std::uint64_t kMaxFileBytes = 64U << 20;

Result<ThreatModel> model_in(const std::string& file) {
  const std::string text = TRY(base::read_file(file, kMaxFileBytes));
  auto model = threats::model_from_json(text);
  if (!model) {
    return std::move(model).error().in_file(base::printable(file));
  }
  return model;
}

// The newest model that the ledger took in by then, or the one before the newest.
struct Kept {
  ThreatModel model;
  base::UnixTime received;
};
Result<std::vector<Kept>> history(const Workplace& place, std::optional<base::UnixTime> since) {
  const ledger::Ledger log = TRY(ledger::Ledger::open(place.state, ledger::Ledger::Mode::read));
  const std::string key = evidence::statement_of(ThreatModel()).key();
  std::vector<std::pair<std::string, base::UnixTime>> texts;  // the last two, or those around `since`
  const auto visit = [&](const ledger::Entry& entry) -> Result<void> {
    if (entry.key != key) {
      return {};
    }
    if (since && entry.received <= *since) {
      texts.clear();
    } else if (!since && texts.size() == 2) {
      texts.erase(texts.begin());
    } else if (since && texts.size() == 2) {
      texts.pop_back();
    }
    texts.emplace_back(entry.content, entry.received);
    return {};
  };
  TRY(log.for_each(0, visit));
  std::vector<Kept> out;
  for (const auto& [text, received] : texts) {
    const evidence::Statement statement = TRY(evidence::Statement::parse(text));
    out.push_back({TRY(evidence::threats_from(statement)), received});
  }
  return out;
}

Result<Exit> compare(const Arguments& arguments, Console& console) {
  threats::Difference difference;
  ThreatModel before;
  ThreatModel after;
  if (arguments.positional().size() == 2) {
    before = TRY(model_in(arguments.positional()[0]));
    after = TRY(model_in(arguments.positional()[1]));
    difference.before_name = arguments.positional()[0];
    difference.after_name = arguments.positional()[1];
  } else if (arguments.positional().empty()) {
    const Workplace place = TRY(workplace(arguments, arguments.get("directory", ".")));
    std::optional<base::UnixTime> since;
    if (arguments.has("since")) {
      auto time = base::parse_time(arguments.get("since"));
      if (!time) {
        return base::Error{base::Errc::usage, "--since: " + time.error().message};
      }
      since = *time;
    }
    std::vector<Kept> kept = TRY(history(place, since));
    if (kept.empty()) {
      return base::Error{base::Errc::not_found, "the ledger holds no threat model (run surety assess first)"};
    }
    difference.before_name = "recorded " + base::to_iso8601(kept.front().received);
    difference.after_name = "recorded " + base::to_iso8601(kept.back().received);
    before = std::move(kept.front().model);
    after = kept.size() > 1 ? std::move(kept.back().model) : before;
  } else {
    return base::Error{base::Errc::usage,
                       "give two results of surety threats --format json, OLD and NEW, or none to "
                       "compare what the ledger holds"};
  }
  difference.before = &before;
  difference.after = &after;
  const std::string text = threats::render_difference(difference);
  if (arguments.has("output")) {
    TRY(base::write_file(arguments.get("output"), text));
  } else {
    console.out << text;
  }
  return arguments.has("fail") && threats::is_worse(difference) ? Exit::gate_failed : Exit::passed;
}

Result<void> review(const Arguments& arguments, Console& console) {
  if (!arguments.has("by")) {
    return base::Error{base::Errc::usage, "--by is needed: who went through the threat model"};
  }
  Workplace place = TRY(workplace(arguments, arguments.positional(0, ".")));
  place.judge = false;
  catalog::Catalog catalog = TRY(load_catalog(arguments));
  Outcome outcome = TRY(run_pipeline(place, std::move(catalog)));
  if (!outcome.assessment.threats) {
    return base::Error{base::Errc::usage, "no threat model could be derived: surety threats says why"};
  }
  const ThreatModel& model = *outcome.assessment.threats;
  evidence::ThreatReview reviewed;
  reviewed.by = arguments.get("by");
  reviewed.note = arguments.get("note");
  reviewed.time = base::now();
  reviewed.covers = model.covers;
  for (const evidence::Threat& threat : model.threats) {
    reviewed.threats.push_back(threat.id);
  }
  TRY(record_statement(place, statement_of(reviewed)));
  console.err << "recorded: " << base::printable(reviewed.by) << " reviewed "
              << base::counted(reviewed.threats.size(), "threat") << " over "
              << base::counted(reviewed.covers.size(), "file") << " on " << base::to_iso_date(reviewed.time) << "\n";
  return {};
}

}  // namespace

Exit run_threats_diff(const Arguments& arguments, Console& console) {
  const auto result = compare(arguments, console);
  return result ? *result : report_error(result.error(), console);
}

Exit run_threats_review(const Arguments& arguments, Console& console) {
  return exit_of(review(arguments, console), console);
}

}  // namespace app
