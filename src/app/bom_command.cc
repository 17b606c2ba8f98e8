#include <algorithm>
#include <memory>
#include <system_error>

#include "app/bom_documents.h"
#include "app/pipeline.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "bom/document.h"
#include "bom/read.h"
#include "sandbox/sandbox.h"

namespace app {
namespace {

namespace fs = std::filesystem;
using base::Result;
using base::Value;

// What was found, and what the documents of others among it say.
struct Material {
  inventory::Inventory found;
  std::vector<evidence::Bill> bills;
};

Result<Material> gather(const Workplace& place) {
  const Readers readers = TRY(start_observers(place));
  Material out{TRY(discover(place, readers)), {}};
  out.bills = read_bills(place.directory, out.found, *readers.pool);
  return out;
}

// Leaves out the file that will be written: a document does not list itself.
void leave_out(inventory::Inventory& found, const fs::path& directory, const std::string& output) {
  std::error_code error;
  const fs::path relative = fs::relative(fs::absolute(output, error), fs::absolute(directory, error), error);
  const std::string path = error ? std::string() : relative.generic_string();
  std::erase_if(found.assets, [&](const evidence::Asset& asset) { return asset.path == path; });
}

Exit write_out(const Arguments& arguments, const std::string& text, Console& console) {
  const std::string output = arguments.get("output", "-");
  if (output == "-") {
    console.out << text;
    return Exit::passed;
  }
  if (const auto written = base::write_file(output, text); !written) {
    return report_error(written.error(), console);
  }
  return Exit::passed;
}

Exit run_bom_diff(const Arguments& arguments, Console& console) {
  const std::string format = arguments.get("format", "text");
  if (format != "text" && format != "json") {
    return report_error({base::Errc::usage, "--format: bom diff prints text or json"}, console);
  }
  Workplace nowhere;
  nowhere.threads = 1;
  const auto readers = start_observers(nowhere);
  if (!readers) {
    return report_error(readers.error(), console);
  }
  std::vector<bom::Listed> sides;
  for (const std::size_t place : {std::size_t{1}, std::size_t{2}}) {
    const std::string path = arguments.positional(place, "");
    const auto text = base::read_file(path, bom::kMaxDocumentBytes);
    if (!text) {
      return report_error(text.error(), console);
    }
    auto listed = read_bill(*text, path, *readers->pool);
    if (!listed) {
      return report_error(listed.error(), console);
    }
    for (const std::string& problem : listed->problems) {
      console.err << "note: " << base::printable(path) << ": " << base::printable(problem) << "\n";
    }
    sides.push_back(*std::move(listed));
  }
  std::vector<std::string> notes;
  const std::vector<bom::Difference> all = bom::differences(sides[0], sides[1], notes);
  std::string out;
  if (format == "json") {
    Value::List list;
    for (const bom::Difference& one : all) {
      list.emplace_back(Value::Map{{"kind", one.kind},
                                   {"component", one.component},
                                   {"before", one.before},
                                   {"after", one.after},
                                   {"sentence", one.sentence}});
    }
    out = base::to_json(Value::Map{{"differences", std::move(list)}}, 2) + "\n";
  } else {
    for (const bom::Difference& one : all) {
      out += base::printable(one.sentence) + "\n";
    }
    out += all.empty() ? "no difference\n" : "\n" + base::counted(all.size(), "difference") + "\n";
  }
  for (const std::string& note : notes) {
    console.err << "note: " << note << "\n";
  }
  const Exit written = write_out(arguments, out, console);
  return written != Exit::passed ? written : all.empty() ? Exit::passed : Exit::gate_failed;
}

}  // namespace

Exit run_bom(const Arguments& arguments, Console& console) {
  if (arguments.positional(0, "") == "diff") {
    if (arguments.positional().size() != 3) {
      return report_error({base::Errc::usage, "bom diff needs two documents: surety bom diff OLD NEW"}, console);
    }
    return run_bom_diff(arguments, console);
  }
  if (arguments.positional().size() > 1) {
    return report_error({base::Errc::usage, "bom takes one directory (or: bom diff OLD NEW)"}, console);
  }
  const std::string format = arguments.get("format", "text");
  if (format == "json") {
    return report_error({base::Errc::usage,
                         "--format json is for bom diff; a document is cyclonedx-1.6, cyclonedx-1.7, "
                         "spdx-3.0.1 or g7"},
                        console);
  }
  const auto place = workplace(arguments, arguments.positional(0, "."));
  if (!place) {
    return report_error(place.error(), console);
  }
  auto material = gather(*place);
  if (!material) {
    return report_error(material.error(), console);
  }
  inventory::Inventory& found = material->found;
  if (arguments.has("output")) {
    leave_out(found, place->directory, arguments.get("output"));
  }
  std::error_code error;
  const fs::path whole = fs::canonical(place->directory, error);
  bom::Input input;
  input.assets = found.assets;
  input.system = &found.system;
  input.bills = material->bills;
  input.directory_name = base::printable(error ? place->directory.native() : whole.filename().native());
  input.time = base::now();
  input.tool_version = kVersion;
  const bom::Document document = bom::collect(input);

  std::string text;
  if (arguments.has("gaps")) {
    text = bom::gaps_text(document);
  } else if (format == "text") {
    text = bom::to_text(document);
  } else {
    text = format == "spdx-3.0.1" ? bom::to_spdx(document)
           : format == "g7"
               ? bom::to_g7(document)
               : bom::to_cyclonedx(document, format == "cyclonedx-1.7" ? bom::CycloneDx::v1_7 : bom::CycloneDx::v1_6);
    if (format != "g7") {
      if (const auto sound = bom::check_structure(text); !sound) {
        return report_error(
            {base::Errc::io, "the document that was made is not sound, and is not written: " + sound.error().text()},
            console);
      }
    }
  }
  const Exit written = write_out(arguments, text, console);
  if (written != Exit::passed) {
    return written;
  }
  for (const std::string& note : found.notes) {
    console.err << "note: " << base::printable(note) << "\n";
  }
  const std::vector<evidence::Finding> contradictions = bom::findings(document);
  if (format != "text" || arguments.has("gaps")) {
    for (const evidence::Finding& finding : contradictions) {
      console.err << base::printable(finding.path) << ": " << base::printable(finding.message) << "\n";
    }
  }
  return arguments.has("check") && !contradictions.empty() ? Exit::gate_failed : Exit::passed;
}

}  // namespace app
