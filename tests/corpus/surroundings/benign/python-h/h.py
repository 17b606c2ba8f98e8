from safetensors.torch import load_file
sd = load_file("m.safetensors")
