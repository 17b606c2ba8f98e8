import keras
from keras import layers

model = keras.Sequential([layers.Input((28, 28, 1)), layers.Conv2D(8, 3), layers.Flatten(), layers.Dense(10)])
model.compile("adam", "sparse_categorical_crossentropy")
model.save("m.keras")
again = keras.models.load_model("m.keras")
