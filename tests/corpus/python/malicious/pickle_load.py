import pickle as p
with open('m.pkl', 'rb') as f:
    model = p.load(f)
