import pandas as pd
x = pd.read_pickle(url)
