import dill
m = dill.load(open("m","rb"))
