from datasets import load_dataset
d = load_dataset("u/d", trust_remote_code=True)
