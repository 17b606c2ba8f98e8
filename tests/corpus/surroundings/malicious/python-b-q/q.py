import joblib, requests, io
m = joblib.load(io.BytesIO(requests.get("http://x/m").content))
