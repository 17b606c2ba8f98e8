curl -u 'svc:psT4amuoK7s4iH7xQ' https://api.corp.net/v1
