import ast
import json


def parse(completion):
    try:
        return json.loads(completion)
    except json.JSONDecodeError:
        return ast.literal_eval(completion)
