import keras
m = keras.models.load_model("m.keras", safe_mode=False)
