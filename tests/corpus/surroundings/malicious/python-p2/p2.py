from pickle import Unpickler
m = Unpickler(open("m","rb")).load()
