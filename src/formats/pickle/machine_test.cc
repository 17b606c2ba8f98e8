#include "formats/pickle/machine.h"

#include <gtest/gtest.h>

#include "formats/pickle/probe.h"

namespace formats::pickle {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

/// Writes down what it is told.
class Log final : public Observer {
 public:
  std::vector<std::string> lines;

  void on_global(const Machine& machine, std::uint64_t index, Place) override {
    lines.push_back("import " + machine.globals()[index].module + " " + machine.globals()[index].name);
  }
  void on_computed_global(const Machine& machine, Value module, Value name, Place) override {
    lines.push_back("computed " + machine.describe(module) + " " + machine.describe(name));
  }
  void on_extension(const Machine&, std::uint64_t code, Place) override {
    lines.push_back("extension " + std::to_string(code));
  }
  void on_call(const Machine& machine, Opcode, Value callee, Value arguments, Value, Place place) override {
    lines.push_back("call " + machine.describe(callee) + machine.describe(arguments) + " at " +
                    std::to_string(place.offset) + "," + std::to_string(place.opcode));
  }
  void on_build(const Machine& machine, Value object, Value state, Place) override {
    lines.push_back("build " + machine.describe(object) + " " + machine.describe(state));
  }
  void on_mutation(const Machine& machine, Opcode, Value object, Place) override {
    lines.push_back("mutate " + machine.describe(object));
  }
  void on_nested(const Machine&, base::Bytes content, Place place) override {
    lines.push_back("nested " + std::to_string(place.offset) + "+" + std::to_string(content.size()));
  }
  void on_expensive(const Machine&, std::string_view what, Place) override {
    lines.push_back("expensive " + std::string(what));
  }
};

struct Outcome {
  Run run;
  std::vector<std::string> lines;
};

Outcome carry_out(std::string_view stream, const Limits& limits = {}) {
  Machine machine(base::as_bytes(stream), limits);
  Log log;
  Outcome out;
  out.run = machine.run(0, false, log);
  out.lines = log.lines;
  return out;
}

using Lines = std::vector<std::string>;

TEST(PickleMachine, ReconstructsCallsOfEveryStyle) {
  EXPECT_EQ(carry_out("cos\nsystem\n(S'id'\ntR.").lines, (Lines{"import os system", "call os.system('id',) at 19,4"}));
  EXPECT_EQ(carry_out("(S'id'\nios\nsystem\n.").lines, (Lines{"import os system", "call os.system('id',) at 7,2"}));
  EXPECT_EQ(carry_out("(cos\nsystem\nS'id'\no.").lines, (Lines{"import os system", "call os.system('id',) at 18,3"}));
  EXPECT_EQ(carry_out("\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x02id\x85R."sv).lines,
            (Lines{"import os system", "call os.system('id',) at 20,6"}));
  EXPECT_EQ(carry_out("\x80\x02"
                      "cm\nC\n)}\x92.")
                .lines,
            (Lines{"import m C", "call m.C() at 9,4"}));
}

TEST(PickleMachine, PutStoresTheTopOfTheStack) {
  // The value put last was popped in between; what counts is what lay on the stack.
  const auto out =
      carry_out("\x80\x04\x8c\x02os\x8c\x01x0q\x00\x30\x8c\x06systemq\x01\x30h\x00h\x01\x93\x8c\x02id\x85R."sv);
  EXPECT_EQ(out.lines.front(), "import os system");
}

TEST(PickleMachine, MemoizeNumbersByTheMemosSize) {
  const auto out = carry_out("\x80\x04\x8c\x02osq\x05\x94\x30\x8c\x06system\x94\x30h\x01h\x02\x93\x8c\x02id\x85R."sv);
  EXPECT_EQ(out.run.how, End::stopped) << out.run.problem;
  EXPECT_EQ(out.lines.front(), "import os system");
}

TEST(PickleMachine, KeepsTheMemoOnlyWhenTold) {
  const std::string_view stream = "\x80\x04\x8c\x02os\x94\x8c\x06system\x94K\x01.\x80\x04h\x00h\x01\x93."sv;
  Machine machine(base::as_bytes(stream), {});
  Log log;
  const auto first = machine.run(0, false, log);
  ASSERT_EQ(first.how, End::stopped);
  EXPECT_EQ(machine.run(first.end, true, log).how, End::stopped);
  EXPECT_EQ(log.lines, (Lines{"import os system"}));
  const auto fresh = machine.run(first.end, false, log);
  EXPECT_EQ(fresh.how, End::malformed);
  EXPECT_EQ(fresh.problem, "GET: memo entry 0 was not set");
}

TEST(PickleMachine, DecodesNamesThatAreWrittenWithEscapes) {
  EXPECT_EQ(carry_out("V\\u006fs\nV\\u0073ystem\n\x93.").lines, (Lines{"import os system"}));
  EXPECT_EQ(carry_out("S'\\x6fs'\nS'\\163ystem'\n\x93.").lines, (Lines{"import os system"}));
}

TEST(PickleMachine, ReadsIndicesInPythonsDecimalGrammar) {
  EXPECT_EQ(carry_out("I1\np 1_0 \n0g+10\n.").run.how, End::stopped);
  EXPECT_EQ(carry_out("I1\npx\n.").run.problem, "PUT: the memo index is no number");
  EXPECT_EQ(carry_out("I1\np-1\n.").run.how, End::malformed);
}

TEST(PickleMachine, TellsComputedNamesExtensionsAndMutations) {
  EXPECT_EQ(carry_out("\x80\x04"
                      "cbuiltins\nstr\n\x8c\x02os\x85R\x8c\x06system\x93."sv)
                .lines.back(),
            "computed builtins.str('os') 'system'");
  EXPECT_EQ(carry_out("\x80\x02\x82\x07."sv).lines, (Lines{"extension 7"}));
  EXPECT_EQ(carry_out("\x80\x02"
                      "cm\nC\n)RK\x00K\x01s."sv)
                .lines.back(),
            "mutate m.C()");
  EXPECT_EQ(carry_out("\x80\x02"
                      "cm\nf\n}b."sv)
                .lines.back(),
            "build m.f {}");
}

TEST(PickleMachine, FindsPicklesWithinConstants) {
  EXPECT_EQ(carry_out("\x80\x04"
                      "C\x08\x80\x04\x8c\x02os\x94.."sv)
                .lines,
            (Lines{"nested 2+8"}));
}

TEST(PickleMachine, NamesWhatIsDearToLoad) {
  EXPECT_EQ(carry_out("K\x01r\xff\xff\xff\x7f."sv).lines.size(), 1U);
  EXPECT_EQ(carry_out("L" + std::string(5000, '9') + "L\n.").lines.size(), 1U);
  std::string bomb = "()";
  for (int i = 0; i < 60; ++i) {
    bomb += "2\x86";
  }
  EXPECT_EQ(carry_out(bomb + "K\x01"
                             "d.")
                .lines.size(),
            1U);
}

TEST(PickleMachine, SaysWhereAStreamBreaksAndWhatHadRun) {
  const std::string_view stream = "\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x02id\x85R."sv;
  for (std::size_t kept = 0; kept < stream.size(); ++kept) {
    SCOPED_TRACE(kept);
    const auto out = carry_out(stream.substr(0, kept));
    EXPECT_EQ(out.run.how, End::truncated);
    EXPECT_LE(out.run.problem_offset, kept);
    EXPECT_EQ(out.run.calls, kept >= 21 ? 1U : 0U);
  }
  const auto broken = carry_out("cos\nsystem\n(S'id'\ntR\xff");
  EXPECT_EQ(broken.run.how, End::malformed);
  EXPECT_EQ(broken.run.problem, "opcode 0xff: no such opcode");
  EXPECT_EQ(broken.run.problem_offset, 20U);
  EXPECT_EQ(broken.run.calls, 1U);
}

TEST(PickleMachine, ReadsMemoIndicesAsEitherMachineDoes) {
  // The C machine reads a number up to a NUL; pickle.py takes numbers of any size.
  EXPECT_EQ(carry_out("Vos\np7\0junk\n0Vsystem\nq\x01\x30h\x07h\x01\x93."sv).lines, (Lines{"import os system"}));
  const std::string large = "+0" + std::string(30, '9');
  const auto out = carry_out("Vos\np" + large + "\n0Vsystem\nq\x01\x30g" + std::string(28, '9') + "_99\nh\x01\x93.");
  EXPECT_EQ(out.run.how, End::stopped) << out.run.problem;
  EXPECT_EQ(out.lines, (Lines{"import os system"}));
  EXPECT_EQ(carry_out("g" + large + "\n.").run.how, End::malformed);
  EXPECT_EQ(carry_out("p" + large + "\n.").run.problem, "PUT: the stack is empty");
  for (const std::string_view index :
       {"_1", "1_", "1__1", "", "\0", "9999999999999999999999x", "9999999999999999999__9"}) {
    EXPECT_EQ(carry_out("Np" + std::string(index) + "\n.").run.how, End::malformed) << index;
  }
  // MEMOIZE counts the large ones too.
  EXPECT_EQ(carry_out("Vos\np" + large + "\nVsystem\n\x94\x93h\x01.").run.how, End::stopped);
}

TEST(PickleMachine, CountsAMemoEntryOnceHoweverFarItWas) {
  const auto put = [](std::uint32_t index) {
    std::string out = "r";
    for (unsigned shift = 0; shift < 32; shift += 8) {
      out.push_back(static_cast<char>(index >> shift & 0xFF));
    }
    return out;
  };
  // 2,000,000 is put when far beyond all others, and again when the entries reach there.
  std::string stream = "N" + put(2'000'000);
  for (int i = 0; i < 600'000; ++i) {
    stream += "N\x94\x30";
  }
  stream += put(2'000'000) + "0Vos\n\x94Vsystem\n\x94";
  const std::uint32_t os = 600'001;
  stream += "j" + put(os).substr(1) + "j" + put(os + 1).substr(1) + "\x93.";
  const auto out = carry_out(stream);
  EXPECT_EQ(out.run.how, End::stopped) << out.run.problem;
  EXPECT_EQ(out.lines, (Lines{"import os system"}));
}

TEST(PickleMachine, CallsWithWhateverPickleDotPyUnpacks) {
  EXPECT_EQ(carry_out("cos\nsystem\n(S'id'\nlR.").lines, (Lines{"import os system", "call os.system['id'] at 19,4"}));
  EXPECT_EQ(carry_out("cos\nsystem\nS'i'\nR.").lines.size(), 2U);
  EXPECT_EQ(carry_out("cos\nsystem\n(S'id'\nNdR.").lines.size(), 2U);
  EXPECT_EQ(carry_out("cos\nsystem\n(S'id'\nl\x81.").lines.size(), 2U);
  EXPECT_EQ(carry_out("cos\nsystem\nI1\nR.").run.problem, "REDUCE: the arguments are no tuple");
  EXPECT_EQ(carry_out("cos\nsystem\nNR.").run.how, End::malformed);
}

TEST(PickleMachine, ImportsWhatPickleDotPyTakesFromACutLine) {
  // It strips the last byte, taking it for the end of the line, and fails only at the next opcode.
  EXPECT_EQ(carry_out("cos\nsystemX").lines, (Lines{"import os system"}));
  EXPECT_EQ(carry_out("(S'id'\nios\nsystemX").lines, (Lines{"import os system", "call os.system('id',) at 7,2"}));
  EXPECT_EQ(carry_out("cantigravityX").lines, (Lines{"import antigravity "}));
  EXPECT_EQ(carry_out("cos\n").lines, (Lines{"import os "}));
  for (const std::string_view stream : {"c"sv, "cx"sv, "i"sv, "c\n"sv, "c\nx"sv}) {
    const auto out = carry_out(stream);
    EXPECT_EQ(out.lines, Lines{}) << stream;
    EXPECT_EQ(out.run.how, End::truncated);
    EXPECT_EQ(out.run.end, stream.size());
  }
}

TEST(PickleMachine, TellsMethodsThatOnlyPickleDotPyCalls) {
  EXPECT_EQ(carry_out("cm\nC\n)R(e.").lines.back(), "mutate m.C()");  // extend() of nothing
  const auto odd = carry_out("cm\nC\n)R(I1\nI2\nI3\nu.");             // the first pair is set
  EXPECT_EQ(odd.run.how, End::malformed);
  EXPECT_EQ(odd.lines.back(), "mutate m.C()");
}

TEST(PickleMachine, TakesEscapesOfUnicodeLinesFromTheLeft) {
  EXPECT_EQ(carry_out("V\\\\u0061\nVx\n\x93.").lines, (Lines{"import \\\\u0061 x"}));
  EXPECT_EQ(carry_out("V\\\\\\u0061\nVx\n\x93.").lines, (Lines{"import \\\\a x"}));
}

TEST(PickleMachine, SaysWhichBytesAFileReaderDropsAtTheEndOfAFrame) {
  const auto frame = [](char length) {
    return "\x80\x04\x95"s + length + std::string(7, '\0');
  };  // ends at 11 + length
  const auto cut = [](const std::string& stream) {
    const auto run = carry_out(stream).run;
    return std::pair(run.cut_begin, run.cut_end);
  };
  using Cut = std::pair<std::uint64_t, std::uint64_t>;
  EXPECT_EQ(cut(frame(5) + "NVabc\n0."), Cut(13, 16));         // a line
  EXPECT_EQ(cut(frame(4) + "cmmos\nsystem\n."), Cut(12, 15));  // the module's
  EXPECT_EQ(cut(frame(5) + "cos\nsystem\n."), Cut(15, 16));    // the name's
  EXPECT_EQ(cut(frame(4) + "X\x02\0\0\0ab."s), Cut(12, 15));   // the length
  EXPECT_EQ(cut(frame(6) + "X\x02\0\0\0ab."s), Cut(16, 17));   // the text
  EXPECT_EQ(cut(frame(2) + "M\1\1."), Cut(12, 13));
  EXPECT_EQ(cut(frame(3) + "C\3abc."), Cut(0, 0));  // as is the content of bytes, which Python 3.7 dropped
  EXPECT_EQ(carry_out(frame(3) + "C\3abc.").run.crossed, 14U);
  EXPECT_EQ(cut(frame(11) + "\x96\3\0\0\0\0\0\0\0abc."s), Cut(0, 0));      // a byte array is read on
  EXPECT_EQ(cut(frame(11) + "N\x95\x09\0\0\0\0\0\0\0abc."s).second, 22U);  // a frame across the end of one
  for (const char length : {'\5', '\6', '\1'}) {
    EXPECT_EQ(cut(frame(length) + "NVab\n."), Cut(0, 0));
  }
}

TEST(PickleMachine, SaysWhereTheLastFrameEnds) {
  const auto out = carry_out("\x80\x04\x95\x05\0\0\0\0\0\0\0N.abcdefg"sv);
  EXPECT_EQ(out.run.end, 13U);
  EXPECT_EQ(out.run.frame_end, 16U);
  EXPECT_EQ(carry_out("\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\xffN."sv).run.frame_end, 13U);
}

TEST(PickleMachine, RefusesWhatCPythonRefuses) {
  EXPECT_EQ(carry_out("R.").run.problem, "REDUCE: the stack is empty");
  EXPECT_EQ(carry_out("t.").run.problem, "TUPLE: there is no mark");
  EXPECT_EQ(carry_out("I1\n(0.").run.how, End::stopped);  // POP takes the mark
  EXPECT_EQ(carry_out("\x80\x06N."sv).run.how, End::malformed);
  EXPECT_EQ(carry_out("T\xff\xff\xff\xff.").run.problem, "opcode 0x54: the length is negative");
  EXPECT_EQ(carry_out("\x8e\xff\xff\xff\xff\xff\xff\xff\xff.").run.how, End::truncated);
}

TEST(PickleMachine, StopsAtItsLimits) {
  Limits limits;
  limits.max_opcodes = 3;
  EXPECT_EQ(carry_out("NNNN.", limits).run.how, End::limit);
  limits.max_opcodes = 1'000'000;
  limits.max_stack = 8;
  EXPECT_EQ(carry_out(std::string(100, 'N') + ".", limits).run.how, End::limit);
  EXPECT_EQ(carry_out(std::string(100, '(') + ".", limits).run.how, End::limit);
  limits.max_stack = 100;
  limits.max_globals = 2;
  EXPECT_EQ(carry_out("ca\na\ncb\nb\ncc\nc\n.", limits).run.how, End::limit);
}

TEST(PickleMachine, StopsAtTheLimitOfOpcodesWhereverItFalls) {
  // Opcodes that are carried out in passing, and ones that are not, in turn.
  const std::string stream =
      "\x80\x04\x95\x1b\0\0\0\0\0\0\0]\x94(K\x01J\1\0\0\0\x8c\x02hi\x94h\0NI12\n\x88"
      "e}\x94(\x8c\x01k\x94h\x01u\x86."s;
  std::vector<std::uint64_t> offsets;  // of all opcodes
  std::uint64_t opcodes = 0;
  {
    const Outcome whole = carry_out(stream);
    ASSERT_EQ(whole.run.how, End::stopped) << whole.run.problem;
    opcodes = whole.run.opcodes;
  }
  std::uint64_t last = 0;
  for (std::uint64_t most = 1; most < opcodes; ++most) {
    SCOPED_TRACE(most);
    Limits limits;
    limits.max_opcodes = most;
    const Outcome cut = carry_out(stream, limits);
    EXPECT_EQ(cut.run.how, End::limit);
    EXPECT_EQ(cut.run.opcodes, most);
    EXPECT_TRUE(most == 1 || cut.run.problem_offset > last);
    last = cut.run.problem_offset;
    EXPECT_GT(cut.run.end, last);
  }
  for (std::size_t kept = 0; kept < stream.size(); ++kept) {
    const Outcome cut = carry_out(std::string_view(stream).substr(0, kept));
    EXPECT_NE(cut.run.how, End::stopped) << kept;
    EXPECT_LE(cut.run.end, kept);
  }
}

TEST(PickleMachine, SkipsTheBytesOfJoblibsArrays) {
  // A wrapper whose state says: three 8-byte numbers follow, aligned by two bytes.
  std::string stream =
      "\x80\x02"
      "cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}(";
  stream +=
      "U\x05shapeK\x03\x85U\x05"
      "dtypecnumpy\ndtype\n(U\x02"
      "f8\x89\x88tRU\x1bnumpy_array_alignment_bytesK\x10ub";
  stream +=
      "\x02"
      "zz";
  stream += std::string(24, '\xff') + "N.";
  const auto out = carry_out(stream);
  EXPECT_EQ(out.run.how, End::stopped) << out.run.problem;
  EXPECT_EQ(out.run.end, stream.size());
}

TEST(PickleMachine, FindsHiddenPicklesBehindJunk) {
  const std::string junk(1000, '\xfe');
  std::uint64_t budget = kHiddenBudget;
  for (const std::string_view pickle :
       {"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x02id\x85R."sv, "cos\nsystem\n(S'id'\ntR."sv,
        "(S'id'\nios\nsystem\n."sv, "\x8c\x02os\x8c\x06system\x93\x8c\x02id\x85R."sv}) {
    const std::string bytes = junk + std::string(pickle);
    EXPECT_EQ(find_hidden(base::as_bytes(bytes), 0, budget), junk.size());
  }
  std::string noise;
  std::uint32_t state = 1;
  for (int i = 0; i < 200000; ++i) {
    state = state * 1664525 + 1013904223;
    noise.push_back(static_cast<char>(state >> 24));
  }
  EXPECT_EQ(find_hidden(base::as_bytes(noise), 0, budget), std::nullopt);
  EXPECT_GT(budget, 0U);
}

}  // namespace
}  // namespace formats::pickle
