#include "report/words.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/markup.h"
#include "base/text.h"

namespace report {

using assess::Assessment;
using assess::ProvisionResult;
using assess::Verdict;
using catalog::Verb;
using evidence::Strength;

namespace {

Status status_of(Verdict verdict, const std::optional<Strength>& strength) {
  switch (verdict) {
    case Verdict::fail:
      return Status::fail;
    case Verdict::inconclusive:
      return Status::inconclusive;
    case Verdict::not_applicable:
      return Status::not_applicable;
    case Verdict::pass:
      break;
  }
  const bool stated = strength == Strength::attested || strength == Strength::documented;
  return stated ? Status::attested : Status::pass;
}

}  // namespace

Status status(const ProvisionResult& result) {
  return result.excepted ? Status::excepted : status_of(result.verdict, result.strength);
}
Status status(const assess::CheckResult& check) {
  return status_of(check.verdict, check.strength);
}

std::string_view key(Status status) {
  constexpr std::string_view kKeys[] = {"fail", "excepted", "inconclusive", "attested", "pass", "not applicable"};
  return kKeys[static_cast<std::size_t>(status)];
}

std::string_view label(Status status) {
  constexpr std::string_view kLabels[] = {"Fail", "Excepted", "Inconclusive", "Attested", "Pass", "Not applicable"};
  return kLabels[static_cast<std::size_t>(status)];
}

std::string_view meaning(Status status) {
  switch (status) {
    case Status::fail:
      return "Evidence shows that the provision is not met. Each objection names what was found, and where.";
    case Status::excepted:
      return "Evidence shows that the provision is not met, and somebody answerable accepts that until a date, with a "
             "reason and a control in its place. It is still a failure, counted apart, and never turns into a pass.";
    case Status::inconclusive:
      return "The evidence at hand neither shows that the provision is met nor that it is not. It is not a pass: the "
             "entry says which evidence would settle it.";
    case Status::attested:
      return "Somebody stated that the provision is met, or a document says so, and nothing that was read contradicts "
             "it. It was not tested, and it is counted apart from what was.";
    case Status::pass:
      return "Every check that settles the provision looked at something and found nothing to object to.";
    case Status::not_applicable:
      return "An explicit rule takes the provision out for this system, and its reason is given. Missing evidence "
             "never does that.";
  }
  return {};
}

std::string_view meaning(Strength strength) {
  switch (strength) {
    case Strength::executed:
      return "Surety did it itself: read the bytes, computed the digest, examined the file.";
    case Strength::imported:
      return "Another tool did it, and its result was read.";
    case Strength::attested:
      return "A named person stated it on a date.";
    case Strength::documented:
      return "A file says so.";
  }
  return {};
}

std::string_view meaning(Verb verb) {
  switch (verb) {
    case Verb::shall:
      return "A requirement. One that is not met means that the system does not adhere.";
    case Verb::should:
      return "A recommendation. It is counted, and it does not decide adherence.";
    case Verb::can:
      return "Something that is possible or permitted.";
  }
  return {};
}

std::string one_line(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool gap = false;
  for (const char c : text) {
    if (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
      gap = !out.empty();
      continue;
    }
    if (gap) {
      out += ' ';
      gap = false;
    }
    out += c;
  }
  return base::printable(out);
}

std::string capitalised(std::string_view text) {
  std::string out(text);
  if (!out.empty() && out[0] >= 'a' && out[0] <= 'z') {
    out[0] = static_cast<char>(out[0] - 'a' + 'A');
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> other_ids(const catalog::Catalog& catalog, std::string_view id,
                                                           const std::map<std::string, std::string>& ids) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const catalog::Edition& edition : catalog.editions) {
    const auto found = ids.find(edition.id);
    if (found == ids.end() || found->second == id || found->second.empty()) {
      continue;
    }
    std::string name = edition.id.substr(0, edition.id.find('-'));
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    out.emplace_back(one_line(name), one_line(found->second));
  }
  return out;
}

std::string label(const catalog::Catalog& catalog, const catalog::Provision& provision) {
  std::string out = one_line(provision.id);
  for (const auto& [edition, id] : other_ids(catalog, provision.id, provision.ids)) {
    out += " / " + edition + " " + id;
  }
  return out;
}

const catalog::Principle* principle(const catalog::Catalog& catalog, std::string_view id) {
  const auto found = std::find_if(catalog.principles.begin(), catalog.principles.end(),
                                  [&](const catalog::Principle& each) { return each.id == id; });
  return found == catalog.principles.end() ? nullptr : &*found;
}

std::string verbs(const catalog::Provision& provision) {
  std::string out(catalog::to_string(provision.verb));
  for (std::size_t i = 0; i < provision.also.size(); ++i) {
    out += ", " + std::string(catalog::to_string(provision.also[i]));
  }
  return provision.also.empty() ? out : out + " in parts";
}

std::string adherence_sentence(const Assessment& assessment) {
  std::string word(assess::to_string(assessment.adherence));
  std::replace_if(
      word.begin(), word.end(), [](char c) { return c == '_' || c == '-'; }, ' ');
  word = capitalised(word);
  const std::string reason = one_line(assessment.adherence_reason);
  return reason.empty() ? word : word + ": " + reason;
}

std::string role_name(const catalog::Catalog& catalog, std::string_view role) {
  for (const catalog::Role& known : catalog.roles) {
    if (known.id == role && !known.name.empty()) {
      return one_line(known.name);
    }
  }
  return one_line(role);
}

std::string assets_in_words(const std::map<std::string, std::uint64_t>& counts) {
  struct Words {
    evidence::AssetKind kind;
    std::string_view one;
    std::string_view many;
  };
  using Kind = evidence::AssetKind;
  constexpr Words kWords[] = {{Kind::model, "model", "models"},
                              {Kind::dataset, "dataset", "datasets"},
                              {Kind::prompt, "prompt", "prompts"},
                              {Kind::model_config, "model configuration", "model configurations"},
                              {Kind::agent_config, "agent configuration", "agent configurations"},
                              {Kind::source, "source file", "source files"},
                              {Kind::notebook, "notebook", "notebooks"},
                              {Kind::dependency_manifest, "dependency manifest", "dependency manifests"},
                              {Kind::lock_file, "lock file", "lock files"},
                              {Kind::container, "container file", "container files"},
                              {Kind::pipeline, "pipeline", "pipelines"},
                              {Kind::infrastructure, "infrastructure file", "infrastructure files"},
                              {Kind::disclosure_policy, "disclosure policy", "disclosure policies"},
                              {Kind::model_card, "model card", "model cards"},
                              {Kind::datasheet, "datasheet", "datasheets"},
                              {Kind::licence, "licence", "licences"},
                              {Kind::digest_manifest, "digest manifest", "digest manifests"},
                              {Kind::signature, "signature", "signatures"},
                              {Kind::environment_file, "environment file", "environment files"},
                              {Kind::document, "document", "documents"},
                              {Kind::system_file, "system file", "system files"},
                              {Kind::record, "record", "records"},
                              {Kind::other, "other file", "other files"}};
  std::map<std::string, std::uint64_t> left = counts;
  std::string out;
  const auto add = [&out](std::uint64_t count, std::string_view one, std::string_view many) {
    if (count != 0) {
      out += (out.empty() ? "" : ", ") + base::counted(count, one, many);
    }
  };
  for (const Words& words : kWords) {
    if (const auto found = left.find(std::string(evidence::to_string(words.kind))); found != left.end()) {
      add(found->second, words.one, words.many);
      left.erase(found);
    }
  }
  for (const auto& [name, count] : left) {
    add(count, one_line(name), {});
  }
  return out;
}

std::string inventory_in_words(const std::map<std::string, std::uint64_t>& counts, std::uint64_t records) {
  std::string out = assets_in_words(counts);
  if (records != 0) {
    out += (out.empty() ? "" : "; ") + base::counted(records, "record") + " in security/";
  }
  return out;
}

std::string findings_in_words(const std::vector<evidence::Finding>& findings) {
  std::array<std::uint64_t, 5> counts{};
  for (const evidence::Finding& finding : findings) {
    ++counts[static_cast<std::size_t>(finding.severity)];
  }
  std::string out;
  for (std::size_t i = counts.size(); i-- > 0;) {
    if (counts[i] != 0) {
      out += (out.empty() ? "" : ", ") + base::grouped(counts[i]) + " " +
             std::string(evidence::to_string(static_cast<evidence::Severity>(i)));
    }
  }
  return out;
}

std::string reading_in_words(const Assessment& assessment) {
  std::string out = base::counted(assessment.files, "file") + " (" + base::human_bytes(assessment.bytes) + ")";
  if (assessment.seconds > 0) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), assessment.seconds < 10 ? " in %.1f s" : " in %.0f s", assessment.seconds);
    out += text.data();
  }
  return out;
}

std::string where(const assess::Observation& observation) {
  const std::string place = one_line(observation.place);
  const std::string subject = base::printable(observation.subject);
  return place.empty() ? subject : subject + ", " + place;
}

std::string where(const evidence::Finding& finding) {
  const std::string place = one_line(finding.place);
  const std::string path = base::printable(finding.path);
  return place.empty() ? path : path + ", " + place;
}

const std::vector<assess::Observation>& observations(const assess::CheckResult& check) {
  return check.verdict == Verdict::inconclusive ? check.unknown : check.violations;
}

std::string changes_in_words(const ProvisionResult& result) {
  std::string out;
  for (const assess::Observation& change : result.changes) {
    out += (out.empty() ? "" : "; ") + where(change) + ": " + one_line(change.reason);
  }
  return out;
}

std::string stale_sentence(const Assessment& assessment) {
  std::string ids;
  std::uint64_t count = 0;
  for (const ProvisionResult& result : assessment.provisions) {
    if (result.stale) {
      ++count;
      ids += (ids.empty() ? "" : ", ") + one_line(result.provision->id);
    }
  }
  return count == 0 ? std::string()
                    : base::grouped(count) + " of the inconclusive " + (count == 1 ? "is" : "are") + " stale: " + ids;
}

std::string inherited_in_words(const ProvisionResult& result) {
  std::string out;
  for (const assess::InheritedFrom& from : result.inherited) {
    out += (out.empty() ? "" : "; ") + one_line(from.provider) + " (" +
           (from.bundle.empty()
                ? std::string("no bundle imported")
                : "bundle " + one_line(from.bundle).substr(0, 12) + " of " + one_line(from.date) + ": " +
                      one_line(from.verdict) + (from.strength.empty() ? "" : ", " + one_line(from.strength))) +
           ")";
  }
  return out;
}

std::string inherited_sentence(const Assessment& assessment) {
  std::uint64_t count = 0;
  std::string ids;
  for (const ProvisionResult& result : assessment.provisions) {
    if (result.verdict == Verdict::pass && !result.inherited.empty()) {
      ++count;
      ids += (ids.empty() ? "" : "; ") + one_line(result.provision->id) + " from " + inherited_in_words(result);
    }
  }
  return count == 0 ? std::string()
                    : base::grouped(count) + " of the attested passes " + (count == 1 ? "is" : "are") +
                          " inherited from suppliers: " + ids;
}

std::string exceptions_in_words(const Assessment& assessment, const ProvisionResult& result) {
  std::string out;
  for (const std::size_t place : result.exceptions) {
    const assess::Exception& exception = assessment.exceptions.at(place).exception;
    out += (out.empty() ? "" : "; ") + std::string("until ") + base::to_iso_date(exception.expires) + " by " +
           one_line(exception.owner) + (exception.attested_by.empty() ? " (not signed)" : " (signed)") + ": " +
           one_line(exception.reason) + " (in its place: " + one_line(exception.compensating_control) + ")";
  }
  return out;
}

std::vector<std::string> exception_notes(const Assessment& assessment) {
  using assess::ExceptionState;
  std::vector<std::string> out;
  for (const assess::ExceptionUse& use : assessment.exceptions) {
    const assess::Exception& exception = use.exception;
    const std::string name = "exception for " + one_line(exception.provision) +
                             (exception.subject.empty() ? "" : ", " + base::printable(exception.subject)) + " (" +
                             std::string(assess::kExceptionsFile) + ":" + std::to_string(exception.line) + ", " +
                             one_line(exception.owner) + ") ";
    const std::string date = base::to_iso_date(exception.expires);
    if (use.state == ExceptionState::expired) {
      out.push_back(name + "expired on " + date + " and counts no longer");
    } else if (use.state == ExceptionState::not_signed) {
      out.push_back(name + "does not count: ai-system.yaml says who may accept failures, and no signature of " +
                    one_line(exception.owner) + ", who would have to be one of them, is there");
    } else if (use.state == ExceptionState::unused) {
      out.push_back(name + "is unused: nothing that it covers fails");
    } else if (use.state == ExceptionState::expires_soon) {
      out.push_back(name + "ends soon, on " + date);
    }
  }
  return out;
}

bool lacks_checks(const ProvisionResult& result) {
  return result.verdict == Verdict::inconclusive &&
         std::none_of(result.checks.begin(), result.checks.end(), [](const auto& check) { return check.settles; });
}

std::string list_command(const Assessment& assessment, std::string_view check) {
  const std::string& directory = assessment.directory;
  std::string out = "surety query ";
  // A name that a shell could take for more than a name is left for the reader to fill in.
  const bool plain = std::all_of(directory.begin(), directory.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' || c == '.' ||
           c == '_' || c == '-';
  });
  if (!plain || directory.starts_with('-')) {
    out += "-C DIR ";
  } else if (!directory.empty() && directory != ".") {
    out += "-C " + directory + " ";
  }
  return out + "--check " + one_line(check);
}

std::vector<std::size_t> places(const Assessment& assessment, Status wanted) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < assessment.provisions.size(); ++i) {
    if (status(assessment.provisions[i]) == wanted) {
      out.push_back(i);
    }
  }
  std::stable_sort(out.begin(), out.end(), [&](std::size_t a, std::size_t b) {
    return assessment.provisions[a].provision->verb < assessment.provisions[b].provision->verb;
  });
  return out;
}

std::uint64_t unlisted(const assess::CheckResult& check, std::size_t shown) {
  const std::uint64_t all = check.verdict == Verdict::inconclusive
                                ? check.unknown.size()
                                : std::max<std::uint64_t>(check.violation_count, check.violations.size());
  return all - std::min<std::uint64_t>(all, shown);
}

std::string markdown_line(std::string_view text, std::size_t max_bytes) {
  return base::markdown_text(base::abbreviate(one_line(text), max_bytes));
}

std::string markdown_element_line(std::string_view text, std::size_t max_bytes) {
  return base::markdown_element_text(base::abbreviate(one_line(text), max_bytes));
}

std::string path_uri(std::string_view path) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kDigits[byte >> 4U];
      out += kDigits[byte & 15U];
    }
  }
  return out;
}

}  // namespace report
