#include "scan/collector.h"
#include "scan/text/route.h"

// Text of every kind: what is found lies within the text, and the same text is judged the same twice.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::string_view kNames[] = {
      "x.py",           "x.ipynb",      "config.json",       "x.yaml",       "requirements.txt",
      "pyproject.toml", "mcp.json",     "SKILL.md",          "package.json", "x.sh",
      "x.js",           "config.pbtxt", "config.properties", "setup.cfg",    "x.pth",
      "README.md",      "prompt.txt",   "environment.yml",   ".npmrc",       "x"};
  if (size < 1) {
    return 0;
  }
  const std::string path(kNames[data[0] % std::size(kNames)]);
  const base::Bytes content(reinterpret_cast<const std::byte*>(data) + 1, size - 1);
  const auto once = [&] {
    const scan::Limits limits;
    scan::Collector out(limits);
    (void)scan::judge_text(content, path, std::nullopt, out);
    evidence::Asset asset;
    asset.path = path;
    return out.finish(asset);
  };
  const evidence::FileScan first = once();
  const evidence::FileScan second = once();
  if (first.findings.size() != second.findings.size()) {
    __builtin_trap();
  }
  for (const evidence::Finding& finding : first.findings) {
    if (finding.line > size + 1 || finding.message.empty()) {
      __builtin_trap();
    }
  }
  return 0;
}
