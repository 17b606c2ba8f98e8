#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/byte_cursor.h"
#include "formats/pickle/opcodes.h"

/// The pickle machine over abstract values: what a stream would import, call and change, without doing it.
/// Rules of stack, marks and memo are CPython's (Modules/_pickle.c). Where the C machine and pickle.py differ, the
/// machine goes on where either would; tests/soundness holds it to that. Python before 3.6 looked for its operands
/// below marks too: what only such an old one carries out ends here as malformed.
namespace formats::pickle {

/// What is known of one object. Constants refer back to their opcode, so that a value is eight bytes.
enum class Kind : std::uint8_t {
  unknown,
  none,
  truth,    ///< True.
  falsity,  ///< False.
  integer,  ///< The payload of these is the offset of their opcode.
  floating,
  text,
  bytes,
  byte_array,
  list,  ///< The payload of these is an index of Machine's nodes.
  tuple,
  dict,
  set,
  frozen_set,
  global,      ///< The payload is an index of Machine::globals().
  call,        ///< What a call returned; the payload names the callee and the record of the call.
  object,      ///< What __new__ or a class returned; as above.
  persistent,  ///< What persistent_load would return.
  extension,   ///< What the extension registry holds; the payload is the code.
  buffer,      ///< An out-of-band buffer.
};

class Value {
 public:
  Value() = default;
  Value(Kind kind, std::uint64_t payload) : bits_(payload << 5 | static_cast<std::uint64_t>(kind)) {}
  [[nodiscard]] Kind kind() const { return static_cast<Kind>(bits_ & 31); }
  [[nodiscard]] std::uint64_t payload() const { return bits_ >> 5; }
  bool operator==(const Value&) const = default;

 private:
  std::uint64_t bits_ = 0;
};

/// A growing array of values. Grows in place where the system can, so that a memo of gigabytes is never there twice.
class ValueArray {
 public:
  ValueArray() = default;
  ~ValueArray();
  ValueArray(const ValueArray&) = delete;
  ValueArray& operator=(const ValueArray&) = delete;

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] Value* data() { return data_; }
  [[nodiscard]] Value& operator[](std::size_t index) { return data_[index]; }
  [[nodiscard]] Value back() const { return data_[size_ - 1]; }
  [[nodiscard]] std::span<const Value> span() const { return {data_, size_}; }
  void push_back(Value value) {
    if (size_ == capacity_) [[unlikely]] {
      grow();
    }
    data_[size_++] = value;
  }
  void drop(std::size_t count) { size_ -= count; }
  /// For who wrote into data() up to capacity().
  void set_size(std::size_t size) { size_ = size; }
  void clear() { size_ = 0; }

 private:
  void grow();  // throws bad_alloc

  Value* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

/// Limits on one run. Each stops an attack with a few bytes that cost much.
struct Limits {
  std::uint64_t max_opcodes = 200'000'000;    ///< Endless streams.
  std::uint64_t max_stack = 16'000'000;       ///< Stack exhaustion, marks included.
  std::uint64_t max_memo = 64'000'000;        ///< Entries; an index far above the number of opcodes is kept apart.
  std::uint64_t max_globals = 100'000;        ///< Distinct (module, name) pairs.
  std::uint64_t max_kept_values = 4'000'000;  ///< Contents of tuples kept for showing arguments; more are not shown.
  std::uint32_t max_depth = 8;                ///< Pickles within joblib's arrays of objects.
};

struct Global {
  std::string module;
  std::string name;
  std::uint64_t offset = 0;  ///< Of the opcode that first named it.
  std::uint64_t opcode = 0;  ///< Its index.
};

/// Where something happened: `offset` in the bytes given to the reader, `opcode` counted from the pickle's start.
struct Place {
  std::uint64_t offset = 0;
  std::uint64_t opcode = 0;
};

class Machine;

/// Told what the stream does, in the order in which CPython would do it. `machine` explains the values and is valid
/// during the call only.
class Observer {
 public:
  virtual ~Observer() = default;
  /// A module is imported and an attribute looked up. `index` is into machine.globals(); told once for each pair.
  virtual void on_global(const Machine& machine, std::uint64_t index, Place place) = 0;
  /// A module or attribute name that is no constant.
  virtual void on_computed_global(const Machine& machine, Value module, Value name, Place place) = 0;
  virtual void on_extension(const Machine& machine, std::uint64_t code, Place place) = 0;
  /// REDUCE, INST, OBJ, NEWOBJ, NEWOBJ_EX. `arguments` is a tuple or unknown, or something else that only pickle.py
  /// takes; `keywords` is a dict or unknown.
  virtual void on_call(const Machine& machine, Opcode opcode, Value callee, Value arguments, Value keywords,
                       Place place) = 0;
  /// BUILD: `object.__setstate__(state)` or an update of its attributes.
  virtual void on_build(const Machine& machine, Value object, Value state, Place place) = 0;
  /// APPEND(S), SETITEM(S), ADDITEMS on what is no list, dict or set: a method or operator of `object` runs.
  virtual void on_mutation(const Machine& machine, Opcode opcode, Value object, Place place) = 0;
  /// A constant that can itself be read as a pickle, an archive or something compressed, perhaps behind an encoding
  /// (Latin-1 as UTF-8, hexadecimal, base64). `content` is valid during the call; it points into the stream, but for
  /// text with escapes, which is decoded.
  virtual void on_nested(const Machine& machine, base::Bytes content, Place place) = 0;
  /// Cheap for the stream, dear for who loads it; `what` is a fragment such as "memo index 2147483647".
  virtual void on_expensive(const Machine& machine, std::string_view what, Place place) = 0;
  /// BINPERSID: `id` is given to persistent_load.
  virtual void on_persistent(const Machine& machine, Value id, Place place) { (void)machine, (void)id, (void)place; }
};

/// How a run ended.
enum class End : std::uint8_t {
  stopped,    ///< STOP was reached.
  truncated,  ///< The bytes ended first; what came before has run.
  malformed,  ///< An opcode could not be carried out; what came before has run.
  limit,      ///< A limit of ours; the rest was not looked at.
};

struct Run {
  std::uint64_t begin = 0;  ///< First byte.
  std::uint64_t end = 0;    ///< One past the last byte read.
  End how = End::stopped;
  std::string problem;  ///< Empty where it stopped; otherwise "BUILD: stack is empty".
  std::uint64_t problem_offset = 0;
  std::uint64_t opcodes = 0;
  std::uint64_t imports = 0;  ///< GLOBAL and its like carried out.
  std::uint64_t calls = 0;    ///< Calls carried out, BUILD included.
  std::uint64_t memo_reads = 0;
  std::uint8_t protocol = 0;  ///< The highest that PROTO named.
  /// Where the last frame ends by its own word; behind `end` where it is longer than the pickle. pickle.py, and the C
  /// machine where a new Unpickler follows, go on there and not at `end`.
  std::uint64_t frame_end = 0;
  /// Where the first read that crosses a frame's end begins, and that end; both 0 where none does. The C machine
  /// reading from a file drops the bytes in between, from memory it does not; pickle.py fails. No pickler writes such a
  /// stream.
  /// Contents of bytes objects are read on since Python 3.8, and do not count.
  std::uint64_t cut_begin = 0;
  std::uint64_t cut_end = 0;
  std::uint64_t crossed = 0;  ///< The end of the first frame that any read crosses; 0 where none does.
};

/// One machine reads one pickle after the other from the same bytes; run() starts with an empty stack, and with an
/// empty memo unless told to keep it, as load() of one Unpickler does. Not thread-safe; borrows the bytes.
class Machine {
 public:
  Machine(base::Bytes bytes, const Limits& limits);

  /// Carries out one pickle from `begin`.
  Run run(std::uint64_t begin, bool keep_memo, Observer& observer);

  /// Frames whose contents begin before `offset` set no bounds. For bytes from which a cut (see Run) was taken out: the
  /// reader has left all frames there.
  void ignore_frames_before(std::uint64_t offset) { frames_from_ = offset; }

  [[nodiscard]] const std::vector<Global>& globals() const { return globals_; }
  /// The global that was called to make `value` (call, object), or that it is.
  [[nodiscard]] const Global* maker(Value value) const;
  /// The text of a text constant.
  [[nodiscard]] std::optional<std::string> text(Value value) const;
  /// The bytes of a bytes or byte array constant, or of a text constant's encoded form.
  [[nodiscard]] base::Bytes raw(Value value) const;
  [[nodiscard]] std::optional<std::int64_t> integer(Value value) const;
  /// What a container holds as far as kept: keys and values alternate in a dict.
  [[nodiscard]] std::span<const Value> items(Value container) const;
  /// How many the container holds; more than items() gives where not all were kept.
  [[nodiscard]] std::uint64_t size(Value container) const;
  /// Whether items() is all of it.
  [[nodiscard]] bool is_whole(Value container) const { return items(container).size() == size(container); }
  /// Keys of a dict that begin and end with two underscores, and their values.
  [[nodiscard]] std::span<const std::pair<Value, Value>> dunder_keys(Value dict) const;
  /// What the call that made `value` was given; unknown where not kept.
  [[nodiscard]] Value callee(Value value) const;
  [[nodiscard]] Value arguments(Value value) const;
  /// Python text of a value, at most about `max_bytes`, printable.
  [[nodiscard]] std::string describe(Value value, std::size_t max_bytes = 300) const;

 private:
  struct Node {
    std::uint32_t begin = 0;  // in kept_
    std::uint32_t kept = 0;
    std::uint32_t total = 0;
    float weight = 1;  // leaves under it, counted as often as they are reached
  };
  struct Record {
    Value callee;
    Value arguments;
  };
  class Executor;
  friend class Executor;

  void describe_into(Value value, std::string& out, std::size_t max_bytes, int depth) const;

  base::Bytes bytes_;
  Limits limits_;
  ValueArray stack_;
  std::vector<std::uint32_t> marks_;
  ValueArray memo_;  // unset entries hold kUnset
  std::unordered_map<std::uint64_t, Value> far_memo_;
  std::unordered_map<std::string, Value> large_memo_;  // by their digits
  std::uint64_t memo_size_ = 0;                        // entries that are set
  std::vector<Node> nodes_;
  std::vector<Value> kept_;
  std::vector<Global> globals_;
  std::unordered_map<std::string, std::uint64_t> global_index_;
  std::string key_;  // reused to look up globals
  std::vector<Record> records_;
  std::unordered_map<std::uint64_t, std::vector<std::pair<Value, Value>>> dunder_keys_;
  std::uint64_t dunder_count_ = 0;
  std::uint32_t depth_ = 0;
  std::uint64_t frames_from_ = 0;
  std::uint64_t frame_end_ = 0;  // of the run before, for one that keeps the memo
};

/// The next offset at or after `from` where a pickle that names a callable plausibly starts. Fast over weights.
/// `budget` is lowered by the work done, in opcodes; at 0 the search ends without result.
[[nodiscard]] std::optional<std::uint64_t> find_hidden(base::Bytes bytes, std::uint64_t from, std::uint64_t& budget);
inline constexpr std::uint64_t kHiddenBudget = 20'000'000;  ///< And half an opcode for each byte of a file.

}  // namespace formats::pickle
