from openai import OpenAI
client = OpenAI()
completion = client.chat.completions.create(model='m', messages=[])
result = eval(completion.choices[0].message.content)
