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

# As Keras 2 wrote whole models: names with ":0", byte strings of fixed length, configurations without modules. Keras 3
# reads the file again, and what it then answers is expected.
def initializer(kind):
    return {"class_name": kind, "config": {}}


def old_layer(kind, name, source, **config):
    base = {"name": name, "trainable": True, "dtype": "float32", **config}
    links = [[[source, 0, 0, {}]]] if source else []
    return {"class_name": kind, "config": base, "name": name, "inbound_nodes": links}


old = {
    "class_name": "Functional",
    "config": {
        "name": "keras2",
        "trainable": True,
        "layers": [
            old_layer("InputLayer", "in", None, batch_input_shape=[None, 6, 6, 2], sparse=False, ragged=False),
            old_layer(
                "DepthwiseConv2D", "dw", "in", kernel_size=[3, 3], strides=[1, 1], padding="same", activation="linear",
                data_format="channels_last", dilation_rate=[1, 1], depth_multiplier=2, use_bias=True,
                depthwise_initializer=initializer("GlorotUniform"), bias_initializer=initializer("Zeros"),
            ),
            old_layer(
                "BatchNormalization", "bn", "dw", axis=[3], momentum=0.99, epsilon=0.001, center=True, scale=True,
                beta_initializer=initializer("Zeros"), gamma_initializer=initializer("Ones"),
            ),
            old_layer("ReLU", "re_lu", "bn", max_value=6.0, negative_slope=0.0, threshold=0.0),
            old_layer("Reshape", "steps", "re_lu", target_shape=[36, 4]),
            old_layer(
                "LSTM", "lstm", "steps", units=3, activation="tanh", recurrent_activation="sigmoid", use_bias=True,
                unit_forget_bias=True, return_sequences=False, return_state=False, go_backwards=False, stateful=False,
                kernel_initializer=initializer("GlorotUniform"), bias_initializer=initializer("Zeros"),
            ),
            old_layer("Dense", "dense", "lstm", units=2, activation="softmax", use_bias=True),
        ],
        "input_layers": [["in", 0, 0]],
        "output_layers": [["dense", 0, 0]],
    },
}
shapes = {
    "dw": {"dw/depthwise_kernel:0": (3, 3, 2, 2), "dw/bias:0": (4,)},
    "bn": {f"bn/{name}:0": (4,) for name in ("gamma", "beta", "moving_mean", "moving_variance")},
    "lstm": {
        "lstm/lstm_cell/kernel:0": (4, 12),
        "lstm/lstm_cell/recurrent_kernel:0": (3, 12),
        "lstm/lstm_cell/bias:0": (12,),
    },
    "dense": {"dense/kernel:0": (3, 2), "dense/bias:0": (2,)},
}
path = os.path.join(out, "keras2.h5")
with h5py.File(path, "w") as f:
    f.attrs["keras_version"] = b"2.4.0"
    f.attrs["backend"] = b"tensorflow"
    f.attrs["model_config"] = json.dumps(old).encode("utf8")
    group = f.create_group("model_weights")
    names = [layer["name"] for layer in old["config"]["layers"]]
    # Long lists of names are written in pieces.
    group.attrs["layer_names0"] = np.array([name.encode() for name in names[:4]])
    group.attrs["layer_names1"] = np.array([name.encode() for name in names[4:]])
    for name in names:
        own = group.create_group(name)
        listed = shapes.get(name, {})
        own.attrs["weight_names"] = np.array([path.encode() for path in listed]) if listed else []
        for weight, shape in listed.items():
            value = rng.standard_normal(shape).astype("float32") / 2
            own[weight] = np.abs(value) + 0.5 if "variance" in weight else value
answering = keras.models.load_model(path)
x = rng.standard_normal((2, 6, 6, 2)).astype("float32")
write("keras2", answering, x, [])
expected["models"]["keras2"]["files"] = ["keras2.h5"]
weights = expected["models"]["keras2"]["weights"]
weights["dw/depthwise_kernel"] = weights.pop("dw/kernel")

with open(os.path.join(out, "expected.json"), "w") as f:
    json.dump(expected, f)
