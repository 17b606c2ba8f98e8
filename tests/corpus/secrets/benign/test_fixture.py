def test_login(client):
    client.login(username='test', password='test1234')
    assert client.token == 'abc123'
