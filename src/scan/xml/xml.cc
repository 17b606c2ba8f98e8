#include "scan/xml/xml.h"

#include <algorithm>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/text.h"
#include "formats/xml/xml.h"
#include "scan/code_words.h"

namespace scan {
namespace {

namespace xml = formats::xml;
using evidence::Severity;

// PMML 4.4.1, "Built-in functions".
constexpr std::string_view kBuiltIn[] = {"+",
                                         "-",
                                         "*",
                                         "/",
                                         "min",
                                         "max",
                                         "sum",
                                         "avg",
                                         "median",
                                         "product",
                                         "log10",
                                         "ln",
                                         "sqrt",
                                         "abs",
                                         "exp",
                                         "pow",
                                         "threshold",
                                         "floor",
                                         "ceil",
                                         "round",
                                         "rint",
                                         "modulo",
                                         "isMissing",
                                         "isNotMissing",
                                         "isValid",
                                         "isNotValid",
                                         "equal",
                                         "notEqual",
                                         "lessThan",
                                         "lessOrEqual",
                                         "greaterThan",
                                         "greaterOrEqual",
                                         "and",
                                         "or",
                                         "not",
                                         "isIn",
                                         "isNotIn",
                                         "if",
                                         "uppercase",
                                         "lowercase",
                                         "stringLength",
                                         "substring",
                                         "trimBlanks",
                                         "concat",
                                         "replace",
                                         "matches",
                                         "formatNumber",
                                         "formatDatetime",
                                         "dateDaysSinceYear",
                                         "dateSecondsSinceYear",
                                         "dateSecondsSinceMidnight",
                                         "normalCDF",
                                         "normalPDF",
                                         "stdNormalCDF",
                                         "stdNormalPDF",
                                         "normalIDF",
                                         "stdNormalIDF",
                                         "erf",
                                         "expm1",
                                         "hypot",
                                         "ln1p",
                                         "sin",
                                         "asin",
                                         "sinh",
                                         "cos",
                                         "acos",
                                         "cosh",
                                         "tan",
                                         "atan",
                                         "tanh",
                                         "multiply",
                                         "divide",
                                         "subtract",
                                         "add"};

constexpr std::string_view kScriptElements[] = {"script",  "javascript", "python", "groovy", "exec",      "eval",
                                                "command", "shell",      "code",   "jython", "beanshell", "java-code"};

constexpr std::string_view kXslt = "http://www.w3.org/1999/XSL/Transform";

bool is_any(std::string_view word, std::span<const std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// Whether an address leaves the folder of the document.
bool leads_elsewhere(std::string_view address) {
  return address.find("://") != std::string_view::npos || address.starts_with("file:") || address.starts_with("jar:") ||
         address.starts_with("data:") || address.starts_with("gopher:") || address.starts_with("php:") ||
         address.starts_with("expect:") || address.starts_with("/") || address.starts_with("\\") ||
         address.find("../") != std::string_view::npos || address.find("..\\") != std::string_view::npos;
}

bool is_address(std::string_view text) {
  return text.find("://") != std::string_view::npos;
}

/// The document types that old PMML and common XML refer to by their public addresses.
bool is_known_type(const xml::Doctype& type) {
  const std::string lower = base::to_lower(type.system_id);
  for (const std::string_view host : {"http://www.dmg.org/",
                                      "https://www.dmg.org/",
                                      "http://dmg.org/",
                                      "https://dmg.org/",
                                      "http://www.w3.org/",
                                      "https://www.w3.org/",
                                      "http://www.springframework.org/",
                                      "http://java.sun.com/",
                                      "http://mybatis.org/",
                                      "http://xml.apache.org/",
                                      "http://www.apple.com/dtds/",
                                      "https://www.apple.com/dtds/",
                                      "http://www.oasis-open.org/",
                                      "http://docbook.org/",
                                      "http://checkstyle.",
                                      "https://checkstyle.",
                                      "http://logging.apache.org/",
                                      "http://hibernate.",
                                      "http://www.hibernate.org/",
                                      "http://www.puppycrawl.com/"}) {
    if (lower.starts_with(host)) {
      return true;
    }
  }
  return false;
}

/// Serialised Java objects (java.beans.XMLDecoder, XStream) that run code as they are read.
bool is_java_gadget(std::string_view name) {
  const std::string lower = base::to_lower(name);
  for (const std::string_view part : {"processbuilder",
                                      "java.lang.runtime",
                                      "java.lang.process",
                                      "javax.script",
                                      "java.beans.eventhandler",
                                      "dynamic-proxy",
                                      "javax.naming",
                                      "java.net.url",
                                      "java.io.fileoutputstream",
                                      "java.io.printwriter",
                                      "java.io.filewriter",
                                      "templatesimpl",
                                      "javax.imageio",
                                      "com.sun.jndi",
                                      "bcel",
                                      "java.rmi",
                                      "methodclosure",
                                      "groovy.",
                                      "org.mozilla.javascript",
                                      "spel."}) {
    if (lower.find(part) != std::string::npos) {
      return true;
    }
  }
  return false;
}

class Judge final : public xml::Visitor {
 public:
  Judge(const Content& content, Collector& out, bool model) : content_(content), out_(out), model_(model) {}

  void element(std::string_view space, std::string_view name, const std::vector<xml::Attribute>& attributes,
               std::uint64_t offset) override {
    flush();
    offset_ = offset;
    const auto attribute = [&](std::string_view key) -> std::string_view {
      for (const xml::Attribute& one : attributes) {
        if (one.name == key) {
          return one.value;
        }
      }
      return {};
    };
    if (name == "include" && space == "http://www.w3.org/2001/XInclude") {
      const std::string_view target = attribute("href");
      if (model_ || leads_elsewhere(target)) {
        add("xml-external-entity", "XInclude of " + std::string(target), "The document includes another file.");
      }
    }
    const bool first = first_;
    first_ = false;
    if (is_java_gadget(name) ||
        ((name == "object" || name == "void" || name == "new") && is_java_gadget(attribute("class")))) {
      add("xml-script", std::string(name) + " " + std::string(attribute("class")),
          "The document holds a serialised Java object that runs code when it is read.");
    } else if (first && name == "java" && attribute("class").find("XMLDecoder") != std::string_view::npos) {
      add("xml-script", Severity::medium, "java " + std::string(attribute("class")),
          "The document is a serialised Java object: whoever reads it calls what it names.");
    }
    if (!model_) {
      return;
    }
    if (space == kXslt || space.starts_with("http://xml.apache.org/xalan") || space.starts_with("xalan://")) {
      add("xml-script", "XSLT element " + std::string(name), "A style sheet stands in the model.");
    }
    const std::string lower = base::to_lower(name);
    const bool foreign = !space.empty() && space.find("dmg.org/PMML") == std::string_view::npos;
    if (is_any(lower, kScriptElements) && (foreign || lower != "code")) {
      add("xml-script", "element " + std::string(name), "An element that holds a script stands in the model.");
    }
    if (name == "Apply") {
      judge_function(attribute("function"));
    } else if (name == "DefineFunction") {
      defined_.emplace(attribute("name"));
    } else if (name == "TableLocator") {
      add("pmml-external-table", "TableLocator", "");
    }
    if (name == "Extension") {
      const std::string hint =
          base::to_lower(std::string(attribute("name")) + " " + std::string(attribute("extender")));
      if ((has_word(hint, "script") || has_word(hint, "python") || has_word(hint, "groovy") || has_word(hint, "exec") ||
           has_word(hint, "command") || has_word(hint, "eval")) &&
          !attribute("value").empty() && attribute("value").size() > 3) {
        add("xml-script", Severity::medium, "Extension " + hint + ": " + std::string(attribute("value")),
            "An extension of the model is named as a script.");
      }
    }
    for (const xml::Attribute& one : attributes) {
      judge_model_text(one.value, std::string(name) + "/@" + std::string(one.name), content_.path, offset,
                       content_.depth, out_);
      if (one.name == "schemaLocation" || one.name == "noNamespaceSchemaLocation") {
        judge_schema(one.value);
      } else if (one.value.starts_with("jdbc:") || one.value.starts_with("ldap:") || one.value.starts_with("rmi:") ||
                 one.value.starts_with("file:") || one.value.starts_with("jar:")) {
        add("pmml-external-table", std::string(one.name) + "=" + std::string(one.value), "");
      } else if (name == "Extension" && one.name == "value" && is_address(one.value)) {
        add("pmml-external-table", Severity::medium, "Extension: " + std::string(one.value),
            "An extension of the model names an address.");
      }
    }
    inside_ = name;
  }

  void text(std::string_view text) override {
    if (!model_) {
      return;
    }
    // Long texts are judged in parts that overlap, so that nothing is cut in two.
    constexpr std::size_t kMost = 1U << 20;
    constexpr std::size_t kOverlap = 4096;
    if (text_.size() + text.size() > kMost && text_.size() > kOverlap) {
      std::string kept = text_.substr(text_.size() - kOverlap);
      flush();
      text_ = std::move(kept);
    }
    text_.append(text);
  }
  void end(std::string_view /*name*/) override { flush(); }

  void instruction(std::string_view target, std::string_view data, std::uint64_t offset) override {
    offset_ = offset;
    if (target == "xml-stylesheet" && model_) {
      const bool far =
          data.find("data:") != std::string_view::npos || data.find("javascript:") != std::string_view::npos;
      add(far ? "xml-script" : "xml-style-sheet", "xml-stylesheet " + std::string(data), "");
    } else if (model_ && (target == "php" || target == "python" || target == "perl" || target == "jsp")) {
      add("xml-script", std::string(target) + " " + std::string(data), "A processing instruction holds a program.");
    }
    if (model_) {
      judge_model_text(data, "processing instruction", content_.path, offset, content_.depth, out_);
    }
  }

  void finish() {
    flush();
    for (const auto& [name, offset] : functions_) {
      if (!defined_.contains(name)) {
        offset_ = offset;
        judge_unknown_function(name);
      }
    }
  }

  void add(std::string_view rule, std::string subject, std::string message) {
    out_.add(rule, {content_.path, byte_place(offset_), offset_, 0, std::move(subject), std::move(message)});
  }
  void add(std::string_view rule, Severity severity, std::string subject, std::string message) {
    out_.add(rule, severity, {content_.path, byte_place(offset_), offset_, 0, std::move(subject), std::move(message)});
  }
  void at(std::uint64_t offset) { offset_ = offset; }

 private:
  void flush() {
    if (!text_.empty()) {
      if (text_.size() > 4) {
        judge_model_text(text_, inside_.empty() ? "text" : "text of " + inside_, content_.path, offset_, content_.depth,
                         out_);
      }
      text_.clear();
    }
  }
  void judge_function(std::string_view name) {
    if (is_any(name, kBuiltIn) || functions_.size() > 100'000 || !seen_.emplace(name).second) {
      return;
    }
    functions_.emplace_back(name, offset_);
  }
  /// Evaluators in Java take a dotted name for a class; others pass a name to an interpreter.
  void judge_unknown_function(const std::string& name) {
    const std::string lower = base::to_lower(name);
    const bool dotted = name.find('.') != std::string::npos || name.find(':') != std::string::npos ||
                        name.find('(') != std::string::npos || name.find('#') != std::string::npos;
    static constexpr std::string_view kDangerous[] = {"eval",   "exec",      "system", "execute", "shell",  "popen",
                                                      "import", "load",      "open",   "runtime", "script", "compile",
                                                      "spawn",  "loadclass", "invoke", "getattr"};
    if (is_any(lower, kDangerous) || is_java_gadget(name) || lower.starts_with("java:") || lower.starts_with("java.") ||
        lower.starts_with("javax.") || !code_in(name + "(").empty()) {
      add("pmml-foreign-function", Severity::high, name,
          "Apply calls '" + name + "' of the program that evaluates it.");
    } else if (dotted) {
      add("pmml-foreign-function", name, "Apply calls '" + name + "' of the program that evaluates it.");
    }
  }
  void judge_schema(std::string_view value) {
    for (const std::string_view one : base::split(value, ' ')) {
      const std::string lower = base::to_lower(base::trim(one));
      const bool local = lower.starts_with("file:") || lower.starts_with("ftp:") || lower.starts_with("jar:") ||
                         lower.starts_with("gopher:") || lower.starts_with("/") || lower.starts_with("../");
      const std::size_t host = lower.find("://");
      const bool numeric =
          host != std::string::npos && host + 3 < lower.size() && lower[host + 3] >= '0' && lower[host + 3] <= '9';
      if (local || numeric) {
        add("xml-external-entity", Severity::medium, "schema at " + std::string(one),
            "The document names a schema elsewhere, which validating readers fetch.");
      }
    }
  }

  const Content& content_;
  Collector& out_;
  bool model_;
  bool first_ = true;
  std::uint64_t offset_ = 0;
  std::string text_;
  std::string inside_;
  std::unordered_set<std::string> seen_;
  std::vector<std::pair<std::string, std::uint64_t>> functions_;
  std::set<std::string, std::less<>> defined_;
};

void judge_types(const xml::Document& document, bool model, Judge& judge) {
  const xml::Doctype& type = document.doctype;
  judge.at(type.offset);
  if (!type.system_id.empty() && !is_known_type(type) && (model || leads_elsewhere(type.system_id))) {
    const bool far = leads_elsewhere(type.system_id);
    judge.add("xml-external-entity", far && model ? Severity::high : Severity::medium, "DOCTYPE " + type.system_id,
              "The document names a document type elsewhere, which readers may fetch.");
  }
  constexpr std::uint64_t kBomb = 4U << 20;
  if (document.largest_expansion >= kBomb) {
    judge.add("xml-entity-bomb",
              document.largest_expansion == UINT64_MAX ? std::string("an entity within itself")
                                                       : base::grouped(document.largest_expansion) + " characters",
              "");
  }
  for (const xml::Entity& one : document.entities) {
    judge.at(one.offset);
    const std::string name = (one.parameter ? "%" : "&") + one.name;
    if (one.external && (model || leads_elsewhere(one.system_id))) {
      if (!model && is_known_type({true, "", one.system_id, one.public_id, false, 0})) {
        continue;  // the usual sets of characters
      }
      judge.add("xml-external-entity", name + " " + one.system_id,
                "The entity " + name + " stands for '" + one.system_id + "'.");
    } else if (model && one.parameter) {
      judge.add("xml-entity", Severity::high, name + " " + one.value, "A parameter entity rewrites the document type.");
    } else if (model) {
      judge.add("xml-entity", name + " " + one.value, "");
    }
  }
}

bool judge_xml(const Content& content, Collector& out) {
  const bool model = content.format == "pmml";
  Judge judge(content, out, model);
  out.format(content.format);
  const xml::Document document = xml::read(content.bytes, judge);
  judge.finish();
  judge_types(document, model, judge);
  for (const base::Error& problem : document.problems) {
    judge.at(problem.offset);
    if (problem.code == base::Errc::unsupported) {
      const std::string name = base::to_lower(document.declared_encoding);
      const bool disguise = name.starts_with("utf-7") || name.starts_with("utf7") || name.starts_with("ibm") ||
                            name.starts_with("cp0") || name.starts_with("ebcdic") || name.starts_with("x-");
      if (model || disguise) {
        judge.add("xml-encoding", document.declared_encoding,
                  "The document is in the encoding '" + document.declared_encoding + "', which is not read.");
      }
      out.not_covered(content.path, "XML in encoding " + document.declared_encoding);
      continue;
    }
    if (problem.code == base::Errc::too_large) {
      judge.add(problem.message.find("mplification") != std::string::npos ? "xml-entity-bomb" : "xml-defect",
                problem.message, "");
    } else if (model) {
      judge.add("xml-defect", problem.message, "The document breaks its format: " + problem.message + ".");
    }
    if (model) {
      out.not_covered(content.path, problem.message);
    }
  }
  return true;
}

}  // namespace

std::span<const Reading> xml_readings() {
  static constexpr Reading kReadings[] = {
      {"pmml", Need::any, judge_xml},
      {"xml", Need::any, judge_xml},
  };
  return kReadings;
}

}  // namespace scan
