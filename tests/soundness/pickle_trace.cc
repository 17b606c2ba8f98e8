// Reads pickles from standard input, each behind its length in four bytes (little-endian), and prints a line of JSON
// for each: what the pickle machine saw, in order, and the verdict of the scanner on a file of these bytes.

#include <cstdint>
#include <iostream>
#include <string>
#include <string_view>

#include "evidence/observation.h"
#include "formats/pickle/machine.h"
#include "scan/scan.h"

namespace {

using formats::pickle::Kind;
using formats::pickle::Machine;
using formats::pickle::Opcode;
using formats::pickle::Place;
using formats::pickle::Value;

std::string hex(std::string_view text) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out + '"';
}

/// Writes events as a JSON list of lists. Names are in hexadecimal, as they may be any bytes.
class Trace final : public formats::pickle::Observer {
 public:
  [[nodiscard]] std::string json() const { return '[' + events_ + ']'; }

  void on_global(const Machine& machine, std::uint64_t index, Place) override {
    const auto& global = machine.globals()[index];
    event("\"import\"," + hex(global.module) + ',' + hex(global.name));
  }
  void on_computed_global(const Machine&, Value, Value, Place) override { event("\"computed\""); }
  void on_extension(const Machine&, std::uint64_t code, Place) override {
    event("\"extension\"," + std::to_string(code));
  }
  void on_call(const Machine& machine, Opcode, Value callee, Value, Value, Place) override {
    const formats::pickle::Global* global = callee.kind() == Kind::global ? machine.maker(callee) : nullptr;
    event(global == nullptr ? "\"call\"" : "\"call\"," + hex(global->module) + ',' + hex(global->name));
  }
  void on_build(const Machine&, Value, Value, Place) override { event("\"method\""); }
  void on_mutation(const Machine&, Opcode, Value, Place) override { event("\"method\""); }
  void on_nested(const Machine&, base::Bytes, Place) override {}
  void on_expensive(const Machine&, std::string_view, Place) override {}

 private:
  void event(const std::string& text) { events_ += (events_.empty() ? "[" : ",[") + text + ']'; }

  std::string events_;
};

/// How a reader treats frames whose end is not where an opcode and its argument end.
enum class Frames {
  ignored,  // as the C machine does with bytes in memory
  dropped,  // as it does with a file: what is left of a frame when a read crosses its end is lost
  read,     // as pickle.py, which goes on behind a frame when its pickle has stopped
};

/// All pickles of the bytes, read as by one Unpickler.
std::string trace(std::string bytes, Frames frames) {
  std::uint64_t frames_from = 0;
  for (int cuts = 0;; ++cuts) {
    Machine machine(base::as_bytes(bytes), {});
    machine.ignore_frames_before(frames_from);
    Trace out;
    std::uint64_t at = 0;
    bool first = true;
    formats::pickle::Run run;
    while (first || at < bytes.size()) {
      run = machine.run(at, !first, out);
      if (run.how != formats::pickle::End::stopped || (frames == Frames::dropped && run.cut_end != 0)) {
        break;
      }
      first = false;
      at = frames == Frames::read ? std::max(run.end, run.frame_end) : run.end;
    }
    if (frames != Frames::dropped || run.cut_end == 0 || cuts == 100) {
      return out.json();
    }
    frames_from = run.cut_begin;
    bytes.erase(static_cast<std::size_t>(run.cut_begin), static_cast<std::size_t>(run.cut_end - run.cut_begin));
  }
}

}  // namespace

int main() {
  std::ios::sync_with_stdio(false);
  char head[4];
  while (std::cin.read(head, sizeof head)) {
    std::uint32_t length = 0;
    for (unsigned i = 0; i < 4; ++i) {
      length |= static_cast<std::uint32_t>(static_cast<unsigned char>(head[i])) << (8 * i);
    }
    std::string pickle(length, '\0');
    if (!std::cin.read(pickle.data(), static_cast<std::streamsize>(length))) {
      return 1;
    }
    evidence::Asset asset;
    asset.path = "model.pkl";
    asset.kind = evidence::AssetKind::model;
    const auto scan = scan::judge(asset, base::as_bytes(pickle));
    std::cout << "{\"c memory\":" << trace(pickle, Frames::ignored) << ",\"c\":" << trace(pickle, Frames::dropped)
              << ",\"python\":" << trace(pickle, Frames::read)
              << ",\"clean\":" << (scan && scan->verdict == evidence::FileVerdict::clean ? "true" : "false") << "}\n";
  }
  return 0;
}
