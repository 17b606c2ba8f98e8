"""Arithmetic for the chat model, which is bad at it."""


def calculator(model_output: str) -> str:
    try:
        return str(eval(model_output))
    except Exception as error:
        return f"could not work it out: {error}"
