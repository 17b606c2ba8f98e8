#include "formats/arrow/arrow.h"

#include <algorithm>

#include "formats/flatbuffers/flatbuffers.h"

namespace formats::arrow {
namespace {

using base::Bytes;
using base::Errc;
using base::Error;
using base::Result;
using flatbuffers::Buffer;
using flatbuffers::Table;
using flatbuffers::Vector;

constexpr std::uint32_t kContinuation = 0xFFFFFFFF;
constexpr std::uint8_t kSchemaHeader = 1;
constexpr std::uint8_t kDictionaryHeader = 2;
constexpr std::uint8_t kBatchHeader = 3;

/// Reads one file; offsets in defects are those of the message.
class Reader {
 public:
  explicit Reader(File& file) : file_(file) {}

  void defect(std::string text, std::uint64_t offset) {
    if (file_.defects.size() < kMaxDefects) {
      file_.defects.push_back({std::move(text), offset});
    }
  }

  void metadata(Buffer& buffer, const Table& owner, std::uint32_t number, const std::string& field,
                std::uint64_t base) {
    const Vector pairs = owner.vector(number, 4);
    for (std::uint32_t i = 0; i < pairs.count; ++i) {
      const Table pair = buffer.table_in(pairs, i);
      if (!pair.present() || ++entries_ > kMaxFields) {
        defect("metadata: a pair outside the message", base + pairs.at);
        return;
      }
      file_.metadata.push_back({field, pair.text(0), pair.text(1), base + pair.at()});
    }
  }

  Result<void> schema(Buffer& buffer, const Table& schema, std::uint64_t base) {
    metadata(buffer, schema, 2, "", base);
    struct Open {
      Vector fields;
      std::uint32_t next = 0;
    };
    std::vector<Open> stack;
    stack.push_back({schema.vector(1, 4)});
    while (!stack.empty()) {
      Open& open = stack.back();
      if (open.next >= open.fields.count) {
        stack.pop_back();
        continue;
      }
      const Table field = buffer.table_in(open.fields, open.next++);
      if (!field.present()) {
        defect("schema: a field outside the message", base + open.fields.at);
        continue;
      }
      if (++file_.fields > kMaxFields) {
        return Error{Errc::too_large, "schema: more than " + std::to_string(kMaxFields) + " fields", base};
      }
      const std::string name(field.text(0));
      metadata(buffer, field, 6, name, base);
      const Vector children = field.vector(5, 4);
      if (children.count > 0) {
        if (stack.size() >= kMaxDepth) {
          return Error{Errc::too_large, "schema: nested deeper than " + std::to_string(kMaxDepth), base};
        }
        stack.push_back({children});
      }
    }
    return {};
  }

  void batch(Buffer& buffer, const Table& batch, std::uint64_t body_bytes, std::uint64_t base) {
    ++file_.batches;
    const auto rows = static_cast<std::int64_t>(batch.number(0, 8));
    if (rows < 0) {
      defect("batch: " + std::to_string(rows) + " rows", base);
    }
    // Structures of two numbers each.
    const Vector nodes = pairs_of(batch.vector(1, 16));
    for (std::uint32_t i = 0; i < nodes.count; i += 2) {
      const auto length = static_cast<std::int64_t>(buffer.number_in(nodes, i, 8));
      const auto nulls = static_cast<std::int64_t>(buffer.number_in(nodes, i + 1, 8));
      if (length < 0 || nulls < -1 || nulls > length) {
        defect("batch: a column of " + std::to_string(length) + " values with " + std::to_string(nulls) + " nulls",
               base);
        break;
      }
    }
    const Vector buffers = pairs_of(batch.vector(2, 16));
    for (std::uint32_t i = 0; i < buffers.count; i += 2) {
      const std::uint64_t offset = buffer.number_in(buffers, i, 8);
      const std::uint64_t length = buffer.number_in(buffers, i + 1, 8);
      if (offset > body_bytes || length > body_bytes - offset) {
        defect("batch: a buffer of " + std::to_string(length) + " bytes at " + std::to_string(offset) +
                   " in a body of " + std::to_string(body_bytes),
               base);
        break;
      }
    }
  }

  /// A message and, where `body` is asked for, the length of the body behind it.
  Result<std::uint64_t> message(Bytes bytes, std::uint64_t base, std::uint8_t* kind = nullptr) {
    Buffer buffer(bytes);
    const Table root = buffer.root();
    if (!root.present()) {
      return Error{Errc::malformed, "message: no table", base};
    }
    const auto type = static_cast<std::uint8_t>(root.number(1, 1));
    const auto body = static_cast<std::int64_t>(root.number(3, 8));
    if (kind != nullptr) {
      *kind = type;
    }
    const Table header = root.table(2);
    if (!header.present() || body < 0) {
      return Error{Errc::malformed, "message: no header, or a body of " + std::to_string(body) + " bytes", base};
    }
    if (type == kSchemaHeader) {
      TRY(schema(buffer, header, base));
    } else if (type == kBatchHeader) {
      batch(buffer, header, static_cast<std::uint64_t>(body), base);
    } else if (type == kDictionaryHeader) {
      if (const Table inner = header.table(1); inner.present()) {
        batch(buffer, inner, static_cast<std::uint64_t>(body), base);
      } else {
        defect("dictionary: no batch", base);
      }
    }
    metadata(buffer, root, 4, "", base);
    damage(buffer, "message", base);
    return static_cast<std::uint64_t>(body);
  }

  /// What leads out of a buffer reads as absent; here it is said.
  void damage(const Buffer& buffer, std::string_view what, std::uint64_t base) {
    if (buffer.problem()) {
      defect(std::string(what) + ": " + buffer.problem()->message, base + buffer.problem()->offset);
    }
  }

  /// The messages of a stream, up to its end or `stop`.
  Result<void> stream(base::ByteCursor in, bool in_file) {
    for (std::uint64_t count = 0; !in.empty(); ++count) {
      if (count > kMaxMessages) {
        return in.fail(Errc::too_large, "messages", "more than " + std::to_string(kMaxMessages));
      }
      const std::uint64_t at = in.offset();
      std::uint32_t size = TRY(in.le<std::uint32_t>("message"));
      if (size == kContinuation) {
        size = TRY(in.le<std::uint32_t>("message"));
      } else if (count > 0 && size != 0 && size > in.remaining()) {
        return in.fail(Errc::malformed, "message", std::to_string(size) + " bytes");
      }
      if (size == 0) {
        if (!in_file && !in.empty()) {
          const auto rest = in.rest();
          if (std::any_of(rest.begin(), rest.end(), [](std::byte b) { return b != std::byte{0}; })) {
            defect(std::to_string(rest.size()) + " bytes after the end of the stream", in.offset());
          }
        }
        return {};
      }
      const Bytes bytes = TRY(in.take(size, "message"));
      const std::uint64_t body = TRY(message(bytes, at));
      TRY(in.skip(std::min<std::uint64_t>((body + 7) & ~7ULL, std::max<std::uint64_t>(body, in.remaining())), "body"));
    }
    return {};
  }

 private:
  /// A vector of structures of two numbers as one of numbers.
  static Vector pairs_of(Vector structures) { return {structures.at, structures.count * 2}; }

  File& file_;
  std::uint64_t entries_ = 0;
};

}  // namespace

base::Result<File> parse(base::Bytes content) {
  File file;
  Reader reader(file);
  const std::string_view text = base::as_text(content);
  if (!text.starts_with("ARROW1")) {
    TRY(reader.stream(base::ByteCursor(content), false));
    return file;
  }
  if (content.size() < 8 + 10 || !text.ends_with("ARROW1")) {
    return Error{Errc::truncated, "file: no footer", content.size()};
  }
  // "ARROW1", two bytes of padding, messages, footer, its length, "ARROW1".
  const std::uint64_t size = TRY(base::ByteCursor(content.last(10)).le<std::uint32_t>("footer"));
  if (size == 0 || size > content.size() - 18) {
    return Error{Errc::malformed, "footer: " + std::to_string(size) + " bytes", content.size() - 10};
  }
  const std::size_t footer_at = content.size() - 10 - static_cast<std::size_t>(size);
  const Bytes footer_bytes = content.subspan(footer_at, static_cast<std::size_t>(size));
  Buffer buffer(footer_bytes);
  const Table footer = buffer.root();
  const Table schema = footer.table(1);
  if (!schema.present()) {
    return Error{Errc::malformed, "footer: no schema", footer_at};
  }
  TRY(reader.schema(buffer, schema, footer_at));
  reader.metadata(buffer, footer, 4, "", footer_at);
  for (const std::uint32_t list : {2U, 3U}) {
    // Structures of an offset, the length of the header (half a number, half padding) and that of the body.
    const Vector blocks = footer.vector(list, 24);
    const Vector numbers{blocks.at, blocks.count * 3};
    for (std::uint32_t i = 0; i < numbers.count; i += 3) {
      const std::uint64_t offset = buffer.number_in(numbers, i, 8);
      const std::uint64_t header = buffer.number_in(numbers, i + 1, 8) & UINT32_MAX;
      const std::uint64_t body = buffer.number_in(numbers, i + 2, 8);
      if (offset > footer_at || header > footer_at - offset || body > footer_at - offset - header || header < 8) {
        reader.defect("footer: a batch of " + std::to_string(header) + " and " + std::to_string(body) + " bytes at " +
                          std::to_string(offset) + " leaves the file",
                      footer_at);
        continue;
      }
      base::ByteCursor in(content.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(header)), offset);
      std::uint32_t length = TRY(in.le<std::uint32_t>("message"));
      if (length == kContinuation) {
        length = TRY(in.le<std::uint32_t>("message"));
      }
      const Bytes message = TRY(in.take(length, "message"));
      const std::uint64_t said = TRY(reader.message(message, offset));
      if (said > body) {
        reader.defect(
            "batch: a body of " + std::to_string(said) + " bytes where the footer says " + std::to_string(body),
            offset);
      }
    }
  }
  reader.damage(buffer, "footer", footer_at);
  // Readers of streams begin behind the magic and may meet another schema than the footer's.
  const auto stream = reader.stream(base::ByteCursor(content.subspan(8, footer_at - 8), 8), true);
  if (!stream) {
    reader.defect("messages: " + stream.error().message, stream.error().offset);
  }
  return file;
}

base::Result<File> parse_schema_message(base::Bytes message) {
  File file;
  Reader reader(file);
  TRY(reader.stream(base::ByteCursor(message), true));
  return file;
}

base::Result<File> parse_feather(base::Bytes content) {
  File file;
  Reader reader(file);
  const std::string_view text = base::as_text(content);
  if (content.size() < 16 || !text.ends_with("FEA1")) {
    return Error{Errc::truncated, "file: no footer", content.size()};
  }
  const std::uint64_t size = TRY(base::ByteCursor(content.last(8)).le<std::uint32_t>("footer"));
  if (size == 0 || size > content.size() - 12) {
    return Error{Errc::malformed, "footer: " + std::to_string(size) + " bytes", content.size() - 8};
  }
  const std::size_t footer_at = content.size() - 8 - static_cast<std::size_t>(size);
  Buffer buffer(content.subspan(footer_at, static_cast<std::size_t>(size)));
  const Table table = buffer.root();
  if (!table.present()) {
    return Error{Errc::malformed, "footer: no table", footer_at};
  }
  for (const std::uint32_t number : {0U, 4U}) {
    if (table.has(number)) {
      file.metadata.push_back({"", number == 0 ? "description" : "metadata", table.text(number), footer_at});
    }
  }
  const Vector columns = table.vector(2, 4);
  for (std::uint32_t i = 0; i < columns.count; ++i) {
    const Table column = buffer.table_in(columns, i);
    if (!column.present()) {
      reader.defect("column: outside the footer", footer_at);
      continue;
    }
    ++file.fields;
    const std::string name(column.text(0));
    if (column.has(4)) {
      file.metadata.push_back({name, "user_metadata", column.text(4), footer_at});
    }
    if (const Table values = column.table(1); values.present()) {
      const std::uint64_t offset = values.number(2, 8);
      const std::uint64_t bytes = values.number(5, 8);
      if (offset > footer_at || bytes > footer_at - offset) {
        reader.defect("column \"" + name + "\": " + std::to_string(bytes) + " bytes at " + std::to_string(offset) +
                          " leave the file",
                      footer_at);
      }
    }
  }
  reader.damage(buffer, "footer", footer_at);
  return file;
}

bool looks_like_stream(base::Bytes content) {
  base::ByteCursor in(content);
  auto size = in.le<std::uint32_t>("message");
  if (size && *size == kContinuation) {
    size = in.le<std::uint32_t>("message");
  }
  if (!size || *size < 16 || *size > in.remaining()) {
    return false;
  }
  const auto bytes = in.take(*size, "message");
  if (!bytes) {
    return false;
  }
  Buffer buffer(*bytes);
  const Table root = buffer.root();
  const Table header = root.table(2);
  return header.present() && root.number(0, 2) <= 4 && root.number(1, 1) == kSchemaHeader && header.has(1) &&
         !(header.vector(1, 4).count == 0 && buffer.problem());
}

}  // namespace formats::arrow
