#include <re2/re2.h>

#include <algorithm>

#include "base/text.h"
#include "scan/code/code.h"
#include "scan/code/shell.h"
#include "scan/dependencies/dependencies.h"

namespace scan {
namespace {

using base::Value;
using evidence::Severity;

/// Text of a member that is one string or a list of lines, with the file's line of each line.
struct Lines {
  std::string text;
  std::vector<std::uint32_t> numbers;
};
void append(const Value& value, Lines& out) {
  const auto add = [&](const Value& piece) {
    const std::string_view text = piece.as_text();
    if (out.numbers.empty() || out.text.ends_with('\n')) {
      out.numbers.push_back(std::max(piece.line(), 1U));
    }
    out.text += text;
    for (std::size_t at = text.find('\n'); at != std::string_view::npos && at + 1 < text.size();
         at = text.find('\n', at + 1)) {
      out.numbers.push_back(std::max(piece.line(), 1U));
    }
  };
  if (value.is_list()) {
    for (const Value& piece : value.as_list()) {
      add(piece);
    }
  } else if (value.is_string()) {
    add(value);
  }
}

std::string text_of(const Value& value) {
  Lines lines;
  append(value, lines);
  return lines.text;
}

class NotebookJudge {
 public:
  NotebookJudge(const std::string& path, Collector& out) : path_(path), out_(out) {}

  void run(const Value& root) {
    const Value* language = root["metadata"].find("language_info");
    const std::string_view name = language != nullptr ? (*language)["name"].as_text("python")
                                                      : root["metadata"]["kernelspec"]["language"].as_text("python");
    python_ = base::to_lower(name).find("python") != std::string::npos || base::to_lower(name) == "ipython";
    cells(root["cells"]);
    for (const Value& sheet : root["worksheets"].as_list()) {
      cells(sheet["cells"]);
    }
    // All cells share their names, so they are read as one program.
    PythonUse use;
    use.lines = &code_.numbers;
    shown();
    if (python_ && !code_.text.empty()) {
      judge_python(code_.text, path_, out_, use);
    }
  }

 private:
  void report(std::string_view rule, std::uint32_t line, std::string subject, std::string message,
              std::optional<Severity> severity = std::nullopt) {
    Sighting sighting{path_, "line " + std::to_string(line), 0,
                      line,  base::abbreviate(subject, 200), std::move(message)};
    severity ? out_.add(rule, *severity, std::move(sighting)) : out_.add(rule, std::move(sighting));
  }

  void cells(const Value& list) {
    for (const Value& cell : list.as_list()) {
      const std::string_view type = cell["cell_type"].as_text();
      if (type == "code") {
        Lines source;
        append(cell.find("source") != nullptr ? cell["source"] : cell["input"], source);
        code_cell(source);
        for (const Value& output : cell["outputs"].as_list()) {
          active(output["data"]);
          active(output);  // version 3 keeps "html" and "javascript" beside "output_type"
        }
      } else if (type == "markdown" || type == "raw" || type == "heading" || type == "html") {
        const std::string text = text_of(cell["source"]);
        html(text, cell["source"].line(), true);
        active(cell["attachments"]);
      }
    }
  }

  void code_cell(const Lines& source) {
    std::string_view text = source.text;
    const std::string_view opening = base::trim(text.substr(0, 200));
    const std::uint32_t first = source.numbers.empty() ? 1 : source.numbers.front();
    if (opening.starts_with("%%")) {
      const std::string_view magic = opening.substr(2, opening.find_first_of(" \n\t") == std::string_view::npos
                                                           ? opening.size()
                                                           : opening.find_first_of(" \n\t") - 2);
      const std::string_view whole_line = opening.substr(0, opening.find('\n'));
      const std::size_t body_at = text.find('\n', text.find("%%"));
      const std::string_view body = body_at == std::string_view::npos ? std::string_view() : text.substr(body_at + 1);
      if (magic == "bash" || magic == "sh" || magic == "script" || magic == "system" || magic == "sx" || magic == "!" ||
          magic == "cmd" || magic == "powershell" || magic == "zsh") {
        command(body, first);
      } else if (magic == "javascript" || magic == "js" || magic == "html" || magic == "HTML") {
        html(magic == "html" || magic == "HTML" ? std::string(body) : "<script>" + std::string(body) + "</script>",
             first, false);
      } else if (magic == "writefile" || magic == "file") {
        written_file(whole_line, body, first);
      } else if (magic == "capture" || magic == "time" || magic == "timeit" || magic == "prun") {
        lines(body, first, source, 1);
      } else if (magic == "perl" || magic == "ruby" || magic == "python2" || magic == "python3" || magic == "python" ||
                 magic == "pypy") {
        if (magic.starts_with("py")) {
          judge_python(body, path_, out_, {nullptr, first, false, 0});
        } else {
          command(body, first);
        }
      }
      return;
    }
    lines(text, first, source, 0);
  }

  void written_file(std::string_view opening, std::string_view body, std::uint32_t line) {
    static const re2::RE2 kAutorun(
        R"((authorized_keys|\.bashrc|\.profile|\.zshrc|/etc/cron|sitecustomize\.py|usercustomize\.py|\.ipython/profile_\w+/startup|LaunchAgents))");
    if (re2::RE2::PartialMatch(re2::StringPiece(opening.data(), opening.size()), kAutorun)) {
      report("persistence", line, std::string(opening),
             "The cell writes a file that is run by itself at start or log-in.");
    }
    if (opening.find(".py") != std::string_view::npos) {
      judge_python(body, path_, out_, {nullptr, line, false, 0});
    } else if (opening.find(".sh") != std::string_view::npos) {
      command(body, line);
    }
  }

  /// Python with lines of magics and shell escapes between; the rest joins the program of the notebook.
  void lines(std::string_view text, std::uint32_t first, const Lines& source, std::size_t offset) {
    std::size_t index = offset;
    const auto number = [&](std::size_t i) { return i < source.numbers.size() ? source.numbers[i] : first; };
    if (!code_.text.empty() && !code_.text.ends_with('\n')) {
      code_.text += '\n';
    }
    while (!text.empty()) {
      const std::size_t end = text.find('\n');
      std::string line(text.substr(0, end));
      text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
      const std::uint32_t at = number(index++);
      std::string_view bare = base::trim(line);
      // x = !command
      static const re2::RE2 kAssigned(R"(^[\w., ]+=\s*[!%](.*)$)");
      re2::StringPiece assigned;
      const bool magic = bare.starts_with('!') || bare.starts_with('%');
      const bool escape =
          magic || re2::RE2::FullMatch(re2::StringPiece(bare.data(), bare.size()), kAssigned, &assigned);
      if (!escape || !python_) {
        code_.numbers.push_back(at);
        code_.text += line + "\n";
        continue;
      }
      std::string command_text = magic ? std::string(bare.substr(1)) : std::string(assigned.data(), assigned.size());
      const bool percent = bare.starts_with('%');
      std::size_t continued = 0;
      while (command_text.ends_with('\\') && !text.empty()) {
        const std::size_t next = text.find('\n');
        command_text.back() = ' ';
        command_text += std::string(base::trim(text.substr(0, next)));
        text = next == std::string_view::npos ? std::string_view() : text.substr(next + 1);
        ++index;
        ++continued;
      }
      // What a command prints goes on as a value: x = !cat file.
      if (!magic && command_text.find_first_of("'\\") == std::string::npos) {
        code_.text += line.substr(0, line.find('=') + 1) + " _shell('" + command_text + "')";
      }
      for (std::size_t k = 0; k <= continued; ++k) {
        code_.numbers.push_back(at);
        code_.text += "\n";
      }
      escaped(command_text, percent, at);
    }
  }

  void escaped(std::string_view text, bool percent, std::uint32_t line) {
    text = base::trim(text);
    if (text.starts_with('!')) {
      text.remove_prefix(1);
    }
    for (const std::string_view magic : {"system ", "sx ", "sc ", "bash ", "time ", "env ", "capture "}) {
      if (percent && text.starts_with(magic)) {
        text.remove_prefix(magic.size());
      }
    }
    if (percent && (text.starts_with("run ") || text.starts_with("load ")) &&
        text.find("://") != std::string_view::npos) {
      const std::string host = host_of(text);
      const bool known = is_known_host(host) && text.find("http://") == std::string_view::npos;
      report("runs-download", line, "%" + std::string(text), "The cell runs a program from an address.",
             known || text.starts_with("load ") ? Severity::medium : Severity::high);
      return;
    }
    if (percent && text.starts_with("load_ext")) {
      return;
    }
    static const re2::RE2 kPip(
        R"(^(?:(?:sudo|-m|python3?|uv|conda run)\s+)*(?:-m\s+)?(?:pip3?|uv pip|conda|mamba)\s+install\s+(.*)$)");
    re2::StringPiece rest;
    if (re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), kPip, &rest)) {
      judge_pip_arguments({rest.data(), rest.size()}, path_, line, out_);
    }
    command(text, line);
  }

  void command(std::string_view text, std::uint32_t line) {
    if (const auto sighting = shell_attack(text)) {
      const bool plain = sighting->deed == ShellDeed::fetch_and_run && !sighting->insecure;
      report("attack-command", line, sighting->excerpt, "The cell " + std::string(deed_words(sighting->deed)) + ".",
             plain ? Severity::medium : Severity::high);
    }
  }

  /// What the code of the cells hands to the browser as constant text: HTML("…"), Javascript("""…""").
  void shown() {
    static const re2::RE2 kCall(
        R"re(\b(HTML|Javascript|Markdown|display_html|display_javascript)\s*\(\s*(?:data\s*=\s*)?[rbuRBU]{0,2}(?:\"\"\"([^\\]+?)\"\"\"|'''([^\\]+?)'''|"([^"\n]+)"|'([^'\n]+)'))re");
    re2::StringPiece left(code_.text);
    re2::StringPiece call;
    re2::StringPiece parts[4];
    const char* counted = code_.text.data();
    std::size_t row = 0;
    while (re2::RE2::FindAndConsume(&left, kCall, &call, &parts[0], &parts[1], &parts[2], &parts[3])) {
      row += static_cast<std::size_t>(std::count(counted, call.data(), '\n'));
      counted = call.data();
      std::string text;
      for (const re2::StringPiece& part : parts) {
        text.append(part.data(), part.size());
      }
      const bool script = call.ends_with("avascript");
      html(script ? "<script>" + text + "</script>" : text, row < code_.numbers.size() ? code_.numbers[row] : 1, false);
    }
  }

  /// Outputs by type.
  void active(const Value& data) {
    for (const auto& [type, value] : data.as_map()) {
      if (type == "text/html" || type == "html" || type == "image/svg+xml" || type == "svg" ||
          type == "text/markdown") {
        html(text_of(value), value.line(), false);
      } else if (type == "application/javascript" || type == "javascript") {
        html("<script>" + text_of(value) + "</script>", value.line(), false);
      } else if (value.is_map() && type != "metadata") {
        active(value);
      }
    }
  }

  void html(const std::string& text, std::uint32_t line, bool markdown) {
    if (text.find('<') == std::string::npos && text.find("javascript:") == std::string::npos) {
      return;
    }
    struct Act {
      re2::RE2 pattern;
      const char* words;
      Severity severity;
    };
    static const Act kActs[] = {
        {R"((?i)(IPython|Jupyter)\.notebook\.(kernel\.)?execute)", "Active content runs code in the notebook's kernel.",
         Severity::high},
        {R"((?i)kernel\.(execute|requestExecute)\s*\()", "Active content runs code in the notebook's kernel.",
         Severity::high},
        {R"((?i)\beval\s*\(\s*(atob|unescape|String\.fromCharCode))", "Active content runs text that was encoded.",
         Severity::high},
        {R"((?i)(document\.cookie|localStorage\.getItem|_xsrf)[\s\S]{0,300}(fetch\s*\(|XMLHttpRequest|sendBeacon|new Image|\.src\s*=|location))",
         "Active content sends cookies or tokens away.", Severity::high},
        {R"((?i)(fetch\s*\(|XMLHttpRequest|sendBeacon\s*\(|new Image|\.src\s*=)[\s\S]{0,300}(document\.cookie|localStorage|_xsrf))",
         "Active content sends cookies or tokens away.", Severity::high},
        {R"((?i)(fetch|\.open)\s*\(\s*['"](POST['"]\s*,\s*['"])?[^'"]{0,40}/api/(terminals|kernels|contents|sessions))",
         "Active content calls the notebook server.", Severity::high},
        {R"((?i)<(iframe|object|embed)[^>]{0,300}(src|data|srcdoc)\s*=\s*["']?\s*(javascript:|data:text/html|&lt;script|<script))",
         "A frame holds active content.", Severity::medium},
        {R"((?i)<iframe[^>]{0,400}(width\s*=\s*["']?[01]["' ]|height\s*=\s*["']?[01]["' ]|display\s*:\s*none|visibility\s*:\s*hidden)[^>]{0,200}src\s*=\s*["']?https?:|<iframe[^>]{0,200}src\s*=\s*["']?https?:[^>]{0,300}(width\s*=\s*["']?[01]["' />]|height\s*=\s*["']?[01]["' />]|display\s*:\s*none|visibility\s*:\s*hidden))",
         "A frame that nobody sees loads an address.", Severity::medium},
        {R"((?i)<(img|svg|body|video|audio|input|details|marquee|div|a|iframe|math|object)\b[^>]{0,300}\son(error|load|mouseover|toggle|focus|click|begin)\s*=\s*["']?[^>]{0,200}(fetch|eval|atob|document\.|location|XMLHttpRequest|import\(|alert\(|Function\())",
         "An element runs a script when it is shown.", Severity::medium},
        {R"((?i)(href|src|action)\s*=\s*["']?\s*javascript:\s*[^"'\s>;v])", "A link runs a script.", Severity::medium},
        {R"((?i)\]\(\s*javascript:)", "A link runs a script.", Severity::medium},
    };
    const re2::StringPiece whole(text);
    for (const Act& act : kActs) {
      re2::StringPiece match;
      if (act.pattern.Match(whole, 0, whole.size(), re2::RE2::UNANCHORED, &match, 1)) {
        report("notebook-active-content", std::max(line, 1U), std::string(match.data(), match.size()), act.words,
               act.severity);
        return;
      }
    }
    static const re2::RE2 kSource(R"((?i)<script[^>]{0,200}\ssrc\s*=\s*["']?((?:https?:)?//[^"'\s>]{1,300}))");
    re2::StringPiece left = whole;
    re2::StringPiece address;
    while (re2::RE2::FindAndConsume(&left, kSource, &address)) {
      std::string url(address.data(), address.size());
      url = url.starts_with("//") ? "https:" + url : url;
      const std::string host = host_of(url);
      static constexpr std::string_view kLibraries[] = {
          "plot.ly",          "plotly.com",        "bokeh.org",        "pydata.org",
          "d3js.org",         "jquery.com",        "bootstrapcdn.com", "vega.io",
          "mathjax.org",      "skypack.dev",       "esm.sh",           "esm.run",
          "mapbox.com",       "openstreetmap.org", "gstatic.com",      "polyfill.io",
          "rawgit.com",       "holoviz.org",       "pyodide.org",      "twitter.com",
          "wolframcloud.com", "jupyter.org",       "highcharts.com",   "echarts.apache.org",
          "fontawesome.com",  "cesium.com",        "geogebra.org",     "colab.research.google.com"};
      const bool library =
          is_known_host(host) || std::any_of(std::begin(kLibraries), std::end(kLibraries), [&](std::string_view known) {
            return host == known || host.ends_with("." + std::string(known));
          });
      if (!library && host != "localhost" && !host.starts_with("127.")) {
        report("notebook-active-content", std::max(line, 1U), url,
               "A script is loaded from an address that serves no known library.", Severity::medium);
        return;
      }
    }
    if (markdown && text.find("<script") != std::string::npos) {
      static const re2::RE2 kScript(
          R"((?i)<script[^>]{0,100}>[\s\S]{0,1000}(fetch\s*\(|eval\s*\(|document\.write|XMLHttpRequest|location\s*=))");
      re2::StringPiece match;
      if (kScript.Match(whole, 0, whole.size(), re2::RE2::UNANCHORED, &match, 1)) {
        report("notebook-active-content", std::max(line, 1U), std::string(match.data(), match.size()),
               "A text cell holds a script.", Severity::medium);
      }
    }
  }

  const std::string& path_;
  Collector& out_;
  Lines code_;
  bool python_ = true;
};

}  // namespace

void judge_notebook(const Value& document, const std::string& path, Collector& out) {
  NotebookJudge(path, out).run(document);
}

}  // namespace scan
