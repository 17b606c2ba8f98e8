from openai import OpenAI
r = OpenAI().chat.completions.create(model="gpt-4o", messages=m)
eval(r.choices[0].message.content)
