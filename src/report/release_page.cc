#include "report/release_page.h"

#include "base/digest.h"
#include "base/markup.h"
#include "base/text.h"
#include "report/words.h"

namespace report {
namespace {

// One style for light and dark, for paper and for a telephone.
constexpr std::string_view kStyle = R"(
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--line:#d0d7de;--paper:#fff;--code:#f6f8fa;--warn:#9a3412}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9aa4b0;--line:#3a424c;--paper:#14181d;--code:#1d232a;--warn:#fdba74}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,sans-serif}
main{max-width:60rem;margin:0 auto;padding:2rem 1.25rem 4rem}
h1{font-size:1.75rem;line-height:1.25;margin:0 0 .25rem;overflow-wrap:anywhere}
h2{font-size:1.2rem;margin:2.25rem 0 .5rem}
h3{font-size:1rem;margin:1.5rem 0 .25rem}
p{margin:.5rem 0}
.soft{color:var(--soft)}
.note{border-left:4px solid var(--warn);padding:.25rem 0 .25rem 1rem;margin:1.25rem 0}
pre{background:var(--code);border:1px solid var(--line);border-radius:6px;padding:.75rem 1rem;white-space:pre-wrap;overflow-wrap:anywhere;margin:.5rem 0}
code,pre,td.hex{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.875rem}
td.hex,dd code{overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1.25rem;margin:1rem 0}
dt{color:var(--soft)}
dd{margin:0;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%;margin:.5rem 0}
th,td{text-align:left;vertical-align:top;padding:.4rem .75rem .4rem 0;border-bottom:1px solid var(--line)}
th{color:var(--soft);font-weight:600}
td:first-child{min-width:9.5rem;overflow-wrap:anywhere}
@media (max-width:40rem){
main{padding:1.25rem 1rem 3rem}
dl{grid-template-columns:1fr;gap:0}
dd{margin-bottom:.6rem}
thead{display:none}
tr{display:block;border-bottom:1px solid var(--line);padding:.5rem 0}
td{display:block;border:0;padding:0}
}
)";

// Commands hold line feeds, which printable() would show.
std::string escaped_lines(std::string_view text) {
  std::string out;
  for (const std::string_view line : base::split(text, '\n')) {
    out += (out.empty() ? "" : "\n") + base::markup_text(line);
  }
  return out;
}

std::string entry(std::string_view name, const std::string& html) {
  return "<dt>" + std::string(name) + "</dt><dd>" + html + "</dd>\n";
}

}  // namespace

std::string release_page(const ReleasePage& page) {
  const base::Sha256 style = base::sha256(kStyle);
  const std::string name = base::markup_text(page.name);
  std::string out = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  out += "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-" +
         base::to_base64(std::as_bytes(std::span(style.bytes))) + "'; base-uri 'none'; form-action 'none'\">\n";
  out += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Verify " + name +
         "</title>\n<style>" + std::string(kStyle) + "</style>\n</head>\n<body>\n<main>\n";
  out += "<h1>Verify " + name + "</h1>\n<p class=\"soft\">Released " + base::markup_text(base::to_iso8601(page.time)) +
         " with Surety " + base::markup_text(page.tool_version) + "</p>\n<dl>\n";
  out += entry("Files", base::grouped(page.files) + ", " + base::human_bytes(page.bytes));
  out += entry("Digest over all files", "<code>" + base::markup_text(page.root) + "</code>");
  if (!page.key_fingerprint.empty()) {
    out += entry("Signed by key", "<code>" + base::markup_text(page.key_fingerprint) + "</code>");
  }
  out +=
      "</dl>\n<div class=\"note\"><p><strong>This page came with the files.</strong> Whoever could change them could "
      "change it. Compare the key above with one that you have from the publisher by another way: from their site, "
      "from "
      "an earlier release, or in person. Then everything below rests on that key.</p></div>\n<h2>Steps</h2>\n";
  std::size_t number = 0;
  for (const ReleaseStep& step : page.steps) {
    out += "<h3>" + std::to_string(++number) + ". " + base::markup_text(step.title) + "</h3>\n<p>" +
           base::markup_text(step.text) + "</p>\n<pre><code>" + escaped_lines(step.command) + "</code></pre>\n";
  }
  out +=
      "<h2>Beside the "
      "model</h2>\n<table>\n<thead><tr><th>File</th><th>What</th><th>SHA-256</th></tr></thead>\n<tbody>\n";
  for (const ReleasePart& part : page.parts) {
    out += "<tr><td>" + base::markup_text(part.path) + "</td><td>" + base::markup_text(part.role) +
           "</td><td class=\"hex\">" + base::markup_text(part.sha256) + "</td></tr>\n";
  }
  out += "</tbody>\n</table>\n";
  if (!page.missing.empty()) {
    out += "<h2>What is missing</h2>\n<ul>\n";
    for (const auto& [role, reason] : page.missing) {
      out += "<li><strong>" + base::markup_text(role) + "</strong>: " + base::markup_text(reason) + "</li>\n";
    }
    out += "</ul>\n";
  }
  out += "<h2>Files of the model</h2>\n<table>\n<thead><tr><th>File</th><th>SHA-256</th></tr></thead>\n<tbody>\n";
  for (const auto& [file, digest] : page.listed) {
    out +=
        "<tr><td>" + base::markup_text(file) + "</td><td class=\"hex\">" + base::markup_text(digest) + "</td></tr>\n";
  }
  out += "</tbody>\n</table>\n";
  if (page.listed.size() < page.files) {
    out += "<p class=\"soft\">The first " + base::grouped(page.listed.size()) + " of " + base::grouped(page.files) +
           "; SHA256SUMS has them all.</p>\n";
  }
  return out + "</main>\n</body>\n</html>\n";
}

}  // namespace report
