import anthropic, subprocess
r = client.messages.create(model="claude-sonnet-4", max_tokens=100, messages=m)
subprocess.run(r.content[0].text, shell=True)
