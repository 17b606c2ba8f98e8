#include "sign/names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> faults_of(const std::vector<std::string_view>& names) {
  std::vector<std::string> lines;
  for (const sign::NameFault& fault : sign::name_faults(names)) {
    lines.push_back(std::string(sign::to_string(fault.kind)) + ": " + fault.name +
                    (fault.other.empty() ? "" : " = " + fault.other));
  }
  return lines;
}

TEST(Names, OrdinaryNamesHaveNoFault) {
  EXPECT_THAT(faults_of({"a", "b/a", "b/c", "model-00001-of-00002.safetensors", "\xc3\xa9t\xc3\xa9.txt"}), IsEmpty());
}

TEST(Names, ThatDifferInCaseOnlyAreFaults) {
  EXPECT_THAT(faults_of({"Config.json", "config.json"}), ElementsAre("case-only: config.json = Config.json"));
  EXPECT_THAT(faults_of({"A/x", "a/y"}), ElementsAre("case-only: a = A"));
  EXPECT_THAT(faults_of({"\xc3\x89.txt", "\xc3\xa9.txt"}), ElementsAre("case-only: \xc3\xa9.txt = \xc3\x89.txt"));
  EXPECT_THAT(faults_of({"stra\xc3\x9f"
                         "e",
                         "strasse"}),
              ElementsAre("case-only: stra\xc3\x9f"
                          "e = strasse"));
}

TEST(Names, ThatDifferInUnicodeFormOnlyAreFaults) {
  EXPECT_THAT(faults_of({"e\xcc\x81", "\xc3\xa9"}), ElementsAre("unicode-form: \xc3\xa9 = e\xcc\x81"));
}

TEST(Names, ThatTurnTheDirectionOfTextAreFaults) {
  EXPECT_THAT(faults_of({"model\xe2\x80\xaeniam.py"}), ElementsAre("bidirectional: model\xe2\x80\xaeniam.py"));
  EXPECT_THAT(faults_of({"a\xe2\x81\xa6", "b\xd8\x9c/c"}),
              ElementsAre("bidirectional: a\xe2\x81\xa6", "bidirectional: b\xd8\x9c"));
}

TEST(Names, WithControlCharactersAreFaults) {
  EXPECT_THAT(faults_of({"a\nb"}), ElementsAre("control-character: a\nb"));
}

TEST(Names, ThatAreNotUtf8AreComparedAsTheyAre) {
  EXPECT_THAT(faults_of({"caf\xe9", "caf\xe8"}), IsEmpty());
}

TEST(Names, OnlySomeCanExistEverywhere) {
  for (const char* name : {"a", "a/b.c", ".gitignore", "console"}) {
    EXPECT_EQ(sign::unportable(name), "") << name;
  }
  for (const char* name : {"nul", "a/CON.txt", "a:b", "dir./x", "x ", "a\\b"}) {
    EXPECT_NE(sign::unportable(name), "") << name;
  }
  EXPECT_NE(sign::unportable(std::string(256, 'a')), "");
}

TEST(Names, OfWhatALoaderOpens) {
  EXPECT_TRUE(sign::is_loadable("a/B.SafeTensors"));
  EXPECT_TRUE(sign::is_loadable("libx.so.1"));
  EXPECT_FALSE(sign::is_loadable("README.md"));
  EXPECT_FALSE(sign::is_loadable("py"));
  EXPECT_THAT(sign::files_of_loader({"README.md", "config.json", "model.safetensors", "pytorch_model.bin",
                                     "onnx/model.onnx", "old/pytorch_model.bin", "logo.png"}),
              ElementsAre("config.json", "model.safetensors", "onnx/model.onnx", "old/pytorch_model.bin"));
}

}  // namespace
