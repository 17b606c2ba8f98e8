#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/digest.h"
#include "base/json.h"
#include "base/text.h"
#include "report/renderers.h"
#include "report/sarif_parts.h"
#include "report/words.h"

namespace report {
namespace {

using base::Value;
using evidence::Severity;

Severity check_severity(const assess::CheckResult& check) {
  return evidence::severity(check.severity).value_or(Severity::medium);
}

std::optional<std::uint64_t> number_after(std::string_view text, std::string_view word) {
  if (!text.starts_with(word)) {
    return std::nullopt;
  }
  text.remove_prefix(word.size());
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end != text.data() && value <= 0x7FFFFFFF ? std::optional(value) : std::nullopt;
}

class Sarif {
 public:
  Sarif(const assess::Assessment& assessment, const Options& options)
      : assessment_(assessment), catalog_(*assessment.catalog), options_(options) {
    for (const evidence::Asset& asset : assessment_.assets) {
      files_.emplace(base::printable(asset.path), asset.path);
    }
  }

  std::string render() {
    for (const evidence::Finding& finding : assessment_.findings) {
      results_.push_back(sarif_result(finding, rules_));
    }
    add_checks();
    Value::List rules = sarif_rules(rules_, results_);
    Value::Map run = {
        {"tool", Value::Map{{"driver", Value::Map{{"name", "Surety"},
                                                  {"version", one_line(assessment_.tool_version)},
                                                  {"rules", std::move(rules)}}}}},
        {"invocations", Value::List{Value::Map{{"executionSuccessful", true},
                                               {"exitCode", options_.exit_code},
                                               {"endTimeUtc", base::to_iso8601(assessment_.time)}}}},
        {"originalUriBaseIds",
         Value::Map{{std::string(kSarifBase), Value::Map{{"description", sarif_message("The assessed directory.")}}}}},
        {"columnKind", "unicodeCodePoints"},
        {"taxonomies", Value::List{taxonomy()}},
        {"properties", Value::Map{{"system", base::printable(assessment_.system_name)},
                                  {"directory", base::printable(assessment_.directory)},
                                  {"adherence", assess::to_string(assessment_.adherence)},
                                  {"adherenceReason", one_line(assessment_.adherence_reason)},
                                  {"checkpoint", assessment_.checkpoint}}}};
    run.emplace_back("results", std::move(results_));  // an initializer list would copy what may be long
    return sarif_document(std::move(run));
  }

 private:
  // A check that serves several provisions gives its results once and names them all.
  void add_checks() {
    std::map<std::string, std::vector<const assess::ProvisionResult*>> served;
    std::vector<const assess::CheckResult*> failed;
    for (const assess::ProvisionResult& result : assessment_.provisions) {
      if (result.verdict != assess::Verdict::fail) {
        continue;
      }
      for (const assess::CheckResult& check : result.checks) {
        if (check.verdict != assess::Verdict::fail) {
          continue;
        }
        if (served[check.check].empty()) {
          failed.push_back(&check);
        }
        served[check.check].push_back(&result);
      }
    }
    for (const assess::CheckResult* check : failed) {
      add(*check, served[check->check]);
    }
  }

  void add(const assess::CheckResult& check, const std::vector<const assess::ProvisionResult*>& provisions) {
    const std::string id = one_line(check.check);
    SarifRule& rule = rules_[id];
    rule.title = check.title;
    rule.explanation = sarif_sentence(check.proves.empty() ? "" : "A pass shows: " + check.proves) +
                       (check.limits.empty() ? "" : " It does not show: " + sarif_sentence(check.limits));
    rule.help = check.remedy;
    rule.severity = check_severity(check);
    std::string named;
    Value::List taxa;
    for (const assess::ProvisionResult* result : provisions) {
      rule.tags.insert(catalog_.id + "/" + result->provision->id);
      named += (named.empty() ? "" : "; ") + label(catalog_, *result->provision) + " " + verbs(*result->provision);
      taxa.emplace_back(
          Value::Map{{"id", result->provision->id}, {"toolComponent", Value::Map{{"name", catalog_.title}}}});
    }
    for (const assess::Observation& observation : check.violations) {
      const std::string identity = check.check + '\0' + observation.subject + '\0' + observation.place;
      Value::Map result = {
          {"ruleId", id},
          {"level", sarif_level(check_severity(check))},
          {"message", sarif_message(where(observation) + ": " + sarif_sentence(observation.reason) + " Provisions: " +
                                    named + "." + (check.remedy.empty() ? "" : " Next: " + check.remedy))},
          {"partialFingerprints", Value::Map{{"suretyCheck/v1", base::sha256(identity).hex().substr(0, 16)}}},
          {"taxa", taxa},
          {"properties", Value::Map{{"place", one_line(observation.place)},
                                    {"violationsOfCheck", unlisted(check, 0)},
                                    {"strength", evidence::to_string(check.strength)}}}};
      result.emplace_back("locations", Value::List{location_of(observation)});
      suppress(check, provisions, observation, result);
      results_.emplace_back(std::move(result));
    }
  }

  // An objection that is excepted for every provision it stands against is a result, but a suppressed one.
  void suppress(const assess::CheckResult& check, const std::vector<const assess::ProvisionResult*>& provisions,
                const assess::Observation& observation, Value::Map& result) const {
    std::string why;
    for (const assess::ProvisionResult* provision : provisions) {
      const auto& places = provision->exceptions;
      const auto covering = std::find_if(places.begin(), places.end(), [&](std::size_t place) {
        return assessment_.exceptions.at(place).exception.covers(provision->provision->id, check.check,
                                                                 observation.subject);
      });
      if (covering == places.end()) {
        return;
      }
      const assess::Exception& exception = assessment_.exceptions.at(*covering).exception;
      why += (why.empty() ? "" : "; ") + one_line(exception.owner) + " until " + base::to_iso_date(exception.expires) +
             ": " + one_line(exception.reason);
    }
    result.emplace_back("suppressions",
                        Value::List{Value::Map{{"kind", "external"}, {"justification", std::move(why)}}});
  }

  // A subject is a file when discovery knows it under that name; else it is only named.
  [[nodiscard]] Value location_of(const assess::Observation& observation) const {
    const std::string subject = base::printable(observation.subject);
    for (const std::string& name :
         {subject, subject.substr(0, subject.find('!')), subject.substr(0, subject.find('#'))}) {
      const auto found = files_.find(name);
      if (found == files_.end()) {
        continue;
      }
      // A part of a file ("app.py#SYSTEM_PROMPT") is an asset of its own; the file is what stands before the mark,
      // unless the mark belongs to the name of a file.
      const bool part = files_.contains(name.substr(0, name.find('#')));
      const std::string path = part ? found->second.substr(0, found->second.find('#')) : found->second;
      const bool whole = subject.find('!') == std::string::npos;
      return sarif_location(path, subject, whole ? number_after(observation.place, "line ").value_or(0) : 0,
                            whole ? number_after(observation.place, "byte ") : std::nullopt);
    }
    return Value::Map{{"logicalLocations", Value::List{Value::Map{{"fullyQualifiedName", subject}}}}};
  }

  // Every provision with its verdict. Verdicts other than fail are no results: services would show them as alerts.
  [[nodiscard]] Value taxonomy() const {
    Value::List taxa;
    for (const assess::ProvisionResult& result : assessment_.provisions) {
      const catalog::Provision& provision = *result.provision;
      Value::Map ids;
      for (const auto& [edition, id] : provision.ids) {
        ids.emplace_back(edition, id);
      }
      taxa.emplace_back(Value::Map{
          {"id", provision.id},
          {"shortDescription", sarif_message(provision.title.empty() ? provision.id : provision.title)},
          {"properties",
           Value::Map{
               {"verdict", assess::to_string(result.verdict)},
               {"shownAs", key(status(result))},
               {"stale", result.stale},
               {"excepted", result.exceptions.empty() ? Value() : Value(exceptions_in_words(assessment_, result))},
               {"strength", result.strength ? Value(evidence::to_string(*result.strength)) : Value()},
               {"verb", catalog::to_string(provision.verb)},
               {"reason", one_line(result.reason)},
               {"ids", std::move(ids)}}}});
    }
    return Value::Map{{"name", catalog_.title}, {"version", catalog_.version}, {"taxa", std::move(taxa)}};
  }

  const assess::Assessment& assessment_;
  const catalog::Catalog& catalog_;
  const Options& options_;
  std::map<std::string, std::string> files_;  ///< Path as shown -> path as it is.
  SarifRules rules_;
  Value::List results_;
};

}  // namespace

std::string render_sarif(const assess::Assessment& assessment, const Options& options) {
  return Sarif(assessment, options).render();
}

}  // namespace report
