#include "formats/identify.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "base/find.h"
#include "base/text.h"
#include "formats/hdf5/hdf5.h"
#include "formats/identify_graph.h"
#include "formats/identify_tables.h"
#include "formats/msgpack/msgpack.h"
#include "formats/packed/packed.h"
#include "formats/pickle/probe.h"

namespace formats {
namespace {

using base::ByteCursor;
using base::Bytes;

bool starts_with(Bytes content, std::string_view magic, std::size_t at = 0) {
  return content.size() >= at && content.size() - at >= magic.size() &&
         std::to_integer<char>(content[at]) == magic[0] &&
         std::memcmp(content.data() + at, magic.data(), magic.size()) == 0;
}

bool ends_with(Bytes content, std::string_view magic) {
  return base::as_text(content).ends_with(magic);
}

bool name_ends(std::string_view lower_name, std::initializer_list<std::string_view> endings) {
  return std::any_of(endings.begin(), endings.end(), [&](std::string_view ending) {
    return ending.empty() ||
           (!lower_name.empty() && lower_name.back() == ending.back() && lower_name.ends_with(ending));
  });
}

std::uint64_t load_le(Bytes content, std::size_t at, std::size_t width) {
  if (at > content.size()) {
    return 0;
  }
  ByteCursor in(content.subspan(at));
  const auto bytes = in.take(width, "number");
  if (!bytes) {
    return 0;
  }
  std::uint64_t value = 0;
  for (std::size_t i = width; i-- > 0;) {
    value = value << 8 | std::to_integer<std::uint64_t>((*bytes)[i]);
  }
  return value;
}

struct ZipTraits {
  bool found = false;
  bool listed = false;  // the central directory could be read
  bool data_pkl = false;
  bool constants_pkl = false;
  bool code = false;
  bool keras = false;         // weights, or a configuration with what Keras writes beside it
  bool keras_config = false;  // a member named config.json
  bool schema = false;        // schema.json, as skops has it
  bool any_npy = false;
  bool any_other = false;
  bool office = false;
  bool mar = false;
  bool package = false;
};

/// Looks at the names in the central directory only; at most 20,000 entries.
ZipTraits zip_traits(Bytes content) {
  ZipTraits out;
  constexpr std::size_t kTail = 65557;
  const std::size_t tail_at = content.size() > kTail ? content.size() - kTail : 0;
  // memrchr passes over what is no 'P' some thirty times faster than rfind.
  const std::string_view tail = base::as_text(content.subspan(tail_at));
  constexpr std::string_view kEndRecord = "PK\x05\x06";
  std::size_t found = tail.size();
  do {
    const void* hit = found == 0 ? nullptr : ::memrchr(tail.data(), 'P', found);
    found =
        hit == nullptr ? std::string_view::npos : static_cast<std::size_t>(static_cast<const char*>(hit) - tail.data());
  } while (found != std::string_view::npos && tail.substr(found, kEndRecord.size()) != kEndRecord);
  if (found == std::string_view::npos) {
    return out;
  }
  const std::size_t eocd = tail_at + found;
  if (content.size() - eocd < 22) {
    return out;
  }
  out.found = true;
  std::uint64_t directory = load_le(content, eocd + 16, 4);
  const std::uint64_t directory_size = load_le(content, eocd + 12, 4);
  if (eocd >= 20 && starts_with(content, "PK\x06\x07", eocd - 20)) {
    const std::uint64_t record = load_le(content, eocd - 20 + 8, 8);
    if (record < content.size() && starts_with(content, "PK\x06\x06", static_cast<std::size_t>(record))) {
      directory = load_le(content, static_cast<std::size_t>(record) + 48, 8);
    }
  } else if ((directory >= content.size() ||
              !starts_with(content, "PK\x01\x02", static_cast<std::size_t>(directory))) &&
             directory_size <= eocd) {
    directory = eocd - directory_size;  // bytes were put before the archive
  }
  if (directory >= content.size()) {
    return out;
  }
  ByteCursor in(content.subspan(static_cast<std::size_t>(directory)));
  for (int i = 0; i < 20000; ++i) {
    const auto header = in.take(46, "entry");
    if (!header || !starts_with(*header, "PK\x01\x02")) {
      break;
    }
    const std::uint64_t name_bytes = load_le(*header, 28, 2);
    const auto name = in.take(name_bytes, "name");
    if (!name || !in.skip(load_le(*header, 30, 2) + load_le(*header, 32, 2), "extra")) {
      break;
    }
    out.listed = true;
    const std::string_view text = base::as_text(*name);
    out.data_pkl = out.data_pkl || text == "data.pkl" || text.ends_with("/data.pkl");
    out.constants_pkl = out.constants_pkl || text.ends_with("/constants.pkl");
    out.code = out.code || base::contains(text, "/code/");
    out.keras = out.keras || text.ends_with("model.weights.h5") || text.ends_with("model.weights.json") ||
                text.ends_with("model.weights.npz") || text == "metadata.json";
    out.keras_config = out.keras_config || text == "config.json" || text.ends_with("/config.json");
    out.schema = out.schema || text == "schema.json";
    out.any_npy = out.any_npy || text.ends_with(".npy");
    out.any_other = out.any_other || !(text.ends_with(".npy") || text.ends_with("/"));
    out.office = out.office || text == "[Content_Types].xml" || text == "mimetype";
    out.mar = out.mar || text == "MAR-INF/MANIFEST.json";
    out.package = out.package || text.ends_with("/.data/extern_modules") || text.ends_with("/.data/python_version");
  }
  return out;
}

bool looks_like_text(Bytes content) {
  const Bytes head = content.first(std::min<std::size_t>(content.size(), 4096));
  if (head.empty()) {
    return false;
  }
  for (const std::byte byte : head) {
    const auto c = std::to_integer<unsigned>(byte);
    if (c < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\f' && c != 0x1b) {
      return false;
    }
  }
  return true;
}

std::size_t count_fields(std::string_view line, char delimiter) {
  std::size_t count = 1;
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == delimiter && !quoted) {
      ++count;
    }
  }
  return quoted ? 0 : count;
}

/// Same number of delimiters, at least one, in each of the first lines.
bool is_delimited(std::string_view text, char delimiter, std::size_t min_lines) {
  std::size_t lines = 0;
  std::size_t columns = 0;
  while (!text.empty() && lines < 20) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos && lines > 0 && text.size() > 2000) {
      break;
    }
    std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (line.ends_with('\r')) {
      line.remove_suffix(1);
    }
    if (line.empty()) {
      continue;
    }
    const std::size_t here = count_fields(line, delimiter);
    if (here < 2 || (columns != 0 && here != columns)) {
      return false;
    }
    columns = here;
    ++lines;
  }
  return lines >= min_lines;
}

/// JSON whose members are objects of Keras: `{"class_name": …, "config": …}`; names may be written with escapes.
bool may_be_keras_json(std::string_view text, std::string_view lower_name) {
  const std::string_view head = text.substr(0, 1U << 16);
  const bool named = name_ends(lower_name, {".json", ".keras", "config", ""});
  return (base::contains(head, "\"class_name\"") && base::contains(text.substr(0, 1U << 20), "\"config\"")) ||
         (named && lower_name.ends_with(".json") && base::contains(head, "\\u006") &&
          base::contains(head, "\"config\""));
}

/// YAML of a Keras model, or with tags that make Python objects.
bool may_be_keras_yaml(std::string_view text, std::string_view lower_name) {
  const std::string_view head = text.substr(0, 1U << 20);
  const bool keras = base::contains(head, "class_name:") && base::contains(head, "config:");
  const bool python = base::contains(head, "!python/") || base::contains(head, "tag:yaml.org,2002:python");
  return (keras || python) && name_ends(lower_name, {".yaml", ".yml"});
}

void identify_text(Bytes content, std::string_view lower_name, std::vector<Identified>& out) {
  std::string_view text = base::as_text(content);
  if (text.starts_with("\xEF\xBB\xBF")) {
    text.remove_prefix(3);
  }
  if (may_be_keras_yaml(text, lower_name)) {
    out.push_back({"keras-yaml", "content: YAML with class_name or Python objects", false});
  }
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) {
    return;
  }
  const char opening = text[first];
  const bool json_name = name_ends(lower_name, {".json", ".ipynb", ".webmanifest"});
  const bool jsonl_name = name_ends(lower_name, {".jsonl", ".ndjson", ".jsonlines"});
  if (opening == '{' || opening == '[') {
    const std::size_t last = text.find_last_not_of(" \t\r\n");
    const bool closed = text[last] == (opening == '{' ? '}' : ']');
    // Several lines, each a whole object: one record a line.
    const std::size_t line_end = text.find('\n', first);
    bool lines = false;
    if (line_end != std::string_view::npos && line_end < last) {
      const std::string_view one = base::trim(text.substr(first, line_end - first));
      const std::string_view next = base::trim(text.substr(line_end + 1, 1));
      lines = one.size() >= 2 && one.front() == '{' && one.back() == '}' && next == "{";
    }
    if (lines || (jsonl_name && opening == '{')) {
      out.push_back({"jsonl", "content: one JSON object a line", lines});
    } else if (closed && (opening == '{' || json_name || text.size() > 2)) {
      const std::size_t inside = text.find_first_not_of(" \t\r\n", first + 1);
      const char next = inside == std::string_view::npos ? '\0' : text[inside];
      const bool plausible = opening == '{'
                                 ? (next == '"' || next == '}')
                                 : (next == '{' || next == '[' || next == '"' || next == ']' || next == '-' ||
                                    (next >= '0' && next <= '9') || next == 't' || next == 'f' || next == 'n');
      if (plausible && opening == '{' &&
          (may_be_keras_json(text, lower_name) || lower_name.ends_with(".weights.json"))) {
        out.push_back({"keras-config", "content: JSON with class_name and config"});
      }
      if (plausible) {
        out.push_back({"json", "content: JSON", opening == '{' || json_name});
      }
    } else if (json_name) {
      out.push_back({"json", "name: .json, content opens like JSON", false});
    }
  }
  if (name_ends(lower_name, {".csv"})) {
    out.push_back({"csv", "name: .csv, content: text", false});
  } else if (name_ends(lower_name, {".tsv", ".tab"})) {
    out.push_back({"tsv", "name: .tsv, content: text", false});
  } else if (out.empty() && name_ends(lower_name, {".txt", ".dat", ".data", ".test", ".train", ""})) {
    const bool bare = lower_name.find('.') == std::string_view::npos ||
                      name_ends(lower_name, {".txt", ".dat", ".data", ".test", ".train"});
    const std::string_view head = text.substr(0, 1U << 16);
    if (bare && is_delimited(head, ',', 5)) {
      out.push_back({"csv", "content: lines with as many commas each", false});
    } else if (bare && is_delimited(head, '\t', 5)) {
      out.push_back({"tsv", "content: lines with as many tabs each", false});
    }
  }
}

bool is_tar(Bytes content) {
  if (content.size() < 512) {
    return false;
  }
  if (starts_with(content, "ustar", 257)) {
    return true;
  }
  // A header of the old dialect has no magic: the sum of its bytes, the sum's own field taken as spaces, must match.
  // What stands in that field rules out nearly everything.
  for (std::size_t i = 148; i < 156; ++i) {
    const auto byte = std::to_integer<unsigned>(content[i]);
    if ((byte < '0' || byte > '7') && byte != ' ' && byte != 0) {
      return false;
    }
  }
  std::uint64_t sum = 0;
  std::uint64_t stated = 0;
  bool digits = false;
  for (std::size_t i = 0; i < 512; ++i) {
    const auto byte = std::to_integer<unsigned>(content[i]);
    if (i >= 148 && i < 156) {
      if (byte >= '0' && byte <= '7') {
        stated = stated * 8 + (byte - '0');
        digits = true;
      } else if (byte != ' ' && byte != 0) {
        return false;
      }
      sum += ' ';
    } else {
      sum += byte;
    }
  }
  return digits && sum == stated && content[0] != std::byte{0};
}

bool contains(Bytes content, std::string_view needle, std::size_t window) {
  const std::string_view text = base::as_text(content);
  if (base::contains(text.substr(0, window), needle)) {
    return true;
  }
  return text.size() > window &&
         text.substr(text.size() - std::min(window, text.size() - window)).find(needle) != std::string_view::npos;
}

struct Magic {
  std::string_view bytes;
  Identified identified;
};
using namespace std::string_view_literals;
constexpr Magic kMagics[] = {
    {"GGUF"sv, {"gguf", "content: magic GGUF"}},
    {"FUGG"sv, {"gguf", "content: magic GGUF, big-endian"}},
    {"tjgg"sv, {"ggml", "content: magic GGJT"}},
    {"lmgg"sv, {"ggml", "content: magic GGML"}},
    {"fmgg"sv, {"ggml", "content: magic GGMF"}},
    {"algg"sv, {"ggml", "content: magic GGLA"}},
    {"\x93NUMPY"sv, {"numpy", "content: magic of .npy"}},
    {"ARROW1"sv, {"arrow", "content: magic ARROW1"}},
    {"FEA1"sv, {"feather", "content: magic FEA1"}},
    {"\x89PNG\r\n\x1a\n"sv, {"png", "content: magic of PNG"}},
    {"\xFF\xD8\xFF"sv, {"jpeg", "content: magic of JPEG"}},
    {"GIF87a"sv, {"gif", "content: magic of GIF"}},
    {"GIF89a"sv, {"gif", "content: magic of GIF"}},
    {"%PDF-"sv, {"pdf", "content: magic %PDF"}},
    {"\x7F"
     "ELF"sv,
     {"elf", "content: magic of ELF"}},
    {"\x1F\x8B\x08"sv, {"gzip", "content: magic of gzip"}},
    {"\xFD"
     "7zXZ\x00"sv,
     {"xz", "content: magic of xz"}},
    {"\x28\xB5\x2F\xFD"sv, {"zstd", "content: magic of Zstandard"}},
    {"\x04\x22\x4D\x18"sv, {"lz4", "content: magic of an LZ4 frame"}},
    {"7z\xBC\xAF\x27\x1C"sv, {"7z", "content: magic of 7z"}},
    {"Rar!\x1A\x07"sv, {"rar", "content: magic of RAR"}},
    {"SQLite format 3\x00"sv, {"sqlite", "content: magic of SQLite"}},
    {"Obj\x01"sv, {"avro", "content: magic of Avro"}},
    {"\xCF\xFA\xED\xFE"sv, {"mach-o", "content: magic of Mach-O"}},
    {"\xCE\xFA\xED\xFE"sv, {"mach-o", "content: magic of Mach-O"}},
    {"\xFE\xED\xFA\xCF"sv, {"mach-o", "content: magic of Mach-O"}},
    {"\xFE\xED\xFA\xCE"sv, {"mach-o", "content: magic of Mach-O"}},
    {"\x4C\x00\x00\x00\x01\x14\x02\x00\x00\x00\x00\x00\xC0\x00\x00\x00\x00\x00\x00\x46"sv,
     {"lnk", "content: magic of a Windows shortcut"}},
    {"\x02\x21\x4C\x18"sv, {"lz4-legacy", "content: magic of the legacy LZ4 format"}},
    {"LZIP\x01"sv, {"lzip", "content: magic of lzip"}},
    {"\xFF\x06\x00\x00sNaPpY"sv, {"snappy", "content: magic of framed Snappy"}},
    {"\x1F\x9D"sv, {"compress", "content: magic of compress", false}},
    {"MSCF\x00\x00\x00\x00"sv, {"cab", "content: magic of CAB"}},
    {"xar!\x00\x1C"sv, {"xar", "content: magic of xar"}},
    {"!<arch>\n"sv, {"ar", "content: magic of ar"}},
    {"070701"sv, {"cpio", "content: magic of cpio"}},
    {"070702"sv, {"cpio", "content: magic of cpio"}},
    {"070707"sv, {"cpio", "content: magic of cpio"}},
    {"\xC7\x71"sv, {"cpio", "content: magic of binary cpio", false}},
};

/// Which bytes a magic begins with.
constexpr std::array<bool, 256> kMagicBegins = [] {
  std::array<bool, 256> out{};
  for (const Magic& magic : kMagics) {
    out[static_cast<unsigned char>(magic.bytes[0])] = true;
  }
  return out;
}();

/// "MZ", and a PE header where it says.
bool is_pe(Bytes content) {
  return starts_with(content, "MZ") && content.size() >= 0x40 &&
         starts_with(content, "PE\0\0"sv, static_cast<std::size_t>(load_le(content, 0x3C, 4)));
}

/// Mach-O of several processors; Java's classes begin alike, with a version where the count is.
bool is_fat_mach_o(Bytes content) {
  return content.size() >= 28 && starts_with(content, "\xCA\xFE\xBA\xBE") && load_le(content, 4, 3) == 0 &&
         content[7] > std::byte{0} && content[7] < std::byte{20} && (load_le(content, 8, 4) & 0xFFFFFEU) == 0;
}

/// A frame of Zstandard or LZ4 without content, and what comes behind it.
std::string_view skippable_frames(Bytes content) {
  for (int frames = 0; frames < 64; ++frames) {
    if (content.size() < 8 || (load_le(content, 0, 4) & 0xFFFFFFF0U) != 0x184D2A50U) {
      break;
    }
    const std::uint64_t size = load_le(content, 4, 4);
    if (size > content.size() - 8) {
      return {};
    }
    content = content.subspan(static_cast<std::size_t>(size) + 8);
    if (starts_with(content, "\x28\xB5\x2F\xFD")) {
      return "zstd";
    }
    if (starts_with(content, "\x04\x22\x4D\x18")) {
      return "lz4";
    }
  }
  return {};
}

constexpr std::string_view kTorchLegacyHead("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e", 15);

}  // namespace

std::vector<Identified> identify(base::Bytes content, std::string_view name) {
  std::vector<Identified> out;
  if (content.empty()) {
    return out;
  }
  const std::string lower_name = base::to_lower(name);
  if (kMagicBegins[std::to_integer<std::size_t>(content[0])]) {
    for (const Magic& magic : kMagics) {
      if (starts_with(content, magic.bytes)) {
        out.push_back(magic.identified);
      }
    }
  }
  if (is_pe(content)) {
    out.push_back({"pe", "content: headers of a Windows program"});
  }
  if (is_fat_mach_o(content)) {
    out.push_back({"mach-o", "content: headers of a Mach-O of several processors"});
  }
  const bool may_unpack_itself = starts_with(content, "MZ") || starts_with(content, "\x7F\x45LF") ||
                                 starts_with(content, "#!") || name_ends(lower_name, {".7z", ".exe", ".run"}) ||
                                 is_fat_mach_o(content);
  if (may_unpack_itself && packed::find_7z(content).value_or(0) > 0) {
    out.push_back({"7z-stub", "content: a 7z archive behind other bytes"});
  }
  if (const std::string_view behind = skippable_frames(content); !behind.empty()) {
    out.push_back({behind, "content: skippable frame, then a compressed one"});
  }
  if (starts_with(content, "ZF0x")) {
    out.push_back({"joblib-zfile", "content: header of joblib's old compressed files"});
  }
  if (starts_with(content, "CD001", 0x8001)) {
    out.push_back({"iso9660", "content: volume descriptor of ISO 9660"});
  }
  if (content.size() > 24 && starts_with(content, "-lh", 2) && content[6] == std::byte{'-'}) {
    out.push_back({"lha", "content: header of LHA"});
  }
  if (starts_with(content, "RIFF") && starts_with(content, "WEBP", 8)) {
    out.push_back({"webp", "content: magic of WebP"});
  }
  if (starts_with(content, "PAR1") && (ends_with(content, "PAR1") || ends_with(content, "PARE"))) {
    out.push_back({"parquet", "content: magic PAR1 at both ends"});
  } else if (starts_with(content, "PAR1") && name_ends(lower_name, {".parquet", ".pq"})) {
    out.push_back({"parquet", "content: magic PAR1 at the start only", false});
  }
  // A stream may be empty, and another follow it.
  if (starts_with(content, "BZh") && content.size() >= 10 &&
      (starts_with(content, "1AY&SY", 4) || starts_with(content, "\x17\x72\x45\x38\x50\x90", 4))) {
    out.push_back({"bzip2", "content: magic of bzip2"});
  }
  const bool lzma_head = starts_with(content, std::string_view("\x5D\x00", 2)) ||
                         (name_ends(lower_name, {".lzma"}) && content[0] < std::byte{225});
  if (content.size() >= 13 && lzma_head &&
      (starts_with(content, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 5) || load_le(content, 5, 8) < (1ULL << 40))) {
    out.push_back({"lzma", "content: header of an LZMA stream", false});
  }
  const auto head_byte = [&](std::size_t at) { return std::to_integer<unsigned>(content[at]); };
  if (content.size() >= 6 && head_byte(0) == 0x78 && (head_byte(0) * 256 + head_byte(1)) % 31 == 0 &&
      (head_byte(1) & 0x20) == 0 && !looks_like_text(content)) {
    out.push_back({"zlib", "content: header of a zlib stream", false});
  }
  if (hdf5::has_signature(content)) {
    const bool keras = contains(content, "keras_version", 1U << 20) || contains(content, "model_config", 1U << 20) ||
                       contains(content, "layer_names", 1U << 20);
    if (keras) {
      out.push_back({"keras-h5", "content: HDF5 with attributes of Keras"});
    }
    out.push_back({"hdf5", "content: magic of HDF5"});
  }
  // The length of the header, then the header, which begins with '{'.
  if (content.size() >= 10) {
    const std::uint64_t header = load_le(content, 0, 8);
    if (content[8] == std::byte{'{'} && header >= 2 && header <= content.size() - 8) {
      out.push_back({"safetensors", "content: 8-byte header length and JSON"});
    } else if (lower_name.ends_with(".safetensors")) {
      out.push_back({"safetensors", "name: .safetensors, the header does not fit", false});
    }
  } else if (lower_name.ends_with(".safetensors")) {
    out.push_back({"safetensors", "name: .safetensors, too short for a header", false});
  }
  // Archives: from the front, and from the back as most readers of zip do.
  const ZipTraits zip = zip_traits(content);
  if (zip.found || starts_with(content, "PK\x03\x04")) {
    if (zip.constants_pkl && zip.code) {
      out.push_back({"torchscript", "content: zip with constants.pkl and code/"});
    } else if (zip.data_pkl) {
      out.push_back({"torch-zip", "content: zip with data.pkl"});
    }
    if (zip.package) {
      out.push_back({"torch-package", "content: zip with .data/ of torch.package"});
    }
    if (zip.mar) {
      out.push_back({"mar", "content: zip with MAR-INF/MANIFEST.json"});
    }
    if (zip.keras && (zip.keras_config || !zip.data_pkl)) {
      out.push_back({"keras-zip", "content: zip with the members of a Keras model"});
    } else if (zip.keras_config || (zip.found && lower_name.ends_with(".keras"))) {
      out.push_back({"keras-zip", "content: zip with config.json", false});
    }
    if (zip.schema) {
      out.push_back({"skops", "content: zip with schema.json", lower_name.ends_with(".skops")});
    }
    if (zip.any_npy && !zip.any_other) {
      out.push_back({"npz", "content: zip of .npy members"});
    }
    if (zip.office) {
      out.push_back({"office", "content: zip with [Content_Types].xml or mimetype", false});
    }
    out.push_back({"zip", zip.found ? "content: zip directory" : "content: zip member at the start, no directory",
                   zip.found || (content.size() > 30 && load_le(content, 26, 2) < 1024)});
  }
  if (is_tar(content)) {
    out.push_back({"tar", "content: tar header"});
  }
  // Pickles.
  if (starts_with(content, kTorchLegacyHead)) {
    out.push_back({"torch-legacy", "content: magic number of torch.save before 1.6"});
  }
  // What begins with a PROTO opcode is a pickle after two; how it goes on is the judge's.
  constexpr std::uint64_t kAfterProto = 16;
  const bool by_proto = content.size() >= 2 && std::to_integer<unsigned>(content[0]) == 0x80 &&
                        std::to_integer<unsigned>(content[1]) >= 1 && std::to_integer<unsigned>(content[1]) <= 5;
  pickle::Probe probe = pickle::probe(content, by_proto ? kAfterProto : 512);
  if (by_proto && !probe.pickle) {
    probe = pickle::probe(content);
  }
  if (probe.pickle) {
    std::string_view how = "content: pickle opcodes";
    constexpr std::string_view kHow[] = {"content: pickle opcodes of protocol 0", "content: pickle protocol 1 opcodes",
                                         "content: pickle protocol 2 opcodes",    "content: pickle protocol 3 opcodes",
                                         "content: pickle protocol 4 opcodes",    "content: pickle protocol 5 opcodes"};
    if (probe.protocol <= 5) {
      how = kHow[probe.protocol];
    }
    // Bytes of anything are often a few opcodes of protocol 0; ".bin" says little, so the run must take in all of them.
    const bool whole = probe.stopped && probe.length == content.size();
    const bool named = name_ends(lower_name, {".pkl", ".pickle", ".joblib", ".pt", ".ckpt", ".p"}) ||
                       (name_ends(lower_name, {".pth"}) && !looks_like_text(content)) ||  // Python's files of paths
                       (whole && name_ends(lower_name, {".bin"}));
    if (name_ends(lower_name, {".joblib"})) {
      out.push_back({"joblib", "name: .joblib, content: pickle opcodes", probe.certain});
    }
    out.push_back({"pickle", how, probe.certain || named});
  }
  if (name_ends(lower_name, {".joblib", ".pkl", ".pickle", ".pkl.gz", ".pkl.z", ".pkl.bz2", ".pkl.xz", ".pkl.lz4",
                             ".joblib.gz", ".joblib.z", ".joblib.bz2", ".joblib.xz", ".joblib.lz4"})) {
    const bool compressed = std::any_of(out.begin(), out.end(), [](const Identified& i) {
      return i.format == "gzip" || i.format == "zlib" || i.format == "bzip2" || i.format == "xz" ||
             i.format == "lzma" || i.format == "lz4";
    });
    if (compressed) {
      out.insert(out.begin(), {"joblib-compressed", "name: of a pickle, content: compressed stream", false});
    }
  }
  // MessagePack has no magic either: a map with text for keys, and an array as Flax writes it. The empty map, with
  // which every pickle since protocol 2 could begin, holds none.
  const bool msgpack_map = (head_byte(0) > 0x80 && head_byte(0) < 0x90) || head_byte(0) == 0xDE || head_byte(0) == 0xDF;
  if (msgpack_map && msgpack::looks_like_flax(content)) {
    out.push_back({"msgpack", "content: MessagePack with arrays of Flax"});
  } else if (name_ends(lower_name, {".msgpack", ".mpk", ".flax", ".jax", ".orbax"})) {
    out.push_back({"msgpack", "name: .msgpack", false});
  }
  identify_graph(content, lower_name, out);
  identify_tables(content, lower_name, out);
  if (looks_like_text(content)) {
    identify_text(content, lower_name, out);
  }
  if (out.size() > 1) {  // sorting asks for memory even for one
    std::stable_sort(out.begin(), out.end(),
                     [](const Identified& a, const Identified& b) { return a.certain > b.certain; });
  }
  return out;
}

}  // namespace formats
