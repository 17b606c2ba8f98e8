#include "formats/packed/packed.h"

#include <archive.h>
#include <archive_entry.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <memory>

namespace formats::packed {
namespace {

using base::Errc;
using base::Error;

constexpr std::size_t kHeadBytes = 4096;
constexpr std::uint64_t kFreeBytes = 100ULL << 20;  // below this no ratio is a bomb

struct Free {
  void operator()(archive* reader) const { archive_read_free(reader); }
};

/// A reader for the formats of this room only: each further one is further code that reads what an attacker wrote.
std::unique_ptr<archive, Free> open(base::Bytes content) {
  std::unique_ptr<archive, Free> reader(archive_read_new());
  if (reader == nullptr) {
    return nullptr;
  }
  archive* const raw = reader.get();
  int code = archive_read_support_filter_none(raw);
  for (const auto support :
       {archive_read_support_format_7zip, archive_read_support_format_rar, archive_read_support_format_rar5,
        archive_read_support_format_cab, archive_read_support_format_iso9660, archive_read_support_format_cpio,
        archive_read_support_format_ar, archive_read_support_format_xar, archive_read_support_format_lha}) {
    code = std::min(code, support(raw));
  }
  if (code < ARCHIVE_WARN || archive_read_open_memory(raw, content.data(), content.size()) != ARCHIVE_OK) {
    return nullptr;
  }
  return reader;
}

std::string message(archive* reader) {
  const char* text = archive_error_string(reader);
  return text == nullptr ? "cannot be read" : text;
}

bool speaks_of_encryption(std::string_view text) {
  return text.find("ncrypt") != std::string_view::npos || text.find("rypto") != std::string_view::npos ||
         text.find("assphrase") != std::string_view::npos;
}

Error error_of(archive* reader) {
  const std::string text = message(reader);
  const bool lacks = speaks_of_encryption(text) || text.find("Unknown codec") != std::string::npos ||
                     text.find("nsupported") != std::string::npos || text.find("not supported") != std::string::npos ||
                     text.find("not implemented") != std::string::npos;
  return Error{lacks ? Errc::unsupported : Errc::malformed, text};
}

Type type_of(archive_entry* entry) {
  if (archive_entry_hardlink(entry) != nullptr) {
    return Type::hard_link;
  }
  switch (archive_entry_filetype(entry)) {
    case AE_IFDIR:
      return Type::directory;
    case AE_IFLNK:
      return Type::link;
    case AE_IFCHR:
    case AE_IFBLK:
    case AE_IFIFO:
    case AE_IFSOCK:
      return Type::special;
    default:
      return Type::file;
  }
}

std::string text_or_empty(const char* text) {
  return text == nullptr ? std::string() : std::string(text);
}

class Reading {
 public:
  Reading(archive* reader, base::Bytes content, const Limits& limits, const Wants& wants, const Visit& visit)
      : reader_(reader), content_(content), limits_(limits), wants_(wants), visit_(visit), started_(std::clock()) {}

  Outcome run() {
    while (!outcome_.problem) {
      archive_entry* entry = nullptr;
      const int code = archive_read_next_header(reader_, &entry);
      if (code == ARCHIVE_EOF) {
        break;
      }
      if (code < ARCHIVE_WARN) {
        outcome_.problem = error_of(reader_);
        break;
      }
      if (++outcome_.members > limits_.max_members) {
        outcome_.problem = Error{Errc::too_large, "more members than the limit"};
        break;
      }
      member(entry);
    }
    outcome_.encrypted = outcome_.encrypted || archive_read_has_encrypted_entries(reader_) > 0 ||
                         (outcome_.problem && speaks_of_encryption(outcome_.problem->message));
    return std::move(outcome_);
  }

 private:
  void member(archive_entry* entry) {
    Member out;
    out.type = type_of(entry);
    out.name = text_or_empty(archive_entry_pathname(entry));
    if (out.name.empty()) {
      out.name = text_or_empty(archive_entry_pathname_utf8(entry));
    }
    if (out.name.size() > limits_.max_name_bytes) {
      out.name.resize(limits_.max_name_bytes);
    }
    out.link =
        text_or_empty(out.type == Type::hard_link ? archive_entry_hardlink(entry) : archive_entry_symlink(entry));
    out.encrypted = archive_entry_is_encrypted(entry) != 0;
    outcome_.encrypted = outcome_.encrypted || out.encrypted;
    if (out.encrypted) {
      out.problem = Error{Errc::unsupported, "encrypted"};
    } else if (out.type == Type::file || out.type == Type::hard_link) {
      data(out);
    }
    visit_(out);
    // The library's reader of CAB goes astray where it skips what it cannot read (3.6.2: a null pointer).
    if (is_cab() && out.problem && !outcome_.problem) {
      outcome_.problem = out.problem;
    }
  }

  [[nodiscard]] bool is_cab() const { return archive_format(reader_) == ARCHIVE_FORMAT_CAB; }

  /// Reads a member's data: its head, and all of it where wanted.
  void data(Member& out) {
    bool decided = false;
    bool keep = true;
    while (true) {
      std::array<char, 1U << 16> buffer;  // filled by the reader
      const std::size_t room = decided ? buffer.size() : kHeadBytes - out.data.size();
      const la_ssize_t count = archive_read_data(reader_, buffer.data(), room);
      if (count < 0) {
        if (count != ARCHIVE_RETRY) {
          out.problem = error_of(reader_);
          // Members share a stream: where its method is not known, none of the later ones can be had.
          lacks_method_ = lacks_method_ || out.problem->code == Errc::unsupported;
          if (lacks_method_) {
            out.problem->code = Errc::unsupported;
          }
          // After a fatal error no further member can be had; next_header() says so.
          return;
        }
        continue;
      }
      outcome_.bytes += static_cast<std::uint64_t>(count);
      if (keep) {
        out.data.append(buffer.data(), static_cast<std::size_t>(count));
      }
      if (count == 0) {
        return;
      }
      if (outcome_.bytes > limits_.max_bytes) {
        outcome_.problem = Error{Errc::too_large, "unpacked size: above the limit"};
      } else if (outcome_.bytes > kFreeBytes && outcome_.bytes / limits_.max_ratio > content_.size()) {
        outcome_.problem = Error{Errc::too_large, "unpacked size: far above what the file holds"};
      } else if ((std::clock() - started_) / CLOCKS_PER_SEC > static_cast<std::clock_t>(limits_.max_seconds)) {
        outcome_.problem = Error{Errc::too_large, "time to unpack: above the limit"};
      }
      if (outcome_.problem) {
        out.problem = outcome_.problem;
        return;
      }
      if (!decided && out.data.size() >= kHeadBytes) {
        keep = wants_(out.name, base::as_bytes(out.data));
        if (!keep && !is_cab()) {
          return;
        }
        decided = true;
      }
    }
  }

  archive* reader_;
  base::Bytes content_;
  const Limits& limits_;
  const Wants& wants_;
  const Visit& visit_;
  std::clock_t started_;
  bool lacks_method_ = false;
  Outcome outcome_;
};

}  // namespace

std::optional<std::size_t> find_7z(base::Bytes content) {
  constexpr std::string_view kSignature("7z\xBC\xAF\x27\x1C", 6);
  constexpr std::size_t kHeaderBytes = 32;
  const std::string_view head = base::as_text(content).substr(0, 1U << 20);
  for (std::size_t at = head.find(kSignature); at != std::string_view::npos; at = head.find(kSignature, at + 1)) {
    if (content.size() - at < kHeaderBytes) {
      return std::nullopt;
    }
    base::ByteCursor in(content.subspan(at + 8, kHeaderBytes - 8));
    const auto stated = in.le<std::uint32_t>("checksum");
    const auto* start = reinterpret_cast<const Bytef*>(in.rest().data());
    if (stated && *stated == ::crc32(0, start, 20)) {
      return at;
    }
  }
  return std::nullopt;
}

bool knows(std::string_view format) {
  constexpr std::string_view kFormats[] = {"7z", "rar", "cab", "iso9660", "cpio", "ar", "xar", "lha"};
  return std::find(std::begin(kFormats), std::end(kFormats), format) != std::end(kFormats);
}

Outcome read(base::Bytes content, const Limits& limits, const Wants& wants, const Visit& visit) {
  const auto reader = open(content);
  if (reader == nullptr) {
    Outcome out;
    out.problem = Error{Errc::io, "the archive reader cannot be opened"};
    return out;
  }
  return Reading(reader.get(), content, limits, wants, visit).run();
}

}  // namespace formats::packed
