#include "formats/arrow/arrow.h"

#include <algorithm>

#include "formats/flatbuffer/flatbuffer.h"

namespace formats::arrow {
namespace {

using base::Bytes;
using base::Errc;
using base::Error;
using base::Result;
using flatbuffer::Table;
using flatbuffer::Vector;

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

  void metadata(const Table& owner, std::uint32_t number, const std::string& field, std::uint64_t base) {
    const auto pairs = owner.vector(number, 4);
    if (!pairs) {
      return;
    }
    for (std::uint32_t i = 0; i < pairs->size(); ++i) {
      const auto pair = pairs->table(i);
      if (!pair || ++entries_ > kMaxFields) {
        defect("metadata: a pair outside the message", base + pairs->offset());
        return;
      }
      const auto key = pair->text(0);
      const auto value = pair->text(1);
      if (pair->damaged()) {
        defect("metadata: text outside the message", base + pair->offset());
      }
      file_.metadata.push_back({field, key.value_or(""), value.value_or(""), base + pair->offset()});
    }
  }

  Result<void> schema(const Table& schema, std::uint64_t base) {
    metadata(schema, 2, "", base);
    struct Open {
      Vector fields;
      std::uint32_t next = 0;
    };
    std::vector<Open> stack;
    if (const auto fields = schema.vector(1, 4)) {
      stack.push_back({*fields});
    }
    while (!stack.empty()) {
      Open& open = stack.back();
      if (open.next >= open.fields.size()) {
        stack.pop_back();
        continue;
      }
      const auto field = open.fields.table(open.next++);
      if (!field) {
        defect("schema: a field outside the message", base + open.fields.offset());
        continue;
      }
      if (++file_.fields > kMaxFields) {
        return Error{Errc::too_large, "schema: more than " + std::to_string(kMaxFields) + " fields", base};
      }
      const std::string name(field->text(0).value_or(""));
      metadata(*field, 6, name, base);
      const auto children = field->vector(5, 4);
      if (field->damaged()) {
        defect("field: a part outside the message", base + field->offset());
      }
      if (children && children->size() > 0) {
        if (stack.size() >= kMaxDepth) {
          return Error{Errc::too_large, "schema: nested deeper than " + std::to_string(kMaxDepth), base};
        }
        stack.push_back({*children});
      }
    }
    if (schema.damaged()) {
      defect("schema: a part outside the message", base + schema.offset());
    }
    return {};
  }

  void batch(const Table& batch, std::uint64_t body_bytes, std::uint64_t base) {
    ++file_.batches;
    const std::int64_t rows = batch.i64(0);
    if (rows < 0) {
      defect("batch: " + std::to_string(rows) + " rows", base);
    }
    if (const auto nodes = batch.vector(1, 16)) {
      for (std::uint32_t i = 0; i < nodes->size(); ++i) {
        const Bytes node = nodes->structure(i, 16);
        const auto length = static_cast<std::int64_t>(flatbuffer::load(node, 0, 8).value_or(0));
        const auto nulls = static_cast<std::int64_t>(flatbuffer::load(node, 8, 8).value_or(0));
        if (length < 0 || nulls < -1 || nulls > length) {
          defect("batch: a column of " + std::to_string(length) + " values with " + std::to_string(nulls) + " nulls",
                 base);
          break;
        }
      }
    }
    if (const auto buffers = batch.vector(2, 16)) {
      for (std::uint32_t i = 0; i < buffers->size(); ++i) {
        const Bytes buffer = buffers->structure(i, 16);
        const std::uint64_t offset = flatbuffer::load(buffer, 0, 8).value_or(0);
        const std::uint64_t length = flatbuffer::load(buffer, 8, 8).value_or(0);
        if (offset > body_bytes || length > body_bytes - offset) {
          defect("batch: a buffer of " + std::to_string(length) + " bytes at " + std::to_string(offset) +
                     " in a body of " + std::to_string(body_bytes),
                 base);
          break;
        }
      }
    }
    if (batch.damaged()) {
      defect("batch: a part outside the message", base);
    }
  }

  /// A message and, where `body` is asked for, the length of the body behind it.
  Result<std::uint64_t> message(Bytes bytes, std::uint64_t base, std::uint8_t* kind = nullptr) {
    const auto root = Table::root(bytes);
    if (!root) {
      return Error{Errc::malformed, "message: no table", base};
    }
    const auto type = static_cast<std::uint8_t>(root->number(1, 1));
    const std::int64_t body = root->i64(3);
    if (kind != nullptr) {
      *kind = type;
    }
    const auto header = root->table(2);
    if (!header || body < 0) {
      return Error{Errc::malformed, "message: no header, or a body of " + std::to_string(body) + " bytes", base};
    }
    if (type == kSchemaHeader) {
      TRY(schema(*header, base));
    } else if (type == kBatchHeader) {
      batch(*header, static_cast<std::uint64_t>(body), base);
    } else if (type == kDictionaryHeader) {
      if (const auto inner = header->table(1)) {
        batch(*inner, static_cast<std::uint64_t>(body), base);
      } else {
        defect("dictionary: no batch", base);
      }
    }
    metadata(*root, 4, "", base);
    return static_cast<std::uint64_t>(body);
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
  const std::uint64_t size = flatbuffer::load(content, content.size() - 10, 4).value_or(0);
  if (size == 0 || size > content.size() - 18) {
    return Error{Errc::malformed, "footer: " + std::to_string(size) + " bytes", content.size() - 10};
  }
  const std::size_t footer_at = content.size() - 10 - static_cast<std::size_t>(size);
  const Bytes footer_bytes = content.subspan(footer_at, static_cast<std::size_t>(size));
  const auto footer = Table::root(footer_bytes);
  const auto schema = footer ? footer->table(1) : std::nullopt;
  if (!schema) {
    return Error{Errc::malformed, "footer: no schema", footer_at};
  }
  TRY(reader.schema(*schema, footer_at));
  reader.metadata(*footer, 4, "", footer_at);
  for (const std::uint32_t list : {2U, 3U}) {
    const auto blocks = footer->vector(list, 24);
    for (std::uint32_t i = 0; blocks && i < blocks->size(); ++i) {
      const Bytes block = blocks->structure(i, 24);
      const std::uint64_t offset = flatbuffer::load(block, 0, 8).value_or(0);
      const std::uint64_t header = flatbuffer::load(block, 8, 4).value_or(0);
      const std::uint64_t body = flatbuffer::load(block, 16, 8).value_or(0);
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
  if (footer->damaged()) {
    reader.defect("footer: a part outside it", footer_at);
  }
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
  const std::uint64_t size = flatbuffer::load(content, content.size() - 8, 4).value_or(0);
  if (size == 0 || size > content.size() - 12) {
    return Error{Errc::malformed, "footer: " + std::to_string(size) + " bytes", content.size() - 8};
  }
  const std::size_t footer_at = content.size() - 8 - static_cast<std::size_t>(size);
  const auto table = Table::root(content.subspan(footer_at, static_cast<std::size_t>(size)));
  if (!table) {
    return Error{Errc::malformed, "footer: no table", footer_at};
  }
  for (const std::uint32_t number : {0U, 4U}) {
    if (const auto words = table->text(number)) {
      file.metadata.push_back({"", number == 0 ? "description" : "metadata", *words, footer_at});
    }
  }
  const auto columns = table->vector(2, 4);
  for (std::uint32_t i = 0; columns && i < columns->size(); ++i) {
    const auto column = columns->table(i);
    if (!column) {
      reader.defect("column: outside the footer", footer_at);
      continue;
    }
    ++file.fields;
    const std::string name(column->text(0).value_or(""));
    if (const auto words = column->text(4)) {
      file.metadata.push_back({name, "user_metadata", *words, footer_at});
    }
    if (const auto values = column->table(1)) {
      const std::uint64_t offset = values->number(2, 8);
      const std::uint64_t bytes = values->number(5, 8);
      if (offset > footer_at || bytes > footer_at - offset) {
        reader.defect("column \"" + name + "\": " + std::to_string(bytes) + " bytes at " + std::to_string(offset) +
                          " leave the file",
                      footer_at);
      }
    }
  }
  if (table->damaged()) {
    reader.defect("footer: a part outside it", footer_at);
  }
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
  const auto root = bytes ? Table::root(*bytes) : std::nullopt;
  const auto header = root ? root->table(2) : std::nullopt;
  return header && root->number(0, 2) <= 4 && root->number(1, 1) == kSchemaHeader && header->vector(1, 4).has_value();
}

}  // namespace formats::arrow
