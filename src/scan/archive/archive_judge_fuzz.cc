#include <string>

#include "scan/scan.h"

namespace {

/// A torch archive whose data.pkl calls os.system, in the shortest form.
std::string evil() {
  using namespace std::string_literals;
  const std::string pickle = "cos\nsystem\n(S'echo inert'\ntR.";
  const auto le = [](std::uint64_t value, int width) {
    std::string out;
    for (int i = 0; i < width; ++i) {
      out.push_back(static_cast<char>(value >> (8 * i)));
    }
    return out;
  };
  const std::string rest = le(0, 4) + le(pickle.size(), 4) + le(pickle.size(), 4) + le(10, 2) + le(0, 2);
  const std::string local = "PK\x03\x04" + le(20, 2) + le(0, 8) + rest + "m/data.pkl" + pickle;
  const std::string central =
      "PK\x01\x02" + le(20, 2) + le(20, 2) + le(0, 8) + rest + le(0, 2) + le(0, 4) + le(0, 4) + le(0, 4) + "m/data.pkl";
  return local + central + "PK\x05\x06" + le(0, 4) + le(1, 2) + le(1, 2) + le(central.size(), 4) + le(local.size(), 4) +
         le(0, 2);
}

}  // namespace

// The first byte chooses: bytes as they are, or with an archive behind them that calls os.system. A verdict of clean
// means complete coverage and no finding; and whatever stands before such an archive, it is not clean.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) {
    return 0;
  }
  static const std::string kEvil = evil();
  constexpr const char* kNames[] = {"m.pt", "m.zip", "m.tar", "m.7z", "m.mar", "m.nemo", "m.gz", "m.bin"};
  std::string content(reinterpret_cast<const char*>(data) + 1, size - 1);
  const bool behind = data[0] >= 128;
  content += behind ? kEvil : "";
  if (content.empty()) {
    return 0;
  }
  evidence::Asset asset;
  asset.kind = evidence::AssetKind::model;
  asset.path = kNames[data[0] % 8];
  scan::Limits limits;
  limits.max_unpacked_bytes = 1 << 20;
  limits.max_opcodes = 100'000;
  limits.max_depth = 3;
  const auto judged = scan::judge(asset, base::as_bytes(content), limits);
  const bool clean = !judged || judged->verdict == evidence::FileVerdict::clean;
  if (clean && judged && (judged->coverage != evidence::Coverage::complete || !judged->findings.empty())) {
    __builtin_trap();
  }
  if (clean && behind) {
    __builtin_trap();
  }
  return 0;
}
