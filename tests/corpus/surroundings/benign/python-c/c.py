import numpy as np
a = np.load("a.npy")
import ast
x = ast.literal_eval("[1]")
