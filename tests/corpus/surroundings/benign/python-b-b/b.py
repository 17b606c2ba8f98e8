import requests, os
requests.get("https://api.example.com/v1", headers={"Authorization": "Bearer " + os.environ["TOKEN"]})
