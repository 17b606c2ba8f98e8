import pandas as pd

frame = pd.DataFrame({"a": [1, 2], "b": [3, 4]})
frame = frame.eval("c = a + b")
frame = frame.query("c > 4")
model = None
