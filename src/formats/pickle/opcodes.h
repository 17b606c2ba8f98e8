#pragma once

#include <array>
#include <cstdint>

/// The pickle machine's instruction set. Source: Python's Lib/pickle.py and Modules/_pickle.c, protocols 0 to 5.
namespace formats::pickle {

/// What follows an opcode in the stream.
enum class Argument : std::uint8_t {
  invalid,  ///< No such opcode.
  none,
  u1,
  u2,
  i4,
  u4,
  u8,
  f8,
  line,  ///< Up to '\n'.
  two_lines,
  bytes_u1,  ///< A length and that many bytes.
  bytes_u4,
  bytes_i4,  ///< The length is signed and must not be negative.
  bytes_u8,
};

enum Opcode : std::uint8_t {
  kMark = '(',
  kStop = '.',
  kPop = '0',
  kPopMark = '1',
  kDup = '2',
  kFloat = 'F',
  kInt = 'I',
  kBinInt = 'J',
  kBinInt1 = 'K',
  kLong = 'L',
  kBinInt2 = 'M',
  kNone = 'N',
  kPersId = 'P',
  kBinPersId = 'Q',
  kReduce = 'R',
  kString = 'S',
  kBinString = 'T',
  kShortBinString = 'U',
  kUnicode = 'V',
  kBinUnicode = 'X',
  kAppend = 'a',
  kBuild = 'b',
  kGlobal = 'c',
  kDict = 'd',
  kEmptyDict = '}',
  kAppends = 'e',
  kGet = 'g',
  kBinGet = 'h',
  kInst = 'i',
  kLongBinGet = 'j',
  kList = 'l',
  kEmptyList = ']',
  kObj = 'o',
  kPut = 'p',
  kBinPut = 'q',
  kLongBinPut = 'r',
  kSetItem = 's',
  kTuple = 't',
  kEmptyTuple = ')',
  kSetItems = 'u',
  kBinFloat = 'G',
  kProto = 0x80,
  kNewObj = 0x81,
  kExt1 = 0x82,
  kExt2 = 0x83,
  kExt4 = 0x84,
  kTuple1 = 0x85,
  kTuple2 = 0x86,
  kTuple3 = 0x87,
  kNewTrue = 0x88,
  kNewFalse = 0x89,
  kLong1 = 0x8a,
  kLong4 = 0x8b,
  kBinBytes = 'B',
  kShortBinBytes = 'C',
  kShortBinUnicode = 0x8c,
  kBinUnicode8 = 0x8d,
  kBinBytes8 = 0x8e,
  kEmptySet = 0x8f,
  kAddItems = 0x90,
  kFrozenSet = 0x91,
  kNewObjEx = 0x92,
  kStackGlobal = 0x93,
  kMemoize = 0x94,
  kFrame = 0x95,
  kByteArray8 = 0x96,
  kNextBuffer = 0x97,
  kReadonlyBuffer = 0x98,
};

inline constexpr std::uint8_t kHighestProtocol = 5;

constexpr std::array<Argument, 256> make_arguments() {
  std::array<Argument, 256> table{};
  for (const std::uint8_t op :
       {kMark,       kStop,      kPop,       kPopMark,     kDup,     kNone,       kBinPersId,     kReduce,   kAppend,
        kBuild,      kDict,      kEmptyDict, kAppends,     kList,    kEmptyList,  kObj,           kSetItem,  kTuple,
        kEmptyTuple, kSetItems,  kNewObj,    kTuple1,      kTuple2,  kTuple3,     kNewTrue,       kNewFalse, kEmptySet,
        kAddItems,   kFrozenSet, kNewObjEx,  kStackGlobal, kMemoize, kNextBuffer, kReadonlyBuffer}) {
    table[op] = Argument::none;
  }
  for (const std::uint8_t op : {kBinInt1, kBinGet, kBinPut, kProto, kExt1}) {
    table[op] = Argument::u1;
  }
  for (const std::uint8_t op : {kBinInt2, kExt2}) {
    table[op] = Argument::u2;
  }
  for (const std::uint8_t op : {kBinInt, kExt4}) {
    table[op] = Argument::i4;
  }
  for (const std::uint8_t op : {kLongBinGet, kLongBinPut}) {
    table[op] = Argument::u4;
  }
  table[kFrame] = Argument::u8;
  table[kBinFloat] = Argument::f8;
  for (const std::uint8_t op : {kFloat, kInt, kLong, kPersId, kString, kUnicode, kGet, kPut}) {
    table[op] = Argument::line;
  }
  for (const std::uint8_t op : {kGlobal, kInst}) {
    table[op] = Argument::two_lines;
  }
  for (const std::uint8_t op : {kShortBinString, kLong1, kShortBinBytes, kShortBinUnicode}) {
    table[op] = Argument::bytes_u1;
  }
  for (const std::uint8_t op : {kBinUnicode, kBinBytes}) {
    table[op] = Argument::bytes_u4;
  }
  for (const std::uint8_t op : {kBinString, kLong4}) {
    table[op] = Argument::bytes_i4;
  }
  for (const std::uint8_t op : {kBinUnicode8, kBinBytes8, kByteArray8}) {
    table[op] = Argument::bytes_u8;
  }
  return table;
}
inline constexpr std::array<Argument, 256> kArguments = make_arguments();

}  // namespace formats::pickle
