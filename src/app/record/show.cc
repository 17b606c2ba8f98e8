#include <algorithm>

#include "app/record/record.h"
#include "app/record_provisions.h"
#include "app/table.h"
#include "base/text.h"
#include "inventory/system_file.h"
#include "records/kinds.h"

namespace app {
namespace {

// "Dana; Ola": who signed.
std::string names_of(const std::vector<evidence::RecordSigner>& signers) {
  std::string names;
  for (const evidence::RecordSigner& signer : signers) {
    names += (names.empty() ? "" : "; ") + base::printable(signer.name);
  }
  return names;
}

std::string validity(const records::Kind& kind) {
  return kind.validity_days == 0 ? "no end" : base::counted(kind.validity_days, "day");
}

}  // namespace

base::Result<const records::Kind*> kind_called(std::string_view name) {
  if (const records::Kind* kind = records::find_kind(name); kind != nullptr) {
    return kind;
  }
  std::vector<std::string_view> names;
  for (const records::Kind& kind : records::kinds()) {
    names.push_back(kind.name);
  }
  const auto meant = base::closest(name, names);
  return base::Error{base::Errc::usage, "no kind of record is called \"" + base::printable(name) + "\"" +
                                            (meant ? "; did you mean " + std::string(*meant) + "?"
                                                   : "; there are " + records::kind_names())};
}

base::Result<records::Records> read_records(const Arguments& arguments) {
  const Workplace place = TRY(workplace(arguments, arguments.positional(0, ".")));
  const catalog::Catalog catalog = TRY(load_catalog(arguments));
  std::vector<std::string> notes;
  const evidence::SystemFacts system = TRY(inventory::read_system_file(place.directory, notes));
  return records::read(place.directory, system, provisions_of_records(catalog));
}

Exit run_record_check(const Arguments& arguments, Console& console) {
  const auto read = read_records(arguments);
  if (!read) {
    return report_error(read.error(), console);
  }
  const auto with_signature =
      std::count_if(read->files.begin(), read->files.end(), [](const auto& file) { return !file.signers.empty(); });
  console.out << base::counted(read->records.size(), "record") << " in " << base::counted(read->files.size(), "file")
              << ", " << with_signature << " of them signed\n";
  for (const std::string& note : read->notes) {
    console.err << "note: " << base::printable(note) << "\n";
  }
  return Exit::passed;
}

Exit run_record_list(const Arguments& arguments, Console& console) {
  const std::vector<std::string> wanted = arguments.all("kind");
  for (const std::string& name : wanted) {
    if (const auto kind = kind_called(name); !kind) {
      return report_error(kind.error(), console);
    }
  }
  const auto read = read_records(arguments);
  if (!read) {
    return report_error(read.error(), console);
  }
  std::map<std::string, const evidence::RecordFile*> files;
  for (const evidence::RecordFile& file : read->files) {
    files[file.path] = &file;
  }
  const std::string today = base::to_iso_date(base::now());
  std::vector<Row> rows;
  for (const evidence::Record& record : read->records) {
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), record.kind) == wanted.end()) {
      continue;
    }
    const std::string until = record.valid_until ? base::to_iso_date(*record.valid_until) : std::string();
    const evidence::RecordFile& file = *files[record.file];
    rows.push_back({record.kind, record.id, base::to_iso_date(record.effective),
                    until.empty() ? std::nullopt : std::optional(until),
                    std::string(!until.empty() && until < today ? "no" : "yes"),
                    file.signers.empty() ? std::nullopt : std::optional(names_of(file.signers)),
                    base::printable(record.file)});
  }
  console.out << render_table({"kind", "id", "effective", "valid until", "counts", "signed by", "file"}, rows,
                              arguments.get("format", "text"), console.columns);
  return Exit::passed;
}

Exit run_record_kinds(const Arguments& arguments, Console& console) {
  const auto catalog = load_catalog(arguments);
  if (!catalog) {
    return report_error(catalog.error(), console);
  }
  const records::ProvisionsOfKinds provisions = provisions_of_records(*catalog);
  std::vector<Row> rows;
  for (const records::Kind& kind : records::kinds()) {
    const auto found = provisions.find(kind.name);
    rows.push_back({std::string(kind.name), std::string(records::title_of(kind)), validity(kind),
                    found == provisions.end() ? std::string() : base::join(found->second, ", ")});
  }
  console.out << render_table({"kind", "what", "counts for", "provisions"}, rows, arguments.get("format", "text"),
                              console.columns);
  return Exit::passed;
}

}  // namespace app
