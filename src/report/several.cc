// Several Codes on the same evidence.
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/text.h"
#include "report/exchange.h"
#include "report/renderers.h"

namespace report {
namespace {

using base::Value;

// A check that bears on provisions of more than one Code: its id is the same in each.
struct Overlap {
  const assess::CheckResult* check = nullptr;
  std::map<std::string, std::vector<std::string>> provisions;  ///< By the Code's id.
};

std::map<std::string, Overlap> overlaps(const std::vector<const assess::Assessment*>& assessments) {
  std::map<std::string, Overlap> out;
  for (const assess::Assessment* assessment : assessments) {
    for (const SharedCheck& shared : shared_checks(*assessment)) {
      Overlap& overlap = out[shared.result->check];
      overlap.check = shared.result;
      overlap.provisions[assessment->catalog->id] = shared.provisions;
    }
  }
  std::erase_if(out, [](const auto& entry) { return entry.second.provisions.size() < 2; });
  return out;
}

}  // namespace

std::string render_several(const std::vector<const assess::Assessment*>& assessments, Format format,
                           const Options& options) {
  const std::map<std::string, Overlap> shared = overlaps(assessments);
  if (format == Format::json) {
    std::string out = "{\n\"format\": \"surety-assessments\",\n\"format_version\": 1,\n\"assessments\": [\n";
    for (std::size_t i = 0; i < assessments.size(); ++i) {
      out += (i == 0 ? "" : ",\n") + std::string(base::trim(render_json(*assessments[i], options)));
    }
    Value::List list;
    for (const auto& [id, overlap] : shared) {
      Value::Map provisions;
      for (const auto& [code, ids] : overlap.provisions) {
        Value::List texts;
        for (const std::string& provision : ids) {
          texts.emplace_back(provision);
        }
        provisions.emplace_back(code, std::move(texts));
      }
      list.emplace_back(Value::Map{{"check", id},
                                   {"title", overlap.check->title},
                                   {"verdict", assess::to_string(overlap.check->verdict)},
                                   {"provisions", std::move(provisions)}});
    }
    return out + "\n],\n\"shared_evidence\": " + base::to_json(Value(std::move(list)), 1) + "\n}\n";
  }
  if (format != Format::text) {
    return {};
  }
  std::string out;
  for (const assess::Assessment* assessment : assessments) {
    out += (out.empty() ? "" : "\n") + std::string("### ") + one_line(assessment->catalog->title) + "\n\n" +
           render_text(*assessment, options);
  }
  out += "\n### Evidence that serves more than one Code (" + std::to_string(shared.size()) + ")\n";
  for (const auto& [id, overlap] : shared) {
    out += "\n  " + one_line(id) + ": " + std::string(assess::to_string(overlap.check->verdict)) + "\n";
    for (const auto& [code, ids] : overlap.provisions) {
      out += "    " + one_line(code) + " " + base::join(ids, ", ") + "\n";
    }
  }
  for (const assess::Assessment* assessment : assessments) {
    out += "\n" + one_line(assessment->catalog->title) + ": " + adherence_sentence(*assessment);
  }
  return out + "\n";
}

}  // namespace report
