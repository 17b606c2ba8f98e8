#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <tuple>

#include "base/text.h"
#include "inspect/byte_masks.h"
#include "inspect/personal.h"
#include "inspect/planted.h"
#include "inspect/secrets.h"
#include "scan/content.h"
#include "scan/data/data.h"
#include "scan/data/rows.h"
#include "scan/text/text.h"

namespace scan {
namespace {

using evidence::Severity;
using inspect::Anchor;
using inspect::AnchorFamily;
using inspect::Bytes64;
using inspect::Certainty;
using inspect::FormulaKind;
using inspect::LiteralFinder;
using inspect::LiteralHit;
using inspect::PersonalKind;
using inspect::PersonalSpan;
using inspect::Secret;

constexpr std::size_t kBlock = 1U << 18;      ///< Read at a time, so that it stays in the processor's cache.
constexpr std::size_t kLocated = 2000;        ///< Hits of a kind whose row and column are looked for; more are counted.
constexpr std::uint64_t kRowsOfAttacks = 20;  ///< Rows of one sort from which a set may be one about attacks …
constexpr double kShareOfAttacks = 0.05;      ///< … where they make up this share.

/// Something seen in a row.
struct Sight {
  enum class What : std::uint8_t { injection, script, formula, command, payload, hidden, escape, secret, personal };
  std::size_t at = 0;
  What what = What::injection;
  std::size_t size = 0;
  std::size_t index = 0;  ///< Into the secrets or the personal data of the block.
};

/// What was seen of one sort, summed up.
struct Sum {
  std::uint64_t rows = 0;
  std::uint64_t last_row = 0;
  std::vector<std::uint64_t> first_rows;
  std::string column;
  std::string text;
  std::uint64_t labelled = 0;  ///< Rows that say themselves that they are attacks.

  /// Returns whether it is the first in its row.
  bool see(const Cell& cell, std::string_view shown) {
    if (rows == 0) {
      column = cell.column;
      text = base::abbreviate(shown, 160);
    } else if (cell.row == last_row) {
      return false;
    }
    ++rows;
    last_row = cell.row;
    if (first_rows.size() < 10) {
      first_rows.push_back(cell.row);
    }
    return true;
  }
  [[nodiscard]] std::string row_list() const {
    std::vector<std::string> names;
    for (const std::uint64_t row : first_rows) {
      names.push_back(base::grouped(row));
    }
    return std::string(first_rows.size() == 1 ? "row " : "rows ") + base::join(names, ", ") +
           (rows > first_rows.size() ? " and further" : "");
  }
};

std::string place_of(std::uint64_t row, std::string_view column) {
  return "row " + std::to_string(row) + (column.empty() ? "" : ", column " + base::printable(column));
}

/// Whether a row carries a label that calls it an attack.
bool is_labelled(std::string_view row) {
  const std::string lower = base::to_lower(row.substr(0, 1U << 16));
  for (const std::string_view label :
       {"injection", "jailbreak", "attack", "malicious", "unsafe", "adversarial", "harmful", "prompt_injection",
        "prompt-injection", "xss", "toxic", "is_injection\": true", "jailbreak\": true", "is_jailbreak\": true",
        "attack\": true", "harmful\": true", "unsafe\": true", "injection\": 1", "jailbreak\": 1"}) {
    for (std::size_t at = lower.find(label); at != std::string::npos; at = lower.find(label, at + 1)) {
      const char before = at == 0 ? ',' : lower[at - 1];
      const std::size_t end = at + label.size();
      const char after = end >= lower.size() ? ',' : lower[end];
      const auto edge = [](char c) { return c == '"' || c == ',' || c == '\n' || c == '\r' || c == '\t'; };
      if ((edge(before) && edge(after)) || (label.find('"') != std::string_view::npos)) {
        return true;
      }
    }
  }
  return false;
}

/// Names of columns that say what kind of personal data stands in them.
bool column_names(std::string_view column, PersonalKind kind) {
  const std::string lower = base::to_lower(column);
  const auto has = [&](std::initializer_list<std::string_view> words) {
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return lower.find(word) != std::string::npos; });
  };
  switch (kind) {
    case PersonalKind::email:
      return has({"mail"});
    case PersonalKind::phone:
      return has({"phone", "mobile", "tel", "cell", "fax"});
    case PersonalKind::national_insurance:
      return has({"nino", "insurance", "ni_n", "ni n"});
    case PersonalKind::nhs_number:
      return has({"nhs", "patient"});
    case PersonalKind::postcode:
      return has({"post", "address", "zip"});
    case PersonalKind::passport:
      return has({"passport"});
    case PersonalKind::driving_licence:
      return has({"driv", "licen"});
    case PersonalKind::taxpayer_reference:
      return has({"utr", "tax"});
    case PersonalKind::bank_account:
      return has({"account", "sort"});
    case PersonalKind::iban:
      return has({"iban", "account"});
    case PersonalKind::payment_card:
      return has({"card", "pan", "ccn", "cc_", "credit"});
    case PersonalKind::social_security:
      return has({"ssn", "social"});
    case PersonalKind::ip_address:
      return has({"ip", "addr", "host"});
    case PersonalKind::date_of_birth:
      return has({"birth", "dob"});
    case PersonalKind::vehicle_registration:
      return has({"vehicle", "plate", "reg", "vrm", "vrn"});
    case PersonalKind::national_identity:
      return has({"national", "identity", "tax_id", "taxid", "pesel", "bsn", "dni", "nif", "aadhaar", "personnummer"});
  }
  return false;
}

class Dataset {
 public:
  Dataset(std::string_view text, const std::string& path, std::string_view format, Collector& out)
      : text_(text),
        path_(path),
        format_(format),
        table_(format == "csv" || format == "tsv"),
        out_(out),
        locator_(make_locator(text, format)) {}

  void run() {
    const LiteralFinder& finder = inspect::all_anchors();
    std::vector<LiteralHit> hits;
    for (std::size_t from = 0; from < text_.size(); from += kBlock) {
      const std::size_t to = std::min(text_.size(), from + kBlock);
      sights_.clear();
      secrets_.clear();
      personal_.clear();
      hits.clear();
      finder.find(text_.substr(from, kBlock + finder.longest()), hits);
      for (const LiteralHit& hit : hits) {
        if (hit.begin < kBlock) {
          look(inspect::anchor(hit.id), from + hit.begin);
        }
      }
      pass_over(from, to);
      inspect::find_personal_data(text_, from, to, personal_);
      for (std::size_t i = 0; i < personal_.size(); ++i) {
        const auto kind = static_cast<std::size_t>(personal_[i].kind);
        if (++personal_count_[kind] <= kLocated) {
          sights_.push_back({personal_[i].begin, Sight::What::personal, personal_[i].end - personal_[i].begin, i});
        }
      }
      inspect::settle_secrets(secrets_);
      for (std::size_t i = 0; i < secrets_.size(); ++i) {
        sights_.push_back({secrets_[i].begin, Sight::What::secret, 0, i});
      }
      std::stable_sort(sights_.begin(), sights_.end(), [](const Sight& a, const Sight& b) { return a.at < b.at; });
      for (const Sight& sight : sights_) {
        locate(sight);
      }
    }
    report();
  }

 private:
  void look(const Anchor& here, std::size_t at) {
    switch (here.family) {
      case AnchorFamily::injection: {
        std::size_t begin = at;
        if (const std::size_t size = inspect::verify_injection(text_, begin); size > 0 && begin >= injection_to_) {
          injection_to_ = begin + size;
          sights_.push_back({begin, Sight::What::injection, size, 0});
        }
        return;
      }
      case AnchorFamily::script:
        if (at >= script_to_ && inspect::verify_script(text_, at)) {
          script_to_ = at + 200;
          sights_.push_back({at, Sight::What::script, 60, 0});
        }
        return;
      case AnchorFamily::formula:
        if (table_) {
          sights_.push_back({at, Sight::What::formula, here.text.size(), 0});
        }
        return;
      case AnchorFamily::payload:
        if (at >= payload_to_ && begins_payload(here, at)) {
          sights_.push_back({at, Sight::What::payload, payload_to_ - at, here.index});
        }
        return;
      case AnchorFamily::escape:
        if (!table_ && format_ != "text") {
          sights_.push_back({at, Sight::What::escape, 6, 0});
        }
        return;
      default:
        inspect::verify_secret(text_, here, at, secrets_);
    }
  }

  /// A run of base64 or hexadecimal long enough to be a program, a pickle or a sentence; sets where it ends.
  bool begins_payload(const Anchor& here, std::size_t at) {
    const bool hex = here.text[0] >= '0' && here.text[0] <= '9';
    const auto fits = [&](char c) {
      return (c >= '0' && c <= '9') || (hex ? (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')
                                            : (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' || c == '/');
    };
    if (at > 0 && (fits(text_[at - 1]) || is_word(text_[at - 1])) && !(at > 1 && text_[at - 2] == '\\')) {
      return false;
    }
    std::size_t end = at;
    while (end < text_.size() && end - at < (std::size_t{64} << 20) &&
           (fits(text_[end]) || (!hex && text_[end] == '='))) {
      ++end;
    }
    if (end - at < 24) {
      return false;
    }
    payload_to_ = end;
    return true;
  }

  /// Secrets told by their signs, and characters that hide text: these by their bytes only, as rows that have some are
  /// judged as texts are.
  void pass_over(std::size_t from, std::size_t to) {
    const std::size_t lead = from < 4 ? from : 4;
    const std::size_t start = from - lead;
    const std::string_view part = text_.substr(start, std::min(text_.size(), to + 8) - start);
    inspect::for_each_window(
        part, [&](const Bytes64& bytes, std::ptrdiff_t window, std::size_t first, std::size_t last) {
          if (!inspect::shaped_secrets_or_wide(bytes)) {
            return;
          }
          const std::uint64_t mine = inspect::bits_between(first, last);
          for (std::uint64_t wanted = inspect::shaped_secrets(bytes) & mine; wanted != 0; wanted &= wanted - 1) {
            const std::size_t at = start + static_cast<std::size_t>(window + std::countr_zero(wanted));
            if (at >= from && at < to) {
              inspect::verify_shaped_secret(text_, at, secrets_);
            }
          }
          const std::uint64_t high = bytes.range('\xE1', '\xF3') & mine;
          if (high == 0) {
            return;
          }
          // Tags and variation selectors; marks of width and direction; the byte order mark; U+FE00 to U+FE0F in runs.
          const std::uint64_t wanted =
              ((bytes.equal('\xF3') & (bytes.equal('\xA0') >> 1)) |
               (bytes.equal('\xE2') & (bytes.equal('\x80') >> 1) &
                ((bytes.range('\x8B', '\x8D') | bytes.range('\xAD', '\xAE')) >> 2)) |
               (bytes.equal('\xE2') & (bytes.equal('\x81') >> 1) & (bytes.range('\xA0', '\xA4') >> 2)) |
               (bytes.equal('\xEF') & (((bytes.equal('\xBB') >> 1) & (bytes.equal('\xBF') >> 2)) |
                                       ((bytes.equal('\xB8') >> 1) & (bytes.range('\x80', '\x8F') >> 2))))) &
              high;
          if (wanted != 0) {
            const std::size_t at = start + static_cast<std::size_t>(window + std::countr_zero(wanted));
            if (at >= 3) {
              sights_.push_back({at, Sight::What::hidden, 3, 0});
            }
          }
        });
  }

  void locate(const Sight& sight) {
    if (sight.at < passed_) {
      return;  // a passage that began before one already looked at
    }
    switch (sight.what) {
      case Sight::What::personal:
        return see_personal(sight);
      case Sight::What::secret:
        return see_secret(secrets_[sight.index], cell_at(sight.at));
      case Sight::What::injection: {
        if (++located_[0] > kLocated) {
          ++injections_.rows;
          return;
        }
        const Cell cell = cell_at(sight.at);
        see_injection(cell, text_.substr(sight.at, sight.size));
        return;
      }
      case Sight::What::script: {
        if (++located_[1] > kLocated) {
          ++scripts_.rows;
          return;
        }
        const Cell cell = cell_at(sight.at);
        see_script(cell, text_.substr(cell.begin, cell.end - cell.begin), text_.substr(sight.at, 100));
        return;
      }
      case Sight::What::formula: {
        const Cell cell = cell_at(sight.at);
        if (cell.begin == last_formula_ && cell.row == last_formula_row_) {
          return;
        }
        last_formula_ = cell.begin;
        last_formula_row_ = cell.row;
        const std::string_view content = text_.substr(cell.begin, cell.end - cell.begin);
        const FormulaKind kind = inspect::formula_kind(content);
        if (kind == FormulaKind::runs_command) {
          commands_.see(cell, content);
        } else if (kind == FormulaKind::acts) {
          formulas_.see(cell, content);
        }
        return;
      }
      case Sight::What::payload:
        return see_payload(sight);
      case Sight::What::escape:
        return see_escape(sight);
      case Sight::What::hidden:
        return see_hidden(sight);
      case Sight::What::command:
        return;
    }
  }

  Cell cell_at(std::size_t at) {
    passed_ = at;
    return locator_->locate(at);
  }

  void see_personal(const Sight& sight) {
    const PersonalSpan& span = personal_[sight.index];
    const Cell cell = cell_at(sight.at);
    Column& column = columns_[{without_indices(cell.column), span.kind}];
    const bool named = column_names(cell.column, span.kind);
    if (span.certainty == Certainty::low && !named) {
      ++column.doubtful;
      return;
    }
    if (column.count++ == 0) {
      column.first_row = cell.row;
      column.name = cell.column;
    }
    column.sure += span.certainty == Certainty::high || named ? 1 : 0;
  }

  void see_secret(const Secret& secret, const Cell& cell) {
    if (++secret_count_ > 100) {
      return;
    }
    out_.add("secret", severity_of(secret),
             {path_, place_of(cell.row, cell.column), 0, static_cast<std::uint32_t>(cell.row), secret.subject,
              "The data holds what looks like a credential: " + std::string(secret.name) + "."});
  }

  void see_injection(const Cell& cell, std::string_view passage) {
    if (injections_.see(cell, passage)) {
      note_label(cell, injections_);
    }
  }

  /// Whether the row says itself that it is an attack.
  void note_label(const Cell& cell, Sum& sum) {
    std::size_t begin = cell.row_begin;
    std::size_t end = 0;
    if (format_ == "json") {  // rows have no ends to look for
      begin = cell.begin > 2000 ? cell.begin - 2000 : 0;
      end = std::min(text_.size(), cell.end + 2000);
    } else {
      end = std::min(text_.substr(0, cell.end + (1U << 16)).find('\n', cell.end), text_.size());
    }
    begin = std::max(begin, end > (1U << 16) ? end - (1U << 16) : 0);
    if (end > begin && is_labelled(text_.substr(begin, end - begin))) {
      ++sum.labelled;
    }
  }

  void see_script(const Cell& cell, std::string_view content, std::string_view shown) {
    if (inspect::is_code(content)) {
      ++pages_;
    } else {
      scripts_.see(cell, shown);
    }
  }

  void see_payload(const Sight& sight) {
    if (++payloads_ > 200) {
      out_.not_covered(path_, "more than 200 encoded files in cells");
      return;
    }
    const std::string_view encoded = text_.substr(sight.at, sight.size);
    if (out_.unpack_budget() < encoded.size()) {
      out_.not_covered(path_, "encoded files in cells beyond the limit of unpacked bytes");
      return;
    }
    std::string decoded;
    const bool hex = encoded.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos &&
                     encoded[0] >= '0' && encoded[0] <= '9';
    if (hex) {
      for (std::size_t i = 0; i + 1 < encoded.size(); i += 2) {
        decoded.push_back(static_cast<char>(base::hex_value(encoded[i]) * 16 + base::hex_value(encoded[i + 1])));
      }
    } else {
      std::uint32_t bits = 0;
      int count = 0;
      for (const char c : encoded) {
        const int value = c >= 'A' && c <= 'Z'   ? c - 'A'
                          : c >= 'a' && c <= 'z' ? c - 'a' + 26
                          : c >= '0' && c <= '9' ? c - '0' + 52
                          : c == '+'             ? 62
                          : c == '/'             ? 63
                                                 : -1;
        if (value < 0) {
          break;
        }
        bits = bits << 6 | static_cast<std::uint32_t>(value);
        if (++count == 4) {
          decoded.push_back(static_cast<char>(bits >> 16 & 0xFF));
          decoded.push_back(static_cast<char>(bits >> 8 & 0xFF));
          decoded.push_back(static_cast<char>(bits & 0xFF));
          bits = 0;
          count = 0;
        }
      }
      if (count >= 2) {
        decoded.push_back(static_cast<char>(bits >> (count == 3 ? 10 : 4) & 0xFF));
      }
      if (count == 3) {
        decoded.push_back(static_cast<char>(bits >> 2 & 0xFF));
      }
    }
    out_.spend(decoded.size());
    const Cell cell = cell_at(sight.at);
    const std::string_view content(decoded);
    const bool windows = content.starts_with("MZ") && content.substr(0, 4096).find("PE\0\0") != std::string_view::npos;
    const bool program =
        content.starts_with(
            "\x7F"
            "ELF") ||
        windows ||
        (content.starts_with("MZ") && content.substr(0, 512).find("This program") != std::string_view::npos) ||
        (content.starts_with("MZ\x90") && content.size() > 64);
    if (program) {
      programs_.see(cell, windows ? "a program for Windows" : "an executable file");
      return;
    }
    const std::string member = path_ + "!" + place_of(cell.row, cell.column);
    if (content.starts_with("\x80") || content.starts_with("PK") || content.starts_with("\x1F\x8B")) {
      judge_content(base::as_bytes(decoded), member, Trust::content, 1, out_);
      return;
    }
    if (std::size_t begin = 0; inspect::verify_injection(content, begin) > 0) {
      see_injection(cell, content);
    }
  }

  /// A cell with escaped letters or marks: judged as what it stands for.
  void see_escape(const Sight& sight) {
    if (sight.at < escape_to_) {
      return;
    }
    const Cell cell = cell_at(sight.at);
    escape_to_ = cell.end;
    if (cell.end <= cell.begin) {
      return;
    }
    const std::size_t begin = std::max(cell.begin, sight.at > 2000 ? sight.at - 2000 : 0);
    const std::string plain = unescaped(text_.substr(begin, cell.end - begin), kBlock * 8);
    std::vector<LiteralHit> hits;
    inspect::all_anchors().find(plain, hits, LiteralFinder::Engine::automatic);
    std::vector<Secret> secrets;
    std::size_t injection_to = 0;
    bool script = false;
    for (const LiteralHit& hit : hits) {
      const Anchor& here = inspect::anchor(hit.id);
      std::size_t at = hit.begin;
      if (here.family == AnchorFamily::injection) {
        const std::size_t size = inspect::verify_injection(plain, at);
        if (size > 0 && at >= injection_to) {
          injection_to = at + size;
          see_injection(cell, std::string_view(plain).substr(at, size));
        }
      } else if (here.family == AnchorFamily::script) {
        if (!script && inspect::verify_script(plain, at)) {
          script = true;
          see_script(cell, plain, std::string_view(plain).substr(at, 100));
        }
      } else if (here.family < AnchorFamily::injection) {
        inspect::verify_secret(plain, here, at, secrets);
      }
    }
    inspect::find_shaped_secrets(plain, 0, plain.size(), secrets);
    inspect::settle_secrets(secrets);
    for (const Secret& secret : secrets) {
      see_secret(secret, cell);
    }
    judge_row_for_hidden(plain, cell);
  }

  void see_hidden(const Sight& sight) {
    if (sight.at < hidden_to_ || ++located_[2] > kLocated) {
      return;
    }
    const Cell cell = cell_at(sight.at);
    const std::size_t judged_to = hidden_to_;  // a long cell is judged part by part
    hidden_to_ = std::max(cell.end, sight.at + 1);
    const std::size_t begin = std::max(std::min(cell.begin, sight.at), judged_to);
    judge_row_for_hidden(text_.substr(begin, hidden_to_ - begin), cell);
  }

  /// What is left of a cell without characters of no width may be instructions: they keep filters from seeing them.
  void judge_without_invisible(std::string_view cell_text, const Cell& cell) {
    std::string plain;
    std::size_t dropped = 0;
    for (std::size_t i = 0; i < cell_text.size();) {
      if (cell_text.substr(i, 2) == "\xE2\x80" && i + 2 < cell_text.size() && cell_text[i + 2] >= '\x8B' &&
          cell_text[i + 2] <= '\x8D') {
        ++dropped;
        i += 3;
        continue;
      }
      plain.push_back(cell_text[i++]);
    }
    if (dropped < 2) {
      return;
    }
    std::vector<LiteralHit> hits;
    inspect::all_anchors().find(plain, hits, LiteralFinder::Engine::automatic);
    for (const LiteralHit& hit : hits) {
      std::size_t at = hit.begin;
      if (inspect::anchor(hit.id).family == AnchorFamily::injection && inspect::verify_injection(plain, at) > 0) {
        see_injection(cell, std::string_view(plain).substr(at));
        return;
      }
    }
  }

  void judge_row_for_hidden(std::string_view cell_text, const Cell& cell) {
    judge_without_invisible(cell_text, cell);
    Collector alone(out_.limits());
    judge_hidden_unicode(cell_text, path_, Writing::document, alone);
    if (alone.empty()) {
      return;
    }
    evidence::Asset asset;
    for (const evidence::Finding& finding : alone.finish(asset).findings) {
      // Lists of contacts carry embeddings and left-to-right overrides around their numbers.
      const bool marks = finding.subject.find("bidirectional") != std::string::npos;
      if (finding.rule != "hidden-unicode" || (marks && cell_text.find("\xE2\x80\xAE") == std::string_view::npos)) {
        continue;
      }
      // Rows are read by models; what only turns letters in prose turns what they say.
      Sum& sum = hidden_[std::max(finding.severity, evidence::Severity::medium)];
      if (sum.see(cell, finding.message)) {
        note_label(cell, sum);
      }
    }
  }

  void report() {
    const std::uint64_t rows = injections_.rows + scripts_.rows > 0 ? total_rows() : 0;
    // A set about attacks is full of them, or says so; a few among many others are planted.
    const auto about = [&](const Sum& sum) {
      return (sum.labelled * 2 > sum.rows && sum.rows > 1) || (sum.rows >= 5 && sum.rows * 2 >= rows) ||
             (sum.rows >= kRowsOfAttacks &&
              static_cast<double>(sum.rows) >= kShareOfAttacks * static_cast<double>(rows));
    };
    if (injections_.rows > 0) {
      const bool subject = about(injections_);
      add("dataset-injection", subject ? Severity::low : Severity::medium, injections_,
          base::counted(injections_.rows, "row") + " of " + base::grouped(rows) +
              (injections_.rows == 1 ? " addresses" : " address") + " a model with instructions: " +
              injections_.row_list() + (subject ? ". The set seems to be about attacks." : "."));
    }
    if (scripts_.rows > 0) {
      const bool many = scripts_.rows >= kRowsOfAttacks &&
                        static_cast<double>(scripts_.rows + pages_) >= 0.01 * static_cast<double>(rows);
      add("dataset-script", many ? Severity::info : Severity::medium, scripts_,
          base::counted(scripts_.rows, "row") + (scripts_.rows == 1 ? " holds" : " hold") +
              " a script that acts when it is shown in a browser: " + scripts_.row_list() + ".");
    }
    if (commands_.rows > 0) {
      add("dataset-command", Severity::high, commands_,
          base::counted(commands_.rows, "cell") + (commands_.rows == 1 ? " starts" : " start") +
              " a program when opened in a spreadsheet: " + commands_.row_list() + ".");
    }
    if (formulas_.rows > 0) {
      add("dataset-formula", Severity::medium, formulas_,
          base::counted(formulas_.rows, "cell") + (formulas_.rows == 1 ? " is" : " are") +
              " a formula that reaches out when opened in a spreadsheet: " + formulas_.row_list() + ".");
    }
    if (programs_.rows > 0) {
      add("dataset-executable", Severity::medium, programs_,
          base::counted(programs_.rows, "cell") + (programs_.rows == 1 ? " holds " : " hold ") + programs_.text +
              " in base64 or hexadecimal: " + programs_.row_list() + ".");
    }
    for (const auto& [severity, sum] : hidden_) {
      add("hidden-unicode", sum.labelled * 2 > sum.rows && sum.rows > 1 ? Severity::low : severity, sum,
          sum.text + " In " + sum.row_list() + ".");
    }
    if (secret_count_ > 100) {
      out_.add("secret", Severity::high,
               {path_, "", 0, 0, "further credentials",
                base::grouped(secret_count_ - 100) + " further credentials are not listed."});
    }
    report_personal();
  }

  void add(std::string_view rule, Severity severity, const Sum& sum, std::string message) {
    out_.add(
        rule, severity,
        {path_, place_of(sum.first_rows.empty() ? 0 : sum.first_rows[0], sum.column), 0,
         static_cast<std::uint32_t>(sum.first_rows.empty() ? 0 : sum.first_rows[0]), sum.text, std::move(message)});
  }

  void report_personal() {
    std::size_t told = 0;
    for (const auto& [key, column] : columns_) {
      const PersonalKind kind = std::get<1>(key);
      const bool rare = kind == PersonalKind::national_insurance || kind == PersonalKind::nhs_number ||
                        kind == PersonalKind::passport || kind == PersonalKind::driving_licence ||
                        kind == PersonalKind::iban || kind == PersonalKind::payment_card ||
                        kind == PersonalKind::bank_account || kind == PersonalKind::social_security ||
                        kind == PersonalKind::taxpayer_reference || kind == PersonalKind::national_identity;
      const bool enough =
          column.count >= 3 || (rare && column.sure > 0) || (column.count > 0 && column_names(column.name, kind));
      if (!enough || ++told > 60) {
        continue;
      }
      const bool cards = kind == PersonalKind::payment_card;
      const std::string where = column.name.empty() ? "" : " in column " + base::printable(column.name);
      out_.add(cards ? "dataset-card-numbers" : "dataset-personal-data",
               cards && column.sure < 3 ? Severity::info
               : cards                  ? Severity::low
                                        : Severity::info,
               {path_, place_of(column.first_row, column.name), 0, static_cast<std::uint32_t>(column.first_row),
                std::string(inspect::plural(kind)) + where,
                base::grouped(column.count) +
                    (personal_count_[static_cast<std::size_t>(kind)] > kLocated ? " and more" : "") + " values" +
                    where + " look like " + std::string(inspect::plural(kind)) + "."});
    }
  }

  /// Rows of the whole set; a JSON document's are those of its outermost list, as far as they were counted.
  [[nodiscard]] std::uint64_t total_rows() const {
    if (format_ == "json") {
      std::uint64_t rows = 1;
      for (const Sum* sum : {&injections_, &scripts_}) {
        rows = std::max(rows, sum->last_row);
      }
      return rows;
    }
    return count_lines(text_) + (text_.ends_with('\n') ? 0 : 1);
  }

  struct Column {
    std::uint64_t count = 0;
    std::uint64_t sure = 0;
    std::uint64_t doubtful = 0;
    std::uint64_t first_row = 0;
    std::string name;
  };

  std::string_view text_;
  const std::string& path_;
  std::string format_;
  bool table_;
  Collector& out_;
  std::unique_ptr<Locator> locator_;

  std::vector<Sight> sights_;
  std::vector<Secret> secrets_;
  std::vector<PersonalSpan> personal_;
  std::size_t passed_ = 0;
  std::size_t injection_to_ = 0;
  std::size_t script_to_ = 0;
  std::size_t payload_to_ = 0;
  std::size_t escape_to_ = 0;
  std::size_t hidden_to_ = 0;
  std::size_t last_formula_ = std::string_view::npos;
  std::uint64_t last_formula_row_ = 0;
  std::size_t located_[3] = {};
  std::uint64_t personal_count_[inspect::kPersonalKinds] = {};
  std::size_t payloads_ = 0;
  std::size_t secret_count_ = 0;
  std::uint64_t pages_ = 0;
  Sum injections_;
  Sum scripts_;
  Sum commands_;
  Sum formulas_;
  Sum programs_;
  std::map<Severity, Sum> hidden_;
  std::map<std::tuple<std::string, PersonalKind>, Column> columns_;
};

}  // namespace

void judge_dataset(std::string_view text, const std::string& path, std::string_view format, Collector& out) {
  Dataset(text, path, format, out).run();
}

bool judge_data_file(const evidence::Asset& asset, base::Bytes content, bool known, Collector& out) {
  const std::string lower = base::to_lower(asset.path);
  const auto ends = [&](std::initializer_list<std::string_view> all) {
    return std::any_of(all.begin(), all.end(), [&](std::string_view one) { return lower.ends_with(one); });
  };
  const std::string_view by_name = ends({".jsonl", ".ndjson", ".jsonlines"}) ? "jsonl"
                                   : ends({".csv"})                          ? "csv"
                                   : ends({".tsv", ".tab"})                  ? "tsv"
                                                                             : "";
  std::string format;
  for (const std::string_view one : {"csv", "tsv", "jsonl", "json", "text"}) {
    if (asset.kind == evidence::AssetKind::dataset && asset.format == one) {
      format = one;
    }
  }
  std::string_view text = base::as_text(content);
  const bool wide = text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF");
  if (format.empty() && asset.kind == evidence::AssetKind::dataset && !known) {
    for (const formats::Identified& one : formats::identify(content, asset.path)) {
      if (one.format == "csv" || one.format == "tsv" || one.format == "jsonl" || one.format == "json") {
        format = one.format;
        break;
      }
    }
  }
  // What is named so is read so, whatever bytes were put into it to make it look like something else.
  if (format.empty() && (!known || wide)) {
    format = by_name;
  }
  if (format.empty()) {
    return false;
  }
  out.format(format);
  std::string narrow;
  if (wide) {
    if (content.size() / 2 * 3 > out.unpack_budget()) {
      out.not_covered(asset.path, "text in UTF-16 beyond the limit of unpacked bytes");
      return true;
    }
    narrow = from_utf16(text);
    out.spend(narrow.size());
    text = narrow;
  }
  judge_dataset(text, asset.path, format, out);
  return true;
}

void judge_loose_text(base::Bytes content, const std::string& path, Collector& out) {
  const std::string_view text = base::as_text(content);
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    if (content.size() <= out.unpack_budget()) {
      const std::string narrow = from_utf16(text);
      out.spend(narrow.size());
      judge_secrets(narrow, path, out);
    }
    return;
  }
  const std::string_view head = text.substr(0, 4096);
  const bool printable = std::none_of(head.begin(), head.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\f' && c != '\x1b';
  });
  if (printable) {
    judge_secrets(text, path, out);
  }
}

}  // namespace scan
