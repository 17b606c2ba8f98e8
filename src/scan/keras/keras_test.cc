#include "scan/keras/keras.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "scan/keras/keras_names.h"
#include "scan/skops/skops.h"

namespace scan {
namespace {

evidence::FileScan look(std::string_view config) {
  static const Limits kLimits;
  Collector out(kLimits);
  judge_keras_config(config, "config.json", out);
  return out.finish({});
}
bool found(const evidence::FileScan& scan, std::string_view rule) {
  return std::any_of(scan.findings.begin(), scan.findings.end(), [&](const auto& one) { return one.rule == rule; });
}

TEST(KerasNames, TellPartsOfModelsFromTools) {
  using enum KerasStanding;
  const std::tuple<std::string_view, std::string_view, KerasStanding> classes[] = {
      {"keras.layers", "Dense", part},
      {"keras", "Sequential", part},
      {"keras.src.models.functional", "Functional", part},
      {"tensorflow.keras.layers", "Dense", part},
      {"tf_keras.src.layers.core.dense", "Dense", part},
      {"keras.src.ops.numpy", "Add", part},
      {"", "Corpus>Scale", own},
      {"__main__", "Scale", own},
      {"keras_hub.layers", "Anything", part},
      {"my_project.layers", "Gate", foreign},
      {"keras.callbacks", "RemoteMonitor", misplaced},
      {"keras.saving", "KerasFileEditor", misplaced},
      {"keras.utils", "get_file", misplaced},
      {"keras_evil.layers", "Dense", foreign},
      {"os", "system", dangerous},
      {"subprocess", "Popen", dangerous},
      {"torch", "load", dangerous},
      {"nt", "system", dangerous},
  };
  for (const auto& [module, name, standing] : classes) {
    EXPECT_EQ(judge_keras_class(module, name), standing) << module << "." << name;
  }
  const std::tuple<std::string_view, std::string_view, KerasStanding> functions[] = {
      {"keras.activations", "relu", part},
      {"keras.ops", "softmax", part},
      {"keras.src.ops.nn", "relu", part},
      {"builtins", "my_loss", own},
      {"builtins", "eval", dangerous},
      {"builtins", "__import__", dangerous},
      {"", "os.system", dangerous},
      {"keras.utils", "get_file", misplaced},
      {"keras.models", "load_model", misplaced},
      {"keras.config", "enable_unsafe_deserialization", misplaced},
      {"keras.losses", "deserialize", misplaced},
      {"keras.src.utils.python_utils", "func_load", misplaced},
      {"numpy", "load", dangerous},
      {"tensorflow.io", "read_file", dangerous},
      {"my_project.losses", "focal", foreign},
  };
  for (const auto& [module, name, standing] : functions) {
    EXPECT_EQ(judge_keras_function(module, name), standing) << module << "." << name;
  }
  EXPECT_EQ(judge_tensorflow_function("math.add"), part);
  EXPECT_EQ(judge_tensorflow_function("reshape"), part);
  EXPECT_EQ(judge_tensorflow_function("io.decode_jpeg"), part);
  EXPECT_EQ(judge_tensorflow_function("io.write_file"), dangerous);
  EXPECT_EQ(judge_tensorflow_function("compat.v1.py_func"), dangerous);
}

TEST(JudgeKerasConfig, FindsCodeWhereverItStands) {
  // Bytecode of "lambda x: x", without names in it.
  const std::string code = "4wEAAAAAAAAAAAAAAAEAAAABAAAAQwAAAHMEAAAAfABTACkBTqkA";
  for (const std::string& config :
       {R"({"class_name":"Lambda","config":{"function":[")" + code + R"(",null,null],"function_type":"lambda"}})",
        R"({"class_name":"A","config":{"layer":{"class_name":"__lambda__","config":{"value":")" + code + R"("}}}})",
        R"({"class_name":"A","config":{"anything":[[{"x":")" + code + R"("}]]}})"}) {
    EXPECT_TRUE(found(look(config), "keras-lambda")) << config;
  }
}

TEST(JudgeKerasConfig, TakesEscapesAndOddNumbersAsPythonDoes) {
  EXPECT_TRUE(found(look(R"({"cl\u0061ss_name":"system","config":{},"module":"o\u0073"})"), "keras-foreign-module"));
  EXPECT_TRUE(found(look(R"({"x":NaN,"y":-Infinity,"class_name":"system","config":{},"module":"os"})"),
                    "keras-foreign-module"));
  EXPECT_EQ(look(R"({"class_name":"Masking","config":{"mask_value":NaN,"name":"NaN \" Infinity"}})").verdict,
            evidence::FileVerdict::clean);
}

TEST(JudgeKerasConfig, IsNeverCleanWhereItCannotRead) {
  const std::string config = R"({"class_name":"Dense","config":{"units":[1,2,{"a":"b"}]},"module":"keras.layers"})";
  EXPECT_EQ(look(config).verdict, evidence::FileVerdict::clean);
  for (std::size_t kept = 0; kept < config.size(); ++kept) {
    EXPECT_NE(look(config.substr(0, kept)).verdict, evidence::FileVerdict::clean) << kept;
  }
  EXPECT_NE(look(std::string(5000, '[')).verdict, evidence::FileVerdict::clean);
  EXPECT_TRUE(found(look(R"({"class_name":"Lambda","class_name":"Dense","config":{}})"), "keras-config-defect"));
}

TEST(JudgeKerasConfig, LeavesWordsOfVocabulariesAlone) {
  const std::string config = R"x({"module":"keras.layers","class_name":"StringLookup","config":{"vocabulary":
      ["__import__('os')","eval(","os.system","/etc/passwd","http://example.org"]},"registered_name":null})x";
  EXPECT_EQ(look(config).verdict, evidence::FileVerdict::clean);
}

TEST(JudgeSkopsSchema, JudgesEveryNode) {
  const auto judge = [](std::string_view text) {
    static const Limits kLimits;
    Collector out(kLimits);
    EXPECT_TRUE(judge_skops_schema(text, "schema.json", out));
    return out.finish({});
  };
  EXPECT_EQ(judge(R"({"__class__":"LogisticRegression","__module__":"sklearn.linear_model._logistic",
                      "__loader__":"ObjectNode","content":null,"protocol":2})")
                .verdict,
            evidence::FileVerdict::clean);
  EXPECT_EQ(judge(R"({"__class__":"system","__module__":"os","__loader__":"FunctionNode","protocol":0})").verdict,
            evidence::FileVerdict::malicious);
  EXPECT_EQ(
      judge(R"({"__class__":"call","__module__":"operator","__loader__":"OperatorFuncNode","protocol":2})").verdict,
      evidence::FileVerdict::malicious);
  static const Limits kLimits;
  Collector out(kLimits);
  EXPECT_FALSE(judge_skops_schema(R"({"openapi":"3.0"})", "schema.json", out));
}

}  // namespace
}  // namespace scan
