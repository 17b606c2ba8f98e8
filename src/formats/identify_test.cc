#include "formats/identify.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace formats {
namespace {

using namespace std::string_view_literals;

std::string first_format(std::string_view content, std::string_view name = "file") {
  const auto all = identify(base::as_bytes(content), name);
  return all.empty() ? "" : std::string(all.front().format);
}

bool has_format(std::string_view content, std::string_view format, std::string_view name = "file") {
  for (const auto& one : identify(base::as_bytes(content), name)) {
    if (one.format == format) {
      return true;
    }
  }
  return false;
}

TEST(Identify, KnowsFormatsByTheirMagic) {
  EXPECT_EQ(first_format("GGUF\x03\0\0\0"sv), "gguf");
  EXPECT_EQ(first_format("\x93NUMPY\x01\0"sv), "numpy");
  EXPECT_EQ(first_format("\x89PNG\r\n\x1a\n...."sv), "png");
  EXPECT_EQ(first_format("RIFF....WEBPVP8 "sv), "webp");
  EXPECT_EQ(first_format("PAR1....PAR1"sv), "parquet");
  EXPECT_EQ(first_format("\x1c\0\0\0TFL3...."sv), "tflite");
  EXPECT_EQ(first_format("\x89HDF\r\n\x1a\n........"sv), "hdf5");
  EXPECT_EQ(first_format("\x89HDF\r\n\x1a\n....model_config..."sv), "keras-h5");
  EXPECT_EQ(first_format("\x7F"
                         "ELF\x02\x01"sv),
            "elf");
  EXPECT_EQ(first_format("%PDF-1.7"sv), "pdf");
}

TEST(Identify, KnowsSafetensorsByHeaderLength) {
  const std::string_view good = "\x08\0\0\0\0\0\0\0{\"a\":{} }"sv;
  EXPECT_EQ(first_format(good), "safetensors");
  EXPECT_EQ(first_format("\xFF\xFF\0\0\0\0\0\0{}"sv), "");
  EXPECT_EQ(first_format("\xFF\xFF\0\0\0\0\0\0{}"sv, "x.safetensors"), "safetensors");
}

TEST(Identify, KnowsPicklesOfEveryProtocol) {
  EXPECT_TRUE(has_format("cos\nsystem\n(S'id'\ntR.", "pickle"));
  EXPECT_TRUE(has_format("(S'id'\nios\nsystem\n.", "pickle"));
  EXPECT_TRUE(has_format("\x80\x02K\x01."sv, "pickle"));
  EXPECT_TRUE(has_format("\x80\x04\x95\x02\0\0\0\0\0\0\0K\x01."sv, "pickle"));
  EXPECT_TRUE(has_format("\x80\x05]\x94."sv, "pickle"));
  EXPECT_TRUE(has_format("(lp0\nI1\naI2\na.", "pickle"));
  EXPECT_EQ(first_format("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e\x80\x02M\xe9\x03."sv),
            "torch-legacy");
}

TEST(Identify, DoesNotTakeTextForPickles) {
  EXPECT_FALSE(has_format("import os\nprint('hello')\n", "pickle"));
  EXPECT_FALSE(has_format("I am a sentence.\nAnother one.\n", "pickle"));
  EXPECT_FALSE(has_format("(this) is prose.\n", "pickle"));
  EXPECT_FALSE(has_format("class A:\n  pass\n", "pickle"));
  EXPECT_FALSE(has_format("count,size\n1,2\n3,4\n", "pickle"));
  EXPECT_FALSE(has_format("PROVIDER = 'x'\nNAME = 'y'\n", "pickle"));
  EXPECT_FALSE(has_format("Line one\nSecond\n", "pickle"));
  EXPECT_FALSE(has_format("}\n", "pickle"));
  EXPECT_FALSE(has_format("N.", "onnx"));
}

TEST(Identify, TellsRecordsFromDocuments) {
  EXPECT_EQ(first_format("{\"a\":1}\n{\"a\":2}\n"), "jsonl");
  EXPECT_EQ(first_format("{\n  \"a\": 1\n}\n"), "json");
  EXPECT_EQ(first_format("[1, 2]"), "json");
  EXPECT_EQ(first_format("a,b\n1,2\n", "data.csv"), "csv");
  EXPECT_EQ(first_format("a\tb\n1\t2\n", "data.tsv"), "tsv");
  EXPECT_EQ(first_format("[section]\nkey = value\n", "setup.cfg"), "");
}

TEST(Identify, KnowsProtocolBuffersByTheirFields) {
  // ir_version 8, producer_name, graph, opset_import.
  EXPECT_EQ(first_format("\x08\x08\x12\x02pt\x3a\x03\x0a\x01n\x42\x02\x10\x0d"sv), "onnx");
  // saved_model_schema_version 1, one meta graph.
  EXPECT_EQ(first_format("\x08\x01\x12\x04\x0a\x02\x0a\x00"sv, "saved_model.pb"), "tf-savedmodel");
  EXPECT_EQ(first_format("\x08\x08\x3a\x7f"sv), "");
}

TEST(Identify, ReadsEveryPrefixWithoutHarm) {
  const std::string_view samples[] = {"PK\x03\x04 junk PK\x05\x06\0\0\0\0\x01\0\x01\0\x40\0\0\0\x00\0\0\0\0\0"sv,
                                      "\x80\x04\x95\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x8c\x05hello\x94."sv,
                                      "\x08\x08\x12\x02pt\x3a\x03\x0a\x01n\x42\x02\x10\x0d"sv};
  for (const auto sample : samples) {
    for (std::size_t kept = 0; kept <= sample.size(); ++kept) {
      (void)identify(base::as_bytes(sample.substr(0, kept)), "x.bin");
    }
  }
}

}  // namespace
}  // namespace formats
