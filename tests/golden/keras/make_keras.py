"""Writes Keras' own files, and what Keras answers, as fixtures.

    KERAS_BACKEND=torch python make_keras.py FOLDER

Needs keras, torch and h5py.
"""

import json
import os
import sys

os.environ.setdefault("KERAS_BACKEND", "torch")
import h5py
import keras
import numpy as np
from keras import layers

out = sys.argv[1]
os.makedirs(out, exist_ok=True)
rng = np.random.default_rng(7)
expected = {"keras": keras.__version__, "hdf5": h5py.version.hdf5_version, "models": {}}


def fill(model):
    """Weights that tell any two places apart: also those that start as zeros or ones."""
    for weight in model.weights:
        if "seed" in weight.path:
            continue
        shape = weight.shape
        fan = max(1, int(np.prod(shape[:-1]))) if len(shape) > 1 else 4
        value = rng.standard_normal(shape) / np.sqrt(fan)
        if weight.name == "moving_variance":
            value = np.abs(value) + 0.5
        if weight.name == "gamma":
            value = value + 1
        weight.assign(value.astype("float32"))


def named(model, prefix=""):
    """Weights by their layer's name, behind those of the models it is in."""
    for layer in model.layers:
        if isinstance(layer, (keras.Sequential, keras.Model)):
            yield from named(layer, f"{prefix}{layer.name}/")
            continue
        if isinstance(layer, layers.Bidirectional):
            parts = [(f"{layer.name}/{way.name}", way) for way in (layer.forward_layer, layer.backward_layer)]
        elif isinstance(layer, layers.TimeDistributed):
            parts = [(f"{layer.name}/{layer.layer.name}", layer.layer)]
        else:
            parts = [(layer.name, layer)]
        for part, weight in ((part, weight) for part, inner in parts for weight in inner.weights):
            if "seed" not in weight.path:
                yield f"{prefix}{part}/{weight.name}", keras.ops.convert_to_numpy(keras.ops.cast(weight, "float32"))


def save(name, model, x, kinds):
    fill(model)
    write(name, model, x, kinds)


def write(name, model, x, kinds, answering=None):
    y = (answering or model).predict(x, verbose=0)
    expected["models"][name] = {
        "files": [],
        "x": {"shape": list(x.shape), "data": [float(v) for v in np.float32(x).ravel()]},
        "y": {"shape": list(y.shape), "data": [float(v) for v in np.float32(y).ravel()]},
        "weights": {
            path: {"sum": float(np.float64(w).sum()), "squares": float((np.float64(w) ** 2).sum())}
            for path, w in named(model)
        },
    }
    for kind in kinds:
        file = f"{name}{kind}"
        path = os.path.join(out, file)
        if kind == ".json":
            model.save_weights(os.path.join(out, f"{name}.weights.h5"))
            with open(path, "w") as f:
                f.write(model.to_json())
        else:
            model.save(path)
        expected["models"][name]["files"].append(file)


# A convolutional network with a skip, and layers of the same class in a row.
inputs = keras.Input((8, 8, 3), name="image")
h = layers.Conv2D(4, 3, padding="same", use_bias=False, name="stem")(inputs)
h = layers.BatchNormalization(name="norm_one")(h)
h = skip = layers.ReLU()(h)
h = layers.DepthwiseConv2D(3, padding="same", name="deep")(h)
h = layers.BatchNormalization(scale=False, name="norm_two")(h)
h = layers.Add()([h, skip])
h = layers.Dense(4, activation="gelu", name="each_point")(h)
h = layers.SeparableConv2D(6, 3, strides=2, activation="relu", name="separable")(h)
h = layers.Conv2DTranspose(3, 2, strides=2, activation="hard_sigmoid", name="up")(h)
h = layers.MaxPooling2D(2)(h)
h = layers.Flatten()(h)
h = layers.Dense(5, activation="leaky_relu", name="hidden")(h)
outputs = layers.Dense(3, activation="softmax", name="answer")(h)
cnn = keras.Model(inputs, outputs, name="cnn")
save("cnn", cnn, rng.standard_normal((2, 8, 8, 3)).astype("float32"), [".keras", ".h5", ".json"])

# Recurrent layers over rows of a table.
text = keras.Sequential(
    [
        keras.Input((6,), dtype="int32"),
        layers.Embedding(11, 5),
        layers.LSTM(4, return_sequences=True),
        layers.LayerNormalization(),
        layers.Dropout(0.3),
        layers.GRU(4, return_sequences=True),
        layers.SimpleRNN(3, activation="relu", return_sequences=True),
        layers.GRU(3, reset_after=False, recurrent_activation="hard_sigmoid"),
        layers.Dense(2),
    ],
    name="text",
)
save("text", text, rng.integers(0, 11, (3, 6)), [".keras", ".h5", ".json"])

# Models in models: one that is called twice, one within another.
inner = keras.Sequential([keras.Input((4,)), layers.Dense(4, activation="tanh", name="same")], name="shared")
outer = keras.Sequential(
    [keras.Input((4,)), layers.Dense(4, name="same"), inner, layers.LayerNormalization()], name="outer"
)
inputs = keras.Input((4,))
h = layers.Dense(4, activation="silu", name="same")(inputs)
h = outer(h)
h = layers.Add()([outer(h), h])
nested = keras.Model(inputs, layers.Dense(2, name="last")(h), name="nested")
save("nested", nested, rng.standard_normal((3, 4)).astype("float32"), [".keras", ".h5", ".json"])

# Sequences, their windows, both directions, and layers within layers.
sequence = keras.Sequential(
    [
        keras.Input((12, 3)),
        layers.Conv1D(5, 3, padding="causal", dilation_rate=2, activation="relu"),
        layers.BatchNormalization(),
        layers.Conv1D(4, 3, strides=2, padding="same"),
        layers.MaxPooling1D(2),
        layers.Bidirectional(layers.LSTM(3, return_sequences=True)),
        layers.TimeDistributed(layers.Dense(4, activation="tanh")),
        layers.Dense(2),
    ],
    name="sequence",
)
save("sequence", sequence, rng.standard_normal((2, 12, 3)).astype("float32"), [".keras", ".h5"])
ways = keras.Sequential(
    [
        keras.Input((5, 3)),
        layers.Bidirectional(layers.GRU(3, return_sequences=True), merge_mode="ave"),
        layers.LSTM(3, go_backwards=True),
        layers.RepeatVector(2),
        layers.Permute((2, 1)),
        layers.GlobalAveragePooling1D(),
        layers.Dense(2),
    ],
    name="ways",
)
save("ways", ways, rng.standard_normal((2, 5, 3)).astype("float32"), [".keras", ".h5"])

# More layers than a node of a group's tree holds.
def dense_model(name):
    hidden = [layers.Dense(4, activation="tanh") for _ in range(10)]
    return keras.Sequential([keras.Input((4,))] + hidden, name=name)


deep = dense_model("deep")
save("deep", deep, rng.standard_normal((3, 4)).astype("float32"), [".keras", ".h5"])

# The same written with HDF5's newest structures: other superblocks, headers, and heaps of links and attributes.
File = h5py.File


class Latest(File):
    def __init__(self, *given, **options):
        super().__init__(*given, **options, libver="latest")


h5py.File = Latest
write("deep-latest", deep, rng.standard_normal((3, 4)).astype("float32"), [".keras", ".h5"])
h5py.File = File

# Half precision: HDF5 has no bfloat16, Keras notes it beside opaque bytes.
def small_model(dtype):
    policy = keras.DTypePolicy(dtype)
    dense = [layers.Dense(3, activation="relu", dtype=policy), layers.Dense(2, dtype=policy)]
    return keras.Sequential([keras.Input((4,))] + dense, name=dtype)


for dtype in ("float16", "bfloat16"):
    small, single = small_model(dtype), small_model("float32")
    fill(small)
    for weight, half in zip(single.weights, small.weights):
        weight.assign(keras.ops.cast(half, "float32"))
    # The same weights in single precision: Keras would compute in half.
    write(dtype, small, rng.standard_normal((3, 4)).astype("float32"), [".keras"], single)

with open(os.path.join(out, "expected.json"), "w") as f:
    json.dump(expected, f)
