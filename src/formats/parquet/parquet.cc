#include "formats/parquet/parquet.h"

#include <algorithm>

#include "formats/protobuf/varint.h"

namespace formats::parquet {
namespace {

using base::ByteCursor;
using base::Errc;
using base::Error;
using base::Result;

// Types of the compact protocol.
enum Wire : std::uint8_t {
  kStop,
  kTrue,
  kFalse,
  kByte,
  kI16,
  kI32,
  kI64,
  kDouble,
  kBinary,
  kList,
  kSet,
  kMap,
  kStruct
};

struct Field {
  std::int64_t id = 0;
  std::uint8_t type = kStop;
};
struct ListHead {
  std::uint64_t size = 0;
  std::uint8_t type = kStop;
};

class Reader {
 public:
  Reader(ByteCursor in, Footer& footer, std::uint64_t data_end) : in_(in), footer_(footer), data_end_(data_end) {}

  Result<void> file() {
    std::int64_t id = 0;
    for (;;) {
      const Field field = TRY(next(id));
      switch (field.type == kStop ? 0 : field.id) {
        case 0:
          if (field.type == kStop) {
            return check_rows();
          }
          TRY(skip(field.type));
          break;
        case 2: {
          const ListHead list = TRY(list_of(field, kStruct));
          footer_.schema_elements = list.size;
          for (std::uint64_t i = 0; i < list.size; ++i) {
            TRY(schema_element());
          }
          break;
        }
        case 3:
          rows_ = TRY(number(field));
          break;
        case 4: {
          const ListHead list = TRY(list_of(field, kStruct));
          footer_.row_groups = list.size;
          for (std::uint64_t i = 0; i < list.size; ++i) {
            TRY(row_group());
          }
          break;
        }
        case 5:
          TRY(metadata(field));
          break;
        case 6:
          footer_.created_by = TRY(text(field));
          break;
        case 8:
          footer_.encrypted_columns = true;
          TRY(skip(field.type));
          break;
        default:
          TRY(skip(field.type));
      }
    }
  }
  [[nodiscard]] std::size_t left() const { return in_.remaining(); }

 private:
  void defect(std::string text) {
    if (footer_.defects.size() < kMaxDefects) {
      footer_.defects.push_back({std::move(text), in_.offset()});
    }
  }

  Result<std::uint64_t> varint(std::string_view field) {
    const auto value = protobuf::read_varint(in_);
    if (!value) {
      return in_.fail(Errc::truncated, field, "a number breaks off");
    }
    return *value;
  }
  Result<std::int64_t> zigzag(std::string_view field) {
    const std::uint64_t raw = TRY(varint(field));
    return static_cast<std::int64_t>(raw >> 1) ^ -static_cast<std::int64_t>(raw & 1);
  }

  /// The next field of a structure; `id` is that of the one before.
  Result<Field> next(std::int64_t& id) {
    if (++fields_ > kMaxFields) {
      return in_.fail(Errc::too_large, "footer", "too many fields");
    }
    const std::uint8_t head = TRY(in_.le<std::uint8_t>("field"));
    Field out;
    out.type = head & 0x0F;
    if (out.type == kStop) {
      return out;
    }
    if (out.type > kStruct) {
      return in_.fail(Errc::malformed, "field", "type " + std::to_string(out.type));
    }
    id = (head >> 4) != 0 ? id + (head >> 4) : TRY(zigzag("field"));
    out.id = id;
    return out;
  }

  Result<std::int64_t> number(const Field& field) {
    if (field.type != kI16 && field.type != kI32 && field.type != kI64) {
      return in_.fail(Errc::malformed, "footer", "field " + std::to_string(field.id) + " is no number");
    }
    return zigzag("number");
  }
  Result<std::string_view> text(const Field& field) {
    if (field.type != kBinary) {
      return in_.fail(Errc::malformed, "footer", "field " + std::to_string(field.id) + " is no text");
    }
    return raw_text();
  }
  Result<std::string_view> raw_text() {
    const std::uint64_t size = TRY(varint("text"));
    return base::as_text(TRY(in_.take(size, "text")));
  }

  Result<ListHead> list_head() {
    const std::uint8_t head = TRY(in_.le<std::uint8_t>("list"));
    ListHead out;
    out.type = head & 0x0F;
    out.size = head >> 4;
    if (out.size == 15) {
      out.size = TRY(varint("list"));
    }
    // The shortest element takes a byte.
    if (out.size > in_.remaining()) {
      return in_.fail(Errc::truncated, "list", std::to_string(out.size) + " elements cannot fit");
    }
    return out;
  }
  Result<ListHead> list_of(const Field& field, std::uint8_t type) {
    if (field.type != kList) {
      return in_.fail(Errc::malformed, "footer", "field " + std::to_string(field.id) + " is no list");
    }
    const ListHead out = TRY(list_head());
    if (out.type != type && out.size != 0) {
      return in_.fail(Errc::malformed, "footer",
                      "list " + std::to_string(field.id) + " of type " + std::to_string(out.type));
    }
    return out;
  }

  /// Passes over a value of any type, with a stack of its own.
  Result<void> skip(std::uint8_t type) {
    struct Open {
      std::uint8_t kind = kStop;  // kStruct: fields; kList: elements; kMap: keys and values
      std::uint64_t left = 0;
      std::uint8_t first = kStop;
      std::uint8_t second = kStop;
      std::int64_t id = 0;
    };
    std::vector<Open> stack;
    std::uint8_t now = type;
    bool element = false;
    for (;;) {
      if (++fields_ > kMaxFields) {
        return in_.fail(Errc::too_large, "footer", "too many fields");
      }
      switch (now) {
        case kStop:
          break;
        case kTrue:
        case kFalse:
          if (element) {
            TRY(in_.skip(1, "flag"));
          }
          break;
        case kByte:
          TRY(in_.skip(1, "number"));
          break;
        case kI16:
        case kI32:
        case kI64:
          TRY(varint("number"));
          break;
        case kDouble:
          TRY(in_.skip(8, "number"));
          break;
        case kBinary:
          TRY(raw_text());
          break;
        case kList:
        case kSet: {
          const ListHead head = TRY(list_head());
          stack.push_back({kList, head.size, head.type, kStop, 0});
          break;
        }
        case kMap: {
          const std::uint64_t size = TRY(varint("map"));
          if (size > in_.remaining()) {
            return in_.fail(Errc::truncated, "map", std::to_string(size) + " elements cannot fit");
          }
          const std::uint8_t types = size == 0 ? std::uint8_t{0} : TRY(in_.le<std::uint8_t>("map"));
          stack.push_back(
              {kMap, size * 2, static_cast<std::uint8_t>(types >> 4), static_cast<std::uint8_t>(types & 0x0F), 0});
          break;
        }
        case kStruct:
          stack.push_back({kStruct, 0, kStop, kStop, 0});
          break;
        default:
          return in_.fail(Errc::malformed, "field", "type " + std::to_string(now));
      }
      if (stack.size() > kMaxDepth) {
        return in_.fail(Errc::too_large, "footer", "nested too deep");
      }
      while (!stack.empty() && stack.back().kind != kStruct && stack.back().left == 0) {
        stack.pop_back();
      }
      if (stack.empty()) {
        return {};
      }
      Open& open = stack.back();
      if (open.kind == kStruct) {
        const Field field = TRY(next(open.id));
        element = false;
        now = field.type;
        if (field.type == kStop) {
          stack.pop_back();
        }
      } else {
        now = open.kind == kList || open.left % 2 == 0 ? open.first : open.second;
        --open.left;
        element = true;
      }
      if (stack.empty() && now == kStop) {
        return {};
      }
    }
  }

  Result<void> schema_element() {
    std::int64_t id = 0;
    for (;;) {
      const Field field = TRY(next(id));
      if (field.type == kStop) {
        return {};
      }
      if (field.id == 5) {
        const std::int64_t children = TRY(number(field));
        if (children < 0 || static_cast<std::uint64_t>(children) >= footer_.schema_elements) {
          defect("schema: an element with " + std::to_string(children) + " children");
        }
      } else {
        TRY(skip(field.type));
      }
    }
  }

  Result<void> metadata(const Field& field) {
    const ListHead list = TRY(list_of(field, kStruct));
    for (std::uint64_t i = 0; i < list.size; ++i) {
      Metadata pair;
      pair.offset = in_.offset();
      std::int64_t id = 0;
      for (;;) {
        const Field part = TRY(next(id));
        if (part.type == kStop) {
          break;
        }
        if (part.id == 1) {
          pair.key = TRY(text(part));
        } else if (part.id == 2) {
          pair.value = TRY(text(part));
        } else {
          TRY(skip(part.type));
        }
      }
      footer_.metadata.push_back(pair);
    }
    return {};
  }

  Result<void> row_group() {
    std::int64_t id = 0;
    for (;;) {
      const Field field = TRY(next(id));
      if (field.type == kStop) {
        return {};
      }
      if (field.id == 1) {
        const ListHead list = TRY(list_of(field, kStruct));
        footer_.columns += list.size;
        if (footer_.columns > kMaxColumns) {
          return in_.fail(Errc::too_large, "columns", "more than " + std::to_string(kMaxColumns));
        }
        for (std::uint64_t i = 0; i < list.size; ++i) {
          TRY(column());
        }
      } else if (field.id == 3) {
        const std::int64_t rows = TRY(number(field));
        if (rows < 0 || __builtin_add_overflow(group_rows_, rows, &group_rows_)) {
          defect("row group: " + std::to_string(rows) + " rows");
        }
      } else {
        TRY(skip(field.type));
      }
    }
  }

  Result<void> column() {
    std::int64_t id = 0;
    bool elsewhere = false;
    for (;;) {
      const Field field = TRY(next(id));
      if (field.type == kStop) {
        return {};
      }
      if (field.id == 1) {
        footer_.other_files.push_back(TRY(text(field)));
        elsewhere = !footer_.other_files.back().empty();
      } else if (field.id == 3 && field.type == kStruct) {
        TRY(column_metadata(elsewhere));
      } else if (field.id == 8 || field.id == 9) {
        footer_.encrypted_columns = true;
        TRY(skip(field.type));
      } else {
        TRY(skip(field.type));
      }
    }
  }

  Result<void> column_metadata(bool elsewhere) {
    std::int64_t id = 0;
    std::int64_t bytes = 0;
    std::int64_t data = 0;
    std::int64_t dictionary = 0;
    for (;;) {
      const Field field = TRY(next(id));
      if (field.type == kStop) {
        break;
      }
      switch (field.id) {
        case 5: {
          const std::int64_t values = TRY(number(field));
          if (values < 0) {
            defect("column: " + std::to_string(values) + " values");
          }
          break;
        }
        case 7:
          bytes = TRY(number(field));
          break;
        case 8:
          TRY(metadata(field));
          break;
        case 9:
          data = TRY(number(field));
          break;
        case 11:
          dictionary = TRY(number(field));
          break;
        default:
          TRY(skip(field.type));
      }
    }
    const std::int64_t begin = dictionary > 0 && dictionary < data ? dictionary : data;
    if (!elsewhere && (begin < 0 || bytes < 0 || static_cast<std::uint64_t>(begin) > data_end_ ||
                       static_cast<std::uint64_t>(bytes) > data_end_ - static_cast<std::uint64_t>(begin))) {
      defect("column: " + std::to_string(bytes) + " bytes at " + std::to_string(begin) + " leave the file");
    }
    return {};
  }

  Result<void> check_rows() {
    if (rows_ < 0 || (footer_.row_groups != 0 && group_rows_ != rows_)) {
      defect("row groups of " + std::to_string(group_rows_) + " rows in a file of " + std::to_string(rows_));
    }
    return {};
  }

  ByteCursor in_;
  Footer& footer_;
  std::uint64_t data_end_;
  std::uint64_t fields_ = 0;
  std::int64_t rows_ = 0;
  std::int64_t group_rows_ = 0;
};

}  // namespace

base::Result<Footer> parse(base::Bytes content) {
  const std::string_view text = base::as_text(content);
  Footer footer;
  if (text.starts_with("PARE") && text.ends_with("PARE")) {
    footer.encrypted = true;
    return footer;
  }
  if (content.size() < 12 || !text.ends_with("PAR1")) {
    return Error{Errc::truncated, "file: no footer", content.size()};
  }
  ByteCursor tail(content.subspan(content.size() - 8), content.size() - 8);
  const std::uint64_t size = TRY(tail.le<std::uint32_t>("footer length"));
  if (size > content.size() - 12) {
    return Error{Errc::malformed,
                 "footer: " + std::to_string(size) + " bytes in a file of " + std::to_string(content.size()),
                 content.size() - 8};
  }
  const std::size_t at = content.size() - 8 - static_cast<std::size_t>(size);
  Reader reader(ByteCursor(content.subspan(at, static_cast<std::size_t>(size)), at), footer, at);
  TRY(reader.file());
  // Signed footers end with a nonce and a tag of 28 bytes.
  if (reader.left() != 0 && !(footer.encrypted_columns && reader.left() == 28)) {
    footer.defects.push_back({std::to_string(reader.left()) + " bytes of the footer belong to nothing", at});
  }
  return footer;
}

}  // namespace formats::parquet
