#include <algorithm>
#include <cctype>
#include <optional>

#include "base/json.h"
#include "base/text.h"
#include "inventory/document_sections.h"
#include "inventory/observe_families.h"
#include "inventory/source_names.h"

namespace inventory {
namespace {

using base::Value;
using evidence::AssetKind;
using evidence::Confidence;

std::string_view prose_format(const File& file) {
  const std::string_view extension = file.extension();
  if (is_one_of(extension, {"md", "markdown", "mdx", "mdc"})) {
    return "markdown";
  }
  if (extension == "rst") {
    return "restructuredtext";
  }
  if (is_one_of(extension, {"adoc", "asciidoc"})) {
    return "asciidoc";
  }
  return "text";
}

std::string value_text(const Value& value) {
  return value.is_string() ? std::string(value.as_text()) : base::to_json(value);
}

// Sections, and the fields of the front matter as sections and attributes.
void add_sections(Observed& out, Sections& parsed) {
  for (const auto& [key, value] : parsed.front_matter.as_map()) {
    if (out.asset.sections.size() >= 200) {
      break;
    }
    const std::string text = value_text(value);
    out.asset.sections.push_back({"front-matter: " + one_line(key, 80), value.line() + 1,
                                  count_words(text.substr(0, 4096)), one_line(text, 300)});
    if (is_one_of(key, {"license", "license_name", "license_link", "base_model", "datasets", "language", "library_name",
                        "pipeline_tag", "model_name", "tags", "new_version", "task_categories", "size_categories",
                        "pretty_name", "source_datasets", "annotations_creators", "base_model_relation", "quantized_by",
                        "version"})) {
      out.asset.attributes.set(key, value.is_string()    ? Value(one_line(text, 300))
                                    : text.size() < 2000 ? value
                                                         : Value(one_line(text, 300)));
    }
  }
  if (!parsed.front_matter_error.empty()) {
    add_note(out, "front matter: " + parsed.front_matter_error);
  }
  std::uint32_t words = 0;
  for (auto& section : parsed.sections) {
    words = std::max(words, section.words);
    out.asset.sections.push_back(std::move(section));
  }
}

// "1,539 parameters", "7B parameters", "1.1 billion parameters": the first such number in the text, as written, and its
// line. Not where a word before it says that it counts some of them only.
void add_declared_parameters(Observed& out, std::string_view text) {
  text = text.substr(0, 1U << 20);
  std::size_t at = text.find(" parameters");
  for (int tries = 0; at != text.npos && tries < 50; at = text.find(" parameters", at + 1), ++tries) {
    std::size_t begin = at;
    const auto in_number = [](char c) {
      return std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '.' || c == ',';
    };
    std::size_t unit = at;
    while (unit > 0 && at - unit < 10 && std::isalpha(static_cast<unsigned char>(text[unit - 1])) != 0) {
      --unit;
    }
    begin = unit;
    if (begin > 0 && begin < at && (text[begin - 1] == ' ' || text[begin - 1] == '-')) {
      --begin;
    }
    const std::size_t end_of_number = begin;
    while (begin > 0 && end_of_number - begin < 20 && in_number(text[begin - 1])) {
      --begin;
    }
    const std::string word = base::to_lower(text.substr(unit, at - unit));
    if (begin == end_of_number || std::isdigit(static_cast<unsigned char>(text[begin])) == 0 ||
        !is_one_of(word, {"", "k", "m", "b", "t", "thousand", "million", "billion", "trillion"})) {
      continue;
    }
    const std::string before =
        base::to_lower(text.substr(begin > 40 ? begin - 40 : 0, std::min<std::size_t>(begin, 40)));
    if (has_word(before, {"active", "trainable", "embedding", "than", "up to", "only", "adds", "adapter"})) {
      continue;
    }
    out.asset.attributes.set("declared_parameters", one_line(text.substr(begin, at - begin), 40));
    out.asset.attributes.set("declared_parameters_line",
                             1 + static_cast<std::int64_t>(std::count(
                                     text.begin(), text.begin() + static_cast<std::ptrdiff_t>(begin), '\n')));
    return;
  }
}

bool any_heading(const Sections& parsed, std::initializer_list<std::string_view> words) {
  return std::any_of(parsed.sections.begin(), parsed.sections.end(),
                     [&](const auto& section) { return has_word(base::to_lower(section.heading), words); });
}

// What base models and datasets a card names are usages of them.
void add_card_usages(Observed& out, const Value& front_matter) {
  const auto each = [&](std::string_view key, std::string_view kind, std::string_view detail) {
    const Value& value = front_matter[key];
    const auto add = [&](const Value& name) {
      if (name.is_string() && !name.as_text().empty()) {
        add_usage(out, kind, name.as_text(), "", name.line() + 1, detail);
      }
    };
    if (value.is_list()) {
      for (const Value& name : value.as_list()) {
        add(name);
      }
    } else {
      add(value);
    }
  };
  each("base_model", "hub-model", "base_model of the card");
  each("datasets", "hub-dataset", "datasets of the card");
}

// The first length of time in the lower-case text: "within 5 working days", "in two weeks", "72 hours".
std::string response_time(std::string_view text) {
  std::vector<std::string_view> words;  // the three before
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = text.find_first_not_of(" \t\r\n*_()-|", at);
    if (begin == text.npos) {
      break;
    }
    const std::size_t end = std::min(text.size(), text.find_first_of(" \t\r\n*_()-|,.;:", begin + 1));
    const std::string_view word = text.substr(begin, end - begin);
    at = end;
    if (is_one_of(word, {"hour", "hours", "day", "days", "week", "weeks"})) {
      for (std::size_t back = 1; back <= std::min<std::size_t>(words.size(), 3); ++back) {
        const std::string_view number = words[words.size() - back];
        const bool digits = number.size() <= 3 && number.find_first_not_of("0123456789") == number.npos;
        if (digits || is_one_of(number, {"one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
                                         "fourteen", "thirty", "sixty", "ninety", "twenty"})) {
          return one_line(text.substr(static_cast<std::size_t>(number.data() - text.data()),
                                      static_cast<std::size_t>(word.data() + word.size() - number.data())),
                          60);
        }
      }
    }
    words.push_back(word);
    if (words.size() > 64) {
      words.erase(words.begin(), words.end() - 3);
    }
  }
  return {};
}

// "contact" and the like, wherever prose names them: addresses and how long an answer takes.
void describe_policy(Observed& out, std::string_view text) {
  Value contacts{Value::List{}};
  const auto add = [&](std::string_view contact) {
    const Value value{one_line(contact, 200)};
    const auto& known = contacts.as_list();
    if (known.size() < 20 && std::find(known.begin(), known.end(), value) == known.end()) {
      contacts.push(value);
    }
  };
  const std::string_view head = text.substr(0, 256 << 10);
  for (std::size_t at = head.find('@'); at != head.npos; at = head.find('@', at + 1)) {
    const auto in_address = [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' || c == '_' || c == '+';
    };
    std::size_t begin = at;
    while (begin > 0 && at - begin < 64 && in_address(head[begin - 1])) {
      --begin;
    }
    std::size_t end = at + 1;
    while (end < head.size() && end - at < 128 && in_address(head[end])) {
      ++end;
    }
    while (end > at && head[end - 1] == '.') {
      --end;
    }
    const std::string_view domain = head.substr(at + 1, end - at - 1);
    if (begin < at && domain.find('.') != domain.npos) {
      add(head.substr(begin, end - begin));
    }
  }
  const std::string lower = base::to_lower(head);
  for (std::size_t at = lower.find("https://"); at != lower.npos; at = lower.find("https://", at + 8)) {
    const std::size_t end = std::min(lower.size(), lower.find_first_of(" \n\t)>]\"'", at));
    const std::string_view url = std::string_view(lower).substr(at, end - at);
    if (has_word(url, {"security/advisories", "hackerone.com", "bugcrowd.com", "huntr.", "intigriti", "report",
                       "/security", "vulnerab"})) {
      add(head.substr(at, end - at));
    }
  }
  if (has_word(lower,
               {"private vulnerability reporting", "report a vulnerability\"", "\"report a vulnerability",
                "security advisories", "security/advisories", "draft a security advisory", "privately report"})) {
    add("private vulnerability reporting of the hosting service");
  }
  if (!contacts.as_list().empty()) {
    out.asset.attributes.set("contact", std::move(contacts));
  }
  const std::string time = response_time(lower);
  if (!time.empty()) {
    out.asset.attributes.set("response_time", time);
  }
}

// RFC 9116.
void observe_security_txt(Observed& out, const File& file) {
  classify(out, AssetKind::disclosure_policy, "security.txt", "name: security.txt");
  Lines lines(file.text);
  std::string_view line;
  bool any = false;
  while (lines.next(line)) {
    line = base::trim(line);
    if (line.starts_with("-----BEGIN PGP SIGNED MESSAGE")) {
      out.asset.attributes.set("signed", true);
    }
    const std::size_t colon = line.find(':');
    if (line.empty() || line[0] == '#' || colon == line.npos || line.starts_with("-----")) {
      continue;
    }
    const std::string name = base::to_lower(base::trim(line.substr(0, colon)));
    const std::string value = one_line(base::trim(line.substr(colon + 1)), 300);
    if (!is_one_of(name, {"contact", "expires", "policy", "encryption", "acknowledgments", "acknowledgements",
                          "canonical", "hiring", "preferred-languages", "csaf"}) ||
        value.empty()) {
      continue;
    }
    any = true;
    if (name == "contact") {
      Value contacts = out.asset.attributes["contact"];
      if (contacts.as_list().size() < 50) {
        out.asset.attributes.set("contact", contacts.push(value));
      }
    } else if (out.asset.attributes.find(name) == nullptr) {
      out.asset.attributes.set(name, value);
    } else {
      add_note(out, "field " + name + " stands twice, line " + std::to_string(lines.number()));
    }
    out.asset.sections.push_back({name, lines.number(), count_words(value), value});
    if (out.asset.sections.size() >= kMaxSections) {
      break;
    }
  }
  if (!any) {
    out.asset.confidence = Confidence::low;
    add_note(out, "no field of RFC 9116");
  }
}

// ---- licences

struct LicenceText {
  std::string_view spdx;
  std::string_view first;   ///< Must occur in the head …
  std::string_view second;  ///< … and this, too.
};
// More particular ones first.
constexpr LicenceText kLicences[] = {
    {"AGPL-3.0-only", "gnu affero general public license", "version 3"},
    {"LGPL-3.0-only", "gnu lesser general public license", "version 3"},
    {"LGPL-2.1-only", "gnu lesser general public license", "version 2.1"},
    {"GPL-3.0-only", "gnu general public license", "version 3"},
    {"GPL-2.0-only", "gnu general public license", "version 2"},
    {"Apache-2.0", "apache license", "version 2.0"},
    {"MPL-2.0", "mozilla public license", "version 2.0"},
    {"EPL-2.0", "eclipse public license", "v 2.0"},
    {"BSL-1.1", "business source license", "1.1"},
    {"BSL-1.0", "boost software license", ""},
    {"CC0-1.0", "cc0 1.0", ""},
    {"CC-BY-NC-SA-4.0", "attribution-noncommercial-sharealike 4.0", ""},
    {"CC-BY-NC-4.0", "attribution-noncommercial 4.0", ""},
    {"CC-BY-SA-4.0", "attribution-sharealike 4.0", ""},
    {"CC-BY-4.0", "attribution 4.0 international", ""},
    {"BigScience-BLOOM-RAIL-1.0", "bigscience bloom rail", ""},
    {"LicenseRef-OpenRAIL", "openrail", ""},
    {"LicenseRef-Llama", "llama", "community license agreement"},
    {"LicenseRef-Gemma", "gemma terms of use", ""},
    {"BSD-3-Clause", "redistribution and use in source and binary forms", "neither the name"},
    {"BSD-2-Clause", "redistribution and use in source and binary forms", ""},
    {"MIT-0", "mit no attribution", ""},
    {"MIT", "permission is hereby granted, free of charge", "the above copyright notice and this permission notice"},
    {"ISC", "permission to use, copy, modify, and/or distribute this software", ""},
    {"Unlicense", "this is free and unencumbered software", ""},
    {"Zlib", "this software is provided 'as-is'", ""},
};

void observe_licence(Observed& out, const File& file) {
  classify(out, AssetKind::licence, "text", "name: of a licence", Confidence::medium);
  std::string head = base::to_lower(file.text.substr(0, 8192));
  // One space between words, whatever the line breaks.
  std::string flat;
  for (const char c : head) {
    if (std::isspace(static_cast<unsigned char>(c)) == 0) {
      flat += c;
    } else if (!flat.empty() && flat.back() != ' ') {
      flat += ' ';
    }
  }
  if (const std::size_t tag = flat.find("spdx-license-identifier:"); tag != flat.npos) {
    const std::string_view id =
        base::trim(file.text.substr(base::to_lower(file.text).find("spdx-license-identifier:") + 24, 80));
    out.asset.attributes.set("spdx", one_line(id.substr(0, id.find_first_of("\n*")), 60));
    out.asset.confidence = Confidence::high;
    return;
  }
  for (const LicenceText& licence : kLicences) {
    if (flat.find(licence.first) != flat.npos && flat.find(licence.second) != flat.npos) {
      out.asset.attributes.set("spdx", licence.spdx);
      out.asset.recognised_by = "content: text of " + std::string(licence.spdx);
      out.asset.confidence = Confidence::high;
      return;
    }
  }
}

// ---- digest manifests

std::string_view algorithm_by_length(std::size_t digits) {
  switch (digits) {
    case 32:
      return "md5";
    case 40:
      return "sha1";
    case 56:
      return "sha224";
    case 64:
      return "sha256";
    case 96:
      return "sha384";
    case 128:
      return "sha512";
    default:
      return {};
  }
}

bool is_hex(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return base::hex_value(c) >= 0; });
}

// One line of the forms "HEX  name", "HEX *name" and "SHA256 (name) = HEX".
std::optional<evidence::DigestEntry> read_digest(std::string_view line, std::string_view named) {
  evidence::DigestEntry entry;
  if (line.starts_with('\\')) {  // GNU: the name has escaped characters
    line.remove_prefix(1);
  }
  const std::size_t open = line.find(" (");
  const std::size_t close = line.rfind(") = ");
  if (open != line.npos && close != line.npos && open + 2 <= close && open < 12) {
    const std::string_view digest = base::trim(line.substr(close + 4));
    if (!is_hex(digest)) {
      return std::nullopt;
    }
    entry.algorithm = base::to_lower(line.substr(0, open));
    std::erase(entry.algorithm, '-');
    entry.path = line.substr(open + 2, close - open - 2);
    entry.digest = base::to_lower(digest);
    return entry;
  }
  const std::size_t digits = std::min(line.size(), line.find_first_of(" \t"));
  const std::string_view digest = line.substr(0, digits);
  const std::string_view algorithm = algorithm_by_length(digest.size());
  if (algorithm.empty() || !is_hex(digest)) {
    return std::nullopt;
  }
  std::string_view name = line.substr(digits);
  name = base::trim(name);
  if (name.starts_with('*')) {
    name.remove_prefix(1);
  }
  entry.algorithm = named.find("blake2") != named.npos || named.starts_with("b2") ? "blake2b" : std::string(algorithm);
  entry.path = name;
  entry.digest = base::to_lower(digest);
  return entry;
}

bool observe_digest_manifest(Observed& out, const File& file) {
  static constexpr std::string_view kEndings[] = {".sha256",    ".sha512", ".sha1",       ".md5",  ".sha256sum",
                                                  ".sha512sum", ".md5sum", ".sha256.txt", ".b2sum"};
  std::string_view target;
  for (const std::string_view ending : kEndings) {
    if (file.lower_name.ends_with(ending)) {
      target = file.name.substr(0, file.name.size() - ending.size());
    }
  }
  std::string_view stem = file.lower_name;
  stem = stem.substr(0, stem.rfind('.') == stem.npos || file.extension().size() > 4 ? stem.size() : stem.rfind('.'));
  const bool named =
      is_one_of(stem, {"sha256sums", "sha512sums", "sha1sums", "md5sums", "checksums", "checksum", "sha256sum",
                       "sha512sum", "sha256", "digests", "manifest-sha256", "manifest-sha512", "hashes", "b2sums"}) &&
      !is_one_of(file.extension(), {"json", "yaml", "yml", "py", "js", "ts", "go", "rs", "md"});
  if (target.empty() && !named) {
    return false;
  }
  Lines lines(file.text);
  std::string_view line;
  std::uint32_t others = 0;
  while (lines.next(line)) {
    const std::string_view trimmed = base::trim(line);
    if (trimmed.empty() || trimmed.starts_with('#') || trimmed.starts_with("-----")) {
      continue;
    }
    auto entry = read_digest(trimmed, file.lower_name);
    if (!entry) {
      if (++others > 20 && out.asset.digests.empty()) {
        return false;
      }
      continue;
    }
    if (entry->path.empty() || entry->path == "-") {
      if (target.empty()) {
        continue;
      }
      entry->path = target;
    }
    if (out.asset.digests.size() >= kMaxDigests) {
      add_note(out, "more than " + base::grouped(kMaxDigests) + " digests; the rest is left out");
      break;
    }
    entry->path = join_path(folder_of(file.path), entry->path);
    entry->line = lines.number();
    out.asset.digests.push_back(*std::move(entry));
  }
  if (out.asset.digests.empty()) {
    return false;
  }
  classify(out, AssetKind::digest_manifest, "digests", "content: lines of digest and name");
  if (others > 0) {
    add_note(out, base::counted(others, "line") + " hold no digest");
  }
  return true;
}

bool observe_signature(Observed& out, const File& file) {
  const std::string_view extension = file.extension();
  const std::string_view head = file.text.substr(0, 4096);
  if (extension == "minisig" && head.starts_with("untrusted comment:")) {
    classify(out, AssetKind::signature, "minisign", "content: of minisign");
  } else if (is_one_of(extension, {"sigstore", "bundle"}) || file.lower_name == "model.sig" ||
             file.lower_name.ends_with(".sigstore.json")) {
    const bool bundle = has_word(head, {"\"mediaType\"", "\"verificationMaterial\"", "\"dsseEnvelope\""});
    if (!bundle && file.lower_name != "model.sig" && extension != "sigstore") {
      return false;
    }
    classify(out, AssetKind::signature, bundle ? "sigstore-bundle" : "signature",
             bundle ? "content: Sigstore bundle" : "name: of a signature",
             bundle ? Confidence::high : Confidence::medium);
  } else if (extension == "asc" && has_word(head, {"BEGIN PGP SIGNATURE"})) {
    classify(out, AssetKind::signature, "pgp", "content: PGP signature");
  } else if (extension == "sig" || extension == "p7s") {
    classify(out, AssetKind::signature, "signature", "name: of a signature", Confidence::medium);
  } else {
    return false;
  }
  // What it signs is the name without the ending.
  const std::size_t dot = file.name.rfind('.');
  std::string_view target = file.name.substr(0, dot == file.name.npos ? file.name.size() : dot);
  if (target.ends_with(".sigstore")) {
    target.remove_suffix(9);
  }
  if (file.lower_name != "model.sig" && !target.empty()) {
    out.asset.attributes.set("signs", base::printable(join_path(folder_of(file.path), target)));
  }
  return true;
}

// ---- environment files

bool is_placeholder_value(std::string_view value) {
  const std::string lower = base::to_lower(value);
  return value.empty() || (value.size() > 2 && value.find_first_not_of(value[0]) == value.npos) ||
         has_word(lower, {"changeme", "change_me", "change-me", "your", "xxx", "<", "...", "example", "placeholder",
                          "insert", "replace", "todo", "dummy", "none", "null", "${", "{{", "sk-..."});
}

bool observe_environment(Observed& out, const File& file) {
  const bool named = file.lower_name == ".env" || file.lower_name.starts_with(".env.") ||
                     file.lower_name.ends_with(".env") || file.lower_name == ".envrc" ||
                     file.lower_name == "env.example" || file.lower_name == "env.template";
  if (!named || is_one_of(file.extension(), {"py", "js", "ts", "md", "tsx"})) {
    return false;
  }
  classify(out, AssetKind::environment_file, "dotenv", "name: of an environment file");
  const bool sample = has_word(file.lower_name, {"example", "sample", "template", "dist", "default"});
  if (sample) {
    out.asset.attributes.set("sample", true);
  }
  Value variables{Value::Map{}};
  std::int64_t secrets = 0;
  Lines lines(file.text);
  std::string_view line;
  std::size_t count = 0;
  while (lines.next(line) && count < 2000) {
    line = base::trim(line);
    if (line.starts_with("export ")) {
      line = base::trim(line.substr(7));
    }
    const std::size_t equals = line.find('=');
    if (line.empty() || line[0] == '#' || equals == line.npos || equals == 0 || equals > 200) {
      continue;
    }
    const std::string_view name = base::trim(line.substr(0, equals));
    if (!std::all_of(name.begin(), name.end(), [](char c) {
          return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == '-';
        })) {
      continue;
    }
    std::string_view value = base::trim(line.substr(equals + 1));
    if (value.size() >= 2 && (value[0] == '"' || value[0] == '\'')) {
      const std::size_t end = value.find(value[0], 1);
      value = end == value.npos ? value.substr(1) : value.substr(1, end - 1);
    } else if (const std::size_t comment = value.find(" #"); comment != value.npos) {
      value = base::trim(value.substr(0, comment));
    }
    // Values are not kept: eight digits of their digest tell whether two environments share one.
    const bool empty = is_placeholder_value(value);
    const_cast<Value::Map&>(variables.as_map())
        .emplace_back(std::string(name), empty ? std::string() : base::sha256(value).hex().substr(0, 8));
    ++count;
    if (is_secret_name(name)) {
      add_usage(out, "environment-variable", name, "", lines.number(), empty ? "no value" : "has a value");
      secrets += empty ? 0 : 1;
    }
    if (!empty && is_provider_key(value)) {
      add_usage(out, "literal-key", name, "", lines.number(),
                "value not kept; SHA-256 starts " + base::sha256(value).hex().substr(0, 12));
    }
    if (is_hosted_model(value) && has_word(base::to_lower(name), {"model", "deployment"})) {
      add_usage(out, "hosted-model", value, model_revision(value), lines.number(), name);
    }
    if (const std::string url = endpoint_of(value);
        !url.empty() && has_word(base::to_lower(name), {"url", "endpoint", "base", "host"})) {
      add_usage(out, "endpoint", url, "", lines.number(), name);
    }
  }
  out.asset.attributes.set("variables", std::move(variables));
  out.asset.attributes.set("secret_values", secrets);
  return true;
}

bool is_prose_name(const File& file) {
  return is_one_of(file.extension(), {"md", "markdown", "mdx", "rst", "txt", "adoc", "asciidoc", ""});
}

}  // namespace

bool observe_named_document(Observed& out, const File& file) {
  const std::string_view name = file.lower_name;
  if (name == "security.txt" && has_word(file.text, {"Contact:", "contact:", "Expires:"})) {
    observe_security_txt(out, file);
    return true;
  }
  if (observe_digest_manifest(out, file) || observe_signature(out, file) || observe_environment(out, file)) {
    return true;
  }
  if (!is_prose_name(file)) {
    return false;
  }
  const std::string_view stem = name.substr(0, std::min(name.size(), name.rfind('.')));
  if (is_one_of(stem, {"security", "security_policy", "security-policy", "vulnerability_disclosure",
                       "vulnerability-disclosure", "disclosure", "disclosure_policy", "disclosure-policy",
                       "vulnerability-disclosure-policy", "vulnerability_disclosure_policy"}) &&
      (file.setting == Setting::product || in_folder(file.lower_path, {"docs", "doc"}))) {
    classify(out, AssetKind::disclosure_policy, prose_format(file), "name: of a disclosure policy",
             is_one_of(stem, {"security"}) && in_folder(file.lower_path, {"docs", "doc"}) ? Confidence::medium
                                                                                          : Confidence::high);
    Sections parsed = read_sections(file.text);
    add_sections(out, parsed);
    describe_policy(out, file.text);
    return true;
  }
  if (is_one_of(stem, {"license", "licence", "copying", "unlicense", "licenses", "notice"}) ||
      stem.starts_with("license-") || stem.starts_with("license_") || stem.starts_with("licence-") ||
      stem.starts_with("copying.") || name.starts_with("license.")) {
    observe_licence(out, file);
    return true;
  }
  if (has_word(stem, {"model_card", "model-card", "modelcard", "system_card", "system-card", "systemcard"})) {
    classify(out, AssetKind::model_card, prose_format(file), "name: of a model card");
    Sections parsed = read_sections(file.text);
    add_sections(out, parsed);
    add_card_usages(out, parsed.front_matter);
    add_declared_parameters(out, file.text);
    return true;
  }
  if (has_word(stem, {"datasheet", "data_card", "data-card", "datacard", "dataset_card", "dataset-card", "data_sheet",
                      "data-sheet", "data_statement"})) {
    classify(out, AssetKind::datasheet, prose_format(file), "name: of a datasheet");
    Sections parsed = read_sections(file.text);
    add_sections(out, parsed);
    return true;
  }
  return false;
}

bool observe_document(Observed& out, const File& file) {
  const std::string_view extension = file.extension();
  const bool readme = file.lower_name.starts_with("readme");
  if (!is_one_of(extension, {"md", "markdown", "mdx", "rst", "adoc", "asciidoc", "txt"}) && !readme) {
    return false;
  }
  if (extension == "txt" && (file.text.size() > (1U << 20) ||
                             in_folder(file.lower_path, {"data", "dataset", "datasets", "corpus", "corpora"}))) {
    classify(out, AssetKind::dataset, "text", "name: text in a folder of data", Confidence::low);
    return true;
  }
  Sections parsed = read_sections(file.text);
  const Value& matter = parsed.front_matter;
  const auto has = [&](std::initializer_list<std::string_view> keys) {
    return std::any_of(keys.begin(), keys.end(), [&](std::string_view key) { return matter.find(key) != nullptr; });
  };
  AssetKind kind = AssetKind::document;
  Confidence confidence = Confidence::high;
  std::string_view how = "name: of prose";
  const bool prose_of_data =
      has({"task_categories", "dataset_info", "size_categories", "annotations_creators", "source_datasets"}) ||
      (has({"configs"}) && has({"license"}));
  if (readme && prose_of_data) {
    kind = AssetKind::datasheet;
    how = "content: front matter of a dataset card";
  } else if (readme && has({"library_name", "pipeline_tag", "base_model", "model-index", "model_index"})) {
    kind = AssetKind::model_card;
    how = "content: front matter of a model card";
  } else if (readme && has({"license"}) && has({"tags", "language", "datasets", "metrics"}) && !has({"sdk", "title"})) {
    kind = AssetKind::model_card;
    how = "content: front matter of a model card";
    confidence = Confidence::medium;
  } else if (any_heading(parsed, {"model details", "model description"}) &&
             any_heading(parsed, {"intended use", "out-of-scope", "limitations", "training data", "bias"})) {
    kind = AssetKind::model_card;
    how = "content: headings of a model card";
    confidence = Confidence::medium;
  } else if (any_heading(parsed, {"motivation"}) && any_heading(parsed, {"composition"}) &&
             any_heading(parsed, {"collection"})) {
    kind = AssetKind::datasheet;
    how = "content: headings of a datasheet";
    confidence = Confidence::medium;
  }
  classify(out, kind, prose_format(file), how, confidence);
  add_sections(out, parsed);
  if (kind != AssetKind::document) {
    add_card_usages(out, matter);
  }
  if (kind == AssetKind::model_card) {
    add_declared_parameters(out, file.text);
  }
  if (out.asset.sections.size() >= kMaxSections) {
    add_note(out, "more than " + base::grouped(kMaxSections) + " sections; the rest is left out");
  }
  return true;
}

}  // namespace inventory
