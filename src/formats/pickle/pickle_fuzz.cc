#include "formats/pickle/machine.h"

#include "formats/pickle/probe.h"

// No value the machine tells of leads out of the stream, describing it is bounded, and a run ends within the bytes.
namespace {

class Describer final : public formats::pickle::Observer {
 public:
  using Machine = formats::pickle::Machine;
  using Value = formats::pickle::Value;
  using Place = formats::pickle::Place;

  explicit Describer(std::size_t size) : size_(size) {}
  void on_global(const Machine& machine, std::uint64_t index, Place place) override {
    check(index < machine.globals().size());
    at(place);
  }
  void on_computed_global(const Machine& machine, Value module, Value name, Place place) override {
    show(machine, module);
    show(machine, name);
    at(place);
  }
  void on_extension(const Machine&, std::uint64_t code, Place place) override {
    check(code > 0);
    at(place);
  }
  void on_call(const Machine& machine, formats::pickle::Opcode, Value callee, Value arguments, Value keywords,
               Place place) override {
    show(machine, callee);
    show(machine, arguments);
    show(machine, keywords);
    at(place);
  }
  void on_build(const Machine& machine, Value object, Value state, Place place) override {
    show(machine, object);
    show(machine, state);
    for (const auto& [key, value] : machine.dunder_keys(state)) {
      (void)machine.text(key);
      show(machine, value);
    }
    at(place);
  }
  void on_mutation(const Machine& machine, formats::pickle::Opcode, Value object, Place place) override {
    show(machine, object);
    at(place);
  }
  void on_nested(const Machine&, base::Bytes content, Place place) override {
    check(content.size() <= size_ * 4);
    at(place);
  }
  void on_expensive(const Machine&, std::string_view what, Place place) override {
    check(!what.empty());
    at(place);
  }

 private:
  static void check(bool holds) {
    if (!holds) {
      __builtin_trap();
    }
  }
  void at(Place place) const { check(place.offset < size_); }
  void show(const Machine& machine, Value value) {
    if (shown_ < 50) {
      ++shown_;
      check(machine.describe(value).size() < 5000);
    }
    (void)machine.integer(value);
    (void)machine.items(value);
  }
  std::size_t size_;
  int shown_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace formats::pickle;
  const base::Bytes bytes(reinterpret_cast<const std::byte*>(data), size);
  Limits limits;
  limits.max_opcodes = 100'000;
  limits.max_stack = 100'000;
  Machine machine(bytes, limits);
  Describer describer(size);
  std::uint64_t at = 0;
  for (int i = 0; i < 4 && at < size; ++i) {
    const Run run = machine.run(at, i > 1, describer);
    if (run.end < at || run.end > size || (run.how == End::stopped) != run.problem.empty()) {
      __builtin_trap();
    }
    if (run.end == at) {
      break;
    }
    at = run.end;
  }
  const Probe probed = probe(bytes);
  std::uint64_t budget = 10'000;
  const auto hidden = find_hidden(bytes, 0, budget);
  if (probed.length > size || (hidden && *hidden >= size)) {
    __builtin_trap();
  }
  return 0;
}
