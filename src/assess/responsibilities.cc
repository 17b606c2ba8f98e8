#include "assess/responsibilities.h"

#include <algorithm>

#include "assess/record_rows.h"
#include "base/text.h"

namespace assess {
namespace {

using evidence::Strength;

constexpr std::string_view kStated =
    "SELECT r.provider, p.provision, p.role, p.side, p.component, r.file, r.line, r.strength, r.attested_by, "
    "r.in_force, "
    "r.valid_until FROM record_shared_responsibility r JOIN record_shared_responsibility_provisions p ON p.record = "
    "r.id "
    "WHERE r.effective = (SELECT max(n.effective) FROM record_shared_responsibility n WHERE n.provider = r.provider) "
    "ORDER BY r.file, r.line, r.id, p.position";

// The row of a query as text, NULL as empty.
struct Cells {
  const std::vector<std::optional<std::string>>& cells;
  std::string operator[](std::size_t place) const { return place < cells.size() ? cells[place].value_or("") : ""; }
};

std::string sql_text(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    out += c == '\'' ? "''" : std::string(1, c);
  }
  return out + "'";
}

class Reader {
 public:
  Reader(const Facts& facts, const catalog::Catalog& catalog, std::span<const std::string> held_roles)
      : facts_(facts), catalog_(catalog), held_roles_(held_roles) {}

  base::Result<std::map<std::string, std::vector<Responsibility>>> run() {
    std::map<std::string, std::vector<Responsibility>> out;
    const Facts::Table stated = TRY(facts_.query(kStated));
    for (const auto& cells : stated.rows) {
      const Cells row{cells};
      const auto wrong = [&](std::string message) {
        return base::Error{base::Errc::malformed, std::move(message), 0, row[5],
                           static_cast<std::uint32_t>(std::strtoul(row[6].c_str(), nullptr, 10))};
      };
      if (catalog_.find_role(row[2]) == nullptr) {
        continue;  // it speaks of another Code, whose roles these are
      }
      const catalog::Provision* provision = catalog_.find_provision(row[1]);
      if (provision == nullptr) {
        return wrong("provisions: there is no provision \"" + base::printable(row[1]) + "\"");
      }
      if (std::find(provision->actors.begin(), provision->actors.end(), row[2]) == provision->actors.end()) {
        return wrong("provisions: " + provision->id + " is addressed to " + catalog_.role_names(provision->actors) +
                     ", so it cannot be a supplier's as " + catalog_.role_names(std::vector<std::string>{row[2]}));
      }
      out[provision->id].push_back(TRY(responsibility(*provision, row)));
    }
    return out;
  }

 private:
  base::Result<Responsibility> responsibility(const catalog::Provision& provision, const Cells& row) {
    Responsibility out;
    InheritedFrom& from = out.from;
    from.provider = row[0];
    from.role = row[2];
    from.side = row[3];
    from.component = row[4];
    from.stated_in = row[5] + (row[6].empty() ? "" : ", line " + row[6]);
    from.stated_by = row[8];
    out.ours_too =
        from.side == "shared" || std::find(held_roles_.begin(), held_roles_.end(), from.role) != held_roles_.end();
    const std::string strength = row[7];
    const bool attested =
        strength == "attested" ||
        (strength.starts_with(kAttestedFor) &&
         ("," + strength.substr(kAttestedFor.size() - 1) + ",").find(", " + provision.id + ",") != std::string::npos);
    CheckResult& check = out.check;
    check.check = "inherited-from-" + from.provider;
    check.title = "inherited from " + from.provider;
    check.severity = "medium";
    check.strength = attested ? Strength::attested : Strength::documented;
    check.subjects = 1;
    check.examined = {from.provider};
    check.proves = "The verified bundle of " + from.provider + " shows what the supplier's evidence gave for this " +
                   "provision, and " + from.stated_in + " says that it is the supplier's.";
    check.limits =
        "What the supplier left out of its evidence is not seen, nor whether the bundle is of the version in "
        "use here.";
    check.remedy = "Ask " + from.provider + " for a newer bundle (surety supplier import), or show the provision by " +
                   "evidence of your own.";
    TRY(find_verdict(provision, row, out));
    return out;
  }

  // What the supplier's bundle says of the provision.
  base::Result<void> find_verdict(const catalog::Provision& provision, const Cells& row, Responsibility& out) {
    InheritedFrom& from = out.from;
    CheckResult& check = out.check;
    const auto unknown = [&](const std::string& place, const std::string& reason, bool stale) {
      check.verdict = Verdict::inconclusive;
      check.stale = stale;
      check.stale_count = stale ? 1 : 0;
      check.unknown = {{from.provider, place, reason}};
      check.reason = (stale ? "stale: " : "") + from.provider + ": " + reason;
    };
    const Facts::Table reports = TRY(facts_.query(
        "SELECT system, sha256, time, catalogue, roles, date(time, '+366 days') < (SELECT max(value) FROM parameters "
        "WHERE name = 'today') FROM inherited_reports WHERE provider = " +
        sql_text(from.provider)));
    if (reports.rows.empty()) {
      check.lacks_evidence = true;
      unknown("", "no bundle of this supplier was imported, and " + from.stated_in + " says that this is its part",
              false);
      return {};
    }
    const Cells report{reports.rows.front()};
    from.system = report[0];
    from.bundle = report[1];
    from.date = report[2].substr(0, 10);
    const std::string place = "bundle " + from.bundle.substr(0, 12) + " of " + from.date;
    if (report[3].substr(0, report[3].find(' ')) != catalog_.id) {
      unknown(place, "its bundle is an assessment against another catalogue, " + base::printable(report[3]), false);
      return {};
    }
    if ((", " + report[4] + ",").find(", " + from.role + ",") == std::string::npos) {
      unknown(place, "in its bundle the supplier does not hold the role " + from.role, false);
      return {};
    }
    const Facts::Table verdicts =
        TRY(facts_.query("SELECT verdict, strength, stale, excepted, attested_by FROM inherited WHERE provider = " +
                         sql_text(from.provider) + " AND provision = " + sql_text(provision.id)));
    if (verdicts.rows.empty()) {
      unknown(place, "its bundle says nothing of this provision", false);
      return {};
    }
    const Cells verdict{verdicts.rows.front()};
    from.verdict = verdict[0];
    from.strength = verdict[1];
    if (row[9] == "0") {
      unknown(row[5], "that it is the supplier's was stated until " + row[10], true);
    } else if (report[5] == "1") {
      unknown(place, "the assessment in its bundle is of " + from.date + ", more than a year ago", true);
    } else if (from.verdict == "fail") {
      Observation violation{
          from.provider, place,
          "its own bundle shows that it does not meet this provision, which is its part by " + from.stated_in, ""};
      violation.id = violation_id(check.check, violation.subject, violation.reason, 0);
      check.verdict = Verdict::fail;
      check.reason = violation.reason;
      check.violation_count = 1;
      check.violation_ids = {violation.id};
      check.violations = {std::move(violation)};
    } else if (from.verdict != "pass") {
      unknown(place, "its bundle says: " + from.verdict + (verdict[2] == "1" ? ", stale" : ""), verdict[2] == "1");
    } else {
      // No stronger than the supplier had it, than what another's program tested, or than the statement that it counts.
      check.strength = std::max(
          {check.strength, Strength::imported, evidence::strength(from.strength).value_or(Strength::documented)});
      check.verdict = Verdict::pass;
      check.reason = place + ": pass, " + from.strength + ", for " +
                     (from.component.empty() ? "the whole system" : from.component) + " by " + from.stated_in;
      check.attested_by = "inherited from " + from.provider + " (" + place + ", pass, " + from.strength +
                          (verdict[4].empty() ? "" : ": " + verdict[4]) + "; its part by " + from.stated_by + ")";
    }
    return {};
  }

  const Facts& facts_;
  const catalog::Catalog& catalog_;
  std::span<const std::string> held_roles_;
};

}  // namespace

base::Result<std::map<std::string, std::vector<Responsibility>>> responsibilities(
    const Facts& facts, const catalog::Catalog& catalog, std::span<const std::string> held_roles) {
  return Reader(facts, catalog, held_roles).run();
}

}  // namespace assess
