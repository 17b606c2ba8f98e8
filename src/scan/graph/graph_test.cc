#include <gtest/gtest.h>

#include <algorithm>

#include "scan/scan.h"

namespace scan {
namespace {

using namespace std::string_literals;
using evidence::FileVerdict;

evidence::FileScan look(std::string_view content, std::string_view path = "model.onnx") {
  evidence::Asset asset;
  asset.kind = evidence::AssetKind::model;
  asset.path = path;
  const auto result = judge(asset, base::as_bytes(content));
  return result ? *result : evidence::FileScan{};
}
bool found(const evidence::FileScan& scan, std::string_view rule) {
  return std::any_of(scan.findings.begin(), scan.findings.end(), [&](const auto& one) { return one.rule == rule; });
}

std::string bytes(int number, std::string_view content) {
  return static_cast<char>(number << 3 | 2) + std::string(1, static_cast<char>(content.size())) + std::string(content);
}
std::string number(int field, char value) {
  return std::string{static_cast<char>(field << 3), value};
}
std::string onnx(const std::string& graph) {
  return number(1, 8) + bytes(8, number(2, 17)) + bytes(7, graph);
}
std::string relu() {
  return bytes(1, bytes(1, "x") + bytes(2, "y") + bytes(4, "Relu"));
}
std::string external(std::string_view location) {
  return bytes(5, number(14, 1) + bytes(13, bytes(1, "location") + bytes(2, location)));
}
std::string saved_model(const std::string& nodes) {
  return number(1, 1) + bytes(2, bytes(1, bytes(4, "serve")) + bytes(2, nodes));
}
std::string node(std::string_view name, std::string_view op, const std::string& rest = "") {
  return bytes(1, bytes(1, name) + bytes(2, op) + rest);
}

TEST(JudgeOnnx, IsNotCleanWithoutOperatorSets) {
  const std::string graph = bytes(7, relu());
  EXPECT_EQ(look(number(1, 8) + bytes(8, number(2, 17)) + graph).verdict, FileVerdict::clean);
  EXPECT_EQ(look(number(1, 8) + graph).verdict, FileVerdict::incomplete);
}

TEST(JudgeOnnx, TellsDataOfOtherFilesFromDataBesideTheModel) {
  EXPECT_EQ(look(onnx(relu() + external("model.data"))).verdict, FileVerdict::clean);
  for (const std::string_view location : {"../x", "a/../../x", "/etc/passwd", "\\\\h\\s", "C:x", "http://h/x", "~/x",
                                          "a\\..\\..\\x", ".. /x", "$HOME/x"}) {
    EXPECT_TRUE(found(look(onnx(relu() + external(location))), "graph-external-path")) << location;
  }
}

TEST(JudgeOnnx, IsNeverCleanWhenCutOff) {
  const std::string model = onnx(relu() + external("model.data"));
  ASSERT_EQ(look(model).verdict, FileVerdict::clean);
  for (std::size_t kept = 1; kept < model.size(); ++kept) {
    EXPECT_NE(look(std::string_view(model).substr(0, kept)).verdict, FileVerdict::clean) << kept;
  }
}

TEST(JudgeOnnx, SeesBothOfTwoGraphs) {
  const auto scan = look(onnx(relu()) + bytes(7, external("../up")));
  EXPECT_TRUE(found(scan, "graph-ambiguous"));
  EXPECT_TRUE(found(scan, "graph-external-path"));
}

TEST(JudgeTensorflow, FollowsAFileNameToItsConstant) {
  const auto constant = [](std::string_view name, std::string_view text) {
    return node(name, "Const", bytes(5, bytes(1, "value") + bytes(2, bytes(8, number(1, 7) + bytes(8, text)))));
  };
  const auto scan = look(saved_model(constant("a", "/et") + constant("b", "c/passwd") +
                                     node("j", "StringJoin", bytes(3, "a") + bytes(3, "b:0")) +
                                     node("r", "ReadFile", bytes(3, "^a") + bytes(3, "j"))),
                         "saved_model.pb");
  ASSERT_TRUE(found(scan, "graph-file-access"));
  EXPECT_EQ(scan.findings[0].subject, "ReadFile (r) /etc/passwd");
  EXPECT_EQ(scan.verdict, FileVerdict::malicious);
}

TEST(JudgeTensorflow, SeesTheFileThatAConstantIsMappedFrom) {
  const auto mapped = [](std::string_view region) {
    return found(look(saved_model(node("c", "ImmutableConst",
                                       bytes(5, bytes(1, "memory_region_name") + bytes(2, bytes(2, region))))),
                      "saved_model.pb"),
                 "graph-file-access");
  };
  EXPECT_TRUE(mapped("/etc/passwd"));
  EXPECT_FALSE(mapped("memmapped_package://weights"));
}

TEST(JudgeTensorflow, ReadsTheTextFormatAsTheBinaryOne) {
  const auto scan =
      look("node { name: \"a\" op: \"Py\" 'Func' attr { key: \"token\" value { s: \"\\x70\\171\" } } }", "graph.pbtxt");
  ASSERT_TRUE(found(scan, "graph-code"));
  EXPECT_EQ(scan.findings[0].subject, "PyFunc (a) token py");
}

TEST(JudgeTensorflow, KnowsAGraphByItsContent) {
  EXPECT_TRUE(found(look(node("a", "PyFunc"), "weights.bin"), "graph-code"));
  EXPECT_TRUE(found(look(saved_model(node("a", "NoSuchOperator")), "x"), "graph-custom-operator"));
  EXPECT_EQ(look(saved_model(node("a", "NoOp")), "x").verdict, FileVerdict::clean);
}

}  // namespace
}  // namespace scan
