#include "evidence/observation.h"

#include <array>
#include <initializer_list>
#include <utility>

#include "base/text.h"
#include "evidence/short_digest.h"

namespace evidence {
namespace {

template <class Enum, std::size_t kCount>
using Names = std::array<std::pair<Enum, std::string_view>, kCount>;

constexpr Names<AssetKind, 23> kAssetKinds = {{
    {AssetKind::model, "model"},
    {AssetKind::dataset, "dataset"},
    {AssetKind::prompt, "prompt"},
    {AssetKind::model_config, "model-config"},
    {AssetKind::agent_config, "agent-config"},
    {AssetKind::source, "source"},
    {AssetKind::notebook, "notebook"},
    {AssetKind::dependency_manifest, "dependency-manifest"},
    {AssetKind::lock_file, "lock-file"},
    {AssetKind::container, "container"},
    {AssetKind::pipeline, "pipeline"},
    {AssetKind::infrastructure, "infrastructure"},
    {AssetKind::disclosure_policy, "disclosure-policy"},
    {AssetKind::model_card, "model-card"},
    {AssetKind::datasheet, "datasheet"},
    {AssetKind::licence, "licence"},
    {AssetKind::digest_manifest, "digest-manifest"},
    {AssetKind::signature, "signature"},
    {AssetKind::environment_file, "environment-file"},
    {AssetKind::document, "document"},
    {AssetKind::system_file, "system-file"},
    {AssetKind::record, "record"},
    {AssetKind::other, "other"},
}};
constexpr Names<Confidence, 3> kConfidences = {
    {{Confidence::low, "low"}, {Confidence::medium, "medium"}, {Confidence::high, "high"}}};
constexpr Names<Severity, 5> kSeverities = {{{Severity::info, "info"},
                                             {Severity::low, "low"},
                                             {Severity::medium, "medium"},
                                             {Severity::high, "high"},
                                             {Severity::critical, "critical"}}};
constexpr Names<FindingClass, 4> kFindingClasses = {{{FindingClass::malice, "malice"},
                                                     {FindingClass::weakness, "weakness"},
                                                     {FindingClass::policy, "policy"},
                                                     {FindingClass::malformed, "malformed"}}};
constexpr Names<Coverage, 2> kCoverages = {{{Coverage::complete, "complete"}, {Coverage::partial, "partial"}}};
constexpr Names<FileVerdict, 4> kFileVerdicts = {{{FileVerdict::clean, "clean"},
                                                  {FileVerdict::suspicious, "suspicious"},
                                                  {FileVerdict::malicious, "malicious"},
                                                  {FileVerdict::incomplete, "incomplete"}}};

// Each table lists its enumeration in order, so that a value is a place in it.
template <class Enum, std::size_t kCount>
constexpr bool in_order(const Names<Enum, kCount>& names) {
  for (std::size_t i = 0; i < kCount; ++i) {
    if (static_cast<std::size_t>(names[i].first) != i) {
      return false;
    }
  }
  return true;
}
static_assert(in_order(kAssetKinds) && in_order(kConfidences) && in_order(kSeverities) && in_order(kFindingClasses) &&
              in_order(kCoverages) && in_order(kFileVerdicts));

template <class Enum, std::size_t kCount>
std::string_view name_of(const Names<Enum, kCount>& names, Enum value) {
  return names[static_cast<std::size_t>(value)].second;
}

template <class Enum, std::size_t kCount>
std::optional<Enum> value_of(const Names<Enum, kCount>& names, std::string_view name) {
  for (const auto& [value, known] : names) {
    if (known == name) {
      return value;
    }
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(AssetKind kind) {
  return name_of(kAssetKinds, kind);
}
std::optional<AssetKind> asset_kind(std::string_view name) {
  return value_of(kAssetKinds, name);
}
std::string_view to_string(Confidence confidence) {
  return name_of(kConfidences, confidence);
}
std::optional<Confidence> confidence(std::string_view name) {
  return value_of(kConfidences, name);
}
std::string_view to_string(Severity severity) {
  return name_of(kSeverities, severity);
}
std::optional<Severity> severity(std::string_view name) {
  return value_of(kSeverities, name);
}
std::string_view to_string(FindingClass finding_class) {
  return name_of(kFindingClasses, finding_class);
}
std::optional<FindingClass> finding_class(std::string_view name) {
  return value_of(kFindingClasses, name);
}
std::string_view to_string(Coverage coverage) {
  return name_of(kCoverages, coverage);
}
std::optional<Coverage> coverage(std::string_view name) {
  return value_of(kCoverages, name);
}
std::string_view to_string(FileVerdict verdict) {
  return name_of(kFileVerdicts, verdict);
}
std::optional<FileVerdict> file_verdict(std::string_view name) {
  return value_of(kFileVerdicts, name);
}

// The length before each field keeps ("ab", "c") apart from ("a", "bc").
std::string short_digest(std::initializer_list<std::string_view> fields) {
  std::string bytes;
  for (const std::string_view field : fields) {
    for (int shift = 56; shift >= 0; shift -= 8) {
      bytes += static_cast<char>(static_cast<std::uint64_t>(field.size()) >> shift & 0xFFU);
    }
    bytes += field;
  }
  const base::Sha256 digest = base::sha256(bytes);
  return base::to_hex(std::as_bytes(std::span(digest.bytes)).first(8));
}

std::string asset_id(AssetKind kind, std::string_view path) {
  return "asset:" + short_digest({to_string(kind), path});
}

std::string finding_id(const Finding& finding) {
  return "F-" + short_digest({finding.rule, finding.path, finding.place, finding.subject});
}

}  // namespace evidence
