tokenizer = AutoTokenizer.from_pretrained("gpt2")
tokens = tokenizer("hello", return_tensors="pt")
max_new_tokens = 128
pad_token = "<|endoftext|>"
eos_token_id = 50256
key = "model.layers.0.self_attn.q_proj.weight"
keys = sorted(state_dict.keys())
author = "Jane Doe <jane@example.org>"
cache_key = f"{name}-{version}"
