from joblib import load
model = load('m.joblib')
