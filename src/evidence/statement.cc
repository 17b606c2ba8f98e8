#include "evidence/statement.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "evidence/event.h"
#include "evidence/fields.h"

namespace evidence {
namespace {

using base::Errc;
using base::Error;
using base::Result;
using base::Value;

constexpr std::string_view kStatementType = "https://in-toto.io/Statement/v1";
constexpr std::string_view kBytesPrefix = "bytes:";
// A system file may nest as deep as its own parser allows; the statement around it adds a few levels.
constexpr base::DocumentLimits kLimits = {
    .max_bytes = kMaxStatementBytes, .max_depth = base::DocumentLimits{}.max_depth + 16, .max_values = 16'000'000};

constexpr std::array<std::pair<Strength, std::string_view>, 4> kStrengths = {{{Strength::executed, "executed"},
                                                                              {Strength::imported, "imported"},
                                                                              {Strength::attested, "attested"},
                                                                              {Strength::documented, "documented"}}};

// ---------------------------------------------------------------------------------------------------------- writing

// The line of each mapping that stands in a list, by place ("models[0].evaluations[1]"): a violation names it.
void collect_lines(const Value& value, const std::string& place, Value& lines) {
  for (const auto& [name, member] : value.as_map()) {
    collect_lines(member, place.empty() ? name : place + "." + name, lines);
  }
  const Value::List& list = value.as_list();
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string at = place + "[" + std::to_string(i) + "]";
    if (list[i].is_map() && list[i].line() != 0) {
      lines.set(encoded_text(at), static_cast<std::int64_t>(list[i].line()));
    }
    collect_lines(list[i], at, lines);
  }
}

// `value` with the lines that collect_lines() gave; what it does not name has none.
Value with_lines(const Value& value, const std::string& place, const Value& lines) {
  if (value.is_map()) {
    Value::Map out;
    for (const auto& [name, member] : value.as_map()) {
      out.emplace_back(name, with_lines(member, place.empty() ? name : place + "." + name, lines));
    }
    return {std::move(out)};
  }
  if (value.is_list()) {
    Value::List out;
    for (const Value& element : value.as_list()) {
      const std::string at = place + "[" + std::to_string(out.size()) + "]";
      out.push_back(with_lines(element, at, lines));
      if (element.is_map()) {
        const std::int64_t line = lines[encoded_text(at)].as_integer();
        out.back().set_line(
            line > 0 && line <= std::numeric_limits<std::int32_t>::max() ? static_cast<std::uint32_t>(line) : 0);
      }
    }
    return {std::move(out)};
  }
  return value;
}

Value usage_value(const Usage& usage) {
  MapWriter out(5);
  out.text("kind", usage.kind);
  out.text("name", usage.name);
  out.text("revision", usage.revision);
  out.number("line", usage.line);
  out.text("detail", usage.detail);
  return out.take();
}

Value package_value(const Package& package) {
  MapWriter out(7);
  out.text("ecosystem", package.ecosystem);
  out.text("name", package.name);
  out.text("requirement", package.requirement);
  out.flag("pinned", package.pinned);
  out.flag("hashed", package.hashed);
  out.flag("direct_url", package.direct_url);
  out.number("line", package.line);
  return out.take();
}

Value section_value(const Section& section) {
  MapWriter out(4);
  out.text("heading", section.heading);
  out.number("line", section.line);
  out.number("words", section.words);
  out.text("excerpt", section.excerpt);
  return out.take();
}

Value digest_value(const DigestEntry& entry) {
  MapWriter out(4);
  out.text("path", entry.path);
  out.text("algorithm", entry.algorithm);
  out.text("digest", entry.digest);
  out.number("line", entry.line);
  return out.take();
}

Value finding_value(const Finding& finding) {
  MapWriter out(14);
  out.text("id", finding.id);
  out.text("rule", finding.rule);
  out.always("severity", to_string(finding.severity));
  out.always("class", to_string(finding.finding_class));
  out.text("path", finding.path);
  out.text("place", finding.place);
  out.number("byte_offset", finding.byte_offset);
  out.number("line", finding.line);
  out.text("subject", finding.subject);
  out.text("message", finding.message);
  out.text("remedy", finding.remedy);
  out.texts("cwe", finding.cwe);
  out.texts("atlas", finding.atlas);
  out.texts("owasp", finding.owasp);
  return out.take();
}

Value file_value(const VersionedFile& file) {
  MapWriter out(2);
  out.text("path", file.path);
  out.text("state", file.state);
  return out.take();
}

Value subject_value(const Subject& subject) {
  MapWriter out(3);
  out.always("name", text_value(subject.name));
  MapWriter digest(1);
  digest.always("sha256", (subject.sha256.is_set() ? subject.sha256 : base::sha256(subject.name)).hex());
  out.always("digest", digest.take());
  if (!subject.sha256.is_set()) {
    MapWriter annotations(1);
    annotations.always("digest-of", "name");
    out.always("annotations", annotations.take());
  }
  return out.take();
}

Value::List subject_list(const std::vector<Subject>& subjects) {
  Value::List out;
  out.reserve(subjects.size());
  for (const Subject& subject : subjects) {
    out.push_back(subject_value(subject));
  }
  return out;
}

// ---------------------------------------------------------------------------------------------------------- reading

Result<Usage> usage_from(const Value& value, const std::string& place) {
  Usage out;
  auto in = TRY(MapReader::open(value, place));
  TRY(in.text("kind", out.kind));
  TRY(in.text("name", out.name));
  TRY(in.text("revision", out.revision));
  TRY(in.number("line", out.line));
  TRY(in.text("detail", out.detail));
  TRY(in.finish());
  return out;
}

Result<Package> package_from(const Value& value, const std::string& place) {
  Package out;
  auto in = TRY(MapReader::open(value, place));
  TRY(in.text("ecosystem", out.ecosystem));
  TRY(in.text("name", out.name));
  TRY(in.text("requirement", out.requirement));
  TRY(in.flag("pinned", out.pinned));
  TRY(in.flag("hashed", out.hashed));
  TRY(in.flag("direct_url", out.direct_url));
  TRY(in.number("line", out.line));
  TRY(in.finish());
  return out;
}

Result<Section> section_from(const Value& value, const std::string& place) {
  Section out;
  auto in = TRY(MapReader::open(value, place));
  TRY(in.text("heading", out.heading));
  TRY(in.number("line", out.line));
  TRY(in.number("words", out.words));
  TRY(in.text("excerpt", out.excerpt));
  TRY(in.finish());
  return out;
}

Result<DigestEntry> digest_from(const Value& value, const std::string& place) {
  DigestEntry out;
  auto in = TRY(MapReader::open(value, place));
  TRY(in.text("path", out.path));
  TRY(in.text("algorithm", out.algorithm));
  TRY(in.text("digest", out.digest));
  TRY(in.number("line", out.line));
  TRY(in.finish());
  return out;
}

Result<Finding> finding_from(const Value& value, const std::string& place) {
  Finding out;
  auto in = TRY(MapReader::open(value, place));
  TRY(in.text("id", out.id));
  TRY(in.text("rule", out.rule));
  TRY(in.choice("severity", &severity, out.severity));
  TRY(in.choice("class", &finding_class, out.finding_class));
  TRY(in.text("path", out.path));
  TRY(in.text("place", out.place));
  TRY(in.number("byte_offset", out.byte_offset));
  TRY(in.number("line", out.line));
  TRY(in.text("subject", out.subject));
  TRY(in.text("message", out.message));
  TRY(in.text("remedy", out.remedy));
  TRY(in.texts("cwe", out.cwe));
  TRY(in.texts("atlas", out.atlas));
  TRY(in.texts("owasp", out.owasp));
  TRY(in.finish());
  return out;
}

Result<VersionedFile> file_from(const Value& value, const std::string& place) {
  VersionedFile out;
  auto in = TRY(MapReader::open(value, place));
  TRY(in.text("path", out.path));
  TRY(in.text("state", out.state));
  TRY(in.finish());
  return out;
}

Result<Subject> subject_from(const Value& value, const std::string& place) {
  Subject out;
  auto in = TRY(MapReader::open(value, place));
  TRY(in.required_text("name", out.name));
  auto digest = TRY(in.required_map("digest"));
  TRY(digest.digest("sha256", out.sha256));
  TRY(digest.finish());
  if (!out.sha256.is_set()) {
    return malformed(in.at("digest.sha256"), "is missing or all zero");
  }
  if (value.find("annotations") != nullptr) {
    auto annotations = TRY(in.required_map("annotations"));
    std::string of;
    TRY(annotations.required_text("digest-of", of));
    TRY(annotations.finish());
    if (of != "name" || out.sha256 != base::sha256(out.name)) {
      return malformed(in.at("digest.sha256"), "is not of the name, as annotations.digest-of says");
    }
    out.sha256 = {};
  }
  TRY(in.finish());
  return out;
}

}  // namespace

std::string_view to_string(Strength strength) {
  return kStrengths[static_cast<std::size_t>(strength)].second;
}

std::optional<Strength> strength(std::string_view name) {
  for (const auto& [value, known] : kStrengths) {
    if (known == name) {
      return value;
    }
  }
  return std::nullopt;
}

std::string encoded_text(std::string_view text) {
  if (base::is_utf8(text) && !text.starts_with(kBytesPrefix)) {
    return std::string(text);
  }
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out(kBytesPrefix);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte > 0x7E || c == '%') {
      out += '%';
      out += kDigits[byte >> 4U];
      out += kDigits[byte & 15U];
    } else {
      out += c;
    }
  }
  return out;
}

Result<std::string> decoded_text(std::string_view encoded) {
  if (!encoded.starts_with(kBytesPrefix)) {
    if (!base::is_utf8(encoded)) {
      return Error{Errc::malformed, "not UTF-8"};
    }
    return std::string(encoded);
  }
  std::string out;
  for (std::size_t i = kBytesPrefix.size(); i < encoded.size(); ++i) {
    if (encoded[i] != '%') {
      out += encoded[i];
      continue;
    }
    const int high = i + 1 < encoded.size() ? base::hex_value(encoded[i + 1]) : -1;
    const int low = i + 2 < encoded.size() ? base::hex_value(encoded[i + 2]) : -1;
    if (high < 0 || low < 0) {
      return Error{Errc::malformed, "bytes: '%' without two hexadecimal digits", i};
    }
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  if (encoded_text(out) != encoded) {  // one text must not have two forms, or equal content could have two digests
    return Error{Errc::malformed, "bytes: not in canonical form"};
  }
  return out;
}

Value Statement::to_value() const {
  MapWriter out(4);
  out.always("_type", kStatementType);
  out.always("subject", subject_list(subjects));
  out.always("predicateType", text_value(predicate_type));
  out.always("predicate", predicate);
  return out.take();
}

std::string Statement::canonical() const {
  // The members in the order of their names, without a copy of the predicate.
  std::string out = "{\"_type\":\"" + std::string(kStatementType) + "\",\"predicate\":";
  out += base::to_canonical_json(predicate);
  out += ",\"predicateType\":" + base::json_quoted(encoded_text(predicate_type));
  out += ",\"subject\":" + base::to_canonical_json(Value(subject_list(subjects))) + "}";
  return out;
}

Result<Statement> Statement::parse(std::string_view json) {
  const Value root = TRY(base::parse_json(json, kLimits));
  auto in = TRY(MapReader::open(root, ""));
  std::string type;
  TRY(in.required_text("_type", type));
  if (type != kStatementType) {
    return malformed("_type", "expected " + std::string(kStatementType));
  }
  Statement out;
  TRY(in.list("subject", out.subjects, &subject_from));
  if (out.subjects.empty()) {
    return malformed("subject", "is missing or empty");
  }
  TRY(in.required_text("predicateType", out.predicate_type));
  if (out.predicate_type.empty()) {
    return malformed("predicateType", "must not be empty");
  }
  TRY(in.required_map("predicate"));
  out.predicate = root["predicate"];
  TRY(in.finish());
  return out;
}

std::string Statement::key() const {
  if (predicate_type == kRemovedPredicate) {
    if (auto of_gone = decoded_text(predicate["key"].as_text()); of_gone && !of_gone->empty()) {
      return *std::move(of_gone);
    }
  }
  std::string out = "[" + base::json_quoted(encoded_text(predicate_type));
  if (predicate_type == kAssetPredicate) {
    out += "," + base::json_quoted(predicate["kind"].as_text());
  }
  if (predicate_type != kSystemPredicate && predicate_type != kRepositoryPredicate &&
      predicate_type != kTreePredicate && predicate_type != kRunPredicate && predicate_type != kWatchPredicate) {
    for (const Subject& subject : subjects) {
      out += "," + base::json_quoted(encoded_text(subject.name));
    }
  }
  if (is_event(predicate_type)) {  // what happened does not take the place of what happened before
    out += "," + base::json_quoted(predicate["id"].as_text());
  }
  return out + "]";
}

Statement statement_of(const Asset& asset) {
  MapWriter out(14);
  out.text("id", asset.id);
  out.always("kind", to_string(asset.kind));
  out.number("size_bytes", asset.size_bytes);
  out.text("format", asset.format);
  out.text("recognised_by", asset.recognised_by);
  out.always("confidence", to_string(asset.confidence));
  out.number("line", asset.line);
  out.flag("part", asset.is_part);
  out.number("mode", asset.mode);
  out.texts("notes", asset.notes);
  if (!asset.attributes.is_null()) {
    out.always("attributes", encoded_value(asset.attributes));
  }
  out.list("usages", asset.usages, &usage_value);
  out.list("packages", asset.packages, &package_value);
  out.list("sections", asset.sections, &section_value);
  out.list("digests", asset.digests, &digest_value);
  return {{{asset.path, asset.sha256}}, std::string(kAssetPredicate), out.take()};
}

Statement statement_of(const FileScan& scan) {
  MapWriter out(5);
  out.texts("formats", scan.formats);
  out.always("coverage", to_string(scan.coverage));
  out.texts("not_covered", scan.not_covered);
  out.always("verdict", to_string(scan.verdict));
  out.list("findings", scan.findings, &finding_value);
  return {{{scan.path, scan.sha256}}, std::string(kScanPredicate), out.take()};
}

Statement statement_of(const SystemFacts& facts) {
  MapWriter out(4);
  out.always("declared", facts.declared);
  out.text("path", facts.path);
  if (!facts.document.is_null()) {
    out.always("document", encoded_value(facts.document));
    Value lines{Value::Map{}};
    collect_lines(facts.document, "", lines);
    if (!lines.as_map().empty()) {
      out.always("lines", std::move(lines));
    }
  }
  out.texts("assumed", facts.assumed);
  return {{{facts.path.empty() ? "." : facts.path, facts.sha256}}, std::string(kSystemPredicate), out.take()};
}

Statement statement_of(const Repository& repository) {
  MapWriter out(5);
  out.always("present", repository.present);
  out.text("head", repository.head);
  out.text("head_time", repository.head_time);
  out.text("root", repository.root);
  out.list("files", repository.files, &file_value);
  return {{{"repository", {}}}, std::string(kRepositoryPredicate), out.take()};
}

Statement statement_of(const Tree& tree) {
  MapWriter out(3);
  out.always("files", number_value(tree.files));
  out.always("directories", number_value(tree.directories));
  out.always("bytes", number_value(tree.bytes));
  return {{{".", tree.sha256}}, std::string(kTreePredicate), out.take()};
}

Statement statement_of(const Run& run) {
  MapWriter out(9);
  out.text("version", run.version);
  out.text("rules", run.rules);
  out.text("catalog", run.catalog);
  out.text("catalog_version", run.catalog_version);
  out.always("time", base::to_iso8601(run.time));
  out.text("adherence", run.adherence);
  for (const auto& [name, texts] : {std::pair{"verdicts", &run.verdicts}, std::pair{"shown_as", &run.shown_as},
                                    std::pair{"violations", &run.violations}}) {
    if (!texts->empty()) {
      Value::Map map;
      for (const auto& [key, text] : *texts) {
        map.emplace_back(encoded_text(key), text_value(text));
      }
      out.always(name, std::move(map));
    }
  }
  return {{{".", run.tree}}, std::string(kRunPredicate), out.take()};
}

Statement removal_of(const Statement& gone) {
  MapWriter out(1);
  out.always("key", text_value(gone.key()));
  return {gone.subjects, std::string(kRemovedPredicate), out.take()};
}

Result<Asset> asset_from(const Statement& statement) {
  auto [subject, in] = TRY(open_statement(statement, kAssetPredicate));
  Asset out;
  out.path = subject.name;
  out.sha256 = subject.sha256;
  TRY(in.text("id", out.id));
  TRY(in.choice("kind", &asset_kind, out.kind));
  TRY(in.number("size_bytes", out.size_bytes));
  TRY(in.text("format", out.format));
  TRY(in.text("recognised_by", out.recognised_by));
  TRY(in.choice("confidence", &confidence, out.confidence));
  TRY(in.number("line", out.line));
  TRY(in.flag("part", out.is_part));
  TRY(in.number("mode", out.mode));
  TRY(in.texts("notes", out.notes));
  TRY(in.document("attributes", out.attributes));
  TRY(in.list("usages", out.usages, &usage_from));
  TRY(in.list("packages", out.packages, &package_from));
  TRY(in.list("sections", out.sections, &section_from));
  TRY(in.list("digests", out.digests, &digest_from));
  TRY(in.finish());
  return out;
}

Result<FileScan> scan_from(const Statement& statement) {
  auto [subject, in] = TRY(open_statement(statement, kScanPredicate));
  FileScan out;
  out.path = subject.name;
  out.sha256 = subject.sha256;
  TRY(in.texts("formats", out.formats));
  TRY(in.choice("coverage", &coverage, out.coverage));
  TRY(in.texts("not_covered", out.not_covered));
  TRY(in.choice("verdict", &file_verdict, out.verdict));
  TRY(in.list("findings", out.findings, &finding_from));
  TRY(in.finish());
  return out;
}

Result<SystemFacts> system_from(const Statement& statement) {
  auto [subject, in] = TRY(open_statement(statement, kSystemPredicate));
  SystemFacts out;
  out.sha256 = subject.sha256;
  TRY(in.flag("declared", out.declared));
  TRY(in.text("path", out.path));
  if (subject.name != (out.path.empty() ? "." : out.path)) {
    return malformed("predicate.path", "is not the subject");
  }
  TRY(in.document("document", out.document));
  if (const Value* lines = in.find("lines"); lines != nullptr) {
    out.document = with_lines(out.document, "", *lines);
  }
  TRY(in.texts("assumed", out.assumed));
  TRY(in.finish());
  return out;
}

Result<Repository> repository_from(const Statement& statement) {
  auto [subject, in] = TRY(open_statement(statement, kRepositoryPredicate));
  if (subject.name != "repository" || subject.sha256.is_set()) {
    return malformed("subject", "is not \"repository\"");
  }
  Repository out;
  TRY(in.flag("present", out.present));
  TRY(in.text("head", out.head));
  TRY(in.text("head_time", out.head_time));
  TRY(in.text("root", out.root));
  TRY(in.list("files", out.files, &file_from));
  TRY(in.finish());
  return out;
}

Result<Tree> tree_from(const Statement& statement) {
  auto [subject, in] = TRY(open_statement(statement, kTreePredicate));
  Tree out;
  out.sha256 = subject.sha256;
  TRY(in.number("files", out.files));
  TRY(in.number("directories", out.directories));
  TRY(in.number("bytes", out.bytes));
  TRY(in.finish());
  return out;
}

Result<Run> run_from(const Statement& statement) {
  auto [subject, in] = TRY(open_statement(statement, kRunPredicate));
  Run out;
  out.tree = subject.sha256;
  TRY(in.text("version", out.version));
  TRY(in.text("rules", out.rules));
  TRY(in.text("catalog", out.catalog));
  TRY(in.text("catalog_version", out.catalog_version));
  TRY(in.time("time", out.time));
  TRY(in.text("adherence", out.adherence));
  TRY(in.text_map("verdicts", out.verdicts));
  TRY(in.text_map("shown_as", out.shown_as));
  TRY(in.text_map("violations", out.violations));
  TRY(in.finish());
  return out;
}

}  // namespace evidence
