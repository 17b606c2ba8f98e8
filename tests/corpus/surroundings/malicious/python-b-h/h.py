import builtins
getattr(builtins, "ev"+"al")("__import__('os').system('id')")
