import openai
out = client.responses.create(model="gpt-4.1", input=q)
exec(out.output_text)
