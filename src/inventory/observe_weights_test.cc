#include "inventory/observe_weights.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "inventory/observe_testing.h"

namespace inventory {
namespace {

std::string le(std::uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) {
    out += static_cast<char>(value >> (8 * i) & 0xFF);
  }
  return out;
}

std::string safetensors(const std::string& header, std::size_t data) {
  return le(header.size(), 8) + header + std::string(data, '\0');
}

const std::string kLlama =
    R"({"__metadata__":{"license":"mit"},"model.embed_tokens.weight":{"dtype":"F16","shape":[10,4],"data_offsets":[0,80]},)"
    R"("model.layers.0.self_attn.q_proj.weight":{"dtype":"F16","shape":[4,4],"data_offsets":[80,112]},)"
    R"("model.layers.2.self_attn.q_proj.weight":{"dtype":"F32","shape":[1],"data_offsets":[112,116]}})";

TEST(Weights, NamesAndShapesTellLayoutLayersAndEmbedding) {
  const Observed seen = see("m.safetensors", safetensors(kLlama, 116));
  const base::Value& told = seen.asset.attributes;
  EXPECT_EQ(told["layout"].as_text(), "llama");
  EXPECT_EQ(told["layers"].as_integer(), 3);
  EXPECT_EQ(told["vocabulary"].as_integer(), 10);
  EXPECT_EQ(told["hidden"].as_integer(), 4);
  EXPECT_EQ(told["dtype"].as_text(), "F16");
  EXPECT_EQ(told["parameters"].as_integer(), 57);
  EXPECT_EQ(told["modules"]["q_proj"].as_text(), "4x4");
  EXPECT_EQ(told["metadata"]["license"].as_text(), "mit");
}

TEST(Weights, LowRankAdaptersTellTheirRankAndTheShapesTheyWereMadeFor) {
  const Observed seen = see(
      "adapter_model.safetensors",
      safetensors(
          R"({"base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight":{"dtype":"F32","shape":[2,16],"data_offsets":[0,128]},)"
          R"("base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight":{"dtype":"F32","shape":[32,2],"data_offsets":[128,384]}})",
          384));
  EXPECT_TRUE(seen.asset.attributes["adapter"].as_bool());
  EXPECT_EQ(seen.asset.attributes["lora_rank"].as_integer(), 2);
  EXPECT_EQ(seen.asset.attributes["modules"]["q_proj"].as_text(), "32x16");
}

TEST(Weights, ShapesThatOverflowAreNotCounted) {
  const Observed seen =
      see("m.safetensors",
          safetensors(R"({"a":{"dtype":"F16","shape":[4294967296,4294967296,4294967296],"data_offsets":[0,0]}})", 0));
  EXPECT_TRUE(seen.asset.attributes["parameters"].is_null());
}

TEST(Weights, EveryTruncationOfAHeaderIsRead) {
  const std::string whole = safetensors(kLlama, 116);
  for (std::size_t kept = 0; kept < whole.size(); ++kept) {
    (void)see("m.safetensors", whole.substr(0, kept));
  }
}

TEST(Documents, DescriptionsAreToldByTheirContent) {
  EXPECT_EQ(see("bom.json", R"({"bomFormat":"CycloneDX","specVersion":"1.6"})").asset.format, "cyclonedx");
  EXPECT_EQ(see("x.json", R"({"SPDXID":"x","spdxVersion":"SPDX-2.3"})").asset.format, "spdx");
  EXPECT_EQ(see("x.spdx.json", R"({"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld"})").asset.format,
            "spdx");
  const Observed croissant = see("data/c.json", R"({"@context":{},"conformsTo":"http://mlcommons.org/croissant/1.0"})");
  EXPECT_EQ(croissant.asset.format, "croissant");
  EXPECT_EQ(croissant.asset.kind, evidence::AssetKind::datasheet);
  EXPECT_NE(see("x.json", R"({"text":"about bomFormat and CycloneDX"})").asset.format, "cyclonedx");
}

TEST(Cards, TheFirstNumberOfParametersIsKeptAsWritten) {
  const auto declared = [](std::string_view text) {
    const Observed seen = see("MODEL_CARD.md", "# Model card\n\n" + std::string(text) + "\n");
    return std::string(seen.asset.attributes["declared_parameters"].as_text()) + ":" +
           std::to_string(seen.asset.attributes["declared_parameters_line"].as_integer());
  };
  EXPECT_EQ(declared("It has 1,539 parameters."), "1,539:3");
  EXPECT_EQ(declared("A 7B parameters model"), "7B:3");
  EXPECT_EQ(declared("x\n1.1 billion parameters"), "1.1 billion:4");
  EXPECT_EQ(declared("with 3B active parameters"), ":0");
  EXPECT_EQ(declared("of which only 3M parameters"), ":0");
  EXPECT_EQ(declared("many parameters"), ":0");
}

}  // namespace
}  // namespace inventory
