from transformers import pipeline
p = pipeline("text-generation", model="x/y", trust_remote_code=True)
