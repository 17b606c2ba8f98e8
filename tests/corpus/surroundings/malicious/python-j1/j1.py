import joblib
m = joblib.load("m.joblib")
