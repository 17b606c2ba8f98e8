import pickle as p
obj = p.load(open("m.pkl","rb"))
