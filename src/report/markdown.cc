#include <string>

#include "base/text.h"
#include "report/renderers.h"
#include "report/words.h"

namespace report {
namespace {

constexpr std::size_t kMaxCharacters = 60'000;  ///< Hosting services cut comments at 65,536.
constexpr std::size_t kShown = 5;

// An element, not backticks: the text may hold any number of those.
std::string code(std::string_view text) {
  return "<code>" + markdown_line(text, 200) + "</code>";
}

std::string plural(std::size_t count, std::string_view one, std::string_view many) {
  return base::counted(count, one, many);
}

class Markdown {
 public:
  Markdown(const assess::Assessment& assessment, const Options& options)
      : assessment_(assessment), catalog_(*assessment.catalog), options_(options) {}

  std::string render() {
    const std::string head = summary();
    const std::string all = every_provision();
    const std::string foot = footer();
    // What must be there is written first; what may be long gets the room that is left.
    std::size_t room = kMaxCharacters - std::min(kMaxCharacters, head.size() + all.size() + foot.size() + 500);
    const std::string failing = failures(room);
    room -= std::min(room, failing.size());
    const std::string accepted = excepted(room);
    room -= std::min(room, accepted.size());
    const std::string open = inconclusive(room);
    std::string out = head + failing + accepted + open + all + foot;
    if (out.size() > kMaxCharacters) {  // a catalogue far larger than any known: the table has to go
      out = head + failing + accepted + open + foot;
    }
    return out;
  }

 private:
  std::string summary() {
    std::string out =
        "## Surety: " +
        markdown_line(assessment_.system_name.empty() ? assessment_.directory : assessment_.system_name, 200) +
        "\n\n**" + markdown_line(adherence_sentence(assessment_)) + "**\n\nAssessed against " +
        markdown_line(catalog_.title, 200) + " on " + base::to_iso8601(assessment_.time) + ". Read " +
        markdown_line(reading_in_words(assessment_)) + ".\n\n" +
        "| | Pass, tested | Pass, attested | Fail | Inconclusive | Not applicable | Excepted |\n"
        "|---|--:|--:|--:|--:|--:|--:|\n";
    for (const auto& [verb, counts] : assessment_.counts) {
      const std::uint64_t tested = counts.pass - std::min(counts.pass, counts.pass_attested);
      out += "| **" + std::string(catalog::to_string(verb)) + "** |";
      for (const std::uint64_t value :
           {tested, counts.pass_attested, counts.fail, counts.inconclusive, counts.not_applicable, counts.excepted}) {
        out += " " + std::to_string(value) + " |";
      }
      out += "\n";
    }
    if (const std::string stale = stale_sentence(assessment_); !stale.empty()) {
      out += "\n" + markdown_line(stale) + "\n";
    }
    if (const std::string inherited = inherited_sentence(assessment_); !inherited.empty()) {
      out += "\n" + markdown_line(inherited) + "\n";
    }
    for (const std::string& note : exception_notes(assessment_)) {
      out += "\n" + markdown_line(capitalised(note)) + "\n";
    }
    std::string steps;
    for (const std::size_t place : assessment_.cheapest) {
      if (place < assessment_.provisions.size()) {
        const assess::ProvisionResult& result = assessment_.provisions[place];
        steps += "1. **" + markdown_line(result.provision->id) + "** " +
                 markdown_line(result.next_step.empty() ? result.provision->title : result.next_step) + "\n";
      }
    }
    return steps.empty() ? out + "\n" : out + "\nCheapest next steps:\n\n" + steps + "\n";
  }

  std::string failures(std::size_t room) {
    const std::vector<std::size_t> found = places(assessment_, Status::fail);
    std::string out;
    std::size_t written = 0;
    for (const std::size_t place : found) {
      const std::string text = failure(assessment_.provisions[place]);
      if (out.size() + text.size() > room) {
        break;
      }
      out += text;
      ++written;
    }
    if (written < found.size()) {
      out += plural(found.size() - written, "more failing provision", "more failing provisions") +
             " did not fit here; the HTML report holds everything.\n\n";
    }
    return found.empty() ? out : "### What fails\n\n" + out;
  }

  std::string failure(const assess::ProvisionResult& result) {
    const catalog::Provision& provision = *result.provision;
    std::string out = "<details" + std::string(provision.verb == catalog::Verb::shall ? " open" : "") +
                      "><summary><b>" + markdown_element_line(label(catalog_, provision)) + "</b> " +
                      markdown_element_line(verbs(provision)) + ": " + markdown_element_line(provision.title, 200) +
                      "</summary>\n\n";
    bool any = false;
    for (const assess::CheckResult& check : result.checks) {
      if (check.verdict != assess::Verdict::fail) {
        continue;
      }
      any = true;
      std::size_t shown = 0;
      for (const assess::Observation& observation : check.violations) {
        if (shown == kShown) {
          break;
        }
        out += "- " + code(where(observation)) + " " + markdown_line(observation.reason) + "\n";
        ++shown;
      }
      if (const std::uint64_t more = unlisted(check, shown); more != 0) {
        out += "- and " + base::grouped(more) + " more: " + code(list_command(assessment_, check.check)) + "\n";
      }
    }
    if (!any) {
      out += markdown_line(result.reason) + "\n";
    }
    if (!result.next_step.empty()) {
      out += "\n**Next:** " + markdown_line(result.next_step) + "\n";
    }
    return out + "\n</details>\n\n";
  }

  std::string excepted(std::size_t room) {
    const std::vector<std::size_t> found = places(assessment_, Status::excepted);
    if (found.empty()) {
      return {};
    }
    std::string out = "### Fails, excepted\n\n";
    std::size_t written = 0;
    for (const std::size_t place : found) {
      const assess::ProvisionResult& result = assessment_.provisions[place];
      const std::string text = "- **" + markdown_line(label(catalog_, *result.provision)) + "** " +
                               markdown_line(verbs(*result.provision)) + ": " + markdown_line(result.reason, 300) +
                               ". Excepted " + markdown_line(exceptions_in_words(assessment_, result)) + "\n";
      if (out.size() + text.size() + 200 > room) {
        break;
      }
      out += text;
      ++written;
    }
    if (written < found.size()) {
      out += "- and " + base::grouped(found.size() - written) + " more, in the table below\n";
    }
    return out + "\n";
  }

  std::string inconclusive(std::size_t room) {
    const std::vector<std::size_t> found = places(assessment_, Status::inconclusive);
    if (found.empty()) {
      return {};
    }
    std::string out =
        "<details><summary>Inconclusive: " + plural(found.size(), "provision", "provisions") + "</summary>\n\n";
    std::size_t written = 0;
    for (const std::size_t place : found) {
      const assess::ProvisionResult& result = assessment_.provisions[place];
      const std::string text = "- **" + markdown_line(label(catalog_, *result.provision)) + "** " +
                               markdown_line(verbs(*result.provision)) + ": " + markdown_line(result.reason, 300) +
                               "\n";
      if (out.size() + text.size() + 200 > room) {
        break;
      }
      out += text;
      ++written;
    }
    if (written < found.size()) {
      out += "- and " + base::grouped(found.size() - written) + " more, in the table below\n";
    }
    return out + "\n</details>\n\n";
  }

  std::string every_provision() {
    std::string out = "<details><summary>All " + std::to_string(assessment_.provisions.size()) +
                      " provisions</summary>\n\n| Provision | Verb | Title | Verdict |\n|---|---|---|---|\n";
    for (const assess::ProvisionResult& result : assessment_.provisions) {
      const Status shown = status(result);
      out += "| " + markdown_line(label(catalog_, *result.provision), 100) + " | " +
             markdown_line(verbs(*result.provision)) + " | " + markdown_line(result.provision->title, 100) + " | " +
             (shown == Status::attested   ? (result.inherited.empty() ? "pass (attested)" : "pass (inherited)")
              : shown == Status::excepted ? "fail (excepted)"
              : result.stale              ? "inconclusive (stale)"
                                          : std::string(assess::to_string(result.verdict))) +
             " |\n";
    }
    return out + "\n</details>\n\n";
  }

  std::string footer() {
    return "<sub>Surety " + markdown_line(assessment_.tool_version, 50) + ", exit code " +
           std::to_string(options_.exit_code) + ". " + std::string(kDisclaimer) + "</sub>\n";
  }

  const assess::Assessment& assessment_;
  const catalog::Catalog& catalog_;
  const Options& options_;
};

}  // namespace

std::string render_markdown(const assess::Assessment& assessment, const Options& options) {
  return Markdown(assessment, options).render();
}

}  // namespace report
