#include "inspect/inspect.h"

#include <algorithm>
#include <tuple>

#include "inspect/anchors.h"
#include "inspect/personal.h"
#include "inspect/planted.h"
#include "inspect/secrets.h"

namespace inspect {

std::string_view to_string(Kind kind) {
  constexpr std::string_view kNames[] = {"secret", "personal", "injection", "script"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string_view to_string(Certainty certainty) {
  constexpr std::string_view kNames[] = {"low", "medium", "high"};
  return kNames[static_cast<std::size_t>(certainty)];
}

void prepare() {
  all_anchors().prepare();
  secret_anchors().prepare();
}

std::vector<Finding> find_all(std::string_view text, const Detectors& detectors) {
  constexpr std::size_t kBlock = 1U << 18;  // stays in the processor's cache
  constexpr std::size_t kScript = 200;      // bytes behind a script's beginning that are taken to be the same
  std::vector<Finding> out;
  std::vector<Secret> secrets;
  std::vector<LiteralHit> hits;
  std::size_t injection_to = 0;
  std::size_t script_to = 0;
  const bool planted = detectors.injections || detectors.scripts;
  const LiteralFinder& finder = planted ? all_anchors() : secret_anchors();
  for (std::size_t from = 0; from < text.size() && (planted || detectors.secrets); from += kBlock) {
    hits.clear();
    finder.find(text.substr(from, kBlock + finder.longest()), hits);
    for (const LiteralHit& hit : hits) {
      if (hit.begin >= kBlock) {
        continue;
      }
      const Anchor& here = anchor(hit.id);
      std::size_t at = from + hit.begin;
      if (here.family == AnchorFamily::injection) {
        const std::size_t size = detectors.injections ? verify_injection(text, at) : 0;
        if (size > 0 && at >= injection_to) {
          injection_to = at + size;
          out.push_back({at, at + size, Kind::injection, "instructions to a model", Certainty::medium});
        }
      } else if (here.family == AnchorFamily::script) {
        if (detectors.scripts && at >= script_to && verify_script(text, at)) {
          script_to = at + kScript;
          out.push_back({at, at + here.text.size(), Kind::script, "script that acts", Certainty::medium});
        }
      } else if (here.family < AnchorFamily::injection && detectors.secrets) {
        verify_secret(text, here, at, secrets);
      }
    }
    if (detectors.secrets) {
      find_shaped_secrets(text, from, std::min(text.size(), from + kBlock), secrets);
    }
  }
  settle_secrets(secrets);
  for (const Secret& one : secrets) {
    out.push_back({one.begin, one.end, Kind::secret, one.name, one.certainty});
  }
  if (detectors.personal) {
    for (const PersonalSpan& one : find_personal_data(text)) {
      out.push_back({one.begin, one.end, Kind::personal, to_string(one.kind), one.certainty});
    }
  }
  std::sort(out.begin(), out.end(), [](const Finding& a, const Finding& b) {
    return std::tie(a.begin, a.end, a.kind) < std::tie(b.begin, b.end, b.kind);
  });
  return out;
}

}  // namespace inspect
