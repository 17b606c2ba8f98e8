import numpy
x = numpy.load('x.npy', allow_pickle=True)
