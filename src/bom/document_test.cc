#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/json.h"
#include "bom/bom_testing.h"
#include "bom/licence.h"
#include "bom/packages.h"

namespace bom {
namespace {

using base::Value;
using evidence::Agreement;
using evidence::AssetKind;

std::string field(const Document& document, std::string_view ref, std::string_view name) {
  const Component* component = document.find(ref);
  if (component == nullptr) {
    return "no component " + std::string(ref);
  }
  const auto found = component->fields.find(name);
  return found == component->fields.end() ? "no field " + std::string(name)
                                          : found->second.value + " [" + std::string(to_string(found->second.origin)) +
                                                ", " + found->second.source + "]";
}

bool related(const Document& document, std::string_view from, Relation relation, std::string_view to) {
  return std::any_of(document.edges.begin(), document.edges.end(),
                     [&](const Edge& edge) { return edge.from == from && edge.relation == relation && edge.to == to; });
}

TEST(Document, ListsEveryKindOfComponentWithItsFieldsAndTheirOrigins) {
  const Document document = full_system().collected();
  EXPECT_EQ(document.system.name, "Support assistant");
  EXPECT_EQ(field(document, "system", "licence"), "MIT [observed, LICENSE]");
  EXPECT_EQ(field(document, "model/models/answers", "version"), "1.2.0 [declared, ai-system.yaml]");
  EXPECT_EQ(field(document, "model/models/answers", "parameters"), "100000 [derived, models/answers]");
  EXPECT_EQ(field(document, "model/models/answers", "licence"), "apache-2.0 [declared, models/answers/README.md]");
  EXPECT_EQ(field(document, "weights/models/answers/model-00001-of-00002.safetensors", "dtype"),
            "F16 [observed, models/answers/model-00001-of-00002.safetensors]");
  EXPECT_EQ(field(document, "adapter/models/style/adapter_model.safetensors", "lora-rank"),
            "8 [observed, models/style/adapter_model.safetensors]");
  EXPECT_EQ(field(document, "model/hosted/gpt-4o", "version"), "2024-08-06 [observed, app/checks.py]");
  EXPECT_EQ(document.find("model/hub/org/embed")->purl, "pkg:huggingface/org/embed@0123abcd");
  EXPECT_EQ(field(document, "dataset/data/faq.csv", "licence"), "cc-by-4.0 [declared, ai-system.yaml]");
  EXPECT_EQ(field(document, "dataset/data/faq.csv", "rows"), "140 [observed, data/faq.csv]");
  EXPECT_EQ(field(document, "dataset/data/faq.csv", "personal-data"), "false [declared, ai-system.yaml]");
  EXPECT_EQ(field(document, "prompt/prompts/system.txt", "confidential"), "true [declared, ai-system.yaml]");
  EXPECT_EQ(field(document, "tool/search", "purpose"), "looks things up [declared, ai-system.yaml]");
  EXPECT_EQ(field(document, "service/mcp/files", "version"), "1.2.3 [observed, agents/mcp.json]");
  EXPECT_EQ(field(document, "pkg:pypi/numpy@1.26.4", "version"), "1.26.4 [observed, poetry.lock]");
  EXPECT_EQ(field(document, "pkg:pypi/numpy@1.26.4", "licence"), "BSD 3-Clause [declared, poetry.lock]");
  EXPECT_EQ(field(document, "pkg:pypi/guardrails-ai@0.5.0", "role"), "guardrail [derived, ]");
  EXPECT_NE(document.find("tokenizer/models/answers/tokenizer.json"), nullptr);
  EXPECT_NE(document.find("chat-template/models/answers/chat_template.jinja"), nullptr);
  EXPECT_NE(document.find("guardrail/app/checks.py"), nullptr);
  EXPECT_NE(document.find("agent/agents/mcp.json"), nullptr);
  EXPECT_NE(document.find("service/interface/api"), nullptr);
  EXPECT_NE(document.find("pkg:pypi/flask"), nullptr);  // in no lock file
  EXPECT_EQ(document.find("pkg:pypi/torch"), nullptr);  // the lock file has it
}

TEST(Document, ConnectsComponents) {
  const Document document = full_system().collected();
  EXPECT_TRUE(related(document, "model/models/answers", Relation::trained_on, "dataset/data/faq.csv"));
  EXPECT_TRUE(related(document, "model/models/answers", Relation::derived_from, "model/hub/org/small-llama"));
  EXPECT_TRUE(
      related(document, "model/models/answers", Relation::tokenised_by, "tokenizer/models/answers/tokenizer.json"));
  EXPECT_TRUE(related(document, "model/models/answers", Relation::configured_by,
                      "chat-template/models/answers/chat_template.jinja"));
  EXPECT_TRUE(related(document, "adapter/models/style/adapter_model.safetensors", Relation::derived_from,
                      "model/models/answers"));
  EXPECT_TRUE(related(document, "model/hosted/gpt-4o", Relation::configured_by, "prompt/prompts/system.txt"));
  EXPECT_TRUE(related(document, "model/hosted/gpt-4o", Relation::provided_by, "service/provider/acme"));
  EXPECT_TRUE(related(document, "system", Relation::uses, "tool/search"));
  EXPECT_TRUE(related(document, "agent/agents/mcp.json", Relation::uses, "service/mcp/files"));
  EXPECT_TRUE(related(document, "agent/agents/mcp.json", Relation::configured_by, "prompt/agents/mcp.json#system"));
  EXPECT_TRUE(related(document, "service/interface/api", Relation::uses, "model/models/answers"));
  EXPECT_TRUE(related(document, "service/interface/api", Relation::uses, "guardrail/app/checks.py"));
  EXPECT_TRUE(related(document, "pkg:pypi/torch@2.2.0", Relation::depends_on, "pkg:pypi/numpy@1.26.4"));
  EXPECT_TRUE(related(document, "system", Relation::depends_on, "pkg:pypi/torch@2.2.0"));
  EXPECT_FALSE(related(document, "system", Relation::depends_on, "pkg:pypi/numpy@1.26.4"));
  EXPECT_TRUE(related(document, "dataset/data/faq.csv", Relation::described_by, "file/data/README.md"));
}

TEST(Document, IsTheSameWhateverTheOrderAndTheTimeAndHasAnotherSerialWhenAnythingChanges) {
  System system = full_system();
  const Document first = system.collected();
  for (const auto render :
       {+[](const Document& d) { return to_cyclonedx(d, CycloneDx::v1_6); },
        +[](const Document& d) { return to_cyclonedx(d, CycloneDx::v1_7); }, &to_spdx, &to_g7, &to_text}) {
    EXPECT_EQ(render(first), render(system.collected()));
  }
  EXPECT_THAT(first.serial,
              ::testing::MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
  Document later = first;
  later.time = {first.time.seconds + 1};
  EXPECT_EQ(later.serial, first.serial);
  system.assets.back().attributes.set("spdx", "ISC");
  EXPECT_NE(system.collected().serial, first.serial);
}

TEST(Document, EveryRenderingIsSound) {
  for (const System& system : {full_system(), System{}}) {
    const Document document = system.collected();
    for (const std::string& text :
         {to_cyclonedx(document, CycloneDx::v1_6), to_cyclonedx(document, CycloneDx::v1_7), to_spdx(document)}) {
      const auto sound = check_structure(text);
      EXPECT_TRUE(sound) << sound.error().text();
    }
  }
}

TEST(Document, NamesOfAnyBytesDoNotBreakADocument) {
  System system;
  for (const std::string_view path :
       {"a\"b/m.onnx", "caf\xe9.onnx", "a\nb.onnx", "#.onnx", "urn:x y%.onnx", "../m.onnx", "-"}) {
    system.add(AssetKind::model, path, "onnx");
  }
  const Document document = system.collected();
  for (const std::string& text : {to_cyclonedx(document, CycloneDx::v1_6), to_cyclonedx(document, CycloneDx::v1_7),
                                  to_spdx(document), to_g7(document)}) {
    EXPECT_TRUE(base::parse_json(text)) << text.substr(0, 300);
  }
}

TEST(Document, LeavesTestsAndVendoredCodeOutAndSaysSo) {
  System system;
  system.add_weights("tests/m.safetensors", 10, "F32", "").attributes.set("setting", "test");
  const Document document = system.collected();
  EXPECT_TRUE(document.components.empty());
  ASSERT_EQ(document.notes.size(), 1U);
  EXPECT_THAT(document.notes[0], ::testing::HasSubstr("1 file of models"));
}

TEST(Purl, IsWrittenAsItsSpecificationSays) {
  EXPECT_EQ(package_url("npm", "@scope/name", "1.0.0"), "pkg:npm/%40scope/name@1.0.0");
  EXPECT_EQ(package_url("pypi", "Flask_Login", "0.6"), "pkg:pypi/flask-login@0.6");
  EXPECT_EQ(package_url("go", "github.com/a/b", "v1.2.3"), "pkg:golang/github.com/a/b@v1.2.3");
  EXPECT_EQ(package_url("maven", "org.a:b", "1"), "pkg:maven/org.a/b@1");
  EXPECT_EQ(package_url("cargo", "serde", "1.0+x"), "pkg:cargo/serde@1.0%2Bx");
}

// ---- licences

TEST(Licence, KnowsIdentifiersAndTheNamesPeopleWrite) {
  for (const auto& [written, id] : {std::pair<std::string_view, std::string_view>{"MIT", "MIT"},
                                    {"mit", "MIT"},
                                    {"apache-2.0", "Apache-2.0"},
                                    {"Apache 2.0", "Apache-2.0"},
                                    {"Apache License, Version 2.0", "Apache-2.0"},
                                    {"BSD 3-Clause", "BSD-3-Clause"},
                                    {"The MIT License", "MIT"},
                                    {"gpl-3.0", "GPL-3.0"},
                                    {"cc-by-nc-4.0", "CC-BY-NC-4.0"},
                                    {"llama3", ""},
                                    {"", ""}}) {
    EXPECT_EQ(licence_id(written), id) << written;
  }
}

TEST(Licence, NormalisesExpressionsAndRefusesWhatIsNone) {
  EXPECT_EQ(licence_expression("mit or apache-2.0"), "MIT OR Apache-2.0");
  EXPECT_EQ(licence_expression("MIT/Apache-2.0"), "MIT OR Apache-2.0");
  EXPECT_EQ(licence_expression("(MIT AND (isc OR 0bsd))"), "(MIT AND (ISC OR 0BSD))");
  EXPECT_EQ(licence_expression("GPL-2.0-only WITH Classpath-exception-2.0"),
            "GPL-2.0-only WITH Classpath-exception-2.0");
  EXPECT_EQ(licence_expression("LicenseRef-x AND MIT"), "LicenseRef-x AND MIT");
  for (const std::string_view wrong :
       {"MIT OR", "(MIT", "MIT)", "see LICENSE", "MIT AND unknown-thing", "OR", "()", "MIT WITH"}) {
    EXPECT_EQ(licence_expression(wrong), "") << wrong;
  }
  EXPECT_EQ(licence_expression(std::string(500, '(') + "MIT"), "");
}

TEST(Licence, TheListIsSortedForLookingUp) {
  const auto ids = licence_ids();
  ASSERT_GT(ids.size(), 600U);
  for (const std::string_view id : ids) {
    EXPECT_EQ(licence_id(id), id);
  }
}

TEST(Licence, SameLicenceByOtherNames) {
  EXPECT_TRUE(same_licence("apache-2.0", "Apache License 2.0"));
  EXPECT_TRUE(same_licence("GPL-3.0", "GPL-3.0-only"));
  EXPECT_FALSE(same_licence("MIT", "Apache-2.0"));
  EXPECT_TRUE(same_licence("llama3", "Llama 3"));
  EXPECT_FALSE(same_licence("llama3", "gemma"));
}

// ---- claims

TEST(Claims, ParameterCountInTheCard) {
  for (const auto& [written, outcome] : {std::pair<std::string_view, Agreement>{"1,539", Agreement::agrees},
                                         {"1,600", Agreement::contradicts},
                                         {"1.5 thousand", Agreement::agrees},
                                         {"7B", Agreement::contradicts}}) {
    System system;
    system.add_weights("m/model.safetensors", 1539, "F16", "");
    system.add_card("m/README.md", "declared_parameters", written).attributes.set("declared_parameters_line", 12);
    const evidence::Claim claim = system.claim("parameter-count");
    EXPECT_EQ(claim.outcome, outcome) << written;
    EXPECT_EQ(claim.declared_in, "m/README.md");
    EXPECT_EQ(claim.line, 12U);
  }
}

TEST(Claims, PackedWeightsDoNotTellHowManyParameters) {
  System system;
  system.add_weights("m/model.safetensors", 1000, "I32", "").attributes.set("packed", true);
  system.add_card("m/README.md", "declared_parameters", "7B");
  EXPECT_EQ(system.claim("parameter-count").outcome, Agreement::unchecked);
}

System with_config(std::string_view key, Value value, std::string_view dtype = "F16",
                   std::string_view layout = "llama") {
  System system;
  system.assets.reserve(8);
  system.add(AssetKind::model_config, "m/config.json", "huggingface").attributes.set(key, std::move(value));
  evidence::Asset& weights = system.add_weights("m/model.safetensors", 1'000'000, dtype, layout);
  weights.attributes.set("vocabulary", 1000).set("hidden", 64).set("layers", 4);
  return system;
}

TEST(Claims, TypeOfNumbersInTheConfiguration) {
  EXPECT_EQ(with_config("torch_dtype", "float16").claim("dtype").outcome, Agreement::agrees);
  EXPECT_EQ(with_config("torch_dtype", "torch.float16").claim("dtype").outcome, Agreement::agrees);
  EXPECT_EQ(with_config("torch_dtype", "bfloat16").claim("dtype").outcome, Agreement::contradicts);
  EXPECT_EQ(with_config("dtype", "float32").claim("dtype").outcome, Agreement::contradicts);
}

TEST(Claims, QuantisationInTheConfiguration) {
  const auto quantised = [](std::string_view dtype) {
    System system = with_config("quant_method", "gptq", dtype);
    system.assets[0].attributes.set("quant_bits", 4);
    return system.claim("quantisation").outcome;
  };
  EXPECT_EQ(quantised("I32"), Agreement::agrees);
  EXPECT_EQ(quantised("F16"), Agreement::contradicts);
}

TEST(Claims, ArchitectureAgainstNamesOfTensors) {
  EXPECT_EQ(with_config("model_type", "llama").claim("architecture").outcome, Agreement::agrees);
  EXPECT_EQ(with_config("model_type", "qwen2").claim("architecture").outcome, Agreement::agrees);
  EXPECT_EQ(with_config("model_type", "bert").claim("architecture").outcome, Agreement::contradicts);
  EXPECT_EQ(with_config("model_type", "gpt2", "F16", "gpt-2").claim("architecture").outcome, Agreement::agrees);
  EXPECT_EQ(with_config("model_type", "something-new").claim("architecture").outcome, Agreement::unchecked);
  EXPECT_EQ(with_config("model_type", "distilbert", "F16", "bert").claim("architecture").outcome,
            Agreement::contradicts);
}

TEST(Claims, ShapesInTheConfiguration) {
  EXPECT_EQ(with_config("vocab_size", 1000).claim("shape").outcome, Agreement::agrees);
  EXPECT_EQ(with_config("vocab_size", 990).claim("shape").outcome, Agreement::agrees);  // padded
  EXPECT_EQ(with_config("vocab_size", 1001).claim("shape").outcome, Agreement::contradicts);
  EXPECT_EQ(with_config("hidden_size", 64).claim("shape").outcome, Agreement::agrees);
  EXPECT_EQ(with_config("hidden_size", 128).claim("shape").outcome, Agreement::contradicts);
  EXPECT_EQ(with_config("num_hidden_layers", 4).claim("shape").outcome, Agreement::agrees);
  EXPECT_EQ(with_config("num_hidden_layers", 12).claim("shape").outcome, Agreement::contradicts);
}

Agreement base_model(std::string_view name, std::int64_t parameters, std::string_view layout) {
  System system;
  system.assets.reserve(4);
  system.add_weights("m/model.safetensors", parameters, "F16", layout);
  system.add_card("m/README.md", "base_model", name);
  return system.claim("base-model").outcome;
}

TEST(Claims, BaseModelAgainstFamilyAndSize) {
  EXPECT_EQ(base_model("meta-llama/Llama-3.2-1B", 1'235'000'000, "llama"), Agreement::agrees);
  EXPECT_EQ(base_model("meta-llama/Llama-2-7b-hf", 6'738'000'000, "llama"), Agreement::agrees);
  EXPECT_EQ(base_model("meta-llama/Llama-2-70b-hf", 6'738'000'000, "llama"), Agreement::contradicts);
  EXPECT_EQ(base_model("meta-llama/Llama-2-7b-hf", 110'000'000, "bert"), Agreement::contradicts);
  EXPECT_EQ(base_model("distilbert-base-uncased", 66'000'000, "bert"), Agreement::contradicts);
  EXPECT_EQ(base_model("bert-base-uncased", 110'000'000, "bert"), Agreement::agrees);
  EXPECT_EQ(base_model("mistralai/Mixtral-8x7B-v0.1", 46'000'000'000, "llama"), Agreement::agrees);
  EXPECT_EQ(base_model("org/unheard-of", 1000, "llama"), Agreement::unchecked);
  EXPECT_EQ(base_model("org/llama-tiny", 1000, ""), Agreement::unchecked);
}

TEST(Claims, AdapterAgainstTheShapesOfItsBaseModelInTheTree) {
  for (const auto& [shape, outcome] :
       {std::pair<std::string_view, Agreement>{"64x64", Agreement::agrees}, {"128x64", Agreement::contradicts}}) {
    System system;
    system.assets.reserve(8);
    Value modules;
    modules.set("q_proj", "64x64");
    system.add_weights("base/model.safetensors", 1000, "F16", "llama").attributes.set("modules", std::move(modules));
    system.add(AssetKind::model_config, "base/config.json", "huggingface");
    evidence::Asset& adapter = system.add_weights("style/adapter_model.safetensors", 10, "F16", "llama");
    Value own;
    own.set("q_proj", shape);
    adapter.attributes.set("adapter", true).set("modules", std::move(own));
    system.add(AssetKind::model_config, "style/adapter_config.json", "huggingface-adapter")
        .attributes.set("base_model_name_or_path", "base");
    EXPECT_EQ(system.claim("base-model").outcome, outcome) << shape;
  }
}

TEST(Claims, LicenceInTheHeaderOrBesideTheWeightsAgainstTheCard) {
  const auto outcome = [](std::string_view card, std::string_view header, std::string_view text) {
    System system;
    system.assets.reserve(8);
    evidence::Asset& weights = system.add_weights("m/model.safetensors", 1, "F16", "");
    if (!header.empty()) {
      weights.attributes.set("license", header);
    }
    if (!text.empty()) {
      system.add(AssetKind::licence, "m/LICENSE", "text").attributes.set("spdx", text);
    }
    system.add_card("m/README.md", "license", card);
    return system.claim("licence").outcome;
  };
  EXPECT_EQ(outcome("apache-2.0", "Apache License 2.0", ""), Agreement::agrees);
  EXPECT_EQ(outcome("apache-2.0", "cc-by-nc-4.0", ""), Agreement::contradicts);
  EXPECT_EQ(outcome("mit", "", "MIT"), Agreement::agrees);
  EXPECT_EQ(outcome("mit", "", "GPL-3.0-only"), Agreement::contradicts);
  EXPECT_EQ(outcome("mit", "", ""), Agreement::unchecked);
}

TEST(Claims, QuantisationOfGgufAgainstItsTensorsAndItsName) {
  const auto outcome = [](std::string_view path, std::string_view stated, std::string_view most) {
    System system;
    evidence::Asset& weights = system.add(AssetKind::model, path, "gguf");
    Value types;
    types.set(most, 900).set("Q6_K", 50);
    weights.attributes.set("quantisation", stated).set("matrix_types", std::move(types));
    return system.claim("quantisation").outcome;
  };
  EXPECT_EQ(outcome("m.gguf", "Q4_K_M", "Q4_K"), Agreement::agrees);
  EXPECT_EQ(outcome("m.gguf", "Q8_0", "Q2_K"), Agreement::contradicts);
  EXPECT_EQ(outcome("m.gguf", "IQ3_M", "IQ3_S"), Agreement::unchecked);
  System named;
  Value types;
  types.set("Q4_K", 900);
  named.add(AssetKind::model, "llama-q8_0.gguf", "gguf")
      .attributes.set("quantisation", "Q4_K_M")
      .set("matrix_types", types);
  const auto claims = compare_claims(named.assets, nullptr);
  ASSERT_EQ(claims.size(), 1U);
  ASSERT_EQ(claims[0].claims.size(), 2U);
  EXPECT_EQ(claims[0].claims[1].outcome, Agreement::contradicts);
}

TEST(Claims, ShardsThatTheIndexNamesMustBeThere) {
  for (const bool complete : {true, false}) {
    System system;
    system.assets.reserve(8);
    system.add(AssetKind::model_config, "m/config.json", "huggingface");
    system.add(AssetKind::model_config, "m/model.safetensors.index.json", "huggingface-index")
        .attributes.set("shards", Value::List{Value("model-00001-of-00002.safetensors"),
                                              Value("model-00002-of-00002.safetensors")});
    system.add_weights("m/model-00001-of-00002.safetensors", 1, "F16", "");
    if (complete) {
      system.add_weights("m/model-00002-of-00002.safetensors", 1, "F16", "");
    }
    EXPECT_EQ(system.claim("shards").outcome, complete ? Agreement::agrees : Agreement::contradicts);
  }
}

TEST(Claims, LicenceOfDataInTheDatasheet) {
  System system = full_system();
  EXPECT_EQ(system.collected().claims.front().path, "data/faq.csv");
  EXPECT_EQ(system.collected().claims.front().claims.front().outcome, Agreement::agrees);
  for (evidence::Asset& asset : system.assets) {
    if (asset.kind == AssetKind::datasheet) {
      asset.attributes.set("license", "CC-BY-NC-4.0");
    }
  }
  EXPECT_EQ(system.collected().claims.front().claims.front().outcome, Agreement::contradicts);
}

TEST(Claims, AContradictionIsAFindingAndStandsInEveryDocument) {
  System system = with_config("torch_dtype", "float32");
  const Document document = system.collected();
  const auto found = findings(document);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].rule, "declared-contradicted");
  EXPECT_EQ(found[0].path, "m/model.safetensors");
  EXPECT_FALSE(found[0].id.empty());
  for (const CycloneDx version : {CycloneDx::v1_6, CycloneDx::v1_7}) {
    const auto parsed = base::parse_json(to_cyclonedx(document, version));
    ASSERT_TRUE(parsed);
    ASSERT_EQ((*parsed)["annotations"].as_list().size(), 1U);
    EXPECT_THAT(std::string((*parsed)["annotations"].as_list()[0]["text"].as_text()),
                ::testing::HasSubstr("dtype: contradicts: declared float32 (m/config.json), observed F16"));
  }
  EXPECT_THAT(to_spdx(document), ::testing::HasSubstr("dtype: contradicts"));
  EXPECT_THAT(to_g7(document), ::testing::HasSubstr("\"outcome\": \"contradicts\""));
  EXPECT_THAT(to_text(document), ::testing::HasSubstr("CONTRADICTED"));
}

// ---- G7

TEST(Gaps, EveryElementIsEitherAnsweredOrHasSomebodyToSupplyIt) {
  const auto parsed = base::parse_json(to_g7(full_system().collected()));
  ASSERT_TRUE(parsed);
  std::size_t elements = 0;
  for (const Value& cluster : (*parsed)["clusters"].as_list()) {
    for (const Value& element : cluster["elements"].as_list()) {
      ++elements;
      EXPECT_FALSE(element["values"].as_list().empty() && element["gaps"].as_list().empty()) << element["id"].as_text();
      for (const Value& gap : element["gaps"].as_list()) {
        EXPECT_FALSE(gap["supplied_by"].as_text().empty()) << element["id"].as_text();
        EXPECT_FALSE(gap["how"].as_text().empty()) << element["id"].as_text();
      }
    }
  }
  EXPECT_EQ(elements, 50U);
}

TEST(Gaps, WhatAProviderHasToSayIsAskedOfTheProvider) {
  const auto all = gaps(full_system().collected());
  const auto found = std::find_if(all.begin(), all.end(),
                                  [](const Gap& gap) { return gap.id == "MDL-12" && gap.component == "gpt-4o"; });
  ASSERT_NE(found, all.end());
  EXPECT_EQ(found->supplier, "provider of gpt-4o (acme)");
  EXPECT_TRUE(std::none_of(all.begin(), all.end(),
                           [](const Gap& gap) { return gap.id == "MDL-12" && gap.component == "answers"; }));
  EXPECT_TRUE(std::any_of(all.begin(), all.end(), [](const Gap& gap) { return gap.id == "MD-05"; }));
}

}  // namespace
}  // namespace bom
