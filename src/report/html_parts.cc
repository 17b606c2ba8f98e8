#include "report/html_parts.h"

#include "base/markup.h"

namespace report::html {

std::string t(std::string_view text) {
  return base::markup_text(one_line(text));
}

std::string path(std::string_view text) {
  return "<code>" + base::markup_text(text) + "</code>";
}

std::string slug(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool kept = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.';
    out += kept ? c : '-';
  }
  return out;
}

std::string element(std::string_view name, std::string_view content, std::string_view classes) {
  std::string out = "<" + std::string(name);
  if (!classes.empty()) {
    out += " class=\"" + std::string(classes) + "\"";
  }
  return out + ">" + std::string(content) + "</" + std::string(name) + ">";
}

std::string pill(std::string_view classes, std::string_view words) {
  return element("span", words, "pill pill-" + std::string(classes));
}

std::string pill(Status status) {
  return pill(slug(key(status)), label(status));
}

std::string fact(std::string_view name, std::string_view content) {
  return content.empty() ? std::string() : "<dt>" + std::string(name) + "</dt><dd>" + std::string(content) + "</dd>\n";
}

std::string anchor(std::string_view provision) {
  return "p-" + slug(provision);
}

std::string provision_link(std::string_view provision) {
  return "<a href=\"#" + anchor(provision) + "\">" + t(provision) + "</a>";
}

std::string section(std::string_view id, std::string_view title, Fold fold) {
  return "<section id=\"" + std::string(id) + "\" aria-labelledby=\"" + std::string(id) +
         "-title\">\n<details class=\"fold\"" + (fold == Fold::open ? " open" : "") + ">\n<summary><h2 id=\"" +
         std::string(id) + "-title\">" + std::string(title) + "</h2></summary>\n";
}

}  // namespace report::html
