import keras
keras.saving.load_model("a.keras", safe_mode=False, compile=False)
