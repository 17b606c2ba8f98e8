#include "scan/code/code.h"

#include <algorithm>
#include <cstring>
#include <functional>

#include "base/json.h"
#include "base/text.h"
#include "scan/template/template.h"
#include "scan/weights/weights.h"

namespace scan {
namespace {

/// Every text below a value, without recursion deeper than the parser's own limit.
void each_text(const base::Value& value, const std::function<void(std::string_view key, const base::Value&)>& visit,
               std::string_view key = {}) {
  if (value.is_map()) {
    for (const auto& [name, member] : value.as_map()) {
      visit(name, member);
      each_text(member, visit, name);
    }
  } else if (value.is_list()) {
    for (const base::Value& element : value.as_list()) {
      each_text(element, visit, key);
    }
  }
}

}  // namespace

void judge_config(std::string_view text, const std::string& path, Collector& out) {
  if (path.ends_with(".jinja") || path.ends_with(".jinja2") || path.ends_with(".j2")) {
    judge_template(text, path, 0, 1, out);
    return;
  }
  if (path.ends_with(".index.json")) {
    judge_weight_index(text, path, out);
  }
  const bool json = base::trim(text).starts_with('{');
  if (!json ||
      (text.find("auto_map") == std::string_view::npos && text.find("chat_template") == std::string_view::npos &&
       text.find("trust_remote_code") == std::string_view::npos &&
       text.find("custom_pipelines") == std::string_view::npos)) {
    return;
  }
  const auto document = base::parse_json_document(text);
  if (!document) {
    out.not_covered(path, document.error().message);
    return;
  }
  each_text(document->root, [&](std::string_view key, const base::Value& value) {
    const std::string place = "line " + std::to_string(value.line());
    if ((key == "chat_template" || key == "template") && value.is_string()) {
      judge_template(value.as_text(), path, 0, std::max(value.line(), 1U), out);
    } else if (key == "auto_map" && value.is_map()) {
      std::string names;
      for (const auto& [name, target] : value.as_map()) {
        const std::string_view first =
            target.is_list() && !target.as_list().empty() ? target.as_list()[0].as_text() : target.as_text();
        names += (names.empty() ? "" : ", ") + name + " -> " + std::string(first);
      }
      const bool elsewhere = names.find("--") != std::string::npos;
      out.add("remote-code", elsewhere ? evidence::Severity::medium : evidence::Severity::low,
              {path, place, 0, value.line(), names,
               elsewhere ? "The configuration names code in another repository." : ""});
    } else if (key == "trust_remote_code" && value.is_bool() && value.as_bool()) {
      out.add("trust-remote-code", {path, place, 0, value.line(), "trust_remote_code: true", ""});
    }
  });
}

}  // namespace scan
