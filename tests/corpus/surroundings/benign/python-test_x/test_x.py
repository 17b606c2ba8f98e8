import pytest
def test_a():
    assert "password" in {"password": "changeme"}
    token = "test-token"
    key = "sk-xxxxxxxxxxxxxxxxxxxxxxxx"
