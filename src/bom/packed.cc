#include "bom/packed.h"

#include "base/packed.h"
#include "base/text.h"

namespace bom {
namespace {

using base::ByteCursor;
using base::Errc;
using base::Error;
using base::Result;

enum class Kind : std::uint8_t { failed, read };

constexpr std::uint64_t kTextBytes = 8;  // that the shortest text takes

// Some texts of a document are kept as they stand in it.
void put_printable(std::string& out, std::string_view text) {
  base::put_text(out, base::printable(text));
}

template <class Texts>
void put_printables(std::string& out, const Texts& texts) {
  base::put(out, static_cast<std::uint64_t>(texts.size()));
  for (const std::string& text : texts) {
    put_printable(out, text);
  }
}

void put(std::string& out, const ListedItem& item) {
  const evidence::ListedComponent& component = item.component;
  for (const std::string* text : {&item.ref, &component.name, &component.version, &component.type, &component.purl,
                                  &component.licence, &component.path, &component.asset, &component.outcome}) {
    put_printable(out, *text);
  }
  put_printables(out, component.hashes);
  put_printables(out, item.relations);
}

Result<std::string> read_printable(ByteCursor& in) {
  std::string text = TRY(base::read_text(in));
  if (text != base::printable(text)) {
    return in.fail(Errc::malformed, "text", "not printable");
  }
  return text;
}

Result<std::vector<std::string>> read_printables(ByteCursor& in) {
  const std::uint64_t count = TRY(base::read_count(in, kTextBytes));
  std::vector<std::string> texts;
  for (std::uint64_t i = 0; i < count; ++i) {
    texts.push_back(TRY(read_printable(in)));
  }
  return texts;
}

Result<ListedItem> read_item(ByteCursor& in) {
  ListedItem item;
  evidence::ListedComponent& component = item.component;
  for (std::string* text : {&item.ref, &component.name, &component.version, &component.type, &component.purl,
                            &component.licence, &component.path, &component.asset, &component.outcome}) {
    *text = TRY(read_printable(in));
  }
  component.hashes = TRY(read_printables(in));
  for (std::string& relation : TRY(read_printables(in))) {
    item.relations.insert(std::move(relation));
  }
  return item;
}

Result<void> read_error(ByteCursor& in, Error& error) {
  error.code = TRY(base::read_enum(in, Errc::usage));
  error.message = TRY(read_printable(in));
  error.offset = TRY(in.le<std::uint64_t>("offset"));
  error.file = TRY(read_printable(in));
  error.line = TRY(in.le<std::uint32_t>("line"));
  return {};
}

}  // namespace

std::string pack(const Result<Listed>& read) {
  std::string out;
  if (!read) {
    const Error& error = read.error();
    base::put(out, static_cast<std::uint8_t>(Kind::failed));
    base::put(out, static_cast<std::uint8_t>(error.code));
    put_printable(out, error.message);
    base::put(out, error.offset);
    put_printable(out, error.file);
    base::put(out, error.line);
    return out;
  }
  base::put(out, static_cast<std::uint8_t>(Kind::read));
  for (const std::string* text : {&read->format, &read->version, &read->name, &read->producer, &read->created}) {
    put_printable(out, *text);
  }
  put_printables(out, read->problems);
  base::put(out, static_cast<std::uint64_t>(read->items.size()));
  for (const ListedItem& item : read->items) {
    put(out, item);
  }
  return out;
}

Result<Listed> unpack_listed(base::Bytes packed) {
  ByteCursor in(packed);
  if (TRY(base::read_enum(in, Kind::read)) == Kind::failed) {
    Error error;
    TRY(read_error(in, error));
    return in.empty() ? error : in.fail(Errc::malformed, "error", "more behind it");
  }
  Listed listed;
  for (std::string* text : {&listed.format, &listed.version, &listed.name, &listed.producer, &listed.created}) {
    *text = TRY(read_printable(in));
  }
  if (listed.format != "cyclonedx" && listed.format != "spdx" && listed.format != "croissant") {
    return in.fail(Errc::malformed, "format", "none that is read");
  }
  listed.problems = TRY(read_printables(in));
  const std::uint64_t items = TRY(base::read_count(in, 11 * kTextBytes));
  for (std::uint64_t i = 0; i < items; ++i) {
    listed.items.push_back(TRY(read_item(in)));
  }
  if (!in.empty()) {
    return in.fail(Errc::malformed, "document", "more behind it");
  }
  return listed;
}

}  // namespace bom
