#include "inspect/stream_finder.h"

#include <algorithm>
#include <tuple>

#include "inspect/anchors.h"
#include "inspect/personal.h"
#include "inspect/planted.h"
#include "inspect/secrets.h"

namespace inspect {
namespace {

constexpr std::size_t kScript = 200;        // as in find_all()
constexpr std::uint32_t kOverlap = 64;      // of what begins before a range and may win over what begins in it
constexpr std::uint32_t kAssignment = 150;  // rest of a name, blanks, sign and type, "for the new server is", "value:"
constexpr std::uint32_t kCommand = 220;     // as far as Forms::command() and argument() look

/// How far behind an anchor the finding may begin that it announces.
std::uint32_t reach_of(const Anchor& anchor) {
  switch (anchor.family) {
    case AnchorFamily::assigned:
    case AnchorFamily::secret_name:
      return static_cast<std::uint32_t>(anchor.text.size()) + kAssignment;
    case AnchorFamily::secret_form:
      switch (static_cast<SecretForm>(anchor.index)) {
        case SecretForm::curl:
          return 1210;
        case SecretForm::kubernetes:
          return 820;
        case SecretForm::cookie:
          return 510;
        case SecretForm::json_web_key:
          return 10;
        case SecretForm::header:
        case SecretForm::nuget:
          return 410;
        case SecretForm::command:
        case SecretForm::argument:
          return kCommand;
        default:
          return 0;
      }
    default:
      return 0;
  }
}

}  // namespace

void StreamFinder::notice(std::string_view text, std::uint64_t offset) {
  const bool planted = detectors_.injections || detectors_.scripts;
  const LiteralFinder& finder = planted ? all_anchors() : secret_anchors();
  const std::uint64_t from = std::max(offset, seen_ - std::min<std::uint64_t>(seen_, finder.longest() - 1));
  thread_local std::vector<LiteralHit> hits;
  hits.clear();
  const std::string_view part = text.substr(static_cast<std::size_t>(from - offset));
  finder.find(part, hits, part.size() < 4096 ? LiteralFinder::Engine::table : LiteralFinder::Engine::automatic);
  for (const LiteralHit& hit : hits) {
    const std::uint64_t at = from + hit.begin;
    const Anchor& here = anchor(hit.id);
    if (at + here.text.size() > seen_ || seen_ == 0) {
      anchors_.push_back({at, hit.id, reach_of(here)});
    }
  }
  seen_ = offset + text.size();
}

void StreamFinder::find(std::string_view text, std::uint64_t offset, std::size_t from, std::size_t to,
                        std::vector<Finding>& out) {
  const std::size_t first = out.size();
  if (detectors_.secrets || detectors_.injections || detectors_.scripts) {
    notice(text, offset);
    std::erase_if(anchors_,
                  [&](const Seen& one) { return one.at < offset || one.at + one.reach + kOverlap < offset + from; });
    std::vector<Secret> secrets;
    for (const Seen& one : anchors_) {
      const Anchor& here = anchor(one.id);
      auto at = static_cast<std::size_t>(one.at - offset);
      if (here.family == AnchorFamily::injection) {
        const std::size_t size = detectors_.injections ? verify_injection(text, at) : 0;
        if (size > 0 && at >= from && at < to && offset + at >= injection_to_) {
          injection_to_ = offset + at + size;
          out.push_back({at, at + size, Kind::injection, "instructions to a model", Certainty::medium});
        }
      } else if (here.family == AnchorFamily::script) {
        if (detectors_.scripts && at >= from && at < to && one.at >= script_to_ && verify_script(text, at)) {
          script_to_ = one.at + kScript;
          out.push_back({at, at + here.text.size(), Kind::script, "script that acts", Certainty::medium});
        }
      } else if (here.family < AnchorFamily::injection && detectors_.secrets) {
        verify_secret(text, here, at, secrets);
      }
    }
    if (detectors_.secrets) {
      find_shaped_secrets(text, from, text.size(), secrets);
      settle_secrets(secrets);
    }
    for (const Secret& one : secrets) {
      if (one.begin >= from && one.begin < to) {
        out.push_back({one.begin, one.end, Kind::secret, one.name, one.certainty});
      }
    }
  }
  if (detectors_.personal) {
    thread_local std::vector<PersonalSpan> spans;
    spans.clear();
    find_personal_data(text, from, to, spans);
    for (const PersonalSpan& one : spans) {
      out.push_back({one.begin, one.end, Kind::personal, to_string(one.kind), one.certainty});
    }
  }
  std::sort(out.begin() + static_cast<std::ptrdiff_t>(first), out.end(), [](const Finding& a, const Finding& b) {
    return std::tie(a.begin, a.end, a.kind) < std::tie(b.begin, b.end, b.kind);
  });
}

}  // namespace inspect
