#include <algorithm>
#include <array>

#include "base/text.h"
#include "base/time.h"
#include "bom/licence.h"
#include "bom/render.h"

namespace bom {
namespace {

struct Heading {
  Kind kind;
  std::string_view text;
};
constexpr std::array kHeadings = {Heading{Kind::model, "Models"},
                                  Heading{Kind::weights, "Files of weights"},
                                  Heading{Kind::adapter, "Adapters"},
                                  Heading{Kind::tokenizer, "Tokenizers"},
                                  Heading{Kind::chat_template, "Chat templates"},
                                  Heading{Kind::model_config, "Configuration of models"},
                                  Heading{Kind::prompt, "Prompts"},
                                  Heading{Kind::dataset, "Data"},
                                  Heading{Kind::agent, "Agents"},
                                  Heading{Kind::tool, "Tools"},
                                  Heading{Kind::guardrail, "Guardrails"},
                                  Heading{Kind::service, "Services"},
                                  Heading{Kind::document, "Documents"}};

constexpr std::array<std::string_view, 8> kTold = {"version",      "licence",      "parameters", "dtype",
                                                   "quantisation", "architecture", "rows",       "used-in"};

std::string_view mark(Origin origin) {
  return origin == Origin::observed ? "o" : origin == Origin::declared ? "d" : "i";
}

}  // namespace

std::string to_text(const Document& document) {
  std::string out = "Bill of materials of " + base::printable(document.system.name) + "\n";
  out += "[o] observed in the bytes, [d] declared by somebody, [i] derived by Surety\n";
  for (const std::string_view field : {"supplier", "licence", "description"}) {
    if (const Field* value = field_of(document.system, field); value != nullptr) {
      out += std::string(field) + ": " + base::printable(base::abbreviate(value->value, 200)) + " [" +
             std::string(mark(value->origin)) + "]\n";
    }
  }
  for (const Heading& heading : kHeadings) {
    std::string part;
    std::uint64_t count = 0;
    for (const Component& component : document.components) {
      if (component.kind != heading.kind) {
        continue;
      }
      ++count;
      if (count > 200) {
        continue;
      }
      part += "  " + base::printable(component.name);
      if (!component.path.empty() && component.path != component.name) {
        part += "  " + base::printable(component.path);
      }
      part += "\n";
      std::string line;
      for (const std::string_view field : kTold) {
        if (const Field* value = field_of(component, field); value != nullptr) {
          line += (line.empty() ? "" : ", ") + std::string(field) + " " +
                  base::printable(base::abbreviate(value->value, 80)) + " [" + std::string(mark(value->origin)) + "]";
        }
      }
      if (!component.digests.empty()) {
        line += (line.empty() ? "" : ", ") + component.digests.front().algorithm + " " +
                component.digests.front().value.substr(0, 12) + "… [" +
                std::string(mark(component.digests.front().origin)) + "]";
      }
      if (!line.empty()) {
        part += "    " + line + "\n";
      }
      for (const evidence::Claim* claim : claims_of(document, component)) {
        if (claim->outcome == evidence::Agreement::contradicts) {
          part += "    CONTRADICTED  " + base::printable(claim_text(*claim)) + "\n";
        }
      }
    }
    if (count > 0) {
      out += "\n" + std::string(heading.text) + " (" + base::grouped(count) + ")\n" + part;
      if (count > 200) {
        out += "  and " + base::grouped(count - 200) + " more\n";
      }
    }
  }
  std::map<std::string, std::uint64_t> ecosystems;
  std::map<std::string, std::uint64_t> licences;
  for (const Component& component : document.components) {
    if (component.kind == Kind::library) {
      ++ecosystems[component.purl.substr(4, component.purl.find('/') - 4)];
      const std::string expression = licence_expression(value_of(component, "licence"));
      ++licences[expression.empty() ? "not stated" : expression];
    }
  }
  if (!ecosystems.empty()) {
    out += "\nPackages\n";
    for (const auto& [ecosystem, count] : ecosystems) {
      out += "  " + ecosystem + ": " + base::grouped(count) + "\n";
    }
    out += "  licences: ";
    std::string line;
    for (const auto& [licence, count] : licences) {
      line += (line.empty() ? "" : ", ") + licence + " " + base::grouped(count);
    }
    out += base::printable(line) + "\n";
  }
  if (!document.bills.empty()) {
    out += "\nDocuments of others\n";
    for (const evidence::Bill& bill : document.bills) {
      out += "  " + base::printable(bill.path) + ": " +
             (bill.format.empty()
                  ? "not read"
                  : bill.format + " " + bill.version + ", " + base::counted(bill.components.size(), "component")) +
             "\n";
      for (const evidence::ListedComponent& component : bill.components) {
        if (component.outcome == "other-digest") {
          out += "    CONTRADICTED  lists " + base::printable(component.name) + " with another digest than " +
                 base::printable(component.asset) + " has\n";
        }
      }
      for (std::size_t i = 0; i < bill.missing.size() && i < 20; ++i) {
        out += "    does not list " + base::printable(bill.missing[i]) + "\n";
      }
      for (std::size_t i = 0; i < bill.problems.size() && i < 20; ++i) {
        out += "    " + base::printable(bill.problems[i]) + "\n";
      }
    }
  }
  for (const std::string& note : document.notes) {
    out += "\nnote: " + base::printable(note) + "\n";
  }
  return out;
}

}  // namespace bom
