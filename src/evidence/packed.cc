#include "evidence/packed.h"

#include <bit>

#include "base/packed.h"

namespace evidence {
namespace {

using base::ByteCursor;
using base::Errc;
using base::put;
using base::put_digest;
using base::put_text;
using base::put_texts;
using base::read_bool;
using base::read_count;
using base::read_digest;
using base::read_enum;
using base::read_text;
using base::read_texts;
using base::Result;

constexpr int kMaxValueDepth = 200;

enum class Tag : std::uint8_t { null, no, yes, integer, real, text, list, map };

void put_value(std::string& out, const base::Value& value) {
  const auto tag = [&out, &value](Tag which) {
    put(out, static_cast<std::uint8_t>(which));
    put(out, value.line());
  };
  if (value.is_bool()) {
    tag(value.as_bool() ? Tag::yes : Tag::no);
  } else if (value.is_integer()) {
    tag(Tag::integer);
    put(out, static_cast<std::uint64_t>(value.as_integer()));
  } else if (value.is_number()) {
    tag(Tag::real);
    put(out, std::bit_cast<std::uint64_t>(value.as_double()));
  } else if (value.is_string()) {
    tag(Tag::text);
    put_text(out, value.as_text());
  } else if (value.is_list()) {
    tag(Tag::list);
    put(out, static_cast<std::uint64_t>(value.as_list().size()));
    for (const base::Value& element : value.as_list()) {
      put_value(out, element);
    }
  } else if (value.is_map()) {
    tag(Tag::map);
    put(out, static_cast<std::uint64_t>(value.as_map().size()));
    for (const auto& [key, member] : value.as_map()) {
      put_text(out, key);
      put_value(out, member);
    }
  } else {
    tag(Tag::null);
  }
}

Result<base::Value> read_value(ByteCursor& in, int depth) {
  if (depth > kMaxValueDepth) {
    return in.fail(Errc::too_large, "value", "nested too deeply");
  }
  const Tag tag = TRY(read_enum(in, Tag::map));
  const auto line = TRY(in.le<std::uint32_t>("line"));
  base::Value value;
  switch (tag) {
    case Tag::null:
      break;
    case Tag::no:
    case Tag::yes:
      value = tag == Tag::yes;
      break;
    case Tag::integer:
      value = static_cast<std::int64_t>(TRY(in.le<std::uint64_t>("integer")));
      break;
    case Tag::real:
      value = std::bit_cast<double>(TRY(in.le<std::uint64_t>("number")));
      break;
    case Tag::text:
      value = TRY(read_text(in));
      break;
    case Tag::list: {
      base::Value::List list(TRY(read_count(in, 5)));
      for (base::Value& element : list) {
        element = TRY(read_value(in, depth + 1));
      }
      value = std::move(list);
      break;
    }
    case Tag::map: {
      base::Value::Map map(TRY(read_count(in, 13)));
      for (auto& [key, member] : map) {
        key = TRY(read_text(in));
        member = TRY(read_value(in, depth + 1));
      }
      value = std::move(map);
      break;
    }
  }
  value.set_line(line);
  return value;
}

}  // namespace

void pack(std::string& out, const Asset& asset) {
  put(out, static_cast<std::uint8_t>(asset.kind));
  put(out, asset.size_bytes);
  put_digest(out, asset.sha256);
  put_text(out, asset.format);
  put_text(out, asset.recognised_by);
  put(out, static_cast<std::uint8_t>(asset.confidence));
  put(out, asset.line);
  put_texts(out, asset.notes);
  put_value(out, asset.attributes);
  put(out, static_cast<std::uint64_t>(asset.usages.size()));
  for (const Usage& usage : asset.usages) {
    put_text(out, usage.kind);
    put_text(out, usage.name);
    put_text(out, usage.revision);
    put(out, usage.line);
    put_text(out, usage.detail);
  }
  put(out, static_cast<std::uint64_t>(asset.packages.size()));
  for (const Package& package : asset.packages) {
    put_text(out, package.ecosystem);
    put_text(out, package.name);
    put_text(out, package.requirement);
    put(out, static_cast<std::uint8_t>(package.pinned ? 1 : 0));
    put(out, static_cast<std::uint8_t>(package.hashed ? 1 : 0));
    put(out, static_cast<std::uint8_t>(package.direct_url ? 1 : 0));
    put(out, package.line);
  }
  put(out, static_cast<std::uint64_t>(asset.sections.size()));
  for (const Section& section : asset.sections) {
    put_text(out, section.heading);
    put(out, section.line);
    put(out, section.words);
    put_text(out, section.excerpt);
  }
  put(out, static_cast<std::uint64_t>(asset.digests.size()));
  for (const DigestEntry& digest : asset.digests) {
    put_text(out, digest.path);
    put_text(out, digest.algorithm);
    put_text(out, digest.digest);
    put(out, digest.line);
  }
}

Result<Asset> unpack_asset(ByteCursor& in) {
  Asset asset;
  asset.kind = TRY(read_enum(in, AssetKind::other));
  asset.size_bytes = TRY(in.le<std::uint64_t>("size"));
  asset.sha256 = TRY(read_digest(in));
  asset.format = TRY(read_text(in));
  asset.recognised_by = TRY(read_text(in));
  asset.confidence = TRY(read_enum(in, Confidence::high));
  asset.line = TRY(in.le<std::uint32_t>("line"));
  asset.notes = TRY(read_texts(in));
  asset.attributes = TRY(read_value(in, 0));
  asset.usages.resize(TRY(read_count(in, 36)));
  for (Usage& usage : asset.usages) {
    usage.kind = TRY(read_text(in));
    usage.name = TRY(read_text(in));
    usage.revision = TRY(read_text(in));
    usage.line = TRY(in.le<std::uint32_t>("line"));
    usage.detail = TRY(read_text(in));
  }
  asset.packages.resize(TRY(read_count(in, 31)));
  for (Package& package : asset.packages) {
    package.ecosystem = TRY(read_text(in));
    package.name = TRY(read_text(in));
    package.requirement = TRY(read_text(in));
    package.pinned = TRY(read_bool(in));
    package.hashed = TRY(read_bool(in));
    package.direct_url = TRY(read_bool(in));
    package.line = TRY(in.le<std::uint32_t>("line"));
  }
  asset.sections.resize(TRY(read_count(in, 24)));
  for (Section& section : asset.sections) {
    section.heading = TRY(read_text(in));
    section.line = TRY(in.le<std::uint32_t>("line"));
    section.words = TRY(in.le<std::uint32_t>("words"));
    section.excerpt = TRY(read_text(in));
  }
  asset.digests.resize(TRY(read_count(in, 28)));
  for (DigestEntry& digest : asset.digests) {
    digest.path = TRY(read_text(in));
    digest.algorithm = TRY(read_text(in));
    digest.digest = TRY(read_text(in));
    digest.line = TRY(in.le<std::uint32_t>("line"));
  }
  return asset;
}

void pack(std::string& out, const FileScan& scan) {
  put_digest(out, scan.sha256);
  put_texts(out, scan.formats);
  put(out, static_cast<std::uint8_t>(scan.coverage));
  put_texts(out, scan.not_covered);
  put(out, static_cast<std::uint8_t>(scan.verdict));
  put(out, static_cast<std::uint64_t>(scan.findings.size()));
  for (const Finding& finding : scan.findings) {
    for (const std::string* text : {&finding.id, &finding.rule, &finding.path, &finding.place, &finding.subject,
                                    &finding.message, &finding.remedy}) {
      put_text(out, *text);
    }
    put(out, static_cast<std::uint8_t>(finding.severity));
    put(out, static_cast<std::uint8_t>(finding.finding_class));
    put(out, finding.byte_offset);
    put(out, finding.line);
    put_texts(out, finding.cwe);
    put_texts(out, finding.atlas);
    put_texts(out, finding.owasp);
  }
}

Result<FileScan> unpack_scan(ByteCursor& in) {
  FileScan scan;
  scan.sha256 = TRY(read_digest(in));
  scan.formats = TRY(read_texts(in));
  scan.coverage = TRY(read_enum(in, Coverage::partial));
  scan.not_covered = TRY(read_texts(in));
  scan.verdict = TRY(read_enum(in, FileVerdict::incomplete));
  scan.findings.resize(TRY(read_count(in, 94)));
  for (Finding& finding : scan.findings) {
    for (std::string* text : {&finding.id, &finding.rule, &finding.path, &finding.place, &finding.subject,
                              &finding.message, &finding.remedy}) {
      *text = TRY(read_text(in));
    }
    finding.severity = TRY(read_enum(in, Severity::critical));
    finding.finding_class = TRY(read_enum(in, FindingClass::malformed));
    finding.byte_offset = TRY(in.le<std::uint64_t>("offset"));
    finding.line = TRY(in.le<std::uint32_t>("line"));
    finding.cwe = TRY(read_texts(in));
    finding.atlas = TRY(read_texts(in));
    finding.owasp = TRY(read_texts(in));
  }
  return scan;
}

}  // namespace evidence
